//! Customers' touchpoints one after the other, and the paths to conversion among them.

mod dimension;
mod directly_follows;
mod figures;
mod flow;
mod flow_picture;
mod frequent;
pub(crate) mod funnel;
mod merge;
mod parts;
mod report;
mod rows;
mod rules;
mod strings;
pub(crate) mod survival;
mod time_in_stage;
mod transitions;
mod transitions_picture;

pub use dimension::Dimension;
pub use directly_follows::DirectlyFollows;
pub use flow::{Flow, FlowLink};
pub use frequent::{Exit, FrequentPath};
pub use funnel::{DropOut, Funnel, FunnelRequest, FunnelStep, Reached, Step, Words};
pub use report::PathsReport;
pub(crate) use rows::{Customers, no_times};
pub use rows::{PathRow, Paths};
pub use rules::{Lookback, Repeat, Session, Unit};
pub(crate) use rules::{Rules, SessionClock};
#[cfg(feature = "arrow")]
pub(crate) use strings::{PathText, PathTexts};
pub use survival::{CurvePoint, StageTime};
pub use transitions::{Place, TransitionMatrix};

#[cfg(test)]
mod tests;
