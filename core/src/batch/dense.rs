//! Keys grouped by number: integers of a dense range, and text that counts.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::column::{Column, Data, Text};
use super::group::{Grouping, Numbering};
use super::keys::{ShortKeys, integers};

/// Keys that are numbers of a dense range.
pub(crate) trait Numbered: Sync {
    fn numbers(&self, column: &Column<'_>, rows: Range<usize>, out: &mut Vec<u32>);
}

/// Integers from this one on.
pub(crate) struct IntegersFrom(pub(crate) i64);

impl Numbered for IntegersFrom {
    fn numbers(&self, column: &Column<'_>, rows: Range<usize>, out: &mut Vec<u32>) {
        integers(column, rows, |key| out.push(key.wrapping_sub(self.0) as u32));
    }
}

/// Keys of a dense range need neither hash nor table: the key is the number.
pub(crate) struct Dense<'k, K> {
    keys: &'k K,
    span: usize,
    shift: u32,
    /// A bit a key: whether there is such a customer.
    present: Vec<AtomicU64>,
}

impl<'k, K> Dense<'k, K> {
    pub(crate) fn new(keys: &'k K, span: usize, partitions: usize) -> Self {
        let shift = span.div_ceil(partitions).next_power_of_two().trailing_zeros();
        Self { keys, span, shift, present: (0..span.div_ceil(64)).map(|_| AtomicU64::new(0)).collect() }
    }

    #[inline]
    fn bit(&self, code: usize) -> Option<(&AtomicU64, u64)> {
        self.present.get(code / 64).map(|word| (word, 1 << (code % 64)))
    }
}

impl<K: Numbered> Grouping for Dense<'_, K> {
    type Code = u32;
    type Numbering<'g>
        = Slice<'g, K>
    where
        Self: 'g;

    fn partitions(&self) -> usize {
        self.span.div_ceil(1 << self.shift)
    }

    fn codes(&self, column: &Column<'_>, rows: Range<usize>, _: usize, out: &mut Vec<u32>) {
        self.keys.numbers(column, rows, out);
    }

    #[inline]
    fn partition(&self, code: u32) -> usize {
        code as usize >> self.shift
    }

    #[inline]
    fn note(&self, code: u32) -> bool {
        if let Some((word, bit)) = self.bit(code as usize)
            && word.load(Relaxed) & bit == 0
        {
            word.fetch_or(bit, Relaxed);
        }
        true
    }

    fn numbering(&self) -> Slice<'_, K> {
        Slice { dense: self, first: 0 }
    }
}

/// A partition of a dense range.
pub(crate) struct Slice<'d, K> {
    dense: &'d Dense<'d, K>,
    first: usize,
}

impl<K> Numbering<u32> for Slice<'_, K> {
    fn begin(&mut self, partition: usize) {
        self.first = partition << self.dense.shift;
    }

    #[inline]
    fn number(&mut self, code: u32) -> u32 {
        code - self.first as u32
    }

    fn numbers(&self) -> usize {
        (1 << self.dense.shift).min(self.dense.span - self.first)
    }

    #[inline]
    fn customer(&self, number: usize) -> Option<u32> {
        let code = self.first + number;
        self.dense.bit(code).filter(|(word, bit)| word.load(Relaxed) & bit != 0).map(|_| code as u32)
    }
}

/// Text keys of one length that differ in few places and there in few bytes, such as a prefix and a running number: they are numerals, whose base is the
/// most bytes that a place has.
pub(crate) struct Numerals {
    /// The least byte of every place, packed.
    least: u128,
    /// Bits to the right of the last place in which keys differ.
    shift: u32,
    /// Bytes from there to the end of the text.
    tail: usize,
    /// The places in which keys may differ, of the eight that are read at once.
    mask: u64,
    base: u64,
}

impl Numerals {
    /// From the least and the greatest byte of every place, and the most numbers there may be. Gives their number too.
    pub(crate) fn new(least: u128, greatest: u128, most: usize) -> Option<(Self, usize)> {
        if least > greatest {
            return None;
        }
        let shift = (least ^ greatest).trailing_zeros() / 8 * 8;
        let bases = greatest.to_be_bytes().into_iter().zip(least.to_be_bytes()).map(|(greatest, least)| u64::from(greatest - least) + 1);
        // The last byte is the length: all have the same.
        if !(8..128).contains(&shift) {
            return None;
        }
        let differing = u64::try_from((least ^ greatest) >> shift).ok()?;
        let mask = u64::MAX >> (differing.leading_zeros() / 8 * 8);
        let tail = ((least as usize & 0xff) + shift as usize / 8).checked_sub(16)?;
        let numerals = Self { least, shift, tail, mask, base: bases.max().unwrap_or(1) };
        let span = usize::try_from(numerals.number((greatest >> shift) as u64)).ok()?.checked_add(1)?;
        (span <= most).then_some((numerals, span))
    }

    /// Eight places at once: pairs of them, then fours.
    #[inline]
    fn number(&self, places: u64) -> u64 {
        const PAIRS: u64 = 0x00ff_00ff_00ff_00ff;
        const FOURS: u64 = 0x0000_ffff_0000_ffff;
        let digits = (places & self.mask).wrapping_sub((self.least >> self.shift) as u64 & self.mask);
        let base = self.base;
        let pairs = (digits & PAIRS).wrapping_add((digits >> 8 & PAIRS).wrapping_mul(base));
        let fours = (pairs & FOURS).wrapping_add((pairs >> 16 & FOURS).wrapping_mul(base * base));
        (fours & u64::from(u32::MAX)).wrapping_add((fours >> 32).wrapping_mul(base * base * base * base))
    }

    /// The key of a number, packed.
    pub(crate) fn key(&self, number: u32) -> u128 {
        let (mut rest, mut digits, mut place) = (u64::from(number), 0, 0);
        while rest > 0 {
            digits |= (rest % self.base) << place;
            rest /= self.base;
            place += 8;
        }
        self.least + (u128::from(digits) << self.shift)
    }
}

impl Numbered for Numerals {
    fn numbers(&self, column: &Column<'_>, rows: Range<usize>, out: &mut Vec<u32>) {
        match &column.data {
            Data::Text(Text::Dictionary { .. }) => {
                ShortKeys::each(column, rows, |packed| out.push(self.number((packed >> self.shift) as u64) as u32))
            }
            Data::Text(text) => out.extend(rows.map(|row| {
                let (bytes, start, end) = text.span(row);
                let last = end.wrapping_sub(self.tail);
                let places = match bytes.get(last.wrapping_sub(8)..last) {
                    Some(places) => u64::from_be_bytes(places.try_into().unwrap_or_default()),
                    None => (ShortKeys::pack_part(bytes, start, end) >> self.shift) as u64,
                };
                self.number(places) as u32
            })),
            _ => out.extend(rows.map(|_| 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numerals(keys: &[&str]) -> Option<(Numerals, usize)> {
        let packed = || keys.iter().map(|key| ShortKeys::pack(key.as_bytes()).to_be_bytes());
        let of_all = |choose: fn(u8, u8) -> u8| packed().reduce(|all, key| std::array::from_fn(|at| choose(all[at], key[at])));
        Numerals::new(u128::from_be_bytes(of_all(u8::min)?), u128::from_be_bytes(of_all(u8::max)?), 100_000)
    }

    fn round_trip(keys: &[&str]) {
        let (numerals, span) = numerals(keys).unwrap();
        let column = Column::texts(keys);
        let mut numbers = Vec::new();
        numerals.numbers(&column, 0..keys.len(), &mut numbers);
        assert!(numbers.is_sorted_by(|a, b| a < b), "{keys:?} are in order, {numbers:?} are not");
        assert!(numbers.iter().all(|number| (*number as usize) < span));
        for (key, number) in keys.iter().zip(&numbers) {
            assert_eq!(numerals.key(*number), ShortKeys::pack(key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn customers_get_their_own_key_back_in_its_order() {
        round_trip(&["c-0000007", "c-0000190", "c-0001234", "c-0009999"]);
        round_trip(&["0", "1", "9"]);
        round_trip(&["A12-eu", "A13-eu", "B01-eu"]);
        round_trip(&["customer-000001", "customer-000300"]);
        round_trip(&["é1", "é2"]);
    }

    #[test]
    fn keys_that_are_no_numerals_are_left_to_hashing() {
        assert!(numerals(&["c-1", "c-10"]).is_none(), "of two lengths");
        assert!(numerals(&["c-000000000001", "d-000000000002"]).is_none(), "too far apart");
        assert!(numerals(&["aaaa", "zzzz"]).is_none(), "too sparse");
        assert!(numerals(&["ada", "ada"]).is_none(), "all the same");
    }
}
