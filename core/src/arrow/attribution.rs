//! Attribution with Arrow tables out.

use arrow_array::RecordBatch;

use super::write;
use crate::attribution::{AttributionRequest, Facts, MarkovCounts, OrderRequest, all_models};
use crate::error::Result;
use crate::paths::Paths;

/// Credits by word as a table, and what they are.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Credited {
    /// [`Attribution::to_table`](crate::attribution::Attribution::to_table).
    pub table: RecordBatch,
    /// What the numbers are and how they were found.
    pub facts: Facts,
}

/// [`AttributionRequest::attribute`] as an Arrow table.
///
/// # Errors
/// As there.
pub fn attribute(paths: &Paths, request: &AttributionRequest) -> Result<Credited> {
    let found = request.attribute(paths)?;
    Ok(Credited { table: write::outcome(found.to_table())?.table, facts: found.facts })
}

/// [`AttributionRequest::credits`] as an Arrow table.
///
/// # Errors
/// As there.
pub fn credits(paths: &Paths, request: &AttributionRequest) -> Result<RecordBatch> {
    Ok(write::outcome(request.credits(paths)?.to_table(paths, request.by()))?.table)
}

/// [`all_models`] as an Arrow table of `conversions`, unless another measure is asked for, by `channel`, unless another dimension is.
///
/// # Errors
/// As there, and for a measure that there is not.
pub fn side_by_side(paths: &Paths, by: Option<&str>, measure: Option<&str>) -> Result<RecordBatch> {
    let by = by.unwrap_or("channel");
    Ok(write::outcome(all_models(paths, by)?.to_table(by, measure.unwrap_or("conversions"))?)?.table)
}

/// [`OrderRequest::select`] as an Arrow table.
///
/// # Errors
/// As there.
pub fn orders(paths: &Paths, request: &OrderRequest) -> Result<RecordBatch> {
    Ok(write::outcome(request.select(paths)?)?.table)
}

/// [`MarkovCounts::attribution`] as an Arrow table.
///
/// # Errors
/// As there.
pub fn counted(counts: &MarkovCounts) -> Result<Credited> {
    let found = counts.attribution()?;
    Ok(Credited { table: write::outcome(found.to_table())?.table, facts: found.facts })
}
