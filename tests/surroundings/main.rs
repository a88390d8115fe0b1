//! Broken surroundings: the disk, the ledger's file, other programs, the network. Each gives a
//! clear message and the right exit code; nothing is sent that is not recorded, nothing is lost.
//!
//! Elsewhere: a second process on the same ledger, and a name bound to another service
//! (tests/settings/ledgers.rs); a clock that jumps (src/dispatcher/tests/tempo.rs); every answer
//! that a server can give (tests/outcomes).

#[path = "../nightly/agreement.rs"]
#[allow(dead_code, reason = "shared with another test program, which uses all of it")]
mod agreement;
#[cfg(unix)]
mod disk;
mod ledgers;
mod morning;
mod network;
mod restored;
#[path = "../nightly/site.rs"]
#[allow(dead_code, reason = "shared with another test program, which uses all of it")]
mod site;
mod tls;
