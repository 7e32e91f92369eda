//! The graph: records in, persons out.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;

use foldhash::fast::FixedState;

use super::codec;
use super::engine::{Engine, Identifiers};
use super::names::Names;
use super::record::IdentityRecord;
use super::report::{Changes, Linked, Member, Outcome, Unlinked};
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
    pub(super) rules: IdentityRules,
    pub(super) names: Names,
    pub(super) engine: Engine,
    pub(super) records: Vec<Option<Record>>,
    pub(super) free: Vec<u32>,
    pub(super) ids: HashMap<Box<str>, u32, FixedState>,
    /// Records without an id.
    pub(super) unnamed: HashMap<(i64, Box<[u32]>), u32, FixedState>,
    /// Per identifier, the records that have it.
    pub(super) mentions: Vec<Vec<u32>>,
    /// A record that comes after it comes after all.
    pub(super) newest: Option<(i64, Option<Box<str>>)>,
    pub(super) unlinked: usize,
}

/// A record as the graph keeps it.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) at: i64,
    pub(super) id: Option<Box<str>>,
    /// All its identifiers, by priority and value.
    pub(super) nodes: Box<[u32]>,
    /// How many of those that are not blocked are kept.
    pub(super) kept: u32,
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
