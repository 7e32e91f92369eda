//! How well a model tells what happened, as tables to look at or to draw.

use rayon::prelude::*;

use super::super::output::{ResultColumn, ResultTable};
use super::summary::Holdout;
use crate::error::{Error, ErrorKind, Result};
use crate::insight::lifetime::{FittedModel, Measure, Purchases, Summary};

/// More cells than anybody looks at.
const MOST_CELLS: f64 = 1e6;

/// How many customers made so many repeat purchases, beside how many the model expects: `frequency` from 0 to `most`, whose row is of all who made as many
/// or more, `actual` and `expected`, in customers (or in weights).
///
/// The expectation is Σ P(X(age) = frequency) over the customers, each with the time since their own first purchase (Fader, Hardie and Lee 2005, "Counting
/// your customers" the easy way, section 4.1).
///
/// ```
/// use wayfare::lifetime::{FittedModel, Period, Summary, frequency_histogram};
///
/// let params = [("r", 0.243), ("alpha", 4.414), ("a", 0.793), ("b", 2.426)].map(|(name, value)| (name.to_owned(), value));
/// let model = FittedModel::from_params("bg_nbd", &params, Period::WEEK)?;
/// let summary = Summary::new(vec![2, 0], vec![30.4, 0.0], vec![38.9, 38.9], Period::WEEK)?;
/// let table = frequency_histogram(&model, &summary, 7)?;
/// assert_eq!(table.rows(), 8);
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if the model does not say when purchases happen.
pub fn frequency_histogram(model: &FittedModel, summary: &Summary, most: u32) -> Result<ResultTable> {
    let (bins, period_days) = (bins(most)?, model.period().days());
    let mut actual = vec![0.0; bins];
    let mut ages: Vec<(f64, f64)> = Vec::with_capacity(summary.len());
    for (row, weight) in summary.iter().zip(weights(summary)) {
        if let Some(bin) = actual.get_mut(row.frequency.min(most) as usize) {
            *bin += weight;
        }
        ages.push((row.age, weight));
    }
    // Customers of one age are expected to do alike.
    ages.sort_by(|a, b| a.0.total_cmp(&b.0));
    ages.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        kept.1 += if same { later.1 } else { 0.0 };
        same
    });
    let mut expected = (0..most)
        .into_par_iter()
        .map(|count| {
            ages.iter().try_fold(0.0, |sum, (age, weight)| Ok(sum + weight * model.probability_of_count(count, *age * period_days)?))
        })
        .collect::<Result<Vec<f64>>>()?;
    if most == 0 {
        model.probability_of_count(0, 1.0)?;
    }
    let all: f64 = ages.iter().map(|(_, weight)| weight).sum();
    expected.push((all - expected.iter().sum::<f64>()).max(0.0));
    Ok(table([
        ("frequency", ResultColumn::Integers((0..=i64::from(most)).collect())),
        ("actual", ResultColumn::Numbers(actual)),
        ("expected", ResultColumn::Numbers(expected)),
    ]))
}

/// The probability that a customer is alive by frequency and recency: a row a pair, `frequency` from 0 to `most_frequency` (the greatest of the summary
/// unless it is given), `recency` in whole periods from 0 to the greatest age of the summary, and `probability_alive`, unknown for pairs that no customer
/// can have.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if the model does not say who is alive, or the table would have more than a million rows.
pub fn probability_alive_matrix(model: &FittedModel, summary: &Summary, most_frequency: Option<u32>) -> Result<ResultTable> {
    let somebody = Purchases { frequency: 1, recency: 1.0, age: 1.0, monetary_value: 0.0 };
    if model.evaluate(Measure::ProbabilityAlive, &somebody).is_nan() {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("`{}` does not say who is alive of frequency and recency alone", model.name()),
        ));
    }
    let most = most_frequency.unwrap_or_else(|| summary.frequency().iter().copied().max().unwrap_or(0));
    let age = summary.age().iter().copied().fold(0.0, f64::max);
    if (f64::from(most) + 1.0) * (age + 1.0) > MOST_CELLS {
        return Err(Error::new(ErrorKind::InvalidArgument, "the matrix would have more than a million cells")
            .with_help("give a smaller `most_frequency`, or a model with a longer period"));
    }
    let recencies = 0..=age.floor() as u32;
    let pairs: Vec<(u32, u32)> = (0..=most).flat_map(|frequency| recencies.clone().map(move |recency| (frequency, recency))).collect();
    let alive = |(frequency, recency): &(u32, u32)| {
        let row = Purchases { frequency: *frequency, recency: f64::from(*recency), age, monetary_value: 0.0 };
        match row.problem() {
            None => model.evaluate(Measure::ProbabilityAlive, &row),
            Some(_) => f64::NAN,
        }
    };
    Ok(table([
        ("frequency", ResultColumn::Integers(pairs.iter().map(|(frequency, _)| i64::from(*frequency)).collect())),
        ("recency", ResultColumn::Integers(pairs.iter().map(|(_, recency)| i64::from(*recency)).collect())),
        ("probability_alive", ResultColumn::Numbers(pairs.par_iter().map(alive).collect())),
    ]))
}

/// What customers bought in the holdout beside what the model expected of them, by their frequency in the calibration: `frequency` from 0 to `most`, whose
/// row is of all with as many or more, `customers`, and the mean of each, `actual` and `expected`. A frequency that nobody has stands with unknown means.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if the model does not say when purchases happen; [`ErrorKind::InvalidTable`] if the holdout is of other customers.
pub fn holdout_by_frequency(model: &FittedModel, summary: &Summary, holdout: &Holdout, most: u32) -> Result<ResultTable> {
    if holdout.frequency.len() != summary.len() {
        return Err(Error::table("the holdout has not as many customers as the summary"));
    }
    let bins = bins(most)?;
    let measure = Measure::ConditionalExpectedTransactions { periods: model.period().periods(holdout.days) };
    let expectations = model.predict(summary, measure)?;
    let (mut customers, mut actual, mut expected) = (vec![0.0; bins], vec![0.0; bins], vec![0.0; bins]);
    let rows = summary.frequency().iter().zip(&holdout.frequency).zip(&expectations).zip(weights(summary));
    for (((frequency, bought), expectation), weight) in rows {
        let bin = (*frequency).min(most) as usize;
        let sums = [(&mut customers, 1.0), (&mut actual, f64::from(*bought)), (&mut expected, *expectation)];
        for (sums, value) in sums {
            sums.get_mut(bin).into_iter().for_each(|sum| *sum += weight * value);
        }
    }
    let mean = |sums: Vec<f64>| ResultColumn::Numbers(sums.iter().zip(&customers).map(|(sum, customers)| sum / customers).collect());
    let (actual, expected) = (mean(actual), mean(expected));
    Ok(table([
        ("frequency", ResultColumn::Integers((0..=i64::from(most)).collect())),
        ("customers", ResultColumn::Numbers(customers)),
        ("actual", actual),
        ("expected", expected),
    ]))
}

fn bins(most: u32) -> Result<usize> {
    match f64::from(most) < MOST_CELLS {
        true => Ok(most as usize + 1),
        false => Err(Error::new(ErrorKind::InvalidArgument, "`most` is above a million").with_help("give a smaller one, such as 7")),
    }
}

fn weights(summary: &Summary) -> impl Iterator<Item = f64> + '_ {
    (0..summary.len()).map(|row| summary.weight(row))
}

fn table<const N: usize>(columns: [(&str, ResultColumn); N]) -> ResultTable {
    ResultTable { columns: columns.map(|(name, column)| (name.to_owned(), column)).into(), rejected: Vec::new() }
}
