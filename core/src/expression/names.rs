//! What an expression mentions, without looking it up.

use cel::common::ast::{Expr, IdedExpr, LiteralValue};

use super::parse;

/// The names and the texts in quotes of an expression, each once, as they come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    /// `orders`, `input.p_click`, `context.intent`.
    pub(crate) names: Vec<String>,
    pub(crate) texts: Vec<String>,
}

/// What the expression mentions: nothing, if it cannot be read.
pub(crate) fn mentions(text: &str) -> Mentions {
    let mut found = Mentions::default();
    let Ok((tree, _)) = parse::parse(text) else { return found };
    let mut open = vec![&tree];
    while let Some(node) = open.pop() {
        match &node.expr {
            Expr::Ident(name) => add(&mut found.names, name.clone()),
            Expr::Literal(LiteralValue::String(text)) => add(&mut found.texts, text.inner().to_owned()),
            Expr::Call(call) => {
                open.extend(call.args.iter().rev());
                open.extend(call.target.as_deref());
            }
            Expr::Select(select) => match qualified(&select.operand) {
                Some(root) => add(&mut found.names, format!("{root}.{}", select.field)),
                None => open.push(&select.operand),
            },
            Expr::List(list) => open.extend(list.elements.iter().rev()),
            _ => {}
        }
    }
    found
}

fn qualified(node: &IdedExpr) -> Option<&str> {
    match &node.expr {
        Expr::Ident(name) => Some(name),
        _ => None,
    }
}

fn add(all: &mut Vec<String>, one: String) {
    if !all.contains(&one) {
        all.push(one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_order_and_once() {
        let found =
            mentions("orders >= 2 && (known(input.p_click) || context.intent == 'buy') && interest in ['tents', 'buy'] && orders < 9");
        assert_eq!(found.names, ["orders", "input.p_click", "context.intent", "interest"]);
        assert_eq!(found.texts, ["buy", "tents"]);
        assert_eq!(mentions("topic.startsWith('te') ? min(a, -b) > 1 : !c").names, ["topic", "a", "b", "c"]);
        assert_eq!(mentions("orders >="), Mentions::default());
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        assert_eq!(mentions(&vec!["x"; 1_300].join("+")).names, ["x"]);
    }
}
