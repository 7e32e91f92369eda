//! From tables to records that can be folded, and which rows matter.

use std::hint::select_unpredictable;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use super::column::{Column, Data, NO_SPAN, Span, Unit, span_of, widened};
use super::encode::{Encoder, Field, MORSEL};
use super::group::{Carried, EXISTS, Judge, SKIP, Source};
use super::input::{Locator, Refused, RowSet, Table};
use super::key_kind::{KeyKind, key_kind};
use super::values;
use super::words::preference_rows;
use super::worker::{NONE, Records, id_text};
use super::{AsOf, ExtraColumns, OnError, RunOptions};
use crate::error::{BadRow, Error, ErrorKind, Result};
use crate::journey::plan::{CONTACT_FIELDS, KIND, KindPlan, Operation, Plan};
use crate::profile::slot;
use crate::record::Preference;
use crate::symbol::Strings;
use crate::time::Instant;

/// Values that a row carries along at most; with more, they are looked up when they are needed.
const MOST_CARRIED: usize = 3;

/// Tables that were checked, and the rows of all of them under one number.
pub(crate) struct Prepared<'t, 'a> {
    pub(crate) records: Records<'t, 'a>,
    /// The instants asked about, rising; empty if a table asks.
    pub(crate) instants: Vec<Instant>,
    pub(crate) sources: Vec<Source<'t, 'a>>,
    pub(crate) keys: KeyKind,
    rejected: Vec<BadRow>,
    on_error: OnError,
    bad: RowSet,
    /// Per kind + 1, touchpoints up to this instant cannot be seen any more.
    unseen_until: Option<Box<[i64; 256]>>,
    latest: i64,
    at_pieces: Vec<(usize, &'t Column<'a>)>,
    total: u64,
}

/// What a run reads off the fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// What is true at the instants asked about.
    Values,
    /// The moves up to then as well.
    Moves,
    /// What may be said, and so what was said before.
    Contacts,
}

/// Reads and checks everything.
pub(crate) fn prepare<'t, 'a>(
    plan: &'t Plan,
    touchpoints: &'t Table<'a>,
    options: &'t RunOptions<'a>,
    reads: Reads,
) -> Result<Prepared<'t, 'a>> {
    let refuse_extra = options.extra_columns == ExtraColumns::Refuse;
    let known: Vec<&str> = ["customer", "at", "id"].into_iter().chain(plan.fields.iter().map(|field| field.name.as_str())).collect();
    touchpoints.check("touchpoints", &known, refuse_extra)?;
    let known: Vec<&str> = ["customer", "at", "id"].into_iter().chain(plan.attributes.iter().map(|(name, _)| name.as_str())).collect();
    if let Some(customers) = options.customers {
        customers.check("customers", &known, refuse_extra)?;
    }
    let questions = match &options.as_of {
        AsOf::Table(table) => {
            table.check("as_of", &["customer", "at"], refuse_extra)?;
            Some(table)
        }
        _ => None,
    };
    if let Some(preferences) = options.preferences {
        preferences.check("preferences", &[&["customer"][..], &Preference::FIELDS].concat(), refuse_extra)?;
    }
    if let Some(inputs) = options.inputs {
        let known: Vec<&str> = ["customer"].into_iter().chain(plan.decision.inputs.iter().map(|(name, _)| name.as_str())).collect();
        inputs.check("inputs", &known, refuse_extra)?;
    }
    let mut tables: Vec<(&'static str, &'t Table<'a>, usize)> = Vec::new();
    for (name, table) in [
        ("touchpoints", Some(touchpoints)),
        ("customers", options.customers),
        ("as_of", questions),
        ("preferences", options.preferences),
        ("inputs", options.inputs),
    ] {
        if let Some(table) = table {
            tables.push((name, table, table.required(name, "customer")?));
        }
    }
    let total: usize = tables.iter().map(|(_, table, _)| table.rows()).sum();
    if u32::try_from(total).is_err() {
        return Err(Error::table("the tables have more than 2^32 rows").with_help("run the journey over the customers in parts"));
    }
    let keys = key_kind(&tables)?;
    let first_change = touchpoints.rows();
    let first_question = first_change + options.customers.map_or(0, Table::rows);
    let first_word = first_question + questions.map_or(0, Table::rows);
    let first_input = first_word + options.preferences.map_or(0, Table::rows);

    let mut strings = Strings::new(plan.words.clone());
    let mut encoder = Encoder { plan, table: touchpoints, name: "touchpoints", refused: Refused::default() };
    let kinds = encoder.kinds()?;
    let fields = encoder.fields(&kinds, &mut strings)?;
    let mut refused = encoder.refused;
    let changes_rows = match options.customers {
        Some(table) => values::attribute_rows(plan, table, &mut strings, &mut refused)?,
        None => Vec::new(),
    };
    let words = options.preferences.map(|table| preference_rows(plan, table, &mut strings, &mut refused)).transpose()?;
    let inputs = options.inputs.map(|table| values::input_rows(plan, table, &mut strings, &mut refused)).transpose()?;
    let ids = optional_ids(touchpoints, "touchpoints")?;
    let customer_ids = options.customers.map(|table| optional_ids(table, "customers")).transpose()?.flatten();

    let mut at_pieces = Vec::new();
    let mut first = 0;
    for (name, table, customer) in &tables {
        let at = match (*name, table.position("at")) {
            ("customers", None) | ("inputs", _) => None,
            _ => Some(table.required(name, "at")?),
        };
        missing(table, name, *customer, "customer", &mut refused);
        if let Some(at) = at {
            table.expect(name, at, "instants", |data| matches!(data, Data::Instant(_)))?;
            if *name != "customers" {
                missing(table, name, at, "at", &mut refused);
            }
            wrong_instants(table, name, at, &mut refused);
            at_pieces.extend(table.pieces(at).map(|(start, piece)| (first + start, piece)));
        }
        first += table.rows();
    }
    for (name, table, ids) in [("touchpoints", Some(touchpoints), ids), ("customers", options.customers, customer_ids)] {
        if let (Some(table), Some(ids)) = (table, ids) {
            empty_ids(table, name, ids, &mut refused);
        }
    }
    let rejected = refused.settle();
    if options.on_error == OnError::Fail && !rejected.is_empty() {
        return Err(Error::bad_rows(rejected));
    }
    let mut bad = RowSet::default();
    for row in &rejected {
        let offset = match row.table {
            "touchpoints" => 0,
            "customers" => first_change,
            "as_of" => first_question,
            "preferences" => first_word,
            _ => first_input,
        };
        bad.insert(offset + row.row as usize, total);
    }
    let instants = instants(&options.as_of)?;
    let mut sources = Vec::new();
    let mut first = 0;
    for (_, table, customer) in &tables {
        sources.push(Source { pieces: table.pieces(*customer).map(|(start, piece)| (first + start, piece)).collect() });
        first += table.rows();
    }
    let latest = match instants.last() {
        Some(last) => last.as_micros(),
        None => Instant::MAX.as_micros(),
    };
    let contacts = reads == Reads::Contacts;
    let blank = blank(plan, &fields, contacts);
    let reads_of = reads_of_kinds(plan, &fields, contacts);
    let needed: Vec<usize> = (0..plan.fields.len()).filter(|field| reads_of.iter().any(|reads| reads.contains(field))).collect();
    let gathers = needed.len() > MOST_CARRIED;
    let carries = if gathers { Vec::new() } else { needed };
    Ok(Prepared {
        unseen_until: unseen_until(plan, &instants, reads),
        records: Records {
            plan,
            strings,
            touchpoints,
            blank,
            reads: reads_of,
            kinds,
            fields,
            locator: Locator::new(touchpoints),
            gathers,
            carries,
            ids,
            first_change,
            changes: changes_rows,
            customers: options.customers.map(|table| (table, customer_ids)),
            first_question,
            first_word,
            words: words.unwrap_or_default(),
            first_input,
            nothing_given: plan.decision.nothing_given(),
            inputs: inputs.unwrap_or_default(),
            second_inputs: Mutex::default(),
            contacts,
        },
        instants,
        sources,
        keys,
        rejected,
        on_error: options.on_error,
        bad,
        latest,
        at_pieces,
        total: total as u64,
    })
}

/// What a kind of touchpoint needs: what traits read, and what tells of contacts if those are kept.
fn is_needed(kind: &KindPlan, field: usize, contacts: bool) -> bool {
    kind.needs.get(field) == Some(&true) || (contacts && CONTACT_FIELDS.contains(&field))
}

/// Per kind + 1, the slots that are known of every such touchpoint: its kind, and what a column that is not there stands for.
fn blank(plan: &Plan, fields: &[Option<Field<'_, '_>>], contacts: bool) -> Vec<Vec<u64>> {
    let unknown = || plan.fields.iter().map(|field| slot::unknown(field.kind));
    let of_kind = |(number, kind): (usize, &KindPlan)| {
        let slot = |(at, (unknown, field)): (usize, (u64, &Option<Field<'_, '_>>))| match field {
            _ if at == KIND => number as u64 + 1,
            Some(Field::Same(same)) if is_needed(kind, at, contacts) => *same,
            _ => unknown,
        };
        unknown().zip(fields).enumerate().map(slot).collect()
    };
    std::iter::once(unknown().collect()).chain(plan.kinds.iter().enumerate().map(of_kind)).collect()
}

/// Per kind + 1, the fields that are read from rows; what is not a touchpoint needs none.
fn reads_of_kinds(plan: &Plan, fields: &[Option<Field<'_, '_>>], contacts: bool) -> Vec<Vec<usize>> {
    let in_rows = |at: &usize| fields.get(*at).is_some_and(|field| !matches!(field, None | Some(Field::Same(_))));
    let of_kind = |kind: &KindPlan| (0..fields.len()).filter(in_rows).filter(|at| is_needed(kind, *at, contacts)).collect();
    std::iter::once(Vec::new()).chain(plan.kinds.iter().map(of_kind)).collect()
}

fn instants(as_of: &AsOf<'_>) -> Result<Vec<Instant>> {
    let mut instants = match as_of {
        AsOf::At(instant) => vec![*instant],
        AsOf::Each(instants) if instants.is_empty() => {
            return Err(Error::new(ErrorKind::InvalidArgument, "the list of instants is empty").with_help("give one instant at least"));
        }
        AsOf::Each(instants) => instants.clone(),
        AsOf::Table(_) => Vec::new(),
    };
    instants.sort_unstable();
    instants.dedup();
    Ok(instants)
}

/// With one instant asked about and no tracks, a touchpoint that has left every window it feeds shows only that the customer exists. By kind + 1.
fn unseen_until(plan: &Plan, instants: &[Instant], reads: Reads) -> Option<Box<[i64; 256]>> {
    let [only] = instants else { return None };
    if !plan.tracks.is_empty() || reads != Reads::Values {
        return None;
    }
    let mut unseen = Box::new([i64::MIN; 256]);
    for (unseen, kind) in unseen.iter_mut().skip(1).zip(&plan.kinds) {
        let targets = kind.updates.iter().filter_map(|update| plan.traits.get(update.target as usize));
        let until = targets.map(|target| match (target.operation, target.operation.within()) {
            // What is most frequent depends on the order of all sightings.
            (Operation::MostFrequent { .. }, _) | (_, None) => i64::MIN,
            (_, Some(within)) => only.as_micros().saturating_sub(within),
        });
        *unseen = until.min().unwrap_or(i64::MAX);
    }
    Some(unseen)
}

pub(crate) fn optional_ids(table: &Table<'_>, name: &'static str) -> Result<Option<usize>> {
    let Some(column) = table.position("id") else { return Ok(None) };
    table.expect(name, column, "text or integers", |data| matches!(data, Data::Text(_) | Data::Int(_)))?;
    Ok(Some(column))
}

/// An empty id would make duplicates of all records that have it.
pub(crate) fn empty_ids(table: &Table<'_>, name: &'static str, column: usize, refused: &mut Refused) {
    for (start, piece) in table.pieces(column) {
        let Data::Text(text) = &piece.data else { continue };
        for row in (0..piece.len()).filter(|row| text.get(*row).is_empty() && !piece.is_null(*row)) {
            refused.add(name, start + row, "id", "`id` is empty text");
        }
    }
}

pub(crate) fn missing(table: &Table<'_>, name: &'static str, column: usize, what: &str, refused: &mut Refused) {
    for (start, piece) in table.pieces(column) {
        if piece.may_be_null() {
            for row in (0..piece.len()).filter(|row| piece.is_null(*row)) {
                refused.add(name, start + row, what, format!("`{what}` is missing"));
            }
        }
    }
}

/// Refuses instants that cannot be read. Gives the least and the greatest of the others, in microseconds, if there are any.
pub(crate) fn wrong_instants(table: &Table<'_>, name: &'static str, column: usize, refused: &mut Refused) -> Option<Span> {
    let what = table.names.get(column).map_or("at", String::as_str);
    let mut all = NO_SPAN;
    for (start, piece) in table.pieces(column) {
        let Data::Instant(instants) = &piece.data else { continue };
        if instants.unit == Unit::Microseconds {
            let span = span_of(&instants.values);
            if Instant::MIN.as_micros() <= span.0 && span.1 <= Instant::MAX.as_micros() {
                all = widened(all, span);
                continue;
            }
        }
        let blocks = (0..piece.len()).step_by(MORSEL).collect::<Vec<_>>();
        let read = |from: &usize| {
            let (mut span, mut wrong) = (NO_SPAN, Vec::new());
            for row in (*from..(*from + MORSEL).min(piece.len())).filter(|row| !piece.is_null(*row)) {
                match instants.micros(row) {
                    Ok(at) => span = widened(span, (at, at)),
                    Err(reason) => wrong.push((row, reason)),
                }
            }
            (span, wrong)
        };
        for (span, wrong) in blocks.par_iter().map(read).collect::<Vec<_>>() {
            all = widened(all, span);
            wrong.into_iter().for_each(|(row, reason)| refused.add(name, start + row, what, reason));
        }
    }
    Some(all).filter(|(least, greatest)| least <= greatest)
}

impl Judge for Prepared<'_, '_> {
    fn width(&self) -> usize {
        self.records.carries.len()
    }

    fn carry(&self, number: usize, rows: impl Iterator<Item = (u16, u16)> + Clone, out: &mut Carried) {
        self.records.carry(number, rows, out);
    }

    fn judge(&self, number: usize, rows: usize, out: &mut Vec<i64>) {
        let latest = self.latest;
        let mut read = Vec::new();
        let ats = instants_in(&self.at_pieces, number, rows, &mut read);
        match &self.unseen_until {
            Some(until) if number < self.records.first_change => {
                let kinds = self.records.kinds.get(number..number + rows).unwrap_or_default();
                out.extend(ats.iter().zip(kinds).map(|(at, kind)| {
                    let until = until.get(usize::from(*kind)).copied().unwrap_or(i64::MIN);
                    // Nobody can foretell which windows a row has left.
                    let seen = select_unpredictable(*at <= until, EXISTS, *at);
                    select_unpredictable(*at > latest, SKIP, seen)
                }));
            }
            _ => out.extend(ats.iter().map(|at| if *at > latest { SKIP } else { *at })),
        }
        if !self.bad.is_empty() {
            for (row, at) in (number..).zip(out) {
                if self.bad.contains(row) {
                    *at = SKIP;
                }
            }
        }
    }
}

impl Prepared<'_, '_> {
    /// The customer of a row, as text.
    pub(crate) fn customer(&self, row: u32) -> std::borrow::Cow<'_, str> {
        let row = row as usize;
        let pieces = self.sources.iter().flat_map(|source| &source.pieces);
        let piece = pieces.take_while(|(start, _)| *start <= row).filter(|(start, piece)| row < start + piece.len()).last();
        piece.and_then(|(start, column)| id_text(column, row - start)).unwrap_or_default()
    }

    /// The rows that were refused: those that cannot be read, and, once all customers were folded, each row of inputs but its customer's first.
    pub(crate) fn finish(self) -> Result<Vec<BadRow>> {
        let mut refused = Refused { rows: self.rejected };
        for row in self.records.second_inputs.into_inner().unwrap_or_default() {
            refused.add("inputs", row, "customer", "the customer has an earlier row of inputs");
        }
        let rejected = refused.settle();
        match self.on_error {
            OnError::Fail if !rejected.is_empty() => Err(Error::bad_rows(rejected)),
            _ => Ok(rejected),
        }
    }
}

/// Appends the instants of some rows, all of one piece; [`NONE`] where there is none.
pub(crate) fn instants_of(pieces: &[(usize, &Column<'_>)], number: usize, rows: usize, out: &mut Vec<i64>) {
    let mut read = Vec::new();
    let ats = instants_in(pieces, number, rows, &mut read);
    out.extend_from_slice(ats);
}

/// As `instants_of`, as they lie in the table if they need not be `read`.
fn instants_in<'i>(pieces: &'i [(usize, &Column<'_>)], number: usize, rows: usize, read: &'i mut Vec<i64>) -> &'i [i64] {
    let piece = pieces.partition_point(|(start, _)| *start <= number).checked_sub(1).and_then(|at| pieces.get(at));
    let found = piece.and_then(|(start, column)| match &column.data {
        Data::Instant(instants) => Some((number - start, instants.values.get(number - start..number - start + rows)?, instants, *column)),
        _ => None,
    });
    match found {
        Some((_, values, instants, column)) if instants.unit == Unit::Microseconds && column.nulls.is_none() => return values,
        Some((first, _, instants, column)) => read.extend((first..first + rows).map(|row| match column.is_null(row) {
            true => NONE,
            false => instants.micros(row).unwrap_or(SKIP),
        })),
        None => read.resize(rows, NONE),
    }
    read
}

/// Progress of a run, and whether it is to stop.
pub(crate) struct Monitor<'a> {
    progress: Option<super::Progress<'a>>,
    done: AtomicU64,
    total: u64,
    stopped: AtomicBool,
}

impl<'a> Monitor<'a> {
    pub(crate) fn new(options: &RunOptions<'a>, prepared: &Prepared<'_, '_>) -> Self {
        Self::of(options.progress, prepared.total)
    }

    pub(crate) fn of(progress: Option<super::Progress<'a>>, total: u64) -> Self {
        Self { progress, done: AtomicU64::new(0), total, stopped: AtomicBool::new(false) }
    }

    /// Notes rows done; `false` to stop.
    pub(crate) fn advance(&self, rows: u64) -> bool {
        let done = self.done.fetch_add(rows, Ordering::Relaxed) + rows;
        if let Some(progress) = self.progress
            && !progress(done.min(self.total), self.total)
        {
            self.stopped.store(true, Ordering::Relaxed);
        }
        !self.is_stopped()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    pub(crate) fn finish(&self) -> Result<()> {
        match self.is_stopped() {
            true => Err(Error::new(ErrorKind::Cancelled, "the run was stopped")),
            false => {
                self.advance(self.total.saturating_sub(self.done.load(Ordering::Relaxed)));
                Ok(())
            }
        }
    }
}
