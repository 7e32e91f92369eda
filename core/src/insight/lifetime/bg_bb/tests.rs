use super::*;
use crate::insight::lifetime::{Belief, Params, Period};
use crate::lifetime::FitStatus;

/// Purchases, the last one's year, donors: Fader, Hardie, Shang 2010, table 1 (`donationsSummary$rf.matrix` of the R package BTYD); six years each.
const DONATIONS: [(u32, f64, f64); 22] = [
    (6, 6.0, 1203.0),
    (5, 6.0, 728.0),
    (4, 6.0, 512.0),
    (3, 6.0, 357.0),
    (2, 6.0, 234.0),
    (1, 6.0, 129.0),
    (5, 5.0, 335.0),
    (4, 5.0, 284.0),
    (3, 5.0, 225.0),
    (2, 5.0, 173.0),
    (1, 5.0, 119.0),
    (4, 4.0, 240.0),
    (3, 4.0, 181.0),
    (2, 4.0, 155.0),
    (1, 4.0, 78.0),
    (3, 3.0, 322.0),
    (2, 3.0, 255.0),
    (1, 3.0, 129.0),
    (2, 2.0, 613.0),
    (1, 2.0, 277.0),
    (1, 1.0, 1091.0),
    (0, 0.0, 3464.0),
];

fn summary(rows: &[(u32, f64, f64)]) -> Summary {
    let column = |of: fn(&(u32, f64, f64)) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    Summary::new(rows.iter().map(|row| row.0).collect(), column(|row| row.1), vec![6.0; rows.len()], Period::WEEK)
        .and_then(|summary| summary.with_weights(column(|row| row.2)))
        .unwrap()
}

// Expected: the maximum in arithmetic of 40 digits. The published one (1.204, .750, .657, 2.783; -33225.6) is its rounding.
#[test]
fn donations_are_fitted_to_many_digits() {
    let fitted = BgBb::new().fit(&summary(&DONATIONS)).unwrap();
    let estimates = [1.203_522_351_601_91, 0.749_716_358_172_939, 0.656_718_208_441_832, 2.783_442_232_577_38];
    let errors = [0.069_391_362_39, 0.029_447_716_66, 0.051_009_859, 0.320_819_003];
    for (found, expected) in fitted.params().values().iter().zip(estimates) {
        assert!((found / expected - 1.0).abs() < 1e-10, "{found} {expected}");
    }
    for (found, expected) in fitted.standard_errors().unwrap().values().iter().zip(errors) {
        assert!((found / expected - 1.0).abs() < 1e-8, "{found} {expected}");
    }
    assert!((fitted.log_likelihood().unwrap() + 33_225.581_274_347).abs() < 1e-8);
}

#[test]
fn derivatives_are_those_of_differences() {
    const STEP: f64 = 1e-4;
    for centre in [[1.2, 0.75, 0.66, 2.8], [0.01, 30.0, 5.0, 0.1], [400.0, 90.0, 1e-3, 2.0]] {
        let of = |point: [f64; 4], history: History| {
            let [alpha, beta, gamma, delta] = point;
            Factors::new(&BgBbParams { alpha, beta, gamma, delta }, history.n).derivatives(history)
        };
        for (x, t_x, n) in [(0, 0, 6), (3, 4, 6), (6, 6, 6), (1, 1, 40), (0, 0, 0), (0, 0, 1)] {
            let history = History { x, t_x, n };
            let here = of(centre, history);
            for entry in 0..4 {
                let moved = |by: f64| {
                    let mut point = centre;
                    point[entry] *= libm::exp(by);
                    of(point, history)
                };
                let (one, two) = ((moved(STEP), moved(-STEP)), (moved(2.0 * STEP), moved(-2.0 * STEP)));
                let differ = |value: &dyn Fn(&crate::insight::lifetime::fit::derivatives::Derivatives) -> f64| {
                    (8.0 * (value(&one.0) - value(&one.1)) - (value(&two.0) - value(&two.1))) / (12.0 * STEP)
                };
                let scale = 1.0 + here.value.abs();
                assert!((differ(&|found| found.value) - here.gradient[entry]).abs() < 1e-10 * scale, "{history:?} gradient {entry}");
                for other in 0..4 {
                    let bend = here.hessian[entry][other];
                    assert!((differ(&|found| found.gradient[other]) - bend).abs() < 1e-9 * scale, "{history:?} Hessian {entry} {other}");
                }
            }
        }
    }
}

// Expected: the hypergeometric form of the paper with mpmath 1.3 at 30 digits.
#[test]
fn residual_transactions_are_those_of_the_hypergeometric_form() {
    let params = BgBbParams { alpha: 1.204, beta: 0.75, gamma: 0.657, delta: 2.783 };
    let row = Purchases { frequency: 3, recency: 4.0, age: 6.0, monetary_value: 0.0 };
    for (discount, expected, tolerance) in
        [(0.1, 1.628_660_773_060_823_8, 1e-14), (0.0027, 14.300_169_511_200_973, 1e-13), (1e-5, 132.224_962_519_392_56, 1e-11)]
    {
        let found = params.discounted_expected_residual_transactions(&row, discount);
        assert!((found / expected - 1.0).abs() < tolerance, "{discount}: {found} {expected}");
    }
}

#[test]
fn a_table_is_answered_as_its_rows_are() -> Result<()> {
    let params = BgBbParams { alpha: 1.204, beta: 0.75, gamma: 0.657, delta: 2.783 };
    let summary = Summary::new(vec![3, 0, 3, 1], vec![4.0, 0.0, 4.0, 1.0], vec![6.0, 6.0, 6.0, 2.0], Period::WEEK)?;
    for measure in [
        Measure::ProbabilityAlive,
        Measure::ConditionalExpectedTransactions { periods: 5.0 },
        Measure::ExpectedTransactions { periods: 5.0 },
        Measure::DiscountedExpectedResidualTransactions { discount_rate: 0.1 },
        Measure::LogLikelihood,
    ] {
        let table = BgBb::from_params(params)?.predict(&summary, measure)?;
        for (found, row) in table.iter().zip(summary.iter()) {
            assert_eq!(found.to_bits(), params.evaluate(measure, &row).to_bits(), "{measure:?}");
        }
    }
    Ok(())
}

#[test]
fn a_row_that_is_no_history_of_opportunities_is_named() {
    let refused = |frequency: u32, recency: f64, age: f64| {
        let summary = Summary::new(vec![0, frequency], vec![0.0, recency], vec![6.0, age], Period::WEEK).unwrap();
        BgBb::new().fit(&summary).unwrap_err().to_string()
    };
    assert!(refused(3, 4.0, 6.5).contains("row 1, column `age`: must be a whole number of opportunities"));
    assert!(refused(3, 2.0, 6.0).contains("row 1, column `frequency`: is greater than `recency`"));
    assert!(refused(1, 0.5, 6.0).contains("row 1, column `recency`: must be a whole number"));
}

#[test]
fn edges_are_named_with_the_model_that_waits_there() {
    let status = |rows: &[(u32, f64, f64)]| {
        let error = BgBb::new().fit(&summary(rows)).unwrap_err();
        (error.fit_status().cloned().unwrap(), error)
    };
    // Purchases up to the end, of all frequencies: nobody leaves.
    let (stay, error) = status(&[(1, 6.0, 30.0), (2, 6.0, 50.0), (4, 6.0, 60.0), (5, 6.0, 50.0), (6, 6.0, 40.0)]);
    let FitStatus::Boundary { parameters, limit } = stay else { panic!("{error}") };
    assert_eq!(parameters.iter().map(|drift| drift.name.as_str()).collect::<Vec<_>>(), ["gamma"]);
    assert_eq!(limit.model, "bg_bb/beta_purchase/no_dropout");
    let (nothing, _) = status(&[(0, 0.0, 30.0)]);
    assert_eq!(nothing.code(), "too_little_data");

    let believed = DropoutPrior { mean: Belief { median: 0.1, spread: 1.0 }, concentration: Belief { median: 2.0, spread: 1.0 } };
    let prior = BgBbPrior { purchase: None, dropout: Some(believed) };
    let rows = [(1, 6.0, 30.0), (2, 6.0, 50.0), (4, 6.0, 60.0), (5, 6.0, 50.0), (6, 6.0, 40.0)];
    assert!(BgBb::new().with_prior(prior).fit(&summary(&rows)).is_ok());
}
