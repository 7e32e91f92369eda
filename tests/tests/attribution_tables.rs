//! Attribution over tables of touchpoints: times, windows, groupings, customers.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use wayfare::arrow::{Table, attribution as tables, paths as cut};
use wayfare::attribution::{Attribution, AttributionRequest, Game, Label, Model, Resampling, attribute, attribute_with_intervals, credits};
use wayfare::paths::{Paths, PathsRequest};
use wayfare_tests::random::Seed;

const DAY: i64 = 86_400_000_000;

#[derive(Clone)]
struct Touch {
    customer: String,
    at: i64,
    kind: &'static str,
    channel: Option<&'static str>,
    owner: Option<&'static str>,
    action: Option<String>,
    value: Option<f64>,
}

fn touches(seed: u64, customers: usize) -> Vec<Touch> {
    let mut seed = Seed::new(seed);
    let mut all = Vec::new();
    for customer in 0..customers {
        let mut at = 1_700_000_000_000_000 + seed.below(100) as i64 * DAY;
        for _ in 0..1 + seed.below(9) {
            at += seed.below(6 * DAY as usize) as i64;
            let converts = seed.below(5) == 0;
            let owners = [Some("crm"), Some("digital"), None];
            let channels = [Some("email"), Some("web"), Some("store"), None];
            all.push(Touch {
                customer: format!("c-{customer}"),
                at,
                kind: if converts { "purchased" } else { ["viewed", "clicked"][seed.below(2)] },
                channel: channels[seed.below(4)],
                owner: owners[seed.below(3)],
                action: (seed.below(3) > 0).then(|| format!("a{}", seed.below(4))),
                value: converts.then(|| seed.below(10_000) as f64 / 100.0),
            });
        }
    }
    all
}

fn cut_paths(touches: &[Touch], request: &str) -> Paths {
    let text = |pick: fn(&Touch) -> Option<&str>| Arc::new(touches.iter().map(pick).collect::<StringArray>()) as ArrayRef;
    let at = touches.iter().map(|touch| Some(touch.at)).collect::<TimestampMicrosecondArray>().with_timezone("UTC");
    let batch = RecordBatch::try_from_iter([
        ("customer", text(|touch| Some(&touch.customer))),
        ("at", Arc::new(at) as ArrayRef),
        ("kind", text(|touch| Some(touch.kind))),
        ("channel", text(|touch| touch.channel)),
        ("owner", text(|touch| touch.owner)),
        ("action", text(|touch| touch.action.as_deref())),
        ("value", Arc::new(touches.iter().map(|touch| touch.value).collect::<Float64Array>()) as ArrayRef),
    ])
    .expect("a batch");
    let request: PathsRequest = serde_json::from_str(request).expect("a request");
    cut::paths(&Table::new(batch.schema(), vec![batch]), &request, None, None).expect("paths").paths
}

fn models() -> Vec<Model> {
    let half_life = "3d".parse().expect("a duration");
    let mut all = vec![Model::FirstTouch, Model::LastTouch, Model::Linear, Model::position_based(), Model::TimeDecay { half_life }];
    all.extend([1, 2, 3].map(Model::markov));
    all.extend([Game::Coverage, Game::Rate].map(Model::shapley));
    all
}

const REQUESTS: [&str; 4] = [
    r#"{ "conversion": ["purchased"] }"#,
    r#"{ "conversion": ["purchased"], "lookback": "5d", "repeat": "all" }"#,
    r#"{ "conversion": ["purchased"], "lookback": "12h", "repeat": "first" }"#,
    r#"{ "conversion": ["purchased"], "unit": "session", "touchpoints": ["clicked"] }"#,
];

#[test]
fn credits_add_up_whatever_the_window_and_the_grouping() {
    for (seed, request) in REQUESTS.into_iter().enumerate() {
        let paths = cut_paths(&touches(seed as u64, 400), request);
        let conversions = paths.rows().iter().map(|row| row.conversions).sum::<u64>() as f64;
        let linear = attribute(&paths, "channel", &Model::Linear).expect("credits");
        let value: f64 = linear.value.iter().sum();
        let cents: f64 = paths.rows().iter().map(|row| row.value * 100.0).sum();
        assert!(conversions > 50.0 && (value * 100.0 - cents).abs() < 1e-6);
        for by in ["channel", "kind", "owner", "action"] {
            for model in models() {
                let found = attribute(&paths, by, &model).expect("credits");
                assert_eq!(found.conversions.iter().sum::<f64>(), conversions, "{by} {model:?}");
                assert_eq!(found.conversions.iter().rev().sum::<f64>(), conversions, "{by} {model:?}");
                if found.value.iter().all(|value| *value >= 0.0) {
                    assert_eq!(found.value.iter().sum::<f64>(), value, "{by} {model:?}");
                }
                assert!(!found.labels.contains(&Label::Word("purchased".to_owned())), "a conversion earns nothing itself");
                let each = credits(&paths, by, &model).expect("credits");
                let mut sums = vec![(0.0, 0.0); paths.rows().len()];
                for ((path, credit), value) in each.paths.iter().zip(&each.credit).zip(&each.value) {
                    let sum = &mut sums[*path as usize];
                    *sum = (sum.0 + credit, sum.1 + value);
                }
                for (sum, row) in sums.into_iter().zip(paths.rows()) {
                    assert_eq!(sum, (row.conversions as f64, row.value), "{by} {model:?}");
                }
            }
        }
        assert!(attribute(&paths, "owner", &Model::Linear).expect("credits").labels.contains(&Label::Null), "no text is a row of its own");
    }
}

#[test]
fn conversions_without_a_touchpoint_are_nobodys() {
    let touch = |customer: &str, day: i64, kind, value| Touch {
        customer: customer.to_owned(),
        at: day * DAY,
        kind,
        channel: Some("email"),
        owner: None,
        action: None,
        value,
    };
    let table = [
        touch("ada", 1, "viewed", None),
        touch("ada", 20, "purchased", Some(0.1)),
        touch("bo", 1, "viewed", None),
        touch("bo", 2, "purchased", Some(0.2)),
        touch("cy", 3, "purchased", Some(0.3)),
    ];
    let paths = cut_paths(&table, r#"{ "conversion": ["purchased"], "lookback": "7d" }"#);
    for model in models() {
        let found = attribute(&paths, "channel", &model).expect("credits");
        assert_eq!(found.labels, [Label::Word("email".to_owned()), Label::Unattributed], "{model:?}");
        assert_eq!(found.conversions, [1.0, 2.0]);
        assert_eq!(found.value.iter().sum::<f64>(), 0.6);
    }
}

#[test]
fn time_decay_halves_with_every_half_life() {
    let touch = |day: f64, kind, channel, value| Touch {
        customer: "ada".to_owned(),
        at: (day * DAY as f64) as i64,
        kind,
        channel: Some(channel),
        owner: None,
        action: None,
        value,
    };
    let table = [
        touch(1.0, "viewed", "email", None),
        touch(8.0, "viewed", "web", None),
        touch(15.0, "clicked", "store", None),
        touch(18.0, "purchased", "store", Some(70.0)),
    ];
    let paths = cut_paths(&table, r#"{ "conversion": ["purchased"] }"#);
    let found = attribute(&paths, "channel", &Model::TimeDecay { half_life: "7d".parse().expect("a duration") }).expect("credits");
    // 2^-(17/7), 2^-(10/7), 2^-(3/7) are as 1 to 2 to 4.
    assert_eq!(found.value, [10.0, 40.0, 20.0]);
    let word = |at: usize| found.labels[at].text().expect("a word");
    assert_eq!([word(0), word(1), word(2)], ["email", "store", "web"]);
}

#[test]
fn neither_the_order_of_the_rows_nor_pieces_change_a_bit() {
    let whole = touches(9, 300);
    let mut shuffled = whole.clone();
    let mut seed = Seed::new(1);
    for at in (1..shuffled.len()).rev() {
        shuffled.swap(at, seed.below(at + 1));
    }
    let (one, other): (Vec<Touch>, Vec<Touch>) = whole.iter().cloned().partition(|touch| touch.customer.ends_with(['1', '4', '6']));
    let all = cut_paths(&whole, REQUESTS[0]);
    let mixed = cut_paths(&shuffled, REQUESTS[0]);
    let pieces = cut_paths(&other, REQUESTS[0]).merge(&cut_paths(&one, REQUESTS[0])).expect("other customers");
    let resampling = Resampling::new(0.9).with_replicates(20).with_seed(11);
    for model in models() {
        // As text, for a measure that is not known is no number.
        let of = |paths: &Paths| format!("{:?}", attribute_with_intervals(paths, "channel", &model, &resampling).expect("credits"));
        let expected = of(&all);
        assert_eq!(of(&mixed), expected, "{model:?}");
        assert_eq!(of(&pieces), expected, "{model:?}");
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool").install(|| of(&all));
        assert_eq!(alone, expected, "threads: {model:?}");
    }
}

#[test]
fn tables_have_the_columns_of_the_model() {
    let paths = cut_paths(&touches(2, 60), REQUESTS[0]);
    let columns = |batch: &RecordBatch| batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    let asked = |request: &str| -> AttributionRequest { serde_json::from_str(request).expect("a request") };
    let found =
        tables::attribute(&paths, &asked(r#"{ "model": "markov", "by": "owner", "interval": 0.9, "replicates": 10 }"#)).expect("credits");
    let expected = "owner conversions value removal_effect removal_effect_value standard_error lower upper value_standard_error value_lower value_upper \
         removal_effect_standard_error removal_effect_lower removal_effect_upper removal_effect_value_standard_error removal_effect_value_lower \
         removal_effect_value_upper";
    assert_eq!(columns(&found.table), expected.split_whitespace().collect::<Vec<_>>());
    let ordered = tables::attribute(&paths, &asked(r#"{ "model": "shapley", "ordered": true }"#)).expect("credits");
    assert_eq!(columns(&ordered.table), ["channel", "position", "conversions", "value"]);
    let each = tables::credits(&paths, &asked(r#"{ "model": "time_decay", "half_life": "7d" }"#)).expect("credits");
    assert_eq!(columns(&each), ["customer", "path", "channel", "conversions", "credit", "value"]);
    let beside = tables::side_by_side(&paths, Some("owner"), Some("value")).expect("credits");
    let models = "owner first_touch last_touch linear position_based time_decay markov shapley_coverage shapley_rate";
    assert_eq!(columns(&beside), models.split_whitespace().collect::<Vec<_>>());
    let said = |request: &str| tables::attribute(&paths, &asked(request)).expect_err("refused").to_string();
    assert_eq!(said(r#"{ "model": "linaer" }"#), "there is no model `linaer`; did you mean `linear`?");
    assert_eq!(said(r#"{ "model": "linear", "order": 2 }"#), "`linear` takes no `order`; it is a choice of `markov`");
    assert_eq!(said(r#"{ "model": "time_decay" }"#), "`time_decay` wants a half-life; write `half_life=\"7d\"`, say");
    assert_eq!(said(r#"{ "model": "shapley", "game": "rates" }"#), "there is no game `rates`; write \"coverage\" or \"rate\"");
    assert_eq!(said(r#"{ "model": "linear", "replicates": 9 }"#), "`replicates` are of an interval; give an `interval=0.95`, say");
}

/// Whether intervals hold what they should: what a model gives for the population, over many samples of it.
#[test]
fn intervals_cover_as_often_as_they_say() {
    const CUSTOMERS: usize = 1_500;
    const SAMPLES: u64 = 600;
    // The population: each kind of path with its rate, in customers of a sample.
    let population: [(&str, f64, f64); 7] = [
        ("A", 0.03, 0.22),
        ("B", 0.02, 0.18),
        ("C", 0.01, 0.14),
        ("A > B", 0.05, 0.08),
        ("B > C", 0.02, 0.09),
        ("A > B > C", 0.04, 0.05),
        ("C > A", 0.02, 0.05),
    ];
    let texts: Vec<&str> = population.iter().map(|kind| kind.0).collect();
    let of = |counts: &[(u64, u64)]| {
        let (conversions, nulls): (Vec<u64>, Vec<u64>) = counts.iter().copied().unzip();
        Paths::from_strings(&texts, &conversions, &[], &nulls, " > ").expect("paths")
    };
    let whole = |share: f64| (share * 1e9).round() as u64;
    let truth = of(&population.iter().map(|kind| (whole(kind.1), whole(kind.2))).collect::<Vec<_>>());
    for model in [Model::Linear, Model::markov(1), Model::markov(2), Model::shapley(Game::Rate)] {
        let exact = attribute(&truth, "channel", &model).expect("credits");
        let scale = CUSTOMERS as f64 / 1e9;
        let mut covered = [0_u32; 2];
        for sample in 0..SAMPLES {
            let mut seed = Seed::new(sample * 7 + 1);
            let mut draw = |mean: f64| poisson(mean, &mut seed);
            let counts: Vec<(u64, u64)> =
                population.iter().map(|kind| (draw(kind.1 * CUSTOMERS as f64), draw(kind.2 * CUSTOMERS as f64))).collect();
            let resampling = Resampling::new(0.95).with_replicates(400).with_seed(sample);
            let found = attribute_with_intervals(&of(&counts), "channel", &model, &resampling).expect("credits");
            let holds = |lower: &str, upper: &str, of: &Attribution, row: usize, truth: f64| {
                of.measure(lower).expect("lower")[row] <= truth && truth <= of.measure(upper).expect("upper")[row]
            };
            for row in 0..3 {
                covered[0] += u32::from(holds("lower", "upper", &found, row, exact.conversions[row] * scale));
                if let Some(effects) = exact.measure("removal_effect") {
                    covered[1] += u32::from(holds("removal_effect_lower", "removal_effect_upper", &found, row, effects[row]));
                }
            }
        }
        for (what, covered) in ["conversions", "removal effects"].into_iter().zip(covered).filter(|(_, covered)| *covered > 0) {
            let share = f64::from(covered) / (3 * SAMPLES) as f64;
            println!("{} {what}: {share}", model.name());
            assert!((0.93..=0.97).contains(&share), "{} {what}: {share}", model.name());
        }
    }
}

/// By counting arrivals (Knuth).
fn poisson(mean: f64, seed: &mut Seed) -> u64 {
    let (mut left, mut count) = (mean, 0);
    loop {
        left += ((seed.draw() >> 11) as f64 / (1_u64 << 53) as f64 + f64::MIN_POSITIVE).ln();
        if left < 0.0 {
            return count;
        }
        count += 1;
    }
}
