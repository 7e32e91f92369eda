//! Records as JSON documents have them, folded one by one.

use serde_json::{Map, Value as Json};
use wayfare::{AttributeChange, ErrorKind, Instant, Observed, Profile, Result, Touchpoint, Value};

/// Folds one record: a touchpoint, or `{"at": …, "set": {…}}`. What is null is not given.
///
/// # Errors
/// Those of [`Profile::observe`] and [`Profile::set`].
pub fn fold(profile: &mut Profile, record: &Json) -> Result<Observed> {
    let record = record.as_object().expect("a record is an object");
    let at = record.get("at").and_then(Json::as_str).map(str::parse::<Instant>).transpose()?;
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
