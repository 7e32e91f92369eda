//! What a question is worth: what its answer could bring within reach.

use super::scene::{Scene, Stop, Time};
use crate::expression::{Truth, Type};
use crate::journey::plan::decision::ActionPlan;
use crate::journey::plan::{LeafKind, Operation};
use crate::profile::ledger::Word;
use crate::profile::slot;

/// The greatest priority among the actions that some answer would unlock; none if none would.
pub(super) fn unlocked(scene: &Scene<'_>, asking: &ActionPlan) -> Option<f64> {
    let decision = &scene.person.plan.decision;
    let ask = asking.ask.and_then(|ask| decision.asks.get(ask))?;
    let others = decision.actions.iter().enumerate().filter(|(_, action)| action.ask.is_none());
    let unlocked = others.filter(|(number, action)| match ask.attribute {
        Some(attribute) => waits_for(scene, *number, action, attribute),
        None => {
            is_out_of_reach(scene, *number, action)
                && ask.answers.iter().any(|answer| {
                    let supposed: Vec<Word> = answer.words.iter().map(|word| Word::supposed(scene.now, word)).collect();
                    opens(scene, action, &supposed)
                })
        }
    });
    let priorities = unlocked.filter_map(|(number, action)| scene.priority(number, action));
    priorities.reduce(f64::max)
}

/// Whether an action is eligible, and yet stopped on every channel.
fn is_out_of_reach(scene: &Scene<'_>, number: usize, action: &ActionPlan) -> bool {
    scene.eligible(number, action, Time::Binds).is_ok()
        && action.channels.iter().all(|channel| scene.passes(action, *channel, Time::Binds).is_err())
}

/// Whether some words more open a channel that the customer's word forbids now.
fn opens(scene: &Scene<'_>, action: &ActionPlan, supposed: &[Word]) -> bool {
    action.channels.iter().any(|channel| {
        let tags = scene.tags(action, *channel);
        !scene.consent(action, &tags, &[]).allows() && scene.consent(action, &tags, supposed).allows()
    })
}

/// Whether an action's condition is unknown, reads an attribute that is unknown, and nothing else of eligibility and preference stops it.
fn waits_for(scene: &Scene<'_>, number: usize, action: &ActionPlan, attribute: usize) -> bool {
    let reads = |leaf| match scene.person.plan.leaf(leaf) {
        LeafKind::Trait(plan) => plan.operation == Operation::Attribute(attribute),
        _ => false,
    };
    let kind = scene.person.plan.attributes.get(attribute).map_or(Type::Text, |(_, kind)| *kind);
    let value = scene.person.state.attributes.get(attribute).copied().unwrap_or(slot::unknown(kind));
    !slot::is_known(value, kind)
        && scene.eligible(number, action, Time::Binds) == Err(Stop::Condition)
        && scene.truth(&action.rule) == Truth::Unknown
        && action.rule.operands.iter().any(reads)
        && !scene.lacks_topic(action)
        && action.channels.iter().any(|channel| scene.consent(action, &scene.tags(action, *channel), &[]).allows())
}
