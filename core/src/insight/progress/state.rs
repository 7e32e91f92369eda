//! Where a customer stands: what the last touchpoints were.

/// The number of a word, of a stage: as many as fit into a state.
pub(super) const MOST_WORDS: usize = 4_000;
pub(super) const MOST_STAGES: usize = 250;
/// A conversion, whatever else its word is.
pub(super) const CONVERSION: u16 = 4_094;
/// Nothing was before.
pub(super) const START: u16 = 4_093;
/// A word that the model does not know.
pub(super) const UNKNOWN: u16 = 4_092;
/// Whatever it is: of states that are shorter.
const ANY: u16 = 4_095;
const ANY_STAGE: u8 = 255;
pub(super) const UNKNOWN_STAGE: u8 = 254;

/// A touchpoint: its stage and word, `stage << 12 | word`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Symbol(pub(super) u32);

impl Symbol {
    /// What came after the last touchpoint: nothing until the end of the observation.
    pub(super) const NOTHING: Self = Self::new(ANY_STAGE, ANY);

    pub(super) const fn new(stage: u8, word: u16) -> Self {
        Self((stage as u32) << 12 | word as u32)
    }

    #[inline]
    pub(super) const fn word(self) -> u16 {
        (self.0 & 0xfff) as u16
    }

    #[inline]
    pub(super) const fn stage(self) -> u8 {
        (self.0 >> 12) as u8
    }

    #[inline]
    pub(super) const fn is_conversion(self) -> bool {
        self.word() == CONVERSION
    }
}

/// Whether the customer bought before, the word before the last one, and the last touchpoint: `bought << 32 | before << 20 | symbol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct State(pub(super) u64);

/// How many shorter states there are of each, itself included.
pub(super) const LEVELS: usize = 4;

impl State {
    /// Of everybody.
    pub(super) const ANYONE: Self = Self::new(false, ANY, Symbol::new(ANY_STAGE, ANY));

    pub(super) const fn new(bought: bool, before: u16, last: Symbol) -> Self {
        Self((bought as u64) << 32 | (before as u64) << 20 | last.0 as u64)
    }

    /// After a customer's first touchpoint.
    #[inline]
    pub(super) const fn first(symbol: Symbol) -> Self {
        Self::new(symbol.is_conversion(), START, symbol)
    }

    /// After one more touchpoint.
    #[inline]
    pub(super) const fn then(self, symbol: Symbol) -> Self {
        Self::new(self.bought() || symbol.is_conversion(), self.last().word(), symbol)
    }

    #[inline]
    pub(super) const fn bought(self) -> bool {
        self.0 >> 32 != 0
    }

    /// The word before the last one.
    pub(super) const fn before(self) -> u16 {
        (self.0 >> 20 & 0xfff) as u16
    }

    #[inline]
    pub(super) const fn last(self) -> Symbol {
        Symbol((self.0 & 0xf_ffff) as u32)
    }

    /// The state that is so long: of nothing, of the stage and whether bought, of the last word too, of the word before it too.
    #[inline]
    pub(super) const fn level(self, level: usize) -> Self {
        match level {
            0 => Self::ANYONE,
            1 => Self::new(self.bought(), ANY, Symbol::new(self.last().stage(), ANY)),
            2 => Self::new(self.bought(), ANY, self.last()),
            _ => self,
        }
    }
}
