//! Attribution as plainly as it can be written: fractions, one dense system per removed channel, all orders of joining.

use super::Row;

/// A fraction in lowest terms.
#[derive(Clone, Copy)]
pub struct Fraction(i128, i128);

impl Fraction {
    fn new(over: i128, under: i128) -> Self {
        fn divisor(one: i128, other: i128) -> i128 {
            if other == 0 { one } else { divisor(other, one % other) }
        }
        let common = divisor(over, under).max(1);
        Self(over / common, under / common)
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    fn times(self, whole: u64) -> Self {
        Self::new(self.0 * i128::from(whole), self.1)
    }

    fn value(self) -> f64 {
        self.0 as f64 / self.1 as f64
    }
}

pub fn first(touches: usize) -> Vec<Fraction> {
    (0..touches).map(|at| Fraction::new(i128::from(at == 0), 1)).collect()
}

pub fn last(touches: usize) -> Vec<Fraction> {
    (0..touches).map(|at| Fraction::new(i128::from(at + 1 == touches), 1)).collect()
}

pub fn linear(touches: usize) -> Vec<Fraction> {
    vec![Fraction::new(1, touches as i128); touches]
}

/// A half for the first, a quarter for the last, the rest between; two touchpoints in the proportion of 2 to 1.
pub fn half_and_quarter(touches: usize) -> Vec<Fraction> {
    match touches {
        1 => vec![Fraction::new(1, 1)],
        2 => vec![Fraction::new(2, 3), Fraction::new(1, 3)],
        _ => {
            let mut shares = vec![Fraction::new(1, 4 * (touches as i128 - 2)); touches];
            shares[0] = Fraction::new(1, 2);
            shares[touches - 1] = Fraction::new(1, 4);
            shares
        }
    }
}

/// The channels that any path has.
fn channels(rows: &[Row]) -> Vec<u32> {
    let mut all: Vec<u32> = rows.iter().flat_map(|row| row.0.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

pub fn credits(rows: &[Row], shares: fn(usize) -> Vec<Fraction>) -> Vec<f64> {
    let of = |channel: &u32| {
        let own = rows.iter().flat_map(|row| {
            let shares = shares(row.0.len()).into_iter();
            shares.zip(&row.0).filter(|(_, code)| *code == channel).map(|(share, _)| share.times(row.1)).collect::<Vec<_>>()
        });
        own.fold(Fraction::new(0, 1), Fraction::plus).value()
    };
    channels(rows).iter().map(of).collect()
}

/// Values are of whole cents.
pub fn values(rows: &[Row], shares: fn(usize) -> Vec<Fraction>) -> Vec<f64> {
    let cents: Vec<Row> = rows.iter().map(|row| (row.0.clone(), (row.2 * 100.0).round() as u64, 0.0, 0)).collect();
    credits(&cents, shares).into_iter().map(|cents| cents / 100.0).collect()
}

pub fn distinct(rows: &[Row]) -> Vec<f64> {
    let once: Vec<Row> = rows
        .iter()
        .map(|row| {
            let mut path = row.0.clone();
            path.sort_unstable();
            path.dedup();
            (path, row.1, row.2, row.3)
        })
        .collect();
    credits(&once, linear)
}

/// The removal effects of conversions and of value, by solving the chain once more without each channel.
pub fn removal_effects(rows: &[Row], order: usize, nulls: bool) -> (Vec<f64>, Vec<f64>) {
    let mut states: Vec<Vec<u32>> = Vec::new();
    let mut number = |gram: &[u32]| {
        states.iter().position(|state| state == gram).unwrap_or_else(|| {
            states.push(gram.to_vec());
            states.len() - 1
        })
    };
    let mut walks: Vec<(Vec<usize>, f64, f64, f64)> = Vec::new();
    for (path, conversions, value, ended) in rows {
        let ended = if nulls { *ended } else { 0 };
        if path.is_empty() || conversions + ended == 0 {
            continue;
        }
        let mut walk: Vec<usize> = match path.len() < order {
            true => vec![number(path)],
            false => path.windows(order).map(&mut number).collect(),
        };
        walk.dedup();
        walks.push((walk, *conversions as f64, ended as f64, *value));
    }
    let effect = |value: bool| {
        let all = absorbed(&states, &walks, None, value);
        channels(rows).iter().map(|channel| 1.0 - absorbed(&states, &walks, Some(*channel), value) / all).collect()
    };
    (effect(false), effect(true))
}

/// The probability to convert, or the value to expect, without a channel.
fn absorbed(states: &[Vec<u32>], walks: &[(Vec<usize>, f64, f64, f64)], removed: Option<u32>, value: bool) -> f64 {
    let size = states.len();
    let mut flow = vec![vec![0.0; size]; size];
    let (mut begun, mut gained, mut exits) = (vec![0.0; size], vec![0.0; size], vec![0.0; size]);
    for (walk, conversions, ended, worth) in walks {
        let times = conversions + ended;
        begun[walk[0]] += times;
        for pair in walk.windows(2) {
            flow[pair[0]][pair[1]] += times;
        }
        walk.iter().for_each(|state| exits[*state] += times);
        gained[walk[walk.len() - 1]] += if value { *worth } else { *conversions };
    }
    let gone = |state: usize| removed.is_some_and(|channel| states[state].contains(&channel));
    // f = r + Q f, where what is gone has f = 0.
    let mut system: Vec<Vec<f64>> = (0..size)
        .map(|row| {
            let mut line: Vec<f64> = (0..size).map(|to| if gone(row) || gone(to) { 0.0 } else { -flow[row][to] / exits[row] }).collect();
            line[row] += 1.0;
            line.push(if gone(row) { 0.0 } else { gained[row] / exits[row] });
            line
        })
        .collect();
    for step in 0..size {
        let pivot = (step..size).max_by(|one, other| system[*one][step].abs().total_cmp(&system[*other][step].abs())).expect("a row");
        system.swap(step, pivot);
        let head = system[step].clone();
        for (_, line) in system.iter_mut().enumerate().filter(|(row, _)| *row != step) {
            let factor = line[step] / head[step];
            line.iter_mut().zip(&head).for_each(|(entry, other)| *entry -= factor * other);
        }
    }
    let all: f64 = begun.iter().sum();
    (0..size).map(|state| begun[state] / all * system[state][size] / system[state][state]).sum()
}

/// The mean marginal over all orders of joining, of the game that pays per path.
pub fn shapley(rows: &[Row], players: usize, pays: fn(&Row) -> f64) -> Vec<f64> {
    let worth = |joined: &[u32]| {
        let within = rows.iter().filter(|row| !row.0.is_empty() && row.0.iter().all(|code| joined.contains(code)));
        let (paid, paths) = within.fold((0.0, 0), |(paid, paths), row| (paid + pays(row), paths + row.1 + row.3));
        if paths == 0 { 0.0 } else { paid / paths as f64 }
    };
    let mut sums = vec![0.0; players];
    let mut orders = 0.0;
    each_order(&mut (0..players as u32).collect(), 0, &mut |order| {
        orders += 1.0;
        for (at, player) in order.iter().enumerate() {
            sums[*player as usize] += worth(&order[..=at]) - worth(&order[..at]);
        }
    });
    sums.into_iter().map(|sum| sum / orders).collect()
}

fn each_order(order: &mut Vec<u32>, fixed: usize, see: &mut impl FnMut(&[u32])) {
    if fixed == order.len() {
        return see(order);
    }
    for at in fixed..order.len() {
        order.swap(fixed, at);
        each_order(order, fixed + 1, see);
        order.swap(fixed, at);
    }
}

/// The sum of doubles, rounded once: by an expansion that never rounds (Shewchuk 1997), read as CPython's `math.fsum` does.
pub fn exact_sum(terms: impl Iterator<Item = f64>) -> f64 {
    let mut partials: Vec<f64> = Vec::new();
    for mut term in terms {
        let mut kept = Vec::new();
        for mut other in partials {
            if term.abs() < other.abs() {
                std::mem::swap(&mut term, &mut other);
            }
            let high = term + other;
            let low = other - (high - term);
            if low != 0.0 {
                kept.push(low);
            }
            term = high;
        }
        kept.push(term);
        partials = kept;
    }
    let Some(mut high) = partials.pop() else { return 0.0 };
    let mut low = 0.0;
    while let Some(term) = partials.pop() {
        let sum = high + term;
        low = term - (sum - high);
        high = sum;
        if low != 0.0 {
            break;
        }
    }
    if let Some(next) = partials.last()
        && ((low < 0.0 && *next < 0.0) || (low > 0.0 && *next > 0.0))
    {
        let doubled = low * 2.0;
        let sum = high + doubled;
        if doubled == sum - high {
            high = sum;
        }
    }
    high
}
