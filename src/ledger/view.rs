//! The ledger as it is at one moment, for whoever reads much of it: rows lie in the reader's own
//! thread and are looked at where they are, which the driver that writes cannot.

use std::fmt::Write as _;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{Result, open};

/// A connection that sees the ledger as it is at its first look, whatever a run writes meanwhile.
/// One that nobody writes (`unchanging`) is read as it is, and nothing is made beside it.
pub(super) fn open(path: &Path, unchanging: bool) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri(path, unchanging), flags)?;
    connection.busy_timeout(open::busy_timeout())?;
    connection.execute_batch("BEGIN")?;
    Ok(connection)
}

/// Without a write-ahead log the file is whole by itself: `SQLite` would otherwise make files beside
/// it, or fail where it may not.
fn uri(path: &Path, unchanging: bool) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        let _ = write!(uri, "%{byte:02x}");
    }
    if unchanging {
        uri.push_str("?immutable=1");
    }
    uri
}
