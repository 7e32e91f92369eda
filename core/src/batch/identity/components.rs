//! Persons of a whole table: first what hangs together, limits aside; then, where a limit may not hold, the records again in their order.

use std::cmp::Ordering;

use super::super::input::Table;
use super::columns::{Records, micros, text_of};
use super::forest::{Forest, LINKS};
use super::interned::{Interned, NONE, interned};
use crate::identity::{Engine, Identifiers, IdentityRules};

/// All identifiers of a table by number, in the order of their kinds and values, and what becomes of them.
pub(super) struct Resolved {
    /// Per kind that the table has: its number, the number of its first identifier, its values.
    pub(super) kinds: Vec<(u16, u32, Interned)>,
    /// Per identifier, the one that names its person.
    pub(super) roots: Vec<u32>,
    /// Identifiers that records have which count.
    pub(super) used: Vec<bool>,
    pub(super) records: u64,
    pub(super) duplicates: u64,
    pub(super) nobody: u64,
    pub(super) dropped: u64,
}

impl Resolved {
    /// The kind that an identifier is of.
    #[inline]
    pub(super) fn kind_of(&self, node: u32) -> Option<&(u16, u32, Interned)> {
        of_kind(&self.kinds, node)
    }

    /// Has the identifier that names one's person come from memory.
    #[inline]
    pub(super) fn touch(&self, node: u32) -> u8 {
        let root = self.roots.get(node as usize).copied().unwrap_or(NONE);
        self.kind_of(root).map_or(0, |(_, first, interned)| interned.values.touch(root - first))
    }
}

/// One column of identifiers: the number of its kind's first, and of every row the number among the kind's, or none.
#[derive(Clone, Copy)]
struct Codes<'c> {
    first: u32,
    codes: &'c [u32],
}

impl Codes<'_> {
    #[inline]
    fn node(self, row: usize) -> u32 {
        match self.codes.get(row).copied() {
            Some(code) if code != NONE => self.first + code,
            _ => NONE,
        }
    }
}

pub(super) fn resolved<'t>(
    rules: &IdentityRules,
    table: &'t Table<'t>,
    records: &Records,
    pieces: &'t [Vec<(usize, &'t super::super::column::Column<'t>)>],
) -> Resolved {
    let rows = table.rows();
    let mut kinds: Vec<(u16, u32, Interned)> = Vec::new();
    let mut first = 0;
    for kind in 0..rules.kinds().len() as u16 {
        let of_kind = records.identified.iter().zip(pieces).filter(|(identified, _)| identified.kind == kind);
        let columns: Vec<Vec<(usize, &'t super::super::column::Column<'t>)>> = of_kind.map(|(_, pieces)| pieces.clone()).collect();
        if !columns.is_empty() {
            let found = interned(&columns, rows);
            let number = found.values.len() as u32;
            kinds.push((kind, first, found));
            first += number;
        }
    }
    let columns: Vec<Codes<'_>> = kinds
        .iter()
        .flat_map(|(_, first, interned)| interned.codes.chunks(rows.max(1)).map(|codes| Codes { first: *first, codes }))
        .collect();
    let nodes = first as usize;
    let all = Rows { columns: &columns, rows, at: records.at.map(|at| micros(table, at)) };
    let counts = all.counting(table, records);
    let mut roots = all.united(first, &counts).roots();
    let (firsts, used) = all.firsts(nodes, &counts);
    all.name(&mut roots, firsts.as_deref());
    let mut dropped = 0;
    let over = over(rules, &kinds, &roots, &used);
    if over.iter().any(|over| *over) {
        dropped = all.fold_again(rules, &kinds, &mut roots, &over, &counts);
    }
    Resolved { roots, used, records: counts.records, duplicates: counts.duplicates, nobody: counts.nobody, dropped, kinds }
}

/// Which rows count.
struct Counting {
    /// None if all do.
    counted: Option<Vec<bool>>,
    /// Per row the number of its id in the order of ids; empty if there are none.
    ids: Vec<u32>,
    records: u64,
    duplicates: u64,
    nobody: u64,
}

impl Counting {
    #[inline]
    fn is_counted(&self, row: usize) -> bool {
        self.counted.as_ref().is_none_or(|counted| counted.get(row) == Some(&true))
    }

    /// The order of a row without an id is before all that have one.
    fn id(&self, row: usize) -> u32 {
        self.ids.get(row).copied().unwrap_or(NONE).wrapping_add(1)
    }
}

struct Rows<'c> {
    columns: &'c [Codes<'c>],
    rows: usize,
    at: Option<Vec<i64>>,
}

impl Rows<'_> {
    fn at(&self, row: usize) -> i64 {
        self.at.as_ref().and_then(|at| at.get(row)).copied().unwrap_or_default()
    }

    /// A row's identifiers in order, each once.
    fn nodes(&self, row: usize, out: &mut Vec<u32>) {
        out.clear();
        out.extend(self.columns.iter().map(|codes| codes.node(row)).filter(|node| *node != NONE));
        out.sort_unstable();
        out.dedup();
    }

    /// What hangs together, limits aside.
    fn united(&self, nodes: u32, counting: &Counting) -> Forest {
        let mut forest = Forest::new(nodes);
        let mut links: Vec<(u32, u32)> = Vec::with_capacity(LINKS);
        for row in (0..self.rows).filter(|row| counting.is_counted(*row)) {
            let mut of_row = self.columns.iter().map(|codes| codes.node(row)).filter(|node| *node != NONE);
            let Some(one) = of_row.next() else { continue };
            links.extend(of_row.map(|other| (one, other)));
            if links.len() >= LINKS {
                forest.unite_all(&links);
                links.clear();
            }
        }
        forest.unite_all(&links);
        forest
    }

    fn counting(&self, table: &Table<'_>, records: &Records) -> Counting {
        let ids = records.id.map(|id| id_numbers(table, id)).unwrap_or_default();
        let mut counting = Counting { counted: None, ids, records: 0, duplicates: 0, nobody: 0 };
        if !records.bad.is_empty() || records.id.is_some() {
            counting.counted = Some((0..self.rows).map(|row| !records.bad.contains(row)).collect());
        }
        if let Some(counted) = &mut counting.counted
            && records.id.is_some()
        {
            let mut winners: Vec<u32> = vec![NONE; self.rows];
            let (mut left, mut right) = (Vec::new(), Vec::new());
            for row in 0..self.rows {
                let id = counting.ids.get(row).copied().unwrap_or(NONE);
                let Some(winner) = winners.get_mut(id as usize).filter(|_| counted.get(row) == Some(&true)) else { continue };
                if *winner == NONE {
                    *winner = row as u32;
                    continue;
                }
                let before = *winner as usize;
                self.nodes(before, &mut left);
                self.nodes(row, &mut right);
                let loser = match (self.at(row), &right) < (self.at(before), &left) {
                    true => std::mem::replace(winner, row as u32) as usize,
                    false => row,
                };
                counted.get_mut(loser).into_iter().for_each(|counted| *counted = false);
                counting.duplicates += 1;
            }
        }
        for row in 0..self.rows {
            if counting.is_counted(row) {
                counting.records += 1;
                counting.nobody += u64::from(self.columns.iter().all(|codes| codes.node(row) == NONE));
            }
        }
        counting
    }

    /// When each identifier was first seen, if there are instants, and whether it was.
    fn firsts(&self, nodes: usize, counting: &Counting) -> (Option<Vec<i64>>, Vec<bool>) {
        if self.at.is_none() && counting.counted.is_none() {
            return (None, vec![true; nodes]);
        }
        let mut firsts = vec![i64::MAX; nodes];
        for codes in self.columns {
            for row in (0..self.rows).filter(|row| counting.is_counted(*row)) {
                let at = self.at(row);
                firsts.get_mut(codes.node(row) as usize).into_iter().for_each(|first| *first = at.min(*first));
            }
        }
        let used = firsts.iter().map(|first| *first != i64::MAX).collect();
        (self.at.is_some().then_some(firsts), used)
    }

    /// Names every person by the identifier that was seen first.
    fn name(&self, roots: &mut [u32], firsts: Option<&[i64]>) {
        // The least of each is its root already.
        let Some(firsts) = firsts else { return };
        let mut names: Vec<u32> = (0..roots.len() as u32).collect();
        let first = |node: u32| firsts.get(node as usize).copied().unwrap_or(i64::MAX);
        for (node, root) in (0..).zip(roots.iter()) {
            if let Some(name) = names.get_mut(*root as usize)
                && (first(node), node) < (first(*name), *name)
            {
                *name = node;
            }
        }
        roots.iter_mut().for_each(|root| *root = names.get(*root as usize).copied().unwrap_or(*root));
    }

    /// Folds the records of some persons in their order, as a graph would. Gives how many identifiers were dropped.
    fn fold_again(
        &self,
        rules: &IdentityRules,
        kinds: &[(u16, u32, Interned)],
        roots: &mut [u32],
        over: &[bool],
        counting: &Counting,
    ) -> u64 {
        let is_over = |node: u32| over.get(node as usize) == Some(&true);
        // Few of all: they are numbered anew, in their order.
        let chosen: Vec<u32> =
            (0..roots.len() as u32).filter(|node| roots.get(*node as usize).is_some_and(|root| is_over(*root))).collect();
        let few = Few { kinds: chosen.iter().map(|node| of_kind(kinds, *node).map_or(0, |(kind, ..)| *kind)).collect() };
        let mut records: Vec<(i64, u32, Vec<u32>)> = Vec::new();
        let mut nodes = Vec::new();
        for row in (0..self.rows).filter(|row| counting.is_counted(*row)) {
            let one = self.columns.iter().map(|codes| codes.node(row)).find(|node| *node != NONE);
            let Some(root) = one.and_then(|one| roots.get(one as usize)) else { continue };
            if is_over(*root) {
                self.nodes(row, &mut nodes);
                let numbers = nodes.iter().map(|node| chosen.binary_search(node).unwrap_or_default() as u32).collect();
                records.push((self.at(row), counting.id(row), numbers));
            }
        }
        records.sort_unstable();
        let mut engine = Engine::default();
        engine.grow(chosen.len());
        let mut because = Vec::new();
        for (at, _, nodes) in &records {
            engine.fold(rules.limits(), &few, *at, nodes, &mut because);
        }
        for (number, node) in (0..).zip(&chosen) {
            let root = engine.root(number).and_then(|root| chosen.get(root as usize)).copied().unwrap_or(NONE);
            roots.get_mut(*node as usize).into_iter().for_each(|place| *place = root);
        }
        because.len() as u64
    }
}

/// Identifiers by numbers that sort as they do.
struct Few {
    kinds: Vec<u16>,
}

impl Identifiers for Few {
    fn kind(&self, node: u32) -> u16 {
        self.kinds.get(node as usize).copied().unwrap_or_default()
    }

    fn order(&self, left: u32, right: u32) -> Ordering {
        left.cmp(&right)
    }
}

/// The number of every row's id in the order of the ids.
fn id_numbers(table: &Table<'_>, column: usize) -> Vec<u32> {
    let mut texts: Vec<Option<String>> = Vec::with_capacity(table.rows());
    for (_, piece) in table.pieces(column) {
        texts.extend((0..piece.len()).map(|row| text_of(piece, row).map(std::borrow::Cow::into_owned)));
    }
    let mut sorted: Vec<&str> = texts.iter().flatten().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let number = |text: &Option<String>| text.as_deref().and_then(|text| sorted.binary_search(&text).ok()).map_or(NONE, |at| at as u32);
    texts.iter().map(number).collect()
}

/// Kinds follow one another, and their identifiers with them.
#[inline]
fn of_kind(kinds: &[(u16, u32, Interned)], node: u32) -> Option<&(u16, u32, Interned)> {
    let after = kinds.partition_point(|(_, first, _)| *first <= node);
    kinds.get(after.checked_sub(1)?)
}

/// By the root of each person: whether it has more values of a kind than the limit, whenever they were seen.
fn over(rules: &IdentityRules, kinds: &[(u16, u32, Interned)], roots: &[u32], used: &[bool]) -> Vec<bool> {
    let mut over = Vec::new();
    for (kind, first, interned) in kinds {
        let Some(limit) = rules.limits().get(usize::from(*kind)).copied().flatten() else { continue };
        over.resize(roots.len(), false);
        let mut counts = vec![0_u32; roots.len()];
        for node in *first as usize..*first as usize + interned.values.len() {
            if used.get(node) == Some(&true)
                && let Some(count) = roots.get(node).and_then(|root| counts.get_mut(*root as usize))
            {
                *count += 1;
            }
        }
        over.iter_mut().zip(counts).for_each(|(over, count)| *over |= count > limit.count());
    }
    over
}
