//! Opportunities taken and missed, as whole numbers.

use crate::error::{BadRow, Error, Result};
use crate::insight::lifetime::purchases::Purchases;
use crate::insight::lifetime::summary::Summary;

/// More opportunities than this are a continuous time: the likelihood has a term for each.
pub(crate) const MOST: u32 = 100_000;

/// What one customer did: `x` purchases in `n` opportunities, the last of them at `t_x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct History {
    pub(crate) x: u32,
    pub(crate) t_x: u32,
    pub(crate) n: u32,
}

impl History {
    /// The row as whole numbers, or the column that is none, and why.
    pub(crate) fn of(row: &Purchases) -> std::result::Result<Self, (&'static str, &'static str)> {
        let whole = |value: f64| (value >= 0.0 && value <= f64::from(MOST) && value == libm::floor(value)).then_some(value as u32);
        let n = whole(row.age).ok_or(("age", "must be a whole number of opportunities, 100,000 at most"))?;
        let t_x = whole(row.recency).ok_or(("recency", "must be a whole number: the opportunity of the last purchase"))?;
        let x = row.frequency;
        if t_x > n {
            return Err(("recency", "is greater than `age`"));
        }
        if x > t_x {
            return Err(("frequency", "is greater than `recency`: there is one purchase an opportunity at most"));
        }
        if x == 0 && t_x > 0 {
            return Err(("recency", "must be 0 where `frequency` is 0"));
        }
        Ok(Self { x, t_x, n })
    }
}

/// The distinct histories in order, each with the weight of its customers.
pub(crate) fn grouped(summary: &Summary) -> Result<Vec<(History, f64)>> {
    const LISTED: usize = 100;
    let mut bad = Vec::new();
    let mut rows = Vec::with_capacity(summary.len());
    for (at, row) in summary.iter().enumerate() {
        match History::of(&row) {
            Ok(history) => rows.push((history, summary.weight(at))),
            Err((column, reason)) => {
                bad.push(BadRow { table: "summary", row: at as u64, column: column.to_owned(), reason: reason.to_owned() });
                if bad.len() == LISTED {
                    break;
                }
            }
        }
    }
    if !bad.is_empty() {
        return Err(Error::bad_rows(bad));
    }
    rows.sort_by_key(|(history, _)| *history);
    rows.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    rows.retain(|(_, weight)| *weight > 0.0);
    Ok(rows)
}
