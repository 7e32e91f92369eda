//! Rules, and the conditions that they share.

use std::cell::Cell;
use std::collections::HashMap;

use crate::expression::{Against, Condition, LeafSet, Scope};

/// A rule: conditions, all of which must hold, and what an explanation shows of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RulePlan {
    /// Its tests, as bits.
    pub(crate) tests: Vec<u64>,
    /// Its other conditions, by number.
    pub(crate) trees: Vec<u32>,
    pub(crate) text: String,
    pub(crate) operands: LeafSet,
}

impl RulePlan {
    /// That both hold.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let text = match (self.text.is_empty(), other.text.is_empty()) {
            (true, _) => other.text.clone(),
            (_, true) => self.text.clone(),
            _ => format!("({}) && ({})", self.text, other.text),
        };
        let mut operands = self.operands.clone();
        other.operands.iter().for_each(|leaf| operands.insert(leaf));
        let words = 0..self.tests.len().max(other.tests.len());
        let word = |rule: &Self, at: usize| rule.tests.get(at).copied().unwrap_or_default();
        let tests = words.map(|at| word(self, at) | word(other, at)).collect();
        Self { tests, trees: self.trees.iter().chain(&other.trees).copied().collect(), text, operands }
    }
}

/// Every condition once, however many rules share it.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    tests: Vec<LeafTests>,
    count: u32,
    pub(crate) trees: Vec<Condition>,
    numbers: HashMap<String, u32>,
}

/// Tests of one leaf whose bits are in one word.
#[derive(Debug)]
struct LeafTests {
    leaf: u32,
    word: usize,
    /// All of their bits.
    bits: u64,
    /// Each with the place of its bit.
    tests: Vec<(u32, Against)>,
}

/// Of 64 tests, as bits: those that hold, and those that do not. What is unknown is neither.
pub(crate) type Told = Cell<(u64, u64)>;

impl Conditions {
    /// A rule of this text, which is this condition.
    pub(crate) fn rule(&mut self, text: &str, condition: Condition) -> RulePlan {
        let mut rule = RulePlan { text: text.to_owned(), ..RulePlan::default() };
        condition.leaves(&mut rule.operands);
        for part in condition.into_parts() {
            match Against::of(&part) {
                Some((leaf, against)) => {
                    let number = self.test(leaf, against) as usize;
                    if rule.tests.len() <= number / 64 {
                        rule.tests.resize(number / 64 + 1, 0);
                    }
                    rule.tests.get_mut(number / 64).into_iter().for_each(|bits| *bits |= 1 << (number % 64));
                }
                None => rule.trees.push(self.tree(part)),
            }
        }
        rule
    }

    fn test(&mut self, leaf: u32, against: Against) -> u32 {
        let known = self.tests.iter().filter(|tests| tests.leaf == leaf);
        if let Some(number) = known.flat_map(LeafTests::numbered).find_map(|(number, known)| (known == against).then_some(number)) {
            return number;
        }
        let (number, word, bit) = (self.count, self.count as usize / 64, self.count % 64);
        let at = self.tests.iter().position(|tests| (tests.leaf, tests.word) == (leaf, word)).unwrap_or_else(|| {
            self.tests.push(LeafTests { leaf, word, bits: 0, tests: Vec::new() });
            self.tests.len() - 1
        });
        if let Some(tests) = self.tests.get_mut(at) {
            tests.bits |= 1 << bit;
            tests.tests.push((bit, against));
        }
        self.count += 1;
        number
    }

    fn tree(&mut self, condition: Condition) -> u32 {
        *self.numbers.entry(format!("{condition:?}")).or_insert_with(|| {
            self.trees.push(condition);
            self.trees.len() as u32 - 1
        })
    }

    /// How many [`Told`] the tests need.
    pub(crate) fn words(&self) -> usize {
        self.count.div_ceil(64) as usize
    }

    /// Makes all tests at once: a leaf is read once, and a comparison costs less than to ask whether it was made.
    pub(crate) fn tell(&self, scope: &impl Scope, told: &[Told]) {
        for LeafTests { leaf, word, bits, tests } in &self.tests {
            let value = scope.number(*leaf);
            if let Some(cell) = told.get(*word).filter(|_| !value.is_nan()) {
                let new = tests.iter().fold(0, |new, (bit, against)| new | against.holds(value) << bit);
                let (holds, fails) = cell.get();
                cell.set((holds | new, fails | (bits & !new)));
            }
        }
    }
}

impl LeafTests {
    fn numbered(&self) -> impl Iterator<Item = (u32, Against)> {
        self.tests.iter().map(|(bit, against)| (self.word as u32 * 64 + bit, *against))
    }
}
