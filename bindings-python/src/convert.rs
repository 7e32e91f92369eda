//! Python's values as Rust's, and back.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDateTime, PyDelta, PyDeltaAccess, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple, PyTzInfo};
use wayfare::{AttributeChange, ErrorKind, Inputs, Instant, Preference, Touchpoint, Value};

use crate::error::{Failure, Outcome, argument, record};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// An instant from an aware `datetime` or RFC 3339 text.
pub(crate) fn instant(value: &Bound<'_, PyAny>) -> Outcome<Instant> {
    if value.is_exact_instance_of::<PyDateTime>() {
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
    counted(value)
}

/// Microseconds since the epoch, by integers. From a time without a zone Python takes none that has one.
fn counted(value: &Bound<'_, PyAny>) -> Outcome<Instant> {
    let py = value.py();
    let since = match value.sub(epoch(py)?) {
        Err(error) if error.is_instance_of::<PyTypeError>(py) && value.call_method0(intern!(py, "utcoffset"))?.is_none() => {
            return Err(naive());
        }
        since => since?,
    };
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

/// What the core writes as a document, as dicts and lists.
pub(crate) fn document_of<'py>(py: Python<'py>, written: &impl serde::Serialize) -> Outcome<Bound<'py, PyAny>> {
    loads(py, &serde_json::to_string(written).map_err(|_| Failure::Panic)?)
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

/// A field: a name, and a value that Rust can borrow from.
type Field<'py> = (Bound<'py, PyString>, Bound<'py, PyAny>);

/// The fields of a record.
pub(crate) struct Fields<'py> {
    at: Option<Bound<'py, PyAny>>,
    /// An instant only in a preference.
    expires: Option<Bound<'py, PyAny>>,
    named: Vec<Field<'py>>,
}

impl<'py> Fields<'py> {
    /// Of a touchpoint or attribute change, from a mapping and keywords.
    pub(crate) fn read(mapping: Option<&Bound<'py, PyAny>>, keywords: Option<&Bound<'py, PyDict>>) -> Outcome<Self> {
        Self::with(mapping, keywords, false)
    }

    /// Of a preference, from a mapping and keywords.
    pub(crate) fn of_preference(mapping: Option<&Bound<'py, PyAny>>, keywords: Option<&Bound<'py, PyDict>>) -> Outcome<Self> {
        Self::with(mapping, keywords, true)
    }

    fn with(mapping: Option<&Bound<'py, PyAny>>, keywords: Option<&Bound<'py, PyDict>>, expires: bool) -> Outcome<Self> {
        let mut fields = Self { at: None, expires: None, named: Vec::with_capacity(8) };
        if let Some(mapping) = mapping {
            match mapping.cast::<PyDict>() {
                Ok(dict) => fields.take(dict, expires)?,
                Err(_) => fields.take(&dict_of(mapping)?, expires)?,
            }
        }
        if let Some(keywords) = keywords {
            fields.take(keywords, expires)?;
        }
        Ok(fields)
    }

    fn take(&mut self, dict: &Bound<'py, PyDict>, expires: bool) -> Outcome<()> {
        for (name, value) in dict {
            let text = name_of(&name)?;
            let instant = match text {
                "at" => &mut self.at,
                "expires" if expires => &mut self.expires,
                _ => {
                    self.named.push((text_object(&name)?.clone(), plain(text, value)?));
                    continue;
                }
            };
            if instant.replace(value).is_some() {
                return Err(record(text, format!("`{text}` is given twice"), None));
            }
        }
        Ok(())
    }

    fn instant(&self, help: &'static str) -> Outcome<Instant> {
        match &self.at {
            Some(at) if !at.is_none() => record_instant("at", at),
            _ => Err(record("at", "`at` is missing", Some(help))),
        }
    }

    fn expires(&self) -> Outcome<Option<Instant>> {
        self.expires.as_ref().filter(|expires| !expires.is_none()).map(|expires| record_instant("expires", expires)).transpose()
    }

    fn values(&self) -> impl Iterator<Item = Outcome<(&str, Value<'_>)>> {
        self.named.iter().map(|(name, value)| {
            let name = text_of(name).unwrap_or_default();
            Ok((name, borrowed(name, value)?))
        })
    }

    fn all(&self) -> Outcome<Vec<(&str, Value<'_>)>> {
        let mut all = Vec::with_capacity(self.named.len());
        for field in self.values() {
            all.push(field?);
        }
        Ok(all)
    }

    /// As a touchpoint.
    pub(crate) fn touchpoint(&self) -> Outcome<Touchpoint<'_>> {
        let at = self.instant("every touchpoint has the instant `at`")?;
        Ok(Touchpoint::from_fields(at, self.all()?)?)
    }

    /// As a preference.
    pub(crate) fn preference(&self) -> Outcome<Preference<'_>> {
        let at = self.instant("every preference has the instant `at`")?;
        Ok(Preference::from_fields(at, self.expires()?, self.all()?)?)
    }

    /// As what else is known of a preference.
    pub(crate) fn added<'a>(&'a self, preference: Preference<'a>) -> Outcome<Preference<'a>> {
        let preference = match self.expires()? {
            Some(expires) => preference.expires(expires),
            None => preference,
        };
        self.values().try_fold(preference, |preference, field| {
            let (name, value) = field?;
            Ok(preference.with(name, value)?)
        })
    }

    /// As an attribute change.
    pub(crate) fn change<'a>(&'a self, at: Option<&Bound<'_, PyAny>>, id: Option<&'a str>) -> Outcome<AttributeChange<'a>> {
        if self.at.is_some() {
            return Err(record("at", "`at` is not an attribute", Some("give the instant as the keyword `at`")));
        }
        let mut change = match at {
            Some(at) => AttributeChange::at(record_instant("at", at)?),
            None => AttributeChange::always(),
        };
        if let Some(id) = id {
            change = change.id(id);
        }
        for field in self.values() {
            let (name, value) = field?;
            change = change.set(name, value);
        }
        Ok(change)
    }
}

/// What the host hands in with a decision: two mappings.
pub(crate) struct Handed<'py> {
    inputs: Vec<Field<'py>>,
    context: Vec<Field<'py>>,
}

impl<'py> Handed<'py> {
    pub(crate) fn read(inputs: Option<&Bound<'py, PyAny>>, context: Option<&Bound<'py, PyAny>>) -> Outcome<Self> {
        Ok(Self { inputs: Self::fields("inputs", inputs)?, context: Self::fields("context", context)? })
    }

    fn fields(what: &str, mapping: Option<&Bound<'py, PyAny>>) -> Outcome<Vec<Field<'py>>> {
        let Some(mapping) = mapping else { return Ok(Vec::new()) };
        let made;
        let dict = match mapping.cast::<PyDict>() {
            Ok(dict) => dict,
            Err(_) if mapping.cast::<PyMapping>().is_err() => {
                let message = format!("`{what}` is of type `{}`, not a mapping", type_name(mapping));
                return Err(argument(message, Some("pass a dict of names and values")));
            }
            Err(_) => {
                made = dict_of(mapping)?;
                &made
            }
        };
        let mut fields = Vec::with_capacity(dict.len());
        for (name, value) in dict {
            let read = || Ok((text_object(&name)?.clone(), plain(name_of(&name)?, value)?));
            fields.push(read().map_err(|failure| handed(what, failure))?);
        }
        Ok(fields)
    }

    pub(crate) fn inputs(&self) -> Outcome<Inputs<'_>> {
        let mut inputs = Inputs::new();
        for (name, value) in &self.inputs {
            let name = text_of(name).unwrap_or_default();
            inputs = inputs.set(name, borrowed(name, value).map_err(|failure| handed("inputs", failure))?);
        }
        for (name, value) in &self.context {
            let name = text_of(name).unwrap_or_default();
            inputs = inputs.context(name, borrowed(name, value).map_err(|failure| handed("context", failure))?);
        }
        Ok(inputs)
    }
}

/// What is wrong with a field is wrong with the argument that has it.
fn handed(what: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Boundary { message, help, .. } => argument(format!("`{what}`: {message}"), help),
        other => other,
    }
}

/// The value of an answer.
pub(crate) fn answered<'py>(value: Bound<'py, PyAny>) -> Outcome<Bound<'py, PyAny>> {
    plain("answer", value).map_err(|failure| match failure {
        Failure::Boundary { message, help, .. } => argument(message, help),
        other => other,
    })
}

/// A field's name as Rust has it.
fn name_of<'a>(name: &'a Bound<'_, PyAny>) -> Outcome<&'a str> {
    text_of(text_object(name)?).ok_or_else(|| record("", "a field's name is not valid text", None))
}

fn text_object<'a, 'py>(name: &'a Bound<'py, PyAny>) -> Outcome<&'a Bound<'py, PyString>> {
    name.cast::<PyString>().map_err(|_| {
        let message = format!("a field's name is of type `{}`, not text", type_name(name));
        record("", message, Some("fields are named by text, like `kind`"))
    })
}

fn dict_of<'py>(mapping: &Bound<'py, PyAny>) -> Outcome<Bound<'py, PyDict>> {
    if mapping.cast::<PyMapping>().is_err() {
        let message = format!("the record is of type `{}`, not a mapping", type_name(mapping));
        return Err(record("", message, Some("pass a dict of fields, or the fields as keywords")));
    }
    Ok(mapping.py().get_type::<PyDict>().call1((mapping,))?.cast_into::<PyDict>().map_err(PyErr::from)?)
}

/// An instant of a record: what is wrong with it is wrong with its field.
pub(crate) fn record_instant(name: &str, value: &Bound<'_, PyAny>) -> Outcome<Instant> {
    instant(value).map_err(|failure| match failure {
        Failure::Boundary { message, help, .. } => record(name, format!("`{name}`: {message}"), help),
        Failure::Core(error) if error.kind() == ErrorKind::InvalidArgument => record(
            name,
            format!("`{name}`: {}", error.message()),
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
pub(crate) fn borrowed<'a>(name: &str, value: &'a Bound<'_, PyAny>) -> Outcome<Value<'a>> {
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
