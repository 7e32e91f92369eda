//! Damaged bytes are refused, even where their checksum is right, and whatever is not refused is a whole identity graph.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wayfare::Instant;
use wayfare::identity::{IdentityGraph, IdentityRecord, IdentityRules};

const RULES: &str = "identifiers: { card: { limit: 1 ever }, email: { normalize: [lowercase], blocked: ['*@test.com'] }, cookie: { limit: 2 weekly } }";

static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut graph = IdentityGraph::new(&IdentityRules::from_yaml(RULES).unwrap());
    for day in 0..20_i64 {
        let at = Instant::from_micros(1_767_225_600_000_000 + day * 86_400_000_000).unwrap();
        let (id, cookie, email) = (format!("r{day}"), format!("c{}", day % 7), format!("e{}@test.com", day % 5));
        let record = IdentityRecord::new(at).id(&id).identifier("cookie", &cookie).identifier("email", &email);
        graph.link(&record.identifier("card", if day % 2 == 0 { "1" } else { "2" })).unwrap();
    }
    graph.to_bytes()
});

#[derive(Arbitrary, Debug)]
enum Bytes {
    Foreign(Vec<u8>),
    Damaged { at: usize, with: Vec<u8>, keep: usize, sums: bool },
}

fuzz_target!(|bytes: Bytes| {
    let bytes = match bytes {
        Bytes::Foreign(bytes) => bytes,
        Bytes::Damaged { at, with, keep, sums } => {
            let mut whole = WHOLE.clone();
            let at = at % whole.len();
            let end = whole.len().min(at + with.len());
            whole[at..end].copy_from_slice(&with[..end - at]);
            whole.truncate(whole.len() - keep % 4);
            if sums {
                let content = whole.len() - 4;
                let checksum = crc32fast::hash(&whole[..content]).to_le_bytes();
                whole[content..].copy_from_slice(&checksum);
            }
            whole
        }
    };
    if let Ok(graph) = IdentityGraph::from_bytes(&bytes) {
        let again = IdentityGraph::from_bytes(&graph.to_bytes()).unwrap();
        assert_eq!(again.to_bytes(), graph.to_bytes());
        assert_eq!(again.persons(), graph.persons());
    }
});
