//! What a touchpoint says about who somebody is: identifiers that were seen together.

use std::fmt;

use super::rules::IdentityRules;
use crate::error::{Error, Result};
use crate::time::Instant;

/// Bytes of text in one record.
const MAX_TEXT: usize = 65_536;
/// Identifiers in one record.
const MAX_IDENTIFIERS: usize = 1_000;

/// Identifiers that were seen together at an instant.
///
/// ```
/// use wayfare::identity::IdentityRecord;
///
/// let login = IdentityRecord::new("2026-03-01T10:00:00Z".parse()?)
///     .id("login-77")
///     .identifier("email", "ada@example.com")
///     .identifier("cookie", "8f3a");
/// # let _ = login;
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Clone)]
pub struct IdentityRecord<'a> {
    pub(crate) at: Instant,
    pub(crate) id: Option<&'a str>,
    pub(crate) identifiers: Vec<(&'a str, &'a str)>,
}

impl<'a> IdentityRecord<'a> {
    /// A record of an instant, without identifiers as yet.
    #[must_use]
    pub fn new(at: Instant) -> Self {
        Self { at, id: None, identifiers: Vec::new() }
    }

    /// Its id: by it the record can be taken out again, and a second record with it changes nothing.
    #[must_use]
    pub fn id(self, id: &'a str) -> Self {
        Self { id: Some(id), ..self }
    }

    /// With an identifier; of one kind there may be several.
    #[must_use]
    pub fn identifier(mut self, kind: &'a str, value: &'a str) -> Self {
        self.identifiers.push((kind, value));
        self
    }

    /// The identifiers by kind, as the rules number them, and value, each once and in the order of their priority.
    pub(crate) fn read(&self, rules: &IdentityRules) -> Result<Vec<(u16, String)>> {
        if self.id == Some("") {
            return Err(Error::record("id", "`id` is empty text").with_help("leave the field out if there is none"));
        }
        if self.identifiers.is_empty() {
            return Err(
                Error::record("identifiers", "the record has no identifiers").with_help("give one at least, of a kind that the rules have")
            );
        }
        if self.identifiers.len() > MAX_IDENTIFIERS {
            return Err(Error::record("identifiers", format!("the record has more than {MAX_IDENTIFIERS} identifiers")));
        }
        let text: usize = self.identifiers.iter().map(|(_, value)| value.len()).sum();
        if text + self.id.map_or(0, str::len) > MAX_TEXT {
            return Err(Error::record("", format!("the record has more than {MAX_TEXT} bytes of text")));
        }
        let mut read = Vec::with_capacity(self.identifiers.len());
        for (name, value) in &self.identifiers {
            let kind = rules.find(name)?;
            let value = rules.kind(kind).map_or((*value).into(), |kind| kind.normalized(value));
            if value.is_empty() {
                return Err(Error::record(name, format!("`{name}` is empty text")).with_help("leave the identifier out if there is none"));
            }
            read.push((kind, value.into_owned()));
        }
        read.sort_unstable();
        read.dedup();
        Ok(read)
    }
}

impl fmt::Debug for IdentityRecord<'_> {
    /// Kinds only: no customer data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<&str> = self.identifiers.iter().map(|(kind, _)| *kind).collect();
        f.debug_struct("IdentityRecord").field("identifiers", &kinds).finish_non_exhaustive()
    }
}
