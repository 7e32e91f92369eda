//! The vectors, through the online API of Rust. Python and Node run the same files.

use serde_json::Value as Json;
use wayfare::{ErrorKind, Instant, Journey, Profile};
use wayfare_tests::reference::difference;
use wayfare_tests::vectors::{Case, cases, consent_differences, decision_differences, diagnostic_differences, differences};
use wayfare_tests::{online, random};

fn run(case: &Case) -> Vec<String> {
    if let Some(expected) = &case.diagnostics {
        let found: Vec<Json> = match Journey::from_yaml(&case.journey) {
            Ok(journey) => journey.warnings().iter().map(|one| serde_json::to_value(one).unwrap()).collect(),
            Err(error) => error.diagnostics().iter().map(|one| serde_json::to_value(one).unwrap()).collect(),
        };
        return diagnostic_differences(expected, &found);
    }
    let journey = match Journey::from_yaml(&case.journey) {
        Ok(journey) => journey,
        Err(error) => return vec![format!("{error}")],
    };
    let mut different = Vec::new();
    let mut profile = journey.profile(&case.customer);
    for record in &case.records {
        if let Err(error) = online::fold(&mut profile, record) {
            different.push(format!("{error}: {record}"));
        }
    }
    different.extend(decisions(case, &profile));
    let mut last = None;
    for expected in &case.views {
        let at: Instant = expected.at.parse().unwrap();
        last = last.max(Some(at));
        match view(&journey, case, &profile, at) {
            Ok(found) => different.extend(differences(&expected.expect, &found).into_iter().map(|rest| format!("at {at}: {rest}"))),
            Err(error) => different.push(format!("at {at}: {error}")),
        }
    }
    if let (Some(expected), Some(last)) = (&case.transitions, last) {
        match online::transitions(&profile, last) {
            Ok(found) => {
                if let Some(place) = difference(expected, &found) {
                    different.push(format!("transitions{place}\n    expected {expected}\n    found    {found}"));
                }
            }
            Err(error) => different.push(format!("{error}")),
        }
    }
    different
}

fn decisions(case: &Case, profile: &Profile) -> Vec<String> {
    let mut different = Vec::new();
    for asked in &case.decisions {
        let found =
            online::decide(profile, asked.at.parse().unwrap(), &online::inputs(&asked.inputs, &asked.context), asked.top.unwrap_or(1));
        let rest = match (found, &asked.error) {
            (Ok(found), None) => decision_differences(&asked.expect, &found),
            (Ok(found), Some(kind)) => vec![format!("expected the error {kind}, found {}", found[0])],
            (Err(error), Some(kind)) if format!("{:?}", error.kind()).to_lowercase() == kind.replace('_', "") => Vec::new(),
            (Err(error), _) => vec![format!("{error}")],
        };
        different.extend(rest.into_iter().map(|rest| format!("decision at {}: {rest}", asked.at)));
    }
    for allowed in &case.consents {
        let found = online::consents(profile, allowed.at.parse().unwrap());
        different.extend(consent_differences(allowed, &found).into_iter().map(|rest| format!("consents at {}: {rest}", allowed.at)));
    }
    different
}

/// A profile looks back as far as `allowed_lateness`; what was true before then is asked of one that has not seen more.
fn view(journey: &Journey, case: &Case, profile: &Profile, at: Instant) -> wayfare::Result<Json> {
    match online::view(profile, at) {
        Err(error) if error.kind() == ErrorKind::InvalidArgument => {
            let mut past = journey.profile(profile.customer());
            online::fold_all(&mut past, case.records.iter().filter(|record| random::at(record).is_none_or(|then| then <= at.as_micros())));
            online::view(&past, at)
        }
        seen => seen,
    }
}

#[test]
fn every_vector_holds() {
    let cases = cases();
    let mut report = String::new();
    let mut failed = 0;
    for (name, case) in &cases {
        let different = run(case);
        if !different.is_empty() {
            failed += 1;
            report.push_str(&format!("\n{name}\n  {}", different.join("\n  ")));
        }
    }
    assert!(failed == 0, "{failed} of {} cases fail:\n{report}", cases.len());
    assert!(cases.len() > 300, "the vectors were not found");
}
