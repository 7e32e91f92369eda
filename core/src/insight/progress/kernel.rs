//! When a stay in a state ends, over a grid of steps.

use super::age::{self, BINS, CLASSES};
use super::chain::Row;

/// When a stay of an age ends within the horizon, by step. Within a step hazards may change; their masses are exact.
#[derive(Debug, Clone, Default)]
pub(super) struct Kernel {
    /// That a touchpoint comes at once.
    pub(super) at_once: f64,
    /// That a conversion has come as the next thing by the end of so many steps.
    pub(super) converted: Vec<f64>,
    /// By class of age: touchpoints by step.
    pub(super) touched: [Vec<Step>; CLASSES],
}

/// Touchpoints of a step: how likely, and where in it, by the first two moments of the time since its start in steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub(super) at: usize,
    mass: f64,
    first: f64,
    second: f64,
}

impl Step {
    /// The weights of a function at the start of the step, at its end and at the end of the next: of the parabola through them, which is that of the
    /// function's values between. In the last step before the horizon there is no next one, and of the line through the other two.
    #[inline]
    pub(super) fn weights(&self, last: bool) -> [f64; 3] {
        match last {
            true => [self.mass - self.first, self.first, 0.0],
            false => [(self.second - 3.0 * self.first) / 2.0 + self.mass, 2.0 * self.first - self.second, (self.second - self.first) / 2.0],
        }
    }
}

impl Kernel {
    /// From `age` microseconds on; 0 is just after a touchpoint. Every step takes `step` microseconds.
    pub(super) fn new(row: &Row, age: u64, steps: usize, step: f64) -> Self {
        let hazards = |bin: usize| {
            let of = |hazards: &[f64]| hazards.get(bin).copied().unwrap_or_default();
            (of(&row.touch), of(&row.convert))
        };
        let mut kernel = Self::default();
        let (mut left, mut converted) = (1.0, 0.0);
        if age == 0 {
            let (touch, convert) = hazards(0);
            (kernel.at_once, converted, left) = (touch, convert, (1.0 - touch - convert).max(0.0));
        }
        kernel.converted.push(converted);
        let mut bin = (0..BINS).rev().find(|bin| age::bin_start(*bin) <= age).unwrap_or(0);
        let mut from = 0.0;
        for at in 0..steps {
            let end = (at + 1) as f64 * step;
            while from < end {
                let bin_end = if bin + 1 < BINS { (age::bin_start(bin + 1) - age) as f64 } else { f64::INFINITY };
                let to = end.min(bin_end);
                // What happens in the first bin has happened at once.
                let (touch, convert) = if bin == 0 { (0.0, 0.0) } else { hazards(bin) };
                let length = to - from;
                let x = (touch + convert) * length;
                let [zeroth, first, second] = moments(x);
                converted += left * convert * length * zeroth;
                let touched = left * touch * length;
                if touched > 0.0 {
                    let (start, wide) = (from / step - at as f64, length / step);
                    kernel.push(
                        age::class(bin),
                        Step {
                            at,
                            mass: touched * zeroth,
                            first: touched * (start * zeroth + wide * first),
                            second: touched * (start * start * zeroth + 2.0 * start * wide * first + wide * wide * second),
                        },
                    );
                }
                left *= libm::exp(-x);
                from = to;
                if to == bin_end {
                    bin += 1;
                }
            }
            kernel.converted.push(converted);
        }
        kernel
    }

    fn push(&mut self, class: usize, step: Step) {
        let Some(steps) = self.touched.get_mut(class) else { return };
        match steps.last_mut().filter(|last| last.at == step.at) {
            Some(last) => {
                (last.mass, last.first, last.second) = (last.mass + step.mass, last.first + step.first, last.second + step.second);
            }
            None => steps.push(step),
        }
    }
}

/// The integrals of e^(-xv), v e^(-xv) and v² e^(-xv) over v from 0 to 1.
fn moments(x: f64) -> [f64; 3] {
    // Below, the closed form loses digits and eight terms have all of them.
    if x < 0.02 {
        return [1.0, 2.0, 3.0].map(|least| {
            let mut term = 1.0;
            (0..8).map(f64::from).fold(0.0, |sum, n| {
                let sum = sum + term / (n + least);
                term *= -x / (n + 1.0);
                sum
            })
        });
    }
    let end = libm::exp(-x);
    let zeroth = -libm::expm1(-x) / x;
    let first = (zeroth - end) / x;
    [zeroth, first, (2.0 * first - end) / x]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_join_where_the_series_ends() {
        let (low, high) = (moments(0.019_999_999_999), moments(0.02));
        assert!(low.iter().zip(high).all(|(low, high)| (low - high).abs() < 1e-11), "{low:?} {high:?}");
        assert_eq!(moments(0.0), [1.0, 0.5, 1.0 / 3.0]);
    }
}
