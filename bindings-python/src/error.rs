//! Errors of the core as Python's exceptions; a panic as one too.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::convert::{Reduced, document_of};

/// Why a call failed, before it is an exception.
pub(crate) enum Failure {
    /// The core refused.
    Core(wayfare::Error),
    /// Something that has no form in Rust; `field` is the record's field, if one is at fault.
    Boundary { kind: wayfare::ErrorKind, message: String, help: Option<&'static str>, field: Option<String> },
    /// Python's own code raised.
    Python(PyErr),
    /// A bug.
    Panic,
}

pub(crate) type Outcome<T> = Result<T, Failure>;

impl From<wayfare::Error> for Failure {
    fn from(error: wayfare::Error) -> Self {
        Self::Core(error)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<pyo3::CastError<'_, '_>> for Failure {
    fn from(error: pyo3::CastError<'_, '_>) -> Self {
        Self::Python(error.into())
    }
}

/// An argument that is not what it should be.
pub(crate) fn argument(message: impl Into<String>, help: Option<&'static str>) -> Failure {
    Failure::Boundary { kind: wayfare::ErrorKind::InvalidArgument, message: message.into(), help, field: None }
}

/// A field of a record that has no form in Rust.
pub(crate) fn record(field: &str, message: impl Into<String>, help: Option<&'static str>) -> Failure {
    Failure::Boundary { kind: wayfare::ErrorKind::InvalidRecord, message: message.into(), help, field: Some(field.to_owned()) }
}

/// A table that cannot be read at all.
pub(crate) fn table(message: impl Into<String>, help: Option<&'static str>) -> Failure {
    Failure::Boundary { kind: wayfare::ErrorKind::InvalidTable, message: message.into(), help, field: None }
}

impl Failure {
    pub(crate) fn raise(self, py: Python<'_>) -> PyErr {
        let made = match self {
            Self::Python(error) => return error,
            Self::Core(error) => {
                let diagnostics: Vec<Diagnostic> = error.diagnostics().iter().cloned().map(Diagnostic).collect();
                let rows: Vec<BadRow> = error.rows().iter().map(BadRow::from).collect();
                let status = error.fit_status().and_then(|status| document_of(py, status).ok());
                let (code, message, help, field) = (error.kind().code(), error.message(), error.help(), error.field());
                make(py).and_then(|make| make.call1((code, message, help, field, diagnostics, rows, status)))
            }
            Self::Boundary { kind, message, help, field } => make(py).and_then(|make| make.call1((kind.code(), message, help, field))),
            Self::Panic => make(py).and_then(|make| {
                make.call1(("internal", "wayfare met a bug of its own and stopped this call", "please report it with what was called"))
            }),
        };
        made.map_or_else(|error| error, PyErr::from_value)
    }
}

/// Builds the exception; the classes are written in Python.
fn make(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    MAKE.import(py, "wayfare._errors", "make")
}

/// Runs what an export does: whatever goes wrong inside is an exception outside.
#[inline]
pub(crate) fn guarded<T>(call: impl FnOnce() -> Outcome<T>) -> PyResult<T> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(failure)) => Err(Python::attach(|py| failure.raise(py))),
        Err(_) => Err(Python::attach(|py| Failure::Panic.raise(py))),
    }
}

/// One problem of a journey file.
#[pyclass(frozen, eq, module = "wayfare")]
#[derive(PartialEq)]
pub(crate) struct Diagnostic(pub(crate) wayfare::Diagnostic);

#[pymethods]
impl Diagnostic {
    /// Stable name of the problem, as the reference lists it: `unknown_stage`, `type_mismatch` …
    #[getter]
    fn code(&self) -> &str {
        self.0.code
    }

    /// A file with an error cannot run; one with warnings can.
    #[getter]
    fn severity(&self) -> &'static str {
        if self.0.is_error() { "error" } else { "warning" }
    }

    /// Where in the document: `tracks.relationship[2].from[0]`.
    #[getter]
    fn path(&self) -> &str {
        &self.0.path
    }

    /// Where in the text, when the journey came as text.
    #[getter]
    fn span(&self) -> Option<Span> {
        self.0.span.map(|span| Span { start: span.start, end: span.end, line: span.line, column: span.column })
    }

    /// What is wrong.
    #[getter]
    fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    #[getter]
    fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The problem with its source line underlined, in plain text.
    fn render(&self, source: &str, file: &str) -> PyResult<String> {
        guarded(|| Ok(self.0.render(source, file)))
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("Diagnostic({}, {:?})", self.0.code, self.0.to_string())
    }
}

/// A place in the text of a journey file.
#[pyclass(frozen, eq, hash, get_all, module = "wayfare")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Span {
    /// First byte.
    start: usize,
    /// One past the last byte.
    end: usize,
    /// Line, counted from 1.
    line: usize,
    /// Column in characters, counted from 1.
    column: usize,
}

#[pymethods]
impl Span {
    fn __repr__(&self) -> String {
        format!("Span(start={}, end={}, line={}, column={})", self.start, self.end, self.line, self.column)
    }
}

/// One row of a table that was refused.
#[pyclass(frozen, eq, hash, get_all, module = "wayfare")]
#[derive(PartialEq, Eq, Hash, Clone)]
pub(crate) struct BadRow {
    /// Which table: `touchpoints`, `customers`, `as_of`, `preferences` or `inputs`.
    table: String,
    /// The row, counted from 0.
    row: u64,
    /// The column.
    column: String,
    /// Why, without the customer's data.
    reason: String,
}

impl From<&wayfare::BadRow> for BadRow {
    fn from(row: &wayfare::BadRow) -> Self {
        Self { table: row.table.to_owned(), row: row.row, column: row.column.clone(), reason: row.reason.clone() }
    }
}

#[pymethods]
impl BadRow {
    #[new]
    fn new(table: String, row: u64, column: String, reason: String) -> Self {
        Self { table, row, column, reason }
    }

    fn __repr__(&self) -> String {
        format!("BadRow(table={:?}, row={}, column={:?}, reason={:?})", self.table, self.row, self.column, self.reason)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> Reduced<'py, (String, u64, String, String)> {
        let row = slf.get().clone();
        (slf.get_type().into_any(), (row.table, row.row, row.column, row.reason))
    }
}
