//! A text column of a table as numbers into its sorted words.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::super::column::{Column, Data, Text};
use super::super::group::MORSEL;
use super::super::input::{Refused, Table};
use super::super::keys::{SHORT, ShortKeys};

/// A column as numbers, morsel by morsel as rows are scattered.
pub(super) struct Coded {
    pub(super) name: String,
    /// Sorted; none, if any row has no text, comes last.
    pub(super) words: Vec<Option<String>>,
    /// The row that each morsel begins with.
    starts: Vec<usize>,
    morsels: Vec<Morsel>,
}

/// Some rows, numbered by the words that they have.
struct Morsel {
    codes: Narrow,
    /// The number of each of its words among all.
    numbers: Vec<u32>,
}

/// Numbers as narrow as they may be.
enum Narrow {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
}

/// Some rows of a morsel with the words that they have, in the order of their coming.
struct Read<'c> {
    codes: Narrow,
    words: Vec<Option<&'c [u8]>>,
}

impl Coded {
    /// Reads a column. Rows whose text is empty are refused.
    pub(super) fn new(name: &str, table_name: &'static str, table: &Table<'_>, column: usize, refused: &mut Refused) -> Self {
        let mut ranges = Vec::new();
        for (start, piece) in table.pieces(column) {
            ranges.extend((0..piece.len()).step_by(MORSEL).map(|from| (start, piece, from..(from + MORSEL).min(piece.len()))));
        }
        let read: Vec<Read<'_>> = ranges.par_iter().map(|(_, piece, rows)| Read::new(piece, rows.clone())).collect();
        let mut known: HashMap<Option<&[u8]>, u32, FixedState> = HashMap::default();
        let mut all: Vec<Option<&[u8]>> = Vec::new();
        for word in read.iter().flat_map(|read| &read.words) {
            known.entry(*word).or_insert_with(|| {
                all.push(*word);
                0
            });
        }
        all.sort_unstable_by_key(|word| (word.is_none(), *word));
        for (number, word) in (0..).zip(&all) {
            known.insert(*word, number);
        }
        let column_name = table.names.get(column).map_or(name, String::as_str);
        let mut morsels = Vec::with_capacity(read.len());
        for (read, (start, _, rows)) in read.into_iter().zip(&ranges) {
            for (at, word) in read.words.iter().enumerate() {
                let reason = match word.map(std::str::from_utf8) {
                    Some(Ok("")) => "is empty text",
                    Some(Err(_)) => "is not UTF-8",
                    _ => continue,
                };
                for row in (0..rows.len()).filter(|row| read.codes.get(*row) == at) {
                    refused.add(table_name, start + rows.start + row, column_name, format!("`{column_name}` {reason}"));
                }
            }
            let numbers = read.words.iter().map(|word| known.get(word).copied().unwrap_or_default()).collect();
            morsels.push(Morsel { codes: read.codes, numbers });
        }
        let words = all.iter().map(|word| word.map(|word| String::from_utf8_lossy(word).into_owned())).collect();
        Self { name: name.to_owned(), words, starts: ranges.iter().map(|(start, _, rows)| start + rows.start).collect(), morsels }
    }

    /// The morsel of a row, and how many of its rows are before that.
    fn morsel(&self, row: usize) -> Option<(&Morsel, usize)> {
        let at = self.starts.partition_point(|start| *start <= row).checked_sub(1)?;
        Some((self.morsels.get(at)?, row - self.starts.get(at)?))
    }

    /// The numbers of some rows from this one on: all rows of one morsel.
    pub(super) fn of(&self, first: usize) -> impl Fn(usize) -> u32 + '_ {
        let morsel = self.morsel(first);
        move |row| morsel.and_then(|(morsel, skipped)| morsel.numbers.get(morsel.codes.get(skipped + row))).copied().unwrap_or_default()
    }

    /// Adds to each of some rows from this one on, all of one morsel, the bits of its number.
    pub(super) fn add_to(&self, rows: &mut [i64], first: usize, bits: impl Fn(u32) -> i64) {
        let Some((morsel, skipped)) = self.morsel(first) else { return };
        let own: Vec<i64> = morsel.numbers.iter().map(|number| bits(*number)).collect();
        let bits = |code: usize| own.get(code).copied().unwrap_or_default();
        match &morsel.codes {
            Narrow::Bytes(codes) => rows.iter_mut().zip(codes.iter().skip(skipped)).for_each(|(row, code)| *row |= bits((*code).into())),
            Narrow::Words(codes) => rows.iter_mut().zip(codes.iter().skip(skipped)).for_each(|(row, code)| *row |= bits((*code).into())),
        }
    }

    /// The bits that a number of a word has.
    pub(super) fn bits(&self) -> u32 {
        usize::BITS - self.words.len().saturating_sub(1).leading_zeros()
    }
}

impl Narrow {
    /// Of codes that are less than `words`.
    fn new(codes: Vec<u16>, words: usize) -> Self {
        match words <= 1 << 8 {
            true => Self::Bytes(codes.iter().map(|code| *code as u8).collect()),
            false => Self::Words(codes),
        }
    }

    #[inline]
    fn get(&self, row: usize) -> usize {
        match self {
            Self::Bytes(codes) => codes.get(row).copied().unwrap_or_default().into(),
            Self::Words(codes) => codes.get(row).copied().unwrap_or_default().into(),
        }
    }
}

/// Words met lately by a hash of their packed bytes: most rows have one of a few words, which are found here without hashing their bytes one by one.
const RECENT: usize = 256;

impl<'c> Read<'c> {
    fn new(column: &'c Column<'_>, rows: std::ops::Range<usize>) -> Self {
        let mut codes = vec![0_u16; rows.len()];
        let mut numbers = Numbers::default();
        let nullable = column.may_be_null();
        let mut to = rows.clone().zip(&mut codes);
        match &column.data {
            Data::Text(Text::Dictionary { codes: entries, words }) if words.len() <= rows.len() => {
                let mut known: Vec<u32> = vec![u32::MAX; words.len()];
                for (row, to) in to {
                    let entry = entries.get(row).map_or(usize::MAX, |entry| entry as usize);
                    let number = match (known.get_mut(entry), &words.data) {
                        (Some(known), Data::Text(words)) if !(nullable && column.is_null(row)) => {
                            if *known == u32::MAX {
                                *known = numbers.number(Some(words.get(entry)));
                            }
                            *known
                        }
                        _ => numbers.number(None),
                    };
                    *to = number as u16;
                }
            }
            Data::Text(text) => {
                let mut recent = [(u128::MAX, 0_u16); RECENT];
                text.each_span(rows, |bytes, start, end| {
                    let Some((row, to)) = to.next() else { return };
                    // What the row has among all texts lives longer than what is handed over.
                    let mut number = || numbers.number((!nullable || !column.is_null(row)).then(|| text.get(row))) as u16;
                    if end.wrapping_sub(start) > SHORT || (nullable && column.is_null(row)) {
                        *to = number();
                        return;
                    }
                    let packed = ShortKeys::swapped_part(bytes, start, end);
                    let mixed = (packed as u64 ^ ((packed >> 64) as u64).rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    if let Some(place) = recent.get_mut((mixed >> 56) as usize) {
                        if place.0 != packed {
                            *place = (packed, number());
                        }
                        *to = place.1;
                    }
                });
            }
            _ => to.for_each(|(_, to)| *to = numbers.number(None) as u16),
        }
        Self { codes: Narrow::new(codes, numbers.words.len()), words: numbers.words }
    }
}

/// Words numbered as they come.
#[derive(Default)]
struct Numbers<'c> {
    known: HashMap<Option<&'c [u8]>, u32, FixedState>,
    words: Vec<Option<&'c [u8]>>,
}

impl<'c> Numbers<'c> {
    fn number(&mut self, word: Option<&'c [u8]>) -> u32 {
        *self.known.entry(word).or_insert_with(|| {
            self.words.push(word);
            self.words.len() as u32 - 1
        })
    }
}
