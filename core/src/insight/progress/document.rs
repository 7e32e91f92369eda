//! A fitted model as data: what bindings and pickles carry.

use serde::{Deserialize, Serialize};

use super::age::{self, NODES};
use super::assess::Assessment;
use super::counts::{Counts, Key, Tally};
use super::model::{Facts, ProgressModel};
use super::options::{ProgressOptions, ProgressReport};
use super::recalibrate::Recalibration;
use super::state::{State, Symbol};
use super::timeline::Alphabet;
use crate::error::{Error, ErrorKind, Result};

const VERSION: u32 = 1;
const MODEL: &str = "progress";

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    model: String,
    horizon: String,
    by: String,
    stage: Option<String>,
    memory: usize,
    steps: usize,
    seed: u64,
    /// As was said; the value in use is beside.
    value_said: Option<f64>,
    value: f64,
    words: Vec<Option<String>>,
    stages: Vec<Option<String>>,
    stays: Columns,
    recalibration: Recalibration,
    report: ProgressReport,
    calibration: Assessment,
    calibration_between: Assessment,
}

/// A row a kind of stay. Numbers that a double cannot hold are texts, so that every language keeps them.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    bought: Vec<u8>,
    before: Vec<u16>,
    word: Vec<u16>,
    stage: Vec<u8>,
    cell: Vec<u8>,
    next_word: Vec<u16>,
    next_stage: Vec<u8>,
    count: Vec<u64>,
    microseconds: Vec<String>,
}

impl From<ProgressModel> for Document {
    fn from(model: ProgressModel) -> Self {
        let Facts { options, alphabet, counts, recalibration, value, report, at_touchpoints, at_instants } = model.facts;
        Self {
            version: VERSION,
            model: MODEL.to_owned(),
            horizon: options.horizon.to_string(),
            by: options.by,
            stage: options.stage,
            memory: options.memory,
            steps: options.steps,
            seed: options.seed,
            value_said: options.value,
            value,
            words: alphabet.words,
            stages: alphabet.stages,
            stays: Columns::from(&counts),
            recalibration,
            report,
            calibration: at_touchpoints,
            calibration_between: at_instants,
        }
    }
}

impl TryFrom<Document> for ProgressModel {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        let invalid = |message: &str| Error::new(ErrorKind::InvalidArgument, message.to_owned());
        if document.model != MODEL || document.version != VERSION {
            let found =
                format!("the document is of `{}`, version {}, not of `{MODEL}`, version {VERSION}", document.model, document.version);
            return Err(invalid(&found));
        }
        let options = ProgressOptions {
            horizon: document.horizon.parse()?,
            by: document.by,
            stage: document.stage,
            memory: document.memory,
            value: document.value_said,
            seed: document.seed,
            steps: document.steps,
        };
        options.check()?;
        let alphabet = Alphabet { words: document.words, stages: document.stages };
        let sorted = |words: &[Option<String>]| words.is_sorted_by(|one, other| (one.is_none(), one) < (other.is_none(), other));
        if alphabet.too_many().is_some() || !sorted(&alphabet.words) || !sorted(&alphabet.stages) {
            return Err(invalid("the words of the document are too many or not in order"));
        }
        let numbers = document.recalibration.coefficients().into_iter().chain(document.recalibration.covariance.into_iter().flatten());
        if !numbers.chain([document.value]).all(f64::is_finite) {
            return Err(invalid("a number of the document is not finite"));
        }
        let counts = document.stays.counts().ok_or_else(|| invalid("the stays of the document are damaged"))?;
        let facts = Facts {
            options,
            alphabet,
            counts,
            recalibration: document.recalibration,
            value: document.value,
            report: document.report,
            at_touchpoints: document.calibration,
            at_instants: document.calibration_between,
        };
        Ok(facts.model())
    }
}

impl Serialize for ProgressModel {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        Document::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ProgressModel {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Self::try_from(Document::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl From<&Counts> for Columns {
    fn from(counts: &Counts) -> Self {
        let mut columns = Self::default();
        for (key, tally) in &counts.0 {
            let (state, next) = (key.state(), key.next());
            columns.bought.push(state.bought().into());
            columns.before.push(state.before());
            columns.word.push(state.last().word());
            columns.stage.push(state.last().stage());
            columns.cell.push(key.cell() as u8);
            columns.next_word.push(next.word());
            columns.next_stage.push(next.stage());
            columns.count.push(tally.stays);
            columns.microseconds.push(tally.into.to_string());
        }
        columns
    }
}

impl Columns {
    /// None if they are not what a model writes.
    fn counts(&self) -> Option<Counts> {
        let rows = self.count.len();
        let lengths = [&self.before, &self.word, &self.next_word].map(Vec::len).into_iter();
        let bytes = [&self.bought, &self.stage, &self.cell, &self.next_stage].map(Vec::len).into_iter();
        if !lengths.chain(bytes).chain([self.microseconds.len()]).all(|length| length == rows) {
            return None;
        }
        let row = |at: usize| {
            let (before, word, next) = (*self.before.get(at)?, *self.word.get(at)?, *self.next_word.get(at)?);
            let (bought, cell, count) = (*self.bought.get(at)?, *self.cell.get(at)?, *self.count.get(at)?);
            let narrow = before.max(word).max(next) < 1 << 12;
            let next = Symbol::new(*self.next_stage.get(at)?, next);
            let into: u128 = self.microseconds.get(at)?.parse().ok()?;
            let sound = narrow && bought <= 1 && usize::from(cell) < NODES && count > 0;
            let of_bin = age::start(cell.into()) == age::bin_start(age::bin(cell.into()));
            let state = State::new(bought == 1, before, Symbol::new(*self.stage.get(at)?, word));
            (sound && of_bin).then(|| (Key::new(state, cell, next), Tally { stays: count, into }))
        };
        let counts: Vec<(Key, Tally)> = (0..rows).map(row).collect::<Option<_>>()?;
        // No sum of them overflows.
        let stays = counts.iter().try_fold(0_u64, |sum, (_, tally)| sum.checked_add(tally.stays))?;
        let into = counts.iter().try_fold(0_u128, |sum, (_, tally)| sum.checked_add(tally.into))?;
        let small = stays < 1 << 53 && into < 1 << 120;
        (small && counts.is_sorted_by(|one, other| one.0 < other.0)).then_some(Counts(counts))
    }
}
