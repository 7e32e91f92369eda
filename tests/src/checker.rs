//! The independent checker: it reads what was sent to a customer over the years, and says where that breaks the customer's word or
//! the contact policy. It knows the file and the records, and nothing of how they were decided about.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value as Json;

use crate::reference::{Reference, instant, is_held_out};

/// Checks customers of one journey.
pub struct Checker {
    file: Json,
    reference: Reference,
}

/// A message that went out.
struct Sent<'a> {
    at: i64,
    record: &'a Json,
    action: &'a Json,
}

impl Checker {
    /// Of a good file, without groups.
    pub fn new(yaml: &str) -> Self {
        let file = serde_saphyr::from_str_with_options(yaml, serde_saphyr::options! { strict_booleans: true }).expect("a document");
        Self { file, reference: Reference::from_yaml(yaml) }
    }

    /// Every breach among the records of a customer whose zone is this.
    pub fn breaches(&self, customer: &str, records: &[Json], zone: &str) -> Vec<String> {
        let zone = TimeZone::get(zone).expect("a zone");
        let mut sent: Vec<Sent<'_>> = records.iter().filter_map(|record| self.sent(record)).collect();
        sent.sort_by_key(|one| one.at);
        let mut breaches = Vec::new();
        for (number, one) in sent.iter().enumerate() {
            let mut breach = |what: String| breaches.push(format!("{what}: {}", one.record));
            if !self.reference.allows(records, one.at, &one.record["channel"], &one.record["purpose"], &one.record["topic"]) {
                breach("against the customer's word".to_owned());
            }
            if one.record["direction"] == "outbound" {
                self.full_caps(&sent[..=number], &zone).into_iter().for_each(&mut breach);
                if self.is_night(one, &zone) {
                    breach("at night".to_owned());
                }
            }
            let before = |other: &&Sent<'_>| other.record["direction"] == "outbound" && other.record["action"] == one.record["action"];
            let said = sent[..number].iter().filter(before).count() as u64;
            if one.action["limit"].as_u64().is_some_and(|limit| said >= limit) {
                breach("past its limit".to_owned());
            }
            if self.is_left_alone(one, customer) {
                breach("to a customer who is held out".to_owned());
            }
            if self.is_cooling_down(one, records) {
                breach("during its cool-down".to_owned());
            }
            if self.has_open_ticket(one, records) {
                breach("against the veto".to_owned());
            }
        }
        breaches
    }

    /// How many messages of each action went out.
    pub fn count<'a>(&'a self, records: &'a [Json]) -> BTreeMap<&'a str, usize> {
        let mut counted = BTreeMap::new();
        for one in records.iter().filter_map(|record| self.sent(record)) {
            *counted.entry(one.record["action"].as_str().expect("an action")).or_default() += 1;
        }
        counted
    }

    fn sent<'a>(&'a self, record: &'a Json) -> Option<Sent<'a>> {
        if record["kind"] != "message_sent" {
            return None;
        }
        let action = self.file["actions"].as_array()?.iter().find(|action| action["name"] == record["action"])?;
        Some(Sent { at: instant(record["at"].as_str()?), record, action })
    }

    /// The caps that the last of these messages has broken.
    fn full_caps(&self, sent: &[Sent<'_>], zone: &TimeZone) -> Vec<String> {
        let policy = &self.file["contact_policy"];
        let last = sent.last().expect("a message");
        let gap = policy["minimum_gap"].as_str().map(|gap| serde_json::json!({"name": "minimum_gap", "at_most": 1, "per": gap}));
        let caps = policy["caps"].as_array().into_iter().flatten().chain(&gap);
        let broken = caps.filter(|cap| {
            let name = cap["name"].as_str().expect("a name");
            let per = cap["per"].as_str().expect("a period");
            let own = cap["time_zone"].as_str().filter(|name| *name != "customer").map(|name| TimeZone::get(name).expect("a zone"));
            let zone = own.as_ref().unwrap_or(zone);
            let together = |other: &&Sent<'_>| match first_day(per, local(other.at, zone).0) {
                Some(day) => Some(day) == first_day(per, local(last.at, zone).0),
                None => last.at - other.at < microseconds(per),
            };
            let counts = |other: &&Sent<'_>| {
                other.record["direction"] == "outbound" && selected(cap, other.record) && named(&other.action["counts_toward"], name)
            };
            let binds = selected(cap, last.record) && named(&last.action["obeys"], name);
            // The last of them may not count, and then there must be room for it still.
            let room = u64::from(!counts(&last));
            binds && sent.iter().filter(counts).filter(together).count() as u64 + room > cap["at_most"].as_u64().expect("a number")
        });
        broken.map(|cap| format!("over the cap {cap}")).collect()
    }

    fn is_night(&self, one: &Sent<'_>, zone: &TimeZone) -> bool {
        let channel = one.record["channel"].as_str().expect("a channel");
        let hours = &self.file["channels"][channel]["quiet_hours"];
        let (Some(from), Some(to)) = (hours["from"].as_str(), hours["to"].as_str()) else { return false };
        let shown = format!("{}", local(one.at, zone).1.strftime("%H:%M"));
        if from < to { from <= shown.as_str() && shown.as_str() < to } else { shown.as_str() >= from || shown.as_str() < to }
    }

    fn is_left_alone(&self, one: &Sent<'_>, customer: &str) -> bool {
        let required = one.record["purpose"].as_str().is_some_and(|purpose| self.file["purposes"][purpose]["required"] == true);
        let holds = |holdout: Option<&Json>| holdout.is_some_and(|holdout| is_held_out(holdout, customer));
        holds(one.action.get("holdout")) || (!required && holds(self.file.get("holdout")))
    }

    fn is_cooling_down(&self, one: &Sent<'_>, records: &[Json]) -> bool {
        let after = &one.action["after"];
        let Some(wait) = after["wait"].as_str().map(microseconds) else { return false };
        let times = after["times"].as_u64().unwrap_or(1) as usize;
        let within = after["within"].as_str().map_or(i64::MAX, microseconds);
        // What came of a message is written on it, and known only after it was sent.
        let came =
            |record: &&Json| record["action"] == one.record["action"] && record["outcome"] == after["outcome"] && *record != one.record;
        let mut came: Vec<i64> = records.iter().filter(came).map(|record| instant(record["at"].as_str().expect("an instant"))).collect();
        came.retain(|at| *at <= one.at);
        let completes = |end: &i64| came.iter().filter(|at| **at <= *end && end - **at < within).count() >= times;
        came.iter().any(|end| one.at < end + wait && completes(end))
    }

    /// The simulator's file has one veto: no marketing while more tickets were opened than closed.
    fn has_open_ticket(&self, one: &Sent<'_>, records: &[Json]) -> bool {
        let before = |kind: &str| {
            let of_kind = records.iter().filter(|record| record["kind"] == kind);
            of_kind.filter(|record| instant(record["at"].as_str().expect("an instant")) <= one.at).count()
        };
        one.record["purpose"] == "marketing" && before("ticket_opened") > before("ticket_closed")
    }
}

fn selected(cap: &Json, record: &Json) -> bool {
    ["channel", "purpose", "topic", "action"].iter().all(|key| named(&cap[*key], record[*key].as_str().unwrap_or_default()))
}

/// Whether a name or list of the file names this; absent names all.
fn named(listed: &Json, name: &str) -> bool {
    match listed {
        Json::Null => true,
        Json::String(one) => one == name,
        many => many.as_array().expect("a list").iter().any(|one| one == name),
    }
}

fn local(at: i64, zone: &TimeZone) -> (Date, Time) {
    let shown = Timestamp::from_microsecond(at).expect("an instant").to_zoned(zone.clone());
    (shown.date(), shown.time())
}

/// The day that a calendar period begins with; none for a rolling one.
fn first_day(per: &str, day: Date) -> Option<Date> {
    match per {
        "calendar_day" => Some(day),
        "calendar_week" => {
            (0..7).map(|back| day.saturating_sub(jiff::Span::new().days(back))).find(|day| day.weekday() == jiff::civil::Weekday::Monday)
        }
        "calendar_month" => Some(day.first_of_month()),
        _ => None,
    }
}

fn microseconds(text: &str) -> i64 {
    text.parse::<wayfare::Duration>().expect("a duration").as_micros()
}
