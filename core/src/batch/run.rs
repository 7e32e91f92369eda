//! One row a customer: traits, scores, segments, stages, next change.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::group::{Carried, Dense, Group, Record, Walk, by_customer};
use super::input::Table;
use super::keys::{IntegerKeys, KeyKind, KeySpace, LongKeys, ShortKeys};
use super::output::{ResultColumn, ResultTable, Texts};
use super::prepare::{Monitor, Prepared, prepare};
use super::worker::Worker;
use super::{AsOf, RunOptions};
use crate::error::Result;
use crate::expression::Type;
use crate::journey::Journey;
use crate::journey::plan::Plan;
use crate::profile::slot;
use crate::profile::state::{ALWAYS, State};
use crate::profile::tracks::{Silence, TrackState};
use crate::profile::{advance_to, next_move};
use crate::symbol::Strings;
use crate::time::Instant;

/// Rows that are put in order at a time.
const BLOCK: usize = 1 << 15;

/// Rows of one partition, each of the same width, and whose they are.
pub(crate) struct Part<C> {
    pub(crate) owners: Vec<(C, u32)>,
    pub(crate) cells: Vec<u64>,
}

impl Journey {
    /// What is true of every customer of a table: a row a customer, or a customer and instant, sorted by customer and instant.
    ///
    /// `touchpoints` has the columns `customer` (text or integers), `at`, `kind`, and where there are such `channel`, `id`, `topic`, `value`, `direction`,
    /// `action`, `outcome` and one a declared property; rows may come in any order. The result has `customer`, `as_of` (unless one instant was asked about),
    /// a column a trait, score, segment and track (its stage), `<track>_since`, and `next_change_at`.
    ///
    /// ```
    /// use wayfare::{Column, Journey, ResultColumn, RunOptions, Table};
    ///
    /// let journey = Journey::from_yaml("wayfare: 1\nname: Shop\ntouchpoints: { purchased: {} }\ntraits: { orders: { count: purchased, output: true } }\n")?;
    /// let at = ["2026-03-01T10:00:00Z".parse()?, "2026-03-02T10:00:00Z".parse()?, "2026-03-05T10:00:00Z".parse()?];
    /// let touchpoints = Table::new()
    ///     .column("customer", Column::texts(&["bo", "ada", "bo"]))
    ///     .column("at", Column::instants(&at))
    ///     .column("kind", Column::texts(&["purchased"; 3]));
    /// let table = journey.run(&touchpoints, &RunOptions::at("2026-03-04T00:00:00Z".parse()?))?;
    /// assert_eq!(table.column("orders"), Some(&ResultColumn::Integers(vec![1, 1])));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if a column is missing, unknown or of the wrong type, or a row cannot be folded;
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) if `progress` said so.
    pub fn run<'a>(&self, touchpoints: &Table<'a>, options: &RunOptions<'a>) -> Result<ResultTable> {
        let plan = &*self.plan;
        let prepared = prepare(plan, touchpoints, options, false)?;
        let monitor = Monitor::new(options, &prepared);
        let questions = matches!(options.as_of, AsOf::Table(_));
        let dated = !matches!(options.as_of, AsOf::At(_));
        let width = width(plan);
        // Rows that only show that a customer exists are there with one instant alone: then the customer does exist at it.
        let single = prepared.instants.len() == 1;
        let fold = |records: &mut [Record], carried: &Carried, worker: &mut Worker<'_, '_, '_>, cells: &mut Vec<u64>| {
            let mut rows = 0;
            worker.fold(records, carried, &prepared.instants, &mut Silence, |state, strings, now, _| {
                if questions || single || Worker::knows_something(state) {
                    read(plan, state, strings, now, cells);
                    rows += 1;
                }
            });
            rows
        };
        let (keys, cells) = collect(&prepared, &monitor, width, &fold);
        monitor.finish()?;
        Ok(ResultTable { columns: columns(plan, &prepared.records.strings, keys, &cells, dated), rejected: prepared.rejected })
    }
}

/// Folds every customer and gives the rows in the order of the keys.
pub(crate) fn collect(
    prepared: &Prepared<'_, '_>,
    monitor: &Monitor<'_>,
    width: usize,
    fold: &(impl Fn(&mut [Record], &Carried, &mut Worker<'_, '_, '_>, &mut Vec<u64>) -> u32 + Sync),
) -> (ResultColumn, Vec<Vec<u64>>) {
    match prepared.keys {
        KeyKind::Integer { least, span: Some(span) } => {
            let dense = Dense { least, span };
            let parts = dense.by_customer(&prepared.sources, prepared, |walk| partition(prepared, monitor, fold, walk));
            let (order, cells) = arrange(&parts, width, |a: &i64, b: &i64| a.cmp(b));
            (ResultColumn::Integers(order), cells)
        }
        KeyKind::Integer { span: None, .. } => {
            let keys = IntegerKeys;
            let parts = by_customer(&keys, &prepared.sources, prepared, |walk| partition(prepared, monitor, fold, walk));
            let (order, cells) = arrange(&parts, width, |a, b| keys.order(*a, *b));
            (ResultColumn::Integers(order), cells)
        }
        KeyKind::Short => {
            let keys = ShortKeys;
            let parts = by_customer(&keys, &prepared.sources, prepared, |walk| partition(prepared, monitor, fold, walk));
            let (order, cells) = arrange(&parts, width, |a, b| keys.order(*a, *b));
            let mut texts = Texts::default();
            texts.bytes.reserve(order.len() * 12);
            texts.ends.reserve(order.len());
            for code in &order {
                let (bytes, length) = ShortKeys::unpack(*code);
                texts.push(bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()));
            }
            (ResultColumn::Texts(texts), cells)
        }
        KeyKind::Long => {
            let keys = LongKeys { sources: prepared.sources.iter().flat_map(|source| source.pieces.iter().copied()).collect() };
            let parts = by_customer(&keys, &prepared.sources, prepared, |walk| partition(prepared, monitor, fold, walk));
            let (order, cells) = arrange(&parts, width, |a, b| keys.order(*a, *b));
            let texts = order.iter().map(|code| std::str::from_utf8(keys.bytes(code.row as usize)).ok()).collect();
            (ResultColumn::Texts(texts), cells)
        }
    }
}

fn partition<C: Copy>(
    prepared: &Prepared<'_, '_>,
    monitor: &Monitor<'_>,
    fold: &impl Fn(&mut [Record], &Carried, &mut Worker<'_, '_, '_>, &mut Vec<u64>) -> u32,
    walk: &mut Walk<'_, C>,
) -> Part<C> {
    let mut part = Part { owners: Vec::new(), cells: Vec::new() };
    if monitor.is_stopped() {
        return part;
    }
    let mut worker = Worker::new(&prepared.records);
    let mut folded = 0;
    walk(&mut |group: Group<'_, C>| {
        folded += group.records.len() as u64;
        let rows = fold(group.records, group.carried, &mut worker, &mut part.cells);
        if rows > 0 {
            part.owners.push((group.code, rows));
        }
    });
    monitor.advance(folded);
    part
}

/// Puts the rows of all partitions in the order of their owners. Gives the owner of every row, and the columns.
fn arrange<C: Copy + Send + Sync>(parts: &[Part<C>], width: usize, order: impl Fn(&C, &C) -> Ordering + Sync) -> (Vec<C>, Vec<Vec<u64>>) {
    let mut owners: Vec<(C, u32, u32, u32)> = Vec::with_capacity(parts.iter().map(|part| part.owners.len()).sum());
    for (number, part) in parts.iter().enumerate() {
        let mut first = 0;
        for (code, rows) in &part.owners {
            owners.push((*code, number as u32, first, *rows));
            first += rows;
        }
    }
    if !owners.is_sorted_by(|a, b| order(&a.0, &b.0).is_le()) {
        owners.par_sort_unstable_by(|a, b| order(&a.0, &b.0));
    }
    let blocks: Vec<(Vec<C>, Vec<Vec<u64>>)> = owners
        .par_chunks(BLOCK)
        .map(|owners| {
            let rows: usize = owners.iter().map(|(.., rows)| *rows as usize).sum();
            let mut keys = Vec::with_capacity(rows);
            let mut columns: Vec<Vec<u64>> = (0..width).map(|_| Vec::with_capacity(rows)).collect();
            for (code, part, first, rows) in owners {
                for row in *first..first + rows {
                    keys.push(*code);
                    let start = row as usize * width;
                    let cells = parts.get(*part as usize).and_then(|part| part.cells.get(start..start + width)).unwrap_or_default();
                    columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(*cell));
                }
            }
            (keys, columns)
        })
        .collect();
    let total = blocks.iter().map(|(keys, _)| keys.len()).sum();
    let mut keys = Vec::with_capacity(total);
    blocks.iter().for_each(|(block, _)| keys.extend_from_slice(block));
    let columns = (0..width).into_par_iter().map(|column| {
        let mut whole = Vec::with_capacity(total);
        blocks.iter().filter_map(|(_, columns)| columns.get(column)).for_each(|block| whole.extend_from_slice(block));
        whole
    });
    (keys, columns.collect())
}

/// Cells of a row: the instant, traits, scores, segments, stage and since a track, the next change.
fn width(plan: &Plan) -> usize {
    1 + plan.named_traits + plan.scores.len() + plan.segments.len() + 2 * plan.tracks.len() + 1
}

fn read(plan: &Plan, state: &State, strings: &Strings, now: Instant, cells: &mut Vec<u64>) {
    cells.push(now.as_micros() as u64);
    let lens = state.lens(plan, strings, now.as_micros());
    let leaves = (0..plan.named_traits as u32)
        .chain((0..plan.scores.len()).map(|at| plan.score_leaf(at)))
        .chain((0..plan.segments.len()).map(|at| plan.segment_leaf(at)));
    leaves.for_each(|leaf| cells.push(lens.slot(leaf)));
    let none = ALWAYS as u64;
    if plan.tracks.is_empty() {
        cells.push(none);
        return;
    }
    let mut tracks: Vec<TrackState> = state.tracks.clone();
    advance_to(plan, strings, state, &mut tracks, now, &mut Silence);
    for track in &tracks {
        cells.push(u64::from(track.stage));
        cells.push(track.entered.or(state.first).map_or(none, |at| at as u64));
    }
    cells.push(next_move(plan, strings, state, &tracks, now).map_or(none, |next| next.at as u64));
}

fn columns(plan: &Plan, strings: &Strings, keys: ResultColumn, cells: &[Vec<u64>], dated: bool) -> Vec<(String, ResultColumn)> {
    let mut jobs: Vec<(String, Kind<'_>)> = vec![("as_of".to_owned(), Kind::Instant)];
    for plan in plan.traits.iter().take(plan.named_traits) {
        let kind = match plan.kind {
            Type::Number if plan.operation.is_integer() => Kind::Integer,
            Type::Number => Kind::Number,
            Type::Text => Kind::Text(strings),
            Type::Boolean => Kind::Boolean,
        };
        jobs.push((plan.name.clone(), kind));
    }
    jobs.extend(plan.scores.iter().map(|plan| (plan.name.clone(), Kind::Number)));
    jobs.extend(plan.segments.iter().map(|plan| (plan.name.clone(), Kind::Boolean)));
    for track in &plan.tracks {
        jobs.push((track.name.clone(), Kind::Stage(track.stages.iter().map(|stage| stage.name.clone()).collect())));
        jobs.push((format!("{}_since", track.name), Kind::Instant));
    }
    jobs.push(("next_change_at".to_owned(), Kind::Instant));
    let built: Vec<(String, ResultColumn)> =
        jobs.into_par_iter().zip(cells).map(|((name, kind), cells)| (name, kind.column(cells))).collect();
    let key = ("customer".to_owned(), keys);
    std::iter::once(key).chain(built.into_iter().filter(|(name, _)| dated || name != "as_of")).collect()
}

/// How cells become a column.
enum Kind<'a> {
    Number,
    Integer,
    Boolean,
    Instant,
    Text(&'a Strings),
    Stage(Vec<String>),
}

impl Kind<'_> {
    fn column(self, cells: &[u64]) -> ResultColumn {
        match self {
            Self::Number => ResultColumn::Numbers(cells.iter().map(|cell| f64::from_bits(*cell)).collect()),
            Self::Integer => ResultColumn::Integers(cells.iter().map(|cell| f64::from_bits(*cell) as i64).collect()),
            Self::Boolean => ResultColumn::Booleans(cells.iter().map(|cell| slot::truth(*cell).known()).collect()),
            Self::Instant => ResultColumn::Instants(cells.iter().map(|cell| instant(*cell)).collect()),
            Self::Stage(words) => ResultColumn::Text { words, codes: cells.iter().map(|cell| Some(*cell as u32)).collect() },
            Self::Text(strings) => {
                // Words are numbered in the order of their first row, so that nothing depends on how they were interned.
                let mut numbers: std::collections::HashMap<u64, u32, foldhash::fast::FixedState> = Default::default();
                let mut words = Vec::new();
                let codes = cells.iter().map(|cell| match slot::symbol(*cell).known() {
                    false => None,
                    true => Some(*numbers.entry(*cell).or_insert_with(|| {
                        words.push(strings.text(slot::symbol(*cell)).to_owned());
                        words.len() as u32 - 1
                    })),
                });
                let codes = codes.collect();
                ResultColumn::Text { words, codes }
            }
        }
    }
}

pub(crate) fn instant(cell: u64) -> Option<Instant> {
    Some(cell as i64).filter(|at| *at != ALWAYS).map(Instant::from_valid)
}
