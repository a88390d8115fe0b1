//! What can go wrong with a ledger, each with its remedy.

use std::path::PathBuf;

use crate::submission::IllegalStep;

/// Why the ledger did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is no such file.
    #[error(
        "there is no ledger at {path}. If this is the first run on this machine, add \
         --create-ledger; if it is not, the setting \"ledger\" points to the wrong place: with an \
         empty ledger every movement would be sent again"
    )]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It was restored from a backup that is older than what was sent from it.
    #[error(
        "the ledger {path} is older than what was sent from it, as when a backup is restored: it \
         lacks {lacks} claims and decisions, so what it calls unsent may have been sent. Nothing is \
         sent from it. Put the newer ledger back if there is one; if not, run retry \
         --after-restore: whatever is not settled becomes uncertain, to be decided with resolve. \
         Files that were first read since that backup must be submitted with --after-restore too"
    )]
    Restored {
        /// The ledger.
        path: PathBuf,
        /// How many commits are missing.
        lacks: i64,
    },
    /// Another process has it.
    #[error("the ledger {path} is in use{holder}. Wait until that has ended, and try again")]
    InUse {
        /// The ledger.
        path: PathBuf,
        /// By whom, as far as is known, beginning with a space or a colon.
        holder: String,
    },
    /// It lies on a network drive.
    #[error(
        "the ledger {path} lies on a network drive ({kind}), where its writes cannot be relied \
         upon. Keep it on a disk of this machine"
    )]
    NetworkDrive {
        /// The ledger.
        path: PathBuf,
        /// What kind of drive.
        kind: String,
    },
    /// A newer version of the program wrote it.
    #[error(
        "the ledger {path} was written by a newer version of waste-receipts. Install that version; \
         nothing was changed"
    )]
    Newer {
        /// The ledger.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{path} is not a ledger of waste-receipts: {reason}")]
    NotALedger {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The environment's name stands for another service in this ledger.
    #[error(
        "in this ledger the environment \"{name}\" means {bound}, not {asked}. Give the other \
         service another name with --environment, or a ledger of its own"
    )]
    Bound {
        /// The name.
        name: String,
        /// What it was bound to.
        bound: String,
        /// What was asked for.
        asked: String,
    },
    /// A step that the transition table does not have.
    #[error("revision {revision}: {source}")]
    Illegal {
        /// Which.
        revision: i64,
        /// What was tried.
        source: IllegalStep,
    },
    /// What it holds contradicts itself.
    #[error("the ledger is damaged: {0}. Keep the file as it is, and restore a backup beside it")]
    Damaged(&'static str),
    /// A decision that does not fit.
    #[error("{0}")]
    Refused(String),
    /// Another program has had the file for too long.
    #[error(
        "another program holds the ledger (a backup, or a tool that has it open). Nothing was sent \
         that is not recorded; close that program and run retry"
    )]
    Busy,
    /// Rows were emptied, and what they held may still be in the file.
    #[error(
        "the personal data is removed from every row, and the history says so; but another program \
         has the ledger open, so parts of its file that are free now may still hold it. Close that \
         program, and run the same purge again"
    )]
    Unswept,
    /// The disk does not take what is written, or does not give it back.
    #[error(
        "the ledger could not be read or written: {0}. Nothing was sent that is not recorded; see \
         to the disk (is it full, read-only, or failing?) and run retry"
    )]
    Disk(String),
    /// The disk is full.
    #[error(
        "the ledger could not be written: the disk is full. Nothing was sent that is not recorded; \
         make room and run retry"
    )]
    DiskFull,
    /// The file system said no.
    #[error("the ledger cannot be kept there: {path}: {source}")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The program ended while something was still to be done.
    #[error(
        "the program was ending, so this was not done in the ledger, nor any part of it. Run the \
         command again"
    )]
    Closed,
    /// `SQLite` said no.
    #[error("the ledger could not be read or written: {0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl LedgerError {
    /// What `SQLite` means by a result code, in words that help; none where it has no such words.
    fn of_code(code: u32, said: impl FnOnce() -> String) -> Option<Self> {
        // The primary code is the low byte.
        match code & 0xff {
            5 | 6 => Some(LedgerError::Busy),
            // Read-only, an I/O error, or a file that cannot be opened.
            8 | 10 | 14 => Some(LedgerError::Disk(said())),
            13 => Some(LedgerError::DiskFull),
            11 => Some(LedgerError::Damaged("SQLite finds its pages malformed")),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map(|error| error.extended_code.cast_unsigned());
        code.and_then(|code| LedgerError::of_code(code, || error.to_string()))
            .unwrap_or_else(|| LedgerError::Database(error.into()))
    }
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        let code = code.and_then(|code| code.parse().ok());
        code.and_then(|code| LedgerError::of_code(code, || said(&error)))
            .unwrap_or_else(|| LedgerError::Database(error.into()))
    }
}

/// What `SQLite` said, without what the library puts around it.
fn said(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |said| said.message().to_owned())
}
