//! Shapley values of the rate game: v(S) is the share of conversions among the paths whose words all lie within S.
//!
//! The coverage game needs none of this: its Shapley value is the equal split over distinct words, [`Split::Distinct`](super::split::Split).

mod coalitions;
mod exact;
mod sampled;

pub(crate) use coalitions::Coalitions;

use crate::error::{Error, ErrorKind, Result};

/// The most words whose coalitions are all looked at: 2^22 of them.
pub(crate) const MOST_EXACT: usize = 22;

/// How permutations are sampled where coalitions are too many.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Sampling {
    /// Stop when no standard error is above this part of the game's value; 0.001 unless it is said.
    pub standard_error: f64,
    /// Or when so many permutations were drawn; 100,000 unless it is said.
    pub permutations: usize,
    /// Where the draws begin.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { standard_error: 0.001, permutations: 100_000, seed: 0 }
    }
}

impl Sampling {
    pub(crate) fn check(&self) -> Result<()> {
        match self.standard_error.is_finite() && self.standard_error >= 0.0 && self.permutations >= 2 {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("sampling with a standard error of {} and {} permutations", self.standard_error, self.permutations),
            )
            .with_help("give a standard error of zero or more and at least 2 permutations")),
        }
    }
}

/// The values of a game, and how they were found.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Values {
    /// By word.
    pub(crate) values: Vec<f64>,
    /// Of sampled values.
    pub(crate) standard_errors: Option<Vec<f64>>,
    /// How many permutations were sampled.
    pub(crate) permutations: Option<usize>,
}

/// What a path brings to the coalitions that hold all of its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payoff {
    Conversions,
    Value,
}

impl Coalitions {
    /// The Shapley values of the rate game, or of the game whose v(S) is the value per path.
    pub(crate) fn values(&self, payoff: Payoff, sampling: &Sampling) -> Values {
        match self.players() <= MOST_EXACT {
            // A game for nothing: paths often have no value.
            true if self.brings(payoff).iter().all(|brings| *brings == 0.0) => {
                Values { values: vec![0.0; self.players()], standard_errors: None, permutations: None }
            }
            true => Values { values: self.exact(payoff), standard_errors: None, permutations: None },
            false => self.sampled(payoff, sampling),
        }
    }
}
