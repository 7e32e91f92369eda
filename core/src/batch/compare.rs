//! What if: the same past under two journey files.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::decide::{chosen, each_scene};
use super::identity::by_person;
use super::input::{Refused, Table};
use super::output::{ResultColumn, ResultTable, Texts};
use super::prepare::{Monitor, Reads, prepare};
use super::sheet::{NO_WORD, instant};
use super::{AsOf, RunOptions};
use crate::decision::{REASONS, Scene};
use crate::error::{BadRow, Error, Result};
use crate::exact::ExactSum;
use crate::figures::counted;
use crate::journey::Journey;

/// How many customers stand in a stage under each of two files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StageComparison {
    /// The track.
    pub track: String,
    /// The stage.
    pub stage: String,
    /// Customers under the one file.
    pub before: u64,
    /// Customers under the other.
    pub after: u64,
}

/// Customers who stand in one stage under the one file, and in another under the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StageMove {
    /// The track.
    pub track: String,
    /// Where they stand under the one file.
    pub from: String,
    /// Where they stand under the other.
    pub to: String,
    /// How many.
    pub customers: u64,
}

/// Decisions that differ in the same way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct DecisionChange {
    /// What the one file says; none for nothing.
    pub action_before: Option<String>,
    /// By which channel.
    pub channel_before: Option<String>,
    /// Why: `first`, or the reason that stopped it.
    pub because_before: &'static str,
    /// What the other says.
    pub action_after: Option<String>,
    /// By which channel.
    pub channel_after: Option<String>,
    /// Why.
    pub because_after: &'static str,
    /// How many customers.
    pub customers: u64,
}

/// What the decisions of one file come to.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Contacts {
    /// May be sent.
    pub sent: u64,
    /// Wait for a cap.
    pub capped: u64,
    /// Stopped by a veto.
    pub vetoed: u64,
    /// Held out, to measure against.
    pub held_out: u64,
    /// The sum of the priorities of what may be sent.
    pub value: f64,
}

/// The same past under two files.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Customers, or customers and instants if several were asked about.
    pub customers: u64,
    /// Customers by stage, on the tracks that both files have.
    pub stages: Vec<StageComparison>,
    /// Customers who stand elsewhere.
    pub moves: Vec<StageMove>,
    /// Decisions that differ, the commonest difference first.
    pub changes: Vec<DecisionChange>,
    /// What the one file's decisions come to.
    pub before: Contacts,
    /// What the other's come to.
    pub after: Contacts,
    /// A row a customer and instant that differs: `customer, as_of, action_before, channel_before, because_before, action_after, channel_after, because_after`.
    #[serde(skip)]
    pub differences: ResultTable,
    /// Rows of the input that were refused under either file, with [`OnError::Collect`](super::OnError::Collect).
    #[serde(skip)]
    pub rejected: Vec<BadRow>,
}

/// One file's side: per customer and instant the stages, and the decision.
struct Side<'j> {
    journey: &'j Journey,
    keys: ResultColumn,
    cells: Vec<Vec<u64>>,
    rejected: Vec<BadRow>,
}

/// Cells of a decision after those of the stages: the instant, action, channel, reason, priority of what may be sent.
const DECISION: usize = 5;

impl<'j> Side<'j> {
    fn new<'a>(journey: &'j Journey, touchpoints: &Table<'a>, options: &RunOptions<'a>) -> Result<Self> {
        let plan = &*journey.plan;
        let prepared = prepare(plan, touchpoints, options, Reads::Contacts)?;
        let monitor = Monitor::new(options, &prepared);
        let sheet = each_scene(&prepared, &monitor, &options.as_of, false, plan.tracks.len() + DECISION, |scene, cells| {
            cells.extend(scene.tracks.iter().map(|track| u64::from(track.stage)));
            cells.push(scene.now as u64);
            decided(scene, cells);
            1
        });
        monitor.finish()?;
        let rejected = prepared.finish()?;
        let (keys, cells) = sheet.cells();
        Ok(Self { journey, keys, cells, rejected })
    }

    fn rows(&self) -> usize {
        self.cells.first().map_or(0, Vec::len)
    }

    fn cell(&self, column: usize, row: usize) -> u64 {
        self.cells.get(column).and_then(|cells| cells.get(row)).copied().unwrap_or_default()
    }

    fn decision(&self, row: usize) -> Decided<'_> {
        let (plan, first) = (&self.journey.plan, self.journey.plan.tracks.len());
        let [at, action, channel, reason, worth] = [0, 1, 2, 3, 4].map(|at| self.cell(first + at, row));
        Decided {
            at,
            action: plan.decision.actions.get(action as usize).map(|action| action.name.as_str()),
            channel: plan.decision.channels.get(channel as usize).map(|channel| channel.name.as_str()),
            because: REASONS.get(reason as usize).copied().unwrap_or_default(),
            worth: f64::from_bits(worth),
        }
    }

    fn stage(&self, track: usize, row: usize) -> &str {
        let stages = self.journey.plan.tracks.get(track).map_or(&[][..], |track| &track.stages);
        stages.get(self.cell(track, row) as usize).map_or("", |stage| &stage.name)
    }

    fn contacts(&self) -> Contacts {
        let (mut contacts, mut value) = (Contacts::default(), ExactSum::default());
        for decided in (0..self.rows()).map(|row| self.decision(row)) {
            match decided.because {
                "first" => {
                    contacts.sent += 1;
                    value.add(decided.worth);
                }
                "cap" => contacts.capped += 1,
                "veto" | "veto_unknown" => contacts.vetoed += 1,
                "held_out" => contacts.held_out += 1,
                _ => {}
            }
        }
        Contacts { value: value.value(), ..contacts }
    }
}

#[derive(Clone, Copy)]
struct Decided<'s> {
    at: u64,
    action: Option<&'s str>,
    channel: Option<&'s str>,
    because: &'static str,
    worth: f64,
}

impl Decided<'_> {
    fn differs(&self, other: &Decided<'_>) -> bool {
        (self.action, self.channel, self.because) != (other.action, other.channel, other.because)
    }
}

fn decided(scene: &Scene<'_>, cells: &mut Vec<u64>) {
    let (chosen, because) = chosen(scene);
    cells.extend(match chosen {
        Some(pick) => [pick.action as u64, pick.channel as u64, because, pick.priority.to_bits()],
        None => [NO_WORD, NO_WORD, because, 0],
    });
}

impl Journey {
    /// The same past under this file and another: customers by stage, moves between stages, decisions that differ and why, what is sent, capped, vetoed and held out, and
    /// the value at stake.
    ///
    /// # Errors
    /// As [`decide`](Self::decide), and [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if the two files accept different rows.
    pub fn compare<'a>(&self, other: &Self, touchpoints: &Table<'a>, options: &RunOptions<'a>) -> Result<Comparison> {
        if let Some(graph) = options.identity {
            return by_person(&self.plan, graph, "touchpoints", touchpoints, options, |touchpoints, options| {
                self.compare(other, touchpoints, options)
            });
        }
        // The past is read twice, and progress tells of both.
        let half = |first: u64| move |done, rows| options.progress.is_none_or(|progress| progress(first * rows + done, 2 * rows));
        let (first, second) = (half(0), half(1));
        let mut before = Side::new(self, touchpoints, &RunOptions { progress: Some(&first), ..options.clone() })?;
        let mut after = Side::new(other, touchpoints, &RunOptions { progress: Some(&second), ..options.clone() })?;
        if before.keys != after.keys {
            return Err(Error::table("the two journeys accept different rows of the tables")
                .with_help("mend the rows that only one of them accepts, or leave them out"));
        }
        let rows = [std::mem::take(&mut before.rejected), std::mem::take(&mut after.rejected)].concat();
        let (stages, moves) = stages(&before, &after);
        let (changes, differences) = decisions(&before, &after, matches!(options.as_of, AsOf::At(_)));
        Ok(Comparison {
            customers: before.rows() as u64,
            stages,
            moves,
            changes,
            before: before.contacts(),
            after: after.contacts(),
            differences,
            rejected: Refused { rows }.settle(),
        })
    }
}

fn stages(before: &Side<'_>, after: &Side<'_>) -> (Vec<StageComparison>, Vec<StageMove>) {
    let (mut stages, mut moves) = (Vec::new(), Vec::new());
    for (number, track) in before.journey.plan.tracks.iter().enumerate() {
        let Some((other_number, other)) = after.journey.plan.tracks.iter().enumerate().find(|(_, other)| other.name == track.name) else {
            continue;
        };
        let mut pairs: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for row in 0..before.rows() {
            *pairs.entry((before.stage(number, row), after.stage(other_number, row))).or_default() += 1;
        }
        let only_after = other.stages.iter().filter(|stage| !track.stages.iter().any(|known| known.name == stage.name));
        for stage in track.stages.iter().chain(only_after) {
            let before = pairs.iter().filter(|((from, _), _)| *from == stage.name).map(|(_, times)| times).sum();
            let after = pairs.iter().filter(|((_, to), _)| *to == stage.name).map(|(_, times)| times).sum();
            stages.push(StageComparison { track: track.name.clone(), stage: stage.name.clone(), before, after });
        }
        let moved = pairs.into_iter().filter(|((from, to), _)| from != to);
        moves.extend(moved.map(|((from, to), customers)| StageMove {
            track: track.name.clone(),
            from: from.to_owned(),
            to: to.to_owned(),
            customers,
        }));
    }
    (stages, moves)
}

/// A customer and instant of whom the two files say different things.
struct Difference<'s> {
    row: usize,
    before: Decided<'s>,
    after: Decided<'s>,
}

fn decisions(before: &Side<'_>, after: &Side<'_>, one_instant: bool) -> (Vec<DecisionChange>, ResultTable) {
    let both = (0..before.rows()).map(|row| Difference { row, before: before.decision(row), after: after.decision(row) });
    let different: Vec<Difference<'_>> = both.filter(|both| both.before.differs(&both.after)).collect();
    let mut columns = vec![("customer".to_owned(), before.keys.picked(different.iter().map(|both| both.row)))];
    if !one_instant {
        columns.push(("as_of".to_owned(), ResultColumn::Instants(different.iter().map(|both| instant(both.before.at)).collect())));
    }
    columns.extend([
        ("action_before".to_owned(), texts(&different, |both| both.before.action)),
        ("channel_before".to_owned(), texts(&different, |both| both.before.channel)),
        ("because_before".to_owned(), texts(&different, |both| Some(both.before.because))),
        ("action_after".to_owned(), texts(&different, |both| both.after.action)),
        ("channel_after".to_owned(), texts(&different, |both| both.after.channel)),
        ("because_after".to_owned(), texts(&different, |both| Some(both.after.because))),
    ]);
    (changes(&different), ResultTable { columns, rejected: Vec::new() })
}

fn texts<'d>(different: &'d [Difference<'d>], of: impl Fn(&'d Difference<'d>) -> Option<&'d str>) -> ResultColumn {
    ResultColumn::Texts(different.iter().map(of).collect::<Texts>())
}

/// How often each difference comes, the commonest first.
fn changes(different: &[Difference<'_>]) -> Vec<DecisionChange> {
    let mut times: BTreeMap<DecisionChange, u64> = BTreeMap::new();
    for Difference { before, after, .. } in different {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let change = DecisionChange {
            action_before: owned(before.action),
            channel_before: owned(before.channel),
            because_before: before.because,
            action_after: owned(after.action),
            channel_after: owned(after.channel),
            because_after: after.because,
            customers: 0,
        };
        *times.entry(change).or_default() += 1;
    }
    let mut changes: Vec<DecisionChange> = times.into_iter().map(|(change, customers)| DecisionChange { customers, ..change }).collect();
    // Stable: equals stay in the order of what they say.
    changes.sort_by_key(|change| std::cmp::Reverse(change.customers));
    changes
}

impl Comparison {
    /// Whether the two files say the same of everybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.changes.is_empty()
    }

    /// How many were asked about, and how many decisions differ.
    pub(super) fn headline(&self) -> String {
        let customers = counted(self.customers, "customer");
        if self.is_empty() {
            return format!("{customers}, and nothing differs");
        }
        let differ: u64 = self.changes.iter().map(|change| change.customers).sum();
        format!("{customers}; {} differ{}", counted(differ, "decision"), if differ == 1 { "s" } else { "" })
    }

    /// The comparison in a few lines.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = self.headline();
        if self.is_empty() {
            return text;
        }
        text.push('\n');
        for moved in &self.moves {
            let are = if moved.customers == 1 { "is" } else { "are" };
            let customers = counted(moved.customers, "customer");
            _ = write!(text, "\n{}: {customers} {are} `{}` and not `{}`", moved.track, moved.to, moved.from);
        }
        let said = |action: &Option<String>, channel: &Option<String>, because: &str| match (action, channel) {
            (Some(action), Some(channel)) => format!("`{action}` on `{channel}` ({because})"),
            _ => format!("nothing ({because})"),
        };
        for change in &self.changes {
            let before = said(&change.action_before, &change.channel_before, change.because_before);
            let after = said(&change.action_after, &change.channel_after, change.because_after);
            _ = write!(text, "\n{}: {after} and not {before}", counted(change.customers, "customer"));
        }
        let (before, after) = (self.before, self.after);
        _ = write!(
            text,
            "\n\nsent {} and not {}, capped {} and not {}, vetoed {} and not {}, held out {} and not {}, value {} and not {}",
            after.sent,
            before.sent,
            after.capped,
            before.capped,
            after.vetoed,
            before.vetoed,
            after.held_out,
            before.held_out,
            after.value,
            before.value
        );
        text
    }
}
