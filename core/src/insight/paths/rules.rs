//! What makes a path of touchpoints.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::diagnostic::suggest;
use crate::error::{Error, ErrorKind, Result};
use crate::time::{DayClock, Duration, Instant, zone};

/// How paths were cut out of touchpoints. Pieces that are merged were all cut alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rules {
    pub(crate) conversion: Vec<String>,
    pub(crate) touchpoints: Vec<String>,
    pub(crate) lookback: Lookback,
    pub(crate) repeat: Repeat,
    pub(crate) unit: Unit,
    pub(crate) session: Session,
    pub(crate) observed_until: Option<Instant>,
}

impl Rules {
    /// Refuses what cannot be meant.
    pub(crate) fn check(&self) -> Result<()> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidArgument, message);
        if let Some(kind) = self.touchpoints.iter().find(|kind| self.conversion.contains(kind)) {
            return Err(invalid(format!("`{kind}` is both a conversion and a touchpoint"))
                .with_help("a conversion earns no credit itself; leave it out of `touchpoints`"));
        }
        if let Lookback::ByKind(kinds) = &self.lookback
            && let Some((kind, _)) = kinds.iter().find(|(kind, _)| !self.conversion.contains(kind))
        {
            let help = suggest(kind, self.conversion.iter().map(String::as_str), "conversions are");
            return Err(invalid(format!("`lookback` names `{kind}`, which is not a conversion")).with_help_if(help));
        }
        SessionClock::new(&self.session).map(|_| ())
    }

    /// In what way others are not the same.
    pub(crate) fn difference(&self, other: &Self) -> Option<&'static str> {
        let same = [
            ("conversion", self.conversion == other.conversion),
            ("touchpoints", self.touchpoints == other.touchpoints),
            ("lookback", self.lookback == other.lookback),
            ("repeat", self.repeat == other.repeat),
            ("unit", self.unit == other.unit),
            ("session", self.session == other.session),
            ("observed_until", self.observed_until == other.observed_until),
        ];
        same.into_iter().find(|(_, same)| !same).map(|(name, _)| name)
    }
}

/// Tells where a session ends and the next begins.
#[derive(Debug, Clone)]
pub(crate) enum SessionClock {
    Gap(i64),
    Day(Box<DayClock>),
}

impl SessionClock {
    pub(crate) fn new(session: &Session) -> Result<Self> {
        match session {
            Session::Gap(gap) => Ok(Self::Gap(gap.as_micros())),
            Session::Day { time_zone } => match zone(time_zone) {
                Some(zone) => Ok(Self::Day(Box::new(DayClock::new(zone)))),
                None => Err(Error::new(ErrorKind::InvalidArgument, format!("time zone `{time_zone}` is not known"))
                    .with_help("write an IANA name, like `Europe/London`")),
            },
        }
    }

    /// Whether the second of two touchpoints, one after the other, begins a session.
    #[inline]
    pub(crate) fn parts(&mut self, before: i64, at: i64) -> bool {
        match self {
            Self::Gap(gap) => at.saturating_sub(before) > *gap,
            Self::Day(clock) => clock.day(before) != clock.day(at),
        }
    }
}

/// How far before a conversion its path begins.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Lookback {
    /// At the customer's first touchpoint.
    #[default]
    Unbounded,
    /// So long before any conversion, the boundary included.
    Within(#[serde(with = "written")] Duration),
    /// So long before a conversion of each of these kinds; of other kinds at the customer's first touchpoint.
    ByKind(#[serde(with = "written_by_kind")] Vec<(String, Duration)>),
}

impl Lookback {
    /// Of conversions of a kind, in microseconds.
    pub(crate) fn of(&self, kind: &str) -> Option<i64> {
        match self {
            Self::Unbounded => None,
            Self::Within(length) => Some(length.as_micros()),
            Self::ByKind(kinds) => kinds.iter().find(|(known, _)| known == kind).map(|(_, length)| length.as_micros()),
        }
    }
}

/// What a customer's second conversion sees of the touchpoints before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Nothing: its path begins after the conversion before it.
    #[default]
    Restart,
    /// Everything within its lookback, whatever came between.
    All,
    /// A customer's first conversion is the only one that counts.
    First,
}

impl FromStr for Repeat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "restart" => Ok(Self::Restart),
            "all" => Ok(Self::All),
            "first" => Ok(Self::First),
            _ => Err(Error::new(ErrorKind::InvalidArgument, format!("there is no `repeat` `{text}`"))
                .with_help("write \"restart\", \"all\" or \"first\"")),
        }
    }
}

/// What the elements of paths are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Touchpoints.
    #[default]
    Touchpoint,
    /// Sessions, each as its first touchpoint that counts.
    Session,
}

impl FromStr for Unit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "touchpoint" => Ok(Self::Touchpoint),
            "session" => Ok(Self::Session),
            _ => Err(Error::new(ErrorKind::InvalidArgument, format!("there is no `unit` `{text}`"))
                .with_help("write \"touchpoint\" or \"session\"")),
        }
    }
}

/// What makes a session of touchpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Session {
    /// A touchpoint more than this after the one before begins a new one.
    Gap(#[serde(with = "written")] Duration),
    /// The calendar day in a zone with an IANA name.
    Day {
        /// The zone.
        time_zone: String,
    },
}

impl Default for Session {
    /// Half an hour, as web analytics has it.
    fn default() -> Self {
        Self::Gap(Duration::from_valid(30 * 60 * 1_000_000))
    }
}

mod written {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::time::Duration;

    pub(super) fn serialize<S: Serializer>(length: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(length)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

mod written_by_kind {
    use indexmap::IndexMap;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::time::Duration;

    pub(super) fn serialize<S: Serializer>(kinds: &[(String, Duration)], to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(kinds.iter().map(|(kind, length)| (kind, length.to_string())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(String, Duration)>, D::Error> {
        let kinds = IndexMap::<String, String>::deserialize(from)?;
        let parsed = kinds.into_iter().map(|(kind, length)| Ok((kind, length.parse().map_err(serde::de::Error::custom)?)));
        parsed.collect()
    }
}
