//! Models that split each conversion by its own path alone.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::apportion::{WHOLE, by_weight, equally};
use super::reading::{Reading, Tally};
use super::wide::{Parts, Wide, written};
use crate::error::{Error, ErrorKind, Result};
use crate::insight::paths::PathRow;

/// Rows that are split at a time.
const CHUNK: usize = 1 << 14;

/// How a path is split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Split {
    First,
    Last,
    Linear,
    Position {
        first: f64,
        last: f64,
    },
    Decay {
        half_life_micros: f64,
    },
    /// Equally over the distinct words: the Shapley value of the coverage game.
    Distinct,
}

/// A touchpoint's word, the place of the touchpoint on its path from 1, and its units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unit {
    pub(crate) code: u32,
    pub(crate) position: u32,
    pub(crate) units: u64,
}

impl Split {
    /// A position-based split, checked.
    pub(crate) fn position(first: f64, last: f64) -> Result<Self> {
        let fraction = |weight: f64| (0.0..=1.0).contains(&weight);
        if !(fraction(first) && fraction(last) && first + last <= 1.0) {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("the weights {first} of the first and {last} of the last touchpoint are not fractions with a sum of at most 1"),
            )
            .with_help("write `first=0.4, last=0.4`, say: the rest goes to the touchpoints between"));
        }
        Ok(Self::Position { first, last })
    }

    /// Whether paths without times can be split.
    pub(crate) fn check(self, reading: &Reading<'_>) -> Result<()> {
        match self {
            Self::Decay { .. } if !reading.paths().has_times() => Err(Error::new(
                ErrorKind::InvalidArgument,
                "time decay needs the times of touchpoints, and paths that came as strings have none",
            )
            .with_help("make the paths of a table of touchpoints, or take `position_based`")),
            _ => Ok(()),
        }
    }

    /// The units of the touchpoints of a path, which sum to [`WHOLE`]; none for a path without touchpoints.
    pub(crate) fn units(self, reading: &Reading<'_>, row: &PathRow, into: &mut Vec<Unit>) {
        into.clear();
        let codes = reading.codes(row);
        match self {
            Self::First => into.extend(codes.take(1).map(|code| Unit { code, position: 1, units: WHOLE })),
            Self::Last => into.extend(codes.zip(1..).last().map(|(code, position)| Unit { code, position, units: WHOLE })),
            _ => into.extend(codes.zip(1..).map(|(code, position)| Unit { code, position, units: 0 })),
        }
        let parts = into.len();
        match self {
            Self::First | Self::Last => {}
            Self::Linear => give(into, equally(WHOLE, parts)),
            Self::Position { first, last } => give(into, weighted(&position_weights(first, last, parts))),
            Self::Decay { half_life_micros } => give(into, weighted(&decay_weights(reading, row, half_life_micros))),
            Self::Distinct => give_distinct(into),
        }
    }
}

fn give(touches: &mut [Unit], units: impl Iterator<Item = u64>) {
    touches.iter_mut().zip(units).for_each(|(touch, units)| touch.units = units);
}

fn weighted(weights: &[f64]) -> impl Iterator<Item = u64> {
    by_weight(WHOLE, weights).into_iter().map(|units| units as u64)
}

/// One touchpoint has everything. Two have the weights of the first and the last in their proportion, half each if both are 0.
fn position_weights(first: f64, last: f64, parts: usize) -> Vec<f64> {
    match parts {
        0 | 1 => vec![1.0; parts],
        2 => vec![first, last],
        _ => {
            let between = (1.0 - first - last).max(0.0) / (parts - 2) as f64;
            let mut weights = vec![between; parts];
            weights.first_mut().into_iter().for_each(|weight| *weight = first);
            weights.last_mut().into_iter().for_each(|weight| *weight = last);
            weights
        }
    }
}

/// 2^(-Δt / half-life), counted back from the last touchpoint: the time from there to the conversion is a factor of all weights, and falls out.
fn decay_weights(reading: &Reading<'_>, row: &PathRow, half_life_micros: f64) -> Vec<f64> {
    let at = |event: usize| reading.paths().at(event).unwrap_or(0);
    let latest = reading.paths().touches(row).map(at).max().unwrap_or(0);
    reading.paths().touches(row).map(|event| libm::exp2(-((latest - at(event)) as f64) / half_life_micros)).collect()
}

/// Equal parts for the words in the order of their first touchpoints, each part equally over the word's own touchpoints.
fn give_distinct(touches: &mut [Unit]) {
    let mut words: Vec<(u32, u64)> = Vec::with_capacity(touches.len());
    for touch in &*touches {
        match words.iter_mut().find(|(code, _)| *code == touch.code) {
            Some((_, times)) => *times += 1,
            None => words.push((touch.code, 1)),
        }
    }
    let shares: Vec<u64> = equally(WHOLE, words.len()).collect();
    for ((code, times), share) in words.into_iter().zip(shares) {
        let own = touches.iter_mut().filter(|touch| touch.code == code);
        own.zip(equally(share, times as usize)).for_each(|(touch, units)| touch.units = units);
    }
}

/// What words have earned, exactly.
#[derive(Debug, Clone, Default)]
pub(crate) struct Earned {
    /// Units of 2^-52 of a conversion.
    pub(crate) conversions: u128,
    pub(crate) value: Wide,
}

impl Earned {
    #[inline]
    fn add(&mut self, tally: Tally, value: Parts, units: u64) {
        self.conversions += u128::from(units) * u128::from(tally.conversions);
        if value.mantissa != 0 {
            self.value.add_product(value, units);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.conversions += other.conversions;
        self.value.merge(&other.value);
    }
}

/// What all words have earned.
pub(crate) struct Totals {
    /// By word.
    pub(crate) words: Vec<Earned>,
    /// By word and position, if that was asked for.
    pub(crate) positions: BTreeMap<(u32, u32), Earned>,
    /// Conversions without a touchpoint.
    pub(crate) nobody: Earned,
    ordered: bool,
}

impl Totals {
    fn new(words: usize, ordered: bool) -> Self {
        Self { words: vec![Earned::default(); words], positions: BTreeMap::new(), nobody: Earned::default(), ordered }
    }

    /// Splits every path. Sums are exact, so that the order of the rows and the threads do not matter.
    pub(crate) fn of(split: Split, reading: &Reading<'_>, ordered: bool) -> Self {
        let words = reading.words().len();
        let parts = reading.rows().par_chunks(CHUNK).enumerate().fold(
            || Self::new(words, ordered),
            |mut totals, (chunk, rows)| {
                let mut units = Vec::new();
                for (row, number) in rows.iter().zip(chunk * CHUNK..) {
                    let tally = reading.tally(number, row);
                    if tally.conversions > 0 {
                        split.units(reading, row, &mut units);
                        totals.add(tally, &units);
                    }
                }
                totals
            },
        );
        parts.reduce(|| Self::new(words, ordered), Self::merged)
    }

    #[inline]
    fn add(&mut self, tally: Tally, units: &[Unit]) {
        let value = Parts::of(tally.value);
        if units.is_empty() {
            return self.nobody.add(tally, value, WHOLE);
        }
        for unit in units.iter().filter(|unit| unit.units > 0) {
            match self.ordered {
                true => self.positions.entry((unit.code, unit.position)).or_default().add(tally, value, unit.units),
                false => self.words.get_mut(unit.code as usize).into_iter().for_each(|earned| earned.add(tally, value, unit.units)),
            }
        }
    }

    fn merged(mut self, other: Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(earned, more)| earned.merge(more));
        other.positions.iter().for_each(|(place, more)| self.positions.entry(*place).or_default().merge(more));
        self.nobody.merge(&other.nobody);
        self
    }
}

/// What was earned as columns of conversions and value that add up.
pub(crate) fn columns(earned: &[&Earned]) -> Result<(Vec<f64>, Vec<f64>)> {
    let conversions: Vec<Wide> = earned
        .iter()
        .map(|earned| {
            let mut sum = Wide::default();
            sum.add_units(earned.conversions);
            sum
        })
        .collect();
    let value: Vec<Wide> = earned.iter().map(|earned| earned.value.clone()).collect();
    Ok((written(&conversions)?, written(&value)?))
}
