//! Progress over Arrow tables.

use arrow_array::RecordBatch;

use super::write;
use crate::batch::{self, PointsRequest};
use crate::error::Result;
use crate::paths::Paths;
use crate::progress::ProgressModel;

/// [`touchpoint_progress`](crate::progress::touchpoint_progress) as an Arrow table.
///
/// # Errors
/// As there.
pub fn at_touchpoints(model: &ProgressModel, paths: &Paths) -> Result<RecordBatch> {
    Ok(write::outcome(batch::touchpoint_progress(model, paths)?)?.table)
}

/// [`high_value_points`](crate::progress::high_value_points) as an Arrow table.
///
/// # Errors
/// As there.
pub fn high_value_points(model: &ProgressModel, paths: &Paths, request: &PointsRequest) -> Result<RecordBatch> {
    Ok(write::outcome(batch::high_value_points(model, paths, &request.options())?)?.table)
}

/// [`calibration_table`](crate::progress::calibration_table) as an Arrow table: of instants just after touchpoints, or between them.
///
/// # Errors
/// [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if the table cannot be written.
pub fn calibration(model: &ProgressModel, between: bool) -> Result<RecordBatch> {
    let assessment = if between { model.calibration_between() } else { model.calibration() };
    Ok(write::outcome(batch::calibration_table(assessment))?.table)
}
