//! Values and instants, from JavaScript and back.

use std::cell::Cell;

use napi::Either;
use serde::{Serialize, Serializer};
use wayfare::{ErrorKind, Instant, Value};

use crate::error::Fault;

/// An instant as it comes from JavaScript: the milliseconds of a `Date`, or RFC 3339 text.
pub type At = Either<f64, String>;

pub fn instant(at: &At) -> Result<Instant, Fault> {
    match at {
        Either::A(milliseconds) if milliseconds.is_nan() => Err(Fault::new(ErrorKind::InvalidArgument, "the Date is invalid")),
        Either::A(milliseconds) => Ok(Instant::from_micros((*milliseconds as i64).saturating_mul(1_000))?),
        Either::B(text) => Ok(text.parse()?),
    }
}

/// A JavaScript number. A whole one past 2^53 may be another than was meant, so it is handed on as the integer that the crate refuses.
pub fn number(value: f64) -> Value<'static> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value.abs() > EXACT && value.is_finite() {
        true => Value::Integer(value as i64),
        false => Value::Number(value),
    }
}

/// A document of fields, as JavaScript writes it.
pub type Fields = serde_json::Map<String, serde_json::Value>;

pub fn fields(text: &str) -> Result<Fields, Fault> {
    serde_json::from_str(text)
        .map_err(|_| Fault::new(ErrorKind::InvalidRecord, "the record has text that is not Unicode (a lone surrogate)"))
}

pub fn value<'a>(name: &str, json: &'a serde_json::Value) -> Result<Value<'a>, Fault> {
    match json {
        serde_json::Value::Null => Ok(Value::Unknown),
        serde_json::Value::Bool(value) => Ok(Value::Boolean(*value)),
        serde_json::Value::Number(value) => Ok(number(value.as_f64().unwrap_or(f64::NAN))),
        serde_json::Value::String(text) => Ok(Value::Text(text)),
        _ => Err(Fault::new(ErrorKind::InvalidRecord, format!("`{name}` is neither a number, text, a boolean nor null")).of_field(name)),
    }
}

/// Pairs as a JSON object.
pub struct Pairs<I>(Cell<Option<I>>);

impl<I> Pairs<I> {
    pub fn new(pairs: I) -> Self {
        Self(Cell::new(Some(pairs)))
    }
}

impl<K: Serialize, V: Serialize, I: Iterator<Item = (K, V)>> Serialize for Pairs<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.take().into_iter().flatten())
    }
}
