//! Who is held out: the three published hashes, after the page on decisions and the pages of those who made them.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// Whether a holdout of the file holds a customer out.
pub fn is_held_out(holdout: &Json, customer: &str) -> bool {
    let salt = holdout["salt"].as_str().expect("a salt");
    bucket(holdout["algorithm"].as_str().unwrap_or("sha256"), salt, customer) < holdout["share"].as_f64().expect("a share")
}

/// The customer's bucket.
pub fn bucket(algorithm: &str, salt: &str, customer: &str) -> f64 {
    match algorithm {
        "sha256" => {
            let message = [salt.as_bytes(), &[0], customer.as_bytes()].concat();
            let digest: [u8; 8] = Sha256::digest(message)[..8].try_into().expect("eight bytes");
            not_above(u64::from_be_bytes(digest)) / 18_446_744_073_709_551_616.0
        }
        "growthbook_v2" => {
            let once = fnv1a(&format!("{salt}{customer}"));
            f64::from(fnv1a(&once.to_string()) % 10_000) / 10_000.0
        }
        "unleash" => f64::from(murmur3(format!("{salt}:{customer}").as_bytes()) % 100) / 100.0,
        other => panic!("no such algorithm: {other}"),
    }
}

/// The nearest double that is not above.
fn not_above(number: u64) -> f64 {
    let near = number as f64;
    if near as u128 > u128::from(number) { near.next_down() } else { near }
}

fn fnv1a(text: &str) -> u32 {
    let mut hash: u32 = 2_166_136_261;
    for unit in text.encode_utf16() {
        hash ^= u32::from(unit);
        hash = hash.wrapping_mul(16_777_619);
    }
    hash
}

fn murmur3(bytes: &[u8]) -> u32 {
    let mix = |mut k: u32| {
        k = k.wrapping_mul(0xcc9e_2d51);
        k = k.rotate_left(15);
        k.wrapping_mul(0x1b87_3593)
    };
    let mut hash: u32 = 0;
    let whole = bytes.len() / 4 * 4;
    for place in (0..whole).step_by(4) {
        hash ^= mix(u32::from_le_bytes([bytes[place], bytes[place + 1], bytes[place + 2], bytes[place + 3]]));
        hash = hash.rotate_left(13);
        hash = hash.wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let mut tail: u32 = 0;
    for (number, byte) in bytes[whole..].iter().enumerate() {
        tail |= u32::from(*byte) << (8 * number);
    }
    if whole < bytes.len() {
        hash ^= mix(tail);
    }
    hash ^= bytes.len() as u32;
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}
