//! How near customers are to a conversion at every touchpoint, and which points of the life cycle bring them nearer.
//!
//! ```
//! use wayfare::paths::{PathsOptions, paths};
//! use wayfare::progress::{PointsOptions, ProgressModel, ProgressOptions, high_value_points};
//! use wayfare::{Column, Instant, ResultColumn, Table};
//!
//! // Every customer sees an advertisement; the even ones search a day later, and of these three of four buy after another day.
//! let (mut customers, mut at, mut kinds, mut channels) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
//! let day = 86_400_000_000;
//! for customer in 0..400_i64 {
//!     let story = [(0, "seen", "ad"), (1, "seen", "search"), (2, "purchased", "shop")];
//!     let steps = if customer % 2 == 1 { 1 } else if customer % 8 == 0 { 2 } else { 3 };
//!     for (days, kind, channel) in &story[..steps] {
//!         customers.push(customer);
//!         at.push(Instant::from_micros(days * day)?);
//!         kinds.push(*kind);
//!         channels.push(*channel);
//!     }
//! }
//! let table = Table::new()
//!     .column("customer", Column::integers(&customers))
//!     .column("at", Column::instants(&at))
//!     .column("kind", Column::texts(&kinds))
//!     .column("channel", Column::texts(&channels));
//! let until = "1970-04-01T00:00:00Z";
//! let paths = paths(&table, &PathsOptions { observed_until: Some(until.parse()?), ..PathsOptions::new(&["purchased"]) })?.paths;
//!
//! let model = ProgressModel::fit(&paths, &ProgressOptions::default())?;
//! let bought = model.calibration().mean_observed;
//! assert!((model.calibration().mean_predicted - bought).abs() < 0.05);
//! let points = high_value_points(&model, &paths, &PointsOptions::default())?;
//! let Some(ResultColumn::Numbers(change)) = points.column("mean_change") else { panic!() };
//! assert!(change[0] > 0.2);
//! # Ok::<(), wayfare::Error>(())
//! ```
//!
//! A change in probability is an association, not lift: see [`ASSOCIATION`].

pub use crate::batch::{
    PointsRequest, ProgressFacts, ProgressRequest, ScoreRequest, calibration_table, high_value_points, touchpoint_progress,
};
pub use crate::insight::progress::{
    ASSOCIATION, Assessment, CalibrationBin, HighValuePoint, PointsOptions, ProgressModel, ProgressOptions, ProgressReport, Recalibration,
    Score, Touch, Touchpoint, TouchpointProgress,
};
