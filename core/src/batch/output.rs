//! What a run gives: columns, and the rows that were refused.

use std::ops::Range;

use crate::error::BadRow;
use crate::time::Instant;

/// A column of a result.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ResultColumn {
    /// Text by number into `words`; none is unknown.
    Text {
        /// The words.
        words: Vec<String>,
        /// One a row.
        codes: Vec<Option<u32>>,
    },
    /// Text, every row its own.
    Texts(Texts),
    /// Numbers; NaN is unknown.
    Numbers(Vec<f64>),
    /// Whole numbers.
    Integers(Vec<i64>),
    /// True, false; none is unknown.
    Booleans(Vec<Option<bool>>),
    /// Instants; none where there is none.
    Instants(Vec<Option<Instant>>),
    /// Instants of which there is none in so many rows.
    Never(usize),
}

impl ResultColumn {
    /// The rows of these numbers, in their order.
    pub(crate) fn picked(&self, rows: impl Iterator<Item = usize>) -> Self {
        fn each<T: Clone>(values: &[T], rows: impl Iterator<Item = usize>) -> Vec<T> {
            rows.filter_map(|row| values.get(row).cloned()).collect()
        }
        match self {
            Self::Text { words, codes } => Self::Text { words: words.clone(), codes: each(codes, rows) },
            Self::Texts(texts) => Self::Texts(rows.map(|row| texts.get(row)).collect()),
            Self::Numbers(values) => Self::Numbers(each(values, rows)),
            Self::Integers(values) => Self::Integers(each(values, rows)),
            Self::Booleans(values) => Self::Booleans(each(values, rows)),
            Self::Instants(values) => Self::Instants(each(values, rows)),
            Self::Never(_) => Self::Never(rows.count()),
        }
    }
}

/// Text of many rows in one piece.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Texts {
    pub(crate) bytes: String,
    pub(crate) ends: Vec<usize>,
    /// Rows without a text, rising.
    pub(crate) missing: Vec<usize>,
}

impl Texts {
    pub(crate) fn push(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.bytes.push_str(text),
            None => self.missing.push(self.ends.len()),
        }
        self.ends.push(self.bytes.len());
    }

    pub(crate) fn concat(blocks: &[Self]) -> Self {
        let mut all = Self::default();
        all.bytes.reserve(blocks.iter().map(|block| block.bytes.len()).sum());
        all.ends.reserve(blocks.iter().map(|block| block.ends.len()).sum());
        for block in blocks {
            extend_rows((&mut all.ends, &mut all.missing), all.bytes.len(), (&block.ends, &block.missing));
            all.bytes.push_str(&block.bytes);
        }
        all
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of a row; none if it has none.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let span = span_of(&self.ends, row)?;
        match self.missing.binary_search(&row) {
            Ok(_) => None,
            Err(_) => self.bytes.get(span),
        }
    }

    /// The rows, in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|row| self.get(row))
    }
}

/// Where the text of a row lies, of texts one after the other that end so.
#[inline]
fn span_of(ends: &[usize], row: usize) -> Option<Range<usize>> {
    let end = *ends.get(row)?;
    Some(row.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0)..end)
}

/// Adds the ends and the missing rows of texts that come after so many bytes.
fn extend_rows((ends, missing): (&mut Vec<usize>, &mut Vec<usize>), bytes: usize, (more, more_missing): (&[usize], &[usize])) {
    missing.extend(more_missing.iter().map(|row| ends.len() + row));
    ends.extend(more.iter().map(|end| bytes + end));
}

/// Texts that are written as bytes, and looked at as text once, when all are there.
#[derive(Default)]
pub(crate) struct TextsWriter {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    missing: Vec<usize>,
}

impl TextsWriter {
    pub(crate) fn new(rows: usize) -> Self {
        Self { bytes: Vec::with_capacity(16 * rows), ends: Vec::with_capacity(rows), missing: Vec::new() }
    }

    /// Adds a row whose text is written at the end of the others.
    #[inline]
    pub(crate) fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    /// Adds the rows of another, after its own.
    pub(crate) fn append(&mut self, more: Self) {
        if self.ends.is_empty() {
            *self = more;
            return;
        }
        extend_rows((&mut self.ends, &mut self.missing), self.bytes.len(), (&more.ends, &more.missing));
        self.bytes.extend_from_slice(&more.bytes);
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a row.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> &[u8] {
        span_of(&self.ends, row).and_then(|span| self.bytes.get(span)).unwrap_or_default()
    }

    pub(crate) fn push_missing(&mut self) {
        self.missing.push(self.ends.len());
        self.ends.push(self.bytes.len());
    }

    /// The texts. Bytes that are no text are no value.
    pub(crate) fn finish(self) -> Texts {
        match String::from_utf8(self.bytes) {
            Ok(bytes) => Texts { bytes, ends: self.ends, missing: self.missing },
            Err(error) => {
                let starts = std::iter::once(0).chain(self.ends.iter().copied());
                let text = |(row, (start, end)): (usize, (usize, &usize))| match self.missing.binary_search(&row) {
                    Ok(_) => None,
                    Err(_) => std::str::from_utf8(error.as_bytes().get(start..*end)?).ok(),
                };
                starts.zip(&self.ends).enumerate().map(text).collect()
            }
        }
    }
}

impl<'a> FromIterator<Option<&'a str>> for Texts {
    fn from_iter<T: IntoIterator<Item = Option<&'a str>>>(texts: T) -> Self {
        let mut all = Self::default();
        texts.into_iter().for_each(|text| all.push(text));
        all
    }
}

/// A result: named columns of equal length.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ResultTable {
    /// Names and columns, in order.
    pub columns: Vec<(String, ResultColumn)>,
    /// Rows of the input that were refused, with [`OnError::Collect`](super::OnError::Collect).
    pub rejected: Vec<BadRow>,
}

impl ResultTable {
    /// A column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ResultColumn> {
        self.columns.iter().find(|(other, _)| other == name).map(|(_, column)| column)
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| match column {
            ResultColumn::Text { codes, .. } => codes.len(),
            ResultColumn::Texts(values) => values.len(),
            ResultColumn::Numbers(values) => values.len(),
            ResultColumn::Integers(values) => values.len(),
            ResultColumn::Booleans(values) => values.len(),
            ResultColumn::Instants(values) => values.len(),
            ResultColumn::Never(rows) => *rows,
        })
    }
}
