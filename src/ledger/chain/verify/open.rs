//! Opening a ledger to verify it: nothing beside it is made or changed.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

use super::super::super::{Access, LedgerError, Result, open};

/// What a copy that nobody writes looked like when it was opened.
#[derive(Debug)]
pub(super) struct Guard {
    path: PathBuf,
    /// None where the file was opened like any other.
    was: Option<(u64, Option<SystemTime>)>,
}

impl Guard {
    /// Whether nobody began to write what was taken for unchanging.
    pub(super) fn still_holds(&self) -> bool {
        self.was.is_none() || (self.was == look(&self.path) && !has_log(&self.path))
    }
}

fn look(path: &Path) -> Option<(u64, Option<SystemTime>)> {
    let metadata = path.metadata().ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

/// Whether somebody writes it, or did and was killed.
fn has_log(path: &Path) -> bool {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name).metadata().is_ok_and(|metadata| metadata.len() > 0)
}

/// Opens it. Without a write-ahead log the file is whole by itself, and is read as it is: `SQLite`
/// would otherwise make files beside it, or fail where it may not.
pub(super) async fn open(path: &Path) -> Result<(SqliteConnection, Guard)> {
    if !path.exists() {
        return Err(LedgerError::Missing { path: path.to_owned() });
    }
    let was = if has_log(path) { None } else { look(path) };
    let guard = Guard { path: path.to_owned(), was };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(was.is_some())
        .row_buffer_size(1_000)
        .busy_timeout(open::busy_timeout());
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(|error| open::not_a_ledger(path, error))?;
    open::inspect_open(&mut connection, path, Access::Read).await?;
    let (chained,): (bool,) =
        sqlx::query_as("SELECT EXISTS (SELECT 1 FROM _sqlx_migrations WHERE version = 4)")
            .fetch_one(&mut connection)
            .await?;
    if !chained {
        return Err(LedgerError::Refused(format!(
            "the history of the ledger {} is not chained yet: an older version of waste-receipts \
             wrote it. The next run of this version (retry, for example) chains it; verify it then",
            path.display()
        )));
    }
    Ok((connection, guard))
}
