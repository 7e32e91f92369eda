//! Customers who behave by known laws.

use super::super::state::{CONVERSION, Symbol};
use super::super::timeline::{Alphabet, Timeline};
use crate::splitmix::mixed;

pub(super) const HOUR: i64 = 3_600_000_000;
pub(super) const DAY: i64 = 24 * HOUR;

/// Numbers by chance, the same every time.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(mixed(seed))
    }

    /// From 0 up to 1.
    pub(super) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (mixed(self.0) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn exponential(&mut self, rate: f64) -> f64 {
        -libm::log1p(-self.unit()) / rate
    }

    pub(super) fn normal(&mut self) -> f64 {
        (-2.0 * libm::log1p(-self.unit())).sqrt() * libm::cos(2.0 * std::f64::consts::PI * self.unit())
    }

    /// One of several by weight.
    pub(super) fn one_of(&mut self, weights: &[f64]) -> usize {
        let mut rest = self.unit() * weights.iter().sum::<f64>();
        weights
            .iter()
            .position(|weight| {
                rest -= weight;
                rest < 0.0
            })
            .unwrap_or(weights.len() - 1)
    }
}

pub(super) const WORDS: [&str; 4] = ["ad", "email", "search", "shop"];

pub(super) fn alphabet() -> Alphabet {
    Alphabet { words: WORDS.iter().map(|word| Some((*word).to_owned())).collect(), stages: Vec::new() }
}

/// Customers, each by a law that writes (days, word) with conversions as none, in order, until the days end.
pub(super) fn people(customers: usize, days: f64, law: impl Fn(&mut Chance, &mut Vec<(f64, Option<u16>)>)) -> Timeline {
    let mut timeline = Timeline { observed_until: (days * DAY as f64) as i64, ..Timeline::default() };
    for customer in 0..customers {
        let mut touchpoints = Vec::new();
        law(&mut Chance::new(customer as u64), &mut touchpoints);
        for (at, word) in touchpoints.into_iter().filter(|(at, _)| *at < days) {
            timeline.events.push(timeline.symbols.len());
            timeline.ats.push((at * DAY as f64) as i64);
            timeline.symbols.push(Symbol::new(0, word.unwrap_or(CONVERSION)));
        }
        timeline.ends.push(timeline.symbols.len());
        timeline.keys.push(mixed(customer as u64 ^ 0xabcd));
    }
    timeline
}

/// In the class of the model: what comes next, and when, depends on the last touchpoint.
pub(super) fn chain_law(days: f64) -> impl Fn(&mut Chance, &mut Vec<(f64, Option<u16>)>) {
    // Per day, of the words and of a conversion.
    const RATES: [[f64; 5]; 4] =
        [[0.05, 0.03, 0.10, 0.02, 0.002], [0.04, 0.10, 0.05, 0.05, 0.01], [0.05, 0.05, 0.20, 0.30, 0.03], [0.02, 0.08, 0.10, 0.60, 0.12]];
    move |chance, out| {
        let mut at = 20.0 * chance.unit();
        let mut word = chance.one_of(&[4.0, 2.0, 3.0, 1.0]);
        while at < days {
            out.push((at, Some(word as u16)));
            at += chance.exponential(RATES[word].iter().sum());
            let next = chance.one_of(&RATES[word]);
            if next < 4 {
                word = next;
            } else {
                out.push((at, None));
                at += chance.exponential(0.3);
                word = 1;
            }
        }
    }
}

/// Outside of the class: every touchpoint makes more of them likely for a while (Hawkes 1971), by the minute and by the day, and customers differ in how
/// often they come and in how readily they buy, for good.
pub(super) fn excited_law(days: f64) -> impl Fn(&mut Chance, &mut Vec<(f64, Option<u16>)>) {
    move |chance, out| {
        let often = 0.03 * libm::exp(0.7 * chance.normal());
        let ready = libm::exp(-5.0 + 0.8 * chance.normal());
        let (mut quick, mut slow, mut now, mut cart) = (0.0, 0.0, 0.0, 0.0_f64);
        // Thinning (Ogata 1981).
        loop {
            let most = often + quick + slow;
            let wait = chance.exponential(most);
            now += wait;
            if now >= days {
                return;
            }
            quick *= libm::exp(-wait * 48.0);
            slow *= libm::exp(-wait * 0.2);
            cart *= libm::exp(-wait * 0.5);
            if chance.unit() * most > often + quick + slow {
                continue;
            }
            quick += 48.0 * 0.5;
            slow += 0.2 * 0.3;
            let word = chance.one_of(&[1.0, 1.0, 2.0, 1.0 + cart]);
            let buys = ready * [0.3, 1.0, 1.5, 3.0][word] * (1.0 + cart);
            cart += if word == 3 { 1.0 } else { 0.0 };
            out.push((now, Some(word as u16)));
            if chance.unit() < buys / (1.0 + buys) {
                out.push((now + 0.002, None));
                now += 0.002;
            }
        }
    }
}
