//! What partitions came to, in the order of the customers.

use rayon::prelude::*;

use super::super::output::ResultColumn;
use super::super::sheet::Ordered;
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
    /// The touchpoints and the paths, within the part.
    events: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
}

/// Puts everything in order.
pub(super) fn joined(ordered: Ordered<Cut>, rows: Rows<'_, '_>, rules: Rules) -> Paths {
    let Ordered { keys, places, mut parts } = ordered;
    let mut report = rows.report();
    parts.iter().for_each(|part| report.add(&part.report));
    let runs = runs(&places, &parts);
    drop(places);
    let dimensions = rows.dimensions.par_iter().enumerate().map(|(at, coded)| {
        let codes = gathered(&runs, &parts, |part| part.codes.get(at).map_or(&[], Vec::as_slice));
        // Words that only rows have which are left aside are none.
        Dimension { name: coded.name.clone(), words: coded.words.clone(), codes }.narrowed()
    });
    let dimensions: Vec<Dimension> = dimensions.collect();
    parts.iter_mut().for_each(|part| part.codes = Vec::new());
    let ats = gathered(&runs, &parts, |part| &part.ats);
    let counts = gathered(&runs, &parts, |part| &part.counts);
    parts.iter_mut().for_each(|part| (part.ats, part.counts) = (Vec::new(), Vec::new()));
    let latest = || ats.par_iter().copied().max().unwrap_or(i64::MIN);
    let observed_until = rules.observed_until.map_or_else(latest, |until| until.as_micros());
    let (mut ends, mut all) = (
        Vec::with_capacity(runs.iter().map(|run| run.customers).sum()),
        Vec::with_capacity(parts.iter().map(|part| part.rows.len()).sum()),
    );
    let mut first = 0;
    for run in &runs {
        let Some(part) = parts.get(run.part) else { continue };
        let moved = |event: usize| first + event - run.events.start;
        ends.extend(part.ends.iter().skip(run.from).take(run.customers).map(|end| moved(*end as usize)));
        all.extend(part.rows.get(run.rows.clone()).unwrap_or_default().iter().map(|row| PathRow {
            start: moved(row.start),
            end: moved(row.end),
            customer: (run.number + row.customer as usize - run.from) as u32,
            ended_at: if row.ended_at == OPEN { observed_until } else { row.ended_at },
            ..*row
        }));
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

fn runs(places: &[(u32, u32)], parts: &[Cut]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut number = 0;
    for run in places.chunk_by(|a, b| a.0 == b.0 && a.1 + 1 == b.1) {
        let (part, from) = run.first().map_or((0, 0), |(part, from)| (*part as usize, *from as usize));
        let Some(cut) = parts.get(part) else { continue };
        let range = |ends: &[u32]| {
            let end = |at: usize| at.checked_sub(1).and_then(|at| ends.get(at)).map_or(0, |end| *end as usize);
            end(from)..end(from + run.len())
        };
        runs.push(Run { part, from, number, customers: run.len(), events: range(&cut.ends), rows: range(&cut.row_ends) });
        number += run.len();
    }
    runs
}

/// Runs that are copied together by one thread.
const RUNS: usize = 1 << 12;

/// Something of every touchpoint, in the order of the customers.
fn gathered<T: Copy + Default + Send + Sync>(runs: &[Run], parts: &[Cut], of: impl Fn(&Cut) -> &[T] + Sync) -> Vec<T> {
    let mut all = vec![T::default(); runs.iter().map(|run| run.events.len()).sum()];
    let mut rest = all.as_mut_slice();
    let mut blocks = Vec::new();
    for runs in runs.chunks(RUNS) {
        let (block, after) = rest.split_at_mut(runs.iter().map(|run| run.events.len()).sum());
        blocks.push((runs, block));
        rest = after;
    }
    blocks.into_par_iter().for_each(|(runs, mut block)| {
        for run in runs {
            let from = parts.get(run.part).and_then(|part| of(part).get(run.events.clone())).unwrap_or_default();
            let (to, after) = std::mem::take(&mut block).split_at_mut(from.len());
            to.copy_from_slice(from);
            block = after;
        }
    });
    all
}
