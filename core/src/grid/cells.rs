//! The cells, as the file has them.

use super::gaps::gaps;
use super::needs::{DataNeeded, extend};
use super::reach::Reach;
use super::{Grid, GridCell, GridStage, GridTrack};
use crate::journey::{ActionSpec, Journey, JourneySpec, NumberOrExpression, OneOrMany, StageSpec, VetoSpec};

impl Journey {
    /// The experience grid, as the file has it: a cell a track, stage and channel, with the team that answers for it, the actions that may be said
    /// there and the data that this rests on; and the gaps.
    ///
    /// ```
    /// use wayfare::Journey;
    ///
    /// let journey = Journey::from_yaml(
    ///     "wayfare: 1
    /// name: Shop
    /// channels: { email: { owner: crm }, store: {} }
    /// touchpoints: { purchased: {} }
    /// traits: { orders: { count: purchased } }
    /// tracks:
    ///   relationship:
    ///     - { name: prospect }
    ///     - { name: customer, when: orders >= 1 }
    /// purposes: { service: { required: true } }
    /// actions:
    ///   - { name: thank_you, purpose: service, channels: email, stages: { relationship: customer } }
    /// ",
    /// )?;
    /// let grid = journey.grid();
    /// let cell = grid.cell("relationship", "customer", "email").unwrap();
    /// assert_eq!((cell.owner.as_deref(), cell.actions.as_slice()), (Some("crm"), ["thank_you".to_owned()].as_slice()));
    /// assert_eq!(cell.data.kinds, ["purchased"]);
    ///
    /// let gaps: Vec<&str> = grid.gaps.iter().map(|gap| gap.message.as_str()).collect();
    /// assert_eq!(gaps, ["nobody owns channel `store`", "nothing may be said in stage `prospect`", "no action uses channel `store`"]);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn grid(&self) -> Grid {
        let spec = self.spec();
        let actions: Vec<Said<'_>> = spec.actions.iter().enumerate().map(|(at, action)| Said::new(spec, at, action)).collect();
        let reach = Reach::new(self, &actions);
        let tracks: Vec<GridTrack> = spec
            .tracks
            .iter()
            .map(|(track, stages)| GridTrack {
                track: track.clone(),
                stages: stages.iter().enumerate().map(|(at, stage)| row(spec, track, at, stage, &actions, &reach)).collect(),
            })
            .collect();
        Grid {
            journey: self.name().to_owned(),
            as_of: None,
            conversions: Vec::new(),
            channels: spec.channels.keys().cloned().collect(),
            kinds: spec.touchpoints.keys().cloned().collect(),
            gaps: gaps(spec, &tracks, &actions, &reach),
            tracks,
            rejected: Vec::new(),
        }
    }
}

fn row(spec: &JourneySpec, track: &str, at: usize, stage: &StageSpec, actions: &[Said<'_>], reach: &Reach) -> GridStage {
    let mut data = DataNeeded::default();
    let rules = [&stage.when, &stage.while_, &stage.guard];
    rules.into_iter().flatten().for_each(|rule| data.add_rule(spec, rule));
    let here: Vec<&Said<'_>> = actions.iter().filter(|action| reach.may_be_said(action, track, at)).collect();
    let cells = spec.channels.keys().map(|channel| cell(spec, track, &stage.name, channel, &here, &data)).collect();
    let rule = match (stage.when.as_ref().or(stage.while_.as_ref()), &stage.guard) {
        (Some(rule), Some(guard)) => Some(format!("({rule}) && ({guard})")),
        (rule, _) => rule.cloned(),
    };
    GridStage { stage: stage.name.clone(), rule, data, figures: None, cells }
}

fn cell(spec: &JourneySpec, track: &str, stage: &str, channel: &str, here: &[&Said<'_>], of_stage: &DataNeeded) -> GridCell {
    let own = spec.owners.get(track).and_then(|stages| stages.get(stage)).and_then(|channels| channels.get(channel));
    let owner = own.or_else(|| spec.channels.get(channel).and_then(|channel| channel.owner.as_ref())).cloned();
    let (mut data, mut kinds, mut names) = (of_stage.clone(), Vec::new(), Vec::new());
    for action in here.iter().filter(|action| action.channels.contains(&channel)) {
        names.push(action.spec.name.clone());
        data.add_all(&action.data);
        extend(&mut kinds, action.kind);
        let vetoes = spec.contact_policy.iter().flat_map(|policy| &policy.vetoes).filter(|veto| action.is_covered_by(spec, veto, channel));
        vetoes.for_each(|veto| data.add_rule(spec, &veto.when));
    }
    GridCell { channel: channel.to_owned(), owner, actions: names, kinds, data, figures: None }
}

/// An action, with what it has from its group.
pub(super) struct Said<'a> {
    pub(super) at: usize,
    pub(super) spec: &'a ActionSpec,
    pub(super) group: Option<&'a ActionSpec>,
    /// The channels that it may go by.
    pub(super) channels: Vec<&'a str>,
    pub(super) purpose: Option<&'a str>,
    /// The kind that it is recorded as.
    pub(super) kind: Option<&'a str>,
    /// What its rules read.
    pub(super) data: DataNeeded,
}

impl<'a> Said<'a> {
    fn new(journey: &'a JourneySpec, at: usize, spec: &'a ActionSpec) -> Self {
        let group = spec.group.as_ref().and_then(|group| journey.groups.get(group));
        let own_or_groups = |of: fn(&ActionSpec) -> Option<&str>| of(spec).or_else(|| group.and_then(of));
        let channels = match spec.channels.as_ref().or_else(|| group?.channels.as_ref()) {
            Some(names) => names.names().iter().map(String::as_str).collect(),
            None => journey.channels.keys().map(String::as_str).collect(),
        };
        let policy = journey.contact_policy.as_ref();
        let kind = own_or_groups(|action| action.kind.as_deref()).or_else(|| policy?.kind.as_deref());
        let mut said = Self {
            at,
            spec,
            group,
            channels,
            purpose: own_or_groups(|action| action.purpose.as_deref()),
            kind,
            data: DataNeeded::default(),
        };
        said.data = said.needs(journey);
        said
    }

    /// The action, then its group.
    pub(super) fn both(&self) -> impl Iterator<Item = &'a ActionSpec> {
        [Some(self.spec), self.group].into_iter().flatten()
    }

    /// Whether its `stages` and its group's have the stage, or say nothing of the track.
    pub(super) fn allows(&self, track: &str, stage: &str) -> bool {
        self.both().all(|spec| spec.stages.get(track).is_none_or(|stages| holds(stages, stage)))
    }

    fn needs(&self, journey: &JourneySpec) -> DataNeeded {
        let mut data = DataNeeded::default();
        for spec in self.both() {
            spec.when.iter().chain(spec.boosts.iter().map(|boost| &boost.when)).for_each(|rule| data.add_rule(journey, rule));
        }
        let factors = [
            self.spec.value.as_ref().or_else(|| self.group?.value.as_ref()),
            self.spec.propensity.as_ref().or_else(|| self.group?.propensity.as_ref()),
            self.spec.weight.as_ref().or_else(|| self.group?.weight.as_ref()),
        ];
        for factor in factors.into_iter().flatten() {
            if let NumberOrExpression::Expression(text) = factor {
                data.add_rule(journey, text);
            }
        }
        let topic = self.spec.topic.as_ref().or_else(|| self.group?.topic.as_ref());
        topic.iter().for_each(|topic| data.add_name(journey, topic));
        data
    }

    fn is_covered_by(&self, journey: &JourneySpec, veto: &VetoSpec, channel: &str) -> bool {
        let names = |selector: &Option<OneOrMany>, own: Option<&str>| {
            selector.as_ref().is_none_or(|names| own.is_some_and(|own| holds(names, own)))
        };
        let required = self.purpose.and_then(|purpose| journey.purposes.get(purpose)).is_some_and(|purpose| purpose.required);
        (veto.purposes.is_some() || !required)
            && names(&veto.purposes, self.purpose)
            && names(&veto.channels, Some(channel))
            && names(&veto.actions, Some(&self.spec.name))
            && names(&veto.groups, self.spec.group.as_deref())
    }
}

fn holds(names: &OneOrMany, name: &str) -> bool {
    names.names().iter().any(|other| other == name)
}
