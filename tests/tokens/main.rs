//! Access tokens: what is asked, how often, and what becomes of every answer.

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod asked;
mod bench;
mod busy;
mod life;
mod routes;
