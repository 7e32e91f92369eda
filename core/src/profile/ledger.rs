//! The preference ledger: every word of a customer about contact, kept whole.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::diagnostic::suggest;
use crate::error::{Error, Result};
use crate::journey::plan::Plan;
use crate::journey::plan::decision::WordPlan;
use crate::record::{Choice, Preference, shown};
use crate::symbol::{Strings, Symbol};

/// Bytes of text in one preference.
const MAX_TEXT: usize = 65_536;

/// One preference. A symbol that is none means any.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Word {
    pub(crate) at: i64,
    pub(crate) id: Option<Box<str>>,
    pub(crate) choice: Choice,
    channel: u32,
    topic: u32,
    purpose: u32,
    pub(crate) expires: Option<i64>,
    pub(crate) source: Option<Box<str>>,
    pub(crate) evidence: Option<Box<str>>,
}

impl Word {
    /// What an answer says, as if it was said at an instant.
    pub(crate) fn supposed(at: i64, word: &WordPlan) -> Self {
        let WordPlan { channel, topic, purpose, choice } = *word;
        let (channel, topic, purpose) = (channel.0, topic.0, purpose.0);
        Self { at, id: None, choice, channel, topic, purpose, expires: None, source: None, evidence: None }
    }

    /// Looks everything up and checks it.
    pub(crate) fn new(plan: &Plan, strings: &mut Strings, preference: &Preference<'_>) -> Result<Self> {
        let Preference { at, choice, id, channel, topic, purpose, source, evidence, expires } = preference;
        let texts = [("id", id), ("channel", channel), ("topic", topic), ("purpose", purpose), ("source", source), ("evidence", evidence)];
        if let Some((name, _)) = texts.iter().find(|(_, text)| **text == Some("")) {
            return Err(Error::record(name, format!("`{name}` is empty text")).with_help("leave the field out if there is none"));
        }
        if texts.iter().map(|(_, text)| text.map_or(0, str::len)).sum::<usize>() > MAX_TEXT {
            return Err(Error::record("", format!("the record has more than {MAX_TEXT} bytes of text")));
        }
        if expires.is_some_and(|expires| expires <= *at) {
            return Err(Error::record("expires", "the preference expires before it holds").with_help("`expires` comes after `at`"));
        }
        let purposes = plan.decision.purposes.iter().map(|purpose| purpose.name.as_str());
        declared("channel", *channel, plan.channels.iter().map(String::as_str))?;
        declared("purpose", *purpose, purposes)?;
        if let Some(topics) = &plan.topics {
            declared("topic", *topic, topics.iter().map(String::as_str))?;
        }
        let mut symbol = |text: &Option<&str>| text.map_or(0, |text| strings.intern(text).0);
        Ok(Self {
            at: at.as_micros(),
            id: id.map(Into::into),
            choice: *choice,
            channel: symbol(channel),
            topic: symbol(topic),
            purpose: symbol(purpose),
            expires: expires.map(|expires| expires.as_micros()),
            source: source.map(Into::into),
            evidence: evidence.map(Into::into),
        })
    }

    /// Channel, topic, purpose; none means any.
    #[inline]
    pub(crate) fn scope(&self) -> [Symbol; 3] {
        [Symbol(self.channel), Symbol(self.topic), Symbol(self.purpose)]
    }

    /// The order of the ledger.
    fn order(&self, other: &Self, strings: &Strings) -> Ordering {
        let text = |symbols: [Symbol; 3]| symbols.map(|symbol| strings.text(symbol));
        (self.at, &self.id, self.choice, text(self.scope()), self.expires, &self.source, &self.evidence).cmp(&(
            other.at,
            &other.id,
            other.choice,
            text(other.scope()),
            other.expires,
            &other.source,
            &other.evidence,
        ))
    }

    pub(crate) fn map_symbols(&mut self, visit: &mut impl FnMut(Symbol) -> Symbol) {
        for symbol in [&mut self.channel, &mut self.topic, &mut self.purpose] {
            *symbol = visit(Symbol(*symbol)).0;
        }
    }
}

fn declared<'a>(what: &str, name: Option<&str>, names: impl Iterator<Item = &'a str> + Clone) -> Result<()> {
    let Some(name) = name else { return Ok(()) };
    match names.clone().any(|known| known == name) {
        true => Ok(()),
        false => {
            Err(Error::record(what, format!("{what} `{}` is not declared", shown(name))).with_help_if(suggest(name, names, "there are")))
        }
    }
}

/// Takes a word into its place. Says whether the ledger changed: a second word with an id changes nothing, and of the two the earlier one counts.
pub(crate) fn insert(ledger: &mut Vec<Word>, word: Word, strings: &Strings) -> bool {
    if word.id.is_some()
        && let Some(same) = ledger.iter().position(|other| other.id == word.id)
    {
        if ledger.get(same).is_some_and(|other| other.order(&word, strings).is_le()) {
            return false;
        }
        ledger.remove(same);
    }
    let at = ledger.partition_point(|other| other.order(&word, strings).is_le());
    ledger.insert(at, word);
    true
}

/// Whether words are in the order of the ledger, and each is one that a customer can say.
pub(crate) fn is_sound(ledger: &[Word], strings: &Strings) -> bool {
    let mut ids: Vec<&str> = ledger.iter().filter_map(|word| word.id.as_deref()).collect();
    let number = ids.len();
    ids.sort_unstable();
    ids.dedup();
    ids.len() == number
        && ledger.is_sorted_by(|a, b| a.order(b, strings).is_le())
        && ledger.iter().all(|word| word.expires.is_none_or(|expires| expires > word.at))
}
