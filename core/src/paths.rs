//! How customers get there: their touchpoints one after the other, and the paths to conversion among them.

pub use crate::batch::{CutPaths, InJourney, LookbackChoice, PathsOptions, PathsRequest, paths};
pub use crate::insight::paths::{Dimension, Lookback, PathRow, Paths, PathsReport, Repeat, Session, Unit};
