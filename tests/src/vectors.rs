//! The vectors in `tests/vectors`: what each case says, and how a result is compared with it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::reference::difference;

/// One case: a journey, and either records with what they come to, or the diagnostics that it gets. A record with a `choice` is a
/// preference, one with `set` a change of attributes, any other a touchpoint.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Unique within the file.
    pub name: String,
    /// What a user would lose if it failed.
    #[serde(default)]
    pub says: String,
    /// The journey file.
    pub journey: String,
    /// The customer's id: holdouts read it.
    #[serde(default = "customer")]
    pub customer: String,
    /// The customer's records, in order of arrival.
    #[serde(default)]
    pub records: Vec<Json>,
    /// What is true, and when.
    #[serde(default)]
    pub views: Vec<Expected>,
    /// All transitions up to the last view.
    pub transitions: Option<Json>,
    /// What to say, and when it is asked.
    #[serde(default)]
    pub decisions: Vec<Asked>,
    /// What the customer allows, and when.
    #[serde(default)]
    pub consents: Vec<Allowed>,
    /// All errors and warnings of the journey, in order; then there are no records.
    pub diagnostics: Option<Vec<Map<String, Json>>>,
}

/// What is true at an instant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The instant.
    pub at: String,
    /// Parts of the view; what is not given is not compared.
    pub expect: Map<String, Json>,
}

/// A decision that is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The instant.
    pub at: String,
    /// What the host hands in.
    #[serde(default)]
    pub inputs: Map<String, Json>,
    /// What it tells of the moment.
    #[serde(default)]
    pub context: Map<String, Json>,
    /// How many that may go together; one when absent.
    pub top: Option<usize>,
    /// Parts of the decision, or with `top` a list of such; what is not given is not compared.
    #[serde(default)]
    pub expect: Json,
    /// The kind of error that it is refused with, and then there is no decision.
    pub error: Option<String>,
}

/// What the customer allows at an instant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The instant.
    pub at: String,
    /// Rows of the table of consents, found by channel, purpose and topic; what is not given is not compared.
    pub expect: Vec<Map<String, Json>>,
    /// They are all of its rows, in order.
    #[serde(default)]
    pub whole: bool,
}

fn customer() -> String {
    "c-1".to_owned()
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

/// Every case of every file, as `file: name`.
pub fn cases() -> Vec<(String, Case)> {
    let mut found = Vec::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("a vector file");
        let file: File = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        found.extend(file.cases.into_iter().map(|case| (format!("{name}: {}", case.name), case)));
    }
    found
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).expect("the vectors").map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json") && is_of_journeys(path));
    paths.sort();
    paths
}

/// Other files have numbers of models, or tables.
fn is_of_journeys(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).expect("a vector file");
    let file: Json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    file["cases"][0].get("journey").is_some()
}

/// Every place where a document differs from what is expected of it. Of the maps `traits`, `stages` … only the given keys are compared.
pub fn differences(expected: &Map<String, Json>, found: &Json) -> Vec<String> {
    let mut different = Vec::new();
    for (part, expected) in expected {
        let found = found.get(part).unwrap_or(&Json::Null);
        match (expected, found) {
            (Json::Object(entries), Json::Object(all)) if part != "next_change" => {
                for (key, expected) in entries {
                    let found = all.get(key);
                    if found.is_none_or(|found| difference(expected, found).is_some()) {
                        different.push(format!(
                            "{part}.{key}: expected {expected}, found {}",
                            found.map_or("nothing".to_owned(), Json::to_string)
                        ));
                    }
                }
            }
            _ if difference(expected, found).is_some() => different.push(format!("{part}: expected {expected}, found {found}")),
            _ => {}
        }
    }
    different
}

/// As [`differences`], for the diagnostics of a journey: `line` and `column` stand in its span.
pub fn diagnostic_differences(expected: &[Map<String, Json>], found: &[Json]) -> Vec<String> {
    let flat = |found: &Json| {
        let mut found = found.clone();
        for key in ["line", "column"] {
            found[key] = found["span"].get(key).cloned().unwrap_or_default();
        }
        found
    };
    let found: Vec<Json> = found.iter().map(flat).collect();
    let mut different: Vec<String> = expected
        .iter()
        .zip(&found)
        .enumerate()
        .flat_map(|(at, (expected, found))| differences(expected, found).into_iter().map(move |rest| format!("diagnostics[{at}].{rest}")))
        .collect();
    if expected.len() != found.len() || !different.is_empty() {
        let shown: Vec<String> = found.iter().map(|one| format!("\n    {one}")).collect();
        different.push(format!("expected {} diagnostics, found {}:{}", expected.len(), found.len(), shown.concat()));
    }
    different
}

/// As [`differences`], for decisions: `expected` is of the first, or a list of all. Of `candidates` the given ones are compared.
pub fn decision_differences(expected: &Json, found: &[Json]) -> Vec<String> {
    match expected {
        Json::Array(all) if all.len() != found.len() => {
            let shown: Vec<String> = found.iter().map(|one| format!("\n    {one}")).collect();
            vec![format!("expected {} decisions, found {}:{}", all.len(), found.len(), shown.concat())]
        }
        Json::Array(all) => {
            all.iter().zip(found).enumerate().flat_map(|(at, (expected, found))| of_decision(expected, found, at)).collect()
        }
        one => of_decision(one, &found[0], 0),
    }
}

fn of_decision(expected: &Json, found: &Json, number: usize) -> Vec<String> {
    let mut expected = expected.as_object().expect("parts of a decision").clone();
    let candidates = expected.remove("candidates");
    let mut different: Vec<String> = differences(&expected, found);
    let empty = Vec::new();
    let there = found["candidates"].as_array().unwrap_or(&empty);
    for candidate in candidates.iter().flat_map(|all| all.as_array().expect("a list")) {
        different.extend(of_row(candidate.as_object().expect("a candidate"), there, &["action", "channel"]));
    }
    if !different.is_empty() {
        different.push(format!("decision {number} is {found}"));
    }
    different
}

/// As [`differences`], for rows of consent.
pub fn consent_differences(expected: &Allowed, found: &Json) -> Vec<String> {
    let there = found.as_array().expect("rows");
    let mut different: Vec<String> = expected.expect.iter().flat_map(|row| of_row(row, there, &["channel", "purpose", "topic"])).collect();
    if expected.whole {
        let key = |row: &Json| ["channel", "purpose", "topic"].map(|name| row.get(name).cloned().unwrap_or_default());
        let keys: Vec<_> = expected.expect.iter().map(|row| key(&Json::Object(row.clone()))).collect();
        let found: Vec<_> = there.iter().map(key).collect();
        if keys != found {
            different.push(format!("expected the rows {keys:?}, found {found:?}"));
        }
    }
    different
}

/// The row with these keys, compared by what is given.
fn of_row(expected: &Map<String, Json>, there: &[Json], keys: &[&str]) -> Vec<String> {
    let key = |row: &dyn Fn(&str) -> Json| keys.iter().map(|name| row(name)).collect::<Vec<_>>();
    let own = key(&|name| expected.get(name).cloned().unwrap_or_default());
    match there.iter().find(|row| key(&|name| row.get(name).cloned().unwrap_or_default()) == own) {
        Some(row) => differences(expected, row).into_iter().map(|rest| format!("{own:?}: {rest}")).collect(),
        None => vec![format!("{own:?} is not there")],
    }
}
