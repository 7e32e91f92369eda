//! Borrowed columns of a caller's table, in the layouts that Arrow has.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::encode::MORSEL;
use crate::time::Instant;

/// One column of a table.
#[derive(Debug, Clone)]
pub struct Column<'a> {
    pub(crate) data: Data<'a>,
    pub(crate) nulls: Option<Bits<'a>>,
}

/// One bit a row, least significant first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bits<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) offset: usize,
}

impl Bits<'_> {
    #[inline]
    pub(crate) fn get(&self, row: usize) -> bool {
        let at = self.offset + row;
        self.bytes.get(at >> 3).is_some_and(|byte| byte >> (at & 7) & 1 == 1)
    }
}

#[cfg_attr(not(feature = "arrow"), expect(dead_code, reason = "only Arrow has the other layouts"))]
#[derive(Debug, Clone)]
pub(crate) enum Data<'a> {
    Text(Text<'a>),
    Float64(Cow<'a, [f64]>),
    Float32(&'a [f32]),
    Int(Ints<'a>),
    Boolean(Bits<'a>, usize),
    Instant(Instants<'a>),
    Null(usize),
}

/// Integers of any width.
#[cfg_attr(not(feature = "arrow"), expect(dead_code, reason = "only Arrow has the other layouts"))]
#[derive(Debug, Clone)]
pub(crate) enum Ints<'a> {
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(Cow<'a, [i64]>),
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
    U64(&'a [u64]),
}

impl Ints<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::I8(v) => v.len(),
            Self::I16(v) => v.len(),
            Self::I32(v) => v.len(),
            Self::I64(v) => v.len(),
            Self::U8(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::U32(v) => v.len(),
            Self::U64(v) => v.len(),
        }
    }

    /// The integer; none if it does not fit 64 bits with a sign.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        match self {
            Self::I8(v) => v.get(row).map(|x| i64::from(*x)),
            Self::I16(v) => v.get(row).map(|x| i64::from(*x)),
            Self::I32(v) => v.get(row).map(|x| i64::from(*x)),
            Self::I64(v) => v.get(row).copied(),
            Self::U8(v) => v.get(row).map(|x| i64::from(*x)),
            Self::U16(v) => v.get(row).map(|x| i64::from(*x)),
            Self::U32(v) => v.get(row).map(|x| i64::from(*x)),
            Self::U64(v) => v.get(row).and_then(|x| i64::try_from(*x).ok()),
        }
    }
}

/// Text in one of Arrow's layouts.
#[cfg_attr(not(feature = "arrow"), expect(dead_code, reason = "only Arrow has the other layouts"))]
#[derive(Debug, Clone)]
pub(crate) enum Text<'a> {
    Slices(&'a [&'a str]),
    Optional(&'a [Option<&'a str>]),
    Small {
        offsets: &'a [i32],
        bytes: &'a [u8],
    },
    Large {
        offsets: &'a [i64],
        bytes: &'a [u8],
    },
    /// Sixteen bytes a row, as Arrow has them.
    View {
        views: &'a [u8],
        buffers: Vec<&'a [u8]>,
    },
    Dictionary {
        codes: Ints<'a>,
        words: Box<Column<'a>>,
    },
}

/// The least and the greatest of some numbers; of none, the first is the greater one.
pub(crate) type Span = (i64, i64);

pub(crate) const NO_SPAN: Span = (i64::MAX, i64::MIN);

pub(crate) fn widened(one: Span, other: Span) -> Span {
    (one.0.min(other.0), one.1.max(other.1))
}

pub(crate) fn span_of<T: Copy + Ord + Into<i64> + Sync>(values: &[T]) -> Span {
    // Four at a time, so that none waits for the one before.
    let spans = values.par_chunks(MORSEL).map(|values| {
        let (fours, rest) = values.as_chunks::<4>();
        let mut spans = [NO_SPAN; 4];
        for four in fours {
            spans.iter_mut().zip(four).for_each(|(span, x)| *span = widened(*span, ((*x).into(), (*x).into())));
        }
        let rest = rest.iter().map(|x| ((*x).into(), (*x).into()));
        spans.into_iter().chain(rest).fold(NO_SPAN, widened)
    });
    spans.reduce(|| NO_SPAN, widened)
}

/// The bits of a [`Text::place`] that are the length of a text.
const LENGTH_BITS: u32 = 24;
/// The bit of a [`Text::place`] that is a row.
const ROW: u64 = 1 << 63;

impl<'a> Text<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Slices(texts) => texts.len(),
            Self::Optional(texts) => texts.len(),
            Self::Small { offsets, .. } => offsets.len().saturating_sub(1),
            Self::Large { offsets, .. } => offsets.len().saturating_sub(1),
            Self::View { views, .. } => views.len() / 16,
            Self::Dictionary { codes, .. } => codes.len(),
        }
    }

    /// The bytes of a row.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> &[u8] {
        let (bytes, start, end) = self.span(row);
        bytes.get(start..end).unwrap_or_default()
    }

    /// Where a row lies, in half the room of a slice and without another look at the offsets: where its text begins and how long it is. If that does not fit, or
    /// texts do not lie in one buffer, it is the row.
    #[inline(always)]
    pub(crate) fn place(&self, row: usize) -> u64 {
        let (_, start, end) = self.span(row);
        let length = end.wrapping_sub(start) as u64;
        let is_one_buffer = matches!(self, Self::Small { .. } | Self::Large { .. });
        match is_one_buffer && length < 1 << LENGTH_BITS && start < 1 << (63 - LENGTH_BITS) {
            true => (start as u64) << LENGTH_BITS | length,
            false => ROW | row as u64,
        }
    }

    /// The bytes of the row whose place it is.
    #[inline(always)]
    pub(crate) fn placed(&self, place: u64) -> &[u8] {
        let (start, length) = ((place >> LENGTH_BITS) as usize, (place & ((1 << LENGTH_BITS) - 1)) as usize);
        match self {
            Self::Small { bytes, .. } | Self::Large { bytes, .. } if place & ROW == 0 => {
                bytes.get(start..start + length).unwrap_or_default()
            }
            _ => self.get((place & !ROW) as usize),
        }
    }

    /// As [`span`](Self::span), of some rows in their order: which layout it is, is asked once.
    #[inline(always)]
    pub(crate) fn each_span(&self, rows: Range<usize>, mut take: impl FnMut(&[u8], usize, usize)) {
        match self {
            Self::Small { offsets, bytes } => each_pair(offsets.get(rows.start..=rows.end), |start, end| take(bytes, start, end)),
            Self::Large { offsets, bytes } => each_pair(offsets.get(rows.start..=rows.end), |start, end| take(bytes, start, end)),
            _ => rows.for_each(|row| {
                let (bytes, start, end) = self.span(row);
                take(bytes, start, end);
            }),
        }
    }

    /// A row as a buffer, and where in it the text begins and ends.
    #[inline(always)]
    pub(crate) fn span(&self, row: usize) -> (&[u8], usize, usize) {
        fn whole(bytes: &[u8]) -> (&[u8], usize, usize) {
            (bytes, 0, bytes.len())
        }
        match self {
            Self::Small { offsets, bytes } => match offsets.get(row..row + 2) {
                Some([start, end]) => (bytes, *start as usize, *end as usize),
                _ => whole(&[]),
            },
            Self::Large { offsets, bytes } => match offsets.get(row..row + 2) {
                Some([start, end]) => (bytes, *start as usize, *end as usize),
                _ => whole(&[]),
            },
            Self::Slices(texts) => whole(texts.get(row).map_or(&[], |text| text.as_bytes())),
            Self::Optional(texts) => whole(texts.get(row).copied().flatten().map_or(&[], str::as_bytes)),
            Self::View { views, buffers } => whole(view(views, buffers, row)),
            Self::Dictionary { codes, words } => match (codes.get(row), &words.data) {
                (Some(code), Data::Text(words)) => whole(words.get(code as usize)),
                _ => whole(&[]),
            },
        }
    }
}

#[inline(always)]
fn each_pair<O: Copy + Into<i64>>(offsets: Option<&[O]>, mut take: impl FnMut(usize, usize)) {
    for pair in offsets.unwrap_or_default().windows(2) {
        if let [start, end] = *pair {
            take(start.into() as usize, end.into() as usize);
        }
    }
}

#[inline]
fn view<'b>(views: &'b [u8], buffers: &[&'b [u8]], row: usize) -> &'b [u8] {
    let Some(view) = views.get(16 * row..16 * row + 16) else { return &[] };
    let word = |at: usize| match view.get(at..at + 4) {
        Some(&[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]) as usize,
        _ => 0,
    };
    let length = word(0);
    match length <= 12 {
        // The text lies inside of the view itself, after its length.
        true => view.get(4..4 + length).unwrap_or_default(),
        false => buffers.get(word(8)).and_then(|bytes| bytes.get(word(12)..word(12) + length)).unwrap_or_default(),
    }
}

/// Instants as integers of some unit.
#[derive(Debug, Clone)]
pub(crate) struct Instants<'a> {
    pub(crate) values: Cow<'a, [i64]>,
    pub(crate) unit: Unit,
}

#[cfg_attr(not(feature = "arrow"), expect(dead_code, reason = "only Arrow has the other layouts"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl Instants<'_> {
    /// Microseconds, or why there are none.
    #[inline]
    pub(crate) fn micros(&self, row: usize) -> Result<i64, &'static str> {
        const OUTSIDE: &str = "the instant is outside of the years -9999 to 9999";
        let value = self.values.get(row).copied().unwrap_or_default();
        let micros = match self.unit {
            Unit::Microseconds => Some(value),
            Unit::Milliseconds => value.checked_mul(1_000),
            Unit::Seconds => value.checked_mul(1_000_000),
            Unit::Nanoseconds if value % 1_000 == 0 => Some(value / 1_000),
            Unit::Nanoseconds => return Err("the instant is finer than a microsecond; round the column to microseconds"),
        };
        let micros = micros.ok_or(OUTSIDE)?;
        match micros >= Instant::MIN.as_micros() && micros <= Instant::MAX.as_micros() {
            true => Ok(micros),
            false => Err(OUTSIDE),
        }
    }
}

impl<'a> Column<'a> {
    pub(crate) fn new(data: Data<'a>, nulls: Option<Bits<'a>>) -> Self {
        Self { data, nulls }
    }

    /// A column of text.
    #[must_use]
    pub fn texts(values: &'a [&'a str]) -> Self {
        Self::new(Data::Text(Text::Slices(values)), None)
    }

    /// A column of text, some of it perhaps not known.
    #[must_use]
    pub fn optional_texts(values: &'a [Option<&'a str>]) -> Self {
        Self::new(Data::Text(Text::Optional(values)), None)
    }

    /// A column of numbers, all of them known.
    #[must_use]
    pub fn numbers(values: &'a [f64]) -> Self {
        Self::new(Data::Float64(Cow::Borrowed(values)), None)
    }

    /// A column of numbers, some of them perhaps not known.
    #[must_use]
    pub fn optional_numbers(values: &[Option<f64>]) -> Self {
        Self::new(Data::Float64(Cow::Owned(values.iter().map(|value| value.unwrap_or(UNKNOWN)).collect())), None)
    }

    /// A column of integers: keys, whole numbers.
    #[must_use]
    pub fn integers(values: &'a [i64]) -> Self {
        Self::new(Data::Int(Ints::I64(Cow::Borrowed(values))), None)
    }

    /// A column of instants.
    #[must_use]
    pub fn instants(values: &[Instant]) -> Self {
        let values = values.iter().map(|at| at.as_micros()).collect();
        Self::new(Data::Instant(Instants { values: Cow::Owned(values), unit: Unit::Microseconds }), None)
    }

    /// The same column for a shorter time: nothing that it owns is copied.
    pub(crate) fn borrowed(&self) -> Column<'_> {
        let data = match &self.data {
            Data::Float64(values) => Data::Float64(Cow::Borrowed(values)),
            Data::Int(Ints::I64(values)) => Data::Int(Ints::I64(Cow::Borrowed(values))),
            Data::Instant(Instants { values, unit }) => Data::Instant(Instants { values: Cow::Borrowed(values), unit: *unit }),
            data => data.clone(),
        };
        Column::new(data, self.nulls)
    }

    pub(crate) fn len(&self) -> usize {
        match &self.data {
            Data::Text(text) => text.len(),
            Data::Float64(values) => values.len(),
            Data::Float32(values) => values.len(),
            Data::Int(values) => values.len(),
            Data::Boolean(_, len) | Data::Null(len) => *len,
            Data::Instant(instants) => instants.values.len(),
        }
    }

    /// Whether a row has no value.
    #[inline]
    pub(crate) fn is_null(&self, row: usize) -> bool {
        if self.nulls.as_ref().is_some_and(|bits| !bits.get(row)) {
            return true;
        }
        match &self.data {
            Data::Null(_) => true,
            Data::Text(Text::Optional(texts)) => texts.get(row).is_none_or(Option::is_none),
            Data::Text(Text::Dictionary { codes, words }) => codes.get(row).is_none_or(|code| words.is_null(code as usize)),
            Data::Float64(values) => values.get(row).is_some_and(|value| value.to_bits() == UNKNOWN.to_bits()),
            _ => false,
        }
    }

    /// Whether any row may have no value.
    pub(crate) fn may_be_null(&self) -> bool {
        self.nulls.is_some()
            || match &self.data {
                Data::Null(_) => true,
                Data::Text(Text::Optional(texts)) => texts.iter().any(Option::is_none),
                Data::Text(Text::Dictionary { words, .. }) => words.may_be_null(),
                Data::Float64(values) => values.iter().any(|value| value.to_bits() == UNKNOWN.to_bits()),
                _ => false,
            }
    }

    /// What the column is called in messages.
    pub(crate) fn type_name(&self) -> &'static str {
        match &self.data {
            Data::Text(_) => "text",
            Data::Float64(_) | Data::Float32(_) => "numbers",
            Data::Int(_) => "integers",
            Data::Boolean(..) => "booleans",
            Data::Instant(_) => "instants",
            Data::Null(_) => "nothing but nulls",
        }
    }
}

/// The NaN that stands for "not known" in columns built by [`Column::optional_numbers`]; one that an Arrow table holds is refused.
const UNKNOWN: f64 = f64::from_bits(0x7ff8_7761_7966_6172);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_leads_back_to_the_text() {
        let long = "x".repeat(1 << LENGTH_BITS);
        let texts = ["", "one", "and another", &long, "last"];
        let bytes = texts.concat();
        let (mut small, mut large) = (vec![0_i32], vec![0_i64]);
        for text in texts {
            small.push(small[small.len() - 1] + text.len() as i32);
            large.push(large[large.len() - 1] + text.len() as i64);
        }
        let small = Text::Small { offsets: &small, bytes: bytes.as_bytes() };
        let large = Text::Large { offsets: &large, bytes: bytes.as_bytes() };
        let words = Column::texts(&texts);
        let entries = Text::Dictionary { codes: Ints::U32(&[4, 3, 2, 1, 0]), words: Box::new(words) };
        for (row, text) in texts.iter().enumerate() {
            assert_eq!(small.placed(small.place(row)), text.as_bytes());
            assert_eq!(large.placed(large.place(row)), text.as_bytes());
            assert_eq!(entries.placed(entries.place(4 - row)), text.as_bytes());
        }
    }
}
