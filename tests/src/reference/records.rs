//! Records: read, put in order, duplicates taken out.

use super::document::{Document, Kinds};
use super::expression::Expression;
use super::value::{Value, compare_known};
use jiff::Timestamp;
use serde_json::Value as Json;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The instant of an attribute that has none.
pub const BEGINNING: i64 = i64::MIN;

pub struct Record {
    pub at: i64,
    pub id: Option<String>,
    pub content: Content,
}

pub enum Content {
    /// What it sets to a known value, by attribute.
    Attributes(BTreeMap<String, Value>),
    Touchpoint(Touchpoint),
}

pub struct Touchpoint {
    pub kind: String,
    /// Every known field and property but `at`, `id` and `kind`.
    pub fields: BTreeMap<String, Value>,
}

impl Touchpoint {
    pub fn field(&self, name: &str) -> Option<Value> {
        if name == "kind" { Some(Value::Text(self.kind.clone())) } else { self.fields.get(name).cloned() }
    }

    /// Of such a kind, and `where` holds.
    pub fn counts(&self, kinds: &Kinds, filter: Option<&Expression>) -> bool {
        kinds.contains(&self.kind) && filter.is_none_or(|f| f.is_true(&|name| self.field(name)))
    }
}

impl Record {
    pub fn touchpoint(&self) -> Option<&Touchpoint> {
        match &self.content {
            Content::Touchpoint(touchpoint) => Some(touchpoint),
            Content::Attributes(_) => None,
        }
    }

    pub fn attribute(&self, name: &str) -> Option<&Value> {
        match &self.content {
            Content::Attributes(set) => set.get(name),
            Content::Touchpoint(_) => None,
        }
    }
}

/// The records that count, in record order. Preferences move nothing.
pub fn accepted(document: &Document, records: &[Json]) -> Vec<Record> {
    let mut records: Vec<Record> = records.iter().filter(|json| json.get("choice").is_none()).map(|json| read(document, json)).collect();
    records.sort_by(|a, b| compare(document, a, b));
    let mut seen: BTreeMap<(bool, String), i64> = BTreeMap::new();
    records.retain(|record| {
        let Some(id) = &record.id else { return true };
        let key = (record.touchpoint().is_some(), id.clone());
        let duplicate =
            seen.get(&key).is_some_and(|before| i128::from(record.at) - i128::from(*before) <= i128::from(document.allowed_lateness));
        if !duplicate {
            seen.insert(key, record.at);
        }
        !duplicate
    });
    records
}

pub fn instant(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap_or_else(|error| panic!("`{text}`: {error}")).as_microsecond()
}

fn read(document: &Document, json: &Json) -> Record {
    let at = json.get("at").and_then(Json::as_str).map(instant);
    let id = json.get("id").and_then(Json::as_str).map(str::to_owned);
    if let Some(set) = json.get("set") {
        let set = set.as_object().expect("attributes").iter();
        let set = set.filter_map(|(name, v)| Some((name.clone(), Value::from_json(Some(v))?))).collect();
        return Record { at: at.unwrap_or(BEGINNING), id, content: Content::Attributes(set) };
    }
    let kind = json["kind"].as_str().expect("a kind").to_owned();
    let names = FIELDS.iter().copied().chain(document.properties.iter().map(String::as_str));
    let mut fields: BTreeMap<String, Value> = names.filter_map(|name| Some((name.to_owned(), Value::from_json(json.get(name))?))).collect();
    fields.entry("direction".into()).or_insert_with(|| Value::Text("inbound".into()));
    Record { at: at.expect("an instant"), id, content: Content::Touchpoint(Touchpoint { kind, fields }) }
}

const FIELDS: [&str; 8] = ["channel", "direction", "topic", "action", "outcome", "value", "purpose", "owner"];

/// By `at`; attribute changes, then touchpoints; by id (none before any); by what the journey reads.
fn compare(document: &Document, a: &Record, b: &Record) -> Ordering {
    let sort = |r: &Record| r.touchpoint().is_some();
    a.at.cmp(&b.at)
        .then_with(|| sort(a).cmp(&sort(b)))
        .then_with(|| a.id.as_deref().map(str::as_bytes).cmp(&b.id.as_deref().map(str::as_bytes)))
        .then_with(|| match (&a.content, &b.content) {
            (Content::Touchpoint(a), Content::Touchpoint(b)) => {
                let kind = |t: &Touchpoint| document.kinds.iter().position(|k| *k == t.kind).expect("a declared kind");
                let names = FIELDS
                    .iter()
                    .copied()
                    .chain(document.properties.iter().map(String::as_str))
                    .filter(|name| document.read.contains(*name));
                kind(a).cmp(&kind(b)).then_with(|| by_fields(names, &a.fields, &b.fields))
            }
            (Content::Attributes(a), Content::Attributes(b)) => by_fields(document.attributes.iter().map(String::as_str), a, b),
            _ => unreachable!("the sorts were compared"),
        })
}

fn by_fields<'a>(names: impl Iterator<Item = &'a str>, a: &BTreeMap<String, Value>, b: &BTreeMap<String, Value>) -> Ordering {
    names.map(|name| compare_known(a.get(name), b.get(name))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}
