//! Parameters of a model with the coefficients of its covariates.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::insight::lifetime::measure::{Measure, Predict};
use crate::insight::lifetime::params::{Params, Scale};
use crate::insight::lifetime::purchases::Purchases;
use crate::insight::lifetime::summary::Summary;

use super::effects::WithEffects;

/// What one unit of a covariate does.
#[derive(Debug, Clone, PartialEq)]
pub struct Coefficient {
    /// The covariate's name, as in the summary.
    pub covariate: String,
    /// By how much it moves the logarithm of the rate.
    pub value: f64,
}

/// The parameters of a model with covariates. Their names are those of the model, then `life.` and `trans.` with the name of the covariate.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateParams<P> {
    /// Of a customer whose covariates are all 0.
    pub model: P,
    /// On how soon customers drop out: above 0, sooner.
    pub life: Vec<Coefficient>,
    /// On how fast customers buy: above 0, faster.
    pub trans: Vec<Coefficient>,
}

const LIFE: &str = "life.";
const TRANS: &str = "trans.";

impl<P: WithEffects> CovariateParams<P> {
    /// The model's own parameters for a customer with these scores, the sums of coefficient times covariate.
    pub(crate) fn of_scores(&self, life: f64, trans: f64) -> P {
        let values: Vec<f64> = self
            .model
            .values()
            .into_iter()
            .zip(P::LIFE.into_iter().zip(P::TRANS))
            .map(|(value, (by_life, by_trans))| match by_life * life + by_trans * trans {
                0.0 => value,
                moved => value * libm::exp(moved),
            })
            .collect();
        self.model.with_values(&values)
    }

    /// The model's own parameters for a customer with these covariates.
    pub(crate) fn of_customer(&self, covariates: &[(String, f64)]) -> Result<P> {
        let score = |coefficients: &[Coefficient]| -> Result<f64> {
            let mut sum = 0.0;
            for Coefficient { covariate, value } in coefficients {
                let found = covariates.iter().find(|(name, _)| name == covariate).ok_or_else(|| missing(covariate))?.1;
                if !found.is_finite() {
                    return Err(Error::new(ErrorKind::InvalidArgument, format!("covariate `{covariate}` is {found}: it must be finite")));
                }
                sum += value * found;
            }
            Ok(sum)
        };
        Ok(self.of_scores(score(&self.life)?, score(&self.trans)?))
    }
}

pub(crate) fn missing(covariate: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("covariate `{covariate}` is missing"))
        .with_help("give the customers the covariates that the model was fitted with")
}

impl<P: WithEffects> Params for CovariateParams<P> {
    fn names(&self) -> Vec<String> {
        let mut names = self.model.names();
        names.extend(self.life.iter().map(|one| format!("{LIFE}{}", one.covariate)));
        names.extend(self.trans.iter().map(|one| format!("{TRANS}{}", one.covariate)));
        names
    }

    fn values(&self) -> Vec<f64> {
        let mut values = self.model.values();
        values.extend(self.life.iter().chain(&self.trans).map(|one| one.value));
        values
    }

    fn with_values(&self, values: &[f64]) -> Self {
        let (model, coefficients) = values.split_at(self.model.values().len().min(values.len()));
        let mut given = coefficients.iter().copied();
        let mut renew = |coefficients: &[Coefficient]| {
            let one = |one: &Coefficient| Coefficient { covariate: one.covariate.clone(), value: given.next().unwrap_or(f64::NAN) };
            coefficients.iter().map(one).collect()
        };
        Self { model: self.model.with_values(model), life: renew(&self.life), trans: renew(&self.trans) }
    }

    fn from_named(named: &[(String, f64)]) -> Result<Self> {
        let coefficients = |prefix: &str| -> Vec<Coefficient> {
            let stripped = named.iter().filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, *value)));
            stripped.map(|(name, value)| Coefficient { covariate: name.to_owned(), value }).collect()
        };
        let (life, trans) = (coefficients(LIFE), coefficients(TRANS));
        for group in [&life, &trans] {
            for (at, one) in group.iter().enumerate() {
                if group.iter().take(at).any(|other| other.covariate == one.covariate) {
                    return Err(Error::new(ErrorKind::InvalidArgument, format!("covariate `{}` is given twice", one.covariate)));
                }
            }
        }
        let own: Vec<(String, f64)> =
            named.iter().filter(|(name, _)| !name.starts_with(LIFE) && !name.starts_with(TRANS)).cloned().collect();
        let made = Self { model: P::from_named(&own)?, life, trans };
        made.check()?;
        Ok(made)
    }

    fn scales(&self) -> Vec<Scale> {
        let mut scales = self.model.scales();
        scales.extend(vec![Scale::Linear; self.life.len() + self.trans.len()]);
        scales
    }
}

impl<P: WithEffects> Predict for CovariateParams<P> {
    /// NaN: without covariates there is no answer for a customer; see [`Fitted::for_customer`](crate::lifetime::Fitted::for_customer).
    fn evaluate(&self, _measure: Measure, _row: &Purchases) -> f64 {
        f64::NAN
    }

    fn answers(measure: Measure) -> bool {
        P::answers(measure)
    }

    fn reads(&self, summary: &Summary) -> Result<()> {
        let unknown = self.life.iter().chain(&self.trans).find(|one| summary.covariate(&one.covariate).is_none());
        unknown.map_or(Ok(()), |one| Err(missing(&one.covariate)))
    }

    fn fill(&self, measure: Measure, summary: &Summary, rows: Range<usize>, places: &mut [f64]) {
        let columns = |coefficients: &'_ [Coefficient]| -> Option<Vec<(f64, Vec<f64>)>> {
            let column = |one: &Coefficient| Some((one.value, summary.covariate(&one.covariate)?.get(rows.clone())?.to_vec()));
            coefficients.iter().map(column).collect()
        };
        let (Some(life), Some(trans)) = (columns(&self.life), columns(&self.trans)) else {
            places.fill(f64::NAN);
            return;
        };
        let score = |columns: &[(f64, Vec<f64>)], at: usize| -> f64 {
            columns.iter().map(|(value, column)| value * column.get(at).copied().unwrap_or(f64::NAN)).sum()
        };
        for (at, (place, row)) in places.iter_mut().zip(rows.clone()).enumerate() {
            let own = self.of_scores(score(&life, at), score(&trans, at));
            *place = summary.get(row).map_or(f64::NAN, |row| own.evaluate(measure, &row));
        }
    }
}
