use super::*;
use crate::Instant;

type Row = (i64, Option<String>, Vec<(&'static str, String)>);

fn rules(text: &str) -> IdentityRules {
    IdentityRules::from_yaml(text).unwrap()
}

fn record(row: &Row) -> IdentityRecord<'_> {
    let (at, id, identifiers) = row;
    let mut record = IdentityRecord::new(Instant::from_micros(*at).unwrap());
    record.id = id.as_deref();
    identifiers.iter().fold(record, |record, (kind, value)| record.identifier(kind, value))
}

fn linked(rules: &IdentityRules, rows: &[Row]) -> IdentityGraph {
    let mut graph = IdentityGraph::new(rules);
    rows.iter().for_each(|row| _ = graph.link(&record(row)).unwrap());
    graph
}

const RULES: &str = "identifiers: { card: { limit: 1 ever }, email: { limit: 2 ever }, cookie: { limit: 2 weekly, blocked: [v1] } }";

#[test]
fn a_limit_drops_the_lowest_priority_and_says_so() {
    let rules = rules("identifiers: { user: { limit: 1 ever }, email: { limit: 5 ever }, cookie: { limit: 5 ever } }");
    let row = |at, identifiers: &[(&'static str, &str)]| {
        (at, None, identifiers.iter().map(|(kind, value)| (*kind, (*value).to_owned())).collect())
    };
    let mut graph = linked(&rules, &[row(0, &[("user", "abc123"), ("email", "jane@example1.com")])]);
    // The example of Segment's page on identity resolution: the e-mail is demoted, and a second person comes of it.
    let second = row(1, &[("user", "abc456"), ("email", "jane@example1.com")]);
    let told = graph.link(&record(&second)).unwrap();
    assert_eq!((told.outcome, told.person.as_deref()), (Outcome::New, Some("user:abc456")));
    assert_eq!(
        serde_json::to_value(&told.dropped).unwrap(),
        serde_json::json!([{ "kind": "email", "value": "jane@example1.com", "reason": "limit", "of": "user", "limit": "1 ever" }])
    );
    assert_eq!(graph.person("email", "jane@example1.com").unwrap().as_deref(), Some("user:abc123"));
}

#[test]
fn bad_records_are_refused_and_change_nothing() {
    let rules = rules("identifiers: { email: { normalize: [trim] }, cookie: {} }");
    let mut graph = IdentityGraph::new(&rules);
    let at = Instant::from_micros(0).unwrap();
    let long = "x".repeat(70_000);
    let mut many = IdentityRecord::new(at);
    many.identifiers = vec![("email", "x"); 1_001];
    for (record, says) in [
        (IdentityRecord::new(at), "the record has no identifiers; give one at least, of a kind that the rules have"),
        (IdentityRecord::new(at).identifier("emial", "x"), "the rules have no kind of identifier `emial`; did you mean `email`?"),
        (IdentityRecord::new(at).identifier("email", "  "), "`email` is empty text; leave the identifier out if there is none"),
        (IdentityRecord::new(at).id("").identifier("email", "x"), "`id` is empty text; leave the field out if there is none"),
        (IdentityRecord::new(at).identifier("email", &long), "the record has more than 65536 bytes of text"),
        (many, "the record has more than 1000 identifiers"),
    ] {
        assert_eq!(graph.link(&record).unwrap_err().to_string(), says);
    }
    assert_eq!(graph.unlink("nobody").unwrap_err().message(), "no record of the graph has that id");
    assert!(graph.is_empty() && graph == IdentityGraph::new(&rules));
}

#[test]
fn damaged_bytes_are_refused() {
    let rules = rules(RULES);
    let rows: Vec<Row> =
        (0..6).map(|at| (at, Some(format!("r{at}")), vec![("card", format!("v{at}")), ("cookie", "w".to_owned())])).collect();
    let bytes = linked(&rules, &rows).to_bytes();
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(IdentityGraph::from_bytes(&other).is_err(), "byte {at}");
        assert!(IdentityGraph::from_bytes(&bytes[..at]).is_err());
    }
    assert_eq!(IdentityGraph::from_bytes(b"WFRP").unwrap_err().kind(), crate::ErrorKind::InvalidIdentity);
}
