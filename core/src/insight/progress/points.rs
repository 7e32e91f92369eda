//! High-value points: touchpoints and transitions by how much nearer customers are to a conversion after them.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::age;
use super::chain::Chain;
use super::counts::{Counts, Key, Tally};
use super::model::{ProgressModel, nodes};
use super::resample::{deviations, poisson};
use super::state::Symbol;
use super::timeline::{Part, Timeline};
use crate::error::{Error, ErrorKind, Result};

/// How the intervals of high-value points are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointsOptions {
    /// How often customers are drawn again; 0 for no intervals.
    pub draws: usize,
    /// The level of the intervals.
    pub level: f64,
}

impl Default for PointsOptions {
    fn default() -> Self {
        Self { draws: 200, level: 0.95 }
    }
}

const MOST_DRAWS: usize = 100_000;

/// A point of the life cycle: a touchpoint, or one after another.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HighValuePoint {
    /// Whether it is one touchpoint after another, and not just a touchpoint.
    pub transition: bool,
    /// Of a transition, the touchpoint that it comes from.
    pub from: Option<Touchpoint>,
    /// The touchpoint.
    pub to: Touchpoint,
    /// How often it happened. A customer's first touchpoint has nothing before it and is not in.
    pub count: u64,
    /// To how many customers.
    pub customers: u64,
    /// The mean of the probabilities after it less those just before it.
    pub mean_change: f64,
    /// What a conversion is worth.
    pub mean_value: f64,
    /// Both multiplied: what the touchpoint is associated with, not what it causes.
    pub change_x_value: f64,
    /// The lower end of the interval of that; not a number without draws.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

/// What a touchpoint is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Touchpoint {
    /// Its word; none if it has none.
    pub word: Option<String>,
    /// The stage, if the model knows stages and it has one.
    pub stage: Option<String>,
    /// Whether it is a conversion.
    pub conversion: bool,
}

type Point = (Option<Symbol>, Symbol);

/// Stays, each as the number of its kind.
struct Coded {
    kinds: Vec<Key>,
    numbers: Vec<u32>,
    into: Vec<u64>,
    /// Of each customer where the stays end, and the key.
    customers: Vec<(usize, u64)>,
}

impl ProgressModel {
    pub(super) fn points(&self, timeline: &Timeline, options: &PointsOptions) -> Result<Vec<HighValuePoint>> {
        let invalid = |message: &str| Error::new(ErrorKind::InvalidArgument, message.to_owned());
        if !(options.level > 0.0 && options.level < 1.0) {
            return Err(invalid("the `level` is not between 0 and 1"));
        }
        if options.draws > MOST_DRAWS {
            return Err(invalid("there are more than 100000 `draws`"));
        }
        let seed = self.facts.options.seed;
        if Counts::of(timeline, |customer| Part::of(customer.key, seed) == Part::Fit).by_bin() != self.facts.counts {
            return Err(
                invalid("the model was fitted to other paths").with_help("give the paths that it was fitted to, or fit it to these")
            );
        }
        let all = Counts::of(timeline, |_| true);
        let found = changes(&all.0, &self.chain, &self.nodes);
        let customers = customers(timeline);
        let coded = Coded::new(&all, timeline);
        let drawn: Vec<BTreeMap<Point, (u64, f64)>> =
            (0..options.draws).into_par_iter().map(|draw| self.drawn(&coded, draw as u64)).collect();
        let value = self.facts.value;
        let mut points: Vec<HighValuePoint> = found
            .iter()
            .map(|(point, (count, change))| {
                let mut means: Vec<f64> =
                    drawn.iter().filter_map(|draw| draw.get(point)).map(|(count, change)| change / *count as f64 * value).collect();
                means.sort_by(f64::total_cmp);
                let mean_change = change / *count as f64;
                HighValuePoint {
                    transition: point.0.is_some(),
                    from: point.0.map(|from| self.touchpoint(from)),
                    to: self.touchpoint(point.1),
                    count: *count,
                    customers: customers.get(point).copied().unwrap_or_default(),
                    mean_change,
                    mean_value: value,
                    change_x_value: mean_change * value,
                    lower: quantile(&means, (1.0 - options.level) / 2.0),
                    upper: quantile(&means, (1.0 + options.level) / 2.0),
                }
            })
            .collect();
        points.sort_by(|one, other| {
            let names = || (&one.from, &one.to).cmp(&(&other.from, &other.to));
            other.mean_change.total_cmp(&one.mean_change).then_with(names)
        });
        Ok(points)
    }

    /// The changes when customers are drawn again: the chain is fitted to them again, and the line that puts it right varies as it would.
    fn drawn(&self, coded: &Coded, draw: u64) -> BTreeMap<Point, (u64, f64)> {
        let options = &self.facts.options;
        let mut all = vec![Tally::default(); coded.kinds.len()];
        let mut fit = all.clone();
        let mut start = 0;
        for (end, key) in &coded.customers {
            let range = std::mem::replace(&mut start, *end)..*end;
            let times = poisson(*key, options.seed, draw);
            if times == 0 {
                continue;
            }
            let fitted = Part::of(*key, options.seed) == Part::Fit;
            let stays = coded.numbers.get(range.clone()).unwrap_or_default().iter().zip(coded.into.get(range).unwrap_or_default());
            for (number, into) in stays {
                let more = |tally: &mut Tally| {
                    tally.stays += times;
                    tally.into += u128::from(times) * u128::from(*into);
                };
                all.get_mut(*number as usize).into_iter().for_each(more);
                if fitted {
                    fit.get_mut(*number as usize).into_iter().for_each(more);
                }
            }
        }
        let some = |tallies: Vec<Tally>| coded.kinds.iter().copied().zip(tallies).filter(|(_, tally)| tally.stays > 0).collect();
        let chain = Chain::new(&Counts(some(fit)), options.memory + 1);
        let recalibration = &self.facts.recalibration;
        let mut coefficients = recalibration.coefficients();
        coefficients.iter_mut().zip(deviations(&recalibration.covariance, options.seed, draw)).for_each(|(to, by)| *to += by);
        let all: Vec<(Key, Tally)> = some(all);
        changes(&all, &chain, &nodes(&chain, options, &coefficients))
    }

    fn touchpoint(&self, symbol: Symbol) -> Touchpoint {
        let alphabet = &self.facts.alphabet;
        let conversion = symbol.is_conversion();
        let word = alphabet.words.get(usize::from(symbol.word())).cloned().flatten();
        let stage = alphabet.stages.get(usize::from(symbol.stage())).cloned().flatten();
        Touchpoint { word: word.filter(|_| !conversion), stage: stage.filter(|_| !conversion), conversion }
    }
}

/// Of each point how often it happened, and the sum of its changes.
fn changes(counts: &[(Key, Tally)], chain: &Chain, nodes: &[Vec<f64>]) -> BTreeMap<Point, (u64, f64)> {
    let mut points: BTreeMap<Point, (u64, f64)> = BTreeMap::new();
    for (key, tally) in counts {
        let (state, next) = (key.state(), key.next());
        if next == Symbol::NOTHING || next.is_conversion() {
            continue;
        }
        let of = |state| nodes.get(chain.place(state)).map(Vec::as_slice).unwrap_or_default();
        let before = age::sum(of(state), key.cell(), tally.stays as f64, tally.into as f64);
        let after = tally.stays as f64 * of(state.then(next)).first().copied().unwrap_or_default();
        for point in [(None, next), (Some(from(state.last())), next)] {
            let (count, change) = points.entry(point).or_default();
            *count += tally.stays;
            *change += after - before;
        }
    }
    points
}

/// Conversions are not told apart.
fn from(symbol: Symbol) -> Symbol {
    if symbol.is_conversion() { Symbol::new(0, super::state::CONVERSION) } else { symbol }
}

/// How many customers each point happened to.
fn customers(timeline: &Timeline) -> BTreeMap<Point, u64> {
    let chunks = timeline.chunks(|customers| {
        let mut counted: HashMap<Point, u64, FixedState> = HashMap::default();
        let mut points: Vec<Point> = Vec::new();
        for customer in customers {
            points.clear();
            for stay in customer.stays(timeline.observed_until).filter(|stay| stay.next != Symbol::NOTHING && !stay.next.is_conversion()) {
                points.extend([(None, stay.next), (Some(from(stay.state.last())), stay.next)]);
            }
            points.sort_unstable();
            points.dedup();
            points.iter().for_each(|point| *counted.entry(*point).or_default() += 1);
        }
        counted
    });
    let mut all = BTreeMap::new();
    for (point, count) in chunks.into_iter().flatten() {
        *all.entry(point).or_default() += count;
    }
    all
}

impl Coded {
    fn new(counts: &Counts, timeline: &Timeline) -> Self {
        let kinds: Vec<Key> = counts.0.iter().map(|(key, _)| *key).collect();
        let places: HashMap<Key, u32, FixedState> = kinds.iter().copied().zip(0..).collect();
        let chunks = timeline.chunks(|customers| {
            let (mut numbers, mut into, mut ends) = (Vec::new(), Vec::new(), Vec::new());
            for customer in customers {
                for stay in customer.stays(timeline.observed_until) {
                    let (key, within) = stay.key();
                    numbers.push(places.get(&key).copied().unwrap_or_default());
                    into.push(within);
                }
                ends.push((numbers.len(), customer.key));
            }
            (numbers, into, ends)
        });
        let mut coded = Self { kinds, numbers: Vec::new(), into: Vec::new(), customers: Vec::new() };
        for (numbers, into, ends) in chunks {
            let before = coded.numbers.len();
            coded.customers.extend(ends.into_iter().map(|(end, key)| (before + end, key)));
            coded.numbers.extend(numbers);
            coded.into.extend(into);
        }
        coded
    }
}

/// Of sorted values, with straight lines between them.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let (low, high) = (sorted.get(place.floor() as usize), sorted.get(place.ceil() as usize));
    match (low, high) {
        (Some(low), Some(high)) => low + (high - low) * (place - place.floor()),
        _ => f64::NAN,
    }
}
