//! Progress: how near a customer is to a conversion at every touchpoint, and which points of the life cycle bring customers nearer.
//!
//! A semi-Markov chain (Howard 1971, Dynamic Probabilistic Systems, volume II): customers stay in a state for a time whose hazards depend on how long they
//! have been quiet, and leave it for a conversion or for the next touchpoint. `age` says in which cells time is counted, `state` where customers stand,
//! `timeline` and `counts` what happened, `chain` makes hazards of it, `kernel` and `solve` probabilities; `windows`, `recalibrate` and `assess` hold them
//! against customers that the chain has not seen, and `points` ranks what brings customers nearer.

mod age;
mod assess;
mod chain;
mod counts;
mod document;
mod kernel;
mod logistic;
mod model;
mod options;
mod picture;
mod points;
mod recalibrate;
mod resample;
mod solve;
mod state;
#[cfg(test)]
mod tests;
mod timeline;
mod touchpoints;
mod windows;

pub use assess::{Assessment, CalibrationBin};
pub use model::{ProgressModel, Score, Touch};
pub use options::{ProgressOptions, ProgressReport};
pub use points::{HighValuePoint, PointsOptions, Touchpoint};
pub use recalibrate::Recalibration;
pub use touchpoints::TouchpointProgress;

use super::paths::{Dimension, PathRow, Paths, no_times};
use crate::error::{Error, ErrorKind, Result};
use state::{CONVERSION, Symbol};
use timeline::{Alphabet, Timeline};

/// Said with every ranking.
pub const ASSOCIATION: &str = "a change in probability is an association, not lift: customers who meet a touchpoint differ from those who do not, and were \
often on their way already; what a touchpoint causes is told by a holdout";

impl ProgressModel {
    /// Fits, calibrates and tests a model of progress to the touchpoints of paths.
    ///
    /// Customers are split by a hash of who they are: hazards are counted on half of them, probabilities are put right by a quarter, and the last quarter
    /// tells how good they are. Touchpoints of kinds that do not count are left aside.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an option out of range, a dimension that the paths do not have or that has too many words, and paths without times;
    /// [`ErrorKind::NotFitted`] if there are too few conversions.
    pub fn fit(paths: &Paths, options: &ProgressOptions) -> Result<Self> {
        options.check()?;
        let by = paths.dimension(&options.by)?;
        let stage = options.stage.as_deref().map(|stage| paths.dimension(stage)).transpose()?;
        let alphabet = Alphabet { words: by.words().to_vec(), stages: stage.map_or_else(Vec::new, |stage| stage.words().to_vec()) };
        if let Some((what, found, most)) = alphabet.too_many() {
            let message = format!("the dimension given as `{what}` has {found} different words, and can have {most}");
            return Err(Error::new(ErrorKind::InvalidArgument, message).with_help("choose one that is coarser, such as the channel"));
        }
        let timeline = timeline_of(paths, &alphabet, options)?;
        let value = options.value.or_else(|| mean_value(paths)).unwrap_or(1.0);
        Self::of_timeline(&timeline, alphabet, value, options)
    }

    /// Every touchpoint of paths that is no conversion, with the probability of a conversion within the horizon just before it and just after it. Paths may
    /// be others than those that the model was fitted to.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for paths without times or without the dimensions of the model.
    pub fn at_touchpoints(&self, paths: &Paths) -> Result<TouchpointProgress> {
        Ok(self.touchpoints(&timeline_of(paths, &self.facts.alphabet, self.options())?))
    }

    /// Touchpoints and transitions by the mean change of the probability of a conversion, the greatest first: see [`ASSOCIATION`].
    ///
    /// The intervals are by drawing customers again (Poisson bootstrap): each draw counts hazards anew, and the line that puts probabilities right varies as it
    /// would.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for other paths than those that the model was fitted to, and an option out of range.
    pub fn high_value_points(&self, paths: &Paths, options: &PointsOptions) -> Result<Vec<HighValuePoint>> {
        self.points(&timeline_of(paths, &self.facts.alphabet, self.options())?, options)
    }
}

/// The touchpoints of paths in a model's words.
fn timeline_of(paths: &Paths, alphabet: &Alphabet, options: &ProgressOptions) -> Result<Timeline> {
    let (Some(rules), true) = (&paths.rules, paths.has_times()) else {
        return Err(no_times());
    };
    let by = paths.dimension(&options.by)?;
    let words: Vec<u16> = by.words().iter().map(|word| alphabet.word(word.as_deref())).collect();
    let stage = options.stage.as_deref().map(|stage| paths.dimension(stage)).transpose()?;
    let stages: Option<(&Dimension, Vec<u8>)> =
        stage.map(|stage| (stage, stage.words().iter().map(|word| alphabet.stage(word.as_deref())).collect()));
    let kind = paths.dimension("kind")?;
    let converts: Vec<bool> = kind.words().iter().map(|word| word.as_ref().is_some_and(|word| rules.conversion.contains(word))).collect();
    let of = |codes: &[u32], event: usize| codes.get(event).map_or(usize::MAX, |code| *code as usize);
    let mut timeline = Timeline { observed_until: paths.observed_until, ..Timeline::default() };
    for (customer, events) in paths.histories().enumerate() {
        for event in events {
            let conversion = converts.get(of(kind.codes(), event)).copied().unwrap_or_default();
            if !conversion && !paths.counts.get(event).copied().unwrap_or(true) {
                continue;
            }
            let word = if conversion { CONVERSION } else { words.get(of(by.codes(), event)).copied().unwrap_or_default() };
            let stage = stages.as_ref().and_then(|(stage, stages)| stages.get(of(stage.codes(), event))).copied().unwrap_or_default();
            timeline.symbols.push(Symbol::new(stage, word));
            timeline.ats.push(paths.at(event).unwrap_or_default());
            timeline.events.push(event);
        }
        timeline.ends.push(timeline.symbols.len());
        timeline.keys.push(paths.customer_key(&of_customer(customer)));
    }
    Ok(timeline)
}

fn of_customer(customer: usize) -> PathRow {
    PathRow { start: 0, end: 0, customer: customer as u32, conversions: 0, nulls: 0, value: 0.0, ended_at: 0 }
}

/// The mean value of the conversions, if any has one.
fn mean_value(paths: &Paths) -> Option<f64> {
    let mut sum = crate::exact::ExactSum::default();
    paths.rows().iter().for_each(|row| sum.add(row.value));
    let conversions: u64 = paths.rows().iter().map(|row| row.conversions).sum();
    (conversions > 0 && sum.value() > 0.0).then(|| sum.value() / conversions as f64)
}
