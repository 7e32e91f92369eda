//! Keys grouped by a hash.

use std::ops::Range;

use super::column::Column;
use super::group::{Grouping, Numbering};
use super::keys::KeySpace;

/// Keys grouped by their hash.
pub(crate) struct Hashed<'k, K> {
    keys: &'k K,
    partitions: usize,
    shift: u32,
}

impl<'k, K: KeySpace> Hashed<'k, K> {
    /// `partitions` is a power of two.
    pub(crate) fn new(keys: &'k K, partitions: usize) -> Self {
        Self { keys, partitions, shift: 64 - partitions.trailing_zeros() }
    }
}

impl<K: KeySpace> Grouping for Hashed<'_, K> {
    const NOTES: bool = false;
    type Code = K::Code;
    type Numbering<'g>
        = HashTable<'g, K>
    where
        Self: 'g;

    fn partitions(&self) -> usize {
        self.partitions
    }

    fn codes(&self, column: &Column<'_>, rows: Range<usize>, number: usize, out: &mut Vec<K::Code>) {
        self.keys.codes(column, rows, number, out);
    }

    #[inline]
    fn partition(&self, code: K::Code) -> usize {
        self.keys.hash(code).checked_shr(self.shift).unwrap_or(0) as usize
    }

    fn note(&self, _: K::Code) {}

    fn numbering(&self) -> HashTable<'_, K> {
        HashTable { keys: self.keys, codes: Vec::new(), table: vec![0; 1024] }
    }
}

/// Customers numbered as they come.
pub(crate) struct HashTable<'k, K: KeySpace> {
    keys: &'k K,
    codes: Vec<K::Code>,
    /// Customer + 1 by hash; 0 is empty.
    table: Vec<u32>,
}

impl<K: KeySpace> HashTable<'_, K> {
    #[cold]
    fn grow(&mut self) {
        let mut table = vec![0_u32; self.table.len() * 4];
        let mask = table.len() - 1;
        for (number, code) in self.codes.iter().enumerate() {
            let mut at = self.keys.hash(*code) as usize & mask;
            while table.get(at).is_some_and(|place| *place != 0) {
                at = (at + 1) & mask;
            }
            if let Some(place) = table.get_mut(at) {
                *place = number as u32 + 1;
            }
        }
        self.table = table;
    }
}

impl<K: KeySpace> Numbering<K::Code> for HashTable<'_, K> {
    fn begin(&mut self, _: usize) {
        self.codes.clear();
        self.table.fill(0);
    }

    #[inline]
    fn number(&mut self, code: K::Code) -> u32 {
        let mask = self.table.len() - 1;
        let mut at = self.keys.hash(code) as usize & mask;
        loop {
            match self.table.get(at).copied().unwrap_or_default() {
                0 => break,
                found => {
                    let number = found - 1;
                    if self.codes.get(number as usize).is_some_and(|other| self.keys.same(*other, code)) {
                        return number;
                    }
                }
            }
            at = (at + 1) & mask;
        }
        self.codes.push(code);
        if let Some(place) = self.table.get_mut(at) {
            *place = self.codes.len() as u32;
        }
        if self.codes.len() * 2 > self.table.len() {
            self.grow();
        }
        self.codes.len() as u32 - 1
    }

    fn numbers(&self) -> usize {
        self.codes.len()
    }

    fn customer(&self, number: usize) -> Option<K::Code> {
        self.codes.get(number).copied()
    }
}
