//! The fitted model: who is how near to buying.

use super::age;
use super::assess::{Assessment, Said};
use super::chain::Chain;
use super::counts::Counts;
use super::options::{ProgressOptions, ProgressReport};
use super::recalibrate::{Recalibration, put_right};
use super::solve::probabilities;
use super::state::{State, Symbol};
use super::timeline::{Alphabet, Part, Timeline};
use super::windows::{View, Windows};
use crate::error::{Error, ErrorKind, Result};
use crate::time::Instant;

/// What of a model goes into its document; the rest follows from it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) options: ProgressOptions,
    pub(super) alphabet: Alphabet,
    pub(super) counts: Counts,
    pub(super) recalibration: Recalibration,
    pub(super) value: f64,
    pub(super) report: ProgressReport,
    pub(super) at_touchpoints: Assessment,
    pub(super) at_instants: Assessment,
}

/// How near customers are to a conversion: fitted by [`ProgressModel::fit`].
#[derive(Debug, Clone)]
pub struct ProgressModel {
    pub(super) facts: Facts,
    pub(super) chain: Chain,
    /// By row of the chain and node of age, put right.
    pub(super) nodes: Vec<Vec<f64>>,
}

impl PartialEq for ProgressModel {
    fn eq(&self, other: &Self) -> bool {
        self.facts == other.facts
    }
}

/// One touchpoint of a customer who is scored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Touch<'a> {
    /// When it was.
    pub at: Instant,
    /// Its word: its channel, if the model is by channel.
    pub word: Option<&'a str>,
    /// The stage at which the customer stood, if the model knows stages.
    pub stage: Option<&'a str>,
    /// Whether it was a conversion.
    pub conversion: bool,
}

/// How near a customer is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Score {
    /// The probability of a conversion within the horizon.
    pub probability: f64,
    /// The same at later instants, if nothing happens until then.
    pub later: Vec<f64>,
}

impl Facts {
    /// Everything that follows from it.
    pub(super) fn model(self) -> ProgressModel {
        let chain = Chain::new(&self.counts, self.options.memory + 1);
        let nodes = nodes(&chain, &self.options, &self.recalibration.coefficients());
        ProgressModel { facts: self, chain, nodes }
    }
}

/// By row and node, put right.
pub(super) fn nodes(chain: &Chain, options: &ProgressOptions, coefficients: &[f64; 4]) -> Vec<Vec<f64>> {
    let horizon = options.horizon.as_micros();
    probabilities(chain, horizon, options.steps).iter().map(|nodes| put_right(coefficients, nodes, horizon)).collect()
}

impl ProgressModel {
    pub(super) fn of_timeline(timeline: &Timeline, alphabet: Alphabet, value: f64, options: &ProgressOptions) -> Result<Self> {
        let parts = |part: Part| move |key: &u64| Part::of(*key, options.seed) == part;
        let counts = Counts::of(timeline, |customer| Part::of(customer.key, options.seed) == Part::Fit).by_bin();
        let converted: u64 = counts.0.iter().filter(|(key, _)| key.next().is_conversion()).map(|(_, tally)| tally.stays).sum();
        if converted == 0 {
            return Err(Error::too_little_data("progress", "nobody of those whom the model is fitted to converts after a touchpoint"));
        }
        let chain = Chain::new(&counts, options.memory + 1);
        let horizon = options.horizon.as_micros();
        let raw = probabilities(&chain, horizon, options.steps);
        let view = View { timeline, chain: &chain, nodes: &raw, horizon, seed: options.seed };
        let calibrating = view.windows(Part::Calibrate);
        let recalibration = Recalibration::fit(&calibrating.all, horizon).ok_or_else(|| {
            let why = match calibrating.all.iter().any(|window| window.happened) {
                false => "no window of those who calibrate has a conversion",
                true => "every window of those who calibrate has a conversion",
            };
            Error::too_little_data("progress", why)
        })?;
        let nodes: Vec<Vec<f64>> = raw.iter().map(|nodes| put_right(&recalibration.coefficients(), nodes, horizon)).collect();
        let testing = View { nodes: &nodes, ..view }.windows(Part::Test);
        let customers = |part| timeline.keys.iter().filter(|key| parts(part)(key)).count() as u64;
        let conversions = timeline.symbols.iter().filter(|symbol| symbol.is_conversion()).count() as u64;
        let report = ProgressReport {
            fitted_customers: customers(Part::Fit),
            calibrating_customers: customers(Part::Calibrate),
            testing_customers: customers(Part::Test),
            touchpoints: timeline.symbols.len() as u64 - conversions,
            conversions,
            censored_touchpoints: calibrating.censored_touchpoints + testing.censored_touchpoints,
            censored_instants: calibrating.censored_instants + testing.censored_instants,
            states: chain.rows.len() as u64,
        };
        let facts = Facts {
            options: options.clone(),
            alphabet,
            counts,
            recalibration,
            value,
            report,
            at_touchpoints: assessed(&testing, true),
            at_instants: assessed(&testing, false),
        };
        Ok(Self { facts, chain, nodes })
    }

    /// What was asked for.
    #[must_use]
    pub fn options(&self) -> &ProgressOptions {
        &self.facts.options
    }

    /// What became of the customers and touchpoints.
    #[must_use]
    pub fn report(&self) -> &ProgressReport {
        &self.facts.report
    }

    /// How well it tells, just after each touchpoint of the customers it was tested on, whether a conversion comes within the horizon.
    #[must_use]
    pub fn calibration(&self) -> &Assessment {
        &self.facts.at_touchpoints
    }

    /// The same at instants that lie anywhere between touchpoints.
    #[must_use]
    pub fn calibration_between(&self) -> &Assessment {
        &self.facts.at_instants
    }

    /// What the chain's probabilities were put right by.
    #[must_use]
    pub fn recalibration(&self) -> &Recalibration {
        &self.facts.recalibration
    }

    /// What a conversion is worth: as was said, else the mean value of the conversions, else 1 if none has a value.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.facts.value
    }

    /// The words that touchpoints are told apart by.
    #[must_use]
    pub fn words(&self) -> &[Option<String>] {
        &self.facts.alphabet.words
    }

    /// The stages, if they were asked for.
    #[must_use]
    pub fn stages(&self) -> &[Option<String>] {
        &self.facts.alphabet.stages
    }

    /// How near one customer is now, and will be at later instants if nothing happens. Touchpoints are given in order; words and stages that the model does
    /// not know are as any other.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] without a touchpoint, for touchpoints out of order, one after `now`, and a later instant before `now`.
    pub fn score(&self, history: &[Touch<'_>], now: Instant, later: &[Instant]) -> Result<Score> {
        let invalid =
            |message: &str, help: &str| Err(Error::new(ErrorKind::InvalidArgument, message.to_owned()).with_help(help.to_owned()));
        let Some(last) = history.last() else {
            return invalid("the history has no touchpoint", "nothing can be said of a customer before the first one");
        };
        if !history.is_sorted_by_key(|touch| touch.at) {
            return invalid("the touchpoints of the history are not in order", "sort them by `at`");
        }
        if last.at > now {
            return invalid("the history has a touchpoint after `now`", "leave it out, or ask for a later instant");
        }
        if later.iter().any(|later| *later < now) {
            return invalid("a later instant is before `now`", "give instants from `now` on");
        }
        let symbols = history.iter().map(|touch| self.symbol(touch));
        let state =
            symbols.fold(None, |state: Option<State>, symbol| Some(state.map_or_else(|| State::first(symbol), |state| state.then(symbol))));
        let nodes = self.nodes.get(state.map_or(0, |state| self.chain.place(state))).map(Vec::as_slice).unwrap_or_default();
        let at = |instant: &Instant| {
            let (cell, into) = age::cell(instant.as_micros() - last.at.as_micros());
            age::sum(nodes, cell.into(), 1.0, into as f64)
        };
        Ok(Score { probability: at(&now), later: later.iter().map(at).collect() })
    }

    fn symbol(&self, touch: &Touch<'_>) -> Symbol {
        let alphabet = &self.facts.alphabet;
        let stage = if self.facts.options.stage.is_some() { alphabet.stage(touch.stage) } else { 0 };
        let word = if touch.conversion { super::state::CONVERSION } else { alphabet.word(touch.word) };
        Symbol::new(stage, word)
    }
}

fn assessed(windows: &Windows, at_touchpoints: bool) -> Assessment {
    let wanted = windows.all.iter().filter(|window| window.at_touchpoint == at_touchpoints);
    let said =
        |window: &super::windows::Window| Said { customer: window.customer, probability: window.probability, happened: window.happened };
    Assessment::of(&wanted.map(said).collect::<Vec<_>>())
}
