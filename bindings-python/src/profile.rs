//! `wayfare.Profile`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};
use wayfare::{Instant, Observed, Preference};

use crate::convert::{At, Fields, Handed, Reduced, answered, borrowed, instant, record_instant};
use crate::decision::{Consent, Decision};
use crate::error::{Outcome, argument, guarded};
use crate::journey::Journey;
use crate::view::{NextChange, Transition, View};

/// One customer's folded records. A view shares it; it is copied only when a record comes while a view is still held.
#[pyclass(module = "wayfare")]
pub(crate) struct Profile {
    journey: Py<Journey>,
    inner: Arc<wayfare::Profile>,
}

impl Profile {
    pub(crate) fn new(journey: Py<Journey>, inner: wayfare::Profile) -> Self {
        Self { journey, inner: Arc::new(inner) }
    }

    fn take(&mut self, preference: &Preference<'_>) -> Outcome<bool> {
        Ok(Arc::make_mut(&mut self.inner).prefer(preference)? == Observed::Folded)
    }

    /// Takes a preference of the kind that a helper stands for.
    fn said(
        &mut self,
        say: fn(Instant) -> Preference<'static>,
        at: &Bound<'_, PyAny>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<bool> {
        guarded(|| {
            let fields = Fields::of_preference(None, fields)?;
            self.take(&fields.added(say(record_instant("at", at)?))?)
        })
    }

    fn decision(&self, py: Python<'_>, settled: wayfare::Settled) -> Decision {
        Decision::new(self.journey.clone_ref(py), self.inner.clone(), settled)
    }
}

#[pymethods]
impl Profile {
    /// A profile from what `to_bytes` gave.
    #[staticmethod]
    fn from_bytes(journey: &Bound<'_, Journey>, data: PyBackedBytes) -> PyResult<Self> {
        guarded(|| Ok(Self::new(journey.clone().unbind(), wayfare::Profile::from_bytes(&journey.get().inner, &data)?)))
    }

    /// Folds a touchpoint, given as a mapping, as keywords, or both: `at`, `kind`, and what else is known of it.
    #[pyo3(signature = (touchpoint = None, /, **fields))]
    fn observe(&mut self, touchpoint: Option<&Bound<'_, PyAny>>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
        guarded(|| {
            let fields = Fields::read(touchpoint, fields)?;
            let touchpoint = fields.touchpoint()?;
            Ok(Arc::make_mut(&mut self.inner).observe(&touchpoint)? == Observed::Folded)
        })
    }

    /// Folds a change of attributes, given as a mapping, as keywords, or both. Without `at` it always held.
    #[pyo3(signature = (attributes = None, /, *, at = None, id = None, **named))]
    fn set(
        &mut self,
        attributes: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
        id: Option<&str>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<bool> {
        guarded(|| {
            let fields = Fields::read(attributes, named)?;
            let change = fields.change(at, id)?;
            Ok(Arc::make_mut(&mut self.inner).set(&change)? == Observed::Folded)
        })
    }

    /// Takes in a preference, the customer's word, given as a mapping, as keywords, or both: `at`, `choice`, and what else is known of it.
    #[pyo3(signature = (preference = None, /, **fields))]
    fn prefer(&mut self, preference: Option<&Bound<'_, PyAny>>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
        guarded(|| {
            let fields = Fields::of_preference(preference, fields)?;
            self.take(&fields.preference()?)
        })
    }

    /// Takes in a no to everything.
    fn unsubscribe_all(&mut self, at: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.said(Preference::unsubscribe_all, at, None)
    }

    /// Takes in a no to a channel: what one click on "unsubscribe" says.
    fn unsubscribe(&mut self, channel: &str, at: &Bound<'_, PyAny>) -> PyResult<bool> {
        guarded(|| self.take(&Preference::unsubscribe(channel, record_instant("at", at)?)))
    }

    /// Takes in the first half of a double opt-in: it counts once it is confirmed.
    #[pyo3(signature = (at, **fields))]
    fn request(&mut self, at: &Bound<'_, PyAny>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
        self.said(Preference::request, at, fields)
    }

    /// Takes in the second half of a double opt-in.
    #[pyo3(signature = (at, **fields))]
    fn confirm(&mut self, at: &Bound<'_, PyAny>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
        self.said(Preference::confirm, at, fields)
    }

    /// Takes in an objection, a complaint, a spam report.
    #[pyo3(signature = (at, **fields))]
    fn object(&mut self, at: &Bound<'_, PyAny>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
        self.said(Preference::object, at, fields)
    }

    /// Takes in a Global Privacy Control signal: a no to each purpose that the journey says it is about.
    fn global_privacy_control(&mut self, at: &Bound<'_, PyAny>) -> PyResult<()> {
        guarded(|| Ok(Arc::make_mut(&mut self.inner).global_privacy_control(record_instant("at", at)?)?))
    }

    /// Takes in the answer to an ask: an attribute, or the preferences that the chosen answer expresses.
    fn answer(&mut self, ask: &str, answer: Bound<'_, PyAny>, at: &Bound<'_, PyAny>) -> PyResult<bool> {
        guarded(|| {
            let answer = answered(answer)?;
            let value = borrowed("answer", &answer)?;
            Ok(Arc::make_mut(&mut self.inner).answer(ask, value, record_instant("at", at)?)? == Observed::Folded)
        })
    }

    /// For every channel and purpose, whether there may be contact at an instant, and which record says so.
    fn consents(&self, at: &Bound<'_, PyAny>) -> PyResult<Vec<Consent>> {
        guarded(|| self.inner.consents(instant(at)?).iter().map(|consent| Consent::new(at.py(), consent)).collect())
    }

    /// The consents as a picture that stands alone.
    fn consents_svg(&self, at: &Bound<'_, PyAny>) -> PyResult<String> {
        guarded(|| Ok(self.inner.consents_svg(instant(at)?)))
    }

    /// The one relevant thing to say now, or nothing; with `top` the first few that may go together.
    #[pyo3(signature = (now, inputs = None, context = None, top = None))]
    fn decide<'py>(
        &self,
        now: &Bound<'py, PyAny>,
        inputs: Option<&Bound<'py, PyAny>>,
        context: Option<&Bound<'py, PyAny>>,
        top: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let (py, now) = (now.py(), instant(now)?);
            let handed = Handed::read(inputs, context)?;
            let Some(top) = top else {
                let settled = self.inner.decide(now, &handed.inputs()?)?.settle();
                return Ok(Bound::new(py, self.decision(py, settled))?.into_any());
            };
            let most = top.extract().map_err(|_| argument("`top` is not a whole number from 0 on", None))?;
            let decisions =
                self.inner.decide_top(now, &handed.inputs()?, most)?.into_iter().map(|decision| self.decision(py, decision.settle()));
            Ok(decisions.collect::<Vec<_>>().into_pyobject(py)?)
        })
    }

    /// Takes in another profile's records: it becomes the profile of the records of both.
    fn merge(&mut self, other: &Bound<'_, Self>) -> PyResult<()> {
        guarded(|| {
            // Of itself it holds everything already.
            let other = other.try_borrow().map_err(PyErr::from)?.inner.clone();
            Ok(Arc::make_mut(&mut self.inner).merge(&other)?)
        })
    }

    /// What is true at an instant.
    fn view(&self, now: &Bound<'_, PyAny>) -> PyResult<View> {
        guarded(|| View::new(self.journey.clone_ref(now.py()), self.inner.clone(), instant(now)?))
    }

    /// The first move that will happen after `now` if no further record comes.
    fn next_change(&self, now: &Bound<'_, PyAny>) -> PyResult<Option<NextChange>> {
        guarded(|| Ok(self.inner.next_change(instant(now)?)?.map(NextChange::from)))
    }

    /// The moves up to an instant, in order, each with its cause and the values that decided.
    fn history(&self, now: &Bound<'_, PyAny>) -> PyResult<Vec<Transition>> {
        guarded(|| {
            let history = self.inner.history(instant(now)?)?;
            history.transitions().map(|moved| Transition::new(now.py(), &moved)).collect()
        })
    }

    /// The profile as bytes, to keep it. The same records always give the same bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| Ok(PyBytes::new(py, &self.inner.to_bytes())))
    }

    /// The customer's id.
    #[getter]
    fn customer(&self) -> &str {
        self.inner.customer()
    }

    /// The journey that it is folded with.
    #[getter]
    fn journey(&self, py: Python<'_>) -> Py<Journey> {
        self.journey.clone_ref(py)
    }

    /// The instant of the newest record.
    #[getter]
    fn newest(&self) -> Option<At> {
        self.inner.newest().map(At)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        guarded(|| match other.cast::<Self>() {
            Ok(other) => Ok(self.inner == other.try_borrow().map_err(PyErr::from)?.inner),
            Err(_) => Ok(false),
        })
    }

    /// No customer data.
    fn __repr__(&self) -> String {
        format!("<wayfare.Profile of journey {:?}>", self.inner.journey().name())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, (Py<Journey>, Bound<'py, PyBytes>)>> {
        let (profile, py) = (slf.borrow(), slf.py());
        Ok((slf.get_type().getattr("from_bytes")?, (profile.journey.clone_ref(py), profile.to_bytes(py)?)))
    }
}
