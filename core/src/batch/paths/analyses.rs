//! What is read off paths, as tables.

use super::super::output::{ResultColumn, ResultTable, Texts};
use crate::error::Result;
use crate::insight::paths::{
    DirectlyFollows, DropOut, Exit, Flow, FrequentPath, Funnel, FunnelRequest, Paths, Place, StageTime, TransitionMatrix,
};
use crate::time::Instant;

/// What stands for a touchpoint without a word in a path.
const NO_WORD: &str = "(none)";

fn table<const N: usize>(columns: [(&str, ResultColumn); N]) -> ResultTable {
    ResultTable { columns: columns.map(|(name, column)| (name.to_owned(), column)).into(), rejected: Vec::new() }
}

fn texts<'t>(texts: impl Iterator<Item = Option<&'t str>>) -> ResultColumn {
    ResultColumn::Texts(texts.collect::<Texts>())
}

fn counts(counts: impl Iterator<Item = u64>) -> ResultColumn {
    ResultColumn::Integers(counts.map(|count| i64::try_from(count).unwrap_or(i64::MAX)).collect())
}

fn numbers(numbers: impl Iterator<Item = Option<f64>>) -> ResultColumn {
    ResultColumn::Numbers(numbers.map(|number| number.unwrap_or(f64::NAN)).collect())
}

impl Funnel {
    /// A row a step: `step`, `customers`, `share_of_first`, `share_of_before`, `median_days_from_before`, `median_days_from_first`.
    #[must_use]
    pub fn to_table(&self) -> ResultTable {
        let steps = || self.steps.iter();
        table([
            ("step", texts(steps().map(|step| Some(step.step.as_str())))),
            ("customers", counts(steps().map(|step| step.customers))),
            ("share_of_first", numbers(steps().map(|step| step.share_of_first))),
            ("share_of_before", numbers(steps().map(|step| step.share_of_before))),
            ("median_days_from_before", numbers(steps().map(|step| step.median_days_from_before))),
            ("median_days_from_first", numbers(steps().map(|step| step.median_days_from_first))),
        ])
    }

    /// Where customers left, and what came next: `step` (the last that they took), `next` (null if nothing came), `customers`, `share` of those who left there.
    #[must_use]
    pub fn drop_outs_table(&self) -> ResultTable {
        let rows = || self.drop_outs.iter();
        let left = |step: usize| rows().filter(|other| other.step == step).map(|other| other.customers).sum::<u64>();
        let lefts: Vec<u64> = (0..self.steps.len()).map(left).collect();
        let share = |row: &DropOut| lefts.get(row.step).map(|left| row.customers as f64 / *left as f64);
        table([
            ("step", texts(rows().map(|row| self.steps.get(row.step).map(|step| step.step.as_str())))),
            ("next", texts(rows().map(|row| row.next.as_deref()))),
            ("customers", counts(rows().map(|row| row.customers))),
            ("share", numbers(rows().map(share))),
        ])
    }
}

impl Paths {
    /// How far each customer, or each path, got through a funnel: `customer` where they are known, `steps` taken, `step` (the last of them), `first_at` and
    /// `last_at`.
    ///
    /// # Errors
    /// As [`funnel`](Self::funnel).
    pub fn funnel_customers(&self, request: &FunnelRequest) -> Result<ResultTable> {
        let reached = self.funnel_reached(request)?;
        let names = request.names();
        let step = |steps: u32| (steps as usize).checked_sub(1).and_then(|step| names.get(step)).map(String::as_str);
        let instants = |at: &dyn Fn(usize) -> Option<i64>| {
            ResultColumn::Instants((0..reached.len()).map(|row| at(row).and_then(|at| Instant::from_micros(at).ok())).collect())
        };
        let mut columns = Vec::new();
        if self.knows_customers() {
            let customer = |(row, _): (usize, &crate::insight::paths::Reached)| match request.per.as_str() {
                "path" => self.rows().get(row).map_or(row, |path| path.customer as usize),
                _ => row,
            };
            columns.push(("customer".to_owned(), self.customers.column(reached.iter().enumerate().map(customer))));
        }
        let told = table([
            ("steps", counts(reached.iter().map(|reached| u64::from(reached.steps)))),
            ("step", texts(reached.iter().map(|reached| step(reached.steps)))),
            ("first_at", instants(&|row| reached.get(row)?.first_at)),
            ("last_at", instants(&|row| reached.get(row)?.last_at)),
        ]);
        columns.extend(told.columns);
        Ok(ResultTable { columns, rejected: Vec::new() })
    }
}

impl TransitionMatrix {
    /// A row a transition: `from`, `to`, `count`, `probability` (of those who go on from there). Ends are `(start)`, `(conversion)`, `(null)`.
    #[must_use]
    pub fn to_table(&self) -> ResultTable {
        let mut leaving: Option<(&Place, u64)> = None;
        let mut probabilities = Vec::new();
        for (from, _, count) in self.counts() {
            let all = match leaving {
                Some((place, all)) if place == from => all,
                _ => self.leaving(from),
            };
            leaving = Some((from, all));
            probabilities.push(count as f64 / all as f64);
        }
        table([
            ("from", texts(self.counts().map(|(from, ..)| Some(from.name())))),
            ("to", texts(self.counts().map(|(_, to, _)| Some(to.name())))),
            ("count", counts(self.counts().map(|(.., count)| count))),
            ("probability", ResultColumn::Numbers(probabilities)),
        ])
    }
}

impl Flow {
    /// A row a band: `step` (from 1), `from`, `to`, `paths`.
    #[must_use]
    pub fn to_table(&self) -> ResultTable {
        let links = || self.links.iter();
        table([
            ("step", counts(links().map(|link| link.step as u64))),
            ("from", texts(links().map(|link| Some(link.from.name())))),
            ("to", texts(links().map(|link| Some(link.to.name())))),
            ("paths", counts(links().map(|link| link.paths))),
        ])
    }
}

impl DirectlyFollows {
    /// A row a pair of activities: `from`, `to`, `count`. `(start)` and `(end)` stand for the ends of cases.
    #[must_use]
    pub fn to_table(&self) -> ResultTable {
        let starts = self.start.iter().map(|(word, count)| ("(start)", word.as_str(), *count));
        let edges = self.edges.iter().map(|((from, to), count)| (from.as_str(), to.as_str(), *count));
        let ends = self.end.iter().map(|(word, count)| (word.as_str(), "(end)", *count));
        let rows: Vec<(&str, &str, u64)> = starts.chain(edges).chain(ends).collect();
        table([
            ("from", texts(rows.iter().map(|(from, ..)| Some(*from)))),
            ("to", texts(rows.iter().map(|(_, to, _)| Some(*to)))),
            ("count", counts(rows.iter().map(|(.., count)| *count))),
        ])
    }
}

impl FrequentPath {
    /// Paths as a table: `path`, `paths`, `conversions`, `nulls`, `value`, `conversion_rate`.
    #[must_use]
    pub fn table(paths: &[Self], separator: &str) -> ResultTable {
        let text = |path: &Self| path.path.iter().map(|word| word.as_deref().unwrap_or(NO_WORD)).collect::<Vec<_>>().join(separator);
        let shown: Vec<String> = paths.iter().map(text).collect();
        table([
            ("path", texts(shown.iter().map(|path| Some(path.as_str())))),
            ("paths", counts(paths.iter().map(|path| path.paths))),
            ("conversions", counts(paths.iter().map(|path| path.conversions))),
            ("nulls", counts(paths.iter().map(|path| path.nulls))),
            ("value", numbers(paths.iter().map(|path| Some(path.value)))),
            ("conversion_rate", numbers(paths.iter().map(|path| Some(path.conversion_rate)))),
        ])
    }
}

impl Exit {
    /// Exits as a table: the dimension's name, `exits`, `touchpoints`, `paths`, `exit_rate`, `share`.
    #[must_use]
    pub fn table(exits: &[Self], by: &str) -> ResultTable {
        table([
            (by, texts(exits.iter().map(|exit| exit.word.as_deref()))),
            ("exits", counts(exits.iter().map(|exit| exit.exits))),
            ("touchpoints", counts(exits.iter().map(|exit| exit.touchpoints))),
            ("paths", counts(exits.iter().map(|exit| exit.paths))),
            ("exit_rate", numbers(exits.iter().map(|exit| Some(exit.exit_rate)))),
            ("share", numbers(exits.iter().map(|exit| Some(exit.share)))),
        ])
    }
}

impl StageTime {
    /// A row a stage: `track` if they have one, `stage`, `entered`, `left`, `censored`, `start_unknown`, `lower_quartile_days`, `median_days`,
    /// `upper_quartile_days`, `restricted_mean_days`, `standard_error_days`, `restricted_to_days`.
    #[must_use]
    pub fn table(stages: &[Self]) -> ResultTable {
        let mut all = Self::named(stages.iter());
        let columns = table([
            ("entered", counts(stages.iter().map(|stage| stage.entered))),
            ("left", counts(stages.iter().map(|stage| stage.left))),
            ("censored", counts(stages.iter().map(|stage| stage.censored))),
            ("start_unknown", counts(stages.iter().map(|stage| stage.start_unknown))),
            ("lower_quartile_days", numbers(stages.iter().map(|stage| stage.lower_quartile_days))),
            ("median_days", numbers(stages.iter().map(|stage| stage.median_days))),
            ("upper_quartile_days", numbers(stages.iter().map(|stage| stage.upper_quartile_days))),
            ("restricted_mean_days", numbers(stages.iter().map(|stage| Some(stage.restricted_mean_days)))),
            ("standard_error_days", numbers(stages.iter().map(|stage| Some(stage.standard_error_days)))),
            ("restricted_to_days", numbers(stages.iter().map(|stage| Some(stage.restricted_to_days)))),
        ]);
        all.columns.extend(columns.columns);
        all
    }

    /// A row a stage and time that somebody left or was last seen: `track` if they have one, `stage`, `days`, `at_risk`, `left`, `censored`, `staying`, `lower`,
    /// `upper`.
    #[must_use]
    pub fn curve_table(stages: &[Self]) -> ResultTable {
        let of = || stages.iter().flat_map(|stage| stage.curve.iter());
        let mut all = Self::named(stages.iter().flat_map(|stage| stage.curve.iter().map(move |_| stage)));
        let columns = table([
            ("days", numbers(of().map(|point| Some(point.days)))),
            ("at_risk", counts(of().map(|point| point.at_risk))),
            ("left", counts(of().map(|point| point.left))),
            ("censored", counts(of().map(|point| point.censored))),
            ("staying", numbers(of().map(|point| Some(point.staying)))),
            ("lower", numbers(of().map(|point| Some(point.lower)))),
            ("upper", numbers(of().map(|point| Some(point.upper)))),
        ]);
        all.columns.extend(columns.columns);
        all
    }

    fn named<'s>(stages: impl Iterator<Item = &'s Self> + Clone) -> ResultTable {
        let mut columns = Vec::new();
        if stages.clone().any(|stage| stage.track.is_some()) {
            columns.push(("track".to_owned(), texts(stages.clone().map(|stage| stage.track.as_deref()))));
        }
        columns.push(("stage".to_owned(), texts(stages.map(|stage| Some(stage.stage.as_str())))));
        ResultTable { columns, rejected: Vec::new() }
    }
}
