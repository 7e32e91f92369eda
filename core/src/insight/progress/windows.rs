//! Windows as long as the horizon: what was said at their start, and what happened in them.

use super::age;
use super::chain::Chain;
use super::timeline::{Customer, Part, Stay, Timeline};
use crate::splitmix::mixed;

/// Instants between touchpoints are at least a horizon apart, and at most so many of one customer.
const MOST_INSTANTS: i64 = 8;

/// A window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) customer: usize,
    pub(super) probability: f64,
    /// How long the customer had done nothing, in microseconds.
    pub(super) age: f64,
    pub(super) happened: bool,
    /// Whether it starts with a touchpoint, or at an instant between.
    pub(super) at_touchpoint: bool,
}

/// Windows of some customers, and how many end after the observation, so that nobody knows what happens in them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Windows {
    pub(super) all: Vec<Window>,
    pub(super) censored_touchpoints: u64,
    pub(super) censored_instants: u64,
}

/// What is looked at: whose windows, how long, and with which probabilities.
pub(super) struct View<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) chain: &'a Chain,
    /// By row and node.
    pub(super) nodes: &'a [Vec<f64>],
    pub(super) horizon: i64,
    pub(super) seed: u64,
}

impl View<'_> {
    /// The windows of the customers of a part: one from each touchpoint that is no conversion, and some from instants between.
    pub(super) fn windows(&self, part: Part) -> Windows {
        let chunks = self.timeline.chunks(|customers| {
            let (mut windows, mut stays, mut conversions) = (Windows::default(), Vec::new(), Vec::new());
            for customer in customers.filter(|customer| Part::of(customer.key, self.seed) == part) {
                stays.clear();
                stays.extend(customer.stays(self.timeline.observed_until));
                customer.next_conversions(&mut conversions);
                self.touchpoints(&customer, &stays, &conversions, &mut windows);
                self.instants(&customer, &stays, &conversions, &mut windows);
            }
            windows
        });
        chunks.into_iter().fold(Windows::default(), |mut all, mut chunk| {
            all.all.append(&mut chunk.all);
            all.censored_touchpoints += chunk.censored_touchpoints;
            all.censored_instants += chunk.censored_instants;
            all
        })
    }

    /// The probability of somebody in a state, of an age.
    pub(super) fn probability(&self, stay: &Stay, age: i64) -> f64 {
        let (cell, into) = age::cell(age);
        self.nodes.get(self.chain.place(stay.state)).map_or(0.0, |nodes| age::sum(nodes, cell.into(), 1.0, into as f64))
    }

    fn touchpoints(&self, customer: &Customer<'_>, stays: &[Stay], conversions: &[Option<i64>], windows: &mut Windows) {
        let touchpoints = stays.iter().zip(customer.ats).zip(conversions).filter(|((stay, _), _)| !stay.state.last().is_conversion());
        for ((stay, at), conversion) in touchpoints {
            let Some(end) = at.checked_add(self.horizon).filter(|end| *end <= self.timeline.observed_until) else {
                windows.censored_touchpoints += 1;
                continue;
            };
            let nodes = self.nodes.get(self.chain.place(stay.state)).and_then(|nodes| nodes.first());
            windows.all.push(Window {
                customer: customer.number,
                probability: nodes.copied().unwrap_or_default(),
                age: 0.0,
                happened: conversion.is_some_and(|conversion| conversion <= end),
                at_touchpoint: true,
            });
        }
    }

    fn instants(&self, customer: &Customer<'_>, stays: &[Stay], conversions: &[Option<i64>], windows: &mut Windows) {
        let Some(first) = customer.ats.first() else { return };
        let apart = self.horizon.max(self.timeline.observed_until.saturating_sub(*first) / MOST_INSTANTS).max(1);
        // Where the first one lies is by chance, so that instants stand for all times alike.
        let share = mixed(customer.key ^ mixed(self.seed ^ 0x0069_6e73_7461_6e74));
        let offset = ((u128::from(share) * apart as u128) >> 64) as i64;
        let mut instant = first.saturating_add(offset);
        let mut reached = 0;
        while instant <= self.timeline.observed_until {
            while customer.ats.get(reached + 1).is_some_and(|at| *at <= instant) {
                reached += 1;
            }
            let (Some(stay), Some(at)) = (stays.get(reached), customer.ats.get(reached)) else { return };
            match instant.checked_add(self.horizon).filter(|end| *end <= self.timeline.observed_until) {
                None => windows.censored_instants += 1,
                Some(end) => windows.all.push(Window {
                    customer: customer.number,
                    probability: self.probability(stay, instant - at),
                    age: (instant - at) as f64,
                    happened: conversions.get(reached).copied().flatten().is_some_and(|conversion| conversion <= end),
                    at_touchpoint: false,
                }),
            }
            instant = instant.saturating_add(apart);
        }
    }
}
