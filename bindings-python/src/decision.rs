//! `wayfare.Decision`, `wayfare.Consent` and what they are made of.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use wayfare::Settled;

use crate::convert::{At, loads, shown};
use crate::error::{Outcome, guarded};
use crate::journey::Journey;
use crate::view::document;

/// What to say to a customer at an instant, or nothing. Whatever is not the choice itself is computed when it is read.
#[pyclass(frozen, module = "wayfare")]
pub(crate) struct Decision {
    journey: Py<Journey>,
    profile: Arc<wayfare::Profile>,
    settled: Settled,
}

impl Decision {
    pub(crate) fn new(journey: Py<Journey>, profile: Arc<wayfare::Profile>, settled: Settled) -> Self {
        Self { journey, profile, settled }
    }

    /// Reads the decision as the core tells it.
    fn told<T>(&self, read: impl FnOnce(&wayfare::Decision<'_>) -> Outcome<T>) -> PyResult<T> {
        guarded(|| read(&self.settled.of(&self.profile)?))
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

#[pymethods]
impl Decision {
    /// The instant.
    #[getter]
    fn at(&self) -> At {
        At(self.settled.at())
    }

    /// What to say; `None` if there is nothing to say. It may be sent only if `may_send` is true.
    #[getter]
    fn action<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, PyString>> {
        let (action, _) = self.settled.place()?;
        self.journey.get().keys.actions.get(action).map(|name| name.bind(py))
    }

    /// By which channel.
    #[getter]
    fn channel<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, PyString>> {
        let (_, channel) = self.settled.place()?;
        self.journey.get().keys.channels.get(channel).map(|name| name.bind(py))
    }

    /// About what.
    #[getter]
    fn topic(&self) -> PyResult<Option<String>> {
        self.told(|decision| Ok(owned(decision.topic())))
    }

    /// The team that answers for it.
    #[getter]
    fn owner(&self) -> PyResult<Option<String>> {
        self.told(|decision| Ok(owned(decision.owner())))
    }

    /// For what.
    #[getter]
    fn purpose(&self) -> PyResult<Option<String>> {
        self.told(|decision| Ok(owned(decision.purpose())))
    }

    /// The question, if the action asks one.
    #[getter]
    fn question(&self) -> PyResult<Option<String>> {
        self.told(|decision| Ok(decision.question().map(|(question, _)| question.to_owned())))
    }

    /// The answers that the question offers; none are offered where any text may be the answer.
    #[getter]
    fn answers(&self) -> PyResult<Option<Vec<String>>> {
        self.told(|decision| Ok(decision.question().map(|(_, answers)| answers.into_iter().map(str::to_owned).collect())))
    }

    /// How much it is worth to say it.
    #[getter]
    fn priority(&self) -> Option<f64> {
        self.settled.priority()
    }

    /// What the priority is the product of.
    #[getter]
    fn factors(&self) -> PyResult<Option<Factors>> {
        self.told(|decision| Ok(decision.factors().map(Factors::from)))
    }

    /// The first instant at which it may go, if that is not now.
    #[getter]
    fn not_before(&self) -> Option<At> {
        self.settled.not_before().map(At)
    }

    /// Whether it is told only as what would have been said: the customer is left alone, to measure against.
    #[getter]
    fn held_out(&self) -> bool {
        self.settled.held_out()
    }

    /// Whether there is something to say, and it may be said now.
    #[getter]
    fn may_send(&self) -> bool {
        self.settled.may_send()
    }

    /// The best other thing that could have been said.
    #[getter]
    fn runner_up(&self) -> PyResult<Option<RunnerUp>> {
        self.told(|decision| Ok(decision.runner_up().map(RunnerUp::from)))
    }

    /// By how much the decision beats the runner-up.
    #[getter]
    fn margin(&self) -> PyResult<Option<f64>> {
        self.told(|decision| Ok(decision.margin()))
    }

    /// Every action on every channel, in file order, with the gate that stopped it.
    #[getter]
    fn candidates(&self, py: Python<'_>) -> PyResult<Vec<Candidate>> {
        self.told(|decision| decision.candidates().iter().map(|candidate| Candidate::new(py, candidate)).collect())
    }

    /// The reason in one line.
    #[getter]
    fn because(&self) -> PyResult<String> {
        self.told(|decision| Ok(decision.because()))
    }

    /// All reasons in plain English.
    fn explain(&self) -> PyResult<String> {
        self.told(|decision| Ok(decision.explain()))
    }

    /// The candidates and their gates as a picture that stands alone.
    fn to_svg(&self) -> PyResult<String> {
        self.told(|decision| Ok(decision.to_svg()))
    }

    /// The picture, for notebooks.
    fn _repr_svg_(&self) -> PyResult<String> {
        self.to_svg()
    }

    /// The touchpoint that says that it was said, for `Profile.observe`.
    #[pyo3(signature = (outcome = None))]
    fn touchpoint<'py>(&self, py: Python<'py>, outcome: Option<&str>) -> PyResult<Bound<'py, PyDict>> {
        self.told(|decision| {
            let touchpoint = decision.touchpoint(outcome)?;
            let dict = PyDict::new(py);
            dict.set_item("at", At(touchpoint.at()))?;
            touchpoint.fields().try_for_each(|(name, text)| dict.set_item(name, text))?;
            Ok(dict)
        })
    }

    /// All of it as a JSON document.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.told(|decision| loads(py, &document(decision)?))
    }

    /// No customer data.
    fn __repr__(&self) -> String {
        format!("<wayfare.Decision at {}>", self.settled.at())
    }
}

/// An action on a channel, and what became of it.
#[pyclass(frozen, get_all, module = "wayfare")]
pub(crate) struct Candidate {
    /// The action.
    action: String,
    /// The channel.
    channel: String,
    /// About what.
    topic: Option<String>,
    /// The team that answers for it.
    owner: Option<String>,
    /// For what.
    purpose: Option<String>,
    /// What it is worth; `None` if it is not eligible, or a factor is unknown.
    priority: Option<f64>,
    /// Where it was stopped; `None` for the one that was chosen.
    gate: Option<&'static str>,
    /// Why, as the reference lists it.
    reason: Option<&'static str>,
    /// Why, in words.
    because: String,
    /// The rule that stopped it, if one did.
    rule: Option<String>,
    /// What the rule's operands were.
    operands: Py<PyDict>,
    /// What would have to change for it to pass that gate.
    would_change: Option<String>,
    /// The first instant at which it may go, if nothing but time forbids it.
    not_before: Option<At>,
}

impl Candidate {
    fn new(py: Python<'_>, candidate: &wayfare::Candidate<'_>) -> Outcome<Self> {
        let operands = PyDict::new(py);
        for (name, value) in &candidate.operands {
            operands.set_item(name, shown(py, *value)?)?;
        }
        Ok(Self {
            action: candidate.action.to_owned(),
            channel: candidate.channel.to_owned(),
            topic: owned(candidate.topic),
            owner: owned(candidate.owner),
            purpose: owned(candidate.purpose),
            priority: candidate.priority,
            gate: candidate.gate.map(wayfare::Gate::as_str),
            reason: candidate.reason,
            because: candidate.because.clone(),
            rule: owned(candidate.rule),
            operands: operands.unbind(),
            would_change: candidate.would_change.clone(),
            not_before: candidate.not_before.map(At),
        })
    }
}

#[pymethods]
impl Candidate {
    fn __repr__(&self) -> String {
        let reason = self.reason.map_or("None".to_owned(), |reason| format!("{reason:?}"));
        format!("Candidate(action={:?}, channel={:?}, reason={reason})", self.action, self.channel)
    }
}

/// What a priority is the product of: propensity, value, weight, and 1 plus what the boosts add.
#[pyclass(frozen, eq, get_all, module = "wayfare")]
#[derive(PartialEq)]
pub(crate) struct Factors {
    /// How probably it works.
    propensity: f64,
    /// What it is worth if it works; of an ask, what the answer could unlock.
    value: f64,
    /// What the business adds.
    weight: f64,
    /// The boosts that held: what each is called, and what it added.
    boosts: Vec<(String, f64)>,
}

impl From<wayfare::Factors<'_>> for Factors {
    fn from(factors: wayfare::Factors<'_>) -> Self {
        let boosts = factors.boosts.iter().map(|boost| (boost.name.to_owned(), boost.add)).collect();
        Self { propensity: factors.propensity, value: factors.value, weight: factors.weight, boosts }
    }
}

#[pymethods]
impl Factors {
    fn __repr__(&self) -> String {
        let Self { propensity, value, weight, boosts } = self;
        format!("Factors(propensity={propensity:?}, value={value:?}, weight={weight:?}, boosts={boosts:?})")
    }
}

/// The best candidate of another action.
#[pyclass(frozen, eq, get_all, module = "wayfare")]
#[derive(PartialEq)]
pub(crate) struct RunnerUp {
    /// Its action.
    action: String,
    /// Its channel.
    channel: String,
    /// Its priority.
    priority: f64,
}

impl From<wayfare::RunnerUp<'_>> for RunnerUp {
    fn from(second: wayfare::RunnerUp<'_>) -> Self {
        Self { action: second.action.to_owned(), channel: second.channel.to_owned(), priority: second.priority }
    }
}

#[pymethods]
impl RunnerUp {
    fn __repr__(&self) -> String {
        format!("RunnerUp(action={:?}, channel={:?}, priority={:?})", self.action, self.channel, self.priority)
    }
}

/// Whether there may be contact on a channel, for a purpose, perhaps about a topic; and which record says so.
#[pyclass(frozen, module = "wayfare")]
pub(crate) struct Consent {
    /// The channel.
    #[pyo3(get)]
    channel: String,
    /// The purpose.
    #[pyo3(get)]
    purpose: String,
    /// The topic; `None` for contact about nothing in particular.
    #[pyo3(get)]
    topic: Option<String>,
    /// Whether there may be contact.
    #[pyo3(get)]
    allowed: bool,
    /// What decided.
    #[pyo3(get)]
    because: &'static str,
    /// The preference that decided, if one did.
    #[pyo3(get)]
    record: Option<Py<PyDict>>,
    document: String,
}

impl Consent {
    pub(crate) fn new(py: Python<'_>, consent: &wayfare::Consent<'_>) -> Outcome<Self> {
        Ok(Self {
            channel: consent.channel.to_owned(),
            purpose: consent.purpose.to_owned(),
            topic: owned(consent.topic),
            allowed: consent.allowed,
            because: consent.because.as_str(),
            record: consent.record.as_ref().map(|record| preference(py, record)).transpose()?,
            document: document(consent)?,
        })
    }
}

/// A preference as `Profile.prefer` takes it.
fn preference(py: Python<'_>, record: &wayfare::PreferenceRecord<'_>) -> PyResult<Py<PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("at", At(record.at))?;
    dict.set_item("choice", record.choice.as_str())?;
    let texts = [
        ("id", record.id),
        ("channel", record.channel),
        ("topic", record.topic),
        ("purpose", record.purpose),
        ("source", record.source),
        ("evidence", record.evidence),
    ];
    texts.into_iter().try_for_each(|(name, text)| dict.set_item(name, text))?;
    dict.set_item("expires", record.expires.map(At))?;
    Ok(dict.unbind())
}

#[pymethods]
impl Consent {
    /// All of it as a JSON document: `channel, purpose, topic, allowed, because, record`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| loads(py, &self.document))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.document == other.get().document)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.document.as_str().into_pyobject(py)?.hash()
    }

    fn __repr__(&self) -> String {
        let Self { channel, purpose, topic, allowed, because, .. } = self;
        let (topic, allowed) =
            (topic.as_ref().map_or("None".to_owned(), |topic| format!("{topic:?}")), if *allowed { "True" } else { "False" });
        format!("Consent(channel={channel:?}, purpose={purpose:?}, topic={topic}, allowed={allowed}, because={because:?})")
    }
}
