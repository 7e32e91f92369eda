//! Paths and sessions as tables.

use super::super::output::{ResultColumn, ResultTable, Texts};
use crate::error::{Error, ErrorKind, Result};
use crate::exact::ExactSum;
use crate::insight::paths::{Customers, Dimension, PathRow, Paths, SessionClock};
use crate::time::Instant;

/// What stands in a path for a touchpoint without a word.
const NO_WORD: &str = "(none)";

impl Paths {
    /// A row a path: `customer`, `number` (of the customer's paths, from 1), `path`, `touchpoints`, `started_at`, `ended_at`, `conversions`, `value`, `nulls`.
    ///
    /// The path is its touchpoints' words of the dimension, with the separator between them; a touchpoint without a word is `(none)`. Of paths that came as
    /// strings nobody knows customers and instants, and those columns are not there.
    ///
    /// ```
    /// use wayfare::ResultColumn;
    /// use wayfare::paths::Paths;
    ///
    /// let paths = Paths::from_strings(&["email>search"], &[3], &[90.0], &[10], ">")?;
    /// let table = paths.to_table("channel", " > ")?;
    /// assert_eq!(table.column("touchpoints"), Some(&ResultColumn::Integers(vec![2])));
    /// assert_eq!(table.column("conversions"), Some(&ResultColumn::Integers(vec![3])));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if there is no such dimension.
    pub fn to_table(&self, dimension: &str, separator: &str) -> Result<ResultTable> {
        let dimension = self.dimension(dimension)?;
        let rows = self.rows();
        let mut columns: Vec<(String, ResultColumn)> = Vec::new();
        let mut add = |name: &str, column| columns.push((name.to_owned(), column));
        let is_known = self.rules.is_some();
        if is_known {
            add("customer", self.customers.column(rows.iter().map(|row| row.customer as usize)));
            let mut before = (u32::MAX, 0);
            let number = |row: &PathRow| {
                before = (row.customer, if before.0 == row.customer { before.1 + 1 } else { 1 });
                before.1
            };
            add("number", ResultColumn::Integers(rows.iter().map(number).collect()));
        }
        let mut paths = Texts::default();
        let mut text = String::new();
        for row in rows {
            text.clear();
            for (place, event) in self.touches(row).enumerate() {
                text.push_str(if place > 0 { separator } else { "" });
                text.push_str(dimension.word(event).unwrap_or(NO_WORD));
            }
            paths.push(Some(&text));
        }
        add("path", ResultColumn::Texts(paths));
        add("touchpoints", ResultColumn::Integers(rows.iter().map(|row| self.touches(row).count() as i64).collect()));
        if is_known {
            let started = |row: &PathRow| self.touches(row).next().and_then(|event| self.at(event)).map(Instant::from_valid);
            add("started_at", ResultColumn::Instants(rows.iter().map(started).collect()));
            add("ended_at", ResultColumn::Instants(rows.iter().map(|row| Instant::from_micros(row.ended_at).ok()).collect()));
        }
        add("conversions", ResultColumn::Integers(rows.iter().map(|row| row.conversions as i64).collect()));
        add("value", ResultColumn::Numbers(rows.iter().map(|row| row.value).collect()));
        add("nulls", ResultColumn::Integers(rows.iter().map(|row| row.nulls as i64).collect()));
        Ok(ResultTable { columns, rejected: Vec::new() })
    }

    /// A row a session: `customer`, `session` (the customer's, from 1), `started_at`, `ended_at`, `touchpoints`, `first_NAME` and `last_NAME` of the dimension,
    /// `converted` and `value`, of the conversions in it that count.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the paths came as strings, or there is no such dimension.
    pub fn sessions(&self, dimension: &str) -> Result<ResultTable> {
        let dimension = self.dimension(dimension)?;
        let Some(rules) = &self.rules else {
            let message = "these paths came as strings, which have no times: there are no sessions of them";
            return Err(Error::new(ErrorKind::InvalidArgument, message).with_help("make the paths from a table of touchpoints"));
        };
        let mut clock = SessionClock::new(&rules.session)?;
        let mut sessions = Sessions::default();
        let mut rows = self.rows.iter().filter(|row| row.conversions > 0).peekable();
        let mut value = ExactSum::default();
        for (customer, history) in self.histories().enumerate() {
            let (mut start, mut number) = (history.start, 0);
            for event in history.clone() {
                let at = |event: usize| self.at(event).unwrap_or_default();
                let is_last = event + 1 == history.end || clock.parts(at(event), at(event + 1));
                if !is_last {
                    continue;
                }
                number += 1;
                value.clear();
                let mut converted = false;
                // A path ends with its conversion.
                while let Some(row) = rows.next_if(|row| row.end <= event) {
                    converted = true;
                    value.add(row.value);
                }
                sessions.customers.push(customer);
                sessions.numbers.push(number);
                sessions.started.push(self.at(start).map(Instant::from_valid));
                sessions.ended.push(self.at(event).map(Instant::from_valid));
                sessions.touchpoints.push((event + 1 - start) as i64);
                sessions.first.push(dimension.known(start));
                sessions.last.push(dimension.known(event));
                sessions.converted.push(Some(converted));
                sessions.values.push(value.value());
                start = event + 1;
            }
        }
        Ok(sessions.table(&self.customers, dimension))
    }
}

#[derive(Default)]
struct Sessions {
    customers: Vec<usize>,
    numbers: Vec<i64>,
    started: Vec<Option<Instant>>,
    ended: Vec<Option<Instant>>,
    touchpoints: Vec<i64>,
    first: Vec<Option<u32>>,
    last: Vec<Option<u32>>,
    converted: Vec<Option<bool>>,
    values: Vec<f64>,
}

impl Sessions {
    fn table(self, customers: &Customers, dimension: &Dimension) -> ResultTable {
        let words: Vec<String> = dimension.words().iter().flatten().cloned().collect();
        let text = |codes| ResultColumn::Text { words: words.clone(), codes };
        let columns = [
            ("customer", customers.column(self.customers.into_iter())),
            ("session", ResultColumn::Integers(self.numbers)),
            ("started_at", ResultColumn::Instants(self.started)),
            ("ended_at", ResultColumn::Instants(self.ended)),
            ("touchpoints", ResultColumn::Integers(self.touchpoints)),
        ];
        let mut columns: Vec<(String, ResultColumn)> = columns.into_iter().map(|(name, column)| (name.to_owned(), column)).collect();
        columns.push((format!("first_{}", dimension.name()), text(self.first)));
        columns.push((format!("last_{}", dimension.name()), text(self.last)));
        columns.push(("converted".to_owned(), ResultColumn::Booleans(self.converted)));
        columns.push(("value".to_owned(), ResultColumn::Numbers(self.values)));
        ResultTable { columns, rejected: Vec::new() }
    }
}

impl Customers {
    /// Those of these numbers, in their order.
    pub(crate) fn column(&self, numbers: impl Iterator<Item = usize>) -> ResultColumn {
        match self {
            Self::Integers(keys) => ResultColumn::Integers(numbers.filter_map(|number| keys.get(number).copied()).collect()),
            Self::Texts(keys) => ResultColumn::Texts(numbers.map(|number| keys.get(number)).collect()),
            Self::Unknown => ResultColumn::Integers(numbers.map(|number| number as i64).collect()),
        }
    }
}
