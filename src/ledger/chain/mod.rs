//! The history as a chain: every attempt, decision, file, end of a run and purge has a place in
//! one common order, and SHA-256 over the hash before it and its own canonical form.
//!
//! The canonical forms are described in docs/audit.md, so that they can be recomputed with other
//! tools; [`canonical`] and [`rows`] are their only home here. What may hold personal data is in
//! the chain by salted commitments. The head stands in the ledger's own row, in the commit that
//! moves it: nothing of it is kept in memory, so a commit whose end nobody saw cannot fork it.

mod adopt;
mod canonical;
mod pages;
mod rows;
mod verify;
mod write;

pub(super) use adopt::adopt;
pub(super) use canonical::{
    Digest, Hash, Reading, lasting_hash, reading_hash, record_hash, source_hash,
};
pub use verify::{Altered, Verified, verify};
pub(super) use write::{
    Answer, Decided, Purge, chain_file, chain_run, insert_attempt, insert_decision, insert_purge,
};

use std::fmt::Write as _;

use rusqlite::Transaction;
use sqlx::SqliteConnection;

use super::statement::query;
use super::{Ledger, LedgerError, Result};
use canonical::Canonical;

/// Where the history ends, as a run prints it and `verify` finds it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many entries the chain has.
    pub count: i64,
    /// The last one's hash, 64 hexadecimal digits.
    pub hash: String,
}

impl Head {
    /// As the ledger's own row has it: nothing before there was a history.
    pub(super) fn of((count, hash): (Option<i64>, Option<Vec<u8>>)) -> Self {
        Head { count: count.unwrap_or(0), hash: hex(&hash.unwrap_or_default()) }
    }
}

/// The end of the chain within one transaction.
#[derive(Debug)]
pub(super) struct Chain {
    count: i64,
    head: Hash,
    last_attempt: i64,
    last_decision: i64,
}

impl Chain {
    /// Reads it; [`Chain::save`] keeps what was added.
    pub(super) fn read(tx: &Transaction<'_>) -> Result<Self> {
        let sql = "SELECT chain_count, chain_head, (SELECT coalesce(max(id), 0) FROM attempt),
                (SELECT coalesce(max(id), 0) FROM decision)
             FROM ledger";
        let (count, head, last_attempt, last_decision): (Option<i64>, Option<Vec<u8>>, i64, i64) =
            query(tx, sql).one()?;
        let head = head.and_then(|head| Hash::try_from(head).ok());
        let (Some(count), Some(head)) = (count, head) else {
            return Err(LedgerError::Damaged("the head of its history is missing"));
        };
        Ok(Chain { count, head, last_attempt, last_decision })
    }

    /// Adds an entry: its place and its hash.
    fn link(&mut self, entry: impl FnOnce(i64) -> Canonical) -> (i64, Hash) {
        self.count += 1;
        self.head = entry(self.count).after(&self.head);
        (self.count, self.head)
    }

    /// Where it ends now.
    pub(super) fn head(&self) -> Head {
        Head { count: self.count, hash: hex(&self.head) }
    }

    /// Keeps the head, in the transaction that added to it.
    pub(super) fn save(self, tx: &Transaction<'_>) -> Result<()> {
        query(tx, "UPDATE ledger SET chain_count = ?1, chain_head = ?2")
            .bind(self.count)
            .bind(&self.head[..])
            .execute()?;
        Ok(())
    }
}

impl Ledger {
    /// Where the history ends now.
    pub async fn chain_head(&self) -> Result<Head> {
        head(&mut *self.connection().await).await
    }

    /// How many entries of a history from before there were chains were chained when this ledger
    /// was opened; none where there was nothing to chain.
    pub fn adopted(&self) -> Option<i64> {
        self.adopted.filter(|count| *count > 0)
    }
}

/// Where the history ends, to whoever reads it.
pub(super) async fn head(connection: &mut SqliteConnection) -> Result<Head> {
    let sql = "SELECT chain_count, chain_head FROM ledger";
    Ok(Head::of(sqlx::query_as(sql).fetch_one(connection).await?))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
