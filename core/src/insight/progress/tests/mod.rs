//! Chains with known answers, and customers made by known laws.

mod chains;
mod customers;
mod simulate;
