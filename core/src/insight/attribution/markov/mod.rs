//! Absorbing Markov chains of order k, solved exactly.

mod chain;
mod codec;
mod count;
mod counts;
mod dense;
mod order;
mod solve;

pub use counts::MarkovCounts;
pub use order::{OrderRow, select_order};
pub(crate) use solve::Solution;
