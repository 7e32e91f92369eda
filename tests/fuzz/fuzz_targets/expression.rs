//! Any text as a condition, an expression and a `where` is compiled or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use wayfare::Journey;

fuzz_target!(|text: &str| {
    let document = json!({
        "wayfare": 1,
        "name": "Expressions",
        "channels": { "web": {}, "store": {} },
        "touchpoints": { "page_viewed": {}, "purchased": { "properties": { "items": "number", "gift": "boolean" } } },
        "attributes": { "plan": "text", "age": "number" },
        "traits": {
            "orders": { "count": "purchased" },
            "large_orders": { "count": "purchased", "where": text },
            "days_since_order": { "days_since": "purchased" },
            "last_channel": { "last": "channel" },
            "plan_now": { "attribute": "plan" },
        },
        "scores": { "worth": { "weighted": [{ "value": text, "weight": 2 }] } },
        "segments": { "chosen": text },
        "tracks": { "track": [{ "name": "start" }, { "name": "end", "when": text }] },
    });
    let _ = Journey::from_json(&document.to_string());
});
