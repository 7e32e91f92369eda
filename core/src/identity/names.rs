//! The identifiers of a graph by number.

use std::cmp::Ordering;
use std::collections::HashSet;

use foldhash::fast::FixedState;
use indexmap::{Equivalent, IndexSet};

use super::engine::Identifiers;

/// Kinds and values by number, and which of them are blocked.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) known: IndexSet<(u16, Box<str>), FixedState>,
    pub(super) blocked: HashSet<u32, FixedState>,
}

impl Names {
    pub(super) fn get(&self, node: u32) -> (u16, &str) {
        self.known.get_index(node as usize).map_or((0, ""), |(kind, value)| (*kind, value))
    }

    pub(super) fn find(&self, kind: u16, value: &str) -> Option<u32> {
        self.known.get_index_of(&Named(kind, value)).map(|at| at as u32)
    }

    pub(super) fn active(&self, nodes: &[u32]) -> Vec<u32> {
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
