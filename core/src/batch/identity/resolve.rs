//! `IdentityGraph::resolve` and `IdentityGraph::link_table`.

use std::hint::black_box;

use serde::Serialize;

use super::super::column::Column;
use super::super::input::{Locator, Table};
use super::super::output::{ResultColumn, ResultTable, Texts, TextsWriter};
use super::columns::{Records, ResolveRequest, micros, text_of};
use super::components::resolved;
use super::interned::NONE;
use crate::error::{BadRow, Result};
use crate::identity::{DropReason, IdentityGraph, IdentityRecord, Outcome};
use crate::time::Instant;

/// What became of the rows of a table of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct ResolveReport {
    /// Rows of the table.
    pub rows: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Records that count.
    pub records: u64,
    /// Rows with the id of an earlier record.
    pub duplicates: u64,
    /// Records whose identifiers are all blocked.
    pub nobody: u64,
    /// Identifiers of rows that are blocked.
    pub blocked: u64,
    /// Identifiers that a limit dropped from their record.
    pub dropped: u64,
    /// Distinct identifiers that belong to a person.
    pub identifiers: u64,
    /// Persons.
    pub persons: u64,
}

/// Persons of a table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Resolution {
    /// A row an identifier, by priority of the kinds and value: `kind`, `identifier`, `person`. One that only ever was dropped has no person.
    pub table: ResultTable,
    /// What became of the rows.
    pub report: ResolveReport,
}

/// Identifiers whose persons' names are fetched before any of them is written.
const TOUCHED: u32 = 64;

impl IdentityGraph {
    /// The persons of the graph's records and those of a table together, by the graph's rules; the graph stays as it is. With an empty graph, tens of
    /// millions of rows take seconds.
    ///
    /// A row is a record: it has a column for each kind of identifier, called after the kind, and where there are such `at` and `id`. Missing values are
    /// no identifiers. Without `at`, all rows are of one instant. [`ResolveRequest::columns`] names other columns, among them two of one kind.
    ///
    /// ```
    /// use wayfare::identity::{IdentityGraph, IdentityRules};
    /// use wayfare::{Column, ResolveRequest, ResultColumn, Table};
    ///
    /// let graph = IdentityGraph::new(&IdentityRules::from_yaml("identifiers: { email: {}, cookie: {} }")?);
    /// let table = Table::new()
    ///     .column("email", Column::texts(&["ada@example.com", "bo@example.com", "ada@example.com"]))
    ///     .column("cookie", Column::texts(&["8f3a", "77b1", "99c0"]));
    /// let resolution = graph.resolve(&table, &ResolveRequest::default())?;
    /// assert_eq!(resolution.report.persons, 2);
    /// let Some(ResultColumn::Texts(persons)) = resolution.table.column("person") else { panic!() };
    /// assert_eq!(persons.get(2), Some("email:bo@example.com"));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if a column is missing, unknown or of the wrong type, or a row cannot be read.
    pub fn resolve(&self, table: &Table<'_>, request: &ResolveRequest) -> Result<Resolution> {
        if !self.is_empty() {
            let mut both = self.clone();
            let (report, rejected) = both.linked(table, request)?;
            return Ok(Resolution { table: ResultTable { rejected, ..both.persons() }, report });
        }
        let records = Records::read(self.rules(), table, request)?;
        let owned: Vec<_> = records.identified.iter().map(|identified| identified.pieces(table)).collect();
        let starts: Vec<usize> = table.pieces(0).map(|(start, _)| start).collect();
        let pieces: Vec<Vec<(usize, &Column<'_>)>> =
            owned.iter().map(|pieces| starts.iter().copied().zip(pieces.iter().map(|piece| &**piece)).collect()).collect();
        let found = resolved(self.rules(), table, &records, &pieces);

        let total = found.used.iter().filter(|used| **used).count();
        let mut report = ResolveReport {
            rows: table.rows() as u64,
            refused: records.rejected.len() as u64,
            records: found.records,
            duplicates: found.duplicates,
            nobody: found.nobody,
            blocked: records.identified.iter().map(|identified| identified.blocked).sum(),
            dropped: found.dropped,
            ..ResolveReport::default()
        };
        let mut kinds = Vec::with_capacity(total);
        let is_each_used = total == found.used.len();
        let mut identifiers = TextsWriter::new(if is_each_used { 0 } else { total });
        let mut persons = TextsWriter::new(total);
        for (kind, first, interned) in &found.kinds {
            for code in 0..interned.values.len() as u32 {
                let node = first + code;
                if code % TOUCHED == 0 {
                    black_box((node..node.saturating_add(TOUCHED)).fold(0, |all, node| all ^ found.touch(node)));
                }
                if found.used.get(node as usize) != Some(&true) {
                    continue;
                }
                kinds.push(Some(u32::from(*kind)));
                if !is_each_used {
                    identifiers.push_with(|to| interned.values.write(code, to));
                }
                let root = found.roots.get(node as usize).copied().filter(|root| *root != NONE);
                match root.and_then(|root| Some((root, found.kind_of(root)?))) {
                    Some((root, (kind, first, interned))) => {
                        persons.push_with(|to| {
                            to.extend_from_slice(self.rules().name(*kind).as_bytes());
                            to.push(b':');
                            interned.values.write(root - first, to);
                        });
                        report.identifiers += 1;
                        report.persons += u64::from(root == node);
                    }
                    None => persons.push_missing(),
                }
            }
        }
        if is_each_used {
            // Then they are the values as they stand.
            for (_, _, interned) in found.kinds {
                identifiers.append(interned.values.texts());
            }
        }
        let (identifiers, persons) = (identifiers.finish(), persons.finish());
        let table = ResultTable { columns: self.columns(kinds, identifiers, persons), rejected: records.rejected };
        Ok(Resolution { table, report })
    }

    /// Every identifier that belongs to a person, by priority of the kinds and value: `kind`, `identifier`, `person`.
    #[must_use]
    pub fn persons(&self) -> ResultTable {
        let (mut identifiers, mut persons) = (Texts::default(), Texts::default());
        let mut kinds = Vec::new();
        for (node, root) in self.owned() {
            let (kind, value) = self.name(node);
            kinds.push(Some(u32::from(kind)));
            identifiers.push(Some(value));
            persons.push(Some(&self.id(root)));
        }
        ResultTable { columns: self.columns(kinds, identifiers, persons), rejected: Vec::new() }
    }

    /// Links every row of a table as a record; [`resolve`](Self::resolve) says which columns it has. `at` has to be among them.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve). The graph is unchanged then.
    pub fn link_table(&mut self, table: &Table<'_>, request: &ResolveRequest) -> Result<(ResolveReport, Vec<BadRow>)> {
        table.required(super::columns::TABLE, "at")?;
        self.linked(table, request)
    }

    fn linked(&mut self, table: &Table<'_>, request: &ResolveRequest) -> Result<(ResolveReport, Vec<BadRow>)> {
        let records = Records::read(self.rules(), table, request)?;
        let at = records.at.map(|at| micros(table, at));
        let instant = |row: usize| at.as_ref().and_then(|at| at.get(row)).copied().unwrap_or_default();
        let mut report = ResolveReport { rows: table.rows() as u64, refused: records.rejected.len() as u64, ..ResolveReport::default() };
        let locator = Locator::new(table);
        let names: Vec<String> = self.rules().kinds().map(str::to_owned).collect();
        // In their order nothing has to be worked out twice.
        let mut order: Vec<usize> = (0..table.rows()).filter(|row| !records.bad.contains(*row)).collect();
        order.sort_by_key(|row| instant(*row));
        for row in order {
            let (chunk, place) = locator.find(row);
            let Some(columns) = table.chunks.get(chunk) else { continue };
            let text = |column: usize| columns.get(column).and_then(|column| text_of(column, place));
            let id = records.id.and_then(text);
            let values: Vec<_> = records.identified.iter().map(|identified| (identified.kind, text(identified.column))).collect();
            let mut record = IdentityRecord::new(Instant::from_valid(instant(row)));
            record.id = id.as_deref();
            for (kind, value) in &values {
                if let (Some(name), Some(value)) = (names.get(usize::from(*kind)), value) {
                    record = record.identifier(name, value);
                }
            }
            let told = self.link(&record)?;
            report.records += 1;
            match told.outcome {
                Outcome::Duplicate => {
                    report.records -= 1;
                    report.duplicates += 1;
                }
                Outcome::Nobody => report.nobody += 1,
                _ => {}
            }
            for dropped in told.dropped {
                match dropped.reason {
                    DropReason::Blocked => report.blocked += 1,
                    DropReason::Limit { .. } => report.dropped += 1,
                }
            }
        }
        for (node, root) in self.owned() {
            report.identifiers += 1;
            report.persons += u64::from(root == node);
        }
        Ok((report, records.rejected))
    }

    fn columns(&self, kinds: Vec<Option<u32>>, identifiers: Texts, persons: Texts) -> Vec<(String, ResultColumn)> {
        let words = self.rules().kinds().map(str::to_owned).collect();
        vec![
            ("kind".to_owned(), ResultColumn::Text { words, codes: kinds }),
            ("identifier".to_owned(), ResultColumn::Texts(identifiers)),
            ("person".to_owned(), ResultColumn::Texts(persons)),
        ]
    }
}
