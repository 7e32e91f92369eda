//! The data of a fit, reduced to what the likelihood needs: counts of who bought more than i times, and the distinct (frequency, recency, age).

use crate::insight::lifetime::period::Period;
use crate::insight::lifetime::special::NEAR;
use crate::insight::lifetime::summary::Summary;

/// Sufficient statistics. The order of the customers does not change them (but for the rounding of sums of weights).
#[derive(Debug, Clone)]
pub(crate) struct Grouped {
    /// The distinct customers that had a chance to drop out, with their weight.
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) recencies: Vec<f64>,
    pub(crate) ages: Vec<Age>,
    /// Of frequencies.
    pub(crate) purchases: Tail,
    /// Of chances to drop out: the frequency, and one more if a customer may drop out at the first purchase.
    pub(crate) chances: Tail,
}

/// Customers alike.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pattern {
    pub(crate) frequency: u32,
    pub(crate) recency: u32,
    pub(crate) age: u32,
    pub(crate) weight: f64,
}

/// A distinct age.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Age {
    pub(crate) age: f64,
    /// Customers of it.
    pub(crate) customers: f64,
    /// Their repeat purchases.
    pub(crate) purchases: f64,
}

/// How many exceed each number: `above[i]` weigh more than i. Numbers past the first [`NEAR`] are listed one by one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tail {
    pub(crate) above: Vec<f64>,
    pub(crate) far: Vec<(u32, f64)>,
}

impl Tail {
    /// From numbers in order, each with its weight.
    fn of(numbers: &[(u32, f64)]) -> Self {
        let greatest = numbers.last().map_or(0, |last| last.0).min(NEAR) as usize;
        let mut above = vec![0.0; greatest];
        for (number, weight) in numbers {
            if let Some(place) = (*number as usize).min(greatest).checked_sub(1).and_then(|last| above.get_mut(last)) {
                *place += weight;
            }
        }
        let mut sum = 0.0;
        for place in above.iter_mut().rev() {
            sum += *place;
            *place = sum;
        }
        Self { above, far: numbers.iter().copied().filter(|(number, _)| *number > NEAR).collect() }
    }
}

impl Grouped {
    /// From every `step`th customer; `first` is 1 if a customer may drop out at the first purchase, else 0.
    pub(crate) fn new(summary: &Summary, first: u32, step: usize) -> Self {
        let every = |column: &[f64]| column.iter().copied().step_by(step).collect::<Vec<f64>>();
        let frequency: Vec<u32> = summary.frequency().iter().copied().step_by(step).collect();
        let weights = summary.weights().map(every);
        let (age_codes, ages) = dictionary(&every(summary.age()), summary.period());
        let (recency_codes, recencies) = dictionary(&every(summary.recency()), summary.period());
        let mut patterns: Vec<Pattern> = frequency
            .iter()
            .zip(recency_codes.iter().zip(&age_codes))
            .enumerate()
            .map(|(at, (frequency, (recency, age)))| Pattern {
                frequency: *frequency,
                recency: *recency,
                age: *age,
                weight: weights.as_ref().and_then(|weights| weights.get(at).copied()).unwrap_or(1.0),
            })
            .collect();
        let mut ages: Vec<Age> = ages.into_iter().map(|age| Age { age, customers: 0.0, purchases: 0.0 }).collect();
        for pattern in &patterns {
            if let Some(age) = ages.get_mut(pattern.age as usize) {
                age.customers += pattern.weight;
                age.purchases += pattern.weight * f64::from(pattern.frequency);
            }
        }
        let mut by_frequency = Vec::new();
        for pattern in &patterns {
            add(&mut by_frequency, pattern.frequency, pattern.weight);
        }
        let by_frequency = sorted(by_frequency);
        let chances: Vec<(u32, f64)> = by_frequency.iter().map(|(number, weight)| (number.saturating_add(first), *weight)).collect();
        patterns.retain(|pattern| pattern.frequency + first > 0 && pattern.weight > 0.0);
        Self {
            patterns: merge(patterns, recencies.len(), ages.len()),
            recencies,
            ages,
            purchases: Tail::of(&by_frequency),
            chances: Tail::of(&chances),
        }
    }

    /// All repeat purchases.
    pub(crate) fn total_purchases(&self) -> f64 {
        self.ages.iter().map(|age| age.purchases).sum()
    }

    /// All time observed.
    pub(crate) fn total_age(&self) -> f64 {
        self.ages.iter().map(|age| age.customers * age.age).sum()
    }
}

/// Weights by number: small numbers in place, large ones listed.
fn add(counts: &mut Vec<(u32, f64)>, number: u32, weight: f64) {
    let at = number as usize;
    if at < NEAR as usize {
        while counts.len() <= at {
            counts.push((counts.len() as u32, 0.0));
        }
        if let Some(place) = counts.get_mut(at) {
            place.1 += weight;
        }
    } else {
        while counts.len() < NEAR as usize {
            counts.push((counts.len() as u32, 0.0));
        }
        counts.push((number, weight));
    }
}

fn sorted(mut counts: Vec<(u32, f64)>) -> Vec<(u32, f64)> {
    counts.retain(|(_, weight)| *weight > 0.0);
    counts.sort_by_key(|(number, _)| *number);
    counts.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    counts
}

/// Sums the weights of equal patterns, in the order of (frequency, recency, age).
fn merge(mut patterns: Vec<Pattern>, recencies: usize, ages: usize) -> Vec<Pattern> {
    let most = patterns.iter().map(|pattern| pattern.frequency).max().unwrap_or(0);
    let cells = u128::from(most).saturating_add(1).saturating_mul(recencies as u128).saturating_mul(ages as u128);
    if cells < u128::from(u64::MAX) {
        let (recencies, ages) = (recencies as u64, ages as u64);
        let key =
            |pattern: &Pattern| (u64::from(pattern.frequency) * recencies + u64::from(pattern.recency)) * ages + u64::from(pattern.age);
        patterns.sort_by_cached_key(key);
    } else {
        patterns.sort_by_key(|pattern| (pattern.frequency, pattern.recency, pattern.age));
    }
    patterns.dedup_by(|next, kept| {
        let same = (next.frequency, next.recency, next.age) == (kept.frequency, kept.recency, kept.age);
        if same {
            kept.weight += next.weight;
        }
        same
    });
    patterns
}

/// Days up to here are looked up in place.
const MOST_DAYS: f64 = (1 << 20) as f64;

/// The distinct times in order, and for each row which it is. Whole days, the usual case, are found without a sort.
fn dictionary(times: &[f64], period: Period) -> (Vec<u32>, Vec<f64>) {
    by_day(times, period).unwrap_or_else(|| by_value(times))
}

fn by_day(times: &[f64], period: Period) -> Option<(Vec<u32>, Vec<f64>)> {
    let mut slots: Vec<f64> = Vec::new();
    let mut codes = Vec::with_capacity(times.len());
    for time in times {
        let days = time * period.days();
        let day = (days + 0.5).floor();
        if !((days - day).abs() < 1e-6 && day < MOST_DAYS) {
            return None;
        }
        let at = day as usize;
        if slots.len() <= at {
            slots.resize(at + 1, f64::NAN);
        }
        let slot = slots.get_mut(at)?;
        if slot.is_nan() {
            *slot = *time;
        } else if *slot != *time {
            return None;
        }
        codes.push(at as u32);
    }
    let mut ranks = vec![0_u32; slots.len()];
    let mut values = Vec::new();
    for (rank, slot) in ranks.iter_mut().zip(&slots) {
        *rank = values.len() as u32;
        if !slot.is_nan() {
            values.push(*slot);
        }
    }
    for code in &mut codes {
        *code = *ranks.get(*code as usize)?;
    }
    Some((codes, values))
}

fn by_value(times: &[f64]) -> (Vec<u32>, Vec<f64>) {
    let mut values = times.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    let code = |time: &f64| values.partition_point(|value| value < time) as u32;
    (times.iter().map(code).collect(), values)
}
