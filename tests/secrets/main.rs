//! Whatever goes wrong, neither the client secret nor a token is written or printed anywhere.

#[path = "../support/mod.rs"]
mod support;

mod search;
mod servers;
