//! One row a customer: traits, scores, segments, stages, next change.

use super::everyone::{Everyone, one_by_one};
use super::group::{Carried, Record};
use super::identity::by_person;
use super::input::Table;
use super::output::{ResultColumn, ResultTable};
use super::prepare::{Monitor, Prepared, Reads, prepare};
use super::sheet::{Kind, Sheet};
use super::worker::Worker;
use super::{AsOf, RunOptions};
use crate::error::Result;
use crate::expression::Type;
use crate::journey::Journey;
use crate::journey::plan::Plan;
use crate::profile::state::{ALWAYS, Lens, State};
use crate::profile::tracks::{Silence, TrackState};
use crate::profile::traits::TraitState;
use crate::profile::{advance_to, next_move};
use crate::symbol::Strings;
use crate::time::Instant;

impl Journey {
    /// What is true of every customer of a table: a row a customer, or a customer and instant, sorted by customer and instant.
    ///
    /// `touchpoints` has the columns `customer` (text or integers), `at`, `kind`, and where there are such `channel`, `id`, `topic`, `value`, `direction`,
    /// `action`, `outcome` and one a declared property; rows may come in any order. The result has `customer`, `as_of` (unless one instant was asked about),
    /// a column a trait, score, segment and track (its stage), `<track>_since`, and `next_change_at`.
    ///
    /// ```
    /// use wayfare::{Column, Journey, ResultColumn, RunOptions, Table};
    ///
    /// let journey = Journey::from_yaml("wayfare: 1\nname: Shop\ntouchpoints: { purchased: {} }\ntraits: { orders: { count: purchased, output: true } }\n")?;
    /// let at = ["2026-03-01T10:00:00Z".parse()?, "2026-03-02T10:00:00Z".parse()?, "2026-03-05T10:00:00Z".parse()?];
    /// let touchpoints = Table::new()
    ///     .column("customer", Column::texts(&["bo", "ada", "bo"]))
    ///     .column("at", Column::instants(&at))
    ///     .column("kind", Column::texts(&["purchased"; 3]));
    /// let table = journey.run(&touchpoints, &RunOptions::at("2026-03-04T00:00:00Z".parse()?))?;
    /// assert_eq!(table.column("orders"), Some(&ResultColumn::Integers(vec![1, 1])));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if a column is missing, unknown or of the wrong type, or a row cannot be folded;
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) if `progress` said so.
    pub fn run<'a>(&self, touchpoints: &Table<'a>, options: &RunOptions<'a>) -> Result<ResultTable> {
        if let Some(graph) = options.identity {
            return by_person(&self.plan, graph, "touchpoints", touchpoints, options, |touchpoints, options| {
                self.run(touchpoints, options)
            });
        }
        let plan = &*self.plan;
        let prepared = prepare(plan, touchpoints, options, Reads::Values)?;
        let monitor = Monitor::new(options, &prepared);
        let dated = !matches!(options.as_of, AsOf::At(_));
        let sheet = what_is_true(plan, &prepared, &monitor, matches!(options.as_of, AsOf::Table(_)), dated);
        monitor.finish()?;
        Ok(ResultTable { columns: columns(plan, &prepared.records.strings, sheet, dated), rejected: prepared.finish()? })
    }
}

/// The rows of a run: side by side where customers can be folded so, else one by one.
fn what_is_true(plan: &Plan, prepared: &Prepared<'_, '_>, monitor: &Monitor<'_>, questions: bool, dated: bool) -> Sheet {
    // Rows that only show that a customer exists are there with one instant alone: then the customer does exist at it.
    let single = prepared.instants.len() == 1;
    let fold = one_by_one(|records: &mut [Record], carried: &Carried, worker: &mut Worker<'_, '_, '_>, cells: &mut Vec<u64>| {
        let mut rows = 0;
        worker.fold(records, carried, &prepared.instants, &mut Silence, |asked, now, _| {
            if questions || single || Worker::knows_something(asked.state) {
                read(plan, asked.state, asked.strings, now, dated, cells);
                rows += 1;
            }
        });
        rows
    });
    let width = width(plan, dated);
    let worker = || Worker::new(&prepared.records);
    everyone(prepared, monitor, width).collect_crowds(worker, &|mut crowd, worker, cells, ends| {
        let customers = crowd.len() as u32;
        if let [now] = prepared.instants.as_slice()
            && worker.fold_side_by_side(&mut crowd, |traits, attributes| {
                let lens = Lens { plan, traits, attributes, strings: &prepared.records.strings, now: now.as_micros() };
                read_side_by_side(lens, dated, width, cells);
            })
        {
            return ends.extend(1..=customers);
        }
        fold(crowd, worker, cells, ends);
    })
}

/// Folds every customer and gives the rows in the order of the keys.
pub(crate) fn collect(
    prepared: &Prepared<'_, '_>,
    monitor: &Monitor<'_>,
    width: usize,
    fold: &(impl Fn(&mut [Record], &Carried, &mut Worker<'_, '_, '_>, &mut Vec<u64>) -> u32 + Sync),
) -> Sheet {
    everyone(prepared, monitor, width).collect(|| Worker::new(&prepared.records), fold)
}

fn everyone<'e, 't, 'a>(prepared: &'e Prepared<'t, 'a>, monitor: &'e Monitor<'e>, width: usize) -> Everyone<'e, 't, 'a, Prepared<'t, 'a>> {
    Everyone { keys: &prepared.keys, sources: &prepared.sources, judge: prepared, monitor, width }
}

/// Cells of a row: the instant if it is wanted, traits, scores, segments; if there are tracks, stage and since of each, and the next change.
fn width(plan: &Plan, dated: bool) -> usize {
    let tracks = plan.tracks.len();
    usize::from(dated) + plan.named_traits + plan.scores.len() + plan.segments.len() + 2 * tracks + usize::from(tracks > 0)
}

fn read(plan: &Plan, state: &State, strings: &Strings, now: Instant, dated: bool, cells: &mut Vec<u64>) {
    if dated {
        cells.push(now.as_micros() as u64);
    }
    let lens = state.lens(plan, strings, now.as_micros());
    (0..plan.named_traits as u32).chain(made_of_traits(plan)).for_each(|leaf| cells.push(lens.slot(leaf)));
    let none = ALWAYS as u64;
    if plan.tracks.is_empty() {
        return;
    }
    let mut tracks: Vec<TrackState> = state.tracks.clone();
    advance_to(plan, strings, state, &mut tracks, now, &mut Silence);
    for track in &tracks {
        cells.push(u64::from(track.stage));
        cells.push(track.entered.or(state.first).map_or(none, |at| at as u64));
    }
    cells.push(next_move(plan, strings, state, &tracks, now).map_or(none, |next| next.at as u64));
}

/// As `read` without tracks, of customers whose traits lie side by side: trait by trait, as each asks for another sort of work.
fn read_side_by_side(all: Lens<'_>, dated: bool, width: usize, cells: &mut Vec<u64>) {
    let (plan, number) = (all.plan, all.plan.traits.len().max(1));
    let (start, first) = (cells.len(), usize::from(dated));
    cells.resize(start + all.traits.len() / number * width, all.now as u64);
    let rows = cells.get_mut(start..).unwrap_or_default();
    for (at, plan) in plan.traits.iter().take(plan.named_traits).enumerate() {
        let cells = rows.chunks_exact_mut(width.max(1)).filter_map(|row| row.get_mut(first + at));
        TraitState::read_all(plan, all.now, all.traits.chunks_exact(number).filter_map(|traits| traits.get(at)).zip(cells));
    }
    for (at, leaf) in (first + plan.named_traits..).zip(made_of_traits(plan)) {
        for (row, traits) in rows.chunks_exact_mut(width.max(1)).zip(all.traits.chunks_exact(number)) {
            row.get_mut(at).into_iter().for_each(|cell| *cell = Lens { traits, ..all }.slot(leaf));
        }
    }
}

/// The leaves of scores and segments.
fn made_of_traits(plan: &Plan) -> impl Iterator<Item = u32> {
    (0..plan.scores.len()).map(|at| plan.score_leaf(at)).chain((0..plan.segments.len()).map(|at| plan.segment_leaf(at)))
}

fn columns(plan: &Plan, strings: &Strings, sheet: Sheet, dated: bool) -> Vec<(String, ResultColumn)> {
    let mut kinds: Vec<(&str, Kind<'_>)> = Vec::new();
    if dated {
        kinds.push(("as_of", Kind::Instant));
    }
    for plan in plan.traits.iter().take(plan.named_traits) {
        let kind = match plan.kind {
            Type::Number if plan.operation.is_integer() => Kind::Integer,
            Type::Number => Kind::Number,
            Type::Text => Kind::Text(strings),
            Type::Boolean => Kind::Boolean,
        };
        kinds.push((&plan.name, kind));
    }
    kinds.extend(plan.scores.iter().map(|plan| (plan.name.as_str(), Kind::Number)));
    kinds.extend(plan.segments.iter().map(|plan| (plan.name.as_str(), Kind::Boolean)));
    let since: Vec<String> = plan.tracks.iter().map(|track| format!("{}_since", track.name)).collect();
    for (track, since) in plan.tracks.iter().zip(&since) {
        kinds.push((&track.name, Kind::Stage(track.stages.iter().map(|stage| stage.name.clone()).collect())));
        kinds.push((since, Kind::Instant));
    }
    kinds.push(("next_change_at", if plan.tracks.is_empty() { Kind::Never } else { Kind::Instant }));
    sheet.named(kinds)
}
