//! Random traits, and what a condition may do with them.

use super::conditions::filter;
use super::dice::Dice;

pub const KINDS: [&str; 4] = ["page_viewed", "purchased", "surveyed", "cancelled"];
pub const CHANNELS: [&str; 3] = ["web", "store", "email"];
pub const TOPICS: [&str; 3] = ["tents", "boots", "stoves"];
pub const BRANDS: [&str; 3] = ["acme", "zenith", "none"];
pub const ACTIONS: [&str; 2] = ["welcome", "win_back"];
pub const OUTCOMES: [&str; 3] = ["clicked", "ignored", "bought"];
pub const PLANS: [&str; 3] = ["basic", "gold", "silver"];

/// Something that an expression may name.
#[derive(Clone)]
pub struct Name {
    pub name: String,
    pub sort: Sort,
    pub motion: Motion,
}

#[derive(Clone, PartialEq)]
pub enum Sort {
    Number,
    Boolean,
    Text(Vec<&'static str>),
}

/// How a value changes between records.
#[derive(Clone, Copy, PartialEq)]
pub enum Motion {
    Still,
    /// Only when a touchpoint leaves a window.
    Stepped,
    /// A bare `days_since`, `days_since_first` or `tenure`.
    Bare,
    /// Steadily: a score over one of those. As a condition: one that turns with time.
    Growing,
    /// In bands, one way.
    Bands,
    /// Not for stage rules.
    Barred,
}

/// The properties that `purchased` and `surveyed` declare.
pub struct Properties {
    pub purchased: Vec<&'static str>,
    pub surveyed: Vec<&'static str>,
}

impl Properties {
    pub fn of(&self, kinds: &[&str]) -> Vec<&'static str> {
        let declares = |p: &&str| {
            kinds.contains(&"purchased") && self.purchased.contains(p) || kinds.contains(&"surveyed") && self.surveyed.contains(p)
        };
        ["items", "brand", "gift"].into_iter().filter(declares).collect()
    }
}

/// Some kinds, and how the file writes them.
pub fn kinds(dice: &mut Dice<'_>) -> (Vec<&'static str>, String) {
    match dice.below(10) {
        0..6 => {
            let kind = dice.pick(&["page_viewed", "purchased", "purchased", "surveyed", "cancelled"]);
            (vec![kind], kind.to_owned())
        }
        6..8 => {
            let some = dice.some(&KINDS, 3);
            let text = format!("[{}]", some.join(", "));
            (some, text)
        }
        _ => (KINDS.to_vec(), "any".to_owned()),
    }
}

pub fn duration(dice: &mut Dice<'_>) -> &'static str {
    dice.pick(&["7d", "30d", "365d", "2w", "12h", "90d", "45s", "1d", "30m"])
}

pub fn attribute_traits() -> Vec<(Name, String)> {
    let attribute = |name: &str, of: &str, sort: Sort| {
        let known = Name { name: name.to_owned(), sort, motion: Motion::Still };
        (known, format!("{{ attribute: {of}, output: true }}"))
    };
    vec![
        attribute("plan", "plan", Sort::Text(PLANS.to_vec())),
        attribute("age", "age", Sort::Number),
        attribute("newsletter", "newsletter", Sort::Boolean),
        attribute("zone", "time_zone", Sort::Text(vec!["Europe/London", "Asia/Kolkata"])),
    ]
}

/// A trait of this sort, and its text.
pub fn random_trait(dice: &mut Dice<'_>, sort: &str, number: usize, properties: &Properties) -> (Name, String) {
    let (of, kinds_text) = kinds(dice);
    let declared = properties.of(&of);
    let mut options: Vec<String> = Vec::new();
    if dice.chance(35) {
        options.push(format!("where: \"{}\"", filter(dice, &declared)));
    }
    let mut motion = Motion::Still;
    if ["count", "sum", "mean", "min", "max", "first", "last", "distinct", "most_frequent"].contains(&sort) && dice.chance(40) {
        options.push(format!("within: {}", duration(dice)));
        motion = Motion::Stepped;
    }
    let mut numeric = vec!["value"];
    numeric.extend(declared.contains(&"items").then_some("items"));
    let mut textual = vec!["channel", "topic", "kind", "direction", "action", "outcome"];
    textual.extend(declared.contains(&"brand").then_some("brand"));
    let mut scalar = [numeric.clone(), textual.clone()].concat();
    scalar.extend(declared.contains(&"gift").then_some("gift"));
    let (head, value) = match sort {
        "count" => (format!("count: {kinds_text}"), Sort::Number),
        "days_since" | "days_since_first" | "tenure" => {
            motion = Motion::Bare;
            if sort == "tenure" && dice.chance(85) {
                options.push(format!("until: {}", kinds(dice).1));
            }
            (format!("{sort}: {kinds_text}"), Sort::Number)
        }
        "typical_gap" => {
            if dice.chance(70) {
                let (days, weight) = (dice.pick(&["60", "7", "0.5", "33.3"]), dice.pick(&["3", "1", "0.7"]));
                options.push(format!("prior: {{ days: {days}, weight: {weight} }}"));
            }
            (format!("typical_gap: {kinds_text}"), Sort::Number)
        }
        "favourite" | "strength" => {
            options.push(format!("half_life: {}", duration(dice)));
            let field = dice.pick(&textual);
            if sort == "strength" {
                motion = Motion::Barred;
            }
            (of_field(sort, field, &kinds_text), if sort == "strength" { Sort::Number } else { values(field) })
        }
        "sum" | "mean" | "min" | "max" => (of_field(sort, dice.pick(&numeric), &kinds_text), Sort::Number),
        _ => {
            let field = dice.pick(&scalar);
            (of_field(sort, field, &kinds_text), if sort == "distinct" { Sort::Number } else { values(field) })
        }
    };
    let name = Name { name: format!("{sort}_{number}"), sort: value, motion };
    options.insert(0, head);
    options.push("output: true".to_owned());
    (name, format!("{{ {} }}", options.join(", ")))
}

fn of_field(sort: &str, field: &str, kinds: &str) -> String {
    if kinds == "any" { format!("{sort}: {field}") } else { format!("{sort}: {field}, of: {kinds}") }
}

fn values(field: &str) -> Sort {
    Sort::Text(match field {
        "channel" => CHANNELS.to_vec(),
        "topic" => TOPICS.to_vec(),
        "kind" => KINDS.to_vec(),
        "direction" => vec!["inbound", "outbound"],
        "action" => ACTIONS.to_vec(),
        "outcome" => OUTCOMES.to_vec(),
        "brand" => BRANDS.to_vec(),
        "gift" => return Sort::Boolean,
        _ => return Sort::Number,
    })
}
