//! Words that come as something else: an answer to an ask, a signal of the browser.

use crate::diagnostic::suggest;
use crate::error::{Error, ErrorKind, Result};
use crate::journey::Journey;
use crate::profile::{Observed, Profile};
use crate::record::{AttributeChange, Preference, Value, shown};
use crate::time::Instant;

impl Journey {
    /// What a Global Privacy Control signal says: no to each purpose that declares `global_privacy_control: true`.
    #[must_use]
    pub fn global_privacy_control(&self, at: Instant) -> Vec<Preference<'_>> {
        let honoured = self.plan.decision.purposes.iter().filter(|purpose| purpose.privacy_control);
        honoured.map(|purpose| Preference::unsubscribe_all(at).purpose(&purpose.name).source("global_privacy_control")).collect()
    }
}

impl Profile {
    /// Takes in a Global Privacy Control signal.
    ///
    /// # Errors
    /// None that a checked journey can bring about; as [`prefer`](Self::prefer).
    pub fn global_privacy_control(&mut self, at: Instant) -> Result<()> {
        let journey = self.journey().clone();
        journey.global_privacy_control(at).iter().try_for_each(|preference| self.prefer(preference).map(|_| ()))
    }

    /// Takes in the answer to an ask: an attribute, or the preferences that the chosen answer expresses.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the journey has no such ask or the ask no such answer; else as [`set`](Self::set) and [`prefer`](Self::prefer).
    pub fn answer(&mut self, ask: &str, answer: Value<'_>, at: Instant) -> Result<Observed> {
        let journey = self.journey().clone();
        let plan = &*journey.plan;
        let asks = &plan.decision.asks;
        let Some(asked) = asks.iter().find(|plan| plan.name == ask) else {
            let help = suggest(ask, asks.iter().map(|ask| ask.name.as_str()), "there are");
            return Err(Error::new(ErrorKind::InvalidArgument, format!("ask `{}` is not declared", shown(ask))).with_help_if(help));
        };
        if let Some((attribute, _)) = asked.attribute.and_then(|attribute| plan.attributes.get(attribute)) {
            return self.set(&AttributeChange::at(at).set(attribute, answer));
        }
        let text = if let Value::Text(text) = answer { text } else { "" };
        let Some(chosen) = asked.answers.iter().find(|plan| plan.name == text) else {
            let help = suggest(text, asked.answers.iter().map(|answer| answer.name.as_str()), "there are");
            let message = format!("ask `{ask}` has no answer `{}`", shown(text));
            return Err(Error::new(ErrorKind::InvalidArgument, message).with_help_if(help));
        };
        let name = |symbol: crate::symbol::Symbol| symbol.known().then(|| plan.words.word(symbol.0)).flatten();
        for word in &chosen.words {
            let mut preference = Preference::new(word.choice, at).source(ask);
            (preference.channel, preference.topic, preference.purpose) = (name(word.channel), name(word.topic), name(word.purpose));
            self.prefer(&preference)?;
        }
        Ok(Observed::Folded)
    }
}
