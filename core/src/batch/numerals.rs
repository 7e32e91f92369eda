//! Text keys that count.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::column::{Column, Data, Text};
use super::dense::Numbered;
use super::keys::ShortKeys;

const PAIRS: u64 = 0x00ff_00ff_00ff_00ff;
const FOURS: u64 = 0x0000_ffff_0000_ffff;

/// Text keys of one length that differ in few places and there in few bytes, such as a prefix and a running number: they are numerals, whose base is the
/// most bytes that a place has.
pub(crate) struct Numerals {
    /// The least byte of every place, packed.
    least: u128,
    /// Bits to the right of the last place in which keys differ.
    shift: u32,
    /// Bytes from there to the end of the text.
    tail: usize,
    /// The places in which keys may differ, of the eight that are read at once.
    mask: u64,
    base: u64,
    guess: Option<Guess>,
}

impl Numerals {
    /// From the least and the greatest byte of every place, and the most numbers there may be. Gives their number too.
    pub(crate) fn new(least: u128, greatest: u128, most: usize) -> Option<(Self, usize)> {
        if least > greatest {
            return None;
        }
        let shift = (least ^ greatest).trailing_zeros() / 8 * 8;
        let bases = greatest.to_be_bytes().into_iter().zip(least.to_be_bytes()).map(|(greatest, least)| u64::from(greatest - least) + 1);
        // The last byte is the length: all have the same.
        if !(8..128).contains(&shift) {
            return None;
        }
        let differing = u64::try_from((least ^ greatest) >> shift).ok()?;
        let mask = u64::MAX >> (differing.leading_zeros() / 8 * 8);
        let tail = ((least as usize & 0xff) + shift as usize / 8).checked_sub(16)?;
        let numerals = Self { least, shift, tail, mask, base: bases.max().unwrap_or(1), guess: None };
        let span = usize::try_from(numerals.number((greatest >> shift) as u64)).ok()?.checked_add(1)?;
        (span <= most).then_some((numerals, span))
    }

    /// As `new`, if only some keys were looked at: the others may have other digits in all places but the first. Each is looked at when it is numbered, and
    /// [`holds`](Numbered::holds) says whether they were as expected.
    pub(crate) fn guessed(least: u128, greatest: u128, most: usize) -> Option<(Self, usize)> {
        let (numerals, _) = Self::new(least, greatest, most)?;
        let (guess, span) = Guess::new(&numerals, greatest)?;
        (span <= most).then_some((Self { guess: Some(guess), ..numerals }, span))
    }

    /// The eight places of a text that end with the last in which keys differ.
    #[inline(always)]
    fn places(&self, bytes: &[u8], start: usize, end: usize) -> u64 {
        let last = end.wrapping_sub(self.tail);
        match bytes.get(last.wrapping_sub(8)..last) {
            Some(places) => u64::from_be_bytes(places.try_into().unwrap_or_default()),
            None => (ShortKeys::pack_part(bytes, start, end) >> self.shift) as u64,
        }
    }

    /// Eight places at once: pairs of them, then fours.
    #[inline]
    fn number(&self, places: u64) -> u64 {
        let digits = (places & self.mask).wrapping_sub((self.least >> self.shift) as u64 & self.mask);
        let base = self.base;
        let pairs = (digits & PAIRS).wrapping_add((digits >> 8 & PAIRS).wrapping_mul(base));
        let fours = (pairs & FOURS).wrapping_add((pairs >> 16 & FOURS).wrapping_mul(base * base));
        (fours & u64::from(u32::MAX)).wrapping_add((fours >> 32).wrapping_mul(base * base * base * base))
    }

    /// The key of a number, packed.
    pub(crate) fn key(&self, number: u32) -> u128 {
        let (mut rest, mut digits, mut place) = (u64::from(number), 0, 0);
        while rest > 0 {
            digits |= (rest % self.base) << place;
            rest /= self.base;
            place += 8;
        }
        self.least + (u128::from(digits) << self.shift)
    }
}

/// What all keys are expected to be like, when only some were looked at. Words hold the first of eight bytes in their lowest.
struct Guess {
    length: usize,
    tail: usize,
    /// What the first eight bytes have in common: where, and which bytes.
    first: (u64, u64),
    /// The same of the eight bytes that end with the last place in which keys differ.
    common: (u64, u64),
    /// Where among these the digits are, and the least byte of each.
    digits: (u64, u64),
    /// What added to a digit that is too large sets its highest bit.
    over: u64,
    base: u64,
    span: u64,
    holds: AtomicBool,
}

impl Guess {
    /// So that two digits fit a byte.
    const MOST: u64 = 16;
    const HIGH: u64 = 0x8080_8080_8080_8080;

    fn new(numerals: &Numerals, greatest: u128) -> Option<(Self, usize)> {
        let Numerals { least, shift, tail, mask, base, .. } = *numerals;
        let (length, least_places) = (least as usize & 0xff, (least >> shift) as u64);
        // Neither the first eight bytes nor those before the last place tell of a long tail.
        if base > Self::MOST || least_places & mask & Self::HIGH != 0 || (tail > 0 && length > 8) {
            return None;
        }
        let top = 56 - mask.leading_zeros();
        let most = (((greatest >> shift) as u64 & mask) >> top) - ((least_places & mask) >> top);
        let span = (most + 1).checked_mul(base.checked_pow(top / 8)?)?;
        let of_bytes = |bytes: usize| u64::MAX.checked_shr(64 - 8 * bytes.min(8) as u32).unwrap_or_default();
        let in_window = of_bytes(length - tail) & !mask;
        let first = !(((u128::from(mask) << shift) >> 64) as u64) & of_bytes(length).reverse_bits();
        let held = |mask: u64, bytes: u64| (mask.swap_bytes(), (bytes & mask).swap_bytes());
        let guess = Self {
            length,
            tail,
            first: held(first, (least >> 64) as u64),
            common: held(in_window, least_places),
            digits: held(mask, least_places),
            over: (0x80 - base).wrapping_mul(Self::HIGH / 0x80) & mask.swap_bytes(),
            base,
            span,
            holds: AtomicBool::new(true),
        };
        Some((guess, usize::try_from(span).ok()?))
    }

    /// The numbers of some texts. If any is not as expected, the guess does not hold any more.
    fn numbers(&self, text: &Text<'_>, rows: Range<usize>, out: &mut Vec<u32>) {
        let base = self.base;
        let (pairs, fours, all) = (base << 8 | 1, (base * base) << 16 | 1, base.pow(4) << 32 | 1);
        let high = Self::HIGH & self.digits.0;
        let mut wrong = 0;
        text.each_span(rows, |bytes, start, end| {
            let last = end.wrapping_sub(self.tail);
            let places = word(bytes, last.wrapping_sub(8)).unwrap_or_else(|| Self::before(bytes, start, last));
            let first = word(bytes, start).unwrap_or_else(|| Self::after(bytes, start, end));
            let digits = (places & self.digits.0).wrapping_sub(self.digits.1);
            let number = digits.wrapping_mul(pairs) >> 8 & PAIRS;
            let number = number.wrapping_mul(fours) >> 16 & FOURS;
            let number = number.wrapping_mul(all) >> 32;
            wrong |= (end.wrapping_sub(start) ^ self.length) as u64;
            wrong |= first & self.first.0 ^ self.first.1 | places & self.common.0 ^ self.common.1;
            wrong |= (digits.wrapping_add(self.over) | digits) & high;
            wrong |= u64::from(number >= self.span);
            out.push(number as u32);
        });
        if wrong != 0 {
            self.holds.store(false, Relaxed);
        }
    }

    /// The eight bytes before a place, where the buffer begins with fewer.
    #[cold]
    fn before(bytes: &[u8], start: usize, last: usize) -> u64 {
        let mut word = [0; 8];
        let own = bytes.get(start..last).unwrap_or_default();
        word.iter_mut().rev().zip(own.iter().rev()).for_each(|(to, byte)| *to = *byte);
        u64::from_le_bytes(word)
    }

    /// The first eight bytes, where the buffer ends with fewer.
    #[cold]
    fn after(bytes: &[u8], start: usize, end: usize) -> u64 {
        let mut word = [0; 8];
        word.iter_mut().zip(bytes.get(start..end).unwrap_or_default()).for_each(|(to, byte)| *to = *byte);
        u64::from_le_bytes(word)
    }
}

/// Eight bytes from a place on, if there are so many.
#[inline(always)]
fn word(bytes: &[u8], from: usize) -> Option<u64> {
    bytes.get(from..from.wrapping_add(8)).map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()))
}

impl Numbered for Numerals {
    fn numbers(&self, column: &Column<'_>, rows: Range<usize>, out: &mut Vec<u32>) {
        match &column.data {
            Data::Text(Text::Dictionary { .. }) => {
                ShortKeys::each(column, rows, |packed| out.push(self.number((packed >> self.shift) as u64) as u32))
            }
            Data::Text(text) => match &self.guess {
                Some(guess) => guess.numbers(text, rows, out),
                None => text.each_span(rows, |bytes, start, end| out.push(self.number(self.places(bytes, start, end)) as u32)),
            },
            _ => out.extend(rows.map(|_| 0)),
        }
    }

    fn holds(&self) -> bool {
        self.guess.as_ref().is_none_or(|guess| guess.holds.load(Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numerals(keys: &[&str]) -> Option<(Numerals, usize)> {
        let packed = || keys.iter().map(|key| ShortKeys::pack(key.as_bytes()).to_be_bytes());
        let of_all = |choose: fn(u8, u8) -> u8| packed().reduce(|all, key| std::array::from_fn(|at| choose(all[at], key[at])));
        Numerals::new(u128::from_be_bytes(of_all(u8::min)?), u128::from_be_bytes(of_all(u8::max)?), 100_000)
    }

    fn round_trip(keys: &[&str]) {
        let (numerals, span) = numerals(keys).unwrap();
        let column = Column::texts(keys);
        let mut numbers = Vec::new();
        numerals.numbers(&column, 0..keys.len(), &mut numbers);
        assert!(numbers.is_sorted_by(|a, b| a < b), "{keys:?} are in order, {numbers:?} are not");
        assert!(numbers.iter().all(|number| (*number as usize) < span));
        for (key, number) in keys.iter().zip(&numbers) {
            assert_eq!(numerals.key(*number), ShortKeys::pack(key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn customers_get_their_own_key_back_in_its_order() {
        round_trip(&["c-0000007", "c-0000190", "c-0001234", "c-0009999"]);
        round_trip(&["0", "1", "9"]);
        round_trip(&["A12-eu", "A13-eu", "B01-eu"]);
        round_trip(&["customer-000001", "customer-000300"]);
        round_trip(&["é1", "é2"]);
    }

    #[test]
    fn keys_that_are_no_numerals_are_left_to_hashing() {
        assert!(numerals(&["c-1", "c-10"]).is_none(), "of two lengths");
        assert!(numerals(&["c-000000000001", "d-000000000002"]).is_none(), "too far apart");
        assert!(numerals(&["aaaa", "zzzz"]).is_none(), "too sparse");
        assert!(numerals(&["ada", "ada"]).is_none(), "all the same");
    }

    /// The numbers of the second keys as the first let expect them; none if they are not as expected.
    fn guessed(some: &[&str], all: &[&str]) -> Option<Vec<u32>> {
        let packed = || some.iter().map(|key| ShortKeys::pack(key.as_bytes()).to_be_bytes());
        let of_all = |choose: fn(u8, u8) -> u8| packed().reduce(|all, key| std::array::from_fn(|at| choose(all[at], key[at])));
        let (least, greatest) = (u128::from_be_bytes(of_all(u8::min)?), u128::from_be_bytes(of_all(u8::max)?));
        let (numerals, span) = Numerals::guessed(least, greatest, 1 << 30)?;
        let ends = all.iter().scan(0, |end, key| {
            *end += key.len() as i32;
            Some(*end)
        });
        let (offsets, bytes) = (std::iter::once(0).chain(ends).collect::<Vec<i32>>(), all.concat());
        let column = Column::new(Data::Text(Text::Small { offsets: &offsets, bytes: bytes.as_bytes() }), None);
        let mut numbers = Vec::new();
        numerals.numbers(&column, 0..all.len(), &mut numbers);
        if !numerals.holds() {
            return None;
        }
        for (key, number) in all.iter().zip(&numbers) {
            assert_eq!(numerals.key(*number), ShortKeys::pack(key.as_bytes()), "{key}");
            assert!((*number as usize) < span, "{key}");
        }
        Some(numbers)
    }

    #[test]
    fn keys_that_are_as_expected_have_the_numbers_that_all_would_have() {
        let of = |some: &[&str], all: &[&str]| guessed(some, all).unwrap_or_else(|| panic!("{all:?} are like {some:?}"));
        assert_eq!(of(&["c-0000", "c-2999"], &["c-0000", "c-0001", "c-2999", "c-1234"]), [0, 1, 2999, 1234]);
        assert_eq!(of(&["0", "9"], &["3", "0"]), [3, 0]);
        assert_eq!(of(&["customer-000000", "customer-199999"], &["customer-000017", "customer-199998"]), [17, 199_998]);
        assert_eq!(of(&["A0-eu", "B9-eu"], &["A0-eu", "B9-eu"]), [0, 19]);
        // All digits but the first may be others than those looked at.
        assert_eq!(of(&["c-0050", "c-2959"], &["c-0050", "c-2099"]), [0, 2049]);
    }

    #[test]
    fn every_key_that_is_not_as_expected_is_noticed() {
        let some = ["c-0000", "c-2999"];
        for other in
            ["c-3000", "d-0000", "c_0000", "c-000", "c-00000", "", "c-00:0", "c-/000", "c-0\u{7f}00", "c-é00", "\u{0}-0000", "c-000é"]
        {
            assert_eq!(guessed(&some, &["c-0001", other, "c-0002"]), None, "{other:?}");
            assert_eq!(guessed(&some, &[other]), None, "{other:?} alone");
        }
        assert_eq!(guessed(&["customer-000000", "customer-199999"], &["customer-0000000"]), None);
        assert_eq!(guessed(&["A00-customer", "A99-customer"], &["A00-customer"]), None, "nothing is expected of a long tail");
        assert_eq!(guessed(&["c-00", "c-zz"], &["c-00"]), None, "nor of many digits");
    }
}
