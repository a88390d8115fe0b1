//! Reports of a whole month, in every format, against counts by plain SQL.

mod command;
mod figures;
mod formats;
mod month;
mod sql;
#[path = "../support/mod.rs"]
mod support;
