//! How long customers stay in stages, from the table of their transitions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::Progress;
use super::super::column::{Column, Data};
use super::super::everyone::{Cells, Everyone};
use super::super::group::{Carried, Judge, Record, SKIP, Source};
use super::super::input::{Refused, Table};
use super::super::key_kind::key_kind;
use super::super::prepare::{Monitor, instants_of, missing, wrong_instants};
use super::super::worker::NONE;
use crate::error::{Error, ErrorKind, Result};
use crate::insight::lifetime::{Until, known_zone};
use crate::insight::paths::survival::Spells;
use crate::insight::paths::{Dimension, Paths, StageTime};
use crate::time::Instant;

const TABLE: &str = "transitions";

/// How time in stages is read, as a document; what is not there is at its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StageTimeRequest {
    /// Of paths, the dimension whose words are the stages.
    pub by: String,
    /// Until when customers were observed: an instant, or a date for its whole day.
    pub observed_until: Option<String>,
    /// The zone of a date as `observed_until`, and of times without one.
    pub time_zone: String,
    /// Up to where the mean goes.
    pub restricted_to_days: Option<f64>,
}

impl Default for StageTimeRequest {
    fn default() -> Self {
        Self { by: "stage".to_owned(), observed_until: None, time_zone: "UTC".to_owned(), restricted_to_days: None }
    }
}

impl StageTimeRequest {
    /// The end of the observation, if it is said.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if it is no instant or date, or the zone is not known.
    pub fn until(&self) -> Result<Option<Instant>> {
        let zone = known_zone(&self.time_zone)?;
        let until = self.observed_until.as_deref().map(str::parse::<Until>).transpose()?;
        until.map(|until| until.within(&zone)).transpose()
    }

    /// Asks paths.
    ///
    /// # Errors
    /// As [`Paths::time_in_stage`].
    pub fn of(&self, paths: &Paths) -> Result<Vec<StageTime>> {
        paths.time_in_stage(&self.by, self.until()?, self.restricted_to_days)
    }
}

/// How long customers stay in each stage of each track: from the transition to it to the next of the track, censored at the end of the observation.
///
/// The table is what [`Journey::transitions`](crate::Journey::transitions) gives: `customer`, `at`, `to`, and where there are such `track` and `from`, which
/// puts moves of one instant in order. A stage that was entered before all time (`at` is null), or that somebody left without having entered it in the table,
/// has no known start: it is counted as `start_unknown`. Moves after the end of the observation are left aside.
///
/// ```
/// use wayfare::paths::{StageTimeRequest, time_in_stage};
/// use wayfare::{Column, Table};
///
/// let at = ["2026-03-01T00:00:00Z".parse()?, "2026-03-04T00:00:00Z".parse()?, "2026-03-02T00:00:00Z".parse()?];
/// let moves = Table::new()
///     .column("customer", Column::texts(&["ada", "ada", "bo"]))
///     .column("at", Column::instants(&at))
///     .column("to", Column::texts(&["prospect", "first_time", "prospect"]));
/// let until = StageTimeRequest { observed_until: Some("2026-03-31T00:00:00Z".to_owned()), ..StageTimeRequest::default() };
/// let stages = time_in_stage(&moves, &until, None)?;
/// assert_eq!((stages[1].stage.as_str(), stages[1].left, stages[1].censored, stages[1].median_days), ("prospect", 1, 1, Some(3.0)));
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] without an end of the observation; [`ErrorKind::InvalidTable`] if a column is missing or of the wrong type or a row cannot be
/// read; [`ErrorKind::Cancelled`] if `progress` said so.
pub fn time_in_stage(transitions: &Table<'_>, request: &StageTimeRequest, progress: Option<Progress<'_>>) -> Result<Vec<StageTime>> {
    let Some(until) = request.until()? else {
        return Err(Error::new(ErrorKind::InvalidArgument, "nothing says until when the customers were observed")
            .with_help("give the `as_of` of the transitions as `observed_until`"));
    };
    let moves = Moves::new(transitions, until)?;
    let customer = transitions.required(TABLE, "customer")?;
    let keys = key_kind(&[(TABLE, transitions, customer)])?;
    let sources = [Source { pieces: transitions.pieces(customer).collect() }];
    let monitor = Monitor::of(progress, transitions.rows() as u64);
    let everyone = Everyone { keys: &keys, sources: &sources, judge: &moves, monitor: &monitor, width: 0 };
    let parts = everyone.ordered(Vec::new, &|records, _, own: &mut Vec<Record>, part: &mut Part| {
        records.sort_unstable_by_key(|record| (moves.track(record), record.at, record.row));
        for of_track in records.chunk_by(|a, b| moves.track(a) == moves.track(b)) {
            own.clear();
            own.extend_from_slice(of_track);
            moves.spells(own, &mut part.0);
        }
        0
    });
    monitor.finish()?;
    let mut all: BTreeMap<(u32, u32), (Spells, u64)> = BTreeMap::new();
    for (stage, (spells, unknown)) in parts.parts.into_iter().flat_map(|part| part.0) {
        let (known, without) = all.entry(stage).or_default();
        known.join(spells);
        *without += unknown;
    }
    let told = all.into_iter().map(|((track, stage), (spells, unknown))| {
        let track = moves.tracks.as_ref().and_then(|tracks| tracks.words().get(track as usize).cloned().flatten());
        let stage = moves.stages.words().get(stage as usize).cloned().flatten().unwrap_or_default();
        Ok(StageTime { start_unknown: unknown, ..StageTime::of(track, stage, &spells, request.restricted_to_days)? })
    });
    told.collect()
}

#[derive(Default)]
struct Part(BTreeMap<(u32, u32), (Spells, u64)>);

impl Cells for Part {
    fn make_room(&mut self, _: usize, _: usize, _: usize) {}
}

/// The transitions of a table.
struct Moves<'t, 'a> {
    ats: Vec<(usize, &'t Column<'a>)>,
    tracks: Option<Dimension>,
    /// The words of `to` and then of `from`, in one order, so that they can be compared.
    stages: Dimension,
    has_from: bool,
    rows: usize,
    until: i64,
}

impl<'t, 'a> Moves<'t, 'a> {
    fn new(table: &'t Table<'a>, until: Instant) -> Result<Self> {
        table.check(TABLE, &[], false)?;
        let customer = table.required(TABLE, "customer")?;
        let (at, to) = (table.required(TABLE, "at")?, table.required(TABLE, "to")?);
        let (track, from) = (table.position("track"), table.position("from"));
        table.expect(TABLE, at, "instants", |data| matches!(data, Data::Instant(_)))?;
        let mut refused = Refused::default();
        for (column, name) in [(Some(to), "to"), (track, "track"), (from, "from")] {
            let Some(column) = column else { continue };
            table.expect(TABLE, column, "text", |data| matches!(data, Data::Text(_)))?;
            missing(table, TABLE, column, name, &mut refused);
        }
        missing(table, TABLE, customer, "customer", &mut refused);
        wrong_instants(table, TABLE, at, &mut refused);
        let rejected = refused.settle();
        if !rejected.is_empty() {
            return Err(Error::bad_rows(rejected));
        }
        let texts = |column: usize| {
            table.pieces(column).flat_map(|(_, piece)| (0..piece.len()).map(|row| super::super::values::text_at(piece, row)))
        };
        let stages = texts(to).chain(from.into_iter().flat_map(texts));
        Ok(Self {
            ats: table.pieces(at).collect(),
            tracks: track.map(|track| Dimension::of_texts("track", texts(track))),
            stages: Dimension::of_texts("stage", stages),
            has_from: from.is_some(),
            rows: table.rows(),
            until: until.as_micros(),
        })
    }

    fn track(&self, record: &Record) -> u32 {
        self.tracks.as_ref().and_then(|tracks| tracks.codes().get(record.row as usize)).copied().unwrap_or_default()
    }

    fn to(&self, record: &Record) -> u32 {
        self.stages.codes().get(record.row as usize).copied().unwrap_or_default()
    }

    fn from(&self, record: &Record) -> Option<u32> {
        self.has_from.then(|| self.stages.codes().get(self.rows + record.row as usize).copied()).flatten()
    }

    /// The stays of one customer on one track. Moves of one instant follow each other: each begins where the one before ended.
    fn spells(&self, moves: &mut [Record], all: &mut BTreeMap<(u32, u32), (Spells, u64)>) {
        let mut current: Option<(u32, i64)> = None;
        let mut rest = moves;
        while let Some(first) = rest.first().copied() {
            let length = rest.iter().take_while(|other| other.at == first.at).count();
            let group = rest.get(..length).unwrap_or_default();
            let stage = current.map(|(stage, _)| stage);
            let goes_on = |record: &Record| match stage {
                Some(stage) => self.from(record) == Some(stage),
                None => !group.iter().any(|other| Some(self.to(other)) == self.from(record)),
            };
            let next = group.iter().position(goes_on).unwrap_or(0);
            rest.swap(0, next);
            let Some((record, others)) = rest.split_first_mut() else { return };
            // What was swapped keeps its order.
            others.get_mut(..length - 1).into_iter().for_each(|same| same.sort_unstable_by_key(|record| record.row));
            let track = self.track(record);
            match current {
                Some((stage, entered)) => self.end((track, stage), entered, Some(record.at), all),
                None => {
                    if let Some(stage) = self.from(record) {
                        all.entry((track, stage)).or_default().1 += 1;
                    }
                }
            }
            current = Some((self.to(record), record.at));
            if others.is_empty()
                && let Some((stage, entered)) = current
            {
                self.end((track, stage), entered, None, all);
            }
            rest = others;
        }
    }

    fn end(&self, stage: (u32, u32), entered: i64, left: Option<i64>, all: &mut BTreeMap<(u32, u32), (Spells, u64)>) {
        let (spells, unknown) = all.entry(stage).or_default();
        match entered == NONE {
            true => *unknown += 1,
            false => spells.add(left.unwrap_or(self.until) - entered, left.is_some()),
        }
    }
}

impl Judge for Moves<'_, '_> {
    fn judge(&self, number: usize, rows: usize, out: &mut Vec<i64>) {
        instants_of(&self.ats, number, rows, out);
        out.iter_mut().filter(|at| **at > self.until).for_each(|at| *at = SKIP);
    }

    fn width(&self) -> usize {
        0
    }

    fn carry(&self, _: usize, _: impl Iterator<Item = (u16, u16)> + Clone, _: &mut Carried) {}
}
