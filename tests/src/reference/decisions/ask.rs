//! What an answer would unlock.

use super::action::Action;
use super::consent::{Word, judge};
use super::scene::Scene;
use crate::reference::document::entries;
use crate::reference::expression::Expression;
use serde_json::{Value as Json, json};

impl Scene<'_> {
    /// The greatest priority among the actions that some answer would unlock; none if there is none.
    pub fn unlocked(&self, asking: &Action<'_>) -> Option<f64> {
        let ask = &self.file["asks"][asking.own["ask"].as_str().expect("an ask")];
        let others = (0..self.actions.len()).filter(|other| !self.actions[*other].is_ask() && self.is_stopped_everywhere(*other));
        let unlocked = others.filter(|other| match ask["attribute"].as_str() {
            Some(attribute) => self.is_unlocked_by_attribute(&self.actions[*other], attribute),
            None => entries(ask.get("answers")).any(|(_, words)| self.is_unlocked_by_words(&self.actions[*other], words)),
        });
        unlocked.filter_map(|other| self.priority(&self.actions[other])).reduce(f64::max)
    }

    fn is_stopped_everywhere(&self, number: usize) -> bool {
        let channels = self.channels(&self.actions[number]);
        channels.iter().all(|channel| !self.stops(&self.unjudged(number, channel)).is_empty())
    }

    /// The condition is unknown for want of the attribute, and nothing else of eligibility and preference stops the action on some channel.
    fn is_unlocked_by_attribute(&self, action: &Action<'_>, attribute: &str) -> bool {
        let conditions = action.both("when");
        let values: Vec<Option<bool>> = conditions.iter().map(|when| self.holds(when)).collect();
        let unknown = values.contains(&None) && !values.contains(&Some(false));
        let traits = self.document.traits.iter().filter(|one| one.sort == "attribute" && one.field.as_deref() == Some(attribute));
        let names: Vec<&str> = traits.map(|one| one.name.as_str()).filter(|name| self.value(name).is_none()).collect();
        let reads = |when: &Json| Expression::from_json(when).names().iter().any(|name| names.contains(&name.as_str()));
        let channels = self.channels(action);
        let passes = |channel: &String| {
            self.not_eligible_but_for_conditions(action, channel).iter().all(is_of_the_moment)
                && self.is_wanted(action, channel, &self.ledger)
        };
        unknown && conditions.into_iter().any(reads) && channels.iter().any(passes)
    }

    /// The action is eligible, and on some channel these words turn a no into a yes.
    fn is_unlocked_by_words(&self, action: &Action<'_>, words: &Json) -> bool {
        let mut ledger = self.ledger.clone();
        for said in words.as_array().expect("a list") {
            let mut record = said.clone();
            record["at"] = json!(crate::reference::instant_json(Some(self.now)));
            ledger.push(Word { at: self.now, record });
        }
        let opens = |channel: &String| {
            self.not_eligible(action, channel).iter().all(is_of_the_moment)
                && !self.is_wanted(action, channel, &self.ledger)
                && self.is_wanted(action, channel, &ledger)
        };
        self.channels(action).iter().any(opens)
    }

    fn is_wanted(&self, action: &Action<'_>, channel: &str, ledger: &[Word]) -> bool {
        let topic = self.topic(action).ok().flatten();
        judge(self.file, ledger, self.now, channel, action.purpose(), topic.as_deref()).allowed
    }
}

/// What is asked on one channel may unlock another: the customer need not be there.
fn is_of_the_moment(reason: &&str) -> bool {
    *reason == "other_channel"
}
