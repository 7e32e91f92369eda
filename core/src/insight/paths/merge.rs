//! Paths of pieces put together.

use std::cmp::Ordering;

use super::dimension::Dimension;
use super::rows::{Customers, PathRow, Paths};
use crate::batch::Texts;
use crate::error::{Error, ErrorKind, Result};

impl Paths {
    /// These paths and those of another piece: the same as of one table with all rows of both, whatever the order of the pieces.
    ///
    /// ```
    /// use wayfare::paths::Paths;
    ///
    /// let one = Paths::from_strings(&["email > search"], &[3], &[90.0], &[10], " > ")?;
    /// let other = Paths::from_strings(&["direct"], &[1], &[20.0], &[4], " > ")?;
    /// assert_eq!(one.merge(&other)?.rows().len(), 2);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a customer is in both, or the pieces were not made alike.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        let invalid = |message: String, help: &str| Error::new(ErrorKind::InvalidArgument, message).with_help(help);
        let alike = "make all pieces with the same options from tables of the same columns";
        match (&self.rules, &other.rules) {
            (Some(rules), Some(others)) => {
                if let Some(name) = rules.difference(others) {
                    return Err(invalid(format!("the pieces were made with different `{name}`"), alike));
                }
            }
            (None, None) => {}
            _ => return Err(invalid("one piece comes from a table, the other from strings".to_owned(), alike)),
        }
        if !self.dimensions().eq(other.dimensions()) {
            return Err(invalid("the pieces do not know the same of their touchpoints".to_owned(), alike));
        }
        let runs = self.customers.runs(&other.customers);
        let Some(runs) = runs else {
            return Err(invalid("customers are text in one piece and integers in the other".to_owned(), alike));
        };
        let shared = runs.iter().filter(|run| run.piece == Piece::Both).map(|run| run.customers).sum::<usize>();
        if shared > 0 {
            let help = "a piece holds whole customers: split the table by customer, not by row or by day";
            return Err(invalid(format!("{shared} of the customers are in both pieces"), help));
        }
        Ok(joined(self, other, &runs))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    One,
    Other,
    Both,
}

/// Customers of one piece that follow one another among all.
#[derive(Debug)]
struct Run {
    piece: Piece,
    from: usize,
    customers: usize,
}

impl Customers {
    fn len(&self) -> usize {
        match self {
            Self::Unknown => 0,
            Self::Integers(keys) => keys.len(),
            Self::Texts(keys) => keys.len(),
        }
    }

    /// Whose customers come one after the other; none if they cannot be compared.
    fn runs(&self, other: &Self) -> Option<Vec<Run>> {
        match (self, other) {
            (Self::Integers(keys), Self::Integers(others)) => {
                Some(merged(keys.len(), others.len(), |one, other| keys.get(one).cmp(&others.get(other))))
            }
            (Self::Texts(keys), Self::Texts(others)) => {
                Some(merged(keys.len(), others.len(), |one, other| keys.get(one).cmp(&others.get(other))))
            }
            (Self::Unknown, Self::Unknown) => Some(Vec::new()),
            (empty, _) if empty.len() == 0 => Some(merged(0, other.len(), |_, _| Ordering::Equal)),
            (_, empty) if empty.len() == 0 => Some(merged(self.len(), 0, |_, _| Ordering::Equal)),
            _ => None,
        }
    }
}

fn merged(one: usize, other: usize, order: impl Fn(usize, usize) -> Ordering) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let (mut at, mut at_other) = (0, 0);
    while at < one || at_other < other {
        let (piece, from) = match (at < one, at_other < other) {
            (true, true) => match order(at, at_other) {
                Ordering::Less => (Piece::One, at),
                Ordering::Greater => (Piece::Other, at_other),
                Ordering::Equal => (Piece::Both, at),
            },
            (true, false) => (Piece::One, at),
            _ => (Piece::Other, at_other),
        };
        at += usize::from(piece != Piece::Other);
        at_other += usize::from(piece != Piece::One);
        match runs.last_mut() {
            Some(run) if run.piece == piece => run.customers += 1,
            _ => runs.push(Run { piece, from, customers: 1 }),
        }
    }
    runs
}

fn joined(one: &Paths, other: &Paths, runs: &[Run]) -> Paths {
    let observed_until = match (one.events(), other.events()) {
        (0, _) if one.rules.as_ref().is_none_or(|rules| rules.observed_until.is_none()) => other.observed_until,
        (_, 0) => one.observed_until,
        _ => one.observed_until.max(other.observed_until),
    };
    let mut report = one.report.clone();
    report.add(&other.report);
    report.absent_kinds.retain(|kind| other.report.absent_kinds.contains(kind));
    let words: Vec<Union> = one.dimensions.iter().zip(&other.dimensions).map(|(one, other)| union(&one.words, &other.words)).collect();
    let codes = |pieces: &[(bool, std::ops::Range<usize>)]| {
        let all = one.dimensions.iter().zip(&other.dimensions).zip(&words);
        let all = all.map(|((one, other), (words, numbers, other_numbers))| {
            let mut codes = Vec::with_capacity(one.codes.len() + other.codes.len());
            for (is_other, events) in pieces {
                let (from, numbers) = if *is_other { (other, other_numbers) } else { (one, numbers) };
                let from = from.codes.get(events.clone()).unwrap_or_default();
                codes.extend(from.iter().map(|code| numbers.get(*code as usize).copied().unwrap_or_default()));
            }
            Dimension { name: one.name.clone(), words: words.clone(), codes }
        });
        all.collect::<Vec<_>>()
    };
    if one.rules.is_none() {
        let shift = one.events();
        let customers = one.rows.len() as u32;
        let moved = |row: &PathRow| PathRow { start: row.start + shift, end: row.end + shift, customer: row.customer + customers, ..*row };
        return Paths {
            dimensions: codes(&[(false, 0..one.events()), (true, 0..other.events())]),
            rows: one.rows.iter().copied().chain(other.rows.iter().map(moved)).collect(),
            report,
            ..one.clone()
        };
    }
    let mut pieces = Vec::new();
    let (mut ends, mut rows, mut ats, mut counts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut customers = Keys::default();
    let mut next_rows = [0, 0];
    for run in runs {
        let (is_other, from) = (run.piece == Piece::Other, if run.piece == Piece::Other { other } else { one });
        let end = |at: usize| at.checked_sub(1).and_then(|at| from.ends.get(at)).copied().unwrap_or(0);
        let events = end(run.from)..end(run.from + run.customers);
        let (first, number) = (ats.len(), ends.len());
        let moved = |event: usize| first + event - events.start;
        ends.extend(from.ends.iter().skip(run.from).take(run.customers).map(|end| moved(*end)));
        ats.extend_from_slice(from.ats.get(events.clone()).unwrap_or_default());
        match from.counts.is_empty() {
            true => counts.extend(events.clone().map(|_| true)),
            false => counts.extend_from_slice(from.counts.get(events.clone()).unwrap_or_default()),
        }
        let Some(next_row) = next_rows.get_mut(usize::from(is_other)) else { continue };
        let later = from.rows.get(*next_row..).unwrap_or_default();
        let length = later.partition_point(|row| (row.customer as usize) < run.from + run.customers);
        *next_row += length;
        rows.extend(later.iter().take(length).map(|row| PathRow {
            start: moved(row.start),
            end: moved(row.end),
            customer: (number + row.customer as usize - run.from) as u32,
            // A path that was open at the end of its piece is open until the end of all.
            ended_at: if row.is_open(from) { observed_until } else { row.ended_at },
            ..*row
        }));
        customers.extend(&from.customers, run);
        pieces.push((is_other, events));
    }
    let counts = if counts.contains(&false) { counts } else { Vec::new() };
    let customers = customers.finish(&one.customers, &other.customers);
    Paths { dimensions: codes(&pieces), ats, counts, ends, customers, rows, rules: one.rules.clone(), observed_until, report }
}

impl PathRow {
    /// Whether only the end of the observation ended it.
    pub(crate) fn is_open(&self, paths: &Paths) -> bool {
        self.conversions == 0 && paths.ends.get(self.customer as usize) == Some(&self.end)
    }
}

#[derive(Default)]
struct Keys {
    integers: Vec<i64>,
    texts: Texts,
}

impl Keys {
    fn extend(&mut self, customers: &Customers, run: &Run) {
        let range = run.from..run.from + run.customers;
        match customers {
            Customers::Integers(keys) => self.integers.extend_from_slice(keys.get(range).unwrap_or_default()),
            Customers::Texts(keys) => range.for_each(|at| self.texts.push(keys.get(at))),
            Customers::Unknown => {}
        }
    }

    fn finish(self, one: &Customers, other: &Customers) -> Customers {
        let kind = if one.len() > 0 { one } else { other };
        match kind {
            Customers::Integers(_) => Customers::Integers(self.integers),
            Customers::Texts(_) => Customers::Texts(self.texts),
            Customers::Unknown => Customers::Unknown,
        }
    }
}

type Union = (Vec<Option<String>>, Vec<u32>, Vec<u32>);

/// All words of both, sorted, and the number of each word of the one and of the other among them.
fn union(one: &[Option<String>], other: &[Option<String>]) -> Union {
    let key = |word: &Option<String>| (word.is_none(), word.clone());
    let mut words: Vec<Option<String>> = one.iter().chain(other).cloned().collect();
    words.sort_by_key(key);
    words.dedup();
    let numbers = |of: &[Option<String>]| {
        of.iter().map(|word| words.binary_search_by_key(&key(word), key).unwrap_or_default() as u32).collect::<Vec<_>>()
    };
    let (numbers, other_numbers) = (numbers(one), numbers(other));
    (words, numbers, other_numbers)
}
