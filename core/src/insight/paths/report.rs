//! What became of the rows of a table that was cut into paths.

use std::collections::BTreeSet;

/// What became of the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PathsReport {
    /// Rows of the table.
    pub rows: u64,
    /// Rows that were refused, with `on_error="collect"`.
    pub rejected: u64,
    /// Rows after the end of the observation, which are left aside.
    pub after_observation: u64,
    /// Rows whose customer has an earlier one of the same id, which are left aside.
    pub duplicates: u64,
    /// Customers.
    pub customers: u64,
    /// Their sessions.
    pub sessions: u64,
    /// Touchpoints that may earn credit.
    pub touchpoints: u64,
    /// Touchpoints of other kinds: on no path, but part of what a customer did.
    pub of_other_kinds: u64,
    /// Conversions, each counted once.
    pub conversions: u64,
    /// Conversions without a value, which count with 0.
    pub without_value: u64,
    /// Conversions with no touchpoint on their path.
    pub without_touchpoints: u64,
    /// Conversions after a customer's first, with `repeat="first"`.
    pub later_conversions: u64,
    /// Touchpoints after a customer's first conversion, with `repeat="first"`.
    pub touchpoints_after_first: u64,
    /// Paths that did not convert.
    pub nulls: u64,
    /// Kinds that were asked for and that no row has.
    pub absent_kinds: BTreeSet<String>,
}

impl PathsReport {
    /// Of a part of the rows beside another part.
    pub(crate) fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.rows, other.rows),
            (&mut self.rejected, other.rejected),
            (&mut self.after_observation, other.after_observation),
            (&mut self.duplicates, other.duplicates),
            (&mut self.customers, other.customers),
            (&mut self.sessions, other.sessions),
            (&mut self.touchpoints, other.touchpoints),
            (&mut self.of_other_kinds, other.of_other_kinds),
            (&mut self.conversions, other.conversions),
            (&mut self.without_value, other.without_value),
            (&mut self.without_touchpoints, other.without_touchpoints),
            (&mut self.later_conversions, other.later_conversions),
            (&mut self.touchpoints_after_first, other.touchpoints_after_first),
            (&mut self.nulls, other.nulls),
        ];
        pairs.into_iter().for_each(|(all, more)| *all += more);
    }
}
