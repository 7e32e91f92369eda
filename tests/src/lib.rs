//! What the tests of wayfare share. Unpublished.

pub mod online;
pub mod random;
pub mod reference;
pub mod tables;
pub mod vectors;
