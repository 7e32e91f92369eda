//! Identity against its definition: any order, undo, reports, bytes, evidence, limits, and tables against graphs.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use wayfare::identity::{IdentityGraph, IdentityRecord, IdentityRules};
use wayfare::{Column, Instant, ResolveRequest, ResultColumn, Table};
use wayfare_tests::identity::{Persons, by_person};

const DAY: i64 = 86_400_000_000;

type Row = (i64, Option<String>, Vec<(&'static str, String)>);

const RULES: [&str; 3] = [
    "identifiers: { card: {}, email: { blocked: [v0] }, cookie: {} }",
    "identifiers: { card: { limit: 1 ever }, email: { limit: 2 ever }, cookie: { limit: 2 weekly, blocked: [v1] } }",
    "identifiers: { card: { limit: 1 ever }, email: {}, cookie: { limit: 1 daily } }",
];

fn rules(text: &str) -> IdentityRules {
    IdentityRules::from_yaml(text).unwrap()
}

fn record(row: &Row) -> IdentityRecord<'_> {
    let (at, id, identifiers) = row;
    let record = IdentityRecord::new(Instant::from_micros(*at).unwrap());
    let record = match id {
        Some(id) => record.id(id),
        None => record,
    };
    identifiers.iter().fold(record, |record, (kind, value)| record.identifier(kind, value))
}

fn linked(rules: &IdentityRules, rows: &[Row]) -> IdentityGraph {
    let mut graph = IdentityGraph::new(rules);
    rows.iter().for_each(|row| _ = graph.link(&record(row)).unwrap());
    graph
}

fn persons(graph: &IdentityGraph) -> Persons {
    by_person(&graph.persons())
}

/// A record with the numbers of its kinds: instant, id, identifiers.
type Known = (i64, Option<String>, Vec<(usize, String)>);

/// Persons worked out from the definition: records in order, a person a set.
fn slowly(rules: &IdentityRules, rows: &[Row]) -> Persons {
    let kinds: Vec<&str> = rules.kinds().collect();
    let number = |kind: &str| kinds.iter().position(|known| *known == kind).unwrap();
    let mut sorted: Vec<Known> = Vec::new();
    for (at, id, identifiers) in rows {
        let mut identifiers: Vec<(usize, String)> = identifiers.iter().map(|(kind, value)| (number(kind), value.clone())).collect();
        identifiers.sort();
        identifiers.dedup();
        sorted.push((*at, id.clone(), identifiers));
    }
    let counts = |(kind, value): &(usize, String)| !rules.spec().identifiers[*kind].blocked.contains(value);
    let active = |all: &[(usize, String)]| all.iter().filter(|one| counts(one)).cloned().collect::<Vec<_>>();
    sorted.sort_by_key(|(at, id, identifiers)| (*at, id.clone(), active(identifiers), identifiers.clone()));
    let mut seen = BTreeSet::new();
    sorted.retain(|(_, id, _)| id.as_ref().is_none_or(|id| seen.insert(id.clone())));
    let mut persons: Vec<BTreeMap<(usize, String), i64>> = Vec::new();
    for (at, _, mut identifiers) in sorted {
        identifiers.retain(counts);
        while !identifiers.is_empty() {
            let (touched, others): (Vec<_>, Vec<_>) =
                persons.iter().cloned().partition(|person| identifiers.iter().any(|identifier| person.contains_key(identifier)));
            let mut person: BTreeMap<(usize, String), i64> = touched.into_iter().flatten().collect();
            for identifier in &identifiers {
                person.entry(identifier.clone()).or_insert(at);
            }
            let holds = kinds.iter().map(|kind| rules.limit(kind)).enumerate().all(|(kind, limit)| {
                let firsts: Vec<i64> = person.iter().filter(|((of, _), _)| *of == kind).map(|(_, at)| *at).collect();
                limit.is_none_or(|limit| {
                    let within = |end: &i64| match limit.within() {
                        None => firsts.len(),
                        Some(within) => firsts.iter().filter(|at| **at <= *end && **at > end - within.as_micros()).count(),
                    };
                    firsts.iter().all(|end| within(end) <= limit.count() as usize)
                })
            });
            if holds {
                persons = others;
                persons.push(person);
                break;
            }
            identifiers.pop();
        }
    }
    let text = |(kind, value): &(usize, String)| format!("{}:{value}", kinds[*kind]);
    let named = persons.iter().map(|person| {
        let root = person.iter().min_by_key(|(identifier, at)| (**at, (*identifier).clone())).unwrap().0;
        (text(root), person.keys().map(text).collect())
    });
    named.collect()
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let identifier = (select(&["card", "email", "cookie"][..]), 0..8_u8).prop_map(|(kind, value)| (kind, format!("v{value}")));
    let id = prop_oneof![2 => Just(None), 3 => (0..12_u8).prop_map(|id| Some(format!("r{id}")))];
    prop::collection::vec((0..20_i64, id, prop::collection::vec(identifier, 1..4)), 0..24)
        .prop_map(|rows| rows.into_iter().map(|(at, id, identifiers)| (at * DAY / 2, id, identifiers)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Whoever reads the records in another order sees the same persons, and they are those of the definition.
    #[test]
    fn any_order_gives_the_same_persons(rows in rows(), order in any::<Vec<Index>>(), text in select(&RULES[..])) {
        let rules = rules(text);
        let mut shuffled = rows.clone();
        for (at, index) in order.iter().enumerate().take(rows.len()) {
            shuffled.swap(at, index.index(rows.len()));
        }
        let (graph, other) = (linked(&rules, &rows), linked(&rules, &shuffled));
        prop_assert_eq!(persons(&graph), slowly(&rules, &rows));
        prop_assert_eq!(persons(&graph), persons(&other));
        prop_assert_eq!(graph.to_bytes(), other.to_bytes());
    }

    /// A record that was taken out leaves no trace.
    #[test]
    fn unlinking_undoes_linking(rows in rows(), extra in rows(), text in select(&RULES[..])) {
        let rules = rules(text);
        let (before, mut graph) = (linked(&rules, &rows), linked(&rules, &rows));
        let extra: Vec<Row> = extra.into_iter().enumerate().map(|(at, row)| (row.0, Some(format!("extra {at}")), row.2)).collect();
        extra.iter().for_each(|row| _ = graph.link(&record(row)).unwrap());
        for (_, id, _) in &extra {
            let (was, unlinked) = (persons(&graph), graph.unlink(id.as_deref().unwrap()).unwrap());
            let now = persons(&graph);
            for split in &unlinked.changes.split {
                prop_assert!(was.contains_key(&split.from) && split.into.iter().all(|id| now.contains_key(id)));
            }
        }
        prop_assert_eq!(persons(&graph), persons(&before));
        prop_assert_eq!(graph.to_bytes(), before.to_bytes());
    }

    /// What a link reports is what happened to the persons that were there.
    #[test]
    fn reports_tell_what_changed(rows in rows(), text in select(&RULES[..])) {
        let rules = rules(text);
        let mut graph = IdentityGraph::new(&rules);
        for row in &rows {
            let was = persons(&graph);
            let told = graph.link(&record(row)).unwrap();
            let now = persons(&graph);
            let changed: BTreeSet<&String> = told.changes.merged.iter().chain(&told.changes.renamed).map(|moved| &moved.from).collect();
            for id in was.keys().filter(|id| !now.contains_key(*id)) {
                let left = told.changes.gone.contains(id) || told.changes.split.iter().any(|split| split.from == *id);
                prop_assert!(left || changed.contains(id), "{} went untold: {:?}", id, told);
            }
            prop_assert!(told.person.is_none_or(|id| now.contains_key(&id)));
        }
    }

    /// Bytes give the graph back, and what connects two identifiers is records that hold both.
    #[test]
    fn bytes_and_evidence_hold(rows in rows(), text in select(&RULES[..])) {
        let rules = rules(text);
        let graph = linked(&rules, &rows);
        let again = IdentityGraph::from_bytes(&graph.to_bytes()).unwrap();
        prop_assert_eq!(persons(&again), persons(&graph));
        prop_assert_eq!(again.to_bytes(), graph.to_bytes());
        for (person, identifier) in persons(&graph).iter().flat_map(|(person, all)| all.iter().map(move |one| (person, one))) {
            let (of, named) = (identifier.split_once(':').unwrap(), person.split_once(':').unwrap());
            let chain = graph.evidence(of, named).unwrap().unwrap();
            prop_assert_eq!(chain.is_empty(), identifier == person);
            prop_assert!(graph.members(person).iter().any(|member| (member.kind.as_str(), member.value.as_str()) == of));
            prop_assert!(chain.windows(2).all(|steps| steps[0].to == steps[1].from));
            for step in &chain {
                let holds = |row: &Row| row.0 == step.at.as_micros() && row.1 == step.id
                    && [&step.from, &step.to].into_iter().all(|(kind, value)| row.2.iter().any(|(k, v)| k == kind && v == value));
                prop_assert!(rows.iter().any(holds));
            }
        }
    }

    /// A table gives the persons that a graph gives which its rows are linked into, whatever the order of the rows.
    #[test]
    fn tables_are_graphs(rows in rows(), text in select(&RULES[..]), known in 0..6_usize) {
        let rules = rules(text);
        let graph = linked(&rules, &rows);
        prop_assert_eq!(persons(&graph), of_table(&IdentityGraph::new(&rules), &rows));
        // Some in the graph already, the rest in the table.
        let (some, rest) = rows.split_at(known.min(rows.len()));
        let begun = linked(&rules, some);
        prop_assert_eq!(persons(&graph), of_table(&begun, rest));
        prop_assert_eq!(begun, linked(&rules, some));
    }
}

/// The persons of a graph and of rows as a table, with two columns of each kind.
fn of_table(graph: &IdentityGraph, rows: &[Row]) -> Persons {
    let at: Vec<Instant> = rows.iter().map(|row| Instant::from_micros(row.0).unwrap()).collect();
    let mut request = ResolveRequest::default();
    let mut texts: Vec<Vec<Option<&str>>> = Vec::new();
    for (kind, nth) in ["card", "email", "cookie"].into_iter().flat_map(|kind| (0..3).map(move |nth| (kind, nth))) {
        texts.push(rows.iter().map(|row| Some(row.2.iter().filter(|(of, _)| *of == kind).nth(nth)?.1.as_str())).collect());
        request.columns.get_or_insert_default().insert(format!("{kind}_{nth}"), kind.to_owned());
    }
    let ids: Vec<Option<&str>> = rows.iter().map(|row| row.1.as_deref()).collect();
    let mut table = Table::new().column("at", Column::instants(&at)).column("id", Column::optional_texts(&ids));
    for (name, values) in request.columns.iter().flat_map(|columns| columns.keys()).zip(&texts) {
        table = table.column(name, Column::optional_texts(values));
    }
    by_person(&graph.resolve(&table, &request).unwrap().table)
}

/// A million random edges (`WAYFARE_EDGES` for others): a table, a graph that they are linked into one by one, and a search from neighbour to neighbour find the same persons.
#[test]
fn a_million_edges_give_the_same_components() {
    let edges = std::env::var("WAYFARE_EDGES").map_or(1_000_000, |text| text.parse().unwrap());
    let nodes = 3 * edges / 2;
    let mut seed = wayfare_tests::random::Seed::new(1);
    let ends: Vec<[usize; 2]> = (0..edges).map(|_| [seed.below(nodes), seed.below(nodes)]).collect();
    let names: Vec<String> = (0..nodes).map(|node| format!("{node:07}")).collect();
    let side = |side: usize| ends.iter().map(|end| names[end[side]].as_str()).collect::<Vec<&str>>();
    let (one, other) = (side(0), side(1));

    let mut graph = IdentityGraph::new(&rules("identifiers: { cookie: {} }"));
    let columns = [("one", "cookie"), ("other", "cookie")].map(|(column, kind)| (column.to_owned(), kind.to_owned()));
    let request = ResolveRequest { columns: Some(columns.into()), ..ResolveRequest::default() };
    let table = Table::new().column("one", Column::texts(&one)).column("other", Column::texts(&other));
    let resolution = graph.resolve(&table, &request).unwrap();
    for (one, other) in one.iter().zip(&other) {
        let at = Instant::from_micros(0).unwrap();
        graph.link(&IdentityRecord::new(at).identifier("cookie", one).identifier("cookie", other)).unwrap();
    }
    assert!(graph.persons() == resolution.table);

    let mut neighbours = vec![Vec::new(); names.len()];
    for [one, other] in &ends {
        neighbours[*one].push(*other);
        neighbours[*other].push(*one);
    }
    let mut least: Vec<Option<usize>> = vec![None; names.len()];
    let mut components = 0;
    for node in 0..names.len() {
        if neighbours[node].is_empty() || least[node].is_some() {
            continue;
        }
        components += 1;
        let mut open = vec![node];
        while let Some(next) = open.pop() {
            if least[next].is_none() {
                least[next] = Some(node);
                open.extend(&neighbours[next]);
            }
        }
    }
    assert_eq!(resolution.report.persons, components);
    let (Some(ResultColumn::Texts(identifiers)), Some(ResultColumn::Texts(persons))) =
        (resolution.table.column("identifier"), resolution.table.column("person"))
    else {
        panic!("{:?}", resolution.table)
    };
    for (identifier, person) in identifiers.iter().zip(persons.iter()) {
        let node: usize = identifier.unwrap().parse().unwrap();
        assert_eq!(person, Some(format!("cookie:{}", names[least[node].unwrap()]).as_str()));
    }
}
