//! Every customer's records brought together, folded, and put in the order of the keys.

use rayon::prelude::*;

use super::dense::{Dense, IntegersFrom};
use super::group::{Carried, Crowd, Grouping, Judge, Record, Source, by_customer, partitions};
use super::hashed::Hashed;
use super::key_kind::{KeyKind, of_all_texts};
use super::keys::{IntegerKeys, KeySpace, LongCode, LongKeys, ShortKeys};
use super::output::ResultColumn;
use super::prepare::Monitor;
use super::sheet::{Ordered, Part, Sheet, short_texts};

/// The records of everyone, and who hears how far their fold is.
pub(crate) struct Everyone<'e, 't, 'a, J> {
    pub(crate) keys: &'e KeyKind,
    pub(crate) sources: &'e [Source<'t, 'a>],
    pub(crate) judge: &'e J,
    pub(crate) monitor: &'e Monitor<'e>,
    /// Cells of a row.
    pub(crate) width: usize,
}

/// What the folds of a partition's customers come to.
pub(crate) trait Cells: Default + Send + Sync {
    /// Makes room for so many customers with so many records, and rows of a width.
    fn make_room(&mut self, customers: usize, records: usize, width: usize);
}

impl Cells for Vec<u64> {
    fn make_room(&mut self, customers: usize, _: usize, width: usize) {
        self.reserve(customers * width);
    }
}

/// Customer by customer: what a fold of one comes to as one of all. A fold appends the cells of its rows and says how many rows they are.
pub(crate) fn one_by_one<T, P>(
    fold: impl Fn(&mut [Record], &Carried, &mut T, &mut P) -> u32 + Sync,
) -> impl Fn(Crowd<'_>, &mut T, &mut P, &mut Vec<u32>) + Sync {
    move |crowd, own, part, ends| {
        let (carried, mut rows) = (crowd.carried, 0);
        for records in crowd {
            rows += fold(records, carried, own, part);
            ends.push(rows);
        }
    }
}

impl<J: Judge> Everyone<'_, '_, '_, J> {
    /// Folds each customer with what `own` makes for each thread. A fold appends the cells of its rows and says how many rows they are.
    pub(crate) fn collect<T>(
        &self,
        own: impl Fn() -> T + Sync + Send,
        fold: &(impl Fn(&mut [Record], &Carried, &mut T, &mut Vec<u64>) -> u32 + Sync),
    ) -> Sheet {
        self.collect_crowds(own, &one_by_one(fold))
    }

    /// As `collect`, a crowd at a time: a fold appends the cells of all rows, and where the rows of each customer end.
    pub(crate) fn collect_crowds<T>(
        &self,
        own: impl Fn() -> T + Sync + Send,
        fold: &(impl Fn(Crowd<'_>, &mut T, &mut Vec<u64>, &mut Vec<u32>) + Sync),
    ) -> Sheet {
        Sheet::new(self.crowds(own, fold), self.width)
    }

    /// As `collect`, where a partition comes to something else than cells.
    pub(crate) fn ordered<T, P: Cells>(
        &self,
        own: impl Fn() -> T + Sync + Send,
        fold: &(impl Fn(&mut [Record], &Carried, &mut T, &mut P) -> u32 + Sync),
    ) -> Ordered<P> {
        self.crowds(own, &one_by_one(fold))
    }

    fn crowds<T, P: Cells>(
        &self,
        own: impl Fn() -> T + Sync + Send,
        fold: &(impl Fn(Crowd<'_>, &mut T, &mut P, &mut Vec<u32>) + Sync),
    ) -> Ordered<P> {
        let found = self.ordered_by(self.keys, &own, fold);
        // Keys may turn out to be others than those that were looked at first.
        found.or_else(|| self.ordered_by(&of_all_texts(self.sources), &own, fold)).unwrap_or_default()
    }

    fn ordered_by<T, P: Cells>(
        &self,
        keys: &KeyKind,
        own: &(impl Fn() -> T + Sync + Send),
        fold: &(impl Fn(Crowd<'_>, &mut T, &mut P, &mut Vec<u32>) + Sync),
    ) -> Option<Ordered<P>> {
        let sources = self.sources;
        Some(match keys {
            KeyKind::Integer { least, span: Some(span) } => {
                let keys = IntegersFrom(*least);
                let parts = self.parts(own, fold, &Dense::new(&keys, *span, partitions(sources)))?;
                Ordered::new(parts, u32::cmp, |codes| {
                    ResultColumn::Integers(codes.par_iter().map(|code| least + i64::from(*code)).collect())
                })
            }
            KeyKind::Numeral(keys, span) => {
                let parts = self.parts(own, fold, &Dense::new(keys, *span, partitions(sources)))?;
                Ordered::new(parts, u32::cmp, |codes| short_texts(codes, |code| keys.key(*code)))
            }
            KeyKind::Integer { span: None, .. } => {
                let parts = self.hashed(own, fold, &IntegerKeys)?;
                Ordered::new(parts, i64::cmp, |codes| ResultColumn::Integers(codes.to_vec()))
            }
            KeyKind::Short => {
                let parts = self.hashed(own, fold, &ShortKeys)?;
                Ordered::new(parts, u128::cmp, |codes| short_texts(codes, |code| *code))
            }
            KeyKind::Long => {
                let keys = LongKeys { sources: sources.iter().flat_map(|source| source.pieces.iter().copied()).collect() };
                let parts = self.hashed(own, fold, &keys)?;
                let text = |code: &LongCode| std::str::from_utf8(keys.bytes(code.row as usize)).ok();
                Ordered::new(parts, |a, b| keys.order(*a, *b), |codes| ResultColumn::Texts(codes.iter().map(text).collect()))
            }
        })
    }

    fn hashed<T, K: KeySpace, P: Cells>(
        &self,
        own: &(impl Fn() -> T + Sync + Send),
        fold: &(impl Fn(Crowd<'_>, &mut T, &mut P, &mut Vec<u32>) + Sync),
        keys: &K,
    ) -> Option<Vec<Part<K::Code, P>>> {
        self.parts(own, fold, &Hashed::new(keys, partitions(self.sources)))
    }

    fn parts<T, G: Grouping, P: Cells>(
        &self,
        own: &(impl Fn() -> T + Sync + Send),
        fold: &(impl Fn(Crowd<'_>, &mut T, &mut P, &mut Vec<u32>) + Sync),
        grouping: &G,
    ) -> Option<Vec<Part<G::Code, P>>> {
        by_customer(grouping, self.sources, self.judge, own, |own, gathered| {
            let mut part = Part { owners: Vec::new(), ends: Vec::new(), cells: P::default() };
            if self.monitor.is_stopped() {
                return part;
            }
            let records = gathered.records();
            let crowd = gathered.crowd(&mut part.owners);
            part.cells.make_room(crowd.len(), records, self.width);
            part.ends.reserve(crowd.len());
            fold(crowd, own, &mut part.cells, &mut part.ends);
            self.monitor.advance(records as u64);
            part
        })
    }
}
