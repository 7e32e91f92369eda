//! From a summary to the maximum, or to the limit model that is as good.

use crate::error::{Error, Result};
use crate::fit_status::{Drift, Edge, Limit};
use crate::insight::lifetime::fit::newton::{Stop, maximize};
use crate::insight::lifetime::fit::{Candidate, Fit, fit};
use crate::insight::lifetime::prior::Prior;
use crate::insight::lifetime::summary::Summary;

use super::grouped::Grouped;
use super::objective::Likelihood;
use super::parts::{Dropout, Rate};

/// From here on a start is sought in one customer of [`STEP`].
const MANY: usize = 100_000;
const STEP: usize = 16;
/// Below, all starts are tried and the limit models are compared with an interior maximum too: small data can have several maxima.
const FEW: usize = 1000;

const GAMMA: Rate = Rate::Gamma { r: 1.0, alpha: 1.0 };
const BETA: Dropout = Dropout::Beta { a: 1.0, b: 1.0 };

/// The maximum over r, alpha, a, b in that order; `first` is 1 if a customer may drop out at the first purchase.
pub(crate) fn fit_family(model: &str, summary: &Summary, first: u32, prior: &Prior) -> Result<(Fit, f64)> {
    Prior::check([*prior])?;
    let data = grouped(model, summary, first, prior.rate.is_some())?;
    let objective = Likelihood { data: &data, first, rate: GAMMA, dropout: BETA, prior: *prior };
    let mut starts = starts(&data);
    if summary.len() >= MANY {
        let sample = Grouped::new(summary, first, STEP);
        let objective = Likelihood { data: &sample, ..objective };
        let near = starts.first().and_then(|start| maximize(&objective, start)).filter(|near| near.stop == Stop::Converged);
        starts.splice(0..0, near.map(|near| near.at));
    }
    let names = ["r", "alpha", "a", "b"].map(str::to_owned);
    let found = fit(model, &names, &objective, &starts, summary.len() < FEW, || limits(model, &objective))?;
    let evaluated_prior = prior_at(prior, &found.at);
    Ok((found, evaluated_prior))
}

/// The maximum over r, alpha where nobody drops out, and the logarithm of the prior there. The value is that of the purchase times; see `counts`.
pub(crate) fn fit_nbd(model: &str, summary: &Summary, prior: &Prior) -> Result<(Fit, f64)> {
    Prior::check([*prior])?;
    let data = grouped(model, summary, 0, prior.rate.is_some())?;
    let objective = Likelihood { data: &data, first: 0, rate: GAMMA, dropout: Dropout::Never, prior: *prior };
    let starts: Vec<Vec<f64>> = starts(&data).into_iter().map(|start| start.into_iter().take(2).collect()).collect();
    let names = ["r", "alpha"].map(str::to_owned);
    let found = fit(model, &names, &objective, &starts, summary.len() < FEW, || {
        if prior.rate.is_some() {
            Vec::new()
        } else {
            candidate(model, &objective, rate_at_once(&data), Dropout::Never).into_iter().collect()
        }
    })?;
    let evaluated_prior = prior_at(prior, &found.at);
    Ok((found, evaluated_prior))
}

/// The data of a fit, if there is anything to fit; `first` is 1 if a customer may drop out at the first purchase.
pub(crate) fn grouped(model: &str, summary: &Summary, first: u32, rate_is_believed: bool) -> Result<Grouped> {
    let short = |why: &str| Err(Error::too_little_data(model, why));
    if summary.is_empty() {
        return short("there is no customer");
    }
    let data = Grouped::new(summary, first, 1);
    if data.total_age() <= 0.0 {
        return short("no customer was observed after the first purchase");
    }
    if data.total_purchases() <= 0.0 && !rate_is_believed {
        return short("nobody bought a second time");
    }
    Ok(data)
}

fn prior_at(prior: &Prior, at: &[f64]) -> f64 {
    let (rate, dropout) = at.split_at(2.min(at.len()));
    prior.rate_jet(GAMMA.at(rate)).value + if dropout.is_empty() { 0.0 } else { prior.dropout_jet(BETA.at(dropout)).value }
}

fn rate_at_once(data: &Grouped) -> Rate {
    Rate::One { rate: data.total_purchases().max(1e-3) / data.total_age() }
}

/// Starts by (shape of the rates, mean probability to drop out, its concentration); the mean rate is from the data, so time has no unit here.
fn starts(data: &Grouped) -> Vec<Vec<f64>> {
    let mean = data.total_purchases().max(1e-3) / data.total_age();
    [(0.5, 0.25, 4.0), (1.0, 0.1, 2.0), (0.2, 0.4, 3.0), (5.0, 0.05, 10.0), (2.0, 0.6, 1.0), (50.0, 0.2, 50.0)]
        .into_iter()
        .map(|(shape, dropout, concentration): (f64, f64, f64)| {
            // Who drops out early buys faster than purchases by time say: hence the half.
            let alpha = shape / (mean * (1.0 + 2.0 * dropout));
            [shape, alpha, dropout * concentration, (1.0 - dropout) * concentration].map(libm::log).to_vec()
        })
        .collect()
}

/// Every limit of the rates with every limit of the dropout, fitted.
fn limits(model: &str, full: &Likelihood<'_>) -> Vec<Candidate> {
    let one_rate = rate_at_once(full.data);
    let rates: Vec<Rate> = if full.prior.rate.is_some() { vec![GAMMA] } else { vec![GAMMA, one_rate] };
    let dropouts: Vec<Dropout> = if full.prior.dropout.is_some() {
        vec![BETA]
    } else {
        vec![BETA, Dropout::Never, Dropout::One { logit: -2.0 }, Dropout::FirstOrNever { logit: -2.0 }, Dropout::First]
    };
    let pairs = rates.iter().flat_map(|rate| dropouts.iter().map(move |dropout| (*rate, *dropout)));
    pairs.filter(|pair| *pair != (GAMMA, BETA)).filter_map(|(rate, dropout)| candidate(model, full, rate, dropout)).collect()
}

/// The limits of any model of rates in which time does not tell who dropped out: nobody did, or a share did at once. The data are those of customers
/// who may drop out at the first purchase.
pub(crate) fn timeless_limits(model: &str, data: &Grouped) -> Vec<(Rate, Dropout, Candidate)> {
    let full = Likelihood { data, first: 1, rate: GAMMA, dropout: BETA, prior: Prior::default() };
    let dropouts = [Dropout::Never, Dropout::FirstOrNever { logit: -2.0 }];
    let pairs = [GAMMA, rate_at_once(data)].into_iter().flat_map(|rate| dropouts.map(|dropout| (rate, dropout)));
    pairs.filter_map(|(rate, dropout)| Some((rate, dropout, candidate(model, &full, rate, dropout)?))).collect()
}

fn candidate(model: &str, full: &Likelihood<'_>, rate: Rate, dropout: Dropout) -> Option<Candidate> {
    if dropout == Dropout::First && full.data.patterns.iter().any(|pattern| pattern.frequency.saturating_add(full.first) > 1) {
        return None;
    }
    let objective = Likelihood { rate, dropout, ..*full };
    let found = starts_of(full.data, rate, dropout).into_iter().filter_map(|start| maximize(&objective, &start)).find(|found| {
        let curves_down = found.evaluation.hessian.negated().eigen().first().is_none_or(|(least, _)| *least > 1e-5);
        found.stop == Stop::Converged && curves_down
    })?;
    let value = found.evaluation.value;
    let prior = objective.prior.rate_jet(rate.at(&found.at)).value
        + objective.prior.dropout_jet(dropout.at(found.at.get(rate.dimensions()..).unwrap_or_default())).value;
    Some(Candidate { drift: drift(rate, dropout), limit: described(model, rate, dropout, &found.at, value - prior), value })
}

fn starts_of(data: &Grouped, rate: Rate, dropout: Dropout) -> Vec<Vec<f64>> {
    let rate_of = |start: &[f64]| match rate {
        Rate::Gamma { .. } => start.iter().copied().take(2).collect(),
        Rate::One { rate } => vec![libm::log(rate)],
    };
    let dropout_of = |start: &[f64]| match dropout {
        Dropout::Beta { .. } => start.iter().copied().skip(2).collect(),
        Dropout::One { .. } | Dropout::FirstOrNever { .. } => {
            vec![start.get(2).copied().unwrap_or(0.0) - start.get(3).copied().unwrap_or(0.0)]
        }
        Dropout::Never | Dropout::First => Vec::new(),
    };
    starts(data).iter().map(|start| [rate_of(start), dropout_of(start)].concat()).collect()
}

fn drift(rate: Rate, dropout: Dropout) -> Vec<Drift> {
    let drift = |name: &str, towards| Drift { name: name.to_owned(), towards };
    let mut drifts = match rate {
        Rate::Gamma { .. } => Vec::new(),
        Rate::One { .. } => vec![drift("r", Edge::Infinity), drift("alpha", Edge::Infinity)],
    };
    drifts.extend(match dropout {
        Dropout::Beta { .. } => Vec::new(),
        Dropout::One { .. } => vec![drift("a", Edge::Infinity), drift("b", Edge::Infinity)],
        Dropout::FirstOrNever { .. } => vec![drift("a", Edge::Zero), drift("b", Edge::Zero)],
        Dropout::Never => vec![drift("a", Edge::Zero)],
        Dropout::First => vec![drift("b", Edge::Zero)],
    });
    drifts
}

fn described(model: &str, rate: Rate, dropout: Dropout, at: &[f64], log_likelihood: f64) -> Limit {
    let (rate_at, dropout_at) = at.split_at(rate.dimensions().min(at.len()));
    let named = |name: &str, value: f64| (name.to_owned(), value);
    let (buying, rate_says, mut params) = match rate.at(rate_at) {
        Rate::Gamma { r, alpha } => ("gamma_rate", None, vec![named("r", r), named("alpha", alpha)]),
        Rate::One { rate } => ("one_rate", Some("all buy at one rate"), vec![named("rate", rate)]),
    };
    let share = |logit: f64| 1.0 / (1.0 + libm::exp(-logit));
    let (leaving, dropout_says) = match dropout.at(dropout_at) {
        Dropout::Beta { a, b } => {
            params.extend([named("a", a), named("b", b)]);
            ("beta_dropout", None)
        }
        Dropout::One { logit } => {
            params.push(named("p", share(logit)));
            ("one_dropout", Some("all drop out with one probability"))
        }
        Dropout::FirstOrNever { logit } => {
            params.push(named("p", share(logit)));
            ("first_chance_or_never", Some("a share drops out at the first chance and the others never"))
        }
        Dropout::Never => ("no_dropout", Some("nobody drops out")),
        Dropout::First => ("first_chance", Some("all drop out at the first chance")),
    };
    let name = match (rate, dropout) {
        (Rate::Gamma { .. }, Dropout::Never) => "nbd".to_owned(),
        (Rate::One { .. }, Dropout::Never) => "poisson".to_owned(),
        _ => format!("{model}/{buying}/{leaving}"),
    };
    let says = [rate_says, dropout_says].into_iter().flatten().collect::<Vec<_>>().join(" and ");
    Limit { model: name, says, params, log_likelihood }
}

/// The log-likelihood of the counts where that of the purchase times is known: each customer's frequency has T^x / x! orderings.
pub(crate) fn counts(summary: &Summary) -> f64 {
    let one = |(row, frequency, age): (usize, u32, f64)| {
        let x = f64::from(frequency);
        let times = if frequency == 0 { 0.0 } else { x * libm::log(age) };
        summary.weight(row) * (times - libm::lgamma(x + 1.0))
    };
    summary.frequency().iter().zip(summary.age()).enumerate().map(|(row, (frequency, age))| one((row, *frequency, *age))).sum()
}
