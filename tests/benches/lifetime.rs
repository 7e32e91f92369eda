//! Fits of the lifetime models on simulated customers, standard errors included, by the customer.
//!
//!     cargo bench -p wayfare-tests --bench lifetime

use std::hint::black_box;
use std::time::Instant as Clock;

use wayfare::lifetime::{
    BgBb, BgBbParams, BgNbd, BgNbdParams, Fitted, MbgNbd, MbgNbdParams, Measure, Model, ParetoNbd, ParetoNbdParams, Period, Predict,
    Summary,
};
use wayfare_tests::lifetime::customers;

const BG_NBD: BgNbdParams = BgNbdParams { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
const MBG_NBD: MbgNbdParams = MbgNbdParams { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 };
const PARETO_NBD: ParetoNbdParams = ParetoNbdParams { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 };
const BG_BB: BgBbParams = BgBbParams { alpha: 1.204, beta: 0.75, gamma: 0.657, delta: 2.783 };
/// Half of the customers are gone within three days.
const HEAVY_DROPOUT: ParetoNbdParams = ParetoNbdParams { r: 0.8, alpha: 3.0, s: 1.5, beta: 0.75 };

/// The same customers with times in whole days, as tables have them.
fn in_days(summary: &Summary) -> Summary {
    let days = |column: &[f64]| column.iter().map(|weeks| (weeks * 7.0).ceil() / 7.0).collect();
    Summary::new(summary.frequency().to_vec(), days(summary.recency()), days(summary.age()), Period::WEEK).expect("a summary")
}

fn measure<M: Model>(name: &str, summary: &Summary, fit: impl Fn(&Summary) -> wayfare::Result<Fitted<M>>)
where
    M::Params: Predict,
{
    let rounds = if summary.len() > 100_000 { 3 } else { 11 };
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let timed = |run: &dyn Fn()| {
        let once = || {
            let began = Clock::now();
            run();
            began.elapsed().as_secs_f64()
        };
        median((0..rounds).map(|_| once()).collect())
    };
    let fitted = fit(summary).expect("a fit");
    let fitting = timed(&|| drop(black_box(fit(summary))));
    let year = Measure::ConditionalExpectedTransactions { periods: 52.0 };
    let predicting = timed(&|| drop(black_box(fitted.predict(summary, year))));
    let each = 1e9 / summary.len() as f64;
    println!(
        "{name:34} {:>9} customers: fit {:>9.3} ms ({:>6.0} ns each), expected transactions {:>8.3} ms ({:>5.0} ns each)",
        summary.len(),
        1e3 * fitting,
        fitting * each,
        1e3 * predicting,
        predicting * each
    );
}

fn main() {
    for count in [2357, 1_000_000] {
        let weeks = |seed, make: &dyn Fn(u64) -> wayfare::Result<Summary>| in_days(&make(seed).expect("a summary"));
        measure("BG/NBD", &weeks(1, &|seed| customers(&BG_NBD, count, 27.0, 39.0, seed)), |table| BgNbd::new().fit(table));
        measure("MBG/NBD", &weeks(2, &|seed| customers(&MBG_NBD, count, 27.0, 39.0, seed)), |table| MbgNbd::new().fit(table));
        measure("Pareto/NBD", &weeks(3, &|seed| customers(&PARETO_NBD, count, 27.0, 39.0, seed)), |table| ParetoNbd::new().fit(table));
        let heavy = weeks(4, &|seed| customers(&HEAVY_DROPOUT, count, 27.0, 39.0, seed));
        measure("Pareto/NBD, heavy dropout", &heavy, |table| ParetoNbd::new().fit(table));
        let opportunities = customers(&BG_BB, count, 6.0, 6.0, 5).expect("a summary");
        measure("BG/BB", &opportunities, |table| BgBb::new().fit(table));
    }
}
