//! Damaged bytes are refused, and whatever is not refused is a whole profile.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use wayfare::{Instant, Journey, Profile, Touchpoint};

static JOURNEY: LazyLock<Journey> = LazyLock::new(|| Journey::template("retail").unwrap());
static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut profile = JOURNEY.profile("c-1");
    for day in 0..40 {
        let at = Instant::from_micros(1_767_225_600_000_000 + day * 86_400_000_000).unwrap();
        let touchpoint = Touchpoint::new(if day % 3 == 0 { "purchased" } else { "page_viewed" }, at);
        profile.observe(&touchpoint.channel("web").topic("tents").value(20.0)).unwrap();
    }
    profile.to_bytes()
});

#[derive(Arbitrary, Debug)]
enum Bytes {
    Foreign(Vec<u8>),
    Damaged { at: usize, with: Vec<u8>, keep: usize },
}

fuzz_target!(|bytes: Bytes| {
    let bytes = match bytes {
        Bytes::Foreign(bytes) => bytes,
        Bytes::Damaged { at, with, keep } => {
            let mut whole = WHOLE.clone();
            let at = at % whole.len();
            let end = whole.len().min(at + with.len());
            whole[at..end].copy_from_slice(&with[..end - at]);
            whole.truncate(whole.len() - keep % 4);
            whole
        }
    };
    if let Ok(profile) = Profile::from_bytes(&JOURNEY, &bytes) {
        assert_eq!(profile.to_bytes(), bytes);
        let _ = profile.view(Instant::MAX);
        let _ = profile.next_change(Instant::MIN);
    }
});
