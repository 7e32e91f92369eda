//! Gamma functions as likelihoods need them: differences without cancellation, and derivatives.
//!
//! All go up by their recurrence to an argument of [`LARGE`], where Stirling's series (Abramowitz and Stegun 1964, 6.1.41, 6.3.18, 6.4.12) is exact to
//! below 1e-17 with the terms kept.

/// Where the series begin.
const LARGE: f64 = 16.0;
/// Rising factorials are multiplied out this far.
pub(crate) const NEAR: u32 = 4096;

/// What Stirling's formula leaves of ln Gamma(z).
fn correction(z: f64) -> f64 {
    // B_2k / (2k (2k - 1)), k = 1 …
    const TERMS: [f64; 7] = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0];
    series(&TERMS, 1.0 / (z * z)) / z
}

fn series(terms: &[f64], x: f64) -> f64 {
    terms.iter().rev().fold(0.0, |sum, term| sum * x + term)
}

/// ln Gamma(z + n) - ln Gamma(z) for positive z and n that need not be whole.
pub(crate) fn ln_gamma_ratio(z: f64, n: f64) -> f64 {
    let (mut z, mut shift) = (z, 0.0);
    while z < LARGE {
        shift += libm::log1p(n / z);
        z += 1.0;
    }
    (z - 0.5) * libm::log1p(n / z) + n * (libm::log(z + n) - 1.0) + (correction(z + n) - correction(z)) - shift
}

/// ln B(y, q), also where one is huge beside the other.
pub(crate) fn ln_beta(y: f64, q: f64) -> f64 {
    let (less, more) = if y < q { (y, q) } else { (q, y) };
    libm::lgamma(less) - ln_gamma_ratio(more, less)
}

/// B_2k / 2k, k = 1 …
const DIGAMMA_TERMS: [f64; 7] = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32_760.0, 1.0 / 12.0];

/// The digamma function of a positive argument.
pub(crate) fn digamma(z: f64) -> f64 {
    let (mut z, mut shift) = (z, 0.0);
    while z < LARGE {
        shift += 1.0 / z;
        z += 1.0;
    }
    let square = 1.0 / (z * z);
    libm::log(z) - 0.5 / z - square * series(&DIGAMMA_TERMS, square) - shift
}

/// digamma(z + n) - digamma(z) for positive z and n that need not be whole.
pub(crate) fn digamma_difference(z: f64, n: f64) -> f64 {
    let (mut z, mut shift) = (z, 0.0);
    while z < LARGE {
        shift += n / (z * (z + n));
        z += 1.0;
    }
    // digamma(z) = ln z - 1/(2 z) - tail(z); the tails are below 1e-3.
    let tail = |z: f64| (1.0 / (z * z)) * series(&DIGAMMA_TERMS, 1.0 / (z * z));
    libm::log1p(n / z) + 0.5 * n / (z * (z + n)) + (tail(z) - tail(z + n)) + shift
}

/// The trigamma function of a positive argument.
pub(crate) fn trigamma(z: f64) -> f64 {
    // B_2k
    const TERMS: [f64; 7] = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0];
    let (mut z, mut shift) = (z, 0.0);
    while z < LARGE {
        shift += 1.0 / (z * z);
        z += 1.0;
    }
    let inverse = 1.0 / z;
    let square = inverse * inverse;
    inverse + square * (0.5 + inverse * series(&TERMS, square)) + shift
}

/// ln Gamma(z + n) - ln Gamma(z) for whole n: the sum of ln(z + i) over i < n.
pub(crate) fn ln_rising(z: f64, n: u32) -> f64 {
    let near = n.min(NEAR);
    // Products of eight factors, so that one logarithm serves eight.
    let mut sum = 0.0;
    let mut i = 0;
    while i < near {
        let until = near.min(i + 8);
        if z < 1e30 && z > 1e-30 {
            sum += libm::log((i..until).map(|i| z + f64::from(i)).product());
        } else {
            sum += (i..until).map(|i| libm::log(z + f64::from(i))).sum::<f64>();
        }
        i = until;
    }
    match n - near {
        0 => sum,
        far => sum + ln_gamma_ratio(z + f64::from(NEAR), f64::from(far)),
    }
}

/// The sum over i < n of ln((b + i)/(a + b + i)): ln B(a, b + n)/B(a, b).
pub(crate) fn ln_survival(a: f64, b: f64, n: u32) -> f64 {
    let near = n.min(NEAR);
    let sum: f64 = (0..near).map(|i| -libm::log1p(a / (b + f64::from(i)))).sum();
    match n - near {
        0 => sum,
        far => {
            let begin = b + f64::from(NEAR);
            sum + ln_gamma_ratio(begin, f64::from(far)) - ln_gamma_ratio(a + begin, f64::from(far))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 4e-15 * expected.abs(), "{found} for {expected}");
    }

    // Expected values: mpmath 1.3.0 at 50 digits.
    #[test]
    fn gamma_functions_are_those_of_mpmath() {
        close(digamma(1e-3), -1_000.575_571_931_810_3);
        close(digamma(3.7), 1.167_153_539_361_511_4);
        close(digamma(1e6), 13.815_510_057_964_191);
        close(trigamma(1e-3), 1_000_001.642_533_195_3);
        close(trigamma(3.7), 0.310_037_857_670_038_3);
        close(digamma_difference(2.5, 1.2), digamma(3.7) - digamma(2.5));
        close(digamma_difference(1e9, 3.0), 2.999_999_997e-9); // 1/z + 1/(z + 1) + 1/(z + 2)
        close(ln_gamma_ratio(2.5, 3.0), 3.673_131_097_145_797); // ln(2.5 * 3.5 * 4.5)
        close(ln_gamma_ratio(1e8, 2.0), 36.841_361_497_904_73);
        close(ln_rising(0.25, 5000), ln_gamma_ratio(0.25, 5000.0));
    }
}
