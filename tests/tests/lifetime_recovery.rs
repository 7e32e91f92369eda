//! Do intervals say what they promise? Customers are simulated with known parameters, the model is fitted, and the 95 % intervals must hold the true
//! parameters in 93 to 97 % of the runs.
//!
//! 500 runs leave an error of 1 % in a share, so that one of twenty parameters would fail by chance; the full count is 2000 of every model, and takes
//! minutes:
//!
//!     cargo test --profile binding -p wayfare-tests --test lifetime_recovery -- --ignored --nocapture

use rayon::prelude::*;
use wayfare::lifetime::{
    BgBb, BgBbParams, BgNbd, BgNbdParams, Fitted, GammaGamma, GammaGammaParams, MbgNbd, MbgNbdParams, Model, Params, ParetoNbd,
    ParetoNbdParams, Summary,
};
use wayfare_tests::lifetime::{customers, spenders};

const BG_NBD: BgNbdParams = BgNbdParams { r: 0.6, alpha: 5.0, a: 0.8, b: 2.5 };
const MBG_NBD: MbgNbdParams = MbgNbdParams { r: 0.8, alpha: 6.0, a: 0.9, b: 3.0 };
const PARETO_NBD: ParetoNbdParams = ParetoNbdParams { r: 0.8, alpha: 4.0, s: 0.9, beta: 12.0 };
const BG_BB: BgBbParams = BgBbParams { alpha: 1.2, beta: 0.75, gamma: 0.7, delta: 2.8 };
const GAMMA_GAMMA: GammaGammaParams = GammaGammaParams { p: 6.25, q: 3.74, gamma: 15.4 };

/// Prints and returns, by parameter, the share of runs whose interval holds the truth.
fn coverage<M: Model>(truth: &M::Params, runs: u64, fitted: impl Fn(u64) -> wayfare::Result<Fitted<M>> + Sync) -> Vec<(String, f64)> {
    let held: Vec<Vec<bool>> = (0..runs)
        .into_par_iter()
        .map(|run| {
            // Once in a thousand samples or so the maximum lies at an edge, and there is no interval: that holds nothing.
            match fitted(run).and_then(|fitted| fitted.confidence_intervals(0.95)) {
                Ok(intervals) => intervals
                    .iter()
                    .zip(truth.values())
                    .map(|(interval, value)| interval.lower <= value && value <= interval.upper)
                    .collect(),
                Err(error) if error.fit_status().is_some_and(|status| status.code() == "boundary") => vec![false; truth.values().len()],
                Err(error) => panic!("run {run}: {error}"),
            }
        })
        .collect();
    let share = |at: usize| held.iter().filter(|run| run[at]).count() as f64 / runs as f64;
    let shares: Vec<(String, f64)> = truth.names().into_iter().enumerate().map(|(at, name)| (name, share(at))).collect();
    println!(
        "{:12} {}",
        M::NAME,
        shares.iter().map(|(name, share)| format!("{name} {:.1} %", 100.0 * share)).collect::<Vec<_>>().join(", ")
    );
    shares
}

fn continuous(seed: u64, make: impl Fn(u64) -> wayfare::Result<Summary>) -> Summary {
    make(seed).expect("a summary")
}

fn all(runs: u64) -> Vec<(String, f64)> {
    let mut shares =
        coverage::<BgNbd>(&BG_NBD, runs, |run| BgNbd::new().fit(&continuous(run, |seed| customers(&BG_NBD, 4000, 26.0, 52.0, seed))));
    shares.extend(coverage::<MbgNbd>(&MBG_NBD, runs, |run| {
        MbgNbd::new().fit(&continuous(1_000_000 + run, |seed| customers(&MBG_NBD, 4000, 26.0, 52.0, seed)))
    }));
    shares.extend(coverage::<ParetoNbd>(&PARETO_NBD, runs, |run| {
        ParetoNbd::new().fit(&continuous(2_000_000 + run, |seed| customers(&PARETO_NBD, 4000, 26.0, 52.0, seed)))
    }));
    shares.extend(coverage::<BgBb>(&BG_BB, runs, |run| {
        BgBb::new().fit(&continuous(3_000_000 + run, |seed| customers(&BG_BB, 8000, 6.0, 6.0, seed)))
    }));
    shares.extend(coverage::<GammaGamma>(&GAMMA_GAMMA, runs, |run| {
        GammaGamma::new().fit(&continuous(4_000_000 + run, |seed| spenders(&GAMMA_GAMMA, 2000, seed)))
    }));
    shares
}

#[test]
#[ignore = "minutes: the command is in the head of this file"]
fn intervals_cover_in_93_to_97_of_a_hundred_runs() {
    for (name, share) in all(2000) {
        assert!((0.93..=0.97).contains(&share), "{name}: {share}");
    }
}

/// 40 runs cannot tell 95 % from 90 %; they tell an interval of half the width or twice (67 %, 99.99 %) and a biased estimate.
#[test]
fn intervals_hold_the_truth_most_of_the_time() {
    for (name, share) in all(40) {
        assert!(share >= 0.8, "{name}: {share}");
    }
}
