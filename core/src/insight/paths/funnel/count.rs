//! What the chains of many customers come to.

use super::chain::Event;
use super::{DropOut, Funnel, FunnelRequest, FunnelStep};
use crate::error::Result;
use crate::time::MICROS_PER_DAY;

/// Counts of chains that can be added to others.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    /// How many reached each step.
    reached: Vec<u64>,
    /// Of each step, how long each customer who reached it took from the one before, and from the first.
    from_before: Vec<Vec<i64>>,
    from_first: Vec<Vec<i64>>,
    /// For each number of steps taken, what came next.
    next: Vec<Vec<u64>>,
}

impl Counts {
    pub(crate) fn new(steps: usize, next_words: usize) -> Self {
        let none = || vec![Vec::new(); steps];
        Self { reached: vec![0; steps], from_before: none(), from_first: none(), next: vec![vec![0; next_words]; steps + 1] }
    }

    #[inline]
    pub(crate) fn take(&mut self, chain: &[Event], weight: u64) {
        let mut before = chain.first();
        for (step, event) in chain.iter().enumerate() {
            self.reached.get_mut(step).into_iter().for_each(|reached| *reached += weight);
            if let (Some(first), Some(last), 1..) = (chain.first(), before, step) {
                self.from_before.get_mut(step).into_iter().for_each(|times| times.push(event.at - last.at));
                self.from_first.get_mut(step).into_iter().for_each(|times| times.push(event.at - first.at));
            }
            before = Some(event);
        }
    }

    pub(crate) fn drop_out(&mut self, steps: usize, next: usize, weight: u64) {
        self.next.get_mut(steps).and_then(|next_words| next_words.get_mut(next)).into_iter().for_each(|count| *count += weight);
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        let add = |to: &mut Vec<u64>, from: Vec<u64>| to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        let join = |to: &mut Vec<Vec<i64>>, from: Vec<Vec<i64>>| {
            to.iter_mut().zip(from).for_each(|(to, from)| if to.is_empty() { *to = from } else { to.extend(from) });
        };
        add(&mut self.reached, other.reached);
        join(&mut self.from_before, other.from_before);
        join(&mut self.from_first, other.from_first);
        self.next.iter_mut().zip(other.next).for_each(|(to, from)| add(to, from));
        self
    }

    /// The funnel that they come to.
    pub(crate) fn told(self, request: &FunnelRequest, has_times: bool, next_words: &[Option<String>]) -> Result<Funnel> {
        let first = self.reached.first().copied().unwrap_or(0);
        let share = |count: u64, of: u64| (of > 0).then(|| count as f64 / of as f64);
        let befores = std::iter::once(first).chain(self.reached.iter().copied());
        let times = self.from_before.into_iter().zip(self.from_first);
        let steps = request.names().into_iter().zip(&self.reached).zip(befores).zip(times);
        let steps = steps.map(|(((step, customers), before), (from_before, from_first))| FunnelStep {
            step,
            customers: *customers,
            share_of_first: share(*customers, first),
            share_of_before: share(*customers, before),
            median_days_from_before: median_days(from_before).filter(|_| has_times),
            median_days_from_first: median_days(from_first).filter(|_| has_times),
        });
        let steps = steps.collect();
        let mut drop_outs: Vec<DropOut> = Vec::new();
        for (taken, counts) in self.next.iter().enumerate().skip(1) {
            let counts = counts.iter().zip(next_words).filter(|(count, _)| **count > 0);
            drop_outs.extend(counts.map(|(count, next)| DropOut { step: taken - 1, next: next.clone(), customers: *count }));
        }
        drop_outs.sort_by(|a, b| a.step.cmp(&b.step).then(b.customers.cmp(&a.customers)).then_with(|| a.next.cmp(&b.next)));
        Ok(Funnel { steps, drop_outs, within: request.window()?, per: if request.is_per_path()? { "path" } else { "customer" } })
    }
}

/// The median: of an even number, half way between the two in the middle.
fn median_days(mut micros: Vec<i64>) -> Option<f64> {
    let middle = micros.len().checked_sub(1)? / 2;
    let is_odd = micros.len() % 2 == 1;
    let (_, lower, above) = micros.select_nth_unstable(middle);
    let upper = if is_odd { *lower } else { above.iter().copied().min().unwrap_or(*lower) };
    Some((i128::from(*lower) + i128::from(upper)) as f64 / 2.0 / MICROS_PER_DAY as f64)
}
