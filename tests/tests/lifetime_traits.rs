//! A summary, a journey over a table and a profile fold purchases alike, to the last bit.

use wayfare::lifetime::{FittedModel, Measure, Period, Returns, SummaryOptions, summarize};
use wayfare::{Column, Instant, Journey, Profile, ResultColumn, RunOptions, Table, Touchpoint, Value};
use wayfare_tests::random::Seed;

const PARAMS: [(&str, f64); 4] = [("r", 0.243), ("alpha", 4.414), ("a", 0.793), ("b", 2.426)];
const DAY: i64 = 86_400_000_000;

struct Purchase {
    customer: &'static str,
    at: Instant,
    value: f64,
}

const CUSTOMERS: [&str; 7] = ["ada", "bo", "cy", "dee", "eve", "a-customer-with-a-long-name", "fay"];
const ZONES: [&str; 3] = ["UTC", "America/New_York", "Asia/Kolkata"];
const RETURNS: [(&str, Returns); 3] = [("keep", Returns::Keep), ("drop", Returns::Drop), ("net_within_day", Returns::NetWithinDay)];

/// Purchases within a year; some of one day, some at one instant, some of them returns.
fn purchases(seed: &mut Seed) -> Vec<Purchase> {
    let begin = "2026-01-01T00:00:00Z".parse::<Instant>().unwrap().as_micros();
    let many = 20 + seed.below(60);
    (0..many)
        .map(|_| {
            let day = seed.below(120) as i64;
            let at = begin + day * DAY + [0, DAY / 3, DAY / 2 + 7, DAY - 1][seed.below(4)];
            let value = (seed.below(9000) as f64 - 1500.0) / 100.0 + 1e-9 * seed.below(1000) as f64;
            Purchase { customer: CUSTOMERS[seed.below(CUSTOMERS.len())], at: Instant::from_micros(at).unwrap(), value }
        })
        .collect()
}

fn journey(zone: &str, returns: &str) -> Journey {
    let text = format!(
        "wayfare: 1
name: Shop
time_zone: {zone}
allowed_lateness: 400d
touchpoints: {{ purchased: {{}} }}
lifetime:
  orders: {{ model: bg_nbd, params: {{ r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 }} }}
traits:
  frequency: {{ lifetime: frequency, of: purchased, returns: {returns}, output: true }}
  spend: {{ lifetime: monetary_value, of: purchased, returns: {returns}, output: true }}
  alive: {{ lifetime: probability_alive, of: purchased, model: orders, returns: {returns}, output: true }}
  ahead: {{ lifetime: conditional_expected_transactions, of: purchased, model: orders, days: 90, returns: {returns}, output: true }}
"
    );
    Journey::from_yaml(&text).unwrap()
}

/// Customer, frequency, monetary value, whether alive, transactions to expect: as bits.
type Row = (String, i64, u64, u64, u64);

fn bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

fn summed(purchases: &[Purchase], zone: &str, returns: Returns, now: Instant) -> Vec<Row> {
    let (customers, at, values) = columns(purchases);
    let table = Table::new()
        .column("customer", Column::texts(&customers))
        .column("at", Column::instants(&at))
        .column("value", Column::numbers(&values));
    let found = summarize(&table, &SummaryOptions { time_zone: zone, returns, ..SummaryOptions::new(now) }).unwrap();
    let named = PARAMS.map(|(name, value)| (name.to_owned(), value));
    let model = FittedModel::from_params("bg_nbd", &named, Period::WEEK).unwrap();
    let ResultColumn::Texts(keys) = &found.customers else { panic!("keys are text") };
    keys.iter()
        .zip(found.summary.iter())
        .map(|(key, row)| {
            let alive = model.evaluate(Measure::ProbabilityAlive, &row);
            let ahead = model.evaluate(Measure::ConditionalExpectedTransactions { periods: 90.0 / 7.0 }, &row);
            (key.unwrap().to_owned(), i64::from(row.frequency), bits(row.monetary_value), bits(alive), bits(ahead))
        })
        .collect()
}

fn columns(purchases: &[Purchase]) -> (Vec<&'static str>, Vec<Instant>, Vec<f64>) {
    let customers = purchases.iter().map(|purchase| purchase.customer).collect();
    (customers, purchases.iter().map(|purchase| purchase.at).collect(), purchases.iter().map(|purchase| purchase.value).collect())
}

fn in_a_table(purchases: &[Purchase], journey: &Journey, now: Instant) -> Vec<Row> {
    let (customers, at, values) = columns(purchases);
    let kinds = vec!["purchased"; purchases.len()];
    let table = Table::new()
        .column("customer", Column::texts(&customers))
        .column("at", Column::instants(&at))
        .column("kind", Column::texts(&kinds))
        .column("value", Column::numbers(&values));
    let found = journey.run(&table, &RunOptions::at(now)).unwrap();
    let numbers = |name: &str| match found.column(name) {
        Some(ResultColumn::Numbers(values)) => values.clone(),
        other => panic!("{name}: {other:?}"),
    };
    let (Some(ResultColumn::Texts(keys)), Some(ResultColumn::Integers(frequencies))) =
        (found.column("customer"), found.column("frequency"))
    else {
        panic!("keys and frequencies are there")
    };
    let (spend, alive, ahead) = (numbers("spend"), numbers("alive"), numbers("ahead"));
    (0..found.rows())
        .filter(|row| !alive[*row].is_nan())
        .map(|row| (keys.get(row).unwrap().to_owned(), frequencies[row], bits(spend[row]), bits(alive[row]), bits(ahead[row])))
        .collect()
}

fn online(purchases: &[Purchase], journey: &Journey, now: Instant, seed: &mut Seed) -> Vec<Row> {
    let mut names = CUSTOMERS.to_vec();
    names.sort_unstable();
    let mut rows = Vec::new();
    for name in names {
        let mut mine: Vec<&Purchase> = purchases.iter().filter(|purchase| purchase.customer == name && purchase.at <= now).collect();
        (1..mine.len()).rev().for_each(|at| mine.swap(at, seed.below(at + 1)));
        let mut profile = journey.profile(name);
        for purchase in mine {
            profile.observe(&Touchpoint::new("purchased", purchase.at).value(purchase.value)).unwrap();
            if seed.below(3) == 0 {
                profile = Profile::from_bytes(journey, &profile.to_bytes()).unwrap();
            }
        }
        let view = profile.view(now).unwrap();
        let number = |name: &str| match view.value(name) {
            Some(Value::Number(value)) => Some(value),
            Some(Value::Integer(value)) => Some(value as f64),
            _ => None,
        };
        if let Some(alive) = number("alive") {
            let frequency = number("frequency").unwrap() as i64;
            rows.push((name.to_owned(), frequency, bits(number("spend").unwrap()), bits(alive), bits(number("ahead").unwrap())));
        }
    }
    rows
}

#[test]
fn a_summary_a_table_and_a_profile_say_the_same() {
    let mut seed = Seed::new(1997);
    for round in 0..60 {
        let purchases = purchases(&mut seed);
        let zone = ZONES[round % ZONES.len()];
        let (word, returns) = RETURNS[round / ZONES.len() % RETURNS.len()];
        let journey = journey(zone, word);
        let now = Instant::from_micros(purchases[0].at.as_micros() + seed.below(100) as i64 * DAY / 2).unwrap();
        let wanted = summed(&purchases, zone, returns, now);
        assert!(!wanted.is_empty() || word != "keep");
        assert_eq!(in_a_table(&purchases, &journey, now), wanted, "round {round}, {zone}, {word}: table");
        assert_eq!(online(&purchases, &journey, now, &mut seed), wanted, "round {round}, {zone}, {word}: profile");
    }
}
