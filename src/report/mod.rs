//! Reports: one audit model, read from the ledger alone, and a writer for each format.
//!
//! Every figure in every format comes from [`Audit`]. Must not know: the network, how a ledger is
//! written, terminals.

mod audit;
mod chapters;
mod csv;
mod facts;
mod findings;
mod gather;
mod html;
mod json;
mod latency;
mod model;
mod serial;
mod show;
mod tables;
mod text;
mod xlsx;

pub use csv::{write_figures as write_csv_figures, write_movements as write_csv};
pub use facts::{Facts, ItemFacts};
pub use html::{PageError, write as write_html};
pub use json::write as write_json;
pub use model::*;
pub use text::write as write_text;
pub use xlsx::write as write_xlsx;
