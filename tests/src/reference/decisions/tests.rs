use super::holdout::bucket;
use crate::reference::Reference;
use crate::reference::records::instant;
use serde_json::{Map, json};

/// Beyond ASCII: salt, id, GrowthBook over UTF-16, Unleash's normalized value, first eight bytes of SHA-256.
const HASHES: [(&str, &str, f64, u32, u64); 8] = [
    ("seed", "abc", 0.8181, 10, 0x29bb_5498_98f0_6368),
    ("seed", "caf\u{e9}", 0.6052, 98, 0x7fbb_041a_edef_1839),
    ("seed", "\u{3a9}mega", 0.8736, 95, 0x6b0d_3b0d_9857_dcab),
    ("seed", "\u{1f600}", 0.4346, 36, 0x7aca_9877_2779_3387),
    ("seed", "", 0.4286, 57, 0x006d_9a33_57c7_08d1),
    ("seed", "a b", 0.1805, 100, 0x5c3f_2324_978e_5f6a),
    ("exp-1", "10000000000000001", 0.6523, 13, 0x2fdb_c1df_1d43_dfdb),
    ("\u{5b9f}\u{9a13}", "\u{30e6}\u{30fc}\u{30b6}\u{30fc}1", 0.0928, 58, 0xf966_69bd_4734_726b),
];

#[test]
fn buckets_are_those_of_their_makers() {
    for (salt, id, growthbook, unleash, sha) in HASHES {
        assert_eq!(bucket("growthbook_v2", salt, id), growthbook, "{salt} {id}");
        assert_eq!(bucket("unleash", salt, id), f64::from(unleash - 1) / 100.0, "{salt} {id}");
        let bucket = bucket("sha256", salt, id);
        assert!(bucket * 2f64.powi(64) <= sha as f64 && (sha as f64 - bucket * 2f64.powi(64)) <= 2048.0, "{salt} {id}");
    }
}

#[test]
fn a_cap_opens_when_its_oldest_contact_leaves() {
    let reference = Reference::from_yaml(
        "wayfare: 1\nname: T\nchannels: { email: {} }\ntouchpoints: { sent: {} }\npurposes: { news: { default: opted_in } }\n\
         contact_policy: { caps: [ { at_most: 1, per: 7d } ] }\nactions:\n  - { name: hello, purpose: news }\n",
    );
    let records = [json!({"at": "2026-03-01T10:00:00Z", "kind": "sent", "channel": "email", "direction": "outbound"})];
    let (inputs, context) = (Map::new(), Map::new());
    let ask = |now: &str| {
        let question = super::Question { customer: "c-1", records: &records, now: instant(now), inputs: &inputs, context: &context };
        reference.decide(&question, 1).remove(0)
    };
    let early = ask("2026-03-08T09:59:59.999999Z");
    assert_eq!((&early["may_send"], &early["not_before"]), (&json!(false), &json!("2026-03-08T10:00:00Z")));
    assert_eq!(ask("2026-03-08T10:00:00Z")["may_send"], true);
}
