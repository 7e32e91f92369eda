//! Numbers over populations. Nothing here knows of decisions.

pub mod lifetime;
mod rfm;

pub use rfm::rfm_cuts;
