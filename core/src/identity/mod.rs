//! Who is who: persons out of the identifiers that touchpoints carry, by rules that guard against wrong merges.
//!
//! An [`IdentityGraph`] takes in records of identifiers that were seen together, says what each did, and can take each out again.
//! [`IdentityRules`] say which kinds of identifiers there are, in the order of their priority, how many values of a kind one person may have, and which
//! values identify nobody.
//!
//! ```
//! use wayfare::identity::{IdentityGraph, IdentityRecord, IdentityRules};
//!
//! let rules = IdentityRules::from_yaml("identifiers: { email: { limit: 5 annually, normalize: [lowercase] }, cookie: { limit: 5 weekly } }")?;
//! let mut graph = IdentityGraph::new(&rules);
//! let at = "2026-03-01T10:00:00Z".parse()?;
//! graph.link(&IdentityRecord::new(at).identifier("email", "Ada@example.com").identifier("cookie", "8f3a"))?;
//! assert_eq!(graph.person("cookie", "8f3a")?.as_deref(), Some("email:ada@example.com"));
//! # Ok::<(), wayfare::Error>(())
//! ```

mod codec;
mod engine;
mod evidence;
mod graph;
mod names;
mod place;
mod record;
mod report;
mod rules;
mod spec;

pub(crate) use engine::{Engine, Identifiers};
pub use graph::IdentityGraph;
pub use record::IdentityRecord;
pub use report::{Changes, DropReason, Dropped, Evidence, Linked, Member, Moved, Outcome, Split, Unlinked};
pub use rules::IdentityRules;
pub use spec::{IdentifierSpec, IdentitySpec, Limit, Normalization};

#[cfg(test)]
mod tests;
