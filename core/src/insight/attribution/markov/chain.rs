//! The chain that counts stand for: sparse probabilities between states that a path can reach.

use std::collections::BTreeMap;

use super::counts::{MarkovCounts, next_gram};

/// An absorbing chain. A state that nothing leaves goes to null: its row is empty.
pub(super) struct Chain {
    /// The words of each state, by number.
    pub(super) grams: Vec<Vec<u32>>,
    pub(super) start: Vec<f64>,
    /// Where the moves of each state begin.
    offsets: Vec<usize>,
    moves: Vec<(usize, f64)>,
    /// The probability to convert from each state at once.
    pub(super) converts: Vec<f64>,
    /// The value that comes with it, a visit.
    pub(super) earns: Vec<f64>,
    pub(super) words: usize,
}

impl Chain {
    /// Of counts in their canonical form.
    pub(super) fn of(counts: &MarkovCounts) -> Self {
        let reached = reached(counts);
        let numbers: BTreeMap<&[u32], usize> = reached.iter().enumerate().map(|(number, gram)| (gram.as_slice(), number)).collect();
        let begun: u64 = counts.states.values().map(|state| state.start).sum();
        let mut chain = Self {
            grams: Vec::new(),
            start: Vec::new(),
            offsets: vec![0],
            moves: Vec::new(),
            converts: Vec::new(),
            earns: Vec::new(),
            words: counts.words().len(),
        };
        for gram in &reached {
            let Some(state) = counts.states.get(gram) else { continue };
            let exits = state.exits() as f64;
            let share = |part: f64| if exits > 0.0 { part / exits } else { 0.0 };
            chain.start.push(state.start as f64 / begun as f64);
            for (next, times) in &state.moves {
                let to = next_gram(gram, *next, counts.order);
                chain.moves.extend(numbers.get(to.as_slice()).map(|to| (*to, share(*times as f64))));
            }
            chain.offsets.push(chain.moves.len());
            chain.converts.push(share(state.ends.conversions as f64));
            chain.earns.push(share(state.ends.value.value()));
        }
        chain.grams = reached;
        chain
    }

    pub(super) fn states(&self) -> usize {
        self.grams.len()
    }

    pub(super) fn moves(&self, state: usize) -> &[(usize, f64)] {
        match (self.offsets.get(state), self.offsets.get(state + 1)) {
            (Some(start), Some(end)) => self.moves.get(*start..*end).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The states that hold each word.
    pub(super) fn holding(&self) -> Vec<Vec<usize>> {
        let mut holding: Vec<Vec<usize>> = vec![Vec::new(); self.words];
        for (state, gram) in self.grams.iter().enumerate() {
            for word in gram {
                let states = holding.get_mut(*word as usize);
                states.into_iter().filter(|states| states.last() != Some(&state)).for_each(|states| states.push(state));
            }
        }
        holding
    }
}

/// The states that paths come to, in order.
fn reached(counts: &MarkovCounts) -> Vec<Vec<u32>> {
    let begun = counts.states.iter().filter(|(_, state)| state.start > 0);
    let mut found: std::collections::BTreeSet<Vec<u32>> = begun.map(|(gram, _)| gram.clone()).collect();
    let mut waiting: Vec<Vec<u32>> = found.iter().cloned().collect();
    while let Some(gram) = waiting.pop() {
        for next in counts.states.get(&gram).into_iter().flat_map(|state| state.moves.keys()) {
            let to = next_gram(&gram, *next, counts.order);
            if !found.contains(&to) {
                found.insert(to.clone());
                waiting.push(to);
            }
        }
    }
    found.into_iter().collect()
}
