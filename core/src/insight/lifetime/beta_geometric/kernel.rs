//! Purchases to come of a customer who is alive: H(t) = E[(1 - (1 + p t/alpha)^-r)/p] over p ~ Beta(a, b), and the same discounted.
//!
//! H is the integral of its derivative r/alpha G(t/alpha), where G(s) = E[(1 + p s)^-(r + 1)] = 2F1(r + 1, a; a + b; -s) falls from 1 and never turns.
//! Two ways, both measured against 50-digit arithmetic:
//! - near: with eps = a - 1, c = a + b - 1, z = s/(1 + s), Euler's transformation of the published 2F1 (Fader, Hardie and Lee 2005, equation 10), with
//!   the 1 of its series taken out: `H = c [-expm1(eps ln(1 - z))/eps - (1 - z)^eps sum_{n >= 1} (eps + 1)_{n-1} (c - r)_n/((c)_n n!) z^n]`. It goes
//!   through a = 1, and through thousands of purchases.
//! - far: Taylor's series of G from point to point by its differential equation, each over a fraction of the way to the nearest singularity (0 or -1),
//!   integrated termwise. All that is summed is positive to within the alternation of a geometric series of ratio 1/2.

/// A customer who is alive: rates are Gamma(r, alpha), dropouts Beta(a, b), given what they bought.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alive {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
}

/// Beyond this z the series takes more than a hundred terms.
const NEAR: f64 = 0.8;
const MOST_TERMS: u32 = 400;
/// Relative to what is summed: a difference this small has lost too many digits.
const CANCELLED: f64 = 0.02;

impl Alive {
    /// Purchases to expect within `time`.
    pub(crate) fn expected(&self, time: f64) -> f64 {
        if time == 0.0 {
            return 0.0;
        }
        self.near(time).unwrap_or_else(|| self.far(time / self.alpha, 0.0))
    }

    /// All purchases to come, discounted continuously.
    pub(crate) fn discounted(&self, rate: f64) -> f64 {
        self.far(f64::INFINITY, rate * self.alpha)
    }

    fn near(&self, time: f64) -> Option<f64> {
        let z = time / (self.alpha + time);
        let eps = self.a - 1.0;
        let logarithm = libm::log1p(-z);
        if z > NEAR || eps * -logarithm > 5.0 {
            return None;
        }
        let c = eps + self.b;
        let d = c - self.r;
        let mut term = d / c * z;
        let mut sum = term;
        let mut most = term.abs();
        let mut n = 1.0;
        for _ in 0..MOST_TERMS {
            term *= (eps + n) * (d + n) / ((c + n) * (n + 1.0)) * z;
            sum += term;
            most = most.max(term.abs());
            n += 1.0;
            if term.abs() <= 1e-17 * sum.abs() {
                let power = libm::exp(eps * logarithm);
                let whole = if eps.abs() < 1e-300 { -logarithm } else { -libm::expm1(eps * logarithm) / eps };
                let found = whole - power * sum;
                let sound = found > CANCELLED * whole.abs().max(power * most) && c > 0.01;
                return sound.then_some(c * found);
            }
        }
        None
    }

    /// The integral of r e^(-discount s) G(s) from 0 to `end`, both in units of alpha.
    fn far(&self, end: f64, discount: f64) -> f64 {
        let (one, two, three) = (self.r + 1.0, self.a, self.a + self.b);
        let mut panel = Panel::first(one, two, three, end);
        let mut sum = 0.0;
        for _ in 0..4000 {
            let faded = libm::exp(-discount * panel.begin);
            sum += faded * panel.integral(discount);
            if panel.begin + panel.length >= end {
                break;
            }
            let next = panel.next(one, two, three, end);
            // What is left: G falls, so no more than G times the rest, or than its discounted tail.
            let rest = (end - next.begin).min(1.0 / discount) * next.value() * libm::exp(-discount * next.begin);
            if rest <= 1e-18 * sum {
                break;
            }
            panel = next;
        }
        self.r * sum
    }
}

const TERMS: usize = 56;

/// Taylor's series of G at a point, scaled by the length: entry n is G^(n) length^n / n!.
struct Panel {
    begin: f64,
    length: f64,
    terms: [f64; TERMS],
}

impl Panel {
    /// From 0: the hypergeometric series itself, so short that it alternates with falling terms.
    fn first(one: f64, two: f64, three: f64, end: f64) -> Self {
        let ratio = |n: f64| (one + n) * (two + n) / ((three + n) * (n + 1.0));
        let steepest = (0..TERMS).map(|n| ratio(n as f64)).fold(1.0, f64::max);
        let length = (0.5 / steepest).min(end);
        let mut terms = [0.0; TERMS];
        let mut term = 1.0;
        for (n, place) in terms.iter_mut().enumerate() {
            *place = term;
            term *= -ratio(n as f64) * length;
        }
        Self { begin: 0.0, length, terms }
    }

    fn value(&self) -> f64 {
        self.terms.first().copied().unwrap_or(0.0)
    }

    /// The panel that begins where this one ends: s(1 + s) G'' + [c + (a + b + 1) s] G' + a b G = 0 for G = 2F1(a, b; c; -s).
    fn next(&self, one: f64, two: f64, three: f64, end: f64) -> Self {
        let begin = self.begin + self.length;
        // Smallest terms first.
        let value: f64 = self.terms.iter().rev().sum();
        let slope = self.terms.iter().enumerate().rev().map(|(n, term)| n as f64 * term).sum::<f64>() / self.length;
        let mut length = (0.5 * begin).min(end - begin);
        if slope < 0.0 {
            length = length.min(-0.7 * value / slope);
        }
        let mut terms = [0.0; TERMS];
        let (mut current, mut after) = (value, slope * length);
        let singular = begin * (1.0 + begin);
        let (middle, start, growth) = (1.0 + 2.0 * begin, three + (one + two + 1.0) * begin, length / singular);
        for (n, place) in terms.iter_mut().enumerate() {
            let n = n as f64;
            *place = current;
            let then =
                -growth * ((n + 1.0) * (middle * n + start) * after + (n + one) * (n + two) * current * length) / ((n + 1.0) * (n + 2.0));
            (current, after) = (after, then);
        }
        Self { begin, length, terms }
    }

    /// The integral of e^(-discount s) G over the panel, s from its begin.
    fn integral(&self, discount: f64) -> f64 {
        let y = discount * self.length;
        let weight = libm::exp(-y);
        // The moments of e^(-y v) v^n over [0, 1], from the last down: each is (y next + e^-y)/(n + 1), and no digit is lost.
        let mut moment = weight / (TERMS as f64 + 1.0) * (1.0 + y / (TERMS as f64 + 2.0));
        let mut sum = 0.0;
        for (n, term) in self.terms.iter().enumerate().rev() {
            moment = (y * moment + weight) / (n as f64 + 1.0);
            sum += term * moment;
        }
        sum * self.length
    }
}
