//! Errors as JavaScript gets them: a JSON text in the message, from which `lib/error.js` makes a `WayfareError`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use wayfare::{BadRow, Diagnostic, Error, ErrorKind};

/// What went wrong, as JavaScript reads it.
#[derive(Serialize)]
pub struct Fault {
    code: &'static str,
    message: String,
    help: Option<Box<str>>,
    field: Option<String>,
    rows: Box<[Row]>,
    /// The problems of rules.
    diagnostics: Box<[Diagnostic]>,
    /// How a fit ended.
    status: Option<Box<wayfare::lifetime::FitStatus>>,
}

#[derive(Serialize)]
struct Row {
    table: &'static str,
    row: u64,
    column: String,
    reason: String,
}

impl From<&BadRow> for Row {
    fn from(bad: &BadRow) -> Self {
        Self { table: bad.table, row: bad.row, column: bad.column.clone(), reason: bad.reason.clone() }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self {
            code: error.kind().code(),
            message: error.message().to_owned(),
            help: error.help().map(Box::from),
            field: error.field().map(str::to_owned),
            rows: error.rows().iter().map(Row::from).collect(),
            diagnostics: error.diagnostics().into(),
            status: error.fit_status().cloned().map(Box::new),
        }
    }
}

impl Fault {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            code: kind.code(),
            message: message.into(),
            help: None,
            field: None,
            rows: Box::default(),
            diagnostics: Box::default(),
            status: None,
        }
    }

    pub fn with_help(mut self, help: &str) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same fault, as one of a record's field.
    pub fn of_field(mut self, field: &str) -> Self {
        self.code = ErrorKind::InvalidRecord.code();
        self.field = Some(field.to_owned());
        self
    }

    fn panicked(payload: &(dyn std::any::Any + Send)) -> Self {
        let said = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self {
            code: "internal",
            message: format!("wayfare panicked: {}", said.unwrap_or("no message")),
            help: Some("this is a bug in wayfare: please report it, and do not go on with the profile that it happened to".into()),
            field: None,
            rows: Box::default(),
            diagnostics: Box::default(),
            status: None,
        }
    }

    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| self.message.clone())
    }
}

impl From<Fault> for napi::Error {
    fn from(fault: Fault) -> Self {
        Self::from_reason(fault.json())
    }
}

/// Runs what a native function does: a panic inside becomes an error.
pub fn guard<T>(work: impl FnOnce() -> Result<T, Fault>) -> napi::Result<T> {
    let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| Err(Fault::panicked(&*payload)));
    Ok(done?)
}

/// Diagnostics as a JSON array.
pub fn diagnostics_json(diagnostics: &[Diagnostic]) -> String {
    serde_json::to_string(diagnostics).unwrap_or_else(|_| "[]".to_owned())
}
