//! The government's spreadsheet template, read through the public interface: what people make of
//! it, what is refused, and that no bytes make the reader panic.

mod bytes;
mod files;
mod join;
mod parts;
mod read;
mod refusals;
mod values;

#[path = "../support/template.rs"]
#[allow(dead_code, reason = "other test programs use the rest of it")]
mod template;
