//! Logistic regression on a few columns, by Newton's method, with what it varies by when customers are drawn again.

/// Observations that one customer made stand together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observation<const N: usize> {
    pub(super) customer: usize,
    pub(super) columns: [f64; N],
    /// What is added to the columns times the coefficients.
    pub(super) offset: f64,
    pub(super) happened: bool,
}

/// The coefficients, and their covariance by customers (Liang and Zeger 1986).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Regression<const N: usize> {
    pub(super) coefficients: [f64; N],
    pub(super) covariance: [[f64; N]; N],
}

const MOST_STEPS: usize = 50;
const SETTLED: f64 = 1e-10;

pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// Of probabilities that may be 0 or 1.
pub(super) fn logit(p: f64) -> f64 {
    const LEAST: f64 = 1e-9;
    libm::log((p + LEAST) / (1.0 - p + LEAST))
}

/// The most likely coefficients, if there are any.
pub(super) fn regress<const N: usize>(observations: &[Observation<N>]) -> Option<Regression<N>> {
    let happened = observations.iter().filter(|observation| observation.happened).count();
    if happened == 0 || happened == observations.len() {
        return None;
    }
    let mut coefficients = [0.0; N];
    let mut worth = likelihood(observations, &coefficients);
    for _ in 0..MOST_STEPS {
        let (gradient, information) = derivatives(observations, &coefficients);
        let step = times(&inverse(information)?, &gradient);
        let mut length = 1.0;
        let better = loop {
            let tried = std::array::from_fn(|at| coefficient(&coefficients, at) + length * coefficient(&step, at));
            let likelihood = likelihood(observations, &tried);
            if likelihood >= worth - 1e-12 * worth.abs() {
                break Some((tried, likelihood));
            }
            length /= 2.0;
            if length < 1e-6 {
                break None;
            }
        };
        (coefficients, worth) = better?;
        let moved = step.iter().map(|step| (length * step).abs()).fold(0.0, f64::max);
        if moved < SETTLED * (1.0 + coefficients.iter().map(|value| value.abs()).fold(0.0, f64::max)) {
            return Some(Regression { coefficients, covariance: covariance(observations, &coefficients)? });
        }
    }
    None
}

impl<const N: usize> Regression<N> {
    pub(super) fn coefficient(&self, at: usize) -> f64 {
        coefficient(&self.coefficients, at)
    }

    pub(super) fn standard_error(&self, at: usize) -> f64 {
        self.covariance.get(at).map_or(0.0, |row| coefficient(row, at)).max(0.0).sqrt()
    }
}

fn coefficient<const N: usize>(values: &[f64; N], at: usize) -> f64 {
    values.get(at).copied().unwrap_or_default()
}

pub(super) fn product<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn likelihood<const N: usize>(observations: &[Observation<N>], coefficients: &[f64; N]) -> f64 {
    let of = |observation: &Observation<N>| {
        let x = observation.offset + product(&observation.columns, coefficients);
        let x = if observation.happened { x } else { -x };
        // log(1 / (1 + e^-x)) without overflow.
        if x > 0.0 { -libm::log1p(libm::exp(-x)) } else { x - libm::log1p(libm::exp(x)) }
    };
    observations.iter().map(of).sum()
}

fn derivatives<const N: usize>(observations: &[Observation<N>], coefficients: &[f64; N]) -> ([f64; N], [[f64; N]; N]) {
    let (mut gradient, mut information) = ([0.0; N], [[0.0; N]; N]);
    for observation in observations {
        let p = logistic(observation.offset + product(&observation.columns, coefficients));
        let rest = f64::from(u8::from(observation.happened)) - p;
        for ((gradient, row), column) in gradient.iter_mut().zip(&mut information).zip(observation.columns) {
            *gradient += rest * column;
            row.iter_mut().zip(observation.columns).for_each(|(cell, other)| *cell += p * (1.0 - p) * column * other);
        }
    }
    (gradient, information)
}

fn covariance<const N: usize>(observations: &[Observation<N>], coefficients: &[f64; N]) -> Option<[[f64; N]; N]> {
    let (_, information) = derivatives(observations, coefficients);
    let bread = inverse(information)?;
    let mut meat = [[0.0; N]; N];
    let mut customers = 0.0;
    for customer in observations.chunk_by(|one, other| one.customer == other.customer) {
        let (score, _) = derivatives(customer, coefficients);
        customers += 1.0;
        for (row, one) in meat.iter_mut().zip(score) {
            row.iter_mut().zip(score).for_each(|(cell, other)| *cell += one * other);
        }
    }
    // For few customers, as samples are.
    let scale = if customers > 1.0 { customers / (customers - 1.0) } else { 1.0 };
    let half: [[f64; N]; N] = bread.map(|row| times(&meat, &row));
    Some(half.map(|row| times(&bread, &row).map(|value| scale * value)))
}

fn times<const N: usize>(matrix: &[[f64; N]; N], vector: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|at| matrix.get(at).map_or(0.0, |row| product(row, vector)))
}

/// By elimination of a positive definite matrix.
fn inverse<const N: usize>(matrix: [[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut left = matrix;
    let mut right: [[f64; N]; N] = std::array::from_fn(|row| std::array::from_fn(|column| if row == column { 1.0 } else { 0.0 }));
    for at in 0..N {
        let (pivot_row, pivot_result) = (*left.get(at)?, *right.get(at)?);
        let pivot = coefficient(&pivot_row, at);
        if pivot.is_nan() || pivot <= 1e-12 * coefficient(matrix.get(at)?, at) || pivot <= 0.0 {
            return None;
        }
        for (row, (cells, result)) in left.iter_mut().zip(&mut right).enumerate() {
            let factor = if row == at { 1.0 - 1.0 / pivot } else { coefficient(cells, at) / pivot };
            cells.iter_mut().zip(pivot_row).for_each(|(cell, pivot)| *cell -= factor * pivot);
            result.iter_mut().zip(pivot_result).for_each(|(cell, pivot)| *cell -= factor * pivot);
        }
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    // R 4: glm(y ~ x, binomial) is the textbook's example of hours of study and passing, coefficients -4.0777 and 1.5046.
    #[test]
    fn the_textbook_example() {
        let hours = [0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 4.0, 4.25, 4.5, 4.75, 5.0, 5.5];
        let passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1];
        let rows = hours.iter().zip(passed).enumerate();
        let observations: Vec<Observation<2>> = rows
            .map(|(customer, (hours, passed))| Observation { customer, columns: [1.0, *hours], offset: 0.0, happened: passed == 1 })
            .collect();
        let found = regress(&observations).unwrap();
        assert!((found.coefficient(0) + 4.0777).abs() < 1e-4 && (found.coefficient(1) - 1.5046).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn what_cannot_be_told_is_not() {
        let same = [true, false].map(|happened| Observation { customer: 0, columns: [1.0, 2.0], offset: 0.0, happened });
        assert_eq!(regress(&same), None);
        assert_eq!(regress::<1>(&[]), None);
    }
}
