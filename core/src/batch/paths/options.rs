//! A table of touchpoints as paths to conversion.

use super::super::everyone::Everyone;
use super::super::group::Source;
use super::super::input::Table;
use super::super::key_kind::key_kind;
use super::super::prepare::Monitor;
use super::super::{OnError, Progress};
use super::TABLE;
use super::cut::{Cut, Cutter};
use super::join::joined;
use super::read::Rows;
use super::stages::InJourney;
use crate::error::{BadRow, Result};
use crate::insight::lifetime::{Until, known_zone};
use crate::insight::paths::{Lookback, Paths, Repeat, Rules, Session, Unit};

/// How touchpoints are cut into paths.
#[derive(Clone)]
pub struct PathsOptions<'a> {
    /// The kinds of touchpoint that are conversions; none when empty.
    pub conversion: &'a [&'a str],
    /// The kinds of touchpoint that may earn credit; all others than conversions when empty.
    pub touchpoints: &'a [&'a str],
    /// How far before a conversion its path begins.
    pub lookback: Lookback,
    /// What a customer's second conversion sees.
    pub repeat: Repeat,
    /// What the elements of paths are.
    pub unit: Unit,
    /// What makes a session.
    pub session: Session,
    /// Until when touchpoints were observed. Later ones are left aside, and counted in the report. The latest touchpoint unless it is said.
    pub observed_until: Option<Until>,
    /// The IANA zone in which a date as `observed_until` is a day.
    pub time_zone: &'a str,
    /// Further columns of text that touchpoints are told apart by: `campaign` …
    pub dimensions: &'a [&'a str],
    /// A journey that knows owners and stages.
    pub journey: Option<InJourney<'a>>,
    /// The column of the customer: text or integers.
    pub customer: &'a str,
    /// The column of the instant.
    pub at: &'a str,
    /// The column of the kind.
    pub kind: &'a str,
    /// The column of the channel. When it is not said, `channel` if there is such a column.
    pub channel: Option<&'a str>,
    /// The column of the value. When it is not said, `value` if there is such a column.
    pub value: Option<&'a str>,
    /// What to do with bad rows.
    pub on_error: OnError,
    /// Hears of progress, and can stop it.
    pub progress: Option<Progress<'a>>,
}

impl<'a> PathsOptions<'a> {
    /// Every choice at its default.
    #[must_use]
    pub fn new(conversion: &'a [&'a str]) -> Self {
        Self {
            conversion,
            touchpoints: &[],
            lookback: Lookback::default(),
            repeat: Repeat::default(),
            unit: Unit::default(),
            session: Session::default(),
            observed_until: None,
            time_zone: "UTC",
            dimensions: &[],
            journey: None,
            customer: "customer",
            at: "at",
            kind: "kind",
            channel: None,
            value: None,
            on_error: OnError::default(),
            progress: None,
        }
    }
}

impl std::fmt::Debug for PathsOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PathsOptions").field("conversion", &self.conversion).field("lookback", &self.lookback).finish_non_exhaustive()
    }
}

/// Paths, and the rows that are not in them because they cannot be read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CutPaths {
    /// The paths.
    pub paths: Paths,
    /// The refused rows, with [`OnError::Collect`].
    pub rejected: Vec<BadRow>,
}

/// Cuts a table of touchpoints into paths: those that lead to a conversion, and those that do not.
///
/// The table has the columns `customer` (text or integers), `at`, `kind`, and where there are such `channel`, `id`, `value`, `action`, `owner`, `stage`; others
/// are left aside unless [`dimensions`](PathsOptions::dimensions) names them. Rows may come in any order, which changes no bit of the result.
///
/// ```
/// use wayfare::paths::{PathsOptions, paths};
/// use wayfare::{Column, Table};
///
/// let at = ["2026-03-01T10:00:00Z".parse()?, "2026-03-02T10:00:00Z".parse()?, "2026-03-02T10:05:00Z".parse()?, "2026-03-04T09:00:00Z".parse()?];
/// let touchpoints = Table::new()
///     .column("customer", Column::texts(&["ada"; 4]))
///     .column("at", Column::instants(&at))
///     .column("kind", Column::texts(&["clicked", "clicked", "purchased", "clicked"]))
///     .column("channel", Column::texts(&["email", "search", "web", "email"]))
///     .column("value", Column::optional_numbers(&[None, None, Some(59.9), None]));
/// let cut = paths(&touchpoints, &PathsOptions::new(&["purchased"]))?;
/// let [bought, left] = cut.paths.rows() else { return Err("not two paths".into()) };
/// assert_eq!((bought.conversions, bought.value, cut.paths.touches(bought).count()), (1, 59.9, 2));
/// assert_eq!((left.nulls, cut.paths.touches(left).count()), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if a column is missing or of the wrong type or a row cannot be read;
/// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for a kind with a lookback that is no conversion, and a time zone that is not known;
/// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) if `progress` said so.
pub fn paths(touchpoints: &Table<'_>, options: &PathsOptions<'_>) -> Result<CutPaths> {
    let zone = known_zone(options.time_zone)?;
    let until = options.observed_until.map(|until| until.within(&zone)).transpose()?;
    let owned = |words: &[&str]| {
        let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        words.sort_unstable();
        words.dedup();
        words
    };
    let rules = Rules {
        conversion: owned(options.conversion),
        touchpoints: owned(options.touchpoints),
        lookback: options.lookback.clone(),
        repeat: options.repeat,
        unit: options.unit,
        session: options.session.clone(),
        observed_until: until,
    };
    rules.check()?;
    let Some(journey) = options.journey else { return cut(touchpoints, options, rules, &[]) };
    journey.check(touchpoints)?;
    let mut found = cut(touchpoints, options, rules.clone(), &[])?;
    let refused = journey.add(&mut found.paths, touchpoints, options)?;
    if !refused.is_empty() {
        // The rows that the journey refuses are on no path either.
        found = cut(touchpoints, options, rules, &refused)?;
        journey.add(&mut found.paths, touchpoints, options)?;
    }
    Ok(found)
}

/// Cuts the rows, but for those that somebody refused.
fn cut(touchpoints: &Table<'_>, options: &PathsOptions<'_>, rules: Rules, refused: &[BadRow]) -> Result<CutPaths> {
    let mut rows = Rows::new(touchpoints, options, &rules, refused)?;
    let customer = touchpoints.required(TABLE, options.customer)?;
    let keys = key_kind(&[(TABLE, touchpoints, customer)])?;
    let sources = [Source { pieces: touchpoints.pieces(customer).collect() }];
    let monitor = Monitor::of(options.progress, touchpoints.rows() as u64);
    let cutter = Cutter::new(&rows, &rules)?;
    let everyone = Everyone { keys: &keys, sources: &sources, judge: &rows, monitor: &monitor, width: 0 };
    let ordered = everyone
        .ordered(|| cutter.clone(), &|records, carried, cutter: &mut Cutter<'_, '_, '_>, cut: &mut Cut| cutter.cut(records, carried, cut));
    monitor.finish()?;
    let rejected = rows.take_rejected();
    Ok(CutPaths { paths: joined(ordered, rows, rules), rejected })
}
