//! Customer keys as codes that can be hashed, compared and sorted without going back to the table.

use std::cmp::Ordering;
use std::ops::Range;

use super::column::{Column, Data, Ints, Text};
use super::input::Table;
use crate::error::{Error, Result};

/// How keys are coded.
pub(crate) trait KeySpace: Sync {
    /// A key's code.
    type Code: Copy + Send + Sync;

    /// The codes of some rows of a column; `number` is that of the first row among all tables.
    fn codes(&self, column: &Column<'_>, rows: Range<usize>, number: usize, out: &mut Vec<Self::Code>);

    /// A hash whose upper bits choose the partition.
    fn hash(&self, code: Self::Code) -> u64;

    fn same(&self, left: Self::Code, right: Self::Code) -> bool;

    fn order(&self, left: Self::Code, right: Self::Code) -> Ordering;
}

/// Integer keys.
pub(crate) struct IntegerKeys;

#[inline]
fn folded(high: u64, low: u64) -> u64 {
    let product = u128::from(high ^ 0x9e37_79b9_7f4a_7c15) * u128::from(low ^ 0xd1b5_4a32_d192_ed03);
    (product >> 64) as u64 ^ product as u64
}

impl KeySpace for IntegerKeys {
    type Code = i64;

    fn codes(&self, column: &Column<'_>, rows: Range<usize>, _: usize, out: &mut Vec<i64>) {
        integers(column, rows, |key| out.push(key));
    }

    #[inline]
    fn hash(&self, code: i64) -> u64 {
        let mixed = folded(code as u64, 0x2545_f491_4f6c_dd1d);
        folded(mixed, mixed >> 32)
    }

    #[inline]
    fn same(&self, left: i64, right: i64) -> bool {
        left == right
    }

    #[inline]
    fn order(&self, left: i64, right: i64) -> Ordering {
        left.cmp(&right)
    }
}

/// Text keys of at most 15 bytes: the bytes and their number in one word, which sorts as the text does.
pub(crate) struct ShortKeys;

/// Bytes that fit a short key.
pub(crate) const SHORT: usize = 15;

impl ShortKeys {
    #[inline]
    pub(crate) fn pack(bytes: &[u8]) -> u128 {
        let mut packed = [0_u8; 16];
        let length = bytes.len().min(SHORT);
        packed.iter_mut().zip(bytes.iter().take(length)).for_each(|(to, from)| *to = *from);
        packed[SHORT] = length as u8;
        u128::from_be_bytes(packed)
    }

    /// As `pack`, of a part of a longer text: sixteen bytes are read at once where there are so many.
    #[inline(always)]
    pub(crate) fn pack_part(bytes: &[u8], start: usize, end: usize) -> u128 {
        let length = end.wrapping_sub(start);
        match bytes.get(start..start + 16) {
            Some(window) if length <= SHORT => {
                let whole = u128::from_be_bytes(window.try_into().unwrap_or_default());
                (whole & !(u128::MAX >> (8 * length))) | length as u128
            }
            _ => Self::pack(bytes.get(start..end).unwrap_or_default()),
        }
    }

    pub(crate) fn unpack(code: u128) -> ([u8; 16], usize) {
        let bytes = code.to_be_bytes();
        (bytes, usize::from(bytes[SHORT]))
    }
}

impl KeySpace for ShortKeys {
    type Code = u128;

    fn codes(&self, column: &Column<'_>, rows: Range<usize>, _: usize, out: &mut Vec<u128>) {
        match &column.data {
            Data::Text(Text::Small { offsets, bytes }) => {
                let ends = offsets.get(rows.start..=rows.end).unwrap_or_default();
                let pairs = ends.iter().zip(ends.iter().skip(1));
                out.extend(pairs.map(|(start, end)| Self::pack_part(bytes, *start as usize, *end as usize)));
            }
            Data::Text(Text::Large { offsets, bytes }) => {
                let ends = offsets.get(rows.start..=rows.end).unwrap_or_default();
                let pairs = ends.iter().zip(ends.iter().skip(1));
                out.extend(pairs.map(|(start, end)| Self::pack_part(bytes, *start as usize, *end as usize)));
            }
            Data::Text(Text::Dictionary { codes, words }) if words.len() <= rows.len() => {
                // Each word is packed once.
                let mut packed = Vec::new();
                if let Data::Text(words) = &words.data {
                    packed.extend((0..words.len()).map(|word| Self::pack(words.get(word))));
                }
                out.extend(rows.map(|row| codes.get(row).and_then(|code| packed.get(code as usize)).copied().unwrap_or_default()));
            }
            Data::Text(text) => out.extend(rows.map(|row| Self::pack(text.get(row)))),
            _ => out.extend(rows.map(|_| 0)),
        }
    }

    #[inline]
    fn hash(&self, code: u128) -> u64 {
        folded((code >> 64) as u64, code as u64)
    }

    #[inline]
    fn same(&self, left: u128, right: u128) -> bool {
        left == right
    }

    #[inline]
    fn order(&self, left: u128, right: u128) -> Ordering {
        left.cmp(&right)
    }
}

/// Text keys of any length: a hash, and the row to look at when hashes agree.
pub(crate) struct LongKeys<'t, 'a> {
    pub(crate) sources: Vec<(usize, &'t Column<'a>)>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct LongCode {
    hash: u64,
    pub(crate) row: u32,
}

impl LongKeys<'_, '_> {
    #[inline]
    fn code(bytes: &[u8], number: usize) -> LongCode {
        let mut hash = bytes.len() as u64;
        for chunk in bytes.chunks(16) {
            let mut word = [0_u8; 16];
            if let Some(to) = word.get_mut(..chunk.len()) {
                to.copy_from_slice(chunk);
            }
            let word = u128::from_le_bytes(word);
            hash = folded(hash ^ word as u64, (word >> 64) as u64 ^ hash.rotate_left(23));
        }
        LongCode { hash, row: number as u32 }
    }

    #[inline]
    pub(crate) fn bytes(&self, row: usize) -> &[u8] {
        let at = match self.sources.len() {
            1 => 0,
            _ => self.sources.partition_point(|(start, _)| *start <= row).saturating_sub(1),
        };
        match self.sources.get(at) {
            Some((start, Column { data: Data::Text(text), .. })) => text.get(row - start),
            _ => &[],
        }
    }
}

impl KeySpace for LongKeys<'_, '_> {
    type Code = LongCode;

    fn codes(&self, column: &Column<'_>, rows: Range<usize>, number: usize, out: &mut Vec<LongCode>) {
        let first = rows.start;
        out.extend(rows.map(|row| match &column.data {
            Data::Text(text) => Self::code(text.get(row), number + row - first),
            _ => Self::code(&[], number + row - first),
        }));
    }

    #[inline]
    fn hash(&self, code: LongCode) -> u64 {
        code.hash
    }

    #[inline]
    fn same(&self, left: LongCode, right: LongCode) -> bool {
        left.hash == right.hash && self.bytes(left.row as usize) == self.bytes(right.row as usize)
    }

    #[inline]
    fn order(&self, left: LongCode, right: LongCode) -> Ordering {
        self.bytes(left.row as usize).cmp(self.bytes(right.row as usize))
    }
}

/// What sort of keys the tables have.
pub(crate) enum KeyKind {
    /// Integers; those of a dense range are grouped without a hash table.
    Integer {
        least: i64,
        span: Option<usize>,
    },
    Short,
    Long,
}

/// Finds the sort of keys that all tables share.
pub(crate) fn key_kind(tables: &[(&'static str, &Table<'_>, usize)]) -> Result<KeyKind> {
    let (mut text, mut integer, mut longest) = (None, None, 0);
    let (mut least, mut greatest, mut rows) = (i64::MAX, i64::MIN, 0_usize);
    for (name, table, column) in tables {
        table.expect(name, *column, "text or integers", |data| matches!(data, Data::Text(_) | Data::Int(_)))?;
        for (_, piece) in table.pieces(*column) {
            match &piece.data {
                Data::Text(keys) => {
                    text.get_or_insert(*name);
                    longest = longest.max(longest_key(keys));
                }
                Data::Int(ints) => {
                    integer.get_or_insert(*name);
                    let (low, high) = range(ints);
                    (least, greatest) = (least.min(low), greatest.max(high));
                    rows += ints.len();
                    if let Ints::U64(values) = ints
                        && values.iter().any(|value| i64::try_from(*value).is_err())
                    {
                        return Err(Error::table(format!("the column `customer` of `{name}` has integers beyond 2^63")));
                    }
                }
                _ => {}
            }
        }
    }
    match (text, integer) {
        (Some(text), Some(integer)) => {
            Err(Error::table(format!("customers are text in `{text}` and integers in `{integer}`")).with_help("give both the same type"))
        }
        (None, Some(_)) => {
            let span = greatest.checked_sub(least).and_then(|span| usize::try_from(span).ok()).and_then(|span| span.checked_add(1));
            Ok(KeyKind::Integer { least, span: span.filter(|span| *span <= rows.saturating_mul(4).max(1024)) })
        }
        _ if longest <= SHORT => Ok(KeyKind::Short),
        _ => Ok(KeyKind::Long),
    }
}

/// Hands over the integers of some rows; a missing one is 0 and belongs to a row that is refused.
#[inline]
pub(crate) fn integers(column: &Column<'_>, rows: Range<usize>, mut take: impl FnMut(i64)) {
    match &column.data {
        Data::Int(Ints::I32(values)) => values.get(rows).unwrap_or_default().iter().for_each(|key| take(i64::from(*key))),
        Data::Int(Ints::I64(values)) => values.get(rows).unwrap_or_default().iter().for_each(|key| take(*key)),
        Data::Int(ints) => rows.for_each(|row| take(ints.get(row).unwrap_or_default())),
        _ => rows.for_each(|_| take(0)),
    }
}

fn longest_key(text: &Text<'_>) -> usize {
    match text {
        Text::Slices(texts) => texts.iter().map(|text| text.len()).max().unwrap_or(0),
        Text::Small { offsets, .. } => widest(offsets.iter().map(|x| i64::from(*x))),
        Text::Large { offsets, .. } => widest(offsets.iter().copied()),
        Text::View { .. } => (0..text.len()).map(|row| text.get(row).len()).max().unwrap_or(0),
        Text::Dictionary { words, .. } => match &words.data {
            Data::Text(words) => longest_key(words),
            _ => 0,
        },
    }
}

fn widest(offsets: impl Iterator<Item = i64> + Clone) -> usize {
    offsets.clone().zip(offsets.skip(1)).map(|(start, end)| (end - start) as usize).max().unwrap_or(0)
}

fn range(ints: &Ints<'_>) -> (i64, i64) {
    fn of<T: Copy + Ord + Into<i64>>(values: &[T]) -> (i64, i64) {
        let least = values.iter().min().map_or(i64::MAX, |x| (*x).into());
        (least, values.iter().max().map_or(i64::MIN, |x| (*x).into()))
    }
    match ints {
        Ints::I8(v) => of(v),
        Ints::I16(v) => of(v),
        Ints::I32(v) => of(v),
        Ints::I64(v) => of(v),
        Ints::U8(v) => of(v),
        Ints::U16(v) => of(v),
        Ints::U32(v) => of(v),
        Ints::U64(v) => {
            let fit = |x: Option<&u64>, none: i64| x.map_or(none, |x| i64::try_from(*x).unwrap_or(i64::MAX));
            (fit(v.iter().min(), i64::MAX), fit(v.iter().max(), i64::MIN))
        }
    }
}
