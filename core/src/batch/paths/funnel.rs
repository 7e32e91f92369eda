//! A funnel from raw rows: only those of its steps are brought together by customer.

use std::ops::Range;

use foldhash::fast::FixedState;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::column::{Column, Data, Text};
use super::super::everyone::{Cells, Everyone};
use super::super::group::{Carried, Judge, MORSEL, SKIP, Source};
use super::super::input::{Refused, Table};
use super::super::key_kind::key_kind;
use super::super::keys::{SHORT, ShortKeys};
use super::super::log::Log;
use super::super::prepare::{Monitor, instants_of};
use super::super::{OnError, Progress};
use super::TABLE;
use crate::error::{BadRow, Error, ErrorKind, Result};
use crate::insight::paths::funnel::chain::{Chains, Event};
use crate::insight::paths::funnel::{Counts, Look};
use crate::insight::paths::{Funnel, FunnelRequest};

/// Of which columns a funnel of raw rows is, as a document; what is not there is at its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FunnelRows {
    /// The column of the customer: text or integers.
    pub customer: String,
    /// The column of the instant.
    pub at: String,
    /// The zone of times without one.
    pub time_zone: String,
    /// `raise` or `collect`: what becomes of rows of the funnel's steps that cannot be read.
    pub on_error: String,
}

impl Default for FunnelRows {
    fn default() -> Self {
        Self { customer: "customer".to_owned(), at: "at".to_owned(), time_zone: "UTC".to_owned(), on_error: "raise".to_owned() }
    }
}

impl FunnelRows {
    pub(crate) fn on_error(&self) -> Result<OnError> {
        match self.on_error.as_str() {
            "raise" => Ok(OnError::Fail),
            "collect" => Ok(OnError::Collect),
            _ => Err(Error::new(ErrorKind::InvalidArgument, "`on_error` is neither \"raise\" nor \"collect\"")),
        }
    }
}

/// A funnel of raw rows at once, without paths: rows of other kinds than its steps are left aside before anything is brought together by customer.
///
/// The columns that the steps name hold text. Rows are not told apart by their ids: one that came twice changes nothing. It gives the funnel, and the rows that
/// were refused with `on_error: collect`.
///
/// ```
/// use wayfare::paths::{FunnelRequest, FunnelRows, funnel};
/// use wayfare::{Column, Table};
///
/// let at = ["2026-03-01T10:00:00Z".parse()?, "2026-03-01T10:20:00Z".parse()?, "2026-03-01T11:00:00Z".parse()?];
/// let rows = Table::new()
///     .column("customer", Column::texts(&["ada", "ada", "bo"]))
///     .column("at", Column::instants(&at))
///     .column("kind", Column::texts(&["viewed", "purchased", "viewed"]));
/// let (bought, _) = funnel(&rows, &FunnelRequest::new(["viewed", "purchased"]).within("30m".parse()?), &FunnelRows::default(), None)?;
/// assert_eq!(bought.steps.iter().map(|step| step.customers).collect::<Vec<_>>(), [2, 1]);
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for a request that cannot be meant, or that needs paths: strict order, steps that share touchpoints.
/// [`ErrorKind::InvalidTable`] if a column is missing or of the wrong type or a row of the steps cannot be read; [`ErrorKind::Cancelled`] if `progress` said so.
pub fn funnel(
    table: &Table<'_>,
    request: &FunnelRequest,
    rows: &FunnelRows,
    progress: Option<Progress<'_>>,
) -> Result<(Funnel, Vec<BadRow>)> {
    let rules = request.rules()?;
    let needs_paths = [
        (rules.strict_order, "`strict_order`"),
        (rules.strict_deduplication, "`strict_deduplication`"),
        (rules.in_order, "`same_instant` in order"),
        (request.is_per_path()?, "a funnel per path"),
        (request.overlaps(), "a funnel whose steps share touchpoints"),
    ];
    if let Some((_, what)) = needs_paths.iter().find(|(needs, _)| *needs) {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("{what} needs more than the rows of its steps"))
            .with_help("make paths of the table first, and ask them: `paths(table, …).funnel(…)`"));
    }
    let kept = Kept::new(table, request, rows)?;
    let customer = table.required(TABLE, &rows.customer)?;
    let keys = key_kind(&[(TABLE, table, customer)])?;
    let sources = [Source { pieces: table.pieces(customer).collect() }];
    let monitor = Monitor::of(progress, table.rows() as u64);
    let everyone = Everyone { keys: &keys, sources: &sources, judge: &kept, monitor: &monitor, width: 0 };
    let parts = everyone.ordered(
        || (Vec::new(), Chains::default()),
        &|records, carried, (events, chains): &mut (Vec<Event>, Chains), part: &mut Part| {
            if !records.is_sorted_by_key(|record| record.at) {
                records.sort_unstable_by_key(|record| record.at);
            }
            let serves = |sort: u8| usize::from(sort).checked_sub(1).and_then(|sort| kept.sorts.get(sort)).copied().unwrap_or_default();
            events.clear();
            events.extend(records.iter().map(|record| Event { at: record.at, serves: serves(carried.sort(*record)), place: record.row }));
            chains.find(events, &rules);
            part.0.get_or_insert_with(|| Counts::new(rules.steps, 0)).take(&chains.best, 1);
            0
        },
    );
    monitor.finish()?;
    let none = Counts::new(rules.steps, 0);
    let counts = parts.parts.into_iter().filter_map(|part| part.0).fold(none, Counts::and);
    Ok((counts.told(request, true, &[])?, kept.rejected))
}

/// What the customers of a partition come to.
#[derive(Default)]
struct Part(Option<Counts>);

impl Cells for Part {
    fn make_room(&mut self, _: usize, _: usize, _: usize) {}
}

/// The rows that serve a step or break a chain.
struct Kept<'t, 'a> {
    ats: Vec<(usize, &'t Column<'a>)>,
    /// Of each row, 0 if it is left aside, else 1 + the number of what it serves.
    rows: Vec<u8>,
    /// What rows may serve.
    sorts: Vec<u32>,
    rejected: Vec<BadRow>,
}

impl<'t, 'a> Kept<'t, 'a> {
    fn new(table: &'t Table<'a>, request: &FunnelRequest, named: &FunnelRows) -> Result<Self> {
        let log = Log::new(table, TABLE, [&named.customer, &named.at], "ask for the funnel of the customers in parts")?;
        let looks = request.looks();
        let mut columns = Vec::new();
        for look in &looks {
            let column = table.required(TABLE, look.dimension)?;
            table.expect(TABLE, column, "text", |data| matches!(data, Data::Text(_)))?;
            columns.push((column, Matcher::new(look)));
        }
        let sorts = sorts(&looks)?;
        let morsels: Vec<(&Vec<Column<'a>>, Range<usize>)> = table
            .chunks
            .iter()
            .flat_map(|chunk| {
                let rows = chunk.first().map_or(0, Column::len);
                (0..rows).step_by(MORSEL).map(move |from| (chunk, from..(from + MORSEL).min(rows)))
            })
            .collect();
        let kept = morsels.par_iter().map(|(chunk, rows)| {
            let mut serves = vec![u32::MAX; rows.len()];
            columns.iter().filter_map(|(column, matcher)| Some((chunk.get(*column)?, matcher))).for_each(|(column, matcher)| {
                matcher.narrow(column, rows.clone(), &mut serves);
            });
            let sort =
                |serves: u32| if serves == 0 { 0 } else { sorts.iter().position(|sort| *sort == serves).map_or(0, |at| at as u8 + 1) };
            serves.into_iter().map(sort).collect::<Vec<u8>>()
        });
        let rows = kept.collect::<Vec<_>>().concat();
        let mut refused = Refused::default();
        log.judge(table, TABLE, &mut refused);
        // What is not of the funnel may be as it likes.
        refused.rows.retain(|bad| rows.get(bad.row as usize).is_some_and(|sort| *sort > 0));
        let mut kept = Self { ats: table.pieces(log.at).collect(), rows, sorts, rejected: refused.settle() };
        if named.on_error()? == OnError::Fail && !kept.rejected.is_empty() {
            return Err(Error::bad_rows(kept.rejected));
        }
        for bad in &kept.rejected {
            kept.rows.get_mut(bad.row as usize).into_iter().for_each(|sort| *sort = 0);
        }
        Ok(kept)
    }
}

/// Everything that a row may serve, but nothing.
fn sorts(looks: &[Look<'_>]) -> Result<Vec<u32>> {
    let mut all = vec![u32::MAX];
    for look in looks {
        let own: Vec<u32> = look.words.values().map(|serves| serves | look.others).chain([look.others]).collect();
        all = all.iter().flat_map(|serves| own.iter().map(move |own| serves & own)).filter(|serves| *serves != 0).collect();
        all.sort_unstable();
        all.dedup();
    }
    match all.len() < usize::from(u8::MAX) {
        true => Ok(all),
        false => Err(Error::new(ErrorKind::InvalidArgument, "the steps and exclusions are met in too many combinations")
            .with_help("make paths of the table first, and ask them: `paths(table, …).funnel(…)`")),
    }
}

/// Finds the words that steps name among the rows of a column.
struct Matcher<'r> {
    /// Words of few bytes, packed.
    short: Vec<(u128, u32)>,
    words: std::collections::HashMap<&'r [u8], u32, FixedState>,
    others: u32,
}

/// Words up to which rows are compared with each.
const FEW: usize = 16;

impl<'r> Matcher<'r> {
    fn new(look: &Look<'r>) -> Self {
        let words: Vec<(&'r [u8], u32)> = look.words.iter().map(|(word, serves)| (word.as_bytes(), serves | look.others)).collect();
        let are_short = words.len() <= FEW && words.iter().all(|(word, _)| word.len() <= SHORT);
        let packed = |(word, serves): &(&[u8], u32)| (ShortKeys::pack(word).swap_bytes(), *serves);
        let short = if are_short { words.iter().map(packed).collect() } else { Vec::new() };
        Self { short, words: words.into_iter().collect(), others: look.others }
    }

    /// Leaves each row only what its word serves.
    fn narrow(&self, column: &Column<'_>, rows: Range<usize>, serves: &mut [u32]) {
        let found = |word: &[u8]| self.words.get(word).copied().unwrap_or(self.others);
        match &column.data {
            Data::Text(Text::Dictionary { codes, words }) => {
                let known: Vec<u32> = match &words.data {
                    Data::Text(texts) => {
                        (0..texts.len()).map(|word| if words.is_null(word) { self.others } else { found(texts.get(word)) }).collect()
                    }
                    _ => Vec::new(),
                };
                for (row, serves) in rows.clone().zip(&mut *serves) {
                    *serves &= codes.get(row).and_then(|code| known.get(code as usize)).copied().unwrap_or(self.others);
                }
            }
            Data::Text(text) if !self.short.is_empty() => {
                for (row, serves) in rows.clone().zip(&mut *serves) {
                    let (bytes, start, end) = text.span(row);
                    // Longer words are packed as if they ended early, but for their length.
                    let packed = if end.wrapping_sub(start) <= SHORT { ShortKeys::swapped_part(bytes, start, end) } else { u128::MAX };
                    let mut own = self.others;
                    self.short.iter().for_each(|(word, serves)| own = if *word == packed { *serves } else { own });
                    *serves &= own;
                }
            }
            Data::Text(text) => rows.clone().zip(&mut *serves).for_each(|(row, serves)| *serves &= found(text.get(row))),
            _ => serves.iter_mut().for_each(|serves| *serves &= self.others),
        }
        if column.may_be_null() {
            rows.zip(serves).filter(|(row, _)| column.is_null(*row)).for_each(|(_, serves)| *serves &= self.others);
        }
    }
}

impl Judge for Kept<'_, '_> {
    fn judge(&self, number: usize, rows: usize, out: &mut Vec<i64>) {
        instants_of(&self.ats, number, rows, out);
        let kept = self.rows.get(number..number + rows).unwrap_or_default();
        out.iter_mut().zip(kept).for_each(|(at, sort)| *at = if *sort == 0 { SKIP } else { *at });
    }

    fn width(&self) -> usize {
        0
    }

    fn carry(&self, number: usize, rows: impl Iterator<Item = (u16, u16)> + Clone, out: &mut Carried) {
        for (row, place) in rows {
            out.set(place, self.rows.get(number + usize::from(row)).copied().unwrap_or_default(), std::iter::empty());
        }
    }
}
