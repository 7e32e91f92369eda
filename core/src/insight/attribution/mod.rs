//! Which touchpoints earn a conversion. `crate::attribution` is the public face, together with what reads and writes tables of it.

mod apportion;
mod credits;
mod intervals;
mod markov;
mod model;
mod reading;
mod resample;
mod result;
mod shapley;
mod side_by_side;
mod solve;
mod split;
mod wide;

pub use credits::{PathCredits, credits};
pub use intervals::Resampling;
pub use markov::{MarkovCounts, OrderRow, select_order};
pub use model::{Game, Model, attribute, attribute_with_intervals};
pub use result::{Attribution, Facts, Label};
pub use shapley::Sampling;
pub use side_by_side::{SideBySide, all_models};
