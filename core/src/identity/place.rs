//! Records put in their place: folded where nothing else has to change, or everything again that hangs together with them.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::graph::{IdentityGraph, Record};
use super::report::{Changes, DropReason, Dropped, Linked, Outcome};

/// Identifiers, and the persons that they belonged to before.
type Before = Vec<(u32, Option<u32>)>;

impl IdentityGraph {
    pub(super) fn intern(&mut self, kind: u16, value: String) -> u32 {
        let blocked = self.rules.kind(kind).is_some_and(|kind| kind.is_blocked(&value));
        let (node, is_new) = self.names.known.insert_full((kind, value.into()));
        if is_new {
            self.engine.grow(node + 1);
            self.mentions.push(Vec::new());
            if blocked {
                self.names.blocked.insert(node as u32);
            }
        }
        node as u32
    }

    /// Keeps a record, and gives its number.
    pub(super) fn keep(&mut self, record: Record) -> u32 {
        let number = self.free.pop().unwrap_or_else(|| {
            self.records.push(None);
            self.records.len() as u32 - 1
        });
        match &record.id {
            Some(id) => self.ids.insert(id.clone(), number),
            None => self.unnamed.insert((record.at, record.nodes.clone()), number),
        };
        for node in self.names.active(&record.nodes) {
            self.mentions.get_mut(node as usize).into_iter().for_each(|mentions| mentions.push(number));
        }
        self.records.get_mut(number as usize).into_iter().for_each(|place| *place = Some(record.clone()));
        number
    }

    /// Takes a record out, and gives its identifiers that are not blocked.
    pub(super) fn take_out(&mut self, number: u32) -> Vec<u32> {
        let Some(record) = self.records.get_mut(number as usize).and_then(Option::take) else { return Vec::new() };
        self.free.push(number);
        match record.id {
            Some(id) => self.ids.remove(&id),
            None => self.unnamed.remove(&(record.at, record.nodes.clone())),
        };
        let active = self.names.active(&record.nodes);
        for node in &active {
            self.mentions.get_mut(*node as usize).into_iter().for_each(|mentions| mentions.retain(|other| *other != number));
        }
        active
    }

    /// Whether a record comes after all others; then it is remembered as the last.
    pub(super) fn comes_last(&mut self, number: u32) -> bool {
        let Some(record) = self.record(number) else { return false };
        let place = (record.at, record.id.clone());
        let last = self.newest.as_ref().is_none_or(|newest| *newest < place);
        if last {
            self.newest = Some(place);
        }
        last
    }

    /// Folds a record in its place. Gives the persons of all identifiers that it could have touched as they were, and why identifiers were dropped.
    pub(super) fn place(&mut self, number: u32, active: &[u32], replaced: Vec<u32>, comes_last: bool) -> (Before, Vec<u16>) {
        let mut because = Vec::new();
        let at = self.record(number).map_or(0, |record| record.at);
        let limits = self.rules.limits();
        if replaced.is_empty() {
            let mut before: Vec<(u32, Option<u32>)> = active.iter().map(|node| (*node, self.engine.root(*node))).collect();
            let mut roots: Vec<u32> = before.iter().filter_map(|(_, root)| *root).collect();
            roots.sort_unstable();
            roots.dedup();
            before.extend(roots.into_iter().map(|root| (root, Some(root))));
            if comes_last {
                let kept = self.engine.fold(limits, &self.names, at, active, &mut because);
                if let Some(Some(record)) = self.records.get_mut(number as usize) {
                    record.kept = kept as u32;
                }
                return (before, because);
            }
            if self.engine.fold_late(limits, &self.names, at, active) {
                return (before, because);
            }
        }
        let mut seeds = active.to_vec();
        seeds.extend(replaced);
        let before = self.again_hearing(&seeds, number, &mut because);
        (before, because)
    }

    pub(super) fn again(&mut self, seeds: &[u32]) -> Before {
        self.again_hearing(seeds, u32::MAX, &mut Vec::new())
    }

    /// Folds everything again that hangs together with some identifiers. Gives the persons as they were, and hears why one record's were dropped.
    pub(super) fn again_hearing(&mut self, seeds: &[u32], heard: u32, because: &mut Vec<u16>) -> Before {
        let (nodes, numbers) = self.cluster(seeds);
        let before = nodes.iter().map(|node| (*node, self.engine.root(*node))).collect();
        self.engine.reset(&nodes);
        for number in numbers {
            let Some(record) = self.record(number) else { continue };
            let (at, active) = (record.at, self.names.active(&record.nodes));
            let mut dropped = Vec::new();
            let kept = self.engine.fold(self.rules.limits(), &self.names, at, &active, &mut dropped);
            if let Some(Some(record)) = self.records.get_mut(number as usize) {
                record.kept = kept as u32;
            }
            if number == heard {
                *because = dropped;
            }
        }
        before
    }

    /// Everything that hangs together with some identifiers, limits aside: identifiers, and records in the order in which they count.
    pub(super) fn cluster(&self, seeds: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let mut found: HashSet<u32, FixedState> = HashSet::default();
        let mut met: HashSet<u32, FixedState> = HashSet::default();
        let mut nodes: Vec<u32> = seeds.iter().copied().filter(|node| found.insert(*node)).collect();
        let mut numbers = Vec::new();
        let mut next = 0;
        while let Some(node) = nodes.get(next).copied() {
            next += 1;
            for number in self.mentions(node).iter().copied().filter(|number| met.insert(*number)) {
                numbers.push(number);
                let Some(record) = self.record(number) else { continue };
                nodes.extend(self.names.active(&record.nodes).into_iter().filter(|node| found.insert(*node)));
            }
        }
        numbers.sort_unstable_by(|a, b| match (self.record(*a), self.record(*b)) {
            (Some(a), Some(b)) => self.order(a, (b.at, b.id.as_deref(), &b.nodes)),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
        (nodes, numbers)
    }

    pub(super) fn duplicate(&self, number: u32) -> Linked {
        let person = self.record(number).and_then(|record| self.person_of_record(record)).map(|root| self.id(root));
        Linked { outcome: Outcome::Duplicate, person, dropped: Vec::new(), changes: Changes::default() }
    }

    pub(super) fn person_of_record(&self, record: &Record) -> Option<u32> {
        self.engine.root(*self.kept(record).first()?)
    }

    pub(super) fn blocked(&self, nodes: &[u32]) -> Vec<Dropped> {
        let blocked = nodes.iter().filter(|node| self.names.blocked.contains(node));
        blocked.map(|node| self.dropped(*node, DropReason::Blocked)).collect()
    }

    pub(super) fn dropped(&self, node: u32, reason: DropReason) -> Dropped {
        let (kind, value) = self.names.get(node);
        Dropped { kind: self.rules.name(kind).to_owned(), value: value.to_owned(), reason }
    }

    pub(super) fn changes(&self, before: &[(u32, Option<u32>)]) -> Changes {
        Changes::between(before.iter().map(|(node, root)| (*root, self.engine.root(*node))), |node| self.id(node))
    }

    pub(super) fn told(
        &self,
        number: u32,
        active: &[u32],
        before: &[(u32, Option<u32>)],
        mut dropped: Vec<Dropped>,
        because: &[u16],
    ) -> Linked {
        for (node, kind) in active.iter().rev().zip(because) {
            if let Some(limit) = self.rules.limits().get(usize::from(*kind)).copied().flatten() {
                dropped.push(self.dropped(*node, DropReason::Limit { of: self.rules.name(*kind).to_owned(), limit }));
            }
        }
        let root = self.record(number).and_then(|record| self.person_of_record(record));
        let mut olds: Vec<u32> = before.iter().filter(|(node, _)| self.engine.root(*node) == root).filter_map(|(_, old)| *old).collect();
        olds.sort_unstable();
        olds.dedup();
        let outcome = match (root, olds.len()) {
            (None, _) => Outcome::Nobody,
            (_, 0) => Outcome::New,
            (_, 1) => Outcome::Joined,
            _ => Outcome::Merged,
        };
        Linked { outcome, person: root.map(|root| self.id(root)), dropped, changes: self.changes(before) }
    }

    /// Lets go of names that no record has any more, once they may be many.
    pub(super) fn forget_names(&mut self) {
        const MANY: usize = 1_024;
        if self.unlinked > MANY.max(self.len() / 2) {
            let mut smaller = Self::new(&self.rules);
            let records: Vec<Record> = self.in_order().into_iter().cloned().collect();
            for record in records {
                let names = record.nodes.iter().map(|node| self.names.get(*node));
                let names: Vec<(u16, String)> = names.map(|(kind, value)| (kind, value.to_owned())).collect();
                smaller.append(record.at, record.id, names);
            }
            *self = smaller;
        }
    }

    /// Takes in a record that comes after all others and was read already.
    pub(super) fn append(&mut self, at: i64, id: Option<Box<str>>, names: Vec<(u16, String)>) {
        let nodes: Box<[u32]> = names.into_iter().map(|(kind, value)| self.intern(kind, value)).collect();
        let active = self.names.active(&nodes);
        let kept = self.engine.fold(self.rules.limits(), &self.names, at, &active, &mut Vec::new());
        self.newest = Some((at, id.clone()));
        self.keep(Record { at, id, nodes, kept: kept as u32 });
    }
}
