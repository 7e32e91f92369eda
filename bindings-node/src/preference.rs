//! The customer's word.

use napi::bindgen_prelude::External;
use napi_derive::napi;
use wayfare::{ErrorKind, Instant, Observed, Preference, Profile};

use crate::error::{Fault, guard};
use crate::profile::json;
use crate::value::{At, fields, instant, value};

fn field_instant(name: &str, at: &At) -> Result<Instant, Fault> {
    instant(at).map_err(|fault| fault.of_field(name))
}

/// Takes in a preference; false if it was a duplicate. `others` is a JSON object of what is neither an instant nor null.
#[napi]
pub fn prefer(profile: &mut External<Profile>, at: At, expires: Option<At>, others: String) -> napi::Result<bool> {
    guard(|| {
        let others = fields(&others)?;
        let expires = expires.as_ref().map(|expires| field_instant("expires", expires)).transpose()?;
        let texts = others.iter().map(|(name, json)| Ok((name.as_str(), value(name, json)?))).collect::<Result<Vec<_>, Fault>>()?;
        let preference = Preference::from_fields(field_instant("at", &at)?, expires, texts)?;
        Ok(profile.prefer(&preference)? == Observed::Folded)
    })
}

/// As `prefer`, of the kind that a helper stands for.
fn said(
    profile: &mut External<Profile>,
    say: fn(Instant) -> Preference<'static>,
    at: &At,
    expires: Option<&At>,
    others: &str,
) -> napi::Result<bool> {
    guard(|| {
        let others = fields(others)?;
        let mut preference = say(field_instant("at", at)?);
        if let Some(expires) = expires {
            preference = preference.expires(field_instant("expires", expires)?);
        }
        let mut preference: Preference<'_> = preference;
        for (name, json) in &others {
            preference = preference.with(name, value(name, json)?)?;
        }
        Ok(profile.prefer(&preference)? == Observed::Folded)
    })
}

#[napi]
pub fn unsubscribe_all(profile: &mut External<Profile>, at: At) -> napi::Result<bool> {
    said(profile, Preference::unsubscribe_all, &at, None, "{}")
}

#[napi]
pub fn unsubscribe(profile: &mut External<Profile>, channel: String, at: At) -> napi::Result<bool> {
    guard(|| Ok(profile.prefer(&Preference::unsubscribe(&channel, field_instant("at", &at)?))? == Observed::Folded))
}

#[napi]
pub fn request(profile: &mut External<Profile>, at: At, expires: Option<At>, others: String) -> napi::Result<bool> {
    said(profile, Preference::request, &at, expires.as_ref(), &others)
}

#[napi]
pub fn confirm(profile: &mut External<Profile>, at: At, expires: Option<At>, others: String) -> napi::Result<bool> {
    said(profile, Preference::confirm, &at, expires.as_ref(), &others)
}

#[napi]
pub fn object(profile: &mut External<Profile>, at: At, expires: Option<At>, others: String) -> napi::Result<bool> {
    said(profile, Preference::object, &at, expires.as_ref(), &others)
}

#[napi]
pub fn global_privacy_control(profile: &mut External<Profile>, at: At) -> napi::Result<()> {
    guard(|| Ok(profile.global_privacy_control(field_instant("at", &at)?)?))
}

/// Takes in the answer to an ask: one value as JSON text.
#[napi]
pub fn answer(profile: &mut External<Profile>, ask: String, answer: String, at: At) -> napi::Result<bool> {
    guard(|| {
        let answer = serde_json::from_str(&answer)
            .map_err(|_| Fault::new(ErrorKind::InvalidArgument, "`answer` has text that is not Unicode (a lone surrogate)"))?;
        Ok(profile.answer(&ask, value("answer", &answer)?, field_instant("at", &at)?)? == Observed::Folded)
    })
}

/// Whether there may be contact, by channel, purpose and topic, as JSON text.
#[napi]
pub fn consents(profile: &External<Profile>, at: At) -> napi::Result<String> {
    guard(|| json(&profile.consents(instant(&at)?)))
}

/// The same as a picture.
#[napi]
pub fn consents_svg(profile: &External<Profile>, at: At) -> napi::Result<String> {
    guard(|| Ok(profile.consents_svg(instant(&at)?)))
}
