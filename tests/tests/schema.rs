//! The schema in the docs is the one that the code gives.

use std::path::Path;

#[test]
fn the_schema_in_the_docs_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/reference/journey.schema.json");
    let schema = serde_json::to_string_pretty(&wayfare::journey_schema()).unwrap() + "\n";
    if std::env::var_os("WAYFARE_UPDATE").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == schema,
        "docs/src/reference/journey.schema.json is not current: run `WAYFARE_UPDATE=1 cargo test -p wayfare-tests --test schema`"
    );
}
