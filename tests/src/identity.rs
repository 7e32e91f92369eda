//! What a table of persons says.

use std::collections::{BTreeMap, BTreeSet};

use wayfare::{ResultColumn, ResultTable};

/// Identifiers by person, both as `kind:value`.
pub type Persons = BTreeMap<String, BTreeSet<String>>;

/// Identifiers by person, off a table of persons.
pub fn by_person(table: &ResultTable) -> Persons {
    let (Some(ResultColumn::Text { words, codes }), Some(ResultColumn::Texts(identifiers)), Some(ResultColumn::Texts(persons))) =
        (table.column("kind"), table.column("identifier"), table.column("person"))
    else {
        panic!("{table:?}")
    };
    let mut all = Persons::new();
    for ((kind, identifier), person) in codes.iter().zip(identifiers.iter()).zip(persons.iter()) {
        if let Some(person) = person {
            let kind = &words[kind.unwrap() as usize];
            all.entry(person.to_owned()).or_default().insert(format!("{kind}:{}", identifier.unwrap()));
        }
    }
    all
}
