//! The ledger: what happened to every record, durably. The only room with SQL in it.
//!
//! One process writes a ledger (a lock sees to it); anybody may read it meanwhile. Every commit is on
//! the disk when it returns (WAL, `synchronous = FULL`). States change only by
//! [`crate::submission::next`]. Must not know: files' formats, HTTP, terminals.
//!
//! Whatever changes it, or must be asked within a change, is a step of `worker`'s, which goes on in
//! one thread from its first `statement` to its commit. People's questions, and what comes with
//! each version (the migrations), go through a connection of sqlx's, one after the other. Who reads
//! much at a time has a `view` of its own.

mod admit;
mod again;
mod answers;
mod audit;
mod backlog;
mod cells;
mod chain;
mod claim;
mod decide;
mod dump;
mod error;
mod files;
mod findings;
mod first;
mod foresee;
mod incoming;
mod known;
mod lock;
mod mark;
mod open;
mod outgoing;
mod prepare;
mod purge;
mod query;
mod record;
mod run;
mod salt;
mod source;
mod statement;
mod turn;
mod view;
mod watch;
mod worker;

pub use answers::Judged;
pub use audit::{
    AnswerRow, AuditFile, AuditRun, Details, FoundRow, LoadRow, OrderRow, Scope, Snapshot,
};
pub use backlog::{OpenDay, Overview};
pub use chain::{Altered, Head, Verified, verify};
pub use claim::{Claimed, Supply};
pub use decide::{Order, Selector};
pub use dump::{Datum, Dumped};
pub use error::LedgerError;
pub use files::Reading;
pub use findings::StoredFinding;
pub use foresee::Foreseen;
pub use incoming::{Admission, Admitted, Incoming};
pub use mark::Standing;
pub use open::{Access, BUSY_TIMEOUT_VARIABLE, Binding, Creation};
pub use outgoing::{Nameless, NamelessRow, Origin};
pub use purge::Purged;
pub use query::{AttemptRow, DecisionRow, Filter, MovementRow, RevisionRow};
pub use record::Answered;
pub use run::{FileFacts, Run, RunFacts, RunTally, Tally};
pub use source::Layout;
pub use turn::{Share, Turn, Turned};
pub use watch::LastSubmit;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Transaction;
use sqlx::SqliteConnection;
use tokio::sync::{Mutex, MutexGuard};

use crate::clock::Clock;
use crate::submission::{IllegalStep, Method, State, Step, next};
use statement::query;
use worker::Worker;

/// The result of anything that the ledger does.
pub type Result<T> = std::result::Result<T, LedgerError>;

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    /// For questions.
    connection: Mutex<SqliteConnection>,
    /// For steps.
    worker: Worker,
    path: PathBuf,
    clock: Clock,
    environment: i64,
    /// How many entries were chained when it was opened.
    adopted: Option<i64>,
    /// Kept outside the ledger's folder, if at all.
    mark: Option<Arc<mark::Mark>>,
}

impl Ledger {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The clock that stamps its rows.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    async fn connection(&self) -> MutexGuard<'_, SqliteConnection> {
        self.connection.lock().await
    }

    /// Closes it, so that everything stands in the one file.
    pub async fn close(self) -> Result<()> {
        use sqlx::Connection as _;
        self.connection.into_inner().close().await?;
        self.worker.close().await
    }
}

/// What the transition table needs to know of a revision.
#[derive(Debug, Clone, Copy)]
struct Position {
    state: State,
    method: Method,
}

/// Reads where a revision stands.
fn position(tx: &Transaction<'_>, revision: i64) -> Result<Position> {
    let (state, method): (String, String) =
        query(tx, "SELECT state, method FROM revision WHERE id = ?1").bind(revision).one()?;
    Ok(Position { state: parse_state(&state)?, method: parse_method(&method)? })
}

/// Moves a revision by one step of the transition table, or fails.
fn step(tx: &Transaction<'_>, revision: i64, step: Step, now: i64) -> Result<(State, State)> {
    let Position { state: from, method } = position(tx, revision)?;
    let to = next(from, method, step)
        .map_err(|source: IllegalStep| LedgerError::Illegal { revision, source })?;
    let moved =
        query(tx, "UPDATE revision SET state = ?3, changed_at = ?4 WHERE id = ?1 AND state = ?2")
            .bind(revision)
            .bind(from.as_str())
            .bind(to.as_str())
            .bind(now)
            .execute()?;
    if moved == 1 { Ok((from, to)) } else { Err(LedgerError::Damaged("a state changed by itself")) }
}

/// Makes the revision that people should see the movement's current one: one whose fate is open
/// first, then one that waits, then what was accepted.
fn choose_current(tx: &Transaction<'_>, movement: i64) -> Result<()> {
    query(
        tx,
        "UPDATE movement SET current_revision_id = (
            SELECT id FROM revision WHERE movement_id = ?1
            ORDER BY CASE
                WHEN state IN ('sending', 'uncertain') THEN 0
                WHEN state IN ('invalid', 'ready', 'rejected', 'deferred', 'held') THEN 1
                WHEN state = 'accepted' THEN 2
                WHEN state = 'withdrawn' THEN 3
                ELSE 4 END, number DESC
            LIMIT 1)
         WHERE id = ?1",
    )
    .bind(movement)
    .execute()?;
    Ok(())
}

fn parse_state(word: &str) -> Result<State> {
    State::parse(word).ok_or(LedgerError::Damaged("a state is not known"))
}

fn parse_method(word: &str) -> Result<Method> {
    Method::parse(word).ok_or(LedgerError::Damaged("a method is not known"))
}

#[cfg(test)]
mod tests;
