//! The vectors in `tests/vectors`: what each case says, and how a result is compared with it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::reference::difference;

/// One case: a journey, and either records with what they come to, or the diagnostics that it gets.
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
    /// The customer's records, in order of arrival.
    #[serde(default)]
    pub records: Vec<Json>,
    /// What is true, and when.
    #[serde(default)]
    pub views: Vec<Expected>,
    /// All transitions up to the last view.
    pub transitions: Option<Json>,
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
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths
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
