//! The native half of the npm package `wayfare`: free functions over handles, because a call of a class method costs ten times as much. `lib/*.js` makes
//! classes of them. Each function converts, calls the crate, and maps the error; each is guarded, so that a panic becomes an exception.

mod attribution;
mod decision;
mod error;
mod grid;
mod identity;
mod journey;
mod lifetime;
mod pack;
mod path_analyses;
mod paths;
mod preference;
mod profile;
mod progress;
mod run;
mod table;
mod value;
mod what_if;
