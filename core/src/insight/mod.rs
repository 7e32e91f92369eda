//! Numbers over populations. Nothing here knows of decisions.

mod rfm;

pub use rfm::rfm_cuts;
