//! Customers drawn again: how often each, by a hash of the customer, so that no order of rows changes it.

use crate::splitmix::mixed;

/// How often a customer is in a draw: Poisson with mean 1 (Hanley and MacGibbon 2006).
pub(super) fn poisson(key: u64, seed: u64, draw: u64) -> u64 {
    let uniform = unit(mixed(key ^ mixed(seed.wrapping_add(mixed(draw ^ 0x6472_6177)))));
    let mut probability = libm::exp(-1.0);
    let (mut below, mut times) = (probability, 0);
    while uniform >= below && times < 20 {
        times += 1;
        probability /= times as f64;
        below += probability;
    }
    times
}

/// How far normal numbers with that covariance are from their mean in a draw.
pub(super) fn deviations<const N: usize>(covariance: &[[f64; N]; N], seed: u64, draw: u64) -> [f64; N] {
    let normals: [f64; N] = std::array::from_fn(|at| normal(mixed(seed ^ mixed(draw ^ mixed(0x6e6f_726d ^ at as u64)))));
    let mut factor = [[0.0; N]; N];
    for row in 0..N {
        for column in 0..=row {
            let of = |at: usize, to: usize, factor: &[[f64; N]; N]| factor.get(at).and_then(|row| row.get(to)).copied().unwrap_or_default();
            let below: f64 = (0..column).map(|at| of(row, at, &factor) * of(column, at, &factor)).sum();
            let rest = of(row, column, covariance) - below;
            let diagonal = of(column, column, &factor);
            let value = match row == column {
                true => rest.max(0.0).sqrt(),
                false if diagonal > 0.0 => rest / diagonal,
                false => 0.0,
            };
            factor.get_mut(row).and_then(|row| row.get_mut(column)).into_iter().for_each(|place| *place = value);
        }
    }
    factor.map(|row| row.iter().zip(normals).map(|(factor, normal)| factor * normal).sum())
}

fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Box and Muller 1958.
fn normal(bits: u64) -> f64 {
    let (one, other) = (unit(mixed(bits ^ 1)), unit(mixed(bits ^ 2)));
    (-2.0 * libm::log1p(-one)).sqrt() * libm::cos(2.0 * std::f64::consts::PI * other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_poisson() {
        let draws: Vec<u64> = (0..100_000).map(|key| poisson(key, 7, 3)).collect();
        let mean = draws.iter().sum::<u64>() as f64 / 1e5;
        let variance = draws.iter().map(|times| (*times as f64 - mean) * (*times as f64 - mean)).sum::<f64>() / 1e5;
        // Four standard errors: 0.0126 of the mean, 0.022 of the variance.
        assert!((mean - 1.0).abs() < 0.0127 && (variance - 1.0).abs() < 0.022, "{mean} {variance}");
        assert_ne!(draws, (0..100_000).map(|key| poisson(key, 7, 4)).collect::<Vec<_>>());
    }

    #[test]
    fn deviations_have_the_covariance() {
        let covariance = [[4.0, 1.0], [1.0, 9.0]];
        let draws: Vec<[f64; 2]> = (0..100_000).map(|draw| deviations(&covariance, 1, draw)).collect();
        let mean = |of: &dyn Fn(&[f64; 2]) -> f64| draws.iter().map(of).sum::<f64>() / 1e5;
        assert!(mean(&|draw| draw[0]).abs() < 0.026 && mean(&|draw| draw[1]).abs() < 0.04);
        assert!((mean(&|draw| draw[0] * draw[1]) - 1.0).abs() < 0.08);
        assert!((mean(&|draw| draw[1] * draw[1]) - 9.0).abs() < 0.17);
    }
}
