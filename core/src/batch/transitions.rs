//! One row a transition.

use super::identity::by_person;
use super::input::Table;
use super::output::{ResultColumn, ResultTable};
use super::prepare::{Monitor, Reads, prepare};
use super::run::collect;
use super::sheet::instant;
use super::{AsOf, RunOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::journey::Journey;
use crate::profile::tracks::CauseKind;
use crate::profile::{Cause, Moved, Transition, advance_to};

/// Cells of a row: track, instant, from, to, cause, where its texts begin.
const WIDTH: usize = 6;

impl Journey {
    /// Every move of every customer up to an instant: `customer, track, at, from, to, cause, record`, sorted by customer, then in order of happening. With
    /// `explain` also `rule` and `because`.
    ///
    /// `at` is null for a move made before all time, because of an attribute without an instant.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`ErrorKind::InvalidArgument`] unless `as_of` is one instant.
    pub fn transitions<'a>(&self, touchpoints: &Table<'a>, options: &RunOptions<'a>) -> Result<ResultTable> {
        if let Some(graph) = options.identity {
            return by_person(&self.plan, graph, "touchpoints", touchpoints, options, |touchpoints, options| {
                self.transitions(touchpoints, options)
            });
        }
        let AsOf::At(until) = options.as_of else {
            return Err(Error::new(ErrorKind::InvalidArgument, "transitions are told up to one instant").with_help("pass one `as_of`"));
        };
        let plan = &*self.plan;
        let prepared = prepare(plan, touchpoints, options, Reads::Moves)?;
        let monitor = Monitor::new(options, &prepared);
        let texts = std::sync::Mutex::new(Vec::<[Option<String>; 2]>::new());
        let explain = options.explain;
        let sheet = collect(&prepared, &monitor, WIDTH, &|records, carried, worker, cells| {
            let mut moves: Vec<Moved> = Vec::new();
            worker.fold(records, carried, &prepared.instants, &mut moves, |asked, now, moves| {
                let mut tracks = asked.state.tracks.clone();
                advance_to(plan, asked.strings, asked.state, &mut tracks, now.min(until), moves);
            });
            for moved in &moves {
                let mut place = 0;
                let because = explain.then(|| Transition::new(plan, &prepared.records.strings, moved)).flatten().map(|t| t.because());
                if (moved.record.is_some() || because.is_some())
                    && let Ok(mut texts) = texts.lock()
                {
                    texts.push([moved.record.as_deref().map(str::to_owned), because]);
                    place = texts.len() as u64;
                }
                let cause = match moved.cause {
                    CauseKind::Touchpoint => 0,
                    CauseKind::Attribute => 1,
                    CauseKind::Time => 2,
                };
                let rule = (u64::from(moved.from) << 32) | (u64::from(moved.to) << 8) | (u64::from(moved.fell) << 7) | cause;
                cells.extend([u64::from(moved.track), moved.at as u64, moved.from.into(), moved.to.into(), rule, place]);
            }
            moves.len() as u32
        });
        monitor.finish()?;
        let rejected = prepared.finish()?;
        let (keys, cells) = sheet.cells();
        let texts = texts.into_inner().unwrap_or_default();
        let [tracks, ats, froms, tos, rules, places] = cells.as_slice() else {
            return Ok(ResultTable { columns: Vec::new(), rejected });
        };
        let mut words: Vec<String> = Vec::new();
        let mut first_stage = Vec::new();
        for track in &plan.tracks {
            first_stage.push(words.len() as u32);
            words.extend(track.stages.iter().map(|stage| stage.name.clone()));
        }
        let stage = |stages: &[u64]| ResultColumn::Text {
            words: words.clone(),
            codes: tracks
                .iter()
                .zip(stages)
                .map(|(track, stage)| first_stage.get(*track as usize).map(|first| first + *stage as u32))
                .collect(),
        };
        let text = |which: usize| {
            let of = |place: &u64| texts.get((*place as usize).checked_sub(1)?).and_then(|texts| texts.get(which)?.as_deref());
            ResultColumn::Texts(places.iter().map(of).collect())
        };
        let causes = [Cause::Touchpoint, Cause::Attribute, Cause::Time].map(|cause| cause.as_str().to_owned()).to_vec();
        let mut columns = vec![
            ("customer".to_owned(), keys),
            (
                "track".to_owned(),
                ResultColumn::Text {
                    words: plan.tracks.iter().map(|track| track.name.clone()).collect(),
                    codes: tracks.iter().map(|track| Some(*track as u32)).collect(),
                },
            ),
            ("at".to_owned(), ResultColumn::Instants(ats.iter().map(|at| instant(*at)).collect())),
            ("from".to_owned(), stage(froms)),
            ("to".to_owned(), stage(tos)),
            ("cause".to_owned(), ResultColumn::Text { words: causes, codes: rules.iter().map(|rule| Some((rule & 3) as u32)).collect() }),
            ("record".to_owned(), text(0)),
        ];
        if explain {
            let rule = |(track, rule): (&u64, &u64)| {
                let stage = if rule >> 7 & 1 == 1 { rule >> 32 } else { rule >> 8 & 0xff };
                let track = plan.tracks.get(*track as usize)?;
                track.stages.get(stage as usize).map(|stage| stage.rule.as_str())
            };
            columns.push(("rule".to_owned(), ResultColumn::Texts(tracks.iter().zip(rules).map(rule).collect())));
            columns.push(("because".to_owned(), text(1)));
        }
        Ok(ResultTable { columns, rejected })
    }
}
