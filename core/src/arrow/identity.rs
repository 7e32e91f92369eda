//! Identity over Arrow tables.

use arrow_array::RecordBatch;

use super::{ExtraColumns, Table, projected, read, rejected, write};
use crate::batch::{self, ResolveReport, ResolveRequest};
use crate::error::Result;
use crate::identity::IdentityGraph;

/// Persons of a table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Resolved {
    /// A row an identifier: `kind`, `identifier`, `person`.
    pub persons: RecordBatch,
    /// The refused rows with `on_error: collect`.
    pub rejected: RecordBatch,
    /// What became of the rows.
    pub report: ResolveReport,
}

/// [`IdentityGraph::resolve`] over an Arrow table.
///
/// # Errors
/// As there.
pub fn resolve(graph: &IdentityGraph, identifiers: &Table, request: &ResolveRequest) -> Result<Resolved> {
    with(identifiers, request, |table| {
        let resolution = graph.resolve(table, request)?;
        let outcome = write::outcome(resolution.table)?;
        Ok(Resolved { persons: outcome.table, rejected: outcome.rejected, report: resolution.report })
    })
}

/// [`IdentityGraph::link_table`] over an Arrow table.
///
/// # Errors
/// As there.
pub fn link_table(graph: &mut IdentityGraph, identifiers: &Table, request: &ResolveRequest) -> Result<(ResolveReport, RecordBatch)> {
    with(identifiers, request, |table| {
        let (report, rows) = graph.link_table(table, request)?;
        Ok((report, rejected(&rows)?))
    })
}

/// [`IdentityGraph::persons`] as an Arrow table.
///
/// # Errors
/// None that a graph can cause.
pub fn persons(graph: &IdentityGraph) -> Result<RecordBatch> {
    Ok(write::outcome(graph.persons())?.table)
}

/// Where it is said which columns count, no other has to be readable.
fn with<T>(identifiers: &Table, request: &ResolveRequest, call: impl FnOnce(&batch::Table<'_>) -> Result<T>) -> Result<T> {
    let zone = request.naive_time_zone.as_deref().map(read::naive_zone).transpose()?;
    let extra = if request.ignores_extra()? { ExtraColumns::Ignore } else { ExtraColumns::Refuse };
    let wanted = |name: &str| match &request.columns {
        Some(columns) => columns.contains_key(name) || ["id", "at"].contains(&name),
        None => true,
    };
    call(&read::table("identifiers", &projected(identifiers, wanted), zone.as_ref(), extra)?)
}
