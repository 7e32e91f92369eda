//! Credits of all words by any model.

use super::apportion::by_weight;
use super::markov::{MarkovCounts, Solution};
use super::reading::Reading;
use super::result::{Attribution, Facts, Label};
use super::shapley::{Coalitions, Payoff, Sampling};
use super::split::{Earned, Split, Totals, columns};
use super::wide::{Parts, finite};
use crate::error::{Error, ErrorKind, Result};
use crate::exact::ExactSum;

/// How credits are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Credit {
    /// Each path is split by itself.
    Split { split: Split, ordered: bool },
    /// All conversions in proportion to removal effects.
    Chain { order: usize, nulls: bool },
    /// All conversions in proportion to the Shapley values of the rate game.
    Rate(Sampling),
}

pub(crate) fn credit(how: &Credit, reading: &Reading<'_>) -> Result<Attribution> {
    match how {
        Credit::Split { split, ordered } => by_path(*split, *ordered, reading),
        Credit::Chain { order, nulls } => {
            let mut made = MarkovCounts::of(reading, *order, *nulls)?.attribution()?;
            // Words that only paths have which were left aside have a row too.
            complete(&mut made, reading);
            made.facts.nulls = Some(*nulls);
            Ok(made)
        }
        Credit::Rate(sampling) => by_rate(sampling, reading),
    }
}

fn by_path(split: Split, ordered: bool, reading: &Reading<'_>) -> Result<Attribution> {
    split.check(reading)?;
    let totals = Totals::of(split, reading, ordered);
    let word = |code: u32| reading.words().get(code as usize).map_or(Label::Null, Label::of);
    let mut rows: Vec<(Label, Option<u32>, &Earned)> = match ordered {
        true => totals.positions.iter().map(|((code, place), earned)| (word(*code), Some(*place), earned)).collect(),
        false => {
            let known = totals.words.iter().zip(0..).zip(reading.used()).filter(|(_, used)| **used);
            known.map(|((earned, code), _)| (word(code), None, earned)).collect()
        }
    };
    if totals.nobody.conversions > 0 {
        rows.push((Label::Unattributed, None, &totals.nobody));
    }
    let earned: Vec<&Earned> = rows.iter().map(|(_, _, earned)| *earned).collect();
    let (conversions, value) = columns(&earned)?;
    let labels: Vec<Label> = rows.iter().map(|(label, _, _)| label.clone()).collect();
    distinct(&labels, reading.by())?;
    Ok(Attribution {
        positions: ordered.then(|| rows.iter().map(|(_, place, _)| *place).collect()),
        labels,
        conversions,
        value,
        measures: Vec::new(),
        facts: Facts { by: reading.by().to_owned(), game: (split == Split::Distinct).then_some("coverage"), ..Facts::default() },
    })
}

/// Refuses a word that is called as conversions without a touchpoint are, where there are such.
fn distinct(labels: &[Label], by: &str) -> Result<()> {
    let called = labels.iter().any(|label| matches!(label, Label::Word(word) if word == Label::UNATTRIBUTED));
    match called && labels.last() == Some(&Label::Unattributed) {
        false => Ok(()),
        true => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("a {by} is called `{}`, as conversions without a touchpoint are", Label::UNATTRIBUTED),
        )
        .with_help("rename it")),
    }
}

/// Conversions and their value, of paths with touchpoints and of those without.
#[derive(Default)]
struct Sums {
    words: (u64, ExactSum),
    nobody: (u64, ExactSum),
}

/// Shares of the conversions of paths that have touchpoints, and what paths without have.
fn shared_out(mut labels: Vec<Label>, by: &str, sums: &Sums, weights: (&[f64], &[f64])) -> Result<Attribution> {
    let mut value = sums.words.1.clone();
    value.merge(&sums.nobody.1);
    let conversions = (sums.words.0 + sums.nobody.0) as f64;
    let of_conversions = column(conversions, sums.nobody.0 as f64, weights.0);
    let of_value = column(finite(value.value())?, sums.nobody.1.value(), weights.1);
    let mut columns = (of_conversions, of_value);
    match sums.nobody.0 > 0 {
        true => labels.push(Label::Unattributed),
        false => drop((columns.0.pop(), columns.1.pop())),
    }
    distinct(&labels, by)?;
    Ok(Attribution {
        labels,
        positions: None,
        conversions: columns.0,
        value: columns.1,
        measures: Vec::new(),
        facts: Facts { by: by.to_owned(), ..Facts::default() },
    })
}

/// The total as what is nobody's, last, and the rest by weight, all in places of the total.
fn column(total: f64, nobody: f64, weights: &[f64]) -> Vec<f64> {
    let places = Parts::of(total).coarser(excess(weights));
    let split = by_weight(places.mantissa, &[total - nobody, nobody]);
    let (rest, last) = (split.first().copied().unwrap_or(0), split.last().copied().unwrap_or(0));
    by_weight(rest as u64, weights).into_iter().chain([last]).map(|count| places.places(count)).collect()
}

/// By how many bits shares may be greater than the total, because others are negative.
fn excess(weights: &[f64]) -> u32 {
    let (sum, all) = weights.iter().fold((0.0, 0.0), |(sum, all), weight| (sum + weight, all + weight.abs()));
    match all > sum && sum > 0.0 {
        true => libm::ceil(libm::log2(all / sum)) as u32 + 1,
        false => 0,
    }
}

impl MarkovCounts {
    /// The credits of the words by their removal effects, and these as `removal_effect` and `removal_effect_value`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFitted`] if the chain is too large to factor and an iteration did not settle.
    pub fn attribution(&self) -> Result<Attribution> {
        let counts = self.canonical();
        let Solution { effects, states, conversion_probability, method, iteration } = counts.solved()?;
        let mut value = ExactSum::default();
        counts.states.values().for_each(|state| value.merge(&state.ends.value));
        let of_words = counts.states.values().map(|state| state.ends.conversions).sum();
        let sums = Sums { words: (of_words, value), nobody: (counts.nobody.conversions, counts.nobody.value.clone()) };
        let labels = counts.words().iter().map(Label::of).collect();
        let mut made = shared_out(labels, &counts.by, &sums, (&effects.conversions, &effects.value))?;
        made.measures = vec![("removal_effect".to_owned(), effects.conversions), ("removal_effect_value".to_owned(), effects.value)];
        pad(&mut made);
        made.facts = Facts {
            model: "markov",
            order: Some(self.order()),
            states: Some(states),
            conversion_probability: Some(conversion_probability),
            method: Some(method),
            sweeps: iteration.map(|(sweeps, _)| sweeps),
            residual: iteration.map(|(_, residual)| residual),
            ..made.facts
        };
        Ok(made)
    }
}

fn by_rate(sampling: &Sampling, reading: &Reading<'_>) -> Result<Attribution> {
    let coalitions = Coalitions::of(reading);
    let sums = sums(reading);
    let conversions = coalitions.values(Payoff::Conversions, sampling);
    let value = coalitions.values(Payoff::Value, sampling);
    let labels = coalitions.words.iter().filter_map(|code| reading.words().get(*code as usize)).map(Label::of).collect();
    let mut made = shared_out(labels, reading.by(), &sums, (&conversions.values, &value.values))?;
    made.facts.game = Some("rate");
    made.facts.method = Some(if conversions.permutations.is_some() { "sampled" } else { "exact" });
    made.facts.permutations = conversions.permutations;
    made.facts.rate = Some(coalitions.rate());
    made.measures = vec![("shapley_value".to_owned(), conversions.values), ("shapley_value_value".to_owned(), value.values)];
    if let (Some(of_conversions), Some(of_value)) = (conversions.standard_errors, value.standard_errors) {
        made.measures.push(("sampling_error".to_owned(), of_conversions));
        made.measures.push(("sampling_error_value".to_owned(), of_value));
    }
    pad(&mut made);
    Ok(made)
}

fn sums(reading: &Reading<'_>) -> Sums {
    let mut sums = Sums::default();
    for (number, row) in reading.rows().iter().enumerate() {
        let tally = reading.tally(number, row);
        let place = if reading.codes(row).next().is_none() { &mut sums.nobody } else { &mut sums.words };
        place.0 += tally.conversions;
        place.1.add(tally.value);
    }
    sums
}

/// Adds rows without credit for words that the counts do not have.
fn complete(made: &mut Attribution, reading: &Reading<'_>) {
    for (word, used) in reading.words().iter().zip(reading.used()) {
        let label = Label::of(word);
        if let (true, Err(at)) = (*used, made.labels.binary_search(&label)) {
            made.labels.insert(at, label);
            let columns = [&mut made.conversions, &mut made.value].into_iter();
            columns.chain(made.measures.iter_mut().map(|(_, values)| values)).for_each(|values| values.insert(at, 0.0));
        }
    }
}

/// Measures say nothing of conversions without a touchpoint.
fn pad(made: &mut Attribution) {
    let rows = made.labels.len();
    made.measures.iter_mut().for_each(|(_, values)| values.resize(rows, f64::NAN));
}

/// What a model weighs the words of a dimension by, that shares all conversions out together.
pub(super) fn weights(how: &Credit, reading: &Reading<'_>) -> Result<Vec<f64>> {
    let found = credit(how, reading)?;
    let measure = found.measures.first().map_or(&[][..], |(_, values)| values);
    let weight = |label: &Label| found.labels.iter().position(|known| known == label).and_then(|row| measure.get(row)).copied();
    Ok(reading.words().iter().map(|word| weight(&Label::of(word)).unwrap_or(0.0)).collect())
}
