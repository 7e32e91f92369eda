//! What linking and unlinking did.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::spec::Limit;
use crate::time::Instant;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// None of its identifiers was known: a new person.
    New,
    /// It belongs to a person that was known.
    Joined,
    /// It made one person of several.
    Merged,
    /// Each of its identifiers is blocked: it says nothing about anybody.
    Nobody,
    /// It was linked before; nothing changed.
    Duplicate,
}

/// What [`IdentityGraph::link`](super::IdentityGraph::link) did. Persons go by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Linked {
    /// What became of the record.
    pub outcome: Outcome,
    /// The person that it belongs to.
    pub person: Option<String>,
    /// The identifiers of the record that do not count, and why.
    pub dropped: Vec<Dropped>,
    /// What it changed among the persons that were there.
    #[serde(flatten)]
    pub changes: Changes,
}

/// What [`IdentityGraph::unlink`](super::IdentityGraph::unlink) did. Persons go by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unlinked {
    /// The person that the record belonged to.
    pub person: Option<String>,
    /// What taking it out changed among the persons that were there.
    #[serde(flatten)]
    pub changes: Changes,
}

/// What became of persons that were there, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Changes {
    /// Persons whose identifiers belong to another one now, who had others before.
    pub merged: Vec<Moved>,
    /// Persons that came apart.
    pub split: Vec<Split>,
    /// Persons that are the same under another id, because an identifier that was seen earlier names them now.
    pub renamed: Vec<Moved>,
    /// Persons that are no more, because no record speaks of them.
    pub gone: Vec<String>,
}

/// From one person's id to another's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Moved {
    /// The id before.
    pub from: String,
    /// The id now.
    pub into: String,
}

/// A person that came apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Split {
    /// The id before.
    pub from: String,
    /// The ids now.
    pub into: Vec<String>,
}

/// An identifier of a record that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Dropped {
    /// The kind of identifier.
    pub kind: String,
    /// Its value, as the graph knows it.
    pub value: String,
    /// Why.
    #[serde(flatten)]
    pub reason: DropReason,
}

/// Why an identifier does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum DropReason {
    /// The rules block its value.
    Blocked,
    /// With it, one person would have had more values of a kind than its limit allows.
    Limit {
        /// The kind that has the limit.
        of: String,
        /// The limit.
        limit: Limit,
    },
}

/// An identifier of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Member {
    /// The kind of identifier.
    pub kind: String,
    /// Its value.
    pub value: String,
    /// When it was first seen.
    pub first_seen: Instant,
}

/// A record that connects two identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The record's id, if it has one.
    pub id: Option<String>,
    /// Its instant.
    pub at: Instant,
    /// Kind and value of the one.
    pub from: (String, String),
    /// Kind and value of the other.
    pub to: (String, String),
}

impl Changes {
    /// Of identifiers' persons before and after.
    pub(crate) fn between(persons: impl IntoIterator<Item = (Option<u32>, Option<u32>)>, id: impl Fn(u32) -> String) -> Self {
        let mut after: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let mut before: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for (old, new) in persons {
            let Some(old) = old else { continue };
            let news = after.entry(old).or_default();
            let Some(new) = new else { continue };
            news.insert(new);
            before.entry(new).or_default().insert(old);
        }
        let is_merged = |new: &u32| before.get(new).is_some_and(|olds| olds.len() > 1);
        let mut changes = Self::default();
        for (old, news) in &after {
            let moved = news.iter().filter(|new| *new != old).map(|new| (new, Moved { from: id(*old), into: id(*new) }));
            for (new, moved) in moved {
                match (is_merged(new), news.len()) {
                    (true, _) => changes.merged.push(moved),
                    (false, 1) => changes.renamed.push(moved),
                    (false, _) => {}
                }
            }
            match news.len() {
                0 => changes.gone.push(id(*old)),
                1 => {}
                _ => {
                    let mut into: Vec<String> = news.iter().map(|new| id(*new)).collect();
                    into.sort_unstable();
                    changes.split.push(Split { from: id(*old), into });
                }
            }
        }
        changes.merged.sort_unstable();
        changes.split.sort_unstable();
        changes.renamed.sort_unstable();
        changes.gone.sort_unstable();
        changes
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
