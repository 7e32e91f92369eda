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
#[derive(Debug, Default)]
struct LeafTests {
    leaf: u32,
    word: usize,
    /// All of their bits.
    bits: u64,
    /// Each with the place of its bit.
    tests: Vec<(u32, Against)>,
    /// What they compare with, rising.
    constants: Vec<f64>,
    /// The bits of those that hold: below the first constant, at it, between it and the second, and so on.
    holds: Vec<u64>,
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
            self.tests.push(LeafTests { leaf, word, ..LeafTests::default() });
            self.tests.len() - 1
        });
        if let Some(tests) = self.tests.get_mut(at) {
            tests.add(bit, against);
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

    /// Makes all tests at once: a leaf is read once, and where it lies among all constants says what came of each test.
    pub(crate) fn tell(&self, scope: &impl Scope, told: &[Told]) {
        for tests in &self.tests {
            let value = scope.number(tests.leaf);
            if let Some(cell) = told.get(tests.word).filter(|_| !value.is_nan()) {
                let new = tests.holding(value);
                let (holds, fails) = cell.get();
                cell.set((holds | new, fails | (tests.bits & !new)));
            }
        }
    }
}

impl LeafTests {
    fn add(&mut self, bit: u32, against: Against) {
        self.bits |= 1 << bit;
        self.tests.push((bit, against));
        self.constants = self.tests.iter().map(|(_, against)| against.constant).collect();
        self.constants.sort_unstable_by(f64::total_cmp);
        // Zero and negative zero are one number.
        self.constants.dedup();
        self.holds = vec![0; 2 * self.constants.len() + 1];
        for (bit, against) in &self.tests {
            let own = 2 * self.constants.partition_point(|constant| *constant < against.constant) + 1;
            for (place, holds) in self.holds.iter_mut().enumerate() {
                *holds |= u64::from(against.allows(place.cmp(&own))) << bit;
            }
        }
    }

    /// The bits of the tests that a known number satisfies.
    #[inline]
    fn holding(&self, number: f64) -> u64 {
        let below = self.constants.iter().map(|constant| usize::from(*constant < number)).sum::<usize>();
        let at = self.constants.get(below).is_some_and(|constant| *constant == number);
        self.holds.get(2 * below + usize::from(at)).copied().unwrap_or_default()
    }

    fn numbered(&self) -> impl Iterator<Item = (u32, Against)> {
        self.tests.iter().map(|(bit, against)| (self.word as u32 * 64 + bit, *against))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Comparison, Number};

    #[test]
    fn a_place_among_the_constants_says_which_tests_hold() {
        let operators = [
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
            Comparison::Equal,
            Comparison::NotEqual,
        ];
        let constants = [3.0, -1.5, 0.0, -0.0, f64::INFINITY, 3.0, 1e-300];
        let mut tests = LeafTests::default();
        let mut expected: Vec<(Comparison, f64)> = Vec::new();
        for (operator, constant) in operators.iter().flat_map(|operator| constants.map(|constant| (*operator, constant))) {
            let compare = Condition::Compare(operator, Box::new(Number::Leaf(0)), Box::new(Number::Constant(constant)));
            let (_, against) = Against::of(&compare).expect("a comparison of a leaf with a constant");
            tests.add(expected.len() as u32, against);
            expected.push((operator, constant));
        }
        for number in [f64::NEG_INFINITY, -2.0, -1.5, -1.0, -0.0, 0.0, 5e-324, 1e-300, 1.0, 3.0, 4.0, f64::MAX, f64::INFINITY] {
            let holds = |(operator, constant): &(Comparison, f64)| match operator {
                Comparison::Less => number < *constant,
                Comparison::LessOrEqual => number <= *constant,
                Comparison::Greater => number > *constant,
                Comparison::GreaterOrEqual => number >= *constant,
                Comparison::Equal => number == *constant,
                Comparison::NotEqual => number != *constant,
            };
            let bits = expected.iter().enumerate().fold(0, |all, (bit, test)| all | u64::from(holds(test)) << bit);
            assert_eq!(tests.holding(number), bits, "{number}");
        }
    }
}
