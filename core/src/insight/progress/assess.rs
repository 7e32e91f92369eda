//! How well probabilities tell what happened.

use serde::{Deserialize, Serialize};

use super::logistic::{Observation, Regression, logit, regress};

/// Rows of the table of calibration.
const BINS: usize = 10;
/// Of a normal distribution: 95 % lie within.
const NORMAL: f64 = 1.959_963_984_540_054;

/// A probability that was said, and what came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    pub(super) customer: usize,
    pub(super) probability: f64,
    pub(super) happened: bool,
}

/// How well probabilities told what happened to customers that the model had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Assessment {
    /// Windows of the horizon's length that were looked at.
    pub windows: u64,
    /// Customers that they are of.
    pub customers: u64,
    /// Windows with a conversion.
    pub conversions: u64,
    /// The mean of the probabilities.
    pub mean_predicted: f64,
    /// The share of the windows with a conversion.
    pub mean_observed: f64,
    /// The mean squared difference of probability and outcome (Brier 1950); 0 is best.
    pub brier: f64,
    /// Of who says the share of the windows with a conversion every time.
    pub brier_base_rate: f64,
    /// 1 - brier / brier_base_rate: 0 is as good as the base rate, 1 is best.
    pub brier_skill: f64,
    /// The coefficient of the logit of the probability in a logistic regression of what happened (Cox 1958); 1 is best, below 1 probabilities are too extreme.
    /// None if it cannot be told.
    pub slope: Option<f64>,
    /// The lower and the upper end of its interval of 95 %, by customers.
    pub slope_interval: Option<[f64; 2]>,
    /// The constant of that regression; 0 is best.
    pub intercept: Option<f64>,
    /// The lower and the upper end of its interval of 95 %, by customers.
    pub intercept_interval: Option<[f64; 2]>,
    /// By tenths of the windows, from the least probability to the greatest.
    pub bins: Vec<CalibrationBin>,
}

/// Windows with about the same probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CalibrationBin {
    /// Windows.
    pub windows: u64,
    /// Windows with a conversion.
    pub conversions: u64,
    /// The mean of the probabilities.
    pub mean_predicted: f64,
    /// The share with a conversion.
    pub observed: f64,
    /// The lower end of its interval of 95 % (Wilson 1927), for as many windows as are worth the same when customers are drawn and not windows.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

impl Assessment {
    /// Of what was said, customer by customer.
    pub(super) fn of(said: &[Said]) -> Self {
        let windows = said.len() as f64;
        let mean = |of: &dyn Fn(&Said) -> f64| if said.is_empty() { 0.0 } else { said.iter().map(of).sum::<f64>() / windows };
        let mean_observed = mean(&|said| outcome(said));
        let brier = mean(&|said| (said.probability - outcome(said)) * (said.probability - outcome(said)));
        let brier_base_rate = mean_observed * (1.0 - mean_observed);
        let observations: Vec<Observation<2>> = said
            .iter()
            .map(|said| Observation {
                customer: said.customer,
                columns: [1.0, logit(said.probability)],
                offset: 0.0,
                happened: said.happened,
            })
            .collect();
        let line: Option<Regression<2>> = regress(&observations);
        let interval = |line: &Regression<2>, at| {
            let (value, error) = (line.coefficient(at), NORMAL * line.standard_error(at));
            [value - error, value + error]
        };
        Self {
            windows: said.len() as u64,
            customers: said.chunk_by(|one, other| one.customer == other.customer).count() as u64,
            conversions: said.iter().filter(|said| said.happened).count() as u64,
            mean_predicted: mean(&|said| said.probability),
            mean_observed,
            brier,
            brier_base_rate,
            brier_skill: if brier_base_rate > 0.0 { 1.0 - brier / brier_base_rate } else { 0.0 },
            slope: line.map(|line| line.coefficient(1)),
            slope_interval: line.map(|line| interval(&line, 1)),
            intercept: line.map(|line| line.coefficient(0)),
            intercept_interval: line.map(|line| interval(&line, 0)),
            bins: bins(said),
        }
    }
}

fn outcome(said: &Said) -> f64 {
    f64::from(u8::from(said.happened))
}

fn bins(said: &[Said]) -> Vec<CalibrationBin> {
    let mut sorted: Vec<&Said> = said.iter().collect();
    sorted.sort_by(|one, other| one.probability.total_cmp(&other.probability).then(one.customer.cmp(&other.customer)));
    let mut bins = Vec::new();
    let mut start = 0;
    for tenth in 1..=BINS {
        let mut end = sorted.len() * tenth / BINS;
        // Windows with one probability stay together.
        while end > start && end < sorted.len() && probability(&sorted, end) == probability(&sorted, end - 1) {
            end += 1;
        }
        if let Some(windows) = sorted.get(start..end).filter(|windows| !windows.is_empty()) {
            bins.push(bin(windows));
            start = end;
        }
    }
    bins
}

fn probability(said: &[&Said], at: usize) -> Option<f64> {
    said.get(at).map(|said| said.probability)
}

fn bin(said: &[&Said]) -> CalibrationBin {
    let windows = said.len() as f64;
    let conversions = said.iter().filter(|said| said.happened).count();
    let observed = conversions as f64 / windows;
    let mut by_customer: Vec<(usize, f64)> = said.iter().map(|said| (said.customer, outcome(said) - observed)).collect();
    by_customer.sort_by_key(|(customer, _)| *customer);
    let groups = by_customer.chunk_by(|one, other| one.0 == other.0);
    let squares = groups.clone().map(|group| group.iter().map(|(_, rest)| rest).sum::<f64>()).map(|sum| sum * sum).sum::<f64>();
    let customers = groups.count() as f64;
    // All alike tells nothing of how customers differ: then each is worth one window.
    let worth = match squares > 0.0 && customers > 1.0 {
        true => (observed * (1.0 - observed) * windows * windows / squares * (customers - 1.0) / customers).min(windows),
        false => customers,
    };
    let (lower, upper) = wilson(observed, worth);
    CalibrationBin {
        windows: said.len() as u64,
        conversions: conversions as u64,
        mean_predicted: said.iter().map(|said| said.probability).sum::<f64>() / windows,
        observed,
        lower,
        upper,
    }
}

/// The interval of a share (Wilson 1927, equation for the score interval).
fn wilson(share: f64, windows: f64) -> (f64, f64) {
    let z2 = NORMAL * NORMAL / windows;
    let middle = (share + z2 / 2.0) / (1.0 + z2);
    let half = NORMAL / (1.0 + z2) * (share * (1.0 - share) / windows + z2 / (4.0 * windows)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263, method 3.
    #[test]
    fn wilson_is_as_published() {
        let (lower, upper) = wilson(81.0 / 263.0, 263.0);
        assert!((lower - 0.2553).abs() < 5e-5 && (upper - 0.3662).abs() < 5e-5, "{lower} {upper}");
    }

    #[test]
    fn what_is_said_is_held_against_what_came() {
        let said: Vec<Said> = (0..1000).map(|at| Said { customer: at, probability: 0.25, happened: at % 4 == 0 }).collect();
        let found = Assessment::of(&said);
        assert_eq!((found.windows, found.conversions, found.brier, found.brier_skill), (1000, 250, 0.1875, 0.0));
        // One probability for everybody has no slope.
        assert_eq!((found.slope, found.bins.len()), (None, 1));
        let sure: Vec<Said> = said.iter().map(|said| Said { probability: if said.happened { 0.9 } else { 0.1 }, ..*said }).collect();
        assert!((Assessment::of(&sure).brier - 0.01).abs() < 1e-12);
        assert_eq!(Assessment::of(&[]).windows, 0);
    }
}
