//! May we? The customer's last word decides.

use serde::Serialize;

use crate::journey::plan::Plan;
use crate::journey::plan::decision::{ChannelPlan, PurposePlan};
use crate::profile::ledger::Word;
use crate::record::Choice;
use crate::symbol::{Strings, Symbol};
use crate::time::Instant;

/// What decided whether a contact is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConsentReason {
    /// The purpose needs no opt-in.
    Required,
    /// The customer said yes.
    OptedIn,
    /// The customer said no.
    OptedOut,
    /// The customer's yes is not yet confirmed.
    Pending,
    /// The customer objected.
    Objected,
    /// The customer said nothing, and the journey takes that for a yes.
    DefaultIn,
    /// The customer said nothing, and that is a no.
    DefaultOut,
}

impl ConsentReason {
    /// As documents and tables show it: `opted_in`, `default_out` …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::OptedIn => "opted_in",
            Self::OptedOut => "opted_out",
            Self::Pending => "pending",
            Self::Objected => "objected",
            Self::DefaultIn => "default_in",
            Self::DefaultOut => "default_out",
        }
    }
}

/// The word of a customer that a consent rests on.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PreferenceRecord<'a> {
    /// When it was said.
    pub at: Instant,
    /// What was said.
    pub choice: Choice,
    /// Its id.
    pub id: Option<&'a str>,
    /// On which channel; any if none.
    pub channel: Option<&'a str>,
    /// About which topic; any if none.
    pub topic: Option<&'a str>,
    /// For which purpose; any if none.
    pub purpose: Option<&'a str>,
    /// Who recorded it.
    pub source: Option<&'a str>,
    /// What proves it.
    pub evidence: Option<&'a str>,
    /// When it ends.
    pub expires: Option<Instant>,
}

impl<'a> PreferenceRecord<'a> {
    pub(crate) fn new(strings: &'a Strings, word: &'a Word) -> Self {
        let [channel, topic, purpose] = word.scope().map(|symbol| symbol.known().then(|| strings.text(symbol)));
        Self {
            at: Instant::from_valid(word.at),
            choice: word.choice,
            id: word.id.as_deref(),
            channel,
            topic,
            purpose,
            source: word.source.as_deref(),
            evidence: word.evidence.as_deref(),
            expires: word.expires.map(Instant::from_valid),
        }
    }
}

impl std::fmt::Debug for PreferenceRecord<'_> {
    /// No customer data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreferenceRecord").field("choice", &self.choice).finish_non_exhaustive()
    }
}

/// Whether there may be contact on a channel, for a purpose, perhaps about a topic; and which record says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Consent<'a> {
    /// The channel.
    pub channel: &'a str,
    /// The purpose.
    pub purpose: &'a str,
    /// The topic; none for contact about nothing in particular.
    pub topic: Option<&'a str>,
    /// Whether there may be contact.
    pub allowed: bool,
    /// What decided.
    pub because: ConsentReason,
    /// The customer's word that decided, if one did.
    pub record: Option<PreferenceRecord<'a>>,
}

/// What was judged: allowed or not, why, and by which word (its place among those given).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) because: ConsentReason,
    pub(crate) word: Option<usize>,
}

impl Verdict {
    #[inline]
    pub(crate) fn allows(self) -> bool {
        matches!(self.because, ConsentReason::Required | ConsentReason::OptedIn | ConsentReason::DefaultIn)
    }
}

/// Judges a contact from words in the order of the ledger.
pub(crate) fn judge<'w>(
    words: impl Iterator<Item = &'w Word> + Clone,
    purpose: &PurposePlan,
    channel: Symbol,
    topic: Symbol,
    now: i64,
) -> Verdict {
    if purpose.required {
        return Verdict { because: ConsentReason::Required, word: None };
    }
    let contact = [channel, topic, purpose.symbol];
    let live = move |word: &Word| word.at <= now && word.expires.is_none_or(|expires| now < expires);
    let mut objection: Option<(usize, i64)> = None;
    let mut last: Option<(usize, &Word)> = None;
    for (at, word) in words.clone().enumerate().filter(|(_, word)| live(word) && is_as_wide(word.scope(), contact)) {
        if word.choice == Choice::Objected {
            let lifts =
                |other: &Word| other.choice == Choice::In && other.at > word.at && live(other) && is_as_wide(other.scope(), word.scope());
            if !words.clone().any(lifts) {
                objection = Some((at, word.at));
            }
            continue;
        }
        // Of one instant, a no goes before a yes.
        let gives_way = last.is_some_and(|(_, last)| last.at == word.at && last.choice != Choice::In && word.choice == Choice::In);
        if !gives_way {
            last = Some((at, word));
        }
    }
    match (objection, last) {
        (Some((at, _)), _) => Verdict { because: ConsentReason::Objected, word: Some(at) },
        (None, Some((at, word))) => {
            let because = match word.choice {
                Choice::In => ConsentReason::OptedIn,
                Choice::Pending => ConsentReason::Pending,
                _ => ConsentReason::OptedOut,
            };
            Verdict { because, word: Some(at) }
        }
        (None, None) => {
            let because = if purpose.default_in { ConsentReason::DefaultIn } else { ConsentReason::DefaultOut };
            Verdict { because, word: None }
        }
    }
}

/// Whether each part of a scope is any, or the other's own.
fn is_as_wide(scope: [Symbol; 3], other: [Symbol; 3]) -> bool {
    scope.iter().zip(other).all(|(mine, other)| !mine.known() || *mine == other)
}

/// Hands every channel and purpose, without a topic and with each topic that a word names, to `tell`.
pub(crate) fn judge_all<'a>(
    plan: &'a Plan,
    strings: &Strings,
    ledger: &[Word],
    now: i64,
    mut tell: impl FnMut(&'a ChannelPlan, &'a PurposePlan, Symbol, Verdict),
) {
    let mut topics: Vec<Symbol> = ledger.iter().map(|word| word.scope()).map(|[_, topic, _]| topic).filter(|topic| topic.known()).collect();
    topics.sort_unstable_by_key(|topic| strings.text(*topic));
    topics.dedup();
    topics.insert(0, Symbol::NONE);
    for channel in &plan.decision.channels {
        for purpose in &plan.decision.purposes {
            for topic in &topics {
                tell(channel, purpose, *topic, judge(ledger.iter(), purpose, channel.symbol, *topic, now));
            }
        }
    }
}

/// All of them, with the records that decided.
pub(crate) fn consents<'a>(plan: &'a Plan, strings: &'a Strings, ledger: &'a [Word], now: i64) -> Vec<Consent<'a>> {
    let mut all = Vec::new();
    judge_all(plan, strings, ledger, now, |channel, purpose, topic, verdict| {
        let word = verdict.word.and_then(|at| ledger.get(at));
        all.push(Consent {
            channel: &channel.name,
            purpose: &purpose.name,
            topic: topic.known().then(|| strings.text(topic)),
            allowed: verdict.allows(),
            because: verdict.because,
            record: word.map(|word| PreferenceRecord::new(strings, word)),
        });
    });
    all
}
