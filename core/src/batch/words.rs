//! The table of preferences.

use super::column::{Column, Data};
use super::input::{Refused, Table};
use super::values::text_at;
use crate::error::{Error, Result};
use crate::journey::plan::Plan;
use crate::profile::ledger::Word;
use crate::record::{Choice, Preference, Value};
use crate::symbol::Strings;
use crate::time::Instant;

/// A word a row; none where the row was refused.
pub(crate) fn preference_rows(plan: &Plan, table: &Table<'_>, strings: &mut Strings, refused: &mut Refused) -> Result<Vec<Option<Word>>> {
    let name = "preferences";
    table.required(name, "choice")?;
    let at = table.required(name, "at")?;
    let instants = |data: &Data<'_>| matches!(data, Data::Instant(_));
    table.expect(name, at, "instants", instants)?;
    let expires = table.position("expires");
    if let Some(expires) = expires {
        table.expect(name, expires, "instants", instants)?;
    }
    let texts = Preference::FIELDS.into_iter().filter(|field| !["at", "expires"].contains(field));
    let texts: Vec<(&str, usize)> = texts.filter_map(|field| Some((field, table.position(field)?))).collect();
    for (_, column) in &texts {
        table.expect(name, *column, "text", |data| matches!(data, Data::Text(_)))?;
    }
    // Results show them.
    Choice::NAMES.iter().for_each(|(choice, _)| _ = strings.intern(choice));
    let mut words = Vec::with_capacity(table.rows());
    for chunk in &table.chunks {
        for row in 0..chunk.first().map_or(0, Column::len) {
            let instant = |column: usize| chunk.get(column).map_or(Ok(None), |column| instant_at(column, row));
            // A row without a readable `at` is refused with those of all tables.
            let Ok(Some(said)) = instant(at) else {
                words.push(None);
                continue;
            };
            let ends = expires.map_or(Ok(None), instant).map_err(|reason| Error::record("expires", reason));
            let fields = texts.iter().filter_map(|(field, column)| Some((*field, text_at(chunk.get(*column)?, row)?)));
            let fields = fields.map(|(field, text)| (field, Value::Text(text)));
            let word = ends.and_then(|ends| Preference::from_fields(said, ends, fields)).and_then(|said| Word::new(plan, strings, &said));
            if let Err(error) = &word {
                refused.add(name, words.len(), error.field().unwrap_or_default(), error.to_string());
            }
            words.push(word.ok());
        }
    }
    Ok(words)
}

/// The instant of a row, if it has one; else why it cannot be read.
fn instant_at(column: &Column<'_>, row: usize) -> std::result::Result<Option<Instant>, &'static str> {
    match &column.data {
        Data::Instant(instants) if !column.is_null(row) => instants.micros(row).map(|at| Some(Instant::from_valid(at))),
        _ => Ok(None),
    }
}
