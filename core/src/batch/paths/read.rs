//! The rows of a table of touchpoints, and which of them count.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::super::OnError;
use super::super::column::{Column, Data};
use super::super::group::{Carried, Judge, MORSEL, Record, SKIP};
use super::super::input::{Locator, Refused, RowSet, Table};
use super::super::log::{Log, value_column};
use super::super::prepare::{empty_ids, instants_of, missing, optional_ids};
use super::super::values::number_at;
use super::super::worker::id_text;
use super::TABLE;
use super::coded::Coded;
use super::options::PathsOptions;
use crate::error::{BadRow, Error, Result};
use crate::insight::paths::{PathsReport, Rules};

/// Columns that are dimensions where they are there.
const KNOWN: [&str; 3] = ["action", "owner", "stage"];

/// The rows of the table: what is known of each, packed, and when it was.
pub(super) struct Rows<'t, 'a> {
    table: &'t Table<'a>,
    locator: Locator,
    ats: Vec<(usize, &'t Column<'a>)>,
    value: Option<usize>,
    ids: Option<usize>,
    pub(super) dimensions: Vec<Coded>,
    /// Where the kind is among the dimensions.
    pub(super) kind: Option<usize>,
    /// Per word of the kind.
    pub(super) is_conversion: Vec<bool>,
    pub(super) packing: Packing,
    skipped: RowSet,
    until: i64,
    after: AtomicU64,
    report: PathsReport,
    rejected: Vec<BadRow>,
}

impl<'t, 'a> Rows<'t, 'a> {
    pub(super) fn new(table: &'t Table<'a>, options: &PathsOptions<'_>, rules: &Rules, others: &[BadRow]) -> Result<Self> {
        let log = Log::new(table, TABLE, [options.customer, options.at], "cut the customers in parts, and merge the paths")?;
        let value = value_column(table, TABLE, options.value)?;
        let ids = optional_ids(table, TABLE)?;
        let mut refused = Refused { rows: others.to_vec() };
        let range = log.judge(table, TABLE, &mut refused);
        if let Some(ids) = ids {
            empty_ids(table, TABLE, ids, &mut refused);
        }
        let dimensions = dimensions(table, options, rules, &mut refused)?;
        let kind = dimensions.iter().position(|dimension| dimension.name == "kind");
        let kinds = kind.and_then(|kind| dimensions.get(kind)).map_or(&[][..], |kinds| &kinds.words);
        let is_conversion = kinds.iter().map(|kind| kind.as_ref().is_some_and(|kind| rules.conversion.contains(kind))).collect();
        let asked = rules.conversion.iter().chain(&rules.touchpoints);
        let absent_kinds = asked.filter(|asked| !kinds.iter().flatten().any(|kind| kind == *asked)).cloned().collect();
        let ats: Vec<_> = table.pieces(log.at).collect();
        let packing = Packing::new(&dimensions, kind, range);
        let mut rows = Self {
            table,
            locator: Locator::new(table),
            ats,
            value,
            ids,
            dimensions,
            kind,
            is_conversion,
            packing,
            skipped: RowSet::default(),
            until: rules.observed_until.map_or(i64::MAX - 2, |until| until.as_micros()),
            after: AtomicU64::new(0),
            report: PathsReport { rows: table.rows() as u64, absent_kinds, ..PathsReport::default() },
            rejected: Vec::new(),
        };
        if !rules.conversion.is_empty() {
            if let Some(kind) = rows.kind_column(options) {
                missing(table, TABLE, kind, options.kind, &mut refused);
            }
            rows.judge_values(&mut refused);
        }
        rows.rejected = refused.settle();
        if options.on_error == OnError::Fail && !rows.rejected.is_empty() {
            return Err(Error::bad_rows(rows.rejected));
        }
        for bad in rows.rejected.iter().filter(|bad| bad.table == TABLE) {
            rows.report.rejected += 1;
            rows.skipped.insert(bad.row as usize, table.rows());
        }
        Ok(rows)
    }

    fn kind_column(&self, options: &PathsOptions<'_>) -> Option<usize> {
        self.kind.and_then(|_| self.table.position(options.kind))
    }

    /// Which of some rows of a morsel are conversions: those that are not 0.
    fn conversions(&self, first: usize, rows: usize) -> Vec<i64> {
        let mut conversions = vec![0; rows];
        if let Some(kinds) = self.kind.and_then(|kind| self.dimensions.get(kind)) {
            kinds.add_to(&mut conversions, first, |kind| self.is_conversion.get(kind as usize).copied().unwrap_or_default().into());
        }
        conversions
    }

    /// Values of conversions are zero or more; of other touchpoints they may be as they like.
    fn judge_values(&self, refused: &mut Refused) {
        let Some(value) = self.value else { return };
        let name = self.table.names.get(value).map_or("value", String::as_str);
        for (start, piece) in self.table.pieces(value) {
            for from in (0..piece.len()).step_by(MORSEL) {
                let conversions = self.conversions(start + from, MORSEL.min(piece.len() - from));
                for row in (from..).zip(&conversions).filter(|(_, is_conversion)| **is_conversion != 0).map(|(row, _)| row) {
                    if piece.is_null(row) {
                        continue;
                    }
                    let value = raw(piece, row);
                    if !value.is_finite() {
                        refused.add(TABLE, start + row, name, format!("`{name}` is not finite"));
                    } else if value < 0.0 {
                        refused.add(TABLE, start + row, name, format!("`{name}` of a conversion is less than 0"));
                    }
                }
            }
        }
    }

    pub(super) fn take_rejected(&mut self) -> Vec<BadRow> {
        std::mem::take(&mut self.rejected)
    }

    pub(super) fn report(&self) -> PathsReport {
        PathsReport { after_observation: self.after.load(Relaxed), ..self.report.clone() }
    }

    pub(super) fn has_ids(&self) -> bool {
        self.ids.is_some()
    }

    /// The id of a row, if it has one.
    pub(super) fn id(&self, row: u32) -> Option<std::borrow::Cow<'_, str>> {
        let (chunk, at) = self.locator.find(row as usize);
        id_text(self.table.chunks.get(chunk)?.get(self.ids?)?, at)
    }

    /// The words that a record carries; none if they are in its stamp.
    #[inline]
    pub(super) fn words<'c>(&self, record: Record, carried: &'c Carried) -> &'c [u64] {
        carried.values(record).get(..self.packing.words).unwrap_or_default()
    }

    /// Its value, if it has one.
    #[inline]
    pub(super) fn value(&self, record: Record, carried: &Carried) -> Option<f64> {
        let bits = self.value.and_then(|_| carried.values(record).get(self.packing.words))?;
        Some(f64::from_bits(*bits)).filter(|value| !value.is_nan())
    }

    /// A number that equal ids have in common; none without an id.
    #[inline]
    pub(super) fn id_hash(&self, record: Record, carried: &Carried) -> Option<u64> {
        self.ids?;
        carried.values(record).last().copied().filter(|hash| *hash != 0)
    }
}

/// The columns by which touchpoints are told apart: the channel, the kind, and others.
fn dimensions(table: &Table<'_>, options: &PathsOptions<'_>, rules: &Rules, refused: &mut Refused) -> Result<Vec<Coded>> {
    let mut wanted: Vec<(&str, usize)> = Vec::new();
    match options.channel {
        Some(column) => wanted.push(("channel", table.required(TABLE, column)?)),
        None => wanted.extend(table.position("channel").map(|at| ("channel", at))),
    }
    match rules.conversion.is_empty() && rules.touchpoints.is_empty() {
        true => wanted.extend(table.position(options.kind).map(|at| ("kind", at))),
        false => wanted.push(("kind", table.required(TABLE, options.kind)?)),
    }
    wanted.extend(KNOWN.into_iter().filter_map(|name| table.position(name).map(|at| (name, at))));
    for name in options.dimensions {
        if !wanted.iter().any(|(known, _)| known == name) {
            wanted.push((name, table.required(TABLE, name)?));
        }
    }
    if wanted.is_empty() {
        return Err(Error::table(format!("the table `{TABLE}` has neither a column `channel` nor one `kind`"))
            .with_help("say with `channel`, `kind` or `dimensions` which columns tell touchpoints apart"));
    }
    for (_, column) in &wanted {
        table.expect(TABLE, *column, "text", |data| matches!(data, Data::Text(_)))?;
    }
    Ok(wanted.into_iter().map(|(name, column)| Coded::new(name, TABLE, table, column, refused)).collect())
}

fn raw(column: &Column<'_>, row: usize) -> f64 {
    match &column.data {
        Data::Float64(values) => values.get(row).copied().unwrap_or_default(),
        Data::Float32(values) => values.get(row).copied().unwrap_or_default().into(),
        _ => f64::from_bits(number_at(column, row)),
    }
}

/// An instant, and beside it in the lower bits what else is known of a record, if there is room for both: stamps stand in the order of their instants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stamps {
    since: i64,
    bits: u32,
}

impl Stamps {
    #[inline]
    pub(super) fn at(self, stamp: i64) -> i64 {
        (stamp >> self.bits) + self.since
    }

    /// The least stamp of an instant, which is not after that of any record.
    #[inline]
    pub(super) fn first(self, at: i64) -> i64 {
        at.checked_sub(self.since).filter(|after| *after >= 0 || self.bits == 0).map_or(i64::MIN, |after| after << self.bits)
    }
}

/// Where the number of each dimension stands: in the lower bits of a record's stamp, or in the words that it carries if they do not fit there. Compared as they
/// are, they order records by their content: what is no conversion first, then by kind, then by the other dimensions.
pub(super) struct Packing {
    /// By dimension.
    places: Vec<(usize, u32, u64)>,
    /// Where in the first word it says that it is a conversion.
    conversion: u32,
    pub(super) stamps: Stamps,
    /// How many words are carried.
    pub(super) words: usize,
}

impl Packing {
    fn new(dimensions: &[Coded], kind: Option<usize>, range: Option<(i64, i64)>) -> Self {
        let order: Vec<usize> = kind.into_iter().chain((0..dimensions.len()).filter(|at| Some(*at) != kind)).collect();
        let bits = |at: usize| dimensions.get(at).map_or(0, Coded::bits);
        let all = 1 + order.iter().map(|at| bits(*at)).sum::<u32>();
        let span = range.map_or(0, |(least, greatest)| greatest.abs_diff(least));
        let is_stamped = all + (u64::BITS - span.leading_zeros()) < 63;
        let conversion = if is_stamped { all - 1 } else { 63 };
        let mut places = vec![(0, 0, 0); dimensions.len()];
        let (mut word, mut free) = (0, conversion);
        for at in &order {
            let bits = bits(*at);
            if bits > free {
                (word, free) = (word + 1, 64);
            }
            free -= bits;
            if let Some(place) = places.get_mut(*at) {
                *place = (word, free, (1 << bits) - 1);
            }
        }
        let (stamps, words) = match is_stamped {
            true => (Stamps { since: range.map_or(0, |(least, _)| least), bits: all }, 0),
            false => (Stamps { since: 0, bits: 0 }, word + 1),
        };
        Self { places, conversion, stamps, words }
    }

    /// Where a dimension's number stands: which word, how far from its right end, and which bits.
    pub(super) fn place(&self, dimension: usize) -> (usize, u32, u64) {
        self.places.get(dimension).copied().unwrap_or_default()
    }

    #[inline]
    fn word(&self, stamp: i64, words: &[u64], word: usize) -> u64 {
        if self.words == 0 { stamp as u64 } else { words.get(word).copied().unwrap_or_default() }
    }

    /// The number of a dimension's word.
    #[inline]
    pub(super) fn code(&self, stamp: i64, words: &[u64], dimension: usize) -> u32 {
        let (word, shift, mask) = self.place(dimension);
        (self.word(stamp, words, word) >> shift & mask) as u32
    }

    #[inline]
    pub(super) fn is_conversion(&self, stamp: i64, words: &[u64]) -> bool {
        self.word(stamp, words, 0) >> self.conversion & 1 == 1
    }
}

impl Rows<'_, '_> {
    /// The bits of a dimension's number, and of what it says of the record.
    fn bits(&self, dimension: usize, shift: u32, code: u32) -> u64 {
        let is_conversion = Some(dimension) == self.kind && self.is_conversion.get(code as usize).copied().unwrap_or_default();
        u64::from(code) << shift | u64::from(is_conversion) << self.packing.conversion
    }
}

impl Judge for Rows<'_, '_> {
    fn begin(&self) {
        self.after.store(0, Relaxed);
    }

    fn judge(&self, number: usize, rows: usize, out: &mut Vec<i64>) {
        instants_of(&self.ats, number, rows, out);
        let mut after = 0;
        let all_count = self.skipped.is_empty();
        let Stamps { since, bits } = self.packing.stamps;
        for (row, at) in (number..).zip(&mut *out) {
            let is_skipped = !all_count && self.skipped.contains(row);
            let is_after = *at > self.until;
            after += u64::from(is_after && !is_skipped);
            *at = if is_skipped || is_after { SKIP } else { (*at - since) << bits };
        }
        self.after.fetch_add(after, Relaxed);
        if self.packing.words == 0 {
            // No bit is added to what is skipped: it has all.
            for (at, (dimension, (_, shift, _))) in self.dimensions.iter().zip(&self.packing.places).enumerate() {
                dimension.add_to(out, number, |code| self.bits(at, *shift, code) as i64);
            }
        }
    }

    fn width(&self) -> usize {
        self.packing.words + usize::from(self.value.is_some()) + usize::from(self.ids.is_some())
    }

    fn carry(&self, number: usize, rows: impl Iterator<Item = (u16, u16)> + Clone, out: &mut Carried) {
        let (chunk, start) = self.locator.find(number);
        let column = |at: Option<usize>| at.and_then(|at| self.table.chunks.get(chunk)?.get(at));
        let (value, ids) = (column(self.value), column(self.ids));
        let known = |row: usize| {
            let value = value.map(|column| number_at(column, start + row));
            value.into_iter().chain(ids.map(|column| id_text(column, start + row).map_or(0, |id| hash(&id))))
        };
        if self.packing.words == 0 {
            // Nobody asks for the value of what is no conversion.
            let conversions = self.conversions(number, MORSEL);
            let is_conversion = |row: u16| conversions.get(usize::from(row)).is_some_and(|is_conversion| *is_conversion != 0);
            let is_asked_for = |row: u16| ids.is_some() || is_conversion(row);
            rows.filter(|(row, _)| is_asked_for(*row)).for_each(|(row, place)| out.set(place, 0, known(row.into())));
            return;
        }
        let codes: Vec<_> = self.dimensions.iter().map(|dimension| dimension.of(number)).collect();
        let mut words = vec![0_u64; self.packing.words];
        for (row, place) in rows {
            words.fill(0);
            for ((code, (word, shift, _)), at) in codes.iter().zip(&self.packing.places).zip(0..) {
                if let Some(word) = words.get_mut(*word) {
                    *word |= self.bits(at, *shift, code(row.into()));
                }
            }
            out.set(place, 0, words.iter().copied().chain(known(row.into())));
        }
    }
}

/// Never 0. Where two are equal the ids themselves are looked at.
fn hash(id: &str) -> u64 {
    use std::hash::BuildHasher;
    foldhash::fast::FixedState::default().hash_one(id) | 1
}
