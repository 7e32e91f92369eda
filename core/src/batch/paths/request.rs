//! What is asked of paths as documents: what the bindings hand over, with the defaults of every choice.

use serde::{Deserialize, Serialize};

use super::super::{OnError, Progress};
use super::options::PathsOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::insight::paths::{Lookback, Session};

/// [`PathsOptions`] as a document; what is not there is at its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PathsRequest {
    /// The kinds that are conversions.
    pub conversion: Vec<String>,
    /// The kinds that may earn credit.
    pub touchpoints: Vec<String>,
    /// How far before a conversion its path begins.
    pub lookback: Option<LookbackChoice>,
    /// `restart`, `all` or `first`.
    pub repeat: Option<String>,
    /// `touchpoint` or `session`.
    pub unit: Option<String>,
    /// The gap that parts sessions.
    pub session_gap: Option<String>,
    /// `day`: sessions are calendar days.
    pub session: Option<String>,
    /// Until when touchpoints were observed.
    pub observed_until: Option<String>,
    /// The zone of days, and of times without a zone.
    pub time_zone: Option<String>,
    /// Further columns by which touchpoints are told apart.
    pub dimensions: Vec<String>,
    /// The column of the customer.
    pub customer: Option<String>,
    /// The column of the instant.
    pub at: Option<String>,
    /// The column of the kind.
    pub kind: Option<String>,
    /// The column of the channel.
    pub channel: Option<String>,
    /// The column of the value.
    pub value: Option<String>,
    /// `raise` or `collect`.
    pub on_error: Option<String>,
}

/// A lookback for all conversions, or one by kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LookbackChoice {
    /// `30d`.
    All(String),
    /// `{ purchased: 30d }`.
    ByKind(indexmap::IndexMap<String, String>),
}

impl PathsRequest {
    /// Calls with the options that it stands for.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a choice that there is not, and what the call gives.
    pub fn with<T>(&self, progress: Option<Progress<'_>>, call: impl FnOnce(&PathsOptions<'_>) -> Result<T>) -> Result<T> {
        fn borrowed(words: &[String]) -> Vec<&str> {
            words.iter().map(String::as_str).collect()
        }
        let (conversion, touchpoints, dimensions) = (borrowed(&self.conversion), borrowed(&self.touchpoints), borrowed(&self.dimensions));
        let mut options = PathsOptions { touchpoints: &touchpoints, dimensions: &dimensions, ..PathsOptions::new(&conversion) };
        options.lookback = self.lookback()?;
        options.repeat = self.repeat.as_deref().map_or(Ok(options.repeat), str::parse)?;
        options.unit = self.unit.as_deref().map_or(Ok(options.unit), str::parse)?;
        options.time_zone = self.time_zone.as_deref().unwrap_or(options.time_zone);
        options.session = match (self.session.as_deref(), &self.session_gap) {
            (None, None) => options.session,
            (None, Some(gap)) => Session::Gap(gap.parse()?),
            (Some("day"), None) => Session::Day { time_zone: options.time_zone.to_owned() },
            (Some("day"), Some(_)) => return Err(invalid("`session` and `session_gap` are both given").with_help("give one of them")),
            (Some(other), _) => {
                return Err(invalid(format!("there is no `session` `{other}`")).with_help("write \"day\", or give a `session_gap`"));
            }
        };
        options.observed_until = self.observed_until.as_deref().map(str::parse).transpose()?;
        options.customer = self.customer.as_deref().unwrap_or(options.customer);
        options.at = self.at.as_deref().unwrap_or(options.at);
        options.kind = self.kind.as_deref().unwrap_or(options.kind);
        options.channel = self.channel.as_deref();
        options.value = self.value.as_deref();
        options.on_error = match self.on_error.as_deref() {
            None | Some("raise") => OnError::Fail,
            Some("collect") => OnError::Collect,
            Some(_) => return Err(invalid("`on_error` is neither \"raise\" nor \"collect\"")),
        };
        options.progress = progress;
        call(&options)
    }

    fn lookback(&self) -> Result<Lookback> {
        Ok(match &self.lookback {
            None => Lookback::Unbounded,
            Some(LookbackChoice::All(length)) => Lookback::Within(length.parse()?),
            Some(LookbackChoice::ByKind(kinds)) => {
                let kinds = kinds.iter().map(|(kind, length)| Ok((kind.clone(), length.parse()?)));
                Lookback::ByKind(kinds.collect::<Result<_>>()?)
            }
        })
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}
