//! Running a plan.

use std::cmp::Ordering;

use super::plan::{Arithmetic, Comparison, Condition, Number, Text, TextTest};
use crate::symbol::Symbol;

/// Kleene's three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    False,
    True,
    Unknown,
}

impl Truth {
    #[inline]
    pub(crate) fn is_true(self) -> bool {
        self == Self::True
    }

    pub(crate) fn known(self) -> Option<bool> {
        match self {
            Self::True => Some(true),
            Self::False => Some(false),
            Self::Unknown => None,
        }
    }

    #[inline]
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    #[inline]
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl From<Option<bool>> for Truth {
    #[inline]
    fn from(value: Option<bool>) -> Self {
        value.map_or(Self::Unknown, Self::from)
    }
}

/// What a plan's leaves stand for.
pub(crate) trait Scope {
    /// A numeric leaf; NaN when unknown.
    fn number(&self, leaf: u32) -> f64;
    /// A text leaf; [`Symbol::NONE`] when unknown.
    fn symbol(&self, leaf: u32) -> Symbol;
    /// A boolean leaf.
    fn truth(&self, leaf: u32) -> Truth;
    /// The text of a symbol.
    fn text(&self, symbol: Symbol) -> &str;
}

/// How two numbers stand to each other; none if one is unknown.
#[inline]
pub(crate) fn compare(left: f64, right: f64) -> Option<Ordering> {
    left.partial_cmp(&right)
}

#[inline]
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

impl Number {
    #[inline]
    pub(crate) fn evaluate<S: Scope>(&self, scope: &S) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Leaf(leaf) => scope.number(*leaf),
            Self::Negate(a) => -a.evaluate(scope),
            Self::Absolute(a) => a.evaluate(scope).abs(),
            Self::Arithmetic(operator, a, b) => {
                let (a, b) = (a.evaluate(scope), b.evaluate(scope));
                finite(match operator {
                    Arithmetic::Add => a + b,
                    Arithmetic::Subtract => a - b,
                    Arithmetic::Multiply => a * b,
                    Arithmetic::Divide => a / b,
                    Arithmetic::Remainder => a % b,
                })
            }
            Self::Least(all) => fold(all, scope, |a, b| if b < a { b } else { a }),
            Self::Greatest(all) => fold(all, scope, |a, b| if b > a { b } else { a }),
            Self::If(condition, yes, no) => match condition.evaluate(scope) {
                Truth::True => yes.evaluate(scope),
                Truth::False => no.evaluate(scope),
                Truth::Unknown => f64::NAN,
            },
        }
    }
}

fn fold<S: Scope>(all: &[Number], scope: &S, better: fn(f64, f64) -> f64) -> f64 {
    let mut best = None;
    for number in all {
        let value = number.evaluate(scope);
        if value.is_nan() {
            return f64::NAN;
        }
        best = Some(best.map_or(value, |best| better(best, value)));
    }
    best.unwrap_or(f64::NAN)
}

impl Text {
    #[inline]
    pub(crate) fn evaluate<S: Scope>(&self, scope: &S) -> Symbol {
        match self {
            Self::Constant(symbol) => *symbol,
            Self::Leaf(leaf) => scope.symbol(*leaf),
            Self::If(condition, yes, no) => match condition.evaluate(scope) {
                Truth::True => yes.evaluate(scope),
                Truth::False => no.evaluate(scope),
                Truth::Unknown => Symbol::NONE,
            },
        }
    }
}

impl Comparison {
    #[inline]
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
        }
    }
}

impl Condition {
    pub(crate) fn evaluate<S: Scope>(&self, scope: &S) -> Truth {
        match self {
            Self::Constant(value) => (*value).into(),
            Self::Leaf(leaf) => scope.truth(*leaf),
            Self::Not(a) => a.evaluate(scope).not(),
            Self::All(all) => {
                let mut result = Truth::True;
                for condition in all {
                    match condition.evaluate(scope) {
                        Truth::False => return Truth::False,
                        Truth::Unknown => result = Truth::Unknown,
                        Truth::True => {}
                    }
                }
                result
            }
            Self::Any(all) => {
                let mut result = Truth::False;
                for condition in all {
                    match condition.evaluate(scope) {
                        Truth::True => return Truth::True,
                        Truth::Unknown => result = Truth::Unknown,
                        Truth::False => {}
                    }
                }
                result
            }
            Self::Compare(operator, a, b) => compare(a.evaluate(scope), b.evaluate(scope)).map(|ordering| operator.holds(ordering)).into(),
            Self::Same(a, b) => match (a.evaluate(scope), b.evaluate(scope)) {
                (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
                (a, b) => (a == b).into(),
            },
            Self::TextIs(a, b) => known_pair(a.evaluate(scope), b.evaluate(scope)).map(|(a, b)| a == b).into(),
            Self::TextIn(a, list) => {
                let text = a.evaluate(scope);
                text.known().then(|| list.contains(&text)).into()
            }
            Self::NumberIn(a, list) => {
                let number = a.evaluate(scope);
                (!number.is_nan()).then(|| list.contains(&number)).into()
            }
            Self::TextTest(test, a, b) => known_pair(a.evaluate(scope), b.evaluate(scope))
                .map(|(a, b)| {
                    let (text, part) = (scope.text(a), scope.text(b));
                    match test {
                        TextTest::StartsWith => text.starts_with(part),
                        TextTest::EndsWith => text.ends_with(part),
                        TextTest::Contains => text.contains(part),
                    }
                })
                .into(),
            Self::KnownNumber(a) => (!a.evaluate(scope).is_nan()).into(),
            Self::KnownText(a) => a.evaluate(scope).known().into(),
            Self::KnownTruth(a) => (a.evaluate(scope) != Truth::Unknown).into(),
            Self::If(condition, yes, no) => match condition.evaluate(scope) {
                Truth::True => yes.evaluate(scope),
                Truth::False => no.evaluate(scope),
                Truth::Unknown => Truth::Unknown,
            },
        }
    }
}

#[inline]
fn known_pair(a: Symbol, b: Symbol) -> Option<(Symbol, Symbol)> {
    (a.known() && b.known()).then_some((a, b))
}
