//! Whole units shared out so that nothing is left over and nothing is made up.

/// The units of one conversion: credits within a path are whole numbers of 2^-52.
pub(crate) const WHOLE: u64 = 1 << 52;

/// Units in equal parts; what does not divide goes to the first ones.
pub(crate) fn equally(total: u64, parts: usize) -> impl Iterator<Item = u64> {
    let parts = parts as u64;
    let (each, left) = (total.checked_div(parts).unwrap_or(0), total.checked_rem(parts).unwrap_or(0));
    (0..parts).map(move |part| each + u64::from(part < left))
}

/// Units in proportion to weights, by largest remainder: the floors of the quotas, and one more for those that lost most by it (Hamilton's method). Of equal
/// losses the first one is made good.
///
/// Weights that do not sum to more than zero share equally. A weight may be negative as long as they do.
pub(crate) fn by_weight(total: u64, weights: &[f64]) -> Vec<i64> {
    let scaled = whole_weights(weights);
    let sum: i128 = scaled.iter().sum();
    if sum <= 0 {
        return equally(total, weights.len()).map(|units| units as i64).collect();
    }
    let quota = |weight: &i128| i128::from(total) * weight;
    let floors = scaled.iter().map(|weight| quota(weight).div_euclid(sum) as i64).collect();
    let losses: Vec<i128> = scaled.iter().map(|weight| quota(weight).rem_euclid(sum)).collect();
    made_good(floors, total as i64, &losses)
}

/// Floors, and one more for those that lost most until the total is reached.
pub(crate) fn made_good<L: Ord>(mut floors: Vec<i64>, total: i64, losses: &[L]) -> Vec<i64> {
    let left = usize::try_from(total - floors.iter().sum::<i64>()).unwrap_or(0);
    let mut order: Vec<usize> = (0..floors.len()).collect();
    order.sort_by(|one, other| losses.get(*other).cmp(&losses.get(*one)));
    for at in order.into_iter().take(left) {
        floors.get_mut(at).into_iter().for_each(|units| *units += 1);
    }
    floors
}

/// The weights as integers of up to 61 bits: the greatest keeps all of its digits, one a thousandth of it too.
fn whole_weights(weights: &[f64]) -> Vec<i128> {
    let most = weights.iter().fold(0.0_f64, |most, weight| most.max(weight.abs()));
    let (_, exponent) = libm::frexp(most);
    weights.iter().map(|weight| libm::scalbn(*weight, 61 - exponent) as i128).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_over() {
        assert_eq!(by_weight(10, &[1.0, 1.0, 1.0]), [4, 3, 3]);
        assert_eq!(by_weight(10, &[0.0, 0.0]), [5, 5]);
        assert_eq!(by_weight(7, &[1e-300, 3e-300]), [2, 5]);
        assert_eq!(by_weight(100, &[0.5, 0.75, -0.25]), [50, 75, -25]);
        assert_eq!(equally(WHOLE, 3).sum::<u64>(), WHOLE);
        assert_eq!(by_weight(WHOLE, &[0.1; 7]).iter().sum::<i64>(), WHOLE as i64);
        assert!(by_weight(5, &[]).is_empty());
    }
}
