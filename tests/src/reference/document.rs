//! The journey file as it is read. Files are known to be good: a wrong one panics.

use super::expression::Expression;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

pub struct Document {
    /// The file as it was read.
    pub root: Json,
    pub time_zone: TimeZone,
    pub allowed_lateness: i64,
    pub kinds: Vec<String>,
    /// In the order of their first declaration.
    pub properties: Vec<String>,
    /// The fields and properties that something reads.
    pub read: BTreeSet<String>,
    /// In file order, then `time_zone`.
    pub attributes: Vec<String>,
    pub traits: Vec<Trait>,
    pub scores: Vec<Score>,
    pub segments: Vec<(String, Expression)>,
    pub tracks: Vec<Track>,
}

pub enum Kinds {
    Any,
    These(Vec<String>),
}

/// A trait's `sort` is its key in the file: `count`, `sum` …
pub struct Trait {
    pub name: String,
    pub sort: String,
    pub of: Kinds,
    pub field: Option<String>,
    pub filter: Option<Expression>,
    pub within: Option<i64>,
    pub half_life: Option<i64>,
    pub until: Option<Kinds>,
    pub prior: Option<(f64, f64)>,
}

pub struct Score {
    pub name: String,
    pub form: Form,
    pub at_most: Option<f64>,
    pub at_least: Option<f64>,
}

pub enum Form {
    Points(Vec<PointsElement>),
    Weighted(Vec<WeightedElement>),
    /// Element, trait, cuts.
    Rfm(Vec<(String, String, Vec<f64>)>),
}

pub struct PointsElement {
    pub label: String,
    pub on: Kinds,
    pub filter: Option<Expression>,
    pub add: Expression,
    pub half_life: Option<i64>,
    pub within: Option<i64>,
    pub at_most: Option<f64>,
}

pub struct WeightedElement {
    pub label: String,
    pub value: Expression,
    pub weight: f64,
}

pub struct Track {
    pub name: String,
    pub stages: Vec<Stage>,
}

pub struct Stage {
    pub name: String,
    /// `when` or `while`.
    pub condition: Option<Expression>,
    pub is_while: bool,
    /// The stages, by number, that it may be entered from.
    pub from: Vec<usize>,
    pub guard: Option<Expression>,
}

impl Kinds {
    pub fn contains(&self, kind: &str) -> bool {
        match self {
            Kinds::Any => true,
            Kinds::These(kinds) => kinds.iter().any(|k| k == kind),
        }
    }

    fn from_json(json: Option<&Json>) -> Kinds {
        match json {
            None => Kinds::Any,
            Some(Json::String(kind)) if kind == "any" => Kinds::Any,
            Some(Json::String(kind)) => Kinds::These(vec![kind.clone()]),
            Some(Json::Array(kinds)) if kinds.iter().any(|k| k == "any") => Kinds::Any,
            Some(kinds) => Kinds::These(texts(kinds)),
        }
    }

    fn label(&self) -> String {
        match self {
            Kinds::Any => "any".into(),
            Kinds::These(kinds) => kinds.join(", "),
        }
    }
}

impl Document {
    pub fn from_yaml(yaml: &str) -> Document {
        let root = read_yaml(yaml);
        let mut properties: Vec<String> = Vec::new();
        for (_, kind) in entries(root.get("touchpoints")) {
            for (property, _) in entries(kind.get("properties")) {
                if !properties.contains(property) {
                    properties.push(property.clone());
                }
            }
        }
        let mut attributes: Vec<String> = entries(root.get("attributes")).map(|(name, _)| name.clone()).collect();
        if !attributes.iter().any(|a| a == "time_zone") {
            attributes.push("time_zone".into());
        }
        let traits: Vec<Trait> = entries(root.get("traits")).map(|(name, json)| read_trait(name, json)).collect();
        let scores: Vec<Score> = entries(root.get("scores")).map(|(name, json)| read_score(name, json)).collect();
        Document {
            read: fields_read(&traits, &scores),
            time_zone: time_zone(root.get("time_zone").map_or("UTC", text)),
            allowed_lateness: duration_of(&root, "allowed_lateness").unwrap_or(7 * 86_400_000_000),
            kinds: entries(root.get("touchpoints")).map(|(name, _)| name.clone()).collect(),
            properties,
            attributes,
            traits,
            scores,
            segments: entries(root.get("segments")).map(|(n, json)| (n.clone(), Expression::from_json(json))).collect(),
            tracks: entries(root.get("tracks")).map(|(name, json)| read_track(name, json)).collect(),
            root,
        }
    }
}

fn fields_read(traits: &[Trait], scores: &[Score]) -> BTreeSet<String> {
    let elements = scores.iter().flat_map(|score| match &score.form {
        Form::Points(elements) => elements.as_slice(),
        _ => &[],
    });
    let of_elements = elements.flat_map(|e| [e.filter.as_ref(), Some(&e.add)]).flatten();
    let filters = traits.iter().filter_map(|t| t.filter.as_ref());
    let names = filters.chain(of_elements).flat_map(Expression::names);
    let fields = traits.iter().filter(|t| t.sort != "attribute").filter_map(|t| t.field.clone());
    names.chain(fields).collect()
}

/// YAML 1.2: `n` and `on` are texts.
pub fn read_yaml(yaml: &str) -> Json {
    serde_saphyr::from_str_with_options(yaml, serde_saphyr::options! { strict_booleans: true }).expect("a document")
}

pub fn time_zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|error| panic!("`{name}`: {error}"))
}

/// `7d`, `12h`, `30m`, `45s`, `2w`, in microseconds.
pub fn duration(text: &str) -> i64 {
    let (number, unit) = text.trim().split_at(text.trim().len() - 1);
    let seconds = match unit {
        "w" => 604_800.0,
        "d" => 86_400.0,
        "h" => 3_600.0,
        "m" => 60.0,
        "s" => 1.0,
        _ => panic!("`{text}` is not a duration"),
    };
    (number.trim().parse::<f64>().expect("a number and a unit") * seconds * 1e6).round() as i64
}

fn read_trait(name: &str, json: &Json) -> Trait {
    const OF_KINDS: [&str; 5] = ["count", "days_since", "days_since_first", "tenure", "typical_gap"];
    const OF_FIELD: [&str; 10] = ["sum", "mean", "min", "max", "first", "last", "distinct", "most_frequent", "favourite", "strength"];
    let sort = OF_KINDS
        .iter()
        .chain(&OF_FIELD)
        .chain(&["attribute"])
        .find(|sort| json.get(**sort).is_some())
        .unwrap_or_else(|| panic!("trait `{name}` is of no sort"));
    Trait {
        name: name.to_owned(),
        sort: (*sort).to_owned(),
        of: Kinds::from_json(json.get(if OF_KINDS.contains(sort) { *sort } else { "of" })),
        field: (!OF_KINDS.contains(sort)).then(|| text(&json[*sort]).to_owned()),
        filter: json.get("where").map(Expression::from_json),
        within: duration_of(json, "within"),
        half_life: duration_of(json, "half_life"),
        until: json.get("until").map(|kinds| Kinds::from_json(Some(kinds))),
        prior: json.get("prior").map(|p| (number(&p["days"]), number(&p["weight"]))),
    }
}

fn read_score(name: &str, json: &Json) -> Score {
    let form = if let Some(elements) = json.get("points") {
        Form::Points(array(elements).iter().map(read_points_element).collect())
    } else if let Some(elements) = json.get("weighted") {
        Form::Weighted(array(elements).iter().map(read_weighted_element).collect())
    } else {
        let element = |name: &str| {
            let json = &json["rfm"][name];
            (name.to_owned(), text(&json["trait"]).to_owned(), array(&json["cuts"]).iter().map(number).collect())
        };
        Form::Rfm(["recency", "frequency", "monetary"].map(element).into())
    };
    Score { name: name.to_owned(), form, at_most: number_of(json, "at_most"), at_least: number_of(json, "at_least") }
}

fn read_points_element(json: &Json) -> PointsElement {
    let on = Kinds::from_json(json.get("on"));
    PointsElement {
        label: json.get("name").map_or_else(|| on.label(), |name| text(name).to_owned()),
        on,
        filter: json.get("where").map(Expression::from_json),
        add: Expression::from_json(&json["add"]),
        half_life: duration_of(json, "half_life"),
        within: duration_of(json, "within"),
        at_most: number_of(json, "at_most"),
    }
}

fn read_weighted_element(json: &Json) -> WeightedElement {
    let value = Expression::from_json(&json["value"]);
    WeightedElement {
        label: json.get("name").map_or_else(|| value.text.clone(), |name| text(name).to_owned()),
        value,
        weight: number(&json["weight"]),
    }
}

fn read_track(name: &str, json: &Json) -> Track {
    let stages = array(json);
    let names: Vec<&str> = stages.iter().map(|stage| text(&stage["name"])).collect();
    let number_of = |stage: &str| names.iter().position(|name| *name == stage).expect("a stage of the track");
    let read = |(number, stage): (usize, &Json)| {
        let is_while = stage.get("while").is_some();
        let condition = stage.get("when").or(stage.get("while")).map(Expression::from_json);
        let from = match stage.get("from") {
            Some(from) => texts(from).iter().map(|name| number_of(name)).collect(),
            None if condition.is_none() => Vec::new(),
            None if is_while => (0..names.len()).filter(|other| *other != number).collect(),
            None => (0..number).collect(),
        };
        let guard = stage.get("guard").map(Expression::from_json);
        Stage { name: names[number].to_owned(), condition, is_while, from, guard }
    };
    Track { name: name.to_owned(), stages: stages.iter().enumerate().map(read).collect() }
}

pub fn entries(json: Option<&Json>) -> impl Iterator<Item = (&String, &Json)> {
    json.and_then(Json::as_object).into_iter().flat_map(Map::iter)
}

fn array(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}

pub fn text(json: &Json) -> &str {
    json.as_str().expect("a text")
}

pub fn texts(json: &Json) -> Vec<String> {
    match json {
        Json::String(one) => vec![one.clone()],
        many => array(many).iter().map(|one| text(one).to_owned()).collect(),
    }
}

fn number(json: &Json) -> f64 {
    json.as_f64().expect("a number")
}

fn number_of(json: &Json, key: &str) -> Option<f64> {
    json.get(key).map(number)
}

fn duration_of(json: &Json, key: &str) -> Option<i64> {
    json.get(key).map(|d| duration(text(d)))
}
