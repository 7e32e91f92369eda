//! The Poisson bootstrap: every customer is there as often as a draw of Poisson(1) says (Hanley and MacGibbon 2006, "Creating non-parametric bootstrap samples
//! using Poisson frequencies", Computer Methods and Programs in Biomedicine 83).

use super::reading::{Reading, Tally};
use crate::splitmix;

/// The mean from which on draws are by transformed rejection.
const MANY: f64 = 10.0;

impl Reading<'_> {
    /// The paths as another sample of customers might have them. The draws are of the customer's key, the seed and the number of the replicate alone. Where customers
    /// are not known, each conversion and each end without one is a customer's.
    pub(crate) fn resampled(&self, seed: u64, replicate: u64) -> Self {
        let known = self.paths().knows_customers();
        let tallies = self.rows().iter().enumerate().map(|(number, row)| {
            let tally = self.tally(number, row);
            let mut bits = Bits::new(seed, replicate, self.paths().customer_key(row));
            if known {
                let times = poisson(1.0, &mut bits);
                return Tally { conversions: tally.conversions * times, nulls: tally.nulls * times, value: tally.value * times as f64 };
            }
            let (conversions, nulls) = (poisson(tally.conversions as f64, &mut bits), poisson(tally.nulls as f64, &mut bits));
            let share = if tally.conversions == 0 { 0.0 } else { conversions as f64 / tally.conversions as f64 };
            Tally { conversions, nulls, value: tally.value * share }
        });
        let tallies = tallies.collect();
        self.with_tallies(tallies)
    }
}

/// Reproducible random bits.
pub(crate) struct Bits(u64);

impl Bits {
    pub(crate) fn new(seed: u64, stream: u64, key: u64) -> Self {
        let mut bits = Self(seed);
        let mut mixed = bits.draw() ^ stream;
        bits.0 = mixed;
        mixed = bits.draw() ^ key;
        bits.0 = mixed;
        Self(bits.draw())
    }

    #[inline]
    pub(crate) fn draw(&mut self) -> u64 {
        splitmix::next(&mut self.0)
    }

    /// A number in [0, 1).
    #[inline]
    fn uniform(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number below another.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.draw()) * bound as u128) >> 64) as usize
    }
}

/// A draw of the Poisson distribution.
fn poisson(mean: f64, bits: &mut Bits) -> u64 {
    if mean <= 0.0 {
        0
    } else if mean < MANY {
        by_inversion(mean, bits)
    } else {
        by_rejection(mean, bits)
    }
}

fn by_inversion(mean: f64, bits: &mut Bits) -> u64 {
    let mut left = bits.uniform();
    let mut probability = if mean == 1.0 { 0.367_879_441_171_442_33 } else { libm::exp(-mean) };
    let mut count = 0;
    // Beyond 200 there is nothing that 53 bits could tell apart.
    while left >= probability && count < 200 {
        left -= probability;
        count += 1;
        probability *= mean / count as f64;
    }
    count
}

/// PTRS of Hörmann 1993, "The transformed rejection method for generating Poisson random variables", Insurance: Mathematics and Economics 12.
fn by_rejection(mean: f64, bits: &mut Bits) -> u64 {
    let b = 0.931 + 2.53 * mean.sqrt();
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let v_r = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let u = bits.uniform() - 0.5;
        let v = bits.uniform();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
        if us >= 0.07 && v <= v_r {
            return k as u64;
        }
        if k < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        let accepted = libm::log(v * inverse_alpha / (a / (us * us) + b));
        if accepted <= k * libm::log(mean) - mean - libm::lgamma(k + 1.0) {
            return k as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_mean_and_variance_of_poisson() {
        for mean in [0.3, 1.0, 7.0, 25.0, 4_000.0] {
            let draws: Vec<f64> = (0..40_000).map(|key| poisson(mean, &mut Bits::new(7, 3, key)) as f64).collect();
            let average = draws.iter().sum::<f64>() / draws.len() as f64;
            let variance = draws.iter().map(|draw| (draw - average).powi(2)).sum::<f64>() / draws.len() as f64;
            let error = (mean / draws.len() as f64).sqrt();
            assert!((average - mean).abs() < 4.0 * error, "{average} for {mean}");
            assert!((variance / mean - 1.0).abs() < 0.05, "{variance} for {mean}");
        }
    }
}
