//! The normal distribution: its quantile, and seeded draws.

use crate::splitmix;

/// The z that a standard normal variable is below with probability `share`.
pub(crate) fn quantile(share: f64) -> f64 {
    if share > 0.5 {
        return -quantile(1.0 - share);
    }
    if share <= 0.0 || share.is_nan() {
        return f64::NEG_INFINITY;
    }
    // A start within 4.5e-4 (Abramowitz and Stegun 1964, 26.2.23), then Newton's method on the logarithm, whose steps cannot overshoot to the far side.
    let t = (-2.0 * libm::log(share)).sqrt();
    let mut z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
    for _ in 0..4 {
        let below = 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
        let density = libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
        z -= below * libm::log(below / share) / density;
    }
    z
}

/// Seeded draws: the same on every platform. Not for secrets.
#[derive(Debug, Clone)]
pub(crate) struct Draws {
    state: u64,
    spare: Option<f64>,
}

impl Draws {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed, spare: None }
    }

    /// Uniform in (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        ((splitmix::next(&mut self.state) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        let angle = 2.0 * std::f64::consts::PI * self.uniform();
        self.spare = Some(radius * libm::sin(angle));
        radius * libm::cos(angle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values: scipy.stats.norm.ppf.
    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (share, z) in [(0.025, -1.959_963_984_540_054), (0.975, 1.959_963_984_540_054), (0.5, 0.0), (1e-10, -6.361_340_902_404_056)] {
            assert!((quantile(share) - z).abs() < 1e-13 * z.abs().max(1e-2), "{share}: {}", quantile(share));
        }
    }

    #[test]
    fn draws_are_normal_and_repeat() {
        let mut draws = Draws::new(7);
        let sample: Vec<f64> = (0..100_000).map(|_| draws.normal()).collect();
        let mean = sample.iter().sum::<f64>() / 1e5;
        let variance = sample.iter().map(|z| z * z).sum::<f64>() / 1e5;
        // Five standard errors of each.
        assert!(mean.abs() < 5.0 / 1e5_f64.sqrt() && (variance - 1.0).abs() < 5.0 * (2.0 / 1e5_f64).sqrt());
        assert_eq!(Draws::new(7).normal(), sample[0]);
    }
}
