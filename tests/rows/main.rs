//! Rows out of the ledger again: what an export writes can be corrected and submitted as it is.

#[path = "../nightly/agreement.rs"]
#[allow(dead_code, reason = "shared with another test program, which uses all of it")]
mod agreement;
mod as_read;
mod bodies;
mod folders;
mod results;
#[path = "../nightly/site.rs"]
#[allow(dead_code, reason = "shared with another test program, which uses all of it")]
mod site;
mod split;
