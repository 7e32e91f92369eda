//! Can two conditions hold at one instant? Answers "no" only where it can show it.

use std::cmp::Ordering;

use super::plan::{LeafKind, Plan};
use crate::expression::Condition;

/// More alternatives than this are not followed.
const MAX_ALTERNATIVES: usize = 64;

/// One thing that must hold.
#[derive(Debug, Clone)]
struct Literal {
    subject: String,
    claim: Claim,
}

#[derive(Debug, Clone)]
enum Claim {
    /// A number stands to a constant, or to an expression (in `subject`), in one of these ways.
    Order {
        allowed: [bool; 3],
        against: Option<f64>,
    },
    /// A text is (or is not) one of these.
    OneOf {
        symbols: Vec<u32>,
        positive: bool,
    },
    Truth(bool),
}

/// Whether all of the conditions can hold together, as far as can be told.
pub(crate) fn may_hold_together(plan: &Plan, conditions: &[&Condition]) -> bool {
    let mut alternatives: Vec<Vec<Literal>> = vec![Vec::new()];
    for condition in conditions {
        let Some(next) = alternatives_of(plan, condition, true) else { return true };
        let mut joined = Vec::new();
        for left in &alternatives {
            for right in &next {
                let mut both = left.clone();
                both.extend(right.iter().cloned());
                if consistent(&both) {
                    joined.push(both);
                }
            }
        }
        if joined.len() > MAX_ALTERNATIVES {
            return true;
        }
        alternatives = joined;
    }
    !alternatives.is_empty()
}

/// The condition as alternatives of literals that must all hold; none if there are too many.
fn alternatives_of(plan: &Plan, condition: &Condition, positive: bool) -> Option<Vec<Vec<Literal>>> {
    let found = match (condition, positive) {
        (Condition::Constant(value), positive) => match *value == positive {
            true => vec![Vec::new()],
            false => Vec::new(),
        },
        (Condition::Not(inner), positive) => alternatives_of(plan, inner, !positive)?,
        (Condition::All(all), true) | (Condition::Any(all), false) => {
            let mut joined: Vec<Vec<Literal>> = vec![Vec::new()];
            for part in all {
                let next = alternatives_of(plan, part, positive)?;
                joined = joined.iter().flat_map(|left| next.iter().map(move |right| left.iter().chain(right).cloned().collect())).collect();
                if joined.len() > MAX_ALTERNATIVES {
                    return None;
                }
            }
            joined
        }
        (Condition::Any(all), true) | (Condition::All(all), false) => {
            let mut found = Vec::new();
            for part in all {
                found.extend(alternatives_of(plan, part, positive)?);
            }
            found
        }
        (Condition::Leaf(leaf), positive) => match plan.leaf(*leaf) {
            LeafKind::Segment(segment) => alternatives_of(plan, &segment.condition, positive)?,
            _ => {
                vec![vec![Literal { subject: leaf.to_string(), claim: Claim::Truth(positive) }, known(format!("{:?}", condition.known()))]]
            }
        },
        (other, positive) => {
            let mut all = vec![literal(other, positive)];
            all.extend(other.must_be_known().iter().map(|known_part| known(format!("{known_part:?}"))));
            vec![all]
        }
    };
    (found.len() <= MAX_ALTERNATIVES).then_some(found)
}

/// What a test that is true or false says beside that: what it reads is known.
fn known(subject: String) -> Literal {
    Literal { subject, claim: Claim::Truth(true) }
}

fn literal(condition: &Condition, positive: bool) -> Literal {
    if let Some((subject, allowed, against)) = condition.as_order() {
        let allowed = if positive { allowed } else { allowed.map(|way| !way) };
        return Literal { subject, claim: Claim::Order { allowed, against } };
    }
    match condition.as_membership() {
        Some((subject, symbols)) => Literal { subject, claim: Claim::OneOf { symbols, positive } },
        None => Literal { subject: format!("{condition:?}"), claim: Claim::Truth(positive) },
    }
}

fn consistent(literals: &[Literal]) -> bool {
    literals.iter().enumerate().all(|(at, left)| {
        literals.iter().skip(at + 1).filter(|right| right.subject == left.subject).all(|right| agree(&left.claim, &right.claim))
    }) && literals.iter().all(|one| agree(&one.claim, &one.claim))
}

fn agree(left: &Claim, right: &Claim) -> bool {
    match (left, right) {
        (Claim::Truth(a), Claim::Truth(b)) => a == b,
        (Claim::OneOf { symbols: a, positive: true }, Claim::OneOf { symbols: b, positive: true }) => {
            a.iter().any(|symbol| b.contains(symbol))
        }
        (Claim::OneOf { symbols: a, positive: true }, Claim::OneOf { symbols: b, positive: false })
        | (Claim::OneOf { symbols: b, positive: false }, Claim::OneOf { symbols: a, positive: true }) => {
            a.iter().any(|symbol| !b.contains(symbol))
        }
        (Claim::Order { allowed: a, against: None }, Claim::Order { allowed: b, against: None }) => a.iter().zip(b).any(|(a, b)| *a && *b),
        (Claim::Order { allowed: a, against: Some(x) }, Claim::Order { allowed: b, against: Some(y) }) => {
            // A point may lie below both, at one, between them, at the other, or above both.
            let (low, high) = if x <= y { (*x, *y) } else { (*y, *x) };
            let between = low + (high - low) / 2.0;
            [low - 1.0, low, between, high, high + 1.0].iter().any(|point| holds(a, *point, *x) && holds(b, *point, *y))
        }
        _ => true,
    }
}

fn holds(allowed: &[bool; 3], point: f64, against: f64) -> bool {
    let [less, equal, greater] = *allowed;
    match point.partial_cmp(&against) {
        Some(Ordering::Less) => less,
        Some(Ordering::Equal) => equal,
        Some(Ordering::Greater) => greater,
        None => true,
    }
}
