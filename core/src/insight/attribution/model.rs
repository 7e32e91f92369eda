//! The models, and what each needs to be told.

use std::str::FromStr;

use super::intervals::{Resampling, with_intervals};
use super::reading::Reading;
use super::result::Attribution;
use super::shapley::Sampling;
use super::solve::{Credit, credit};
use super::split::Split;
use crate::error::{Error, ErrorKind, Result};
use crate::paths::Paths;
use crate::time::Duration;

/// How a conversion is shared out over the touchpoints before it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Model {
    /// The first touchpoint has it.
    FirstTouch,
    /// The last touchpoint has it.
    LastTouch,
    /// All touchpoints have the same part.
    Linear,
    /// The first and the last have a fraction each, the others share the rest. Of two touchpoints each has its fraction's part of both; one has everything.
    PositionBased {
        /// The fraction of the first.
        first: f64,
        /// The fraction of the last.
        last: f64,
    },
    /// A touchpoint has half of what one half-life later has: 2^(-Δt / half-life).
    TimeDecay {
        /// The half-life.
        half_life: Duration,
    },
    /// In proportion to the removal effects of an absorbing Markov chain, found exactly.
    Markov {
        /// How many touchpoints a state of the chain remembers.
        order: usize,
        /// Whether paths that did not convert count.
        nulls: bool,
    },
    /// By Shapley values.
    Shapley {
        /// Of which game.
        game: Game,
        /// Whether credits are told apart by the place of the touchpoint on its path; the coverage game can.
        ordered: bool,
        /// Beyond 22 words the rate game is sampled.
        sampling: Sampling,
    },
}

/// What a coalition of words is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Game {
    /// The conversions of the paths whose words all lie within it: then the Shapley value is the equal split over the distinct words of each path.
    #[default]
    Coverage,
    /// The share of conversions among the paths whose words all lie within it.
    Rate,
}

impl Game {
    /// Its name: `coverage` or `rate`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Rate => "rate",
        }
    }
}

impl FromStr for Game {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "coverage" => Ok(Self::Coverage),
            "rate" => Ok(Self::Rate),
            _ => {
                Err(Error::new(ErrorKind::InvalidArgument, format!("there is no game `{text}`"))
                    .with_help("write \"coverage\" or \"rate\""))
            }
        }
    }
}

impl Model {
    /// The chain of an order, with the paths that did not convert.
    #[must_use]
    pub const fn markov(order: usize) -> Self {
        Self::Markov { order, nulls: true }
    }

    /// The Shapley value of a game.
    #[must_use]
    pub fn shapley(game: Game) -> Self {
        Self::Shapley { game, ordered: false, sampling: Sampling::default() }
    }

    /// 40 % for the first and the last touchpoint each.
    #[must_use]
    pub const fn position_based() -> Self {
        Self::PositionBased { first: 0.4, last: 0.4 }
    }

    /// Its name: `first_touch` …
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::FirstTouch => "first_touch",
            Self::LastTouch => "last_touch",
            Self::Linear => "linear",
            Self::PositionBased { .. } => "position_based",
            Self::TimeDecay { .. } => "time_decay",
            Self::Markov { .. } => "markov",
            Self::Shapley { .. } => "shapley",
        }
    }

    /// Whether touchpoints need times.
    pub(super) const fn needs_times(&self) -> bool {
        matches!(self, Self::TimeDecay { .. })
    }

    /// How it shares out, with its choices checked.
    pub(super) fn credit(&self) -> Result<Credit> {
        Ok(match *self {
            Self::FirstTouch => Credit::Split { split: Split::First, ordered: false },
            Self::LastTouch => Credit::Split { split: Split::Last, ordered: false },
            Self::Linear => Credit::Split { split: Split::Linear, ordered: false },
            Self::PositionBased { first, last } => Credit::Split { split: Split::position(first, last)?, ordered: false },
            Self::TimeDecay { half_life } => {
                let half_life_micros = half_life.as_micros() as f64;
                if half_life_micros <= 0.0 {
                    return Err(Error::new(ErrorKind::InvalidArgument, "a half-life of nothing").with_help("write `7d`, say"));
                }
                Credit::Split { split: Split::Decay { half_life_micros }, ordered: false }
            }
            Self::Markov { order, nulls } => Credit::Chain { order, nulls },
            Self::Shapley { game: Game::Coverage, ordered, .. } => Credit::Split { split: Split::Distinct, ordered },
            Self::Shapley { game: Game::Rate, ordered: false, sampling } => {
                sampling.check()?;
                Credit::Rate(sampling)
            }
            Self::Shapley { game: Game::Rate, ordered: true, .. } => {
                return Err(Error::new(ErrorKind::InvalidArgument, "the rate game does not know places on a path")
                    .with_help("take `game=\"coverage\"` with `ordered`"));
            }
        })
    }
}

/// What the words of a dimension have earned by a model.
///
/// ```
/// use wayfare::attribution::{Game, Model, attribute};
/// use wayfare::paths::Paths;
///
/// let paths = Paths::from_strings(&["A", "A > B", "A > A > B"], &[10, 9, 3], &[100.0, 120.0, 33.0], &[90, 41, 17], " > ")?;
/// let linear = attribute(&paths, "channel", &Model::Linear)?;
/// assert_eq!(linear.conversions, [16.5, 5.5]);
/// let coverage = attribute(&paths, "channel", &Model::shapley(Game::Coverage))?;
/// assert_eq!(coverage.conversions, [16.0, 6.0]);
/// let markov = attribute(&paths, "channel", &Model::markov(1))?;
/// assert_eq!(markov.conversions.iter().sum::<f64>(), 22.0);
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for a dimension that the paths do not have, choices that a model does not take, and paths without times for
/// [`Model::TimeDecay`]; [`ErrorKind::NotFitted`] for a chain that cannot be solved.
pub fn attribute(paths: &Paths, by: &str, model: &Model) -> Result<Attribution> {
    let reading = Reading::new(paths, by)?;
    let mut made = credit(&model.credit()?, &reading)?;
    made.facts.model = model.name();
    Ok(made)
}

/// [`attribute`] with a standard error and an interval for each number, by resampling customers.
///
/// ```
/// use wayfare::attribution::{Model, Resampling, attribute_with_intervals};
/// use wayfare::paths::Paths;
///
/// let paths = Paths::from_strings(&["A", "A > B"], &[40, 60], &[], &[400, 140], " > ")?;
/// let found = attribute_with_intervals(&paths, "channel", &Model::markov(1), &Resampling::default())?;
/// let (lower, upper) = (found.measure("lower").unwrap(), found.measure("upper").unwrap());
/// assert!(lower[0] < found.conversions[0] && found.conversions[0] < upper[0]);
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// # Errors
/// As [`attribute`], and [`ErrorKind::InvalidArgument`] for a level that is not between 0 and 1 and fewer than 2 replicates.
pub fn attribute_with_intervals(paths: &Paths, by: &str, model: &Model, resampling: &Resampling) -> Result<Attribution> {
    resampling.check()?;
    let (reading, how) = (Reading::new(paths, by)?, model.credit()?);
    let mut made = credit(&how, &reading)?;
    made.facts.model = model.name();
    with_intervals(made, &how, &reading, resampling)
}
