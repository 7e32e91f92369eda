//! How sure credits are: the same model over resampled customers.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::reading::Reading;
use super::result::{Attribution, Label};
use super::solve::{Credit, credit};
use crate::error::{Error, ErrorKind, Result};

/// How intervals are made: the model anew for each of so many samples of customers.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Resampling {
    /// The part of the replicates that an interval holds; 0.95 unless it is said.
    pub level: f64,
    /// How many samples; 200 unless it is said.
    pub replicates: usize,
    /// Where the draws begin.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { level: 0.95, replicates: 200, seed: 0 }
    }
}

impl Resampling {
    /// Intervals of a level.
    #[must_use]
    pub fn new(level: f64) -> Self {
        Self { level, ..Self::default() }
    }

    /// With so many samples.
    #[must_use]
    pub fn with_replicates(self, replicates: usize) -> Self {
        Self { replicates, ..self }
    }

    /// With draws that begin elsewhere.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    pub(super) fn check(&self) -> Result<()> {
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("an interval of the level {}", self.level))
                .with_help("give a number between 0 and 1, like 0.95"));
        }
        if !(2..=1_000_000).contains(&self.replicates) {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("{} replicates: it must be 2 to 1,000,000", self.replicates)));
        }
        Ok(())
    }
}

/// Adds `standard_error`, `lower` and `upper` of the conversions, and the same of the value and of every measure under their names.
pub(super) fn with_intervals(mut made: Attribution, how: &Credit, reading: &Reading<'_>, resampling: &Resampling) -> Result<Attribution> {
    let replicates: Vec<Result<Vec<Vec<f64>>>> = (0..resampling.replicates as u64)
        .into_par_iter()
        .map(|replicate| credit(how, &reading.resampled(resampling.seed, replicate)).map(|found| aligned(&made, &found)))
        .collect();
    let replicates: Vec<Vec<Vec<f64>>> = replicates.into_iter().collect::<Result<_>>()?;
    let names: Vec<String> =
        ["", "value_"].map(str::to_owned).into_iter().chain(made.measures.iter().map(|(name, _)| format!("{name}_"))).collect();
    let mut columns = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let of_row = |row: usize| -> Vec<f64> {
            let column = |replicate: &Vec<Vec<f64>>| replicate.get(at).and_then(|column| column.get(row)).copied().unwrap_or(0.0);
            replicates.iter().map(column).collect()
        };
        let ends: Vec<[f64; 3]> = (0..made.labels.len()).map(|row| summed_up(of_row(row), resampling.level)).collect();
        for (end, number) in ["standard_error", "lower", "upper"].into_iter().zip(0..) {
            let values = ends.iter().map(|ends| ends.get(number).copied().unwrap_or(f64::NAN)).collect();
            columns.push((format!("{name}{end}"), values));
        }
    }
    made.measures.extend(columns);
    (made.facts.interval, made.facts.replicates, made.facts.seed) =
        (Some(resampling.level), Some(resampling.replicates), Some(resampling.seed));
    Ok(made)
}

/// The columns of a replicate in the rows of the estimate; what a replicate does not have earned nothing there.
fn aligned(made: &Attribution, found: &Attribution) -> Vec<Vec<f64>> {
    fn places(of: &Attribution) -> impl Iterator<Item = (&Label, Option<u32>)> {
        let place = |row: usize| of.positions.as_ref().and_then(|positions| positions.get(row).copied().flatten());
        of.labels.iter().enumerate().map(move |(row, label)| (label, place(row)))
    }
    let rows: BTreeMap<(&Label, Option<u32>), usize> = places(found).zip(0..).collect();
    let order: Vec<Option<usize>> = places(made).map(|key| rows.get(&key).copied()).collect();
    let columns = [&found.conversions, &found.value].into_iter().chain(found.measures.iter().map(|(_, values)| values));
    let picked = |values: &Vec<f64>| order.iter().map(|row| row.and_then(|row| values.get(row)).copied().unwrap_or(0.0)).collect();
    columns.map(picked).collect()
}

/// The standard deviation of replicates, and the quantiles that hold the level between them (Hyndman and Fan 1996, type 7).
fn summed_up(mut values: Vec<f64>, level: f64) -> [f64; 3] {
    if values.iter().any(|value| value.is_nan()) {
        return [f64::NAN; 3];
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0);
    values.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let place = share * (count - 1.0);
        let at = |place: f64| values.get(place as usize).copied().unwrap_or(f64::NAN);
        let (low, high) = (at(place.floor()), at(place.ceil()));
        low + (place - place.floor()) * (high - low)
    };
    [variance.sqrt(), quantile((1.0 - level) / 2.0), quantile((1.0 + level) / 2.0)]
}
