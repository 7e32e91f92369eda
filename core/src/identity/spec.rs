//! The rules of an identity graph as they are written: what was read, before it is checked.

use std::fmt;
use std::str::FromStr;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, ErrorKind, Result};
use crate::time::Duration;

/// Rules as a document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySpec {
    /// The kinds of identifiers; the first has the highest priority.
    pub identifiers: IndexMap<String, IdentifierSpec>,
    /// Values that no kind may have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<String>,
}

/// A kind of identifier.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentifierSpec {
    /// How many values one person may have; any number if it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Values that identify nobody; `*` stands for any text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<String>,
    /// What is done to a value before it is looked at; nothing if it is not said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub normalize: Vec<Normalization>,
}

/// A change of a value before it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalization {
    /// White space at both ends goes.
    Trim,
    /// Letters become small ones.
    Lowercase,
}

/// How many values of a kind one person may have: written `1 ever`, `5 weekly`, `3 per 30d`.
///
/// ```
/// use wayfare::identity::Limit;
///
/// let limit: Limit = "5 weekly".parse()?;
/// assert_eq!(limit.to_string(), "5 per 7d");
/// assert!("5 fortnightly".parse::<Limit>().is_err());
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub(crate) count: u32,
    pub(crate) within: Option<Duration>,
}

/// The words for periods. They roll: any stretch of that length, not a week or month of the calendar.
const PERIODS: [(&str, Option<u16>); 5] =
    [("ever", None), ("daily", Some(1)), ("weekly", Some(7)), ("monthly", Some(30)), ("annually", Some(365))];

impl Limit {
    /// Values at most.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Of any stretch of this length; none is ever.
    #[must_use]
    pub fn within(&self) -> Option<Duration> {
        self.within
    }
}

impl FromStr for Limit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let within = match words.as_slice() {
            [_] => Some(None),
            [_, "per", length] => length.parse::<Duration>().ok().filter(|length| length.as_micros() > 0).map(Some),
            [_, word] => PERIODS.iter().find(|(period, _)| period == word).map(|(_, days)| days.map(Duration::from_days)),
            _ => None,
        };
        let count = words.first().and_then(|count| count.parse().ok()).filter(|count| *count > 0);
        match (count, within) {
            (Some(count), Some(within)) => Ok(Self { count, within }),
            _ => Err(Error::new(ErrorKind::InvalidArgument, format!("`{}` is not a limit", crate::record::shown(text)))
                .with_help("write a number of 1 or more and a period: `1 ever`, `5 weekly`, `5 monthly`, `5 annually`, `3 per 90d`")),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.within {
            None => write!(f, "{} ever", self.count),
            Some(within) => write!(f, "{} per {within}", self.count),
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Written;
        impl de::Visitor<'_> for Written {
            type Value = Limit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a limit like `1 ever` or `5 weekly`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Limit, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, count: i64) -> std::result::Result<Limit, E> {
                self.visit_str(&count.to_string())
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> std::result::Result<Limit, E> {
                self.visit_str(&count.to_string())
            }
        }
        deserializer.deserialize_any(Written)
    }
}
