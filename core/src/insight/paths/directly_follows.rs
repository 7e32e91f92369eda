//! Which activity comes directly after which: the graph that process mining starts from.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use super::Paths;
use super::funnel::NO_WORD;
use crate::error::Result;

/// How often one activity came directly after another, and which began and ended. Counts of pieces add up to those of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirectlyFollows {
    /// How often the second came directly after the first, in the order of the words.
    pub edges: BTreeMap<(String, String), u64>,
    /// How often an activity was the first.
    pub start: BTreeMap<String, u64>,
    /// How often it was the last.
    pub end: BTreeMap<String, u64>,
}

impl Paths {
    /// The directly-follows graph: a case is a customer with all touchpoints, or with `per_path` a path (with the conversion that ends it); an activity is
    /// the word of a dimension.
    ///
    /// ```
    /// use wayfare::paths::Paths;
    ///
    /// let paths = Paths::from_strings(&["email > search > search"], &[3], &[], &[10], " > ")?;
    /// let graph = paths.directly_follows("channel", true)?;
    /// assert_eq!(graph.edges[&("search".to_owned(), "search".to_owned())], 13);
    /// assert_eq!(graph.start["email"], 13);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if there is no such dimension, or customers are not known.
    pub fn directly_follows(&self, by: &str, per_path: bool) -> Result<DirectlyFollows> {
        let dimension = self.dimension(by)?;
        let units = self.units(per_path)?;
        type Codes = BTreeMap<(u32, u32), u64>;
        // An end stands where no word has a number.
        const OUTSIDE: u32 = u32::MAX;
        let count = |units: &[(Range<usize>, u64)]| {
            let mut counts = Codes::new();
            for (unit, weight) in units {
                let mut from = OUTSIDE;
                for code in dimension.codes().get(unit.clone()).unwrap_or_default() {
                    *counts.entry((from, *code)).or_default() += weight;
                    from = *code;
                }
                if from != OUTSIDE {
                    *counts.entry((from, OUTSIDE)).or_default() += weight;
                }
            }
            counts
        };
        let join = |mut all: Codes, more: Codes| {
            more.into_iter().for_each(|(pair, count)| *all.entry(pair).or_default() += count);
            all
        };
        let counts = units.par_chunks(1 << 14).map(count).reduce(Codes::new, join);
        let word = |code: u32| dimension.words().get(code as usize).cloned().flatten().unwrap_or_else(|| NO_WORD.to_owned());
        let mut graph = DirectlyFollows::default();
        for ((from, to), count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            match (from, to) {
                (OUTSIDE, to) => *graph.start.entry(word(to)).or_default() += count,
                (from, OUTSIDE) => *graph.end.entry(word(from)).or_default() += count,
                (from, to) => *graph.edges.entry((word(from), word(to))).or_default() += count,
            }
        }
        Ok(graph)
    }
}

impl DirectlyFollows {
    /// The graph of both.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut all = self.clone();
        other.edges.iter().for_each(|(pair, count)| *all.edges.entry(pair.clone()).or_default() += count);
        other.start.iter().for_each(|(word, count)| *all.start.entry(word.clone()).or_default() += count);
        other.end.iter().for_each(|(word, count)| *all.end.entry(word.clone()).or_default() += count);
        all
    }
}
