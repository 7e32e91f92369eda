//! What to say next.
//!
//! `decide` gives a number and nothing else: an object or a handle would cost more than the decision. What JavaScript has of a decision is that number and
//! what it asked, with which `decision_part` makes the same decision again when somebody reads more of it.

use napi::bindgen_prelude::External;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::json;
use wayfare::{Decision, ErrorKind, Inputs, Profile, Settled};

use crate::error::{Fault, guard};
use crate::profile::json;
use crate::value::{At, Fields, Pairs, instant, number, value};

/// What the host hands in: the first inputs of the journey, where they are numbers, by their place, NaN where there is none; whatever else by name.
struct Handed {
    numbers: [f64; 4],
    others: Others,
}

#[derive(Default, Deserialize)]
struct Others {
    #[serde(default)]
    inputs: Fields,
    #[serde(default)]
    context: Fields,
}

impl Handed {
    fn new(numbers: [f64; 4], others: Option<&str>) -> Result<Self, Fault> {
        let surrogate = |_| Fault::new(ErrorKind::InvalidArgument, "`inputs` or `context` has text that is not Unicode (a lone surrogate)");
        Ok(Self { numbers, others: others.map(serde_json::from_str).transpose().map_err(surrogate)?.unwrap_or_default() })
    }

    fn inputs<'a>(&'a self, journey: &'a wayfare::Journey) -> Result<Inputs<'a>, Fault> {
        let mut inputs = Inputs::new();
        for ((name, _), input) in journey.inputs().zip(self.numbers).filter(|(_, input)| !input.is_nan()) {
            inputs = inputs.set(name, number(input));
        }
        for (name, json) in &self.others.inputs {
            inputs = inputs.set(name, value(name, json)?);
        }
        for (name, json) in &self.others.context {
            inputs = inputs.context(name, value(name, json)?);
        }
        Ok(inputs)
    }
}

/// What was chosen, as one number: 0 for nothing, else one more than (its action's place x channels + its channel's place) x 3, plus 0 if it may be sent,
/// 1 if the customer is held out, 2 if it may not go yet. `lib/decision.js` reads it.
fn coded(profile: &Profile, settled: &Settled) -> u32 {
    let Some((action, channel)) = settled.place() else { return 0 };
    let state = match (settled.held_out(), settled.may_send()) {
        (true, _) => 1,
        (false, true) => 0,
        (false, false) => 2,
    };
    (1 + (action * profile.journey().channels().len() + channel) * 3 + state) as u32
}

/// What to say now.
#[napi]
pub fn decide(profile: &External<Profile>, now: At, a: f64, b: f64, c: f64, d: f64, others: Option<String>) -> napi::Result<u32> {
    guard(|| {
        let handed = Handed::new([a, b, c, d], others.as_deref())?;
        let settled = profile.decide(instant(&now)?, &handed.inputs(profile.journey())?)?.settle();
        Ok(coded(profile, &settled))
    })
}

/// The first few things to say now that may go together.
#[napi]
#[allow(clippy::too_many_arguments, reason = "an object would cost more; napi copies the function, so an expectation holds for one of two")]
pub fn decide_top(
    profile: &External<Profile>,
    now: At,
    a: f64,
    b: f64,
    c: f64,
    d: f64,
    others: Option<String>,
    top: u32,
) -> napi::Result<Vec<u32>> {
    guard(|| {
        let handed = Handed::new([a, b, c, d], others.as_deref())?;
        let decisions = profile.decide_top(instant(&now)?, &handed.inputs(profile.journey())?, top as usize)?;
        Ok(decisions.into_iter().map(|decision| coded(profile, &decision.settle())).collect())
    })
}

/// A part of the decision of that place among those that `decide` or `decide_top` gave: `choice`, `candidates`, `document` or `touchpoint` as JSON text,
/// `because`, `explain` or `svg` as it is.
#[napi]
#[allow(clippy::too_many_arguments, reason = "an object would cost more; napi copies the function, so an expectation holds for one of two")]
pub fn decision_part(
    profile: &External<Profile>,
    now: At,
    a: f64,
    b: f64,
    c: f64,
    d: f64,
    others: Option<String>,
    place: u32,
    part: String,
    outcome: Option<String>,
) -> napi::Result<String> {
    guard(|| {
        let handed = Handed::new([a, b, c, d], others.as_deref())?;
        let decisions = profile.decide_top(instant(&now)?, &handed.inputs(profile.journey())?, place as usize + 1)?;
        let decision = decisions.get(place as usize).ok_or_else(|| Fault::new(ErrorKind::InvalidArgument, "there is no such decision"))?;
        match part.as_str() {
            "choice" => Ok(choice(decision)),
            "candidates" => json(&decision.candidates()),
            "because" => Ok(decision.because()),
            "explain" => Ok(decision.explain()),
            "svg" => Ok(decision.to_svg()),
            "touchpoint" => {
                let touchpoint = decision.touchpoint(outcome.as_deref())?;
                let at = touchpoint.at().to_string();
                json(&Pairs::new([("at", at.as_str())].into_iter().chain(touchpoint.fields())))
            }
            _ => json(decision),
        }
    })
}

/// What was chosen, without the reasons.
fn choice(decision: &Decision<'_>) -> String {
    let (question, answers) = decision.question().unzip();
    let choice = json!({
        "topic": decision.topic(), "owner": decision.owner(), "purpose": decision.purpose(), "question": question, "answers": answers,
        "priority": decision.priority(), "factors": decision.factors(), "not_before": decision.not_before(),
        "runner_up": decision.runner_up(), "margin": decision.margin(),
    });
    choice.to_string()
}

/// Whether a customer is held out.
#[napi]
pub fn holdout(customer: String, salt: String, share: f64, algorithm: Option<String>) -> napi::Result<bool> {
    guard(|| {
        let algorithm = algorithm.as_deref().map(str::parse).transpose()?.unwrap_or_default();
        Ok(wayfare::holdout(&customer, &salt, share, algorithm)?)
    })
}

/// What the bench of the boundary compares `decide` with: the same arguments, converted and dropped.
#[napi]
pub fn convert_decide(_profile: &External<Profile>, now: At, a: f64, b: f64, c: f64, d: f64, others: Option<String>) -> napi::Result<u32> {
    guard(|| Ok(u32::from(instant(&now).is_ok() && (a + b + c + d).is_nan() && others.is_none())))
}
