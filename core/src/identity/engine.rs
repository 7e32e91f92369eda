//! Persons out of records: the one place where identifiers are joined, online and in batch.
//!
//! Records come in the order of the fold. A record joins all its identifiers into one person; where that person would have more values of a kind than
//! its limit allows, the record's identifier of the lowest priority is dropped, and it is tried again. A value counts from the instant of the record
//! that first kept it, and counts once.

use std::cmp::Ordering;

use super::spec::Limit;

/// No person.
pub(crate) const NOBODY: u32 = u32::MAX;

/// What an engine has to know of identifiers, which are numbers to it.
pub(crate) trait Identifiers {
    /// The kind of an identifier.
    fn kind(&self, node: u32) -> u16;

    /// The order of two identifiers: by priority of their kinds, then by value.
    fn order(&self, left: u32, right: u32) -> Ordering;
}

/// An identifier as the records so far have it.
#[derive(Debug, Clone, Copy)]
struct Node {
    owner: u32,
    /// When it was first seen.
    first: i64,
    /// A record that has it was cut by a limit: its cluster has to be folded in order.
    contested: bool,
}

#[derive(Debug, Clone, Default)]
struct Person {
    /// The identifier that was seen first; it names the person.
    root: u32,
    nodes: Vec<u32>,
    /// Kind and first sight of every identifier of a kind that has a limit, in order.
    firsts: Vec<(u16, i64)>,
    contested: bool,
}

/// Persons, and the identifiers that they own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Engine {
    nodes: Vec<Node>,
    persons: Vec<Person>,
    free: Vec<u32>,
}

impl Engine {
    /// Makes room for identifiers up to a number.
    pub(crate) fn grow(&mut self, nodes: usize) {
        if self.nodes.len() < nodes {
            self.nodes.resize(nodes, Node { owner: NOBODY, first: 0, contested: false });
        }
    }

    /// The person that an identifier belongs to, by the identifier that names it.
    pub(crate) fn root(&self, node: u32) -> Option<u32> {
        self.person_of(node).map(|person| person.root)
    }

    /// The identifiers of an identifier's person.
    pub(crate) fn members(&self, node: u32) -> &[u32] {
        self.person_of(node).map_or(&[], |person| &person.nodes)
    }

    /// When an identifier was first seen.
    pub(crate) fn first(&self, node: u32) -> Option<i64> {
        self.node(node).filter(|node| node.owner != NOBODY).map(|node| node.first)
    }

    /// Folds a record that comes after all others that share identifiers with it. `nodes` has its identifiers by priority, each once. Says how many of
    /// them it keeps; `because` hears of each that it drops the kind whose limit would not hold.
    pub(crate) fn fold(
        &mut self,
        limits: &[Option<Limit>],
        all: &impl Identifiers,
        at: i64,
        nodes: &[u32],
        because: &mut Vec<u16>,
    ) -> usize {
        let mut kept = nodes.len();
        while let Some(over) = self.over(limits, all, at, nodes.get(..kept).unwrap_or_default()) {
            because.push(over);
            kept = kept.saturating_sub(1);
        }
        let (keeps, drops) = nodes.split_at(kept);
        let Some(person) = self.join(limits, all, at, keeps) else { return 0 };
        if !drops.is_empty() {
            self.contest(person);
            for node in drops {
                let owner = self.owner(*node);
                self.contest(owner);
                self.nodes.get_mut(*node as usize).into_iter().for_each(|node| node.contested = true);
            }
        }
        kept
    }

    /// Folds a record that may come before others, if nothing was dropped among all that hang together with it and nothing has to be now: then the
    /// order does not matter. Says whether it did.
    pub(crate) fn fold_late(&mut self, limits: &[Option<Limit>], all: &impl Identifiers, at: i64, nodes: &[u32]) -> bool {
        let contested = |node: &u32| {
            self.node(*node).is_some_and(|node| node.contested) || self.person_of(*node).is_some_and(|person| person.contested)
        };
        if nodes.iter().any(contested) || self.first_over(limits, &self.firsts(limits, all, at, nodes)).is_some() {
            return false;
        }
        self.join(limits, all, at, nodes);
        true
    }

    /// Forgets who identifiers belong to. All of a person's are given, or none.
    pub(crate) fn reset(&mut self, nodes: &[u32]) {
        for node in nodes {
            let owner = self.owner(*node);
            if let Some(person) = self.persons.get_mut(owner as usize)
                && !person.nodes.is_empty()
            {
                *person = Person::default();
                self.free.push(owner);
            }
            if let Some(node) = self.nodes.get_mut(*node as usize) {
                *node = Node { owner: NOBODY, first: 0, contested: false };
            }
        }
    }

    fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    fn owner(&self, node: u32) -> u32 {
        self.node(node).map_or(NOBODY, |node| node.owner)
    }

    fn person_of(&self, node: u32) -> Option<&Person> {
        self.persons.get(self.owner(node) as usize)
    }

    fn contest(&mut self, person: u32) {
        self.persons.get_mut(person as usize).into_iter().for_each(|person| person.contested = true);
    }

    /// The kind whose limit the person of these identifiers would not hold.
    fn over(&self, limits: &[Option<Limit>], all: &impl Identifiers, at: i64, nodes: &[u32]) -> Option<u16> {
        let owner = nodes.first().map_or(NOBODY, |node| self.owner(*node));
        // One that is known, or new to everybody, breaks no limit.
        if nodes.len() <= 1 || (owner != NOBODY && nodes.iter().all(|node| self.owner(*node) == owner)) {
            return None;
        }
        if nodes.iter().all(|node| limits.get(usize::from(all.kind(*node))).is_none_or(Option::is_none)) && self.owners(nodes).len() <= 1 {
            return None;
        }
        self.first_over(limits, &self.firsts(limits, all, at, nodes))
    }

    /// The persons of some identifiers, each once.
    fn owners(&self, nodes: &[u32]) -> Vec<u32> {
        let mut owners: Vec<u32> = nodes.iter().map(|node| self.owner(*node)).filter(|owner| *owner != NOBODY).collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// The first sights of the person that these identifiers would make, seen together at an instant.
    fn firsts(&self, limits: &[Option<Limit>], all: &impl Identifiers, at: i64, nodes: &[u32]) -> Vec<(u16, i64)> {
        let owners = self.owners(nodes);
        let owned = owners.iter().filter_map(|owner| self.persons.get(*owner as usize)).flat_map(|person| person.firsts.iter().copied());
        let mut firsts: Vec<(u16, i64)> = owned.collect();
        for node in nodes {
            let kind = all.kind(*node);
            if limits.get(usize::from(kind)).is_none_or(Option::is_none) {
                continue;
            }
            match self.first(*node) {
                None => firsts.push((kind, at)),
                Some(first) if first > at => {
                    firsts.iter_mut().find(|known| **known == (kind, first)).into_iter().for_each(|known| known.1 = at)
                }
                Some(_) => {}
            }
        }
        firsts.sort_unstable();
        firsts
    }

    /// The first kind of which a stretch of its limit has too many first sights.
    fn first_over(&self, limits: &[Option<Limit>], firsts: &[(u16, i64)]) -> Option<u16> {
        let mut of_kinds = firsts.chunk_by(|a, b| a.0 == b.0);
        let over = of_kinds.find(|firsts| {
            let limit = firsts.first().and_then(|(kind, _)| limits.get(usize::from(*kind)).copied().flatten());
            limit.is_some_and(|limit| is_over(limit, firsts))
        });
        over.and_then(|firsts| firsts.first()).map(|(kind, _)| *kind)
    }

    /// Makes one person of identifiers and whoever has them.
    fn join(&mut self, limits: &[Option<Limit>], all: &impl Identifiers, at: i64, nodes: &[u32]) -> Option<u32> {
        let owner = nodes.first().map(|node| self.owner(*node))?;
        if owner != NOBODY && nodes.iter().all(|node| self.node(*node).is_some_and(|node| node.owner == owner && node.first <= at)) {
            return Some(owner);
        }
        let firsts = self.firsts(limits, all, at, nodes);
        let owners = self.owners(nodes);
        let size = |owner: &u32| self.persons.get(*owner as usize).map_or(0, |person| person.nodes.len());
        let target = match owners.iter().copied().max_by_key(size) {
            Some(largest) => largest,
            None => self.new_person(),
        };
        let mut roots: Vec<u32> = owners.iter().filter_map(|owner| self.persons.get(*owner as usize)).map(|person| person.root).collect();
        roots.extend_from_slice(nodes);
        let mut joined = Vec::new();
        let mut contested = false;
        for owner in owners.into_iter().filter(|owner| *owner != target) {
            let Some(person) = self.persons.get_mut(owner as usize).map(std::mem::take) else { continue };
            contested |= person.contested;
            joined.extend_from_slice(&person.nodes);
            self.free.push(owner);
        }
        for number in nodes {
            let Some(node) = self.nodes.get_mut(*number as usize) else { continue };
            contested |= node.contested;
            if node.owner == NOBODY {
                *node = Node { owner: target, first: at, ..*node };
                joined.push(*number);
            }
            node.first = node.first.min(at);
        }
        for node in &joined {
            self.nodes.get_mut(*node as usize).into_iter().for_each(|node| node.owner = target);
        }
        let root = roots.into_iter().min_by(|a, b| self.first(*a).cmp(&self.first(*b)).then_with(|| all.order(*a, *b)))?;
        let person = self.persons.get_mut(target as usize)?;
        person.nodes.extend(joined);
        person.contested |= contested;
        (person.root, person.firsts) = (root, firsts);
        Some(target)
    }

    fn new_person(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.persons.push(Person::default());
            self.persons.len() as u32 - 1
        })
    }
}

/// Whether more first sights than the limit lie in a stretch of its length. They are in order.
fn is_over(limit: Limit, firsts: &[(u16, i64)]) -> bool {
    let count = limit.count as usize;
    match limit.within {
        None => firsts.len() > count,
        Some(within) => firsts.iter().zip(firsts.iter().skip(count)).any(|((_, first), (_, last))| last - first < within.as_micros()),
    }
}
