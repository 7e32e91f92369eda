//! Arrow tables in, Arrow tables out: what the bindings and Arrow programs call. Needs the feature `arrow`.
//!
//! ```
//! use std::sync::Arc;
//! use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
//! use wayfare::arrow::{AsOf, Request, Table, run};
//! use wayfare::Journey;
//!
//! let journey = Journey::from_yaml("wayfare: 1\nname: Shop\ntouchpoints: { purchased: {} }\ntraits: { orders: { count: purchased, output: true } }\n")?;
//! let batch = RecordBatch::try_from_iter([
//!     ("customer", Arc::new(StringArray::from(vec!["ada", "bo"])) as ArrayRef),
//!     ("at", Arc::new(TimestampMicrosecondArray::from(vec![0, 1]).with_timezone("UTC")) as ArrayRef),
//!     ("kind", Arc::new(StringArray::from(vec!["purchased", "purchased"])) as ArrayRef),
//! ])?;
//! let touchpoints = Table::new(batch.schema(), vec![batch]);
//! let outcome = run(&journey, &Request::new(&touchpoints, AsOf::At("2026-01-01T00:00:00Z".parse()?)))?;
//! assert_eq!(outcome.table.num_rows(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod read;
mod write;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::batch::{self, Progress, RunOptions};
pub use crate::batch::{ExtraColumns, OnError};
use crate::error::Result;
use crate::journey::Journey;
use crate::time::Instant;

/// A table as Arrow has it.
#[derive(Debug, Clone)]
pub struct Table {
    /// Names and types of the columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

impl Table {
    /// A table of batches that all have the schema.
    #[must_use]
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }
}

/// The instants that a run is asked about.
#[derive(Debug, Clone, Copy)]
pub enum AsOf<'a> {
    /// One.
    At(Instant),
    /// Several.
    Each(&'a [Instant]),
    /// A table with the columns `customer` and `at`.
    Table(&'a Table),
}

/// What is asked for.
#[derive(Clone)]
pub struct Request<'a> {
    /// The touchpoints; [`Journey::run`] says which columns.
    pub touchpoints: &'a Table,
    /// Attributes: `customer`, perhaps `at` and `id`, and a column an attribute.
    pub customers: Option<&'a Table>,
    /// The instants asked about.
    pub as_of: AsOf<'a>,
    /// The IANA zone of timestamps and dates that have none; they are refused when it is absent.
    pub naive_time_zone: Option<&'a str>,
    /// What to do with bad rows.
    pub on_error: OnError,
    /// What to do with unknown columns.
    pub extra_columns: ExtraColumns,
    /// Transitions only: adds the columns `rule` and `because`.
    pub explain: bool,
    /// Hears of progress, and can stop the run.
    pub progress: Option<Progress<'a>>,
}

impl<'a> Request<'a> {
    /// A request with every choice at its default.
    #[must_use]
    pub fn new(touchpoints: &'a Table, as_of: AsOf<'a>) -> Self {
        Self {
            touchpoints,
            customers: None,
            as_of,
            naive_time_zone: None,
            on_error: OnError::default(),
            extra_columns: ExtraColumns::default(),
            explain: false,
            progress: None,
        }
    }
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("on_error", &self.on_error).finish_non_exhaustive()
    }
}

/// What a request gives.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outcome {
    /// The result.
    pub table: RecordBatch,
    /// The refused rows with [`OnError::Collect`]: `table, row, column, reason`.
    pub rejected: RecordBatch,
}

/// [`Journey::run`] over Arrow tables.
///
/// # Errors
/// As [`Journey::run`].
pub fn run(journey: &Journey, request: &Request<'_>) -> Result<Outcome> {
    with(request, |touchpoints, options| journey.run(touchpoints, options))
}

/// [`Journey::transitions`] over Arrow tables.
///
/// # Errors
/// As [`Journey::transitions`].
pub fn transitions(journey: &Journey, request: &Request<'_>) -> Result<Outcome> {
    with(request, |touchpoints, options| journey.transitions(touchpoints, options))
}

fn with(request: &Request<'_>, ask: impl FnOnce(&batch::Table<'_>, &RunOptions<'_>) -> Result<batch::ResultTable>) -> Result<Outcome> {
    let zone = request.naive_time_zone.map(read::naive_zone).transpose()?;
    let table = |name: &'static str, table| read::table(name, table, zone.as_ref(), request.extra_columns);
    let touchpoints = table("touchpoints", request.touchpoints)?;
    let customers = request.customers.map(|customers| table("customers", customers)).transpose()?;
    let as_of = match request.as_of {
        AsOf::At(instant) => batch::AsOf::At(instant),
        AsOf::Each(instants) => batch::AsOf::Each(instants.to_vec()),
        AsOf::Table(questions) => batch::AsOf::Table(table("as_of", questions)?),
    };
    let options = RunOptions {
        customers: customers.as_ref(),
        on_error: request.on_error,
        extra_columns: request.extra_columns,
        explain: request.explain,
        progress: request.progress,
        ..RunOptions::new(as_of)
    };
    let result = ask(&touchpoints, &options)?;
    write::outcome(result)
}
