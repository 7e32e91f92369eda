//! Simulated customers whose true parameters are known, under each model of `wayfare::lifetime`.

use wayfare::Result;
use wayfare::lifetime::{BgBbParams, BgNbdParams, GammaGammaParams, MbgNbdParams, NbdParams, ParetoNbdParams, Period, Summary};

use crate::random::Seed;

/// Random numbers of the distributions that the models are made of.
pub struct Dice(Seed);

impl Dice {
    /// The same seed throws the same numbers.
    pub fn new(seed: u64) -> Self {
        Self(Seed::new(seed))
    }

    /// In (0, 1), uniformly.
    pub fn uniform(&mut self) -> f64 {
        ((self.0.draw() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// With mean 1/rate.
    pub fn exponential(&mut self, rate: f64) -> f64 {
        -libm::log(self.uniform()) / rate
    }

    fn normal(&mut self) -> f64 {
        // Box and Muller 1958; one of the pair.
        libm::sqrt(2.0 * self.exponential(1.0)) * libm::cos(2.0 * std::f64::consts::PI * self.uniform())
    }

    /// By shape and rate (Marsaglia and Tsang 2000, "A simple method for generating gamma variables").
    pub fn gamma(&mut self, shape: f64, rate: f64) -> f64 {
        if shape < 1.0 {
            let boost = libm::pow(self.uniform(), 1.0 / shape);
            return self.gamma(shape + 1.0, rate) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let v = (1.0 + c * x) * (1.0 + c * x) * (1.0 + c * x);
            if v > 0.0 && libm::log(self.uniform()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v / rate;
            }
        }
    }

    /// By its two parameters.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let one = self.gamma(a, 1.0);
        one / (one + self.gamma(b, 1.0))
    }
}

/// How a customer behaves until they drop out.
pub trait Behaviour {
    /// Frequency and recency of a new customer who is observed for `age`.
    fn purchases(&self, age: f64, dice: &mut Dice) -> (u32, f64);
}

/// Purchases at a rate until `end`, each followed by dropping out with a probability.
fn buy(rate: f64, dropout: f64, end: f64, dice: &mut Dice) -> (u32, f64) {
    let (mut frequency, mut recency) = (0, 0.0);
    loop {
        let next = recency + dice.exponential(rate);
        if next > end {
            return (frequency, recency);
        }
        (frequency, recency) = (frequency + 1, next);
        if dice.uniform() < dropout {
            return (frequency, recency);
        }
    }
}

impl Behaviour for NbdParams {
    fn purchases(&self, age: f64, dice: &mut Dice) -> (u32, f64) {
        let rate = dice.gamma(self.r, self.alpha);
        buy(rate, 0.0, age, dice)
    }
}

impl Behaviour for BgNbdParams {
    fn purchases(&self, age: f64, dice: &mut Dice) -> (u32, f64) {
        let (rate, dropout) = (dice.gamma(self.r, self.alpha), dice.beta(self.a, self.b));
        buy(rate, dropout, age, dice)
    }
}

impl Behaviour for MbgNbdParams {
    fn purchases(&self, age: f64, dice: &mut Dice) -> (u32, f64) {
        let (rate, dropout) = (dice.gamma(self.r, self.alpha), dice.beta(self.a, self.b));
        if dice.uniform() < dropout { (0, 0.0) } else { buy(rate, dropout, age, dice) }
    }
}

impl Behaviour for ParetoNbdParams {
    fn purchases(&self, age: f64, dice: &mut Dice) -> (u32, f64) {
        let (rate, dropout) = (dice.gamma(self.r, self.alpha), dice.gamma(self.s, self.beta));
        let life = dice.exponential(dropout);
        buy(rate, 0.0, life.min(age), dice)
    }
}

impl Behaviour for BgBbParams {
    fn purchases(&self, age: f64, dice: &mut Dice) -> (u32, f64) {
        let (purchase, dropout) = (dice.beta(self.alpha, self.beta), dice.beta(self.gamma, self.delta));
        let (mut frequency, mut recency) = (0, 0.0);
        for opportunity in 1..=age as u32 {
            if dice.uniform() < dropout {
                break;
            }
            if dice.uniform() < purchase {
                (frequency, recency) = (frequency + 1, f64::from(opportunity));
            }
        }
        (frequency, recency)
    }
}

/// So many customers who all behave alike, acquired over time: ages are even between `youngest` and `oldest`.
pub fn customers(behaviour: &impl Behaviour, count: usize, youngest: f64, oldest: f64, seed: u64) -> Result<Summary> {
    each(count, youngest, oldest, seed, |_, age, dice| behaviour.purchases(age, dice))
}

/// So many customers, each of whom may behave differently.
pub fn each(
    count: usize,
    youngest: f64,
    oldest: f64,
    seed: u64,
    mut purchases: impl FnMut(usize, f64, &mut Dice) -> (u32, f64),
) -> Result<Summary> {
    let mut dice = Dice::new(seed);
    let (mut frequency, mut recency, mut age) = (Vec::new(), Vec::new(), Vec::new());
    for customer in 0..count {
        let observed = youngest + (oldest - youngest) * customer as f64 / count as f64;
        let (x, t_x) = purchases(customer, observed, &mut dice);
        frequency.push(x);
        recency.push(t_x);
        age.push(observed);
    }
    Summary::new(frequency, recency, age, Period::WEEK)
}

/// Customers who each make two to six repeat purchases and spend as Gamma-Gamma says.
pub fn spenders(params: &GammaGammaParams, count: usize, seed: u64) -> Result<Summary> {
    let mut dice = Dice::new(seed);
    let frequency: Vec<u32> = (0..count).map(|customer| 2 + (customer % 5) as u32).collect();
    let mean = |x: &u32| {
        let x = f64::from(*x);
        let scale = dice.gamma(params.q, params.gamma);
        dice.gamma(params.p * x, scale * x)
    };
    let values = frequency.iter().map(mean).collect();
    Summary::new(frequency, vec![20.0; count], vec![30.0; count], Period::WEEK)?.with_monetary_value(values)
}
