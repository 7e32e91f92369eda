//! One customer's touchpoints put in order and cut into paths.

use super::super::everyone::Cells;
use super::super::group::{Carried, Record};
use super::read::Rows;
use crate::error::Result;
use crate::insight::paths::{PathsReport, Repeat, Rules, SessionClock, Unit};

/// What the customers of a partition come to, one after the other. Touchpoints and customers are numbered from the partition's first.
#[derive(Default)]
pub(super) struct Cut {
    pub(super) stamps: Vec<i64>,
    /// The words that each touchpoint carries, if any.
    pub(super) words: Vec<u64>,
    pub(super) counts: Vec<bool>,
    /// Where the touchpoints of each customer end.
    pub(super) ends: Vec<u32>,
    pub(super) pieces: Vec<Piece>,
    /// Where the paths of each customer end.
    pub(super) piece_ends: Vec<u32>,
    pub(super) report: PathsReport,
}

/// One path.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) ended_at: i64,
    /// The value of its conversion; not a number if it has none.
    pub(super) value: f64,
}

impl Cells for Cut {
    fn make_room(&mut self, customers: usize, records: usize, _: usize) {
        self.stamps.reserve_exact(records);
        self.counts.reserve_exact(records);
        self.ends.reserve_exact(customers);
        self.piece_ends.reserve_exact(customers);
        self.pieces.reserve(customers);
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
        let first = cut.stamps.len();
        let (packing, stamps) = (&rows.packing, rows.packing.stamps);
        self.conversions.clear();
        let mut touchpoints = 0;
        for record in records.iter().filter(|record| record.at != OPEN) {
            let (stamp, words) = (record.at, rows.words(*record, carried));
            let is_conversion = packing.is_conversion(stamp, words);
            let kind = rows.kind.map(|kind| packing.code(stamp, words, kind) as usize);
            if is_conversion {
                let lookback = kind.and_then(|kind| self.lookback.get(kind)).copied().unwrap_or(UNBOUNDED);
                let begins = if lookback == UNBOUNDED { i64::MIN } else { stamps.at(stamp).saturating_sub(lookback) };
                let value = rows.value(*record, carried);
                let is_later = self.repeat == Repeat::First && !self.conversions.is_empty();
                match is_later {
                    true => cut.report.later_conversions += 1,
                    false => {
                        cut.report.without_value += u64::from(value.is_none());
                        self.conversions.push((cut.stamps.len(), begins, value.unwrap_or(0.0)));
                    }
                }
            }
            let counts = kind.map_or(!is_conversion, |kind| self.counts.get(kind).copied().unwrap_or_default());
            cut.report.of_other_kinds += u64::from(!counts && !is_conversion);
            touchpoints += u64::from(counts);
            cut.stamps.push(stamp);
            cut.counts.push(counts);
            if !words.is_empty() {
                cut.words.extend_from_slice(words);
            }
        }
        cut.report.touchpoints += touchpoints;
        cut.report.customers += 1;
        let own = cut.stamps.get(first..).unwrap_or_default();
        let parts = |pair: &&[i64]| matches!(pair, [before, at] if self.clock.parts(stamps.at(*before), stamps.at(*at)));
        cut.report.sessions += 1 + own.windows(2).filter(parts).count() as u64;
        if self.unit == Unit::Session {
            self.keep_first_of_sessions(first, cut);
        }
        match self.repeat {
            Repeat::All => self.overlapping(first, cut),
            _ => self.one_after_the_other(first, cut),
        }
        cut.ends.push(cut.stamps.len() as u32);
        cut.piece_ends.push(cut.pieces.len() as u32);
        1
    }

    /// By instant, then id, then content.
    fn sort(&self, records: &mut [Record], carried: &Carried) {
        let (rows, stamps) = (self.rows, self.rows.packing.stamps);
        let content = |record: &Record| (record.at, rows.words(*record, carried), rows.value(*record, carried).map(f64::to_bits));
        if rows.has_ids() {
            records.sort_unstable_by(|a, b| {
                let by_id = || rows.id(a.row).cmp(&rows.id(b.row));
                stamps.at(a.at).cmp(&stamps.at(b.at)).then_with(by_id).then_with(|| content(a).cmp(&content(b)))
            });
            return;
        }
        // It does not matter where in a stamp the instant ends, and few are equal.
        records.sort_unstable_by_key(|record| record.at);
        for same in records.chunk_by_mut(|a, b| a.at == b.at).filter(|same| same.len() > 1) {
            same.sort_unstable_by(|a, b| content(a).cmp(&content(b)));
        }
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
        for (event, (stamp, counts)) in (first..).zip(cut.stamps.iter().zip(&mut cut.counts).skip(first)) {
            let at = self.rows.packing.stamps.at(*stamp);
            if before.is_none_or(|before| self.clock.parts(before, at)) {
                is_taken = false;
            }
            before = Some(at);
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
            let from = self.seen(start, *event, *begins, cut);
            unconverted(start, from, *begins, cut);
            self.converted(from, *event, *value, cut);
            start = event + 1;
        }
        let counting = |from: usize| cut.counts.get(from..).unwrap_or_default().iter().filter(|counts| **counts).count() as u64;
        match self.repeat == Repeat::First && !self.conversions.is_empty() {
            true => cut.report.touchpoints_after_first += counting(start),
            false => unconverted(start, cut.stamps.len(), OPEN, cut),
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
            let lost = self.seen(start, *event, *seen_from, cut);
            unconverted(start, lost, *seen_from, cut);
            let from = self.seen(first, *event, *begins, cut);
            self.converted(from, *event, *value, cut);
            start = event + 1;
        }
        unconverted(start, cut.stamps.len(), OPEN, cut);
    }

    /// The first of some touchpoints that is not before an instant.
    fn seen(&self, start: usize, end: usize, begins: i64, cut: &Cut) -> usize {
        let least = self.rows.packing.stamps.first(begins);
        start + cut.stamps.get(start..end).unwrap_or_default().partition_point(|stamp| *stamp < least)
    }

    fn converted(&self, start: usize, end: usize, value: f64, cut: &mut Cut) {
        let ended_at = cut.stamps.get(end).map_or(0, |stamp| self.rows.packing.stamps.at(*stamp));
        let has_touchpoints = cut.counts.get(start..end).unwrap_or_default().contains(&true);
        cut.report.conversions += 1;
        cut.report.without_touchpoints += u64::from(!has_touchpoints);
        cut.pieces.push(Piece { start: start as u32, end: end as u32, ended_at, value });
    }
}

/// A path that did not convert, if there is any touchpoint on it.
fn unconverted(start: usize, end: usize, ended_at: i64, cut: &mut Cut) {
    if cut.counts.get(start..end).unwrap_or_default().contains(&true) {
        cut.report.nulls += 1;
        cut.pieces.push(Piece { start: start as u32, end: end as u32, ended_at, value: f64::NAN });
    }
}
