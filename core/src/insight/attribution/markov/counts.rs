//! How often each state of the chain was begun with, left and ended in: all that a chain needs of paths.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::exact::ExactSum;

/// The longest state that anybody asks for.
pub(crate) const MOST_ORDER: usize = 12;

/// The counts of an absorbing chain of order k: whole numbers and exact values, so that counts of pieces add up to the counts of the whole, bit for bit, in
/// whatever order they come, and can be taken away again.
///
/// ```
/// use wayfare::attribution::MarkovCounts;
///
/// let mut counts = MarkovCounts::new(1, "channel")?;
/// counts.add(&[Some("C1"), Some("C2"), Some("C3")], 1, 0.0, 0)?;
/// counts.add(&[Some("C1")], 0, 0.0, 1)?;
/// counts.add(&[Some("C2"), Some("C3")], 0, 0.0, 1)?;
/// let effects = counts.attribution()?.measure("removal_effect").unwrap_or_default().to_vec();
/// assert_eq!(effects, [0.5, 1.0, 1.0]);
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MarkovCounts {
    pub(crate) by: String,
    pub(crate) order: usize,
    /// In the order of their coming.
    words: Vec<Option<String>>,
    numbers: HashMap<Option<String>, u32, FixedState>,
    pub(crate) states: BTreeMap<Vec<u32>, StateCounts>,
    pub(crate) nobody: Ends,
    /// At least the sum of all counts of exits.
    pub(crate) visits: u64,
}

/// How paths ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ends {
    pub(crate) conversions: u64,
    pub(crate) nulls: u64,
    pub(crate) value: ExactSum,
}

/// What is counted of a state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct StateCounts {
    pub(crate) start: u64,
    pub(crate) ends: Ends,
    /// By the word that came next.
    pub(crate) moves: BTreeMap<u32, u64>,
}

impl MarkovCounts {
    /// No counts yet, of a chain whose states are `order` touchpoints long. `by` is what the words are: `channel`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an order of 0 or above 12.
    pub fn new(order: usize, by: &str) -> Result<Self> {
        if !(1..=MOST_ORDER).contains(&order) {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("a chain of order {order}: it must be 1 to {MOST_ORDER}")));
        }
        Ok(Self {
            by: by.to_owned(),
            order,
            words: Vec::new(),
            numbers: HashMap::default(),
            states: BTreeMap::new(),
            nobody: Ends::default(),
            visits: 0,
        })
    }

    /// The length of the states.
    #[must_use]
    pub fn order(&self) -> usize {
        self.order
    }

    /// What the words are: `channel` …
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// How many states there are.
    #[must_use]
    pub fn states(&self) -> usize {
        self.states.len()
    }

    /// The conversions that were counted, those without a touchpoint among them.
    #[must_use]
    pub fn conversions(&self) -> u64 {
        self.states.values().map(|state| state.ends.conversions).sum::<u64>() + self.nobody.conversions
    }

    /// Adds a path that was gone `conversions` times to a conversion, which brought `value` together, and `nulls` times to none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the value is not finite and zero or more, or there is one without a conversion, or a count is beyond 2^64. Then
    /// nothing is added.
    pub fn add(&mut self, path: &[Option<&str>], conversions: u64, value: f64, nulls: u64) -> Result<()> {
        check_value(conversions, value)?;
        let times = conversions.checked_add(nulls).ok_or_else(too_many)?;
        let visits = times.checked_mul(path.len().max(1) as u64).ok_or_else(too_many)?;
        self.visits = self.visits.checked_add(visits).ok_or_else(too_many)?;
        if times > 0 {
            let codes: Vec<u32> = path.iter().map(|word| self.number(*word)).collect();
            let mut ends = Ends { conversions, nulls, ..Ends::default() };
            ends.value.add(value);
            self.walk(&codes, times, &ends);
        }
        Ok(())
    }

    /// Adds the counts of another piece.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if they are of another order or other words, or a count is beyond 2^64. Then nothing is added.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        self.comparable(other)?;
        self.visits = self.visits.checked_add(other.visits).ok_or_else(too_many)?;
        let places: Vec<u32> = other.words.iter().map(|word| self.number(word.as_deref())).collect();
        self.nobody.merge(&other.nobody);
        for (gram, state) in &other.states {
            let moves = state.moves.iter().map(|(next, times)| (place(&places, *next), *times));
            self.states.entry(gram.iter().map(|code| place(&places, *code)).collect()).or_default().merge(state, moves);
        }
        Ok(())
    }

    /// Takes the counts of a piece away that was added before.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if they are of another order or other words, or were never added. Then nothing is taken away.
    pub fn subtract(&mut self, other: &Self) -> Result<()> {
        self.comparable(other)?;
        let mut left = self.clone();
        let places: Vec<u32> = other.words.iter().map(|word| left.number(word.as_deref())).collect();
        left.nobody.subtract(&other.nobody)?;
        for (gram, state) in &other.states {
            let gram: Vec<u32> = gram.iter().map(|code| place(&places, *code)).collect();
            let moves = state.moves.iter().map(|(next, times)| (place(&places, *next), *times));
            left.states.get_mut(&gram).ok_or_else(never_added)?.subtract(state, moves)?;
        }
        left.states.retain(|_, state| !state.is_empty());
        left.visits = left.states.values().map(StateCounts::exits).sum::<u64>() + left.nobody.conversions + left.nobody.nulls;
        if !left.is_sound() {
            return Err(never_added());
        }
        *self = left;
        Ok(())
    }

    /// With the words sorted, and only those in use: the one form that equal counts have, whatever order they came in.
    pub(crate) fn canonical(&self) -> Self {
        let mut used: Vec<u32> = self.states.keys().flatten().copied().collect();
        used.sort_unstable();
        used.dedup();
        let mut words: Vec<Option<String>> = used.iter().filter_map(|code| self.words.get(*code as usize).cloned()).collect();
        words.sort_by(|one, other| (one.is_none(), one).cmp(&(other.is_none(), other)));
        let mut made = Self { states: BTreeMap::new(), words: Vec::new(), numbers: HashMap::default(), ..self.clone() };
        for word in &words {
            made.number(word.as_deref());
        }
        let places: Vec<u32> = self.words.iter().map(|word| made.numbers.get(word).copied().unwrap_or(0)).collect();
        for (gram, state) in &self.states {
            let mut state = state.clone();
            state.moves =
                state.moves.iter().filter(|(_, times)| **times > 0).map(|(next, times)| (place(&places, *next), *times)).collect();
            state.ends.value = state.ends.value.canonical();
            made.states.insert(gram.iter().map(|code| place(&places, *code)).collect(), state);
        }
        made.nobody.value = made.nobody.value.canonical();
        made
    }

    pub(crate) fn words(&self) -> &[Option<String>] {
        &self.words
    }

    /// The number of a word, a new one if it never came.
    pub(super) fn number(&mut self, word: Option<&str>) -> u32 {
        let word = word.map(str::to_owned);
        if let Some(number) = self.numbers.get(&word) {
            return *number;
        }
        let number = self.words.len() as u32;
        self.words.push(word.clone());
        self.numbers.insert(word, number);
        number
    }

    /// Counts a path of numbers. Consecutive equal states are one; a path shorter than a state is a state of its own.
    fn walk(&mut self, codes: &[u32], times: u64, ends: &Ends) {
        let mut grams: Vec<&[u32]> = match codes.len() {
            0 => return self.nobody.merge(ends),
            short if short < self.order => vec![codes],
            _ => codes.windows(self.order).collect(),
        };
        grams.dedup();
        for (at, gram) in grams.iter().enumerate() {
            let state = self.states.entry(gram.to_vec()).or_default();
            state.start += if at == 0 { times } else { 0 };
            match grams.get(at + 1).and_then(|next| next.last()) {
                Some(next) => *state.moves.entry(*next).or_default() += times,
                None => state.ends.merge(ends),
            }
        }
    }

    /// Whether every state is entered as often as it is left, as whole paths do.
    pub(super) fn is_sound(&self) -> bool {
        let mut flow: BTreeMap<&[u32], i128> = BTreeMap::new();
        let mut targets: Vec<(Vec<u32>, i128)> = Vec::new();
        for (gram, state) in &self.states {
            *flow.entry(gram).or_default() += i128::from(state.start) - i128::from(state.exits());
            targets.extend(state.moves.iter().map(|(next, times)| (next_gram(gram, *next, self.order), i128::from(*times))));
        }
        let known = targets.iter().all(|(gram, times)| match flow.get_mut(gram.as_slice()) {
            Some(flow) => {
                *flow += times;
                true
            }
            None => false,
        });
        let grams = self.states.keys().all(|gram| (1..=self.order).contains(&gram.len()));
        let moves = self.states.iter().all(|(gram, state)| gram.len() == self.order || state.moves.is_empty());
        known && grams && moves && flow.values().all(|flow| *flow == 0)
    }

    fn comparable(&self, other: &Self) -> Result<()> {
        match self.order == other.order && self.by == other.by {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::InvalidArgument,
                format!(
                    "counts by `{}` of order {} and by `{}` of order {} do not go together",
                    self.by, self.order, other.by, other.order
                ),
            )),
        }
    }
}

impl PartialEq for MarkovCounts {
    /// Whether they count the same, whatever order it came in.
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (self.canonical(), other.canonical());
        (&one.by, one.order, &one.words, &one.states, &one.nobody) == (&two.by, two.order, &two.words, &two.states, &two.nobody)
    }
}

impl StateCounts {
    /// How often it was left.
    pub(crate) fn exits(&self) -> u64 {
        self.moves.values().sum::<u64>() + self.ends.conversions + self.ends.nulls
    }

    fn is_empty(&self) -> bool {
        self.start == 0 && self.exits() == 0
    }

    fn merge(&mut self, other: &Self, moves: impl Iterator<Item = (u32, u64)>) {
        self.start += other.start;
        self.ends.merge(&other.ends);
        moves.for_each(|(next, times)| *self.moves.entry(next).or_default() += times);
    }

    fn subtract(&mut self, other: &Self, moves: impl Iterator<Item = (u32, u64)>) -> Result<()> {
        self.start = self.start.checked_sub(other.start).ok_or_else(never_added)?;
        self.ends.subtract(&other.ends)?;
        for (next, times) in moves {
            let place = self.moves.get_mut(&next).ok_or_else(never_added)?;
            *place = place.checked_sub(times).ok_or_else(never_added)?;
        }
        self.moves.retain(|_, times| *times > 0);
        Ok(())
    }
}

impl Ends {
    /// INVARIANT: no count overflows, for `visits` bounds their sum.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.conversions += other.conversions;
        self.nulls += other.nulls;
        self.value.merge(&other.value);
    }

    fn subtract(&mut self, other: &Self) -> Result<()> {
        self.conversions = self.conversions.checked_sub(other.conversions).ok_or_else(never_added)?;
        self.nulls = self.nulls.checked_sub(other.nulls).ok_or_else(never_added)?;
        self.value.unmerge(&other.value);
        let value = self.value.value();
        if value < 0.0 || (self.conversions == 0 && value != 0.0) {
            return Err(never_added());
        }
        Ok(())
    }
}

/// The state after a state and a word.
pub(super) fn next_gram(gram: &[u32], next: u32, order: usize) -> Vec<u32> {
    let kept = gram.get((gram.len() + 1).saturating_sub(order)..).unwrap_or_default();
    kept.iter().copied().chain([next]).collect()
}

fn place(places: &[u32], code: u32) -> u32 {
    places.get(code as usize).copied().unwrap_or_default()
}

pub(super) fn check_value(conversions: u64, value: f64) -> Result<()> {
    let invalid = |message: &str| Err(Error::new(ErrorKind::InvalidArgument, message));
    match (value.is_finite() && value >= 0.0, conversions > 0 || value == 0.0) {
        (true, true) => Ok(()),
        (false, _) => invalid("the value of a path is not zero or more"),
        (_, false) => invalid("a path has a value, but no conversion"),
    }
}

pub(super) fn too_many() -> Error {
    Error::new(ErrorKind::InvalidArgument, "more paths than can be counted: 2^64")
}

fn never_added() -> Error {
    Error::new(ErrorKind::InvalidArgument, "the counts to subtract are not part of these counts")
        .with_help("subtract counts that were added before, from the same paths")
}
