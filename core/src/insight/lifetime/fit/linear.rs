//! Small dense symmetric matrices: Cholesky and Jacobi's eigenvalues, for as many rows as a model has parameters.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: every index runs below `size`, and `entries` has size * size of them")]

/// A square matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matrix {
    size: usize,
    entries: Vec<f64>,
}

impl Matrix {
    pub(crate) fn zeros(size: usize) -> Self {
        Self { size, entries: vec![0.0; size * size] }
    }

    pub(crate) fn from_fn(size: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        let mut made = Self::zeros(size);
        for row in 0..size {
            for column in 0..size {
                made.entries[row * size + column] = entry(row, column);
            }
        }
        made
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn get(&self, row: usize, column: usize) -> f64 {
        self.entries[row * self.size + column]
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.entries[row * self.size + column] = value;
    }

    pub(crate) fn add(&mut self, row: usize, column: usize, term: f64) {
        self.entries[row * self.size + column] += term;
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.entries.iter().all(|entry| entry.is_finite())
    }

    pub(crate) fn negated(&self) -> Self {
        Self { size: self.size, entries: self.entries.iter().map(|entry| -entry).collect() }
    }

    pub(crate) fn times(&self, vector: &[f64]) -> Vec<f64> {
        (0..self.size).map(|row| (0..self.size).map(|column| self.get(row, column) * vector[column]).sum()).collect()
    }

    /// The lower triangle L with L Lᵀ = self, if self is positive definite.
    pub(crate) fn cholesky(&self) -> Option<Self> {
        let size = self.size;
        let mut lower = Self::zeros(size);
        for row in 0..size {
            for column in 0..=row {
                let mut sum = self.get(row, column);
                for inner in 0..column {
                    sum -= lower.get(row, inner) * lower.get(column, inner);
                }
                if row == column {
                    if !(sum > 0.0 && sum.is_finite()) {
                        return None;
                    }
                    lower.set(row, row, sum.sqrt());
                } else {
                    lower.set(row, column, sum / lower.get(column, column));
                }
            }
        }
        Some(lower)
    }

    /// With self as the lower triangle of Cholesky: the solution of L Lᵀ x = right.
    pub(crate) fn cholesky_solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.size;
        let mut x = right.to_vec();
        for row in 0..size {
            for inner in 0..row {
                x[row] -= self.get(row, inner) * x[inner];
            }
            x[row] /= self.get(row, row);
        }
        for row in (0..size).rev() {
            for inner in row + 1..size {
                x[row] -= self.get(inner, row) * x[inner];
            }
            x[row] /= self.get(row, row);
        }
        x
    }

    /// The inverse, if self is positive definite.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let lower = self.cholesky()?;
        let mut inverse = Self::zeros(self.size);
        for column in 0..self.size {
            let mut unit = vec![0.0; self.size];
            unit[column] = 1.0;
            for (row, value) in lower.cholesky_solve(&unit).into_iter().enumerate() {
                inverse.set(row, column, value);
            }
        }
        Some(Self::from_fn(self.size, |row, column| 0.5 * (inverse.get(row, column) + inverse.get(column, row))))
    }

    /// Eigenvalues, least first, each with its unit vector (Golub and Van Loan, "Matrix Computations", 8.5: cyclic Jacobi).
    pub(crate) fn eigen(&self) -> Vec<(f64, Vec<f64>)> {
        let size = self.size;
        let mut left = self.clone();
        let mut vectors = Self::from_fn(size, |row, column| if row == column { 1.0 } else { 0.0 });
        for _sweep in 0..60 {
            let off: f64 = (0..size).flat_map(|row| (0..row).map(move |column| (row, column))).map(|(r, c)| left.get(r, c).abs()).sum();
            if off == 0.0 || !off.is_finite() {
                break;
            }
            for p in 0..size {
                for q in p + 1..size {
                    left.rotate(&mut vectors, p, q);
                }
            }
        }
        let mut pairs: Vec<(f64, Vec<f64>)> =
            (0..size).map(|column| (left.get(column, column), (0..size).map(|row| vectors.get(row, column)).collect())).collect();
        pairs.sort_by(|one, other| one.0.total_cmp(&other.0));
        pairs
    }

    fn rotate(&mut self, vectors: &mut Self, p: usize, q: usize) {
        let apq = self.get(p, q);
        if apq.abs() <= 1e-18 * (self.get(p, p).abs() * self.get(q, q).abs()).sqrt() {
            self.set(p, q, 0.0);
            self.set(q, p, 0.0);
            return;
        }
        let theta = (self.get(q, q) - self.get(p, p)) / (2.0 * apq);
        let t = if theta == 0.0 { 1.0 } else { theta.signum() / (theta.abs() + (1.0 + theta * theta).sqrt()) };
        let c = 1.0 / (1.0 + t * t).sqrt();
        let s = t * c;
        for k in 0..self.size {
            let (kp, kq) = (self.get(k, p), self.get(k, q));
            self.set(k, p, c * kp - s * kq);
            self.set(k, q, s * kp + c * kq);
        }
        for k in 0..self.size {
            let (pk, qk) = (self.get(p, k), self.get(q, k));
            self.set(p, k, c * pk - s * qk);
            self.set(q, k, s * pk + c * qk);
            let (vp, vq) = (vectors.get(k, p), vectors.get(k, q));
            vectors.set(k, p, c * vp - s * vq);
            vectors.set(k, q, s * vp + c * vq);
        }
        self.set(p, q, 0.0);
        self.set(q, p, 0.0);
    }
}

pub(crate) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

pub(crate) fn norm(vector: &[f64]) -> f64 {
    dot(vector, vector).sqrt()
}

pub(crate) fn greatest(vector: &[f64]) -> f64 {
    vector.iter().fold(0.0, |most, entry| most.max(entry.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_undoes_and_eigenvalues_make_up_the_matrix() {
        let matrix = Matrix::from_fn(4, |row, column| 1.0 / (row + column + 1) as f64); // Hilbert's: ill-conditioned
        let inverse = matrix.inverse().unwrap();
        assert!((inverse.get(0, 0) - 16.0).abs() < 1e-9 && (inverse.get(3, 3) - 2800.0).abs() < 1e-6);
        let pairs = matrix.eigen();
        for row in 0..4 {
            for column in 0..4 {
                let made: f64 = pairs.iter().map(|(value, vector)| value * vector[row] * vector[column]).sum();
                assert!((made - matrix.get(row, column)).abs() < 1e-15);
            }
        }
        assert!((pairs[0].0 - 9.670_230_402_258_689e-5).abs() < 1e-16); // numpy.linalg.eigvalsh(hilbert(4))
        assert!(Matrix::from_fn(2, |_, _| 1.0).cholesky().is_none());
    }
}
