//! SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"): reproducible bits on every platform. Not for secrets.

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The next bits of a sequence.
#[inline]
pub(crate) const fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(STEP);
    finalized(*state)
}

/// A number with its bits mixed: what the sequence from it begins with.
#[inline]
pub(crate) const fn mixed(mut number: u64) -> u64 {
    next(&mut number)
}

/// The finalizer alone: a bijection that maps 0 to itself.
#[inline]
pub(crate) const fn finalized(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The first numbers of the reference implementation (Vigna, splitmix64.c) for the seed 1234567.
    #[test]
    fn bits_are_those_of_the_reference() {
        let mut state = 1_234_567;
        assert_eq!([next(&mut state), next(&mut state)], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
        assert_eq!(mixed(1_234_567), 6_457_827_717_110_365_317);
    }
}
