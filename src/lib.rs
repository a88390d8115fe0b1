//! `waste-receipts` reports received waste movements to the UK's Receipt of Waste API: every load
//! once, every answer kept.
//!
//! # The way through
//!
//! ```text
//! file -> reader -> movement -> checks -> ledger -> dispatcher -> api -> ledger -> report
//! ```
//!
//! The rooms, in that order; each may use only those above it, save where the table says more.
//!
//! | room | what it is | uses |
//! |---|---|---|
//! | [`clock`], [`calendar`], [`finding`], [`fold`] | time, days, what is wrong, quick ways with texts | nothing of ours |
//! | [`json`], [`mod@reference`] | JSON without loss, code lists | `fold` |
//! | [`private`] | files that only their owner can read | nothing of ours |
//! | [`killpoint`] | where a test has the process die; nothing in a release build | nothing of ours |
//! | [`movement`] | the request body, and the one table of its fields | `json`, `reference` |
//! | [`submission`] | states, what answers mean, the transition table; pure | `finding` |
//! | [`reader`] | rows of a file to movements | the leaves, `movement` |
//! | [`checks`] | what the API would say of a body | the leaves, `movement` |
//! | [`ledger`] | the only SQL: what happened to every record, durably | the leaves, `movement`, `submission` |
//! | [`api`] | tokens, requests, what an answer means | the leaves, `submission` |
//! | [`intake`] | a file on its way into the ledger | `reader`, `checks`, `ledger` |
//! | [`drift`] | where the service judges otherwise than our checks | `checks`, `ledger`, the leaves |
//! | [`dispatcher`] | from the ledger to the service and back | `ledger`, `api` |
//! | [`drift`] | where the service judges otherwise than we foresaw | `checks`, `ledger` |
//! | [`report`] | one audit model, a writer for each format | `ledger` |
//! | [`approval`] | the production approval scenarios, their verdicts and evidence; pure | the leaves, `movement`, `submission`, `checks` |
//! | [`export`] | movements out of the ledger again, to be corrected or read | `ledger`, `movement`, `submission`, `reader`, the leaves |
//! | [`sandbox`] | a local Receipt API with faults on demand | `movement`, `reference`, `checks`, `json`, `finding` |
//! | [`cli`] | commands, settings, the console | all; nothing uses it |
//!
//! # What always holds
//!
//! 1. Every record that was read is in the ledger, in exactly one state, with its file and line.
//! 2. A movement is never POSTed again unless the earlier attempt is known not to have been
//!    stored, or a person ordered it ([`submission::next`]).
//! 3. What the ledger says was accepted was accepted: the answer is on the disk before it is shown
//!    ([`dispatcher`]).
//! 4. Killing the process at any instant breaks none of these ([`ledger::Ledger::recover`]).

pub mod api;
pub mod approval;
pub mod calendar;
pub mod checks;
pub mod cli;
pub mod clock;
pub mod dispatcher;
pub mod drift;
pub mod export;
pub mod finding;
pub mod fold;
pub mod intake;
pub mod json;
pub mod killpoint;
pub mod ledger;
pub mod movement;
pub mod private;
pub mod reader;
pub mod reference;
pub mod report;
pub mod sandbox;
pub mod submission;
