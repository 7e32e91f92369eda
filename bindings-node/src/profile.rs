//! One customer.

use napi::bindgen_prelude::{BigInt, Buffer, External};
use napi::{Env, JsString};
use napi_derive::napi;
use serde::{Serialize, Serializer};
use wayfare::{AttributeChange, Instant, Observed, Profile, Touchpoint, Transition, Value};

use crate::error::{Fault, guard};
use crate::journey::Reading;
use crate::pack::pack;
use crate::value::{At, Pairs, fields, instant, number, value};

#[napi]
pub fn profile_new(journey: &External<Reading>, customer: String) -> napi::Result<External<Profile>> {
    guard(|| Ok(External::new(journey.journey()?.profile(&customer))))
}

#[napi]
pub fn profile_from_bytes(journey: &External<Reading>, bytes: &[u8]) -> napi::Result<External<Profile>> {
    guard(|| Ok(External::new(Profile::from_bytes(journey.journey()?, bytes)?)))
}

#[napi]
pub fn profile_to_bytes(profile: &External<Profile>) -> napi::Result<Buffer> {
    guard(|| Ok(profile.to_bytes().into()))
}

/// The same as a Latin-1 string, which JavaScript's collector knows and frees, unlike a copy on this side.
#[napi]
pub fn profile_kept<'env>(env: &'env Env, profile: &External<Profile>) -> napi::Result<JsString<'env>> {
    let bytes = guard(|| Ok(profile.to_bytes()))?;
    env.create_string_latin1(bytes)
}

#[napi]
pub fn profile_customer(profile: &External<Profile>) -> napi::Result<String> {
    guard(|| Ok(profile.customer().to_owned()))
}

/// Folds a touchpoint; false if it was a duplicate. The commonest fields come as they are, `others` is a JSON object.
#[napi]
pub fn observe(
    profile: &mut External<Profile>,
    at: At,
    kind: Option<String>,
    channel: Option<String>,
    id: Option<String>,
    worth: Option<f64>,
    others: Option<String>,
) -> napi::Result<bool> {
    guard(|| {
        let at = instant(&at).map_err(|fault| fault.of_field("at"))?;
        let others = others.as_deref().map(fields).transpose()?.unwrap_or_default();
        let common = [("kind", &kind), ("channel", &channel), ("id", &id)];
        let texts = common.iter().filter_map(|(name, text)| Some((*name, Value::Text(text.as_deref()?))));
        let worth = worth.map(|worth| ("value", number(worth)));
        let others = others.iter().map(|(name, json)| Ok((name.as_str(), value(name, json)?))).collect::<Result<Vec<_>, Fault>>()?;
        let touchpoint = Touchpoint::from_fields(at, texts.chain(worth).chain(others))?;
        Ok(profile.observe(&touchpoint)? == Observed::Folded)
    })
}

/// Takes in another profile's records.
#[napi]
pub fn profile_merge(profile: &mut External<Profile>, bytes: &[u8]) -> napi::Result<()> {
    guard(|| {
        let other = Profile::from_bytes(profile.journey(), bytes)?;
        Ok(profile.merge(&other)?)
    })
}

/// Folds an attribute change; false if it was a duplicate.
#[napi]
pub fn set_attributes(profile: &mut External<Profile>, attributes: String, at: Option<At>, id: Option<String>) -> napi::Result<bool> {
    guard(|| {
        let attributes = fields(&attributes)?;
        let mut change = match &at {
            Some(at) => AttributeChange::at(instant(at).map_err(|fault| fault.of_field("at"))?),
            None => AttributeChange::always(),
        };
        if let Some(id) = &id {
            change = change.id(id);
        }
        for (name, json) in &attributes {
            change = change.set(name, value(name, json)?);
        }
        Ok(profile.set(&change)? == Observed::Folded)
    })
}

/// Stages, traits, scores and segments at an instant, packed: `lib/view.js` unpacks it when somebody looks.
#[napi]
pub fn view<'env>(env: &'env Env, profile: &External<Profile>, now: At) -> napi::Result<JsString<'env>> {
    let packed = guard(|| Ok(pack(&profile.view(instant(&now)?)?)))?;
    env.create_string_latin1(packed)
}

/// An instant as text.
#[napi]
pub fn instant_text(at: At) -> napi::Result<String> {
    guard(|| Ok(instant(&at)?.to_string()))
}

/// An instant in microseconds as text.
#[napi]
pub fn micros_text(micros: BigInt) -> napi::Result<String> {
    guard(|| Ok(Instant::from_micros(micros.get_i64().0)?.to_string()))
}

/// What the elements of each score contribute at an instant, as JSON text.
#[napi]
pub fn make_up(profile: &External<Profile>, now: At) -> napi::Result<String> {
    guard(|| {
        let view = profile.view(instant(&now)?)?;
        json(&Pairs::new(view.scores().map(|(name, _)| (name, view.make_up(name)))))
    })
}

/// The next change as JSON text: `null` if there is none.
#[napi]
pub fn next_change(profile: &External<Profile>, now: At) -> napi::Result<String> {
    guard(|| json(&profile.next_change(instant(&now)?)?))
}

/// The transitions up to an instant as JSON text.
#[napi]
pub fn history(profile: &External<Profile>, now: At) -> napi::Result<String> {
    guard(|| {
        let history = profile.history(instant(&now)?)?;
        json(&history.transitions().map(Told).collect::<Vec<_>>())
    })
}

pub fn json(value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::new(wayfare::ErrorKind::InvalidArgument, error.to_string()))
}

/// A transition with its reason in one line.
struct Told<'a>(Transition<'a>);

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            #[serde(flatten)]
            transition: &'a Transition<'a>,
            because: String,
        }
        Line { transition: &self.0, because: self.0.because() }.serialize(serializer)
    }
}

/// What the bench of the boundary compares `observe` with: the same arguments, converted and dropped.
#[napi]
pub fn convert_observe(
    _profile: &mut External<Profile>,
    at: At,
    kind: Option<String>,
    channel: Option<String>,
    id: Option<String>,
    worth: Option<f64>,
    others: Option<String>,
) -> napi::Result<bool> {
    guard(|| {
        let others = others.as_deref().map(fields).transpose()?.unwrap_or_default();
        Ok(instant(&at).is_ok() && (kind.is_some() | channel.is_some() | id.is_some() | worth.is_some() | others.is_empty()))
    })
}

/// What the bench of the boundary compares `view` with: the same argument converted, and a text of that length handed back.
#[napi]
pub fn convert_view<'env>(env: &'env Env, _profile: &External<Profile>, now: At, length: u32) -> napi::Result<JsString<'env>> {
    let text = guard(|| Ok(instant(&now).map_or(Vec::new(), |_| vec![b' '; length as usize])))?;
    env.create_string_latin1(text)
}
