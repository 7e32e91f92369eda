//! The columns of a table as slots: everything is looked up and checked before a row is folded.

use rayon::prelude::*;

use super::column::{Column, Data, Text};
use super::input::{Locator, Refused, Table};
use super::keys::{SHORT, ShortKeys};
use super::values::{self, number_at};
use crate::error::{Error, Result};
use crate::expression::Type;
use crate::journey::plan::{DIRECTION, DIRECTIONS, KIND, Plan};
use crate::profile::{encode, slot};
use crate::symbol::{Strings, Symbol};

/// Rows that are encoded at a time.
pub(crate) const MORSEL: usize = 1 << 16;

/// One field of all touchpoints, to be read row by row.
pub(crate) enum Field<'t, 'a> {
    /// Symbols, one a row; 0 is unknown.
    Symbols(Vec<u32>),
    /// Few words, one byte a row.
    Words(Vec<u8>),
    Numbers(&'t Table<'a>, usize),
    Booleans(&'t Table<'a>, usize),
    /// The column is not there: the same for all rows.
    Same(u64),
}

impl<'a> Field<'_, 'a> {
    #[inline]
    pub(crate) fn slot(&self, locator: &Locator, row: usize) -> u64 {
        let (chunk, at) = locator.find(row);
        self.slot_in(self.column(chunk), at, row)
    }

    /// The column that is read in a chunk, if rows are read from columns.
    #[inline]
    pub(crate) fn column(&self, chunk: usize) -> Option<&Column<'a>> {
        match self {
            Self::Numbers(table, column) | Self::Booleans(table, column) => table.chunks.get(chunk).and_then(|chunk| chunk.get(*column)),
            _ => None,
        }
    }

    /// As `slot`, of a row whose place in its chunk's column is known.
    #[inline]
    pub(crate) fn slot_in(&self, column: Option<&Column<'a>>, at: usize, row: usize) -> u64 {
        match self {
            Self::Symbols(symbols) => symbols.get(row).copied().unwrap_or_default().into(),
            Self::Words(words) => words.get(row).copied().unwrap_or_default().into(),
            Self::Numbers(..) => column.map_or(slot::unknown(Type::Number), |column| number_at(column, at)),
            Self::Booleans(..) => match column {
                Some(Column { data: Data::Boolean(bits, _), .. }) if column.is_some_and(|column| !column.is_null(at)) => {
                    u64::from(bits.get(at))
                }
                _ => slot::unknown(Type::Boolean),
            },
            Self::Same(value) => *value,
        }
    }
}

/// A small closed vocabulary, quick to look bytes up in.
struct Vocabulary<'v> {
    /// Words of at most 15 bytes, packed as short keys are but swapped, from the place on that their hash says.
    short: Vec<(u128, u32)>,
    seed: u64,
    shift: u32,
    /// All others.
    long: Vec<(&'v [u8], u32)>,
}

impl<'v> Vocabulary<'v> {
    /// No text packs to this.
    const FREE: (u128, u32) = (u128::MAX, 0);
    /// How often it is tried to give each word a place of its own, so that none is looked for in a second one.
    const TRIES: usize = 32;

    fn new(words: impl Iterator<Item = (&'v str, u32)>) -> Self {
        let words = words.map(|(word, number)| (word.as_bytes(), number));
        let (short, long): (Vec<_>, Vec<_>) = words.partition(|(word, _)| word.len() <= SHORT);
        let shift = 64 - (4 * short.len()).next_power_of_two().ilog2();
        let mut found = Self { short: Vec::new(), seed: 0x9e37_79b9_7f4a_7c15, shift: shift.min(60), long };
        for _ in 0..Self::TRIES {
            found.seed = found.seed.wrapping_mul(0xd1b5_4a32_d192_ed03);
            if found.place_all(&short) {
                break;
            }
        }
        found
    }

    /// Places every word; whether each found its own place free.
    fn place_all(&mut self, words: &[(&'v [u8], u32)]) -> bool {
        self.short.clear();
        self.short.resize(1 << (64 - self.shift), Self::FREE);
        let mut own = true;
        for (word, number) in words {
            let packed = ShortKeys::pack(word).swap_bytes();
            let place = self.place(packed);
            let (before, from) = self.short.split_at_mut(place);
            if let Some((steps, free)) = from.iter_mut().chain(before).enumerate().find(|(_, place)| **place == Self::FREE) {
                *free = (packed, *number);
                own &= steps == 0;
            }
        }
        own
    }

    #[inline(always)]
    fn place(&self, packed: u128) -> usize {
        ((packed as u64 ^ (packed >> 64) as u64).wrapping_mul(self.seed) >> self.shift) as usize
    }

    fn find(&self, word: &[u8]) -> Option<u32> {
        if word.len() > SHORT {
            return self.long.iter().find(|(known, _)| *known == word).map(|(_, number)| *number);
        }
        let packed = ShortKeys::pack(word).swap_bytes();
        let mut at = self.place(packed);
        loop {
            match self.short.get(at)? {
                (known, number) if *known == packed => return Some(*number),
                place if *place == Self::FREE => return None,
                _ => at = (at + 1) & (self.short.len() - 1),
            }
        }
    }

    /// The number of a word that lies in its own place, as nearly all do; of any other, nothing.
    #[inline(always)]
    fn in_place(&self, bytes: &[u8], start: usize, end: usize) -> Option<u32> {
        let packed = ShortKeys::swapped_window(bytes, start, end)?;
        self.short.get(self.place(packed)).filter(|(known, _)| *known == packed).map(|(_, number)| *number)
    }

    fn numbers(&self) -> impl Iterator<Item = u32> {
        self.short.iter().filter(|word| **word != Self::FREE).map(|(_, number)| *number).chain(self.long.iter().map(|(_, number)| *number))
    }
}

/// Looks up every row of a text column in a closed vocabulary. Unknown words are handed to `refuse`.
fn closed<T: Copy + Send + Sync + Default>(
    column: &Column<'_>,
    vocabulary: &Vocabulary<'_>,
    store: impl Fn(u32) -> T + Sync,
    refuse: &(impl Fn(usize, &[u8]) + Sync),
    out: &mut [T],
) {
    let Data::Text(text) = &column.data else { return };
    let nullable = column.may_be_null();
    let find = |row: usize| find(text, row, vocabulary, &store, refuse);
    if let Text::Dictionary { codes, words } = text
        && let Data::Text(dictionary) = &words.data
    {
        // Each word of the dictionary is looked up once; what no row uses is no error.
        let known: Vec<Option<T>> = (0..dictionary.len()).map(|at| vocabulary.find(dictionary.get(at)).map(&store)).collect();
        out.par_chunks_mut(MORSEL).enumerate().for_each(|(morsel, out)| {
            for (at, to) in out.iter_mut().enumerate() {
                let row = morsel * MORSEL + at;
                if nullable && column.is_null(row) {
                    continue;
                }
                *to = match codes.get(row).and_then(|code| known.get(code as usize)) {
                    Some(Some(known)) => *known,
                    _ => find(row),
                };
            }
        });
        return;
    }
    out.par_chunks_mut(MORSEL).enumerate().for_each(|(morsel, out)| {
        let first = morsel * MORSEL;
        let find = |row: usize| find(first + row);
        match text {
            Text::Small { offsets, bytes } if !nullable => in_one_buffer(offsets.get(first..), bytes, vocabulary, &store, find, out),
            Text::Large { offsets, bytes } if !nullable => in_one_buffer(offsets.get(first..), bytes, vocabulary, &store, find, out),
            _ => {
                for (row, to) in out.iter_mut().enumerate().filter(|(row, _)| !nullable || !column.is_null(first + row)) {
                    let (bytes, start, end) = text.span(first + row);
                    *to = vocabulary.in_place(bytes, start, end).map_or_else(|| find(row), &store);
                }
            }
        }
    });
}

/// As `closed`, of texts that lie one after the other: a loop of its own, as this is where a run spends most of its time.
fn in_one_buffer<O: Copy + Into<i64>, T>(
    offsets: Option<&[O]>,
    bytes: &[u8],
    vocabulary: &Vocabulary<'_>,
    store: &impl Fn(u32) -> T,
    find: impl Fn(usize) -> T,
    out: &mut [T],
) {
    for (row, (pair, to)) in offsets.unwrap_or_default().windows(2).zip(out).enumerate() {
        if let [start, end] = *pair {
            let (start, end) = (start.into() as usize, end.into() as usize);
            *to = vocabulary.in_place(bytes, start, end).map_or_else(|| find(row), store);
        }
    }
}

/// A row's word wherever it lies; if there is no such word, it is refused.
#[cold]
fn find<T: Default>(
    text: &Text<'_>,
    row: usize,
    vocabulary: &Vocabulary<'_>,
    store: &impl Fn(u32) -> T,
    refuse: &impl Fn(usize, &[u8]),
) -> T {
    let word = text.get(row);
    vocabulary.find(word).map(store).unwrap_or_else(|| {
        refuse(row, word);
        T::default()
    })
}

/// All fields of the touchpoints, and the rows that cannot be folded.
pub(crate) struct Encoder<'t, 'a, 'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) table: &'t Table<'a>,
    pub(crate) name: &'static str,
    pub(crate) refused: Refused,
}

impl<'t, 'a> Encoder<'t, 'a, '_> {
    /// The kind of every row: its number + 1, 0 where it is missing or not known.
    pub(crate) fn kinds(&mut self) -> Result<Vec<u8>> {
        let column = self.table.required(self.name, "kind")?;
        self.table.expect(self.name, column, "text", |data| matches!(data, Data::Text(_)))?;
        if self.plan.kinds.len() > 250 {
            return Err(Error::table("a journey with more than 250 kinds of touchpoint cannot be run over a table"));
        }
        let mut kinds = vec![0_u8; self.table.rows()];
        let words = self.plan.kinds.iter().enumerate().map(|(at, kind)| (kind.name.as_str(), at as u32 + 1));
        let vocabulary = Vocabulary::new(words);
        self.closed_column(column, &vocabulary, KIND, |number| number as u8, &mut kinds);
        for (start, piece) in self.table.pieces(column) {
            if piece.may_be_null() {
                for row in (0..piece.len()).filter(|row| piece.is_null(*row)) {
                    self.refused.add(self.name, start + row, "kind", "`kind` is missing");
                }
            }
        }
        Ok(kinds)
    }

    fn closed_column<T: Copy + Send + Sync + Default>(
        &mut self,
        column: usize,
        vocabulary: &Vocabulary<'_>,
        field: usize,
        store: impl Fn(u32) -> T + Sync + Copy,
        mut out: &mut [T],
    ) {
        let (plan, name) = (self.plan, self.name);
        let field_name = plan.fields.get(field).map_or("", |field| field.name.as_str());
        let refused = std::sync::Mutex::new(Vec::new());
        for (start, piece) in self.table.pieces(column) {
            let (mine, rest) = out.split_at_mut(piece.len().min(out.len()));
            let refuse = |row: usize, word: &[u8]| {
                let reason = match std::str::from_utf8(word) {
                    Ok(word) => encode::declared(plan, field, word).err().map(|error| error.to_string()),
                    Err(_) => None,
                };
                if let Ok(mut refused) = refused.lock() {
                    refused.push((start + row, reason.unwrap_or_else(|| format!("`{field_name}` is not known"))));
                }
            };
            closed(piece, vocabulary, store, &refuse, mine);
            out = rest;
        }
        for (row, reason) in refused.into_inner().unwrap_or_default() {
            self.refused.add(name, row, field_name, reason);
        }
    }

    /// Every field that something reads, by slot; fields that nothing reads are checked all the same.
    pub(crate) fn fields(&mut self, kinds: &[u8], strings: &mut Strings) -> Result<Vec<Option<Field<'t, 'a>>>> {
        let mut fields = Vec::new();
        for (at, plan) in self.plan.fields.iter().enumerate() {
            if at == KIND {
                fields.push(None);
                continue;
            }
            let inbound = || slot::text(strings.clone().intern(DIRECTIONS[0]));
            let Some(column) = self.table.position(&plan.name) else {
                let absent = if at == DIRECTION { inbound() } else { slot::unknown(plan.kind) };
                fields.push(plan.used.then_some(Field::Same(absent)));
                continue;
            };
            values::check(self.table, self.name, column, plan.kind, &mut self.refused)?;
            let field = match plan.kind {
                Type::Text => self.text_field(at, column, strings, plan.used)?,
                Type::Number => Field::Numbers(self.table, column),
                Type::Boolean => Field::Booleans(self.table, column),
            };
            if at >= crate::journey::plan::FIELDS.len() {
                self.carried(at, column, kinds);
            }
            fields.push(plan.used.then_some(field));
        }
        Ok(fields)
    }

    fn text_field(&mut self, at: usize, column: usize, strings: &mut Strings, used: bool) -> Result<Field<'t, 'a>> {
        let plan = self.plan;
        let closed: Option<Vec<&str>> = match at {
            crate::journey::plan::CHANNEL => Some(plan.channels.iter().map(String::as_str).collect()),
            crate::journey::plan::TOPIC => plan.topics.as_ref().map(|topics| topics.iter().map(String::as_str).collect()),
            DIRECTION => Some(DIRECTIONS.to_vec()),
            _ => None,
        };
        let rows = self.table.rows();
        if let Some(words) = closed {
            let numbered = words.iter().map(|word| (*word, strings.intern(word).0));
            let vocabulary = Vocabulary::new(numbered);
            let inbound = strings.intern(DIRECTIONS[0]).0;
            if !used {
                // It is checked all the same.
                self.closed_column(column, &vocabulary, at, |_| (), &mut vec![(); rows]);
                return Ok(Field::Same(slot::unknown(Type::Text)));
            }
            if words.len() < 255 && vocabulary.numbers().all(|number| number < 256) {
                let mut out = vec![0_u8; rows];
                self.closed_column(column, &vocabulary, at, |number| number as u8, &mut out);
                if at == DIRECTION {
                    out.iter_mut().filter(|word| **word == 0).for_each(|word| *word = inbound as u8);
                }
                return Ok(Field::Words(out));
            }
            let mut out = vec![0_u32; rows];
            self.closed_column(column, &vocabulary, at, |number| number, &mut out);
            return Ok(Field::Symbols(out));
        }
        self.open_text(column, strings, used).map(Field::Symbols)
    }

    /// Interns every row's text.
    fn open_text(&mut self, column: usize, strings: &mut Strings, used: bool) -> Result<Vec<u32>> {
        let name = self.table.names.get(column).cloned().unwrap_or_default();
        let mut out = Vec::with_capacity(if used { self.table.rows() } else { 0 });
        let mut last: (Vec<u8>, Symbol) = (Vec::new(), Symbol::NONE);
        for (start, piece) in self.table.pieces(column) {
            for row in 0..piece.len() {
                let symbol = match &piece.data {
                    Data::Text(text) if !piece.is_null(row) => {
                        let bytes = text.get(row);
                        if !last.0.is_empty() && bytes == last.0 {
                            last.1
                        } else {
                            match std::str::from_utf8(bytes) {
                                Ok("") => {
                                    self.refused.add(self.name, start + row, &name, format!("`{name}` is empty text"));
                                    Symbol::NONE
                                }
                                Ok(word) if used => {
                                    last = (bytes.to_vec(), strings.intern(word));
                                    last.1
                                }
                                Ok(_) => Symbol::NONE,
                                Err(_) => {
                                    self.refused.add(self.name, start + row, &name, format!("`{name}` is not UTF-8"));
                                    Symbol::NONE
                                }
                            }
                        }
                    }
                    _ => Symbol::NONE,
                };
                if used {
                    out.push(symbol.0);
                }
            }
        }
        Ok(out)
    }

    /// A property may stand only on a kind that declares it.
    fn carried(&mut self, field: usize, column: usize, kinds: &[u8]) {
        let carries: Vec<bool> =
            std::iter::once(true).chain(self.plan.kinds.iter().map(|kind| kind.carries.get(field).copied().unwrap_or(false))).collect();
        if carries.iter().all(|carries| *carries) {
            return;
        }
        let name = self.plan.fields.get(field).map_or("", |field| field.name.as_str());
        for (start, piece) in self.table.pieces(column) {
            for row in 0..piece.len() {
                let kind = usize::from(kinds.get(start + row).copied().unwrap_or_default());
                if !carries.get(kind).copied().unwrap_or(true) && !piece.is_null(row) {
                    let kind = self.plan.kinds.get(kind - 1).map_or("", |kind| kind.name.as_str());
                    self.refused.add(self.name, start + row, name, format!("`{name}` is not a property of kind `{kind}`"));
                }
            }
        }
    }
}
