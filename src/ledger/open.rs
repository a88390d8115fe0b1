//! Opening a ledger: where it may lie, who may write it, what version it is.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::lock::Lock;
use super::worker::Worker;
use super::{Ledger, LedgerError, Result, chain};
use crate::clock::Clock;
use crate::private;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// What the ledger is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To look at it; a run may go on meanwhile.
    Read,
    /// To change it, alone.
    Write(Creation),
}

/// Whether a missing ledger is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It must be there.
    Never,
    /// It is made where it is missing.
    WhereMissing,
}

/// An environment's name and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The name.
    pub name: String,
    /// The API's base URL.
    pub api_url: String,
    /// The token endpoint.
    pub token_url: String,
}

impl Ledger {
    /// Opens the ledger at an absolute path for one environment.
    pub async fn open(
        path: &Path,
        access: Access,
        binding: &Binding,
        clock: Clock,
    ) -> Result<Self> {
        if !path.exists() && access != Access::Write(Creation::WhereMissing) {
            return Err(LedgerError::Missing { path: path.to_owned() });
        }
        let path = &resolved(path);
        if path.is_dir() {
            let reason = "it is a folder".to_owned();
            return Err(LedgerError::NotALedger { path: path.to_owned(), reason });
        }
        if let Some(kind) = network_drive(path) {
            return Err(LedgerError::NetworkDrive { path: path.to_owned(), kind });
        }
        let lock = match access {
            Access::Read => None,
            Access::Write(_) => Some(lock(path).await?),
        };
        if access == Access::Write(Creation::WhereMissing) {
            make_for_owner(path)?;
        }
        if path.exists() {
            // Before anything is written: to open a database for writing changes it.
            inspect(path, access).await?;
        }
        let mut connection = connect(path, access).await?;
        if access != Access::Read {
            migrate(&mut connection, path, &clock).await?;
        }
        let environment = bind(&mut connection, access, binding, &clock).await?;
        let mut ledger = Ledger {
            connection: Mutex::new(connection),
            worker: Worker::open(path, lock)?,
            path: path.to_owned(),
            clock,
            environment,
            adopted: None,
            mark: None,
        };
        if access != Access::Read {
            ledger.adopted = ledger.carry_out(chain::adopt).await?;
        }
        Ok(ledger)
    }
}

/// A ledger has one lock and lies on one drive, however many links lead to it.
fn resolved(path: &Path) -> PathBuf {
    let link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    let target = link.then(|| std::fs::canonicalize(path).ok()).flatten();
    target.unwrap_or_else(|| path.to_owned())
}

/// Makes the file, empty, where it is missing: SQLite would let everybody read it, and gives the
/// files that it keeps beside it the same mode.
fn make_for_owner(path: &Path) -> Result<()> {
    match private::options().create_new(true).write(true).open(path) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
            Err(LedgerError::Io { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

async fn lock(path: &Path) -> Result<Lock> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|source| LedgerError::Io { path: folder.to_owned(), source })?;
    }
    match Lock::take(path)? {
        Some(lock) => Ok(lock),
        None => Err(LedgerError::InUse { path: path.to_owned(), holder: holder(path).await }),
    }
}

/// Who has the ledger: the run that has not ended, as far as it can be read.
async fn holder(path: &Path) -> String {
    let Ok(mut connection) = connect(path, Access::Read).await else { return String::new() };
    let row: Option<(String, i64, String, String, i64)> = sqlx::query_as(
        "SELECT command, process_id, user_name, host_name, started_at FROM run
         WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1",
    )
    .fetch_optional(&mut connection)
    .await
    .unwrap_or_default();
    row.map_or_else(String::new, |(command, process, user, host, started)| {
        let since = jiff::Timestamp::from_millisecond(started)
            .map_or_else(|_| String::new(), |at| format!(" since {at:.0}"));
        format!(": \"{command}\" runs there (process {process} of {user} on {host}{since})")
    })
}

/// A backup, or somebody with an SQLite tool, may hold the file for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A test that holds it for good need not wait as long: in builds with debug assertions this
/// variable says how many milliseconds. A release build does not know it.
pub const BUSY_TIMEOUT_VARIABLE: &str = "WASTE_RECEIPTS_BUSY_TIMEOUT_MS";

/// In bytes, of a new ledger: several movements fit a page, so that a large file is written in
/// fewer and fuller ones.
const PAGE: u32 = 8_192;

/// The indexes of a night's file stay in memory while it is admitted (in KiB), and little more. What
/// a statement would undo stays there too: it is some pages for each.
pub(super) const PRAGMAS: &str =
    "PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY";

/// What changes often is copied into the database less often (in pages), and after a large file the
/// journal gives its room back (in bytes).
pub(super) const WRITING_PRAGMAS: &str = "PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 67108864";

pub(super) fn busy_timeout() -> Duration {
    let set = cfg!(debug_assertions).then(|| std::env::var(BUSY_TIMEOUT_VARIABLE).ok()).flatten();
    let set = set.and_then(|milliseconds| milliseconds.parse().ok());
    set.map_or(BUSY_TIMEOUT, Duration::from_millis)
}

async fn connect(path: &Path, access: Access) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(busy_timeout())
        .pragma("temp_store", "MEMORY");
    let options = match access {
        Access::Read => options.read_only(true),
        Access::Write(creation) => options
            .create_if_missing(creation == Creation::WhereMissing)
            .page_size(PAGE)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full),
    };
    SqliteConnection::connect_with(&options).await.map_err(|error| not_a_ledger(path, error))
}

/// `SQLITE_NOTADB` deserves better words.
pub(super) fn not_a_ledger(path: &Path, error: sqlx::Error) -> LedgerError {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    if code.as_deref() == Some("26") {
        let reason = "it is not an SQLite database".to_owned();
        return LedgerError::NotALedger { path: path.to_owned(), reason };
    }
    error.into()
}

async fn migrate(connection: &mut SqliteConnection, path: &Path, clock: &Clock) -> Result<()> {
    MIGRATIONS.run(&mut *connection).await.map_err(|error| match error {
        MigrateError::VersionMissing(_) => LedgerError::Newer { path: path.to_owned() },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => LedgerError::Database(other.into()),
    })?;
    sqlx::query(
        "INSERT INTO ledger (id, uuid, created_at, created_by) VALUES (1, ?1, ?2, ?3)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(Uuid::now_v7().to_string())
    .bind(clock.wall_ms())
    .bind(env!("CARGO_PKG_VERSION"))
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a file is a ledger that this version knows, or may become one. A reader changes
/// nothing, so an older ledger waits for the next writer.
async fn inspect(path: &Path, access: Access) -> Result<()> {
    let mut connection = connect(path, Access::Read).await?;
    inspect_open(&mut connection, path, access).await
}

/// The same, of one that is open.
pub(super) async fn inspect_open(
    connection: &mut SqliteConnection,
    path: &Path,
    access: Access,
) -> Result<()> {
    let other =
        |reason: &str| LedgerError::NotALedger { path: path.to_owned(), reason: reason.to_owned() };
    let (ours, migrations, others): (i64, i64, i64) = sqlx::query_as(
        "SELECT count(CASE WHEN name = 'ledger' THEN 1 END),
            count(CASE WHEN name = '_sqlx_migrations' THEN 1 END),
            count(CASE WHEN tbl_name <> '_sqlx_migrations' THEN 1 END)
         FROM sqlite_schema",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(|error| not_a_ledger(path, error))?;
    match (ours, others) {
        // Its making may have been cut short.
        (0, 0) if access == Access::Write(Creation::WhereMissing) => return Ok(()),
        (0, 0) => return Err(other("it is empty")),
        (0, _) => return Err(other("it is the database of another program")),
        _ if migrations == 0 => return Err(other("it is the database of another program")),
        _ => {}
    }
    let (version,): (Option<i64>,) =
        sqlx::query_as("SELECT max(version) FROM _sqlx_migrations").fetch_one(connection).await?;
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
    if version > newest { Err(LedgerError::Newer { path: path.to_owned() }) } else { Ok(()) }
}

/// The environment's row; its name is bound to its URLs by whoever uses it first.
async fn bind(
    connection: &mut SqliteConnection,
    access: Access,
    binding: &Binding,
    clock: &Clock,
) -> Result<i64> {
    let row: Option<(i64, String, String)> =
        sqlx::query_as("SELECT id, api_url, token_url FROM environment WHERE name = ?1")
            .bind(&binding.name)
            .fetch_optional(&mut *connection)
            .await?;
    match row {
        Some((id, api_url, _)) if api_url == binding.api_url => Ok(id),
        Some((_, bound, _)) => Err(LedgerError::Bound {
            name: binding.name.clone(),
            bound,
            asked: binding.api_url.clone(),
        }),
        // Nothing was ever sent there: an ID that no row has finds nothing.
        None if access == Access::Read => Ok(0),
        None => {
            let (id,): (i64,) = sqlx::query_as(
                "INSERT INTO environment (name, api_url, token_url, bound_at)
                 VALUES (?1, ?2, ?3, ?4) RETURNING id",
            )
            .bind(&binding.name)
            .bind(&binding.api_url)
            .bind(&binding.token_url)
            .bind(clock.wall_ms())
            .fetch_one(connection)
            .await?;
            Ok(id)
        }
    }
}

/// The kind of network drive that a path lies on, if it does. `SQLite`'s locks and syncs cannot
/// be relied upon there.
fn network_drive(path: &Path) -> Option<String> {
    let folder = path.ancestors().skip(1).find_map(|folder| std::fs::canonicalize(folder).ok())?;
    kind_of_drive(&folder)
}

#[cfg(windows)]
fn kind_of_drive(folder: &Path) -> Option<String> {
    use std::path::{Component, Prefix};
    // A mapped drive letter, too, resolves to its share here.
    match folder.components().next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::UNC(..) | Prefix::VerbatimUNC(..) => Some("a Windows share".to_owned()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(not(windows))]
fn kind_of_drive(folder: &Path) -> Option<String> {
    network_mount(folder, mounts())
}

/// The kind of the mount that a folder lies on, if that is one over a network.
#[cfg(not(windows))]
fn network_mount(
    folder: &Path,
    mounts: impl IntoIterator<Item = (PathBuf, String)>,
) -> Option<String> {
    const NETWORK: [&str; 12] = [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afpfs",
        "webdav",
        "ceph",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.davfs",
        "fuse.glusterfs",
    ];
    mounts
        .into_iter()
        .filter(|(point, _)| folder.starts_with(point))
        .max_by_key(|(point, _)| point.as_os_str().len())
        .map(|(_, kind)| kind)
        .filter(|kind| NETWORK.contains(&kind.as_str()))
}

/// Mount points and their kinds; empty where they cannot be read.
#[cfg(target_os = "linux")]
fn mounts() -> Vec<(PathBuf, String)> {
    let table = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    table
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let point = words.nth(1)?.replace("\\040", " ");
            Some((PathBuf::from(point), words.next()?.to_owned()))
        })
        .collect()
}

/// Lines such as `//user@host/share on /Volumes/share (smbfs, nodev)`.
#[cfg(all(not(windows), not(target_os = "linux")))]
fn mounts() -> Vec<(PathBuf, String)> {
    let output = std::process::Command::new("mount").output();
    let table = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&table)
        .lines()
        .filter_map(|line| {
            let (point, kind) = line.split_once(" on ")?.1.rsplit_once(" (")?;
            let kind = kind.split([',', ')']).next()?;
            Some((PathBuf::from(point), kind.to_owned()))
        })
        .collect()
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn a_network_drive_is_recognised_and_told() {
        let mounts = [("/", "ext4"), ("/srv", "nfs4"), ("/srv/own", "xfs"), ("/srv2", "cifs")];
        let kind = |folder: &str| {
            let mounts = mounts.map(|(point, kind)| (PathBuf::from(point), kind.to_owned()));
            network_mount(Path::new(folder), mounts)
        };
        assert_eq!(kind("/home/site"), None);
        assert_eq!(kind("/srv/own/site"), None);
        assert_eq!(kind("/srv/site").as_deref(), Some("nfs4"));
        assert_eq!(kind("/srv2").as_deref(), Some("cifs"));
        let path = PathBuf::from("/srv/site/ledger.sqlite");
        let error = LedgerError::NetworkDrive { path, kind: "nfs4".to_owned() }.to_string();
        assert!(error.contains("/srv/site/ledger.sqlite") && error.contains("nfs4"), "{error}");
        assert!(error.contains("a disk of this machine"), "{error}");
    }
}
