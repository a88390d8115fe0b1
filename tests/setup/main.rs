//! Setting it up: `init`, `doctor`, completions, the manual, and whether anything has run.

#[path = "../support/mod.rs"]
mod support;

mod docs;
mod doctor;
mod init;
mod messages;
mod shells;
