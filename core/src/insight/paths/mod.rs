//! Customers' touchpoints one after the other, and the paths to conversion among them.

mod dimension;
mod merge;
mod parts;
mod report;
mod rows;
mod rules;
mod strings;

pub use dimension::Dimension;
pub use report::PathsReport;
pub(crate) use rows::Customers;
pub use rows::{PathRow, Paths};
pub use rules::{Lookback, Repeat, Session, Unit};
pub(crate) use rules::{Rules, SessionClock};
#[cfg(feature = "arrow")]
pub(crate) use strings::{PathText, PathTexts};
