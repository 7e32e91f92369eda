//! Identity over tables: records as rows, persons as a table, and tables of a journey by person.

mod columns;
mod components;
mod forest;
mod interned;
mod key;
mod persons;
mod resolve;

pub use columns::ResolveRequest;
pub(crate) use persons::by_person;
pub use resolve::{Resolution, ResolveReport};
