//! The one error type of the crate.

use std::fmt;

use crate::diagnostic::Diagnostic;
use crate::fit_status::FitStatus;
use crate::time::Instant;

/// What went wrong, in a form a program can branch on. Bindings map each kind to one exception class or error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The journey file has errors; [`Error::diagnostics`] lists all of them.
    InvalidJourney,
    /// A record cannot be folded: unknown kind, a value that is not finite, a property of the wrong type …
    InvalidRecord,
    /// The record is older than the journey's `allowed_lateness` permits.
    TooLate,
    /// The bytes are not a profile, or were damaged.
    InvalidProfile,
    /// The profile was folded with a different journey.
    JourneyMismatch,
    /// A table cannot be read: a missing or unknown column, a wrong type, bad rows.
    InvalidTable,
    /// An argument is out of its range.
    InvalidArgument,
    /// A model could not be fitted to the data; [`Error::fit_status`] says why and, at a limit, what the limit model estimates.
    NotFitted,
    /// The rules of an identity graph have errors; [`Error::diagnostics`] lists all of them.
    InvalidRules,
    /// The bytes are not an identity graph, or were damaged.
    InvalidIdentity,
    /// The caller asked to stop.
    Cancelled,
}

impl ErrorKind {
    /// The kind in snake case, as bindings show it: `invalid_journey`, `too_late` …
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidJourney => "invalid_journey",
            Self::InvalidRecord => "invalid_record",
            Self::TooLate => "too_late",
            Self::InvalidProfile => "invalid_profile",
            Self::JourneyMismatch => "journey_mismatch",
            Self::InvalidTable => "invalid_table",
            Self::InvalidArgument => "invalid_argument",
            Self::NotFitted => "not_fitted",
            Self::InvalidRules => "invalid_rules",
            Self::InvalidIdentity => "invalid_identity",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One row of a table that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadRow {
    /// Which table: `touchpoints`, `customers`, `as_of`, `preferences` or `inputs`.
    pub table: &'static str,
    /// The row, counted from 0.
    pub row: u64,
    /// The column.
    pub column: String,
    /// Why, without the customer's data.
    pub reason: String,
}

/// An error of wayfare. It is opaque: ask for its [`kind`](Self::kind) and print it.
///
/// ```
/// use wayfare::{ErrorKind, Journey};
///
/// let error = Journey::from_yaml("wayfare: 1\nname: Empty\n").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidJourney);
/// assert_eq!(error.diagnostics()[0].code, "missing_key");
/// ```
#[derive(Clone)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    help: Option<String>,
    field: Option<String>,
    diagnostics: Vec<Diagnostic>,
    bad_rows: Vec<BadRow>,
    fit_status: Option<FitStatus>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                message: message.into(),
                help: None,
                field: None,
                diagnostics: Vec::new(),
                bad_rows: Vec::new(),
                fit_status: None,
            }),
        }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.inner.help = Some(help.into());
        self
    }

    pub(crate) fn with_help_if(mut self, help: Option<String>) -> Self {
        self.inner.help = help;
        self
    }

    pub(crate) fn record(field: &str, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::InvalidRecord, message);
        error.inner.field = Some(field.to_owned());
        error
    }

    pub(crate) fn journey(diagnostics: Vec<Diagnostic>) -> Self {
        Self::document(ErrorKind::InvalidJourney, "the journey file has", diagnostics)
    }

    pub(crate) fn rules(diagnostics: Vec<Diagnostic>) -> Self {
        Self::document(ErrorKind::InvalidRules, "the rules of identity have", diagnostics)
    }

    fn document(kind: ErrorKind, has: &str, diagnostics: Vec<Diagnostic>) -> Self {
        let errors = diagnostics.iter().filter(|d| d.is_error()).count();
        let mut message = match errors {
            1 => format!("{has} 1 error"),
            n => format!("{has} {n} errors"),
        };
        for diagnostic in diagnostics.iter().filter(|d| d.is_error()) {
            message.push_str("\n  ");
            message.push_str(&diagnostic.to_string());
        }
        let mut error = Self::new(kind, message);
        error.inner.diagnostics = diagnostics;
        error
    }

    pub(crate) fn table(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidTable, message)
    }

    pub(crate) fn bad_rows(rows: Vec<BadRow>) -> Self {
        let message = match rows.first() {
            None => "the table has bad rows".to_owned(),
            Some(first) => {
                let more = match rows.len() {
                    1 => String::new(),
                    n => format!(" ({} bad rows in all)", n),
                };
                format!("{}: row {}, column `{}`: {}{more}", first.table, first.row, first.column, first.reason)
            }
        };
        let mut error = Self::table(message)
            .with_help("mend the rows, or ask for `on_error=\"collect\"` to get the good rows and a table of the refused ones");
        error.inner.bad_rows = rows;
        error
    }

    pub(crate) fn not_fitted(model: &str, status: FitStatus) -> Self {
        let help = status.help();
        let mut error = Self::new(ErrorKind::NotFitted, format!("{model} cannot be fitted: {status}")).with_help(help);
        error.inner.fit_status = Some(status);
        error
    }

    pub(crate) fn too_little_data(model: &str, why: &str) -> Self {
        Self::not_fitted(model, FitStatus::TooLittleData { why: why.to_owned() })
    }

    pub(crate) fn too_late(at: Instant, horizon: Instant) -> Self {
        Self::new(ErrorKind::TooLate, format!("the record is of {at}; this profile takes records from {horizon} on"))
            .with_help("raise `allowed_lateness` in the journey file, or rebuild the profile from all its records")
    }

    /// What went wrong, to branch on.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// What to do about it, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.inner.help.as_deref()
    }

    /// The field of the record that was refused, for [`ErrorKind::InvalidRecord`].
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.inner.field.as_deref()
    }

    /// All problems of the journey file or the rules, for [`ErrorKind::InvalidJourney`] and [`ErrorKind::InvalidRules`]; empty otherwise.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.inner.diagnostics
    }

    /// The refused rows, for [`ErrorKind::InvalidTable`] where single rows are at fault; empty otherwise.
    #[must_use]
    pub fn rows(&self) -> &[BadRow] {
        &self.inner.bad_rows
    }

    /// Why a model could not be fitted, for [`ErrorKind::NotFitted`].
    #[must_use]
    pub fn fit_status(&self) -> Option<&FitStatus> {
        self.inner.fit_status.as_ref()
    }

    /// What went wrong, without the help.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.inner.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)?;
        match &self.inner.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.inner.kind)
    }
}

impl std::error::Error for Error {}

/// The result of wayfare's fallible calls.
pub type Result<T> = std::result::Result<T, Error>;
