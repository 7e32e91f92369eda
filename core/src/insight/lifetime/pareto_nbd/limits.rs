//! The simpler models at the edges of the Pareto/NBD.

use crate::fit_status::{Drift, Edge, Limit};
use crate::insight::lifetime::beta_geometric::{Dropout as Chance, Rate, timeless_limits};
use crate::insight::lifetime::fit::Candidate;
use crate::insight::lifetime::fit::derivatives::parameters;
use crate::insight::lifetime::fit::restricted::{FAR, Restricted};

use super::objective::Likelihood;

/// The rate of buying, or that of dropping out, is distributed or one for all.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Gamma,
    One,
}

/// Each limit model that has an interior maximum.
pub(crate) fn candidates(objective: &Likelihood<'_>) -> Vec<Candidate> {
    let rates: &[Form] = if objective.prior.rate.is_some() { &[Form::Gamma] } else { &[Form::Gamma, Form::One] };
    let dropouts: &[Form] = if objective.prior.dropout.is_some() { &[Form::Gamma] } else { &[Form::Gamma, Form::One] };
    let pairs = rates.iter().flat_map(|rate| dropouts.iter().map(move |dropout| (*rate, *dropout)));
    let mut found: Vec<Candidate> = pairs
        .filter(|pair| *pair != (Form::Gamma, Form::Gamma))
        .filter_map(|(rate, dropout)| candidate(objective, rate, dropout))
        .collect();
    if objective.prior.rate.is_none() && objective.prior.dropout.is_none() {
        found.extend(timeless_limits("pareto_nbd", objective.data).into_iter().map(|(rate, dropout, candidate)| {
            let mut drift = rate_drift(if matches!(rate, Rate::One { .. }) { Form::One } else { Form::Gamma });
            drift.push(drift_to("s", Edge::Zero));
            if matches!(dropout, Chance::FirstOrNever { .. }) {
                drift.push(drift_to("beta", Edge::Zero));
            }
            Candidate { drift, ..candidate }
        }));
    }
    found
}

/// The maximum where one rate, or both, are the same for all: shape and rate of its gamma distribution are far out, at a finite quotient.
fn candidate(objective: &Likelihood<'_>, rate: Form, dropout: Form) -> Option<Candidate> {
    let far = libm::log(FAR * super::mean_age(objective.data));
    let found = super::starts(objective.data).into_iter().find_map(|start| {
        let [r, alpha, s, beta] = <[f64; 4]>::try_from(start).ok()?;
        let (mut held, mut free) = (Vec::new(), Vec::new());
        for (form, shape, scale) in [(rate, r, alpha), (dropout, s, beta)] {
            match form {
                Form::Gamma => {
                    held.extend([None, None]);
                    free.extend([shape, scale]);
                }
                Form::One => {
                    held.extend([None, Some(far)]);
                    free.push(shape - scale + far);
                }
            }
        }
        let maximum = Restricted { full: objective, held: held.clone() }.interior(&free)?;
        let mut at = maximum.at.iter().copied();
        let point: Vec<f64> = held.into_iter().map(|held| held.or_else(|| at.next()).unwrap_or(f64::NAN)).collect();
        Some((maximum.evaluation.value, point))
    });
    let (value, point) = found?;
    let [r, alpha, s, beta] = parameters(&point);
    let (mut params, mut says) = (Vec::new(), Vec::new());
    match rate {
        Form::Gamma => params.extend([("r", r), ("alpha", alpha)]),
        Form::One => {
            params.push(("rate", r / alpha));
            says.push("all buy at one rate");
        }
    }
    let mut drift = rate_drift(rate);
    match dropout {
        Form::Gamma => params.extend([("s", s), ("beta", beta)]),
        Form::One => {
            params.push(("dropout_rate", s / beta));
            says.push("all drop out at one rate");
            drift.extend([drift_to("s", Edge::Infinity), drift_to("beta", Edge::Infinity)]);
        }
    }
    let name = |form, one, gamma| if form == Form::One { one } else { gamma };
    let limit = Limit {
        model: format!("pareto_nbd/{}/{}", name(rate, "one_rate", "gamma_rate"), name(dropout, "one_dropout", "gamma_dropout")),
        says: says.join(" and "),
        params: params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        log_likelihood: value - objective.log_prior(&point),
    };
    Some(Candidate { drift, limit, value })
}

fn rate_drift(rate: Form) -> Vec<Drift> {
    match rate {
        Form::Gamma => Vec::new(),
        Form::One => vec![drift_to("r", Edge::Infinity), drift_to("alpha", Edge::Infinity)],
    }
}

fn drift_to(name: &str, towards: Edge) -> Drift {
    Drift { name: name.to_owned(), towards }
}
