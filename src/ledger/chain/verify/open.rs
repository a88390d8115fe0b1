//! Opening a ledger to verify it: nothing beside it is made or changed.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension as _};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

use super::super::super::{Access, LedgerError, Result, open, view};

/// What a copy that nobody writes looked like when it was opened.
#[derive(Debug)]
pub(super) struct Guard {
    path: PathBuf,
    /// None where the file was opened like any other.
    was: Option<(u64, Option<SystemTime>)>,
}

impl Guard {
    /// Whether nobody writes it.
    pub(super) fn is_unchanging(&self) -> bool {
        self.was.is_some()
    }

    /// Whether nobody began to write what was taken for unchanging.
    pub(super) fn still_holds(&self) -> bool {
        self.was.is_none() || (self.was == state(&self.path) && !has_log(&self.path))
    }
}

fn state(path: &Path) -> Option<(u64, Option<SystemTime>)> {
    let metadata = path.metadata().ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

/// Whether somebody writes it, or did and was killed.
fn has_log(path: &Path) -> bool {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name).metadata().is_ok_and(|metadata| metadata.len() > 0)
}

/// Whether it is a ledger that can be verified, and whether somebody writes it.
pub(super) async fn look(path: &Path) -> Result<Guard> {
    if !path.exists() {
        return Err(LedgerError::Missing { path: path.to_owned() });
    }
    let was = if has_log(path) { None } else { state(path) };
    let guard = Guard { path: path.to_owned(), was };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(guard.is_unchanging())
        .busy_timeout(open::busy_timeout());
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(|error| open::not_a_ledger(path, error))?;
    open::inspect_open(&mut connection, path, Access::Read).await?;
    let (chained,): (bool,) =
        sqlx::query_as("SELECT EXISTS (SELECT 1 FROM _sqlx_migrations WHERE version = 4)")
            .fetch_one(&mut connection)
            .await?;
    connection.close().await?;
    if !chained {
        return Err(LedgerError::Refused(format!(
            "the history of the ledger {} is not chained yet: an older version of waste-receipts \
             wrote it. The next run of this version (retry, for example) chains it; verify it then",
            path.display()
        )));
    }
    Ok(guard)
}

/// From how many contents on several threads read them.
const MANY: i64 = 20_000;
const MOST_VIEWS: usize = 4;

/// Connections that all see the ledger as it is now; one or more.
pub(super) fn views(path: &Path, unchanging: bool) -> Result<Vec<Connection>> {
    let (first, was) = seen(path, unchanging)?;
    let (contents,): (i64,) =
        first
            .query_row("SELECT coalesce(max(id), 0) FROM revision", [], |row| Ok((row.get(0)?,)))?;
    let mut views = vec![first];
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    while contents >= MANY && views.len() < cores.min(MOST_VIEWS) {
        let (next, now) = seen(path, unchanging)?;
        // A run may have gone on meanwhile: then fewer must do.
        if now != was {
            break;
        }
        views.push(next);
    }
    Ok(views)
}

/// What tells whether the history went on between two views.
type Seen = (Option<i64>, Option<Vec<u8>>);

fn seen(path: &Path, unchanging: bool) -> Result<(Connection, Seen)> {
    let connection = view::open(path, unchanging)?;
    let sql = "SELECT chain_count, chain_head FROM ledger";
    let seen = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok((connection, seen.unwrap_or_default()))
}
