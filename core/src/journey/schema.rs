//! The JSON Schema of the journey file.

use super::spec::JourneySpec;

/// The JSON Schema of the journey file (draft 2020-12), for editors and for `docs/src/reference/journey.schema.json`.
///
/// ```
/// let schema = wayfare::journey_schema();
/// assert!(schema["properties"]["touchpoints"].is_object());
/// ```
#[must_use]
pub fn journey_schema() -> serde_json::Value {
    schemars::schema_for!(JourneySpec).to_value()
}
