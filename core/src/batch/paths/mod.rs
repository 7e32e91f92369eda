//! Tables of touchpoints cut into paths, and paths as tables.

mod coded;
mod cut;
mod join;
mod options;
mod read;
mod request;
mod stages;
mod tables;

pub use options::{CutPaths, PathsOptions, paths};
pub use request::{LookbackChoice, PathsRequest};
pub use stages::InJourney;
#[allow(unused_imports, reason = "whoever reads instants says it")]
pub(crate) use tables::no_times;

#[cfg(test)]
mod tests;

pub(crate) const TABLE: &str = "touchpoints";
