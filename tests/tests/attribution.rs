//! Attribution against the numbers of the literature, independent slow implementations, and the promise that credits add up.

#[path = "attribution/slow.rs"]
mod slow;

use proptest::prelude::*;
use wayfare::ErrorKind;
use wayfare::attribution::{
    Attribution, Game, Label, MarkovCounts, Model, Resampling, all_models, attribute, attribute_with_intervals, credits, select_order,
};
use wayfare::paths::Paths;
use wayfare_tests::random::Seed;

/// The paths of the toy set: path, conversions, their value, ends without one.
const TOY: [(&str, u64, f64, u64); 9] = [
    ("A", 10, 100.0, 90),
    ("B", 6, 60.0, 94),
    ("C", 2, 30.0, 48),
    ("A > B", 9, 120.0, 41),
    ("A > C", 5, 70.0, 35),
    ("B > C", 4, 40.0, 46),
    ("A > B > C", 12, 200.0, 28),
    ("A > A > B", 3, 33.0, 17),
    ("C > A > C", 2, 25.0, 18),
];

/// A path of channels by number, its conversions, their value, and the times that it did not convert.
type Row = (Vec<u32>, u64, f64, u64);

fn toy() -> Paths {
    let column = |pick: fn(&(&str, u64, f64, u64)) -> u64| TOY.iter().map(pick).collect::<Vec<u64>>();
    let texts: Vec<&str> = TOY.iter().map(|row| row.0).collect();
    let value: Vec<f64> = TOY.iter().map(|row| row.2).collect();
    Paths::from_strings(&texts, &column(|row| row.1), &value, &column(|row| row.3), " > ").expect("paths")
}

fn of(rows: &[Row]) -> Paths {
    let text = |path: &[u32]| path.iter().map(|code| format!("c{code:02}")).collect::<Vec<_>>().join(" > ");
    let texts: Vec<String> = rows.iter().map(|row| text(&row.0)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (conversions, nulls): (Vec<u64>, Vec<u64>) = rows.iter().map(|row| (row.1, row.3)).unzip();
    let value: Vec<f64> = rows.iter().map(|row| row.2).collect();
    Paths::from_strings(&texts, &conversions, &value, &nulls, " > ").expect("paths")
}

fn random(seed: u64, rows: usize, channels: usize, longest: usize) -> Vec<Row> {
    let mut seed = Seed::new(seed);
    let row = |_| {
        let path = (0..1 + seed.below(longest)).map(|_| seed.below(channels) as u32).collect();
        let conversions = seed.below(4) as u64;
        let value = if conversions > 0 { seed.below(100_000) as f64 / 100.0 } else { 0.0 };
        (path, conversions, value, seed.below(5) as u64)
    };
    (0..rows).map(row).collect()
}

fn models() -> Vec<Model> {
    let mut all = vec![Model::FirstTouch, Model::LastTouch, Model::Linear, Model::position_based()];
    all.push(Model::PositionBased { first: 0.7, last: 0.1 });
    all.extend([1, 2, 3].map(Model::markov));
    all.push(Model::Markov { order: 1, nulls: false });
    all.extend([Game::Coverage, Game::Rate].map(Model::shapley));
    all
}

fn close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance, "{what}: {found} for {expected}");
    }
}

fn measure<'a>(of: &'a Attribution, name: &str) -> &'a [f64] {
    of.measure(name).unwrap_or_else(|| panic!("a measure {name}"))
}

#[test]
fn the_toy_set_has_the_numbers_of_the_literature() {
    let coverage = attribute(&toy(), "channel", &Model::shapley(Game::Coverage)).expect("credits");
    close("coverage", &coverage.conversions, &[23.5, 18.0, 11.5], 1e-12);
    close("value", &coverage.value, &[290.666_667, 223.166_667, 164.166_667], 5e-7);
    let rate = attribute(&toy(), "channel", &Model::shapley(Game::Rate)).expect("credits");
    close("rate", measure(&rate, "shapley_value"), &[0.066_619, 0.031_381, 0.014_767], 5e-7);
    assert!((measure(&rate, "shapley_value").iter().sum::<f64>() - 53.0 / 470.0).abs() < 1e-15);
    assert_eq!(rate.facts.rate, Some(53.0 / 470.0));
    let markov = attribute(&toy(), "channel", &Model::markov(1)).expect("credits");
    close("removal effects", measure(&markov, "removal_effect"), &[0.542_651, 0.542_404, 0.496_318], 5e-7);
    for model in models() {
        let found = attribute(&toy(), "channel", &model).expect("credits");
        assert_eq!((found.conversions.iter().sum::<f64>(), found.value.iter().sum::<f64>()), (53.0, 678.0), "{}", model.name());
    }
}

#[test]
fn a_chain_of_three_has_effects_of_a_half_and_one() {
    let paths = Paths::from_strings(&["C1 > C2 > C3", "C1", "C2 > C3"], &[1, 0, 0], &[], &[0, 1, 1], ">").expect("paths");
    let found = attribute(&paths, "channel", &Model::markov(1)).expect("credits");
    assert_eq!(measure(&found, "removal_effect"), [0.5, 1.0, 1.0]);
    close("shares", &found.conversions, &[0.2, 0.4, 0.4], 1e-15);
    assert_eq!(found.conversions.iter().sum::<f64>(), 1.0);
    assert_eq!((found.facts.order, found.facts.states, found.facts.method), (Some(1), Some(3), Some("lu")));
}

#[test]
fn heuristics_are_those_of_exact_fractions() {
    for seed in 0..30 {
        let rows = random(seed, 60, 5, 7);
        let paths = of(&rows);
        for (model, shares) in [
            (Model::FirstTouch, slow::first as fn(usize) -> Vec<slow::Fraction>),
            (Model::LastTouch, slow::last),
            (Model::Linear, slow::linear),
            (Model::PositionBased { first: 0.5, last: 0.25 }, slow::half_and_quarter),
        ] {
            let found = attribute(&paths, "channel", &model).expect("credits");
            close(model.name(), &found.conversions, &slow::credits(&rows, shares), 1e-11);
            close(model.name(), &found.value, &slow::values(&rows, shares), 1e-9);
        }
        let coverage = attribute(&paths, "channel", &Model::shapley(Game::Coverage)).expect("credits");
        close("coverage", &coverage.conversions, &slow::distinct(&rows), 1e-11);
    }
}

#[test]
fn removal_effects_are_those_of_a_chain_without_the_channel() {
    for seed in 0..20 {
        let rows = random(100 + seed, 40, 4, 6);
        for order in 1..=4 {
            for nulls in [true, false] {
                let found = attribute(&of(&rows), "channel", &Model::Markov { order, nulls }).expect("credits");
                let (conversions, value) = slow::removal_effects(&rows, order, nulls);
                close(&format!("order {order} seed {seed}"), measure(&found, "removal_effect"), &conversions, 1e-11);
                close(&format!("value, order {order}"), measure(&found, "removal_effect_value"), &value, 1e-11);
                let residual = found.facts.residual.unwrap_or(0.0);
                assert!(residual <= 1e-15 && (order > 2) == (found.facts.method == Some("iteration")), "{:?}", found.facts);
            }
        }
    }
}

#[test]
fn the_rate_game_is_that_of_all_orders_of_joining() {
    for seed in 0..12 {
        let rows = random(200 + seed, 40, 6, 4);
        let found = attribute(&of(&rows), "channel", &Model::shapley(Game::Rate)).expect("credits");
        close("conversions", measure(&found, "shapley_value"), &slow::shapley(&rows, 6, |row| row.1 as f64), 1e-12);
        close("value", measure(&found, "shapley_value_value"), &slow::shapley(&rows, 6, |row| row.2), 1e-9);
    }
}

#[test]
fn beyond_22_channels_the_rate_game_is_sampled_within_its_errors() {
    // Channels on paths that nobody went change nothing: the game is the one of the other six.
    let mut rows = random(300, 60, 6, 4);
    rows.extend((6..26).map(|channel| (vec![channel, 0], 0, 0.0, 0)));
    let found = attribute(&of(&rows), "channel", &Model::shapley(Game::Rate)).expect("credits");
    assert_eq!((found.facts.method, found.conversions.len()), (Some("sampled"), 26));
    let exact = slow::shapley(&rows, 6, |row| row.1 as f64);
    let (values, errors) = (measure(&found, "shapley_value"), measure(&found, "sampling_error"));
    let rate = found.facts.rate.expect("a rate");
    for channel in 0..26 {
        let expected = exact.get(channel).copied().unwrap_or(0.0);
        assert!((values[channel] - expected).abs() <= 5.0 * errors[channel] + 1e-15, "{channel}: {} for {expected}", values[channel]);
        assert!(errors[channel] <= 0.001 * rate || found.facts.permutations == Some(100_000));
    }
    assert!((values.iter().sum::<f64>() - rate).abs() < 1e-12);
    assert_eq!(found, attribute(&of(&rows), "channel", &Model::shapley(Game::Rate)).expect("credits"), "the same seed, the same draws");
}

#[test]
fn ordered_credits_sum_to_those_without_order() {
    let rows = random(400, 80, 4, 6);
    let ordered = Model::Shapley { game: Game::Coverage, ordered: true, sampling: Default::default() };
    let found = attribute(&of(&rows), "channel", &ordered).expect("credits");
    let whole = attribute(&of(&rows), "channel", &Model::shapley(Game::Coverage)).expect("credits");
    let positions = found.positions.as_ref().expect("positions");
    assert!(positions.iter().all(|position| position.is_some_and(|position| (1..=6).contains(&position))));
    for (label, expected) in whole.labels.iter().zip(&whole.conversions) {
        let own = found.labels.iter().zip(&found.conversions).filter(|(other, _)| *other == label);
        assert!((own.map(|(_, credit)| credit).sum::<f64>() - expected).abs() < 1e-11);
    }
    assert_eq!(found.conversions.iter().sum::<f64>(), rows.iter().map(|row| row.1).sum::<u64>() as f64);
}

/// The sum of a column forwards, backwards and from the middle.
fn sums(column: &[f64]) -> [f64; 3] {
    let (low, high) = column.split_at(column.len() / 2);
    [column.iter().sum(), column.iter().rev().sum(), high.iter().chain(low).sum()]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let value = prop_oneof![Just(0.0), 0.0..1e6_f64, 1e-320..1e-300_f64, 1e12..1e15_f64, Just(0.1), Just(f64::MIN_POSITIVE)];
    let row = (prop::collection::vec(0..7_u32, 0..8), 0..4_u64, value, 0..4_u64);
    prop::collection::vec(
        row.prop_map(|(path, conversions, value, nulls)| (path, conversions, if conversions > 0 { value } else { 0.0 }, nulls)),
        1..30,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whoever adds a column up, in whatever order, has the conversions and the value of the paths, to the last bit.
    #[test]
    fn credits_add_up(rows in rows()) {
        let paths = of(&rows);
        let conversions = rows.iter().map(|row| row.1).sum::<u64>() as f64;
        let value = slow::exact_sum(rows.iter().map(|row| row.2));
        for model in models() {
            let found = attribute(&paths, "channel", &model).expect("credits");
            prop_assert_eq!(sums(&found.conversions), [conversions; 3], "{:?}", model);
            if found.value.iter().all(|credit| *credit >= 0.0) {
                prop_assert_eq!(sums(&found.value), [value; 3], "{:?}", model);
            } else {
                // Only the rate game has negative shares; next to shares that are greater than the whole, its last places may not be doubles.
                prop_assert_eq!(model.name(), "shapley");
                let most = found.value.iter().fold(0.0_f64, |most, credit| most.max(credit.abs()));
                prop_assert!((slow::exact_sum(found.value.iter().copied()) - value).abs() <= most * f64::EPSILON * 8.0);
            }
            let unattributed = rows.iter().filter(|row| row.0.is_empty()).map(|row| row.1).sum::<u64>();
            prop_assert_eq!(found.labels.last() == Some(&Label::Unattributed), unattributed > 0);
        }
    }

    /// So it is for every single path.
    #[test]
    fn credits_of_each_path_add_up(rows in rows()) {
        for model in models() {
            let found = credits(&of(&rows), "channel", &model).expect("credits");
            for (number, row) in rows.iter().enumerate().filter(|(_, row)| row.1 > 0) {
                let own = || (0..found.paths.len()).filter(|at| found.paths[*at] as usize == number);
                prop_assert_eq!(own().map(|at| found.credit[at]).sum::<f64>(), 1.0);
                prop_assert_eq!(own().rev().map(|at| found.credit[at]).sum::<f64>(), 1.0);
                prop_assert_eq!(own().map(|at| found.value[at]).sum::<f64>(), row.2);
                prop_assert_eq!(own().rev().map(|at| found.value[at]).sum::<f64>(), row.2);
            }
        }
    }

    /// Counts of pieces, in any order, added and taken away again, are the counts of the whole.
    #[test]
    fn counts_of_pieces_are_the_counts_of_the_whole(rows in rows(), more in rows(), order in 1..4_usize, cut in 0..30_usize) {
        let count = |rows: &[Row]| MarkovCounts::from_paths(&of(rows), "channel", order, true).expect("counts");
        let whole = count(&rows);
        let (low, high) = rows.split_at(cut.min(rows.len()));
        let mut merged = count(high);
        merged.merge(&count(&more)).expect("they go together");
        merged.merge(&count(low)).expect("they go together");
        merged.subtract(&count(&more)).expect("they were added");
        prop_assert_eq!(&merged, &whole);
        prop_assert_eq!(merged.to_bytes(), whole.to_bytes());
        let mut online = MarkovCounts::new(order, "channel").expect("an order");
        for (path, conversions, value, nulls) in rows.iter().rev() {
            let words: Vec<String> = path.iter().map(|code| format!("c{code:02}")).collect();
            let words: Vec<Option<&str>> = words.iter().map(|word| Some(word.as_str())).collect();
            online.add(&words, *conversions, *value, *nulls).expect("a path");
        }
        prop_assert_eq!(online.to_bytes(), whole.to_bytes());
        let restored = MarkovCounts::from_bytes(&online.to_bytes()).expect("its own bytes");
        // As text, for a measure that is not known is no number.
        let credits = |counts: &MarkovCounts| format!("{:?}", counts.attribution().expect("credits"));
        prop_assert_eq!(credits(&restored), credits(&whole));
        prop_assert_eq!(credits(&merged), credits(&whole));
    }
}

#[test]
fn what_was_never_added_cannot_be_taken_away() {
    let count = |rows: &[Row]| MarkovCounts::from_paths(&of(rows), "channel", 1, true).expect("counts");
    let mut counts = count(&[(vec![0, 1], 3, 9.0, 0)]);
    let before = counts.clone();
    for other in [vec![(vec![0, 1], 4, 0.0, 0)], vec![(vec![1, 0], 1, 0.0, 0)], vec![(vec![0, 1], 1, 9.5, 0)], vec![(vec![2], 1, 0.0, 0)]] {
        let error = counts.subtract(&count(&other)).expect_err("never added");
        assert!(error.to_string().starts_with("the counts to subtract are not part of these counts"), "{error}");
        assert_eq!(counts, before, "a refused subtraction changes nothing");
    }
    let other = MarkovCounts::new(2, "channel").expect("counts");
    let error = counts.merge(&other).expect_err("of another order");
    assert_eq!(error.to_string(), "counts by `channel` of order 1 and by `channel` of order 2 do not go together");
}

#[test]
fn damaged_bytes_are_refused() {
    let bytes = MarkovCounts::from_paths(&toy(), "channel", 2, true).expect("counts").to_bytes();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x15;
        assert_eq!(MarkovCounts::from_bytes(&damaged).expect_err("damaged").kind(), ErrorKind::InvalidArgument);
        assert!(MarkovCounts::from_bytes(&bytes[..at]).is_err());
    }
    let said = |bytes: &[u8]| MarkovCounts::from_bytes(bytes).expect_err("no counts").to_string();
    assert_eq!(said(b"hello"), "the bytes are no counts of a Markov chain; pass what `to_bytes` gave");
    assert!(said(b"WFMC\x09rest").starts_with("format 9 of counts is not known; this wayfare reads 1"));
}

#[test]
fn the_order_that_made_the_paths_foretells_them_best() {
    // What comes next depends on the two before: after A > A comes B, after B > A comes C.
    let mut seed = Seed::new(5);
    let rows: Vec<Row> = (0..4_000)
        .map(|_| {
            let mut path = vec![seed.below(3) as u32];
            while path.len() < 12 && seed.below(5) > 0 {
                let last = path[path.len() - 1];
                let before = if path.len() > 1 { path[path.len() - 2] } else { 3 };
                let step = if seed.below(10) < 8 { 1 + (before + last) % 2 } else { 1 + seed.below(2) as u32 };
                path.push((last + step) % 3);
            }
            let converts = seed.below(10) < 3;
            (path, u64::from(converts), 0.0, u64::from(!converts))
        })
        .collect();
    let found = select_order(&of(&rows), "channel", &[1, 2, 3, 4], 5, 1).expect("orders");
    assert_eq!(found.iter().find(|row| row.best).map(|row| row.order), Some(2), "{found:?}");
    let mut shuffled = rows.clone();
    shuffled.reverse();
    assert_eq!(found.len(), 4);
    // Where customers are not known a row is one, so that another order deals other folds; the loss stays about the same.
    let other = select_order(&of(&shuffled), "channel", &[2], 5, 1).expect("orders");
    assert!((other[0].log_loss - found[1].log_loss).abs() < 0.01);
}

#[test]
fn all_models_stand_side_by_side_with_one_sum() {
    let found = all_models(&toy(), "channel").expect("credits");
    let names: Vec<&str> = found.conversions.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["first_touch", "last_touch", "linear", "position_based", "markov", "shapley_coverage", "shapley_rate"]);
    for ((_, conversions), (_, value)) in found.conversions.iter().zip(&found.value) {
        assert_eq!((sums(conversions), sums(value)), ([53.0; 3], [678.0; 3]));
    }
}

#[test]
fn intervals_hold_the_estimate_and_come_again() {
    for model in models() {
        let resampling = Resampling::new(0.9).with_replicates(60).with_seed(3);
        let found = attribute_with_intervals(&toy(), "channel", &model, &resampling).expect("credits");
        assert_eq!(found, attribute_with_intervals(&toy(), "channel", &model, &resampling).expect("credits"), "the same seed");
        assert_eq!((found.facts.interval, found.facts.replicates, found.facts.seed), (Some(0.9), Some(60), Some(3)));
        let (lower, upper) = (measure(&found, "lower"), measure(&found, "upper"));
        for row in 0..3 {
            assert!(lower[row] < found.conversions[row] && found.conversions[row] < upper[row], "{}", model.name());
            assert!(measure(&found, "value_lower")[row] < found.value[row]);
            assert!(measure(&found, "standard_error")[row] > 0.0);
        }
    }
}

#[test]
fn what_a_model_does_not_take_is_refused() {
    let said = |by: &str, model: Model| attribute(&toy(), by, &model).expect_err("refused").to_string();
    assert_eq!(said("chanel", Model::Linear), "the paths have no `chanel`; did you mean `channel`?");
    let decay = Model::TimeDecay { half_life: "7d".parse().expect("a duration") };
    assert!(said("channel", decay).starts_with("time decay needs the times of touchpoints, and paths that came as strings have none"));
    let position = Model::PositionBased { first: 0.7, last: 0.4 };
    assert!(said("channel", position).starts_with("the weights 0.7 of the first and 0.4 of the last touchpoint are not fractions"));
    assert_eq!(said("channel", Model::markov(0)), "a chain of order 0: it must be 1 to 12");
    let ordered = Model::Shapley { game: Game::Rate, ordered: true, sampling: Default::default() };
    assert!(said("channel", ordered).starts_with("the rate game does not know places on a path"));
    let resampling = Resampling::new(95.0);
    let error = attribute_with_intervals(&toy(), "channel", &Model::Linear, &resampling).expect_err("refused");
    assert_eq!(error.to_string(), "an interval of the level 95; give a number between 0 and 1, like 0.95");
    let called = Paths::from_strings(&["unattributed > a", ""], &[1, 1], &[], &[0, 0], ">").expect("paths");
    let error = attribute(&called, "channel", &Model::Linear).expect_err("refused");
    assert_eq!(error.to_string(), "a channel is called `unattributed`, as conversions without a touchpoint are; rename it");
}
