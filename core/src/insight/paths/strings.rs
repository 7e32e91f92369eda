//! Paths as texts, each with how often it was gone.

use super::dimension::Dimension;
use super::report::PathsReport;
use super::rows::{Customers, PathRow, Paths};
use crate::error::{Error, ErrorKind, Result};

impl Paths {
    /// Paths as texts, `email > search > direct`, each with its conversions, their value and the times that it ended without one.
    ///
    /// An empty text is a path without a touchpoint. `value` may be empty: then nothing is known of it. The parts of a text are trimmed.
    ///
    /// ```
    /// use wayfare::paths::Paths;
    ///
    /// let paths = Paths::from_strings(&["email > search", "search"], &[3, 1], &[90.0, 20.0], &[10, 4], " > ")?;
    /// assert_eq!(paths.rows().iter().map(|path| path.conversions).sum::<u64>(), 4);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the columns are not equally long, the separator is blank, a part of a path is empty or a value is not finite
    /// and zero or more.
    pub fn from_strings(paths: &[&str], conversions: &[u64], value: &[f64], nulls: &[u64], separator: &str) -> Result<Self> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidArgument, message);
        let rows = paths.len();
        if conversions.len() != rows || nulls.len() != rows || !(value.is_empty() || value.len() == rows) {
            return Err(invalid("paths, conversions, value and nulls are not equally long".to_owned()));
        }
        let mark = separator.trim();
        if mark.is_empty() {
            return Err(invalid("the separator of paths is blank".to_owned()));
        }
        let mut words: Vec<Option<&str>> = Vec::new();
        let mut kept = Vec::with_capacity(rows);
        for (row, path) in paths.iter().enumerate() {
            let start = words.len();
            if !path.trim().is_empty() {
                words.extend(path.split(mark).map(|part| Some(part.trim())));
            }
            if words.get(start..).unwrap_or_default().contains(&Some("")) {
                return Err(invalid(format!("path {row} has an empty part between two separators")));
            }
            let value = value.get(row).copied().unwrap_or(0.0);
            if !(value.is_finite() && value >= 0.0) {
                return Err(invalid(format!("the value of path {row} is not zero or more")));
            }
            let (conversions, nulls) = (conversions.get(row).copied().unwrap_or(0), nulls.get(row).copied().unwrap_or(0));
            kept.push(PathRow { start, end: words.len(), customer: row as u32, conversions, nulls, value, ended_at: 0 });
        }
        let report = PathsReport { conversions: conversions.iter().sum(), nulls: nulls.iter().sum(), ..PathsReport::default() };
        Ok(Self {
            dimensions: vec![Dimension::new("channel", words)],
            ats: Vec::new(),
            counts: Vec::new(),
            ends: Vec::new(),
            customers: Customers::Unknown,
            rows: kept,
            rules: None,
            observed_until: 0,
            report,
        })
    }
}
