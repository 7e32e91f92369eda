//! Every customer's records brought together, folded, and put in the order of the keys.

use super::dense::{Dense, IntegersFrom};
use super::group::{Carried, Grouping, Judge, Record, Source, by_customer, partitions};
use super::hashed::Hashed;
use super::key_kind::KeyKind;
use super::keys::{IntegerKeys, KeySpace, LongCode, LongKeys, ShortKeys};
use super::output::ResultColumn;
use super::prepare::Monitor;
use super::sheet::{Part, Sheet, short_texts};

/// The records of everyone, and who hears how far their fold is.
pub(crate) struct Everyone<'e, 't, 'a, J> {
    pub(crate) keys: &'e KeyKind,
    pub(crate) sources: &'e [Source<'t, 'a>],
    pub(crate) judge: &'e J,
    pub(crate) monitor: &'e Monitor<'e>,
    /// Cells of a row.
    pub(crate) width: usize,
}

impl<J: Judge> Everyone<'_, '_, '_, J> {
    /// Folds each customer with what `own` makes for each thread. A fold appends the cells of its rows and says how many rows they are.
    pub(crate) fn collect<T>(
        &self,
        own: impl Fn() -> T + Sync + Send,
        fold: &(impl Fn(&mut [Record], &Carried, &mut T, &mut Vec<u64>) -> u32 + Sync),
    ) -> Sheet {
        let (sources, width) = (self.sources, self.width);
        match self.keys {
            KeyKind::Integer { least, span: Some(span) } => {
                let keys = IntegersFrom(*least);
                let parts = self.parts(own, fold, &Dense::new(&keys, *span, partitions(sources)));
                Sheet::new(parts, width, u32::cmp, |codes| {
                    ResultColumn::Integers(codes.iter().map(|code| least + i64::from(*code)).collect())
                })
            }
            KeyKind::Numeral(keys, span) => {
                let parts = self.parts(own, fold, &Dense::new(keys, *span, partitions(sources)));
                Sheet::new(parts, width, u32::cmp, |codes| short_texts(codes, |code| keys.key(*code)))
            }
            KeyKind::Integer { span: None, .. } => {
                let parts = self.hashed(own, fold, &IntegerKeys);
                Sheet::new(parts, width, i64::cmp, |codes| ResultColumn::Integers(codes.to_vec()))
            }
            KeyKind::Short => {
                let parts = self.hashed(own, fold, &ShortKeys);
                Sheet::new(parts, width, u128::cmp, |codes| short_texts(codes, |code| *code))
            }
            KeyKind::Long => {
                let keys = LongKeys { sources: sources.iter().flat_map(|source| source.pieces.iter().copied()).collect() };
                let parts = self.hashed(own, fold, &keys);
                let text = |code: &LongCode| std::str::from_utf8(keys.bytes(code.row as usize)).ok();
                Sheet::new(parts, width, |a, b| keys.order(*a, *b), |codes| ResultColumn::Texts(codes.iter().map(text).collect()))
            }
        }
    }

    fn hashed<T, K: KeySpace>(
        &self,
        own: impl Fn() -> T + Sync + Send,
        fold: &(impl Fn(&mut [Record], &Carried, &mut T, &mut Vec<u64>) -> u32 + Sync),
        keys: &K,
    ) -> Vec<Part<K::Code>> {
        self.parts(own, fold, &Hashed::new(keys, partitions(self.sources)))
    }

    fn parts<T, G: Grouping>(
        &self,
        own: impl Fn() -> T + Sync + Send,
        fold: &(impl Fn(&mut [Record], &Carried, &mut T, &mut Vec<u64>) -> u32 + Sync),
        grouping: &G,
    ) -> Vec<Part<G::Code>> {
        by_customer(grouping, self.sources, self.judge, own, |own, gathered| {
            let mut part = Part { owners: Vec::new(), ends: Vec::new(), cells: Vec::new() };
            if self.monitor.is_stopped() {
                return part;
            }
            part.owners.reserve(gathered.customers());
            part.ends.reserve(gathered.customers());
            part.cells.reserve(gathered.customers() * self.width);
            let mut rows = 0;
            gathered.for_each(|customer, records, carried| {
                let more = fold(records, carried, own, &mut part.cells);
                if more > 0 {
                    rows += more;
                    part.owners.push(customer);
                    part.ends.push(rows);
                }
            });
            self.monitor.advance(gathered.records() as u64);
            part
        })
    }
}
