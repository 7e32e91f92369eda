//! Many customers, as the models read them: columns that were checked once.

use crate::error::{BadRow, Error, ErrorKind, Result};

use super::period::Period;
use super::purchases::Purchases;

/// How many bad rows an error lists.
const BAD_ROWS: usize = 100;

/// A customer a row: frequency, recency, age and monetary value, with optional weights and covariates. Times are in [`period`](Self::period).
///
/// ```
/// use wayfare::lifetime::{Period, Summary};
/// let summary = Summary::new(vec![2, 0], vec![30.43, 0.0], vec![38.86, 38.86], Period::WEEK)?.with_monetary_value(vec![22.35, 0.0])?;
/// assert_eq!(summary.len(), 2);
/// let refused = Summary::new(vec![2], vec![40.0], vec![38.86], Period::WEEK).unwrap_err();
/// assert_eq!((refused.rows()[0].row, refused.rows()[0].column.as_str()), (0, "recency"));
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    frequency: Vec<u32>,
    recency: Vec<f64>,
    age: Vec<f64>,
    monetary_value: Option<Vec<f64>>,
    weights: Option<Vec<f64>>,
    covariates: Vec<(String, Vec<f64>)>,
    period: Period,
}

impl Summary {
    /// From columns of one length.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidTable`] if the columns differ in length, or names each row and column that no customer can have: a recency above the age, a
    /// recency without a repeat purchase or the other way round, a time that is negative or not finite.
    pub fn new(frequency: Vec<u32>, recency: Vec<f64>, age: Vec<f64>, period: Period) -> Result<Self> {
        let summary = Self { frequency, recency, age, monetary_value: None, weights: None, covariates: Vec::new(), period };
        summary.same_length("recency", summary.recency.len())?;
        summary.same_length("age", summary.age.len())?;
        refuse(summary.iter().map(|row| row.problem()))?;
        Ok(summary)
    }

    /// With the mean value of each customer's repeat purchases; 0 where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidTable`] if the length differs, a value is not finite, or one stands where there is no repeat purchase.
    pub fn with_monetary_value(mut self, values: Vec<f64>) -> Result<Self> {
        self.same_length("monetary_value", values.len())?;
        refuse(values.iter().zip(&self.frequency).map(|(value, frequency)| {
            let reason = match (value.is_finite(), *frequency == 0 && *value != 0.0) {
                (false, _) => "must be finite",
                (_, true) => "must be 0 where `frequency` is 0: it is the mean of the repeat purchases",
                _ => return None,
            };
            Some(("monetary_value", reason))
        }))?;
        self.monetary_value = Some(values);
        Ok(self)
    }

    /// With how many customers each row stands for: finite, not negative, not all 0.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidTable`] if the length differs or a weight is none.
    pub fn with_weights(mut self, weights: Vec<f64>) -> Result<Self> {
        self.same_length("weights", weights.len())?;
        refuse(
            weights.iter().map(|weight| (!(weight.is_finite() && *weight >= 0.0)).then_some(("weights", "must be finite and 0 or more"))),
        )?;
        if !weights.is_empty() && weights.iter().all(|weight| *weight == 0.0) {
            return Err(Error::table("summary: every weight is 0"));
        }
        self.weights = Some(weights);
        Ok(self)
    }

    /// With one more covariate: a number a customer that does not change with time.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidTable`] if the length differs or a value is not finite, [`ErrorKind::InvalidArgument`] if the name is taken.
    pub fn with_covariate(mut self, name: impl Into<String>, values: Vec<f64>) -> Result<Self> {
        let name = name.into();
        if self.covariate(&name).is_some() {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("covariate `{name}` is given twice")));
        }
        self.same_length(&name, values.len())?;
        refuse(values.iter().map(|value| (!value.is_finite()).then_some((name.as_str(), "must be finite"))))?;
        self.covariates.push((name, values));
        Ok(self)
    }

    /// How many customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frequency.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frequency.is_empty()
    }

    /// One customer.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<Purchases> {
        Some(Purchases {
            frequency: *self.frequency.get(row)?,
            recency: *self.recency.get(row)?,
            age: *self.age.get(row)?,
            monetary_value: self.monetary_value.as_ref().and_then(|values| values.get(row).copied()).unwrap_or(0.0),
        })
    }

    /// The customers, in order.
    pub fn iter(&self) -> impl Iterator<Item = Purchases> + '_ {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    /// Repeat purchases.
    #[must_use]
    pub fn frequency(&self) -> &[u32] {
        &self.frequency
    }

    /// Time from the first purchase to the last.
    #[must_use]
    pub fn recency(&self) -> &[f64] {
        &self.recency
    }

    /// Time from the first purchase to the end of the observation.
    #[must_use]
    pub fn age(&self) -> &[f64] {
        &self.age
    }

    /// Mean value of the repeat purchases, if it is known.
    #[must_use]
    pub fn monetary_value(&self) -> Option<&[f64]> {
        self.monetary_value.as_deref()
    }

    /// How many customers each row stands for; one where there are no weights.
    #[must_use]
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The weight of a row.
    pub(crate) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().and_then(|weights| weights.get(row).copied()).unwrap_or(1.0)
    }

    /// The sum of the weights.
    #[must_use]
    pub fn customers(&self) -> f64 {
        self.weights.as_ref().map_or(self.len() as f64, |weights| weights.iter().sum())
    }

    /// A covariate by name.
    #[must_use]
    pub fn covariate(&self, name: &str) -> Option<&[f64]> {
        self.covariates.iter().find(|(known, _)| known == name).map(|(_, values)| values.as_slice())
    }

    /// The names of the covariates, as they were given.
    pub fn covariate_names(&self) -> impl Iterator<Item = &str> {
        self.covariates.iter().map(|(name, _)| name.as_str())
    }

    /// The unit of recency and age.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    fn same_length(&self, column: &str, length: usize) -> Result<()> {
        if length == self.len() {
            return Ok(());
        }
        Err(Error::table(format!("summary: column `{column}` has {length} rows, `frequency` has {}", self.len())))
    }
}

fn refuse<'a>(problems: impl Iterator<Item = Option<(&'a str, &'a str)>>) -> Result<()> {
    let bad: Vec<BadRow> = problems
        .zip(0_u64..)
        .filter_map(|(problem, row)| problem.map(|(column, reason)| (row, column, reason)))
        .take(BAD_ROWS)
        .map(|(row, column, reason)| BadRow { table: "summary", row, column: column.to_owned(), reason: reason.to_owned() })
        .collect();
    if bad.is_empty() { Ok(()) } else { Err(Error::bad_rows(bad)) }
}
