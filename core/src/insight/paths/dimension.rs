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
    /// Of texts, one a touchpoint.
    pub(crate) fn of_texts<'a>(name: &str, texts: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut numbers: indexmap::IndexMap<Option<&str>, u32, foldhash::fast::FixedState> = indexmap::IndexMap::default();
        let codes: Vec<u32> = texts
            .into_iter()
            .map(|text| {
                let next = numbers.len() as u32;
                *numbers.entry(text).or_insert(next)
            })
            .collect();
        Self::sorted(name, numbers.keys().map(|word| word.map(str::to_owned)).collect(), codes)
    }

    /// With the words in order, whatever order they came in.
    pub(crate) fn sorted(name: &str, words: Vec<Option<String>>, mut codes: Vec<u32>) -> Self {
        let mut order: Vec<usize> = (0..words.len()).collect();
        let word = |at: &usize| words.get(*at).and_then(Option::as_deref);
        order.sort_by_key(|at| (word(at).is_none(), word(at)));
        let mut places = vec![0_u32; words.len()];
        for (place, at) in order.iter().enumerate() {
            places.get_mut(*at).into_iter().for_each(|to| *to = place as u32);
        }
        codes.iter_mut().for_each(|code| *code = places.get(*code as usize).copied().unwrap_or_default());
        let sorted = order.iter().filter_map(|at| words.get(*at).cloned()).collect();
        Self { name: name.to_owned(), words: sorted, codes }
    }

    /// With no word that no touchpoint has.
    pub(crate) fn narrowed(self) -> Self {
        let mut used = vec![false; self.words.len()];
        self.codes.iter().for_each(|code| used.get_mut(*code as usize).into_iter().for_each(|used| *used = true));
        if used.iter().all(|used| *used) {
            return self;
        }
        let mut next = 0;
        let mut number = |used: &bool| {
            next += u32::from(*used);
            next - u32::from(*used)
        };
        let numbers: Vec<u32> = used.iter().map(&mut number).collect();
        let codes = self.codes.iter().map(|code| numbers.get(*code as usize).copied().unwrap_or_default()).collect();
        let words = self.words.into_iter().zip(used).filter(|(_, used)| *used).map(|(word, _)| word).collect();
        Self { name: self.name, words, codes }
    }

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
