//! What holds of every decision, whatever the journey and the customer are.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use wayfare::{Choice, Instant, Journey, Preference, Profile};
use wayfare_tests::online;
use wayfare_tests::random::{Seed, arrival, instants};
use wayfare_tests::reference::{Reference, random};

/// A random journey that has something to say, a customer, and a moment.
struct Asked {
    seed: Seed,
    yaml: String,
    records: Vec<Json>,
    profile: Profile,
    now: Instant,
    inputs: Map<String, Json>,
    context: Map<String, Json>,
}

impl Asked {
    fn new(seed: u64) -> Self {
        let mut seed = Seed::new(seed);
        let yaml = random::decision_journey_yaml(&mut seed.bits());
        let records = random::decision_records(&mut seed.bits(), &yaml);
        let (records, _) = arrival(&yaml, &records, &mut seed);
        let newest = instants(&records).last().copied().unwrap_or(0);
        let now = Instant::from_micros(newest + seed.below(86_400_000_000) as i64).unwrap();
        let (inputs, context) = random::moment(&mut seed.bits());
        let profile = folded(&Journey::from_yaml(&yaml).unwrap(), &records);
        Self { seed, yaml, records, profile, now, inputs, context }
    }

    fn decide_at(&self, now: Instant) -> Json {
        decide(&self.profile, now, &self.inputs, &self.context)
    }

    fn decide(&self) -> Json {
        self.decide_at(self.now)
    }
}

fn folded(journey: &Journey, records: &[Json]) -> Profile {
    let mut profile = journey.profile("c-1");
    for record in records {
        online::fold(&mut profile, record).unwrap_or_else(|error| panic!("{error}: {record}"));
    }
    profile
}

fn decide(profile: &Profile, now: Instant, inputs: &Map<String, Json>, context: &Map<String, Json>) -> Json {
    online::decide(profile, now, &online::inputs(inputs, context), 1).unwrap().remove(0)
}

fn candidates(decision: &Json) -> &[Json] {
    decision["candidates"].as_array().unwrap()
}

fn passes(candidate: &Json) -> bool {
    candidate["gate"].is_null() || candidate["reason"] == "outranked"
}

/// A negative zero is a zero.
fn rank(candidate: &Json) -> f64 {
    candidate["priority"].as_f64().unwrap_or(f64::NEG_INFINITY) + 0.0
}

fn the_same<'a>(decision: &'a Json, candidate: &Json) -> &'a Json {
    let same = |one: &&Json| one["action"] == candidate["action"] && one["channel"] == candidate["channel"];
    candidates(decision).iter().find(same).unwrap()
}

/// `PROPTEST_CASES`, or as many as take some seconds.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").map_or(32, |text| text.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    /// Without it a scheduler would come too early, or leave a customer waiting.
    #[test]
    fn not_before_is_exact(seed: u64) {
        let asked = Asked::new(seed);
        for candidate in candidates(&asked.decide()) {
            let Some(at) = candidate["not_before"].as_str() else { continue };
            let at: Instant = at.parse().unwrap();
            prop_assert!(at > asked.now);
            let then = asked.decide_at(at);
            prop_assert!(passes(the_same(&then, candidate)), "at {at}: {}\n{}", the_same(&then, candidate), asked.yaml);
            let before = asked.decide_at(Instant::from_micros(at.as_micros() - 1).unwrap());
            prop_assert!(!passes(the_same(&before, candidate)), "just before {at}: {}\n{}", the_same(&before, candidate), asked.yaml);
        }
    }

    /// Without it a decision would say something else than its own reasons.
    #[test]
    fn the_gates_replayed_give_the_decision(seed: u64) {
        let decision = Asked::new(seed).decide();
        let best = |keep: &dyn Fn(&Json) -> bool| {
            let mut found: Vec<&Json> = candidates(&decision).iter().filter(|one| keep(one)).collect();
            found.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
            found.first().map(|one| (one["action"].clone(), one["channel"].clone()))
        };
        let told = (!decision["action"].is_null()).then(|| (decision["action"].clone(), decision["channel"].clone()));
        let may_send = best(&passes);
        let held_out = best(&|one| one["gate"] == "holdout" && !one["priority"].is_null());
        let earliest = candidates(&decision).iter().filter_map(|one| one["not_before"].as_str()?.parse::<Instant>().ok()).min();
        prop_assert_eq!(&decision["may_send"], &json!(may_send.is_some()));
        prop_assert_eq!(&decision["held_out"], &json!(may_send.is_none() && held_out.is_some()));
        if may_send.is_some() || held_out.is_some() {
            prop_assert_eq!(told, may_send.or(held_out));
            prop_assert!(decision["not_before"].is_null());
        } else {
            prop_assert_eq!(decision["not_before"].as_str().map(|at| at.parse::<Instant>().unwrap()), earliest);
            let of = |(action, channel)| the_same(&decision, &json!({"action": action, "channel": channel}))["not_before"].clone();
            let waiting = told.map(of);
            prop_assert_eq!(waiting, earliest.map(|_| decision["not_before"].clone()));
        }
        prop_assert_eq!(candidates(&decision).iter().filter(|one| one["gate"].is_null()).count(), usize::from(decision["may_send"] == true));
    }

    /// Without it the order of a file would decide what numbers should.
    #[test]
    fn permuting_actions_with_distinct_priorities_changes_nothing(seed: u64) {
        let mut asked = Asked::new(seed);
        let decision = asked.decide();
        let mut all: Vec<(f64, &str)> =
            candidates(&decision).iter().filter_map(|one| Some((one["priority"].as_f64()? + 0.0, one["action"].as_str()?))).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
        all.dedup();
        prop_assume!(all.windows(2).all(|two| two[0].0 != two[1].0));
        let mut file = Reference::from_yaml(&asked.yaml).document().clone();
        let actions = file["actions"].as_array_mut().unwrap();
        for place in (1..actions.len()).rev() {
            actions.swap(place, asked.seed.below(place + 1));
        }
        let journey = Journey::from_json(&file.to_string()).unwrap();
        let other = decide(&folded(&journey, &asked.records), asked.now, &asked.inputs, &asked.context);
        for part in ["action", "channel", "topic", "owner", "priority", "not_before", "held_out", "may_send", "runner_up", "margin"] {
            // Two channels of the runner-up are of one priority, and stand as they did.
            prop_assert_eq!(&decision[part], &other[part], "{}\n{}", part, asked.yaml);
        }
        for candidate in candidates(&decision) {
            prop_assert_eq!(candidate, the_same(&other, candidate));
        }
    }

    /// Without it one more message would go out after the no.
    #[test]
    fn a_no_stops_the_very_next_decision(seed: u64) {
        let mut asked = Asked::new(seed);
        let required = Reference::from_yaml(&asked.yaml).document()["purposes"].clone();
        for _ in 0..4 {
            let decision = asked.decide();
            if decision["may_send"] != true || required[decision["purpose"].as_str().unwrap()]["required"] == true {
                break;
            }
            let (channel, purpose) = (decision["channel"].as_str().unwrap().to_owned(), decision["purpose"].as_str().unwrap().to_owned());
            asked.profile.prefer(&Preference::new(Choice::Out, asked.now).channel(&channel).purpose(&purpose)).unwrap();
            let next = asked.decide();
            prop_assert!(next["channel"] != decision["channel"] || next["purpose"] != decision["purpose"] || next["may_send"] == false);
        }
        asked.profile.prefer(&Preference::unsubscribe_all(asked.now)).unwrap();
        for candidate in candidates(&asked.decide()) {
            prop_assert!(!passes(candidate) || required[candidate["purpose"].as_str().unwrap()]["required"] == true, "{candidate}");
        }
    }

    /// Without it a host could open a veto by leaving out what it reads.
    #[test]
    fn blanking_an_input_never_opens_a_veto(seed: u64) {
        let mut asked = Asked::new(seed);
        // `known` is there to ask, and then the answer is what the file makes of it.
        let policy = Reference::from_yaml(&asked.yaml).document()["contact_policy"].to_string();
        prop_assume!(!policy.contains("known(") && !asked.yaml.contains("segment_"));
        let stopped = |decision: &Json| -> Vec<Json> {
            candidates(decision).iter().filter(|one| ["veto", "veto_unknown"].iter().any(|veto| one["reason"] == *veto)).cloned().collect()
        };
        let before = stopped(&asked.decide());
        let names: Vec<String> = asked.inputs.keys().cloned().collect();
        for name in names {
            asked.inputs.remove(&name);
            let after = asked.decide();
            for candidate in &before {
                prop_assert!(!passes(the_same(&after, candidate)), "without {name}: {candidate}\n{}", asked.yaml);
            }
        }
    }

    /// Without it a decision would depend on which queue was faster, or on a message that was delivered twice.
    #[test]
    fn the_order_of_arrival_decides_nothing(seed: u64) {
        let mut asked = Asked::new(seed);
        let (words, mut moves): (Vec<Json>, Vec<Json>) = asked.records.iter().cloned().partition(|record| record.get("choice").is_some());
        moves = arrival(&asked.yaml, &moves, &mut asked.seed).0;
        // A word may come at any time, however late, and again.
        for word in words.iter().chain(&words) {
            let place = asked.seed.below(moves.len() + 1);
            moves.insert(place, word.clone());
        }
        let other = folded(asked.profile.journey(), &moves);
        prop_assert!(asked.profile.to_bytes() == other.to_bytes(), "{}", asked.yaml);
        prop_assert_eq!(asked.decide(), decide(&other, asked.now, &asked.inputs, &asked.context));
    }

    /// Without it a customer would be spoken to in another way for being stored.
    #[test]
    fn a_profile_that_was_stored_decides_alike(seed: u64) {
        let asked = Asked::new(seed);
        let restored = Profile::from_bytes(asked.profile.journey(), &asked.profile.to_bytes()).unwrap();
        prop_assert_eq!(asked.decide(), decide(&restored, asked.now, &asked.inputs, &asked.context));
        prop_assert_eq!(online::consents(&asked.profile, asked.now), online::consents(&restored, asked.now));
    }

    /// Without it the second of several decisions would break a cap that the first has filled.
    #[test]
    fn what_may_go_together_may_go_one_by_one(seed: u64) {
        let asked = Asked::new(seed);
        prop_assume!(!asked.context.contains_key("channel"));
        let given = online::inputs(&asked.inputs, &asked.context);
        let together = asked.profile.decide_top(asked.now, &given, 4).unwrap();
        prop_assume!(together.len() > 1);
        let told: Vec<Json> = together.iter().map(|one| serde_json::to_value(one).unwrap()).collect();
        let mut names: Vec<&str> = told.iter().filter_map(|one| one["action"].as_str()).collect();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(names.len(), told.len());
        // The ledger alone: what was said moves the traits of this journey as well.
        for (at, later) in told.iter().enumerate() {
            prop_assert!(later["may_send"] == true);
            for earlier in &told[..at] {
                // What was said closes gates and moves no priority, but that of a question: it is worth more once what its answer opens has no other way.
                if later["question"].is_null() {
                    prop_assert!(earlier["priority"].as_f64() >= later["priority"].as_f64(), "{}", asked.yaml);
                }
                let before = the_same(earlier, later);
                prop_assert!(!passes(before) || rank(earlier) >= rank(before), "{before} might have gone first\n{}", asked.yaml);
            }
        }
    }
}
