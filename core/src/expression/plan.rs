//! The typed plan: what a condition or expression is lowered to.

use crate::symbol::Symbol;

/// The type of a name or an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Type {
    Number,
    Text,
    Boolean,
}

impl Type {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "text",
            Self::Boolean => "a boolean",
        }
    }
}

/// A numeric expression. NaN is "unknown"; results that are not finite become it.
#[derive(Debug, Clone)]
pub(crate) enum Number {
    Constant(f64),
    Leaf(u32),
    Negate(Box<Number>),
    Absolute(Box<Number>),
    Arithmetic(Arithmetic, Box<Number>, Box<Number>),
    Least(Vec<Number>),
    Greatest(Vec<Number>),
    If(Box<Condition>, Box<Number>, Box<Number>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A text expression.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Constant(Symbol),
    Leaf(u32),
    If(Box<Condition>, Box<Text>, Box<Text>),
}

/// A three-valued condition.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Constant(bool),
    Leaf(u32),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Compare(Comparison, Box<Number>, Box<Number>),
    Same(Box<Condition>, Box<Condition>),
    TextIs(Text, Text),
    TextIn(Text, Vec<Symbol>),
    NumberIn(Box<Number>, Vec<f64>),
    TextTest(TextTest, Text, Text),
    KnownNumber(Box<Number>),
    KnownText(Text),
    KnownTruth(Box<Condition>),
    If(Box<Condition>, Box<Condition>, Box<Condition>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

/// The leaves that a plan reads, each once, in order of first use.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeafSet(Vec<u32>);

impl LeafSet {
    pub(crate) fn insert(&mut self, leaf: u32) {
        if !self.0.contains(&leaf) {
            self.0.push(leaf);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }
}

impl Number {
    pub(crate) fn leaves(&self, out: &mut LeafSet) {
        match self {
            Self::Constant(_) => {}
            Self::Leaf(leaf) => out.insert(*leaf),
            Self::Negate(a) | Self::Absolute(a) => a.leaves(out),
            Self::Arithmetic(_, a, b) => {
                a.leaves(out);
                b.leaves(out);
            }
            Self::Least(all) | Self::Greatest(all) => all.iter().for_each(|a| a.leaves(out)),
            Self::If(c, a, b) => {
                c.leaves(out);
                a.leaves(out);
                b.leaves(out);
            }
        }
    }
}

impl Text {
    pub(crate) fn leaves(&self, out: &mut LeafSet) {
        match self {
            Self::Constant(_) => {}
            Self::Leaf(leaf) => out.insert(*leaf),
            Self::If(c, a, b) => {
                c.leaves(out);
                a.leaves(out);
                b.leaves(out);
            }
        }
    }
}

impl Condition {
    pub(crate) fn leaves(&self, out: &mut LeafSet) {
        match self {
            Self::Constant(_) => {}
            Self::Leaf(leaf) => out.insert(*leaf),
            Self::Not(a) | Self::KnownTruth(a) => a.leaves(out),
            Self::All(all) | Self::Any(all) => all.iter().for_each(|a| a.leaves(out)),
            Self::Compare(_, a, b) => {
                a.leaves(out);
                b.leaves(out);
            }
            Self::Same(a, b) => {
                a.leaves(out);
                b.leaves(out);
            }
            Self::TextIs(a, b) | Self::TextTest(_, a, b) => {
                a.leaves(out);
                b.leaves(out);
            }
            Self::TextIn(a, _) | Self::KnownText(a) => a.leaves(out),
            Self::NumberIn(a, _) | Self::KnownNumber(a) => a.leaves(out),
            Self::If(c, a, b) => {
                c.leaves(out);
                a.leaves(out);
                b.leaves(out);
            }
        }
    }
}

/// What a known number is compared with: the most common of conditions, without a tree to walk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Against {
    /// Whether less, equal, greater satisfy it.
    ways: [bool; 3],
    pub(crate) constant: f64,
}

impl Against {
    /// A comparison of a leaf with a constant, if the condition is one.
    pub(crate) fn of(condition: &Condition) -> Option<(u32, Self)> {
        let Condition::Compare(operator, left, right) = condition else { return None };
        let [less, equal, greater] = operator.ways();
        let (leaf, constant, ways) = match (&**left, &**right) {
            (Number::Leaf(leaf), Number::Constant(constant)) => (*leaf, *constant, [less, equal, greater]),
            (Number::Constant(constant), Number::Leaf(leaf)) => (*leaf, *constant, [greater, equal, less]),
            _ => return None,
        };
        // To compare with what is unknown is unknown.
        (!constant.is_nan()).then_some((leaf, Self { ways, constant }))
    }

    /// Whether a number that compares so with the constant satisfies it.
    pub(crate) fn allows(self, way: std::cmp::Ordering) -> bool {
        let [less, equal, greater] = self.ways;
        match way {
            std::cmp::Ordering::Less => less,
            std::cmp::Ordering::Equal => equal,
            std::cmp::Ordering::Greater => greater,
        }
    }
}

impl Comparison {
    /// Whether less, equal, greater satisfy it.
    fn ways(self) -> [bool; 3] {
        match self {
            Self::Less => [true, false, false],
            Self::LessOrEqual => [true, true, false],
            Self::Greater => [false, false, true],
            Self::GreaterOrEqual => [false, true, true],
            Self::Equal => [false, true, false],
            Self::NotEqual => [true, false, true],
        }
    }
}

impl Number {
    fn must_be_known(&self, out: &mut Vec<Condition>) {
        match self {
            Self::Leaf(_) => out.push(Condition::KnownNumber(Box::new(self.clone()))),
            Self::Negate(a) | Self::Absolute(a) => a.must_be_known(out),
            Self::Arithmetic(_, a, b) => {
                a.must_be_known(out);
                b.must_be_known(out);
            }
            Self::Least(all) | Self::Greatest(all) => all.iter().for_each(|a| a.must_be_known(out)),
            Self::Constant(_) | Self::If(..) => {}
        }
    }
}

impl Condition {
    /// The conditions that must all hold for it to hold.
    pub(crate) fn into_parts(self) -> Vec<Condition> {
        match self {
            Self::All(all) => all.into_iter().flat_map(Self::into_parts).collect(),
            other => vec![other],
        }
    }

    /// That it is known.
    pub(crate) fn known(&self) -> Condition {
        Self::KnownTruth(Box::new(self.clone()))
    }

    /// What must be known if this test of numbers or texts is true or false: `known(x)` for each such `x`.
    pub(crate) fn must_be_known(&self) -> Vec<Condition> {
        let mut known = Vec::new();
        match self {
            Self::Compare(_, a, b) => {
                a.must_be_known(&mut known);
                b.must_be_known(&mut known);
            }
            Self::NumberIn(a, _) => a.must_be_known(&mut known),
            Self::TextIs(a, b) | Self::TextTest(_, a, b) => {
                known.extend([a, b].into_iter().filter(|text| matches!(text, Text::Leaf(_))).map(|text| Self::KnownText(text.clone())));
            }
            Self::TextIn(a @ Text::Leaf(_), _) => known.push(Self::KnownText(a.clone())),
            _ => {}
        }
        known
    }

    /// A comparison as: what is compared, the ways (less, equal, greater) that satisfy it, and the constant it is compared with, if it is one.
    pub(crate) fn as_order(&self) -> Option<(String, [bool; 3], Option<f64>)> {
        let Self::Compare(operator, left, right) = self else { return None };
        let [less, equal, greater] = operator.ways();
        Some(match (&**left, &**right) {
            (left, Number::Constant(value)) => (format!("{left:?}"), [less, equal, greater], Some(*value)),
            (Number::Constant(value), right) => (format!("{right:?}"), [greater, equal, less], Some(*value)),
            (left, right) => {
                let (left, right) = (format!("{left:?}"), format!("{right:?}"));
                match left <= right {
                    true => (format!("{left} : {right}"), [less, equal, greater], None),
                    false => (format!("{right} : {left}"), [greater, equal, less], None),
                }
            }
        })
    }

    /// A test of a text against constants as: the text, and the constants' numbers.
    pub(crate) fn as_membership(&self) -> Option<(String, Vec<u32>)> {
        match self {
            Self::TextIs(text, Text::Constant(symbol)) | Self::TextIs(Text::Constant(symbol), text) => {
                Some((format!("{text:?}"), vec![symbol.0]))
            }
            Self::TextIn(text, symbols) => Some((format!("{text:?}"), symbols.iter().map(|symbol| symbol.0).collect())),
            _ => None,
        }
    }
}
