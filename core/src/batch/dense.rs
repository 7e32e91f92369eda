//! Keys grouped by number: integers of a dense range, and text that is as good as such.

use std::hint::select_unpredictable;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

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
        integers(column, rows, out, |key| key.wrapping_sub(self.0) as u32);
    }
}

/// Keys of a dense range need neither hash nor table: the key is the number.
pub(crate) struct Dense<'k, K> {
    keys: &'k K,
    span: usize,
    shift: u32,
    /// Whether there is such a customer, key by key: bytes, as a bit that several threads may set takes ten times as long.
    present: Vec<AtomicBool>,
}

impl<'k, K> Dense<'k, K> {
    pub(crate) fn new(keys: &'k K, span: usize, partitions: usize) -> Self {
        let shift = span.div_ceil(partitions).next_power_of_two().trailing_zeros();
        Self { keys, span, shift, present: (0..span).map(|_| AtomicBool::new(false)).collect() }
    }
}

impl<K: Numbered> Grouping for Dense<'_, K> {
    const NOTES: bool = true;
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
    fn note(&self, code: u32) {
        // Who is present already is written nowhere, as threads would wait for each other; without a branch, as nobody could foretell it.
        let nowhere = AtomicBool::new(true);
        let present = self.present.get(code as usize).unwrap_or(&nowhere);
        select_unpredictable(present.load(Relaxed), &nowhere, present).store(true, Relaxed);
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
        self.dense.present.get(code).filter(|present| present.load(Relaxed)).map(|_| code as u32)
    }
}
