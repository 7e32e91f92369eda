//! Graphs as bytes: a mark, a version, the rules and the records, a checksum. The same records always give the same bytes.

use serde::{Deserialize, Serialize};

use super::graph::IdentityGraph;
use super::rules::IdentityRules;
use crate::envelope::{self, Unopened};
use crate::error::{Error, ErrorKind, Result};
use crate::time::Instant;

const MARK: &[u8; 4] = b"WFID";
const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct Content {
    /// The rules as JSON.
    rules: String,
    /// Kinds and values of all records, in order.
    names: Vec<(u16, String)>,
    /// Instant, id and identifiers by number, in the order in which they count.
    records: Vec<(i64, Option<String>, Vec<u32>)>,
}

pub(super) fn to_bytes(graph: &IdentityGraph) -> Vec<u8> {
    let records = graph.in_order();
    let mut names: Vec<(u16, &str)> = records.iter().flat_map(|record| &record.nodes).map(|node| graph.name(*node)).collect();
    names.sort_unstable();
    names.dedup();
    let number = |node: &u32| names.binary_search(&graph.name(*node)).unwrap_or_default() as u32;
    let content = Content {
        // INVARIANT: rules and content are plain data; they always serialize.
        rules: serde_json::to_string(graph.rules().spec()).unwrap_or_default(),
        records: records
            .iter()
            .map(|record| (record.at, record.id.as_deref().map(str::to_owned), record.nodes.iter().map(number).collect()))
            .collect(),
        names: names.iter().map(|(kind, value)| (*kind, (*value).to_owned())).collect(),
    };
    envelope::sealed(MARK, VERSION, &[&postcard::to_stdvec(&content).unwrap_or_default()])
}

pub(super) fn from_bytes(bytes: &[u8]) -> Result<IdentityGraph> {
    let invalid = |message: String| Error::new(ErrorKind::InvalidIdentity, message);
    let damaged =
        || invalid("the bytes are an identity graph that was damaged".to_owned()).with_help("restore them, or link the records again");
    let content = envelope::opened(MARK, VERSION, bytes).map_err(|why| match why {
        Unopened::Foreign => invalid("the bytes are not an identity graph of wayfare".to_owned()).with_help("pass what `to_bytes` gave"),
        Unopened::Version(version) => invalid(format!("identity graph format {version} is not known; this wayfare reads {VERSION}"))
            .with_help("read it with the wayfare that wrote it, or link the records again"),
        Unopened::Damaged => damaged(),
    })?;
    let content: Content = postcard::from_bytes(content).map_err(|_| damaged())?;
    restore(content).ok_or_else(damaged)
}

/// Builds the graph again, if it is one that `to_bytes` can have written.
fn restore(content: Content) -> Option<IdentityGraph> {
    let Content { rules, names, records } = content;
    let rules = IdentityRules::from_json(&rules).ok()?;
    let is_normal =
        |(kind, value): &(u16, String)| rules.kind(*kind).is_some_and(|kind| kind.normalized(value) == *value && !value.is_empty());
    if !names.is_sorted_by(|a, b| a < b) || !names.iter().all(is_normal) {
        return None;
    }
    let blocked =
        |node: &u32| names.get(*node as usize).is_some_and(|(kind, value)| rules.kind(*kind).is_some_and(|kind| kind.is_blocked(value)));
    let active = |nodes: &[u32]| nodes.iter().copied().filter(|node| !blocked(node)).collect::<Vec<u32>>();
    // Numbers sort as names do.
    let order = |(at, id, nodes): &(i64, Option<String>, Vec<u32>)| (*at, id.clone(), active(nodes), nodes.clone());
    if !records.is_sorted_by(|a, b| order(a) < order(b)) {
        return None;
    }
    let mut ids: Vec<&str> = records.iter().filter_map(|(_, id, _)| id.as_deref()).collect();
    let number = ids.len();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != number || ids.first() == Some(&"") {
        return None;
    }
    let mut graph = IdentityGraph::new(&rules);
    let mut used = vec![false; names.len()];
    for (at, id, nodes) in records {
        Instant::from_micros(at).ok()?;
        if nodes.is_empty() || !nodes.is_sorted_by(|a, b| a < b) {
            return None;
        }
        for node in &nodes {
            *used.get_mut(*node as usize)? = true;
        }
        let named = nodes.iter().filter_map(|node| names.get(*node as usize).cloned()).collect();
        graph.append(at, id.map(Into::into), named);
    }
    used.into_iter().all(|used| used).then_some(graph)
}
