//! The graph: records in, persons out.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fmt;

use foldhash::fast::FixedState;
use indexmap::{Equivalent, IndexSet};

use super::codec;
use super::engine::{Engine, Identifiers};
use super::record::IdentityRecord;
use super::report::{Changes, DropReason, Dropped, Linked, Member, Outcome, Unlinked};
use super::rules::IdentityRules;
use crate::error::{Error, ErrorKind, Result};
use crate::time::Instant;

/// Who is who: persons made of the identifiers that records saw together. It is a pure function of the set of its records and its rules.
///
/// Records may come in any order. They count in the order of their instant, then id, then content: one that comes late is put in its place, and what
/// hangs together with it is worked out again. A person's id is the identifier of theirs that was seen first, as `kind:value`; of several that were
/// seen first at one instant it is that of the highest priority, then the least value.
///
/// ```
/// use wayfare::identity::{IdentityGraph, IdentityRecord, IdentityRules, Outcome};
///
/// let rules = IdentityRules::from_yaml("identifiers: { loyalty_card: { limit: 1 ever }, email: {}, cookie: {} }")?;
/// let mut graph = IdentityGraph::new(&rules);
/// let seen = |at: &str| at.parse().map(IdentityRecord::new);
/// graph.link(&seen("2026-03-01T10:00:00Z")?.identifier("cookie", "8f3a"))?;
/// graph.link(&seen("2026-03-02T10:00:00Z")?.identifier("email", "ada@example.com").identifier("loyalty_card", "77"))?;
///
/// let login = seen("2026-03-03T10:00:00Z")?.id("login-1").identifier("email", "ada@example.com").identifier("cookie", "8f3a");
/// let linked = graph.link(&login)?;
/// assert_eq!(linked.outcome, Outcome::Merged);
/// assert_eq!(linked.changes.merged[0].from, "loyalty_card:77");
/// assert_eq!(graph.person("loyalty_card", "77")?.as_deref(), Some("cookie:8f3a"));
///
/// // Another card at the same browser: the cookie is dropped, and the two stay apart.
/// let kiosk = seen("2026-03-04T10:00:00Z")?.identifier("loyalty_card", "78").identifier("cookie", "8f3a");
/// assert_eq!(graph.link(&kiosk)?.dropped[0].kind, "cookie");
///
/// let unlinked = graph.unlink("login-1")?;
/// assert_eq!(unlinked.changes.split[0].into, ["cookie:8f3a", "loyalty_card:77"]);
/// # Ok::<(), wayfare::Error>(())
/// ```
///
/// In the last line the cookie and the second card stay apart no more: without the login nothing speaks against the two, and the record of the kiosk
/// counts in full.
#[derive(Clone)]
pub struct IdentityGraph {
    rules: IdentityRules,
    pub(super) names: Names,
    engine: Engine,
    pub(super) records: Vec<Option<Record>>,
    free: Vec<u32>,
    ids: HashMap<Box<str>, u32, FixedState>,
    /// Records without an id.
    unnamed: HashMap<(i64, Box<[u32]>), u32, FixedState>,
    /// Per identifier, the records that have it.
    mentions: Vec<Vec<u32>>,
    /// A record that comes after it comes after all.
    newest: Option<(i64, Option<Box<str>>)>,
    unlinked: usize,
}

/// A record as the graph keeps it.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) at: i64,
    pub(super) id: Option<Box<str>>,
    /// All its identifiers, by priority and value.
    pub(super) nodes: Box<[u32]>,
    /// How many of those that are not blocked are kept.
    kept: u32,
}

/// Kinds and values by number, and which of them are blocked.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    known: IndexSet<(u16, Box<str>), FixedState>,
    blocked: HashSet<u32, FixedState>,
}

impl Names {
    pub(super) fn get(&self, node: u32) -> (u16, &str) {
        self.known.get_index(node as usize).map_or((0, ""), |(kind, value)| (*kind, value))
    }

    fn find(&self, kind: u16, value: &str) -> Option<u32> {
        self.known.get_index_of(&Named(kind, value)).map(|at| at as u32)
    }

    fn active(&self, nodes: &[u32]) -> Vec<u32> {
        match self.blocked.is_empty() {
            true => nodes.to_vec(),
            false => nodes.iter().copied().filter(|node| !self.blocked.contains(node)).collect(),
        }
    }
}

/// A kind and value that is looked for.
#[derive(Hash)]
struct Named<'v>(u16, &'v str);

impl Equivalent<(u16, Box<str>)> for Named<'_> {
    fn equivalent(&self, known: &(u16, Box<str>)) -> bool {
        self.0 == known.0 && *self.1 == *known.1
    }
}

impl Identifiers for Names {
    fn kind(&self, node: u32) -> u16 {
        self.get(node).0
    }

    fn order(&self, left: u32, right: u32) -> Ordering {
        self.get(left).cmp(&self.get(right))
    }
}

impl IdentityGraph {
    /// A graph without records.
    #[must_use]
    pub fn new(rules: &IdentityRules) -> Self {
        Self {
            rules: rules.clone(),
            names: Names::default(),
            engine: Engine::default(),
            records: Vec::new(),
            free: Vec::new(),
            ids: HashMap::default(),
            unnamed: HashMap::default(),
            mentions: Vec::new(),
            newest: None,
            unlinked: 0,
        }
    }

    /// Its rules.
    #[must_use]
    pub fn rules(&self) -> &IdentityRules {
        &self.rules
    }

    /// How many records it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len() - self.free.len()
    }

    /// Whether it has no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same records under other rules. Values stay as the rules so far normalized them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRecord`] if a record has a kind of identifier that the other rules do not have.
    pub fn with_rules(&self, rules: &IdentityRules) -> Result<Self> {
        let mut other = Self::new(rules);
        for record in self.in_order() {
            let mut again = IdentityRecord { at: Instant::from_valid(record.at), id: record.id.as_deref(), identifiers: Vec::new() };
            for node in &record.nodes {
                let (kind, value) = self.names.get(*node);
                again = again.identifier(self.rules.name(kind), value);
            }
            other.link(&again)?;
        }
        Ok(other)
    }

    /// Takes in a record, and says what it did.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRecord`] if it has no identifiers, one of a kind that the rules do not have, or one that is empty. The graph is unchanged then.
    pub fn link(&mut self, record: &IdentityRecord<'_>) -> Result<Linked> {
        let read = record.read(&self.rules)?;
        let at = record.at.as_micros();
        let nodes: Box<[u32]> = read.into_iter().map(|(kind, value)| self.intern(kind, value)).collect();
        let same = match record.id {
            Some(id) => self.ids.get(id).copied(),
            None => self.unnamed.get(&(at, nodes.clone())).copied(),
        };
        let mut replaced = Vec::new();
        if let Some(number) = same {
            let earlier = self.record(number).is_none_or(|known| self.order(known, (at, record.id, &nodes)).is_le());
            if earlier {
                return Ok(self.duplicate(number));
            }
            // Of two records with an id the earlier one counts, whichever came first.
            replaced = self.take_out(number);
        }
        let active = self.names.active(&nodes);
        let dropped = self.blocked(&nodes);
        let number = self.keep(Record { at, id: record.id.map(Into::into), nodes, kept: active.len() as u32 });
        if active.is_empty() && replaced.is_empty() {
            return Ok(Linked { outcome: Outcome::Nobody, person: None, dropped, changes: Changes::default() });
        }
        let comes_last = self.comes_last(number);
        let (before, because) = self.place(number, &active, replaced, comes_last);
        Ok(self.told(number, &active, &before, dropped, &because))
    }

    /// Takes the record with an id out again: afterwards the graph is as if no record with that id had ever been linked.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if no record has the id.
    pub fn unlink(&mut self, id: &str) -> Result<Unlinked> {
        let Some(number) = self.ids.get(id).copied() else {
            return Err(Error::new(ErrorKind::InvalidArgument, "no record of the graph has that id")
                .with_help("only records that were linked with an `id` can be taken out"));
        };
        let person = self.record(number).and_then(|record| self.person_of_record(record)).map(|root| self.id(root));
        let nodes = self.take_out(number);
        let before = self.again(&nodes);
        let changes = self.changes(&before);
        self.unlinked += 1;
        self.forget_names();
        Ok(Unlinked { person, changes })
    }

    /// The id of the person that an identifier belongs to; none if the graph does not know it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRecord`] if the rules have no such kind of identifier.
    pub fn person(&self, kind: &str, value: &str) -> Result<Option<String>> {
        Ok(self.node(kind, value)?.and_then(|node| self.engine.root(node)).map(|root| self.id(root)))
    }

    /// The identifiers of a person by the person's id, by priority and value; empty if there is no such person.
    #[must_use]
    pub fn members(&self, person: &str) -> Vec<Member> {
        let named = person.split_once(':').and_then(|(kind, value)| self.node(kind, value).ok().flatten());
        let Some(root) = named.filter(|node| self.engine.root(*node) == Some(*node)) else { return Vec::new() };
        let mut nodes = self.engine.members(root).to_vec();
        nodes.sort_unstable_by(|a, b| self.names.order(*a, *b));
        let member = |node: u32| {
            let (kind, value) = self.names.get(node);
            let first_seen = Instant::from_valid(self.engine.first(node)?);
            Some(Member { kind: self.rules.name(kind).to_owned(), value: value.to_owned(), first_seen })
        };
        nodes.into_iter().filter_map(member).collect()
    }

    /// The graph as bytes, to keep it: its rules and records. The same records always give the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_bytes(self)
    }

    /// A graph from the bytes that [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidIdentity`] if they are something else or were damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        codec::from_bytes(bytes)
    }

    /// Every identifier that belongs to a person, by priority and value, with the identifier that names the person.
    pub(crate) fn owned(&self) -> Vec<(u32, u32)> {
        let mut owned: Vec<(u32, u32)> =
            (0..self.names.known.len() as u32).filter_map(|node| Some((node, self.engine.root(node)?))).collect();
        owned.sort_unstable_by(|a, b| self.names.order(a.0, b.0));
        owned
    }

    /// Kind and value of an identifier.
    pub(crate) fn name(&self, node: u32) -> (u16, &str) {
        self.names.get(node)
    }

    /// The identifier that names the person of a value, which is normalized.
    pub(crate) fn root_of(&self, kind: u16, value: &str) -> Option<u32> {
        self.engine.root(self.names.find(kind, value)?)
    }

    pub(crate) fn id(&self, node: u32) -> String {
        let (kind, value) = self.names.get(node);
        format!("{}:{value}", self.rules.name(kind))
    }

    pub(super) fn node(&self, kind: &str, value: &str) -> Result<Option<u32>> {
        let kind = self.rules.find(kind)?;
        let value = self.rules.kind(kind).map_or(value.into(), |kind| kind.normalized(value));
        Ok(self.names.find(kind, &value))
    }

    pub(super) fn root(&self, node: u32) -> Option<u32> {
        self.engine.root(node)
    }

    pub(super) fn record(&self, number: u32) -> Option<&Record> {
        self.records.get(number as usize)?.as_ref()
    }

    pub(super) fn mentions(&self, node: u32) -> &[u32] {
        self.mentions.get(node as usize).map_or(&[], Vec::as_slice)
    }

    /// The identifiers of a record that count.
    pub(super) fn kept(&self, record: &Record) -> Vec<u32> {
        let mut active = self.names.active(&record.nodes);
        active.truncate(record.kept as usize);
        active
    }

    /// The records in the order in which they count.
    pub(super) fn in_order(&self) -> Vec<&Record> {
        let mut records: Vec<&Record> = self.records.iter().flatten().collect();
        records.sort_unstable_by(|a, b| self.order(a, (b.at, b.id.as_deref(), &b.nodes)));
        records
    }

    pub(super) fn order(&self, record: &Record, (at, id, nodes): (i64, Option<&str>, &[u32])) -> Ordering {
        record.at.cmp(&at).then_with(|| record.id.as_deref().cmp(&id)).then_with(|| {
            // What is blocked says nothing, but tells records apart.
            let named = |nodes: &[u32]| nodes.iter().map(|node| self.names.get(*node)).collect::<Vec<_>>();
            let content = |nodes: &[u32]| (named(&self.names.active(nodes)), named(nodes));
            content(&record.nodes).cmp(&content(nodes))
        })
    }

    fn intern(&mut self, kind: u16, value: String) -> u32 {
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
    fn keep(&mut self, record: Record) -> u32 {
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
    fn take_out(&mut self, number: u32) -> Vec<u32> {
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
    fn comes_last(&mut self, number: u32) -> bool {
        let Some(record) = self.record(number) else { return false };
        let place = (record.at, record.id.clone());
        let last = self.newest.as_ref().is_none_or(|newest| *newest < place);
        if last {
            self.newest = Some(place);
        }
        last
    }

    /// Folds a record in its place. Gives the persons of all identifiers that it could have touched as they were, and why identifiers were dropped.
    fn place(&mut self, number: u32, active: &[u32], replaced: Vec<u32>, comes_last: bool) -> (Vec<(u32, Option<u32>)>, Vec<u16>) {
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

    fn again(&mut self, seeds: &[u32]) -> Vec<(u32, Option<u32>)> {
        self.again_hearing(seeds, u32::MAX, &mut Vec::new())
    }

    /// Folds everything again that hangs together with some identifiers. Gives the persons as they were, and hears why one record's were dropped.
    fn again_hearing(&mut self, seeds: &[u32], heard: u32, because: &mut Vec<u16>) -> Vec<(u32, Option<u32>)> {
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
    fn cluster(&self, seeds: &[u32]) -> (Vec<u32>, Vec<u32>) {
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

    fn duplicate(&self, number: u32) -> Linked {
        let person = self.record(number).and_then(|record| self.person_of_record(record)).map(|root| self.id(root));
        Linked { outcome: Outcome::Duplicate, person, dropped: Vec::new(), changes: Changes::default() }
    }

    fn person_of_record(&self, record: &Record) -> Option<u32> {
        self.engine.root(*self.kept(record).first()?)
    }

    fn blocked(&self, nodes: &[u32]) -> Vec<Dropped> {
        let blocked = nodes.iter().filter(|node| self.names.blocked.contains(node));
        blocked.map(|node| self.dropped(*node, DropReason::Blocked)).collect()
    }

    fn dropped(&self, node: u32, reason: DropReason) -> Dropped {
        let (kind, value) = self.names.get(node);
        Dropped { kind: self.rules.name(kind).to_owned(), value: value.to_owned(), reason }
    }

    fn changes(&self, before: &[(u32, Option<u32>)]) -> Changes {
        Changes::between(before.iter().map(|(node, root)| (*root, self.engine.root(*node))), |node| self.id(node))
    }

    fn told(&self, number: u32, active: &[u32], before: &[(u32, Option<u32>)], mut dropped: Vec<Dropped>, because: &[u16]) -> Linked {
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
    fn forget_names(&mut self) {
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

impl PartialEq for IdentityGraph {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

impl fmt::Debug for IdentityGraph {
    /// No customer data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityGraph").field("records", &self.len()).finish_non_exhaustive()
    }
}
