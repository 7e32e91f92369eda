//! Values of identifiers as they are told apart and sorted.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::super::column::Text;
use super::super::keys::{KeySpace, ShortKeys};

/// A value as it is told apart and sorted.
pub(super) trait Key<'t>: Copy + Default + Ord + Send + Sync {
    /// What all leads are read by.
    type Order: Sync;
    /// Keys that are kept, apart from the table.
    type Kept: Default + Send + Sync;

    /// The order that tells these values apart, which lie between a least and a greatest.
    fn order(texts: &mut dyn Iterator<Item = &'t [u8]>) -> Self::Order;

    fn of(text: &'t Text<'t>, row: usize, order: &Self::Order) -> Self;

    /// A number that never falls where keys rise.
    fn lead(self, order: &Self::Order) -> u64;

    fn hash(self) -> u64;

    /// Bytes of the value: whoever asks for those of many values before any is looked at has them come from memory together.
    fn touch(self) -> u8;

    fn keep(kept: &mut Self::Kept, keys: impl Iterator<Item = Self>);

    fn append(kept: &mut Self::Kept, more: Self::Kept);
}

/// The first bit in which the least and the greatest differ.
pub(super) struct ShortOrder {
    least: u128,
    greatest: u128,
    common: u32,
}

impl<'t> Key<'t> for u128 {
    type Order = ShortOrder;
    type Kept = Vec<Self>;

    fn order(texts: &mut dyn Iterator<Item = &'t [u8]>) -> ShortOrder {
        let seen = texts.map(ShortKeys::pack).map(|key| (key, key));
        // Where none of the values was looked at, they may be any.
        let (least, greatest) = seen.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))).unwrap_or((0, Self::MAX));
        ShortOrder { least, greatest, common: (least ^ greatest).leading_zeros().min(64) }
    }

    #[inline(always)]
    fn of(text: &'t Text<'t>, row: usize, _: &ShortOrder) -> Self {
        let (bytes, start, end) = text.span(row);
        ShortKeys::pack_part(bytes, start, end)
    }

    #[inline(always)]
    fn lead(self, order: &ShortOrder) -> u64 {
        (self.clamp(order.least, order.greatest) << order.common >> 64) as u64
    }

    #[inline(always)]
    fn hash(self) -> u64 {
        ShortKeys.hash(self)
    }

    #[inline(always)]
    fn touch(self) -> u8 {
        self as u8
    }

    fn keep(kept: &mut Vec<Self>, keys: impl Iterator<Item = Self>) {
        kept.extend(keys);
    }

    fn append(kept: &mut Vec<Self>, mut more: Vec<Self>) {
        kept.append(&mut more);
    }
}

/// A value of any length: eight bytes after those that all begin with, and where it stands in the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LongKey<'t> {
    lead: u64,
    text: &'t [u8],
}

impl<'t> Key<'t> for LongKey<'t> {
    /// What all begin with.
    type Order = &'t [u8];
    type Kept = LongTexts;

    fn order(texts: &mut dyn Iterator<Item = &'t [u8]>) -> &'t [u8] {
        let common = |one: &'t [u8], other: &[u8]| {
            let length = one.iter().zip(other).take_while(|(one, other)| one == other).count();
            one.get(..length).unwrap_or_default()
        };
        texts.next().map_or(&[], |first| texts.fold(first, common))
    }

    #[inline(always)]
    fn of(row_of: &'t Text<'t>, row: usize, common: &&'t [u8]) -> Self {
        let text = row_of.get(row);
        let lead = match text.strip_prefix(*common) {
            Some(rest) => rest.first_chunk().map_or_else(|| padded(rest), |bytes| u64::from_be_bytes(*bytes)),
            None if text < *common => 0,
            None => u64::MAX,
        };
        Self { lead, text }
    }

    #[inline(always)]
    fn lead(self, _: &&'t [u8]) -> u64 {
        self.lead
    }

    #[inline(always)]
    fn hash(self) -> u64 {
        FixedState::default().hash_one(self.text)
    }

    #[inline(always)]
    fn touch(self) -> u8 {
        self.text.first().zip(self.text.last()).map_or(0, |(first, last)| first ^ last)
    }

    fn keep(kept: &mut LongTexts, keys: impl Iterator<Item = Self>) {
        for key in keys {
            kept.bytes.extend_from_slice(key.text);
            kept.ends.push(kept.bytes.len());
        }
    }

    fn append(kept: &mut LongTexts, more: LongTexts) {
        let before = kept.bytes.len();
        kept.bytes.extend_from_slice(&more.bytes);
        kept.ends.extend(more.ends.iter().map(|end| before + end));
    }
}

/// Fewer than eight bytes as if zeros came after them.
fn padded(text: &[u8]) -> u64 {
    text.iter().chain(&[0; 8]).take(8).fold(0, |lead, byte| lead << 8 | u64::from(*byte))
}

/// Texts one after the other.
#[derive(Default)]
pub(super) struct LongTexts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl LongTexts {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    pub(super) fn get(&self, at: usize) -> &[u8] {
        let end = self.ends.get(at).copied().unwrap_or_default();
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.bytes.get(start..end).unwrap_or_default()
    }
}
