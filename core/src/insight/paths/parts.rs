//! The parts of a path's text as numbers, found through a small cache.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// Words of which the cache keeps one each.
const SLOTS: usize = 256;

/// Words numbered in the order of their coming.
pub(super) struct Words<'t> {
    words: Vec<&'t [u8]>,
    numbers: HashMap<&'t [u8], u32, FixedState>,
    cache: Vec<Slot>,
}

/// A word that came lately: its length, its first and last eight bytes, which are all of a short word, and its number.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Mark {
    length: usize,
    head: u64,
    tail: u64,
}

type Slot = (Mark, u32);

impl Default for Words<'_> {
    fn default() -> Self {
        Self { words: Vec::new(), numbers: HashMap::default(), cache: vec![Slot::default(); SLOTS] }
    }
}

impl<'t> Words<'t> {
    /// Adds the numbers of the parts of a text; none for a blank one. False if a part is empty.
    #[inline]
    pub(super) fn split(&mut self, text: &'t [u8], mark: &[u8], codes: &mut Vec<u32>) -> bool {
        let mut rest = text.trim_ascii();
        if rest.is_empty() {
            return true;
        }
        loop {
            let end = find(rest, mark);
            let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().trim_ascii();
            if part.is_empty() {
                return false;
            }
            codes.push(self.number(part));
            match end {
                Some(end) => rest = rest.get(end + mark.len()..).unwrap_or_default(),
                None => return true,
            }
        }
    }

    pub(super) fn into_words(self) -> Vec<&'t [u8]> {
        self.words
    }

    #[inline]
    fn number(&mut self, word: &'t [u8]) -> u32 {
        let mark = Mark::of(word);
        let at = mark.slot();
        if let Some((known, number)) = self.cache.get(at)
            && *known == mark
            && (word.len() <= 16 || self.words.get(*number as usize) == Some(&word))
        {
            return *number;
        }
        let next = self.words.len() as u32;
        let number = *self.numbers.entry(word).or_insert(next);
        if number == next {
            self.words.push(word);
        }
        if let Some(slot) = self.cache.get_mut(at) {
            *slot = (mark, number);
        }
        number
    }
}

impl Mark {
    #[inline]
    fn of(word: &[u8]) -> Self {
        let length = word.len();
        let (head, tail) = match (word.first_chunk::<8>(), word.last_chunk::<8>()) {
            (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
            _ => match (word.first_chunk::<4>(), word.last_chunk::<4>()) {
                (Some(head), Some(tail)) => (u64::from(u32::from_le_bytes(*head)), u64::from(u32::from_le_bytes(*tail))),
                _ => (word.iter().fold(0, |head, byte| head << 8 | u64::from(*byte)), 0),
            },
        };
        Self { length, head, tail }
    }

    #[inline]
    fn slot(self) -> usize {
        let mixed = (self.head ^ self.tail.rotate_left(23) ^ self.length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 56) as usize
    }
}

/// Where the mark begins.
#[inline]
fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    match mark {
        [byte] => text.iter().position(|other| other == byte),
        _ => text.windows(mark.len()).position(|window| window == mark),
    }
}
