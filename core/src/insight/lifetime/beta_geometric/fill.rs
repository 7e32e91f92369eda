//! Many customers at once. What is to come of a customer who is alive depends on frequency and age alone, and in a table many share both: it is
//! computed once and kept for the next, which changes no bit.

use std::ops::Range;

use crate::insight::lifetime::measure::Measure;
use crate::insight::lifetime::purchases::Purchases;
use crate::insight::lifetime::summary::Summary;

use super::predict::Customer;

const SLOTS: usize = 2048;

/// The answers for some rows, as `one` would give them.
pub(crate) fn fill(
    customer: &Customer,
    measure: Measure,
    summary: &Summary,
    rows: Range<usize>,
    places: &mut [f64],
    one: impl Fn(&Purchases) -> f64,
) {
    let to_come = |row: &Purchases| match measure {
        Measure::ConditionalExpectedTransactions { periods } => Some(customer.if_alive(row).expected(periods)),
        Measure::DiscountedExpectedResidualTransactions { discount_rate } => Some(customer.if_alive(row).discounted(discount_rate)),
        _ => None,
    };
    let mut known: Vec<(u32, f64, f64)> = vec![(0, f64::NAN, 0.0); SLOTS];
    for (place, at) in places.iter_mut().zip(rows) {
        let Some(row) = summary.get(at) else { continue };
        let Some(slot) = known.get_mut(slot(&row)) else { continue };
        if !(slot.0 == row.frequency && slot.1 == row.age) {
            match to_come(&row) {
                Some(found) => *slot = (row.frequency, row.age, found),
                None => {
                    *place = one(&row);
                    continue;
                }
            }
        }
        *place = customer.probability_alive(&row) * slot.2;
    }
}

fn slot(row: &Purchases) -> usize {
    let mixed = (row.age.to_bits() ^ u64::from(row.frequency).wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (mixed >> 53) as usize % SLOTS
}
