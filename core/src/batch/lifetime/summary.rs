//! Purchases of a table as frequency, recency, age and monetary value: what the lifetime models read.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::super::column::{Column, Data, Text};
use super::super::everyone::Everyone;
use super::super::group::{Carried, Judge, SKIP, Source};
use super::super::input::{Locator, Refused, RowSet, Table};
use super::super::key_kind::key_kind;
use super::super::log::{Log, value_column};
use super::super::output::{ResultColumn, ResultTable};
use super::super::prepare::{Monitor, instants_of, missing};
use super::super::sheet::Kind;
use super::super::values::{check_numbers, number_at};
use super::super::{OnError, Progress};
use crate::error::{BadRow, Error, ErrorKind, Result};
use crate::insight::lifetime::{History, Period, Returns, Summary, Until, known_zone};
use crate::time::DayClock;

pub(crate) const TABLE: &str = "transactions";

/// How purchases are summed up.
#[derive(Clone)]
pub struct SummaryOptions<'a> {
    /// The unit of recency and age; a week of seven days unless it is said otherwise.
    pub period: Period,
    /// Until when purchases were observed. Later ones are left aside, and counted in the report.
    pub observed_until: Until,
    /// Where the calibration ends and the holdout begins, if there is one: customers who came later are left aside.
    pub calibration_until: Option<Until>,
    /// The IANA zone in which days are counted; `UTC` unless it is said otherwise.
    pub time_zone: &'a str,
    /// What to do with values of zero or less.
    pub returns: Returns,
    /// The kinds of touchpoint that are purchases, where the table has touchpoints of other kinds too; every row when empty.
    pub of: &'a [&'a str],
    /// The column of the customer: text or integers.
    pub customer: &'a str,
    /// The column of the instant.
    pub at: &'a str,
    /// The column of the value. When it is not said, `value` if there is such a column.
    pub value: Option<&'a str>,
    /// What to do with bad rows.
    pub on_error: OnError,
    /// Hears of progress, and can stop it.
    pub progress: Option<Progress<'a>>,
}

impl<'a> SummaryOptions<'a> {
    /// Every choice at its default.
    #[must_use]
    pub fn new(observed_until: impl Into<Until>) -> Self {
        Self {
            period: Period::default(),
            observed_until: observed_until.into(),
            calibration_until: None,
            time_zone: "UTC",
            returns: Returns::default(),
            of: &[],
            customer: "customer",
            at: "at",
            value: None,
            on_error: OnError::default(),
            progress: None,
        }
    }
}

impl std::fmt::Debug for SummaryOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SummaryOptions").field("period", &self.period).field("observed_until", &self.observed_until).finish_non_exhaustive()
    }
}

/// Customers and what their purchases come to, sorted by customer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CustomerSummary {
    /// The customers.
    pub customers: ResultColumn,
    /// Their purchases until the end of the observation, or of the calibration if there is a holdout.
    pub summary: Summary,
    /// What they bought after the calibration.
    pub holdout: Option<Holdout>,
    /// What became of the rows.
    pub report: SummaryReport,
    /// The refused rows, with [`OnError::Collect`].
    pub rejected: Vec<BadRow>,
}

/// What the customers of a calibration bought after it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Holdout {
    /// Days with a purchase.
    pub frequency: Vec<u32>,
    /// The mean value of those days; 0 when there was none.
    pub monetary_value: Vec<f64>,
    /// Days from the end of the calibration to the end of the observation, the same for all.
    pub days: f64,
}

/// What became of the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct SummaryReport {
    /// Rows of the table.
    pub rows: u64,
    /// Rows that were summed up.
    pub purchases: u64,
    /// Rows of other kinds than those asked for.
    pub of_other_kinds: u64,
    /// Rows left out because their value is zero or less, with [`Returns::Drop`].
    pub returns_dropped: u64,
    /// Rows after the end of the observation.
    pub after_observation: u64,
    /// Customers whose first purchase came after the calibration, or whose returns outweigh every day.
    pub customers_left_out: u64,
}

/// Sums up a table of purchases by customer: the first purchase of each begins their age, and purchases of one day are one.
///
/// The table has the columns `customer` (text or integers), `at`, perhaps `value`, and with `of` also `kind`; other columns are left aside, so that a
/// journey's touchpoints serve as they are. Rows may come in any order, which changes no bit of the result.
///
/// ```
/// use wayfare::lifetime::{SummaryOptions, Until, summarize};
/// use wayfare::{Column, Table};
///
/// let at = ["1997-01-01T00:00:00Z".parse()?, "1997-01-18T00:00:00Z".parse()?, "1997-08-02T00:00:00Z".parse()?];
/// let purchases = Table::new()
///     .column("customer", Column::texts(&["0001", "0001", "0001"]))
///     .column("at", Column::instants(&at))
///     .column("value", Column::numbers(&[29.33, 29.73, 14.96]));
/// let until: Until = "1997-09-30".parse()?;
/// let customers = summarize(&purchases, &SummaryOptions::new(until))?;
/// let ada = customers.summary.get(0).ok_or("nobody is there")?;
/// assert_eq!((ada.frequency, ada.recency, ada.age), (2, 213.0 / 7.0, 272.0 / 7.0));
/// assert_eq!(ada.monetary_value, (29.73 + 14.96) / 2.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidTable`] if a column is missing or of the wrong type or a row cannot be read; [`ErrorKind::InvalidArgument`] if the calibration
/// does not end before the observation; [`ErrorKind::Cancelled`] if `progress` said so.
pub fn summarize(transactions: &Table<'_>, options: &SummaryOptions<'_>) -> Result<CustomerSummary> {
    let zone = known_zone(options.time_zone)?;
    let until = options.observed_until.within(&zone)?.as_micros();
    let split = options.calibration_until.map(|split| split.within(&zone)).transpose()?.map(|split| split.as_micros());
    if split.is_some_and(|split| split >= until) {
        return Err(Error::new(ErrorKind::InvalidArgument, "the calibration does not end before the observation")
            .with_help("give a `calibration_until` that is earlier than `observed_until`"));
    }
    let rows = Rows::new(transactions, options, until)?;
    let customer = transactions.required(TABLE, options.customer)?;
    let keys = key_kind(&[(TABLE, transactions, customer)])?;
    let sources = [Source { pieces: transactions.pieces(customer).collect() }];
    let monitor = Monitor::of(options.progress, transactions.rows() as u64);
    let clock = DayClock::new(zone);
    let day_of = |at: i64| clock.clone().day(at);
    let (today, last_day) = (day_of(split.unwrap_or(until)), day_of(until));
    let (period_days, returns) = (options.period.days(), options.returns);
    let left_out = AtomicU64::new(0);
    let width = if split.is_some() { 6 } else { 4 };
    let everyone = Everyone { keys: &keys, sources: &sources, judge: &rows, monitor: &monitor, width };
    let sheet = everyone.collect(
        || (clock.clone(), History::default(), History::default()),
        &|records, carried, (clock, history, later): &mut (DayClock, History, History), cells| {
            if !records.is_sorted_by_key(|record| record.at) {
                records.sort_unstable_by_key(|record| record.at);
            }
            history.clear();
            later.clear();
            for record in &*records {
                let value = carried.values(*record).first().map_or(0.0, |value| f64::from_bits(*value));
                let history = if split.is_some_and(|split| record.at > split) { &mut *later } else { &mut *history };
                history.add(clock.day(record.at), value, returns);
            }
            let Some(told) = history.told(returns) else {
                left_out.fetch_add(u64::from(!records.is_empty()), Relaxed);
                return 0;
            };
            let numbers = [f64::from(told.frequency()), told.recency(period_days), told.age(today, period_days), told.monetary_value()];
            cells.extend(numbers.map(f64::to_bits));
            if split.is_some() {
                let later = later.told(returns).map_or([0.0; 2], |told| [f64::from(told.days), told.mean_value()]);
                cells.extend(later.map(f64::to_bits));
            }
            1
        },
    );
    monitor.finish()?;
    let kinds = [("frequency", Kind::Integer), ("recency", Kind::Number), ("age", Kind::Number), ("monetary_value", Kind::Number)];
    let holdout_kinds = [("holdout_frequency", Kind::Integer), ("holdout_monetary_value", Kind::Number)];
    let kinds = kinds.into_iter().chain(holdout_kinds.into_iter().filter(|_| split.is_some()));
    let mut columns = sheet.named(kinds.collect()).into_iter().map(|(_, column)| column);
    let mut next = || columns.next().unwrap_or(ResultColumn::Numbers(Vec::new()));
    let customers = next();
    let summary = Summary::new(counts(next()), numbers(next()), numbers(next()), options.period)?;
    let values = numbers(next());
    let summary = if rows.has_values() { summary.with_monetary_value(values)? } else { summary };
    let holdout = split.map(|_| Holdout { frequency: counts(next()), monetary_value: numbers(next()), days: (last_day - today) as f64 });
    let report = SummaryReport { customers_left_out: left_out.into_inner(), ..rows.report() };
    Ok(CustomerSummary { customers, summary, holdout, report, rejected: rows.rejected })
}

fn counts(column: ResultColumn) -> Vec<u32> {
    match column {
        ResultColumn::Integers(values) => values.into_iter().map(|value| u32::try_from(value).unwrap_or(u32::MAX)).collect(),
        _ => Vec::new(),
    }
}

fn numbers(column: ResultColumn) -> Vec<f64> {
    match column {
        ResultColumn::Numbers(values) => values,
        _ => Vec::new(),
    }
}

impl CustomerSummary {
    /// All of it as one table: `customer`, `frequency`, `recency`, `age`, `monetary_value` if there are values, and with a holdout `holdout_frequency`,
    /// `holdout_days`, `holdout_monetary_value`.
    #[must_use]
    pub fn to_table(self) -> ResultTable {
        let (rows, summary) = (self.summary.len(), self.summary);
        let integers = |counts: &[u32]| ResultColumn::Integers(counts.iter().map(|count| i64::from(*count)).collect());
        let mut columns = vec![
            ("customer".to_owned(), self.customers),
            ("frequency".to_owned(), integers(summary.frequency())),
            ("recency".to_owned(), ResultColumn::Numbers(summary.recency().to_vec())),
            ("age".to_owned(), ResultColumn::Numbers(summary.age().to_vec())),
        ];
        let values = summary.monetary_value();
        columns.extend(values.map(|values| ("monetary_value".to_owned(), ResultColumn::Numbers(values.to_vec()))));
        if let Some(holdout) = self.holdout {
            columns.push(("holdout_frequency".to_owned(), integers(&holdout.frequency)));
            columns.push(("holdout_days".to_owned(), ResultColumn::Numbers(vec![holdout.days; rows])));
            if values.is_some() {
                columns.push(("holdout_monetary_value".to_owned(), ResultColumn::Numbers(holdout.monetary_value)));
            }
        }
        ResultTable { columns, rejected: self.rejected }
    }
}

/// The rows of the table, and which of them count.
pub(crate) struct Rows<'t, 'a> {
    table: &'t Table<'a>,
    locator: Locator,
    ats: Vec<(usize, &'t Column<'a>)>,
    value: Option<usize>,
    /// Rows that do not count.
    skipped: RowSet,
    until: i64,
    after: AtomicU64,
    report: SummaryReport,
    rejected: Vec<BadRow>,
}

impl<'t, 'a> Rows<'t, 'a> {
    pub(crate) fn new(table: &'t Table<'a>, options: &SummaryOptions<'_>, until: i64) -> Result<Self> {
        let log = Log::new(table, TABLE, [options.customer, options.at], "sum up the customers in parts")?;
        let value = value_column(table, TABLE, options.value)?;
        let mut rows = Self {
            table,
            locator: Locator::new(table),
            ats: table.pieces(log.at).collect(),
            value,
            skipped: RowSet::default(),
            until,
            after: AtomicU64::new(0),
            report: SummaryReport { rows: table.rows() as u64, ..SummaryReport::default() },
            rejected: Vec::new(),
        };
        rows.choose(options)?;
        let mut refused = Refused::default();
        log.judge(table, TABLE, &mut refused);
        if let Some(value) = value {
            check_numbers(table, TABLE, value, &mut refused);
            missing(table, TABLE, value, table.names.get(value).map_or("value", String::as_str), &mut refused);
            rows.judge_returns(value, options.returns, &mut refused);
        }
        // What was not asked for may be as it likes.
        refused.rows.retain(|bad| !rows.skipped.contains(bad.row as usize));
        rows.rejected = refused.settle();
        if options.on_error == OnError::Fail && !rows.rejected.is_empty() {
            return Err(Error::bad_rows(rows.rejected));
        }
        let rejected: Vec<usize> = rows.rejected.iter().map(|bad| bad.row as usize).collect();
        rejected.into_iter().for_each(|row| rows.skip(row));
        Ok(rows)
    }

    /// The earliest instant of a row that counts.
    pub(crate) fn earliest(&self) -> Option<i64> {
        let mut ats = Vec::new();
        let mut earliest = SKIP;
        for (start, piece) in &self.ats {
            ats.clear();
            self.judge(*start, piece.len(), &mut ats);
            earliest = ats.iter().copied().fold(earliest, i64::min);
        }
        (earliest != SKIP).then_some(earliest)
    }

    fn has_values(&self) -> bool {
        self.value.is_some()
    }

    fn report(&self) -> SummaryReport {
        let after_observation = self.after.load(Relaxed);
        let purchases = self.report.rows.saturating_sub(self.skipped.len()).saturating_sub(after_observation);
        SummaryReport { purchases, after_observation, ..self.report }
    }

    fn skip(&mut self, row: usize) {
        self.skipped.insert(row, self.table.rows());
    }

    /// Skips rows of other kinds.
    fn choose(&mut self, options: &SummaryOptions<'_>) -> Result<()> {
        if options.of.is_empty() {
            return Ok(());
        }
        let (table, of) = (self.table, options.of);
        let kind = table.required(TABLE, "kind")?;
        table.expect(TABLE, kind, "text", |data| matches!(data, Data::Text(_)))?;
        let wanted = |word: &[u8]| of.iter().any(|of| of.as_bytes() == word);
        for (start, piece) in table.pieces(kind) {
            let Data::Text(text) = &piece.data else { continue };
            // Each word of a dictionary is looked up once.
            let known: Option<Vec<bool>> = match text {
                Text::Dictionary { words, .. } => match &words.data {
                    Data::Text(words) => Some((0..words.len()).map(|at| wanted(words.get(at))).collect()),
                    _ => None,
                },
                _ => None,
            };
            for row in 0..piece.len() {
                let counts = !piece.is_null(row)
                    && match (text, &known) {
                        (Text::Dictionary { codes, .. }, Some(known)) => {
                            codes.get(row).and_then(|code| known.get(code as usize)).copied().unwrap_or_default()
                        }
                        _ => wanted(text.get(row)),
                    };
                if !counts {
                    self.skip(start + row);
                    self.report.of_other_kinds += 1;
                }
            }
        }
        Ok(())
    }

    /// Refuses or skips values of zero or less, as it was said.
    fn judge_returns(&mut self, value: usize, returns: Returns, refused: &mut Refused) {
        if !matches!(returns, Returns::Refuse | Returns::Drop) {
            return;
        }
        let table = self.table;
        let name = table.names.get(value).map_or("", String::as_str);
        for (start, piece) in table.pieces(value) {
            let is_return = |row: usize| f64::from_bits(number_at(piece, row)) <= 0.0;
            for row in (0..piece.len()).filter(|row| is_return(*row)) {
                if self.skipped.contains(start + row) {
                    continue;
                }
                match returns {
                    Returns::Drop => {
                        self.skip(start + row);
                        self.report.returns_dropped += 1;
                    }
                    _ => {
                        let reason = format!("`{name}` is zero or less; say with `returns` what becomes of such rows");
                        refused.add(TABLE, start + row, name, reason);
                    }
                }
            }
        }
    }
}

impl Judge for Rows<'_, '_> {
    fn begin(&self) {
        self.after.store(0, Relaxed);
    }

    fn judge(&self, number: usize, rows: usize, out: &mut Vec<i64>) {
        instants_of(&self.ats, number, rows, out);
        let mut after = 0;
        for (row, at) in (number..).zip(&mut *out) {
            let is_skipped = self.skipped.contains(row);
            let is_after = *at > self.until;
            after += u64::from(is_after && !is_skipped);
            if is_skipped || is_after {
                *at = SKIP;
            }
        }
        self.after.fetch_add(after, Relaxed);
    }

    fn width(&self) -> usize {
        usize::from(self.value.is_some())
    }

    fn carry(&self, number: usize, rows: impl Iterator<Item = (u16, u16)> + Clone, out: &mut Carried) {
        let (chunk, start) = self.locator.find(number);
        let column = self.value.and_then(|value| self.table.chunks.get(chunk)?.get(value));
        for (row, place) in rows {
            out.set(place, 0, column.map(|column| number_at(column, start + usize::from(row))).into_iter());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;

    const AT: [&str; 7] = [
        "2026-01-01T10:00:00Z",
        "2026-01-08T09:00:00Z",
        "2026-01-08T21:00:00Z",
        "2026-01-03T10:00:00Z",
        "2026-02-05T10:00:00Z",
        "2026-03-01T10:00:00Z",
        "2026-01-20T10:00:00Z",
    ];
    const CUSTOMERS: [&str; 7] = ["ada", "ada", "ada", "bo", "bo", "cy", "ada"];
    const VALUES: [f64; 7] = [10.0, 0.1, 0.2, 5.0, 7.0, 1.0, 30.0];

    fn until(text: &str) -> Until {
        text.parse().unwrap()
    }

    fn summed(rows: &[usize], options: &SummaryOptions<'_>) -> Result<CustomerSummary> {
        let at: Vec<Instant> = rows.iter().map(|row| AT[*row].parse().unwrap()).collect();
        let customers: Vec<&str> = rows.iter().map(|row| CUSTOMERS[*row]).collect();
        let values: Vec<f64> = rows.iter().map(|row| VALUES[*row]).collect();
        let table = Table::new()
            .column("value", Column::numbers(&values))
            .column("customer", Column::texts(&customers))
            .column("at", Column::instants(&at));
        summarize(&table, options)
    }

    fn rows(customers: &CustomerSummary) -> Vec<(String, u32, f64, f64, f64)> {
        let ResultColumn::Texts(keys) = &customers.customers else { panic!("keys are text") };
        let summary = customers.summary.iter();
        keys.iter()
            .zip(summary)
            .map(|(key, row)| (key.unwrap().to_owned(), row.frequency, row.recency, row.age, row.monetary_value))
            .collect()
    }

    #[test]
    fn each_customer_is_summed_up_whatever_the_order_of_rows() {
        let options = SummaryOptions { period: Period::DAY, ..SummaryOptions::new(until("2026-03-01")) };
        let expected =
            vec![("ada".to_owned(), 2, 19.0, 59.0, 30.3 / 2.0), ("bo".to_owned(), 1, 33.0, 57.0, 7.0), ("cy".to_owned(), 0, 0.0, 0.0, 0.0)];
        for order in [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [2, 6, 0, 4, 1, 5, 3]] {
            assert_eq!(rows(&summed(&order, &options).unwrap()), expected);
        }
    }

    #[test]
    fn nothing_leaks_from_after_the_end() {
        let options = SummaryOptions { period: Period::DAY, ..SummaryOptions::new(until("2026-01-08T12:00:00Z")) };
        let customers = summed(&[0, 1, 2, 3, 4, 5, 6], &options).unwrap();
        assert_eq!(rows(&customers), [("ada".to_owned(), 1, 7.0, 7.0, 0.1), ("bo".to_owned(), 0, 0.0, 5.0, 0.0)]);
        assert_eq!((customers.report.after_observation, customers.report.purchases), (4, 3));
    }

    #[test]
    fn a_holdout_is_what_the_calibrated_customers_bought_later() {
        let options = SummaryOptions {
            period: Period::DAY,
            calibration_until: Some(until("2026-01-10")),
            ..SummaryOptions::new(until("2026-03-01"))
        };
        let customers = summed(&[0, 1, 2, 3, 4, 5, 6], &options).unwrap();
        assert_eq!(rows(&customers), [("ada".to_owned(), 1, 7.0, 9.0, 0.1 + 0.2), ("bo".to_owned(), 0, 0.0, 7.0, 0.0)]);
        assert_eq!(customers.holdout, Some(Holdout { frequency: vec![1, 1], monetary_value: vec![30.0, 7.0], days: 50.0 }));
        assert_eq!(customers.report.customers_left_out, 1);
        let backwards = SummaryOptions { calibration_until: Some(until("2026-04-01")), ..SummaryOptions::new(until("2026-03-01")) };
        assert_eq!(summed(&[0], &backwards).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }

    #[test]
    fn touchpoints_of_other_kinds_are_left_aside_with_whatever_is_wrong_with_them() {
        let at: Vec<Instant> = AT[..3].iter().map(|at| at.parse().unwrap()).collect();
        let table = Table::new()
            .column("customer", Column::integers(&[7, 7, 7]))
            .column("at", Column::instants(&at))
            .column("kind", Column::texts(&["purchased", "page_viewed", "purchased"]))
            .column("value", Column::optional_numbers(&[Some(3.0), None, Some(4.0)]));
        let options = SummaryOptions { of: &["purchased"], ..SummaryOptions::new(until("2026-03-01")) };
        let customers = summarize(&table, &options).unwrap();
        assert_eq!((customers.report.of_other_kinds, customers.report.purchases), (1, 2));
        assert_eq!(customers.summary.monetary_value(), Some(&[4.0][..]));
        let error = summarize(&table, &SummaryOptions::new(until("2026-03-01"))).unwrap_err();
        assert_eq!(error.message(), "transactions: row 1, column `value`: `value` is missing");
        let collected = SummaryOptions { on_error: OnError::Collect, ..SummaryOptions::new(until("2026-03-01")) };
        let customers = summarize(&table, &collected).unwrap();
        assert_eq!((customers.rejected.len(), customers.summary.frequency()), (1, &[1][..]));
    }

    #[test]
    fn returns_are_refused_unless_it_is_said_what_becomes_of_them() {
        let at: Vec<Instant> = AT[..2].iter().map(|at| at.parse().unwrap()).collect();
        let table = Table::new()
            .column("customer", Column::texts(&["ada", "ada"]))
            .column("at", Column::instants(&at))
            .column("value", Column::numbers(&[20.0, -20.0]));
        let frequency = |returns| {
            let options = SummaryOptions { returns, ..SummaryOptions::new(until("2026-03-01")) };
            summarize(&table, &options).map(|customers| customers.summary.frequency().to_vec())
        };
        let error = frequency(Returns::Refuse).unwrap_err();
        assert_eq!(error.rows()[0].reason, "`value` is zero or less; say with `returns` what becomes of such rows");
        assert_eq!(frequency(Returns::Drop).unwrap(), [0]);
        assert_eq!(frequency(Returns::NetWithinDay).unwrap(), [0]);
        assert_eq!(frequency(Returns::Keep).unwrap(), [1]);
    }
}
