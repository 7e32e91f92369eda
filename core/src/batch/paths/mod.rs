//! Tables of touchpoints cut into paths, and paths as tables.

mod analyses;
mod coded;
mod cut;
mod funnel;
mod join;
mod options;
mod read;
mod request;
mod stages;
mod tables;
mod time_in_stage;

pub use funnel::{FunnelRows, funnel};
pub use options::{CutPaths, PathsOptions, paths};
pub use request::{LookbackChoice, PathsRequest};
pub use stages::InJourney;
pub use time_in_stage::{StageTimeRequest, time_in_stage};

#[cfg(test)]
mod tests;

pub(crate) const TABLE: &str = "touchpoints";
