//! Any touchpoint and any table is folded or refused; what was refused has changed nothing.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wayfare::{AttributeChange, Column, Instant, Journey, RunOptions, Table, Touchpoint, Value};

static JOURNEY: LazyLock<Journey> = LazyLock::new(|| Journey::template("retail").unwrap());

const KINDS: [&str; 6] = ["page_viewed", "purchased", "surveyed", "case_opened", "case_closed", "unheard_of"];
const FIELDS: [&str; 12] =
    ["channel", "topic", "value", "direction", "action", "outcome", "items", "score", "reason", "discounted", "at", "unheard_of"];
const ATTRIBUTES: [&str; 4] = ["time_zone", "newsletter", "member_tier", "unheard_of"];
const WORDS: [&str; 6] = ["web", "tents", "inbound", "Europe/London", "gold", ""];

#[derive(Arbitrary, Debug)]
struct Record {
    attribute: bool,
    kind: u8,
    at: At,
    id: Option<u8>,
    fields: Vec<(u8, Content)>,
}

#[derive(Arbitrary, Debug)]
enum At {
    Near(u32),
    Any(i64),
}

#[derive(Arbitrary, Debug)]
enum Content {
    Unknown,
    Word(u8),
    Text(String),
    Number(f64),
    Boolean(bool),
}

fuzz_target!(|records: Vec<Record>| {
    let ids: Vec<String> = (0..=u8::MAX).map(|id| format!("id-{id}")).collect();
    let mut profile = JOURNEY.profile("c-1");
    let mut newest = Instant::MIN;
    for record in &records {
        let Ok(at) = Instant::from_micros(record.at.micros()) else { continue };
        let before = profile.to_bytes();
        let outcome = match record.attribute {
            true => profile.set(&record.change(at)),
            false => profile.observe(&record.touchpoint(at, &ids)),
        };
        match outcome {
            Ok(_) => newest = newest.max(at),
            Err(_) => assert_eq!(profile.to_bytes(), before, "a refused record changed the profile"),
        }
    }
    for now in [newest, Instant::MAX] {
        let _ = profile.view(now).map(|view| view.next_change().is_some());
        let _ = profile.history(now).map(|history| history.transitions().count());
    }
    run(&records);
});

/// The same records as a table, all of it at once.
fn run(records: &[Record]) {
    let instants: Vec<Instant> = records.iter().filter_map(|record| Instant::from_micros(record.at.micros()).ok()).collect();
    if instants.len() != records.len() {
        return;
    }
    let customers: Vec<i64> = records.iter().map(|record| i64::from(record.id.unwrap_or(0) % 3)).collect();
    let kinds: Vec<&str> = records.iter().map(|record| pick(&KINDS, record.kind)).collect();
    let values: Vec<f64> = records
        .iter()
        .map(|record| match record.fields.first() {
            Some((_, Content::Number(number))) => *number,
            _ => 1.0,
        })
        .collect();
    let table = Table::new()
        .column("customer", Column::integers(&customers))
        .column("at", Column::instants(&instants))
        .column("kind", Column::texts(&kinds))
        .column("value", Column::numbers(&values));
    for as_of in [Instant::MAX, instants.first().copied().unwrap_or(Instant::MIN)] {
        let _ = JOURNEY.run(&table, &RunOptions::at(as_of));
        let _ = JOURNEY.transitions(&table, &RunOptions::at(as_of));
    }
}

impl Record {
    fn touchpoint<'a>(&'a self, at: Instant, ids: &'a [String]) -> Touchpoint<'a> {
        let mut touchpoint = Touchpoint::new(pick(&KINDS, self.kind), at);
        if let Some(id) = self.id {
            touchpoint = touchpoint.id(&ids[usize::from(id)]);
        }
        for (name, content) in &self.fields {
            touchpoint = touchpoint.property(pick(&FIELDS, *name), content.value());
        }
        touchpoint
    }

    fn change(&self, at: Instant) -> AttributeChange<'_> {
        let start = if self.kind == 0 { AttributeChange::always() } else { AttributeChange::at(at) };
        self.fields.iter().fold(start, |change, (name, content)| change.set(pick(&ATTRIBUTES, *name), content.value()))
    }
}

impl At {
    fn micros(&self) -> i64 {
        match self {
            Self::Near(seconds) => 1_700_000_000_000_000 + i64::from(*seconds) * 1_000_000,
            Self::Any(micros) => *micros,
        }
    }
}

impl Content {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Unknown => Value::Unknown,
            Self::Word(word) => Value::Text(pick(&WORDS, *word)),
            Self::Text(text) => Value::Text(text),
            Self::Number(number) => Value::Number(*number),
            Self::Boolean(boolean) => Value::Boolean(*boolean),
        }
    }
}

fn pick<'a>(words: &[&'a str], index: u8) -> &'a str {
    words[usize::from(index) % words.len()]
}
