//! What a model of progress is asked to tell.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::time::Duration;

/// The longest memory: the last touchpoint and the one before it.
const LONGEST_MEMORY: usize = 2;
const MOST_STEPS: usize = 1_000;

/// What is predicted, and from what.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgressOptions {
    /// Within which time a conversion counts.
    pub horizon: Duration,
    /// What touchpoints are told apart by: a dimension of the paths, `channel` or `kind` …
    pub by: String,
    /// The dimension that says at which stage the customer stood, if there is one.
    pub stage: Option<String>,
    /// The last so many touchpoints tell where a customer stands: 0, 1 or 2. Rare states fall back to shorter ones by themselves.
    pub memory: usize,
    /// What a conversion is worth, in place of the mean value of the conversions.
    pub value: Option<f64>,
    /// Which customers the model is fitted to, calibrated on and tested on.
    pub seed: u64,
    /// Steps that the horizon is cut into.
    pub steps: usize,
}

impl Default for ProgressOptions {
    fn default() -> Self {
        Self { horizon: Duration::from_days(30), by: "channel".to_owned(), stage: None, memory: 2, value: None, seed: 0, steps: 60 }
    }
}

impl ProgressOptions {
    pub(super) fn check(&self) -> Result<()> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidArgument, message));
        if self.horizon.as_micros() <= 0 {
            return invalid("the `horizon` is not above 0".to_owned());
        }
        if self.memory > LONGEST_MEMORY {
            return invalid(format!("the `memory` is {}, and can be 0, 1 or 2 touchpoints", self.memory));
        }
        if !(1..=MOST_STEPS).contains(&self.steps) {
            return invalid(format!("there are {} `steps`, and can be 1 to {MOST_STEPS}", self.steps));
        }
        match self.value {
            Some(value) if !(value.is_finite() && value >= 0.0) => invalid("the `value` of a conversion is not zero or more".to_owned()),
            _ => Ok(()),
        }
    }
}

/// What became of the customers and touchpoints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProgressReport {
    /// Customers that hazards were counted on.
    pub fitted_customers: u64,
    /// Customers that probabilities were put right by.
    pub calibrating_customers: u64,
    /// Customers that the model was tested on.
    pub testing_customers: u64,
    /// Touchpoints of all of them that are no conversion.
    pub touchpoints: u64,
    /// Conversions of all of them.
    pub conversions: u64,
    /// Touchpoints of calibrating and testing customers less than the horizon before the end of the observation: nobody knows what became of them.
    pub censored_touchpoints: u64,
    /// Instants between touchpoints, left out likewise.
    pub censored_instants: u64,
    /// States that are told apart.
    pub states: u64,
}
