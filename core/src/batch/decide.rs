//! One row a customer: the one relevant thing to say, or nothing.

use std::sync::{Mutex, OnceLock};

use super::identity::by_person;
use super::input::Table;
use super::output::{ResultColumn, ResultTable};
use super::prepare::{Monitor, Prepared, Reads, prepare};
use super::run::collect;
use super::sheet::{Kind, NO_WORD, Sheet};
use super::worker::{Asked, NONE, Worker};
use super::{AsOf, RunOptions};
use crate::decision::{Gate, Given, Person, Pick, REASONS, Scene, Stop, pick, pick_hearing, stop_text, stopped};
use crate::error::Result;
use crate::expression::Type;
use crate::journey::Journey;
use crate::profile::tracks::Silence;
use crate::profile::{advance_to, slot};
use crate::symbol::Symbol;

impl Journey {
    /// The one relevant thing to say to every customer of a table, or nothing: a row a customer, or a customer and instant, sorted.
    ///
    /// The result has `customer`, `as_of` (unless one instant was asked about), `action`, `channel`, `topic`, `owner`, `priority`, `not_before`, `held_out` and
    /// `because`: `first` if the action may be sent, else the reason that stopped it; with nothing to say, the reason that stopped the candidate that came furthest.
    /// With `explain` it is a row a candidate, with `purpose`, `gate` and `reason` as well, and `because` in words.
    ///
    /// # Errors
    /// As [`run`](Self::run), for the tables of preferences and inputs as well.
    pub fn decide<'a>(&self, touchpoints: &Table<'a>, options: &RunOptions<'a>) -> Result<ResultTable> {
        if let Some(graph) = options.identity {
            return by_person(&self.plan, graph, "touchpoints", touchpoints, options, |touchpoints, options| {
                self.decide(touchpoints, options)
            });
        }
        let plan = &*self.plan;
        let prepared = prepare(plan, touchpoints, options, Reads::Contacts)?;
        let monitor = Monitor::new(options, &prepared);
        let dated = !matches!(options.as_of, AsOf::At(_));
        let (kinds, sheet, texts) = match options.explain {
            false => {
                let sheet = each_scene(&prepared, &monitor, &options.as_of, dated, KINDS, |scene, cells| {
                    decision(scene, cells);
                    1
                });
                (decision_kinds(&prepared), sheet, Vec::new())
            }
            true => {
                let texts = Mutex::new(Vec::new());
                let sheet = each_scene(&prepared, &monitor, &options.as_of, dated, CANDIDATE_KINDS, |scene, cells| {
                    candidates(scene, &texts, cells)
                });
                (candidate_kinds(&prepared), sheet, texts.into_inner().unwrap_or_default())
            }
        };
        monitor.finish()?;
        let dates = dated.then_some(("as_of", Kind::Instant));
        let mut columns = sheet.named(dates.into_iter().chain(kinds).collect());
        if let Some((_, because @ ResultColumn::Integers(_))) = columns.last_mut() {
            *because = words_of(because, &texts);
        }
        Ok(ResultTable { columns, rejected: prepared.finish()? })
    }
}

/// The text of each place.
fn words_of(places: &ResultColumn, texts: &[String]) -> ResultColumn {
    match places {
        ResultColumn::Integers(places) => {
            ResultColumn::Texts(places.iter().map(|place| texts.get(*place as usize).map(String::as_str)).collect())
        }
        other => other.clone(),
    }
}

/// Shows every customer, at every instant asked about, to `tell`, which appends rows of `width` cells and says how many.
pub(crate) fn each_scene(
    prepared: &Prepared<'_, '_>,
    monitor: &Monitor<'_>,
    as_of: &AsOf<'_>,
    dated: bool,
    width: usize,
    tell: impl Fn(&Scene<'_>, &mut Vec<u64>) -> u32 + Sync,
) -> Sheet {
    let plan = prepared.records.plan;
    let always = matches!(as_of, AsOf::Table(_) | AsOf::At(_));
    let needs_name = !plan.decision.holdouts.is_empty();
    collect(prepared, monitor, width + usize::from(dated), &|records, carried, worker, cells| {
        let mut rows = 0;
        let held = OnceLock::new();
        let (mut memo, mut tracks) = (std::mem::take(&mut worker.memo), std::mem::take(&mut worker.tracks));
        worker.fold(records, carried, &prepared.instants, &mut Silence, |asked: &Asked<'_>, now, _| {
            let known = Worker::knows_something(asked.state) || asked.ledger.iter().any(|word| word.at <= now.as_micros());
            if !(always || known) {
                return;
            }
            let customer = if needs_name { prepared.customer(asked.row) } else { "".into() };
            tracks.clone_from(&asked.state.tracks);
            advance_to(plan, asked.strings, asked.state, &mut tracks, now, &mut Silence);
            let given = Given::of_row(asked.strings, asked.inputs);
            let person =
                Person { plan, strings: asked.strings, customer: &customer, state: asked.state, ledger: asked.ledger, held: &held };
            let scene = Scene::with_memo(person, &given, &tracks, now.as_micros(), &[], std::mem::take(&mut memo));
            match dated {
                false => rows += tell(&scene, cells),
                true => {
                    // Every row begins with the instant.
                    let mut told = Vec::new();
                    rows += tell(&scene, &mut told);
                    told.chunks_exact(width).for_each(|row| {
                        cells.push(now.as_micros() as u64);
                        cells.extend_from_slice(row);
                    });
                }
            }
            memo = scene.into_memo();
        });
        (worker.memo, worker.tracks) = (memo, tracks);
        rows
    })
}

const KINDS: usize = 8;
const CANDIDATE_KINDS: usize = 10;

fn decision(scene: &Scene<'_>, cells: &mut Vec<u64>) {
    let (chosen, because) = chosen(scene);
    match chosen {
        Some(pick) => {
            tags(scene, pick.action, pick.channel, cells);
            cells.push(slot::number(pick.priority));
            cells.push(pick.not_before.unwrap_or(NONE) as u64);
            cells.push(pick.held_out.into());
        }
        None => {
            let nothing = [Symbol::NONE; 4].map(slot::text);
            cells.extend(nothing);
            cells.extend([slot::unknown(Type::Number), NONE as u64, 0]);
        }
    }
    cells.push(because);
}

/// The decision, and the place of its reason: why what is told may not be sent, or what stopped the candidate that came furthest.
pub(crate) fn chosen(scene: &Scene<'_>) -> (Option<Pick>, u64) {
    let mut furthest = None;
    let chosen = pick_hearing(scene, |stop| furthest = furthest.max(Some(stop.place())));
    let Some(pick) = chosen else { return (None, furthest.unwrap_or(REASONS.len() - 1) as u64) };
    let waits = pick.held_out || pick.not_before.is_some();
    let action = scene.person.plan.decision.actions.get(pick.action).filter(|_| waits);
    let stop = action.and_then(|action| stopped(scene, pick.action, action, pick.channel, None));
    (chosen, place_of(stop) as u64)
}

/// The place of a reason; of none, the first.
pub(crate) fn place_of(stop: Option<Stop>) -> usize {
    stop.map_or(0, Stop::place)
}

/// Action, channel, topic, owner.
fn tags(scene: &Scene<'_>, number: usize, channel: usize, cells: &mut Vec<u64>) {
    let decision = &scene.person.plan.decision;
    let Some(action) = decision.actions.get(number) else { return };
    let tags = scene.tags(action, channel);
    cells.extend([tags.action, tags.channel, tags.topic, tags.owner].map(slot::text));
}

fn reasons() -> Kind<'static> {
    Kind::Stage(REASONS.map(str::to_owned).to_vec())
}

fn decision_kinds<'p>(prepared: &'p Prepared<'_, '_>) -> Vec<(&'static str, Kind<'p>)> {
    let text = || Kind::Text(&prepared.records.strings);
    vec![
        ("action", text()),
        ("channel", text()),
        ("topic", text()),
        ("owner", text()),
        ("priority", Kind::Number),
        ("not_before", Kind::Instant),
        ("held_out", Kind::Boolean),
        ("because", reasons()),
    ]
}

fn candidate_kinds<'p>(prepared: &'p Prepared<'_, '_>) -> Vec<(&'static str, Kind<'p>)> {
    let text = || Kind::Text(&prepared.records.strings);
    vec![
        ("action", text()),
        ("channel", text()),
        ("topic", text()),
        ("owner", text()),
        ("purpose", text()),
        ("priority", Kind::Number),
        ("gate", Kind::Stage(GATES.map(|gate| gate.as_str().to_owned()).to_vec())),
        ("reason", reasons()),
        ("not_before", Kind::Instant),
        ("because", Kind::Place),
    ]
}

/// In the order of their numbers.
pub(super) const GATES: [Gate; 5] = [Gate::Eligibility, Gate::Preference, Gate::Policy, Gate::Holdout, Gate::Arbitration];

fn candidates(scene: &Scene<'_>, texts: &Mutex<Vec<String>>, cells: &mut Vec<u64>) -> u32 {
    let chosen: Option<Pick> = pick(scene);
    let mut rows = 0;
    for (number, action) in scene.person.plan.decision.actions.iter().enumerate() {
        for channel in scene.channels(action).iter().copied() {
            let stop = stopped(scene, number, action, channel, chosen.as_ref());
            let because = stop_text(scene, action, channel, stop);
            let place = texts.lock().map_or(0, |mut texts| {
                texts.push(because);
                texts.len() - 1
            });
            let eligible = stop.is_none_or(|stop| stop.gate() != Gate::Eligibility);
            let priority = scene.priority(number, action).filter(|_| eligible);
            let not_before = stop.filter(|stop| stop.is_time()).and_then(|_| scene.not_before(number, action, channel));
            tags(scene, number, channel, cells);
            cells.push(slot::text(scene.tags(action, channel).purpose));
            cells.push(priority.map_or(slot::unknown(Type::Number), slot::number));
            cells.push(stop.map_or(NO_WORD, |stop| stop.gate() as u64));
            cells.push(stop.map_or(NO_WORD, |stop| stop.place() as u64));
            cells.push(not_before.unwrap_or(NONE) as u64);
            cells.push(place as u64);
            rows += 1;
        }
    }
    rows
}
