//! What happened: touchpoints, attribute changes and preferences, as a caller writes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{did_you_mean, suggest};
use crate::error::{Error, Result};
use crate::time::Instant;

/// A value of a field, property or attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Not known.
    Unknown,
    /// A finite number.
    Number(f64),
    /// A whole number of at most 2^53.
    Integer(i64),
    /// Text.
    Text(&'a str),
    /// True or false.
    Boolean(bool),
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<i32> for Value<'_> {
    fn from(value: i32) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

/// One interaction with a customer.
///
/// ```
/// use wayfare::Touchpoint;
///
/// let touchpoint = Touchpoint::new("purchased", "2026-03-01T10:00:00Z".parse()?)
///     .id("order-1007")
///     .channel("store")
///     .value(59.90)
///     .property("items", 2);
/// # let _ = touchpoint;
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Clone)]
pub struct Touchpoint<'a> {
    pub(crate) at: Instant,
    pub(crate) id: Option<&'a str>,
    /// Fields by name; `kind` is the first.
    pub(crate) fields: Vec<(&'a str, Value<'a>)>,
}

impl<'a> Touchpoint<'a> {
    /// A touchpoint of a kind that the journey declares.
    #[must_use]
    pub fn new(kind: &'a str, at: Instant) -> Self {
        Self { at, id: None, fields: vec![("kind", Value::Text(kind))] }
    }

    /// Its id: a second touchpoint of the customer with the same id changes nothing.
    #[must_use]
    pub fn id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// The channel it came through.
    #[must_use]
    pub fn channel(self, channel: &'a str) -> Self {
        self.field("channel", channel)
    }

    /// What it was about.
    #[must_use]
    pub fn topic(self, topic: &'a str) -> Self {
        self.field("topic", topic)
    }

    /// Its value, usually money.
    #[must_use]
    pub fn value(self, value: f64) -> Self {
        self.field("value", value)
    }

    /// It went from us to the customer.
    #[must_use]
    pub fn outbound(self) -> Self {
        self.field("direction", "outbound")
    }

    /// The action it carried.
    #[must_use]
    pub fn action(self, action: &'a str) -> Self {
        self.field("action", action)
    }

    /// What came of it.
    #[must_use]
    pub fn outcome(self, outcome: &'a str) -> Self {
        self.field("outcome", outcome)
    }

    /// A property that the kind declares.
    #[must_use]
    pub fn property(self, name: &'a str, value: impl Into<Value<'a>>) -> Self {
        self.field(name, value)
    }

    fn field(mut self, name: &'a str, value: impl Into<Value<'a>>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// A touchpoint from named fields, as a document or table row has them: `kind` and whatever else the journey declares.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRecord`](crate::ErrorKind::InvalidRecord) if `kind` is missing or `id` is not text.
    pub fn from_fields(at: Instant, fields: impl IntoIterator<Item = (&'a str, Value<'a>)>) -> Result<Self> {
        let mut touchpoint = Self { at, id: None, fields: Vec::with_capacity(8) };
        for (name, value) in fields {
            match (name, value) {
                ("id", Value::Unknown) => {}
                ("id", Value::Text(id)) => touchpoint.id = Some(id),
                ("id", _) => return Err(Error::record("id", "`id` is not text")),
                field => touchpoint.fields.push(field),
            }
        }
        match touchpoint.fields.iter().any(|(name, _)| *name == "kind") {
            true => Ok(touchpoint),
            false => {
                let help = did_you_mean("kind", touchpoint.fields.iter().map(|(name, _)| *name));
                Err(Error::record("kind", "`kind` is missing").with_help_if(help.map(|_| "every touchpoint has a `kind`".to_owned())))
            }
        }
    }
}

impl std::fmt::Debug for Touchpoint<'_> {
    /// Field names only: no customer data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Touchpoint").field("fields", &self.fields.iter().map(|(name, _)| *name).collect::<Vec<_>>()).finish()
    }
}

/// A touchpoint that owns its texts: what [`Decision::touchpoint`](crate::Decision::touchpoint) writes.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedTouchpoint {
    at: Instant,
    fields: Vec<(&'static str, String)>,
}

impl OwnedTouchpoint {
    pub(crate) fn new(at: Instant, fields: Vec<(&'static str, String)>) -> Self {
        Self { at, fields }
    }

    /// Its instant.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.at
    }

    /// Its fields, `kind` first.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&'static str, &str)> {
        self.fields.iter().map(|(name, text)| (*name, text.as_str()))
    }

    /// As a touchpoint, to be observed.
    #[must_use]
    pub fn as_touchpoint(&self) -> Touchpoint<'_> {
        Touchpoint { at: self.at, id: None, fields: self.fields().map(|(name, text)| (name, Value::Text(text))).collect() }
    }
}

impl std::fmt::Debug for OwnedTouchpoint {
    /// Field names only: no customer data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_touchpoint().fmt(f)
    }
}

/// What a customer says in a preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Yes.
    In,
    /// Yes, not yet confirmed: it counts as no.
    Pending,
    /// No.
    Out,
    /// No, and only a yes that is at least as wide lifts it.
    Objected,
}

impl Choice {
    /// As documents and tables write them.
    pub(crate) const NAMES: [(&'static str, Self); 4] =
        [("in", Self::In), ("out", Self::Out), ("pending", Self::Pending), ("objected", Self::Objected)];

    /// As documents and tables write it: `in`, `pending`, `out`, `objected`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Pending => "pending",
            Self::Out => "out",
            Self::Objected => "objected",
        }
    }
}

impl std::str::FromStr for Choice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::NAMES.into_iter().find(|(name, _)| *name == text);
        found.map(|(_, choice)| choice).ok_or_else(|| {
            let help = suggest(text, Self::NAMES.map(|(name, _)| name), "there are");
            Error::record("choice", format!("choice `{}` is not known", shown(text))).with_help_if(help)
        })
    }
}

/// The text of a field that is text; none where it is not known.
fn text_of<'a>(name: &str, value: Value<'a>) -> Result<Option<&'a str>> {
    match value {
        Value::Unknown => Ok(None),
        Value::Text(text) => Ok(Some(text)),
        _ => Err(Error::record(name, format!("`{name}` is not text"))),
    }
}

/// At most the first 64 characters of what somebody wrote.
pub(crate) fn shown(text: &str) -> &str {
    text.char_indices().nth(64).map_or(text, |(at, _)| text.get(..at).unwrap_or_default())
}

/// The customer's word at an instant: whether they want contact on a channel, about a topic, for a purpose; each is "any" unless it is given.
///
/// ```
/// use wayfare::{Choice, Preference};
///
/// let newsletter = Preference::new(Choice::In, "2026-03-01T10:00:00Z".parse()?).channel("email").purpose("marketing").source("web form");
/// let enough = Preference::unsubscribe_all("2026-05-01T10:00:00Z".parse()?);
/// # let _ = (newsletter, enough);
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Clone)]
pub struct Preference<'a> {
    pub(crate) at: Instant,
    pub(crate) choice: Choice,
    pub(crate) id: Option<&'a str>,
    pub(crate) channel: Option<&'a str>,
    pub(crate) topic: Option<&'a str>,
    pub(crate) purpose: Option<&'a str>,
    pub(crate) source: Option<&'a str>,
    pub(crate) evidence: Option<&'a str>,
    pub(crate) expires: Option<Instant>,
}

impl<'a> Preference<'a> {
    /// A choice about any contact.
    #[must_use]
    pub fn new(choice: Choice, at: Instant) -> Self {
        Self { at, choice, id: None, channel: None, topic: None, purpose: None, source: None, evidence: None, expires: None }
    }

    /// No to everything.
    #[must_use]
    pub fn unsubscribe_all(at: Instant) -> Self {
        Self::new(Choice::Out, at)
    }

    /// No to a channel: what one click on "unsubscribe" says.
    #[must_use]
    pub fn unsubscribe(channel: &'a str, at: Instant) -> Self {
        Self::new(Choice::Out, at).channel(channel)
    }

    /// The first half of a double opt-in: it counts once it is [confirmed](Self::confirm).
    #[must_use]
    pub fn request(at: Instant) -> Self {
        Self::new(Choice::Pending, at)
    }

    /// The second half of a double opt-in.
    #[must_use]
    pub fn confirm(at: Instant) -> Self {
        Self::new(Choice::In, at)
    }

    /// An objection, a complaint, a spam report.
    #[must_use]
    pub fn object(at: Instant) -> Self {
        Self::new(Choice::Objected, at)
    }

    /// Its id: a second preference of the customer with the same id changes nothing.
    #[must_use]
    pub fn id(self, id: &'a str) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Only on this channel.
    #[must_use]
    pub fn channel(self, channel: &'a str) -> Self {
        Self { channel: Some(channel), ..self }
    }

    /// Only about this topic.
    #[must_use]
    pub fn topic(self, topic: &'a str) -> Self {
        Self { topic: Some(topic), ..self }
    }

    /// Only for this purpose.
    #[must_use]
    pub fn purpose(self, purpose: &'a str) -> Self {
        Self { purpose: Some(purpose), ..self }
    }

    /// Who recorded it: a form, a call centre, a signal of the browser.
    #[must_use]
    pub fn source(self, source: &'a str) -> Self {
        Self { source: Some(source), ..self }
    }

    /// What proves it: the address of a recording, the version of a form.
    #[must_use]
    pub fn evidence(self, evidence: &'a str) -> Self {
        Self { evidence: Some(evidence), ..self }
    }

    /// From this instant on it is as if it were not there.
    #[must_use]
    pub fn expires(self, at: Instant) -> Self {
        Self { expires: Some(at), ..self }
    }

    /// A preference from named fields, as a document or table row has them: `choice` and whatever else is known.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRecord`](crate::ErrorKind::InvalidRecord) if `choice` is missing, a field is not known, or not text.
    pub fn from_fields(at: Instant, expires: Option<Instant>, fields: impl IntoIterator<Item = (&'a str, Value<'a>)>) -> Result<Self> {
        let mut choice = None;
        let mut preference = Self { expires, ..Self::new(Choice::Out, at) };
        for (name, value) in fields {
            match (name, text_of(name, value)?) {
                (_, None) => {}
                ("choice", Some(text)) => choice = Some(text.parse()?),
                _ => preference = preference.with(name, value)?,
            }
        }
        match choice {
            Some(choice) => Ok(Self { choice, ..preference }),
            None => Err(Error::record("choice", "`choice` is missing").with_help("write `in`, `out`, `pending` or `objected`")),
        }
    }

    /// With a field that is text, by its name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRecord`](crate::ErrorKind::InvalidRecord) if it is not known, not text, or was settled when the preference was made.
    pub fn with(self, name: &'a str, value: Value<'a>) -> Result<Self> {
        let text = text_of(name, value)?;
        match name {
            "id" => Ok(Self { id: text, ..self }),
            "channel" => Ok(Self { channel: text, ..self }),
            "topic" => Ok(Self { topic: text, ..self }),
            "purpose" => Ok(Self { purpose: text, ..self }),
            "source" => Ok(Self { source: text, ..self }),
            "evidence" => Ok(Self { evidence: text, ..self }),
            "at" | "choice" | "expires" => Err(Error::record(name, format!("`{name}` is settled already"))),
            _ => {
                let help = suggest(name, Self::FIELDS, "there are");
                Err(Error::record(name, format!("a preference has no field `{}`", shown(name))).with_help_if(help))
            }
        }
    }

    /// The names of the fields of a preference: the columns of a table of preferences beside `customer`.
    pub const FIELDS: [&'static str; 9] = ["at", "choice", "id", "channel", "topic", "purpose", "source", "evidence", "expires"];
}

impl std::fmt::Debug for Preference<'_> {
    /// No customer data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Preference").finish_non_exhaustive()
    }
}

/// A change of a customer's attributes.
///
/// ```
/// use wayfare::AttributeChange;
///
/// let change = AttributeChange::at("2026-03-01T10:00:00Z".parse()?).set("plan", "gold").set("age", 41);
/// # let _ = change;
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Clone)]
pub struct AttributeChange<'a> {
    pub(crate) at: Option<Instant>,
    pub(crate) id: Option<&'a str>,
    pub(crate) values: Vec<(&'a str, Value<'a>)>,
}

impl<'a> AttributeChange<'a> {
    /// A change at an instant.
    #[must_use]
    pub fn at(at: Instant) -> Self {
        Self { at: Some(at), id: None, values: Vec::new() }
    }

    /// What holds from the beginning of time.
    #[must_use]
    pub fn always() -> Self {
        Self { at: None, id: None, values: Vec::new() }
    }

    /// Its id: a second change of the customer with the same id changes nothing.
    #[must_use]
    pub fn id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets an attribute; [`Value::Unknown`] forgets it.
    #[must_use]
    pub fn set(mut self, name: &'a str, value: impl Into<Value<'a>>) -> Self {
        self.values.push((name, value.into()));
        self
    }
}

impl std::fmt::Debug for AttributeChange<'_> {
    /// Attribute names only: no customer data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AttributeChange").field("set", &self.values.iter().map(|(name, _)| *name).collect::<Vec<_>>()).finish()
    }
}
