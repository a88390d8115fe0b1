//! What every answer and every transport error means, for POST and PUT: DESIGN's table, held over
//! real sockets.

#[path = "../support/mod.rs"]
mod support;

mod cases;
mod connections;
mod table;
