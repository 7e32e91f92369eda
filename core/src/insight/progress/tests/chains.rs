//! The recursion against closed forms and against customers run through the same chain one by one.

use super::super::age::{self, BINS, NODES};
use super::super::chain::{Chain, Row};
use super::super::solve::probabilities;
use super::simulate::{Chance, DAY};

fn constant(at_once: f64, hazard: f64) -> Vec<f64> {
    std::iter::once(at_once).chain((1..BINS).map(|_| hazard / DAY as f64)).collect()
}

fn row(touch: Vec<f64>, convert: Vec<f64>, next: &[(usize, f64)]) -> Row {
    Row { parent: 0, touch, convert, next: std::array::from_fn(|_| next.to_vec()), inherited: [0.0; 3] }
}

fn solved(rows: Vec<Row>, days: i64, steps: usize) -> Vec<Vec<f64>> {
    probabilities(&Chain { rows, ..Chain::default() }, days * DAY, steps)
}

/// The second in which nothing happens before hazards begin, in days.
const SECOND: f64 = 1.048_576 / 86_400.0;

#[test]
fn a_constant_hazard_is_exponential() {
    for hazard in [1e-6, 0.01, 0.3, 5.0] {
        let found = solved(vec![row(constant(0.0, 0.0), constant(0.0, hazard), &[])], 30, 60);
        let fresh = 1.0 - libm::exp(-hazard * (30.0 - SECOND));
        let aged = 1.0 - libm::exp(-hazard * 30.0);
        assert!((found[0][0] - fresh).abs() < 1e-13 * fresh.max(1e-3), "{} for {fresh}", found[0][0]);
        assert!((1..NODES).all(|node| (found[0][node] - aged).abs() < 1e-12), "{hazard}");
    }
}

#[test]
fn at_once_is_at_once() {
    let rows = vec![row(constant(0.25, 0.0), constant(0.5, 0.0), &[(1, 1.0)]), row(constant(0.0, 0.0), constant(0.2, 0.0), &[])];
    let found = solved(rows, 1, 10);
    assert!((found[0][0] - 0.55).abs() < 1e-12 && (found[1][0] - 0.2).abs() < 1e-12);
    // Who has not gone at once has not.
    assert_eq!(found[0][1], 0.0);
}

/// First one wait and then another: 1 - (a e^(-bh) - b e^(-ah)) / (a - b).
#[test]
fn two_waits_are_hypoexponential() {
    let (a, b) = (0.2, 0.05);
    let error = |steps: usize| {
        let rows = vec![row(constant(0.0, a), constant(0.0, 0.0), &[(1, 1.0)]), row(constant(0.0, 0.0), constant(0.0, b), &[])];
        let found = solved(rows, 30, steps)[0][30];
        found - (1.0 - (a * libm::exp(-b * 30.0) - b * libm::exp(-a * 30.0)) / (a - b))
    };
    // The second that a touchpoint stands still is the rest.
    assert!(error(60).abs() < 3e-6 && error(600).abs() < 1e-6, "{:e} {:e}", error(60), error(600));
}

#[test]
fn touchpoints_that_change_nothing_change_nothing() {
    let hazard = 0.02;
    let found = solved(vec![row(constant(0.3, 40.0), constant(0.0, hazard), &[(0, 1.0)])], 30, 60);
    // Nobody buys in the second after a touchpoint, and here there are 40 a day.
    let still = 1.0 - libm::exp(-hazard * 30.0 * (1.0 - 40.0 * 1.048_576 / 86_400.0));
    assert!((found[0][40] - still).abs() < 1e-4, "{} for {still}", found[0][40]);
}

/// Customers run through the chain one at a time, with no grid.
#[test]
fn customers_run_one_by_one_do_as_the_recursion_says() {
    let mut chance = Chance::new(5);
    let rows: Vec<Row> = (0..4)
        .map(|number| {
            let mut falling = |at_once: f64, level: f64| -> Vec<f64> {
                let of = |bin: usize, chance: &mut Chance| level * (0.5 + chance.unit()) * libm::pow(age::bin_start(bin) as f64, -0.8);
                (0..BINS).map(|bin| if bin == 0 { at_once } else { of(bin, &mut chance) }).collect()
            };
            let (touch, convert) = (falling(0.05, 0.004), falling(0.002, 5e-5));
            let (next, inherited) = if number == 0 { ([0.2, 0.3, 0.1, 0.4], 0.0) } else { ([0.1, 0.2, 0.3, 0.1], 0.3) };
            let next: Vec<(usize, f64)> = next.into_iter().enumerate().collect();
            Row { parent: 0, touch, convert, next: std::array::from_fn(|_| next.clone()), inherited: [inherited; 3] }
        })
        .collect();
    let days = 10;
    let found = solved(rows.clone(), days, 60);
    for (start, node) in [(0, 0), (3, 0), (2, 70)] {
        let runs = 40_000;
        let converted = (0..runs).filter(|_| run(&rows, start, age::start(node) as f64, (days * DAY) as f64, &mut chance)).count();
        let share = converted as f64 / f64::from(runs);
        let error = (share * (1.0 - share) / f64::from(runs)).sqrt();
        let expected = found[start][node];
        assert!((share - expected).abs() < 4.0 * error, "row {start}, node {node}: {share} ± {error} for {expected}");
    }
}

fn run(rows: &[Row], mut place: usize, mut age: f64, horizon: f64, chance: &mut Chance) -> bool {
    let mut now = 0.0;
    loop {
        let row = &rows[place];
        let mut gone = None;
        let mut bin = (0..BINS).rev().find(|bin| age::bin_start(*bin) as f64 <= age).unwrap();
        if bin == 0 {
            let lot = chance.unit();
            gone = (lot < row.touch[0] + row.convert[0]).then_some(lot < row.convert[0]);
            if gone.is_none() {
                // The rest of the first second is quiet.
                now += age::bin_start(1) as f64 - age;
                (bin, age) = (1, age::bin_start(1) as f64);
            }
        }
        while gone.is_none() {
            let hazard = row.touch[bin] + row.convert[bin];
            let wait = if hazard > 0.0 { chance.exponential(hazard) } else { f64::INFINITY };
            let left = if bin + 1 < BINS { age::bin_start(bin + 1) as f64 - age } else { f64::INFINITY };
            let passed = wait.min(left);
            (now, age) = (now + passed, age + passed);
            if now > horizon {
                return false;
            }
            if wait < left {
                gone = Some(chance.unit() * hazard < row.convert[bin]);
            } else {
                bin += 1;
            }
        }
        if gone == Some(true) {
            return now <= horizon;
        }
        let own: Vec<f64> = row.next[0].iter().map(|(_, share)| *share).collect();
        let inherits = chance.unit() < row.inherited[0];
        place = if inherits {
            chance.one_of(&rows[row.parent].next[0].iter().map(|(_, share)| *share).collect::<Vec<_>>())
        } else {
            chance.one_of(&own)
        };
        age = 0.0;
    }
}
