//! One worker's fold of one customer after the other: the same fold as a profile's, over rows of tables.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Mutex;

use foldhash::fast::FixedState;

use super::column::{Column, Data};
use super::encode::Field;
use super::group::{Carried, Crowd, Record};
use super::input::{Locator, Table};
use crate::decision::Memo;
use crate::journey::plan::Plan;
use crate::profile::encode;
use crate::profile::ledger::{self, Word};
use crate::profile::state::{ALWAYS, Incoming, State, touch};
use crate::profile::tracks::{Listener, TrackState};
use crate::profile::traits::TraitState;
use crate::symbol::Strings;
use crate::time::{DayClock, Instant};

/// Customers who are folded side by side, few enough for the cache.
const SIDE_BY_SIDE: usize = 32;

/// Everything about the tables that a fold reads. Rows are numbered through: touchpoints, customers, questions, preferences, inputs.
pub(crate) struct Records<'t, 'a> {
    pub(crate) plan: &'t Plan,
    pub(crate) strings: Strings,
    pub(crate) touchpoints: &'t Table<'a>,
    pub(crate) kinds: Vec<u8>,
    /// Per kind + 1, the slots of a touchpoint of which nothing is known but what no row tells.
    pub(crate) blank: Vec<Vec<u64>>,
    /// Per kind + 1, the fields that are read from rows.
    pub(crate) reads: Vec<Vec<usize>>,
    pub(crate) fields: Vec<Option<Field<'t, 'a>>>,
    pub(crate) locator: Locator,
    /// The fields that rows carry along; none if there are too many, and they are gathered by row.
    pub(crate) carries: Vec<usize>,
    pub(crate) gathers: bool,
    pub(crate) ids: Option<usize>,
    pub(crate) first_change: usize,
    pub(crate) changes: Vec<Vec<(u32, u64)>>,
    pub(crate) customers: Option<(&'t Table<'a>, Option<usize>)>,
    pub(crate) first_question: usize,
    pub(crate) first_word: usize,
    pub(crate) words: Vec<Option<Word>>,
    pub(crate) first_input: usize,
    /// The slots of inputs and context of which nothing is handed in.
    pub(crate) nothing_given: Vec<u64>,
    /// As many slots a row of inputs.
    pub(crate) inputs: Vec<u64>,
    /// Rows of inputs that are not their customer's first, as they were met.
    pub(crate) second_inputs: Mutex<Vec<usize>>,
    /// Whether what was said to customers is kept.
    pub(crate) contacts: bool,
}

/// Text or integer ids as text.
pub(crate) fn id_text<'c>(column: &'c Column<'_>, row: usize) -> Option<std::borrow::Cow<'c, str>> {
    if column.is_null(row) {
        return None;
    }
    match &column.data {
        Data::Text(text) => std::str::from_utf8(text.get(row)).ok().map(Into::into),
        Data::Int(ints) => ints.get(row).map(|id| id.to_string().into()),
        _ => None,
    }
}

impl<'t> Records<'t, '_> {
    /// The id of a record, if it has one.
    pub(crate) fn id(&self, row: usize) -> Option<std::borrow::Cow<'_, str>> {
        let of = |table: &'t Table<'_>, column: usize, row: usize| {
            let mut start = 0;
            for chunk in &table.chunks {
                let column = chunk.get(column)?;
                if row < start + column.len() {
                    return id_text(column, row - start);
                }
                start += column.len();
            }
            None
        };
        match row < self.first_change {
            true => {
                let (chunk, at) = self.locator.find(row);
                let column = self.touchpoints.chunks.get(chunk)?.get(self.ids?)?;
                id_text(column, at)
            }
            false => {
                let (table, ids) = self.customers?;
                of(table, ids?, row - self.first_change)
            }
        }
    }

    fn has_ids(&self) -> bool {
        self.ids.is_some() || self.customers.is_some_and(|(_, ids)| ids.is_some())
    }

    #[inline]
    fn is_question(&self, row: u32) -> bool {
        row as usize >= self.first_question
    }

    #[inline]
    fn is_touch(&self, row: u32) -> bool {
        (row as usize) < self.first_change
    }

    /// Changes before touchpoints before questions, each sort by id and content.
    fn order(&self, left: u32, right: u32) -> Ordering {
        let sort = |row: u32| match (self.is_question(row), self.is_touch(row)) {
            (true, _) => 2,
            (_, true) => 1,
            _ => 0,
        };
        sort(left).cmp(&sort(right)).then_with(|| {
            let (l, r) = (left as usize, right as usize);
            let by_id = if self.has_ids() { self.id(l).cmp(&self.id(r)) } else { Ordering::Equal };
            by_id.then_with(|| match sort(left) {
                0 => encode::by_change(self.plan, &self.strings, self.change(left), self.change(right)),
                1 => encode::by_content(self.plan, &self.strings, &self.content(l), &self.content(r)),
                _ => l.cmp(&r),
            })
        })
    }

    #[inline]
    fn put_in_order(&self, rows: &mut [Record]) {
        let in_order = rows.windows(2).all(|pair| matches!(pair, [a, b] if a.at < b.at));
        if !in_order {
            rows.sort_unstable_by(|a, b| a.at.cmp(&b.at).then_with(|| self.order(a.row, b.row)));
        }
    }

    /// Whether customers are touchpoints and no more, each of which counts, and what they come to is their traits alone.
    fn are_touchpoints_alone(&self) -> bool {
        let no_other_rows =
            self.customers.is_none() && self.first_question == self.first_word && self.words.is_empty() && self.inputs.is_empty();
        no_other_rows && !self.has_ids() && !self.contacts && self.plan.tracks.is_empty() && !self.plan.traits.is_empty()
    }

    fn change(&self, row: u32) -> &[(u32, u64)] {
        (row as usize).checked_sub(self.first_change).and_then(|at| self.changes.get(at)).map_or(&[], Vec::as_slice)
    }

    /// What a touchpoint holds of all that the journey reads, though its own kind may need less.
    fn content(&self, row: usize) -> Vec<u64> {
        let kind = self.kinds.get(row).copied().unwrap_or_default();
        let slot = |(field, blank): (&Option<Field<'_, '_>>, &u64)| field.as_ref().map_or(*blank, |field| field.slot(&self.locator, row));
        self.fields.iter().zip(self.blank_of(kind)).map(slot).collect()
    }

    #[inline]
    fn blank_of(&self, kind: u8) -> &[u64] {
        self.blank.get(usize::from(kind)).map_or(&[], Vec::as_slice)
    }

    /// The slots of a touchpoint, those that its kind needs, where those of another of the same kind stand: only what rows tell is set.
    #[inline(always)]
    fn slots<'s>(&self, record: Record, carried: &Carried, slots_of_kinds: &'s mut [Vec<u64>]) -> &'s [u64] {
        let kind = usize::from(carried.sort(record));
        let Some(slots) = slots_of_kinds.get_mut(kind) else { return &[] };
        let mut set = |at: usize, value: u64| slots.get_mut(at).into_iter().for_each(|slot| *slot = value);
        if self.gathers {
            for at in self.reads.get(kind).into_iter().flatten() {
                let field = self.fields.get(*at).and_then(Option::as_ref);
                field.into_iter().for_each(|field| set(*at, field.slot(&self.locator, record.row as usize)));
            }
        } else {
            self.carries.iter().zip(carried.values(record)).for_each(|(at, value)| set(*at, *value));
        }
        slots
    }

    /// Sets what some rows of one piece carry along: the fields that their kinds need, the others unknown.
    pub(crate) fn carry(&self, first: usize, rows: impl Iterator<Item = (u16, u16)> + Clone, out: &mut Carried) {
        let (chunk, start) = self.locator.find(first);
        let kind = |row: u16| self.kinds.get(first + usize::from(row)).copied().unwrap_or_default();
        out.set_sorts(rows.clone().map(|(row, place)| (place, kind(row))));
        for (nth, at) in self.carries.iter().enumerate() {
            let Some(Some(field)) = self.fields.get(*at) else { continue };
            let blank = |(blank, reads): (&Vec<u64>, &Vec<usize>)| match reads.contains(at) {
                true => None,
                false => Some(blank.get(*at).copied().unwrap_or_default()),
            };
            let blanks: Vec<Option<u64>> = self.blank.iter().zip(&self.reads).map(blank).collect();
            let column = field.column(chunk);
            let value = |row: u16| {
                let blank = blanks.get(usize::from(kind(row))).copied().flatten();
                blank.unwrap_or_else(|| field.slot_in(column, start + usize::from(row), first + usize::from(row)))
            };
            out.set_values(nth, rows.clone().map(|(row, place)| (place, value(row))));
        }
    }
}

/// Reusable room for folding customers.
pub(crate) struct Worker<'r, 't, 'a> {
    records: &'r Records<'t, 'a>,
    pub(crate) state: State,
    /// The traits of customers who are folded side by side.
    crowd: Vec<TraitState>,
    /// Per kind + 1, the slots of its last touchpoint.
    slots_of_kinds: Vec<Vec<u64>>,
    /// The slots of the touchpoints of one instant, one after the other.
    slots: Vec<u64>,
    seen: HashMap<(bool, String), i64, FixedState>,
    ledger: Vec<Word>,
    /// What scenes hand on.
    pub(crate) memo: Memo,
    pub(crate) tracks: Vec<TrackState>,
}

/// What is known of the customer who is asked about.
pub(crate) struct Asked<'w> {
    pub(crate) state: &'w State,
    pub(crate) strings: &'w Strings,
    pub(crate) ledger: &'w [Word],
    /// The slots of what the host handed in.
    pub(crate) inputs: &'w [u64],
    /// One of the customer's rows.
    pub(crate) row: u32,
}

impl<'r, 't, 'a> Worker<'r, 't, 'a> {
    pub(crate) fn new(records: &'r Records<'t, 'a>) -> Self {
        let mut state = State::new(records.plan);
        state.contacts = state.contacts.filter(|_| records.contacts);
        Self {
            records,
            state,
            crowd: Vec::new(),
            slots_of_kinds: records.blank.clone(),
            slots: Vec::new(),
            seen: HashMap::default(),
            ledger: Vec::new(),
            memo: Memo::default(),
            tracks: Vec::new(),
        }
    }

    /// Folds one customer's rows. `ask` is called with the state at each of the instants asked about (rising), and at each question row.
    pub(crate) fn fold<L: Listener>(
        &mut self,
        rows: &mut [Record],
        carried: &Carried,
        instants: &[Instant],
        listener: &mut L,
        mut ask: impl FnMut(&Asked<'_>, Instant, &mut L),
    ) {
        let records = self.records;
        self.state.clear(records.plan);
        self.seen.clear();
        let row = rows.first().map_or(0, |record| record.row);
        let (rows, inputs) = self.set_aside(rows);
        macro_rules! asked {
            () => {
                &Asked { state: &self.state, strings: &records.strings, ledger: &self.ledger, inputs, row }
            };
        }
        records.put_in_order(rows);
        let mut instants = instants.iter().copied().peekable();
        let mut rest = &*rows;
        while let Some(first) = rest.first() {
            let at = first.at;
            while let Some(instant) = instants.next_if(|instant| instant.as_micros() < at) {
                ask(asked!(), instant, listener);
            }
            let length = rest.iter().take_while(|other| other.at == at).count();
            let (now, after) = rest.split_at(length);
            self.instant(at, now, carried, listener);
            for _ in now.iter().filter(|record| records.is_question(record.row)) {
                ask(asked!(), Instant::from_valid(at), listener);
            }
            rest = after;
        }
        for instant in instants {
            ask(asked!(), instant, listener);
        }
    }

    /// Folds customers side by side, if they are touchpoints alone and no state but that at one instant is asked about: `read` is handed the traits of some, one
    /// customer's after the other's, and the attributes of all. `false` if they must be folded one by one.
    pub(crate) fn fold_side_by_side(&mut self, crowd: &mut Crowd<'_>, mut read: impl FnMut(&[TraitState], &[u64])) -> bool {
        let records = self.records;
        if !records.are_touchpoints_alone() {
            return false;
        }
        let (plan, carried) = (records.plan, crowd.carried);
        let (width, mut clock) = (plan.traits.len(), None);
        self.state.clear(plan);
        if self.crowd.is_empty() {
            self.crowd = self.state.traits.iter().cycle().take(SIDE_BY_SIDE * width).cloned().collect();
        }
        while crowd.len() > 0 {
            let some = crowd.len().min(SIDE_BY_SIDE);
            for (traits, rows) in self.crowd.chunks_mut(width).zip(crowd.by_ref().take(some)) {
                records.put_in_order(rows);
                for record in rows {
                    let at = record.at;
                    let slots = records.slots(*record, carried, &mut self.slots_of_kinds);
                    touch(plan, &records.strings, at, slots, traits, || {
                        clock.get_or_insert_with(|| DayClock::new(plan.zone.clone())).day(at)
                    });
                }
            }
            read(self.crowd.get(..some * width).unwrap_or_default(), &self.state.attributes);
            for (at, plan) in plan.traits.iter().enumerate() {
                TraitState::clear_all(plan, self.crowd.chunks_exact_mut(width).take(some).filter_map(|traits| traits.get_mut(at)));
            }
        }
        true
    }

    /// Takes preferences and inputs out of a customer's rows: they are not folded.
    fn set_aside<'c>(&mut self, rows: &'c mut [Record]) -> (&'c mut [Record], &'r [u64]) {
        let records = self.records;
        self.ledger.clear();
        let is_folded = |record: &Record| (record.row as usize) < records.first_word;
        if rows.iter().all(is_folded) {
            return (rows, &records.nothing_given);
        }
        rows.sort_unstable_by_key(|record| record.row);
        let (folded, aside) = rows.split_at_mut(rows.partition_point(is_folded));
        let (mut inputs, width) = (None, records.nothing_given.len());
        for record in aside {
            let row = record.row as usize;
            match row.checked_sub(records.first_input) {
                None => {
                    let word = records.words.get(row - records.first_word).cloned().flatten();
                    word.into_iter().for_each(|word| _ = ledger::insert(&mut self.ledger, word, &records.strings));
                }
                Some(row) if inputs.is_some() => records.second_inputs.lock().iter_mut().for_each(|second| second.push(row)),
                Some(row) => inputs = records.inputs.get(row * width..(row + 1) * width),
            }
        }
        (folded, inputs.unwrap_or(&records.nothing_given))
    }

    fn instant<L: Listener>(&mut self, at: i64, rows: &[Record], carried: &Carried, listener: &mut L) {
        let records = self.records;
        if let ([record], false) = (rows, records.has_ids())
            && records.is_touch(record.row)
        {
            let slots = records.slots(*record, carried, &mut self.slots_of_kinds);
            let record = [Incoming::Touch { slots, id: None }];
            self.state.fold(records.plan, &records.strings, at, &record, listener);
            return;
        }
        self.slots.clear();
        let mut accepted = Vec::with_capacity(rows.len());
        for record in rows.iter().filter(|record| !records.is_question(record.row)) {
            let row = record.row;
            let id = records.id(row as usize);
            if let Some(id) = &id {
                let key = (records.is_touch(row), id.clone().into_owned());
                let lateness = records.plan.lateness;
                if self.seen.get(&key).is_some_and(|before| *before >= at.saturating_sub(lateness)) {
                    continue;
                }
                self.seen.insert(key, at);
            }
            let start = self.slots.len();
            if records.is_touch(row) {
                self.slots.extend_from_slice(records.slots(*record, carried, &mut self.slots_of_kinds));
            }
            accepted.push((row, start, id));
        }
        if accepted.is_empty() {
            return;
        }
        let width = records.plan.fields.len();
        let slots = &self.slots;
        let incoming: Vec<Incoming<'_>> = accepted
            .iter()
            .map(|(row, start, id)| match records.is_touch(*row) {
                true => Incoming::Touch { slots: slots.get(*start..start + width).unwrap_or_default(), id: id.as_deref() },
                false => Incoming::Change { values: records.change(*row), id: id.as_deref() },
            })
            .collect();
        self.state.fold(records.plan, &records.strings, at, &incoming, listener);
    }

    /// Whether anything was folded: a customer with attributes that always held exists as well.
    pub(crate) fn knows_something(state: &State) -> bool {
        state.newest.is_some()
    }
}

/// The instant that stands for "no instant" in a row.
pub(crate) const NONE: i64 = ALWAYS;
