//! The whole program against the sandbox: the built binary, real files, real sockets.

mod agreement;
mod corrections;
mod faults;
mod files;
mod interrupted;
mod site;
mod tokens;
