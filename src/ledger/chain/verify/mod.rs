//! Whether the history is as it was written: what was read against its hashes, the chain entry by
//! entry, and every revision's state against its attempts and decisions.
//!
//! Nothing is written, no lock is taken: a ledger in use can be verified, and a copy of one. Rows are
//! looked at where they lie, by a driver that runs in the caller's thread: a million attempts, and as
//! many contents, are verified in seconds.

mod open;
mod readings;
mod replay;
mod source;
mod tables;
mod walk;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};

use super::super::cells::Mistyped;
use super::super::{LedgerError, Result};
use super::rows::{AttemptRow, DecisionRow};
use super::{Head, hex};
use readings::Readings;
use tables::Statements;
use walk::Walk;

/// What was found.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Where the history ends.
    pub head: Head,
    /// Requests and their answers.
    pub attempts: u64,
    /// Decisions.
    pub decisions: u64,
    /// Files that were read.
    pub files: u64,
    /// Runs that have ended.
    pub runs: u64,
    /// Purges of personal data.
    pub purges: u64,
    /// Contents that were read, those without a usable reference among them.
    pub readings: u64,
    /// Of these, without their personal data.
    pub purged: u64,
    /// The first row that is not as it was written.
    pub altered: Option<Altered>,
    /// Whether the head that was asked for is one of this history; none where none was asked for.
    pub has_head: Option<bool>,
}

impl Verified {
    /// Whether all is as it was written, and the head that was asked for is there.
    pub fn is_whole(&self) -> bool {
        self.altered.is_none() && self.has_head != Some(false)
    }
}

/// A row that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Altered {
    /// `attempt`, `decision`, `file`, `run`, `purge`, `reading`, `record`, `movement`, `finding`
    /// or `ledger`.
    pub kind: &'static str,
    /// Its row; none where it is gone.
    pub id: Option<i64>,
    /// Its place in the chain, as far as it has one.
    pub sequence: Option<i64>,
    /// The movement that it is about.
    pub movement: Option<i64>,
    /// That movement's reference.
    pub reference: Option<String>,
    /// The number of an attempt.
    pub number: Option<i64>,
    /// When it happened, in milliseconds since 1970.
    pub at: Option<i64>,
    /// What is wrong, in words.
    pub what: &'static str,
}

impl Altered {
    fn of(kind: &'static str, id: Option<i64>, what: &'static str) -> Self {
        Altered {
            kind,
            id,
            sequence: None,
            movement: None,
            reference: None,
            number: None,
            at: None,
            what,
        }
    }
}

fn of_attempt(row: &AttemptRow<&[u8]>, movement: Option<i64>, what: &'static str) -> Altered {
    Altered {
        sequence: row.sequence,
        movement,
        number: Some(row.number),
        at: Some(row.started_at),
        ..Altered::of("attempt", Some(row.id), what)
    }
}

fn of_decision(row: &DecisionRow<&[u8]>, movement: Option<i64>, what: &'static str) -> Altered {
    Altered {
        sequence: row.sequence,
        movement,
        at: Some(row.decided_at),
        ..Altered::of("decision", Some(row.id), what)
    }
}

/// Why the walk ended early.
enum Stop {
    Altered(Box<Altered>),
    Failed(LedgerError),
}

impl From<Altered> for Stop {
    fn from(altered: Altered) -> Self {
        Stop::Altered(Box::new(altered))
    }
}

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Self {
        Stop::Failed(error)
    }
}

impl From<Mistyped> for Stop {
    fn from(mistyped: Mistyped) -> Self {
        Stop::Failed(mistyped.into())
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Stop::Failed(error.into())
    }
}

/// Verifies the ledger at a path. `head`, at least 16 hexadecimal digits of a hash that an earlier
/// run printed, must be one of its history.
pub async fn verify(path: &Path, head: Option<&str>) -> Result<Verified> {
    loop {
        let guard = open::look(path).await?;
        let (path, head) = (path.to_owned(), head.map(str::to_owned));
        let unchanging = guard.is_unchanging();
        let work = move || {
            let mut views = open::views(&path, unchanging)?;
            in_one_view(&mut views, head.as_deref())
        };
        let verified = match tokio::task::spawn_blocking(work).await {
            Ok(verified) => verified,
            Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
            Err(failed) => return Err(LedgerError::Refused(failed.to_string())),
        };
        // What was read while a run began may be neither the one nor the other.
        if guard.still_holds() {
            return verified;
        }
    }
}

/// Everything as it was at one time: a run may go on meanwhile.
fn in_one_view(views: &mut [Connection], head: Option<&str>) -> Result<Verified> {
    let mut walk = Walk::begin(&views[0], head)?;
    let stopped = all(views, &mut walk);
    let mut verified = walk.found();
    match stopped {
        Ok(()) => {}
        Err(Stop::Altered(altered)) => {
            let reference = reference(&views[0], altered.movement)?;
            verified.altered = Some(Altered { reference, ..*altered });
        }
        Err(Stop::Failed(error)) => return Err(error),
    }
    Ok(verified)
}

fn all(views: &mut [Connection], walk: &mut Walk) -> std::result::Result<(), Stop> {
    let mut readings = Readings::read(views)?;
    walk.readings(&readings);
    let mut statements = Statements::of(&views[0])?;
    walk.entries(&mut statements.tables()?, &mut readings)?;
    readings.settle()?;
    walk.movements(&views[0])
}

fn reference(connection: &Connection, movement: Option<i64>) -> Result<Option<String>> {
    let sql = "SELECT reference FROM movement WHERE id = ?1";
    let reference = connection.query_row(sql, [movement], |row| {
        let reference = row.get_ref(0)?.as_bytes().unwrap_or_default();
        Ok(String::from_utf8_lossy(reference).into_owned())
    });
    Ok(reference.optional()?)
}

fn head_of(count: i64, hash: &[u8]) -> Head {
    Head { count, hash: hex(hash) }
}
