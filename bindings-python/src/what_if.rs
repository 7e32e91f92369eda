//! `wayfare.Reach` and `wayfare.Comparison`: what decisions come to.

use pyo3::prelude::*;

use crate::convert::document_of;
use crate::error::{Outcome, argument, guarded};
use crate::table::{Asked, like};

/// Whom the actions of a journey reach, and which gate stops the others.
#[pyclass(frozen, eq, module = "wayfare")]
#[derive(PartialEq)]
pub(crate) struct Reach(wayfare::Reach);

/// `Journey.reach`.
pub(crate) fn reach<'py>(journey: &wayfare::Journey, asked: Asked<'_, 'py>) -> Outcome<Bound<'py, PyAny>> {
    let py = asked.py();
    let ask = |journey: &wayfare::Journey, request: &wayfare::arrow::Request<'_>| {
        let reach = wayfare::arrow::reach(journey, request)?;
        let rejected = wayfare::arrow::rejected(&reach.rejected)?;
        Ok((reach, rejected))
    };
    asked.answer(journey, ask, |reach| Ok(Bound::new(py, Reach(reach))?.into_any()))
}

#[pymethods]
impl Reach {
    /// Customers, or customers and instants if several were asked about.
    #[getter]
    fn customers(&self) -> u64 {
        self.0.customers
    }

    /// For whom something may be sent.
    #[getter]
    fn addressed(&self) -> u64 {
        self.0.addressed
    }

    /// Who would be addressed, were they not held out.
    #[getter]
    fn held_out(&self) -> u64 {
        self.0.held_out
    }

    /// For whom something may be sent later, if nothing changes.
    #[getter]
    fn waiting(&self) -> u64 {
        self.0.waiting
    }

    /// For whom there is nothing to say.
    #[getter]
    fn unaddressed(&self) -> u64 {
        self.0.unaddressed
    }

    /// A dict an action, in file order: `action`, how many customers each gate stopped (`eligibility`, `preference`, `policy`, `holdout`,
    /// `arbitration`), `chosen`, and the same by reason in `reasons`.
    #[getter]
    fn actions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.0.actions))
    }

    /// A dict a channel, in file order: `channel`, and `may_use`, the customers who allow contact on it for some purpose that is not required.
    #[getter]
    fn channels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.0.channels))
    }

    /// A plain table: a line an action, a column a gate.
    fn to_text(&self) -> PyResult<String> {
        guarded(|| Ok(self.0.to_text()))
    }

    /// The decision funnel as a picture that stands alone.
    fn to_svg(&self) -> PyResult<String> {
        guarded(|| Ok(self.0.to_svg()))
    }

    /// The picture, for notebooks.
    fn _repr_svg_(&self) -> PyResult<String> {
        self.to_svg()
    }

    /// All of it as a JSON document: the properties above.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.0))
    }

    /// No customer data.
    fn __repr__(&self) -> String {
        format!("<wayfare.Reach of {}>", self.0.to_text().lines().next().unwrap_or_default())
    }
}

/// The same past under two journey files.
#[pyclass(frozen, module = "wayfare")]
pub(crate) struct Comparison {
    inner: wayfare::Comparison,
    differences: Py<PyAny>,
}

/// `Journey.compare`.
pub(crate) fn compare<'py>(journey: &wayfare::Journey, other: &wayfare::Journey, asked: Asked<'_, 'py>) -> Outcome<Bound<'py, PyAny>> {
    let (py, frame, other) = (asked.py(), asked.main(), other.clone());
    let ask = move |journey: &wayfare::Journey, request: &wayfare::arrow::Request<'_>| {
        let comparison = wayfare::arrow::compare(journey, &other, request)?;
        let differences = wayfare::arrow::differences(&comparison)?;
        let rejected = wayfare::arrow::rejected(&comparison.rejected)?;
        Ok(((comparison, differences), rejected))
    };
    asked.answer(journey, ask, |(inner, differences)| {
        let differences = like(frame, differences)?.unbind();
        Ok(Bound::new(py, Comparison { inner, differences })?.into_any())
    })
}

/// `as_of`, or `over`: one of the two names for the instants asked about.
pub(crate) fn instants<'a, 'py>(
    as_of: Option<&'a Bound<'py, PyAny>>,
    over: Option<&'a Bound<'py, PyAny>>,
) -> Outcome<&'a Bound<'py, PyAny>> {
    match (as_of, over) {
        (Some(instants), None) | (None, Some(instants)) => Ok(instants),
        (Some(_), Some(_)) => {
            Err(argument("`as_of` and `over` are both given", Some("`over` is a list of instants, `as_of` one; give one of them")))
        }
        (None, None) => {
            Err(argument("neither `as_of` nor `over` is given", Some("pass an instant as `as_of`, or a list of them as `over`")))
        }
    }
}

#[pymethods]
impl Comparison {
    /// Customers, or customers and instants if several were asked about.
    #[getter]
    fn customers(&self) -> u64 {
        self.inner.customers
    }

    /// A dict a stage of the tracks that both files have: `track`, `stage`, and the customers in it `before` and `after`.
    #[getter]
    fn stages<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.inner.stages))
    }

    /// A dict for those who stand elsewhere: `track`, `from` which stage of the one file, `to` which of the other, how many `customers`.
    #[getter]
    fn moves<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.inner.moves))
    }

    /// A dict for decisions that differ in the same way, the commonest first: `action_before`, `channel_before`, `because_before`, the same with `after`, and
    /// how many `customers`.
    #[getter]
    fn changes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.inner.changes))
    }

    /// What the one file's decisions come to: `sent`, `capped`, `vetoed`, `held_out`, and the `value` of what may be sent.
    #[getter]
    fn before<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.inner.before))
    }

    /// What the other's come to.
    #[getter]
    fn after<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.inner.after))
    }

    /// A row a customer, or a customer and instant, whose decision differs, in the kind of frame that `touchpoints` is.
    #[getter]
    fn differences(&self, py: Python<'_>) -> Py<PyAny> {
        self.differences.clone_ref(py)
    }

    /// Whether the two files say the same of everybody.
    #[getter]
    fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// The comparison in a few lines.
    fn to_text(&self) -> PyResult<String> {
        guarded(|| Ok(self.inner.to_text()))
    }

    /// Stages and contacts before and after as a picture that stands alone.
    fn to_svg(&self) -> PyResult<String> {
        guarded(|| Ok(self.inner.to_svg()))
    }

    /// The picture, for notebooks.
    fn _repr_svg_(&self) -> PyResult<String> {
        self.to_svg()
    }

    /// All of it but `differences` as a JSON document.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.inner))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.inner == other.get().inner)
    }

    /// No customer data.
    fn __repr__(&self) -> String {
        format!("<wayfare.Comparison of {}>", self.inner.to_text().lines().next().unwrap_or_default())
    }
}
