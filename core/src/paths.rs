//! How customers get there: their touchpoints one after the other, and the paths to conversion among them.

pub use crate::insight::paths::{Dimension, PathRow, Paths};
