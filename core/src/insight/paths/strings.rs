//! Paths as texts, each with how often it was gone.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::dimension::Dimension;
use super::parts::Words;
use super::report::PathsReport;
use super::rows::{Customers, PathRow, Paths};
use crate::error::{Error, ErrorKind, Result};

/// Rows that are read at a time.
const CHUNK: usize = 1 << 14;

impl Paths {
    /// Paths as texts, `email > search > direct`, each with its conversions, their value and the times that it ended without one.
    ///
    /// An empty text is a path without a touchpoint. `value` may be empty: then nothing is known of it. The parts of a text are trimmed.
    ///
    /// ```
    /// use wayfare::paths::Paths;
    ///
    /// let paths = Paths::from_strings(&["email > search", "search"], &[3, 1], &[90.0, 20.0], &[10, 4], " > ")?;
    /// assert_eq!(paths.rows().iter().map(|path| path.conversions).sum::<u64>(), 4);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the columns are not equally long, the separator is blank, a part of a path is empty, a value is not finite and zero or
    /// more, or a path has a value and no conversion.
    pub fn from_strings(paths: &[&str], conversions: &[u64], value: &[f64], nulls: &[u64], separator: &str) -> Result<Self> {
        let rows = paths.len();
        if conversions.len() != rows || nulls.len() != rows || !(value.is_empty() || value.len() == rows) {
            return Err(invalid("paths, conversions, value and nulls are not equally long".to_owned()));
        }
        Self::of_texts(&[Slices { paths, conversions, value, nulls }], separator)
    }

    /// Paths of texts in one piece or several.
    pub(crate) fn of_texts<S: PathTexts>(sources: &[S], separator: &str) -> Result<Self> {
        let mark = separator.trim().as_bytes();
        if mark.is_empty() {
            return Err(invalid("the separator of paths is blank".to_owned()).with_help("write \" > \", say"));
        }
        let all: usize = sources.iter().map(PathTexts::rows).sum();
        if u32::try_from(all).is_err() {
            return Err(invalid(format!("{all} paths: there can be {} at most", u32::MAX)).with_help("add equal paths up before"));
        }
        let mut rows = vec![PathRow { start: 0, end: 0, customer: 0, conversions: 0, nulls: 0, value: 0.0, ended_at: 0 }; all];
        let mut tasks = Vec::new();
        let mut rest = rows.as_mut_slice();
        let mut first = 0;
        for source in sources {
            for start in (0..source.rows()).step_by(CHUNK) {
                let range = start..(start + CHUNK).min(source.rows());
                let (own, after) = rest.split_at_mut(range.len());
                rest = after;
                tasks.push((source, range.clone(), first, own));
                first += range.len();
            }
        }
        // Every piece is read, so that of several bad rows it is always the first that is told.
        let parts: Vec<Result<Part<'_>>> =
            tasks.into_par_iter().map(|(source, range, first, rows)| read(source, range, first, rows, mark)).collect();
        let parts: Vec<Part<'_>> = parts.into_iter().collect::<Result<_>>()?;
        let dimension = joined(&parts)?;
        let (mut offset, mut first) = (0, 0);
        let mut rest = rows.as_mut_slice();
        let mut moved = Vec::new();
        for part in &parts {
            let (own, after) = rest.split_at_mut(part.rows);
            rest = after;
            moved.push((own, offset, first));
            (offset, first) = (offset + part.codes.len(), first + part.rows);
        }
        moved.into_par_iter().for_each(|(rows, offset, first)| {
            for (row, number) in rows.iter_mut().zip(first..) {
                (row.start, row.end, row.customer) = (row.start + offset, row.end + offset, number as u32);
            }
        });
        Ok(Self {
            dimensions: vec![dimension],
            ats: Vec::new(),
            counts: Vec::new(),
            ends: Vec::new(),
            customers: Customers::Unknown,
            rules: None,
            observed_until: 0,
            report: PathsReport {
                conversions: rows.iter().map(|row| row.conversions).sum(),
                nulls: rows.iter().map(|row| row.nulls).sum(),
                ..PathsReport::default()
            },
            rows,
        })
    }
}

/// A row of a table of paths.
pub(crate) struct PathText<'t> {
    pub(crate) text: &'t [u8],
    pub(crate) conversions: u64,
    pub(crate) value: f64,
    pub(crate) nulls: u64,
}

/// Where texts of paths come from.
pub(crate) trait PathTexts: Sync {
    fn rows(&self) -> usize;

    /// A row, or why it is none.
    fn row(&self, row: usize) -> std::result::Result<PathText<'_>, String>;
}

struct Slices<'a> {
    paths: &'a [&'a str],
    conversions: &'a [u64],
    value: &'a [f64],
    nulls: &'a [u64],
}

impl PathTexts for Slices<'_> {
    fn rows(&self) -> usize {
        self.paths.len()
    }

    fn row(&self, row: usize) -> std::result::Result<PathText<'_>, String> {
        let count = |counts: &[u64]| counts.get(row).copied().unwrap_or(0);
        Ok(PathText {
            text: self.paths.get(row).map_or(&[], |text| text.as_bytes()),
            conversions: count(self.conversions),
            value: self.value.get(row).copied().unwrap_or(0.0),
            nulls: count(self.nulls),
        })
    }
}

/// Some rows, with words numbered in the order of their coming.
struct Part<'t> {
    words: Vec<&'t [u8]>,
    codes: Vec<u32>,
    rows: usize,
}

fn read<'t, S: PathTexts>(source: &'t S, range: Range<usize>, first: usize, rows: &mut [PathRow], mark: &[u8]) -> Result<Part<'t>> {
    let mut words = Words::default();
    let mut codes = Vec::with_capacity(range.len() * 4);
    for ((row, place), number) in range.clone().zip(rows.iter_mut()).zip(first..) {
        let wrong = |why: String| invalid(format!("path {number} {why}"));
        let PathText { text, conversions, value, nulls } = source.row(row).map_err(wrong)?;
        let start = codes.len();
        if !words.split(text, mark, &mut codes) {
            return Err(wrong("has an empty part between two separators".to_owned()));
        }
        if !(value.is_finite() && value >= 0.0) {
            return Err(wrong("has a value that is not zero or more".to_owned()));
        }
        if value > 0.0 && conversions == 0 {
            return Err(wrong("has a value, but no conversion".to_owned()));
        }
        *place = PathRow { start, end: codes.len(), customer: 0, conversions, nulls, value, ended_at: 0 };
    }
    Ok(Part { words: words.into_words(), codes, rows: range.len() })
}

/// The codes of all parts, by the words of all parts in order.
fn joined(parts: &[Part<'_>]) -> Result<Dimension> {
    let mut words: Vec<&[u8]> = parts.iter().flat_map(|part| &part.words).copied().collect();
    words.sort_unstable();
    words.dedup();
    let numbers: HashMap<&[u8], u32, FixedState> = words.iter().copied().zip(0..).collect();
    let mut codes = vec![0; parts.iter().map(|part| part.codes.len()).sum()];
    let mut rest = codes.as_mut_slice();
    let mut filled = Vec::new();
    for part in parts {
        let (own, after) = rest.split_at_mut(part.codes.len());
        rest = after;
        filled.push((own, part));
    }
    filled.into_par_iter().for_each(|(own, part)| {
        let places: Vec<u32> = part.words.iter().map(|word| numbers.get(word).copied().unwrap_or_default()).collect();
        own.iter_mut().zip(&part.codes).for_each(|(place, code)| *place = places.get(*code as usize).copied().unwrap_or_default());
    });
    let texts: Option<Vec<Option<String>>> =
        words.iter().map(|word| std::str::from_utf8(word).ok().map(|word| Some(word.to_owned()))).collect();
    let words = texts.ok_or_else(|| invalid("a path is not valid text".to_owned()))?;
    Ok(Dimension { name: "channel".to_owned(), words, codes })
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_matter() {
        let long = "a channel with more than sixteen bytes > A>B >  café ";
        let texts: Vec<String> = (0..40_000).map(|row| format!("{} > c{} > {long}", row % 7, row % 400)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let counts = vec![1; texts.len()];
        let whole = Paths::from_strings(&texts, &counts, &[], &counts, ">").unwrap();
        let slices = |range: Range<usize>| Slices {
            paths: &texts[range.clone()],
            conversions: &counts[range.clone()],
            value: &[],
            nulls: &counts[range],
        };
        assert_eq!(Paths::of_texts(&[slices(0..11), slices(11..20_000), slices(20_000..40_000)], ">").unwrap(), whole);
        let slow: Vec<&str> = texts.iter().flat_map(|text| text.split('>').map(str::trim)).collect();
        let dimension = whole.dimension("channel").unwrap();
        let found = dimension.codes().iter().map(|code| dimension.words()[*code as usize].as_deref().unwrap());
        assert!(found.eq(slow));
        assert!(dimension.words().is_sorted());
        assert_eq!(whole.rows()[39_999].end, dimension.codes().len());
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let of = |text: &str, conversions, value| Paths::from_strings(&["A", text], &[1, conversions], &[0.0, value], &[0, 0], " > ");
        let said = |text: &str, conversions, value| of(text, conversions, value).unwrap_err().to_string();
        assert_eq!(said("A >  > B", 1, 0.0), "path 1 has an empty part between two separators");
        assert_eq!(said("A > B >", 1, 0.0), "path 1 has an empty part between two separators");
        assert_eq!(said("A", 1, -1.0), "path 1 has a value that is not zero or more");
        assert_eq!(said("A", 1, f64::NAN), "path 1 has a value that is not zero or more");
        assert_eq!(said("A", 0, 2.0), "path 1 has a value, but no conversion");
        assert_eq!(of("  ", 1, 0.0).unwrap().rows()[1].end, 1);
        let blank = Paths::from_strings(&["A"], &[1], &[], &[0], " ").unwrap_err();
        assert_eq!(blank.to_string(), "the separator of paths is blank; write \" > \", say");
        let uneven = Paths::from_strings(&["A"], &[1, 2], &[], &[0], ">").unwrap_err();
        assert_eq!(uneven.to_string(), "paths, conversions, value and nulls are not equally long");
    }
}
