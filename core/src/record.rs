//! What happened: touchpoints and attribute changes, as a caller writes them.

use crate::diagnostic::did_you_mean;
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
