//! The numbers are those of `docs` and the vectors; here: derivatives, edges, and what the fit says of them.

use super::*;
use crate::insight::lifetime::fit::derivatives::Derivatives;
use crate::insight::lifetime::fit::newton::Objective as _;
use crate::insight::lifetime::{Belief, Period};
use crate::lifetime::FitStatus;

fn histories() -> [Purchases; 7] {
    [(0, 0.0, 30.0), (0, 0.0, 0.3), (3, 10.0, 35.0), (26, 20.0, 31.0), (2, 30.0, 30.0), (400, 9.0, 30.0), (1, 1e-3, 38.0)]
        .map(|(frequency, recency, age)| Purchases { frequency, recency, age, monetary_value: 0.0 })
}

fn at(point: [f64; 4]) -> ParetoNbdParams {
    let [r, alpha, s, beta] = point.map(libm::exp);
    ParetoNbdParams { r, alpha, s, beta }
}

#[test]
fn derivatives_are_those_of_differences() {
    const STEP: f64 = 1e-4;
    for centre in [[0.55, 10.5, 0.6, 11.6], [0.2, 0.1, 3.0, 40.0], [4.0, 300.0, 0.05, 0.2], [1.0, 7.0, 90.0, 900.0]] {
        let centre = centre.map(libm::log);
        for row in histories() {
            let of = |point| derivatives(&at(point), f64::from(row.frequency), row.recency, row.age);
            let here = of(centre);
            for (entry, slope) in here.gradient.iter().enumerate() {
                let moved = |by: f64| {
                    let mut point = centre;
                    point[entry] += by;
                    of(point)
                };
                // Five points: the error is of the fourth power of the step.
                let (one, two) = ((moved(STEP), moved(-STEP)), (moved(2.0 * STEP), moved(-2.0 * STEP)));
                let differ = |value: &dyn Fn(&Derivatives) -> f64| {
                    (8.0 * (value(&one.0) - value(&one.1)) - (value(&two.0) - value(&two.1))) / (12.0 * STEP)
                };
                let scale = 1.0 + here.value.abs();
                assert!((differ(&|found| found.value) - slope).abs() < 1e-10 * scale, "{row:?} gradient {entry}");
                for other in 0..4 {
                    let bend = here.hessian[entry][other];
                    assert!((differ(&|found| found.gradient[other]) - bend).abs() < 1e-9 * scale, "{row:?} Hessian {entry} {other}");
                }
            }
        }
    }
}

#[test]
fn the_fit_and_the_prediction_see_one_likelihood() {
    let params = ParetoNbdParams { r: 0.55, alpha: 10.5, s: 0.6, beta: 11.6 };
    for row in histories() {
        let fit = derivatives(&params, f64::from(row.frequency), row.recency, row.age).value
            + crate::insight::lifetime::special::ln_rising(params.r, row.frequency);
        assert!((fit - params.log_likelihood(&row)).abs() < 1e-12 * (1.0 + fit.abs()), "{row:?}");
    }
}

fn summary(rows: &[(u32, f64, f64, f64)]) -> Summary {
    let column = |of: fn(&(u32, f64, f64, f64)) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    Summary::new(rows.iter().map(|row| row.0).collect(), column(|row| row.1), column(|row| row.2), Period::WEEK)
        .and_then(|summary| summary.with_weights(column(|row| row.3)))
        .unwrap()
}

/// Everybody bought just before the end, and more or less often: nobody dropped out.
fn nobody_leaves() -> Summary {
    summary(&[(1, 29.0, 30.0, 40.0), (2, 29.5, 30.0, 30.0), (4, 29.9, 30.0, 20.0), (9, 29.8, 30.0, 9.0), (20, 29.9, 30.0, 3.0)])
}

#[test]
fn where_nobody_drops_out_the_limit_is_nbd() {
    let error = ParetoNbd::new().fit(&nobody_leaves()).unwrap_err();
    let Some(FitStatus::Boundary { parameters, limit }) = error.fit_status() else { panic!("{error}") };
    assert_eq!(parameters.iter().map(|drift| drift.name.as_str()).collect::<Vec<_>>(), ["s"]);
    assert_eq!(limit.model, "nbd");
    let nbd = crate::insight::lifetime::Nbd::new().fit(&nobody_leaves()).unwrap();
    for ((name, value), (_, expected)) in limit.params.iter().zip(crate::insight::lifetime::Params::named(nbd.params())) {
        assert!((value / expected - 1.0).abs() < 1e-7, "{name} {value} {expected}");
    }
}

#[test]
fn a_prior_gives_an_answer_where_the_data_alone_have_none() {
    let belief = |median, spread| Belief { median, spread };
    let prior = ParetoNbdPrior { rate: None, dropout: Some(RatePrior { mean: belief(0.02, 1.0), concentration: belief(1.0, 1.0) }) };
    let fitted = ParetoNbd::new().with_prior(prior).fit(&nobody_leaves()).unwrap();
    assert!(fitted.params().s / fitted.params().beta < 0.02);
    assert!(fitted.log_posterior() < fitted.log_likelihood());
}

#[test]
fn one_rate_for_all_is_found_as_a_limit() {
    // The frequencies of a Poisson distribution of mean 3 that go on to the end: one rate, and no dropout.
    let poisson = [(1_u32, 149.0), (2, 224.0), (3, 224.0), (4, 168.0), (5, 101.0), (6, 50.0)];
    let mut rows: Vec<(u32, f64, f64, f64)> =
        poisson.iter().map(|(x, weight)| (*x, 30.0 * f64::from(*x) / (f64::from(*x) + 0.2), 30.0, *weight)).collect();
    rows.push((0, 0.0, 30.0, 50.0));
    let error = ParetoNbd::new().fit(&summary(&rows)).unwrap_err();
    let Some(FitStatus::Boundary { parameters, limit }) = error.fit_status() else { panic!("{error}") };
    assert!(parameters.iter().any(|drift| drift.name == "r"), "{error}");
    assert!(limit.params.iter().any(|(name, value)| name == "rate" && (0.08..0.12).contains(value)), "{error}");
}

#[test]
fn too_little_is_said_to_be() {
    let code = |rows: &[(u32, f64, f64, f64)]| ParetoNbd::new().fit(&summary(rows)).unwrap_err().fit_status().map(FitStatus::code);
    assert_eq!(code(&[(0, 0.0, 30.0, 5.0)]), Some("too_little_data"));
    assert_eq!(code(&[]), Some("too_little_data"));
    assert_eq!(code(&[(0, 0.0, 0.0, 5.0)]), Some("too_little_data"));
}

/// The work at one point does not depend on where the point is: a few panels of 24 nodes at most, whatever the parameters.
#[test]
fn no_parameters_make_a_likelihood_slow_or_nan() {
    let powers = [-9.0, -3.0, 0.0, 3.0, 9.0].map(|power| power * std::f64::consts::LN_10);
    let data = Grouped::new(&summary(&[(0, 0.0, 38.0, 1.0), (2, 1.0, 38.0, 1.0), (2000, 38.9, 39.0, 1.0)]), 1, 1);
    let objective = Likelihood { data: &data, prior: ParetoNbdPrior::default() };
    for r in powers {
        for alpha in powers {
            for s in powers {
                for beta in powers {
                    let found = objective.evaluate(&[r, alpha, s, beta]);
                    assert!(found.value.is_finite() && found.hessian.is_finite(), "{r} {alpha} {s} {beta}");
                }
            }
        }
    }
}
