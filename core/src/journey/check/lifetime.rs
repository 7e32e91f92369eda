//! Lifetime models and the traits that read them.

use std::cell::Cell;
use std::sync::Arc;

use super::super::document::Step;
use super::super::plan::lifetime::{LifetimePlan, Quantity};
use super::super::plan::{Operation, Plan, Source, TraitPlan};
use super::super::spec::{JourneySpec, LifetimeSpec, TraitSpec};
use super::traits::{below, feed};
use super::{Check, at_path};
use crate::diagnostic::suggest;
use crate::expression::Type;
use crate::insight::lifetime::{FittedModel, Measure, Period, Returns};

/// The models that read purchases by the day, and their parameters.
const MODELS: [(&str, &[&str]); 4] = [
    ("bg_nbd", &["r", "alpha", "a", "b"]),
    ("mbg_nbd", &["r", "alpha", "a", "b"]),
    ("pareto_nbd", &["r", "alpha", "s", "beta"]),
    ("gamma_gamma", &["p", "q", "gamma"]),
];

/// What a trait can read: its name, whether it wants a model, `days`, `yearly_discount_rate`, and whether it rests on values.
const QUANTITIES: [(&str, bool, bool, bool, bool); 8] = [
    ("frequency", false, false, false, false),
    ("recency", false, false, false, false),
    ("age", false, false, false, false),
    ("monetary_value", false, false, false, true),
    ("probability_alive", true, false, false, false),
    ("conditional_expected_transactions", true, true, false, false),
    ("discounted_expected_residual_transactions", true, false, true, false),
    ("conditional_expected_spend", true, false, false, true),
];

/// The options of a trait that its aggregate alone takes.
pub(super) const OPTIONS: [&str; 4] = ["model", "days", "yearly_discount_rate", "returns"];

/// Days in the year of `yearly_discount_rate`.
const YEAR_DAYS: f64 = 365.0;

/// The models of the section, by name; none where one is wrong.
pub(super) type Models = Vec<(String, Option<Arc<FittedModel>>)>;

impl Check<'_> {
    pub(super) fn lifetime_models(&mut self, spec: &JourneySpec) -> Models {
        let mut models = Vec::new();
        for (name, spec) in &spec.lifetime {
            let path = at_path!["lifetime", name];
            self.name(&path, name);
            models.push((name.clone(), self.lifetime_model(&path, spec).map(Arc::new)));
        }
        models
    }

    fn lifetime_model(&mut self, path: &[Step], spec: &LifetimeSpec) -> Option<FittedModel> {
        let Some((_, names)) = MODELS.into_iter().find(|(model, _)| *model == spec.model) else {
            let help = match spec.model.as_str() {
                "bg_bb" => Some("it counts opportunities, and a journey's purchases have instants; take another model".to_owned()),
                other => suggest(other, MODELS.map(|(model, _)| model), "there are"),
            };
            self.error("unknown_value", &below(path, "model"), format!("`{}` is not a lifetime model of a journey", spec.model), help);
            return None;
        };
        let mut sound = true;
        let params = below(path, "params");
        for name in spec.params.keys().filter(|name| !names.contains(&name.as_str())) {
            sound = false;
            let help = suggest(name, names.iter().copied(), "there are");
            self.key_error("unknown_key", &below(&params, name), format!("`{}` has no parameter `{name}`", spec.model), help);
        }
        for name in names.iter().filter(|name| !spec.params.contains_key(**name)) {
            sound = false;
            self.error("missing_key", &params, format!("parameter `{name}` of `{}` is missing", spec.model), None);
        }
        for (name, value) in spec.params.iter().filter(|(_, value)| !(value.is_finite() && **value > 0.0)) {
            sound = false;
            self.error("number_out_of_range", &below(&params, name), format!("`{name}` is {value}; it must be greater than zero"), None);
        }
        let period = match spec.period_days.map_or(Ok(Period::WEEK), Period::from_days) {
            Ok(period) => period,
            Err(error) => {
                self.error("number_out_of_range", &below(path, "period_days"), error.message(), None);
                return None;
            }
        };
        if !sound {
            return None;
        }
        let named: Vec<(String, f64)> = spec.params.iter().map(|(name, value)| (name.clone(), *value)).collect();
        match FittedModel::from_params(&spec.model, &named, period) {
            Ok(model) => Some(model),
            Err(error) => {
                self.error("number_out_of_range", &params, error.message(), error.help().map(str::to_owned));
                None
            }
        }
    }

    pub(super) fn lifetime_trait(
        &mut self,
        plan: &mut Plan,
        path: &[Step],
        name: &str,
        spec: &TraitSpec,
        used: &[Cell<bool>],
    ) -> Option<TraitPlan> {
        let word = spec.lifetime.as_deref()?;
        let Some((quantity, wants_model, wants_days, wants_discount, wants_values)) =
            QUANTITIES.into_iter().find(|(quantity, ..)| *quantity == word)
        else {
            let help = suggest(word, QUANTITIES.map(|(quantity, ..)| quantity), "there are");
            self.error("unknown_value", &below(path, "lifetime"), format!("`{word}` is not read of purchases"), help);
            return None;
        };
        self.lifetime_options(path, quantity, spec, [wants_model, wants_days, wants_discount, wants_values || spec.returns.is_some()]);
        let returns = self.lifetime_returns(path, spec);
        let model = if wants_model { self.model_of(plan, path, spec) } else { None };
        let positive = |check: &mut Self, key: &str, value: Option<f64>| {
            let value = value.unwrap_or(1.0);
            if !(value.is_finite() && value > 0.0) {
                check.error("number_out_of_range", &below(path, key), format!("`{key}` must be greater than zero"), None);
            }
            value
        };
        let days = positive(self, "days", spec.days);
        let rate = positive(self, "yearly_discount_rate", spec.yearly_discount_rate);
        let measure = |model: &FittedModel| match quantity {
            "probability_alive" => Measure::ProbabilityAlive,
            "conditional_expected_transactions" => Measure::ConditionalExpectedTransactions { periods: model.period().periods(days) },
            "conditional_expected_spend" => Measure::ConditionalExpectedSpend,
            _ => Measure::DiscountedExpectedResidualTransactions { discount_rate: rate * model.period().days() / YEAR_DAYS },
        };
        let quantity = match (quantity, model) {
            ("recency", _) => Quantity::RecencyDays,
            ("age", _) => Quantity::AgeDays,
            ("monetary_value", _) => Quantity::MonetaryValue,
            (_, Some(model)) => {
                let measure = measure(&model);
                if !model.answers(measure) {
                    let message = format!("`{}` does not answer `{quantity}`", model.name());
                    self.error("type_mismatch", &below(path, "model"), message, Some(answering(quantity).to_owned()));
                }
                Quantity::Measure(model, measure)
            }
            _ => Quantity::Frequency,
        };
        let kinds = match &spec.of {
            Some(of) => self.kind_list(plan, &below(path, "of"), of),
            None => {
                let help = "name the kinds that are purchases: `of: purchased`, say".to_owned();
                self.error("missing_key", path, "`lifetime` wants an `of`", Some(help));
                vec![false; plan.kinds.len()]
            }
        };
        let source = match wants_values || matches!(returns, Returns::Drop | Returns::NetWithinDay) {
            true => Source::Slot(self.field(plan, &below(path, "of"), "value", &kinds, used)?),
            false => Source::Touch,
        };
        let filter = self.filter(plan, path, spec.where_.as_deref(), &kinds, used);
        feed(plan, &kinds, filter, &source);
        let still = matches!(quantity, Quantity::Frequency | Quantity::RecencyDays | Quantity::MonetaryValue)
            || matches!(quantity, Quantity::Measure(_, Measure::ConditionalExpectedSpend));
        let integer = matches!(quantity, Quantity::Frequency);
        Some(TraitPlan {
            name: name.to_owned(),
            operation: Operation::Lifetime { still, integer },
            kind: Type::Number,
            holds: Type::Number,
            domain: None,
            lifetime: Some(Box::new(LifetimePlan { quantity, returns, zone: plan.zone.clone() })),
        })
    }

    /// What is missing of a quantity's own options, and what it does not take.
    fn lifetime_options(&mut self, path: &[Step], quantity: &str, spec: &TraitSpec, wanted: [bool; 4]) {
        let given = [spec.model.is_some(), spec.days.is_some(), spec.yearly_discount_rate.is_some(), spec.returns.is_some()];
        let examples = ["model: NAME", "days: 365", "yearly_discount_rate: 0.15", ""];
        for (((option, given), wanted), example) in OPTIONS.into_iter().zip(given).zip(wanted).zip(examples) {
            match (given, wanted) {
                (true, false) => {
                    self.key_error("unknown_option", &below(path, option), format!("`{quantity}` takes no `{option}`"), None);
                }
                (false, true) if !example.is_empty() => {
                    self.error("missing_key", path, format!("`{quantity}` wants `{option}`"), Some(format!("add `{example}`, say")));
                }
                _ => {}
            }
        }
    }

    fn lifetime_returns(&mut self, path: &[Step], spec: &TraitSpec) -> Returns {
        // A record that is folded cannot be refused any more.
        const CHOICES: [&str; 3] = ["keep", "drop", "net_within_day"];
        let Some(word) = spec.returns.as_deref() else { return Returns::Keep };
        match word.parse() {
            Ok(returns) if returns != Returns::Refuse => returns,
            _ => {
                let help = suggest(word, CHOICES, "there are");
                self.error("unknown_value", &below(path, "returns"), format!("`returns` cannot be `{word}`"), help);
                Returns::Keep
            }
        }
    }

    fn model_of(&mut self, plan: &Plan, path: &[Step], spec: &TraitSpec) -> Option<Arc<FittedModel>> {
        let name = spec.model.as_deref()?;
        match plan.lifetime.iter().find(|(known, _)| known == name) {
            Some((_, model)) => model.clone(),
            None => {
                let help = match plan.lifetime.is_empty() {
                    true => Some("write it under `lifetime`, with the parameters of a fit".to_owned()),
                    false => suggest(name, plan.lifetime.iter().map(|(known, _)| known.as_str()), "there are"),
                };
                self.error("unknown_model", &below(path, "model"), format!("lifetime model `{name}` is not declared"), help);
                None
            }
        }
    }
}

fn answering(quantity: &str) -> &'static str {
    match quantity {
        "conditional_expected_spend" => "take a `gamma_gamma`",
        _ => "take a model of when purchases happen: `bg_nbd`, `mbg_nbd` or `pareto_nbd`",
    }
}
