//! Each customer with their touchpoints and moves, in order.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::super::RunOptions;
use super::super::input::Table;
use super::super::output::{ResultColumn, ResultTable};
use super::cells::{Cells, Fields, Key};
use crate::error::Result;
use crate::journey::plan::Plan;
use crate::time::Instant;

/// All customers known at the instant, with what came until then. The tables were checked, and `moves` are what the fold made of them.
pub(super) fn everyone(
    plan: &Plan,
    touchpoints: &Table<'_>,
    options: &RunOptions<'_>,
    moves: &ResultTable,
    until: i64,
) -> Result<Vec<Customer>> {
    let mut numbers: HashMap<Key<'_>, usize, FixedState> = HashMap::default();
    let mut customers: Vec<Customer> = Vec::new();
    let refused = |table: &str, row: usize| moves.rejected.binary_search_by(|bad| (bad.table, bad.row).cmp(&(table, row as u64))).is_ok();

    let fields = Fields::new(plan, touchpoints)?;
    for row in (0..touchpoints.rows()).filter(|row| !refused("touchpoints", *row)) {
        let (Some(key), Some(touch)) = (fields.key(row), fields.touch(row)) else { continue };
        if touch.at <= until {
            let number = number_of(&mut numbers, &mut customers, key);
            customers.get_mut(number).into_iter().for_each(|customer| customer.touches.push(touch));
        }
    }
    if let Some(table) = options.customers {
        let keys = Cells::new(table, table.required("customers", "customer")?);
        let ats = table.position("at").map(|at| Cells::new(table, at));
        for row in (0..table.rows()).filter(|row| !refused("customers", *row)) {
            let held = ats.as_ref().is_none_or(|ats| ats.instant(row).is_none_or(|at| at <= until));
            if let Some(key) = keys.key(row).filter(|_| held) {
                number_of(&mut numbers, &mut customers, key);
            }
        }
    }
    for customer in &mut customers {
        customer.moves = vec![Vec::new(); plan.tracks.len()];
        customer.touches.sort_unstable_by(|a, b| {
            let value = |touch: &Touch| touch.value.unwrap_or(f64::NEG_INFINITY);
            let by_content = || (a.kind, a.channel).cmp(&(b.kind, b.channel)).then_with(|| value(a).total_cmp(&value(b)));
            a.at.cmp(&b.at).then_with(|| fields.id(a.row).cmp(&fields.id(b.row))).then_with(by_content)
        });
        drop_duplicates(plan, &fields, &mut customer.touches);
    }
    place_moves(plan, moves, &numbers, &mut customers);
    Ok(customers)
}

fn number_of<'k>(numbers: &mut HashMap<Key<'k>, usize, FixedState>, customers: &mut Vec<Customer>, key: Key<'k>) -> usize {
    *numbers.entry(key).or_insert_with(|| {
        customers.push(Customer::default());
        customers.len() - 1
    })
}

/// A second touchpoint with an id counts only once the first is forgotten, as in the fold.
fn drop_duplicates(plan: &Plan, fields: &Fields<'_, '_>, touches: &mut Vec<Touch>) {
    if fields.ids.is_none() {
        return;
    }
    let mut seen: HashMap<Key<'_>, i64, FixedState> = HashMap::default();
    touches.retain(|touch| {
        let Some(id) = fields.id_key(touch.row) else { return true };
        let new = seen.get(&id).is_none_or(|before| *before < touch.at.saturating_sub(plan.lateness));
        if new {
            seen.insert(id, touch.at);
        }
        new
    });
}

fn place_moves(plan: &Plan, moves: &ResultTable, numbers: &HashMap<Key<'_>, usize, FixedState>, customers: &mut [Customer]) {
    let columns = ["customer", "track", "at", "to"].map(|name| moves.column(name));
    let [
        Some(keys),
        Some(ResultColumn::Text { codes: tracks, .. }),
        Some(ResultColumn::Instants(ats)),
        Some(ResultColumn::Text { codes: tos, .. }),
    ] = columns
    else {
        return;
    };
    // The stages of all tracks are numbered through in the column.
    let first_stage: Vec<usize> = plan
        .tracks
        .iter()
        .scan(0, |next, track| {
            let first = *next;
            *next += track.stages.len();
            Some(first)
        })
        .collect();
    for (row, ((track, at), to)) in tracks.iter().zip(ats).zip(tos).enumerate() {
        let key = match keys {
            ResultColumn::Texts(texts) => texts.get(row).map(|text| Key::Text(text.as_bytes())),
            ResultColumn::Integers(integers) => integers.get(row).copied().map(Key::Integer),
            _ => None,
        };
        let number = key.and_then(|key| numbers.get(&key)).copied();
        let (Some(number), Some(track), Some(to)) = (number, track.map(|track| track as usize), to) else { continue };
        let first = first_stage.get(track).copied().unwrap_or(0);
        let at = at.map_or(i64::MIN, Instant::as_micros);
        let place = customers.get_mut(number).and_then(|customer| customer.moves.get_mut(track));
        place.into_iter().for_each(|moves| moves.push((at, *to as usize - first)));
    }
}

/// One customer: their touchpoints in order, and their moves a track, in order, as the instant and the stage entered.
#[derive(Default)]
pub(super) struct Customer {
    pub(super) touches: Vec<Touch>,
    moves: Vec<Vec<(i64, usize)>>,
}

#[derive(Clone, Copy)]
pub(super) struct Touch {
    pub(super) at: i64,
    pub(super) kind: usize,
    pub(super) channel: Option<usize>,
    pub(super) value: Option<f64>,
    /// Its row of the table.
    pub(super) row: usize,
}

impl Customer {
    /// The stage of a track after what happened before an instant.
    pub(super) fn stage_before(&self, track: usize, at: i64) -> usize {
        let moves = self.moves.get(track).map_or(&[][..], Vec::as_slice);
        let done = moves.partition_point(|(moved, _)| *moved < at);
        done.checked_sub(1).and_then(|last| moves.get(last)).map_or(0, |(_, stage)| *stage)
    }
}
