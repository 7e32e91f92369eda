//! Covariates: known coefficients come back from simulated customers, and a customer's covariates reach the predictions.

use wayfare::ErrorKind;
use wayfare::lifetime::{
    BgNbd, BgNbdParams, CovariateModel, FittedModel, Measure, Params, ParetoNbd, ParetoNbdParams, Period, Summary, WithCovariates,
};
use wayfare_tests::lifetime::{Behaviour, Dice, each};

const COUNT: usize = 6000;

fn named(names: &[(&str, f64)]) -> Vec<(String, f64)> {
    names.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

fn gender(customer: usize) -> f64 {
    (customer % 2) as f64
}

/// A covariate far from 0 and on a large scale, as an income is.
fn income(customer: usize) -> f64 {
    40_000.0 + 10_000.0 * Dice::new(customer as u64).uniform()
}

fn simulated<M: CovariateModel>(truth: &[(String, f64)], seed: u64) -> Summary
where
    M::Params: Behaviour,
{
    let model = WithCovariates::<M>::from_params(truth).expect("parameters");
    each(COUNT, 26.0, 78.0, seed, |customer, age, dice| {
        let own = model.for_customer(&named(&[("gender", gender(customer)), ("income", income(customer))])).expect("covariates");
        own.params().purchases(age, dice)
    })
    .and_then(|summary| summary.with_covariate("gender", (0..COUNT).map(gender).collect()))
    .and_then(|summary| summary.with_covariate("income", (0..COUNT).map(income).collect()))
    .expect("a summary")
}

/// Every estimate lies within so many of its own standard errors of the truth, and the errors are of use.
fn come_back<M: CovariateModel>(truth: &[(String, f64)], seed: u64)
where
    M::Params: Behaviour,
{
    let summary = simulated::<M>(truth, seed);
    let model = WithCovariates::<M>::new(["gender"], ["gender", "income"]);
    let fitted = model.fit(&summary).expect("a fit");
    let errors = fitted.standard_errors().expect("errors").named();
    for ((name, value), ((_, error), (known, expected))) in fitted.params().named().iter().zip(errors.iter().zip(truth)) {
        assert_eq!(name, known);
        assert!((value - expected).abs() < 3.5 * error, "{name}: {value} ± {error} for {expected}");
    }
    let (_, error) = errors.iter().find(|(name, _)| name == "trans.gender").expect("its error");
    assert!(*error < 0.1, "{error}");
    // The information of the covariates shows in the likelihood.
    let without = M::WITH_COVARIATES.trim_end_matches("_covariates");
    let without = FittedModel::fit(without, &summary, &serde_json::Value::Null).expect("a fit without");
    assert!(fitted.log_likelihood().expect("one") > without.log_likelihood().expect("one") + 50.0);
}

#[test]
fn pareto_nbd_coefficients_come_back() {
    let truth =
        [("r", 0.9), ("alpha", 60.0), ("s", 1.2), ("beta", 25.0), ("life.gender", -0.6), ("trans.gender", 0.5), ("trans.income", 5e-5)];
    come_back::<ParetoNbd>(&named(&truth), 11);
}

#[test]
fn bg_nbd_coefficients_come_back() {
    let truth = [("r", 0.9), ("alpha", 60.0), ("a", 0.8), ("b", 2.0), ("life.gender", 0.7), ("trans.gender", 0.5), ("trans.income", 5e-5)];
    come_back::<BgNbd>(&named(&truth), 12);
}

#[test]
fn predictions_use_the_customers_covariates() {
    let truth = named(&[("r", 0.9), ("alpha", 10.0), ("s", 1.2), ("beta", 25.0), ("life.gender", -0.6), ("trans.gender", 0.5)]);
    let model = WithCovariates::<ParetoNbd>::from_params(&truth).expect("parameters");
    let summary = Summary::new(vec![2, 2], vec![20.0, 20.0], vec![30.0, 30.0], Period::WEEK).expect("a summary");
    let year = Measure::ConditionalExpectedTransactions { periods: 52.0 };
    let error = model.predict(&summary, year).expect_err("no covariate");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("`gender` is missing"), "{error}");

    let summary = summary.with_covariate("gender", vec![0.0, 1.0]).expect("a covariate");
    let found = model.predict(&summary, year).expect("predictions");
    let row = summary.get(0).expect("a row");
    let own = |alpha: f64, beta: f64| {
        let own = ParetoNbd::from_params(ParetoNbdParams { r: 0.9, alpha, s: 1.2, beta }).expect("parameters");
        own.conditional_expected_transactions(&row, 52.0)
    };
    let expected = [own(10.0, 25.0), own(10.0 * (-0.5_f64).exp(), 25.0 * 0.6_f64.exp())];
    for (found, expected) in found.iter().zip(expected) {
        assert!((found / expected - 1.0).abs() < 1e-14, "{found} {expected}");
    }
}

#[test]
fn a_penalty_draws_coefficients_to_zero_and_a_document_keeps_the_fit() {
    let truth = [("r", 0.9), ("alpha", 10.0), ("a", 0.8), ("b", 2.0), ("life.gender", 0.3), ("trans.gender", 0.5)];
    let summary = simulated::<BgNbd>(&named(&truth), 13);
    let names = ["gender".to_owned()];
    let fit = |penalty| FittedModel::fit_with_covariates("bg_nbd", &summary, &names, &names, penalty).expect("a fit");
    let (free, drawn) = (fit([0.0, 0.0]), fit([1e6, 1e6]));
    let of = |model: &FittedModel| model.params().into_iter().find(|(name, _)| name == "trans.gender").expect("it").1;
    assert!(of(&free) > 0.3 && of(&drawn).abs() < 1e-2, "{} {}", of(&free), of(&drawn));
    assert!(drawn.log_likelihood() < free.log_likelihood());

    let document = serde_json::to_string(&free).expect("a document");
    let read: FittedModel = serde_json::from_str(&document).expect("the same model");
    assert_eq!(read, free);
}

#[test]
fn covariates_that_tell_nothing_are_named() {
    let summary = Summary::new(vec![2, 1, 0, 4], vec![20.0, 3.0, 0.0, 9.0], vec![30.0; 4], Period::WEEK)
        .and_then(|summary| summary.with_covariate("store", vec![3.0; 4]))
        .expect("a summary");
    let refused = |life: &[&str], trans: &[&str]| {
        let model = WithCovariates::<BgNbd>::new(life.iter().copied(), trans.iter().copied());
        model.fit(&summary).expect_err("refused").to_string()
    };
    assert!(refused(&["store"], &[]).contains("`store` is the same for every customer"));
    assert!(refused(&["shop"], &[]).contains("`shop` is missing"));
    assert!(refused(&["store", "store"], &[]).contains("`store` is given twice"));
}

/// Two covariates that say the same cannot be told apart: the fit says so, and gives no number.
#[test]
fn covariates_that_say_the_same_are_a_ridge() {
    let truth = [("r", 0.9), ("alpha", 10.0), ("a", 0.8), ("b", 2.0), ("trans.gender", 0.5)];
    let summary = simulated::<BgNbd>(&named(&truth), 14);
    let twin: Vec<f64> = (0..COUNT).map(|customer| 1.0 - gender(customer)).collect();
    let summary = summary.with_covariate("twin", twin).expect("a covariate");
    let error = WithCovariates::<BgNbd>::new(Vec::<String>::new(), ["gender", "twin"]).fit(&summary).expect_err("a ridge");
    assert_eq!(error.fit_status().map(|status| status.code()), Some("ridge"));
    assert!(error.to_string().contains("`trans.gender`, `trans.twin`"), "{error}");
}

#[test]
fn parameters_without_a_place_are_refused() {
    let model = BgNbdParams { r: 0.2, alpha: 4.0, a: 0.8, b: 2.4 };
    let mut given = model.named();
    given.push(("lives.gender".to_owned(), 0.3));
    let error = WithCovariates::<BgNbd>::from_params(&given).expect_err("an unknown name");
    assert!(error.to_string().contains("`lives.gender`"), "{error}");
}
