//! Values of columns as numbers in the order of the values.
//!
//! Values are scattered into stretches of that order, each small enough for the cache; there they are told apart by a hash table, and only the distinct
//! ones are sorted.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::super::column::{Column, Data, Text};
use super::super::encode::MORSEL;
use super::super::keys::{KeySpace, SHORT, ShortKeys};

/// The number of a row without a value.
pub(super) const NONE: u32 = u32::MAX;

/// Values that a stretch should have.
const STRETCH: usize = 1 << 15;
const MOST_STRETCHES: usize = 1 << 10;
/// Values looked at to find where stretches end, for each of them.
const SAMPLE: usize = 32;

/// Distinct values in order, and the number of every row's value.
pub(super) struct Interned<'t> {
    /// Per column and row, one column after the other.
    pub(super) codes: Vec<u32>,
    pub(super) values: Values<'t>,
}

/// Distinct values in order.
pub(super) enum Values<'t> {
    Short(Vec<u128>),
    Long(Vec<LongKey<'t>>),
}

impl Values<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Short(keys) => keys.len(),
            Self::Long(keys) => keys.len(),
        }
    }

    /// Appends the text of a value.
    pub(super) fn write(&self, code: u32, to: &mut String) {
        match self {
            Self::Short(keys) => {
                let (bytes, length) = ShortKeys::unpack(keys.get(code as usize).copied().unwrap_or_default());
                to.push_str(bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default());
            }
            Self::Long(keys) => to.push_str(keys.get(code as usize).and_then(|key| std::str::from_utf8(key.text).ok()).unwrap_or_default()),
        }
    }
}

/// A value's code: what it is told apart and sorted by.
trait Key: Copy + Default + Ord + Send + Sync {
    fn hash(self) -> u64;
}

impl Key for u128 {
    #[inline]
    fn hash(self) -> u64 {
        ShortKeys.hash(self)
    }
}

/// A value of any length: its first bytes, and where it stands in the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LongKey<'t> {
    first: u128,
    text: &'t [u8],
}

impl Key for LongKey<'_> {
    #[inline]
    fn hash(self) -> u64 {
        let rest = self.text.get(16..).unwrap_or_default();
        rest.chunks(16).fold(ShortKeys.hash(self.first), |hash, chunk| {
            let mut word = [0_u8; 16];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            ShortKeys.hash(u128::from_le_bytes(word) ^ u128::from(hash.rotate_left(23)))
        })
    }
}

impl<'t> LongKey<'t> {
    #[inline]
    fn new(text: &'t [u8]) -> Self {
        let mut first = [0_u8; 16];
        match text.get(..16) {
            Some(bytes) => first.copy_from_slice(bytes),
            None => first.iter_mut().zip(text).for_each(|(to, from)| *to = *from),
        }
        Self { first: u128::from_be_bytes(first), text }
    }
}

/// Numbers the values of columns of text; each is a list of pieces with the number of the first row of each, and all are of so many rows.
pub(super) fn interned<'t>(columns: &[Vec<(usize, &'t Column<'t>)>], rows: usize) -> Interned<'t> {
    let pieces: Vec<(usize, &'t Column<'t>)> =
        columns.iter().enumerate().flat_map(|(at, pieces)| pieces.iter().map(move |(start, piece)| (at * rows + start, *piece))).collect();
    let is_short = pieces.par_iter().all(|(_, piece)| match &piece.data {
        Data::Text(text) => (0..text.len()).all(|row| {
            let (_, start, end) = text.span(row);
            end.wrapping_sub(start) <= SHORT
        }),
        _ => true,
    });
    let length = columns.len() * rows;
    match is_short {
        true => {
            let (codes, keys) = numbered(&pieces, length, |text: &Text<'_>, row| {
                let (bytes, start, end) = text.span(row);
                ShortKeys::pack_part(bytes, start, end)
            });
            Interned { codes, values: Values::Short(keys) }
        }
        false => {
            let (codes, keys) = numbered(&pieces, length, |text: &'t Text<'t>, row| LongKey::new(text.get(row)));
            Interned { codes, values: Values::Long(keys) }
        }
    }
}

/// Some rows' values, stretch by stretch.
struct Share<K> {
    /// Where each stretch ends.
    ends: Vec<u32>,
    keys: Vec<K>,
    rows: Vec<u32>,
}

fn numbered<'t, K: Key>(
    pieces: &[(usize, &'t Column<'t>)],
    length: usize,
    key: impl Fn(&'t Text<'t>, usize) -> K + Sync,
) -> (Vec<u32>, Vec<K>) {
    let morsels: Vec<(usize, &'t Column<'t>, usize)> =
        pieces.iter().flat_map(|(start, piece)| (0..piece.len()).step_by(MORSEL).map(|from| (*start, *piece, from))).collect();
    let bounds = bounds(&morsels, length, &key);
    let shares: Vec<Share<K>> = morsels
        .par_iter()
        .map(|(start, piece, from)| {
            let Data::Text(text) = &piece.data else {
                return Share { ends: vec![0; bounds.len() + 1], keys: Vec::new(), rows: Vec::new() };
            };
            let rows = *from..(*from + MORSEL).min(piece.len());
            let nullable = piece.may_be_null();
            let known = rows.filter(|row| !nullable || !piece.is_null(*row));
            share(known.map(|row| (key(text, row), (start + row) as u32)), &bounds)
        })
        .collect();
    let stretches: Vec<(Vec<K>, Vec<u32>)> = (0..=bounds.len()).into_par_iter().map(|stretch| distinct(&shares, stretch)).collect();
    let mut first = 0;
    let firsts: Vec<u32> = stretches
        .iter()
        .map(|(keys, _)| {
            let start = first;
            first += keys.len() as u32;
            start
        })
        .collect();
    let codes: Vec<AtomicU32> = (0..length).into_par_iter().map(|_| AtomicU32::new(NONE)).collect();
    stretches.par_iter().zip(&firsts).enumerate().for_each(|(stretch, ((_, ranks), first))| {
        let rows = shares.iter().flat_map(|share| share.of(stretch).1);
        for (row, rank) in rows.zip(ranks) {
            codes.get(*row as usize).into_iter().for_each(|code| code.store(first + rank, Relaxed));
        }
    });
    let keys = stretches.into_iter().flat_map(|(keys, _)| keys).collect();
    (codes.into_iter().map(AtomicU32::into_inner).collect(), keys)
}

impl<K> Share<K> {
    fn of(&self, stretch: usize) -> (&[K], &[u32]) {
        let end = self.ends.get(stretch).copied().unwrap_or_default() as usize;
        let start = stretch.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default() as usize;
        (self.keys.get(start..end).unwrap_or_default(), self.rows.get(start..end).unwrap_or_default())
    }
}

/// The keys at which stretches begin, but for the first.
fn bounds<'t, K: Key>(morsels: &[(usize, &'t Column<'t>, usize)], length: usize, key: &impl Fn(&'t Text<'t>, usize) -> K) -> Vec<K> {
    let stretches = (length / STRETCH).next_power_of_two().min(MOST_STRETCHES);
    if stretches == 1 {
        return Vec::new();
    }
    let step = (length / (stretches * SAMPLE)).max(1);
    let mut sample = Vec::with_capacity(stretches * SAMPLE);
    for (_, piece, from) in morsels {
        let Data::Text(text) = &piece.data else { continue };
        let rows = *from..(*from + MORSEL).min(piece.len());
        sample.extend(rows.step_by(step).filter(|row| !piece.is_null(*row)).map(|row| key(text, row)));
    }
    sample.sort_unstable();
    let each = sample.len().div_ceil(stretches).max(1);
    let mut bounds: Vec<K> = sample.iter().step_by(each).skip(1).copied().collect();
    bounds.dedup();
    bounds
}

fn share<K: Key>(values: impl Iterator<Item = (K, u32)>, bounds: &[K]) -> Share<K> {
    let mut all: Vec<(K, u32, u16)> = Vec::with_capacity(MORSEL);
    let mut ends = vec![0_u32; bounds.len() + 1];
    for (key, row) in values {
        let stretch = bounds.partition_point(|bound| *bound <= key);
        all.push((key, row, stretch as u16));
        ends.get_mut(stretch).into_iter().for_each(|count| *count += 1);
    }
    let mut end = 0;
    for count in &mut ends {
        let start = end;
        end += *count;
        *count = start;
    }
    let mut share = Share { ends, keys: vec![K::default(); all.len()], rows: vec![0; all.len()] };
    for (key, row, stretch) in all {
        let Some(next) = share.ends.get_mut(usize::from(stretch)) else { continue };
        let at = *next as usize;
        *next += 1;
        if let (Some(to), Some(number)) = (share.keys.get_mut(at), share.rows.get_mut(at)) {
            (*to, *number) = (key, row);
        }
    }
    share
}

/// The distinct keys of a stretch in order, and which of them each of its rows has.
fn distinct<K: Key>(shares: &[Share<K>], stretch: usize) -> (Vec<K>, Vec<u32>) {
    let all: usize = shares.iter().map(|share| share.of(stretch).0.len()).sum();
    let mut keys: Vec<K> = Vec::new();
    let mut table = vec![NONE; (2 * all).next_power_of_two().max(16)];
    let mask = table.len() - 1;
    let mut numbers = Vec::with_capacity(all);
    for key in shares.iter().flat_map(|share| share.of(stretch).0) {
        let mut at = key.hash() as usize & mask;
        let number = loop {
            let Some(place) = table.get_mut(at) else { break NONE };
            if *place == NONE {
                *place = keys.len() as u32;
                keys.push(*key);
                break *place;
            }
            if keys.get(*place as usize) == Some(key) {
                break *place;
            }
            at = (at + 1) & mask;
        };
        numbers.push(number);
    }
    let mut sorted: Vec<(K, u32)> = keys.into_iter().zip(0..).collect();
    sorted.sort_unstable_by_key(|(key, _)| *key);
    let mut ranks = vec![0; sorted.len()];
    for (rank, (_, number)) in (0..).zip(&sorted) {
        ranks.get_mut(*number as usize).into_iter().for_each(|place| *place = rank);
    }
    numbers.iter_mut().for_each(|number| *number = ranks.get(*number as usize).copied().unwrap_or(NONE));
    (sorted.into_iter().map(|(key, _)| key).collect(), numbers)
}
