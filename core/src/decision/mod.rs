//! What to say next: eligibility, consent, policy, holdout, arbitration.
//!
//! `scene` holds the gates and the priority of a candidate, `pick` chooses, `candidate`, `explain` and the pictures tell why. One evaluator serves the answer and its
//! explanation: the explanation asks the same gates again, when somebody reads it.

mod answer;
mod ask;
mod candidate;
mod clock;
mod consent;
mod consent_picture;
mod explain;
mod holdout;
mod inputs;
mod pick;
mod picture;
mod scene;

use std::cell::Cell;
use std::fmt;
use std::sync::OnceLock;

use serde::{Serialize, Serializer, ser::SerializeMap};

pub use candidate::{Boost, Candidate, Factors, Gate, RunnerUp};
pub(crate) use candidate::{REASONS, gate_at, stopped};
pub use consent::{Consent, ConsentReason, PreferenceRecord};
pub(crate) use consent::{consents, judge_all};
pub(crate) use explain::stop as stop_text;
pub use holdout::{HoldoutAlgorithm, holdout};
pub(crate) use inputs::Given;
pub use inputs::Inputs;
pub(crate) use pick::{Pick, passing, pick, pick_hearing};
pub(crate) use picture::CHOSEN;
pub(crate) use scene::{Memo, Person, Scene, Stop};

use crate::error::{Error, ErrorKind, Result};
use crate::journey::plan::Plan;
use crate::journey::plan::decision::ActionPlan;
use crate::profile::contacts::Contact;
use crate::profile::ledger::Word;
use crate::profile::{Profile, View};
use crate::record::OwnedTouchpoint;
use crate::time::Instant;

/// The one relevant thing to say to a customer at an instant, or nothing; and why. It sends nothing: it says what may be sent.
///
/// ```
/// use wayfare::{Choice, Inputs, Journey, Preference, Touchpoint};
///
/// let journey = Journey::from_yaml(
///     "wayfare: 1
/// name: Shop
/// channels: { email: { owner: crm } }
/// touchpoints: { purchased: {}, message_sent: {} }
/// traits: { days_since_order: { days_since: purchased } }
/// purposes: { marketing: {} }
/// contact_policy: { kind: message_sent }
/// actions:
///   - { name: thank_you, purpose: marketing, when: days_since_order < 2, value: 5 }
/// ",
/// )?;
/// let mut profile = journey.profile("c-42");
/// profile.observe(&Touchpoint::new("purchased", "2026-01-10T12:00:00Z".parse()?))?;
///
/// let now = "2026-01-11T12:00:00Z".parse()?;
/// let decision = profile.decide(now, &Inputs::new())?;
/// assert_eq!(decision.action(), None);
/// assert!(decision.explain().contains("no word"), "{}", decision.explain());
///
/// profile.prefer(&Preference::new(Choice::In, "2026-01-10T12:00:00Z".parse()?).purpose("marketing"))?;
/// let decision = profile.decide(now, &Inputs::new())?;
/// assert_eq!((decision.action(), decision.channel()), (Some("thank_you"), Some("email")));
/// let sent = decision.touchpoint(None)?;
/// profile.observe(&sent.as_touchpoint())?;
/// # Ok::<(), wayfare::Error>(())
/// ```
pub struct Decision<'a> {
    view: View<'a>,
    whose: Whose<'a>,
    settled: Settled,
}

/// What a decision reads of a profile beside its fold.
#[derive(Clone, Copy)]
pub(crate) struct Whose<'a> {
    pub(crate) customer: &'a str,
    pub(crate) ledger: &'a [Word],
    pub(crate) held: &'a OnceLock<Box<[bool]>>,
}

/// A decision apart from the profile it was made for: [`of`](Self::of) puts the two together again. Bindings keep it, so that nothing is explained before somebody asks.
#[derive(Clone)]
pub struct Settled {
    now: Instant,
    given: Given<'static>,
    /// Contacts that go before this one.
    before: Vec<Contact>,
    taken: Vec<usize>,
    pick: Option<Pick>,
}

impl Settled {
    /// The decision, of the profile as it was when it was made.
    ///
    /// # Errors
    /// As [`Profile::decide`], for a profile that has moved on.
    pub fn of<'a>(&self, profile: &'a Profile) -> Result<Decision<'a>> {
        Ok(Decision { view: profile.view(self.now)?, whose: profile.whose(), settled: self.clone() })
    }

    /// The instant of the decision.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.now
    }

    /// Which of [`Journey::actions`](crate::Journey::actions) was chosen, and which of [`Journey::channels`](crate::Journey::channels); none if there is
    /// nothing to say.
    #[must_use]
    pub fn place(&self) -> Option<(usize, usize)> {
        self.pick.map(|pick| (pick.action, pick.channel))
    }

    /// How much it is worth to say it.
    #[must_use]
    pub fn priority(&self) -> Option<f64> {
        self.pick.map(|pick| pick.priority)
    }

    /// The first instant at which it may go, if that is not now.
    #[must_use]
    pub fn not_before(&self) -> Option<Instant> {
        self.pick.and_then(|pick| pick.not_before).map(Instant::from_valid)
    }

    /// Whether it is told only as what would have been said: the customer is left alone, to measure against.
    #[must_use]
    pub fn held_out(&self) -> bool {
        self.pick.is_some_and(|pick| pick.held_out)
    }

    /// Whether there is something to say, and it may be said now.
    #[must_use]
    pub fn may_send(&self) -> bool {
        self.pick.is_some_and(|pick| pick.not_before.is_none() && !pick.held_out)
    }
}

thread_local! {
    /// Room that decisions of one thread hand on.
    static MEMO: Cell<Memo> = Cell::default();
}

impl Profile {
    /// The one relevant thing to say now, or nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if an input is not declared or of the wrong type, or the instant is before records that were folded away.
    pub fn decide(&self, now: Instant, inputs: &Inputs<'_>) -> Result<Decision<'_>> {
        let given = Given::new(&self.journey().plan, self.strings(), inputs)?;
        self.next_decision(now, given, Vec::new(), Vec::new())
    }

    /// The first few things to say now that may go together, each of another action; the first is what [`decide`](Self::decide) says.
    ///
    /// # Errors
    /// As [`decide`](Self::decide).
    pub fn decide_top(&self, now: Instant, inputs: &Inputs<'_>, most: usize) -> Result<Vec<Decision<'_>>> {
        let given = Given::new(&self.journey().plan, self.strings(), inputs)?;
        let (mut before, mut taken, mut decisions) = (Vec::new(), Vec::new(), Vec::new());
        while decisions.len() < most {
            let decision = self.next_decision(now, given.clone(), before.clone(), taken.clone())?;
            let goes = decision.settled.pick.filter(|_| decision.may_send());
            if let Some((pick, action)) = goes.and_then(|pick| Some((pick, decision.plan().decision.actions.get(pick.action)?))) {
                let scene = decision.scene();
                before.push(Contact::said(now.as_micros(), !scene.is_inbound(), scene.tags(action, pick.channel)));
                taken.push(pick.action);
            }
            let first = decisions.is_empty();
            if first || goes.is_some() {
                decisions.push(decision);
            }
            if goes.is_none() {
                break;
            }
        }
        Ok(decisions)
    }

    fn next_decision(&self, now: Instant, given: Given<'static>, before: Vec<Contact>, taken: Vec<usize>) -> Result<Decision<'_>> {
        let mut decision =
            Decision { view: self.view(now)?, whose: self.whose(), settled: Settled { now, given, before, taken, pick: None } };
        let scene = decision.scene_with(MEMO.take());
        // Of what may go together with something else, only what may go now is asked for.
        let pick = if decision.settled.taken.is_empty() { pick(&scene) } else { passing(&scene, &decision.settled.taken) };
        MEMO.set(scene.into_memo());
        decision.settled.pick = pick;
        Ok(decision)
    }

    /// For every channel and purpose, and every topic that the customer ever named: whether there may be contact at an instant, past or to come, and which
    /// record says so.
    #[must_use]
    pub fn consents(&self, at: Instant) -> Vec<Consent<'_>> {
        consents(&self.journey().plan, self.strings(), self.whose().ledger, at.as_micros())
    }
}

impl<'a> Decision<'a> {
    fn plan(&self) -> &Plan {
        self.view.plan
    }

    pub(crate) fn scene(&self) -> Scene<'_> {
        self.scene_with(Memo::default())
    }

    fn scene_with(&self, memo: Memo) -> Scene<'_> {
        let Whose { customer, ledger, held } = self.whose;
        let person = Person { plan: self.view.plan, strings: self.view.strings, customer, state: &self.view.fold.state, ledger, held };
        Scene::with_memo(person, &self.settled.given, self.view.tracks(), self.settled.now.as_micros(), &self.settled.before, memo)
    }

    /// Lets go of the profile, and keeps what was decided.
    #[must_use]
    pub fn settle(self) -> Settled {
        self.settled
    }

    /// The instant of the decision.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.settled.now
    }

    fn chosen(&self) -> Option<(&Pick, &ActionPlan)> {
        let pick = self.settled.pick.as_ref()?;
        Some((pick, self.plan().decision.actions.get(pick.action)?))
    }

    /// What to say; none if there is nothing to say. It may be sent only if [`may_send`](Self::may_send).
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        self.chosen().map(|(_, action)| action.name.as_str())
    }

    /// By which channel.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        let (pick, _) = self.chosen()?;
        self.plan().decision.channels.get(pick.channel).map(|channel| channel.name.as_str())
    }

    fn tag(&self, tag: impl Fn(crate::journey::plan::decision::Tags) -> crate::symbol::Symbol) -> Option<&str> {
        let (pick, action) = self.chosen()?;
        let symbol = tag(self.scene().tags(action, pick.channel));
        symbol.known().then(|| self.view.strings.text(symbol))
    }

    /// About what.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.tag(|tags| tags.topic)
    }

    /// The team that answers for it.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.tag(|tags| tags.owner)
    }

    /// For what.
    #[must_use]
    pub fn purpose(&self) -> Option<&str> {
        self.tag(|tags| tags.purpose)
    }

    /// The question, if the action asks one, and the answers it offers; none are offered where any text may be the answer.
    #[must_use]
    pub fn question(&self) -> Option<(&str, Vec<&str>)> {
        let (_, action) = self.chosen()?;
        let ask = self.plan().decision.asks.get(action.ask?)?;
        Some((&ask.question, ask.answers.iter().map(|answer| answer.name.as_str()).collect()))
    }

    /// How much it is worth to say it.
    #[must_use]
    pub fn priority(&self) -> Option<f64> {
        self.settled.priority()
    }

    /// What that is the product of.
    #[must_use]
    pub fn factors(&self) -> Option<Factors<'_>> {
        let (pick, action) = self.chosen()?;
        Some(candidate::factors(&self.scene(), pick.action, action))
    }

    /// The first instant at which it may go, if that is not now.
    #[must_use]
    pub fn not_before(&self) -> Option<Instant> {
        self.settled.not_before()
    }

    /// Whether it is told only as what would have been said: the customer is left alone, to measure against.
    #[must_use]
    pub fn held_out(&self) -> bool {
        self.settled.held_out()
    }

    /// Whether there is something to say, and it may be said now.
    #[must_use]
    pub fn may_send(&self) -> bool {
        self.settled.may_send()
    }

    /// The best other thing that could have been said.
    #[must_use]
    pub fn runner_up(&self) -> Option<RunnerUp<'_>> {
        let (chosen, _) = self.chosen().filter(|_| self.may_send())?;
        let taken: Vec<usize> = self.settled.taken.iter().copied().chain([chosen.action]).collect();
        let second = passing(&self.scene(), &taken)?;
        let decision = &self.plan().decision;
        Some(RunnerUp {
            action: &decision.actions.get(second.action)?.name,
            channel: &decision.channels.get(second.channel)?.name,
            priority: second.priority,
        })
    }

    /// By how much the decision beats the runner-up.
    #[must_use]
    pub fn margin(&self) -> Option<f64> {
        Some(self.priority()? - self.runner_up()?.priority)
    }

    /// Every action on every channel, in file order, with the gate that stopped it.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate<'_>> {
        candidate::candidates(&self.scene(), &self.settled.taken, self.settled.pick.as_ref())
    }

    /// The reason in one line.
    #[must_use]
    pub fn because(&self) -> String {
        explain::because(self)
    }

    /// All reasons in plain English.
    #[must_use]
    pub fn explain(&self) -> String {
        explain::explain(self)
    }

    /// The touchpoint that says that it was said, with what came of it if that is known already.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if nothing may be sent now, or the journey does not say which kind of touchpoint it is.
    pub fn touchpoint(&self, outcome: Option<&str>) -> Result<OwnedTouchpoint> {
        let invalid = |message: &str, help: &str| Error::new(ErrorKind::InvalidArgument, message).with_help(help);
        let Some((pick, action)) = self.chosen().filter(|_| self.may_send()) else {
            return Err(invalid("the decision says that nothing is sent now", "look at `may_send` first"));
        };
        let Some(kind) = &action.kind else {
            let message = format!("the journey does not say as which kind of touchpoint action `{}` is recorded", action.name);
            return Err(invalid(&message, "give the action, its group or `contact_policy` a `kind`"));
        };
        let scene = self.scene();
        let tags = scene.tags(action, pick.channel);
        let direction = if scene.is_inbound() { "inbound" } else { "outbound" };
        let mut fields = vec![("kind", kind.clone()), ("direction", direction.to_owned())];
        let named =
            [("channel", tags.channel), ("topic", tags.topic), ("action", tags.action), ("purpose", tags.purpose), ("owner", tags.owner)];
        fields.extend(named.into_iter().filter(|(_, tag)| tag.known()).map(|(name, tag)| (name, self.view.strings.text(tag).to_owned())));
        fields.extend(outcome.map(|outcome| ("outcome", outcome.to_owned())));
        Ok(OwnedTouchpoint::new(self.settled.now, fields))
    }
}

impl fmt::Debug for Settled {
    /// No customer data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settled").field("at", &self.now).finish_non_exhaustive()
    }
}

impl fmt::Debug for Decision<'_> {
    /// No customer data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision").field("at", &self.settled.now).finish_non_exhaustive()
    }
}

/// `{at, action, channel, topic, owner, purpose, priority, factors, not_before, held_out, may_send, runner_up, margin, because, candidates}`.
impl Serialize for Decision<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("at", &self.at())?;
        map.serialize_entry("action", &self.action())?;
        map.serialize_entry("channel", &self.channel())?;
        map.serialize_entry("topic", &self.topic())?;
        map.serialize_entry("owner", &self.owner())?;
        map.serialize_entry("purpose", &self.purpose())?;
        map.serialize_entry("question", &self.question().map(|(question, _)| question))?;
        map.serialize_entry("answers", &self.question().map(|(_, answers)| answers))?;
        map.serialize_entry("priority", &self.priority())?;
        map.serialize_entry("factors", &self.factors())?;
        map.serialize_entry("not_before", &self.not_before())?;
        map.serialize_entry("held_out", &self.held_out())?;
        map.serialize_entry("may_send", &self.may_send())?;
        map.serialize_entry("runner_up", &self.runner_up())?;
        map.serialize_entry("margin", &self.margin())?;
        map.serialize_entry("because", &self.because())?;
        map.serialize_entry("candidates", &self.candidates())?;
        map.end()
    }
}
