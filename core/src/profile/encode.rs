//! From a caller's record to slots: everything is looked up and checked here, so that a fold cannot fail.

use std::cmp::Ordering;

use super::slot;
use crate::diagnostic::suggest;
use crate::error::{Error, Result};
use crate::expression::Type;
use crate::journey::plan::{CHANNEL, DIRECTION, DIRECTIONS, FieldPlan, KIND, KindPlan, Plan, TIME_ZONE, TOPIC};
use crate::record::{AttributeChange, Touchpoint, Value, shown};
use crate::symbol::{Strings, Symbol};
use crate::time::zone;

/// Bytes of text in one record.
const MAX_TEXT: usize = 65_536;

pub(crate) fn touchpoint(plan: &Plan, strings: &mut Strings, touchpoint: &Touchpoint<'_>) -> Result<Vec<u64>> {
    let mut slots: Vec<u64> = plan.fields.iter().map(|field| slot::unknown(field.kind)).collect();
    let kind = kind_of(plan, touchpoint)?;
    bound(touchpoint.id, touchpoint.fields.iter().map(|(_, value)| *value))?;
    let mut seen = 0_u128;
    for (name, value) in &touchpoint.fields {
        let Some(at) = plan.fields.iter().position(|field| field.name == *name) else {
            let known = plan.fields.iter().map(|field| field.name.as_str()).chain(["id", "at"]);
            return Err(Error::record(name, format!("a touchpoint has no field `{name}`")).with_help_if(suggest(name, known, "there are")));
        };
        if seen & (1 << (at % 128)) != 0 && touchpoint.fields.iter().filter(|(other, _)| other == name).count() > 1 {
            return Err(Error::record(name, format!("`{name}` is given twice")));
        }
        seen |= 1 << (at % 128);
        let (Some(field), Some(to)) = (plan.fields.get(at), slots.get_mut(at)) else { continue };
        if *value == Value::Unknown {
            continue;
        }
        carries(kind, at, field)?;
        // What nothing reads is checked all the same, but its words are not kept.
        let encoded = field_value(plan, at, field, *value, |text| if field.used { strings.intern(text) } else { Symbol::NONE })?;
        if field.used {
            *to = encoded;
        }
    }
    if let Some((to, field)) = slots.get_mut(DIRECTION).zip(plan.fields.get(DIRECTION))
        && field.used
        && *to == 0
    {
        *to = slot::text(strings.intern(DIRECTIONS[0]));
    }
    Ok(slots)
}

fn kind_of<'p>(plan: &'p Plan, touchpoint: &Touchpoint<'_>) -> Result<&'p KindPlan> {
    match touchpoint.fields.iter().find(|(name, _)| *name == "kind") {
        Some((_, Value::Text(kind))) => plan.kinds.iter().find(|plan| plan.name == *kind).ok_or_else(|| unknown_kind(plan, kind)),
        _ => Err(Error::record("kind", "`kind` is missing or not text")),
    }
}

pub(crate) fn unknown_kind(plan: &Plan, kind: &str) -> Error {
    let help = suggest(kind, plan.kinds.iter().map(|kind| kind.name.as_str()), "there are");
    Error::record("kind", format!("kind `{}` is not declared", shown(kind))).with_help_if(help)
}

fn carries(kind: &KindPlan, at: usize, field: &FieldPlan) -> Result<()> {
    match kind.carries.get(at) {
        Some(true) => Ok(()),
        _ => Err(Error::record(&field.name, format!("`{}` is not a property of kind `{}`", field.name, kind.name))
            .with_help("declare it under the kind's `properties`, or leave it out")),
    }
}

fn field_value(plan: &Plan, at: usize, field: &FieldPlan, value: Value<'_>, symbol_of: impl FnOnce(&str) -> Symbol) -> Result<u64> {
    // Of what kind it is has been looked up.
    if let Value::Text(text) = value
        && at != KIND
    {
        declared(plan, at, text)?;
    }
    encoded(&field.name, field.kind, value, symbol_of)
}

/// A channel, direction or topic must be one that is declared.
pub(crate) fn declared(plan: &Plan, at: usize, text: &str) -> Result<()> {
    let name = match at {
        KIND if !plan.kinds.iter().any(|kind| kind.name == text) => return Err(unknown_kind(plan, text)),
        CHANNEL if !plan.channels.iter().any(|channel| channel == text) => "channel",
        TOPIC if plan.topics.as_ref().is_some_and(|topics| !topics.iter().any(|topic| topic == text)) => "topic",
        DIRECTION if !DIRECTIONS.contains(&text) => "direction",
        _ => return Ok(()),
    };
    let help = match name {
        "channel" => suggest(text, plan.channels.iter().map(String::as_str), "there are"),
        "topic" => suggest(text, plan.topics.iter().flatten().map(String::as_str), "there are"),
        _ => suggest(text, DIRECTIONS, "there are"),
    };
    Err(Error::record(name, format!("{name} `{}` is not declared", shown(text))).with_help_if(help))
}

fn encoded(name: &str, kind: Type, value: Value<'_>, symbol_of: impl FnOnce(&str) -> Symbol) -> Result<u64> {
    slot::of_value(kind, value, symbol_of)
        .map_err(|misfit| Error::record(name, format!("`{name}` {}", misfit.is)).with_help_if(misfit.help))
}

fn bound<'a>(id: Option<&str>, values: impl Iterator<Item = Value<'a>>) -> Result<()> {
    let text = values.map(|value| if let Value::Text(text) = value { text.len() } else { 0 }).sum::<usize>();
    if id == Some("") {
        return Err(Error::record("id", "`id` is empty text").with_help("leave the field out if there is none"));
    }
    match text + id.map_or(0, str::len) <= MAX_TEXT {
        true => Ok(()),
        false => Err(Error::record("", format!("the record has more than {MAX_TEXT} bytes of text"))),
    }
}

pub(crate) fn change(plan: &Plan, strings: &mut Strings, change: &AttributeChange<'_>) -> Result<Vec<(u32, u64)>> {
    bound(change.id, change.values.iter().map(|(_, value)| *value))?;
    if change.values.is_empty() {
        return Err(Error::record("", "no attribute is set"));
    }
    let mut values: Vec<(u32, u64)> = Vec::with_capacity(change.values.len());
    for (name, value) in &change.values {
        let Some(at) = plan.attributes.iter().position(|(known, _)| known == name) else {
            let help = suggest(name, plan.attributes.iter().map(|(known, _)| known.as_str()), "there are");
            return Err(Error::record(name, format!("attribute `{name}` is not declared")).with_help_if(help));
        };
        if values.iter().any(|(other, _)| *other as usize == at) {
            return Err(Error::record(name, format!("`{name}` is given twice")));
        }
        let kind = plan.attributes.get(at).map_or(Type::Text, |(_, kind)| *kind);
        if let (TIME_ZONE, Value::Text(text)) = (*name, *value) {
            known_zone(text)?;
        }
        values.push((at as u32, encoded(name, kind, *value, |text| strings.intern(text))?));
    }
    values.sort_unstable_by_key(|(at, _)| *at);
    Ok(values)
}

pub(crate) fn known_zone(text: &str) -> Result<()> {
    match zone(text) {
        Some(_) => Ok(()),
        None => Err(Error::record(TIME_ZONE, format!("time zone `{}` is not known", shown(text)))
            .with_help("write an IANA name, like `Europe/London`")),
    }
}

/// The order of two touchpoints of one instant and id: by content, whatever the numbers of their words are.
pub(crate) fn by_content(plan: &Plan, strings: &Strings, left: &[u64], right: &[u64]) -> Ordering {
    let fields = plan.fields.iter().zip(left.iter().zip(right)).enumerate();
    fields
        .map(|(at, (field, (left, right)))| match at {
            KIND => left.cmp(right),
            _ => by_value(strings, field.kind, *left, *right),
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The order of two attribute changes of one instant and id.
pub(crate) fn by_change(plan: &Plan, strings: &Strings, left: &[(u32, u64)], right: &[(u32, u64)]) -> Ordering {
    for at in (1..plan.attributes.len()).chain([0]) {
        let kind = plan.attributes.get(at).map_or(Type::Text, |(_, kind)| *kind);
        let of = |values: &[(u32, u64)]| values.iter().find(|(attribute, _)| *attribute as usize == at).map(|(_, value)| *value);
        let order = match (of(left), of(right)) {
            (Some(left), Some(right)) => by_value(strings, kind, left, right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// Unknown first.
fn by_value(strings: &Strings, kind: Type, left: u64, right: u64) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    let known = slot::is_known(left, kind).cmp(&slot::is_known(right, kind));
    known.then_with(|| match kind {
        Type::Number => f64::from_bits(left).total_cmp(&f64::from_bits(right)),
        Type::Text => strings.text(slot::symbol(left)).cmp(strings.text(slot::symbol(right))),
        Type::Boolean => left.cmp(&right),
    })
}
