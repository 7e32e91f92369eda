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

pub mod attribution;
pub mod identity;
pub mod lifetime;
pub mod path_analyses;
pub mod paths;
pub mod progress;
mod read;
mod write;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::batch::{self, Comparison, Progress, Reach, RunOptions};
pub use crate::batch::{ExtraColumns, OnError};
use crate::error::{BadRow, Result};
use crate::grid::Grid;
use crate::identity::IdentityGraph;
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
    /// The touchpoints; [`Journey::run`] says which columns. Of [`ledger`] it is the preferences.
    pub touchpoints: &'a Table,
    /// Attributes: `customer`, perhaps `at` and `id`, and a column an attribute.
    pub customers: Option<&'a Table>,
    /// Preferences; [`RunOptions::preferences`] says which columns.
    pub preferences: Option<&'a Table>,
    /// What the host hands in with decisions: `customer`, and a column an input.
    pub inputs: Option<&'a Table>,
    /// Says who the rows of all tables are about; [`RunOptions::identity`] says how.
    pub identity: Option<&'a IdentityGraph>,
    /// The instants asked about.
    pub as_of: AsOf<'a>,
    /// The IANA zone of timestamps and dates that have none; they are refused when it is absent.
    pub naive_time_zone: Option<&'a str>,
    /// What to do with bad rows.
    pub on_error: OnError,
    /// What to do with unknown columns.
    pub extra_columns: ExtraColumns,
    /// Of [`transitions`]: adds the columns `rule` and `because`. Of [`decide`]: a row a candidate.
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
            preferences: None,
            inputs: None,
            identity: None,
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
    with(request, |touchpoints, options| journey.run(touchpoints, options)).and_then(write::outcome)
}

/// [`Journey::transitions`] over Arrow tables.
///
/// # Errors
/// As [`Journey::transitions`].
pub fn transitions(journey: &Journey, request: &Request<'_>) -> Result<Outcome> {
    with(request, |touchpoints, options| journey.transitions(touchpoints, options)).and_then(write::outcome)
}

/// [`Journey::decide`] over Arrow tables.
///
/// # Errors
/// As [`Journey::decide`].
pub fn decide(journey: &Journey, request: &Request<'_>) -> Result<Outcome> {
    with(request, |touchpoints, options| journey.decide(touchpoints, options)).and_then(write::outcome)
}

/// [`Journey::ledger`] over Arrow tables.
///
/// # Errors
/// As [`Journey::ledger`].
pub fn ledger(journey: &Journey, request: &Request<'_>) -> Result<Outcome> {
    with_main("preferences", request, |preferences, options| journey.ledger(preferences, options)).and_then(write::outcome)
}

/// [`Journey::reach`] over Arrow tables.
///
/// # Errors
/// As [`Journey::reach`].
pub fn reach(journey: &Journey, request: &Request<'_>) -> Result<Reach> {
    with(request, |touchpoints, options| journey.reach(touchpoints, options))
}

/// [`Journey::compare`] over Arrow tables.
///
/// # Errors
/// As [`Journey::compare`].
pub fn compare(journey: &Journey, other: &Journey, request: &Request<'_>) -> Result<Comparison> {
    with(request, |touchpoints, options| journey.compare(other, touchpoints, options))
}

/// The rows that differ of a comparison, as an Arrow table.
///
/// # Errors
/// None that a comparison can cause.
pub fn differences(comparison: &Comparison) -> Result<RecordBatch> {
    write::outcome(comparison.differences.clone()).map(|outcome| outcome.table)
}

/// Refused rows as an Arrow table, as [`Outcome::rejected`] is one.
///
/// # Errors
/// None that refused rows can cause.
pub fn rejected(rows: &[BadRow]) -> Result<RecordBatch> {
    write::rejected(rows)
}

/// [`Journey::grid_of`] over Arrow tables.
///
/// # Errors
/// As [`Journey::grid_of`].
pub fn grid_of(journey: &Journey, request: &Request<'_>, conversions: &[&str]) -> Result<Grid> {
    with(request, |touchpoints, options| journey.grid_of(touchpoints, options, conversions))
}

/// [`Grid::to_table`] as an Arrow table.
///
/// # Errors
/// None that a grid can cause.
pub fn grid_table(grid: &Grid) -> Result<RecordBatch> {
    write::outcome(grid.to_table()).map(|outcome| outcome.table)
}

fn with<T>(request: &Request<'_>, ask: impl for<'t> FnOnce(&'t batch::Table<'t>, &'t RunOptions<'t>) -> Result<T>) -> Result<T> {
    with_main("touchpoints", request, ask)
}

fn with_main<T>(
    main: &'static str,
    request: &Request<'_>,
    ask: impl for<'t> FnOnce(&'t batch::Table<'t>, &'t RunOptions<'t>) -> Result<T>,
) -> Result<T> {
    let zone = request.naive_time_zone.map(read::naive_zone).transpose()?;
    let table = |name: &'static str, table| read::table(name, table, zone.as_ref(), request.extra_columns);
    let touchpoints = table(main, request.touchpoints)?;
    let optional = |name: &'static str, given: Option<_>| given.map(|given| table(name, given)).transpose();
    let customers = optional("customers", request.customers)?;
    let preferences = optional("preferences", request.preferences)?;
    let inputs = optional("inputs", request.inputs)?;
    let as_of = match request.as_of {
        AsOf::At(instant) => batch::AsOf::At(instant),
        AsOf::Each(instants) => batch::AsOf::Each(instants.to_vec()),
        AsOf::Table(questions) => batch::AsOf::Table(table("as_of", questions)?),
    };
    let options = RunOptions {
        customers: customers.as_ref(),
        preferences: preferences.as_ref(),
        inputs: inputs.as_ref(),
        identity: request.identity,
        on_error: request.on_error,
        extra_columns: request.extra_columns,
        explain: request.explain,
        progress: request.progress,
        ..RunOptions::new(as_of)
    };
    ask(&touchpoints, &options)
}

/// Only the columns that are wanted are read; those that must be there are looked for among all, so that a message can name them.
fn with_named<T>(
    what: &'static str,
    table: &Table,
    required: &[&str],
    wanted: impl Fn(&str) -> bool,
    zone: &jiff::tz::TimeZone,
    call: impl FnOnce(&batch::Table<'_>) -> Result<T>,
) -> Result<T> {
    let names = table.schema.fields().iter().map(|field| field.name().clone()).collect();
    let named = batch::Table { names, ..batch::Table::new() };
    required.iter().try_for_each(|name| named.required(what, name).map(|_| ()))?;
    call(&read::table(what, &projected(table, wanted), Some(zone), ExtraColumns::Refuse)?)
}

/// The columns that somebody wants.
fn projected(table: &Table, wanted: impl Fn(&str) -> bool) -> Table {
    let fields = table.schema.fields();
    let kept: Vec<usize> = (0..fields.len()).filter(|at| fields.get(*at).is_some_and(|field| wanted(field.name()))).collect();
    let schema = table.schema.project(&kept).map_or_else(|_| table.schema.clone(), std::sync::Arc::new);
    let batches = table.batches.iter().filter_map(|batch| batch.project(&kept).ok()).collect();
    Table::new(schema, batches)
}
