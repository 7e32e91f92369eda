//! Attribution asked for by documents and answered by tables.

mod request;
mod tables;

pub use request::{AttributionRequest, MarkovRequest, OrderRequest};
pub use tables::order_table;
