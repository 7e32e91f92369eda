//! The demo's customer in Rust: folds the records of the question and prints the stages, the profile and the decision.

use serde_json::{Value as Json, json};
use wayfare::{Inputs, Instant, Journey, Touchpoint, Value};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("give the file with the question")?;
    let question: Json = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let text = |key: &str| question[key].as_str().ok_or(format!("`{key}` is missing"));
    let journey = Journey::from_yaml(text("journey")?)?;
    let mut profile = journey.profile(text("customer")?);
    for record in question["records"].as_array().ok_or("`records` is missing")? {
        let at: Instant = record["at"].as_str().ok_or("a record has no `at`")?.parse()?;
        let fields = record.as_object().into_iter().flatten().filter(|(name, _)| *name != "at");
        let fields = fields.filter_map(|(name, value)| match value {
            Json::String(text) => Some((name.as_str(), Value::Text(text))),
            Json::Number(number) => Some((name.as_str(), Value::Number(number.as_f64()?))),
            _ => None,
        });
        profile.observe(&Touchpoint::from_fields(at, fields)?)?;
    }
    let view = profile.view(text("now")?.parse()?)?;
    let stages: Vec<String> = view.stages().map(|stage| format!("{} {}", stage.track, stage.stage)).collect();
    let bytes: String = profile.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let decision = profile.decide(text("now")?.parse()?, &Inputs::new())?;
    println!("{}", json!({ "stages": stages.join(", "), "profile": bytes, "decision": decision }));
    Ok(())
}
