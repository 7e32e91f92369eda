//! How a plan moves while time passes and no record comes.
//!
//! Floating-point addition, multiplication by a constant and division by one are monotone (each is correctly rounded), so an expression that is
//! built from them on one growing value is itself monotone, and a comparison of it with something that stands still turns at most once per
//! direction. The instant is then found by bisection on the very evaluation that the rule uses: exact to the microsecond.

use super::evaluate::compare;
use super::plan::{Arithmetic, Comparison, Condition, Number};

/// How a value moves between records and window leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    /// It stands still.
    Still,
    /// It never falls.
    Rising,
    /// It never rises.
    Falling,
    /// It moves one way, which one depends on data.
    OneWay,
    /// It may move either way, or its last bits cannot be foretold.
    Irregular,
}

/// How a leaf moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Movement {
    pub(crate) motion: Motion,
    /// Known never to be negative.
    pub(crate) never_negative: bool,
    /// A bare "days since" value: two of them keep their order for ever.
    pub(crate) clock: bool,
}

/// A comparison that turns as time passes.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    pub(crate) operator: Comparison,
    pub(crate) left: Number,
    pub(crate) right: Number,
}

impl Turn {
    /// Which of its phases the comparison is in, given its sides. Time takes it through the phases in one direction.
    #[inline]
    pub(crate) fn phase(&self, left: f64, right: f64) -> u8 {
        match (self.operator, compare(left, right)) {
            (_, None) => 3,
            (Comparison::Equal | Comparison::NotEqual, Some(order)) => (order as i8 + 1) as u8,
            (operator, Some(order)) => u8::from(operator.holds(order)),
        }
    }

    /// Whether the change between two phases changes what the comparison says: an `==` may pass from less to greater in between two microseconds.
    pub(crate) fn tells(&self, before: u8, after: u8) -> bool {
        !matches!(self.operator, Comparison::Equal | Comparison::NotEqual) || !matches!((before, after), (0, 2) | (2, 0))
    }
}

/// What the shape analysis needs to know of names.
pub(crate) trait Movements {
    fn number(&self, leaf: u32) -> Movement;
    /// The condition that a boolean leaf stands for, if it is a segment.
    fn condition(&self, leaf: u32) -> Option<&Condition>;
    fn name(&self, leaf: u32) -> &str;
}

/// Collects the comparisons of a condition that turn with time.
///
/// # Errors
/// What cannot be computed, in words, for a message.
pub(crate) fn turns<M: Movements>(condition: &Condition, movements: &M, out: &mut Vec<Turn>) -> Result<(), String> {
    match condition {
        Condition::Constant(_) => Ok(()),
        Condition::Leaf(leaf) => match movements.condition(*leaf) {
            Some(condition) => turns(condition, movements, out),
            None => Ok(()),
        },
        Condition::Not(a) | Condition::KnownTruth(a) => turns(a, movements, out),
        Condition::All(all) | Condition::Any(all) => all.iter().try_for_each(|a| turns(a, movements, out)),
        Condition::Same(a, b) => {
            turns(a, movements, out)?;
            turns(b, movements, out)
        }
        Condition::If(c, a, b) => {
            turns(c, movements, out)?;
            turns(a, movements, out)?;
            turns(b, movements, out)
        }
        Condition::Compare(operator, a, b) => compared(*operator, a, b, movements, out),
        Condition::NumberIn(a, list) => {
            list.iter().try_for_each(|value| compared(Comparison::Equal, a, &Number::Constant(*value), movements, out))
        }
        Condition::KnownNumber(a) => match movement(a, movements)?.motion {
            Motion::Irregular => Err(irregular(a, movements)),
            _ => Ok(()),
        },
        Condition::TextIs(a, b) | Condition::TextTest(_, a, b) => {
            text(a, movements)?;
            text(b, movements)
        }
        Condition::TextIn(a, _) | Condition::KnownText(a) => text(a, movements),
    }
}

fn text<M: Movements>(text: &super::plan::Text, movements: &M) -> Result<(), String> {
    match text {
        super::plan::Text::If(c, a, b) => {
            still_test(c, movements)?;
            self::text(a, movements)?;
            self::text(b, movements)
        }
        _ => Ok(()),
    }
}

fn still_test<M: Movements>(condition: &Condition, movements: &M) -> Result<(), String> {
    let mut found = Vec::new();
    turns(condition, movements, &mut found)?;
    match found.is_empty() {
        true => Ok(()),
        false => Err("the test of a `?:` changes with time".to_owned()),
    }
}

fn compared<M: Movements>(operator: Comparison, a: &Number, b: &Number, movements: &M, out: &mut Vec<Turn>) -> Result<(), String> {
    let (left, right) = (movement(a, movements)?, movement(b, movements)?);
    if left.clock && right.clock {
        return Ok(());
    }
    let turning = match (left.motion, right.motion) {
        (Motion::Still, Motion::Still) => false,
        (Motion::Irregular, _) => return Err(irregular(a, movements)),
        (_, Motion::Irregular) => return Err(irregular(b, movements)),
        (Motion::Still, _) | (_, Motion::Still) => true,
        (Motion::Rising, Motion::Falling) | (Motion::Falling, Motion::Rising) => true,
        _ => return Err("both sides change with time".to_owned()),
    };
    if turning {
        out.push(Turn { operator, left: a.clone(), right: b.clone() });
    }
    Ok(())
}

/// How an expression moves.
///
/// # Errors
/// A `?:` whose test changes with time.
pub(crate) fn movement<M: Movements>(number: &Number, movements: &M) -> Result<Movement, String> {
    use Motion::{Falling, Irregular, OneWay, Rising, Still};
    let plain = |motion, never_negative| Movement { motion, never_negative, clock: false };
    Ok(match number {
        Number::Constant(value) => plain(Still, *value >= 0.0),
        Number::Leaf(leaf) => movements.number(*leaf),
        Number::Negate(a) => plain(flipped(movement(a, movements)?.motion), false),
        Number::Absolute(a) => match movement(a, movements)? {
            Movement { motion, never_negative: true, .. } => plain(motion, true),
            Movement { motion: Still, .. } => plain(Still, true),
            _ => plain(Irregular, true),
        },
        Number::Arithmetic(operator, a, b) => {
            let (left, right) = (movement(a, movements)?, movement(b, movements)?);
            match operator {
                Arithmetic::Add => plain(together(left.motion, right.motion), left.never_negative && right.never_negative),
                Arithmetic::Subtract => plain(together(left.motion, flipped(right.motion)), false),
                Arithmetic::Multiply => {
                    let motion = match (left.motion, right.motion) {
                        (Still, Still) => Still,
                        (Still, moving) => scaled(moving, a, left),
                        (moving, Still) => scaled(moving, b, right),
                        _ => Irregular,
                    };
                    plain(motion, left.never_negative && right.never_negative)
                }
                Arithmetic::Divide => {
                    let motion = match (left.motion, right.motion) {
                        (Still, Still) => Still,
                        (moving, Still) => scaled(moving, b, right),
                        _ => Irregular,
                    };
                    plain(motion, left.never_negative && right.never_negative)
                }
                Arithmetic::Remainder => match (left.motion, right.motion) {
                    (Still, Still) => plain(Still, left.never_negative),
                    _ => plain(Irregular, false),
                },
            }
        }
        Number::Least(all) | Number::Greatest(all) => {
            let mut joined = plain(Still, true);
            for part in all {
                let part = movement(part, movements)?;
                joined = plain(together(joined.motion, part.motion), joined.never_negative && part.never_negative);
            }
            joined
        }
        Number::If(condition, a, b) => {
            still_test(condition, movements)?;
            let (left, right) = (movement(a, movements)?, movement(b, movements)?);
            let motion = match (left.motion, right.motion) {
                (same, other) if same == other => same,
                (Irregular, _) | (_, Irregular) => Irregular,
                (Still, moving) | (moving, Still) => moving,
                (Rising | Falling | OneWay, _) => OneWay,
            };
            plain(motion, left.never_negative && right.never_negative)
        }
    })
}

fn flipped(motion: Motion) -> Motion {
    match motion {
        Motion::Rising => Motion::Falling,
        Motion::Falling => Motion::Rising,
        other => other,
    }
}

fn together(left: Motion, right: Motion) -> Motion {
    match (left, right) {
        (Motion::Still, other) | (other, Motion::Still) => other,
        (Motion::Rising, Motion::Rising) => Motion::Rising,
        (Motion::Falling, Motion::Falling) => Motion::Falling,
        _ => Motion::Irregular,
    }
}

fn scaled(moving: Motion, factor: &Number, factor_moves: Movement) -> Motion {
    match moving {
        Motion::Irregular => Motion::Irregular,
        _ if factor_moves.never_negative => moving,
        _ => match factor {
            Number::Constant(_) | Number::Negate(_) if negative(factor) => flipped(moving),
            _ => Motion::OneWay,
        },
    }
}

fn negative(number: &Number) -> bool {
    match number {
        Number::Constant(value) => *value < 0.0,
        Number::Negate(inner) => matches!(**inner, Number::Constant(value) if value >= 0.0),
        _ => false,
    }
}

fn irregular<M: Movements>(number: &Number, movements: &M) -> String {
    let mut leaves = super::plan::LeafSet::default();
    number.leaves(&mut leaves);
    match leaves.iter().find(|leaf| movements.number(*leaf).motion == Motion::Irregular) {
        Some(leaf) => format!("`{}` changes continuously with time", movements.name(leaf)),
        None => "two values that change with time are combined".to_owned(),
    }
}

impl Number {
    /// The expression weighed by a constant.
    pub(crate) fn times(&self, weight: f64) -> Number {
        Number::Arithmetic(Arithmetic::Multiply, Box::new(Number::Constant(weight)), Box::new(self.clone()))
    }

    /// How a sum moves if another term is added to it.
    ///
    /// # Errors
    /// A `?:` whose test changes with time.
    pub(crate) fn sum_motion<M: Movements>(so_far: Motion, term: &Number, movements: &M) -> Result<Motion, String> {
        Ok(together(so_far, movement(term, movements)?.motion))
    }
}
