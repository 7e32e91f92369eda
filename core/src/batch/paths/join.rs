//! What partitions came to, in the order of the customers.

use std::ops::Range;

use rayon::prelude::*;

use super::super::group::range_of;
use super::super::output::ResultColumn;
use super::super::sheet::{self, Ordered, cut, together};
use super::cut::{Cut, OPEN};
use super::read::Rows;
use crate::insight::paths::{Customers, Dimension, PathRow, Paths, Rules};

/// Customers of one part that follow one another there as they do among all.
struct Run {
    part: usize,
    /// The first customer, within its part and among all.
    from: usize,
    number: usize,
    customers: usize,
    /// The touchpoints, within the part.
    events: Range<usize>,
}

/// Puts everything in order.
pub(super) fn joined(ordered: Ordered<Cut>, rows: Rows<'_, '_>, rules: Rules) -> Paths {
    let Ordered { keys, runs, mut parts } = ordered;
    let mut report = rows.report();
    parts.iter().for_each(|part| report.add(&part.report));
    let runs = found(&runs, &parts);
    let packing = &rows.packing;
    let dimensions = rows.dimensions.par_iter().enumerate().map(|(at, coded)| {
        let (word, shift, mask) = packing.place(at);
        let code = |part: &Cut, event: usize| {
            let held = match packing.words {
                0 => part.stamps.get(event).map(|stamp| *stamp as u64),
                width => part.words.get(event * width + word).copied(),
            };
            held.map_or(0, |held| (held >> shift & mask) as u32)
        };
        // Words that only rows have which are left aside are none.
        Dimension { name: coded.name.clone(), words: coded.words.clone(), codes: gathered(&runs, &parts, code) }.narrowed()
    });
    let dimensions: Vec<Dimension> = dimensions.collect();
    let counts = gathered(&runs, &parts, |part, event| part.counts.get(event).copied().unwrap_or_default());
    let ats = gathered(&runs, &parts, |part, event| part.stamps.get(event).map_or(0, |stamp| packing.stamps.at(*stamp)));
    parts.iter_mut().for_each(|part| (part.stamps, part.words, part.counts) = (Vec::new(), Vec::new(), Vec::new()));
    let latest = || ats.par_iter().copied().max().unwrap_or(i64::MIN);
    let observed_until = rules.observed_until.map_or_else(latest, |until| until.as_micros());
    let (mut ends, mut all) = (
        Vec::with_capacity(runs.iter().map(|run| run.customers).sum()),
        Vec::with_capacity(parts.iter().map(|part| part.pieces.len()).sum()),
    );
    let mut first = 0;
    for run in &runs {
        let Some(part) = parts.get(run.part) else { continue };
        let moved = |event: u32| first + event as usize - run.events.start;
        ends.extend(part.ends.iter().skip(run.from).take(run.customers).map(|end| moved(*end)));
        for customer in 0..run.customers {
            let pieces = part.pieces.get(range_of(&part.piece_ends, run.from + customer)).unwrap_or_default();
            all.extend(pieces.iter().map(|piece| PathRow {
                start: moved(piece.start),
                end: moved(piece.end),
                customer: (run.number + customer) as u32,
                conversions: u64::from(!piece.value.is_nan()),
                nulls: u64::from(piece.value.is_nan()),
                value: if piece.value.is_nan() { 0.0 } else { piece.value },
                ended_at: if piece.ended_at == OPEN { observed_until } else { piece.ended_at },
            }));
        }
        first += run.events.len();
    }
    let customers = match keys {
        ResultColumn::Integers(keys) => Customers::Integers(keys),
        ResultColumn::Texts(keys) => Customers::Texts(keys),
        _ => Customers::Unknown,
    };
    let counts = if counts.contains(&false) { counts } else { Vec::new() };
    Paths { dimensions, ats, counts, ends, customers, rows: all, rules: Some(rules), observed_until, report }
}

/// Runs with what they hold.
fn found(runs: &[sheet::Run], parts: &[Cut]) -> Vec<Run> {
    let (mut found, mut number) = (Vec::with_capacity(runs.len()), 0);
    for run in runs.iter().filter(|run| !run.rows().is_empty()) {
        let (part, rows) = (run.part as usize, run.rows());
        let Some(cut) = parts.get(part) else { continue };
        let events = range_of(&cut.ends, rows.start).start..range_of(&cut.ends, rows.end - 1).end;
        found.push(Run { part, from: rows.start, number, customers: rows.len(), events });
        number += rows.len();
    }
    found
}

/// Touchpoints that one thread copies at a time, or a run that has more.
const TOGETHER: usize = 1 << 16;

/// Something of every touchpoint, in the order of the customers.
fn gathered<T: Copy + Default + Send + Sync>(runs: &[Run], parts: &[Cut], of: impl Fn(&Cut, usize) -> T + Sync) -> Vec<T> {
    let mut all = vec![T::default(); runs.iter().map(|run| run.events.len()).sum()];
    let (shares, events) = together(runs, TOGETHER, |run| run.events.len());
    let blocks: Vec<&mut [T]> = cut(&mut all, events.into_iter()).collect();
    shares.into_par_iter().zip(blocks).for_each(|(runs, block)| {
        for (run, to) in runs.iter().zip(cut(block, runs.iter().map(|run| run.events.len()))) {
            if let Some(part) = parts.get(run.part) {
                to.iter_mut().zip(run.events.clone()).for_each(|(to, event)| *to = of(part, event));
            }
        }
    });
    all
}
