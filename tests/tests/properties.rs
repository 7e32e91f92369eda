//! What holds of every profile, whatever the journey and the records are.

use proptest::prelude::*;
use serde_json::Value as Json;
use wayfare::{ErrorKind, Instant, Journey, Observed, Profile};
use wayfare_tests::random::{Seed, arrival, at, instants};
use wayfare_tests::{online, reference::random};

/// A random journey with a customer's records, in an order of arrival that keeps to its lateness.
struct Customer {
    seed: Seed,
    yaml: String,
    journey: Journey,
    records: Vec<Json>,
    lateness: i64,
}

impl Customer {
    fn new(seed: u64) -> Self {
        let mut seed = Seed::new(seed);
        let yaml = random::journey_yaml(&mut seed.bits());
        let records = random::records(&mut seed.bits(), &yaml);
        let (records, lateness) = arrival(&yaml, &records, &mut seed);
        let journey = Journey::from_yaml(&yaml).expect("a good journey");
        Self { seed, yaml, journey, records, lateness }
    }

    fn profile(&self, records: &[Json]) -> Profile {
        let mut profile = self.journey.profile("c-1");
        for record in records {
            online::fold(&mut profile, record).unwrap_or_else(|error| panic!("{error}: {record}"));
        }
        profile
    }

    fn newest(&self) -> i64 {
        instants(&self.records).last().copied().unwrap_or(0)
    }

    /// Some instants that a profile of all records can be asked about.
    fn askable(&mut self, many: usize) -> Vec<Instant> {
        let (newest, lateness) = (self.newest(), self.lateness);
        let back = |seed: &mut Seed| newest - seed.below(lateness as usize + 1) as i64;
        let mut found = vec![newest, newest + 1];
        found.extend((0..many).map(|_| back(&mut self.seed)));
        found.extend(instants(&self.records).into_iter().filter(|at| *at >= newest - lateness).take(many));
        found.into_iter().map(|at| Instant::from_micros(at).unwrap()).collect()
    }
}

fn all(profile: &Profile, now: Instant) -> (Json, Json) {
    (online::view(profile, now).unwrap(), online::transitions(profile, now).unwrap())
}

/// `PROPTEST_CASES`, or as many as take some seconds.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").map_or(64, |text| text.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    /// Without it a profile would depend on which queue was faster.
    #[test]
    fn the_order_of_arrival_changes_nothing(seed: u64) {
        let mut customer = Customer::new(seed);
        let (other, _) = arrival(&customer.yaml, &customer.records, &mut customer.seed);
        prop_assert!(customer.profile(&customer.records).to_bytes() == customer.profile(&other).to_bytes());
    }

    /// Without it two profiles of one person could not be brought together, or only nearly.
    #[test]
    fn merged_profiles_are_that_of_all_records(seed: u64) {
        let mut customer = Customer::new(seed);
        // Late or early, the second profile has the end of the records, and some of the others; now and then both have the same one.
        let from = customer.seed.below(customer.records.len() + 1);
        let most = customer.seed.below(4);
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (number, record) in customer.records.iter().enumerate() {
            let to_right = number >= from && customer.seed.below(4) >= most;
            if !to_right || (record.get("id").is_some() && customer.seed.below(3) == 0) {
                left.push(record.clone());
            }
            if to_right {
                right.push(record.clone());
            }
        }
        let (left, right, both) = (customer.profile(&left), customer.profile(&right), customer.profile(&customer.records));
        for (one, other) in [(&left, &right), (&right, &left)] {
            let mut merged = one.clone();
            match merged.merge(other) {
                Ok(()) => prop_assert!(merged.to_bytes() == both.to_bytes()),
                Err(error) => {
                    prop_assert_eq!(error.kind(), ErrorKind::TooLate);
                    prop_assert!(merged.to_bytes() == one.to_bytes());
                }
            }
        }
    }

    /// Without it a message that was delivered twice would count twice.
    #[test]
    fn a_second_delivery_changes_nothing(seed: u64) {
        let mut customer = Customer::new(seed);
        let once = customer.profile(&customer.records);
        let mut twice = customer.journey.profile("c-1");
        for (number, record) in customer.records.iter().enumerate() {
            online::fold(&mut twice, record).unwrap();
            let again = &customer.records[customer.seed.below(number + 1)];
            if again.get("id").is_none() {
                continue;
            }
            match online::fold(&mut twice, again) {
                Ok(observed) => prop_assert_eq!(observed, Observed::Duplicate),
                Err(error) => prop_assert_eq!(error.kind(), ErrorKind::TooLate),
            }
        }
        prop_assert!(once.to_bytes() == twice.to_bytes());
    }

    /// Without it a dashboard that is opened often would move customers.
    #[test]
    fn asking_changes_nothing(seed: u64) {
        let mut customer = Customer::new(seed);
        let unasked = customer.profile(&customer.records);
        let mut asked = customer.journey.profile("c-1");
        for record in &customer.records {
            online::fold(&mut asked, record).unwrap();
            let newest = asked.newest().map_or(0, Instant::as_micros);
            for _ in 0..3 {
                let now = Instant::from_micros(newest + customer.seed.below(10_000_000_000_000) as i64).unwrap();
                all(&asked, now);
                asked.next_change(now).unwrap();
            }
        }
        prop_assert!(unasked.to_bytes() == asked.to_bytes());
        let now = Instant::from_micros(customer.newest() + 1).unwrap();
        prop_assert_eq!(all(&unasked, now), all(&asked, now));
    }

    /// Without it a customer would change by being stored.
    #[test]
    fn a_profile_survives_its_bytes(seed: u64) {
        let mut customer = Customer::new(seed);
        let half = customer.seed.below(customer.records.len() + 1);
        let mut kept = customer.profile(&customer.records[..half]);
        let bytes = kept.to_bytes();
        let mut restored = Profile::from_bytes(&customer.journey, &bytes).unwrap();
        prop_assert!(restored.to_bytes() == bytes);
        for record in &customer.records[half..] {
            prop_assert_eq!(online::fold(&mut kept, record).unwrap(), online::fold(&mut restored, record).unwrap());
        }
        prop_assert!(kept.to_bytes() == restored.to_bytes());
        for now in customer.askable(3) {
            prop_assert_eq!(all(&kept, now), all(&restored, now));
        }
    }

    /// Without it a model would be trained on what came later.
    #[test]
    fn the_past_does_not_know_the_future(seed: u64) {
        let mut customer = Customer::new(seed);
        let profile = customer.profile(&customer.records);
        for now in customer.askable(5) {
            let past: Vec<Json> = customer.records.iter().filter(|record| at(record).is_none_or(|at| at <= now.as_micros())).cloned().collect();
            prop_assert_eq!(all(&profile, now), all(&customer.profile(&past), now));
        }
    }

    /// Without it a scheduler that wakes at `next_change` would come too early or too late.
    #[test]
    fn the_next_change_is_exact(seed: u64) {
        let customer = Customer::new(seed);
        let profile = customer.profile(&customer.records);
        let mut now = Instant::from_micros(customer.newest()).unwrap();
        for _ in 0..3 {
            let Some(next) = profile.next_change(now).unwrap() else { break };
            let view = profile.view(now).unwrap();
            prop_assert_eq!(view.next_change(), Some(next));
            let before = Instant::from_micros(next.at.as_micros() - 1).unwrap();
            let moves = |at: Instant| online::transitions(&profile, at).unwrap().as_array().unwrap().clone();
            prop_assert_eq!(moves(before), moves(now));
            prop_assert_eq!(profile.next_change(before).unwrap(), Some(next));
            let after = moves(next.at);
            let first = &after[moves(now).len()];
            prop_assert_eq!((first["track"].as_str(), first["to"].as_str()), (Some(next.track), Some(next.to)));
            let last = after.iter().rfind(|row| row["track"] == next.track).unwrap();
            let then = profile.view(next.at).unwrap();
            let stage = then.stage(next.track).unwrap();
            prop_assert_eq!((Some(stage.stage), stage.since), (last["to"].as_str(), Some(next.at)));
            now = next.at;
        }
    }

    /// Without it a broken disk would make up customers.
    #[test]
    fn damaged_bytes_are_refused(seed: u64) {
        let mut customer = Customer::new(seed);
        let bytes = customer.profile(&customer.records).to_bytes();
        for _ in 0..50 {
            let (place, bit) = (customer.seed.below(bytes.len()), customer.seed.below(8));
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << bit;
            let refused = Profile::from_bytes(&customer.journey, &damaged).unwrap_err();
            prop_assert_eq!(refused.kind(), ErrorKind::InvalidProfile);
            prop_assert!(Profile::from_bytes(&customer.journey, &bytes[..place]).is_err());
        }
    }

    /// Without it whoever can write to the store could stop the program. Here the checksum is mended after the damage.
    #[test]
    fn forged_bytes_never_panic(seed: u64) {
        let mut customer = Customer::new(seed);
        let bytes = customer.profile(&customer.records).to_bytes();
        let content = bytes.len() - 4;
        for _ in 0..200 {
            let mut forged = bytes[..content].to_vec();
            for _ in 0..=customer.seed.below(3) {
                let place = 21 + customer.seed.below(content - 21);
                forged[place] = [0x00, 0x01, 0x7f, 0x80, 0xff, forged[place] ^ 0x10][customer.seed.below(6)];
            }
            forged.extend(crc32(&forged).to_le_bytes());
            let Ok(mut profile) = Profile::from_bytes(&customer.journey, &forged) else { continue };
            let now = Instant::from_micros(customer.newest() + 86_400_000_000).unwrap();
            for now in [now, Instant::MAX, Instant::MIN] {
                let _ = (online::view(&profile, now), online::transitions(&profile, now), profile.next_change(now));
            }
            for record in &customer.records {
                let _ = online::fold(&mut profile, record);
            }
            let _ = profile.to_bytes();
        }
    }
}

/// CRC-32 as in ISO 3309.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())))
}

#[test]
fn a_profile_of_another_journey_is_refused() {
    let text = |kind: &str| {
        format!("wayfare: 1\nname: Shop\ntouchpoints: {{ {kind}: {{}} }}\ntraits: {{ n: {{ count: {kind}, output: true }} }}\n")
    };
    let (one, other) = (Journey::from_yaml(&text("bought")).unwrap(), Journey::from_yaml(&text("sold")).unwrap());
    let error = Profile::from_bytes(&other, &one.profile("c-1").to_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JourneyMismatch);
    let renamed = Journey::from_yaml(&text("bought").replace("Shop", "Store")).unwrap();
    assert!(Profile::from_bytes(&renamed, &one.profile("c-1").to_bytes()).is_ok());
}
