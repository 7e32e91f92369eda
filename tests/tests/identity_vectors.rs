//! Runs `tests/vectors/identity.json`: what linking and unlinking tell, and who is who afterwards. Python and Node run the same file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use wayfare::identity::{IdentityGraph, IdentityRecord, IdentityRules};
use wayfare::{Error, Instant};
use wayfare_tests::identity::by_person;

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(rename = "says")]
    _says: String,
    rules: Json,
    diagnostics: Option<Vec<Json>>,
    #[serde(default)]
    steps: Vec<Step>,
    persons: Option<BTreeMap<String, BTreeSet<String>>>,
    #[serde(default)]
    evidence: Vec<Asked>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    link: Option<Link>,
    unlink: Option<String>,
    expect: Option<Map<String, Json>>,
    error: Option<Map<String, Json>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    at: Instant,
    id: Option<String>,
    identifiers: Map<String, Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    one: (String, String),
    other: (String, String),
    expect: Json,
}

impl Link {
    fn record(&self) -> IdentityRecord<'_> {
        let record = IdentityRecord::new(self.at);
        let record = self.id.iter().fold(record, |record, id| record.id(id));
        self.identifiers.iter().fold(record, |record, (kind, value)| {
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            values.iter().fold(record, |record, value| record.identifier(kind, value.as_str().unwrap()))
        })
    }
}

fn cases() -> Vec<Case> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/identity.json");
    serde_json::from_str::<File>(&std::fs::read_to_string(file).unwrap()).unwrap().cases
}

fn rules(case: &Case) -> wayfare::Result<IdentityRules> {
    match &case.rules {
        Json::String(text) => IdentityRules::from_yaml(text),
        rules => IdentityRules::from_value(rules),
    }
}

/// The keys that are expected, as they were found.
fn reduced(found: Result<Json, Error>, step: &Step) -> (Map<String, Json>, Map<String, Json>) {
    match found {
        Ok(found) => {
            let expected = step.expect.clone().unwrap_or_default();
            (expected.keys().map(|key| (key.clone(), found[key].clone())).collect(), expected)
        }
        Err(error) => {
            let found = [("code", error.kind().code().to_owned()), ("message", error.to_string())];
            let found = found.into_iter().map(|(key, text)| (key.to_owned(), Json::String(text)));
            (found.collect(), step.error.clone().unwrap_or_default())
        }
    }
}

#[test]
fn every_case_holds() {
    for case in cases() {
        let name = &case.name;
        let rules = match (rules(&case), &case.diagnostics) {
            (Ok(rules), None) => rules,
            (Ok(_), Some(_)) => panic!("{name}: the rules were accepted"),
            (Err(error), expected) => {
                let keys = ["code", "path", "message", "help"];
                let found = error.diagnostics().iter().map(|one| serde_json::to_value(one).unwrap());
                let found: Vec<Json> = found.map(|one| keys.iter().map(|key| ((*key).to_owned(), one[key].clone())).collect()).collect();
                assert_eq!(Some(&found), expected.as_ref(), "{name}");
                continue;
            }
        };
        let mut graph = IdentityGraph::new(&rules);
        for step in &case.steps {
            let told = match (&step.link, &step.unlink) {
                (Some(link), _) => graph.link(&link.record()).map(|told| serde_json::to_value(told).unwrap()),
                (_, Some(id)) => graph.unlink(id).map(|told| serde_json::to_value(told).unwrap()),
                _ => panic!("{name}: a step without a record"),
            };
            let (found, expected) = reduced(told, step);
            assert_eq!(found, expected, "{name}");
        }
        assert_eq!(Some(by_person(&graph.persons())), case.persons, "{name}");
        for asked in &case.evidence {
            let (one, other) = ((asked.one.0.as_str(), asked.one.1.as_str()), (asked.other.0.as_str(), asked.other.1.as_str()));
            assert_eq!(serde_json::to_value(graph.evidence(one, other).unwrap()).unwrap(), asked.expect, "{name}");
        }
        // The other way round, the records give the same bytes.
        let mut other = IdentityGraph::new(&rules);
        let undone: BTreeSet<&String> = case.steps.iter().filter_map(|step| step.unlink.as_ref()).collect();
        let links = case.steps.iter().rev().filter(|step| step.error.is_none()).filter_map(|step| step.link.as_ref());
        for link in links.filter(|link| link.id.as_ref().is_none_or(|id| !undone.contains(id))) {
            other.link(&link.record()).unwrap();
        }
        assert_eq!(other.to_bytes(), graph.to_bytes(), "{name}");
    }
}
