//! Paths, looked at by one dimension.

use std::sync::Arc;

use rayon::prelude::*;

use crate::error::Result;
use crate::insight::paths::{Dimension, PathRow, Paths};

/// How often a path was gone, and what it brought.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Tally {
    pub(crate) conversions: u64,
    pub(crate) nulls: u64,
    pub(crate) value: f64,
}

/// Paths by one dimension, with their own tallies or resampled ones.
pub(crate) struct Reading<'p> {
    paths: &'p Paths,
    dimension: &'p Dimension,
    /// Which words any path has.
    used: Arc<[bool]>,
    resampled: Option<Vec<Tally>>,
}

impl<'p> Reading<'p> {
    pub(crate) fn new(paths: &'p Paths, by: &str) -> Result<Self> {
        let dimension = paths.dimension(by)?;
        Ok(Self { paths, dimension, used: used(paths, dimension), resampled: None })
    }

    pub(crate) fn with_tallies(&self, tallies: Vec<Tally>) -> Self {
        Self { paths: self.paths, dimension: self.dimension, used: self.used.clone(), resampled: Some(tallies) }
    }

    pub(crate) fn paths(&self) -> &'p Paths {
        self.paths
    }

    pub(crate) fn by(&self) -> &'p str {
        self.dimension.name()
    }

    pub(crate) fn words(&self) -> &'p [Option<String>] {
        self.dimension.words()
    }

    pub(crate) fn rows(&self) -> &'p [PathRow] {
        self.paths.rows()
    }

    #[inline]
    pub(crate) fn tally(&self, number: usize, row: &PathRow) -> Tally {
        match &self.resampled {
            None => Tally { conversions: row.conversions, nulls: row.nulls, value: row.value },
            Some(tallies) => tallies.get(number).copied().unwrap_or_default(),
        }
    }

    /// The words of the touchpoints of a path, by number.
    #[inline]
    pub(crate) fn codes(&self, row: &PathRow) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.paths.touches(row).map(|event| self.code(event))
    }

    #[inline]
    pub(crate) fn code(&self, event: usize) -> u32 {
        self.dimension.codes().get(event).copied().unwrap_or_default()
    }

    /// Which words any path has.
    pub(crate) fn used(&self) -> &[bool] {
        &self.used
    }
}

fn used(paths: &Paths, dimension: &Dimension) -> Arc<[bool]> {
    let none = || vec![false; dimension.words().len()];
    let parts = paths.rows().par_chunks(1 << 14).fold(none, |mut used, rows| {
        for code in rows.iter().flat_map(|row| paths.touches(row)).filter_map(|event| dimension.codes().get(event)) {
            used.get_mut(*code as usize).into_iter().for_each(|used| *used = true);
        }
        used
    });
    let either = |mut one: Vec<bool>, other: Vec<bool>| {
        one.iter_mut().zip(other).for_each(|(one, other)| *one |= other);
        one
    };
    parts.reduce(none, either).into()
}
