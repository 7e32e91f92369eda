//! Interned text: a journey's own words once, a customer's or a table's words on top of them.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

/// A word by its number; 0 is "none". No result depends on the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Symbol(pub(crate) u32);

impl Symbol {
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    pub(crate) fn known(self) -> bool {
        self.0 != 0
    }
}

/// Words numbered from 1 in the order of their coming.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32, FixedState>,
}

impl Words {
    pub(crate) fn len(&self) -> u32 {
        self.names.len() as u32
    }

    pub(crate) fn intern(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let word: Arc<str> = word.into();
        self.names.push(Arc::clone(&word));
        let number = self.len();
        self.numbers.insert(word, number);
        number
    }

    pub(crate) fn find(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied()
    }

    pub(crate) fn word(&self, number: u32) -> Option<&str> {
        self.names.get((number as usize).checked_sub(1)?).map(|word| &**word)
    }
}

/// A journey's words and, above them, words that only its data use.
#[derive(Debug, Clone)]
pub(crate) struct Strings {
    base: Arc<Words>,
    extra: Words,
}

impl Strings {
    pub(crate) fn new(base: Arc<Words>) -> Self {
        Self { base, extra: Words::default() }
    }

    pub(crate) fn intern(&mut self, word: &str) -> Symbol {
        match self.base.find(word) {
            Some(number) => Symbol(number),
            None => Symbol(self.base.len() + self.extra.intern(word)),
        }
    }

    /// The word's symbol, if it has one.
    pub(crate) fn find(&self, word: &str) -> Option<Symbol> {
        let extra = || self.extra.find(word).map(|number| Symbol(self.base.len() + number));
        self.base.find(word).map(Symbol).or_else(extra)
    }

    /// The greatest number of a symbol.
    pub(crate) fn len(&self) -> u32 {
        self.base.len() + self.extra.len()
    }

    pub(crate) fn text(&self, symbol: Symbol) -> &str {
        match symbol.0.checked_sub(self.base.len()) {
            None | Some(0) => self.base.word(symbol.0).unwrap_or_default(),
            Some(extra) => self.extra.word(extra).unwrap_or_default(),
        }
    }

    pub(crate) fn extra_len(&self) -> u32 {
        self.extra.len()
    }
}
