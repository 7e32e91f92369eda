//! Customer keys as codes that can be hashed, compared and sorted without going back to the table.

use std::cmp::Ordering;
use std::ops::Range;

use super::column::{Column, Data, Ints, Text};

/// How keys are coded.
pub(crate) trait KeySpace: Sync {
    /// A key's code.
    type Code: Copy + Default + Send + Sync;

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
        integers(column, rows, out, |key| key);
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

/// The bits of a text by its length, the first byte lowest.
const MASKS: [u128; SHORT + 1] = {
    const fn of(length: u32) -> u128 {
        u128::MAX >> (128 - 8 * length)
    }
    [0, of(1), of(2), of(3), of(4), of(5), of(6), of(7), of(8), of(9), of(10), of(11), of(12), of(13), of(14), of(15)]
};

impl ShortKeys {
    #[inline]
    pub(crate) fn pack(bytes: &[u8]) -> u128 {
        let mut packed = [0_u8; 16];
        let length = bytes.len().min(SHORT);
        packed.iter_mut().zip(bytes.iter().take(length)).for_each(|(to, from)| *to = *from);
        packed[SHORT] = length as u8;
        u128::from_be_bytes(packed)
    }

    /// As `pack`, of a part of a longer text.
    #[inline(always)]
    pub(crate) fn pack_part(bytes: &[u8], start: usize, end: usize) -> u128 {
        Self::swapped_part(bytes, start, end).swap_bytes()
    }

    /// As `pack_part`, but with its bytes swapped, which is less work where nothing is sorted.
    #[inline(always)]
    pub(crate) fn swapped_part(bytes: &[u8], start: usize, end: usize) -> u128 {
        Self::swapped_window(bytes, start, end).unwrap_or_else(|| Self::swapped(bytes.get(start..end).unwrap_or_default()))
    }

    /// As `swapped_part`, if there are sixteen bytes to be read at once and the text is short.
    #[inline(always)]
    pub(crate) fn swapped_window(bytes: &[u8], start: usize, end: usize) -> Option<u128> {
        let length = end.wrapping_sub(start);
        match (bytes.get(start..).and_then(|from| from.first_chunk()), MASKS.get(length)) {
            (Some(window), Some(mask)) => Some(u128::from_le_bytes(*window) & mask | (length as u128) << (8 * SHORT)),
            _ => None,
        }
    }

    #[cold]
    fn swapped(bytes: &[u8]) -> u128 {
        Self::pack(bytes).swap_bytes()
    }

    pub(crate) fn unpack(code: u128) -> ([u8; 16], usize) {
        let bytes = code.to_be_bytes();
        (bytes, usize::from(bytes[SHORT]))
    }

    /// Packs some rows of a column.
    #[inline]
    pub(crate) fn each(column: &Column<'_>, rows: Range<usize>, mut take: impl FnMut(u128)) {
        match &column.data {
            Data::Text(Text::Dictionary { codes, words }) if words.len() <= rows.len() => {
                // Each word is packed once.
                let mut packed = Vec::with_capacity(words.len());
                if let Data::Text(words) = &words.data {
                    packed.extend((0..words.len()).map(|word| Self::pack(words.get(word))));
                }
                rows.for_each(|row| take(codes.get(row).and_then(|code| packed.get(code as usize)).copied().unwrap_or_default()));
            }
            Data::Text(text) => text.each_span(rows, |bytes, start, end| take(Self::pack_part(bytes, start, end))),
            _ => rows.for_each(|_| take(0)),
        }
    }
}

impl KeySpace for ShortKeys {
    type Code = u128;

    fn codes(&self, column: &Column<'_>, rows: Range<usize>, _: usize, out: &mut Vec<u128>) {
        Self::each(column, rows, |packed| out.push(packed));
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

/// Text keys of any length: a hash, and the row to look at when hashes agree or first bytes do.
pub(crate) struct LongKeys<'t, 'a> {
    pub(crate) sources: Vec<(usize, &'t Column<'a>)>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LongCode {
    hash: u64,
    /// The first bytes, which tell most keys' order without another look at the table.
    first: u64,
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
        let mut first = [0_u8; 8];
        first.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        LongCode { hash, first: u64::from_be_bytes(first), row: number as u32 }
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
        left.first.cmp(&right.first).then_with(|| self.bytes(left.row as usize).cmp(self.bytes(right.row as usize)))
    }
}

/// Appends what `code` makes of the integers of some rows; a missing one is 0 and belongs to a row that is refused.
#[inline]
pub(crate) fn integers<C>(column: &Column<'_>, rows: Range<usize>, out: &mut Vec<C>, code: impl Fn(i64) -> C) {
    match &column.data {
        Data::Int(Ints::I32(values)) => out.extend(values.get(rows).unwrap_or_default().iter().map(|key| code(i64::from(*key)))),
        Data::Int(Ints::I64(values)) => out.extend(values.get(rows).unwrap_or_default().iter().map(|key| code(*key))),
        Data::Int(ints) => out.extend(rows.map(|row| code(ints.get(row).unwrap_or_default()))),
        _ => out.extend(rows.map(|_| code(0))),
    }
}
