//! Ages since the last touchpoint, in cells that grow with age.
//!
//! A second or less is one cell; from there on an octave, the age twice as long, is a bin in which hazards are constant and has four cells, between
//! whose ends probabilities are straight lines. Sums over ages are then exact sums over the cells.

/// The first cell ends after 2^20 microseconds, about a second.
const FIRST: u32 = 20;
/// The last one begins after 2^47 microseconds, about four and a half years.
const LAST: u32 = 47;
/// Bins of constant hazards: the first second, the octaves, and what is older.
pub(super) const BINS: usize = (LAST - FIRST) as usize + 2;
/// Ages at which probabilities are kept: none at all, and the starts of the cells from the second on.
pub(super) const NODES: usize = (LAST - FIRST) as usize * 4 + 2;
/// Which touchpoint comes next is told apart within the same visit, on the same day and later.
pub(super) const CLASSES: usize = 3;

/// The cell of an age and how far into it the age lies, in microseconds.
#[inline]
pub(super) fn cell(age: i64) -> (u8, u64) {
    let age = age.max(0) as u64;
    let octave = 63 - (age | 1).leading_zeros();
    if octave < FIRST {
        return (0, age);
    }
    if octave >= LAST {
        return (NODES as u8 - 1, age - (1 << LAST));
    }
    let quarter = (age >> (octave - 2)) & 3;
    (1 + (octave - FIRST) as u8 * 4 + quarter as u8, age & ((1 << (octave - 2)) - 1))
}

/// Where a cell starts, in microseconds.
pub(super) fn start(cell: usize) -> u64 {
    match cell.checked_sub(1) {
        None => 0,
        Some(behind) => (4 + behind as u64 % 4) << (FIRST as usize - 2 + behind / 4),
    }
}

/// How wide a cell is, if it is not the first or the last.
fn width(cell: usize) -> Option<f64> {
    (1..NODES - 1).contains(&cell).then(|| (1_u64 << (FIRST as usize - 2 + (cell - 1) / 4)) as f64)
}

/// The bin of a cell.
pub(super) fn bin(cell: usize) -> usize {
    cell.checked_sub(1).map_or(0, |behind| 1 + behind / 4)
}

/// Where a bin starts, in microseconds.
pub(super) fn bin_start(bin: usize) -> u64 {
    if bin == 0 { 0 } else { 1 << (FIRST as usize + bin - 1) }
}

/// The class of a bin: up to 18 minutes, up to 19 hours, longer.
pub(super) fn class(bin: usize) -> usize {
    match bin {
        0..=10 => 0,
        11..=16 => 1,
        _ => 2,
    }
}

/// The sum of a function over so many ages of one cell, which lie so far into it together. The function is known at the nodes.
#[inline]
pub(super) fn sum(nodes: &[f64], cell: usize, count: f64, into: f64) -> f64 {
    let low = nodes.get(cell).copied().unwrap_or_default();
    match width(cell) {
        None => low * count,
        Some(width) => low * count + (nodes.get(cell + 1).copied().unwrap_or_default() - low) * (into / width),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_follow_each_other_without_a_gap() {
        for at in 1..NODES {
            let from = start(at) as i64;
            assert_eq!(cell(from), (at as u8, 0));
            let before = cell(from - 1);
            assert_eq!(before.0 as usize, at - 1);
            assert_eq!(start(at - 1) + before.1, start(at) - 1);
            assert!(start(at) >= bin_start(bin(at)));
        }
        assert_eq!(cell(i64::MAX).0 as usize, NODES - 1);
        assert_eq!((bin(NODES - 1), bin_start(BINS - 1)), (BINS - 1, start(NODES - 1)));
    }

    #[test]
    fn between_nodes_is_a_straight_line() {
        let nodes: Vec<f64> = (0..NODES).map(|at| start(at) as f64).collect();
        for age in [1 << 20, 3_000_000, 86_400_000_000, 2_592_000_000_001] {
            let (cell, into) = cell(age);
            assert!((sum(&nodes, cell.into(), 1.0, into as f64) - age as f64).abs() < 1e-3);
        }
    }
}
