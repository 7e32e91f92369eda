//! The native half of what is read off paths: documents in, tables and pictures out.

use pyo3::prelude::*;
use wayfare::arrow::path_analyses::{self as analyses, Answer, Question};
use wayfare::paths::{FunnelRequest, FunnelRows, StageTimeRequest};

use crate::error::guarded;
use crate::lifetime::read;
use crate::paths::Paths;
use crate::table::{Frame, like, like_named};
use crate::work::{Progress, worked};

/// Counts of pairs, of starts and of ends.
type Graph = (Vec<((String, String), u64)>, Vec<(String, u64)>, Vec<(String, u64)>);

/// The answer to a question about paths, and the library whose frames its tables are.
#[pyclass(frozen, eq, module = "wayfare._wayfare")]
#[derive(PartialEq)]
pub(crate) struct PathsAnswer {
    answer: Answer,
    library: String,
}

/// The answer to a question about paths.
#[pyfunction]
pub(crate) fn ask_paths(py: Python<'_>, paths: &Bound<'_, Paths>, question: &Bound<'_, PyAny>) -> PyResult<PathsAnswer> {
    guarded(|| {
        let (question, paths): (Question, _) = (read(question)?, paths.get());
        let answer = paths.worked(py, move |paths| analyses::ask(paths, &question))?;
        Ok(PathsAnswer { answer, library: paths.library.clone() })
    })
}

/// A funnel of raw rows: the answer, and the refused rows if they are collected.
#[pyfunction]
#[pyo3(signature = (table, request, rows, library, progress = None))]
pub(crate) fn funnel_of_rows<'py>(
    table: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
    rows: &Bound<'py, PyAny>,
    library: String,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(PathsAnswer, Bound<'py, PyAny>)> {
    guarded(|| {
        let py = table.py();
        let (request, rows): (FunnelRequest, FunnelRows) = (read(request)?, read(rows)?);
        let frame = Frame::new("touchpoints", table);
        let (answer, rejected) = worked(py, &Progress::new(py, progress)?, move |watch| {
            let table = frame.read(watch)?;
            Ok(analyses::funnel(&table, &request, &rows, Some(&|done, total| watch.note(done, total)))?)
        })?;
        Ok((PathsAnswer { answer, library }, like(table, rejected)?))
    })
}

/// Time in stages, of a table of transitions.
#[pyfunction]
#[pyo3(signature = (transitions, request, library, progress = None))]
pub(crate) fn time_in_stage_of_transitions<'py>(
    transitions: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
    library: String,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<PathsAnswer> {
    guarded(|| {
        let py = transitions.py();
        let request: StageTimeRequest = read(request)?;
        let frame = Frame::new("transitions", transitions);
        let answer = worked(py, &Progress::new(py, progress)?, move |watch| {
            let table = frame.read(watch)?;
            Ok(analyses::time_in_stage(&table, &request, Some(&|done, total| watch.note(done, total)))?)
        })?;
        Ok(PathsAnswer { answer, library })
    })
}

#[pymethods]
impl PathsAnswer {
    /// Its table of that name, as a frame.
    fn table<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| like_named(py, &self.library, self.answer.table(name)?))
    }

    /// Its picture.
    fn to_svg(&self) -> PyResult<String> {
        guarded(|| Ok(self.answer.to_svg()))
    }

    /// The counts of both.
    fn merge(&self, other: &Self) -> PyResult<Self> {
        guarded(|| Ok(Self { answer: self.answer.merge(&other.answer)?, library: self.library.clone() }))
    }

    /// These counts without the others.
    fn subtract(&self, other: &Self) -> PyResult<Self> {
        guarded(|| Ok(Self { answer: self.answer.subtract(&other.answer)?, library: self.library.clone() }))
    }

    /// The pairs, starts and ends of a directly-follows graph.
    fn graph(&self) -> PyResult<Graph> {
        guarded(|| {
            let graph = self.answer.graph().cloned().unwrap_or_default();
            Ok((graph.edges.into_iter().collect(), graph.start.into_iter().collect(), graph.end.into_iter().collect()))
        })
    }
}
