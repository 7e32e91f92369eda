//! From which word to which paths go, and how often.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Paths;
use crate::error::{Error, ErrorKind, Result};

/// Words up to which transitions are counted in a square table, not one by one.
const DENSE: usize = 512;

/// Where a transition begins or ends: at a word, or at an end of the path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Before the first touchpoint.
    Start,
    /// At a touchpoint with that word; none if it has none.
    Word(Option<String>),
    /// The conversion.
    Conversion,
    /// The end of a path that did not convert.
    Null,
}

impl Place {
    /// `(start)`, `(conversion)`, `(null)`, `(none)`, or the word.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Start => "(start)",
            Self::Word(word) => word.as_deref().unwrap_or(super::funnel::NO_WORD),
            Self::Conversion => "(conversion)",
            Self::Null => "(null)",
        }
    }
}

/// How often paths went from one place to another. Counts of pieces of a table add up to those of the whole, and can be taken away again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitionMatrix {
    by: String,
    counts: BTreeMap<(Place, Place), u64>,
}

impl Paths {
    /// How often paths went from one word of a dimension to another, from their start, to a conversion or to their end without one.
    ///
    /// A path without touchpoints goes from its start to its end at once. Touchpoints that follow one with the same word count as transitions to itself.
    ///
    /// ```
    /// use wayfare::paths::{Paths, Place};
    ///
    /// let paths = Paths::from_strings(&["C1 > C2 > C3", "C1", "C2 > C3"], &[1, 0, 0], &[], &[0, 1, 1], ">")?;
    /// let matrix = paths.transition_matrix("channel")?;
    /// let word = |word: &str| Place::Word(Some(word.to_owned()));
    /// assert_eq!(matrix.count(&word("C2"), &word("C3")), 2);
    /// assert_eq!(matrix.probability(&word("C3"), &Place::Conversion), 0.5);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if there is no such dimension.
    pub fn transition_matrix(&self, by: &str) -> Result<TransitionMatrix> {
        let dimension = self.dimension(by)?;
        let (codes, words) = (dimension.codes(), dimension.words().len());
        // The words, then where paths start and end.
        let (start, conversion, null) = (words, words + 1, words + 2);
        let each = |row: &super::PathRow, add: &mut dyn FnMut(usize, usize, u64)| {
            let times = row.conversions + row.nulls;
            let mut from = start;
            for touch in self.touches(row) {
                let to = codes.get(touch).map_or(0, |code| *code as usize);
                add(from, to, times);
                from = to;
            }
            add(from, conversion, row.conversions);
            add(from, null, row.nulls);
        };
        let side = words + 3;
        let chunks = self.rows.par_chunks(1 << 14);
        let counts: BTreeMap<(usize, usize), u64> = match words <= DENSE {
            true => {
                let count = |rows: &[super::PathRow]| {
                    let mut counts = vec![0_u64; side * side];
                    let mut add = |from: usize, to: usize, times: u64| {
                        counts.get_mut(from * side + to).into_iter().for_each(|count| *count += times);
                    };
                    rows.iter().for_each(|row| each(row, &mut add));
                    counts
                };
                let sum = |mut all: Vec<u64>, more: Vec<u64>| {
                    all.iter_mut().zip(more).for_each(|(all, more)| *all += more);
                    all
                };
                let counts = chunks.map(count).reduce(|| vec![0; side * side], sum);
                counts.into_iter().enumerate().map(|(at, count)| ((at / side, at % side), count)).collect()
            }
            false => {
                let count = |rows: &[super::PathRow]| {
                    let mut counts = BTreeMap::new();
                    rows.iter().for_each(|row| each(row, &mut |from, to, times| *counts.entry((from, to)).or_default() += times));
                    counts
                };
                let sum = |mut all: BTreeMap<(usize, usize), u64>, more: BTreeMap<(usize, usize), u64>| {
                    more.into_iter().for_each(|(pair, count)| *all.entry(pair).or_default() += count);
                    all
                };
                chunks.map(count).reduce(BTreeMap::new, sum)
            }
        };
        let place = |at: usize| match dimension.words().get(at) {
            Some(word) => Place::Word(word.clone()),
            None if at == start => Place::Start,
            None if at == conversion => Place::Conversion,
            None => Place::Null,
        };
        let counted = counts.into_iter().filter(|(_, count)| *count > 0);
        Ok(TransitionMatrix { by: by.to_owned(), counts: counted.map(|((from, to), count)| ((place(from), place(to)), count)).collect() })
    }
}

impl TransitionMatrix {
    /// The dimension whose words they are of.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// The transitions that there were, from the start on, then by word, each with how often it was.
    pub fn counts(&self) -> impl Iterator<Item = (&Place, &Place, u64)> {
        self.counts.iter().map(|((from, to), count)| (from, to, *count))
    }

    /// How often paths went from one place to another.
    #[must_use]
    pub fn count(&self, from: &Place, to: &Place) -> u64 {
        self.counts.get(&(from.clone(), to.clone())).copied().unwrap_or(0)
    }

    /// How often paths went on from a place.
    #[must_use]
    pub fn leaving(&self, from: &Place) -> u64 {
        self.counts.range((from.clone(), Place::Start)..=(from.clone(), Place::Null)).map(|(_, count)| *count).sum()
    }

    /// The share of those who go on from a place that go to the other; 0 if nobody was there.
    #[must_use]
    pub fn probability(&self, from: &Place, to: &Place) -> f64 {
        match self.leaving(from) {
            0 => 0.0,
            leaving => self.count(from, to) as f64 / leaving as f64,
        }
    }

    /// The transitions of both.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if they are by different dimensions.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        self.same_dimension(other)?;
        let mut all = self.clone();
        other.counts.iter().for_each(|(pair, count)| *all.counts.entry(pair.clone()).or_default() += count);
        Ok(all)
    }

    /// These transitions without those of a part of them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if they are by different dimensions, or the other has what these have not.
    pub fn subtract(&self, other: &Self) -> Result<Self> {
        self.same_dimension(other)?;
        let mut all = self.clone();
        for ((from, to), count) in &other.counts {
            let pair = (from.clone(), to.clone());
            let had = all.counts.get(&pair).copied().unwrap_or(0);
            match had.checked_sub(*count) {
                None => {
                    let what = format!("`{}` to `{}` is {count} times in what is taken away, and {had} times here", from.name(), to.name());
                    return Err(Error::new(ErrorKind::InvalidArgument, what).with_help("take away only what was merged before"));
                }
                Some(0) => drop(all.counts.remove(&pair)),
                Some(left) => drop(all.counts.insert(pair, left)),
            }
        }
        Ok(all)
    }

    fn same_dimension(&self, other: &Self) -> Result<()> {
        match self.by == other.by {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::InvalidArgument, format!("transitions by `{}` and by `{}`", self.by, other.by))),
        }
    }

    /// The places in the order of [`counts`](Self::counts).
    pub(crate) fn places(&self) -> Vec<&Place> {
        let mut places: Vec<&Place> = self.counts.keys().flat_map(|(from, to)| [from, to]).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> Paths {
        Paths::from_strings(&["a > b > b", "b", ""], &[2, 0, 1], &[], &[1, 3, 1], ">").unwrap()
    }

    #[test]
    fn every_end_of_a_path_is_a_transition() {
        let matrix = paths().transition_matrix("channel").unwrap();
        let told: Vec<_> = matrix.counts().map(|(from, to, count)| (from.name(), to.name(), count)).collect();
        let wanted = [
            ("(start)", "a", 3),
            ("(start)", "b", 3),
            ("(start)", "(conversion)", 1),
            ("(start)", "(null)", 1),
            ("a", "b", 3),
            ("b", "b", 3),
            ("b", "(conversion)", 2),
            ("b", "(null)", 4),
        ];
        assert_eq!(told, wanted);
        assert_eq!(matrix.leaving(&Place::Start), 8, "as many as there are paths");
        let b = Place::Word(Some("b".to_owned()));
        assert_eq!(matrix.probability(&b, &Place::Null), 4.0 / 9.0);
        assert_eq!(matrix.probability(&Place::Null, &b), 0.0);
    }

    #[test]
    fn many_words_are_counted_as_few_are() {
        let texts: Vec<String> = (0..600).map(|at| format!("w{} > w{} > w{}", at, at * 7 % 600, at % 3)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let count = |texts: &[&str]| {
            let ones = vec![1; texts.len()];
            Paths::from_strings(texts, &ones, &[], &ones, ">").unwrap().transition_matrix("channel").unwrap()
        };
        let (all, one, two) = (count(&texts), count(&texts[..200]), count(&texts[200..]));
        assert_eq!(one.merge(&two).unwrap(), all);
        assert_eq!(two.merge(&one).unwrap(), all);
        assert_eq!(all.subtract(&two).unwrap(), one);
        let error = one.subtract(&all).unwrap_err();
        assert!(error.to_string().contains("times in what is taken away"), "{error}");
    }
}
