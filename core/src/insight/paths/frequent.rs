//! Which paths are gone most, and where people leave.

use indexmap::IndexMap;

use super::{PathRow, Paths};
use crate::error::Result;
use crate::exact::ExactSum;

type ByCodes = IndexMap<Box<[u32]>, Tally, foldhash::fast::FixedState>;

/// A path that was gone, and what came of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FrequentPath {
    /// The words of its touchpoints; none where a touchpoint has none.
    pub path: Vec<Option<String>>,
    /// How often it was gone.
    pub paths: u64,
    /// How often it ended in a conversion.
    pub conversions: u64,
    /// How often it ended without.
    pub nulls: u64,
    /// The value of its conversions.
    pub value: f64,
    /// Conversions of all.
    pub conversion_rate: f64,
}

/// A word at which people leave.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Exit {
    /// The word; none if touchpoints have none.
    pub word: Option<String>,
    /// Paths that did not convert whose last touchpoint has the word.
    pub exits: u64,
    /// Touchpoints with the word on all paths.
    pub touchpoints: u64,
    /// Paths with such a touchpoint.
    pub paths: u64,
    /// Exits of the touchpoints: how often it is the last that is heard of somebody.
    pub exit_rate: f64,
    /// Of all exits.
    pub share: f64,
}

#[derive(Debug, Default)]
struct Tally {
    conversions: u64,
    nulls: u64,
    value: ExactSum,
}

impl Paths {
    /// The paths that were gone most often, by the words of a dimension: most frequent first, equally frequent ones in the order of their words.
    ///
    /// ```
    /// use wayfare::paths::Paths;
    ///
    /// let paths = Paths::from_strings(&["email > search", "search"], &[3, 1], &[90.0, 20.0], &[10, 4], " > ")?;
    /// let top = paths.top("channel", 1)?;
    /// assert_eq!((top[0].paths, top[0].conversions, top[0].value), (13, 3, 90.0));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if there is no such dimension.
    pub fn top(&self, by: &str, most: usize) -> Result<Vec<FrequentPath>> {
        let dimension = self.dimension(by)?;
        let (mut counts, mut path) = (ByCodes::default(), Vec::new());
        for row in &self.rows {
            path.clear();
            path.extend(self.touches(row).filter_map(|touch| dimension.codes().get(touch).copied()));
            match counts.get_mut(path.as_slice()) {
                Some(tally) => tally.add(row),
                None => {
                    let mut tally = Tally::default();
                    tally.add(row);
                    counts.insert(path.as_slice().into(), tally);
                }
            }
        }
        let mut found: Vec<(Box<[u32]>, Tally)> = counts.into_iter().filter(|(_, tally)| tally.paths() > 0).collect();
        // Words are in order, so that their codes are.
        let order = |a: &(Box<[u32]>, Tally), b: &(Box<[u32]>, Tally)| b.1.paths().cmp(&a.1.paths()).then_with(|| a.0.cmp(&b.0));
        if found.len() > most && most > 0 {
            found.select_nth_unstable_by(most - 1, order);
        }
        found.truncate(most);
        found.sort_unstable_by(order);
        let word = |code: &u32| dimension.words().get(*code as usize).cloned().flatten();
        let told = found.into_iter().map(|(path, tally)| FrequentPath {
            path: path.iter().map(word).collect(),
            paths: tally.paths(),
            conversions: tally.conversions,
            nulls: tally.nulls,
            value: tally.value.value(),
            conversion_rate: tally.conversions as f64 / tally.paths() as f64,
        });
        Ok(told.collect())
    }

    /// Where people leave: the last touchpoints of paths that did not convert, by the words of a dimension, most exits first.
    ///
    /// ```
    /// use wayfare::paths::Paths;
    ///
    /// let paths = Paths::from_strings(&["email > search", "search"], &[3, 1], &[], &[10, 4], " > ")?;
    /// let exits = paths.exits("channel")?;
    /// assert_eq!((exits[0].word.as_deref(), exits[0].exits, exits[0].touchpoints), (Some("search"), 14, 18));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if there is no such dimension.
    pub fn exits(&self, by: &str) -> Result<Vec<Exit>> {
        let dimension = self.dimension(by)?;
        let words = dimension.words().len();
        let mut counts = vec![[0_u64; 3]; words];
        let mut seen_in = vec![0_usize; words];
        for (number, row) in (1..).zip(&self.rows) {
            let times = row.conversions + row.nulls;
            let mut last = None;
            for code in self.touches(row).filter_map(|touch| dimension.codes().get(touch).map(|code| *code as usize)) {
                if let (Some([_, touchpoints, paths]), Some(seen)) = (counts.get_mut(code), seen_in.get_mut(code)) {
                    *touchpoints += times;
                    *paths += if *seen == number { 0 } else { times };
                    *seen = number;
                }
                last = Some(code);
            }
            if let Some([exits, ..]) = last.and_then(|last| counts.get_mut(last)) {
                *exits += row.nulls;
            }
        }
        let all: u64 = counts.iter().map(|[exits, ..]| exits).sum();
        let share = |part: u64, all: u64| if all == 0 { 0.0 } else { part as f64 / all as f64 };
        let told = dimension.words().iter().zip(counts).filter(|(_, [_, touchpoints, _])| *touchpoints > 0);
        let mut told: Vec<Exit> = told
            .map(|(word, [exits, touchpoints, paths])| Exit {
                word: word.clone(),
                exits,
                touchpoints,
                paths,
                exit_rate: share(exits, touchpoints),
                share: share(exits, all),
            })
            .collect();
        told.sort_by_key(|exit| std::cmp::Reverse(exit.exits));
        Ok(told)
    }
}

impl Tally {
    fn add(&mut self, row: &PathRow) {
        self.conversions += row.conversions;
        self.nulls += row.nulls;
        self.value.add(row.value);
    }

    fn paths(&self) -> u64 {
        self.conversions + self.nulls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_paths_are_one_whatever_order_they_come_in() {
        let rows = [("a > b", 1, 0.1, 2), ("b", 0, 0.0, 3), ("a > b", 2, 0.2, 0), ("", 1, 0.3, 0), ("c", 2, 0.0, 1)];
        let told = |order: &[usize]| {
            let of = |at: &usize| rows[*at];
            let texts: Vec<&str> = order.iter().map(|at| of(at).0).collect();
            let (conversions, nulls): (Vec<u64>, Vec<u64>) = order.iter().map(|at| (of(at).1, of(at).3)).unzip();
            let values: Vec<f64> = order.iter().map(|at| of(at).2).collect();
            Paths::from_strings(&texts, &conversions, &values, &nulls, ">").unwrap()
        };
        let top = told(&[0, 1, 2, 3, 4]).top("channel", 3).unwrap();
        let shown: Vec<_> =
            top.iter().map(|path| (path.path.iter().flatten().cloned().collect::<Vec<_>>().join(" "), path.paths, path.value)).collect();
        assert_eq!(shown, [("a b".to_owned(), 5, 0.1 + 0.2), ("b".to_owned(), 3, 0.0), ("c".to_owned(), 3, 0.0)]);
        assert_eq!(top[0].conversion_rate, 3.0 / 5.0);
        for order in [[4, 3, 2, 1, 0], [2, 4, 0, 1, 3]] {
            assert_eq!(told(&order).top("channel", 3).unwrap(), top);
            assert_eq!(told(&order).exits("channel").unwrap(), told(&[0, 1, 2, 3, 4]).exits("channel").unwrap());
        }
        assert!(told(&[0, 1]).top("channel", 0).unwrap().is_empty());
        assert_eq!(told(&[0, 1, 2, 3, 4]).top("channel", 99).unwrap().len(), 4);
    }

    #[test]
    fn an_exit_is_the_last_touchpoint_of_those_who_did_not_convert() {
        let paths = Paths::from_strings(&["a > b > a", "b"], &[1, 0], &[], &[2, 4], ">").unwrap();
        let exits = paths.exits("channel").unwrap();
        let shown: Vec<_> = exits.iter().map(|exit| (exit.word.as_deref(), exit.exits, exit.touchpoints, exit.paths)).collect();
        assert_eq!(shown, [(Some("b"), 4, 7, 7), (Some("a"), 2, 6, 3)]);
        assert_eq!((exits[0].exit_rate, exits[0].share), (4.0 / 7.0, 4.0 / 6.0));
    }
}
