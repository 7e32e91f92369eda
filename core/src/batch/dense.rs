//! Keys grouped by number: integers of a dense range, and text that is as good as such.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::column::Column;
use super::group::{Grouping, Numbering};
use super::keys::integers;

/// Keys that are numbers of a dense range.
pub(crate) trait Numbered: Sync {
    fn numbers(&self, column: &Column<'_>, rows: Range<usize>, out: &mut Vec<u32>);

    /// Whether all keys so far were numbers of the range.
    fn holds(&self) -> bool {
        true
    }
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

    fn holds(&self) -> bool {
        self.keys.holds()
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
