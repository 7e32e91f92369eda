//! Numbers over populations. Nothing here knows of decisions.

pub(crate) mod attribution;
pub(crate) mod lifetime;
pub(crate) mod paths;
pub(crate) mod progress;
mod rfm;

pub use rfm::rfm_cuts;
