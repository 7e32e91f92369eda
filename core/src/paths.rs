//! How customers get there: their touchpoints one after the other, and the paths to conversion among them.

pub use crate::batch::{
    CutPaths, FunnelRows, InJourney, LookbackChoice, PathsOptions, PathsRequest, StageTimeRequest, funnel, paths, time_in_stage,
};
pub use crate::insight::paths::{
    CurvePoint, Dimension, DirectlyFollows, DropOut, Exit, Flow, FlowLink, FrequentPath, Funnel, FunnelRequest, FunnelStep, Lookback,
    PathRow, Paths, PathsReport, Place, Reached, Repeat, Session, StageTime, Step, TransitionMatrix, Unit, Words,
};
