//! Credits conversion by conversion.

use rayon::prelude::*;

use super::apportion::{WHOLE, by_weight, made_good};
use super::model::Model;
use super::reading::Reading;
use super::result::Label;
use super::solve::{Credit, weights};
use super::split::{Split, Unit};
use super::wide::Parts;
use crate::error::Result;
use crate::insight::paths::PathRow;
use crate::paths::Paths;

/// Paths that are looked at at a time.
const CHUNK: usize = 1 << 12;

/// Puts the units of a path's touchpoints, or of its words.
type Share<'r> = dyn Fn(&PathRow, &mut Vec<Unit>) + Sync + 'r;

/// What each word on a path earned of its conversions: a row for each word of each path that converted, in the order of the paths and of the words' first
/// touchpoints.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct PathCredits {
    /// The number of the path.
    pub paths: Vec<u32>,
    /// Who has the credit: a number into `labels`.
    pub codes: Vec<u32>,
    /// The words of the dimension.
    pub labels: Vec<Label>,
    /// The conversions that the path stands for.
    pub conversions: Vec<u64>,
    /// The part of each of them; the parts of a path sum to 1 exactly, in any order.
    pub credit: Vec<f64>,
    /// The part of their value; the parts of a path sum to its value exactly, in any order.
    pub value: Vec<f64>,
}

/// The credits of every conversion.
///
/// A path that stands for several conversions has one row a word for all of them. Where a model shares all conversions out together (Markov, the rate game of
/// Shapley) a path's conversions are shared over the words on it, in proportion to their removal effects or Shapley values; a negative one counts as none, and where
/// all are none the words share equally. Those credits do not sum to the model's totals, which are the literature's.
///
/// ```
/// use wayfare::attribution::{Model, credits};
/// use wayfare::paths::Paths;
///
/// let paths = Paths::from_strings(&["A > A > B"], &[1], &[33.0], &[0], " > ")?;
/// let found = credits(&paths, "channel", &Model::Linear)?;
/// assert_eq!(found.credit.iter().sum::<f64>(), 1.0);
/// assert_eq!(found.value, [22.0, 11.0]);
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// # Errors
/// As [`attribute`](super::model::attribute).
pub fn credits(paths: &Paths, by: &str, model: &Model) -> Result<PathCredits> {
    let reading = Reading::new(paths, by)?;
    let (how, reading) = (model.credit()?, &reading);
    let share: Box<Share<'_>> = match how {
        Credit::Split { split, .. } => {
            split.check(reading)?;
            Box::new(move |row, into| split.units(reading, row, into))
        }
        _ => {
            let weights = weights(&how, reading)?;
            Box::new(move |row, into| by_weights(reading, row, &weights, into))
        }
    };
    let parts: Vec<PathCredits> = reading
        .rows()
        .par_chunks(CHUNK)
        .enumerate()
        .map(|(chunk, rows)| {
            let (mut made, mut units) = (PathCredits::default(), Vec::new());
            for (row, number) in rows.iter().zip(chunk * CHUNK..) {
                if row.conversions > 0 {
                    share(row, &mut units);
                    made.push(number as u32, row, &by_word(&units, reading.words().len()));
                }
            }
            made
        })
        .collect();
    let mut all =
        PathCredits { labels: reading.words().iter().map(Label::of).chain([Label::Unattributed]).collect(), ..PathCredits::default() };
    for part in parts {
        all.paths.extend(part.paths);
        all.codes.extend(part.codes);
        all.conversions.extend(part.conversions);
        all.credit.extend(part.credit);
        all.value.extend(part.value);
    }
    Ok(all)
}

impl PathCredits {
    fn push(&mut self, number: u32, row: &PathRow, words: &[(u32, u64)]) {
        let value = Parts::of(row.value);
        let quota = |units: u64| u128::from(value.mantissa) * u128::from(units);
        let floors = words.iter().map(|(_, units)| (quota(*units) / u128::from(WHOLE)) as i64).collect();
        let losses: Vec<u128> = words.iter().map(|(_, units)| quota(*units) % u128::from(WHOLE)).collect();
        let places = made_good(floors, value.mantissa as i64, &losses);
        for ((code, units), places) in words.iter().zip(places) {
            self.paths.push(number);
            self.codes.push(*code);
            self.conversions.push(row.conversions);
            self.credit.push(*units as f64 / WHOLE as f64);
            self.value.push(value.places(places));
        }
    }
}

/// The units of each word, in the order of its first touchpoint; of nobody, numbered after the words, where there is no touchpoint.
fn by_word(units: &[Unit], nobody: usize) -> Vec<(u32, u64)> {
    let mut words: Vec<(u32, u64)> = Vec::with_capacity(units.len());
    for unit in units {
        match words.iter_mut().find(|(code, _)| *code == unit.code) {
            Some((_, sum)) => *sum += unit.units,
            None => words.push((unit.code, unit.units)),
        }
    }
    if words.is_empty() {
        words.push((nobody as u32, WHOLE));
    }
    words
}

/// A path's words in proportion to their weights.
fn by_weights(reading: &Reading<'_>, row: &PathRow, weights: &[f64], into: &mut Vec<Unit>) {
    Split::Distinct.units(reading, row, into);
    let mut seen = Vec::with_capacity(into.len());
    into.retain(|unit| {
        let new = !seen.contains(&unit.code);
        seen.push(unit.code);
        new
    });
    let own: Vec<f64> = into.iter().map(|unit| weights.get(unit.code as usize).copied().unwrap_or(0.0).max(0.0)).collect();
    if !into.is_empty() {
        into.iter_mut().zip(by_weight(WHOLE, &own)).for_each(|(unit, units)| unit.units = units as u64);
    }
}
