//! The probability of a conversion within the horizon, of every state and age: the chain run back from the horizon.

use rayon::prelude::*;

use super::age::{self, CLASSES, NODES};
use super::chain::Chain;
use super::kernel::Kernel;

/// What is still to change when a step is done.
const SETTLED: f64 = 1e-11;
const MOST_SWEEPS: usize = 100_000;

/// Of every row the probability at every node.
///
/// With G(s, r) the probability of a conversion within r just after a touchpoint led to s,
/// G(s, r) = P(converted first by r) + sum over touchpoints at u <= r of G(next, r - u), by steps of r, G between them on the
/// parabola through three of them (as in the backward differentiation formula of second order, which stays stable when much happens within a step). What
/// comes within the first step is on both sides of the equation, so that it is solved by sweeps.
pub(super) fn probabilities(chain: &Chain, horizon: i64, steps: usize) -> Vec<Vec<f64>> {
    let step = horizon as f64 / steps as f64;
    let kernels: Vec<Kernel> = chain.rows.par_iter().map(|row| Kernel::new(row, 0, steps, step)).collect();
    let mut after: Vec<Vec<[f64; CLASSES]>> = vec![Vec::with_capacity(steps + 1); chain.rows.len()];
    let mut now: Vec<f64> = vec![0.0; chain.rows.len()];
    let mut before = now.clone();
    for at in 0..=steps {
        let known: Vec<f64> = kernels.par_iter().zip(&after).map(|(kernel, after)| earlier(kernel, after, at)).collect();
        let guess: Vec<f64> = now.iter().zip(&before).map(|(now, before)| (2.0 * now - before).clamp(0.0, 1.0)).collect();
        before = std::mem::replace(&mut now, guess);
        let next = settle(chain, &kernels, &known, at, &mut now);
        after.iter_mut().zip(next).for_each(|(after, next)| after.push(next));
    }
    let of = |((row, after), fresh): ((&super::chain::Row, &Vec<[f64; CLASSES]>), &f64)| {
        let aged = |node: usize| {
            let kernel = Kernel::new(row, age::start(node), steps, step);
            let all = earlier(&kernel, after, steps) + at_start(&kernel, steps, after.get(steps).copied().unwrap_or_default());
            all.clamp(0.0, 1.0)
        };
        std::iter::once(fresh.clamp(0.0, 1.0)).chain((1..NODES).map(aged)).collect()
    };
    chain.rows.par_iter().zip(&after).zip(&now).map(of).collect()
}

/// The part of a row's equation after `at` steps that is known from the steps before.
fn earlier(kernel: &Kernel, after: &[[f64; CLASSES]], at: usize) -> f64 {
    let mut sum = kernel.converted.get(at).copied().unwrap_or_default();
    for (class, steps) in kernel.touched.iter().enumerate() {
        let value = |at: usize| after.get(at).and_then(|after| after.get(class)).copied().unwrap_or_default();
        for step in steps.iter().take_while(|step| step.at < at) {
            let left = at - step.at;
            let [start, end, beyond] = step.weights(left == 1);
            sum += end * value(left - 1);
            if left > 1 {
                sum += beyond * value(left - 2);
            }
            if step.at > 0 {
                sum += start * value(left);
            }
        }
    }
    sum
}

/// The rest of it: touchpoints at once, and those nearest to the start.
fn at_start(kernel: &Kernel, at: usize, next: [f64; CLASSES]) -> f64 {
    let mut sum = kernel.at_once * next.first().copied().unwrap_or_default();
    if at > 0 {
        for (steps, next) in kernel.touched.iter().zip(next) {
            let [start, ..] = steps.first().filter(|step| step.at == 0).map_or([0.0; 3], |step| step.weights(at == 1));
            sum += start * next;
        }
    }
    sum
}

/// Sweeps over the rows until nothing changes; gives what is to expect after the next touchpoint of each.
fn settle(chain: &Chain, kernels: &[Kernel], known: &[f64], at: usize, now: &mut [f64]) -> Vec<[f64; CLASSES]> {
    let mut next = vec![[0.0; CLASSES]; chain.rows.len()];
    for _ in 0..MOST_SWEEPS {
        let mut change: f64 = 0.0;
        for (number, ((row, kernel), known)) in chain.rows.iter().zip(kernels).zip(known).enumerate() {
            let shorter = next.get(row.parent).copied().unwrap_or_default();
            let mut expected = [0.0; CLASSES];
            for (((expected, shorter), inherited), next) in expected.iter_mut().zip(shorter).zip(row.inherited).zip(&row.next) {
                let own: f64 = next.iter().map(|(to, share)| share * now.get(*to).copied().unwrap_or_default()).sum();
                *expected = own + inherited * shorter;
            }
            let value = known + at_start(kernel, at, expected);
            if let Some(place) = now.get_mut(number) {
                change = change.max((*place - value).abs());
                *place = value;
            }
            next.get_mut(number).into_iter().for_each(|place| *place = expected);
        }
        if change < SETTLED {
            break;
        }
    }
    next
}
