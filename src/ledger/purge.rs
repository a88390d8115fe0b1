//! Deleting personal data: of what is settled, the fields of a body that are personal, its source
//! rows, and what was said in words. What is left, and every hash, stays verifiable.
//!
//! What may still be sent is never touched, nor anything of its movement; and what was purged is
//! never sent: its content is not whole any more.

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use sqlx::{SqliteConnection, SqliteTransaction};

use super::chain::{Chain, Digest, Purge, insert_purge};
use super::salt::content_hash;
use super::{Ledger, LedgerError, Result, Run, begin};
use crate::calendar;
use crate::movement::lasting;

/// What a purge removed, or would remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Contents of movements.
    pub revisions: u64,
    /// Records without a usable reference.
    pub records: u64,
    /// Contents from before the day that stay whole, because their movement is still to be sent or
    /// to be decided about.
    pub left: u64,
}

/// What takes the place of a message.
const REMOVED: &str = "(removed with the personal data)";

/// Contents of this environment that were received before a day, or, where that is not known, read
/// before it; whether something of their movement is still open.
const OLD: &str = "SELECT r.id,
        EXISTS (SELECT 1 FROM revision other WHERE other.movement_id = r.movement_id
            AND other.state IN ('ready', 'sending', 'deferred', 'uncertain', 'held'))
    FROM revision r JOIN operator o ON o.id = r.operator_id JOIN file f ON f.id = r.file_id
    WHERE o.environment_id = ?1 AND r.purge_id IS NULL
        AND CASE WHEN r.received_on IS NULL THEN f.read_at < ?3 ELSE r.received_on < ?2 END
    ORDER BY r.id";

const OLD_RECORDS: &str = "SELECT u.id FROM unidentified u JOIN file f ON f.id = u.file_id
    JOIN run n ON n.id = u.run_id
    WHERE n.environment_id = ?1 AND u.purge_id IS NULL AND f.read_at < ?2 ORDER BY u.id";

impl Ledger {
    /// What [`Ledger::purge`] would remove.
    pub async fn foresee_purge(&self, before: Date) -> Result<Purged> {
        let mut connection = self.connection().await;
        let (revisions, records, left) = self.old(&mut connection, before).await?;
        Ok(Purged { revisions: revisions.len() as u64, records: records.len() as u64, left })
    }

    /// Removes the personal data of whatever is settled and was received before a day (in London),
    /// for good: also from the pages of the file that are free then. Refuses a content that is not
    /// what its hash says: removing that would remove the evidence.
    pub async fn purge(&self, run: &Run, user: &str, before: Date) -> Result<Purged> {
        let _busy = self.clock.busy();
        let mut connection = self.connection().await;
        for pragma in ["PRAGMA secure_delete = ON", "PRAGMA temp_store = MEMORY"] {
            sqlx::query(pragma).execute(&mut *connection).await?;
        }
        let (revisions, records, left) = self.old(&mut connection, before).await?;
        let purged =
            Purged { revisions: revisions.len() as u64, records: records.len() as u64, left };
        if purged.revisions + purged.records > 0 {
            let mut tx = begin(&mut connection).await?;
            let (id,): (i64,) = sqlx::query_as("SELECT coalesce(max(id), 0) + 1 FROM purge")
                .fetch_one(&mut *tx)
                .await?;
            let mut left = Digest::default();
            for revision in &revisions {
                left.add(*revision, &Sha256::digest(left_of(&mut tx, *revision).await?));
            }
            for record in &records {
                left.add(*record, &[]);
            }
            let mut chain = Chain::read(&mut tx).await?;
            let purge = Purge {
                id,
                run: run.id,
                purged_at: self.clock.wall_ms(),
                user,
                before: &before.to_string(),
                revisions: purged.revisions.cast_signed(),
                records: purged.records.cast_signed(),
                digest: left.finish(),
            };
            insert_purge(&mut tx, &mut chain, &purge).await?;
            chain.save(&mut tx).await?;
            for revision in &revisions {
                purge_revision(&mut tx, *revision, id).await?;
            }
            for record in &records {
                purge_record(&mut tx, *record, id).await?;
            }
            blank_layouts(&mut tx).await?;
            tx.commit().await?;
        }
        // Also where nothing was to be removed: an earlier purge may have been cut short here.
        sweep(&mut connection).await?;
        Ok(purged)
    }

    async fn old(
        &self,
        connection: &mut SqliteConnection,
        before: Date,
    ) -> Result<(Vec<i64>, Vec<i64>, u64)> {
        let begins = calendar::begin_in_london(before).as_millisecond();
        let rows: Vec<(i64, bool)> = sqlx::query_as(OLD)
            .bind(self.environment)
            .bind(before.to_string())
            .bind(begins)
            .fetch_all(&mut *connection)
            .await?;
        let records: Vec<(i64,)> = sqlx::query_as(OLD_RECORDS)
            .bind(self.environment)
            .bind(begins)
            .fetch_all(connection)
            .await?;
        let all = rows.len();
        let settled = rows.into_iter().filter(|(_, open)| !open).map(|(id, _)| id);
        let revisions: Vec<i64> = settled.collect();
        let left = (all - revisions.len()) as u64;
        Ok((revisions, records.into_iter().map(|(id,)| id).collect(), left))
    }
}

/// What a purge leaves of a content, if that is what its hash says.
async fn left_of(tx: &mut SqliteTransaction<'_>, revision: i64) -> Result<Vec<u8>> {
    let (payload, salt, hash): (Option<Vec<u8>>, Option<Vec<u8>>, Vec<u8>) =
        sqlx::query_as("SELECT payload, salt, content_hash FROM revision WHERE id = ?1")
            .bind(revision)
            .fetch_one(&mut **tx)
            .await?;
    let payload = payload.unwrap_or_default();
    if salt.is_none_or(|salt| content_hash(&salt, &payload)[..] != hash[..]) {
        return Err(LedgerError::Damaged("a content is not what its hash says; run verify"));
    }
    Ok(lasting(&payload))
}

/// Purges one content.
async fn purge_revision(tx: &mut SqliteTransaction<'_>, revision: i64, purge: i64) -> Result<()> {
    let left = left_of(tx, revision).await?;
    sqlx::query("UPDATE revision SET payload = ?2, salt = NULL, purge_id = ?3 WHERE id = ?1")
        .bind(revision)
        .bind(&left)
        .bind(purge)
        .execute(&mut **tx)
        .await?;
    for sql in [
        "UPDATE revision_source SET packed = NULL, salt = NULL WHERE revision_id = ?1",
        "UPDATE attempt SET detail = NULL, salt = NULL WHERE revision_id = ?1",
        "UPDATE decision SET note = NULL, salt = NULL WHERE revision_id = ?1",
    ] {
        sqlx::query(sql).bind(revision).execute(&mut **tx).await?;
    }
    sqlx::query("UPDATE finding SET message = ?2 WHERE revision_id = ?1")
        .bind(revision)
        .bind(REMOVED)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn purge_record(tx: &mut SqliteTransaction<'_>, record: i64, purge: i64) -> Result<()> {
    sqlx::query("UPDATE unidentified SET payload = NULL, salt = NULL, purge_id = ?2 WHERE id = ?1")
        .bind(record)
        .bind(purge)
        .execute(&mut **tx)
        .await?;
    sqlx::query("UPDATE record_source SET packed = NULL, salt = NULL WHERE record_id = ?1")
        .bind(record)
        .execute(&mut **tx)
        .await?;
    sqlx::query("UPDATE finding SET message = ?2 WHERE record_id = ?1")
        .bind(record)
        .bind(REMOVED)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What stood above rows that are all gone goes too: a header may name its author.
async fn blank_layouts(tx: &mut SqliteTransaction<'_>) -> Result<()> {
    sqlx::query(
        "UPDATE layout SET header = x'' WHERE id NOT IN (
            SELECT layout_id FROM revision_source WHERE salt IS NOT NULL
            UNION SELECT layout_id FROM record_source WHERE salt IS NOT NULL)",
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Leaves nothing of what was removed in the file, nor in the log beside it.
async fn sweep(connection: &mut SqliteConnection) -> Result<()> {
    for sql in ["PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        let row: Option<(i64,)> = match sql {
            "VACUUM" => {
                sqlx::query(sql).execute(&mut *connection).await?;
                None
            }
            _ => sqlx::query_as(sql).fetch_optional(&mut *connection).await?,
        };
        // The first number of a checkpoint says whether somebody was in its way.
        if row.is_some_and(|(busy,)| busy != 0) {
            return Err(LedgerError::Unswept);
        }
    }
    Ok(())
}
