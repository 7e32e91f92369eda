//! Who is left alone, to measure against: published, versioned hashes of customer ids.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::diagnostic::suggest;
use crate::error::{Error, ErrorKind, Result};
use crate::record::shown;

/// How a customer's id becomes a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldoutAlgorithm {
    /// The first eight bytes of SHA-256(salt, 0x00, id).
    #[default]
    Sha256,
    /// GrowthBook's hash, version 2, over UTF-16 as its JavaScript SDK has it.
    GrowthbookV2,
    /// Unleash's normalized value.
    Unleash,
}

impl std::str::FromStr for HoldoutAlgorithm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        const NAMES: [(&str, HoldoutAlgorithm); 3] = [
            ("sha256", HoldoutAlgorithm::Sha256),
            ("growthbook_v2", HoldoutAlgorithm::GrowthbookV2),
            ("unleash", HoldoutAlgorithm::Unleash),
        ];
        NAMES.into_iter().find(|(name, _)| *name == text).map(|(_, algorithm)| algorithm).ok_or_else(|| {
            let help = suggest(text, NAMES.map(|(name, _)| name), "there are");
            Error::new(ErrorKind::InvalidArgument, format!("algorithm `{}` is not known", shown(text))).with_help_if(help)
        })
    }
}

impl HoldoutAlgorithm {
    /// The customer's bucket in [0, 1).
    pub(crate) fn bucket(self, customer: &str, salt: &str) -> f64 {
        match self {
            Self::Sha256 => sha256(customer, salt),
            Self::GrowthbookV2 => growthbook_v2(customer, salt),
            Self::Unleash => unleash(customer, salt),
        }
    }
}

/// Whether a customer is held out: whether their bucket is less than `share`.
///
/// ```
/// use wayfare::{HoldoutAlgorithm, holdout};
///
/// let held_out = (0..1_000).filter(|n| holdout(&format!("c-{n}"), "2026-q4", 0.1, HoldoutAlgorithm::Sha256).unwrap()).count();
/// assert!((80..120).contains(&held_out));
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] unless `share` is from 0 to 1.
pub fn holdout(customer: &str, salt: &str, share: f64, algorithm: HoldoutAlgorithm) -> Result<bool> {
    match (0.0..=1.0).contains(&share) {
        true => Ok(algorithm.bucket(customer, salt) < share),
        false => Err(Error::new(ErrorKind::InvalidArgument, "the share is not from 0 to 1")),
    }
}

fn sha256(customer: &str, salt: &str) -> f64 {
    let digest = Sha256::new().chain_update(salt).chain_update([0]).chain_update(customer).finalize();
    let first = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    // The 53 bits that a double keeps: rounding up could give 1.
    (first >> 11) as f64 / (1_u64 << 53) as f64
}

/// FNV-1a of 32 bits over UTF-16 code units.
fn fnv1a(units: impl Iterator<Item = u16>) -> u32 {
    units.fold(0x811c_9dc5, |hash: u32, unit| (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193))
}

fn growthbook_v2(customer: &str, seed: &str) -> f64 {
    let first = fnv1a(seed.encode_utf16().chain(customer.encode_utf16()));
    f64::from(fnv1a(first.to_string().encode_utf16()) % 10_000) / 10_000.0
}

fn unleash(customer: &str, salt: &str) -> f64 {
    f64::from(murmur3(format!("{salt}:{customer}").as_bytes()) % 100) / 100.0
}

/// MurmurHash3 x86 32 with seed 0 (Austin Appleby, public domain).
fn murmur3(bytes: &[u8]) -> u32 {
    let scramble = |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let word = |block: &[u8]| block.iter().rev().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    let blocks = bytes.chunks_exact(4);
    let rest = blocks.remainder();
    let mut hash =
        blocks.fold(0_u32, |hash, block| (hash ^ scramble(word(block))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64));
    hash ^= scramble(word(rest));
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}
