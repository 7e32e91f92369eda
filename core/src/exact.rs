//! Sums that are exact, so that they do not depend on the order of their terms and a term can leave again.
//!
//! Terms go into a 128-bit fixed-point accumulator with a unit of 2^-64; one that does not fit exactly goes into a
//! non-overlapping expansion (Shewchuk 1997, "Adaptive precision floating-point arithmetic", section 2), which is exact for all doubles.

use serde::{Deserialize, Serialize};

const UNIT_EXPONENT: i32 = -64;
const UNIT: f64 = 1.0 / 18_446_744_073_709_551_616.0;

/// An exact sum of finite doubles.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExactSum {
    fixed: i128,
    rest: Vec<f64>,
}

impl ExactSum {
    pub(crate) fn clear(&mut self) {
        self.fixed = 0;
        self.rest.clear();
    }

    #[inline]
    pub(crate) fn add(&mut self, term: f64) {
        match fixed_point(term).and_then(|term| self.fixed.checked_add(term)) {
            Some(sum) => self.fixed = sum,
            None => expand(&mut self.rest, term),
        }
    }

    #[inline]
    pub(crate) fn subtract(&mut self, term: f64) {
        self.add(-term);
    }

    /// Adds all terms of another sum.
    pub(crate) fn merge(&mut self, other: &Self) {
        match self.fixed.checked_add(other.fixed) {
            Some(sum) => self.fixed = sum,
            None => fixed_parts(other.fixed).into_iter().for_each(|part| expand(&mut self.rest, part)),
        }
        other.rest.iter().for_each(|term| expand(&mut self.rest, *term));
    }

    /// Takes all terms of another sum away.
    pub(crate) fn unmerge(&mut self, other: &Self) {
        match self.fixed.checked_sub(other.fixed) {
            Some(sum) => self.fixed = sum,
            None => fixed_parts(other.fixed).into_iter().for_each(|part| expand(&mut self.rest, -part)),
        }
        other.rest.iter().for_each(|term| expand(&mut self.rest, -term));
    }

    /// The sum, rounded once to the nearest double (ties to even).
    #[inline]
    pub(crate) fn value(&self) -> f64 {
        if self.rest.is_empty() {
            return self.fixed as f64 * UNIT;
        }
        let mut terms = self.rest.clone();
        for part in fixed_parts(self.fixed) {
            expand(&mut terms, part);
        }
        round(&terms)
    }

    /// Whether it never overflowed; one that did is not a number for good.
    pub(crate) fn is_finite(&self) -> bool {
        self.rest.iter().all(|term| term.is_finite())
    }

    /// The same sum in its one canonical form.
    pub(crate) fn canonical(&self) -> Self {
        if self.rest.is_empty() || !self.is_finite() {
            return self.clone();
        }
        let mut terms = self.rest.clone();
        for part in fixed_parts(self.fixed) {
            expand(&mut terms, part);
        }
        let mut rest = Vec::new();
        loop {
            let head = round(&terms);
            if head == 0.0 || !head.is_finite() {
                return Self { fixed: 0, rest };
            }
            rest.push(head);
            expand(&mut terms, -head);
        }
    }
}

/// The term in units of 2^-64, if it is a whole number of them and small enough.
#[inline]
fn fixed_point(term: f64) -> Option<i128> {
    let bits = term.to_bits();
    let biased = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = match biased {
        0 => (fraction, -1074),
        _ => (fraction | (1 << 52), biased - 1075),
    };
    let shift = exponent - UNIT_EXPONENT;
    let magnitude = match shift {
        0..=60 => i128::from(mantissa) << shift,
        -52..=-1 if mantissa.trailing_zeros() as i32 >= -shift => i128::from(mantissa >> -shift),
        _ if mantissa == 0 => 0,
        _ => return None,
    };
    Some(if term.is_sign_negative() { -magnitude } else { magnitude })
}

/// The accumulator as four doubles, each exact.
fn fixed_parts(fixed: i128) -> [f64; 4] {
    let mask = (1_i128 << 32) - 1;
    [0, 32, 64, 96].map(|shift| {
        let limb = if shift == 96 { fixed >> shift } else { (fixed >> shift) & mask };
        limb as f64 * UNIT * (1_u128 << shift) as f64
    })
}

/// Adds a term to an expansion: non-overlapping, smallest first.
fn expand(terms: &mut Vec<f64>, mut term: f64) {
    let mut kept = 0;
    for at in 0..terms.len() {
        let Some(mut other) = terms.get(at).copied() else { break };
        if term.abs() < other.abs() {
            std::mem::swap(&mut term, &mut other);
        }
        let high = term + other;
        let low = other - (high - term);
        if low != 0.0 {
            if let Some(place) = terms.get_mut(kept) {
                *place = low;
            }
            kept += 1;
        }
        term = high;
    }
    terms.truncate(kept);
    if term != 0.0 {
        terms.push(term);
    }
}

/// The expansion rounded once, with the tie broken by what lies below (as in CPython's `math.fsum`).
fn round(terms: &[f64]) -> f64 {
    let mut below = terms.iter().rev().copied();
    let Some(mut high) = below.next() else { return 0.0 };
    let mut low = 0.0;
    for term in below.by_ref() {
        let sum = high + term;
        low = term - (sum - high);
        high = sum;
        if low != 0.0 {
            break;
        }
    }
    if let Some(next) = below.next()
        && ((low < 0.0 && next < 0.0) || (low > 0.0 && next > 0.0))
    {
        let doubled = low * 2.0;
        let sum = high + doubled;
        if doubled == sum - high {
            high = sum;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(terms: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        terms.iter().for_each(|term| sum.add(*term));
        sum.value()
    }

    // Expected values: CPython's math.fsum.
    #[test]
    fn sums_are_rounded_once() {
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[1e100, 1.0, -1e100, 1e-300]), 1.0);
        assert_eq!(sum(&[1e-320, 29.33, -29.33]), 1e-320);
        assert_eq!(sum(&[2f64.powi(53), 1.0, 1e-100]), 2f64.powi(53) + 2.0);
        assert_eq!(sum(&[2f64.powi(53), 1.0]), 2f64.powi(53));
        assert_eq!(sum(&[]), 0.0);
    }

    #[test]
    fn what_leaves_is_gone() {
        let mut sum = ExactSum::default();
        for term in [1e300, 0.1, -7.25e-200, 1e18] {
            sum.add(term);
        }
        for term in [1e300, -7.25e-200, 1e18] {
            sum.subtract(term);
        }
        assert_eq!(sum.value(), 0.1);
        let mut same = ExactSum::default();
        same.add(0.1);
        assert_eq!(sum.canonical().value(), same.value());
    }
}
