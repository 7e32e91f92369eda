//! Rules that were checked.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::spec::{IdentitySpec, Limit, Normalization};
use crate::diagnostic::{Diagnostic, Severity, suggest};
use crate::error::{Error, Result};
use crate::journey::Document;
use crate::record::shown;

/// Kinds that rules may have.
const MOST_KINDS: usize = 256;

/// Names that a record or a table has for something else.
const TAKEN: [&str; 2] = ["id", "at"];

/// The rules of an identity graph, checked: which kinds of identifiers there are, in the order of their priority, and what guards them.
///
/// ```
/// use wayfare::identity::IdentityRules;
///
/// let rules = IdentityRules::from_yaml(
///     "identifiers:
///   loyalty_card: { limit: 1 ever }
///   email: { limit: 5 annually, normalize: [trim, lowercase], blocked: ['test@test.com', '*@example.com'] }
///   cookie: { limit: 5 weekly }
/// blocked: ['null', 'anonymous', '-1']
/// ",
/// )?;
/// assert_eq!(rules.kinds().collect::<Vec<_>>(), ["loyalty_card", "email", "cookie"]);
///
/// let error = IdentityRules::from_yaml("identifiers: { email: { limits: 1 ever } }").unwrap_err();
/// assert_eq!(error.diagnostics()[0].help.as_deref(), Some("did you mean `limit`?"));
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct IdentityRules {
    inner: Arc<Rules>,
}

#[derive(PartialEq)]
struct Rules {
    spec: IdentitySpec,
    kinds: Vec<Kind>,
    limits: Vec<Option<Limit>>,
}

/// A kind of identifier.
#[derive(PartialEq)]
pub(crate) struct Kind {
    pub(crate) name: String,
    trim: bool,
    lowercase: bool,
    blocked: HashSet<String, FixedState>,
    /// Texts between the `*` of a pattern.
    patterns: Vec<Vec<String>>,
}

impl IdentityRules {
    /// Reads and checks rules written in YAML.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRules`](crate::ErrorKind::InvalidRules) with all problems in [`Error::diagnostics`].
    pub fn from_yaml(text: &str) -> Result<Self> {
        Self::read(Document::from_yaml(text))
    }

    /// Reads and checks rules written in JSON.
    ///
    /// # Errors
    /// As [`from_yaml`](Self::from_yaml).
    pub fn from_json(text: &str) -> Result<Self> {
        Self::read(Document::from_json(text))
    }

    /// Reads and checks rules that are already in memory as a value.
    ///
    /// # Errors
    /// As [`from_yaml`](Self::from_yaml).
    pub fn from_value(value: &serde_json::Value) -> Result<Self> {
        Self::read(Document::from_value(value))
    }

    /// Checks rules that were built in Rust.
    ///
    /// # Errors
    /// As [`from_yaml`](Self::from_yaml).
    pub fn from_spec(spec: &IdentitySpec) -> Result<Self> {
        let mut problems = Vec::new();
        let rules = check(spec.clone(), |path, message, help| problems.push(problem(path, message, help)));
        Self::checked(rules, problems)
    }

    fn read(document: std::result::Result<Document<'_>, Box<Diagnostic>>) -> Result<Self> {
        let document = document.map_err(|problem| Error::rules(vec![*problem]))?;
        let (spec, mut problems) = document.read::<IdentitySpec>();
        let Some(spec) = spec else { return Err(Error::rules(problems)) };
        let rules = check(spec, |path, message, help| {
            let found = problem(path, message, help);
            problems.push(Diagnostic { span: document.span(path), ..found });
        });
        Self::checked(rules, problems)
    }

    fn checked(rules: Rules, problems: Vec<Diagnostic>) -> Result<Self> {
        match problems.is_empty() {
            true => Ok(Self { inner: Arc::new(rules) }),
            false => Err(Error::rules(problems)),
        }
    }

    /// The document that they were made from.
    #[must_use]
    pub fn spec(&self) -> &IdentitySpec {
        &self.inner.spec
    }

    /// The kinds of identifiers, the highest priority first.
    pub fn kinds(&self) -> impl ExactSizeIterator<Item = &str> {
        self.inner.kinds.iter().map(|kind| kind.name.as_str())
    }

    /// The limit of a kind, if it has one.
    #[must_use]
    pub fn limit(&self, kind: &str) -> Option<Limit> {
        let at = self.kinds().position(|known| known == kind)?;
        self.inner.limits.get(at).copied().flatten()
    }

    pub(crate) fn limits(&self) -> &[Option<Limit>] {
        &self.inner.limits
    }

    pub(crate) fn kind(&self, at: u16) -> Option<&Kind> {
        self.inner.kinds.get(usize::from(at))
    }

    pub(crate) fn name(&self, at: u16) -> &str {
        self.kind(at).map_or("", |kind| &kind.name)
    }

    /// The number of a kind.
    pub(crate) fn find(&self, name: &str) -> Result<u16> {
        match self.kinds().position(|known| known == name) {
            Some(at) => Ok(at as u16),
            None => {
                let known: Vec<&str> = self.kinds().collect();
                let help = suggest(name, known.iter().copied(), "there are");
                Err(Error::record(name, format!("the rules have no kind of identifier `{}`", shown(name))).with_help_if(help))
            }
        }
    }
}

impl Kind {
    /// A value as the graph knows it.
    pub(crate) fn normalized<'v>(&self, value: &'v str) -> Cow<'v, str> {
        let value = if self.trim { value.trim() } else { value };
        match self.lowercase && value.chars().any(char::is_uppercase) {
            true => Cow::Owned(value.to_lowercase()),
            false => Cow::Borrowed(value),
        }
    }

    /// Whether values are taken as they come.
    pub(crate) fn is_plain(&self) -> bool {
        !self.trim && !self.lowercase && self.blocked.is_empty() && self.patterns.is_empty()
    }

    /// Whether a value, normalized, identifies nobody.
    pub(crate) fn is_blocked(&self, value: &str) -> bool {
        (!self.blocked.is_empty() && self.blocked.contains(value)) || self.patterns.iter().any(|pattern| fits(pattern, value))
    }
}

/// Whether a text begins and ends with a pattern's first and last part, and has the others in between in their order.
fn fits(pattern: &[String], text: &str) -> bool {
    let [first, between @ .., last] = pattern else { return false };
    let Some(rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else { return false };
    between.iter().try_fold(rest, |rest, part| rest.split_once(part.as_str()).map(|(_, after)| after)).is_some()
}

fn check(spec: IdentitySpec, mut refuse: impl FnMut(&[&str], String, Option<String>)) -> Rules {
    if spec.identifiers.is_empty() {
        refuse(&["identifiers"], "there is no kind of identifier".to_owned(), Some("declare one at least: `email: {}`".to_owned()));
    }
    if spec.identifiers.len() > MOST_KINDS {
        refuse(&["identifiers"], format!("there are more than {MOST_KINDS} kinds of identifiers"), None);
    }
    let mut kinds = Vec::new();
    for (name, written) in &spec.identifiers {
        let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit());
        if name.is_empty() || name.len() > 64 || !is_word {
            let help = "use up to 64 ASCII letters, digits and underscores, not a digit first".to_owned();
            refuse(&["identifiers", name], format!("`{}` is not a name", shown(name)), Some(help));
        } else if TAKEN.contains(&name.as_str()) {
            refuse(
                &["identifiers", name],
                format!("`{name}` is what a record calls something else"),
                Some("choose another name".to_owned()),
            );
        }
        let has = |change| written.normalize.contains(&change);
        let mut kind = Kind {
            name: name.clone(),
            trim: has(Normalization::Trim),
            lowercase: has(Normalization::Lowercase),
            blocked: HashSet::default(),
            patterns: Vec::new(),
        };
        let of_kind = ["identifiers", name, "blocked"];
        let own = written.blocked.iter().map(|value| (&of_kind[..], value));
        for (path, value) in own.chain(spec.blocked.iter().map(|value| (&["blocked"][..], value))) {
            let value = kind.normalized(value).into_owned();
            match value.chars().all(|c| c == '*') {
                true if value.is_empty() => {
                    refuse(path, "a blocked value is empty".to_owned(), Some("empty values are refused anyway".to_owned()))
                }
                true => refuse(path, format!("`{value}` blocks every value"), Some("leave the kind out instead".to_owned())),
                false if value.contains('*') => kind.patterns.push(value.split('*').map(str::to_owned).collect()),
                false => _ = kind.blocked.insert(value),
            }
        }
        kinds.push(kind);
    }
    let limits = spec.identifiers.values().map(|written| written.limit).collect();
    Rules { spec, kinds, limits }
}

fn problem(path: &[&str], message: String, help: Option<String>) -> Diagnostic {
    Diagnostic { code: "invalid_rule", severity: Severity::Error, path: path.join("."), span: None, message, help }
}

impl fmt::Debug for IdentityRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityRules").field("kinds", &self.kinds().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_block_what_they_should() {
        let rules =
            IdentityRules::from_yaml("identifiers: { email: { normalize: [lowercase], blocked: ['*@Test.com', 'a*b*c', 'x'] } }").unwrap();
        let kind = rules.kind(0).unwrap();
        let blocked = |text: &str| kind.is_blocked(&kind.normalized(text));
        assert!(blocked("ada@TEST.com") && blocked("@test.com") && blocked("abc") && blocked("a1b2c") && blocked("X"));
        assert!(!blocked("ada@test.com.uk") && !blocked("ac") && !blocked("ab") && !blocked("xx") && !blocked("acb"));
    }

    #[test]
    fn every_problem_of_rules_is_told_at_once() {
        let text = "identifiers:\n  e-mail: { limit: 0 ever }\n  at: {}\n  card: { blocked: ['*'] }\n";
        let error = IdentityRules::from_yaml(text).unwrap_err();
        let told: Vec<String> = error.diagnostics().iter().map(ToString::to_string).collect();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidRules);
        assert_eq!(
            told,
            [
                "2:20: identifiers.e-mail.limit: `0 ever` is not a limit (write a number of 1 or more and a period: `1 ever`, `5 weekly`, `5 monthly`, `5 annually`, `3 per 90d`)",
                "2:3: identifiers.e-mail: `e-mail` is not a name (use up to 64 ASCII letters, digits and underscores, not a digit first)",
                "3:3: identifiers.at: `at` is what a record calls something else (choose another name)",
                "4:11: identifiers.card.blocked: `*` blocks every value (leave the kind out instead)",
            ]
        );
    }
}
