//! One value in 64 bits, typed by the plan.

use crate::expression::{Truth, Type};
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
