//! Derivatives, and that the fit and the prediction see one likelihood.

use super::grouped::Grouped;
use super::objective::Likelihood;
use super::predict::Customer;
use super::*;
use crate::insight::lifetime::fit::newton::{Evaluation, Objective as _};
use crate::insight::lifetime::{Belief, DropoutPrior, Period, Prior, RatePrior, Summary};

/// With frequencies beyond the dense counts, on and off the grid of days, weighted.
fn summary() -> Summary {
    let rows = [
        (0, 0.0, 38.0, 4.0),
        (0, 0.0, 0.0, 1.0),
        (1, 1.0 / 7.0, 38.0, 2.5),
        (1, 38.0, 38.0, 1.0),
        (3, 10.0, 35.0, 3.0),
        (26, 20.0, 31.0, 1.0),
        (26, 20.0, 31.0, 0.5),
        (400, 9.0, 30.0, 0.25),
        (6000, 29.0, 30.0, 0.125),
    ];
    let column = |of: fn(&(u32, f64, f64, f64)) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    Summary::new(rows.iter().map(|row| row.0).collect(), column(|row| row.1), column(|row| row.2), Period::WEEK)
        .and_then(|summary| summary.with_weights(column(|row| row.3)))
        .unwrap()
}

const GAMMA: Rate = Rate::Gamma { r: 1.0, alpha: 1.0 };
const BETA: Dropout = Dropout::Beta { a: 1.0, b: 1.0 };

fn at(data: &Grouped, first: u32, (rate, dropout): (Rate, Dropout), prior: Prior, point: &[f64]) -> Evaluation {
    Likelihood { data, first, rate, dropout, prior }.evaluate(point)
}

fn agree_with_differences(of: impl Fn(&[f64]) -> Evaluation, centre: &[f64]) {
    const STEP: f64 = 1e-4;
    let here = of(centre);
    for entry in 0..centre.len() {
        let moved = |by: f64| {
            let mut point = centre.to_vec();
            point[entry] += by;
            of(&point)
        };
        // Five points: the error is of the fourth power of the step.
        let (one, two) = ((moved(STEP), moved(-STEP)), (moved(2.0 * STEP), moved(-2.0 * STEP)));
        let differ =
            |value: &dyn Fn(&Evaluation) -> f64| (8.0 * (value(&one.0) - value(&one.1)) - (value(&two.0) - value(&two.1))) / (12.0 * STEP);
        let scale = 1.0 + here.value.abs();
        let slope = differ(&|found| found.value);
        assert!((slope - here.gradient[entry]).abs() < 1e-10 * scale, "{centre:?} {entry}: {slope} for {}", here.gradient[entry]);
        for other in 0..centre.len() {
            let bend = differ(&|found| found.gradient[other]);
            let known = here.hessian.get(entry, other);
            assert!((bend - known).abs() < 1e-9 * scale, "{centre:?} {entry} {other}: {bend} for {known}");
        }
    }
}

const POINTS: [[f64; 4]; 5] =
    [[0.24, 4.4, 0.8, 2.4], [0.01, 0.1, 3.0, 40.0], [4.0, 300.0, 0.05, 0.2], [1.0, 7.0, 900.0, 90.0], [30.0, 1.0, 1.0, 1e-3]];

#[test]
fn derivatives_are_those_of_differences() {
    let belief = |median, spread| Belief { median, spread };
    let prior = Prior {
        rate: Some(RatePrior { mean: belief(0.1, 0.7), concentration: belief(1.0, 1.5) }),
        dropout: Some(DropoutPrior { mean: belief(0.2, 0.8), concentration: belief(3.0, 1.1) }),
    };
    for first in [0, 1] {
        let data = Grouped::new(&summary(), first, 1);
        for point in POINTS {
            for prior in [Prior::default(), prior] {
                agree_with_differences(|point| at(&data, first, (GAMMA, BETA), prior, point), &point.map(libm::log));
            }
        }
    }
}

#[test]
fn derivatives_of_the_limits_are_those_of_differences() {
    let data = Grouped::new(&summary(), 1, 1);
    for rate in [GAMMA, Rate::One { rate: 1.0 }] {
        for dropout in [BETA, Dropout::One { logit: 0.0 }, Dropout::FirstOrNever { logit: 0.0 }, Dropout::Never] {
            let centre: Vec<f64> =
                [0.3, 2.0].iter().take(rate.dimensions()).chain([-1.2, 0.4].iter().take(dropout.dimensions())).copied().collect();
            agree_with_differences(|point| at(&data, 1, (rate, dropout), Prior::default(), point), &centre);
        }
    }
}

#[test]
fn the_fit_and_the_prediction_see_one_likelihood() {
    for first in [0, 1] {
        let (summary, data) = (summary(), Grouped::new(&summary(), first, 1));
        for [r, alpha, a, b] in POINTS {
            let customer = Customer { r, alpha, a, b, first };
            let one_by_one: f64 =
                summary.iter().enumerate().map(|(row, purchases)| summary.weight(row) * customer.log_likelihood(&purchases)).sum();
            let grouped = at(&data, first, (GAMMA, BETA), Prior::default(), &[r, alpha, a, b].map(libm::log)).value;
            assert!((one_by_one - grouped).abs() < 1e-12 * grouped.abs(), "{one_by_one} {grouped}");
        }
    }
}

#[test]
fn what_is_grouped_is_what_was_given() {
    let data = Grouped::new(&summary(), 0, 1);
    assert_eq!((data.patterns.len(), data.recencies.len(), data.ages.len()), (6, 7, 5));
    assert_eq!(data.total_purchases(), 2.5 + 1.0 + 9.0 + 39.0 + 100.0 + 750.0);
    assert_eq!(data.purchases.above[..3], [8.375, 4.875, 4.875]);
    assert_eq!(data.purchases.far, [(6000, 0.125)]);
}
