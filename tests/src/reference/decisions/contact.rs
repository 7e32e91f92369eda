//! The contact ledger, and the caps that read it.

use super::action::any_or_names;
use super::calendar::same_period;
use super::gates::Candidate;
use super::scene::Scene;
use crate::reference::document::{duration, text, time_zone};
use crate::reference::records::Record;
use serde_json::Value as Json;

/// Something that was said to the customer.
#[derive(Clone)]
pub struct Contact {
    pub at: i64,
    pub tags: Tags,
    /// `None`: every cap.
    pub counts_toward: Option<Json>,
}

/// What the selectors of a cap name.
#[derive(Clone, Default)]
pub struct Tags {
    pub channel: Option<String>,
    pub purpose: Option<String>,
    pub topic: Option<String>,
    pub action: Option<String>,
    pub group: Option<String>,
    pub owner: Option<String>,
}

impl Contact {
    /// The outbound touchpoint of a record.
    pub fn of(scene: &Scene<'_>, record: &Record) -> Option<Contact> {
        let touchpoint = record.touchpoint()?;
        let field = |name: &str| touchpoint.field(name).map(|value| value.text().to_owned());
        if field("direction").as_deref() != Some("outbound") {
            return None;
        }
        let action = scene.actions.iter().find(|action| Some(action.name()) == field("action").as_deref());
        let of_action = |key: &str| action.and_then(|action| action.text(key)).map(str::to_owned);
        let of_channel = || scene.file["channels"][field("channel")?]["owner"].as_str().map(str::to_owned);
        let tags = Tags {
            channel: field("channel"),
            topic: field("topic"),
            action: field("action"),
            group: action.and_then(|action| action.group).map(|(name, _)| name.to_owned()),
            purpose: field("purpose").or_else(|| of_action("purpose")),
            owner: field("owner").or_else(|| of_action("owner")).or_else(of_channel),
        };
        Some(Contact { at: record.at, tags, counts_toward: action.and_then(|action| action.get("counts_toward")).cloned() })
    }

    /// A candidate that is said now.
    pub fn made(scene: &Scene<'_>, candidate: &Candidate) -> Contact {
        let action = &scene.actions[candidate.action];
        Contact { at: scene.now, tags: candidate.tags(scene), counts_toward: action.get("counts_toward").cloned() }
    }
}

pub struct Cap<'a> {
    pub name: String,
    at_most: u64,
    pub per: &'a str,
    /// A cap of the file; none for the minimum gap.
    selectors: Option<&'a Json>,
    zone: Option<&'a str>,
}

/// The caps of the file, and the minimum gap.
pub fn caps(file: &Json) -> Vec<Cap<'_>> {
    let policy = &file["contact_policy"];
    let read = |cap| read_cap(cap);
    let mut caps: Vec<Cap<'_>> = policy["caps"].as_array().into_iter().flatten().map(read).collect();
    if let Some(gap) = policy["minimum_gap"].as_str() {
        caps.push(Cap { name: "minimum_gap".to_owned(), at_most: 1, per: gap, selectors: None, zone: None });
    }
    caps
}

fn read_cap(cap: &Json) -> Cap<'_> {
    let (at_most, per) = (cap["at_most"].as_u64().expect("a number"), text(&cap["per"]));
    let name = cap["name"].as_str().map_or_else(|| format!("{at_most} per {per}"), str::to_owned);
    Cap { name, at_most, per, selectors: Some(cap), zone: cap["time_zone"].as_str().filter(|zone| *zone != "customer") }
}

impl Cap<'_> {
    pub fn is_calendar(&self) -> bool {
        self.per.starts_with("calendar_")
    }

    /// Its calendar is the customer's own.
    pub fn needs_zone(&self) -> bool {
        self.is_calendar() && self.zone.is_none()
    }

    pub fn covers(&self, tags: &Tags) -> bool {
        let Some(selectors) = self.selectors else { return true };
        let of = |key: &str, tag: &Option<String>| any_or_names(selectors.get(key), tag.as_deref());
        of("channel", &tags.channel)
            && of("purpose", &tags.purpose)
            && of("topic", &tags.topic)
            && of("action", &tags.action)
            && of("group", &tags.group)
            && of("owner", &tags.owner)
    }

    /// Whether it is full at an instant, if no further contact is made. One whose calendar is not known is not.
    pub fn is_full(&self, scene: &Scene<'_>, at: i64) -> bool {
        let zone = match self.zone {
            Some(name) => Some(time_zone(name)),
            None => scene.calendar_zone(),
        };
        let counts = |contact: &&Contact| {
            let named = any_or_names(contact.counts_toward.as_ref(), Some(&self.name));
            named && contact.at <= at && self.covers(&contact.tags) && self.holds(contact.at, at, zone.as_ref())
        };
        scene.contacts.iter().filter(counts).count() as u64 >= self.at_most
    }

    fn holds(&self, contact: i64, at: i64, zone: Option<&jiff::tz::TimeZone>) -> bool {
        match (self.is_calendar(), zone) {
            (true, Some(zone)) => same_period(self.per, zone, contact, at),
            (true, None) => false,
            (false, _) => contact > at - duration(self.per),
        }
    }

    /// When what counts now no longer does.
    pub fn turns(&self, scene: &Scene<'_>) -> Vec<i64> {
        if self.is_calendar() {
            let zone = self.zone.map(time_zone).or_else(|| scene.calendar_zone());
            return zone.map_or(Vec::new(), |zone| super::calendar::beginnings(self.per, &zone, scene.now));
        }
        scene.contacts.iter().map(|contact| contact.at + duration(self.per)).collect()
    }
}
