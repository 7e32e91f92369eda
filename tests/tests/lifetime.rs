//! The data on which others fail, and what holds of every prediction.

use wayfare::ErrorKind;
use wayfare::lifetime::{
    Belief, BgNbd, BgNbdParams, DropoutPrior, FitStatus, Fitted, FittedModel, GammaGamma, Horizon, IntervalMethod, MbgNbd, Measure, Nbd,
    NbdParams, Params, Period, Prior, Purchases, RatePrior, Summary, Transactions,
};
use wayfare_tests::lifetime::{Dice, customers, spenders};

const CDNOW: BgNbdParams = BgNbdParams { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };

/// Customers who buy at gamma distributed rates (at one rate without a shape) and drop out as told.
fn shoppers(count: usize, (shape, rate): (Option<f64>, f64), mut dropout: impl FnMut(&mut Dice) -> f64, seed: u64) -> Summary {
    let mut dice = Dice::new(seed);
    let (mut frequency, mut recency, mut ages) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let age = 27.0 + 12.0 * dice.uniform();
        let speed = shape.map_or(rate, |shape| dice.gamma(shape, shape / rate));
        let leaves = dropout(&mut dice);
        let (mut x, mut last) = (0, 0.0);
        loop {
            let next = last + dice.exponential(speed);
            if next > age {
                break;
            }
            (x, last) = (x + 1, next);
            if dice.uniform() < leaves {
                break;
            }
        }
        frequency.push(x);
        recency.push(last);
        ages.push(age);
    }
    Summary::new(frequency, recency, ages, Period::WEEK).unwrap()
}

fn status(summary: &Summary) -> FitStatus {
    let error = BgNbd::new().fit(summary).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFitted);
    error.fit_status().unwrap().clone()
}

fn boundary(summary: &Summary) -> (Vec<String>, String, Vec<(String, f64)>) {
    match status(summary) {
        FitStatus::Boundary { parameters, limit } => (parameters.into_iter().map(|one| one.name).collect(), limit.model, limit.params),
        other => panic!("{other}"),
    }
}

/// `lifetimes` 0.11.3 does not converge here. The limit's estimate is that of the model without dropout.
#[test]
fn nobody_drops_out() {
    let summary = (0..20)
        .map(|seed| shoppers(500, (Some(0.5), 0.2), |_| 0.0, seed))
        .find(|summary| {
            BgNbd::new()
                .fit(summary)
                .err()
                .and_then(|error| error.fit_status().cloned())
                .is_some_and(|status| status.to_string().contains("`nbd`"))
        })
        .expect("in about half the samples the best share of dropouts is 0");
    let (drifting, limit, params) = boundary(&summary);
    assert_eq!((drifting, limit.as_str()), (vec!["a".to_owned()], "nbd"));
    let nbd = Nbd::new().fit(&summary).unwrap();
    for ((name, value), (other, expected)) in params.iter().zip(nbd.params().named()) {
        assert!(*name == other && (value / expected - 1.0).abs() < 1e-7, "{name} {value} {expected}");
    }
}

/// `lifetimes` 0.11.3 does not converge here.
#[test]
fn all_drop_out_with_one_probability() {
    let summary = (0..20)
        .map(|seed| shoppers(2000, (Some(0.5), 0.2), |_| 0.2, seed))
        .find(|summary| BgNbd::new().fit(summary).is_err())
        .expect("in about half the samples customers look more alike than at random");
    let (drifting, limit, params) = boundary(&summary);
    assert_eq!(drifting, ["a", "b"]);
    assert_eq!(limit, "bg_nbd/gamma_rate/one_dropout");
    assert!((params[2].1 - 0.2).abs() < 0.05, "{params:?}");
}

#[test]
fn all_buy_at_one_rate() {
    let rate_runs_off = |summary: &Summary| match BgNbd::new().fit(summary).err().and_then(|error| error.fit_status().cloned()) {
        Some(FitStatus::Boundary { parameters, .. }) => parameters.iter().any(|one| one.name == "alpha"),
        _ => false,
    };
    let summary = (0..20)
        .map(|seed| shoppers(1000, (None, 0.1), |dice| dice.beta(0.8, 2.4), seed))
        .find(rate_runs_off)
        .expect("in about half the samples customers look more alike than at random");
    let (drifting, limit, params) = boundary(&summary);
    assert_eq!((drifting, limit.as_str()), (vec!["r".to_owned(), "alpha".to_owned()], "bg_nbd/one_rate/beta_dropout"));
    assert!((params[0].1 / 0.1 - 1.0).abs() < 0.1, "{params:?}");
}

/// `lifetimes` 0.11.3 does not converge here. The limit's rate is purchases by time until them.
#[test]
fn everybody_came_back_once() {
    let mut dice = Dice::new(9);
    let ages: Vec<f64> = (0..100).map(|_| 30.0 + 10.0 * dice.uniform()).collect();
    let recencies: Vec<f64> = ages.iter().map(|age| age * dice.uniform()).collect();
    let rate = 100.0 / recencies.iter().sum::<f64>();
    let (drifting, limit, params) = boundary(&Summary::new(vec![1; 100], recencies, ages, Period::WEEK).unwrap());
    assert_eq!(drifting, ["r", "alpha", "b"]);
    assert_eq!(limit, "bg_nbd/one_rate/first_chance");
    assert!((params[0].1 / rate - 1.0).abs() < 1e-7);
}

/// A handful of customers: there is a maximum, a limit model or a reason, and never a number that is none.
#[test]
fn few_customers_get_an_answer() {
    for count in [1, 2, 3, 5, 8, 20, 50] {
        for seed in 0..20 {
            let summary = customers(&CDNOW, count, 27.0, 39.0, seed).unwrap();
            match BgNbd::new().fit(&summary) {
                Ok(fitted) => {
                    assert!(fitted.report().unwrap().gradient_norm < 1e-6);
                    assert!(fitted.standard_errors().unwrap().values().iter().all(|error| error.is_finite() && *error > 0.0));
                }
                Err(error) => {
                    let status = error.fit_status().unwrap();
                    assert!(matches!(status, FitStatus::Boundary { .. } | FitStatus::TooLittleData { .. }), "{count} {seed}: {status}");
                }
            }
        }
    }
}

#[test]
fn nothing_to_fit_is_said() {
    let none = Summary::new(Vec::new(), Vec::new(), Vec::new(), Period::WEEK).unwrap();
    assert_eq!(status(&none), FitStatus::TooLittleData { why: "there is no customer".to_owned() });
    let never = Summary::new(vec![0; 5], vec![0.0; 5], vec![9.0; 5], Period::WEEK).unwrap();
    assert_eq!(status(&never), FitStatus::TooLittleData { why: "nobody bought a second time".to_owned() });
    let today = Summary::new(vec![0; 5], vec![0.0; 5], vec![0.0; 5], Period::WEEK).unwrap();
    assert_eq!(status(&today).code(), "too_little_data");
}

#[test]
fn a_prior_leads_small_data_to_a_maximum_and_fades() {
    let belief = |median, spread| Belief { median, spread };
    let prior = Prior {
        rate: Some(RatePrior { mean: belief(0.05, 1.0), concentration: belief(0.5, 1.0) }),
        dropout: Some(DropoutPrior { mean: belief(0.25, 1.0), concentration: belief(3.0, 1.0) }),
    };
    for seed in 0..20 {
        BgNbd::new().with_prior(prior).fit(&customers(&CDNOW, 5, 27.0, 39.0, seed).unwrap()).unwrap();
    }
    let distance = |count| {
        let summary = customers(&CDNOW, count, 27.0, 39.0, 3).unwrap();
        let (with, without) = (BgNbd::new().with_prior(prior).fit(&summary).unwrap(), BgNbd::new().fit(&summary).unwrap());
        let pairs = with.params().values().into_iter().zip(without.params().values());
        pairs.map(|(one, other)| libm::log(one / other).abs()).fold(0.0, f64::max)
    };
    let (few, many) = (distance(2_000), distance(200_000));
    assert!(many < 0.05 * few, "{few} {many}");
}

/// The unit of time is the user's affair: the same customers in days give the same shapes, and alpha in days.
#[test]
fn time_has_no_unit() {
    let weeks = customers(&CDNOW, 2000, 27.0, 39.0, 11).unwrap();
    let scaled = |by: f64| {
        let times = |column: &[f64]| column.iter().map(|time| time * by).collect::<Vec<f64>>();
        Summary::new(weeks.frequency().to_vec(), times(weeks.recency()), times(weeks.age()), Period::DAY).unwrap()
    };
    let known = BgNbd::new().fit(&weeks).unwrap();
    for by in [7.0, 6.048e11, 1e-9] {
        let fitted = BgNbd::new().fit(&scaled(by)).unwrap();
        let (one, other) = (known.params(), fitted.params());
        for (one, other) in [(one.r, other.r), (one.alpha * by, other.alpha), (one.a, other.a), (one.b, other.b)] {
            assert!((one / other - 1.0).abs() < 1e-8, "{by}: {one} {other}");
        }
    }
}

#[test]
fn a_weight_stands_for_as_many_customers() {
    let summary = customers(&CDNOW, 500, 27.0, 39.0, 5).unwrap();
    let twice = |column: &[f64]| [column, column].concat();
    let repeated =
        Summary::new([summary.frequency(), summary.frequency()].concat(), twice(summary.recency()), twice(summary.age()), Period::WEEK)
            .unwrap();
    let weighted = summary.with_weights(vec![2.0; 500]).unwrap();
    let (one, other) = (MbgNbd::new().fit(&repeated).unwrap(), MbgNbd::new().fit(&weighted).unwrap());
    for (one, other) in one.params().values().iter().zip(other.params().values()) {
        assert!((one / other - 1.0).abs() < 1e-9);
    }
    assert!((one.log_likelihood().unwrap() - other.log_likelihood().unwrap()).abs() < 1e-8);
    assert_eq!(one.bic().map(|bic| (bic * 1e6).round()), other.bic().map(|bic| (bic * 1e6).round()));
}

fn fitted() -> (Fitted<BgNbd>, Fitted<GammaGamma>, Summary) {
    let summary = customers(&CDNOW, 3000, 27.0, 39.0, 21).unwrap();
    let spend = GammaGamma::new()
        .fit(&spenders(&wayfare::lifetime::GammaGammaParams { p: 6.25, q: 3.74, gamma: 15.44 }, 3000, 22).unwrap())
        .unwrap();
    let values = summary.frequency().iter().map(|frequency| if *frequency > 0 { 20.0 } else { 0.0 }).collect();
    let fitted = BgNbd::new().fit(&summary).unwrap();
    (fitted, spend, summary.with_monetary_value(values).unwrap())
}

const MEASURES: [Measure; 5] = [
    Measure::ProbabilityAlive,
    Measure::ConditionalExpectedTransactions { periods: 52.0 },
    Measure::ExpectedTransactions { periods: 52.0 },
    Measure::DiscountedExpectedResidualTransactions { discount_rate: 0.0027 },
    Measure::LogLikelihood,
];

#[test]
fn a_table_says_what_one_by_one_is_said() {
    let (fitted, _, summary) = fitted();
    let params = fitted.params();
    for (at, measure) in MEASURES.into_iter().enumerate() {
        let table = fitted.predict(&summary, measure).unwrap();
        for (row, found) in summary.iter().zip(table) {
            let one = match at {
                0 => params.probability_alive(&row),
                1 => params.conditional_expected_transactions(&row, 52.0),
                2 => params.expected_transactions(52.0),
                3 => params.discounted_expected_residual_transactions(&row, 0.0027),
                _ => params.log_likelihood(&row),
            };
            assert_eq!(one.to_bits(), found.to_bits());
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let run = || {
        let (fitted, spend, summary) = fitted();
        let large = customers(&CDNOW, 120_000, 27.0, 39.0, 23).unwrap();
        let horizon = Horizon { days: 100.0, discount: 0.01, margin: 0.3 };
        (
            BgNbd::new().fit(&large).unwrap(),
            fitted.predict_intervals(&summary, MEASURES[1], 0.9, IntervalMethod::Draws { count: 20, seed: 1 }).unwrap(),
            fitted.customer_lifetime_value_intervals(&spend, &summary, &horizon, 0.9, IntervalMethod::Delta).unwrap(),
        )
    };
    let in_pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run);
    assert_eq!(in_pool(1), in_pool(3));
}

/// The two ways to an interval agree where the estimate is nearly normal, and an interval holds its prediction.
#[test]
fn intervals_by_gradient_and_by_draws_agree() {
    let (fitted, spend, summary) = fitted();
    let horizon = Horizon { days: 360.0, discount: 0.01, margin: 1.0 };
    let draws = IntervalMethod::Draws { count: 4000, seed: 7 };
    let first = |summary: &Summary| {
        let rows: Vec<Purchases> = summary.iter().take(40).collect();
        let column = |of: fn(&Purchases) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
        Summary::new(rows.iter().map(|row| row.frequency).collect(), column(|row| row.recency), column(|row| row.age), Period::WEEK)
            .and_then(|few| few.with_monetary_value(column(|row| row.monetary_value)))
            .unwrap()
    };
    let few = first(&summary);
    let mut pairs = vec![(
        fitted.customer_lifetime_value_intervals(&spend, &few, &horizon, 0.95, IntervalMethod::Delta).unwrap(),
        fitted.customer_lifetime_value_intervals(&spend, &few, &horizon, 0.95, draws).unwrap(),
    )];
    for measure in MEASURES.into_iter().take(4) {
        let by = |method| fitted.predict_intervals(&few, measure, 0.95, method).unwrap();
        pairs.push((by(IntervalMethod::Delta), by(draws)));
    }
    for (delta, drawn) in pairs {
        assert_eq!(delta.estimate, drawn.estimate);
        for row in 0..few.len() {
            assert!(delta.lower[row] <= delta.estimate[row] && delta.estimate[row] <= delta.upper[row]);
            let width = delta.upper[row] - delta.lower[row];
            assert!((delta.lower[row] - drawn.lower[row]).abs() <= 0.12 * width, "{} {}", delta.lower[row], drawn.lower[row]);
            assert!((delta.upper[row] - drawn.upper[row]).abs() <= 0.12 * width, "{} {}", delta.upper[row], drawn.upper[row]);
        }
    }
}

/// Where it is known by hand: of r/alpha t the logarithm is that of r less that of alpha, so the covariance in the document tells the standard error.
#[test]
fn the_standard_error_of_a_prediction_is_exact() {
    let summary = customers(&NbdParams { r: 0.5, alpha: 8.0 }, 2000, 27.0, 39.0, 31).unwrap();
    let fitted = Nbd::new().fit(&summary).unwrap();
    let row = Purchases { age: 10.0, ..Purchases::default() };
    let found = fitted.predict_interval(&row, Measure::ExpectedTransactions { periods: 10.0 }, 0.95, IntervalMethod::Delta).unwrap();
    let expected = 10.0 * fitted.params().r / fitted.params().alpha;
    assert!((found.estimate - expected).abs() < 1e-12);
    let document = serde_json::to_value(FittedModel::Nbd(fitted)).unwrap();
    let covariance = |row: usize, column: usize| document["covariance"][row][column].as_f64().unwrap();
    let error = (covariance(0, 0) - 2.0 * covariance(0, 1) + covariance(1, 1)).sqrt() * expected;
    assert!((found.standard_error / error - 1.0).abs() < 1e-9, "{} {error}", found.standard_error);
    assert!((found.lower * found.upper / (found.estimate * found.estimate) - 1.0).abs() < 1e-12);
}

#[test]
fn a_document_keeps_every_bit() {
    let (fitted, spend, _) = fitted();
    for model in [FittedModel::BgNbd(fitted), FittedModel::GammaGamma(spend), FittedModel::BgNbd(BgNbd::from_params(CDNOW).unwrap())] {
        let text = serde_json::to_string(&model).unwrap();
        assert_eq!(serde_json::from_str::<FittedModel>(&text).unwrap(), model, "{text}");
    }
    for (wrong, why) in [
        (r#"{"version": 2, "model": "nbd", "period_days": 7, "params": {"r": 1, "alpha": 2}}"#, "version 2"),
        (r#"{"version": 1, "model": "nbd", "period_days": 0, "params": {"r": 1, "alpha": 2}}"#, "a period of 0 days"),
        (r#"{"version": 1, "model": "nbd", "period_days": 7, "params": {"r": 1}}"#, "`alpha` is missing"),
        (r#"{"version": 1, "model": "nbd", "period_days": 7, "params": {"r": 1, "alpha": -2}}"#, "`alpha` is -2"),
        (r#"{"version": 1, "model": "nbd", "period_days": 7, "params": {"r": 1, "alpha": 2}, "customers": 4}"#, "all of covariance"),
    ] {
        let error = serde_json::from_str::<FittedModel>(wrong).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

/// Whole months give the sums of `lifetimes`: sum over months of discounted purchases, times spend.
#[test]
fn value_is_discounted_by_the_month() {
    let (fitted, spend, summary) = fitted();
    let horizon = Horizon { days: 90.0, discount: 0.01, margin: 0.5 };
    let found = fitted.customer_lifetime_value(&spend, &summary, &horizon).unwrap();
    for (row, found) in summary.iter().zip(found).take(50) {
        let until = |days: f64| fitted.conditional_expected_transactions(&row, days / 7.0);
        let months = [30.0, 60.0, 90.0].map(|days| (until(days) - until(days - 30.0)) / libm::pow(1.01, days / 30.0));
        let expected = 0.5 * spend.conditional_expected_spend(&row) * months.iter().sum::<f64>();
        assert!((found - expected).abs() < 1e-12 * expected);
    }
    let wrong = Horizon { days: -1.0, ..horizon };
    assert_eq!(fitted.customer_lifetime_value(&spend, &summary, &wrong).unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(fitted.predict(&summary, Measure::ConditionalExpectedSpend).unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(BgNbd::from_params(CDNOW).unwrap().confidence_intervals(0.95).unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn values_that_no_gamma_distribution_has_are_refused() {
    let summary = Summary::new(vec![1, 2], vec![1.0, 2.0], vec![3.0, 3.0], Period::WEEK).unwrap();
    assert_eq!(GammaGamma::new().fit(&summary).unwrap_err().kind(), ErrorKind::InvalidTable);
    let returned = summary.clone().with_monetary_value(vec![5.0, -1.0]).unwrap();
    let error = GammaGamma::new().fit(&returned).unwrap_err();
    assert_eq!((error.rows()[0].row, error.rows()[0].column.as_str()), (1, "monetary_value"));
    let equal = summary.with_monetary_value(vec![5.0, 5.0]).unwrap();
    assert_eq!(GammaGamma::new().fit(&equal).unwrap_err().fit_status().unwrap().code(), "too_little_data");
}
