//! A customer at an instant, and all that a decision reads of it.

use super::Question;
use super::action::{Action, actions};
use super::consent::{Word, ledger};
use super::contact::Contact;
use crate::reference::document::{Document, entries, texts, time_zone};
use crate::reference::expression::Expression;
use crate::reference::moment::Moment;
use crate::reference::records::{Record, accepted};
use crate::reference::tracks::run;
use crate::reference::value::{Value, finite, number_json};
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};
use std::rc::Rc;

#[derive(Clone)]
pub struct Scene<'a> {
    pub document: &'a Document,
    pub file: &'a Json,
    pub actions: Vec<Action<'a>>,
    pub customer: &'a str,
    pub inputs: &'a Map<String, Json>,
    pub context: &'a Map<String, Json>,
    /// What is known, in record order.
    pub records: Rc<Vec<Record>>,
    pub ledger: Vec<Word>,
    /// What was said, and what is taken as said.
    pub contacts: Vec<Contact>,
    pub now: i64,
    /// Per track, the stage.
    stages: Vec<String>,
}

impl<'a> Scene<'a> {
    pub fn new(document: &'a Document, question: &Question<'a>) -> Scene<'a> {
        let mut records = accepted(document, question.records);
        records.retain(|record| record.at <= question.now);
        let mut scene = Scene {
            document,
            file: &document.root,
            actions: actions(&document.root),
            customer: question.customer,
            inputs: question.inputs,
            context: question.context,
            records: Rc::new(records),
            ledger: ledger(question.records, question.now),
            contacts: Vec::new(),
            now: question.now,
            stages: Vec::new(),
        };
        scene.contacts = scene.records.iter().filter_map(|record| Contact::of(&scene, record)).collect();
        scene.at(question.now)
    }

    /// The same customer at a later instant, if nothing more becomes known.
    pub fn at(&self, now: i64) -> Scene<'a> {
        let standings = run(self.document, &self.records, now).standings;
        let stage = |(track, standing): (&crate::reference::document::Track, &crate::reference::tracks::Standing)| {
            track.stages[standing.stage].name.clone()
        };
        let stages = self.document.tracks.iter().zip(&standings).map(stage).collect();
        Scene { now, stages, ..self.clone() }
    }

    /// The value of a name in a condition.
    pub fn value(&self, name: &str) -> Option<Value> {
        match name.split_once('.') {
            Some(("input", name)) => Value::from_json(self.inputs.get(name)),
            Some((_, name)) => Value::from_json(self.context.get(name)),
            None => Moment { document: self.document, records: &self.records, now: self.now }.value(name),
        }
    }

    pub fn evaluate(&self, expression: &Json) -> Option<Value> {
        Expression::from_json(expression).evaluate(&|name| self.value(name))
    }

    /// True, false or unknown.
    pub fn holds(&self, condition: &Json) -> Option<bool> {
        self.evaluate(condition).map(|value| value.boolean())
    }

    /// Whether the customer stands in one of these stages on every track of a `stages`.
    pub fn stands_in(&self, stages: &Json) -> bool {
        entries(Some(stages)).all(|(track, listed)| texts(listed).iter().any(|stage| Some(stage.as_str()) == self.stage(track)))
    }

    fn stage(&self, track: &str) -> Option<&str> {
        let place = self.document.tracks.iter().position(|one| one.name == track)?;
        Some(&self.stages[place])
    }

    /// What an inbound moment is on.
    pub fn inbound(&self) -> Option<&str> {
        self.context.get("channel").and_then(Json::as_str)
    }

    /// The topic of an action; an error if the trait that supplies it is unknown.
    pub fn topic(&self, action: &Action<'_>) -> Result<Option<String>, ()> {
        let Some(topic) = action.text("topic") else { return Ok(None) };
        if !self.document.traits.iter().any(|one| one.name == topic) {
            return Ok(Some(topic.to_owned()));
        }
        self.value(topic).map(|value| Some(value.text().to_owned())).ok_or(())
    }

    pub fn owner(&self, action: &Action<'_>, channel: &str) -> Option<String> {
        let own = action.text("owner").map(str::to_owned);
        let cell = || {
            let cells = entries(self.file.get("owners"));
            cells.filter_map(|(track, cells)| cells[self.stage(track)?][channel].as_str().map(str::to_owned)).next()
        };
        own.or_else(cell).or_else(|| self.file["channels"][channel]["owner"].as_str().map(str::to_owned))
    }

    fn own_zone(&self) -> Option<TimeZone> {
        let mut set = self.records.iter().filter(|record| record.at <= self.now).filter_map(|record| record.attribute("time_zone"));
        set.next_back().map(|name| time_zone(name.text()))
    }

    fn where_unknown(&self) -> &str {
        self.file["contact_policy"]["unknown_time_zone"].as_str().unwrap_or("journey")
    }

    /// The zone of the customer's calendar.
    pub fn calendar_zone(&self) -> Option<TimeZone> {
        self.own_zone().or_else(|| (self.where_unknown() != "hold").then(|| self.document.time_zone.clone()))
    }

    /// The zone of the customer's clock; none if it is unknown and either holds or does not matter.
    pub fn clock_zone(&self) -> Option<TimeZone> {
        self.own_zone().or_else(|| (self.where_unknown() == "journey").then(|| self.document.time_zone.clone()))
    }

    /// The zone is not known, and then nothing is sent.
    pub fn holds_without_zone(&self) -> bool {
        self.own_zone().is_none() && self.where_unknown() == "hold"
    }

    /// What an action's channels are, in the order in which it prefers them.
    pub fn channels(&self, action: &Action<'_>) -> Vec<String> {
        let mut channels = action.channels(self.file);
        if action.text("channel") == Some("preferred") {
            channels.sort_by_key(|channel| std::cmp::Reverse(self.answers(channel)));
        }
        channels
    }

    fn answers(&self, channel: &str) -> usize {
        let answered = self.file["contact_policy"].get("answered").map_or(vec!["accepted".to_owned()], texts);
        let is_answer = |record: &&Record| {
            let field = |name: &str| record.touchpoint()?.field(name).map(|value| value.text().to_owned());
            record.at <= self.now
                && field("direction").as_deref() == Some("inbound")
                && field("channel").as_deref() == Some(channel)
                && field("action").is_some()
                && field("outcome").is_some_and(|outcome| answered.contains(&outcome))
        };
        self.records.iter().filter(is_answer).count()
    }

    fn factor(&self, action: &Action<'_>, key: &str) -> Option<f64> {
        let written = match action.get(key) {
            Some(expression) => self.evaluate(expression)?.number(),
            None => 1.0,
        };
        if key == "value" && action.is_ask() { finite(self.unlocked(action)? * written) } else { Some(written) }
    }

    fn boosts(&self, action: &Action<'_>) -> Vec<(String, f64)> {
        let all = action.both("boosts").into_iter().flat_map(|boosts| boosts.as_array().expect("a list"));
        let holding = all.filter(|boost| self.holds(&boost["when"]) == Some(true));
        let name = |boost: &Json| boost.get("name").unwrap_or(&boost["when"]).as_str().expect("a text").to_owned();
        holding.map(|boost| (name(boost), boost["add"].as_f64().expect("a number"))).collect()
    }

    pub fn priority(&self, action: &Action<'_>) -> Option<f64> {
        let (propensity, value, weight) =
            (self.factor(action, "propensity")?, self.factor(action, "value")?, self.factor(action, "weight")?);
        let sum: f64 = self.boosts(action).iter().fold(0.0, |sum, (_, add)| sum + add);
        finite(propensity * value * weight * (1.0 + sum))
    }

    pub fn factors(&self, action: usize) -> Json {
        let action = &self.actions[action];
        let boosts: Vec<Json> = self.boosts(action).into_iter().map(|(name, add)| json!({"name": name, "add": add})).collect();
        let factor = |key: &str| number_json(self.factor(action, key));
        json!({"propensity": factor("propensity"), "value": factor("value"), "weight": factor("weight"), "boosts": boosts})
    }
}
