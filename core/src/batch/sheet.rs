//! Rows of all partitions, put in order and turned into columns.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::group::range_of;
use super::keys::{SHORT, ShortKeys};
use super::output::{ResultColumn, Texts};
use crate::profile::slot;
use crate::profile::state::ALWAYS;
use crate::symbol::Strings;
use crate::time::Instant;

/// Rows that are put in order at a time, unless a run has more: few enough that the second column finds the rows of the first in the cache.
const BLOCK: usize = 1 << 12;

/// The cell of a word that is not there.
pub(crate) const NO_WORD: u64 = u64::MAX;

/// What a partition comes to: whose rows there are, and what they are.
pub(crate) struct Part<C, P = Vec<u64>> {
    pub(crate) owners: Vec<C>,
    /// Where the rows of each owner end.
    pub(crate) ends: Vec<u32>,
    pub(crate) cells: P,
}

/// Rows of a part that follow one another there as they do among all.
pub(crate) struct Run {
    pub(crate) part: u32,
    start: u32,
    end: u32,
}

impl Run {
    pub(crate) fn rows(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    fn len(&self) -> usize {
        self.rows().len()
    }
}

/// Rows in the order of their keys.
pub(crate) struct Ordered<P> {
    /// The owner of each row.
    pub(crate) keys: ResultColumn,
    pub(crate) runs: Vec<Run>,
    pub(crate) parts: Vec<P>,
}

/// Rows in the order of their keys, all of one width.
pub(crate) struct Sheet {
    keys: ResultColumn,
    runs: Vec<Run>,
    parts: Vec<Vec<u64>>,
    width: usize,
}

impl<P> Default for Ordered<P> {
    fn default() -> Self {
        Self { keys: ResultColumn::Integers(Vec::new()), runs: Vec::new(), parts: Vec::new() }
    }
}

impl<P: Sync> Ordered<P> {
    /// Puts the rows of all parts in the order of their owners. `column` makes a column of the owner of each row.
    pub(crate) fn new<C: Copy + Default + Send + Sync>(
        parts: Vec<Part<C, P>>,
        order: impl Fn(&C, &C) -> Ordering + Sync,
        column: impl FnOnce(&[C]) -> ResultColumn,
    ) -> Self {
        let in_order = |part: &Part<C, P>| part.owners.is_sorted_by(|a, b| order(a, b).is_le());
        let with_owners = || parts.iter().filter(|part| !part.owners.is_empty());
        let after =
            |(one, next): (&Part<C, P>, &Part<C, P>)| one.owners.last().zip(next.owners.first()).is_some_and(|(a, b)| order(a, b).is_le());
        let are_sorted = parts.par_iter().all(in_order) && with_owners().zip(with_owners().skip(1)).all(after);
        let (keys, runs) = if are_sorted { one_after_the_other(&parts) } else { sorted(&parts, order) };
        Self { keys: column(&keys), runs, parts: parts.into_iter().map(|part| part.cells).collect() }
    }
}

/// The owner of each row, and the runs, of parts that come in the order of their owners.
fn one_after_the_other<C: Copy + Default + Send + Sync, P: Sync>(parts: &[Part<C, P>]) -> (Vec<C>, Vec<Run>) {
    let runs: Vec<Run> = (0..).zip(parts).map(|(part, of)| Run { part, start: 0, end: of.rows() as u32 }).collect();
    let mut keys = vec![C::default(); runs.iter().map(Run::len).sum()];
    let shares: Vec<&mut [C]> = cut(&mut keys, parts.iter().map(Part::rows)).collect();
    parts.par_iter().zip(shares).for_each(|(part, keys)| {
        for (owner, at) in part.owners.iter().zip(0..) {
            keys.get_mut(range_of(&part.ends, at)).unwrap_or_default().fill(*owner);
        }
    });
    (keys, runs)
}

/// As `one_after_the_other`, of parts in any order.
fn sorted<C: Copy + Send + Sync, P>(parts: &[Part<C, P>], order: impl Fn(&C, &C) -> Ordering + Sync) -> (Vec<C>, Vec<Run>) {
    let mut owners: Vec<(C, u32, u32)> = Vec::with_capacity(parts.iter().map(|part| part.owners.len()).sum());
    for (number, part) in (0..).zip(parts) {
        owners.extend(part.owners.iter().zip(0..).map(|(owner, at)| (*owner, number, at)));
    }
    owners.par_sort_unstable_by(|a, b| order(&a.0, &b.0));
    let (mut keys, mut runs) = (Vec::with_capacity(parts.iter().map(Part::rows).sum()), Vec::<Run>::with_capacity(owners.len()));
    for (owner, part, at) in owners {
        let rows = parts.get(part as usize).map_or(0..0, |part| range_of(&part.ends, at as usize));
        let (start, end) = (rows.start as u32, rows.end as u32);
        keys.extend(rows.map(|_| owner));
        match runs.last_mut() {
            Some(last) if last.part == part && last.end == start => last.end = end,
            _ => runs.push(Run { part, start, end }),
        }
    }
    (keys, runs)
}

impl<C, P> Part<C, P> {
    fn rows(&self) -> usize {
        self.ends.last().map_or(0, |rows| *rows as usize)
    }
}

/// What lies in a slice one after the other, in these lengths.
pub(crate) fn cut<T>(mut values: &mut [T], lengths: impl Iterator<Item = usize>) -> impl Iterator<Item = &mut [T]> {
    lengths.map(move |length| values.split_off_mut(..length).unwrap_or_default())
}

/// Runs that one thread does together, so many that each but the last share has `enough` in all, and how much each share has.
pub(crate) fn together<R>(mut runs: &[R], enough: usize, length: impl Fn(&R) -> usize) -> (Vec<&[R]>, Vec<usize>) {
    let (mut shares, mut lengths) = (Vec::new(), Vec::new());
    while !runs.is_empty() {
        let (mut sum, mut number) = (0, 0);
        while let Some(run) = runs.get(number).filter(|_| sum < enough) {
            (sum, number) = (sum + length(run), number + 1);
        }
        shares.extend(runs.split_off(..number));
        lengths.push(sum);
    }
    (shares, lengths)
}

impl Sheet {
    /// Of parts whose rows have that many cells.
    pub(crate) fn new(ordered: Ordered<Vec<u64>>, width: usize) -> Self {
        Self { keys: ordered.keys, runs: ordered.runs, parts: ordered.parts, width }
    }

    fn rows(&self) -> usize {
        self.runs.iter().map(Run::len).sum()
    }

    /// The keys, and a column of each kind; cells stand in the order of the kinds that have any.
    fn columns(self, kinds: Vec<Kind<'_>>) -> (ResultColumn, Vec<ResultColumn>) {
        let mut columns: Vec<Values> = kinds.iter().map(|kind| kind.values(self.rows())).collect();
        self.fill(&mut columns);
        (self.keys, kinds.into_par_iter().zip(columns).map(|(kind, values)| kind.column(values)).collect())
    }

    /// `customer`, and a column of each kind under its name.
    pub(crate) fn named(self, kinds: Vec<(&str, Kind<'_>)>) -> Vec<(String, ResultColumn)> {
        let (names, kinds): (Vec<&str>, Vec<Kind<'_>>) = kinds.into_iter().unzip();
        let (keys, columns) = self.columns(kinds);
        let named = ["customer"].into_iter().chain(names).map(str::to_owned);
        named.zip(std::iter::once(keys).chain(columns)).collect()
    }

    /// The keys, and the cells of each column as they are.
    pub(crate) fn cells(self) -> (ResultColumn, Vec<Vec<u64>>) {
        let mut columns: Vec<Values> = (0..self.width).map(|_| Values::Cells(vec![0; self.rows()])).collect();
        self.fill(&mut columns);
        let cells = columns.into_iter().map(|column| match column {
            Values::Cells(cells) => cells,
            _ => Vec::new(),
        });
        (self.keys, cells.collect())
    }

    fn fill(&self, columns: &mut [Values]) {
        let (runs, rows) = together(&self.runs, BLOCK, Run::len);
        let mut blocks: Vec<Vec<Block<'_>>> = runs.iter().map(|_| Vec::new()).collect();
        columns.iter_mut().for_each(|column| column.split(&rows, &mut blocks));
        runs.into_par_iter().zip(blocks).for_each(|(runs, columns)| {
            for (at, column) in columns.into_iter().enumerate() {
                column.fill(runs.iter().flat_map(|run| self.cells_of(run)).filter_map(|row| row.get(at).copied()));
            }
        });
    }

    /// The cells of some rows, row by row.
    fn cells_of(&self, run: &Run) -> impl Iterator<Item = &[u64]> {
        let cells =
            self.parts.get(run.part as usize).and_then(|cells| cells.get(run.start as usize * self.width..run.end as usize * self.width));
        cells.unwrap_or_default().chunks_exact(self.width.max(1))
    }
}

/// How cells become a column.
pub(crate) enum Kind<'a> {
    Number,
    Integer,
    Boolean,
    Instant,
    Text(&'a Strings),
    /// One of these words, by number, or [`NO_WORD`].
    Stage(Vec<String>),
    /// A number that stands for something kept elsewhere.
    Place,
    /// Instants, and there are none; it has no cells.
    Never,
}

/// A column that is being filled.
enum Values {
    Numbers(Vec<f64>),
    Integers(Vec<i64>),
    Booleans(Vec<Option<bool>>),
    Instants(Vec<Option<Instant>>),
    Codes(Vec<Option<u32>>),
    Cells(Vec<u64>),
    Never(usize),
}

/// Some rows of a column that is being filled.
enum Block<'v> {
    Numbers(&'v mut [f64]),
    Integers(&'v mut [i64]),
    Booleans(&'v mut [Option<bool>]),
    Instants(&'v mut [Option<Instant>]),
    Codes(&'v mut [Option<u32>]),
    Cells(&'v mut [u64]),
}

impl Values {
    /// Hands each block its rows, of which it has so many.
    fn split<'v>(&'v mut self, rows: &[usize], blocks: &mut [Vec<Block<'v>>]) {
        fn each<'v, T>(values: &'v mut [T], rows: &[usize], blocks: &mut [Vec<Block<'v>>], block: impl Fn(&'v mut [T]) -> Block<'v>) {
            cut(values, rows.iter().copied()).zip(blocks).for_each(|(values, columns)| columns.push(block(values)));
        }
        match self {
            Self::Numbers(values) => each(values, rows, blocks, Block::Numbers),
            Self::Integers(values) => each(values, rows, blocks, Block::Integers),
            Self::Booleans(values) => each(values, rows, blocks, Block::Booleans),
            Self::Instants(values) => each(values, rows, blocks, Block::Instants),
            Self::Codes(values) => each(values, rows, blocks, Block::Codes),
            Self::Cells(values) => each(values, rows, blocks, Block::Cells),
            Self::Never(_) => {}
        }
    }
}

impl Block<'_> {
    fn fill(self, cells: impl Iterator<Item = u64>) {
        fn each<T>(values: &mut [T], cells: impl Iterator<Item = u64>, read: impl Fn(u64) -> T) {
            let mut values = values.iter_mut();
            cells.for_each(|cell| values.next().into_iter().for_each(|value| *value = read(cell)));
        }
        match self {
            Self::Numbers(values) => each(values, cells, f64::from_bits),
            Self::Integers(values) => each(values, cells, |cell| f64::from_bits(cell) as i64),
            Self::Booleans(values) => each(values, cells, |cell| slot::truth(cell).known()),
            Self::Instants(values) => each(values, cells, instant),
            Self::Codes(values) => each(values, cells, |cell| (cell != NO_WORD).then_some(cell as u32)),
            Self::Cells(values) => each(values, cells, |cell| cell),
        }
    }
}

impl Kind<'_> {
    fn values(&self, rows: usize) -> Values {
        match self {
            Self::Number => Values::Numbers(vec![0.0; rows]),
            Self::Integer => Values::Integers(vec![0; rows]),
            Self::Boolean => Values::Booleans(vec![None; rows]),
            Self::Instant => Values::Instants(vec![None; rows]),
            Self::Stage(_) => Values::Codes(vec![None; rows]),
            Self::Text(_) | Self::Place => Values::Cells(vec![0; rows]),
            Self::Never => Values::Never(rows),
        }
    }

    fn column(self, values: Values) -> ResultColumn {
        match (self, values) {
            (Self::Stage(words), Values::Codes(codes)) => ResultColumn::Text { words, codes },
            (Self::Text(strings), Values::Cells(cells)) => words(strings, &cells),
            (_, Values::Numbers(values)) => ResultColumn::Numbers(values),
            (_, Values::Integers(values)) => ResultColumn::Integers(values),
            (_, Values::Booleans(values)) => ResultColumn::Booleans(values),
            (_, Values::Instants(values)) => ResultColumn::Instants(values),
            (_, Values::Codes(codes)) => ResultColumn::Text { words: Vec::new(), codes },
            (_, Values::Cells(cells)) => ResultColumn::Integers(cells.into_iter().map(|cell| cell as i64).collect()),
            (_, Values::Never(rows)) => ResultColumn::Never(rows),
        }
    }
}

/// Words are numbered in the order of their first row, so that nothing depends on how they were interned.
fn words(strings: &Strings, cells: &[u64]) -> ResultColumn {
    let mut numbers: HashMap<u64, u32, FixedState> = HashMap::default();
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

/// Texts of packed keys.
pub(crate) fn short_texts<C: Sync>(codes: &[C], unpack: impl Fn(&C) -> u128 + Sync) -> ResultColumn {
    let blocks = codes.par_chunks(BLOCK).map(|codes| {
        let mut texts = Texts::default();
        texts.bytes.reserve(codes.len() * SHORT);
        texts.ends.reserve(codes.len());
        for code in codes {
            let (bytes, length) = ShortKeys::unpack(unpack(code));
            texts.push(bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()));
        }
        texts
    });
    ResultColumn::Texts(Texts::concat(&blocks.collect::<Vec<_>>()))
}

pub(crate) fn instant(cell: u64) -> Option<Instant> {
    Some(cell as i64).filter(|at| *at != ALWAYS).map(Instant::from_valid)
}
