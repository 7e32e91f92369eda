//! Conditions and expressions: the CEL parser's tree, walked as it is.

use super::value::{Value, finite};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use serde_json::Value as Json;
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub struct Expression {
    pub text: String,
    pub tree: IdedExpr,
}

impl Expression {
    /// A text, or a bare number or boolean of the file.
    pub fn from_json(json: &Json) -> Expression {
        match json {
            Json::String(text) => Expression::parse(text),
            other => Expression::parse(&other.to_string()),
        }
    }

    pub fn parse(text: &str) -> Expression {
        let (tree, _) = cel::parser::Parser::new().parse_with_source_info(text).unwrap_or_else(|error| panic!("`{text}`: {error:?}"));
        Expression { text: text.to_owned(), tree }
    }

    pub fn evaluate(&self, names: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
        evaluate(&self.tree, names)
    }

    /// At the top unknown is not true.
    pub fn is_true(&self, names: &dyn Fn(&str) -> Option<Value>) -> bool {
        self.evaluate(names) == Some(Value::Boolean(true))
    }

    /// Every name that stands in the text.
    pub fn names(&self) -> Vec<String> {
        names_of(&self.tree)
    }

    /// Every comparison in the text, inner ones too.
    pub fn comparisons(&self) -> Vec<IdedExpr> {
        let mut found = Vec::new();
        visit(&self.tree, &mut |node| {
            if let Expr::Call(call) = &node.expr
                && ["_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"].contains(&call.func_name.as_str())
            {
                found.push(node.clone());
            }
        });
        found
    }
}

pub fn names_of(tree: &IdedExpr) -> Vec<String> {
    let mut names = Vec::new();
    visit(tree, &mut |node| {
        if let Expr::Ident(name) = &node.expr {
            names.push(name.clone());
        }
        names.extend(name_of_two_parts(node));
    });
    names
}

/// `input.x` and `context.x`, which read what the host hands in.
fn name_of_two_parts(node: &IdedExpr) -> Option<String> {
    let Expr::Select(select) = &node.expr else { return None };
    let Expr::Ident(of) = &select.operand.expr else { panic!("not in the language: {select:?}") };
    assert!(!select.test && ["input", "context"].contains(&of.as_str()), "not in the language: {select:?}");
    Some(format!("{of}.{}", select.field))
}

fn visit(node: &IdedExpr, see: &mut dyn FnMut(&IdedExpr)) {
    see(node);
    match &node.expr {
        Expr::Call(call) => call.target.iter().map(|t| &**t).chain(&call.args).for_each(|child| visit(child, see)),
        Expr::List(list) => list.elements.iter().for_each(|child| visit(child, see)),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Select(_) => {}
        other => panic!("not in the language: {other:?}"),
    }
}

pub fn evaluate(node: &IdedExpr, names: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    match &node.expr {
        Expr::Ident(name) => names(name),
        Expr::Select(_) => names(&name_of_two_parts(node).expect("a name")),
        Expr::Literal(literal) => Some(match literal {
            LiteralValue::Boolean(b) => Value::Boolean(*b.inner()),
            LiteralValue::Double(d) => Value::Number(*d.inner()),
            LiteralValue::Int(i) => Value::Number(*i.inner() as f64),
            LiteralValue::UInt(u) => Value::Number(*u.inner() as f64),
            LiteralValue::String(s) => Value::Text(s.inner().to_owned()),
            other => panic!("not in the language: {other:?}"),
        }),
        Expr::Call(call) => evaluate_call(call, names),
        other => panic!("not in the language: {other:?}"),
    }
}

/// Two numbers of a comparison, three ways; `None` if one is unknown or they are not numbers.
pub fn three_way(comparison: &IdedExpr, names: &dyn Fn(&str) -> Option<Value>) -> Option<Ordering> {
    let Expr::Call(call) = &comparison.expr else { panic!("not a comparison") };
    match (evaluate(&call.args[0], names)?, evaluate(&call.args[1], names)?) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(&b),
        _ => None,
    }
}

fn evaluate_call(call: &CallExpr, names: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    let value = |i: usize| evaluate(&call.args[i], names);
    let number = |i: usize| value(i).map(|v| v.number());
    let all = || call.args.iter().map(|argument| evaluate(argument, names));
    let boolean = |b: bool| Some(Value::Boolean(b));
    let numeric = |n: f64| finite(n).map(Value::Number);
    match call.func_name.as_str() {
        "_&&_" => kleene_and(all().map(|v| v.map(|v| v.boolean())).collect()).map(Value::Boolean),
        "_||_" => {
            let opposite = all().map(|v| v.map(|v| !v.boolean())).collect();
            kleene_and(opposite).map(|none| Value::Boolean(!none))
        }
        "!_" => boolean(!value(0)?.boolean()),
        "_?_:_" => {
            if value(0)?.boolean() {
                value(1)
            } else {
                value(2)
            }
        }
        "known" => boolean(value(0).is_some()),
        "@in" => {
            let x = value(0)?;
            let Expr::List(list) = &call.args[1].expr else { panic!("`in` wants a list") };
            boolean(list.elements.iter().any(|e| evaluate(e, names).expect("a literal").compare(&x).is_eq()))
        }
        "_==_" => boolean(value(0)?.compare(&value(1)?).is_eq()),
        "_!=_" => boolean(value(0)?.compare(&value(1)?).is_ne()),
        "_<_" => boolean(number(0)? < number(1)?),
        "_<=_" => boolean(number(0)? <= number(1)?),
        "_>_" => boolean(number(0)? > number(1)?),
        "_>=_" => boolean(number(0)? >= number(1)?),
        "_+_" => numeric(number(0)? + number(1)?),
        "_-_" => numeric(number(0)? - number(1)?),
        "_*_" => numeric(number(0)? * number(1)?),
        "_/_" => numeric(number(0)? / number(1)?),
        "_%_" => numeric(number(0)? % number(1)?),
        "-_" => numeric(-number(0)?),
        "abs" => numeric(number(0)?.abs()),
        "min" | "max" => {
            let arguments: Option<Vec<f64>> = all().map(|v| v.map(|v| v.number())).collect();
            let least = call.func_name == "min";
            arguments?.into_iter().reduce(|a, b| if least { a.min(b) } else { a.max(b) }).map(Value::Number)
        }
        method @ ("startsWith" | "endsWith" | "contains") => {
            let text = evaluate(call.target.as_ref().expect("x.f(y)"), names)?;
            let (text, part) = (text.text(), value(0)?);
            let part = part.text();
            boolean(match method {
                "startsWith" => text.starts_with(part),
                "endsWith" => text.ends_with(part),
                _ => text.contains(part),
            })
        }
        other => panic!("`{other}` is not in the language"),
    }
}

fn kleene_and(values: Vec<Option<bool>>) -> Option<bool> {
    if values.contains(&Some(false)) {
        Some(false)
    } else if values.contains(&None) {
        None
    } else {
        Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<Value> {
        Expression::parse(text).evaluate(&|name| match name {
            "three" => Some(Value::Number(3.0)),
            "web" => Some(Value::Text("web".into())),
            "yes" => Some(Value::Boolean(true)),
            "input.three" => Some(Value::Number(3.0)),
            "nothing" | "context.nothing" => None,
            other => panic!("{other}"),
        })
    }

    #[test]
    fn numbers() {
        let number = |text: &str| value(text).map(|v| v.number());
        assert_eq!(number("1 + 2.5 * three"), Some(8.5));
        assert_eq!(number("7 / 2 - -1"), Some(4.5));
        assert_eq!(number("-three % 2"), Some(-1.0));
        assert_eq!(number("10 - 4 - 3"), Some(3.0));
        assert_eq!(number("max(1, three, 2.5) + min(three, 2) + abs(-4)"), Some(9.0));
        for unknown in ["1 / 0", "three % 0", "nothing + 1", "min(1, nothing)", "1e308 * 10", "nothing > 1 ? 1 : 2"] {
            assert_eq!(value(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn three_values() {
        let boolean = |text: &str| value(text).map(|v| v.boolean());
        for yes in [
            "true || nothing",
            "nothing == 1 || yes",
            "!(false && nothing)",
            "three in [1, 3]",
            "web in ['app', 'web']",
            "web.startsWith('w') && web.endsWith('b') && web.contains('e')",
            "known(three) && !known(nothing)",
            "web != 'app'",
            "yes == true",
            "three == 3.0",
            "three > 2 ? yes : nothing",
            "-1 in [-1, 2]",
            "known(nothing || true)",
            "input.three == three && !known(context.nothing)",
        ] {
            assert_eq!(boolean(yes), Some(true), "{yes}");
        }
        for no in ["nothing && false", "three < 3", "web in ['app']"] {
            assert_eq!(boolean(no), Some(false), "{no}");
        }
        for unknown in ["nothing && true", "nothing || false", "!nothing", "nothing in [1]", "nothing == nothing"] {
            assert_eq!(boolean(unknown), None, "{unknown}");
        }
    }
}
