//! Critical instants, and how the tracks move at them.

use super::document::{Document, Form, PointsElement, Stage, Trait};
use super::expression::{Expression, evaluate, names_of, three_way};
use super::moment::{Moment, Seen, added, see};
use super::records::{BEGINNING, Record};
use cel::common::ast::{Expr, IdedExpr};
use std::collections::BTreeSet;

/// `next_change` looks no further than 9999-12-30T22:00:00Z.
pub const HORIZON: i64 = 253_402_207_200_000_000;

pub struct Move {
    pub track: usize,
    pub at: i64,
    pub from: usize,
    pub to: usize,
    pub cause: &'static str,
    pub record: Option<String>,
}

/// A stage, by number, and since when (`BEGINNING`: always; `None`: no record).
#[derive(Clone, Copy)]
pub struct Standing {
    pub stage: usize,
    pub since: Option<i64>,
}

/// What became of a customer's tracks.
pub struct Run {
    pub standings: Vec<Standing>,
    pub moves: Vec<Move>,
    /// A stage was not entered for no other reason than that it had been, at that instant.
    pub bounced: bool,
}

/// Where each track stands at `until` if nothing but these records has come, and every move up to then.
pub fn run(document: &Document, records: &[Record], until: i64) -> Run {
    let first = Standing { stage: 0, since: records.first().map(|record| record.at) };
    let mut run = Run { standings: vec![first; document.tracks.len()], moves: Vec::new(), bounced: false };
    for at in critical_instants(document, records, until) {
        for track in 0..document.tracks.len() {
            move_track(&Moment { document, records, now: at }, track, &mut run);
        }
    }
    run
}

fn move_track(moment: &Moment<'_>, track: usize, run: &mut Run) {
    let stages = &moment.document.tracks[track].stages;
    let names = |name: &str| moment.value(name);
    let true_now = |condition: &Option<Expression>| condition.as_ref().is_some_and(|c| c.is_true(&names));
    let mut entered: BTreeSet<usize> = BTreeSet::new();
    loop {
        let current = run.standings[track].stage;
        let mut target = None;
        for (number, stage) in stages.iter().enumerate() {
            if number == current {
                if stage.is_while && true_now(&stage.condition) {
                    break;
                }
            } else if stage.from.contains(&current) && true_now(&stage.condition) && (stage.guard.is_none() || true_now(&stage.guard)) {
                if entered.contains(&number) {
                    run.bounced = true;
                    continue;
                }
                target = Some((number, vec![&stage.condition, &stage.guard]));
                break;
            }
        }
        let left = &stages[current];
        if target.is_none() && left.is_while && !true_now(&left.condition) && current != 0 {
            if entered.contains(&0) {
                run.bounced = true;
            } else {
                target = Some((0, vec![&left.condition]));
            }
        }
        let Some((to, rule)) = target else { return };
        let (cause, record) = cause(moment, &Reads::of(moment.document, rule.into_iter().flatten()));
        run.moves.push(Move { track, at: moment.now, from: current, to, cause, record });
        entered.insert(to);
        run.standings[track] = Standing { stage: to, since: Some(moment.now) };
    }
}

fn cause(moment: &Moment<'_>, reads: &Reads<'_>) -> (&'static str, Option<String>) {
    let folded = moment.records.iter().filter(|record| record.at == moment.now);
    match folded.rev().find(|record| reads.fed_by(record)) {
        None => ("time", None),
        Some(record) if record.touchpoint().is_some() => ("touchpoint", record.id.clone()),
        Some(record) => ("attribute", record.id.clone()),
    }
}

/// All that rules read, through scores and segments, down to the traits and the elements of points.
#[derive(Default)]
struct Reads<'a> {
    traits: Vec<&'a Trait>,
    elements: Vec<&'a PointsElement>,
    comparisons: Vec<IdedExpr>,
}

impl<'a> Reads<'a> {
    fn of(document: &'a Document, rule: impl Iterator<Item = &'a Expression>) -> Reads<'a> {
        let mut reads = Reads::default();
        rule.for_each(|expression| reads.add_expression(document, expression));
        reads
    }

    fn add_expression(&mut self, document: &'a Document, expression: &'a Expression) {
        self.comparisons.extend(expression.comparisons());
        expression.names().iter().for_each(|name| self.add_name(document, name));
    }

    fn add_name(&mut self, document: &'a Document, name: &str) {
        self.traits.extend(document.traits.iter().filter(|t| t.name == name));
        for (_, condition) in document.segments.iter().filter(|s| s.0 == name) {
            self.add_expression(document, condition);
        }
        for score in document.scores.iter().filter(|s| s.name == name) {
            match &score.form {
                Form::Points(elements) => self.elements.extend(elements),
                Form::Weighted(elements) => elements.iter().for_each(|e| self.add_expression(document, &e.value)),
                Form::Rfm(elements) => elements.iter().for_each(|(_, name, _)| self.add_name(document, name)),
            }
        }
    }

    fn fed_by(&self, record: &Record) -> bool {
        let Some(touchpoint) = record.touchpoint() else {
            let sets = |t: &&&Trait| t.field.as_deref().is_some_and(|name| record.attribute(name).is_some());
            return self.traits.iter().filter(|t| t.sort == "attribute").any(|t| sets(&t));
        };
        let ends = |t: &Trait| t.until.as_ref().is_some_and(|until| until.contains(&touchpoint.kind));
        self.traits.iter().any(|t| see(t, 0, record.at, touchpoint).is_some() || ends(t))
            || self.elements.iter().any(|e| added(e, touchpoint).is_some())
    }
}

/// Up to `until`, in order: each record; each touchpoint's leaving of a window; each turn of a comparison.
fn critical_instants(document: &Document, records: &[Record], until: i64) -> BTreeSet<i64> {
    let stages = document.tracks.iter().flat_map(|track| &track.stages);
    let rules = stages.flat_map(|Stage { condition, guard, .. }| [condition, guard]).flatten();
    let reads = Reads::of(document, rules);
    let mut instants: BTreeSet<i64> = BTreeSet::new();
    for (place, record) in records.iter().enumerate() {
        instants.insert(record.at);
        let Some(touchpoint) = record.touchpoint() else {
            continue;
        };
        let of_traits = reads.traits.iter().filter(|t| leaves_noticed(t, records, place)).map(|t| t.within);
        let of_points = reads.elements.iter().filter(|e| added(e, touchpoint).is_some()).map(|e| e.within);
        instants.extend(of_traits.chain(of_points).flatten().map(|w| record.at + w));
    }
    instants.retain(|at| *at <= until);
    // Between two of these only growing values change, and each comparison of a rule turns one way.
    let events: Vec<i64> = instants.iter().copied().collect();
    let grows = |name: String| {
        let mut reads = Reads::default();
        reads.add_name(document, &name);
        reads.traits.iter().any(|t| ["days_since", "days_since_first", "tenure"].contains(&t.sort.as_str()))
    };
    let comparisons: Vec<&IdedExpr> = reads.comparisons.iter().filter(|comparison| names_of(comparison).into_iter().any(grows)).collect();
    for (i, &start) in events.iter().enumerate() {
        let end = events.get(i + 1).copied().unwrap_or(until + 1) - 1;
        for comparison in &comparisons {
            instants.extend(turns(document, records, comparison, start, end));
        }
    }
    instants
}

/// Whether a touchpoint counts for a trait and is still there to leave its window: `last`, `min` and `max` have let go of
/// it if a later one took its place before.
fn leaves_noticed(t: &Trait, records: &[Record], place: usize) -> bool {
    let seen = |record: &Record| see(t, 0, record.at, record.touchpoint()?);
    let (Some(own), Some(within)) = (seen(&records[place]), t.within) else {
        return false;
    };
    let mut later = records[place + 1..].iter().filter(|record| record.at < own.at + within).filter_map(seen);
    let beaten = |other: &Seen| match (t.sort.as_str(), &other.value, &own.value) {
        ("last", ..) => true,
        ("min", Some(other), Some(own)) => other.compare(own).is_le(),
        ("max", Some(other), Some(own)) => other.compare(own).is_ge(),
        _ => false,
    };
    !later.any(|other| beaten(&other))
}

/// Every first microsecond in `(start, end]` of another answer.
fn turns(document: &Document, records: &[Record], comparison: &IdedExpr, start: i64, end: i64) -> Vec<i64> {
    let answer = |now: i64| {
        let moment = Moment { document, records, now };
        let names = |name: &str| moment.value(name);
        let Expr::Call(call) = &comparison.expr else { panic!("not a comparison") };
        let sides = call.args.iter().map(|side| evaluate(side, &names)).collect::<Option<Vec<_>>>();
        match three_way(comparison, &names) {
            // A number passes through equality: `==` has two turns. The rest have one.
            Some(sign) if matches!(call.func_name.as_str(), "_==_" | "_!=_") => Some(sign as i8),
            // Texts stand still. Of booleans the comparisons within turn; they are looked at on their own.
            None if sides.is_some() => None,
            _ => evaluate(comparison, &names).map(|answer| i8::from(answer.boolean())),
        }
    };
    let last = answer(end);
    let mut turns = Vec::new();
    let (mut now, mut present) = (start, answer(start));
    while present != last {
        let (mut same, mut other) = (now, end);
        while i128::from(other) - i128::from(same) > 1 {
            let middle = ((i128::from(same) + i128::from(other)).div_euclid(2)) as i64;
            if answer(middle) == present { same = middle } else { other = middle }
        }
        let next = answer(other);
        if !passes_over_equality(comparison, present, next) {
            turns.push(other);
        }
        (now, present) = (other, next);
    }
    turns
}

/// From less to greater with no microsecond of equality between: `==` was and is false.
fn passes_over_equality(comparison: &IdedExpr, before: Option<i8>, after: Option<i8>) -> bool {
    let Expr::Call(call) = &comparison.expr else { panic!("not a comparison") };
    matches!(call.func_name.as_str(), "_==_" | "_!=_")
        && matches!((before, after), (Some(before), Some(after)) if before != 0 && after != 0)
}

/// The instant as the results have it: none for the beginning of time.
pub fn known_instant(at: Option<i64>) -> Option<i64> {
    at.filter(|at| *at != BEGINNING)
}
