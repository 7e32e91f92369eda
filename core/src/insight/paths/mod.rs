//! Customers' touchpoints one after the other, and the paths to conversion among them.

mod dimension;
mod rows;
mod strings;

pub use dimension::Dimension;
pub use rows::{PathRow, Paths};
