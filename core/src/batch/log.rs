//! What every table of events has: a customer and an instant a row.

use super::column::{Data, Span};
use super::input::{Refused, Table};
use super::prepare::{missing, wrong_instants};
use crate::error::{Error, Result};

/// Where a log has its customers and its instants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Log {
    pub(crate) customer: usize,
    pub(crate) at: usize,
}

impl Log {
    /// Finds the columns. A table that is too long for the numbers of rows is refused with what can be done about it.
    pub(crate) fn new(table: &Table<'_>, name: &'static str, [customer, at]: [&str; 2], in_parts: &str) -> Result<Self> {
        table.check(name, &[], false)?;
        let log = Self { customer: table.required(name, customer)?, at: table.required(name, at)? };
        table.expect(name, log.at, "instants", |data| matches!(data, Data::Instant(_)))?;
        match u32::try_from(table.rows()) {
            Ok(_) => Ok(log),
            Err(_) => Err(Error::table("the table has more than 2^32 rows").with_help(in_parts)),
        }
    }

    /// Refuses rows without a customer, and those whose instant is missing or cannot be read. Gives the least and the greatest instant, in microseconds.
    pub(crate) fn judge(self, table: &Table<'_>, name: &'static str, refused: &mut Refused) -> Option<Span> {
        for column in [self.customer, self.at] {
            missing(table, name, column, table.names.get(column).map_or("", String::as_str), refused);
        }
        wrong_instants(table, name, self.at, refused)
    }
}

/// The column of values: the one that is named, or `value` if there is such a column.
pub(crate) fn value_column(table: &Table<'_>, name: &'static str, named: Option<&str>) -> Result<Option<usize>> {
    let value = match named {
        Some(named) => Some(table.required(name, named)?),
        None => table.position("value"),
    };
    if let Some(value) = value {
        table.expect(name, value, "numbers", |data| matches!(data, Data::Float64(_) | Data::Float32(_) | Data::Int(_)))?;
    }
    Ok(value)
}
