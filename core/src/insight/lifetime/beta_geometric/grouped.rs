//! The data of a fit, reduced to what the likelihood needs: counts of who bought more than i times, and the distinct (frequency, recency, age).

use crate::insight::lifetime::period::Period;
use crate::insight::lifetime::special::NEAR;
use crate::insight::lifetime::summary::Summary;

/// Sufficient statistics. The order of the customers does not change them, but for the rounding of sums of weights, or where times do not repeat.
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
        let weight = |row: usize| weights.as_ref().and_then(|weights| weights.get(row).copied()).unwrap_or(1.0);
        let (age_codes, ages) = dictionary(&every(summary.age()), summary.period());
        let (recency_codes, recencies) = dictionary(&every(summary.recency()), summary.period());
        let mut ages: Vec<Age> = ages.into_iter().map(|age| Age { age, customers: 0.0, purchases: 0.0 }).collect();
        let mut by_frequency = Vec::new();
        for (row, (frequency, code)) in frequency.iter().zip(&age_codes).enumerate() {
            if let Some(age) = ages.get_mut(*code as usize) {
                age.customers += weight(row);
                age.purchases += weight(row) * f64::from(*frequency);
            }
            add(&mut by_frequency, *frequency, weight(row));
        }
        let by_frequency = sorted(by_frequency);
        let chances: Vec<(u32, f64)> = by_frequency.iter().map(|(number, weight)| (number.saturating_add(first), *weight)).collect();
        let patterns = frequency
            .iter()
            .zip(recency_codes.iter().zip(&age_codes))
            .enumerate()
            .filter(|(row, (frequency, _))| (**frequency > 0 || first > 0) && weight(*row) > 0.0)
            .map(|(row, (frequency, (recency, age)))| Pattern { frequency: *frequency, recency: *recency, age: *age, weight: weight(row) });
        Self {
            patterns: merge(patterns, recencies.len() as u64, ages.len() as u64, weights.is_none()),
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

/// Sums the weights of equal patterns, in the order of (frequency, recency, age). Where times do not repeat there is nothing to sum, and the order stays.
fn merge(patterns: impl Iterator<Item = Pattern>, recencies: u64, ages: u64, alike: bool) -> Vec<Pattern> {
    let patterns: Vec<Pattern> = patterns.collect();
    let most = patterns.iter().map(|pattern| pattern.frequency).max().unwrap_or(0);
    let cells = u128::from(most).saturating_add(1).saturating_mul(u128::from(recencies)).saturating_mul(u128::from(ages));
    if cells > u128::from(u64::MAX) || recencies.min(ages) as usize >= patterns.len() {
        return patterns;
    }
    let key = |pattern: &Pattern| (u64::from(pattern.frequency) * recencies + u64::from(pattern.recency)) * ages + u64::from(pattern.age);
    let pattern = |key: u64, weight| {
        let (rest, age) = (key / ages, (key % ages) as u32);
        Pattern { frequency: (rest / recencies) as u32, recency: (rest % recencies) as u32, age, weight }
    };
    if alike {
        let mut keys: Vec<u64> = patterns.iter().map(key).collect();
        keys.sort_unstable();
        return keys.chunk_by(|one, next| one == next).filter_map(|run| Some(pattern(*run.first()?, run.len() as f64))).collect();
    }
    let mut keyed: Vec<(u64, f64)> = patterns.iter().map(|pattern| (key(pattern), pattern.weight)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed
        .chunk_by(|one, next| one.0 == next.0)
        .filter_map(|run| Some(pattern(run.first()?.0, run.iter().map(|(_, weight)| weight).sum())))
        .collect()
}

/// Steps up to here are looked up in place.
const MOST_STEPS: f64 = (1 << 20) as f64;

/// The distinct times, and for each row which it is. Whole days are found without a sort, and times to two decimals; times that fit no grid are taken
/// to be all distinct.
fn dictionary(times: &[f64], period: Period) -> (Vec<u32>, Vec<f64>) {
    on_grid(times, period.days())
        .or_else(|| on_grid(times, 100.0))
        .unwrap_or_else(|| ((0..times.len()).map(|row| row as u32).collect(), times.to_vec()))
}

fn on_grid(times: &[f64], steps_per_period: f64) -> Option<(Vec<u32>, Vec<f64>)> {
    let mut slots: Vec<f64> = Vec::new();
    let mut codes = Vec::with_capacity(times.len());
    for time in times {
        let steps = time * steps_per_period;
        let step = (steps + 0.5).floor();
        if !((steps - step).abs() < 1e-6 && step < MOST_STEPS) {
            return None;
        }
        let at = step as usize;
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
