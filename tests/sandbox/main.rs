//! The sandbox, asked over real connections: faults and what its oracle says of them, tokens,
//! its own paths, and the service's recorded answers.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic")]

mod approval;
mod control;
mod faults;
mod http;
mod raw;
mod receive;
mod support;
mod tokens;
mod updates;
