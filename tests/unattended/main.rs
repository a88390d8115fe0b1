//! Runs that nobody watches: what they tell, whom they wait for, when they end.

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod hooks;
mod logs;
mod times;
