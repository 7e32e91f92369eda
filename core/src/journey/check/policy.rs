//! The contact policy: caps and vetoes, and which of them bind which action.

use super::super::document::Step;
use super::super::plan::Plan;
use super::super::plan::decision::{ActionPlan, AfterPlan, CapPlan, Per, Selector, VetoPlan};
use super::super::spec::{AfterSpec, CapSpec, ContactPolicySpec, JourneySpec, OneOrMany, VetoSpec};
use super::decision::MEMORY;
use super::traits::below;
use super::{Check, at_path};
use crate::diagnostic::suggest;
use crate::symbol::Symbol;
use crate::time::zone;

/// The cap that `minimum_gap` is.
const MINIMUM_GAP: &str = "minimum_gap";

impl Check<'_> {
    pub(super) fn policy(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        let nothing = ContactPolicySpec::default();
        let policy = spec.contact_policy.as_ref().unwrap_or(&nothing);
        let path = at_path!["contact_policy"];
        let answered = policy.answered.as_ref().map_or(vec!["accepted".to_owned()], |names| names.names().to_vec());
        plan.decision.answered = answered.iter().map(|outcome| Symbol(self.words.intern(outcome))).collect();
        if let Some(kind) = &policy.kind {
            self.kind_named(plan, &below(&path, "kind"), kind);
        }
        self.caps(plan, &path, policy);
        for (at, veto) in policy.vetoes.iter().enumerate() {
            let path = at_path!["contact_policy", "vetoes", at];
            let veto = self.veto(plan, &path, veto);
            plan.decision.vetoes.push(veto);
        }
        self.bind(spec, plan);
    }

    pub(super) fn kind_named(&mut self, plan: &Plan, path: &[Step], kind: &str) {
        if !plan.kinds.iter().any(|plan| plan.name == kind) {
            let help = suggest(kind, plan.kinds.iter().map(|kind| kind.name.as_str()), "there are");
            self.error("unknown_kind", path, format!("kind `{kind}` is not declared"), help);
        }
    }

    fn caps(&mut self, plan: &mut Plan, path: &[Step], policy: &ContactPolicySpec) {
        if let Some(per) = self.memorable(&below(path, "minimum_gap"), policy.minimum_gap.as_deref()) {
            plan.decision.caps.push(CapPlan {
                name: MINIMUM_GAP.to_owned(),
                at_most: 1,
                per: Per::Rolling(per),
                zone: None,
                covers: Selector::default(),
                uncounted: Vec::new(),
            });
        }
        for (at, cap) in policy.caps.iter().enumerate() {
            let path = at_path!["contact_policy", "caps", at];
            let name = cap_name(cap);
            if plan.decision.caps.iter().any(|other| other.name == name) {
                let help = "give one of them a `name`".to_owned();
                self.error("duplicate_name", &path, format!("two caps are called `{name}`"), Some(help));
            }
            let per = self.per(&path, cap);
            let zone = self.cap_zone(&path, cap, per);
            let covers = self.cap_selector(plan, &path, cap);
            plan.decision.caps.push(CapPlan { name, at_most: cap.at_most as usize, per, zone, covers, uncounted: Vec::new() });
        }
    }

    fn per(&mut self, path: &[Step], cap: &CapSpec) -> Per {
        match cap.per.as_str() {
            "calendar_day" => Per::Day,
            "calendar_week" => Per::Week,
            "calendar_month" => Per::Month,
            text => Per::Rolling(self.memorable(&below(path, "per"), Some(text)).unwrap_or(1)),
        }
    }

    /// A duration that the contact ledger can look back.
    fn memorable(&mut self, path: &[Step], text: Option<&str>) -> Option<i64> {
        let length = self.positive_duration(path, text)?;
        if length > MEMORY {
            let message = format!("`{}` is longer than contacts are remembered", text.unwrap_or_default());
            self.error("window_too_long", path, message, Some("contacts are remembered for 400d; use `limit` for ever".to_owned()));
        }
        Some(length)
    }

    fn cap_zone(&mut self, path: &[Step], cap: &CapSpec, per: Per) -> Option<jiff::tz::TimeZone> {
        let name = cap.time_zone.as_deref()?;
        let path = below(path, "time_zone");
        if matches!(per, Per::Rolling(_)) {
            let help = "a duration is the same in every zone: leave `time_zone` out".to_owned();
            self.error("unknown_option", &path, "a rolling cap has no `time_zone`", Some(help));
        }
        if name == "customer" {
            return None;
        }
        let found = zone(name);
        if found.is_none() {
            let help = "write `customer` or an IANA name, like `Europe/London`".to_owned();
            self.error("unknown_time_zone", &path, format!("time zone `{name}` is not known"), Some(help));
        }
        found
    }

    fn cap_selector(&mut self, plan: &Plan, path: &[Step], cap: &CapSpec) -> Selector {
        let mut tags = |what: &str, names: Option<&OneOrMany>| self.tags(plan, &below(path, what), what, names);
        let (channels, purposes, topics) =
            (tags("channel", cap.channel.as_ref()), tags("purpose", cap.purpose.as_ref()), tags("topic", cap.topic.as_ref()));
        let actions = tags("action", cap.action.as_ref());
        tags("group", cap.group.as_ref());
        let owners = tags("owner", cap.owner.as_ref());
        Selector { channels, purposes, topics, actions: narrowed(plan, actions, cap.group.as_ref()), owners }
    }

    fn veto(&mut self, plan: &mut Plan, path: &[Step], veto: &VetoSpec) -> VetoPlan {
        let rule = match veto.when.trim().is_empty() {
            true => {
                self.error("missing_key", path, "the veto has no condition", Some("give it `when`".to_owned()));
                Default::default()
            }
            false => self.decision_rule(plan, &below(path, "when"), &veto.when),
        };
        let mut tags = |key: &str, what: &str, names: Option<&OneOrMany>| self.tags(plan, &below(path, key), what, names);
        let (channels, actions) = (tags("channels", "channel", veto.channels.as_ref()), tags("actions", "action", veto.actions.as_ref()));
        tags("groups", "group", veto.groups.as_ref());
        let optional = || plan.decision.purposes.iter().filter(|purpose| !purpose.required).map(|purpose| purpose.symbol).collect();
        let purposes = tags("purposes", "purpose", veto.purposes.as_ref()).or_else(|| Some(optional()));
        let actions = narrowed(plan, actions, veto.groups.as_ref());
        let name = veto.name.clone().unwrap_or_else(|| veto.when.clone());
        VetoPlan { name, rule, covers: Selector { channels, purposes, actions, ..Selector::default() } }
    }

    /// A wait after an outcome of any of some actions.
    pub(super) fn after(&mut self, path: &[Step], after: &AfterSpec, actions: &[Symbol]) -> AfterPlan {
        let times = after.times.unwrap_or(1);
        if times == 0 {
            self.error("number_out_of_range", &below(path, "times"), "0 times is always", Some("write 1 or more".to_owned()));
        }
        let within = self.positive_duration(&below(path, "within"), after.within.as_deref());
        if within.is_none() && times > 1 && after.within.is_none() {
            let message = format!("{times} outcomes within what time is not said");
            self.error("missing_key", path, message, Some("give it `within`, like `30d`".to_owned()));
        }
        let wait = self.positive_duration(&below(path, "wait"), Some(&after.wait)).unwrap_or(1);
        let within = within.unwrap_or(1);
        if within.saturating_add(wait) > MEMORY {
            let help = "outcomes are remembered for 400d: `within` and `wait` together may be that long".to_owned();
            self.error("window_too_long", path, "the wait looks further back than outcomes are remembered", Some(help));
        }
        if after.outcome.names().is_empty() {
            self.error("empty_list", &below(path, "outcome"), "the list is empty", None);
        }
        let outcomes = after.outcome.names().iter().map(|outcome| Symbol(self.words.intern(outcome))).collect();
        AfterPlan { actions: actions.to_vec(), outcomes, times: times as usize, within, wait }
    }

    /// Which caps and vetoes an action meets, and which caps its contacts count in.
    fn bind(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        let names: Vec<String> = plan.decision.caps.iter().map(|cap| cap.name.clone()).collect();
        let chosen =
            |names_given: Option<&OneOrMany>, cap: &str| names_given.is_none_or(|given| given.names().iter().any(|name| name == cap));
        for (at, action) in spec.actions.iter().enumerate() {
            let group = action.group.as_ref().and_then(|group| spec.groups.get(group));
            let obeys = action.obeys.as_ref().or(group.and_then(|group| group.obeys.as_ref()));
            let counts = action.counts_toward.as_ref().or(group.and_then(|group| group.counts_toward.as_ref()));
            for (key, given) in [("obeys", &action.obeys), ("counts_toward", &action.counts_toward)] {
                self.cap_names(&at_path!["actions", at, key], given.as_ref(), &names);
            }
            let Some(planned) = plan.decision.actions.get(at) else { continue };
            let (symbol, purpose) =
                (planned.symbol, plan.decision.purposes.get(planned.purpose).map_or(Symbol::NONE, |purpose| purpose.symbol));
            let met = |selector: &Selector| selector.may_cover(purpose, symbol);
            let caps = plan.decision.caps.iter().enumerate().filter(|(_, cap)| met(&cap.covers) && chosen(obeys, &cap.name));
            let caps: Vec<usize> = caps.map(|(at, _)| at).collect();
            let vetoes: Vec<usize> =
                plan.decision.vetoes.iter().enumerate().filter(|(_, veto)| met(&veto.covers)).map(|(at, _)| at).collect();
            let uncounted = plan.decision.caps.iter_mut().filter(|cap| !chosen(counts, &cap.name));
            uncounted.for_each(|cap| cap.uncounted.push(symbol));
            if let Some(ActionPlan { caps: to_caps, vetoes: to_vetoes, .. }) = plan.decision.actions.get_mut(at) {
                (*to_caps, *to_vetoes) = (caps, vetoes);
            }
        }
        for (name, group) in &spec.groups {
            for (key, given) in [("obeys", &group.obeys), ("counts_toward", &group.counts_toward)] {
                self.cap_names(&at_path!["groups", name, key], given.as_ref(), &names);
            }
        }
    }

    fn cap_names(&mut self, path: &[Step], given: Option<&OneOrMany>, names: &[String]) {
        let Some(given) = given else { return };
        self.items(path, given, |check, path, name| {
            if !names.iter().any(|known| known == name) {
                let help = suggest(name, names.iter().map(String::as_str), "there are");
                check.error("unknown_cap", path, format!("no cap is called `{name}`"), help);
            }
        });
    }
}

fn cap_name(cap: &CapSpec) -> String {
    cap.name.clone().unwrap_or_else(|| format!("{} per {}", cap.at_most, cap.per))
}

/// The actions that are named, and are in a group that is named.
fn narrowed(plan: &Plan, actions: Option<Vec<Symbol>>, groups: Option<&OneOrMany>) -> Option<Vec<Symbol>> {
    let Some(groups) = groups else { return actions };
    let members =
        plan.decision.groups.iter().filter(|group| groups.names().contains(&group.name)).flat_map(|group| group.members.iter().copied());
    Some(members.filter(|member| actions.as_ref().is_none_or(|actions| actions.contains(member))).collect())
}
