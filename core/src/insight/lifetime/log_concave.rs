//! Integrals of positive functions whose logarithm is concave: one mode, tails that fall at least exponentially.
//!
//! The range is cut where the integrand is below e^-44 of its mode, split at the mode into panels, and each panel takes a
//! Gauss-Legendre rule. Nothing is subtracted, so nothing cancels; the work is bounded for every parameter.

use std::sync::LazyLock;

use libm::{ceil, cos, log};

/// ln of a positive integrand on `[0, upper]`, concave in its argument.
pub(crate) trait LogConcave {
    fn log_height(&self, y: f64) -> f64;
    fn slope(&self, y: f64) -> f64;
}

/// Below this many units under the mode an integrand adds less than 2^-60 of the integral.
const DEPTH: f64 = 44.0;
/// Longest panel. The integrands here are analytic within pi of the real line, which lets 24 points reach 1e-16 on this length.
const LONGEST: f64 = 2.5;
/// Largest fall of the logarithm over one panel, were it even.
const STEEPEST: f64 = 24.0;
/// Panels on either side of the mode: a range of e^80 between the smallest and the largest argument.
const MOST_PANELS: f64 = 32.0;

/// Where to evaluate an integrand: panels and the rule that each of them takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Panels {
    sides: [Side; 2],
    /// ln of the integrand at its mode, by which its heights should be scaled.
    pub(crate) log_peak: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Side {
    from: f64,
    width: f64,
    count: u32,
    rule: usize,
}

impl Panels {
    pub(crate) fn new(shape: &impl LogConcave, upper: f64) -> Self {
        let mode = mode(shape, upper);
        let log_peak = shape.log_height(mode);
        let floor = log_peak - DEPTH;
        let low = edge(shape, floor, mode, 0.0);
        let high = edge(shape, floor, mode, upper);
        let drop = |at: f64| (log_peak - shape.log_height(at)).min(2.0 * DEPTH);
        let sides = [Side::new(low, mode, drop(low)), Side::new(mode, high, drop(high))];
        Self { sides, log_peak }
    }

    /// Each node with its weight.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.sides.iter().flat_map(|side| {
            let rule = RULES.get(side.rule).map_or(&[][..], Vec::as_slice);
            (0..side.count).flat_map(move |panel| {
                let (half, from) = (0.5 * side.width, side.from + f64::from(panel) * side.width);
                rule.iter().map(move |(node, weight)| (from + half * (1.0 + node), half * weight))
            })
        })
    }

    /// ln of the integral.
    pub(crate) fn log_integral(&self, shape: &impl LogConcave) -> f64 {
        let sum: f64 = self.nodes().map(|(y, weight)| weight * libm::exp(shape.log_height(y) - self.log_peak)).sum();
        self.log_peak + log(sum)
    }
}

impl Side {
    fn new(from: f64, to: f64, drop: f64) -> Self {
        let length = to - from;
        if length.is_nan() || length <= 0.0 {
            return Self::default();
        }
        let count = ceil((length / LONGEST).max(drop / STEEPEST)).clamp(1.0, MOST_PANELS);
        // The rules were chosen so that each is at 1e-15 on its range; see the tests.
        let rule = match (count, drop) {
            (1.0, drop) if drop < 1.5 && length < 0.35 => 0,
            (1.0, drop) if drop < 5.0 && length < 1.2 => 1,
            (1.0, drop) if drop < 14.0 && length < 1.8 => 2,
            _ => 3,
        };
        Self { from, width: length / count, count: count as u32, rule }
    }
}

/// Roughly where the slope turns; it only decides where the range is split.
fn mode(shape: &impl LogConcave, upper: f64) -> f64 {
    if shape.slope(0.0) <= 0.0 {
        return 0.0;
    }
    if shape.slope(upper) >= 0.0 {
        return upper;
    }
    let (mut low, mut high) = (0.0, upper);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        let slope = shape.slope(middle);
        if slope > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
        if slope.abs() * (high - low) < 0.05 {
            break;
        }
    }
    0.5 * (low + high)
}

/// The point between `inside` (above the floor) and `outside` where the integrand has sunk to the floor, or a little under it.
fn edge(shape: &impl LogConcave, floor: f64, inside: f64, outside: f64) -> f64 {
    if shape.log_height(outside) >= floor - 4.0 || inside == outside {
        return outside;
    }
    let (mut above, mut below) = (inside, outside);
    for _ in 0..200 {
        let middle = 0.5 * (above + below);
        let height = shape.log_height(middle);
        if height >= floor {
            above = middle;
        } else {
            below = middle;
            if height > floor - 8.0 {
                break;
            }
        }
    }
    below
}

static RULES: LazyLock<[Vec<(f64, f64)>; 4]> = LazyLock::new(|| [8, 12, 16, 24].map(gauss_legendre));

/// Nodes and weights on [-1, 1] by Newton's method on the Legendre polynomial (Press et al., Numerical Recipes, section 4.6).
fn gauss_legendre(points: u32) -> Vec<(f64, f64)> {
    let n = f64::from(points);
    (1..=points)
        .map(|at| {
            let mut node = cos(std::f64::consts::PI * (f64::from(at) - 0.25) / (n + 0.5));
            let mut derivative = 0.0;
            for _ in 0..8 {
                let (mut this, mut before) = (1.0, 0.0);
                for degree in 1..=points {
                    let k = f64::from(degree);
                    (this, before) = (((2.0 * k - 1.0) * node * this - (k - 1.0) * before) / k, this);
                }
                derivative = n * (node * this - before) / (node * node - 1.0);
                node -= this / derivative;
            }
            (node, 2.0 / ((1.0 - node * node) * derivative * derivative))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fall {
        rate: f64,
        bend: f64,
    }

    impl LogConcave for Fall {
        fn log_height(&self, y: f64) -> f64 {
            -self.rate * y - self.bend * libm::expm1(y)
        }
        fn slope(&self, y: f64) -> f64 {
            -self.rate - self.bend * libm::exp(y)
        }
    }

    #[test]
    fn a_rule_integrates_polynomials_of_twice_its_size() {
        for points in [8, 12, 16, 24] {
            let sum: f64 = gauss_legendre(points).iter().map(|(x, w)| w * x.powi(2 * points as i32 - 2)).sum();
            assert!((sum - 2.0 / (2.0 * f64::from(points) - 1.0)).abs() < 1e-15, "{points}: {sum}");
        }
    }

    #[test]
    fn exponentials_of_every_rate_and_length() {
        for rate in [1e-8, 0.1, 1.0, 7.0, 30.0, 100.0, 5e3, 1e7] {
            for upper in [1e-9, 0.01, 0.3, 0.34, 1.0, 1.19, 1.7, 2.4, 3.0, 11.0, 50.0] {
                let shape = Fall { rate, bend: 0.0 };
                let found = Panels::new(&shape, upper).log_integral(&shape);
                let truth = log(-libm::expm1(-rate * upper) / rate);
                assert!((found - truth).abs() < 2e-14, "{rate} {upper}: {found} {truth}");
            }
        }
    }

    // Integral of exp(-bend (e^y - 1)) over y in [0, inf) is e^bend E1(bend); E1 from Abramowitz and Stegun, table 5.1, and
    // mpmath 1.3 expint(1, .) to 20 digits.
    #[test]
    fn what_falls_doubly_exponentially() {
        for (bend, truth) in [
            (1e-6, 13.238_309_131_365_003_f64),
            (0.01, 4.078_511_443_456_426),
            (1.0, 0.596_347_362_323_194_1),
            (50.0, 0.019_615_109_930_114_873),
        ] {
            let shape = Fall { rate: 0.0, bend };
            let found = libm::exp(Panels::new(&shape, 60.0).log_integral(&shape));
            assert!((found / truth - 1.0).abs() < 1e-13, "{bend}: {found} {truth}");
        }
    }
}
