//! Gamma functions where their asymptotic series are exact: arguments of a thousand and more (Abramowitz and Stegun 1964, 6.1.41, 6.3.18, 6.4.12;
//! the first term left out is below 1e-17 there), and rising factorials of any argument.

use super::grouped::DENSE;

/// ln Gamma(z + n) - ln Gamma(z) for z of a thousand and more.
pub(crate) fn ln_gamma_ratio_beyond(z: f64, n: f64) -> f64 {
    let correction = |z: f64| (1.0 / 12.0 - 1.0 / (360.0 * z * z)) / z;
    (z - 0.5) * libm::log1p(n / z) + n * (libm::log(z + n) - 1.0) + (correction(z + n) - correction(z))
}

/// The digamma function for z of a thousand and more.
pub(crate) fn psi_beyond(z: f64) -> f64 {
    let square = 1.0 / (z * z);
    libm::log(z) - 0.5 / z - square * (1.0 / 12.0 - square / 120.0)
}

/// The trigamma function for z of a thousand and more.
pub(crate) fn trigamma_beyond(z: f64) -> f64 {
    let inverse = 1.0 / z;
    inverse + inverse * inverse * (0.5 + inverse * (1.0 / 6.0 - inverse * inverse / 30.0))
}

/// ln Gamma(z + n) - ln Gamma(z) for any positive z: no cancellation.
pub(crate) fn ln_rising(z: f64, n: u32) -> f64 {
    let near = n.min(DENSE);
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
        far => sum + ln_gamma_ratio_beyond(z + f64::from(DENSE), f64::from(far)),
    }
}

/// The sum over i < n of ln((b + i)/(a + b + i)): ln B(a, b + n)/B(a, b).
pub(crate) fn ln_survival(a: f64, b: f64, n: u32) -> f64 {
    let near = n.min(DENSE);
    let sum: f64 = (0..near).map(|i| -libm::log1p(a / (b + f64::from(i)))).sum();
    match n - near {
        0 => sum,
        far => {
            let begin = b + f64::from(DENSE);
            sum + ln_gamma_ratio_beyond(begin, f64::from(far)) - ln_gamma_ratio_beyond(a + begin, f64::from(far))
        }
    }
}
