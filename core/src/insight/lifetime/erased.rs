//! What a journey and the diagnostics ask of a model, whichever it is.

use super::document::{FittedModel, each};
use super::fitted::{Fitted, Model};
use super::measure::{Measure, Predict};
use super::purchases::Purchases;

impl FittedModel {
    /// Whether it has an answer to a measure at all.
    #[must_use]
    pub fn answers(&self, measure: Measure) -> bool {
        fn answers<M: Model<Params: Predict>>(_: &Fitted<M>, measure: Measure) -> bool {
            M::Params::answers(measure)
        }
        each!(self, fitted => answers(fitted, measure))
    }

    /// The answer for one customer, whose times are in the model's period; NaN for a measure that the model does not have.
    ///
    /// ```
    /// use wayfare::lifetime::{FittedModel, Measure, Period, Purchases};
    /// let params = [("r", 0.243), ("alpha", 4.414), ("a", 0.793), ("b", 2.426)].map(|(name, value)| (name.to_owned(), value));
    /// let model = FittedModel::from_params("bg_nbd", &params, Period::WEEK)?;
    /// let row = Purchases { frequency: 2, recency: 213.0 / 7.0, age: 272.0 / 7.0, monetary_value: 22.35 };
    /// assert!((model.evaluate(Measure::ProbabilityAlive, &row) - 0.726_589_721_835_494_8).abs() < 1e-12);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn evaluate(&self, measure: Measure, row: &Purchases) -> f64 {
        each!(self, fitted => fitted.params().evaluate(measure, row))
    }
}
