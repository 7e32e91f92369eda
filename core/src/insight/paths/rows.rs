//! Touchpoints by customer in the order of their instants, and the paths among them.

use std::ops::Range;

use super::dimension::Dimension;
use super::report::PathsReport;
use super::rules::Rules;
use crate::batch::Texts;
use crate::diagnostic::suggest;
use crate::error::{Error, ErrorKind, Result};
use crate::splitmix::finalized;

/// Touchpoints of customers, in order, and the paths to conversion among them.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    /// What is known of each touchpoint; the first is what paths are by unless it is said otherwise.
    pub(crate) dimensions: Vec<Dimension>,
    /// Microseconds of each touchpoint; empty when no times are known.
    pub(crate) ats: Vec<i64>,
    /// Whether a touchpoint earns credit on paths; empty when all do. A conversion does not.
    pub(crate) counts: Vec<bool>,
    /// Where the touchpoints of each customer end; empty when customers are not known.
    pub(crate) ends: Vec<usize>,
    /// The customers, sorted.
    pub(crate) customers: Customers,
    pub(crate) rows: Vec<PathRow>,
    /// How they were cut out of a table; none if they came as strings.
    pub(crate) rules: Option<Rules>,
    /// Until when everybody was observed, in microseconds: what was said, else the latest touchpoint.
    pub(crate) observed_until: i64,
    pub(crate) report: PathsReport,
}

/// Who the customers are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Customers {
    /// Nobody knows: paths came as strings.
    Unknown,
    Integers(Vec<i64>),
    Texts(Texts),
}

/// One path, or several equal ones.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PathRow {
    /// The first of its touchpoints.
    pub(crate) start: usize,
    /// The one after its last.
    pub(crate) end: usize,
    /// The number of the customer; of the row when nobody knows.
    pub(crate) customer: u32,
    /// How often it ended in a conversion.
    pub conversions: u64,
    /// How often it ended without.
    pub nulls: u64,
    /// The value of its conversions together, zero or more.
    pub value: f64,
    /// The instant of the conversion in microseconds; of a path without one, until when it was observed. 0 when no times are known.
    pub(crate) ended_at: i64,
}

impl Paths {
    /// The paths.
    #[must_use]
    pub fn rows(&self) -> &[PathRow] {
        &self.rows
    }

    /// The touchpoints of a path that may earn credit, by number, in order. There may be none.
    pub fn touches(&self, row: &PathRow) -> impl DoubleEndedIterator<Item = usize> + '_ {
        (row.start..row.end).filter(|event| self.counts.get(*event).copied().unwrap_or(true))
    }

    /// What is known of every touchpoint under a name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if there is no such dimension.
    pub fn dimension(&self, name: &str) -> Result<&Dimension> {
        self.dimensions.iter().find(|dimension| dimension.name == name).ok_or_else(|| {
            let help = suggest(name, self.dimensions.iter().map(Dimension::name), "they have");
            Error::new(ErrorKind::InvalidArgument, format!("the paths have no `{name}`")).with_help_if(help)
        })
    }

    /// The names of what is known of every touchpoint.
    pub fn dimensions(&self) -> impl Iterator<Item = &str> {
        self.dimensions.iter().map(Dimension::name)
    }

    /// The instant of a touchpoint in microseconds, if times are known.
    #[inline]
    pub(crate) fn at(&self, event: usize) -> Option<i64> {
        self.ats.get(event).copied()
    }

    /// Whether the instants of touchpoints are known.
    #[must_use]
    pub fn has_times(&self) -> bool {
        !self.ats.is_empty() || self.events() == 0
    }

    /// What became of the rows of the table.
    #[must_use]
    pub fn report(&self) -> &PathsReport {
        &self.report
    }

    /// How many touchpoints there are.
    #[must_use]
    pub fn events(&self) -> usize {
        self.dimensions.first().map_or(0, |dimension| dimension.codes.len())
    }

    /// The touchpoints of each customer, in order of the customers.
    pub(crate) fn histories(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut start = 0;
        self.ends.iter().map(move |end| std::mem::replace(&mut start, *end)..*end)
    }

    /// Whether the customers are known.
    pub(crate) fn knows_customers(&self) -> bool {
        self.customers != Customers::Unknown
    }

    /// A number that a customer has wherever they are met: it decides what a resampling does with them.
    pub(crate) fn customer_key(&self, row: &PathRow) -> u64 {
        match &self.customers {
            Customers::Unknown => finalized(u64::from(row.customer)),
            Customers::Integers(keys) => finalized(keys.get(row.customer as usize).map_or(0, |key| *key as u64)),
            Customers::Texts(keys) => {
                let text = keys.get(row.customer as usize).unwrap_or_default();
                text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| finalized(hash ^ u64::from(byte)))
            }
        }
    }
}

/// What paths that came as strings cannot be asked.
pub(crate) fn no_times() -> Error {
    Error::new(ErrorKind::InvalidArgument, "these paths came as strings, which have no times")
        .with_help("make them of a table of touchpoints with `paths`")
}
