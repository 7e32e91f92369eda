//! The generalized exponential integral.

/// e^y E_v(y) = the integral of e^(-y s) (1 + s)^-v over s from 0 on, for v above 1 and y above 0.
///
/// By the continued fraction (Abramowitz and Stegun 1964, 5.1.22, in its even form), and where that is slow (small y and v) by the power series of the
/// order near 1 (5.1.12, with the pole at 1 taken out) and the recurrence upwards (5.1.14), which is stable there.
pub(crate) fn scaled_exponential_integral(v: f64, y: f64) -> f64 {
    if y < 1.0 && v < 30.0 { libm::exp(y) * by_series(v, y) } else { by_fraction(v, y) }
}

/// Lentz's method as modified by Thompson and Barnett 1986.
fn by_fraction(v: f64, y: f64) -> f64 {
    let mut denominator = y + v;
    let mut c = f64::INFINITY;
    let mut d = 1.0 / denominator;
    let mut value = d;
    for n in 1..10_000 {
        let n = f64::from(n);
        let numerator = -n * (v - 1.0 + n);
        denominator += 2.0;
        d = 1.0 / (numerator * d + denominator);
        c = denominator + numerator / c;
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() < 4e-16 {
            break;
        }
    }
    value
}

fn by_series(v: f64, y: f64) -> f64 {
    // v = order + whole, with order in [0.5, 1.5).
    let whole = (v - 0.5).floor();
    let order = v - whole;
    let rest = 1.0 - order;
    let logarithm = libm::log(y);
    // (Gamma(1 + rest) y^-rest - 1)/rest, through rest = 0.
    let exponent = ln_gamma_beside_one(rest) - logarithm;
    let mut sum = if rest == 0.0 { exponent } else { libm::expm1(rest * exponent) / rest };
    let mut power = 1.0;
    for k in 1..40 {
        let k = f64::from(k);
        power *= -y / k;
        let term = power / (rest + k);
        sum -= term;
        if term.abs() < 1e-18 * sum.abs() {
            break;
        }
    }
    let faded = libm::exp(-y);
    let mut value = sum;
    for n in 0..whole as u32 {
        value = (faded - y * value) / (order + f64::from(n));
    }
    value
}

/// ln Gamma(1 + x) / x, through x = 0 (Abramowitz and Stegun 1964, 6.1.33).
fn ln_gamma_beside_one(x: f64) -> f64 {
    // -Euler's constant, then (-1)^k zeta(k)/k for k = 2 …
    const TERMS: [f64; 8] = [
        -0.577_215_664_901_532_9,
        0.822_467_033_424_113_2,
        -0.400_685_634_386_531_4,
        0.270_580_808_427_784_5,
        -0.207_385_551_028_673_98,
        0.169_557_176_997_408_2,
        -0.144_049_896_768_846_1,
        0.125_509_669_524_743_04,
    ];
    if x.abs() > 0.01 { libm::lgamma(1.0 + x) / x } else { TERMS.iter().rev().fold(0.0, |sum, term| sum * x + term) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values: mpmath 1.3.0, exp(y) * expint(v, y) at 40 digits.
    #[test]
    fn it_is_that_of_mpmath() {
        for (v, y, expected) in VALUES {
            let found = scaled_exponential_integral(v, y);
            assert!((found / expected - 1.0).abs() < 3e-14, "{v} {y}: {found} for {expected}");
        }
    }

    const VALUES: [(f64, f64, f64); 56] = [
        (1.243, 1e-08, 4.058288241069806),
        (1.243, 0.01, 2.5189021157507625),
        (1.243, 0.5, 0.7952592635266308),
        (1.243, 0.999, 0.5373605183210971),
        (1.243, 1.5, 0.41261707338870296),
        (1.243, 20.0, 0.04719406862801951),
        (1.243, 1000000.0, 9.99998757002788e-07),
        (2.0, 1e-08, 0.9999998215653473),
        (2.0, 0.01, 0.9592148855654358),
        (2.0, 0.5, 0.5385446837581348),
        (2.0, 0.999, 0.40384543794468286),
        (2.0, 1.5, 0.32761499606262556),
        (2.0, 20.0, 0.04562909008078317),
        (2.0, 1000000.0, 9.99998000006e-07),
        (1.0000001, 1e-08, 17.843449265785924),
        (1.0000001, 0.01, 4.078510542018272),
        (1.0000001, 0.5, 0.9229105734141402),
        (1.0000001, 0.999, 0.5967512867390765),
        (1.0000001, 1.5, 0.4482566535701934),
        (1.0000001, 20.0, 0.04771854527782171),
        (1.0000001, 1000000.0, 9.999990000019e-07),
        (2.5, 1e-08, 0.6666666533356963),
        (2.5, 0.01, 0.6554519048350899),
        (2.5, 0.5, 0.43711969494586567),
        (2.5, 0.999, 0.3439700342988369),
        (2.5, 1.5, 0.28680556706059),
        (2.5, 20.0, 0.04464918378319155),
        (2.5, 1000000.0, 9.9999750000875e-07),
        (7.9, 1e-08, 0.14492753598624417),
        (7.9, 0.01, 0.14468239636487706),
        (7.9, 0.5, 0.13376059911117866),
        (7.9, 0.999, 0.12441589226101316),
        (7.9, 1.5, 0.11639067817425915),
        (7.9, 20.0, 0.036191744082045514),
        (7.9, 1000000.0, 9.999921000703093e-07),
        (29.9, 1e-08, 0.0346020761121653),
        (29.9, 0.01, 0.034589678555440685),
        (29.9, 0.5, 0.03399327528439778),
        (29.9, 0.999, 0.03340740472833901),
        (29.9, 1.5, 0.0328398178782624),
        (29.9, 20.0, 0.020279689320696532),
        (29.9, 1000000.0, 9.999701009238806e-07),
        (31.0, 1e-08, 0.03333333332183908),
        (31.0, 0.01, 0.03332184318403026),
        (31.0, 0.5, 0.03276869694816874),
        (31.0, 0.999, 0.032224566475415974),
        (31.0, 1.5, 0.03169670789154315),
        (31.0, 20.0, 0.01984067700714252),
        (31.0, 1000000.0, 9.999690009919672e-07),
        (2001.2, 1e-08, 0.0004999500049969993),
        (2001.2, 0.01, 0.0004999475042616898),
        (2001.2, 0.5, 0.0004998249987629507),
        (2001.2, 0.999, 0.0004997003048795523),
        (2001.2, 1.5, 0.0004995751738272433),
        (2001.2, 20.0, 0.0004949980680800936),
        (2001.2, 1000000.0, 9.980027987922674e-07),
    ];
}
