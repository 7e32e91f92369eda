//! Every model beside the others.

use super::model::{Game, Model, attribute};
use super::result::Label;
use crate::error::Result;
use crate::paths::Paths;
use crate::time::Duration;

/// The credits of every model.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SideBySide {
    /// Who each row is of.
    pub labels: Vec<Label>,
    /// The conversions by each model: its name and a column.
    pub conversions: Vec<(&'static str, Vec<f64>)>,
    /// The value by each model.
    pub value: Vec<(&'static str, Vec<f64>)>,
}

/// All models with their usual choices: 40 % for the first and the last touchpoint, a half-life of 7 days, a chain of order 1, both games of Shapley. Time decay is
/// left out where touchpoints have no times. Every column sums to the conversions, or to their value, exactly.
///
/// ```
/// use wayfare::{attribution::all_models, paths::Paths};
///
/// let paths = Paths::from_strings(&["A", "A > B"], &[10, 9], &[100.0, 120.0], &[90, 41], " > ")?;
/// for (_, column) in all_models(&paths, "channel")?.conversions {
///     assert_eq!(column.iter().sum::<f64>(), 19.0);
/// }
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// # Errors
/// As [`attribute`].
pub fn all_models(paths: &Paths, by: &str) -> Result<SideBySide> {
    let half_life: Duration = "7d".parse()?;
    let models = [
        ("first_touch", Model::FirstTouch),
        ("last_touch", Model::LastTouch),
        ("linear", Model::Linear),
        ("position_based", Model::position_based()),
        ("time_decay", Model::TimeDecay { half_life }),
        ("markov", Model::markov(1)),
        ("shapley_coverage", Model::shapley(Game::Coverage)),
        ("shapley_rate", Model::shapley(Game::Rate)),
    ];
    let mut made = SideBySide { labels: Vec::new(), conversions: Vec::new(), value: Vec::new() };
    for (name, model) in models.into_iter().filter(|(_, model)| paths.has_times() || !model.needs_times()) {
        let found = attribute(paths, by, &model)?;
        made.labels = found.labels;
        made.conversions.push((name, found.conversions));
        made.value.push((name, found.value));
    }
    Ok(made)
}
