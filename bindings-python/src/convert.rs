//! Python's values as Rust's, and back.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDateTime, PyDelta, PyDeltaAccess, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple, PyTzInfo};
use wayfare::{AttributeChange, ErrorKind, Instant, Touchpoint, Value};

use crate::error::{Failure, Outcome, argument, record};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Up to here a double of seconds gives back its microseconds exactly, whatever was rounded on the way.
const EXACT_SECONDS: f64 = (1_i64 << 51) as f64 / 1e6;

/// An instant from an aware `datetime` or RFC 3339 text.
pub(crate) fn instant(value: &Bound<'_, PyAny>) -> Outcome<Instant> {
    if value.is_exact_instance_of::<PyDateTime>() {
        let zone = value.getattr(intern!(value.py(), "tzinfo"))?;
        if zone.is_none() {
            return Err(naive());
        }
        let seconds: f64 = value.call_method0(intern!(value.py(), "timestamp"))?.extract()?;
        if seconds.abs() < EXACT_SECONDS {
            return Ok(Instant::from_micros((seconds * 1e6).round() as i64)?);
        }
        return counted(value);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text_of(text).ok_or_else(|| argument("the instant is not valid text", None))?.parse()?);
    }
    if value.is_instance_of::<PyDateTime>() {
        return kind_of_datetime(value);
    }
    Err(argument(
        format!("the instant is of type `{}`, not a datetime or text", type_name(value)),
        Some("pass an aware `datetime` (`datetime.now(timezone.utc)`) or RFC 3339 text like `2026-03-01T09:30:00Z`"),
    ))
}

fn naive() -> Failure {
    argument("the datetime has no time zone", Some("make it aware: `datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)`"))
}

/// A `pandas.Timestamp` or another class derived from `datetime`.
fn kind_of_datetime(value: &Bound<'_, PyAny>) -> Outcome<Instant> {
    let py = value.py();
    if !value.eq(value)? {
        return Err(argument("the instant is not a time", Some("it is missing (`NaT`)")));
    }
    if let Some(nanosecond) = value.getattr_opt(intern!(py, "nanosecond"))?
        && nanosecond.extract::<i64>()? != 0
    {
        return Err(argument("the instant is finer than a microsecond", Some("round it to microseconds")));
    }
    match value.call_method0(intern!(py, "utcoffset"))?.is_none() {
        true => Err(naive()),
        false => counted(value),
    }
}

/// Microseconds by integers.
fn counted(value: &Bound<'_, PyAny>) -> Outcome<Instant> {
    let since = value.sub(epoch(value.py())?)?;
    let since = since.cast::<PyDelta>()?;
    let seconds = i64::from(since.get_days()) * SECONDS_PER_DAY + i64::from(since.get_seconds());
    Ok(Instant::from_micros(seconds * MICROS_PER_SECOND + i64::from(since.get_microseconds()))?)
}

fn epoch(py: Python<'_>) -> PyResult<&Bound<'_, PyDateTime>> {
    static EPOCH: PyOnceLock<Py<PyDateTime>> = PyOnceLock::new();
    let epoch = EPOCH.get_or_try_init(py, || PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&*PyTzInfo::utc(py)?)).map(Bound::unbind))?;
    Ok(epoch.bind(py))
}

/// An instant on its way out: an aware `datetime` in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct At(pub(crate) Instant);

impl<'py> IntoPyObject<'py> for At {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        let micros = self.0.as_micros();
        let seconds = micros.div_euclid(MICROS_PER_SECOND);
        let since = PyDelta::new(
            py,
            seconds.div_euclid(SECONDS_PER_DAY) as i32,
            seconds.rem_euclid(SECONDS_PER_DAY) as i32,
            micros.rem_euclid(MICROS_PER_SECOND) as i32,
            false,
        )?;
        epoch(py)?.add(since)
    }
}

/// What `__reduce__` gives: what to call, and with what.
pub(crate) type Reduced<'py, Arguments> = (Bound<'py, PyAny>, Arguments);

/// A value of the core on its way out; unknown is `None`.
pub(crate) fn shown<'py>(py: Python<'py>, value: Value<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Number(value) => PyFloat::new(py, value).into_any(),
        Value::Integer(value) => value.into_pyobject(py).map_err(PyErr::from)?.into_any(),
        Value::Text(text) => PyString::new(py, text).into_any(),
        Value::Boolean(value) => PyBool::new(py, value).to_owned().into_any(),
        _ => py.None().into_bound(py),
    })
}

/// A document of the core as dicts and lists.
pub(crate) fn loads<'py>(py: Python<'py>, json: &str) -> Outcome<Bound<'py, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    Ok(LOADS.import(py, "json", "loads")?.call1((json,))?)
}

/// A number, for statistics over a population.
pub(crate) fn number(value: &Bound<'_, PyAny>) -> Outcome<f64> {
    match value.is_instance_of::<PyBool>() {
        false => value.extract().map_err(|_| argument(format!("one of the values is of type `{}`, not a number", type_name(value)), None)),
        true => Err(argument("one of the values is of type `bool`, not a number", None)),
    }
}

fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string())
}

fn text_of<'a>(text: &'a Bound<'_, PyString>) -> Option<&'a str> {
    text.to_str().ok()
}

/// The fields of a record: names with values that Rust can borrow from.
pub(crate) struct Fields<'py> {
    at: Option<Bound<'py, PyAny>>,
    named: Vec<(Bound<'py, PyString>, Bound<'py, PyAny>)>,
}

impl<'py> Fields<'py> {
    /// From a mapping and keywords.
    pub(crate) fn read(mapping: Option<&Bound<'py, PyAny>>, keywords: Option<&Bound<'py, PyDict>>) -> Outcome<Self> {
        let mut fields = Self { at: None, named: Vec::with_capacity(8) };
        if let Some(mapping) = mapping {
            match mapping.cast::<PyDict>() {
                Ok(dict) => fields.take(dict)?,
                Err(_) => fields.take(&dict_of(mapping)?)?,
            }
        }
        if let Some(keywords) = keywords {
            fields.take(keywords)?;
        }
        Ok(fields)
    }

    fn take(&mut self, dict: &Bound<'py, PyDict>) -> Outcome<()> {
        for (name, value) in dict {
            let name = name.cast_into::<PyString>().map_err(|error| {
                let found = type_name(&error.into_inner());
                record("", format!("a field's name is of type `{found}`, not text"), Some("fields are named by text, like `kind`"))
            })?;
            let Some(text) = text_of(&name) else { return Err(record("", "a field's name is not valid text", None)) };
            match text == "at" {
                true if self.at.is_some() => return Err(record("at", "`at` is given twice", None)),
                true => self.at = Some(value),
                false => {
                    let value = plain(text, value)?;
                    self.named.push((name, value));
                }
            }
        }
        Ok(())
    }

    /// As a touchpoint.
    pub(crate) fn touchpoint(&self) -> Outcome<Touchpoint<'_>> {
        let at = match &self.at {
            Some(at) if !at.is_none() => record_instant(at)?,
            _ => return Err(record("at", "`at` is missing", Some("every touchpoint has the instant `at`"))),
        };
        let mut fields = Vec::with_capacity(self.named.len());
        for (name, value) in &self.named {
            let name = text_of(name).unwrap_or_default();
            fields.push((name, borrowed(name, value)?));
        }
        Ok(Touchpoint::from_fields(at, fields)?)
    }

    /// As an attribute change.
    pub(crate) fn change<'a>(&'a self, at: Option<&Bound<'_, PyAny>>, id: Option<&'a str>) -> Outcome<AttributeChange<'a>> {
        if self.at.is_some() {
            return Err(record("at", "`at` is not an attribute", Some("give the instant as the keyword `at`")));
        }
        let mut change = match at {
            Some(at) => AttributeChange::at(record_instant(at)?),
            None => AttributeChange::always(),
        };
        if let Some(id) = id {
            change = change.id(id);
        }
        for (name, value) in &self.named {
            let name = text_of(name).unwrap_or_default();
            change = change.set(name, borrowed(name, value)?);
        }
        Ok(change)
    }
}

fn dict_of<'py>(mapping: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyDict>> {
    if mapping.cast::<PyMapping>().is_err() {
        let message = format!("the record is of type `{}`, not a mapping", type_name(mapping));
        return Err(record("", message, Some("pass a dict of fields, or the fields as keywords")));
    }
    Ok(mapping.py().get_type::<PyDict>().call1((mapping,))?.cast_into::<PyDict>().map_err(PyErr::from)?)
}

/// The instant of a record: what is wrong with it is wrong with the field `at`.
fn record_instant(value: &Bound<'_, PyAny>) -> Outcome<Instant> {
    instant(value).map_err(|failure| match failure {
        Failure::Boundary { message, help, .. } => record("at", format!("`at`: {message}"), help),
        Failure::Core(error) if error.kind() == ErrorKind::InvalidArgument => record(
            "at",
            format!("`at`: {}", error.message()),
            Some("write it with an offset and at most microseconds, like `2026-03-01T09:30:00Z`"),
        ),
        other => other,
    })
}

/// The value itself if Rust can read it; a scalar of NumPy as Python's own.
fn plain<'py>(name: &str, value: Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
    if value.is_instance_of::<PyString>() || value.is_none() || value.is_instance_of::<PyFloat>() || value.is_instance_of::<PyInt>() {
        return Ok(value);
    }
    let class = value.get_type();
    if class.module()?.to_str()? == "numpy" && value.getattr_opt(intern!(value.py(), "ndim"))?.is_some_and(|n| n.eq(0).unwrap_or(false)) {
        let item = value.call_method0(intern!(value.py(), "item"))?;
        if item.is_instance_of::<PyFloat>() || item.is_instance_of::<PyInt>() || item.is_instance_of::<PyString>() {
            return Ok(item);
        }
    }
    Err(record(
        name,
        format!("`{name}` is of type `{}`, not text, a number or a boolean", type_name(&value)),
        Some("pass a `str`, `float`, `int`, `bool`, or `None` if it is not known"),
    ))
}

/// The value that a `plain` one stands for.
fn borrowed<'a>(name: &str, value: &'a Bound<'_, PyAny>) -> Outcome<Value<'a>> {
    if let Ok(text) = value.cast::<PyString>() {
        return text_of(text).map(Value::Text).ok_or_else(|| record(name, format!("`{name}` is not valid text"), None));
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(Value::Number(number.value()));
    }
    if let Ok(truth) = value.cast::<PyBool>() {
        return Ok(Value::Boolean(truth.is_true()));
    }
    if value.is_none() {
        return Ok(Value::Unknown);
    }
    // An integer that no i64 holds is beyond what the core takes as well, and it says so.
    Ok(Value::Integer(value.extract().unwrap_or(i64::MAX)))
}

/// Nesting and size at which a document is given up: far above what the core takes, so that it can say what is wrong.
const MAX_DEPTH: usize = 64;
const MAX_VALUES: usize = 1 << 20;

/// A journey built of dicts and lists.
pub(crate) fn document(value: &Bound<'_, PyAny>) -> Outcome<serde_json::Value> {
    Reader { path: Vec::new(), values: 0 }.read(value)
}

struct Reader {
    path: Vec<String>,
    values: usize,
}

impl Reader {
    fn read(&mut self, value: &Bound<'_, PyAny>) -> Outcome<serde_json::Value> {
        self.values += 1;
        if self.path.len() > MAX_DEPTH || self.values > MAX_VALUES {
            self.path.truncate(4);
            return Err(self.refuse("is nested too deep or without end", Some("a dict or list must not hold itself")));
        }
        if let Ok(dict) = value.cast::<PyDict>() {
            return self.map(dict);
        }
        if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            return self.list(value);
        }
        if value.cast::<PyMapping>().is_ok() {
            return self.map(&dict_of(value)?);
        }
        self.scalar(value)
    }

    fn map(&mut self, dict: &Bound<'_, PyDict>) -> Outcome<serde_json::Value> {
        let mut entries = serde_json::Map::with_capacity(dict.len());
        for (key, value) in dict {
            let Ok(key) = key.cast::<PyString>() else { return Err(self.not_text(&key)) };
            let Some(key) = text_of(key) else { return Err(self.refuse("has a key that is not valid text", None)) };
            self.path.push(key.to_owned());
            let value = self.read(&value)?;
            self.path.pop();
            entries.insert(key.to_owned(), value);
        }
        Ok(serde_json::Value::Object(entries))
    }

    fn list(&mut self, items: &Bound<'_, PyAny>) -> Outcome<serde_json::Value> {
        let mut read = Vec::with_capacity(items.len()?);
        for (at, item) in items.try_iter()?.enumerate() {
            self.path.push(format!("[{at}]"));
            read.push(self.read(&item?)?);
            self.path.pop();
        }
        Ok(serde_json::Value::Array(read))
    }

    fn scalar(&self, value: &Bound<'_, PyAny>) -> Outcome<serde_json::Value> {
        let value = plain("", value.clone()).map_err(|_| {
            let message = format!("is of type `{}`, not text, a number, a boolean, a list or a dict", type_name(value));
            self.refuse(&message, Some("YAML readers turn some text into dates: quote it, or use `Journey.from_yaml`"))
        })?;
        Ok(match borrowed("", &value).map_err(|_| self.refuse("is not valid text", None))? {
            Value::Text(text) => serde_json::Value::String(text.to_owned()),
            Value::Boolean(value) => serde_json::Value::Bool(value),
            Value::Integer(value) if value.unsigned_abs() > 1 << 53 => {
                return Err(self.refuse("is an integer beyond 2^53, which a double cannot keep exactly", None));
            }
            Value::Integer(value) => value.into(),
            Value::Number(value) => serde_json::Number::from_f64(value)
                .map(serde_json::Value::Number)
                .ok_or_else(|| self.refuse("is not a finite number", None))?,
            _ => serde_json::Value::Null,
        })
    }

    fn not_text(&self, key: &Bound<'_, PyAny>) -> Failure {
        let help = match key.is_instance_of::<PyBool>() {
            true => {
                "YAML 1.1 readers such as PyYAML turn the key `on` into `True`: quote it (`\"on\"`), or use `Journey.from_yaml`, which keeps it"
            }
            false => "keys are text",
        };
        let shown = key.repr().map_or_else(|_| type_name(key), |text| text.to_string().chars().take(40).collect());
        self.refuse(&format!("has the key {shown}, which is of type `{}`, not text", type_name(key)), Some(help))
    }

    fn refuse(&self, what: &str, help: Option<&'static str>) -> Failure {
        let path = self.path.join(".").replace(".[", "[");
        let place = if path.is_empty() { "the journey".to_owned() } else { format!("`{path}`") };
        argument(format!("{place} {what}"), help)
    }
}
