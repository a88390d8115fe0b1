//! The ledger as evidence, and as what holds people's names: its history, a copy of all of it, what
//! is deleted, what is not sent.

#[path = "../support/mod.rs"]
mod support;

mod contacts;
mod copy;
mod purge;
mod site;
mod verify;
