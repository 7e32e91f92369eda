//! What is asked of attribution as documents: what the bindings hand over, with the defaults of every choice.

use serde::{Deserialize, Serialize};

use super::super::output::ResultTable;
use super::tables::order_table;
use crate::attribution::{
    Attribution, Game, MarkovCounts, Model, PathCredits, Resampling, Sampling, attribute, attribute_with_intervals, credits, select_order,
};
use crate::diagnostic::suggest;
use crate::error::{Error, ErrorKind, Result};
use crate::paths::Paths;

/// The dimension, unless another is given.
const BY: &str = "channel";
const MODELS: [&str; 7] = ["first_touch", "last_touch", "linear", "position_based", "time_decay", "markov", "shapley"];

/// A model and its choices as a document; what is not there is at its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttributionRequest {
    /// Its name: `first_touch`, `last_touch`, `linear`, `position_based`, `time_decay`, `markov` or `shapley`.
    pub model: String,
    /// The dimension; `channel` when absent.
    pub by: Option<String>,
    /// Of `position_based`: the fraction of the first touchpoint; 0.4 when absent.
    pub first: Option<f64>,
    /// Of `position_based`: the fraction of the last touchpoint; 0.4 when absent.
    pub last: Option<f64>,
    /// Of `time_decay`: a duration like `7d`, which it wants.
    pub half_life: Option<String>,
    /// Of `markov`: the order; 1 when absent.
    pub order: Option<usize>,
    /// Of `markov`: whether paths that did not convert count; they do when absent.
    pub nulls: Option<bool>,
    /// Of `shapley`: `coverage` or `rate`; `coverage` when absent.
    pub game: Option<String>,
    /// Of `shapley`: whether by place on the path.
    pub ordered: Option<bool>,
    /// Of `shapley`, where it is sampled: the standard error to stop at, as a part of the game's value.
    pub standard_error: Option<f64>,
    /// Of `shapley`, where it is sampled: the permutations to stop at.
    pub permutations: Option<usize>,
    /// With intervals of this level.
    pub interval: Option<f64>,
    /// From so many samples of customers; 200 when absent.
    pub replicates: Option<usize>,
    /// Where draws begin, of samples of customers and of permutations; 0 when absent.
    pub seed: Option<u64>,
}

impl AttributionRequest {
    /// The dimension.
    #[must_use]
    pub fn by(&self) -> &str {
        self.by.as_deref().unwrap_or(BY)
    }

    /// The model with its choices.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a model that there is not, and choices that it does not take.
    pub fn model(&self) -> Result<Model> {
        self.check()?;
        Ok(match self.model.as_str() {
            "first_touch" => Model::FirstTouch,
            "last_touch" => Model::LastTouch,
            "linear" => Model::Linear,
            "position_based" => match Model::position_based() {
                Model::PositionBased { first, last } => {
                    Model::PositionBased { first: self.first.unwrap_or(first), last: self.last.unwrap_or(last) }
                }
                other => other,
            },
            "time_decay" => {
                let half_life = self.half_life.as_deref().ok_or_else(|| {
                    Error::new(ErrorKind::InvalidArgument, "`time_decay` wants a half-life").with_help("write `half_life=\"7d\"`, say")
                })?;
                Model::TimeDecay { half_life: half_life.parse()? }
            }
            "markov" => Model::Markov { order: self.order.unwrap_or(1), nulls: self.nulls.unwrap_or(true) },
            "shapley" => {
                let usual = Sampling::default();
                let sampling = Sampling {
                    standard_error: self.standard_error.unwrap_or(usual.standard_error),
                    permutations: self.permutations.unwrap_or(usual.permutations),
                    seed: self.seed.unwrap_or(usual.seed),
                };
                Model::Shapley {
                    game: self.game.as_deref().map_or(Ok(Game::default()), str::parse)?,
                    ordered: self.ordered.unwrap_or(false),
                    sampling,
                }
            }
            other => {
                let help = suggest(other, MODELS, "there are");
                return Err(Error::new(ErrorKind::InvalidArgument, format!("there is no model `{other}`")).with_help_if(help));
            }
        })
    }

    /// Choices of another model would be left aside without a word.
    fn check(&self) -> Result<()> {
        let taken = [
            ("first", self.first.is_some(), "position_based"),
            ("last", self.last.is_some(), "position_based"),
            ("half_life", self.half_life.is_some(), "time_decay"),
            ("order", self.order.is_some(), "markov"),
            ("nulls", self.nulls.is_some(), "markov"),
            ("game", self.game.is_some(), "shapley"),
            ("ordered", self.ordered.is_some(), "shapley"),
            ("standard_error", self.standard_error.is_some(), "shapley"),
            ("permutations", self.permutations.is_some(), "shapley"),
        ];
        let known = MODELS.contains(&self.model.as_str());
        match taken.into_iter().find(|(_, given, model)| *given && *model != self.model && known) {
            None => Ok(()),
            Some((name, _, model)) => {
                Err(Error::new(ErrorKind::InvalidArgument, format!("`{}` takes no `{name}`; it is a choice of `{model}`", self.model)))
            }
        }
    }

    /// The credits by the words of the dimension.
    ///
    /// ```
    /// use wayfare::attribution::AttributionRequest;
    /// use wayfare::paths::Paths;
    ///
    /// let request: AttributionRequest = serde_json::from_str(r#"{ "model": "markov", "order": 2, "interval": 0.9 }"#)?;
    /// let paths = Paths::from_strings(&["A", "A > B"], &[10, 9], &[100.0, 120.0], &[90, 41], " > ")?;
    /// let found = request.attribute(&paths)?;
    /// assert_eq!(found.conversions.iter().sum::<f64>(), 19.0);
    /// assert!(found.measure("removal_effect_lower").is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`model`](Self::model), [`attribute`] and [`attribute_with_intervals`].
    pub fn attribute(&self, paths: &Paths) -> Result<Attribution> {
        let model = self.model()?;
        let mut usual = Resampling::default();
        match self.interval {
            None if self.replicates.is_some() => {
                Err(Error::new(ErrorKind::InvalidArgument, "`replicates` are of an interval").with_help("give an `interval=0.95`, say"))
            }
            None => attribute(paths, self.by(), &model),
            Some(level) => {
                usual = usual.with_replicates(self.replicates.unwrap_or(usual.replicates)).with_seed(self.seed.unwrap_or(usual.seed));
                attribute_with_intervals(paths, self.by(), &model, &Resampling { level, ..usual })
            }
        }
    }

    /// The credits of every conversion.
    ///
    /// # Errors
    /// As [`model`](Self::model) and [`credits`].
    pub fn credits(&self, paths: &Paths) -> Result<PathCredits> {
        credits(paths, self.by(), &self.model()?)
    }
}

/// Which counts of a chain, as a document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MarkovRequest {
    /// The order; 1 when absent.
    pub order: Option<usize>,
    /// The dimension; `channel` when absent.
    pub by: Option<String>,
    /// Whether paths that did not convert count; they do when absent.
    pub nulls: Option<bool>,
}

impl MarkovRequest {
    /// No counts yet.
    ///
    /// # Errors
    /// As [`MarkovCounts::new`].
    pub fn empty(&self) -> Result<MarkovCounts> {
        MarkovCounts::new(self.order.unwrap_or(1), self.by.as_deref().unwrap_or(BY))
    }

    /// The counts of paths.
    ///
    /// # Errors
    /// As [`MarkovCounts::from_paths`].
    pub fn count(&self, paths: &Paths) -> Result<MarkovCounts> {
        MarkovCounts::from_paths(paths, self.by.as_deref().unwrap_or(BY), self.order.unwrap_or(1), self.nulls.unwrap_or(true))
    }
}

/// Which orders to choose from, as a document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrderRequest {
    /// The orders; 1 to 4 when absent.
    pub orders: Option<Vec<usize>>,
    /// The dimension; `channel` when absent.
    pub by: Option<String>,
    /// The folds that customers are dealt into; 5 when absent.
    pub folds: Option<usize>,
    /// Where draws begin; 0 when absent.
    pub seed: Option<u64>,
}

impl OrderRequest {
    /// A row an order: [`order_table`].
    ///
    /// # Errors
    /// As [`select_order`].
    pub fn select(&self, paths: &Paths) -> Result<ResultTable> {
        let orders = self.orders.clone().unwrap_or_else(|| (1..=4).collect());
        let by = self.by.as_deref().unwrap_or(BY);
        Ok(order_table(&select_order(paths, by, &orders, self.folds.unwrap_or(5), self.seed.unwrap_or(0))?))
    }
}
