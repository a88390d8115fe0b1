//! One process owns a ledger: a lock on a file beside it, which the system drops with the process.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::LedgerError;
use crate::private;

/// Held for as long as the ledger may be written.
#[derive(Debug)]
pub(super) struct Lock {
    /// Closing it gives the lock up.
    _file: File,
}

impl Lock {
    /// Takes the lock at once, or says that somebody has it.
    pub(super) fn take(ledger: &Path) -> Result<Option<Self>, LedgerError> {
        let path = beside(ledger);
        let io = |source| LedgerError::Io { path: path.clone(), source };
        let file =
            private::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}

fn beside(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
