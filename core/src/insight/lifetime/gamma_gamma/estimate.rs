//! From monetary values to the maximum.

use rayon::prelude::*;

use crate::error::{BadRow, Error, ErrorKind, Result};
use crate::fit_status::{Drift, Edge, Limit};
use crate::insight::lifetime::fit::linear::Matrix;
use crate::insight::lifetime::fit::newton::{Evaluation, Objective, Stop, maximize};
use crate::insight::lifetime::fit::{Candidate, fit};
use crate::insight::lifetime::fitted::Fitted;
use crate::insight::lifetime::prior::Belief;
use crate::insight::lifetime::special::{digamma, digamma_difference, ln_beta, trigamma};
use crate::insight::lifetime::summary::Summary;

use super::{GammaGamma, GammaGammaParams, SpendPrior};

/// Below, all starts are tried: small data can have several maxima.
const FEW: usize = 1000;
const CHUNK: usize = 8192;

pub(super) fn fit_spend(model: &str, summary: &Summary, prior: &SpendPrior) -> Result<Fitted<GammaGamma>> {
    if let Some(problem) = prior.problem() {
        return Err(Error::new(ErrorKind::InvalidArgument, problem));
    }
    let data = Spending::new(model, summary)?;
    let objective = Likelihood { data: &data, prior: *prior };
    let starts: Vec<Vec<f64>> = [(6.0, 4.0), (1.0, 2.0), (2.0, 10.0), (30.0, 3.0), (0.5, 1.5), (100.0, 100.0)]
        .into_iter()
        .map(|(p, q): (f64, f64)| [p, q, data.mean * (q - 1.0) / p].map(libm::log).to_vec())
        .collect();
    let names = ["p", "q", "gamma"].map(str::to_owned);
    let few = data.rows.len() < FEW;
    let found = fit(model, &names, &objective, &starts, few, || if prior.is_none() { limits(&data) } else { Vec::new() })?;
    let at = prior.evaluate(&found.at).value;
    Ok(Fitted::from_fit(&GammaGammaParams { p: 1.0, q: 1.0, gamma: 1.0 }, found, at, summary))
}

/// The customers with a repeat purchase.
struct Spending {
    rows: Vec<Row>,
    /// The distinct frequencies with the weight of each.
    frequencies: Vec<(f64, f64)>,
    customers: f64,
    /// Of ln z.
    logarithms: f64,
    /// Of the monetary values, by purchases.
    mean: f64,
}

#[derive(Clone, Copy)]
struct Row {
    frequency: f64,
    spent: f64,
    logarithm: f64,
    weight: f64,
}

impl Spending {
    fn new(model: &str, summary: &Summary) -> Result<Self> {
        let Some(values) = summary.monetary_value() else {
            return Err(Error::table(format!("{model} needs the column `monetary_value`, and the summary has none")));
        };
        let buys = |row: &usize| summary.frequency().get(*row).is_some_and(|frequency| *frequency > 0) && summary.weight(*row) > 0.0;
        let bad: Vec<BadRow> = values
            .iter()
            .enumerate()
            .filter(|(row, value)| **value <= 0.0 && buys(row))
            .take(100)
            .map(|(row, _)| BadRow {
                table: "summary",
                row: row as u64,
                column: "monetary_value".to_owned(),
                reason: "must be above 0 where `frequency` is: a gamma distribution has no other values".to_owned(),
            })
            .collect();
        if !bad.is_empty() {
            return Err(Error::bad_rows(bad));
        }
        let rows: Vec<Row> = summary
            .iter()
            .enumerate()
            .filter(|(row, _)| buys(row))
            .map(|(row, purchases)| {
                let (frequency, value) = (f64::from(purchases.frequency), purchases.monetary_value);
                Row { frequency, spent: frequency * value, logarithm: libm::log(frequency * value), weight: summary.weight(row) }
            })
            .collect();
        let short = |why: &str| Error::too_little_data(model, why);
        let mut different = values.iter().enumerate().filter(|(row, _)| buys(row)).map(|(_, value)| *value);
        match different.next() {
            None => return Err(short("nobody bought a second time")),
            Some(first) if different.all(|value| value == first) => {
                return Err(short("all monetary values are equal, so there is no spread to estimate"));
            }
            Some(_) => {}
        }
        let mut frequencies: Vec<(f64, f64)> = rows.iter().map(|row| (row.frequency, row.weight)).collect();
        frequencies.sort_by(|one, other| one.0.total_cmp(&other.0));
        frequencies.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let sum = |of: fn(&Row) -> f64| rows.iter().map(|row| row.weight * of(row)).sum::<f64>();
        let mean = sum(|row| row.spent) / sum(|row| row.frequency);
        let (customers, logarithms) = (sum(|_| 1.0), sum(|row| row.logarithm - libm::log(row.frequency)));
        Ok(Self { rows, frequencies, customers, logarithms, mean })
    }
}

struct Likelihood<'a> {
    data: &'a Spending,
    prior: SpendPrior,
}

/// By ln p, ln q, ln gamma.
impl Objective for Likelihood<'_> {
    fn evaluate(&self, at: &[f64]) -> Evaluation {
        let [p, q, gamma] = exponentials(at);
        let mut sum = Derivatives::default();
        // What depends on the frequency alone.
        for (x, weight) in &self.data.frequencies {
            let shape = p * x;
            let psi_slope = trigamma(shape + q);
            sum.value -= weight * ln_beta(shape, q);
            sum.by_p += weight * x * digamma_difference(shape, q);
            sum.by_q += weight * digamma_difference(q, shape);
            sum.pp += weight * x * x * (psi_slope - trigamma(shape));
            sum.pq += weight * x * psi_slope;
            sum.qq += weight * psi_slope;
        }
        let customers = self.data.customers;
        sum.value -= self.data.logarithms;
        sum.qq -= customers * trigamma(q);
        sum.add(&self.spending(p, q, gamma));
        let prior = self.prior.evaluate(at);
        sum.into_evaluation([p, q, gamma], prior)
    }
}

impl Likelihood<'_> {
    /// The sum of -q ln(1 + S/gamma) - px ln(1 + gamma/S).
    fn spending(&self, p: f64, q: f64, gamma: f64) -> Derivatives {
        let scale = libm::log(gamma);
        let one = |rows: &[Row]| {
            let mut sum = Derivatives::default();
            for row in rows {
                let (shape, all) = (p * row.frequency, gamma + row.spent);
                let inverse = 1.0 / all;
                // ln(1 + S/gamma) and ln(1 + gamma/S), the less of them to all its digits: what it is multiplied by may run off.
                let apart = row.logarithm - scale;
                let (over, under) = if apart < 0.0 {
                    let over = libm::log1p(row.spent / gamma);
                    (row.weight * over, row.weight * (over - apart))
                } else {
                    let under = libm::log1p(gamma / row.spent);
                    (row.weight * (under + apart), row.weight * under)
                };
                let share = row.weight * row.spent * inverse / gamma;
                sum.value -= q * over + shape * under;
                sum.by_p -= row.frequency * under;
                sum.by_q -= over;
                sum.by_gamma += q * share - shape * row.weight * inverse;
                sum.p_gamma -= row.weight * row.frequency * inverse;
                sum.q_gamma += share;
                sum.gamma_gamma += shape * row.weight * inverse * inverse - q * share * (1.0 / gamma + inverse);
            }
            sum
        };
        let parts: Vec<Derivatives> = self.data.rows.par_chunks(CHUNK).map(one).collect();
        let mut total = Derivatives::default();
        parts.iter().for_each(|part| total.add(part));
        total
    }
}

fn exponentials<const N: usize>(at: &[f64]) -> [f64; N] {
    let mut made = [f64::NAN; N];
    made.iter_mut().zip(at).for_each(|(place, at)| *place = libm::exp(*at));
    made
}

/// By p, q, gamma themselves.
#[derive(Debug, Clone, Copy, Default)]
struct Derivatives {
    value: f64,
    by_p: f64,
    by_q: f64,
    by_gamma: f64,
    pp: f64,
    pq: f64,
    qq: f64,
    p_gamma: f64,
    q_gamma: f64,
    gamma_gamma: f64,
}

impl Derivatives {
    fn add(&mut self, other: &Self) {
        self.value += other.value;
        self.by_p += other.by_p;
        self.by_q += other.by_q;
        self.by_gamma += other.by_gamma;
        self.pp += other.pp;
        self.pq += other.pq;
        self.qq += other.qq;
        self.p_gamma += other.p_gamma;
        self.q_gamma += other.q_gamma;
        self.gamma_gamma += other.gamma_gamma;
    }

    fn into_evaluation(self, [p, q, gamma]: [f64; 3], prior: Evaluation) -> Evaluation {
        let gradient = [p * self.by_p, q * self.by_q, gamma * self.by_gamma];
        let mut hessian = prior.hessian;
        let mut entry = |row: usize, column: usize, value: f64| {
            hessian.add(row, column, value);
            if row != column {
                hessian.add(column, row, value);
            }
        };
        entry(0, 0, p * p * self.pp + gradient[0]);
        entry(1, 1, q * q * self.qq + gradient[1]);
        entry(2, 2, gamma * gamma * self.gamma_gamma + gradient[2]);
        entry(0, 1, p * q * self.pq);
        entry(0, 2, p * gamma * self.p_gamma);
        entry(1, 2, q * gamma * self.q_gamma);
        let gradient = gradient.iter().zip(&prior.gradient).map(|(one, other)| one + other).collect();
        Evaluation { value: self.value + prior.value, gradient, hessian }
    }
}

impl SpendPrior {
    fn beliefs(&self) -> [(Option<Belief>, [f64; 3]); 3] {
        // p gamma / q, p and q by the logarithms of p, q, gamma.
        [(self.mean, [1.0, -1.0, 1.0]), (self.within, [1.0, 0.0, 0.0]), (self.between, [0.0, 1.0, 0.0])]
    }

    fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn problem(&self) -> Option<&'static str> {
        let unsound = self.beliefs().into_iter().any(|(belief, _)| belief.is_some_and(|belief| !belief.is_sound()));
        unsound.then_some("a prior's median and spread must be finite and above 0")
    }

    fn evaluate(&self, at: &[f64]) -> Evaluation {
        let mut sum = Evaluation { value: 0.0, gradient: vec![0.0; 3], hessian: Matrix::zeros(3) };
        for (belief, along) in self.beliefs() {
            let Some(belief) = belief else { continue };
            let distance = along.iter().zip(at).map(|(along, at)| along * at).sum::<f64>() - libm::log(belief.median);
            let (value, slope, bend) = belief.normal(distance);
            sum.value += value;
            sum.gradient.iter_mut().zip(along).for_each(|(entry, along)| *entry += slope * along);
            for (row, one) in along.iter().enumerate() {
                for (column, other) in along.iter().enumerate() {
                    sum.hessian.add(row, column, bend * one * other);
                }
            }
        }
        sum
    }
}

/// Customers who do not differ: z ~ Gamma(px, x ν) (q, gamma -> infinity), by ln p, ln ν.
struct OneCustomer<'a>(&'a Spending);

impl Objective for OneCustomer<'_> {
    fn evaluate(&self, at: &[f64]) -> Evaluation {
        let [p, rate] = exponentials(at);
        let ln_rate = libm::log(rate);
        let (mut value, mut by_p, mut pp, mut purchases, mut spent) = (-self.0.logarithms, 0.0, 0.0, 0.0, 0.0);
        for (x, weight) in &self.0.frequencies {
            value -= weight * libm::lgamma(p * x);
            by_p -= weight * x * digamma(p * x);
            pp -= weight * x * x * trigamma(p * x);
        }
        for row in &self.0.rows {
            purchases += row.weight * row.frequency;
            spent += row.weight * row.spent;
            by_p += row.weight * row.frequency * (ln_rate + row.logarithm);
            value += row.weight * (p * row.frequency * (ln_rate + row.logarithm) - rate * row.spent);
        }
        let gradient = vec![p * by_p, p * purchases - rate * spent];
        let hessian = Matrix::from_fn(2, |row, column| match (row, column) {
            (0, 0) => p * p * pp + p * by_p,
            (1, 1) => -rate * spent,
            _ => p * purchases,
        });
        Evaluation { value, gradient, hessian }
    }
}

/// Purchases of a customer that do not differ: z ~ inverse gamma (q, scale) (p -> infinity, gamma -> 0 with scale = p gamma), by ln q, ln scale.
struct OneValue<'a>(&'a Spending);

impl Objective for OneValue<'_> {
    fn evaluate(&self, at: &[f64]) -> Evaluation {
        let [q, scale] = exponentials(at);
        let n = self.0.customers;
        let inverses: f64 = self.0.rows.iter().map(|row| row.weight * row.frequency / row.spent).sum();
        let ln_scale = libm::log(scale);
        let value = n * (q * ln_scale - libm::lgamma(q)) - (q + 1.0) * self.0.logarithms - scale * inverses;
        let by_q = n * (ln_scale - digamma(q)) - self.0.logarithms;
        let hessian = Matrix::from_fn(2, |row, column| match (row, column) {
            (0, 0) => -q * q * n * trigamma(q) + q * by_q,
            (1, 1) => -scale * inverses,
            _ => n * q,
        });
        Evaluation { value, gradient: vec![q * by_q, n * q - scale * inverses], hessian }
    }
}

fn limits(data: &Spending) -> Vec<Candidate> {
    let drift = |name: &str, towards| Drift { name: name.to_owned(), towards };
    let one = [0.5, 5.0, 50.0].map(|p: f64| vec![libm::log(p), libm::log(p / data.mean)]);
    let other = [1.5, 5.0, 50.0].map(|q: f64| vec![libm::log(q), libm::log(q * data.mean)]);
    let alike = interior(&OneCustomer(data), &one).map(|(at, value)| Candidate {
        drift: vec![drift("q", Edge::Infinity), drift("gamma", Edge::Infinity)],
        limit: limit("gamma_gamma/one_customer", "customers do not differ in what they spend", ["p", "nu"], &at, value),
        value,
    });
    let constant = interior(&OneValue(data), &other).map(|(at, value)| Candidate {
        drift: vec![drift("p", Edge::Infinity), drift("gamma", Edge::Zero)],
        limit: limit("gamma_gamma/one_value", "each customer always spends the same", ["q", "scale"], &at, value),
        value,
    });
    alike.into_iter().chain(constant).collect()
}

fn limit(model: &str, says: &str, names: [&str; 2], at: &[f64], log_likelihood: f64) -> Limit {
    let params = names.iter().zip(at).map(|(name, at)| ((*name).to_owned(), libm::exp(*at))).collect();
    Limit { model: model.to_owned(), says: says.to_owned(), params, log_likelihood }
}

fn interior(objective: &impl Objective, starts: &[Vec<f64>]) -> Option<(Vec<f64>, f64)> {
    let found = starts.iter().filter_map(|start| maximize(objective, start)).find(|found| found.stop == Stop::Converged)?;
    Some((found.at, found.evaluation.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::lifetime::Period;

    #[test]
    fn derivatives_are_those_of_differences() {
        const STEP: f64 = 1e-4;
        let summary = Summary::new(vec![1, 2, 2, 40, 0], vec![3.0, 4.0, 5.0, 6.0, 0.0], vec![9.0; 5], Period::WEEK)
            .and_then(|summary| summary.with_monetary_value(vec![0.5, 12.0, 30.0, 1000.0, 0.0]))
            .and_then(|summary| summary.with_weights(vec![1.0, 2.0, 0.5, 1.0, 3.0]))
            .unwrap();
        let data = Spending::new("gamma_gamma", &summary).unwrap();
        let belief = |median, spread| Some(Belief { median, spread });
        let prior = SpendPrior { mean: belief(20.0, 0.5), within: belief(3.0, 1.0), between: belief(4.0, 2.0) };
        let full = Likelihood { data: &data, prior };
        let agree = |objective: &dyn Objective, centre: &[f64]| {
            let here = objective.evaluate(centre);
            for entry in 0..centre.len() {
                let moved = |by: f64| {
                    let mut point = centre.to_vec();
                    point[entry] += by;
                    objective.evaluate(&point)
                };
                let (one, two) = ((moved(STEP), moved(-STEP)), (moved(2.0 * STEP), moved(-2.0 * STEP)));
                let differ = |value: &dyn Fn(&Evaluation) -> f64| {
                    (8.0 * (value(&one.0) - value(&one.1)) - (value(&two.0) - value(&two.1))) / (12.0 * STEP)
                };
                let scale = 1.0 + here.value.abs();
                assert!((differ(&|found| found.value) - here.gradient[entry]).abs() < 1e-10 * scale, "{centre:?} {entry}");
                for other in 0..centre.len() {
                    let bend = differ(&|found| found.gradient[other]);
                    assert!((bend - here.hessian.get(entry, other)).abs() < 1e-9 * scale, "{centre:?} {entry} {other}");
                }
            }
        };
        for point in [[6.25, 3.74, 15.44], [0.1, 0.5, 1e-2], [90.0, 400.0, 3.0]] {
            agree(&full, &point.map(libm::log));
        }
        agree(&OneCustomer(&data), &[0.3, -3.0]);
        agree(&OneValue(&data), &[0.3, 2.0]);
    }

    #[test]
    fn the_fit_and_the_prediction_see_one_likelihood() {
        let summary = Summary::new(vec![1, 2, 40], vec![3.0, 4.0, 6.0], vec![9.0; 3], Period::WEEK)
            .and_then(|summary| summary.with_monetary_value(vec![0.5, 12.0, 1000.0]))
            .unwrap();
        let data = Spending::new("gamma_gamma", &summary).unwrap();
        let params = GammaGammaParams { p: 6.25, q: 3.74, gamma: 15.44 };
        let at = [params.p, params.q, params.gamma].map(libm::log);
        let fit = Likelihood { data: &data, prior: SpendPrior::default() }.evaluate(&at).value;
        let one_by_one: f64 = summary.iter().map(|row| params.log_likelihood(&row)).sum();
        assert!((fit - one_by_one).abs() < 1e-12 * fit.abs(), "{fit} {one_by_one}");
    }
}
