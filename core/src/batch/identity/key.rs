//! Values of identifiers as they are told apart and sorted.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::super::column::Text;
use super::super::keys::{KeySpace, ShortKeys};
use super::super::output::TextsWriter;

/// A value as it is told apart and sorted.
pub(super) trait Key<'t>: Copy + Default + Ord + Send + Sync {
    /// What all leads are read by.
    type Order: Sync;
    /// What of a value goes with the number of its row.
    type Carried: Copy + Default + Send + Sync;
    /// Keys that are kept, apart from the table.
    type Kept: Default + Send + Sync;

    /// The order that tells these values apart, which lie between a least and a greatest.
    fn order(texts: &mut dyn Iterator<Item = &'t [u8]>) -> Self::Order;

    fn of(text: &'t Text<'t>, row: usize, order: &Self::Order) -> Self;

    fn carried(text: &'t Text<'t>, row: usize) -> Self::Carried;

    /// The key again, as far as it is known without looking at the value.
    fn again(carried: Self::Carried, text: &'t Text<'t>) -> Self;

    /// Bytes of the value: whoever asks for those of many values before any is looked at has them come from memory together.
    fn touch(self) -> u8;

    /// The key, of what is known of it without looking at the value.
    fn whole(self, order: &Self::Order) -> Self;

    /// A number that never falls where keys rise.
    fn lead(self, order: &Self::Order) -> u64;

    fn hash(self) -> u64;

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
    type Carried = Self;
    type Kept = Vec<Self>;

    fn order(texts: &mut dyn Iterator<Item = &'t [u8]>) -> ShortOrder {
        let seen = texts.map(ShortKeys::pack).map(|key| (key, key));
        // Where none of the values was looked at, they may be any.
        let (least, greatest) = seen.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))).unwrap_or((0, Self::MAX));
        ShortOrder { least, greatest, common: (least ^ greatest).leading_zeros().min(64) }
    }

    #[inline(always)]
    fn of(text: &'t Text<'t>, row: usize, _: &ShortOrder) -> Self {
        Self::carried(text, row)
    }

    #[inline(always)]
    fn carried(text: &'t Text<'t>, row: usize) -> Self {
        let (bytes, start, end) = text.span(row);
        ShortKeys::pack_part(bytes, start, end)
    }

    #[inline(always)]
    fn again(carried: Self, _: &'t Text<'t>) -> Self {
        carried
    }

    #[inline(always)]
    fn touch(self) -> u8 {
        self as u8
    }

    #[inline(always)]
    fn whole(self, _: &ShortOrder) -> Self {
        self
    }

    #[inline(always)]
    fn lead(self, order: &ShortOrder) -> u64 {
        (self.clamp(order.least, order.greatest) << order.common >> 64) as u64
    }

    #[inline(always)]
    fn hash(self) -> u64 {
        ShortKeys.hash(self)
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
    type Carried = u64;
    type Kept = TextsWriter;

    fn order(texts: &mut dyn Iterator<Item = &'t [u8]>) -> &'t [u8] {
        let common = |one: &'t [u8], other: &[u8]| {
            let length = one.iter().zip(other).take_while(|(one, other)| one == other).count();
            one.get(..length).unwrap_or_default()
        };
        texts.next().map_or(&[], |first| texts.fold(first, common))
    }

    #[inline(always)]
    fn of(text: &'t Text<'t>, row: usize, common: &&'t [u8]) -> Self {
        Self { lead: 0, text: text.get(row) }.whole(common)
    }

    #[inline(always)]
    fn carried(text: &'t Text<'t>, row: usize) -> u64 {
        text.place(row)
    }

    #[inline(always)]
    fn again(place: u64, text: &'t Text<'t>) -> Self {
        Self { lead: 0, text: text.placed(place) }
    }

    #[inline(always)]
    fn touch(self) -> u8 {
        self.text.first().zip(self.text.last()).map_or(0, |(first, last)| first ^ last)
    }

    #[inline(always)]
    fn whole(self, common: &&'t [u8]) -> Self {
        let lead = match self.text.strip_prefix(*common) {
            Some(rest) => rest.first_chunk().map_or_else(|| padded(rest), |bytes| u64::from_be_bytes(*bytes)),
            None if self.text < *common => 0,
            None => u64::MAX,
        };
        Self { lead, ..self }
    }

    #[inline(always)]
    fn lead(self, _: &&'t [u8]) -> u64 {
        self.lead
    }

    #[inline(always)]
    fn hash(self) -> u64 {
        FixedState::default().hash_one(self.text)
    }

    fn keep(kept: &mut TextsWriter, keys: impl Iterator<Item = Self>) {
        keys.for_each(|key| kept.push_with(|to| to.extend_from_slice(key.text)));
    }

    fn append(kept: &mut TextsWriter, more: TextsWriter) {
        kept.append(more);
    }
}

/// Fewer than eight bytes as if zeros came after them.
fn padded(text: &[u8]) -> u64 {
    text.iter().chain(&[0; 8]).take(8).fold(0, |lead, byte| lead << 8 | u64::from(*byte))
}
