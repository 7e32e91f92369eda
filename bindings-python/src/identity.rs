//! `wayfare.IdentityGraph`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};
use wayfare::ResolveRequest;
use wayfare::arrow::identity as tables;
use wayfare::identity::{IdentityRecord, IdentityRules};

use crate::convert::{self, Reduced, document_of, record_instant};
use crate::error::{Outcome, argument, guarded, record};
use crate::table::{Frame, like};
use crate::work::{Progress, worked};

/// Who is who: persons made of the identifiers that records saw together. A run shares it; it is copied only when a record comes meanwhile.
#[pyclass(module = "wayfare")]
pub(crate) struct IdentityGraph {
    pub(crate) inner: Arc<wayfare::identity::IdentityGraph>,
}

/// An identifier: kind and value.
type Identifier = (String, String);

#[pymethods]
impl IdentityGraph {
    #[new]
    fn new(rules: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| Ok(Self::of(wayfare::identity::IdentityGraph::new(&read_rules(rules)?))))
    }

    /// A graph from what `to_bytes` gave.
    #[staticmethod]
    fn from_bytes(data: PyBackedBytes) -> PyResult<Self> {
        guarded(|| Ok(Self::of(wayfare::identity::IdentityGraph::from_bytes(&data)?)))
    }

    /// Takes in a record, given as a mapping, as keywords, or both: `at`, `identifiers`, and perhaps `id`. Says what it did.
    #[pyo3(signature = (record = None, /, **fields))]
    fn link<'py>(
        &mut self,
        py: Python<'py>,
        record: Option<&Bound<'py, PyAny>>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let read = Read::new(py, record, fields)?;
            let told = Arc::make_mut(&mut self.inner).link(&read.record())?;
            document_of(py, &told)
        })
    }

    /// Takes the record with an id out again: afterwards the graph is as if it had never been linked. Says what that did.
    fn unlink<'py>(&mut self, py: Python<'py>, id: &str) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &Arc::make_mut(&mut self.inner).unlink(id)?))
    }

    /// The id of the person that an identifier belongs to.
    fn person(&self, kind: &str, value: &str) -> PyResult<Option<String>> {
        guarded(|| Ok(self.inner.person(kind, value)?))
    }

    /// The identifiers of a person.
    fn members<'py>(&self, py: Python<'py>, person: &str) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.inner.members(person)))
    }

    /// The records that connect two identifiers.
    fn evidence<'py>(&self, py: Python<'py>, one: Identifier, other: Identifier) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.inner.evidence((&one.0, &one.1), (&other.0, &other.1))?))
    }

    /// Every identifier that belongs to a person: a `pyarrow.Table` of `kind`, `identifier`, `person`.
    fn persons<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| like(py.None().bind(py), tables::persons(&self.inner)?))
    }

    /// The persons of the graph's records and those of a table together.
    #[pyo3(signature = (table, *, columns = None, naive_time_zone = None, on_error = "raise", extra_columns = "refuse"))]
    fn resolve<'py>(
        &self,
        table: &Bound<'py, PyAny>,
        columns: Option<&Bound<'py, PyAny>>,
        naive_time_zone: Option<String>,
        on_error: &str,
        extra_columns: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        static RESOLUTION: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        guarded(|| {
            let (py, graph) = (table.py(), self.inner.clone());
            let request = asked(columns, naive_time_zone, on_error, extra_columns)?;
            let frame = Frame::new("identifiers", table);
            let found = worked(py, &Progress::new(py, None)?, move |watch| Ok(tables::resolve(&graph, &frame.read(watch)?, &request)?))?;
            let parts = (like(table, found.persons)?, document_of(py, &found.report)?, like(table, found.rejected)?);
            Ok(RESOLUTION.import(py, "wayfare._identity", "Resolution")?.call1(parts)?)
        })
    }

    /// Links every row of a table as a record, and says what became of the rows.
    #[pyo3(signature = (table, *, columns = None, naive_time_zone = None, on_error = "raise", extra_columns = "refuse"))]
    fn link_table<'py>(
        &mut self,
        table: &Bound<'py, PyAny>,
        columns: Option<&Bound<'py, PyAny>>,
        naive_time_zone: Option<String>,
        on_error: &str,
        extra_columns: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let py = table.py();
            let request = asked(columns, naive_time_zone, on_error, extra_columns)?;
            let frame = Frame::new("identifiers", table);
            let mut graph = (*self.inner).clone();
            let (graph, report, rejected) = worked(py, &Progress::new(py, None)?, move |watch| {
                let (report, rejected) = tables::link_table(&mut graph, &frame.read(watch)?, &request)?;
                Ok((graph, report, rejected))
            })?;
            self.inner = Arc::new(graph);
            let report = document_of(py, &report)?;
            match on_error {
                "collect" => Ok((report, like(table, rejected)?).into_pyobject(py)?.into_any()),
                _ => Ok(report),
            }
        })
    }

    /// The same records under other rules.
    fn with_rules(&self, rules: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| Ok(Self::of(self.inner.with_rules(&read_rules(rules)?)?)))
    }

    /// The rules as a document.
    #[getter]
    fn rules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, self.inner.rules().spec()))
    }

    /// The graph as bytes, to keep it. The same records always give the same bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| Ok(PyBytes::new(py, &self.inner.to_bytes())))
    }

    /// How many records it has.
    fn __len__(&self) -> usize {
        self.inner.len()
    }

    /// A graph without records is a graph.
    fn __bool__(&self) -> bool {
        true
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        guarded(|| match other.cast::<Self>() {
            Ok(other) => Ok(self.inner == other.try_borrow().map_err(PyErr::from)?.inner),
            Err(_) => Ok(false),
        })
    }

    /// No customer data.
    fn __repr__(&self) -> String {
        format!("<wayfare.IdentityGraph of {} records>", self.inner.len())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, (Bound<'py, PyBytes>,)>> {
        Ok((slf.get_type().getattr("from_bytes")?, (slf.borrow().to_bytes(slf.py())?,)))
    }
}

impl IdentityGraph {
    fn of(graph: wayfare::identity::IdentityGraph) -> Self {
        Self { inner: Arc::new(graph) }
    }
}

/// The graph that a run is to see.
pub(crate) fn shared(graph: Option<&Bound<'_, IdentityGraph>>) -> PyResult<Option<Arc<wayfare::identity::IdentityGraph>>> {
    graph.map(|graph| Ok(graph.try_borrow()?.inner.clone())).transpose()
}

/// Rules as YAML text, or as dicts and lists.
fn read_rules(rules: &Bound<'_, PyAny>) -> Outcome<IdentityRules> {
    match rules.cast::<PyString>() {
        Ok(text) => Ok(IdentityRules::from_yaml(text.to_str()?)?),
        Err(_) => Ok(IdentityRules::from_value(&convert::document(rules)?)?),
    }
}

fn asked(
    columns: Option<&Bound<'_, PyAny>>,
    naive_time_zone: Option<String>,
    on_error: &str,
    extra_columns: &str,
) -> Outcome<ResolveRequest> {
    let columns = columns.map(|columns| {
        serde_json::from_value(convert::document(columns)?).map_err(|_| argument("`columns` is not a dict of columns and kinds", None))
    });
    Ok(ResolveRequest {
        columns: columns.transpose()?,
        naive_time_zone,
        on_error: Some(on_error.to_owned()),
        extra_columns: Some(extra_columns.to_owned()),
    })
}

/// A record as Python wrote it.
struct Read {
    at: wayfare::Instant,
    id: Option<String>,
    identifiers: Vec<Identifier>,
}

impl Read {
    fn new(py: Python<'_>, mapping: Option<&Bound<'_, PyAny>>, keywords: Option<&Bound<'_, PyDict>>) -> Outcome<Self> {
        let all = PyDict::new(py);
        for given in mapping.into_iter().chain(keywords.map(Bound::as_any)) {
            if let Err(error) = all.update(
                given.cast().map_err(|_| record("", "the record is not a mapping", Some("pass a dict, or the fields as keywords")))?,
            ) {
                return Err(error.into());
            }
        }
        let (mut at, mut id, mut identifiers) = (None, None, Vec::new());
        for (name, value) in &all {
            match name.extract::<String>().unwrap_or_default().as_str() {
                "at" => at = Some(record_instant("at", &value)?),
                "id" if value.is_none() => {}
                "id" => id = Some(text("id", &value)?),
                "identifiers" => identifiers = read_identifiers(&value)?,
                name => {
                    return Err(record(
                        name,
                        format!("a record of identifiers has no field `{name}`"),
                        Some("there are: `at`, `id`, `identifiers`"),
                    ));
                }
            }
        }
        let at = at.ok_or_else(|| record("at", "`at` is missing", Some("every record has the instant `at`")))?;
        Ok(Self { at, id, identifiers })
    }

    fn record(&self) -> IdentityRecord<'_> {
        let record = IdentityRecord::new(self.at);
        let record = match &self.id {
            Some(id) => record.id(id),
            None => record,
        };
        self.identifiers.iter().fold(record, |record, (kind, value)| record.identifier(kind, value))
    }
}

/// Kinds and values; of one kind there may be a list of values, and what is `None` is not there.
fn read_identifiers(given: &Bound<'_, PyAny>) -> Outcome<Vec<Identifier>> {
    let all = given.cast::<PyDict>().map_err(|_| {
        record("identifiers", "`identifiers` is not a dict", Some("write kinds and values: `{\"email\": \"ada@example.com\"}`"))
    })?;
    let mut read = Vec::new();
    for (kind, value) in all {
        let kind = text("identifiers", &kind)?;
        if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            for one in value.try_iter()? {
                read.push((kind.clone(), text(&kind, &one?)?));
            }
        } else if !value.is_none() {
            let value = text(&kind, &value)?;
            read.push((kind, value));
        }
    }
    Ok(read)
}

fn text(name: &str, value: &Bound<'_, PyAny>) -> Outcome<String> {
    let text = value.cast::<PyString>().ok().and_then(|text| text.to_str().ok());
    text.map(str::to_owned).ok_or_else(|| record(name, format!("`{name}` is not text"), Some("pass a `str`")))
}
