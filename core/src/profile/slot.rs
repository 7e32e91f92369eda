//! One value in 64 bits, typed by the plan.

use crate::expression::{Truth, Type};
use crate::record::Value;
use crate::symbol::Symbol;

/// An unknown value of a type.
#[inline]
pub(crate) const fn unknown(kind: Type) -> u64 {
    match kind {
        Type::Number => f64::NAN.to_bits(),
        Type::Text => 0,
        Type::Boolean => 2,
    }
}

#[inline]
pub(crate) fn is_known(slot: u64, kind: Type) -> bool {
    match kind {
        Type::Number => !f64::from_bits(slot).is_nan(),
        Type::Text => slot != 0,
        Type::Boolean => slot < 2,
    }
}

/// A number; negative zero becomes zero.
#[inline]
pub(crate) fn number(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

#[inline]
pub(crate) fn text(symbol: Symbol) -> u64 {
    u64::from(symbol.0)
}

#[inline]
pub(crate) fn symbol(slot: u64) -> Symbol {
    Symbol(slot as u32)
}

/// Why a value does not fit a type: what it is instead, and what to do about it.
pub(crate) struct Misfit {
    pub(crate) is: String,
    pub(crate) help: Option<String>,
}

/// A caller's value as one of a type. `symbol_of` finds the symbol of a text, or makes one.
pub(crate) fn of_value(kind: Type, value: Value<'_>, symbol_of: impl FnOnce(&str) -> Symbol) -> Result<u64, Misfit> {
    let misfit = |is: &str| Err(Misfit { is: is.to_owned(), help: None });
    match (kind, value) {
        (_, Value::Unknown) => Ok(unknown(kind)),
        (Type::Number, Value::Number(value)) if value.is_finite() => Ok(number(value)),
        (Type::Number, Value::Number(_)) => misfit(NOT_FINITE),
        (Type::Number, Value::Integer(value)) if value.unsigned_abs() <= 1 << 53 => Ok(number(value as f64)),
        (Type::Number, Value::Integer(_)) => misfit(TOO_LARGE),
        (Type::Text, Value::Text("")) => Err(Misfit { is: EMPTY.to_owned(), help: Some("leave it out if it is not known".to_owned()) }),
        (Type::Text, Value::Text(value)) => Ok(text(symbol_of(value))),
        (Type::Boolean, Value::Boolean(value)) => Ok(u64::from(value)),
        (kind, _) => misfit(&format!("is not {}", kind.name())),
    }
}

/// What numbers and texts are that no slot keeps.
pub(crate) const NOT_FINITE: &str = "is not a finite number";
pub(crate) const TOO_LARGE: &str = "is an integer beyond 2^53, which a double cannot keep exactly";
pub(crate) const EMPTY: &str = "is empty text";

#[inline]
pub(crate) fn truth(slot: u64) -> Truth {
    match slot {
        0 => Truth::False,
        1 => Truth::True,
        _ => Truth::Unknown,
    }
}

#[inline]
pub(crate) fn of_truth(truth: Truth) -> u64 {
    match truth {
        Truth::False => 0,
        Truth::True => 1,
        Truth::Unknown => 2,
    }
}
