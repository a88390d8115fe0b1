//! Where commands leave what they write: files that are there only once they are whole, and standard
//! output.
//!
//! There are two kinds of files. [`Replacing`] takes the place of the one before, as a report does
//! that is made anew; [`Fresh`] never does, since somebody may be correcting what is there. Both are
//! for their owner alone, as [`crate::private`] has it: they name people and places.

mod fresh;
mod replacing;
mod tables;

use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

pub(super) use fresh::Fresh;
pub(super) use replacing::Replacing;
pub(super) use tables::Tables;

/// A temporary file in the folder of the one that it becomes; `.unfinished` tells what it is, should
/// the program be killed meanwhile.
pub(super) fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".waste-receipts-").suffix(".unfinished").tempfile_in(folder)
}
