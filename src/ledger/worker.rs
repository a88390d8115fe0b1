//! The connection on which the ledger's steps are carried out: an admission, a claim, a group of
//! answers. Each goes on on a thread that may wait for the disk, from its first statement to its
//! last, so that between two of them nothing is handed from thread to thread.

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::lock::Lock;
use super::{Ledger, LedgerError, Result, open};

/// So many statements stay prepared: all that the ledger has.
const STATEMENTS: usize = 100;

/// A connection that steps take turns on.
#[derive(Debug)]
pub(super) struct Worker(Arc<Shared>);

/// What a step needs for as long as it goes on, whether or not anybody still waits for it.
#[derive(Debug)]
struct Shared {
    /// None once it is closed. It is let go before the lock.
    connection: Mutex<Option<Connection>>,
    /// Kept for as long as the ledger is open for writing.
    _lock: Option<Lock>,
}

impl Worker {
    /// Opens a ledger that is there and is of this version; without a lock to look at it only.
    pub(super) fn open(path: &Path, lock: Option<Lock>) -> Result<Self> {
        let access = match lock {
            Some(_) => OpenFlags::SQLITE_OPEN_READ_WRITE,
            None => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(open::busy_timeout())?;
        connection.execute_batch(open::PRAGMAS)?;
        if lock.is_some() {
            connection.execute_batch(open::WRITING_PRAGMAS)?;
        }
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let connection = Mutex::new(Some(connection));
        Ok(Worker(Arc::new(Shared { connection, _lock: lock })))
    }

    /// Carries out a step. One that is no longer waited for goes on to its end all the same.
    async fn carry_out<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shared = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            // A step that panicked was rolled back when it let go of its transaction.
            let mut connection = shared.connection.lock().unwrap_or_else(PoisonError::into_inner);
            connection.as_mut().map_or(Err(LedgerError::Closed), step)
        });
        match done.await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The program ends.
                Err(_) => Err(LedgerError::Closed),
            },
        }
    }

    /// Closes the connection, after the step that is being carried out.
    pub(super) async fn close(self) -> Result<()> {
        let shared = self.0;
        let closed = tokio::task::spawn_blocking(move || {
            let mut connection = shared.connection.lock().unwrap_or_else(PoisonError::into_inner);
            connection.take().map_or(Ok(()), |open| open.close().map_err(|(_, error)| error))
        });
        closed.await.map_or(Err(LedgerError::Closed), |closed| Ok(closed?))
    }
}

impl Ledger {
    /// Carries out a step; a manual clock is not turned meanwhile.
    pub(super) async fn carry_out<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _busy = self.clock.busy();
        self.worker.carry_out(step).await
    }
}

/// Begins a transaction that holds the right to write from its start.
pub(super) fn begin(connection: &mut Connection) -> Result<Transaction<'_>> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}
