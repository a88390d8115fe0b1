//! The whole program against the sandbox: the built binary, real files, real sockets.

mod agreement;
mod corrections;
mod faults;
mod files;
mod interrupted;
mod site;
mod tokens;
mod workbook;

#[path = "../support/template.rs"]
#[allow(dead_code, reason = "other test programs use the rest of it")]
mod template;
