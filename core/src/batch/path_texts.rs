//! A table of paths as texts.

use super::column::{Column, Data};
use super::input::Table;
use crate::error::{Error, Result};
use crate::insight::paths::{PathText, PathTexts, Paths};

const TABLE: &str = "paths";

/// Paths of a table with the columns `path`, `conversions`, and where there are such `value` and `nulls`.
///
/// # Errors
/// [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if a column is missing or of the wrong type, and as [`Paths::from_strings`] for rows that are none.
pub(crate) fn paths_of_texts(table: &Table<'_>, separator: &str) -> Result<Paths> {
    table.check(TABLE, &[], false)?;
    let (path, conversions) = (table.required(TABLE, "path")?, table.required(TABLE, "conversions")?);
    let places = [Some(path), Some(conversions), table.position("value"), table.position("nulls")];
    let mut chunks = Vec::new();
    for chunk in &table.chunks {
        let [path, conversions, value, nulls] = places.map(|place| place.and_then(|place| chunk.get(place)));
        chunks.extend(path.zip(conversions).map(|(path, conversions)| Chunk { path, conversions, value, nulls }));
    }
    for chunk in &chunks {
        chunk.check()?;
    }
    Paths::of_texts(&chunks, separator)
}

struct Chunk<'t> {
    path: &'t Column<'t>,
    conversions: &'t Column<'t>,
    value: Option<&'t Column<'t>>,
    nulls: Option<&'t Column<'t>>,
}

impl Chunk<'_> {
    fn check(&self) -> Result<()> {
        let wrong = |name: &str, wanted: &str, column: &Column<'_>| {
            Err(Error::table(format!("the column `{name}` of `{TABLE}` has {}, not {wanted}", column.type_name())))
        };
        if !matches!(self.path.data, Data::Text(_)) {
            return wrong("path", "text", self.path);
        }
        let named = [("conversions", Some(self.conversions)), ("value", self.value), ("nulls", self.nulls)];
        for (name, column) in named {
            if let Some(column) = column.filter(|column| !matches!(column.data, Data::Int(_) | Data::Float64(_) | Data::Float32(_))) {
                return wrong(name, "numbers", column);
            }
        }
        Ok(())
    }
}

impl PathTexts for Chunk<'_> {
    fn rows(&self) -> usize {
        self.path.len()
    }

    #[inline]
    fn row(&self, row: usize) -> std::result::Result<PathText<'_>, String> {
        let text = match &self.path.data {
            Data::Text(text) if !self.path.is_null(row) => text.get(row),
            _ => return Err("is missing".to_owned()),
        };
        Ok(PathText {
            text,
            conversions: count("conversions", self.conversions, row)?,
            value: self.value.map_or(Ok(0.0), |value| number("value", value, row))?,
            nulls: self.nulls.map_or(Ok(0), |nulls| count("nulls", nulls, row))?,
        })
    }
}

#[inline]
fn count(name: &str, column: &Column<'_>, row: usize) -> std::result::Result<u64, String> {
    let whole = match &column.data {
        _ if column.is_null(row) => return Err(format!("has no `{name}`")),
        Data::Int(counts) => counts.get(row).and_then(|count| u64::try_from(count).ok()),
        _ => number(name, column, row)
            .ok()
            .filter(|count| count.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(count))
            .map(|count| count as u64),
    };
    whole.ok_or_else(|| format!("has `{name}` that are not a whole number of 0 or more"))
}

#[inline]
fn number(name: &str, column: &Column<'_>, row: usize) -> std::result::Result<f64, String> {
    let number = match &column.data {
        _ if column.is_null(row) => return Err(format!("has no `{name}`")),
        Data::Float64(numbers) => numbers.get(row).copied(),
        Data::Float32(numbers) => numbers.get(row).map(|number| f64::from(*number)),
        Data::Int(numbers) => numbers.get(row).map(|number| number as f64),
        _ => None,
    };
    number.ok_or_else(|| format!("has no `{name}`"))
}
