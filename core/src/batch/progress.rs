//! Progress as tables, and what is asked of it as documents: what the bindings hand over, with the defaults of every choice.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::output::{ResultColumn, ResultTable, Texts};
use crate::diagnostic::suggest;
use crate::error::{Error, ErrorKind, Result};
use crate::insight::paths::Paths;
use crate::insight::progress::{
    ASSOCIATION, Assessment, HighValuePoint, PointsOptions, ProgressModel, ProgressOptions, ProgressReport, Recalibration, Score, Touch,
    Touchpoint,
};
use crate::time::Instant;

/// What a conversion is called where touchpoints have their words.
const CONVERSION: &str = "conversion";

/// [`ProgressOptions`] as a document; what is not there is at its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProgressRequest {
    /// Within which time a conversion counts: `30d`.
    pub horizon: Option<String>,
    /// What touchpoints are told apart by.
    pub by: Option<String>,
    /// The dimension that says at which stage the customer stood.
    pub stage: Option<String>,
    /// What a conversion is worth.
    pub value: Option<f64>,
    /// How many of the last touchpoints tell where a customer stands.
    pub memory: Option<usize>,
    /// Which customers the model is fitted to, calibrated on and tested on.
    pub seed: Option<u64>,
    /// Steps that the horizon is cut into.
    pub steps: Option<usize>,
}

impl ProgressRequest {
    /// The options that it stands for.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the horizon is no duration.
    pub fn options(&self) -> Result<ProgressOptions> {
        let default = ProgressOptions::default();
        Ok(ProgressOptions {
            horizon: self.horizon.as_deref().map_or(Ok(default.horizon), str::parse)?,
            by: self.by.clone().unwrap_or(default.by),
            stage: self.stage.clone(),
            value: self.value,
            memory: self.memory.unwrap_or(default.memory),
            seed: self.seed.unwrap_or(default.seed),
            steps: self.steps.unwrap_or(default.steps),
        })
    }
}

/// [`PointsOptions`] as a document; what is not there is at its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PointsRequest {
    /// How often customers are drawn again.
    pub draws: Option<usize>,
    /// The level of the intervals.
    pub level: Option<f64>,
}

impl PointsRequest {
    /// The options that it stands for.
    #[must_use]
    pub fn options(&self) -> PointsOptions {
        let default = PointsOptions::default();
        PointsOptions { draws: self.draws.unwrap_or(default.draws), level: self.level.unwrap_or(default.level) }
    }
}

/// One customer whose progress is asked for, as a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreRequest {
    /// Touchpoints in order: `at`, the word under the name that the model is by, the stage under its name, and `conversion: true` where it is one.
    pub history: Vec<Map<String, Json>>,
    /// The instant asked about.
    pub now: Instant,
    /// Later instants, until which nothing happens.
    #[serde(default)]
    pub later: Vec<Instant>,
}

impl ScoreRequest {
    /// What the model says of the customer.
    ///
    /// # Errors
    /// As [`ProgressModel::score`], and [`ErrorKind::InvalidArgument`] for a touchpoint that has something else.
    pub fn score(&self, model: &ProgressModel) -> Result<Score> {
        let history: Vec<Touch<'_>> =
            self.history.iter().enumerate().map(|(number, touch)| read(model, number, touch)).collect::<Result<_>>()?;
        model.score(&history, self.now, &self.later)
    }
}

fn read<'a>(model: &ProgressModel, number: usize, given: &'a Map<String, Json>) -> Result<Touch<'a>> {
    let options = model.options();
    let known: Vec<&str> = ["at", CONVERSION, &options.by].into_iter().chain(options.stage.as_deref()).collect();
    let wrong = |what: String| Error::new(ErrorKind::InvalidArgument, format!("touchpoint {number} of the history {what}"));
    if let Some(other) = given.keys().find(|name| !known.contains(&name.as_str())) {
        let help = suggest(other, known.iter().copied(), "it has");
        return Err(wrong(format!("has `{other}`, which the model does not know")).with_help_if(help));
    }
    let text = |name: &str| match given.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(wrong(format!("has a `{name}` that is not text"))),
    };
    let at = text("at")?.ok_or_else(|| wrong("has no `at`".to_owned()))?;
    let conversion = match given.get(CONVERSION) {
        None | Some(Json::Null) => false,
        Some(Json::Bool(conversion)) => *conversion,
        Some(_) => return Err(wrong(format!("has a `{CONVERSION}` that is not true or false"))),
    };
    let stage = options.stage.as_deref().map_or(Ok(None), text)?;
    Ok(Touch { at: at.parse()?, word: text(&options.by)?, stage, conversion })
}

/// All that a model says of itself, as a document.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ProgressFacts<'m> {
    /// Within which time a conversion counts.
    pub horizon: String,
    /// What touchpoints are told apart by.
    pub by: &'m str,
    /// The dimension of stages.
    pub stage: Option<&'m str>,
    /// How many of the last touchpoints tell where a customer stands.
    pub memory: usize,
    /// Steps that the horizon is cut into.
    pub steps: usize,
    /// Which customers are in which part.
    pub seed: u64,
    /// What a conversion is worth.
    pub value: f64,
    /// The words that touchpoints are told apart by.
    pub words: &'m [Option<String>],
    /// The stages.
    pub stages: &'m [Option<String>],
    /// What became of the customers and touchpoints.
    pub report: &'m ProgressReport,
    /// What probabilities were put right by.
    pub recalibration: &'m Recalibration,
    /// How well they tell what happens, just after touchpoints.
    pub calibration: &'m Assessment,
    /// And at instants between.
    pub calibration_between: &'m Assessment,
    /// What a change in probability is not.
    pub association: &'static str,
}

impl<'m> ProgressFacts<'m> {
    /// Of a model.
    #[must_use]
    pub fn of(model: &'m ProgressModel) -> Self {
        let options = model.options();
        Self {
            horizon: options.horizon.to_string(),
            by: &options.by,
            stage: options.stage.as_deref(),
            memory: options.memory,
            steps: options.steps,
            seed: options.seed,
            value: model.value(),
            words: model.words(),
            stages: model.stages(),
            report: model.report(),
            recalibration: model.recalibration(),
            calibration: model.calibration(),
            calibration_between: model.calibration_between(),
            association: ASSOCIATION,
        }
    }
}

/// A row a touchpoint that is no conversion: `customer`, `at`, its word under the name of what the model is by, the stage under its name, `part` (what the
/// model did with the customer: `fit`, `calibrate`, `test`), and the probability of a conversion within the horizon just `before` and just `after` it, and
/// the `change`. Before a customer's first touchpoint nothing is known.
///
/// # Errors
/// As [`ProgressModel::at_touchpoints`].
pub fn touchpoint_progress(model: &ProgressModel, paths: &Paths) -> Result<ResultTable> {
    let found = model.at_touchpoints(paths)?;
    let options = model.options();
    let mut table = Columns::default();
    table.add("customer", paths.customers.column(found.customer.iter().copied()));
    table.add("at", ResultColumn::Instants(found.at.iter().map(|at| Instant::from_micros(*at).ok()).collect()));
    for name in [Some(options.by.as_str()), options.stage.as_deref()].into_iter().flatten() {
        let dimension = paths.dimension(name)?;
        let words = dimension.words().iter().map(|word| word.clone().unwrap_or_default()).collect();
        let code = |event: &usize| dimension.codes().get(*event).copied().filter(|_| dimension.word(*event).is_some());
        table.add(name, ResultColumn::Text { words, codes: found.event.iter().map(code).collect() });
    }
    let parts = ["fit", "calibrate", "test"];
    let part = |part: &&str| parts.iter().position(|known| known == part).map(|at| at as u32);
    table.add("part", ResultColumn::Text { words: parts.map(str::to_owned).into(), codes: found.part.iter().map(part).collect() });
    let change = found.before.iter().zip(&found.after).map(|(before, after)| after - before).collect();
    table.add("before", ResultColumn::Numbers(found.before));
    table.add("after", ResultColumn::Numbers(found.after));
    table.add("change", ResultColumn::Numbers(change));
    Ok(table.done())
}

/// A row a touchpoint or transition, the greatest change first: `point` (`touchpoint`, `transition`), `from` (of a transition; `conversion` after one), `to`,
/// where the model knows stages `from_stage` and `to_stage`, `count`, `customers`, `mean_change`, `mean_value`, `change_x_value`, and the ends of its
/// interval, `lower` and `upper`. It is association, not lift: see [`ASSOCIATION`].
///
/// # Errors
/// As [`ProgressModel::high_value_points`].
pub fn high_value_points(model: &ProgressModel, paths: &Paths, options: &PointsOptions) -> Result<ResultTable> {
    let points = model.high_value_points(paths, options)?;
    let texts = |of: &dyn Fn(&HighValuePoint) -> Option<&str>| ResultColumn::Texts(points.iter().map(of).collect::<Texts>());
    let numbers = |of: fn(&HighValuePoint) -> f64| ResultColumn::Numbers(points.iter().map(of).collect());
    let mut table = Columns::default();
    table.add("point", texts(&|point| Some(if point.transition { "transition" } else { "touchpoint" })));
    table.add("from", texts(&|point| point.from.as_ref().and_then(word)));
    table.add("to", texts(&|point| word(&point.to)));
    if model.options().stage.is_some() {
        table.add("from_stage", texts(&|point| point.from.as_ref().and_then(|from| from.stage.as_deref())));
        table.add("to_stage", texts(&|point| point.to.stage.as_deref()));
    }
    table.add("count", ResultColumn::Integers(points.iter().map(|point| point.count as i64).collect()));
    table.add("customers", ResultColumn::Integers(points.iter().map(|point| point.customers as i64).collect()));
    table.add("mean_change", numbers(|point| point.mean_change));
    table.add("mean_value", numbers(|point| point.mean_value));
    table.add("change_x_value", numbers(|point| point.change_x_value));
    table.add("lower", numbers(|point| point.lower));
    table.add("upper", numbers(|point| point.upper));
    Ok(table.done())
}

fn word(touchpoint: &Touchpoint) -> Option<&str> {
    if touchpoint.conversion { Some(CONVERSION) } else { touchpoint.word.as_deref() }
}

/// A row a tenth of the windows, from the least probability to the greatest: `windows`, `conversions`, `mean_predicted`, `observed`, and the ends of its
/// interval of 95 %, `lower` and `upper`.
#[must_use]
pub fn calibration_table(assessment: &Assessment) -> ResultTable {
    let bins = &assessment.bins;
    let mut table = Columns::default();
    table.add("windows", ResultColumn::Integers(bins.iter().map(|bin| bin.windows as i64).collect()));
    table.add("conversions", ResultColumn::Integers(bins.iter().map(|bin| bin.conversions as i64).collect()));
    table.add("mean_predicted", ResultColumn::Numbers(bins.iter().map(|bin| bin.mean_predicted).collect()));
    table.add("observed", ResultColumn::Numbers(bins.iter().map(|bin| bin.observed).collect()));
    table.add("lower", ResultColumn::Numbers(bins.iter().map(|bin| bin.lower).collect()));
    table.add("upper", ResultColumn::Numbers(bins.iter().map(|bin| bin.upper).collect()));
    table.done()
}

#[derive(Default)]
struct Columns(Vec<(String, ResultColumn)>);

impl Columns {
    fn add(&mut self, name: &str, column: ResultColumn) {
        self.0.push((name.to_owned(), column));
    }

    fn done(self) -> ResultTable {
        ResultTable { columns: self.0, rejected: Vec::new() }
    }
}
