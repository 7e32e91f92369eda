//! Credits as tables.

use super::super::output::{ResultColumn, ResultTable};
use crate::attribution::{Attribution, Label, OrderRow, PathCredits, SideBySide};
use crate::error::{Error, ErrorKind, Result};
use crate::paths::Paths;

/// What the row of sums is called.
const TOTAL: &str = "total";

impl Attribution {
    /// A row a word: the word under the dimension's name, `position` if credits are by place, `conversions`, `value`, and what else is known.
    #[must_use]
    pub fn to_table(&self) -> ResultTable {
        let mut columns = vec![(self.facts.by.clone(), texts(self.labels.iter().map(Label::text)))];
        if let Some(positions) = &self.positions {
            let places = positions.iter().map(|place| place.map_or(f64::NAN, f64::from)).collect();
            columns.push(("position".to_owned(), ResultColumn::Numbers(places)));
        }
        let numbers = [("conversions", &self.conversions), ("value", &self.value)].map(|(name, values)| (name.to_owned(), values));
        let measures = self.measures.iter().map(|(name, values)| (name.clone(), values));
        columns.extend(numbers.into_iter().chain(measures).map(|(name, values)| (name, ResultColumn::Numbers(values.clone()))));
        ResultTable { columns, rejected: Vec::new() }
    }
}

impl PathCredits {
    /// A row for each word of each path that converted: `customer` if customers are known, `path` (its number), the word under the dimension's name, `conversions`
    /// (that the path stands for), `credit` of each, and `value` of all.
    #[must_use]
    pub fn to_table(&self, paths: &Paths, by: &str) -> ResultTable {
        let mut columns = Vec::new();
        if paths.knows_customers() {
            let customer = |path: &u32| paths.rows().get(*path as usize).map_or(0, |row| row.customer as usize);
            columns.push(("customer".to_owned(), paths.customers.column(self.paths.iter().map(customer))));
        }
        columns.push(("path".to_owned(), ResultColumn::Integers(self.paths.iter().map(|path| i64::from(*path)).collect())));
        columns.push((by.to_owned(), texts(self.codes.iter().map(|code| self.labels.get(*code as usize).and_then(Label::text)))));
        let conversions = self.conversions.iter().map(|count| i64::try_from(*count).unwrap_or(i64::MAX)).collect();
        columns.push(("conversions".to_owned(), ResultColumn::Integers(conversions)));
        columns.push(("credit".to_owned(), ResultColumn::Numbers(self.credit.clone())));
        columns.push(("value".to_owned(), ResultColumn::Numbers(self.value.clone())));
        ResultTable { columns, rejected: Vec::new() }
    }
}

impl SideBySide {
    /// A row a word and a column a model, of conversions or of value, with a last row `total`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a measure that is neither `conversions` nor `value`, and a word that is called `total`.
    pub fn to_table(&self, by: &str, measure: &str) -> Result<ResultTable> {
        let columns = match measure {
            "conversions" => &self.conversions,
            "value" => &self.value,
            other => {
                return Err(Error::new(ErrorKind::InvalidArgument, format!("there is no measure `{other}` of all models"))
                    .with_help("write \"conversions\" or \"value\""));
            }
        };
        if self.labels.iter().any(|label| label.text() == Some(TOTAL)) {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("a {by} is called `{TOTAL}`, as the sums of all are"))
                .with_help("rename it"));
        }
        let labels = texts(self.labels.iter().map(Label::text).chain([Some(TOTAL)]));
        let summed = |values: &[f64]| ResultColumn::Numbers(values.iter().copied().chain([values.iter().sum()]).collect());
        let models = columns.iter().map(|(name, values)| ((*name).to_owned(), summed(values)));
        Ok(ResultTable { columns: std::iter::once((by.to_owned(), labels)).chain(models).collect(), rejected: Vec::new() })
    }
}

/// A row an order: `order`, `contexts`, `log_likelihood`, `log_loss`, `best`.
#[must_use]
pub fn order_table(rows: &[OrderRow]) -> ResultTable {
    let numbers = |pick: fn(&OrderRow) -> f64| ResultColumn::Numbers(rows.iter().map(pick).collect());
    let columns = vec![
        ("order".to_owned(), ResultColumn::Integers(rows.iter().map(|row| row.order as i64).collect())),
        ("contexts".to_owned(), ResultColumn::Integers(rows.iter().map(|row| row.contexts as i64).collect())),
        ("log_likelihood".to_owned(), numbers(|row| row.log_likelihood)),
        ("log_loss".to_owned(), numbers(|row| row.log_loss)),
        ("best".to_owned(), ResultColumn::Booleans(rows.iter().map(|row| Some(row.best)).collect())),
    ];
    ResultTable { columns, rejected: Vec::new() }
}

fn texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> ResultColumn {
    ResultColumn::Texts(texts.collect())
}
