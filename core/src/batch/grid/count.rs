//! Touchpoints, conversions and customers, counted by stage and channel.

use super::customers::{Customer, Touch};
use crate::exact::ExactSum;
use crate::grid::{Figures, Grid};
use crate::journey::plan::Plan;

#[derive(Clone, Default)]
struct Tally {
    customers: u64,
    touchpoints: u64,
    conversions: u64,
    value: ExactSum,
}

impl Tally {
    fn add(&mut self, touch: &Touch, converts: bool) {
        self.touchpoints += 1;
        if converts {
            self.conversions += 1;
            touch.value.iter().for_each(|value| self.value.add(*value));
        }
    }

    fn figures(&self) -> Figures {
        Figures::new(self.customers, self.touchpoints, self.conversions, self.value.value())
    }
}

/// One stage: what came by each channel, and all of it.
#[derive(Clone)]
struct Row {
    all: Tally,
    channels: Vec<Tally>,
    /// Per channel, the kinds that came.
    kinds: Vec<Vec<bool>>,
}

pub(super) struct Book {
    /// Per track and stage.
    rows: Vec<Vec<Row>>,
    converts: Vec<bool>,
}

impl Book {
    pub(super) fn new(plan: &Plan, conversions: &[&str]) -> Self {
        let row = Row {
            all: Tally::default(),
            channels: vec![Tally::default(); plan.channels.len()],
            kinds: vec![vec![false; plan.kinds.len()]; plan.channels.len()],
        };
        Self {
            rows: plan.tracks.iter().map(|track| vec![row.clone(); track.stages.len()]).collect(),
            converts: plan.kinds.iter().map(|kind| conversions.contains(&kind.name.as_str())).collect(),
        }
    }

    pub(super) fn count(&mut self, plan: &Plan, customer: &Customer) {
        for (track, rows) in self.rows.iter_mut().enumerate() {
            let now = customer.stage_before(track, i64::MAX);
            let mut seen = vec![false; plan.channels.len()];
            for touch in &customer.touches {
                let stage = customer.stage_before(track, touch.at);
                let Some(row) = rows.get_mut(stage) else { continue };
                let converts = self.converts.get(touch.kind).copied().unwrap_or(false);
                row.all.add(touch, converts);
                let Some(channel) = touch.channel else { continue };
                row.channels.get_mut(channel).into_iter().for_each(|tally| tally.add(touch, converts));
                let kind = row.kinds.get_mut(channel).and_then(|kinds| kinds.get_mut(touch.kind));
                kind.into_iter().for_each(|came| *came = true);
                seen.get_mut(channel).filter(|_| stage == now).into_iter().for_each(|seen| *seen = true);
            }
            if let Some(row) = rows.get_mut(now) {
                row.all.customers += 1;
                row.channels.iter_mut().zip(seen).filter(|(_, seen)| *seen).for_each(|(tally, _)| tally.customers += 1);
            }
        }
    }

    pub(super) fn fill(&self, plan: &Plan, grid: &mut Grid) {
        for (track, rows) in grid.tracks.iter_mut().zip(&self.rows) {
            for (stage, row) in track.stages.iter_mut().zip(rows) {
                stage.figures = Some(row.all.figures());
                for ((cell, tally), kinds) in stage.cells.iter_mut().zip(&row.channels).zip(&row.kinds) {
                    cell.figures = Some(tally.figures());
                    let came = plan.kinds.iter().zip(kinds).filter(|(kind, came)| **came && !cell.kinds.contains(&kind.name));
                    let came: Vec<String> = came.map(|(kind, _)| kind.name.clone()).collect();
                    cell.kinds.extend(came);
                }
            }
        }
    }
}
