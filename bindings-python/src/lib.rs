//! The native half of the Python package `wayfare`: converts, calls the core, maps errors.

mod attribution;
mod convert;
mod decision;
mod error;
mod grid;
mod identity;
mod journey;
mod lifetime;
mod path_analyses;
mod paths;
mod profile;
mod progress;
mod table;
mod view;
mod what_if;
mod work;

use pyo3::prelude::*;

#[pymodule]
mod _wayfare {
    use pyo3::prelude::*;

    use crate::convert;
    use crate::error::{Outcome, guarded};

    #[pymodule_export]
    use crate::attribution::{MarkovCounts, attribution_credits, attribution_of, attribution_orders, attribution_side_by_side};
    #[pymodule_export]
    use crate::decision::{Candidate, Consent, Decision, Factors, RunnerUp};
    #[pymodule_export]
    use crate::error::{BadRow, Diagnostic, Span};
    #[pymodule_export]
    use crate::grid::{Diagram, Grid};
    #[pymodule_export]
    use crate::identity::IdentityGraph;
    #[pymodule_export]
    use crate::journey::Journey;
    #[pymodule_export]
    use crate::lifetime::{LifetimeModel, lifetime_summary};
    #[pymodule_export]
    use crate::path_analyses::{PathsAnswer, ask_paths, funnel_of_rows, time_in_stage_of_transitions};
    #[pymodule_export]
    use crate::paths::{Paths, cut_paths};
    #[pymodule_export]
    use crate::profile::Profile;
    #[pymodule_export]
    use crate::progress::ProgressModel;
    #[pymodule_export]
    use crate::view::{Contribution, NextChange, Stage, Transition, View};
    #[pymodule_export]
    use crate::what_if::{Comparison, Reach};

    /// The names of the journeys that come with wayfare.
    #[pyfunction]
    fn template_names() -> PyResult<Vec<&'static str>> {
        guarded(|| Ok(wayfare::template_names().to_vec()))
    }

    /// The text of a journey that comes with wayfare, to start a file from.
    #[pyfunction]
    fn template_text(name: &str) -> PyResult<&'static str> {
        guarded(|| Ok(wayfare::template_text(name)?))
    }

    /// The JSON Schema of the journey file, for editors.
    #[pyfunction]
    fn journey_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        guarded(|| convert::loads(py, &wayfare::journey_schema().to_string()))
    }

    /// Cut points that put a population into equal bands, to write into an `rfm` score.
    #[pyfunction]
    #[pyo3(signature = (values, bands = 5))]
    fn rfm_cuts(values: &Bound<'_, PyAny>, bands: usize) -> PyResult<Vec<f64>> {
        guarded(|| {
            let values: Outcome<Vec<f64>> = values.try_iter()?.map(|value| convert::number(&value?)).collect();
            Ok(wayfare::rfm_cuts(&values?, bands)?)
        })
    }

    /// Whether a customer is held out: whether their bucket, a published hash of `salt` and id, is less than `share`.
    #[pyfunction]
    #[pyo3(signature = (customer, salt, share, algorithm = "sha256"))]
    fn holdout(customer: &str, salt: &str, share: f64, algorithm: &str) -> PyResult<bool> {
        guarded(|| Ok(wayfare::holdout(customer, salt, share, algorithm.parse()?)?))
    }

    /// Reads what `Profile.observe` or `Profile.view` reads and does nothing with it: what the boundary costs.
    #[pyfunction]
    #[pyo3(signature = (touchpoint = None, now = None))]
    fn _convert(touchpoint: Option<&Bound<'_, PyAny>>, now: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
        guarded(|| {
            if let Some(touchpoint) = touchpoint {
                let fields = convert::Fields::read(Some(touchpoint), None)?;
                std::hint::black_box(fields.touchpoint()?);
            }
            if let Some(now) = now {
                std::hint::black_box(convert::instant(now)?);
            }
            Ok(true)
        })
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
