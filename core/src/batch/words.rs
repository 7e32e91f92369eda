//! Tables of preferences and of inputs.

use super::column::{Column, Data};
use super::encode::{check_numbers, number_at};
use super::input::{Refused, Table};
use crate::error::{Error, Result};
use crate::expression::Type;
use crate::journey::plan::Plan;
use crate::profile::ledger::Word;
use crate::profile::slot;
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

/// The slots of each row of inputs, in the order of the plan, those of the context unknown; one row after the other.
pub(crate) fn input_rows(plan: &Plan, table: &Table<'_>, strings: &mut Strings, refused: &mut Refused) -> Result<Vec<u64>> {
    let name = "inputs";
    let decision = &plan.decision;
    let unknown = decision.nothing_given();
    let width = unknown.len();
    let mut slots = unknown.repeat(table.rows());
    for (at, (input, kind)) in decision.inputs.iter().enumerate() {
        let Some(column) = table.position(input) else { continue };
        match kind {
            Type::Number => {
                table.expect(name, column, "numbers", |data| matches!(data, Data::Float64(_) | Data::Float32(_) | Data::Int(_)))?;
                check_numbers(table, name, column, refused);
            }
            Type::Text => table.expect(name, column, "text", |data| matches!(data, Data::Text(_)))?,
            Type::Boolean => table.expect(name, column, "booleans", |data| matches!(data, Data::Boolean(..)))?,
        }
        for (start, piece) in table.pieces(column) {
            for row in (0..piece.len()).filter(|row| !piece.is_null(*row)) {
                let value = match (&piece.data, text_at(piece, row)) {
                    (Data::Boolean(bits, _), _) => u64::from(bits.get(row)),
                    (Data::Text(_), Some(text)) if !text.is_empty() => slot::text(strings.intern(text)),
                    (Data::Text(_), _) => {
                        refused.add(name, start + row, input, format!("`{input}` is empty text"));
                        continue;
                    }
                    _ => number_at(piece, row),
                };
                slots.get_mut((start + row) * width + at).into_iter().for_each(|slot| *slot = value);
            }
        }
    }
    Ok(slots)
}

fn text_at<'c>(column: &'c Column<'_>, row: usize) -> Option<&'c str> {
    match &column.data {
        Data::Text(text) if !column.is_null(row) => std::str::from_utf8(text.get(row)).ok(),
        _ => None,
    }
}

/// The instant of a row, if it has one; else why it cannot be read.
fn instant_at(column: &Column<'_>, row: usize) -> std::result::Result<Option<Instant>, &'static str> {
    match &column.data {
        Data::Instant(instants) if !column.is_null(row) => instants.micros(row).map(|at| Some(Instant::from_valid(at))),
        _ => Ok(None),
    }
}
