//! Settings: where they come from, which wins, and what is said of mistakes.

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod ledgers;
mod mistakes;
mod precedence;
mod secrets;
