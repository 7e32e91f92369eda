//! How long something lasts when some of it is not over: the Kaplan-Meier estimate.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result};
use crate::time::MICROS_PER_DAY;

/// The quantile of a normal distribution that a two-sided interval of 95 % ends at.
const Z: f64 = 1.959_963_984_540_054;

/// Durations, each of which ended or was still going on when it was last seen. They add up and can be taken away again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spells {
    /// By length in microseconds: how many ended, how many were last seen.
    lengths: BTreeMap<i64, (u64, u64)>,
}

/// The share that is still there after some time.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CurvePoint {
    /// The time since they entered, in days.
    pub days: f64,
    /// How many were there just before, and in sight.
    pub at_risk: u64,
    /// How many left then.
    pub left: u64,
    /// How many were last seen then, not having left.
    pub censored: u64,
    /// The share that stays longer.
    pub staying: f64,
    /// The ends of the 95 % band.
    pub lower: f64,
    /// The upper one.
    pub upper: f64,
}

impl Spells {
    pub(crate) fn add(&mut self, micros: i64, ended: bool) {
        let (left, censored) = self.lengths.entry(micros).or_default();
        *(if ended { left } else { censored }) += 1;
    }

    pub(crate) fn join(&mut self, other: Self) {
        for (length, (left, censored)) in other.lengths {
            let (all_left, all_censored) = self.lengths.entry(length).or_default();
            (*all_left, *all_censored) = (*all_left + left, *all_censored + censored);
        }
    }

    /// How many ended, and how many did not.
    pub(crate) fn counts(&self) -> (u64, u64) {
        self.lengths.values().fold((0, 0), |(left, censored), (l, c)| (left + l, censored + c))
    }

    /// The estimate of Kaplan and Meier (1958), with a band from Greenwood's variance (1926) on the scale of log(-log), which stays within 0 and 1
    /// (Kalbfleisch and Prentice 1980, section 1.3).
    pub(crate) fn curve(&self) -> Vec<CurvePoint> {
        let (left, censored) = self.counts();
        let (mut at_risk, mut staying, mut greenwood) = (left + censored, 1.0, 0.0);
        let points = self.lengths.iter().map(|(micros, (left, censored))| {
            let (n, d) = (at_risk as f64, *left as f64);
            if *left > 0 {
                staying *= (n - d) / n;
                greenwood += d / (n * (n - d));
            }
            let (lower, upper) = band(staying, greenwood);
            let point = CurvePoint { days: days(*micros), at_risk, left: *left, censored: *censored, staying, lower, upper };
            at_risk -= left + censored;
            point
        });
        points.collect()
    }
}

fn days(micros: i64) -> f64 {
    micros as f64 / MICROS_PER_DAY as f64
}

fn band(staying: f64, greenwood: f64) -> (f64, f64) {
    if staying <= 0.0 || staying >= 1.0 {
        return (staying, staying);
    }
    let log = libm::log(staying);
    let reach = Z * libm::sqrt(greenwood) / log.abs();
    (libm::exp(log * libm::exp(reach)), libm::exp(log * libm::exp(-reach)))
}

/// The first time at which no more than the share stays; none if more did to the end.
pub(crate) fn quantile(curve: &[CurvePoint], staying: f64) -> Option<f64> {
    // A share that was multiplied together may be a last bit above the number that it stands for.
    curve.iter().find(|point| point.left > 0 && point.staying <= staying * (1.0 + 4.0 * f64::EPSILON)).map(|point| point.days)
}

/// The mean of what lies within that many days: the area under the curve, and its standard error.
pub(crate) fn restricted_mean(curve: &[CurvePoint], until: f64) -> (f64, f64) {
    let mut areas = Vec::new();
    let (mut before, mut staying) = (0.0, 1.0);
    for point in curve.iter().filter(|point| point.left > 0 && point.days <= until) {
        areas.push((point.days - before) * staying);
        (before, staying) = (point.days, point.staying);
    }
    let mean = areas.iter().sum::<f64>() + (until - before) * staying;
    // Of each time somebody leaves, the area to the right of it (Klein and Moeschberger 2003, section 4.5).
    let (mut variance, mut area) = (0.0, mean);
    let ends = curve.iter().filter(|point| point.left > 0 && point.days <= until).zip(&areas);
    for (point, left_of) in ends {
        area -= left_of;
        let (n, d) = (point.at_risk as f64, point.left as f64);
        if n > d {
            variance += area * area * d / (n * (n - d));
        }
    }
    (mean, libm::sqrt(variance))
}

/// How long one stage, or one word, lasts.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StageTime {
    /// The track; none when it was not read off transitions.
    pub track: Option<String>,
    /// The stage, or the word.
    pub stage: String,
    /// How often it was entered.
    pub entered: u64,
    /// How often it was left.
    pub left: u64,
    /// How often it was not, until the end of the observation.
    pub censored: u64,
    /// How often it was met without it being known since when; those are in no estimate.
    pub start_unknown: u64,
    /// The time after which a quarter has left, in days; none if fewer did.
    pub lower_quartile_days: Option<f64>,
    /// The time after which half have left.
    pub median_days: Option<f64>,
    /// The time after which three quarters have.
    pub upper_quartile_days: Option<f64>,
    /// The mean of the time within `restricted_to_days`.
    pub restricted_mean_days: f64,
    /// Its standard error.
    pub standard_error_days: f64,
    /// Until where the mean goes: the longest that was seen, or what was asked for.
    pub restricted_to_days: f64,
    /// The share that is still there, at each time that somebody left or was last seen.
    pub curve: Vec<CurvePoint>,
}

impl StageTime {
    pub(crate) fn of(track: Option<String>, stage: String, spells: &Spells, restricted_to: Option<f64>) -> Result<Self> {
        if let Some(days) = restricted_to
            && !(days.is_finite() && days > 0.0)
        {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("`restricted_to_days` is {days}, which is not a number above 0")));
        }
        let (left, censored) = spells.counts();
        let curve = spells.curve();
        let longest = curve.last().map_or(0.0, |point| point.days);
        let until = restricted_to.map_or(longest, |days| days.min(longest));
        let (mean, error) = restricted_mean(&curve, until);
        Ok(Self {
            track,
            stage,
            entered: left + censored,
            left,
            censored,
            start_unknown: 0,
            lower_quartile_days: quantile(&curve, 0.75),
            median_days: quantile(&curve, 0.5),
            upper_quartile_days: quantile(&curve, 0.25),
            restricted_mean_days: mean,
            standard_error_days: error,
            restricted_to_days: until,
            curve,
        })
    }
}
