//! What the tests of wayfare share. Unpublished.

pub mod checker;
pub mod identity;
pub mod lifetime;
pub mod online;
pub mod paths;
pub mod random;
pub mod reference;
pub mod simulator;
pub mod tables;
pub mod vectors;
