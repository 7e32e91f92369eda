//! Purchases over calendar time: what happened, beside what a model expected.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use jiff::tz::TimeZone;
use rayon::prelude::*;

use super::super::everyone::Everyone;
use super::super::group::Source;
use super::super::input::Table;
use super::super::key_kind::key_kind;
use super::super::output::{ResultColumn, ResultTable};
use super::super::prepare::Monitor;
use super::summary::{Rows, SummaryOptions, TABLE};
use crate::error::{Error, ErrorKind, Result};
use crate::insight::lifetime::{FittedModel, History, Measure, Purchases, known_zone};
use crate::time::{DayClock, MICROS_PER_DAY, end_of_day};

/// More periods than anybody looks at: a wrong date among the purchases, most likely.
const MOST_PERIODS: usize = 10_000;

/// Repeat purchases in each period of the model, what happened beside what the model expected, and both summed up from the first customer on: a row a
/// period, the last one perhaps shorter.
///
/// The columns are `period` (from 1), `until` (its last instant), `actual`, `expected`, `cumulative_actual`, `cumulative_expected`, and `is_holdout`. They
/// are of the customers who began until the end of the calibration, or of the observation if there is no holdout. The expectation is Σ E\[X(t)\] over the
/// customers, t from the day each began to the last day of the period (Fader, Hardie and Lee 2005, "Counting your customers" the easy way, section 4.2).
///
/// # Errors
/// As [`summarize`](super::summarize), and [`ErrorKind::InvalidArgument`] if the model expects no purchases or there are more than 10,000 periods.
pub fn tracking(model: &FittedModel, transactions: &Table<'_>, options: &SummaryOptions<'_>) -> Result<ResultTable> {
    let measure = |days: i64| Measure::ExpectedTransactions { periods: model.period().periods(days as f64) };
    let nobody = Purchases::default();
    if model.evaluate(measure(1), &nobody).is_nan() {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("`{}` does not say what to expect of a new customer", model.name())));
    }
    let zone = known_zone(options.time_zone)?;
    let calendar = calendar(transactions, options, &zone)?;
    let days = calendar.begun.len();
    let ends = ends(days, model.period().days())?;
    // A customer who began on a day is as many days old at the end of a period as lie between.
    let expected_until = |end: usize| {
        let begun = calendar.begun.iter().take(end).zip(0_usize..).filter(|(begun, _)| **begun > 0);
        begun.fold(0.0, |sum, (begun, day)| sum + *begun as f64 * model.evaluate(measure((end - 1 - day) as i64), &nobody))
    };
    let cumulative_expected: Vec<f64> = ends.par_iter().map(|end| expected_until(*end)).collect();
    let actual_until = |end: usize| calendar.repeats.iter().take(end).sum::<u64>() as i64;
    let cumulative_actual: Vec<i64> = ends.iter().map(|end| actual_until(*end)).collect();
    let until: Vec<_> = ends.iter().map(|end| end_of_day(&zone, calendar.first + *end as i64 - 1)).collect();
    let split = options.calibration_until.map(|split| split.within(&zone)).transpose()?;
    let is_holdout = until.iter().map(|until| Some(split.is_some_and(|split| until.is_some_and(|until| until > split)))).collect();
    let numbers = |values: Vec<f64>| ResultColumn::Numbers(values);
    let columns = [
        ("period", ResultColumn::Integers((1..=ends.len() as i64).collect())),
        ("until", ResultColumn::Instants(until)),
        ("actual", ResultColumn::Integers(steps(&cumulative_actual, 0, |now, before| now - before))),
        ("expected", numbers(steps(&cumulative_expected, 0.0, |now, before| now - before))),
        ("cumulative_actual", ResultColumn::Integers(cumulative_actual)),
        ("cumulative_expected", numbers(cumulative_expected)),
        ("is_holdout", ResultColumn::Booleans(is_holdout)),
    ];
    Ok(ResultTable { columns: columns.map(|(name, column)| (name.to_owned(), column)).into(), rejected: Vec::new() })
}

/// The number of days at the end of each period; the last one ends with the observation.
fn ends(days: usize, period_days: f64) -> Result<Vec<usize>> {
    let periods = (days as f64 / period_days).ceil() as usize;
    if periods > MOST_PERIODS {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("the purchases span more than {MOST_PERIODS} periods"))
            .with_help("look for a wrong date among them, or take a longer period"));
    }
    let mut ends: Vec<usize> = (1..=periods).map(|period| ((period as f64 * period_days).floor() as usize).min(days)).collect();
    ends.retain(|end| *end > 0);
    ends.dedup();
    Ok(ends)
}

/// What each value adds to the one before.
fn steps<T: Copy>(values: &[T], first: T, step: impl Fn(T, T) -> T) -> Vec<T> {
    let before = std::iter::once(first).chain(values.iter().copied());
    values.iter().copied().zip(before).map(|(now, before)| step(now, before)).collect()
}

/// How many customers began on each day, and how many repeat purchases each day saw. Days are counted from the first one.
struct Calendar {
    /// The number of the first day, from 1970-01-01.
    first: i64,
    begun: Vec<u64>,
    repeats: Vec<u64>,
}

/// The calendar of all customers who began until the end of the calibration, through the end of the observation.
fn calendar(transactions: &Table<'_>, options: &SummaryOptions<'_>, zone: &TimeZone) -> Result<Calendar> {
    let until = options.observed_until.within(zone)?.as_micros();
    let split = options.calibration_until.map_or(Ok(until), |split| split.within(zone).map(|split| split.as_micros()))?;
    let rows = Rows::new(transactions, options, until)?;
    let customer = transactions.required(TABLE, options.customer)?;
    let keys = key_kind(&[(TABLE, transactions, customer)])?;
    let sources = [Source { pieces: transactions.pieces(customer).collect() }];
    let monitor = Monitor::of(options.progress, transactions.rows() as u64);
    let clock = DayClock::new(zone.clone());
    let day_of = |at: i64| clock.clone().day(at);
    let Some(earliest) = rows.earliest() else { return Ok(Calendar { first: 0, begun: Vec::new(), repeats: Vec::new() }) };
    // Where clocks are set back over midnight, a day may come again.
    let first = day_of(earliest).min(earliest.div_euclid(MICROS_PER_DAY) - 1);
    let days = usize::try_from(day_of(until) - first + 1).unwrap_or(0);
    let counters = || (0..days).map(|_| AtomicU64::new(0)).collect::<Vec<_>>();
    let (begun, repeats) = (counters(), counters());
    let count = |counters: &[AtomicU64], day: i64| {
        let at = usize::try_from(day - first).ok().and_then(|at| counters.get(at));
        at.map(|counter| counter.fetch_add(1, Relaxed));
    };
    let everyone = Everyone { keys: &keys, sources: &sources, judge: &rows, monitor: &monitor, width: 0 };
    everyone.collect(
        || (clock.clone(), History::default(), Vec::new()),
        &|records, carried, (clock, history, purchased): &mut (DayClock, History, Vec<i64>), _| {
            if !records.is_sorted_by_key(|record| record.at) {
                records.sort_unstable_by_key(|record| record.at);
            }
            history.clear();
            purchased.clear();
            for record in &*records {
                let value = carried.values(*record).first().map_or(0.0, |value| f64::from_bits(*value));
                purchased.extend(history.add(clock.day(record.at), value, options.returns));
            }
            purchased.extend(history.end(options.returns));
            if let Some((birth, later)) = purchased.split_first()
                && records.first().is_some_and(|record| record.at <= split)
                && *birth <= day_of(split)
            {
                count(&begun, *birth);
                later.iter().for_each(|day| count(&repeats, *day));
            }
            0
        },
    );
    monitor.finish()?;
    let plain = |counters: Vec<AtomicU64>| counters.into_iter().map(AtomicU64::into_inner).collect::<Vec<_>>();
    let (begun, repeats) = (plain(begun), plain(repeats));
    // From the first customer on.
    let skip = begun.iter().position(|begun| *begun > 0).unwrap_or(days);
    let from = |mut counts: Vec<u64>| counts.split_off(skip.min(counts.len()));
    Ok(Calendar { first: first + skip as i64, begun: from(begun), repeats: from(repeats) })
}
