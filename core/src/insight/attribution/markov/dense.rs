//! Dense square systems: LU with partial pivoting (Golub and Van Loan, "Matrix Computations", 3.4).
#![expect(clippy::indexing_slicing, reason = "INVARIANT: every index runs below `size`, and `entries` has size * size of them")]

/// A square matrix, row by row.
#[derive(Debug, Clone)]
pub(super) struct Square {
    size: usize,
    entries: Vec<f64>,
}

/// P A = L U, in place: L below the diagonal, with ones on it.
pub(super) struct Lu {
    factors: Square,
    /// Where each row of the factors came from.
    order: Vec<usize>,
}

impl Square {
    pub(super) fn zeros(size: usize) -> Self {
        Self { size, entries: vec![0.0; size * size] }
    }

    pub(super) fn get(&self, row: usize, column: usize) -> f64 {
        self.entries[row * self.size + column]
    }

    pub(super) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.entries[row * self.size + column] = value;
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.entries[row * self.size..(row + 1) * self.size]
    }

    /// The rows and columns of these numbers.
    pub(super) fn block(&self, kept: &[usize]) -> Self {
        let entries = kept.iter().flat_map(|row| kept.iter().map(|column| self.get(*row, *column))).collect();
        Self { size: kept.len(), entries }
    }

    /// None if it is singular.
    pub(super) fn factored(mut self) -> Option<Lu> {
        let size = self.size;
        let mut order: Vec<usize> = (0..size).collect();
        for step in 0..size {
            let pivot =
                (step..size).fold(step, |best, row| if self.get(row, step).abs() > self.get(best, step).abs() { row } else { best });
            let head = self.get(pivot, step);
            if head == 0.0 || !head.is_finite() {
                return None;
            }
            if pivot != step {
                order.swap(pivot, step);
                for column in 0..size {
                    self.entries.swap(pivot * size + column, step * size + column);
                }
            }
            let (above, below) = self.entries.split_at_mut((step + 1) * size);
            let pivot_row = &above[step * size..];
            for row in below.chunks_exact_mut(size) {
                let factor = row[step] / head;
                row[step] = factor;
                if factor != 0.0 {
                    subtract_scaled(&mut row[step + 1..], &pivot_row[step + 1..], factor);
                }
            }
        }
        Some(Lu { factors: self, order })
    }
}

impl Lu {
    /// The solution of A x = right.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = self.order.iter().map(|row| right[*row]).collect();
        for row in 0..x.len() {
            let sum: f64 = self.factors.row(row).iter().zip(&x).take(row).map(|(factor, known)| factor * known).sum();
            x[row] -= sum;
        }
        for row in (0..x.len()).rev() {
            let entries = self.factors.row(row);
            let sum: f64 = entries.iter().zip(&x).skip(row + 1).map(|(factor, known)| factor * known).sum();
            x[row] = (x[row] - sum) / entries[row];
        }
        x
    }

    /// A⁻¹: the rows of the identity, all eliminated at once.
    pub(super) fn inverse(&self) -> Square {
        let size = self.order.len();
        let mut inverse = Square::zeros(size);
        for (row, from) in self.order.iter().enumerate() {
            inverse.set(row, *from, 1.0);
        }
        for row in 0..size {
            let (above, own) = inverse.entries.split_at_mut(row * size);
            for (known, factor) in above.chunks_exact(size).zip(self.factors.row(row)) {
                if *factor != 0.0 {
                    subtract_scaled(&mut own[..size], known, *factor);
                }
            }
        }
        for row in (0..size).rev() {
            let (own, below) = inverse.entries.split_at_mut((row + 1) * size);
            let own = &mut own[row * size..];
            let factors = self.factors.row(row);
            for (known, factor) in below.chunks_exact(size).zip(&factors[row + 1..]) {
                if *factor != 0.0 {
                    subtract_scaled(own, known, *factor);
                }
            }
            own.iter_mut().for_each(|entry| *entry /= factors[row]);
        }
        inverse
    }
}

fn subtract_scaled(from: &mut [f64], row: &[f64], factor: f64) {
    from.iter_mut().zip(row).for_each(|(entry, other)| *entry -= factor * other);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_undoes() {
        let entry = |row: usize, column: usize| if row == column { 0.0 } else { 1.0 / (row + 2 * column + 1) as f64 };
        let mut matrix = Square::zeros(5);
        (0..5).for_each(|row| (0..5).for_each(|column| matrix.set(row, column, entry(row, column))));
        let lu = matrix.clone().factored().unwrap();
        let inverse = lu.inverse();
        for row in 0..5 {
            for column in 0..5 {
                let product: f64 = (0..5).map(|inner| matrix.get(row, inner) * inverse.get(inner, column)).sum();
                assert!((product - f64::from(u8::from(row == column))).abs() < 1e-12, "{product}");
            }
            let unit: Vec<f64> = (0..5).map(|at| f64::from(u8::from(at == row))).collect();
            let column = lu.solve(&unit);
            assert!((0..5).all(|at| (column[at] - inverse.get(at, row)).abs() < 1e-12));
        }
        assert!(Square::zeros(2).factored().is_none());
    }
}
