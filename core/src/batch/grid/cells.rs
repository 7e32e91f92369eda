//! What the grid reads of a caller's tables, cell by cell.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::super::column::{Column, Data};
use super::super::input::{Locator, Table};
use super::customers::Touch;
use crate::error::Result;
use crate::journey::plan::Plan;

/// A customer's key, as the tables have it.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
pub(super) enum Key<'k> {
    Text(&'k [u8]),
    Integer(i64),
}

fn key<'k>(column: &'k Column<'_>, row: usize) -> Option<Key<'k>> {
    match &column.data {
        _ if column.is_null(row) => None,
        Data::Text(text) => Some(Key::Text(text.get(row))),
        Data::Int(ints) => ints.get(row).map(Key::Integer),
        _ => None,
    }
}

/// One column of a table, cell by cell.
pub(super) struct Cells<'t, 'a> {
    table: &'t Table<'a>,
    column: usize,
    locator: Locator,
}

impl<'t, 'a> Cells<'t, 'a> {
    pub(super) fn new(table: &'t Table<'a>, column: usize) -> Self {
        Self { table, column, locator: Locator::new(table) }
    }

    fn at(&self, row: usize) -> Option<(&'t Column<'a>, usize)> {
        let (chunk, row) = self.locator.find(row);
        self.table.chunks.get(chunk)?.get(self.column).map(|column| (column, row))
    }

    pub(super) fn key(&self, row: usize) -> Option<Key<'t>> {
        self.at(row).and_then(|(column, row)| key(column, row))
    }

    pub(super) fn instant(&self, row: usize) -> Option<i64> {
        let (column, row) = self.at(row)?;
        match &column.data {
            Data::Instant(instants) if !column.is_null(row) => instants.micros(row).ok(),
            _ => None,
        }
    }

    fn number(&self, row: usize) -> Option<f64> {
        let (column, row) = self.at(row)?;
        match &column.data {
            _ if column.is_null(row) => None,
            Data::Float64(values) => values.get(row).copied(),
            Data::Float32(values) => values.get(row).copied().map(f64::from),
            Data::Int(values) => values.get(row).map(|value| value as f64),
            _ => None,
        }
    }

    /// The place of the word among some.
    fn word(&self, row: usize, words: &HashMap<&[u8], usize, FixedState>) -> Option<usize> {
        let (column, row) = self.at(row)?;
        match &column.data {
            Data::Text(text) if !column.is_null(row) => words.get(text.get(row)).copied(),
            _ => None,
        }
    }
}

/// What the grid reads of touchpoints.
pub(super) struct Fields<'t, 'a> {
    customers: Cells<'t, 'a>,
    ats: Cells<'t, 'a>,
    kinds: Cells<'t, 'a>,
    channels: Option<Cells<'t, 'a>>,
    values: Option<Cells<'t, 'a>>,
    pub(super) ids: Option<Cells<'t, 'a>>,
    kind_numbers: HashMap<&'t [u8], usize, FixedState>,
    channel_numbers: HashMap<&'t [u8], usize, FixedState>,
}

impl<'t, 'a> Fields<'t, 'a> {
    pub(super) fn new(plan: &'t Plan, table: &'t Table<'a>) -> Result<Self> {
        let required = |name| table.required("touchpoints", name).map(|column| Cells::new(table, column));
        let optional = |name| table.position(name).map(|column| Cells::new(table, column));
        Ok(Self {
            customers: required("customer")?,
            ats: required("at")?,
            kinds: required("kind")?,
            channels: optional("channel"),
            values: optional("value"),
            ids: optional("id"),
            kind_numbers: plan.kinds.iter().enumerate().map(|(at, kind)| (kind.name.as_bytes(), at)).collect(),
            channel_numbers: plan.channels.iter().enumerate().map(|(at, channel)| (channel.as_bytes(), at)).collect(),
        })
    }

    pub(super) fn key(&self, row: usize) -> Option<Key<'t>> {
        self.customers.key(row)
    }

    pub(super) fn touch(&self, row: usize) -> Option<Touch> {
        Some(Touch {
            at: self.ats.instant(row)?,
            kind: self.kinds.word(row, &self.kind_numbers)?,
            channel: self.channels.as_ref().and_then(|channels| channels.word(row, &self.channel_numbers)),
            value: self.values.as_ref().and_then(|values| values.number(row)),
            row,
        })
    }

    pub(super) fn id_key(&self, row: usize) -> Option<Key<'t>> {
        self.ids.as_ref().and_then(|ids| ids.key(row))
    }

    /// Ids as the fold orders them: as text.
    pub(super) fn id(&self, row: usize) -> Option<Vec<u8>> {
        self.id_key(row).map(|key| match key {
            Key::Text(text) => text.to_vec(),
            Key::Integer(number) => number.to_string().into_bytes(),
        })
    }
}
