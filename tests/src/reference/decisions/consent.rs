//! The customer's word: what was said up to an instant, and what follows for a contact.

use crate::reference::document::{entries, text};
use crate::reference::records::instant;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// A preference as it was recorded.
#[derive(Clone)]
pub struct Word {
    pub at: i64,
    pub record: Json,
}

/// Whether a contact is allowed, why, and the word that says so.
pub struct Consent {
    pub allowed: bool,
    pub because: &'static str,
    pub word: Option<Word>,
}

/// The preferences among the records up to an instant, in the order of the ledger; the first of those with one id.
pub fn ledger(records: &[Json], now: i64) -> Vec<Word> {
    let read = |record: &Json| Word { at: instant(text(&record["at"])), record: record.clone() };
    let mut words: Vec<Word> = records.iter().filter(|record| record.get("choice").is_some()).map(read).collect();
    words.sort_by_key(|word| (word.at, word.field("id").map(str::to_owned), word.content()));
    let mut seen = BTreeSet::new();
    words.retain(|word| word.field("id").is_none_or(|id| seen.insert(id.to_owned())));
    words.retain(|word| word.at <= now);
    words
}

impl Word {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.record.get(name).and_then(Json::as_str)
    }

    fn choice(&self) -> &str {
        self.field("choice").expect("a choice")
    }

    fn content(&self) -> Vec<Option<String>> {
        let choice = ["in", "pending", "out", "objected"].iter().position(|choice| *choice == self.choice()).expect("a choice");
        let texts = ["channel", "topic", "purpose", "source", "evidence", "expires"].map(|name| self.field(name).map(str::to_owned));
        [Some(choice.to_string())].into_iter().chain(texts).collect()
    }

    fn stands(&self, now: i64) -> bool {
        self.at <= now && self.field("expires").is_none_or(|expires| now < instant(expires))
    }

    fn covers(&self, channel: &str, purpose: &str, topic: Option<&str>) -> bool {
        self.field("channel").is_none_or(|own| own == channel)
            && self.field("purpose").is_none_or(|own| own == purpose)
            && self.field("topic").is_none_or(|own| Some(own) == topic)
    }

    fn at_least_as_wide_as(&self, other: &Word) -> bool {
        ["channel", "purpose", "topic"].iter().all(|name| self.field(name).is_none() || self.field(name) == other.field(name))
    }
}

pub fn judge(file: &Json, ledger: &[Word], now: i64, channel: &str, purpose: &str, topic: Option<&str>) -> Consent {
    let purpose_of_file = &file["purposes"][purpose];
    if purpose_of_file["required"] == true {
        return Consent { allowed: true, because: "required", word: None };
    }
    let standing: Vec<&Word> = ledger.iter().filter(|word| word.stands(now)).collect();
    let covering: Vec<&Word> = standing.iter().copied().filter(|word| word.covers(channel, purpose, topic)).collect();
    let lifted = |objection: &Word| {
        standing.iter().any(|word| word.choice() == "in" && word.at > objection.at && word.at_least_as_wide_as(objection))
    };
    let mut objections = covering.iter().filter(|word| word.choice() == "objected");
    if let Some(objection) = objections.rfind(|word| !lifted(word)) {
        return Consent { allowed: false, because: "objected", word: Some((*objection).clone()) };
    }
    let others: Vec<&Word> = covering.into_iter().filter(|word| word.choice() != "objected").collect();
    let Some(latest) = others.iter().map(|word| word.at).max() else {
        let allowed = purpose_of_file["default"] == "opted_in";
        return Consent { allowed, because: if allowed { "default_in" } else { "default_out" }, word: None };
    };
    let at_last: Vec<&Word> = others.into_iter().filter(|word| word.at == latest).collect();
    let denial = at_last.iter().rfind(|word| word.choice() != "in");
    let word = denial.or(at_last.last()).expect("a word");
    let because = match word.choice() {
        "in" => "opted_in",
        "out" => "opted_out",
        _ => "pending",
    };
    Consent { allowed: because == "opted_in", because, word: Some((*word).clone()) }
}

/// Every channel, purpose and topic of which the ledger ever speaks.
pub fn table(file: &Json, records: &[Json], now: i64) -> Json {
    let (whole, ledger) = (ledger(records, i64::MAX), ledger(records, now));
    let topics: BTreeSet<&str> = whole.iter().filter_map(|word| word.field("topic")).collect();
    let topics: Vec<Option<&str>> = [None].into_iter().chain(topics.into_iter().map(Some)).collect();
    let mut rows = Vec::new();
    for (channel, _) in entries(file.get("channels")) {
        for (purpose, _) in entries(file.get("purposes")) {
            for topic in &topics {
                let consent = judge(file, &ledger, now, channel, purpose, *topic);
                rows.push(json!({
                    "channel": channel,
                    "purpose": purpose,
                    "topic": topic,
                    "allowed": consent.allowed,
                    "because": consent.because,
                    "record": consent.word.as_ref().map(record_json),
                }));
            }
        }
    }
    Json::Array(rows)
}

fn record_json(word: &Word) -> Json {
    let at = |text: &str| crate::reference::instant_json(Some(instant(text)));
    json!({
        "at": at(text(&word.record["at"])),
        "choice": word.choice(),
        "id": word.field("id"),
        "channel": word.field("channel"),
        "topic": word.field("topic"),
        "purpose": word.field("purpose"),
        "source": word.field("source"),
        "evidence": word.field("evidence"),
        "expires": word.field("expires").map(at),
    })
}
