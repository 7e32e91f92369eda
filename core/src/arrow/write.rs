//! Results as Arrow record batches.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, LargeStringArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, Schema};
use arrow_select::concat::concat_batches;
use rayon::prelude::*;

use super::{Outcome, Table};
use crate::batch::{ResultColumn, ResultTable};
use crate::error::{BadRow, Error, Result};
use crate::time::Instant;

/// Bytes of text up to which offsets of 32 bits do.
const SMALL: usize = i32::MAX as usize;

pub(super) fn outcome(result: ResultTable) -> Result<Outcome> {
    let rejected = rejected(&result.rejected)?;
    let columns: Vec<(String, ArrayRef)> = result.columns.into_par_iter().map(|(name, column)| (name, array(column))).collect();
    let table = match columns.is_empty() {
        true => RecordBatch::new_empty(Arc::new(Schema::empty())),
        false => {
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).map_err(unwritable)?
        }
    };
    Ok(Outcome { table, rejected })
}

fn unwritable(error: ArrowError) -> Error {
    Error::table(format!("the result cannot be written: {error}"))
}

fn array(column: ResultColumn) -> ArrayRef {
    match column {
        ResultColumn::Integers(values) => Arc::new(Int64Array::from(values)),
        ResultColumn::Numbers(values) => {
            let known = BooleanBuffer::collect_bool(values.len(), |row| values.get(row).is_some_and(|value| !value.is_nan()));
            Arc::new(Float64Array::new(values.into(), Some(NullBuffer::new(known)).filter(|known| known.null_count() > 0)))
        }
        ResultColumn::Booleans(values) => Arc::new(BooleanArray::from(values)),
        ResultColumn::Instants(values) => {
            let array: TimestampMicrosecondArray = values.into_iter().map(|at| at.map(Instant::as_micros)).collect();
            Arc::new(array.with_timezone("UTC"))
        }
        ResultColumn::Never(rows) => Arc::new(TimestampMicrosecondArray::new_null(rows).with_timezone("UTC")),
        ResultColumn::Texts(texts) => {
            let known = (!texts.missing.is_empty()).then(|| {
                let mut known = vec![true; texts.len()];
                texts.missing.iter().filter_map(|row| known.get_mut(*row).map(|known| *known = false)).for_each(drop);
                NullBuffer::from(known)
            });
            let ends = std::iter::once(0).chain(texts.ends.iter().copied());
            match texts.bytes.len() <= SMALL {
                true => {
                    let offsets = OffsetBuffer::new(ends.map(|end| end as i32).collect::<Vec<_>>().into());
                    Arc::new(StringArray::new(offsets, Buffer::from(texts.bytes.into_bytes()), known))
                }
                false => {
                    let offsets = OffsetBuffer::new(ends.map(|end| end as i64).collect::<Vec<_>>().into());
                    Arc::new(LargeStringArray::new(offsets, Buffer::from(texts.bytes.into_bytes()), known))
                }
            }
        }
        ResultColumn::Text { words, codes } => {
            let word = |code: &Option<u32>| code.and_then(|code| words.get(code as usize)).map(String::as_str);
            match codes.iter().filter_map(word).map(str::len).sum::<usize>() <= SMALL {
                true => Arc::new(codes.iter().map(word).collect::<StringArray>()),
                false => Arc::new(codes.iter().map(word).collect::<LargeStringArray>()),
            }
        }
    }
}

/// A column of the table that came in, if it has it, and then the columns of a result with as many rows.
pub(super) fn beside(table: &Table, name: &str, result: RecordBatch) -> Result<RecordBatch> {
    let Ok(at) = table.schema.index_of(name) else { return Ok(result) };
    let all = concat_batches(&table.schema, &table.batches).map_err(unwritable)?;
    let mut columns: Vec<(String, ArrayRef)> = all.columns().get(at).map(|keys| (name.to_owned(), keys.clone())).into_iter().collect();
    columns.extend(result.schema().fields().iter().zip(result.columns()).map(|(field, column)| (field.name().clone(), column.clone())));
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).map_err(unwritable)
}

pub(super) fn rejected(rows: &[BadRow]) -> Result<RecordBatch> {
    let tables: StringArray = rows.iter().map(|row| Some(row.table)).collect();
    let numbers: UInt64Array = rows.iter().map(|row| Some(row.row)).collect();
    let columns: StringArray = rows.iter().map(|row| Some(row.column.as_str())).collect();
    let reasons: StringArray = rows.iter().map(|row| Some(row.reason.as_str())).collect();
    let columns: [(&str, ArrayRef); 4] =
        [("table", Arc::new(tables)), ("row", Arc::new(numbers)), ("column", Arc::new(columns)), ("reason", Arc::new(reasons))];
    RecordBatch::try_from_iter(columns).map_err(unwritable)
}
