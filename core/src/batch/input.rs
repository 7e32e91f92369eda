//! A caller's table, and the rows of several tables under one number.

use super::column::{Column, Data};
use crate::diagnostic::suggest;
use crate::error::{BadRow, Error, Result};

/// A table as columns that are borrowed from the caller, in one or more chunks of the same columns.
///
/// ```
/// use wayfare::{Column, Table};
///
/// let at = ["2026-03-01T10:00:00Z".parse()?, "2026-03-02T10:00:00Z".parse()?];
/// let touchpoints = Table::new()
///     .column("customer", Column::texts(&["ada", "bo"]))
///     .column("at", Column::instants(&at))
///     .column("kind", Column::texts(&["purchased", "page_viewed"]));
/// # let _ = touchpoints;
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Table<'a> {
    pub(crate) names: Vec<String>,
    pub(crate) chunks: Vec<Vec<Column<'a>>>,
}

impl<'a> Table<'a> {
    /// A table without columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more column, of as many rows as the others.
    #[must_use]
    pub fn column(mut self, name: &str, column: Column<'a>) -> Self {
        self.names.push(name.to_owned());
        match self.chunks.first_mut() {
            Some(chunk) => chunk.push(column),
            None => self.chunks.push(vec![column]),
        }
        self
    }

    /// The same table for a shorter time: nothing that it owns is copied.
    pub(crate) fn borrowed(&self) -> Table<'_> {
        Table { names: self.names.clone(), chunks: self.chunks.iter().map(|chunk| chunk.iter().map(Column::borrowed).collect()).collect() }
    }

    pub(crate) fn rows(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.first().map_or(0, Column::len)).sum()
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    pub(crate) fn required(&self, table: &'static str, name: &str) -> Result<usize> {
        self.position(name).ok_or_else(|| {
            let help = suggest(name, self.names.iter().map(String::as_str), "its columns are");
            Error::table(format!("the table `{table}` has no column `{name}`")).with_help_if(help)
        })
    }

    /// Checks names and lengths: known ones only, each once, all columns equally long.
    pub(crate) fn check(&self, table: &'static str, known: &[&str], refuse_extra: bool) -> Result<()> {
        for (at, name) in self.names.iter().enumerate() {
            if self.names.iter().take(at).any(|other| other == name) {
                return Err(Error::table(format!("the table `{table}` has two columns `{name}`")));
            }
            if refuse_extra && !known.contains(&name.as_str()) {
                let help = match suggest(name, known.iter().copied(), "") {
                    Some(meant) if meant.starts_with("did you mean") => {
                        format!("{meant} Drop the column, or pass `extra_columns=\"ignore\"`")
                    }
                    _ => "declare it in the journey file, drop it, or pass `extra_columns=\"ignore\"`".to_owned(),
                };
                return Err(
                    Error::table(format!("the table `{table}` has a column `{name}` that the journey does not know")).with_help(help)
                );
            }
        }
        for chunk in &self.chunks {
            let rows = chunk.first().map_or(0, Column::len);
            if let Some(at) = chunk.iter().position(|column| column.len() != rows) {
                let name = self.names.get(at).map_or("", String::as_str);
                return Err(Error::table(format!("the column `{name}` of `{table}` is not as long as the others")));
            }
        }
        Ok(())
    }

    /// The chunks of one column, each with the number of its first row.
    pub(crate) fn pieces(&self, column: usize) -> impl Iterator<Item = (usize, &Column<'a>)> {
        let mut first = 0;
        self.chunks.iter().filter_map(move |chunk| {
            let start = first;
            first += chunk.first().map_or(0, Column::len);
            chunk.get(column).map(|column| (start, column))
        })
    }

    /// Refuses a column of a wrong type.
    pub(crate) fn expect(&self, table: &'static str, column: usize, wanted: &str, fits: impl Fn(&Data<'_>) -> bool) -> Result<()> {
        let name = self.names.get(column).map_or("", String::as_str);
        match self.pieces(column).find(|(_, piece)| !fits(&piece.data) && !matches!(piece.data, Data::Null(_))) {
            None => Ok(()),
            Some((_, piece)) => {
                Err(Error::table(format!("the column `{name}` of `{table}` holds {}; it must hold {wanted}", piece.type_name())))
            }
        }
    }
}

/// Refused rows of all tables; kept only as far as somebody will read them.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    pub(crate) rows: Vec<BadRow>,
}

impl Refused {
    pub(crate) fn add(&mut self, table: &'static str, row: usize, column: &str, reason: impl Into<String>) {
        self.rows.push(BadRow { table, row: row as u64, column: column.to_owned(), reason: reason.into() });
    }

    /// One line a row: the first reason, in column order of finding, rows in order.
    pub(crate) fn settle(mut self) -> Vec<BadRow> {
        self.rows.sort_by(|a, b| (a.table, a.row).cmp(&(b.table, b.row)));
        self.rows.dedup_by(|b, a| a.table == b.table && a.row == b.row);
        self.rows
    }
}

/// Rows by number, a bit each; without room while there are none.
#[derive(Debug, Default)]
pub(crate) struct RowSet {
    words: Vec<u64>,
}

impl RowSet {
    /// Adds one of `rows` rows.
    pub(crate) fn insert(&mut self, row: usize, rows: usize) {
        if self.words.is_empty() {
            self.words = vec![0; rows.div_ceil(64)];
        }
        if let Some(word) = self.words.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    #[inline]
    pub(crate) fn contains(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(crate) fn len(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// Finds the chunk of a row.
#[derive(Debug)]
pub(crate) struct Locator {
    starts: Vec<usize>,
}

impl Locator {
    pub(crate) fn new(table: &Table<'_>) -> Self {
        Self { starts: table.pieces(0).map(|(start, _)| start).collect() }
    }

    #[inline]
    pub(crate) fn find(&self, row: usize) -> (usize, usize) {
        if self.starts.len() <= 1 {
            return (0, row);
        }
        let chunk = self.starts.partition_point(|start| *start <= row) - 1;
        (chunk, row - self.starts.get(chunk).copied().unwrap_or_default())
    }
}
