//! How long customers stay with one word: in a stage, with a channel.

use std::ops::Range;

use rayon::prelude::*;

use super::Paths;
use super::survival::{Spells, StageTime};
use crate::error::Result;
use crate::time::Instant;

impl Paths {
    /// How long customers stay with each word of a dimension: from the first of touchpoints with that word one after the other to the first with another
    /// word. What is not over is censored at the end of the observation: `observed_until`, or when it is not said, what the paths know of it. Later
    /// touchpoints are left aside, and touchpoints without a word neither begin nor end anything.
    ///
    /// The mean is of the time up to `restricted_to_days`, at most the longest that was seen.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if there is no such dimension, or no times and customers.
    pub fn time_in_stage(&self, by: &str, observed_until: Option<Instant>, restricted_to_days: Option<f64>) -> Result<Vec<StageTime>> {
        let dimension = self.dimension(by)?;
        self.with_times()?;
        let until = observed_until.map_or(self.observed_until, Instant::as_micros);
        let histories: Vec<Range<usize>> = self.units(false)?.into_iter().map(|(history, _)| history).collect();
        let words = dimension.words();
        let spells_of = |histories: &[Range<usize>]| {
            let mut all = vec![Spells::default(); words.len()];
            let mut add = |word: u32, from: i64, to: Option<i64>| {
                let length = to.unwrap_or(until) - from;
                all.get_mut(word as usize).into_iter().for_each(|spells| spells.add(length, to.is_some()));
            };
            for history in histories {
                let mut current: Option<(u32, i64)> = None;
                for event in history.clone() {
                    let (Some(at), Some(code)) = (self.at(event), dimension.codes().get(event).copied()) else { continue };
                    if at > until {
                        break;
                    }
                    if words.get(code as usize).is_none_or(Option::is_none) {
                        continue;
                    }
                    match current {
                        Some((word, _)) if word == code => {}
                        _ => {
                            current.into_iter().for_each(|(word, from)| add(word, from, Some(at)));
                            current = Some((code, at));
                        }
                    }
                }
                current.into_iter().for_each(|(word, from)| add(word, from, None));
            }
            all
        };
        let join = |mut all: Vec<Spells>, more: Vec<Spells>| {
            all.iter_mut().zip(more).for_each(|(all, more)| all.join(more));
            all
        };
        let spells = histories.par_chunks(1 << 14).map(spells_of).reduce(|| vec![Spells::default(); words.len()], join);
        let known = words.iter().zip(&spells).filter_map(|(word, spells)| Some((word.clone()?, spells)));
        let entered = known.filter(|(_, spells)| spells.counts() != (0, 0));
        entered.map(|(word, spells)| StageTime::of(None, word, spells, restricted_to_days)).collect()
    }
}
