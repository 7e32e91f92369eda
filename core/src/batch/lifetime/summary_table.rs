//! A table of customers that were summed up already, as the lifetime models read it.

use super::super::column::{Column, Data};
use super::super::input::{Refused, Table};
use super::super::prepare::missing;
use super::super::values::{check_numbers, number_at};
use super::summary::Holdout;
use crate::error::{Error, Result};
use crate::insight::lifetime::{Period, Summary};

const TABLE: &str = "summary";

/// Which columns of a summary are read beside those that it has to have.
#[derive(Debug, Clone, Copy)]
pub struct SummaryColumns<'a> {
    /// The unit of `recency` and `age`.
    pub period: Period,
    /// The column of how many customers each row stands for, if there is one.
    pub weights: Option<&'a str>,
    /// The columns of covariates.
    pub covariates: &'a [&'a str],
}

impl SummaryColumns<'_> {
    /// No weights and no covariates.
    #[must_use]
    pub fn new(period: Period) -> Self {
        Self { period, weights: None, covariates: &[] }
    }
}

/// Reads a table with the columns `frequency`, `recency`, `age`, and where there are such `monetary_value` and, of a holdout, `holdout_frequency`,
/// `holdout_days` and `holdout_monetary_value`; any other is left aside.
///
/// ```
/// use wayfare::lifetime::{Period, SummaryColumns, read_summary};
/// use wayfare::{Column, Table};
///
/// let table = Table::new()
///     .column("customer", Column::texts(&["ada", "bo"]))
///     .column("frequency", Column::integers(&[2, 0]))
///     .column("recency", Column::numbers(&[30.43, 0.0]))
///     .column("age", Column::numbers(&[38.86, 38.86]));
/// let (summary, holdout) = read_summary(&table, &SummaryColumns::new(Period::WEEK))?;
/// assert_eq!(summary.len(), 2);
/// assert!(holdout.is_none());
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if a column is missing or of the wrong type, a value is missing, or a row is one that no
/// customer can have.
pub fn read_summary(table: &Table<'_>, columns: &SummaryColumns<'_>) -> Result<(Summary, Option<Holdout>)> {
    table.check(TABLE, &[], false)?;
    if table.position("age").is_none() && table.position("T").is_some() {
        return Err(Error::table("the table `summary` has no column `age`").with_help("rename its column `T` to `age`"));
    }
    let read = Read { table };
    let summary = Summary::new(read.counts("frequency")?, read.numbers("recency")?, read.numbers("age")?, columns.period)?;
    let mut summary = match table.position("monetary_value") {
        Some(_) => summary.with_monetary_value(read.numbers("monetary_value")?)?,
        None => summary,
    };
    if let Some(weights) = columns.weights {
        summary = summary.with_weights(read.numbers(weights)?)?;
    }
    for covariate in columns.covariates {
        summary = summary.with_covariate(*covariate, read.numbers(covariate)?)?;
    }
    let holdout = match table.position("holdout_frequency") {
        Some(_) => Some(read.holdout()?),
        None => None,
    };
    Ok((summary, holdout))
}

struct Read<'t, 'a> {
    table: &'t Table<'a>,
}

impl<'a> Read<'_, 'a> {
    /// A column of numbers, none of them missing.
    fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let column = self.table.required(TABLE, name)?;
        let is_number = |data: &Data<'_>| matches!(data, Data::Float64(_) | Data::Float32(_) | Data::Int(_));
        self.table.expect(TABLE, column, "numbers", is_number)?;
        let mut refused = Refused::default();
        missing(self.table, TABLE, column, name, &mut refused);
        check_numbers(self.table, TABLE, column, &mut refused);
        let refused = refused.settle();
        if !refused.is_empty() {
            return Err(Error::bad_rows(refused));
        }
        let mut values = Vec::with_capacity(self.table.rows());
        for (_, piece) in self.table.pieces(column) {
            match &piece.data {
                Data::Float64(all) => values.extend_from_slice(all),
                _ => values.extend((0..piece.len()).map(|row| number(piece, row))),
            }
        }
        Ok(values)
    }

    /// A column of counts.
    fn counts(&self, name: &str) -> Result<Vec<u32>> {
        let mut refused = Refused::default();
        let counts = self.numbers(name)?.into_iter().enumerate().map(|(row, value)| {
            let is_count = value >= 0.0 && value <= f64::from(u32::MAX) && value.fract() == 0.0;
            if !is_count {
                refused.add(TABLE, row, name, format!("`{name}` is not a whole number of 0 or more"));
            }
            value as u32
        });
        let counts = counts.collect();
        let refused = refused.settle();
        if refused.is_empty() { Ok(counts) } else { Err(Error::bad_rows(refused)) }
    }

    fn holdout(&self) -> Result<Holdout> {
        let frequency = self.counts("holdout_frequency")?;
        let days = self.numbers("holdout_days")?;
        let first = days.first().copied().unwrap_or(0.0);
        if days.iter().any(|days| *days != first) {
            return Err(Error::table("the column `holdout_days` of `summary` is not the same for all")
                .with_help("a holdout ends for everybody on the same day, as `lifetime.summary` makes it"));
        }
        let monetary_value = match self.table.position("holdout_monetary_value") {
            Some(_) => self.numbers("holdout_monetary_value")?,
            None => vec![0.0; frequency.len()],
        };
        Ok(Holdout { frequency, monetary_value, days: first })
    }
}

fn number(piece: &Column<'_>, row: usize) -> f64 {
    f64::from_bits(number_at(piece, row))
}
