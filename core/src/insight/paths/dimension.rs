//! One thing that is known of every touchpoint: its channel, its kind, its owner …

/// A text per touchpoint, by number into the words that there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    pub(crate) name: String,
    /// Sorted; a touchpoint without a text has the last one, none.
    pub(crate) words: Vec<Option<String>>,
    pub(crate) codes: Vec<u32>,
}

impl Dimension {
    /// What it is called: `channel`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The words by number, in the order of their bytes; none, if a touchpoint has no text here, comes last.
    #[must_use]
    pub fn words(&self) -> &[Option<String>] {
        &self.words
    }

    /// The number of each touchpoint's word.
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The word of a touchpoint, if it has one.
    #[must_use]
    pub fn word(&self, event: usize) -> Option<&str> {
        self.words.get(*self.codes.get(event)? as usize)?.as_deref()
    }

    /// The number of a touchpoint's word, if it has one.
    pub(crate) fn known(&self, event: usize) -> Option<u32> {
        self.codes.get(event).copied().filter(|code| self.words.get(*code as usize).is_some_and(Option::is_some))
    }
}
