//! BG/NBD, MBG/NBD and NBD: gamma distributed rates, and a chance to drop out after each purchase.

mod average;
mod estimate;
mod exponential_integral;
mod family;
mod fill;
mod grouped;
mod kernel;
mod objective;
mod parts;
mod predict;

pub(crate) use estimate::{counts, fit_family, fit_nbd, grouped, timeless_limits};
pub(crate) use family::Family;
pub(crate) use grouped::{Grouped, Pattern, Tail};
pub(crate) use parts::{Dropout, Jet, Rate, rising, softplus};
pub(crate) use predict::Customer;

#[cfg(test)]
mod tests;
