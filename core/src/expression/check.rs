//! CEL's tree to a typed plan: every name is looked up, every type checked, everything outside of the language refused by name.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};

use super::parse::{self, MAX_DEPTH, MAX_NODES};
use super::plan::{Arithmetic, Comparison, Condition, Number, Text, TextTest, Type};
use crate::diagnostic::{did_you_mean, suggest};
use crate::symbol::Symbol;

/// A problem of an expression, with its place in the expression's text (bytes).
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) span: (usize, usize),
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: &'static str, span: (usize, usize), message: impl Into<String>) -> Self {
        Self { code, span, message: message.into(), help: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaf<'a> {
    pub(crate) index: u32,
    pub(crate) kind: Type,
    /// The declared values of a text name, if they are declared, and what they are called.
    pub(crate) domain: Option<(&'a [String], &'static str)>,
    /// What reading it costs, in nodes: a segment costs what its condition does.
    pub(crate) cost: usize,
}

/// The names that an expression may use, and where its literals are interned.
pub(crate) trait Names {
    fn leaf(&self, name: &str) -> Option<Leaf<'_>>;
    fn all(&self) -> Vec<&str>;
    /// What such a name is called in messages: "trait, score or segment", "field of a touchpoint".
    fn what(&self) -> &'static str;
    fn intern(&mut self, text: &str) -> Symbol;
    /// Help for a name that is not there, where something better than a near miss is known.
    fn hint(&self, _name: &str) -> Option<String> {
        None
    }
}

/// A compiled expression and what evaluating it costs, in nodes.
#[derive(Debug, Clone)]
pub(crate) struct Checked<T> {
    pub(crate) plan: T,
    pub(crate) cost: usize,
}

/// Compiles a condition.
///
/// # Errors
/// All problems of the text.
pub(crate) fn compile_condition<N: Names>(text: &str, names: &mut N) -> Result<Checked<Condition>, Vec<Problem>> {
    compile(text, names, Type::Boolean).map(|(plan, cost)| match plan {
        Typed::Boolean(plan) => Checked { plan, cost },
        _ => Checked { plan: Condition::Constant(false), cost },
    })
}

/// Compiles a numeric expression.
///
/// # Errors
/// All problems of the text.
pub(crate) fn compile_number<N: Names>(text: &str, names: &mut N) -> Result<Checked<Number>, Vec<Problem>> {
    compile(text, names, Type::Number).map(|(plan, cost)| match plan {
        Typed::Number(plan) => Checked { plan, cost },
        _ => Checked { plan: Number::Constant(f64::NAN), cost },
    })
}

fn compile<N: Names>(text: &str, names: &mut N, wanted: Type) -> Result<(Typed, usize), Vec<Problem>> {
    let (tree, info) = parse::parse(text)?;
    let mut checker = Checker { text, info, names, problems: Vec::new(), nodes: 0, cost: 0 };
    let plan = checker.lower(&tree, 1);
    if let Some(found) = plan.as_ref().map(Typed::kind).filter(|found| *found != wanted) {
        let what = if wanted == Type::Boolean { "a condition" } else { "a number" };
        checker.report(&tree, "type_mismatch", format!("this is {}, where {what} is needed", found.name()));
    }
    match plan {
        Some(plan) if checker.problems.is_empty() => Ok((plan, checker.cost)),
        _ => Err(checker.problems),
    }
}

/// What the host hands in is selected from one of these.
fn given(operand: &Expr) -> Option<&'static str> {
    match operand {
        Expr::Ident(name) => ["input", "context"].into_iter().find(|given| given == name),
        _ => None,
    }
}

#[derive(Debug, Clone)]
enum Typed {
    Number(Number),
    Text(Text),
    Boolean(Condition),
}

impl Typed {
    fn kind(&self) -> Type {
        match self {
            Self::Number(_) => Type::Number,
            Self::Text(_) => Type::Text,
            Self::Boolean(_) => Type::Boolean,
        }
    }
}

struct Checker<'a, N> {
    text: &'a str,
    info: SourceInfo,
    names: &'a mut N,
    problems: Vec<Problem>,
    nodes: usize,
    cost: usize,
}

impl<N: Names> Checker<'_, N> {
    /// First byte of a node and the one after its last.
    fn span(&self, node: &IdedExpr) -> (usize, usize) {
        let (start, stop) = extent(node, &self.info, self.text).unwrap_or((0, 0));
        let end = (stop.max(start) as usize + 1..self.text.len()).find(|end| self.text.is_char_boundary(*end));
        (start as usize, end.unwrap_or(self.text.len()))
    }

    fn report(&mut self, node: &IdedExpr, code: &'static str, message: impl Into<String>) {
        self.report_with(node, code, message, None);
    }

    fn report_with(&mut self, node: &IdedExpr, code: &'static str, message: impl Into<String>, help: Option<String>) {
        let mut problem = Problem::new(code, self.span(node), message);
        problem.help = help;
        self.problems.push(problem);
    }

    fn refuse(&mut self, node: &IdedExpr, what: &str, help: &str) -> Option<Typed> {
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.report_with(node, "unsupported_expression", format!("{what} is not part of wayfare's expressions"), help);
        None
    }

    fn lower(&mut self, node: &IdedExpr, depth: usize) -> Option<Typed> {
        self.nodes += 1;
        self.cost = self.cost.saturating_add(1);
        if depth > MAX_DEPTH {
            let problem = parse::too_deep(self.span(node));
            if !self.problems.iter().any(|p| p.code == problem.code) {
                self.problems.push(problem);
            }
            return None;
        }
        if self.nodes > MAX_NODES {
            if self.nodes == MAX_NODES + 1 {
                self.report(node, "expression_too_large", format!("the expression has more than {MAX_NODES} nodes"));
            }
            return None;
        }
        match &node.expr {
            Expr::Ident(name) => self.name(node, name),
            Expr::Literal(literal) => self.literal(node, literal),
            Expr::Call(call) => self.call(node, call, depth),
            Expr::Select(select) if select.test => self.refuse(node, "`has(…)`", "ask `known(x)`"),
            Expr::Select(select) if given(&select.operand.expr).is_some() => {
                let name = format!("{}.{}", given(&select.operand.expr).unwrap_or_default(), select.field);
                self.name(node, &name)
            }
            Expr::Select(select) => {
                let what = format!("selecting `.{}`", select.field);
                self.refuse(node, &what, "name the trait or property itself")
            }
            Expr::List(_) => self.refuse(node, "a list outside of `in`", ""),
            Expr::Map(_) => self.refuse(node, "a map", ""),
            Expr::Struct(_) => self.refuse(node, "a message", ""),
            Expr::Comprehension(_) => {
                self.refuse(node, "a macro such as `all`, `exists`, `map` or `filter`", "count with a trait and its `where`")
            }
            Expr::Unspecified => self.refuse(node, "an empty expression", ""),
        }
    }

    fn name(&mut self, node: &IdedExpr, name: &str) -> Option<Typed> {
        if let Some(leaf) = self.names.leaf(name) {
            let (index, kind) = (leaf.index, leaf.kind);
            self.cost = self.cost.saturating_add(leaf.cost);
            return Some(match kind {
                Type::Number => Typed::Number(Number::Leaf(index)),
                Type::Text => Typed::Text(Text::Leaf(index)),
                Type::Boolean => Typed::Boolean(Condition::Leaf(index)),
            });
        }
        let what = self.names.what();
        let all = self.names.all();
        let help = did_you_mean(name, all.iter().copied())
            .or_else(|| self.names.hint(name))
            .or_else(|| suggest(name, all.iter().copied(), "there are"));
        let message = match name.split_once('.') {
            Some((given, name)) => format!("no {given} is called `{name}`"),
            None => format!("no {what} is called `{name}`"),
        };
        self.report_with(node, "unknown_name", message, help);
        None
    }

    fn literal(&mut self, node: &IdedExpr, literal: &LiteralValue) -> Option<Typed> {
        match literal {
            LiteralValue::Boolean(value) => Some(Typed::Boolean(Condition::Constant(*value.inner()))),
            LiteralValue::Double(value) => self.finite(node, *value.inner()),
            LiteralValue::Int(value) if value.inner().unsigned_abs() <= 1 << 53 => self.finite(node, *value.inner() as f64),
            LiteralValue::Int(_) => {
                self.report(node, "number_out_of_range", "an integer beyond 2^53 cannot be kept exactly");
                None
            }
            LiteralValue::String(value) => Some(Typed::Text(Text::Constant(self.names.intern(value.inner())))),
            LiteralValue::UInt(_) => self.refuse(node, "an unsigned literal", "write the number without `u`"),
            LiteralValue::Bytes(_) => self.refuse(node, "a bytes literal", "write the text without `b`"),
            LiteralValue::Null => self.refuse(node, "`null`", "ask `known(x)`"),
        }
    }

    fn finite(&mut self, node: &IdedExpr, value: f64) -> Option<Typed> {
        if value.is_finite() {
            return Some(Typed::Number(Number::Constant(value)));
        }
        self.report(node, "number_out_of_range", "the number is too large");
        None
    }

    fn call(&mut self, node: &IdedExpr, call: &CallExpr, depth: usize) -> Option<Typed> {
        let args = call.args.as_slice();
        if let Some(target) = &call.target {
            return self.method(node, call, target, depth);
        }
        match (call.func_name.as_str(), args) {
            (operators::LOGICAL_AND, _) => Some(Typed::Boolean(Condition::All(self.conditions(args, depth)?))),
            (operators::LOGICAL_OR, _) => Some(Typed::Boolean(Condition::Any(self.conditions(args, depth)?))),
            (operators::LOGICAL_NOT, [a]) => Some(Typed::Boolean(Condition::Not(Box::new(self.condition(a, depth)?)))),
            (operators::NEGATE, [a]) => Some(Typed::Number(match self.number(a, depth)? {
                Number::Constant(value) => Number::Constant(-value),
                other => Number::Negate(Box::new(other)),
            })),
            (operators::CONDITIONAL, [test, yes, no]) => self.conditional(node, test, yes, no, depth),
            (operators::IN, [item, list]) => self.contained(item, list, depth),
            ("known", [a]) => Some(Typed::Boolean(match self.lower(a, depth + 1)? {
                Typed::Number(a) => Condition::KnownNumber(Box::new(a)),
                Typed::Text(a) => Condition::KnownText(a),
                Typed::Boolean(a) => Condition::KnownTruth(Box::new(a)),
            })),
            ("abs", [a]) => Some(Typed::Number(Number::Absolute(Box::new(self.number(a, depth)?)))),
            ("min", [_, ..]) => Some(Typed::Number(Number::Least(self.numbers(args, depth)?))),
            ("max", [_, ..]) => Some(Typed::Number(Number::Greatest(self.numbers(args, depth)?))),
            (name @ ("known" | "abs" | "min" | "max"), _) => {
                let wants = if matches!(name, "min" | "max") { "one argument at least" } else { "one argument" };
                self.report(node, "wrong_argument_count", format!("`{name}` takes {wants}"));
                None
            }
            (name, [a, b]) => {
                if let Some(operator) = arithmetic(name) {
                    return self.arithmetic(operator, a, b, depth);
                }
                match comparison(name) {
                    Some(operator) => self.comparison(node, operator, a, b, depth),
                    None => self.unsupported(node, name),
                }
            }
            (name, _) => self.unsupported(node, name),
        }
    }

    fn unsupported(&mut self, node: &IdedExpr, name: &str) -> Option<Typed> {
        let what = match operators::find_operator(name).is_some() || name.contains('_') && name.contains('[') {
            true => "indexing with `[]`".to_owned(),
            false => format!("the function `{name}`"),
        };
        let help = did_you_mean(name, ["known", "min", "max", "abs"]);
        self.refuse(node, &what, help.as_deref().unwrap_or_default())
    }

    fn method(&mut self, node: &IdedExpr, call: &CallExpr, target: &IdedExpr, depth: usize) -> Option<Typed> {
        let test = match call.func_name.as_str() {
            "startsWith" => TextTest::StartsWith,
            "endsWith" => TextTest::EndsWith,
            "contains" => TextTest::Contains,
            name => {
                let help = did_you_mean(name, ["startsWith", "endsWith", "contains"]);
                return self.refuse(node, &format!("the method `{name}`"), help.as_deref().unwrap_or_default());
            }
        };
        let [part] = call.args.as_slice() else {
            self.report(node, "wrong_argument_count", format!("`{}` takes one argument", call.func_name));
            return None;
        };
        let (text, part) = (self.text(target, depth), self.text(part, depth));
        Some(Typed::Boolean(Condition::TextTest(test, text?, part?)))
    }

    fn arithmetic(&mut self, operator: Arithmetic, a: &IdedExpr, b: &IdedExpr, depth: usize) -> Option<Typed> {
        let (a, b) = (self.number(a, depth), self.number(b, depth));
        Some(Typed::Number(Number::Arithmetic(operator, Box::new(a?), Box::new(b?))))
    }

    fn comparison(&mut self, node: &IdedExpr, operator: Comparison, a: &IdedExpr, b: &IdedExpr, depth: usize) -> Option<Typed> {
        let (left, right) = (self.lower(a, depth + 1), self.lower(b, depth + 1));
        let (left, right) = (left?, right?);
        let equality = match operator {
            Comparison::Equal => Some(true),
            Comparison::NotEqual => Some(false),
            _ => None,
        };
        let condition = match (left, right, equality) {
            (Typed::Number(left), Typed::Number(right), _) => Condition::Compare(operator, Box::new(left), Box::new(right)),
            (Typed::Text(left), Typed::Text(right), Some(positive)) => {
                self.domain(a, b);
                self.domain(b, a);
                negated(Condition::TextIs(left, right), positive)
            }
            (Typed::Boolean(left), Typed::Boolean(right), Some(positive)) => {
                negated(Condition::Same(Box::new(left), Box::new(right)), positive)
            }
            (left, right, _) if left.kind() == right.kind() => {
                let message = format!("{} can be compared with `==` and `!=` only", left.kind().name());
                self.report(node, "type_mismatch", message);
                return None;
            }
            (left, right, _) => {
                let message = format!(
                    "`{}` is {} and `{}` is {}: they cannot be compared",
                    self.source(a),
                    left.kind().name(),
                    self.source(b),
                    right.kind().name()
                );
                self.report(node, "type_mismatch", message);
                return None;
            }
        };
        Some(Typed::Boolean(condition))
    }

    /// A literal that stands beside a name with declared values must be one of them.
    fn domain(&mut self, name: &IdedExpr, literal: &IdedExpr) {
        let (Expr::Ident(name), Expr::Literal(LiteralValue::String(text))) = (&name.expr, &literal.expr) else { return };
        let Some((values, what)) = self.names.leaf(name).and_then(|leaf| leaf.domain) else { return };
        if values.iter().any(|value| value == text.inner()) {
            return;
        }
        let help = suggest(text.inner(), values.iter().map(String::as_str), "there are");
        let message = format!("{what} `{}` is not declared", text.inner());
        let code = match what {
            "kind" => "unknown_kind",
            "channel" => "unknown_channel",
            "topic" => "unknown_topic",
            _ => "unknown_value",
        };
        self.report_with(literal, code, message, help);
    }

    fn contained(&mut self, item: &IdedExpr, list: &IdedExpr, depth: usize) -> Option<Typed> {
        let Expr::List(list_expr) = &list.expr else {
            self.report(list, "type_mismatch", "`in` wants a list of literals, like `[\"web\", \"app\"]`");
            return None;
        };
        let lowered = self.lower(item, depth + 1)?;
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for element in &list_expr.elements {
            match (&lowered, self.lower(element, depth + 1)?) {
                (Typed::Number(_), Typed::Number(Number::Constant(value))) => numbers.push(value),
                (Typed::Text(_), Typed::Text(Text::Constant(value))) => {
                    self.domain(item, element);
                    texts.push(value);
                }
                (Typed::Boolean(_), _) => {
                    self.report(item, "type_mismatch", "`in` wants a number or text on its left");
                    return None;
                }
                (wanted, _) => {
                    let message = format!("`{}` is {}, and so must each literal of the list be", self.source(item), wanted.kind().name());
                    self.report(element, "type_mismatch", message);
                    return None;
                }
            }
        }
        Some(Typed::Boolean(match lowered {
            Typed::Number(number) => Condition::NumberIn(Box::new(number), numbers),
            Typed::Text(text) => Condition::TextIn(text, texts),
            Typed::Boolean(_) => Condition::Constant(false),
        }))
    }

    fn conditional(&mut self, node: &IdedExpr, test: &IdedExpr, yes: &IdedExpr, no: &IdedExpr, depth: usize) -> Option<Typed> {
        let test = self.condition(test, depth);
        let (yes, no) = (self.lower(yes, depth + 1), self.lower(no, depth + 1));
        let test = Box::new(test?);
        match (yes?, no?) {
            (Typed::Number(yes), Typed::Number(no)) => Some(Typed::Number(Number::If(test, Box::new(yes), Box::new(no)))),
            (Typed::Text(yes), Typed::Text(no)) => Some(Typed::Text(Text::If(test, Box::new(yes), Box::new(no)))),
            (Typed::Boolean(yes), Typed::Boolean(no)) => Some(Typed::Boolean(Condition::If(test, Box::new(yes), Box::new(no)))),
            (yes, no) => {
                let message = format!("one branch is {} and the other is {}", yes.kind().name(), no.kind().name());
                self.report(node, "type_mismatch", message);
                None
            }
        }
    }

    fn conditions(&mut self, args: &[IdedExpr], depth: usize) -> Option<Vec<Condition>> {
        let lowered: Vec<Option<Condition>> = args.iter().map(|a| self.condition(a, depth)).collect();
        lowered.into_iter().collect()
    }

    fn numbers(&mut self, args: &[IdedExpr], depth: usize) -> Option<Vec<Number>> {
        let lowered: Vec<Option<Number>> = args.iter().map(|a| self.number(a, depth)).collect();
        lowered.into_iter().collect()
    }

    fn condition(&mut self, node: &IdedExpr, depth: usize) -> Option<Condition> {
        match self.lower(node, depth + 1)? {
            Typed::Boolean(condition) => Some(condition),
            other => self.wrong_type(node, other.kind(), "a condition"),
        }
    }

    fn number(&mut self, node: &IdedExpr, depth: usize) -> Option<Number> {
        match self.lower(node, depth + 1)? {
            Typed::Number(number) => Some(number),
            other => self.wrong_type(node, other.kind(), "a number"),
        }
    }

    fn text(&mut self, node: &IdedExpr, depth: usize) -> Option<Text> {
        match self.lower(node, depth + 1)? {
            Typed::Text(text) => Some(text),
            other => self.wrong_type(node, other.kind(), "text"),
        }
    }

    fn wrong_type<T>(&mut self, node: &IdedExpr, found: Type, wanted: &str) -> Option<T> {
        let message = format!("`{}` is {}, where {wanted} is needed", self.source(node), found.name());
        self.report(node, "type_mismatch", message);
        None
    }

    fn source(&self, node: &IdedExpr) -> &str {
        let (start, end) = self.span(node);
        self.text.get(start..end).unwrap_or_default()
    }
}

fn negated(condition: Condition, positive: bool) -> Condition {
    if positive { condition } else { Condition::Not(Box::new(condition)) }
}

fn arithmetic(name: &str) -> Option<Arithmetic> {
    Some(match name {
        operators::ADD => Arithmetic::Add,
        operators::SUBSTRACT => Arithmetic::Subtract,
        operators::MULTIPLY => Arithmetic::Multiply,
        operators::DIVIDE => Arithmetic::Divide,
        operators::MODULO => Arithmetic::Remainder,
        _ => return None,
    })
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        operators::LESS => Comparison::Less,
        operators::LESS_EQUALS => Comparison::LessOrEqual,
        operators::GREATER => Comparison::Greater,
        operators::GREATER_EQUALS => Comparison::GreaterOrEqual,
        operators::EQUALS => Comparison::Equal,
        operators::NOT_EQUALS => Comparison::NotEqual,
        _ => return None,
    })
}

/// First and last byte of a node with all that hangs below it. INVARIANT: called on bounded trees only.
fn extent(node: &IdedExpr, info: &SourceInfo, text: &str) -> Option<(u32, u32)> {
    let mut range = info.offset_for(node.id);
    let mut stack = vec![(node, 0_usize)];
    while let Some((node, depth)) = stack.pop() {
        if let Some((start, stop)) = info.offset_for(node.id) {
            range = Some(range.map_or((start, stop), |(a, b)| (a.min(start), b.max(stop))));
        }
        if depth > MAX_DEPTH {
            continue;
        }
        match &node.expr {
            Expr::Call(call) => {
                range = range.zip(info.offset_for(node.id)).map(|(range, (open, _))| with_call(range, text, open, Some(&call.func_name)));
                stack.extend(call.target.iter().map(|t| (&**t, depth + 1)));
                stack.extend(call.args.iter().map(|a| (a, depth + 1)));
            }
            Expr::List(list) => stack.extend(list.elements.iter().map(|e| (e, depth + 1))),
            Expr::Select(select) => {
                // The place of a selection is its dot.
                let end = info.offset_for(node.id).map(|(dot, _)| dot + select.field.len() as u32);
                range = range.zip(end).map(|((start, stop), end)| (start, stop.max(end)));
                stack.push((&select.operand, depth + 1));
            }
            Expr::Comprehension(comprehension) => {
                range = range.zip(info.offset_for(node.id)).map(|(range, (open, _))| with_call(range, text, open, None));
                stack.push((&comprehension.iter_range, depth + 1));
            }
            _ => {}
        }
    }
    range
}

/// The place of a call is its bracket: the range with its name before that, if it is there, and with all up to the bracket that closes it.
fn with_call((start, stop): (u32, u32), text: &str, open: u32, name: Option<&str>) -> (u32, u32) {
    let (Some(before), Some(from)) = (text.get(..open as usize), text.get(open as usize..)) else { return (start, stop) };
    let named = name.and_then(|name| before.trim_end().strip_suffix(name)).map_or(start, |before| before.len() as u32);
    let closed = parse::closing(from).map_or(stop, |length| open + length as u32);
    (start.min(named), stop.max(closed))
}
