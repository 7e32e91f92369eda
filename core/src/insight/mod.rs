//! Numbers over populations. Nothing here knows of decisions.

pub(crate) mod lifetime;
mod rfm;

pub use rfm::rfm_cuts;
