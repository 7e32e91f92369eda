//! Paths of touchpoints that tests make up.

use std::collections::BTreeMap;

use super::rows::Customers;
use super::{Dimension, PathRow, Paths};

/// A touchpoint; its kind is its content.
#[derive(Debug, Clone)]
pub(super) struct Touch {
    pub(super) customer: usize,
    pub(super) at: i64,
    pub(super) kind: String,
}

/// Paths of customers none of whom converts, one each.
pub(super) fn paths(touches: &[Touch]) -> Paths {
    let mut by_customer: BTreeMap<usize, Vec<(i64, &str)>> = BTreeMap::new();
    for touch in touches {
        by_customer.entry(touch.customer).or_default().push((touch.at, &touch.kind));
    }
    let (mut events, mut ends, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for (number, (_, mut own)) in (0..).zip(by_customer) {
        own.sort_unstable();
        let start = events.len();
        events.extend(own);
        ends.push(events.len());
        rows.push(PathRow { start, end: events.len(), customer: number, conversions: 0, nulls: 1, value: 0.0, ended_at: 0 });
    }
    let kinds = Dimension::of_texts("kind", events.iter().map(|(_, kind)| Some(*kind)));
    let customers = Customers::Integers((0..ends.len() as i64).collect());
    let strings = Paths::from_strings(&[], &[], &[], &[], ">").unwrap();
    let ats: Vec<i64> = events.iter().map(|(at, _)| *at).collect();
    Paths { dimensions: vec![kinds], observed_until: ats.iter().copied().max().unwrap_or(0), ats, ends, customers, rows, ..strings }
}

/// Numbers that look random, the same at every run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end
    }

    pub(super) fn flip(&mut self) -> bool {
        self.below(2) == 1
    }

    pub(super) fn shuffled<T: Clone>(&mut self, items: &[T]) -> Vec<T> {
        let mut items = items.to_vec();
        (1..items.len()).for_each(|at| items.swap(at, self.below(at + 1)));
        items
    }
}
