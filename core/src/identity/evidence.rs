//! Why two identifiers belong to one person.

use std::collections::{HashMap, HashSet, VecDeque};

use foldhash::fast::FixedState;

use super::graph::IdentityGraph;
use super::report::Evidence;
use crate::error::Result;
use crate::time::Instant;

impl IdentityGraph {
    /// The records that connect two identifiers, each by kind and value: the shortest chain from the one to the other, of several the one of the
    /// earliest records. None if they do not belong to one person; empty if they are the same.
    ///
    /// ```
    /// use wayfare::identity::{IdentityGraph, IdentityRecord, IdentityRules};
    ///
    /// let rules = IdentityRules::from_yaml("identifiers: { loyalty_card: {}, email: {}, cookie: {} }")?;
    /// let mut graph = IdentityGraph::new(&rules);
    /// let seen = |id, at: &str| at.parse().map(|at| IdentityRecord::new(at).id(id));
    /// graph.link(&seen("login", "2026-03-01T10:00:00Z")?.identifier("email", "ada@example.com").identifier("cookie", "8f3a"))?;
    /// graph.link(&seen("till", "2026-03-02T10:00:00Z")?.identifier("email", "ada@example.com").identifier("loyalty_card", "77"))?;
    ///
    /// let chain = graph.evidence(("cookie", "8f3a"), ("loyalty_card", "77"))?.unwrap();
    /// let records: Vec<_> = chain.iter().map(|step| step.id.as_deref().unwrap()).collect();
    /// assert_eq!(records, ["login", "till"]);
    /// assert_eq!(chain[0].to, ("email".to_owned(), "ada@example.com".to_owned()));
    /// assert!(graph.evidence(("cookie", "8f3a"), ("cookie", "another"))?.is_none());
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRecord`](crate::ErrorKind::InvalidRecord) if the rules have no such kind of identifier.
    pub fn evidence(&self, from: (&str, &str), to: (&str, &str)) -> Result<Option<Vec<Evidence>>> {
        let (from, to) = (self.node(from.0, from.1)?, self.node(to.0, to.1)?);
        let Some((from, to)) = from.zip(to) else { return Ok(None) };
        match self.root(from).is_some() && self.root(from) == self.root(to) {
            true => Ok(self.chain(from, to)),
            false => Ok(None),
        }
    }

    fn chain(&self, from: u32, to: u32) -> Option<Vec<Evidence>> {
        let mut came: HashMap<u32, (u32, u32), FixedState> = HashMap::default();
        let mut met: HashSet<u32, FixedState> = HashSet::default();
        let mut open = VecDeque::from([from]);
        while let Some(node) = open.pop_front().filter(|_| from != to && !came.contains_key(&to)) {
            let mut records: Vec<u32> = self.mentions(node).to_vec();
            records.sort_by(|a, b| match (self.record(*a), self.record(*b)) {
                (Some(a), Some(b)) => self.order(a, (b.at, b.id.as_deref(), &b.nodes)),
                (a, b) => a.is_some().cmp(&b.is_some()),
            });
            for number in records {
                let Some(kept) = self.record(number).map(|record| self.kept(record)) else { continue };
                if !kept.contains(&node) || !met.insert(number) {
                    continue;
                }
                for next in kept.into_iter().filter(|next| *next != from) {
                    came.entry(next).or_insert_with(|| {
                        open.push_back(next);
                        (node, number)
                    });
                }
            }
        }
        let mut chain = Vec::new();
        let mut at = to;
        while at != from {
            let (before, number) = came.get(&at).copied()?;
            let record = self.record(number)?;
            let name = |node: u32| {
                let (kind, value) = self.name(node);
                (self.rules().name(kind).to_owned(), value.to_owned())
            };
            chain.push(Evidence {
                id: record.id.as_deref().map(str::to_owned),
                at: Instant::from_valid(record.at),
                from: name(before),
                to: name(at),
            });
            at = before;
        }
        chain.reverse();
        Some(chain)
    }
}
