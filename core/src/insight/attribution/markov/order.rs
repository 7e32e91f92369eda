//! Which order: by the likelihood of paths that the chain has not seen.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::count::Layout;
use crate::error::{Error, ErrorKind, Result};
use crate::exact::ExactSum;
use crate::insight::attribution::reading::Reading;
use crate::insight::attribution::resample::Bits;
use crate::paths::Paths;

/// Added to the count of everything that can come next (Krichevsky and Trofimov 1981, "The performance of universal encoding").
const UNSEEN: f64 = 0.5;
/// The number after all words of a conversion, and after it that of an end without one.
const ENDS: u64 = 2;

/// How well a chain of one order foretells paths that it was not made of.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct OrderRow {
    /// The order.
    pub order: usize,
    /// How many different contexts of that length there are, the beginnings of paths among them.
    pub contexts: usize,
    /// The logarithm of the likelihood of all paths, each by the folds that it is not in.
    pub log_likelihood: f64,
    /// The loss per path: the negative of the mean logarithm.
    pub log_loss: f64,
    /// Whether no other order loses less.
    pub best: bool,
}

/// Chains of several orders, judged by customers that each has not seen: the customers are dealt into `folds`, and each fold is foretold by the others.
/// The times of paths that came as strings are customers of their own, dealt evenly.
///
/// All orders are asked about the same thing, so that they can be compared: the words of a path, equal neighbours taken as one, and how it ended. What follows
/// `k` words, or fewer at the beginning of a path, has the frequency that it had, with half a path added to everything that can follow. An order that is too
/// high has seen too few of its contexts.
///
/// ```
/// use wayfare::{attribution::select_order, paths::Paths};
///
/// let paths = Paths::from_strings(&["a > b", "b > a", "a", "b"], &[40, 2, 10, 12], &[], &[2, 40, 11, 12], " > ")?;
/// let rows = select_order(&paths, "channel", &[1, 2, 3], 5, 7)?;
/// assert_eq!(rows.iter().filter(|row| row.best).map(|row| row.order).collect::<Vec<_>>(), [2]);
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] without an order, with fewer than 2 folds or more than 64, a dimension that there is not, or for paths of which none has a
/// touchpoint.
pub fn select_order(paths: &Paths, by: &str, orders: &[usize], folds: usize, seed: u64) -> Result<Vec<OrderRow>> {
    let invalid = |message: &str| Error::new(ErrorKind::InvalidArgument, message);
    if orders.is_empty() || orders.contains(&0) {
        return Err(invalid("there are no orders to choose from, or one of them is 0").with_help("give orders like 1, 2, 3"));
    }
    if !(2..=64).contains(&folds) {
        return Err(invalid("paths are dealt into 2 to 64 folds"));
    }
    let reading = Reading::new(paths, by)?;
    let judged: Vec<Result<OrderRow>> = orders.par_iter().map(|order| judged(&reading, *order, folds, seed)).collect();
    let mut judged: Vec<OrderRow> = judged.into_iter().collect::<Result<_>>()?;
    let least = judged.iter().fold(f64::INFINITY, |least, row| least.min(row.log_loss));
    if let Some(best) = judged.iter_mut().find(|row| row.log_loss == least) {
        best.best = true;
    }
    match least.is_finite() {
        true => Ok(judged),
        false => Err(invalid("none of the paths has a touchpoint")),
    }
}

/// How often something followed a context, in each fold.
type Followed = HashMap<(u64, u64), Vec<u64>, FixedState>;

fn judged(reading: &Reading<'_>, order: usize, folds: usize, seed: u64) -> Result<OrderRow> {
    let words = reading.words().len() as u64;
    // The beginning of a path is a word more.
    let beginning = words + 1;
    let layout = Layout::new(beginning as usize, order)?;
    let mask = (1 << (layout.bits * order as u32)) - 1;
    let mut followed = Followed::default();
    let (mut paths, is_customer) = (0, reading.paths().knows_customers());
    for (number, row) in reading.rows().iter().enumerate() {
        let tally = reading.tally(number, row);
        let times = tally.conversions + tally.nulls;
        let first = Bits::new(seed, 0, reading.paths().customer_key(row)).below(folds);
        let mut note = |context: u64, next: u64, times: u64| {
            let counts = followed.entry((context, next)).or_insert_with(|| vec![0; folds]);
            match is_customer {
                true => counts.get_mut(first).into_iter().for_each(|count| *count += times),
                false => dealt(times, first, counts),
            }
        };
        let (mut context, mut before) = (beginning, None);
        for code in reading.codes(row).filter(|_| times > 0) {
            if before == Some(code) {
                continue;
            }
            note(context, u64::from(code), times);
            // The beginning is in the context until as many words have come as it is long.
            context = (context << layout.bits | (u64::from(code) + 1)) & mask;
            before = Some(code);
        }
        if before.is_some() {
            note(context, words, tally.conversions);
            note(context, words + 1, tally.nulls);
            paths += times;
        }
    }
    let log_likelihood = held_out(&followed, words, folds);
    let mut contexts: Vec<u64> = followed.keys().map(|(context, _)| *context).collect();
    contexts.sort_unstable();
    contexts.dedup();
    let log_loss = if paths > 0 { -log_likelihood / paths as f64 } else { f64::INFINITY };
    Ok(OrderRow { order, contexts: contexts.len(), log_likelihood, log_loss, best: false })
}

/// Times that stand for as many customers, dealt evenly from a fold on.
fn dealt(times: u64, first: usize, folds: &mut [u64]) {
    let number = folds.len();
    let (each, left) = (times / number.max(1) as u64, times % number.max(1) as u64);
    for (at, count) in folds.iter_mut().enumerate() {
        let place = (at + number - first) % number;
        *count += each + u64::from((place as u64) < left);
    }
}

/// Each fold by the counts of the others.
fn held_out(followed: &Followed, words: u64, folds: usize) -> f64 {
    let mut sorted: Vec<(&(u64, u64), &Vec<u64>)> = followed.iter().collect();
    sorted.sort_unstable();
    // Exact, so that orders which tell the same contexts apart come out equal.
    let mut sum = ExactSum::default();
    for context in sorted.chunk_by(|one, other| one.0.0 == other.0.0) {
        let begins = context.first().is_some_and(|((context, _), _)| *context == words + 1);
        // A path begins with a word. Another word follows a word, or an end.
        let ways = if begins { words } else { words - 1 + ENDS } as f64;
        let all: u64 = context.iter().flat_map(|(_, counts)| counts.iter()).sum();
        for fold in 0..folds {
            let of = |counts: &[u64]| counts.get(fold).copied().unwrap_or(0);
            let others = all - context.iter().map(|(_, counts)| of(counts)).sum::<u64>();
            for (_, counts) in context {
                let (here, seen) = (of(counts), counts.iter().sum::<u64>());
                if here > 0 {
                    sum.add(here as f64 * libm::log(((seen - here) as f64 + UNSEEN) / (others as f64 + UNSEEN * ways)));
                }
            }
        }
    }
    sum.value()
}
