//! How near customers are to a conversion at every touchpoint, and which points of the life cycle bring them nearer.

pub use crate::insight::progress::{
    ASSOCIATION, Assessment, CalibrationBin, HighValuePoint, PointsOptions, ProgressModel, ProgressOptions, ProgressReport, Recalibration,
    Score, Touch, Touchpoint, TouchpointProgress, progress,
};
