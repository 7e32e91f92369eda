//! The simpler models at the edges of the BG/BB.

use crate::fit_status::{Drift, Edge, Limit};
use crate::insight::lifetime::fit::Candidate;
use crate::insight::lifetime::fit::derivatives::parameters;
use crate::insight::lifetime::fit::restricted::{FAR, Restricted};

use super::objective::Likelihood;

/// How a probability varies over customers: the beta distribution and its edges.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Beta,
    /// One for all: both parameters at infinity.
    One,
    /// 1 for a share, 0 for the others: both parameters at 0.
    AllOrNone,
    /// 0 for all: the first parameter at 0.
    Zero,
}

/// Each limit model that has an interior maximum.
pub(crate) fn candidates(objective: &Likelihood<'_>) -> Vec<Candidate> {
    let forms = |believed, forms: &'static [Form]| if believed { &[Form::Beta][..] } else { forms };
    let purchases = forms(objective.prior.purchase.is_some(), &[Form::Beta, Form::One, Form::AllOrNone]);
    let dropouts = forms(objective.prior.dropout.is_some(), &[Form::Beta, Form::One, Form::AllOrNone, Form::Zero]);
    let pairs = purchases.iter().flat_map(|purchase| dropouts.iter().map(move |dropout| (*purchase, *dropout)));
    pairs
        .filter(|pair| *pair != (Form::Beta, Form::Beta))
        .filter_map(|(purchase, dropout)| candidate(objective, purchase, dropout))
        .collect()
}

fn candidate(objective: &Likelihood<'_>, purchase: Form, dropout: Form) -> Option<Candidate> {
    let far = libm::log(FAR);
    let (value, point) = super::starts().into_iter().find_map(|start| {
        let [alpha, beta, gamma, delta] = <[f64; 4]>::try_from(start).ok()?;
        let (mut held, mut free) = (Vec::new(), Vec::new());
        for (form, yes, no) in [(purchase, alpha, beta), (dropout, gamma, delta)] {
            match form {
                Form::Beta => {
                    held.extend([None, None]);
                    free.extend([yes, no]);
                }
                Form::One | Form::AllOrNone => {
                    let place = if form == Form::One { far } else { -far };
                    held.extend([None, Some(place)]);
                    free.push(yes - no + place);
                }
                // e^-690 is near the least double: the parameter adds nothing to any sum.
                Form::Zero => held.extend([Some(-690.0), Some(0.0)]),
            }
        }
        let maximum = Restricted { full: objective, held: held.clone() }.interior(&free)?;
        let mut at = maximum.at.iter().copied();
        let point: Vec<f64> = held.into_iter().map(|held| held.or_else(|| at.next()).unwrap_or(f64::NAN)).collect();
        Some((maximum.evaluation.value, point))
    })?;
    let [alpha, beta, gamma, delta] = parameters(&point);
    let (mut says, mut drift, mut params) = (Vec::new(), Vec::new(), Vec::new());
    let mut describe = |form, yes: (&str, f64), no: (&str, f64), probability: &str, words: [&'static str; 3]| {
        let share = (probability.to_owned(), yes.1 / (yes.1 + no.1));
        let to = |name: &str, towards| Drift { name: name.to_owned(), towards };
        let [one, all_or_none, zero] = words;
        match form {
            Form::Beta => params.extend([(yes.0.to_owned(), yes.1), (no.0.to_owned(), no.1)]),
            Form::One => {
                says.push(one);
                drift.extend([to(yes.0, Edge::Infinity), to(no.0, Edge::Infinity)]);
                params.push(share);
            }
            Form::AllOrNone => {
                says.push(all_or_none);
                drift.extend([to(yes.0, Edge::Zero), to(no.0, Edge::Zero)]);
                params.push(share);
            }
            Form::Zero => {
                says.push(zero);
                drift.push(to(yes.0, Edge::Zero));
            }
        }
    };
    let buying = ["all buy with one probability", "a share buys at every opportunity and the others never", ""];
    describe(purchase, ("alpha", alpha), ("beta", beta), "p", buying);
    let leaving = ["all drop out with one probability", "a share drops out at once and the others never", "nobody drops out"];
    describe(dropout, ("gamma", gamma), ("delta", delta), "theta", leaving);
    let limit = Limit {
        model: format!("bg_bb/{}_purchase/{}_dropout", purchase.name(), dropout.name()),
        says: says.join(" and "),
        params,
        log_likelihood: value - objective.log_prior(&point),
    };
    Some(Candidate { drift, limit, value })
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Beta => "beta",
            Self::One => "one",
            Self::AllOrNone => "all_or_none",
            Self::Zero => "no",
        }
    }
}
