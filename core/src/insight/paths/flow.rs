//! The first steps of all paths, side by side: what a Sankey diagram shows.

use std::collections::BTreeMap;

use super::Paths;
use super::transitions::Place;
use crate::error::{Error, ErrorKind, Result};

/// Steps that anybody can look at side by side.
const MOST_STEPS: usize = 20;
/// The name of what is taken together.
pub(crate) const OTHER: &str = "(other)";

/// How many paths go where in each of their first steps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flow {
    /// The dimension whose words the places are.
    pub by: String,
    /// How many steps.
    pub steps: usize,
    /// From each place of a step to each of the next, in the order of the steps.
    pub links: Vec<FlowLink>,
}

/// Paths that go from one place to another in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowLink {
    /// The number of the step that they come from, from 1.
    pub step: usize,
    /// The word there.
    pub from: Place,
    /// The word of the next touchpoint, the conversion or the end.
    pub to: Place,
    /// How many.
    pub paths: u64,
}

impl Paths {
    /// The first steps of all paths: how many have which word there, and where they go from there: to the next touchpoint, a conversion, or nowhere.
    ///
    /// At each step the `most` frequent words have a place of their own, the others are `(other)` together.
    ///
    /// ```
    /// use wayfare::paths::Paths;
    ///
    /// let paths = Paths::from_strings(&["email > search", "search"], &[3, 1], &[], &[10, 4], " > ")?;
    /// let flow = paths.flow("channel", 2, 6)?;
    /// assert_eq!(flow.links.iter().filter(|link| link.step == 1).map(|link| link.paths).sum::<u64>(), 18);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if there is no such dimension, there are more than 20 steps or none, or no word may have a place of its own.
    pub fn flow(&self, by: &str, steps: usize, most: usize) -> Result<Flow> {
        let dimension = self.dimension(by)?;
        if !(1..=MOST_STEPS).contains(&steps) || most == 0 {
            let what = if most == 0 { "a flow with no word of its own".to_owned() } else { format!("a flow of {steps} steps") };
            return Err(Error::new(ErrorKind::InvalidArgument, what).with_help("give 1 to 20 steps, and `most` of 1 or more"));
        }
        let words = dimension.words().len();
        let (other, conversion, null) = (words, words + 1, words + 2);
        let codes = |row: &super::PathRow| {
            self.touches(row).filter_map(|touch| dimension.codes().get(touch).map(|code| *code as usize)).collect::<Vec<_>>()
        };
        let mut met = vec![vec![0_u64; words]; steps];
        for row in &self.rows {
            for (met, code) in met.iter_mut().zip(codes(row)) {
                met.get_mut(code).into_iter().for_each(|count| *count += row.conversions + row.nulls);
            }
        }
        let kept: Vec<Vec<bool>> = met.iter().map(|counts| most_frequent(counts, most)).collect();
        let mut counts: BTreeMap<(usize, usize, usize), u64> = BTreeMap::new();
        for row in &self.rows {
            let codes = codes(row);
            let shown = |(kept, code): (&Vec<bool>, &usize)| if kept.get(*code) == Some(&true) { *code } else { other };
            let places: Vec<usize> = kept.iter().zip(&codes).map(shown).collect();
            for (step, pair) in (1..).zip(places.windows(2)) {
                if let [from, to] = pair {
                    *counts.entry((step, *from, *to)).or_default() += row.conversions + row.nulls;
                }
            }
            if let Some(last) = places.last().filter(|_| codes.len() <= steps) {
                *counts.entry((codes.len(), *last, conversion)).or_default() += row.conversions;
                *counts.entry((codes.len(), *last, null)).or_default() += row.nulls;
            }
        }
        let place = |at: usize| match dimension.words().get(at) {
            Some(word) => Place::Word(word.clone()),
            None if at == other => Place::Word(Some(OTHER.to_owned())),
            None if at == conversion => Place::Conversion,
            None => Place::Null,
        };
        let counted = counts.into_iter().filter(|(_, paths)| *paths > 0);
        let links = counted.map(|((step, from, to), paths)| FlowLink { step, from: place(from), to: place(to), paths });
        Ok(Flow { by: by.to_owned(), steps, links: links.collect() })
    }
}

/// Which of the counts are among the most; of equal ones the first.
fn most_frequent(counts: &[u64], most: usize) -> Vec<bool> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(counts.get(*at).copied()));
    let mut kept = vec![false; counts.len()];
    order.into_iter().take(most).for_each(|at| kept.get_mut(at).into_iter().for_each(|kept| *kept = true));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(flow: &Flow) -> Vec<(usize, &str, &str, u64)> {
        flow.links.iter().map(|link| (link.step, link.from.name(), link.to.name(), link.paths)).collect()
    }

    #[test]
    fn each_path_goes_its_first_steps_and_then_ends_or_goes_on_out_of_sight() {
        let paths = Paths::from_strings(&["a > b > c", "b > a", ""], &[1, 0, 5], &[], &[0, 2, 0], ">").unwrap();
        let two = paths.flow("channel", 2, 9).unwrap();
        assert_eq!(shown(&two), [(1, "a", "b", 1), (1, "b", "a", 2), (2, "a", "(null)", 2)]);
        let all = paths.flow("channel", 3, 9).unwrap();
        assert_eq!(shown(&all)[2..], [(2, "a", "(null)", 2), (2, "b", "c", 1), (3, "c", "(conversion)", 1)]);
        let few = paths.flow("channel", 2, 1).unwrap();
        assert_eq!(shown(&few), [(1, "b", "a", 2), (1, "(other)", "(other)", 1), (2, "a", "(null)", 2)]);
    }

    #[test]
    fn what_nobody_can_look_at_is_refused() {
        let paths = Paths::from_strings(&["a"], &[1], &[], &[0], ">").unwrap();
        assert!(paths.flow("channel", 0, 6).is_err() && paths.flow("channel", 21, 6).is_err() && paths.flow("channel", 3, 0).is_err());
        assert_eq!(paths.flow("chanel", 3, 6).unwrap_err().help(), Some("did you mean `channel`?"));
    }
}
