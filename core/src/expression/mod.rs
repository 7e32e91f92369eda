//! The rule language: CEL text, checked against declared names and compiled to a typed plan.
//!
//! `parse` bounds the text and calls the CEL parser, `check` types the tree and lowers it, `plan` is what it is lowered to, `evaluate` runs it,
//! `shape` tells how a plan moves while time passes and nothing else happens.

mod check;
mod evaluate;
mod names;
mod parse;
mod plan;
mod shape;

pub(crate) use check::{Checked, Leaf, Names, Problem, compile_condition, compile_number};
pub(crate) use evaluate::{Scope, Truth};
pub(crate) use names::mentions;
#[cfg(test)]
pub(crate) use plan::Comparison;
pub(crate) use plan::{Against, Condition, LeafSet, Number, Type};
pub(crate) use shape::{Motion, Movement, Movements, Turn, turns};

/// Words that no trait, stage column or property may be called.
pub(crate) const RESERVED: &[&str] = &[
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
    "known",
    "min",
    "max",
    "abs",
    "has",
    "input",
    "context",
    "size",
];
