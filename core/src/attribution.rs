//! Which touchpoints earn a conversion: credits that add up.
//!
//! ```
//! use wayfare::attribution::{Model, attribute};
//! use wayfare::paths::Paths;
//!
//! // C1 > C2 > C3 converted once; C1 alone and C2 > C3 did not.
//! let paths = Paths::from_strings(&["C1 > C2 > C3", "C1", "C2 > C3"], &[1, 0, 0], &[60.0, 0.0, 0.0], &[0, 1, 1], " > ")?;
//! let markov = attribute(&paths, "channel", &Model::markov(1))?;
//! assert_eq!(markov.measure("removal_effect"), Some(&[0.5, 1.0, 1.0][..]));
//! assert_eq!(markov.conversions.iter().sum::<f64>(), 1.0);
//! # Ok::<(), wayfare::Error>(())
//! ```
//!
//! Whatever the model and whatever touchpoints are grouped by, the credits of a path sum to its conversions and to their value, and the columns of a result to those of
//! all paths: bit for bit, in any order of addition.

pub use crate::batch::{AttributionRequest, MarkovRequest, OrderRequest, order_table};
pub use crate::insight::attribution::{
    Attribution, Facts, Game, Label, MarkovCounts, Model, OrderRow, PathCredits, Resampling, Sampling, SideBySide, all_models, attribute,
    attribute_with_intervals, credits, select_order,
};
