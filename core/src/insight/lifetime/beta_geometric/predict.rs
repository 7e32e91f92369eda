//! One customer of the family: likelihood, probability alive and what is to come.

use crate::insight::lifetime::purchases::Purchases;
use crate::insight::lifetime::special::{ln_rising, ln_survival};

use super::kernel::Alive;
use super::parts::softplus;

/// The parameters with one customer's purchases.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Customer {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
    /// 1 if a customer may drop out at the first purchase, else 0.
    pub(crate) first: u32,
}

impl Customer {
    pub(crate) fn log_likelihood(&self, row: &Purchases) -> f64 {
        let x = f64::from(row.frequency);
        ln_rising(self.r, row.frequency) - self.r * libm::log1p(row.age / self.alpha) - x * libm::log(self.alpha + row.age)
            + ln_survival(self.a, self.b, row.frequency.saturating_add(self.first))
            + self.ln_odds_of_dropout(row).map_or(0.0, |u| softplus(u).0)
    }

    pub(crate) fn probability_alive(&self, row: &Purchases) -> f64 {
        self.ln_odds_of_dropout(row).map_or(1.0, |u| softplus(-u).1)
    }

    /// ln of the odds that the customer dropped out at the last chance; none without a chance.
    pub(crate) fn ln_odds_of_dropout(&self, row: &Purchases) -> Option<f64> {
        let chances = row.frequency.saturating_add(self.first);
        if chances == 0 {
            return None;
        }
        let fading = (self.r + f64::from(row.frequency)) * libm::log1p((row.age - row.recency) / (self.alpha + row.recency));
        Some(fading + libm::log(self.a / (self.b + f64::from(chances - 1))))
    }

    /// What is known of a customer who is still alive.
    pub(crate) fn if_alive(&self, row: &Purchases) -> Alive {
        Alive {
            r: self.r + f64::from(row.frequency),
            alpha: self.alpha + row.age,
            a: self.a,
            b: self.b + f64::from(row.frequency) + f64::from(self.first),
        }
    }

    pub(crate) fn conditional_expected_transactions(&self, row: &Purchases, periods: f64) -> f64 {
        self.probability_alive(row) * self.if_alive(row).expected(periods)
    }

    /// Of a new customer, who survives the first purchase with probability b/(a + b) if they may drop out there.
    pub(crate) fn expected_transactions(&self, periods: f64) -> f64 {
        self.conditional_expected_transactions(&Purchases::default(), periods)
    }

    pub(crate) fn discounted_expected_residual_transactions(&self, row: &Purchases, rate: f64) -> f64 {
        self.probability_alive(row) * self.if_alive(row).discounted(rate)
    }
}
