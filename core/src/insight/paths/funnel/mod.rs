//! How far customers get through steps, in time: the funnel.

pub(crate) mod chain;
mod count;
mod picture;
mod step;

use std::ops::Range;

use rayon::prelude::*;

use self::chain::{Chains, Event};
pub(crate) use self::count::Counts;
pub(crate) use self::step::Look;
pub use self::step::{FunnelRequest, Step, Words};
use super::{Dimension, Paths, no_times};
use crate::error::{Error, ErrorKind, Result};
use crate::time::Duration;

/// What a touchpoint without a word is called where others have one.
pub(crate) const NO_WORD: &str = "(none)";

/// How far customers got.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Funnel {
    /// The steps, in order.
    pub steps: Vec<FunnelStep>,
    /// Where customers left, and what they did next: by step, most frequent first. Empty for a funnel of raw rows, which does not look at other touchpoints.
    pub drop_outs: Vec<DropOut>,
    /// The most that may lie between the first step and any other.
    pub within: Option<Duration>,
    /// `customer` or `path`: what is counted.
    pub per: &'static str,
}

/// One step of a funnel.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FunnelStep {
    /// The words that serve it.
    pub step: String,
    /// How many reached it.
    pub customers: u64,
    /// Of those who took the first step; not known if nobody did.
    pub share_of_first: Option<f64>,
    /// Of those who took the step before; of the first step as `share_of_first`.
    pub share_of_before: Option<f64>,
    /// The median time from the step before, in days, of those who reached it.
    pub median_days_from_before: Option<f64>,
    /// The median time from the first step, in days.
    pub median_days_from_first: Option<f64>,
}

/// What customers who got no further did next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DropOut {
    /// The number of the last step that they took, from 0.
    pub step: usize,
    /// The word of the touchpoint that came next; none if there was no other.
    pub next: Option<String>,
    /// How many.
    pub customers: u64,
}

/// How far one customer, or one path, got.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reached {
    /// Steps taken.
    pub steps: u32,
    /// When the first of them was, in microseconds; none without a step, or without times.
    pub first_at: Option<i64>,
    /// When the last of them was.
    pub last_at: Option<i64>,
}

impl Paths {
    /// How far customers get through the steps: of each customer the longest chain of steps counts, over all touchpoints that it may start from.
    ///
    /// A chain starts at a touchpoint that serves the first step; each further step is the first touchpoint that serves it after the one before (or at its
    /// instant), no later than `within` after the start. The chain that reaches furthest counts, of several the one that starts first; its times are those
    /// reported. A touchpoint serves one step of a chain. With steps that share no touchpoint this is `windowFunnel` of ClickHouse.
    ///
    /// ```
    /// use wayfare::paths::{FunnelRequest, Paths};
    ///
    /// let paths = Paths::from_strings(&["email > search > direct", "search"], &[3, 1], &[], &[10, 4], " > ")?;
    /// let funnel = paths.funnel(&FunnelRequest { per: "path".to_owned(), ..FunnelRequest::new(["email", "direct"]).by("channel") })?;
    /// assert_eq!(funnel.steps[1].customers, 13);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a request that cannot be meant, a dimension that there is not, and what these paths do not know: times, customers.
    pub fn funnel(&self, request: &FunnelRequest) -> Result<Funnel> {
        let plan = Plan::new(self, request)?;
        let steps = plan.rules.steps;
        let next_words = plan.by.words().len() + 1;
        let units = self.units(plan.per_path)?;
        let count = |units: &[(Range<usize>, u64)]| {
            let mut worker = Worker::default();
            let mut counts = Counts::new(steps, next_words);
            for (unit, weight) in units {
                worker.fold(self, &plan, unit);
                counts.take(&worker.chains.best, *weight);
                if let Some(last) = worker.chains.best.iter().map(|event| event.place as usize).max()
                    && worker.chains.best.len() < steps
                {
                    let next = (last + 1 < unit.end).then(|| plan.by.codes().get(last + 1).copied()).flatten();
                    counts.drop_out(worker.chains.best.len(), next.map_or(next_words - 1, |code| code as usize), *weight);
                }
            }
            counts
        };
        let counts = units.par_chunks(1 << 12).map(count).reduce(|| Counts::new(steps, next_words), Counts::and);
        let names = plan.by.words().iter().map(|word| Some(word.clone().unwrap_or_else(|| NO_WORD.to_owned())));
        let next: Vec<Option<String>> = names.chain([None]).collect();
        counts.told(request, self.has_times(), &next)
    }

    /// How far each customer, or each path, got through the steps, in their order.
    ///
    /// # Errors
    /// As [`funnel`](Self::funnel).
    pub fn funnel_reached(&self, request: &FunnelRequest) -> Result<Vec<Reached>> {
        let plan = Plan::new(self, request)?;
        let units = self.units(plan.per_path)?;
        let chunks = units.par_chunks(1 << 12).map(|units| {
            let mut worker = Worker::default();
            let reached = units.iter().map(|(unit, _)| {
                worker.fold(self, &plan, unit);
                let best = &worker.chains.best;
                let known = |event: &Event| self.at(event.place as usize);
                Reached { steps: best.len() as u32, first_at: best.first().and_then(known), last_at: best.last().and_then(known) }
            });
            reached.collect::<Vec<_>>()
        });
        Ok(chunks.collect::<Vec<_>>().concat())
    }

    /// Ranges of touchpoints, each with how often it was gone.
    pub(super) fn units(&self, per_path: bool) -> Result<Vec<(Range<usize>, u64)>> {
        if !per_path {
            if self.ends.is_empty() && !self.rows.is_empty() {
                return Err(Error::new(ErrorKind::InvalidArgument, "these paths came as strings, which do not tell customers apart")
                    .with_help("ask `per` path instead of per customer"));
            }
            return Ok(self.histories().map(|history| (history, 1)).collect());
        }
        let with_conversion = |row: &super::PathRow| row.start..row.end + usize::from(row.conversions > 0 && !self.ends.is_empty());
        Ok(self.rows.iter().map(|row| (with_conversion(row), row.conversions + row.nulls)).collect())
    }

    /// Refuses what needs times if there are none.
    pub(super) fn with_times(&self) -> Result<()> {
        match self.has_times() {
            true => Ok(()),
            false => Err(no_times()),
        }
    }
}

/// A request with the numbers of the words that it names.
struct Plan<'p> {
    rules: chain::ChainRules,
    per_path: bool,
    /// Of each dimension that is looked at, the codes of the touchpoints, and the steps that each word serves.
    looks: Vec<(&'p [u32], Vec<u32>)>,
    by: &'p Dimension,
}

impl<'p> Plan<'p> {
    fn new(paths: &'p Paths, request: &FunnelRequest) -> Result<Self> {
        let rules = request.rules()?;
        if rules.within.is_some() || rules.strict_increase {
            paths.with_times()?;
        }
        let look = |look: &Look<'_>| {
            let dimension = paths.dimension(look.dimension)?;
            Ok((dimension.codes(), dimension.words().iter().map(|word| look.serves(word.as_deref())).collect()))
        };
        Ok(Self {
            rules,
            per_path: request.is_per_path()?,
            looks: request.looks().iter().map(look).collect::<Result<_>>()?,
            by: paths.dimension(&request.by)?,
        })
    }
}

#[derive(Default)]
struct Worker {
    events: Vec<Event>,
    chains: Chains,
}

impl Worker {
    fn fold(&mut self, paths: &Paths, plan: &Plan<'_>, unit: &Range<usize>) {
        self.events.clear();
        for place in unit.clone() {
            let serves =
                |(codes, serves): &(&[u32], Vec<u32>)| codes.get(place).and_then(|code| serves.get(*code as usize)).copied().unwrap_or(0);
            let serves = plan.looks.iter().map(serves).fold(u32::MAX, |all, these| all & these);
            if serves != 0 || plan.rules.strict_order {
                // Without times each touchpoint has an instant of its own.
                let at = paths.at(place).unwrap_or(place as i64);
                self.events.push(Event { at, serves, place: place as u32 });
            }
        }
        self.chains.find(&mut self.events, &plan.rules);
    }
}

#[cfg(test)]
mod tests;
