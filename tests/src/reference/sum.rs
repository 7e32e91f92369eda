//! The exact sum of doubles, rounded once, by schoolbook addition of long integers.

/// Every finite double is a whole number of 2^-1074, below 2^2098 of them.
const LIMBS: usize = 35;

/// The sum of the numbers, correctly rounded (half to even); an infinity if it is beyond the doubles.
pub fn exact_sum(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut positive = [0u64; LIMBS];
    let mut negative = [0u64; LIMBS];
    for number in numbers {
        let bits = number.abs().to_bits();
        let exponent = (bits >> 52) as usize;
        assert!(exponent < 2047, "a number that is not finite");
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, shift) = if exponent == 0 { (fraction, 0) } else { (fraction | 1 << 52, exponent - 1) };
        add(if number < 0.0 { &mut negative } else { &mut positive }, mantissa, shift);
    }
    if positive.iter().rev().ge(negative.iter().rev()) {
        round(&subtract(&positive, &negative))
    } else {
        -round(&subtract(&negative, &positive))
    }
}

/// total += mantissa * 2^shift
fn add(total: &mut [u64; LIMBS], mantissa: u64, shift: usize) {
    let mut carry = u128::from(mantissa) << (shift % 64);
    for limb in total.iter_mut().skip(shift / 64) {
        let low = carry & u128::from(u64::MAX);
        let sum = u128::from(*limb) + low;
        *limb = sum as u64;
        carry = (carry >> 64) + (sum >> 64);
    }
    assert_eq!(carry, 0);
}

fn subtract(larger: &[u64; LIMBS], smaller: &[u64; LIMBS]) -> [u64; LIMBS] {
    let mut difference = [0u64; LIMBS];
    let mut borrow = false;
    for i in 0..LIMBS {
        let (first, under) = larger[i].overflowing_sub(smaller[i]);
        let (second, under_again) = first.overflowing_sub(u64::from(borrow));
        difference[i] = second;
        borrow = under || under_again;
    }
    assert!(!borrow);
    difference
}

fn round(total: &[u64; LIMBS]) -> f64 {
    let bit = |i: usize| total[i / 64] >> (i % 64) & 1;
    let Some(top) = (0..LIMBS * 64).rev().find(|&i| bit(i) == 1) else {
        return 0.0;
    };
    if top < 53 {
        return f64::from_bits(total[0]); // below 2^53 units: the bits of a double are that very number
    }
    let mut shift = top - 52;
    let mut mantissa = (shift..=top).rev().fold(0u64, |m, i| m << 1 | bit(i));
    let half = bit(shift - 1) == 1;
    let beyond_half = (0..shift - 1).any(|i| bit(i) == 1);
    if half && (beyond_half || mantissa & 1 == 1) {
        mantissa += 1;
        if mantissa == 1 << 53 {
            mantissa >>= 1;
            shift += 1;
        }
    }
    if shift + 1 > 2046 {
        return f64::INFINITY;
    }
    f64::from_bits((shift as u64 + 1) << 52 | mantissa & ((1 << 52) - 1))
}

#[cfg(test)]
mod tests {
    use super::exact_sum;

    #[test]
    fn a_sum_is_rounded_once() {
        assert_eq!(exact_sum([]).to_bits(), 0);
        assert_eq!(exact_sum([0.1; 10]), 1.0);
        assert_ne!([0.1; 10].iter().sum::<f64>(), 1.0);
        assert_eq!(exact_sum([1e308, 1e308, -1e308]), 1e308);
        assert_eq!(exact_sum([f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(exact_sum([1e16, 1.0, -1e16]), 1.0);
        assert_eq!(exact_sum([-29.33, 29.33]).to_bits(), 0);
        assert_eq!(exact_sum([5e-324, 5e-324]), 1e-323);
        assert_eq!(exact_sum([2f64.powi(53), 1.0]), 2f64.powi(53));
        assert_eq!(exact_sum([2f64.powi(53), 1.0, 5e-324]), 2f64.powi(53) + 2.0);
        assert_eq!(exact_sum([2f64.powi(53) + 2.0, 1.0]), 2f64.powi(53) + 4.0);
        assert_eq!(exact_sum([-2f64.powi(54) + 2.0, -1.0]), -2f64.powi(54));
        assert_eq!(exact_sum([f64::MAX, 2f64.powi(969)]), f64::MAX);
        assert_eq!(exact_sum([f64::MAX, 2f64.powi(970)]), f64::INFINITY);
    }

    #[test]
    fn a_sum_of_two_is_the_hardware_sum() {
        let mut state = 7u64;
        for _ in 0..10_000 {
            let mut next = || {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                state ^ state >> 29
            };
            let a = f64::from_bits(next());
            let b = f64::from_bits(a.to_bits() ^ next() >> 8);
            if a.is_finite() && b.is_finite() {
                assert_eq!(exact_sum([a, b]).to_bits(), (a + b + 0.0).to_bits(), "{a} + {b}");
            }
        }
    }
}
