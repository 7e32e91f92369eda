//! Which sort of keys tables have, and so how their rows are grouped.

use std::ops::Range;

use rayon::prelude::*;

use super::column::{Data, Ints, NO_SPAN, Span, Text, span_of, widened};
use super::encode::MORSEL;
use super::group::Source;
use super::input::Table;
use super::keys::{SHORT, ShortKeys};
use super::numerals::Numerals;
use crate::error::{Error, Result};

/// What sort of keys the tables have.
pub(crate) enum KeyKind {
    /// Integers; those of a dense range are grouped without a hash table.
    Integer {
        least: i64,
        span: Option<usize>,
    },
    /// Text of a dense range, and how many numbers it has.
    Numeral(Numerals, usize),
    Short,
    Long,
}

/// Finds the sort of keys that all tables share.
pub(crate) fn key_kind(tables: &[(&'static str, &Table<'_>, usize)]) -> Result<KeyKind> {
    let (mut text, mut integer, mut texts) = (None, None, Vec::new());
    let (mut span, mut rows) = (NO_SPAN, 0_usize);
    for (name, table, column) in tables {
        table.expect(name, *column, "text or integers", |data| matches!(data, Data::Text(_) | Data::Int(_)))?;
        for (_, piece) in table.pieces(*column) {
            match &piece.data {
                Data::Text(keys) => {
                    text.get_or_insert(*name);
                    texts.push(keys);
                    rows += piece.len();
                }
                Data::Int(ints) => {
                    integer.get_or_insert(*name);
                    span = widened(span, range(ints));
                    rows += ints.len();
                    if let Ints::U64(values) = ints
                        && values.iter().any(|value| i64::try_from(*value).is_err())
                    {
                        return Err(Error::table(format!("the column `customer` of `{name}` has integers beyond 2^63")));
                    }
                }
                _ => {}
            }
        }
    }
    match (text, integer) {
        (Some(text), Some(integer)) => {
            Err(Error::table(format!("customers are text in `{text}` and integers in `{integer}`")).with_help("give both the same type"))
        }
        (None, Some(_)) => {
            let (least, greatest) = span;
            let span = greatest.checked_sub(least).and_then(|span| usize::try_from(span).ok()).and_then(|span| span.checked_add(1));
            Ok(KeyKind::Integer { least, span: span.filter(|span| *span <= most(rows)) })
        }
        _ => Ok(guessed(&texts, rows).unwrap_or_else(|| of_texts(&texts, rows))),
    }
}

/// More numbers than this are so sparse that tables by number would be larger than tables by hash.
fn most(rows: usize) -> usize {
    rows.saturating_mul(4).clamp(1024, u32::MAX as usize)
}

/// The sort of text keys, all of which were looked at.
fn of_texts(texts: &[&Text<'_>], rows: usize) -> KeyKind {
    match texts.iter().map(|text| Bytes::of(text)).fold(Bytes::default(), Bytes::and).packed() {
        Some((least, greatest)) => {
            Numerals::new(least, greatest, most(rows)).map_or(KeyKind::Short, |(keys, span)| KeyKind::Numeral(keys, span))
        }
        None => KeyKind::Long,
    }
}

/// The sort of text keys of which some were not as others let expect.
pub(crate) fn of_all_texts(sources: &[Source<'_, '_>]) -> KeyKind {
    let pieces = sources.iter().flat_map(|source| &source.pieces);
    let texts: Vec<&Text<'_>> = pieces
        .filter_map(|(_, piece)| match &piece.data {
            Data::Text(text) => Some(text),
            _ => None,
        })
        .collect();
    of_texts(&texts, texts.iter().map(|text| text.len()).sum())
}

/// Of fewer rows all are looked at.
const FEW: usize = 1 << 17;
/// Rows from which the sort of all others is guessed.
const SAMPLE: usize = 1 << 12;

/// The sort of many text keys if some of them are numerals: the others are looked at when they are numbered, not twice.
fn guessed(texts: &[&Text<'_>], rows: usize) -> Option<KeyKind> {
    if rows < FEW || texts.iter().any(|text| matches!(text, Text::Dictionary { .. })) {
        return None;
    }
    let some = texts.iter().map(|text| Bytes::of_some(text, rows / SAMPLE));
    let (least, greatest) = some.fold(Bytes::default(), Bytes::and).packed()?;
    Numerals::guessed(least, greatest, most(rows)).map(|(keys, span)| KeyKind::Numeral(keys, span))
}

/// Ranges of rows, to be looked through in parallel.
fn morsels(rows: usize) -> impl ParallelIterator<Item = Range<usize>> {
    let number = rows.div_ceil(MORSEL);
    (0..number).into_par_iter().map(move |morsel| morsel * MORSEL..((morsel + 1) * MORSEL).min(rows))
}

/// Keys that are looked at together: so that the compiler compares all bytes of a key at once, in less than half the time.
const BLOCK: usize = 64;

/// The least and the greatest byte of every place of packed keys; keys that are too long for that have no bounds.
#[derive(Clone, Copy)]
struct Bytes {
    least: [u8; 16],
    greatest: [u8; 16],
    are_short: bool,
}

impl Default for Bytes {
    fn default() -> Self {
        Self { least: [u8::MAX; 16], greatest: [0; 16], are_short: true }
    }
}

impl Bytes {
    fn of(text: &Text<'_>) -> Self {
        if let Text::Dictionary { words, .. } = text {
            return match &words.data {
                Data::Text(words) => Self::of(words),
                _ => Self::default(),
            };
        }
        let parts = morsels(text.len()).map(|rows| {
            let mut all = Self::default();
            let mut block = [[0; 16]; BLOCK];
            for from in rows.clone().step_by(BLOCK) {
                let filled = BLOCK.min(rows.end - from);
                let mut to = block.iter_mut();
                text.each_span(from..from + filled, |bytes, start, end| {
                    to.next().into_iter().for_each(|packed| *packed = ShortKeys::swapped_part(bytes, start, end).to_le_bytes());
                    all.are_short &= end.wrapping_sub(start) <= SHORT;
                });
                if !all.are_short {
                    break;
                }
                block.iter().take(filled).for_each(|packed| all.take(packed));
            }
            all
        });
        parts.reduce(Self::default, Self::and)
    }

    /// As `of`, of every row after so many, and the last.
    fn of_some(text: &Text<'_>, step: usize) -> Self {
        let mut all = Self::default();
        for row in (0..text.len()).step_by(step.max(1)).chain(text.len().checked_sub(1)) {
            let key = text.get(row);
            all.take(&ShortKeys::pack(key).to_be_bytes());
            all.are_short &= key.len() <= SHORT;
        }
        all
    }

    #[inline(always)]
    fn take(&mut self, packed: &[u8; 16]) {
        self.least.iter_mut().zip(packed).for_each(|(least, byte)| *least = (*byte).min(*least));
        self.greatest.iter_mut().zip(packed).for_each(|(greatest, byte)| *greatest = (*byte).max(*greatest));
    }

    fn and(self, other: Self) -> Self {
        let mut all = Self { are_short: self.are_short && other.are_short, ..self };
        all.least.iter_mut().zip(other.least).for_each(|(least, byte)| *least = byte.min(*least));
        all.greatest.iter_mut().zip(other.greatest).for_each(|(greatest, byte)| *greatest = byte.max(*greatest));
        all
    }

    fn packed(&self) -> Option<(u128, u128)> {
        self.are_short.then(|| (u128::from_be_bytes(self.least), u128::from_be_bytes(self.greatest)))
    }
}

fn range(ints: &Ints<'_>) -> Span {
    match ints {
        Ints::I8(v) => span_of(v),
        Ints::I16(v) => span_of(v),
        Ints::I32(v) => span_of(v),
        Ints::I64(v) => span_of(v),
        Ints::U8(v) => span_of(v),
        Ints::U16(v) => span_of(v),
        Ints::U32(v) => span_of(v),
        Ints::U64(v) => {
            let fit = |x: Option<&u64>, none: i64| x.map_or(none, |x| i64::try_from(*x).unwrap_or(i64::MAX));
            (fit(v.iter().min(), NO_SPAN.0), fit(v.iter().max(), NO_SPAN.1))
        }
    }
}
