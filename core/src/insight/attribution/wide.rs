//! Sums of products of a double and a share, exact for all finite doubles, and how such sums are written down so that they still add up.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: a limb's number is a bit position below `LIMBS * 64` divided by 64")]

use super::apportion::made_good;
use crate::error::{Error, ErrorKind, Result};

/// The place of 1 among the bits: below it there is room for the last place of the least double, times a unit of 2^-52.
const ONE: usize = 1074 + UNIT_BITS;
const UNIT_BITS: usize = 52;
const LIMBS: usize = 35;

/// A sum of zero or more, in binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wide([u64; LIMBS]);

impl Default for Wide {
    fn default() -> Self {
        Self([0; LIMBS])
    }
}

impl Wide {
    /// Adds a value of zero or more, times a share in units of 2^-52.
    #[inline]
    pub(crate) fn add_product(&mut self, value: Parts, units: u64) {
        self.add(u128::from(value.mantissa) * u128::from(units), (value.exponent + 1074) as usize);
    }

    /// Adds a whole number of units of 2^-52.
    pub(crate) fn add_units(&mut self, units: u128) {
        self.add(units, ONE - UNIT_BITS);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        let mut carry = false;
        for (limb, more) in self.0.iter_mut().zip(&other.0) {
            let (sum, one) = limb.overflowing_add(*more);
            let (sum, two) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, one || two);
        }
    }

    #[inline]
    fn add(&mut self, term: u128, position: usize) {
        let (limb, shift) = (position / 64, position % 64);
        let low = term << shift;
        let high = if shift == 0 { 0 } else { (term >> (128 - shift)) as u64 };
        let mut carry = false;
        for (at, more) in [low as u64, (low >> 64) as u64, high].into_iter().enumerate() {
            let (sum, one) = self.0[limb + at].overflowing_add(more);
            let (sum, two) = sum.overflowing_add(u64::from(carry));
            (self.0[limb + at], carry) = (sum, one || two);
        }
        for place in self.0.iter_mut().skip(limb + 3) {
            if !carry {
                break;
            }
            (*place, carry) = place.overflowing_add(1);
        }
    }

    /// The sum, rounded once to the nearest double (ties to even); infinite if it is beyond all doubles.
    pub(crate) fn value(&self) -> f64 {
        let Some(top) = self.0.iter().rposition(|limb| *limb != 0) else { return 0.0 };
        let top = top * 64 + 63 - self.0[top].leading_zeros() as usize;
        let low = top.saturating_sub(52).max(UNIT_BITS);
        let mantissa = self.from(low);
        let half = self.from(low - 1) & 1 == 1;
        let sticky = self.below(low - 1).iter().any(|limb| *limb != 0);
        let rounded = mantissa + u64::from(half && (sticky || mantissa & 1 == 1));
        libm::scalbn(rounded as f64, low as i32 - ONE as i32)
    }

    /// The bits from a position on, of which there are no more than 64.
    fn from(&self, position: usize) -> u64 {
        let (limb, shift) = (position / 64, position % 64);
        let above = self.0.get(limb + 1).copied().unwrap_or(0);
        ((u128::from(above) << 64 | u128::from(self.0[limb])) >> shift) as u64
    }

    /// The bits below a position, greatest first.
    fn below(&self, position: usize) -> Vec<u64> {
        let (limb, shift) = (position / 64, position % 64);
        let mut kept: Vec<u64> = self.0.iter().take(limb + 1).copied().collect();
        kept.last_mut().into_iter().for_each(|last| *last &= (1 << shift) - 1);
        kept.reverse();
        kept
    }
}

/// A double of zero or more as a whole number times a power of two.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) mantissa: u64,
    pub(crate) exponent: i32,
}

impl Parts {
    #[inline]
    pub(crate) fn of(value: f64) -> Self {
        let bits = value.to_bits() & !(1 << 63);
        let fraction = bits & ((1 << 52) - 1);
        match (bits >> 52) as i32 {
            0 => Self { mantissa: fraction, exponent: -1074 },
            biased => Self { mantissa: fraction | (1 << 52), exponent: biased - 1075 },
        }
    }

    /// In places that are greater by so many bits, as far as it is a whole number of them.
    pub(crate) fn coarser(self, bits: u32) -> Self {
        let bits = bits.min(self.mantissa.trailing_zeros()).min(53);
        Self { mantissa: self.mantissa >> bits, exponent: self.exponent + bits as i32 }
    }

    /// So many of its last places.
    pub(crate) fn places(self, count: i64) -> f64 {
        libm::scalbn(count as f64, self.exponent)
    }
}

/// Exact sums as doubles that add up to the double nearest to their total, bit for bit and in any order: each is a whole number of the total's last place,
/// and so are all partial sums.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] if the total is beyond all doubles.
pub(crate) fn written(sums: &[Wide]) -> Result<Vec<f64>> {
    let mut all = Wide::default();
    sums.iter().for_each(|sum| all.merge(sum));
    let total = Parts::of(finite(all.value())?);
    let position = (total.exponent + ONE as i32) as usize;
    let floors = sums.iter().map(|sum| sum.from(position) as i64).collect();
    let losses: Vec<Vec<u64>> = sums.iter().map(|sum| sum.below(position)).collect();
    Ok(made_good(floors, total.mantissa as i64, &losses).into_iter().map(|places| total.places(places)).collect())
}

pub(crate) fn finite(total: f64) -> Result<f64> {
    match total.is_finite() {
        true => Ok(total),
        false => Err(Error::new(ErrorKind::InvalidArgument, "the values of the conversions sum to more than a double can hold")
            .with_help("give them in a greater unit")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(terms: &[(f64, u64)]) -> Wide {
        let mut sum = Wide::default();
        terms.iter().for_each(|(value, units)| sum.add_product(Parts::of(*value), *units));
        sum
    }

    const WHOLE: u64 = 1 << 52;

    #[test]
    fn sums_are_rounded_once() {
        assert_eq!(sum(&[(0.1, WHOLE); 10]).value(), 1.0); // math.fsum
        assert_eq!(sum(&[(2f64.powi(53), WHOLE), (1.0, WHOLE), (1e-100, WHOLE)]).value(), 2f64.powi(53) + 2.0);
        assert_eq!(sum(&[(2f64.powi(53), WHOLE), (1.0, WHOLE)]).value(), 2f64.powi(53));
        assert_eq!(sum(&[(5e-324, WHOLE), (f64::MAX, 0)]).value(), 5e-324);
        assert_eq!(sum(&[(5e-324, WHOLE / 2 + 1)]).value(), 5e-324);
        assert_eq!(sum(&[(f64::MAX, WHOLE)]).value(), f64::MAX);
        assert_eq!(sum(&[(f64::MAX, WHOLE), (f64::MAX, WHOLE)]).value(), f64::INFINITY);
        assert_eq!(sum(&[(3.0, WHOLE / 4)]).value(), 0.75);
        assert_eq!(Wide::default().value(), 0.0);
    }

    #[test]
    fn what_is_written_adds_up() {
        let thirds = [sum(&[(0.1, WHOLE / 3)]), sum(&[(0.1, WHOLE / 3)]), sum(&[(0.1, WHOLE / 3 + 1)]), Wide::default()];
        let written = written(&thirds).unwrap();
        assert_eq!(written[0] + written[1] + written[2], 0.1);
        assert_eq!(written[3], 0.0);
    }
}
