//! Records as JSON documents have them, folded one by one.

use serde_json::{Map, Value as Json};
use wayfare::{AttributeChange, ErrorKind, Inputs, Instant, Observed, Preference, Profile, Result, Touchpoint, Value};

/// Folds one record: a touchpoint, `{"at": …, "set": {…}}`, or a preference, which has a `choice`. What is null is not given.
///
/// # Errors
/// Those of [`Profile::observe`], [`Profile::set`] and [`Profile::prefer`].
pub fn fold(profile: &mut Profile, record: &Json) -> Result<Observed> {
    let record = record.as_object().expect("a record is an object");
    let at = record.get("at").and_then(Json::as_str).map(str::parse::<Instant>).transpose()?;
    if record.get("choice").is_some() {
        let expires = record.get("expires").and_then(Json::as_str).map(str::parse::<Instant>).transpose()?;
        let words = fields(record).filter(|(name, _)| !["at", "expires"].contains(name));
        return profile.prefer(&Preference::from_fields(at.expect("a preference has an instant"), expires, words)?);
    }
    match record.get("set") {
        Some(set) => {
            let change = at.map_or_else(AttributeChange::always, AttributeChange::at);
            let change = match record.get("id").and_then(Json::as_str) {
                Some(id) => change.id(id),
                None => change,
            };
            let set = set.as_object().expect("`set` is an object");
            profile.set(&fields(set).fold(change, |change, (name, value)| change.set(name, value)))
        }
        None => {
            let at = at.expect("a touchpoint has an instant");
            profile.observe(&Touchpoint::from_fields(at, fields(record).filter(|(name, _)| *name != "at"))?)
        }
    }
}

/// Folds the records that the profile still takes; those that come too late are left out.
pub fn fold_all<'a>(profile: &mut Profile, records: impl IntoIterator<Item = &'a Json>) {
    for record in records {
        match fold(profile, record) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::TooLate => {}
            Err(error) => panic!("{error}: {record}"),
        }
    }
}

fn fields(record: &Map<String, Json>) -> impl Iterator<Item = (&str, Value<'_>)> {
    record.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.as_str(), self::value(value)))
}

fn value(json: &Json) -> Value<'_> {
    match json {
        Json::Null => Value::Unknown,
        Json::Bool(value) => Value::Boolean(*value),
        Json::String(text) => Value::Text(text),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Number(number.as_f64().expect("a double")),
        },
        other => panic!("not a value of a record: {other}"),
    }
}

/// The transitions up to an instant, as the vectors and the reference write them.
///
/// # Errors
/// Those of [`Profile::history`].
pub fn transitions(profile: &Profile, now: Instant) -> Result<Json> {
    const KEYS: [&str; 6] = ["track", "at", "from", "to", "cause", "record"];
    let history = profile.history(now)?;
    let rows = history.transitions().map(|transition| {
        let row = serde_json::to_value(transition).expect("a transition serializes");
        Json::Object(KEYS.iter().map(|key| ((*key).to_owned(), row.get(key).cloned().unwrap_or_default())).collect())
    });
    Ok(rows.collect())
}

/// A view as a document.
///
/// # Errors
/// Those of [`Profile::view`].
pub fn view(profile: &Profile, now: Instant) -> Result<Json> {
    Ok(serde_json::to_value(profile.view(now)?).expect("a view serializes"))
}

/// What the host hands in and tells of the moment.
pub fn inputs<'a>(inputs: &'a Map<String, Json>, context: &'a Map<String, Json>) -> Inputs<'a> {
    let given = fields(inputs).fold(Inputs::new(), |given, (name, value)| given.set(name, value));
    fields(context).fold(given, |given, (name, value)| given.context(name, value))
}

/// Decisions as documents: as many as may go together, at most `top`.
///
/// # Errors
/// Those of [`Profile::decide_top`].
pub fn decide(profile: &Profile, now: Instant, inputs: &Inputs<'_>, top: usize) -> Result<Vec<Json>> {
    let decisions = profile.decide_top(now, inputs, top)?;
    Ok(decisions.iter().map(|decision| serde_json::to_value(decision).expect("a decision serializes")).collect())
}

/// The table of consents as a document.
pub fn consents(profile: &Profile, at: Instant) -> Json {
    serde_json::to_value(profile.consents(at)).expect("consents serialize")
}
