//! Paths over Arrow tables.

use arrow_array::RecordBatch;

use super::{ExtraColumns, Table, projected, read, with_named, write};
use crate::batch::{self, PathsRequest, Progress};
use crate::error::{Error, Result};
use crate::journey::Journey;
use crate::paths::Paths;

/// The separator of paths as texts, unless another is given.
const SEPARATOR: &str = " > ";
/// The dimension that tables show, unless another is given.
const CHANNEL: &str = "channel";

/// Paths, and the rows that could not be read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Cut {
    /// The paths.
    pub paths: Paths,
    /// The refused rows with `on_error: collect`.
    pub rejected: RecordBatch,
}

/// A journey that knows more of touchpoints: [`InJourney`](crate::paths::InJourney) over Arrow tables.
#[derive(Debug, Clone, Copy)]
pub struct InJourney<'a> {
    /// The journey.
    pub journey: &'a Journey,
    /// The track whose stages are the dimension `stage`.
    pub track: Option<&'a str>,
    /// Attributes of customers.
    pub customers: Option<&'a Table>,
}

/// [`paths`](crate::paths::paths) over an Arrow table.
///
/// # Errors
/// As there.
pub fn paths(touchpoints: &Table, request: &PathsRequest, journey: Option<InJourney<'_>>, progress: Option<Progress<'_>>) -> Result<Cut> {
    let zone = read::naive_zone(request.time_zone.as_deref().unwrap_or("UTC"))?;
    let named = |name: &Option<String>, known: &'static str| name.clone().unwrap_or_else(|| known.to_owned());
    let (customer, at) = (named(&request.customer, "customer"), named(&request.at, "at"));
    let mut wanted: Vec<String> = ["id", "action", "owner", "stage"].map(str::to_owned).into();
    wanted.extend([customer.clone(), at.clone(), named(&request.kind, "kind")]);
    wanted.extend([named(&request.channel, "channel"), named(&request.value, "value")]);
    wanted.extend(request.dimensions.iter().cloned());
    let of_journey = journey.into_iter().flat_map(|given| given.journey.touchpoint_fields());
    wanted.extend(of_journey.map(|(name, _)| name.to_owned()));
    let customers = journey.and_then(|given| given.customers);
    let customers = customers.map(|table| read::table("customers", table, Some(&zone), ExtraColumns::Ignore)).transpose()?;
    let journey = journey.map(|given| batch::InJourney { journey: given.journey, track: given.track, customers: customers.as_ref() });
    let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted == name);
    let cut = with_named("touchpoints", touchpoints, &[&customer, &at], is_wanted, &zone, |table| {
        request.with(progress, |options| batch::paths(table, &batch::PathsOptions { journey, ..options.clone() }))
    })?;
    Ok(Cut { paths: cut.paths, rejected: write::rejected(&cut.rejected)? })
}

/// [`Paths::from_strings`] of the columns `path`, `conversions` and where there are such `value` and `nulls`.
///
/// # Errors
/// As there, and [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if a column is missing or of the wrong type.
pub fn from_strings(table: &Table, separator: Option<&str>) -> Result<Paths> {
    let projected = projected(table, |name| ["path", "conversions", "value", "nulls"].contains(&name));
    batch::paths_of_texts(&read::table("paths", &projected, None, ExtraColumns::Refuse)?, separator.unwrap_or(SEPARATOR))
}

/// [`Paths::from_strings`] of lists whose counts are doubles, as JavaScript has them.
///
/// # Errors
/// As there, and [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) for a count that is not a whole number.
pub fn from_lists(paths: &[String], conversions: &[f64], value: &[f64], nulls: &[f64], separator: Option<&str>) -> Result<Paths> {
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let (conversions, nulls) = (whole(conversions, "conversions")?, whole(nulls, "nulls")?);
    Paths::from_strings(&paths, &conversions, value, &nulls, separator.unwrap_or(SEPARATOR))
}

fn whole(values: &[f64], name: &str) -> Result<Vec<u64>> {
    let counts = values.iter().enumerate().map(|(row, value)| {
        let is_count = *value >= 0.0 && *value <= (1_u64 << 53) as f64 && value.fract() == 0.0;
        is_count
            .then_some(*value as u64)
            .ok_or_else(|| Error::table(format!("paths: row {row}, column `{name}`: `{name}` is not a whole number of 0 or more")))
    });
    counts.collect()
}

/// [`Paths::to_table`] as an Arrow table.
///
/// # Errors
/// As there.
pub fn table(paths: &Paths, dimension: Option<&str>, separator: Option<&str>) -> Result<RecordBatch> {
    let dimension = dimension.unwrap_or_else(|| first(paths));
    write::outcome(paths.to_table(dimension, separator.unwrap_or(SEPARATOR))?).map(|outcome| outcome.table)
}

/// [`Paths::sessions`] as an Arrow table.
///
/// # Errors
/// As there.
pub fn sessions(paths: &Paths, dimension: Option<&str>) -> Result<RecordBatch> {
    let dimension = dimension.unwrap_or_else(|| first(paths));
    write::outcome(paths.sessions(dimension)?).map(|outcome| outcome.table)
}

fn first(paths: &Paths) -> &str {
    paths.dimensions().next().unwrap_or(CHANNEL)
}
