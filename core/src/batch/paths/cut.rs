//! One customer's touchpoints put in order and cut into paths.

use super::super::everyone::Cells;
use super::super::group::{Carried, Record};
use super::read::Rows;
use crate::error::Result;
use crate::insight::paths::{PathRow, PathsReport, Repeat, Rules, SessionClock, Unit};

/// What the customers of a partition come to, one after the other. Touchpoints and customers are numbered from the partition's first.
#[derive(Default)]
pub(super) struct Cut {
    pub(super) ats: Vec<i64>,
    pub(super) counts: Vec<bool>,
    /// By dimension.
    pub(super) codes: Vec<Vec<u32>>,
    /// Where the touchpoints of each customer end.
    pub(super) ends: Vec<u32>,
    pub(super) rows: Vec<PathRow>,
    /// Where the paths of each customer end.
    pub(super) row_ends: Vec<u32>,
    pub(super) report: PathsReport,
}

impl Cells for Cut {
    fn make_room(&mut self, customers: usize, records: usize, _: usize) {
        self.ats.reserve_exact(records);
        self.counts.reserve_exact(records);
        self.ends.reserve_exact(customers);
        self.row_ends.reserve_exact(customers);
        self.rows.reserve(customers);
    }
}

/// Stands for the end of the observation until that is known.
pub(super) const OPEN: i64 = i64::MAX;

/// Cuts one customer after the other.
#[derive(Clone)]
pub(super) struct Cutter<'r, 't, 'a> {
    rows: &'r Rows<'t, 'a>,
    repeat: Repeat,
    unit: Unit,
    /// Per word of the kind: how far its conversions look back, and whether others count.
    lookback: Vec<i64>,
    counts: Vec<bool>,
    clock: SessionClock,
    /// The hashes of ids, each with the place of its record.
    ids: Vec<(u64, u32)>,
    /// The conversions: the touchpoint, where its window begins, its value.
    conversions: Vec<(usize, i64, f64)>,
    /// Per conversion, the earliest instant that it or a later one sees.
    seen_from: Vec<i64>,
}

/// In place of a lookback: none.
const UNBOUNDED: i64 = i64::MAX;

impl<'r, 't, 'a> Cutter<'r, 't, 'a> {
    pub(super) fn new(rows: &'r Rows<'t, 'a>, rules: &Rules) -> Result<Self> {
        let kinds = rows.kind.and_then(|kind| rows.dimensions.get(kind)).map_or(&[][..], |kinds| &kinds.words);
        let lookback = |kind: &Option<String>| kind.as_ref().and_then(|kind| rules.lookback.of(kind)).unwrap_or(UNBOUNDED);
        let counts = |(kind, is_conversion): (&Option<String>, &bool)| {
            !is_conversion && (rules.touchpoints.is_empty() || kind.as_ref().is_some_and(|kind| rules.touchpoints.contains(kind)))
        };
        Ok(Self {
            rows,
            repeat: rules.repeat,
            unit: rules.unit,
            lookback: kinds.iter().map(lookback).collect(),
            counts: kinds.iter().zip(&rows.is_conversion).map(counts).collect(),
            clock: SessionClock::new(&rules.session)?,
            ids: Vec::new(),
            conversions: Vec::new(),
            seen_from: Vec::new(),
        })
    }

    /// Appends a customer; whether there is any.
    pub(super) fn cut(&mut self, records: &mut [Record], carried: &Carried, cut: &mut Cut) -> u32 {
        if records.is_empty() {
            return 0;
        }
        self.sort(records, carried);
        let rows = self.rows;
        let duplicates = self.duplicates(records, carried);
        cut.report.duplicates += duplicates;
        let first = cut.ats.len();
        cut.codes.resize_with(rows.dimensions.len(), Vec::new);
        self.conversions.clear();
        for record in records.iter().filter(|record| record.at != OPEN) {
            let packed = rows.packed(*record, carried);
            let is_conversion = packed.first().is_some_and(|word| word >> 63 == 1);
            let kind = rows.kind.map(|kind| rows.packing.code(packed, kind) as usize);
            if is_conversion {
                let lookback = kind.and_then(|kind| self.lookback.get(kind)).copied().unwrap_or(UNBOUNDED);
                let begins = if lookback == UNBOUNDED { i64::MIN } else { record.at.saturating_sub(lookback) };
                let value = rows.value(*record, carried);
                let is_later = self.repeat == Repeat::First && !self.conversions.is_empty();
                match is_later {
                    true => cut.report.later_conversions += 1,
                    false => {
                        cut.report.without_value += u64::from(value.is_none());
                        self.conversions.push((cut.ats.len(), begins, value.unwrap_or(0.0)));
                    }
                }
            }
            let counts = kind.map_or(!is_conversion, |kind| self.counts.get(kind).copied().unwrap_or_default());
            cut.report.of_other_kinds += u64::from(!counts && !is_conversion);
            cut.ats.push(record.at);
            cut.counts.push(counts);
            for (at, codes) in cut.codes.iter_mut().enumerate() {
                codes.push(rows.packing.code(packed, at));
            }
        }
        let touchpoints = cut.counts.get(first..).unwrap_or_default().iter().filter(|counts| **counts).count();
        cut.report.touchpoints += touchpoints as u64;
        cut.report.customers += 1;
        let ats = cut.ats.get(first..).unwrap_or_default();
        let pauses = ats.windows(2).filter(|pair| matches!(pair, [before, at] if self.clock.parts(*before, *at))).count();
        cut.report.sessions += 1 + pauses as u64;
        if self.unit == Unit::Session {
            self.keep_first_of_sessions(first, cut);
        }
        match self.repeat {
            Repeat::All => self.overlapping(first, cut),
            _ => self.one_after_the_other(first, cut),
        }
        cut.ends.push(cut.ats.len() as u32);
        cut.row_ends.push(cut.rows.len() as u32);
        1
    }

    /// By instant, then id, then content.
    fn sort(&self, records: &mut [Record], carried: &Carried) {
        if records.windows(2).all(|pair| matches!(pair, [a, b] if a.at < b.at)) {
            return;
        }
        let rows = self.rows;
        records.sort_unstable_by(|a, b| {
            let by_id = || if rows.has_ids() { rows.id(a.row).cmp(&rows.id(b.row)) } else { std::cmp::Ordering::Equal };
            let content = |record: &Record| (rows.packed(*record, carried), rows.value(*record, carried).map(f64::to_bits));
            a.at.cmp(&b.at).then_with(by_id).then_with(|| content(a).cmp(&content(b)))
        });
    }

    /// Marks every record whose id an earlier one has; how many those are.
    fn duplicates(&mut self, records: &mut [Record], carried: &Carried) -> u64 {
        if !self.rows.has_ids() || records.len() < 2 {
            return 0;
        }
        let rows = self.rows;
        self.ids.clear();
        let hashes = records.iter().zip(0..).filter_map(|(record, place)| Some((rows.id_hash(*record, carried)?, place)));
        self.ids.extend(hashes);
        self.ids.sort_unstable();
        let mut found = 0;
        for group in self.ids.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
            let row = |place: u32| records.get(place as usize).map(|record| record.row);
            let same = |a: u32, b: u32| row(a).and_then(|row| rows.id(row)) == row(b).and_then(|row| rows.id(row));
            let later = |(at, (_, place)): (usize, &(u64, u32))| {
                let earlier = group.get(..at).unwrap_or_default();
                earlier.iter().any(|(_, other)| same(*other, *place)).then_some(*place)
            };
            let duplicates: Vec<u32> = group.iter().enumerate().filter_map(later).collect();
            for place in duplicates {
                records.get_mut(place as usize).into_iter().for_each(|record| record.at = OPEN);
                found += 1;
            }
        }
        found
    }

    /// Leaves of every session its first touchpoint that counts. With `restart` a conversion parts what follows it from its session.
    fn keep_first_of_sessions(&mut self, first: usize, cut: &mut Cut) {
        let (repeat, mut conversions) = (self.repeat, self.conversions.iter().map(|(event, ..)| *event).peekable());
        let (mut before, mut is_taken) = (None, false);
        for (event, (at, counts)) in (first..).zip(cut.ats.iter().zip(&mut cut.counts).skip(first)) {
            if before.is_none_or(|before| self.clock.parts(before, *at)) {
                is_taken = false;
            }
            before = Some(*at);
            let is_first = *counts && !is_taken;
            is_taken |= *counts;
            *counts = is_first;
            if conversions.next_if_eq(&event).is_some() && repeat == Repeat::Restart {
                is_taken = false;
            }
        }
    }

    /// Each conversion takes what came after the one before it.
    fn one_after_the_other(&self, first: usize, cut: &mut Cut) {
        let mut start = first;
        for (event, begins, value) in &self.conversions {
            let from = start + cut.ats.get(start..*event).unwrap_or_default().partition_point(|at| at < begins);
            unconverted(start, from, *begins, cut);
            converted(from, *event, *value, cut);
            start = event + 1;
        }
        let counting = |from: usize| cut.counts.get(from..).unwrap_or_default().iter().filter(|counts| **counts).count() as u64;
        match self.repeat == Repeat::First && !self.conversions.is_empty() {
            true => cut.report.touchpoints_after_first += counting(start),
            false => unconverted(start, cut.ats.len(), OPEN, cut),
        }
    }

    /// Each conversion takes its whole lookback.
    fn overlapping(&mut self, first: usize, cut: &mut Cut) {
        self.seen_from.clear();
        let mut earliest = i64::MAX;
        self.seen_from.extend(self.conversions.iter().rev().map(|(_, begins, _)| {
            earliest = earliest.min(*begins);
            earliest
        }));
        let mut start = first;
        for ((event, begins, value), seen_from) in self.conversions.iter().zip(self.seen_from.iter().rev()) {
            let lost = start + cut.ats.get(start..*event).unwrap_or_default().partition_point(|at| at < seen_from);
            unconverted(start, lost, *seen_from, cut);
            let from = first + cut.ats.get(first..*event).unwrap_or_default().partition_point(|at| at < begins);
            converted(from, *event, *value, cut);
            start = event + 1;
        }
        unconverted(start, cut.ats.len(), OPEN, cut);
    }
}

fn converted(start: usize, end: usize, value: f64, cut: &mut Cut) {
    let ended_at = cut.ats.get(end).copied().unwrap_or_default();
    let has_touchpoints = cut.counts.get(start..end).unwrap_or_default().contains(&true);
    cut.report.conversions += 1;
    cut.report.without_touchpoints += u64::from(!has_touchpoints);
    cut.rows.push(PathRow { start, end, customer: cut.ends.len() as u32, conversions: 1, nulls: 0, value, ended_at });
}

/// A path that did not convert, if there is any touchpoint on it.
fn unconverted(start: usize, end: usize, ended_at: i64, cut: &mut Cut) {
    if cut.counts.get(start..end).unwrap_or_default().contains(&true) {
        cut.report.nulls += 1;
        cut.rows.push(PathRow { start, end, customer: cut.ends.len() as u32, conversions: 0, nulls: 1, value: 0.0, ended_at });
    }
}
