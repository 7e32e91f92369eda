//! The columns of a table that identify somebody.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::super::column::{Bits, Column, Data, Instants, Text};
use super::super::input::{Refused, RowSet, Table};
use super::super::prepare::{missing, wrong_instants};
use crate::error::{BadRow, Error, ErrorKind, Result};
use crate::identity::IdentityRules;

/// What the table is called in messages.
pub(super) const TABLE: &str = "identifiers";
/// Bytes of text in one record.
const MAX_TEXT: usize = 65_536;

/// How a table of records is read; what is not there is at its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResolveRequest {
    /// Columns and the kind of identifier that each holds, where they are not called after their kinds; any other column is left aside then.
    pub columns: Option<IndexMap<String, String>>,
    /// `raise` or `collect`.
    pub on_error: Option<String>,
    /// `refuse` or `ignore`.
    pub extra_columns: Option<String>,
    /// The IANA zone of times without one.
    pub naive_time_zone: Option<String>,
}

impl ResolveRequest {
    pub(crate) fn collects(&self) -> Result<bool> {
        choice("on_error", self.on_error.as_deref(), ["raise", "collect"])
    }

    pub(crate) fn ignores_extra(&self) -> Result<bool> {
        choice("extra_columns", self.extra_columns.as_deref(), ["refuse", "ignore"])
    }
}

/// Whether it is the second of two words; the first is the default.
fn choice(name: &str, word: Option<&str>, [first, second]: [&str; 2]) -> Result<bool> {
    match word {
        None => Ok(false),
        Some(word) if word == first => Ok(false),
        Some(word) if word == second => Ok(true),
        Some(_) => Err(Error::new(ErrorKind::InvalidArgument, format!("`{name}` is neither \"{first}\" nor \"{second}\""))),
    }
}

/// A column of identifiers, every value as the rules normalize it; blocked ones are missing.
pub(super) struct Identified {
    pub(super) kind: u16,
    pub(super) column: usize,
    /// Per chunk, the column that was made where the table's own does not do.
    made: Vec<Option<Made>>,
    pub(super) blocked: u64,
}

struct Made {
    bytes: Vec<u8>,
    ends: Vec<i64>,
    known: Vec<u8>,
}

/// The columns of a table of records.
pub(super) struct Records {
    pub(super) identified: Vec<Identified>,
    pub(super) at: Option<usize>,
    pub(super) id: Option<usize>,
    pub(super) bad: RowSet,
    pub(super) rejected: Vec<BadRow>,
}

impl Records {
    /// Finds, checks and normalizes the columns.
    pub(super) fn read(rules: &IdentityRules, table: &Table<'_>, request: &ResolveRequest) -> Result<Self> {
        let named: Vec<(String, u16)> = match &request.columns {
            Some(columns) => {
                let kinds = columns.iter().map(|(column, kind)| Ok((column.clone(), rules.find(kind)?)));
                kinds.collect::<Result<_>>().map_err(|error| {
                    Error::new(ErrorKind::InvalidArgument, error.message()).with_help_if(error.help().map(str::to_owned))
                })?
            }
            None => {
                rules.kinds().zip(0..).filter(|(kind, _)| table.position(kind).is_some()).map(|(kind, at)| (kind.to_owned(), at)).collect()
            }
        };
        let known: Vec<&str> = ["id", "at"].into_iter().chain(rules.kinds()).collect();
        table.check(TABLE, &known, request.columns.is_none() && !request.ignores_extra()?)?;
        if named.is_empty() {
            let kinds: Vec<String> = rules.kinds().map(|kind| format!("`{kind}`")).collect();
            return Err(Error::table("the table `identifiers` has no column of identifiers")
                .with_help(format!("call its columns after the kinds ({}), or say with `columns` which they are", kinds.join(", "))));
        }
        let mut refused = Refused::default();
        let at = table.position("at");
        if let Some(at) = at {
            table.expect(TABLE, at, "instants", |data| matches!(data, Data::Instant(_)))?;
            missing(table, TABLE, at, "at", &mut refused);
            wrong_instants(table, TABLE, at, &mut refused);
        }
        let id = table.position("id");
        if let Some(id) = id {
            table.expect(TABLE, id, "text or integers", |data| matches!(data, Data::Text(_) | Data::Int(_)))?;
            lengths(table, id, "id", 0, MAX_TEXT, &mut refused);
        }
        let share = MAX_TEXT / (named.len() + 1);
        let mut identified = Vec::new();
        for (name, kind) in named {
            let column = table.required(TABLE, &name)?;
            table.expect(TABLE, column, "text or integers", |data| matches!(data, Data::Text(_) | Data::Int(_)))?;
            lengths(table, column, &name, 0, share, &mut refused);
            identified.push(Identified::new(rules, table, kind, column, &mut refused));
        }
        let rows = table.rows();
        let mut records = Self { identified, at, id, bad: RowSet::default(), rejected: Vec::new() };
        records.without_identifiers(table, &mut refused);
        records.rejected = refused.settle();
        if !records.rejected.is_empty() && !request.collects()? {
            return Err(Error::bad_rows(records.rejected));
        }
        for row in &records.rejected {
            records.bad.insert(row.row as usize, rows);
        }
        Ok(records)
    }

    /// Rows that say nothing about anybody.
    fn without_identifiers(&self, table: &Table<'_>, refused: &mut Refused) {
        let mut first = 0;
        for chunk in &table.chunks {
            let columns: Vec<&Column<'_>> = self.identified.iter().filter_map(|identified| chunk.get(identified.column)).collect();
            let rows = chunk.first().map_or(0, Column::len);
            if columns.iter().all(|column| column.may_be_null()) {
                for row in (0..rows).filter(|row| columns.iter().all(|column| column.is_null(*row))) {
                    refused.add(TABLE, first + row, "", "the row has no identifiers");
                }
            }
            first += rows;
        }
    }
}

/// Refuses texts that are empty or too long.
fn lengths(table: &Table<'_>, column: usize, name: &str, least: usize, most: usize, refused: &mut Refused) {
    for (start, piece) in table.pieces(column) {
        let Data::Text(text) = &piece.data else { continue };
        for row in 0..piece.len() {
            let (_, from, to) = text.span(row);
            let length = to.wrapping_sub(from);
            if (length == least || length > most) && !piece.is_null(row) {
                let reason = match length == least {
                    true => format!("`{name}` is empty text"),
                    false => format!("`{name}` has more than {most} bytes"),
                };
                refused.add(TABLE, start + row, name, reason);
            }
        }
    }
}

impl Identified {
    fn new(rules: &IdentityRules, table: &Table<'_>, kind: u16, column: usize, refused: &mut Refused) -> Self {
        let name = table.names.get(column).cloned().unwrap_or_default();
        let mut blocked = 0;
        let Some(rule) = rules.kind(kind) else { return Self { kind, column, made: Vec::new(), blocked } };
        let made = table.pieces(column).map(|(start, piece)| {
            if rule.is_plain() && matches!(piece.data, Data::Text(_) | Data::Null(_)) {
                return None;
            }
            let rows = piece.len();
            let mut made = Made { bytes: Vec::new(), ends: vec![0], known: vec![0; rows.div_ceil(8)] };
            for row in 0..rows {
                if let Some(value) = text_of(piece, row) {
                    let value = rule.normalized(&value);
                    match (value.is_empty(), rule.is_blocked(&value)) {
                        (true, _) => refused.add(TABLE, start + row, &name, format!("`{name}` is empty text")),
                        (_, true) => blocked += 1,
                        _ => {
                            made.bytes.extend_from_slice(value.as_bytes());
                            made.known.get_mut(row / 8).into_iter().for_each(|byte| *byte |= 1 << (row % 8));
                        }
                    }
                }
                made.ends.push(made.bytes.len() as i64);
            }
            Some(made)
        });
        let made = made.collect();
        Self { kind, column, made, blocked }
    }

    /// The columns of all chunks, as they are to be read.
    pub(super) fn pieces<'t>(&'t self, table: &'t Table<'t>) -> Vec<Cow<'t, Column<'t>>> {
        let pieces = table.pieces(self.column).zip(&self.made);
        pieces
            .map(|((_, piece), made)| match made {
                None => Cow::Borrowed(piece),
                Some(Made { bytes, ends, known }) => {
                    let text = Data::Text(Text::Large { offsets: ends, bytes });
                    Cow::Owned(Column::new(text, Some(Bits { bytes: known, offset: 0 })))
                }
            })
            .collect()
    }
}

/// A value of an identifier or an id as text; an integer is its digits.
pub(super) fn text_of<'c>(column: &'c Column<'_>, row: usize) -> Option<Cow<'c, str>> {
    if column.is_null(row) {
        return None;
    }
    match &column.data {
        Data::Text(text) => std::str::from_utf8(text.get(row)).ok().map(Cow::Borrowed),
        Data::Int(ints) => ints.get(row).map(|value| Cow::Owned(value.to_string())),
        _ => None,
    }
}

/// The instants of a column in microseconds; those that were refused are 0.
pub(super) fn micros(table: &Table<'_>, column: usize) -> Vec<i64> {
    let mut all = Vec::with_capacity(table.rows());
    for (_, piece) in table.pieces(column) {
        match &piece.data {
            Data::Instant(Instants { values, unit: super::super::column::Unit::Microseconds }) => all.extend_from_slice(values),
            Data::Instant(instants) => all.extend((0..piece.len()).map(|row| instants.micros(row).unwrap_or_default())),
            _ => all.extend((0..piece.len()).map(|_| 0)),
        }
    }
    all
}
