//! Values of columns as numbers in the order of the values.
//!
//! Values are scattered into stretches of that order, each small enough for the cache; there they are told apart by a hash table, and only the distinct
//! ones are sorted. Which stretch a value lies in its lead says: the first 64 bits in which values differ.

use std::hint::{black_box, select_unpredictable};
use std::ops::Range;

use rayon::prelude::*;

use super::super::column::{Column, Data, Text};
use super::super::encode::MORSEL;
use super::super::group::{range_of, to_starts};
use super::super::keys::{SHORT, ShortKeys};
use super::super::output::TextsWriter;
use super::key::{Key, LongKey};

/// The number of a row without a value.
pub(super) const NONE: u32 = u32::MAX;

/// Values that a stretch should have.
const STRETCH: usize = 1 << 13;
const MOST_STRETCHES: usize = 1 << 12;
/// Values looked at to find where stretches end, for each of them.
const SAMPLE: usize = 32;

/// Distinct values in order, and the number of every row's value.
pub(super) struct Interned {
    /// Per column and row, one column after the other.
    pub(super) codes: Vec<u32>,
    pub(super) values: Values,
}

/// Distinct values in order.
pub(super) enum Values {
    Short(Vec<u128>),
    Long(TextsWriter),
}

impl Values {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Short(keys) => keys.len(),
            Self::Long(texts) => texts.len(),
        }
    }

    /// A byte of a value: whoever asks for those of many before any is written has them come from memory together.
    #[inline]
    pub(super) fn touch(&self, code: u32) -> u8 {
        match self {
            Self::Short(keys) => keys.get(code as usize).map_or(0, |key| key.touch()),
            Self::Long(texts) => texts.get(code as usize).first().copied().unwrap_or_default(),
        }
    }

    /// The texts of all.
    pub(super) fn texts(self) -> TextsWriter {
        match self {
            Self::Short(ref keys) => {
                let mut texts = TextsWriter::new(keys.len());
                (0..keys.len() as u32).for_each(|code| texts.push_with(|to| self.write(code, to)));
                texts
            }
            Self::Long(texts) => texts,
        }
    }

    /// Appends the text of a value.
    #[inline]
    pub(super) fn write(&self, code: u32, to: &mut Vec<u8>) {
        match self {
            Self::Short(keys) => {
                let (bytes, length) = ShortKeys::unpack(keys.get(code as usize).copied().unwrap_or_default());
                to.extend_from_slice(bytes.get(..length).unwrap_or_default());
            }
            Self::Long(texts) => to.extend_from_slice(texts.get(code as usize)),
        }
    }
}

/// Numbers the values of columns of text; each is a list of pieces with the number of the first row of each, and all are of so many rows.
pub(super) fn interned<'t>(columns: &[Vec<(usize, &'t Column<'t>)>], rows: usize) -> Interned {
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
            let (codes, keys) = numbered::<u128>(&pieces, length);
            Interned { codes, values: Values::Short(keys) }
        }
        false => {
            let (codes, texts) = numbered::<LongKey<'t>>(&pieces, length);
            Interned { codes, values: Values::Long(texts) }
        }
    }
}

/// Some rows of a column: the number of the first row of the column's piece, and the rows of the piece.
struct Morsel<'t> {
    start: usize,
    piece: &'t Column<'t>,
    text: &'t Text<'t>,
    rows: Range<usize>,
}

impl<'t> Morsel<'t> {
    fn all(pieces: &[(usize, &'t Column<'t>)]) -> Vec<Self> {
        let of_piece = |(start, piece): &(usize, &'t Column<'t>)| {
            let (start, piece) = (*start, *piece);
            let text = match &piece.data {
                Data::Text(text) => Some(text),
                _ => None,
            };
            let length = piece.len();
            let rows = (0..length).step_by(MORSEL).map(move |from| from..(from + MORSEL).min(length));
            text.into_iter().flat_map(move |text| rows.clone().map(move |rows| Self { start, piece, text, rows }))
        };
        pieces.iter().flat_map(of_piece).collect()
    }

    /// Every so many of the rows that have a value.
    fn known(&self, step: usize) -> impl Iterator<Item = usize> {
        let may_be_null = self.piece.may_be_null();
        self.rows.clone().step_by(step).filter(move |row| !may_be_null || !self.piece.is_null(*row))
    }

    fn share<K: Key<'t>>(&self, order: &K::Order, bounds: &[u64]) -> Share<K::Carried> {
        let mut stretches: Vec<u16> = Vec::with_capacity(self.rows.len());
        let mut ends = vec![0_u32; bounds.len() + 1];
        for row in self.known(1) {
            let stretch = stretch(bounds, K::of(self.text, row, order).lead(order));
            stretches.push(stretch as u16);
            ends.get_mut(stretch).into_iter().for_each(|count| *count += 1);
        }
        to_starts(&mut ends);
        let mut share = Share { ends, carried: vec![K::Carried::default(); stretches.len()], rows: vec![0; stretches.len()] };
        for (row, stretch) in self.known(1).zip(stretches) {
            let Some(next) = share.ends.get_mut(usize::from(stretch)) else { continue };
            let at = *next as usize;
            *next += 1;
            if let (Some(carried), Some(number)) = (share.carried.get_mut(at), share.rows.get_mut(at)) {
                (*carried, *number) = (K::carried(self.text, row), (self.start + row) as u32);
            }
        }
        share
    }
}

/// How many of the bounds a lead has reached, which are one less than a power of two. There is nothing to mispredict.
#[inline(always)]
fn stretch(bounds: &[u64], lead: u64) -> usize {
    let mut reached = 0;
    let mut half = bounds.len().div_ceil(2);
    while half > 0 {
        let bound = bounds.get(reached + half - 1).copied().unwrap_or(u64::MAX);
        reached += select_unpredictable(bound <= lead, half, 0);
        half /= 2;
    }
    reached
}

/// Some rows' values, stretch by stretch.
struct Share<C> {
    /// Where each stretch ends.
    ends: Vec<u32>,
    carried: Vec<C>,
    rows: Vec<u32>,
}

impl<C: Copy> Share<C> {
    /// The rows of a stretch, with what is carried of each.
    fn rows(&self, stretch: usize) -> impl ExactSizeIterator<Item = (u32, C)> {
        let range = range_of(&self.ends, stretch);
        let carried = self.carried.get(range.clone()).unwrap_or_default();
        self.rows.get(range).unwrap_or_default().iter().copied().zip(carried.iter().copied())
    }
}

fn numbered<'t, K: Key<'t>>(pieces: &[(usize, &'t Column<'t>)], length: usize) -> (Vec<u32>, K::Kept) {
    let morsels = Morsel::all(pieces);
    let stretches = (length / STRETCH).next_power_of_two().min(MOST_STRETCHES);
    let step = (length / (stretches * SAMPLE)).max(1);
    let order = K::order(&mut morsels.iter().flat_map(|morsel| morsel.known(step).map(|row| morsel.text.get(row))));
    let bounds = bounds::<K>(&morsels, &order, stretches, step);
    let shares: Vec<Share<K::Carried>> = morsels.par_iter().map(|morsel| morsel.share::<K>(&order, &bounds)).collect();
    let (mut stretches, mut firsts) = (Vec::with_capacity(bounds.len() + 1), Vec::with_capacity(bounds.len() + 1));
    let mut kept = K::Kept::default();
    // In turns, so that the memory of what is kept of one serves the next.
    for turn in (0..=bounds.len()).step_by(TURN) {
        let turn = turn..(turn + TURN).min(bounds.len() + 1);
        let made: Vec<(Stretch, K::Kept)> =
            turn.into_par_iter().map(|stretch| Stretch::of::<K>(&morsels, &shares, &order, stretch)).collect();
        for (stretch, own) in made {
            firsts.push(stretch.distinct);
            stretches.push(stretch);
            K::append(&mut kept, own);
        }
    }
    to_starts(&mut firsts);
    let mut codes = vec![NONE; length];
    let (mut parts, mut rest, mut at) = (Vec::with_capacity(morsels.len()), codes.as_mut_slice(), 0);
    for morsel in &morsels {
        let from = morsel.start + morsel.rows.start;
        let (_, here) = std::mem::take(&mut rest).split_at_mut_checked(from - at).unwrap_or_default();
        let (part, after) = here.split_at_mut_checked(morsel.rows.len()).unwrap_or_default();
        parts.push((from as u32, part));
        (rest, at) = (after, from + morsel.rows.len());
    }
    parts.into_par_iter().zip(&shares).enumerate().for_each(|(number, ((from, codes), share))| {
        for ((at, stretch), first) in stretches.iter().enumerate().zip(&firsts) {
            for (rank, (row, _)) in stretch.ranks(number).zip(share.rows(at)) {
                codes.get_mut((row - from) as usize).into_iter().for_each(|code| *code = first + rank);
            }
        }
    });
    (codes, kept)
}

/// The leads at which stretches begin, but for the first.
fn bounds<'t, K: Key<'t>>(morsels: &[Morsel<'t>], order: &K::Order, stretches: usize, step: usize) -> Vec<u64> {
    let mut sample: Vec<u64> = Vec::with_capacity(stretches * SAMPLE);
    if stretches > 1 {
        sample.extend(morsels.iter().flat_map(|morsel| morsel.known(step).map(|row| K::of(morsel.text, row, order).lead(order))));
        sample.sort_unstable();
    }
    (1..stretches).map(|stretch| sample.get(stretch * sample.len() / stretches).copied().unwrap_or(u64::MAX)).collect()
}

/// A stretch of the order of the keys.
struct Stretch {
    /// How many distinct values it has.
    distinct: u32,
    /// Which of them each value is, one share after the other.
    ranks: Vec<u32>,
    /// Per share, where its values end.
    ends: Vec<u32>,
}

/// Values that are touched, then hashed, then looked up.
const TOGETHER: usize = 128;
/// Stretches that are told apart before what is kept of them is put together.
const TURN: usize = 64;

impl Stretch {
    /// Which of the keys the values of a share are.
    fn ranks(&self, share: usize) -> impl Iterator<Item = u32> {
        self.ranks.get(range_of(&self.ends, share)).unwrap_or_default().iter().copied()
    }

    /// A stretch, and its distinct keys in order.
    fn of<'t, K: Key<'t>>(morsels: &[Morsel<'t>], shares: &[Share<K::Carried>], order: &K::Order, stretch: usize) -> (Self, K::Kept) {
        let ends: Vec<u32> = shares
            .iter()
            .scan(0, |end, share| {
                *end += share.rows(stretch).len() as u32;
                Some(*end)
            })
            .collect();
        let all = ends.last().copied().unwrap_or_default() as usize;
        let mut keys: Vec<(K, u32)> = Vec::new();
        let mut ranks: Vec<u32> = Vec::with_capacity(all);
        let mut table = vec![NONE; (2 * all).next_power_of_two().max(16)];
        let mask = table.len() - 1;
        let mut some: Vec<K> = Vec::with_capacity(TOGETHER);
        let shares_together = (TOGETHER * shares.len() / all.max(1)).max(1);
        for (morsels, shares) in morsels.chunks(shares_together).zip(shares.chunks(shares_together)) {
            some.clear();
            for (morsel, share) in morsels.iter().zip(shares) {
                some.extend(share.rows(stretch).map(|(_, carried)| K::again(carried, morsel.text)));
            }
            black_box(some.iter().fold(0, |all, key| all ^ key.touch()));
            some.iter_mut().for_each(|key| *key = key.whole(order));
            let first = ranks.len();
            ranks.extend(some.iter().map(|key| key.hash() as u32));
            // What was a hash becomes a number.
            for (key, hash) in some.iter().zip(ranks.iter_mut().skip(first)) {
                let mut at = *hash as usize & mask;
                *hash = loop {
                    let Some(place) = table.get_mut(at) else { break NONE };
                    if *place == NONE {
                        *place = keys.len() as u32;
                        keys.push((*key, *place));
                        break *place;
                    }
                    if keys.get(*place as usize).is_some_and(|(other, _)| other == key) {
                        break *place;
                    }
                    at = (at + 1) & mask;
                };
            }
        }
        keys.sort_unstable_by_key(|(key, _)| *key);
        for (rank, (_, number)) in (0..).zip(&keys) {
            table.get_mut(*number as usize).into_iter().for_each(|place| *place = rank);
        }
        ranks.iter_mut().for_each(|number| *number = table.get(*number as usize).copied().unwrap_or(NONE));
        let mut kept = K::Kept::default();
        K::keep(&mut kept, keys.iter().map(|(key, _)| *key));
        (Self { distinct: keys.len() as u32, ranks, ends }, kept)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::splitmix;

    /// Values of one beginning and any end, some of them equal, in two columns of which one has rows without a value.
    fn numbers_are_the_order_of_values(texts: impl Fn(u64) -> String) {
        const ROWS: usize = 3 * STRETCH;
        let mut state = 11;
        let mut drawn = || (0..ROWS).map(|_| texts(splitmix::next(&mut state))).collect::<Vec<String>>();
        let (one, other) = (drawn(), drawn());
        let one: Vec<&str> = one.iter().map(String::as_str).collect();
        let other: Vec<Option<&str>> = other.iter().enumerate().map(|(row, text)| (row % 5 != 0).then_some(text.as_str())).collect();
        let all: BTreeSet<&str> = one.iter().copied().chain(other.iter().copied().flatten()).collect();
        let ranks: std::collections::HashMap<&str, u32> = all.iter().copied().zip(0..).collect();

        let (one_column, other_column) = (Column::texts(&one), Column::optional_texts(&other));
        let found = interned(&[vec![(0, &one_column)], vec![(0, &other_column)]], ROWS);

        let expected = one.iter().map(|text| ranks[text]).chain(other.iter().map(|text| text.map_or(NONE, |text| ranks[text])));
        assert!(found.codes.iter().copied().eq(expected));
        assert_eq!(found.values.len(), all.len());
        for (text, code) in all.iter().zip(0..) {
            let mut written = Vec::new();
            found.values.write(code, &mut written);
            assert_eq!(written, text.as_bytes());
        }
    }

    #[test]
    fn short_values() {
        numbers_are_the_order_of_values(|number| format!("c{}", number % 20_000));
        numbers_are_the_order_of_values(|number| format!("{:x}", number >> (number % 60)));
        numbers_are_the_order_of_values(|number| "a".repeat(1 + (number % 15) as usize));
    }

    #[test]
    fn long_values() {
        numbers_are_the_order_of_values(|number| format!("{:032x}", u128::from(number) * u128::from(number)));
        numbers_are_the_order_of_values(|number| format!("https://example.com/{}", number % 20_000));
        // Few have another beginning than the sample.
        numbers_are_the_order_of_values(|number| match number % 3_001 {
            0 => format!("a{number}"),
            1 => format!("z{number}"),
            _ => format!("someone.{:05}@example.com", number % 30_000),
        });
        numbers_are_the_order_of_values(|number| "long and longer ".repeat(1 + (number % 9) as usize));
    }

    #[test]
    fn few_of_many_rows_have_a_value() {
        for value in ["c1", "a value longer than a short key"] {
            for rows in [2, 100, 3 * STRETCH] {
                let texts: Vec<Option<&str>> = (0..rows).map(|row| (row == 1).then_some(value)).collect();
                let found = interned(&[vec![(0, &Column::optional_texts(&texts))]], rows);
                assert!(found.codes.iter().copied().eq((0..rows).map(|row| if row == 1 { 0 } else { NONE })));
                assert_eq!(found.values.len(), 1);
            }
        }
    }
}
