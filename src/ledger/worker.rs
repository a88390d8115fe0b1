//! The thread on which the ledger's steps are carried out: an admission, a claim, a group of
//! answers. Each goes on there, where the disk may be waited for, from its first statement to its
//! last, so that between two of them nothing is handed from thread to thread.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::lock::Lock;
use super::{Ledger, LedgerError, Result, open};

/// So many statements stay prepared: all that the ledger has.
const STATEMENTS: usize = 100;

/// None once the connection is closed.
type Place = Option<Connection>;
type Job = Box<dyn FnOnce(&mut Place) + Send>;

/// A thread with a connection that steps take turns on.
#[derive(Debug)]
pub(super) struct Worker {
    /// None once no more steps are to come: the thread ends after the last.
    steps: Option<Sender<Job>>,
    /// How many steps are not at their end.
    unfinished: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
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
        // A statement's plan does not depend on what is bound to it, so it is made once.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let (steps, to_do) = channel();
        let thread = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || work(&to_do, connection, lock))
            .map_err(|source| LedgerError::Io { path: path.to_owned(), source })?;
        Ok(Worker { steps: Some(steps), unfinished: Arc::default(), thread: Some(thread) })
    }

    /// Carries out a step. One that is no longer waited for goes on to its end all the same.
    async fn carry_out<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.carry_out_at(|place| place.as_mut().map_or(Err(LedgerError::Closed), step)).await
    }

    async fn carry_out_at<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Place) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        type Ended<T> = std::result::Result<Result<T>, Box<dyn Any + Send>>;
        let (done, ended) = oneshot::channel::<Ended<T>>();
        let unfinished = Arc::clone(&self.unfinished);
        let job = move |place: &mut Place| {
            // A step that panics is rolled back when it lets go of its transaction.
            let ended = catch_unwind(AssertUnwindSafe(|| step(place)));
            unfinished.fetch_sub(1, Ordering::SeqCst);
            // Whoever waited may have given up.
            let _ = done.send(ended);
        };
        self.unfinished.fetch_add(1, Ordering::SeqCst);
        let sent = self.steps.as_ref().map(|steps| steps.send(Box::new(job)));
        if !matches!(sent, Some(Ok(()))) {
            return Err(LedgerError::Closed);
        }
        match ended.await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => Err(LedgerError::Closed),
        }
    }

    /// Closes the connection, after the step that is being carried out, and gives the lock up.
    pub(super) async fn close(self) -> Result<()> {
        self.carry_out_at(|place| {
            let closed = place.take().map(Connection::close);
            closed.map_or(Ok(()), |closed| Ok(closed.map_err(|(_, error)| error)?))
        })
        .await
    }
}

impl Drop for Worker {
    /// The connection and the lock are gone when this returns, unless a step is being carried out:
    /// then they are when that has ended.
    fn drop(&mut self) {
        self.steps = None;
        if let Some(thread) = self.thread.take()
            && self.unfinished.load(Ordering::SeqCst) == 0
        {
            // It catches the panics of its steps, and has none of its own.
            let _ = thread.join();
        }
    }
}

/// Carries out steps until no more can come. The lock is kept for as long as the ledger is open for
/// writing, and let go after the connection.
fn work(steps: &Receiver<Job>, connection: Connection, lock: Option<Lock>) {
    let mut place = Some(connection);
    while let Ok(step) = steps.recv() {
        step(&mut place);
    }
    drop(place);
    drop(lock);
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
