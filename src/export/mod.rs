//! Movements out of the ledger again, for people to correct and for programs to read: what they
//! were read as, with what was wrong, in files that can be edited and submitted as they are.
//!
//! Must not know: terminals, where files are written, the network.

mod accepted;
mod all;
mod bodies;
mod cells;
mod collect;
mod encode;
mod note;
mod pane;
#[cfg(test)]
mod round_trip;
mod setting;
mod table;
#[cfg(test)]
mod tests;
mod workbook;

pub use accepted::Accepted;
pub use all::{AllFormat, Contents, write_all};
pub use bodies::write_bodies;
pub use collect::{Outgoing, Records, Selection};
pub use setting::Setting;
pub use table::Table;
pub use workbook::{Exported, Sheets, write_workbook};

use crate::ledger::LedgerError;

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A workbook could not be made.
    #[error("the workbook cannot be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// What was exported could not be written.
    #[error("the export cannot be written: {0}")]
    Write(#[from] std::io::Error),
}
