//! Models of customers who behave by known laws.

use std::collections::BTreeMap;

use super::super::model::{ProgressModel, Touch};
use super::super::options::ProgressOptions;
use super::super::points::PointsOptions;
use super::super::timeline::Timeline;
use super::simulate::{WORDS, alphabet, chain_law, excited_law, people};
use crate::time::{Duration, Instant};

const DAYS: f64 = 180.0;

fn fitted(timeline: &Timeline, options: &ProgressOptions) -> ProgressModel {
    ProgressModel::of_timeline(timeline, alphabet(), 50.0, options).unwrap()
}

fn options() -> ProgressOptions {
    ProgressOptions { horizon: Duration::from_days(14), ..ProgressOptions::default() }
}

fn calibrated(model: &ProgressModel) {
    let assessed = model.calibration();
    let slope = assessed.slope.unwrap();
    assert!((0.95..=1.05).contains(&slope), "slope {slope} {:?}", assessed.slope_interval);
    assert!((assessed.mean_predicted - assessed.mean_observed).abs() < 0.03 * assessed.mean_observed, "{assessed:?}");
    assert!(assessed.brier_skill > 0.02, "{}", assessed.brier_skill);
    let between = model.calibration_between();
    assert!((0.9..=1.1).contains(&between.slope.unwrap()), "slope {:?} {:?}", between.slope, between.slope_interval);
}

#[test]
fn customers_of_the_class_are_calibrated() {
    calibrated(&fitted(&people(20_000, DAYS, chain_law(DAYS)), &options()));
}

#[test]
fn excited_customers_who_differ_are_calibrated() {
    calibrated(&fitted(&people(80_000, 120.0, excited_law(120.0)), &options()));
}

#[test]
fn cores_do_not_change_a_bit() {
    let timeline = people(6_000, 60.0, excited_law(60.0));
    let in_pool = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let model = fitted(&timeline, &options());
            let points = model.points(&timeline, &PointsOptions { draws: 10, level: 0.9 }).unwrap();
            (serde_json::to_string(&model).unwrap(), model.nodes.clone(), format!("{:?}", model.touchpoints(&timeline)), points)
        })
    };
    assert_eq!(in_pool(1), in_pool(3));
}

#[test]
fn points_are_the_means_of_touchpoints() {
    let timeline = people(3_000, 90.0, chain_law(90.0));
    let model = fitted(&timeline, &options());
    let points = model.points(&timeline, &PointsOptions { draws: 40, level: 0.95 }).unwrap();
    let each = model.touchpoints(&timeline);
    let mut sums: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
    for (event, (before, after)) in each.event.iter().zip(each.before.iter().zip(&each.after)).filter(|(_, (before, _))| !before.is_nan()) {
        let (count, sum) = sums.entry(WORDS[usize::from(timeline.symbols[*event].word())]).or_default();
        (*count, *sum) = (*count + 1, *sum + after - before);
    }
    for point in points.iter().filter(|point| !point.transition) {
        let (count, sum) = sums[point.to.word.as_deref().unwrap()];
        assert_eq!(point.count, count);
        assert!((point.mean_change - sum / count as f64).abs() < 1e-12);
        assert_eq!(point.change_x_value, point.mean_change * 50.0);
        assert!(point.lower < point.change_x_value && point.change_x_value < point.upper, "{point:?}");
    }
    assert!(points.is_sorted_by(|one, other| one.mean_change >= other.mean_change));
    // The law makes the shop the nearest to buying.
    assert_eq!((points[0].transition, points[0].to.word.as_deref()), (true, Some("shop")));
    assert!(model.points(&people(50, 90.0, chain_law(90.0)), &PointsOptions::default()).is_err());
}

#[test]
fn one_customer_is_scored_as_in_the_table() {
    let timeline = people(3_000, 90.0, chain_law(90.0));
    let model = fitted(&timeline, &options());
    let each = model.touchpoints(&timeline);
    for number in [0, 7, 1_234] {
        let customer = timeline.customer(number).unwrap();
        let history: Vec<Touch<'_>> = customer
            .symbols
            .iter()
            .zip(customer.ats)
            .map(|(symbol, at)| Touch {
                at: Instant::from_micros(*at).unwrap(),
                word: WORDS.get(usize::from(symbol.word())).copied(),
                stage: None,
                conversion: symbol.is_conversion(),
            })
            .collect();
        for row in (0..each.customer.len()).filter(|row| each.customer[*row] == number && !each.before[*row].is_nan()) {
            let at = customer.events.iter().position(|event| *event == each.event[row]).unwrap();
            let (before, now) = (history[at - 1].at, history[at].at);
            assert_eq!(model.score(&history[..=at], now, &[]).unwrap().probability, each.after[row]);
            let later = model.score(&history[..at], before, &[now]).unwrap();
            assert_eq!(later.later, [each.before[row]]);
        }
    }
}

#[test]
fn what_a_document_holds_is_the_model() {
    let timeline = people(3_000, 90.0, chain_law(90.0));
    let model = fitted(&timeline, &options());
    let text = serde_json::to_string(&model).unwrap();
    let again: ProgressModel = serde_json::from_str(&text).unwrap();
    assert_eq!((&again, &again.nodes), (&model, &model.nodes));
    for (from, to, says) in [
        ("\"version\":1", "\"version\":2", "version 2"),
        ("\"horizon\":\"14d\"", "\"horizon\":\"0d\"", "not above 0"),
        ("\"bought\":[0,", "\"bought\":[2,", "damaged"),
        ("\"words\":[\"ad\",", "\"words\":[\"zoo\",", "not in order"),
    ] {
        let error = serde_json::from_str::<ProgressModel>(&text.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_longer_horizon_is_more_probable() {
    let timeline = people(3_000, 90.0, excited_law(90.0));
    let model = fitted(&timeline, &options());
    let at = |days: i64| super::super::solve::probabilities(&model.chain, days * super::simulate::DAY, 60);
    let mut before = at(1);
    for days in [2, 7, 30, 200] {
        let now = at(days);
        for (short, long) in before.iter().flatten().zip(now.iter().flatten()) {
            assert!((0.0..=1.0).contains(long) && *long > short - 1e-6, "{short} {long} in {days} days");
        }
        before = now;
    }
}

#[test]
fn too_little_is_said_to_be() {
    let nobody = people(200, 60.0, |chance, out| out.push((chance.unit(), Some(0))));
    let error = ProgressModel::of_timeline(&nobody, alphabet(), 1.0, &options()).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::NotFitted);
    assert!(error.message().contains("nobody of those whom the model is fitted to converts"), "{error}");
    let late = people(200, 10.0, chain_law(10.0));
    let error = ProgressModel::of_timeline(&late, alphabet(), 1.0, &options()).unwrap_err();
    assert!(error.message().contains("no window of those who calibrate has a conversion"), "{error}");
}
