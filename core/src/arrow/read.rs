//! Arrow arrays as columns, without copying them.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{ExtraColumns, Table};
use crate::batch::{Bits, Column, Data, Instants, Ints, Text, Unit};
use crate::error::{Error, ErrorKind, Result};

pub(super) fn naive_zone(name: &str) -> Result<TimeZone> {
    crate::time::zone(name).ok_or_else(|| {
        Error::new(ErrorKind::InvalidArgument, format!("time zone `{name}` is not known"))
            .with_help("write an IANA name, like `Europe/London`")
    })
}

/// The columns of a table. Columns of types that nothing could use are left aside if extra columns are.
pub(super) fn table<'a>(
    name: &'static str,
    table: &'a Table,
    zone: Option<&TimeZone>,
    extra: ExtraColumns,
) -> Result<crate::batch::Table<'a>> {
    let mut names: Vec<String> = Vec::new();
    let mut kept = Vec::new();
    for (at, field) in table.schema.fields().iter().enumerate() {
        if extra == ExtraColumns::Ignore && !readable(field.data_type()) {
            continue;
        }
        names.push(field.name().clone());
        kept.push(at);
    }
    let mut chunks = Vec::new();
    for batch in table.batches.iter().filter(|batch| batch.num_rows() > 0) {
        let mut chunk = Vec::new();
        for at in &kept {
            let array = batch.columns().get(*at).ok_or_else(|| Error::table(format!("the batches of `{name}` differ in their columns")))?;
            let column_name = names.get(chunk.len()).map_or("", String::as_str);
            chunk.push(column(name, column_name, array, zone)?);
        }
        chunks.push(chunk);
    }
    Ok(crate::batch::Table { names, chunks })
}

fn readable(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, value) => matches!(**value, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
        kind => {
            kind.is_numeric()
                && !matches!(
                    kind,
                    DataType::Decimal32(..)
                        | DataType::Decimal64(..)
                        | DataType::Decimal128(..)
                        | DataType::Decimal256(..)
                        | DataType::Float16
                )
                || matches!(
                    kind,
                    DataType::Utf8
                        | DataType::LargeUtf8
                        | DataType::Utf8View
                        | DataType::Boolean
                        | DataType::Null
                        | DataType::Timestamp(..)
                        | DataType::Date32
                        | DataType::Date64
                )
        }
    }
}

fn column<'a>(table: &'static str, name: &str, array: &'a ArrayRef, zone: Option<&TimeZone>) -> Result<Column<'a>> {
    let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0).map(|nulls| Bits { bytes: nulls.validity(), offset: nulls.offset() });
    let data = match array.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => match text(table, name, array, zone)? {
            Some(text) => Data::Text(text),
            None => return Err(wrong_type(table, name, array.data_type())),
        },
        DataType::Float64 => Data::Float64(Cow::Borrowed(array.as_primitive::<Float64Type>().values())),
        DataType::Float32 => Data::Float32(array.as_primitive::<Float32Type>().values()),
        DataType::Boolean => {
            let bits = array.as_boolean().values();
            Data::Boolean(Bits { bytes: bits.values(), offset: bits.offset() }, bits.len())
        }
        DataType::Null => Data::Null(array.len()),
        DataType::Timestamp(unit, stored) => Data::Instant(timestamps(table, name, array, *unit, stored.is_some(), zone)?),
        DataType::Date32 | DataType::Date64 => Data::Instant(dates(table, name, array, zone)?),
        kind => match ints(array) {
            Some(ints) => Data::Int(ints),
            None => return Err(wrong_type(table, name, kind)),
        },
    };
    Ok(Column::new(data, nulls))
}

fn wrong_type(table: &str, name: &str, kind: &DataType) -> Error {
    let help = match kind {
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => {
            "cast it to a 64-bit float"
        }
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => "cast it to text",
        _ => "cast it to text, a number, a boolean or a timestamp, or drop it",
    };
    Error::table(format!("the column `{name}` of `{table}` has the type {kind}, which wayfare does not read")).with_help(help)
}

fn ints(array: &ArrayRef) -> Option<Ints<'_>> {
    Some(match array.data_type() {
        DataType::Int8 => Ints::I8(array.as_primitive::<Int8Type>().values()),
        DataType::Int16 => Ints::I16(array.as_primitive::<Int16Type>().values()),
        DataType::Int32 => Ints::I32(array.as_primitive::<Int32Type>().values()),
        DataType::Int64 => Ints::I64(Cow::Borrowed(array.as_primitive::<Int64Type>().values())),
        DataType::UInt8 => Ints::U8(array.as_primitive::<UInt8Type>().values()),
        DataType::UInt16 => Ints::U16(array.as_primitive::<UInt16Type>().values()),
        DataType::UInt32 => Ints::U32(array.as_primitive::<UInt32Type>().values()),
        DataType::UInt64 => Ints::U64(array.as_primitive::<UInt64Type>().values()),
        _ => return None,
    })
}

fn text<'a>(table: &'static str, name: &str, array: &'a ArrayRef, zone: Option<&TimeZone>) -> Result<Option<Text<'a>>> {
    Ok(Some(match array.data_type() {
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            Text::Small { offsets: texts.value_offsets(), bytes: texts.value_data() }
        }
        DataType::LargeUtf8 => {
            let texts = array.as_string::<i64>();
            Text::Large { offsets: texts.value_offsets(), bytes: texts.value_data() }
        }
        DataType::Utf8View => {
            let texts = array.as_string_view();
            let buffers = texts.data_buffers().iter().map(|buffer| buffer.as_slice()).collect();
            Text::View { views: texts.views().inner().as_slice(), buffers }
        }
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let words = column(table, name, dictionary.values(), zone)?;
            if !matches!(words.data, Data::Text(_)) {
                return Ok(None);
            }
            let codes = match array.data_type() {
                DataType::Dictionary(key, _) => match **key {
                    DataType::Int8 => Ints::I8(array.as_dictionary::<Int8Type>().keys().values()),
                    DataType::Int16 => Ints::I16(array.as_dictionary::<Int16Type>().keys().values()),
                    DataType::Int32 => Ints::I32(array.as_dictionary::<Int32Type>().keys().values()),
                    DataType::Int64 => Ints::I64(Cow::Borrowed(array.as_dictionary::<Int64Type>().keys().values())),
                    DataType::UInt8 => Ints::U8(array.as_dictionary::<UInt8Type>().keys().values()),
                    DataType::UInt16 => Ints::U16(array.as_dictionary::<UInt16Type>().keys().values()),
                    DataType::UInt32 => Ints::U32(array.as_dictionary::<UInt32Type>().keys().values()),
                    DataType::UInt64 => Ints::U64(array.as_dictionary::<UInt64Type>().keys().values()),
                    _ => return Ok(None),
                },
                _ => return Ok(None),
            };
            Text::Dictionary { codes, words: Box::new(words) }
        }
        _ => return Ok(None),
    }))
}

fn timestamps<'a>(
    table: &str,
    name: &str,
    array: &'a ArrayRef,
    unit: TimeUnit,
    zoned: bool,
    zone: Option<&TimeZone>,
) -> Result<Instants<'a>> {
    let (values, unit): (&[i64], Unit) = match unit {
        TimeUnit::Second => (array.as_primitive::<TimestampSecondType>().values(), Unit::Seconds),
        TimeUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().values(), Unit::Milliseconds),
        TimeUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().values(), Unit::Microseconds),
        TimeUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().values(), Unit::Nanoseconds),
    };
    match (zoned, zone) {
        (true, _) => Ok(Instants { values: Cow::Borrowed(values), unit }),
        (false, Some(zone)) if *zone == TimeZone::UTC => Ok(Instants { values: Cow::Borrowed(values), unit }),
        (false, Some(zone)) => Ok(Instants { values: Cow::Owned(values.iter().map(|value| to_utc(*value, unit, zone)).collect()), unit }),
        (false, None) => Err(naive(table, name)),
    }
}

fn naive(table: &str, name: &str) -> Error {
    Error::table(format!("the column `{name}` of `{table}` has no time zone"))
        .with_help("give it one, or say which one is meant with `naive_time_zone=\"UTC\"`, say")
}

fn dates<'a>(table: &str, name: &str, array: &'a ArrayRef, zone: Option<&TimeZone>) -> Result<Instants<'a>> {
    let zone = zone.ok_or_else(|| naive(table, name))?;
    let values: Vec<i64> = match array.data_type() {
        DataType::Date32 => array.as_primitive::<Date32Type>().values().iter().map(|day| i64::from(*day) * 86_400).collect(),
        _ => array.as_primitive::<Date64Type>().values().iter().map(|millis| millis.div_euclid(1_000)).collect(),
    };
    let values = match *zone == TimeZone::UTC {
        true => values,
        false => values.iter().map(|value| to_utc(*value, Unit::Seconds, zone)).collect(),
    };
    Ok(Instants { values: Cow::Owned(values), unit: Unit::Seconds })
}

/// A local time as UTC, in the same unit. In a gap the later reading counts, in a fold the earlier one, as RFC 5545 has it.
fn to_utc(local: i64, unit: Unit, zone: &TimeZone) -> i64 {
    let per_second = match unit {
        Unit::Seconds => 1,
        Unit::Milliseconds => 1_000,
        Unit::Microseconds => 1_000_000,
        Unit::Nanoseconds => 1_000_000_000,
    };
    let (seconds, rest) = (local.div_euclid(per_second), local.rem_euclid(per_second));
    let shifted = DateTime::constant(1970, 1, 1, 0, 0, 0, 0)
        .checked_add(SignedDuration::from_secs(seconds))
        .ok()
        .and_then(|civil| zone.to_ambiguous_timestamp(civil).compatible().ok())
        .map(Timestamp::as_second);
    // Out of range: a value that the check of instants refuses.
    shifted.and_then(|seconds| seconds.checked_mul(per_second)).and_then(|value| value.checked_add(rest)).unwrap_or(i64::MAX)
}
