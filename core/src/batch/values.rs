//! Columns of numbers, texts and truths as slots: attributes of customers, and inputs.

use rayon::prelude::*;

use super::column::{Column, Data, Ints};
use super::encode::MORSEL;
use super::input::{Refused, Table};
use crate::error::Result;
use crate::expression::Type;
use crate::journey::plan::{Plan, TIME_ZONE};
use crate::profile::{encode, slot};
use crate::symbol::Strings;

/// Attribute changes from a customers table: a row each, index and slot.
pub(crate) fn attribute_rows(plan: &Plan, table: &Table<'_>, strings: &mut Strings, refused: &mut Refused) -> Result<Vec<Vec<(u32, u64)>>> {
    let mut rows: Vec<Vec<(u32, u64)>> = vec![Vec::new(); table.rows()];
    for (at, declared) in plan.attributes.iter().enumerate() {
        let known = |text: &str| match declared.0 == TIME_ZONE {
            true => encode::known_zone(text),
            false => Ok(()),
        };
        each(table, "customers", declared, strings, refused, known, |row, value| {
            rows.get_mut(row).into_iter().for_each(|values| values.push((at as u32, value)));
        })?;
    }
    Ok(rows)
}

/// The slots of each row of inputs, in the order of the plan, those of the context unknown; one row after the other.
pub(crate) fn input_rows(plan: &Plan, table: &Table<'_>, strings: &mut Strings, refused: &mut Refused) -> Result<Vec<u64>> {
    let unknown = plan.decision.nothing_given();
    let mut slots = unknown.repeat(table.rows());
    for (at, declared) in plan.decision.inputs.iter().enumerate() {
        each(
            table,
            "inputs",
            declared,
            strings,
            refused,
            |_| Ok(()),
            |row, value| {
                slots.get_mut(row * unknown.len() + at).into_iter().for_each(|slot| *slot = value);
            },
        )?;
    }
    Ok(slots)
}

/// Hands over the slot of every cell of a column that holds something good; without the column, of none.
fn each(
    table: &Table<'_>,
    table_name: &'static str,
    (name, kind): &(String, Type),
    strings: &mut Strings,
    refused: &mut Refused,
    known: impl Fn(&str) -> Result<()>,
    mut take: impl FnMut(usize, u64),
) -> Result<()> {
    let Some(column) = table.position(name) else { return Ok(()) };
    check(table, table_name, column, *kind, refused)?;
    for (start, piece) in table.pieces(column) {
        for row in (0..piece.len()).filter(|row| !piece.is_null(*row)) {
            let value = match (&piece.data, text_at(piece, row)) {
                (Data::Boolean(bits, _), _) => u64::from(bits.get(row)),
                (Data::Text(_), Some(text)) if !text.is_empty() => match known(text) {
                    Ok(()) => slot::text(strings.intern(text)),
                    Err(error) => {
                        refused.add(table_name, start + row, name, error.to_string());
                        continue;
                    }
                },
                (Data::Text(_), text) => {
                    let is = text.map_or("is not UTF-8", |_| slot::EMPTY);
                    refused.add(table_name, start + row, name, format!("`{name}` {is}"));
                    continue;
                }
                _ => number_at(piece, row),
            };
            take(start + row, value);
        }
    }
    Ok(())
}

/// Refuses a column of another type, and numbers that cannot be kept.
pub(crate) fn check(table: &Table<'_>, table_name: &'static str, column: usize, kind: Type, refused: &mut Refused) -> Result<()> {
    match kind {
        Type::Text => table.expect(table_name, column, "text", |data| matches!(data, Data::Text(_))),
        Type::Boolean => table.expect(table_name, column, "booleans", |data| matches!(data, Data::Boolean(..))),
        Type::Number => {
            table.expect(table_name, column, "numbers", |data| matches!(data, Data::Float64(_) | Data::Float32(_) | Data::Int(_)))?;
            check_numbers(table, table_name, column, refused);
            Ok(())
        }
    }
}

/// Refuses what is not finite, and integers that a double cannot keep.
pub(crate) fn check_numbers(table: &Table<'_>, table_name: &'static str, column: usize, refused: &mut Refused) {
    let name = table.names.get(column).map_or("", String::as_str);
    for (start, piece) in table.pieces(column) {
        let suspects: Vec<usize> = match &piece.data {
            Data::Float64(values) => suspects(values, |value| !value.is_finite()),
            Data::Float32(values) => suspects(values, |value| !value.is_finite()),
            Data::Int(Ints::I64(values)) => suspects(values, |value| value.unsigned_abs() > 1 << 53),
            Data::Int(Ints::U64(values)) => suspects(values, |value| *value > 1 << 53),
            _ => Vec::new(),
        };
        for row in suspects.into_iter().filter(|row| !piece.is_null(*row)) {
            let is = if let Data::Int(_) = piece.data { slot::TOO_LARGE } else { slot::NOT_FINITE };
            refused.add(table_name, start + row, name, format!("`{name}` {is}"));
        }
    }
}

fn suspects<T: Sync>(values: &[T], suspect: impl Fn(&T) -> bool + Sync) -> Vec<usize> {
    // All of a block at once, as there is nearly never any.
    let any = |block: &[T]| block.iter().fold(false, |any, value| any | suspect(value));
    let blocks = values.par_chunks(MORSEL).enumerate().filter(|(_, block)| any(block));
    let found = blocks.flat_map_iter(|(at, block)| {
        let suspect = &suspect;
        block.iter().enumerate().filter(move |(_, value)| suspect(value)).map(move |(row, _)| at * MORSEL + row)
    });
    found.collect()
}

#[inline]
pub(crate) fn number_at(column: &Column<'_>, row: usize) -> u64 {
    let value = match &column.data {
        _ if column.nulls.is_some_and(|known| !known.get(row)) => None,
        // What is unknown without a bit that says so is no number either.
        Data::Float64(values) => values.get(row).copied().filter(|value| !value.is_nan()),
        Data::Float32(values) => values.get(row).map(|value| f64::from(*value)),
        Data::Int(values) => values.get(row).map(|value| value as f64),
        _ => None,
    };
    value.map_or(slot::unknown(Type::Number), slot::number)
}

pub(crate) fn text_at<'c>(column: &'c Column<'_>, row: usize) -> Option<&'c str> {
    match &column.data {
        Data::Text(text) if !column.is_null(row) => std::str::from_utf8(text.get(row)).ok(),
        _ => None,
    }
}
