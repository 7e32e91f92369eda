//! Scores.

use std::cell::Cell;

use super::super::document::Step;
use super::super::plan::{BandPlan, MakeUp, Operation, Plan, PointsPlan, ScorePlan, Source, TraitPlan, WeightedPlan};
use super::super::spec::{BandSpec, JourneySpec, NumberOrExpression, PointsSpec, RfmSpec, ScoreSpec, WeightedSpec};
use super::names::CustomerNames;
use super::traits::{below, feed};
use super::{Check, at_path};
use crate::diagnostic::suggest;
use crate::expression::{Checked, LeafSet, Motion, Movement, Number, Type, compile_number};

impl Check<'_> {
    pub(super) fn scores(&mut self, spec: &JourneySpec, plan: &mut Plan, used: &[Cell<bool>]) {
        for (name, score) in &spec.scores {
            if self.is_full() {
                break;
            }
            let path = at_path!["scores", name];
            let make_up = self.make_up(plan, &path, name, score, used);
            let bound = |check: &mut Self, key: &str, value: Option<f64>, none: f64| match value {
                Some(value) => check.finite(&below(&path, key), value),
                None => none,
            };
            let at_least = bound(self, "at_least", score.at_least, f64::NEG_INFINITY);
            let at_most = bound(self, "at_most", score.at_most, f64::INFINITY);
            if at_least > at_most {
                self.error("number_out_of_range", &path, "`at_least` is greater than `at_most`", None);
            }
            let mut leaves = LeafSet::default();
            let movement = match &make_up {
                MakeUp::Points(elements) => {
                    elements.iter().for_each(|element| leaves.insert(element.leaf));
                    let motions =
                        elements.iter().map(|element| plan.traits.get(element.leaf as usize).map(|t| t.operation.movement().motion));
                    match motions.flatten().any(|motion| motion == Motion::Irregular) {
                        true => Motion::Irregular,
                        false => Motion::Still,
                    }
                }
                MakeUp::Weighted(elements) => {
                    elements.iter().for_each(|element| element.value.leaves(&mut leaves));
                    self.weighted_motion(plan, elements)
                }
                MakeUp::Rfm(bands) => {
                    bands.iter().for_each(|band| leaves.insert(band.leaf));
                    rfm_motion(plan, bands)
                }
            };
            let movement = Movement { motion: movement, never_negative: at_least >= 0.0, clock: false };
            plan.scores.push(ScorePlan { name: name.clone(), make_up, at_least, at_most, movement, leaves });
        }
    }

    fn make_up(&mut self, plan: &mut Plan, path: &[Step], name: &str, score: &ScoreSpec, used: &[Cell<bool>]) -> MakeUp {
        match (&score.points, &score.weighted, &score.rfm) {
            (Some(points), None, None) => MakeUp::Points(self.points(plan, &below(path, "points"), name, points, used)),
            (None, Some(weighted), None) => MakeUp::Weighted(self.weighted(plan, &below(path, "weighted"), weighted)),
            (None, None, Some(rfm)) => self.rfm(plan, &below(path, "rfm"), rfm),
            (None, None, None) => {
                let help = "give `points`, `weighted` or `rfm`".to_owned();
                self.error("no_aggregate", path, format!("score `{name}` does not say what to compute"), Some(help));
                MakeUp::Points(Vec::new())
            }
            _ => {
                let message = format!("score `{name}` has more than one of `points`, `weighted`, `rfm`");
                self.error("several_aggregates", path, message, Some("make two scores of it".to_owned()));
                MakeUp::Points(Vec::new())
            }
        }
    }

    fn points(&mut self, plan: &mut Plan, path: &[Step], name: &str, points: &[PointsSpec], used: &[Cell<bool>]) -> Vec<PointsPlan> {
        if points.is_empty() {
            self.error("empty_list", path, "the list is empty", None);
        }
        points
            .iter()
            .enumerate()
            .map(|(at, spec)| {
                let mut path = path.to_vec();
                path.push(Step::Item(at));
                let kinds = self.kind_list(plan, &below(&path, "on"), &spec.on);
                let filter = self.filter(plan, &path, spec.where_.as_deref(), &kinds, used);
                let add = match &spec.add {
                    NumberOrExpression::Number(value) => Number::Constant(self.finite(&below(&path, "add"), *value)),
                    NumberOrExpression::Expression(text) => self.touchpoint_number(plan, &below(&path, "add"), text, &kinds, used),
                };
                if spec.half_life.is_some() && spec.within.is_some() {
                    self.error("several_aggregates", &path, "points have a `half_life` or a `within`, not both", None);
                }
                let half_life = self.positive_duration(&below(&path, "half_life"), spec.half_life.as_deref());
                let within = self.positive_duration(&below(&path, "within"), spec.within.as_deref());
                let operation = match half_life {
                    Some(half_life) => Operation::Decayed { half_life },
                    None => Operation::Sum { within },
                };
                feed(plan, &kinds, filter, &Source::Number(add));
                let leaf = plan.traits.len() as u32;
                plan.traits.push(TraitPlan {
                    name: name.to_owned(),
                    operation,
                    kind: Type::Number,
                    holds: Type::Number,
                    domain: None,
                    lifetime: None,
                });
                PointsPlan {
                    label: spec.name.clone().unwrap_or_else(|| spec.on.names().join(", ")),
                    leaf,
                    at_most: spec.at_most.map_or(f64::INFINITY, |value| self.finite(&below(&path, "at_most"), value)),
                }
            })
            .collect()
    }

    fn weighted(&mut self, plan: &Plan, path: &[Step], weighted: &[WeightedSpec]) -> Vec<WeightedPlan> {
        if weighted.is_empty() {
            self.error("empty_list", path, "the list is empty", None);
        }
        // Scores read traits only: what is compiled so far has no scores and no segments in it.
        let mut elements = Vec::new();
        for (at, spec) in weighted.iter().enumerate() {
            let mut path = path.to_vec();
            path.push(Step::Item(at));
            let mut names = TraitNames(CustomerNames { plan, words: &mut self.words, later: &[] });
            let value = match compile_number(&spec.value, &mut names) {
                Ok(Checked { plan, .. }) => plan,
                Err(problems) => {
                    self.problems(&below(&path, "value"), &spec.value, problems);
                    continue;
                }
            };
            let weight = self.finite(&below(&path, "weight"), spec.weight);
            elements.push(WeightedPlan { label: spec.name.clone().unwrap_or_else(|| spec.value.clone()), value, weight });
        }
        elements
    }

    fn weighted_motion(&mut self, plan: &Plan, elements: &[WeightedPlan]) -> Motion {
        let movements = super::tracks::PlanMovements { plan };
        let mut motion = Motion::Still;
        for element in elements {
            let weighed = element.value.times(element.weight);
            motion = match crate::expression::Number::sum_motion(motion, &weighed, &movements) {
                Ok(motion) => motion,
                Err(_) => Motion::Irregular,
            };
        }
        motion
    }

    fn rfm(&mut self, plan: &Plan, path: &[Step], rfm: &RfmSpec) -> MakeUp {
        let mut band = |label: &'static str, spec: &BandSpec, unit: f64| {
            let path = below(path, label);
            let leaf = match super::trait_named(plan, &spec.trait_) {
                Some((at, found)) => {
                    if found.kind != Type::Number {
                        let message = format!("trait `{}` is {}, where a number is needed", spec.trait_, found.kind.name());
                        self.error("type_mismatch", &below(&path, "trait"), message, None);
                    }
                    at as u32
                }
                None => {
                    let names = plan.traits.iter().take(plan.named_traits).map(|plan| plan.name.as_str());
                    let help = suggest(&spec.trait_, names, "there are");
                    self.error("unknown_name", &below(&path, "trait"), format!("no trait is called `{}`", spec.trait_), help);
                    0
                }
            };
            let rising = spec.cuts.is_sorted_by(|a, b| a < b);
            if spec.cuts.is_empty() || spec.cuts.len() > 8 || !rising || spec.cuts.iter().any(|cut| !cut.is_finite()) {
                let help = "give 1 to 8 numbers, each greater than the one before".to_owned();
                self.error("invalid_cuts", &below(&path, "cuts"), "the cut points do not rise", Some(help));
            }
            BandPlan { label, leaf, cuts: spec.cuts.clone(), unit, fewer_is_better: label == "recency" }
        };
        MakeUp::Rfm(Box::new([
            band("recency", &rfm.recency, 100.0),
            band("frequency", &rfm.frequency, 10.0),
            band("monetary", &rfm.monetary, 1.0),
        ]))
    }
}

/// Traits only.
struct TraitNames<'a>(CustomerNames<'a>);

impl crate::expression::Names for TraitNames<'_> {
    fn leaf(&self, name: &str) -> Option<crate::expression::Leaf<'_>> {
        self.0.leaf(name).filter(|leaf| (leaf.index as usize) < self.0.plan.named_traits)
    }

    fn all(&self) -> Vec<&str> {
        self.0.plan.traits.iter().take(self.0.plan.named_traits).map(|plan| plan.name.as_str()).collect()
    }

    fn what(&self) -> &'static str {
        "trait"
    }

    fn intern(&mut self, text: &str) -> crate::symbol::Symbol {
        self.0.intern(text)
    }

    fn hint(&self, name: &str) -> Option<String> {
        self.0.hint(name)
    }
}

fn rfm_motion(plan: &Plan, bands: &[BandPlan; 3]) -> Motion {
    let mut motion = Motion::Still;
    for band in bands {
        let of_trait = plan.traits.get(band.leaf as usize).map_or(Motion::Still, |t| t.operation.movement().motion);
        let of_band = match (of_trait, band.fewer_is_better) {
            (Motion::Rising, true) => Motion::Falling,
            (other, _) => other,
        };
        motion = match (motion, of_band) {
            (Motion::Still, other) | (other, Motion::Still) => other,
            (same, other) if same == other => same,
            _ => Motion::Irregular,
        };
    }
    motion
}
