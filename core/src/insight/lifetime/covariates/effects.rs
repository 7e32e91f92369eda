//! Models whose parameters covariates may move.

use crate::insight::lifetime::beta_geometric::{Dropout, Rate, softplus};
use crate::insight::lifetime::bg_nbd::{BgNbd, BgNbdParams};
use crate::insight::lifetime::fit::derivatives::Derivatives;
use crate::insight::lifetime::fitted::{Fitted, Model};
use crate::insight::lifetime::measure::{Predict, Transactions};
use crate::insight::lifetime::pareto_nbd::{self, ParetoNbd, ParetoNbdParams};
use crate::insight::lifetime::purchases::Purchases;
use crate::insight::lifetime::summary::Summary;

/// Parameters that covariates move.
///
/// The logarithm of each moves in proportion to two scores: of the lifetime and of the transactions.
pub trait WithEffects: Transactions + Predict {
    /// The change of the logarithms of the parameters by a unit of the score of the lifetime.
    const LIFE: [f64; 4];
    /// The change of the logarithms of the parameters by a unit of the score of the transactions.
    const TRANS: [f64; 4];

    #[doc(hidden)]
    fn parts(values: [f64; 4], row: &Purchases) -> Parts;
}

/// The value and derivatives of a customer's log-likelihood, for the fit.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Parts(pub(crate) Derivatives);

/// A model that may have covariates.
pub trait CovariateModel: Model<Params: WithEffects> {
    /// The name of the model with covariates in documents.
    const WITH_COVARIATES: &'static str;

    /// Some parameters, for their names.
    #[doc(hidden)]
    fn unit() -> Self::Params;

    #[doc(hidden)]
    fn fit_without(summary: &Summary) -> crate::Result<Fitted<Self>>;
}

impl CovariateModel for BgNbd {
    const WITH_COVARIATES: &'static str = "bg_nbd_covariates";

    fn unit() -> BgNbdParams {
        BgNbdParams { r: 1.0, alpha: 1.0, a: 1.0, b: 1.0 }
    }

    fn fit_without(summary: &Summary) -> crate::Result<Fitted<Self>> {
        Self::new().fit(summary)
    }
}

impl CovariateModel for ParetoNbd {
    const WITH_COVARIATES: &'static str = "pareto_nbd_covariates";

    fn unit() -> ParetoNbdParams {
        ParetoNbdParams { r: 1.0, alpha: 1.0, s: 1.0, beta: 1.0 }
    }

    fn fit_without(summary: &Summary) -> crate::Result<Fitted<Self>> {
        Self::new().fit(summary)
    }
}

impl WithEffects for ParetoNbdParams {
    /// beta exp(-score): s/beta, the mean rate of dropping out, is multiplied by exp(score).
    const LIFE: [f64; 4] = [0.0, 0.0, 0.0, -1.0];
    /// alpha exp(-score): r/alpha, the mean rate of buying, is multiplied by exp(score).
    const TRANS: [f64; 4] = [0.0, -1.0, 0.0, 0.0];

    fn parts([r, alpha, s, beta]: [f64; 4], row: &Purchases) -> Parts {
        Parts(pareto_nbd::derivatives(&Self { r, alpha, s, beta }, f64::from(row.frequency), row.recency, row.age))
    }
}

impl WithEffects for BgNbdParams {
    /// a exp(score) and b exp(score): the mean probability of dropping out stays, customers become more alike.
    const LIFE: [f64; 4] = [0.0, 0.0, 1.0, 1.0];
    /// alpha exp(-score): r/alpha, the mean rate of buying, is multiplied by exp(score).
    const TRANS: [f64; 4] = [0.0, -1.0, 0.0, 0.0];

    fn parts([r, alpha, a, b]: [f64; 4], row: &Purchases) -> Parts {
        let mut sum = Derivatives::default();
        let (x, age) = (f64::from(row.frequency), row.age);
        // r ln(alpha/(alpha + T)) - x ln(alpha + T).
        let (decay, past, part) = (r * libm::log1p(age / alpha), age / (alpha + age), alpha / (alpha + age));
        let purchases = if row.frequency > 0 { x * libm::log(alpha + age) } else { 0.0 };
        sum.add_pair(0, -decay - purchases, [-decay, r * past - x * part], [-decay, r * past, -(r + x) * part * past]);
        if row.frequency == 0 {
            return Parts(sum);
        }
        // ln B(a, b + x)/B(a, b), as the sum of ln((b + i)/(a + b + i)).
        for i in 0..row.frequency {
            let failing = b + f64::from(i);
            let both = a + failing;
            let (stay, by_a, by_b) = (-libm::log1p(a / failing), -a / both, b * a / (failing * both));
            let second = [by_a + a * a / (both * both), a * b / (both * both), by_b - b * by_b * (1.0 / failing + 1.0 / both)];
            sum.add_pair(2, stay, [by_a, by_b], second);
        }
        // ln(1 + e^u), u the log-odds of having dropped out at the last purchase.
        let rate = Rate::Gamma { r, alpha };
        let fading = rate.ratio(x, &rate.time(row.recency), &rate.time(age));
        let Some(last) = (Dropout::Beta { a, b }).ratio(row.frequency) else { return Parts(sum) };
        let u = fading.value + last.value;
        let (value, share) = softplus(u);
        let bend = share * (1.0 - share);
        sum.add_pair(0, value, fading.first.map(|first| share * first), fading.second.map(|second| share * second));
        sum.add_pair(2, 0.0, last.first.map(|first| share * first), last.second.map(|second| share * second));
        let [r_slope, alpha_slope] = fading.first;
        let [a_slope, b_slope] = last.first;
        let slopes = [r_slope, alpha_slope, a_slope, b_slope];
        for (row, one) in sum.hessian.iter_mut().zip(slopes) {
            row.iter_mut().zip(slopes).for_each(|(entry, other)| *entry += bend * one * other);
        }
        Parts(sum)
    }
}
