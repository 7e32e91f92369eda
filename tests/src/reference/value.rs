//! A known value; `None` everywhere stands for unknown.

use serde_json::{Number, Value as Json};
use std::cmp::Ordering;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Number(f64),
    Text(String),
    Boolean(bool),
}

impl Value {
    /// An absent or null field is unknown; `-0.0` comes in as `0.0`.
    pub fn from_json(json: Option<&Json>) -> Option<Value> {
        match json? {
            Json::Null => None,
            Json::Bool(b) => Some(Value::Boolean(*b)),
            Json::Number(n) => Some(Value::Number(n.as_f64().expect("a double") + 0.0)),
            Json::String(s) => Some(Value::Text(s.clone())),
            other => panic!("not a scalar: {other}"),
        }
    }

    pub fn number(&self) -> f64 {
        match self {
            Value::Number(n) => *n,
            other => panic!("not a number: {other:?}"),
        }
    }

    pub fn text(&self) -> &str {
        match self {
            Value::Text(t) => t,
            other => panic!("not a text: {other:?}"),
        }
    }

    pub fn boolean(&self) -> bool {
        match self {
            Value::Boolean(b) => *b,
            other => panic!("not a boolean: {other:?}"),
        }
    }

    /// Values of one type: numbers by size, texts by bytes, false before true.
    pub fn compare(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => a.partial_cmp(b).expect("finite numbers"),
            (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
            _ => panic!("{self:?} is compared with {other:?}"),
        }
    }
}

/// Absent before present.
pub fn compare_known(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(a), Some(b)) => a.compare(b),
    }
}

/// A result that is not finite is unknown.
pub fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

pub fn json(value: Option<&Value>) -> Json {
    match value {
        None => Json::Null,
        Some(Value::Number(n)) => number_json(Some(*n)),
        Some(Value::Text(t)) => Json::String(t.clone()),
        Some(Value::Boolean(b)) => Json::Bool(*b),
    }
}

pub fn number_json(number: Option<f64>) -> Json {
    number.and_then(Number::from_f64).map_or(Json::Null, Json::Number)
}
