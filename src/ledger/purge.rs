//! Deleting personal data: of what is settled, the fields of a body that are personal, its source
//! rows, and what was said in words. What is left, and every hash, stays verifiable.
//!
//! What may still be sent is never touched, nor anything of its movement; and what was purged is
//! never sent: its content is not whole any more.

use jiff::civil::Date;
use rusqlite::{Connection, Transaction};
use sha2::{Digest as _, Sha256};

use super::chain::{Chain, Digest, Purge, insert_purge};
use super::salt::content_hash;
use super::statement::query;
use super::worker::begin;
use super::{Ledger, LedgerError, Result, Run};
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
        let environment = self.environment;
        self.carry_out(move |connection| Ok(Old::of(connection, environment, before)?.count()))
            .await
    }

    /// Removes the personal data of whatever is settled and was received before a day (in London),
    /// for good: also from the pages of the file that are free then. Refuses a content that is not
    /// what its hash says: removing that would remove the evidence.
    pub async fn purge(&self, run: &Run, user: &str, before: Date) -> Result<Purged> {
        let (environment, now) = (self.environment, self.clock.wall_ms());
        let (run, user) = (run.id, user.to_owned());
        self.carry_out(move |connection| {
            connection.execute_batch("PRAGMA secure_delete = ON")?;
            let old = Old::of(connection, environment, before)?;
            let purged = old.count();
            if purged.revisions + purged.records > 0 {
                let tx = begin(connection)?;
                old.purge(&tx, run, &user, before, now)?;
                tx.commit()?;
            }
            // Also where nothing was to be removed: an earlier purge may have been cut short here.
            sweep(connection)?;
            Ok(purged)
        })
        .await
    }
}

/// What a purge is about.
struct Old {
    revisions: Vec<i64>,
    records: Vec<i64>,
    /// How many contents are as old, and stay.
    left: u64,
}

impl Old {
    fn of(connection: &Connection, environment: i64, before: Date) -> Result<Self> {
        let begins = calendar::begin_in_london(before).as_millisecond();
        let contents: Vec<(i64, bool)> =
            query(connection, OLD).bind(environment).bind(before.to_string()).bind(begins).all()?;
        let records: Vec<(i64,)> =
            query(connection, OLD_RECORDS).bind(environment).bind(begins).all()?;
        let all = contents.len();
        let settled = contents.into_iter().filter(|(_, open)| !open).map(|(id, _)| id);
        let revisions: Vec<i64> = settled.collect();
        let left = (all - revisions.len()) as u64;
        Ok(Old { revisions, records: records.into_iter().map(|(id,)| id).collect(), left })
    }

    fn count(&self) -> Purged {
        let (revisions, records) = (self.revisions.len() as u64, self.records.len() as u64);
        Purged { revisions, records, left: self.left }
    }

    /// Chains the purge, and empties the rows.
    fn purge(
        &self,
        tx: &Transaction<'_>,
        run: i64,
        user: &str,
        before: Date,
        purged_at: i64,
    ) -> Result<()> {
        let (id,): (i64,) = query(tx, "SELECT coalesce(max(id), 0) + 1 FROM purge").one()?;
        let mut left = Digest::default();
        for revision in &self.revisions {
            left.add(*revision, &Sha256::digest(left_of(tx, *revision)?));
        }
        for record in &self.records {
            left.add(*record, &[]);
        }
        let mut chain = Chain::read(tx)?;
        let count = self.count();
        let purge = Purge {
            id,
            run,
            purged_at,
            user,
            before: &before.to_string(),
            revisions: count.revisions.cast_signed(),
            records: count.records.cast_signed(),
            digest: left.finish(),
        };
        insert_purge(tx, &mut chain, &purge)?;
        chain.save(tx)?;
        for revision in &self.revisions {
            purge_revision(tx, *revision, id)?;
        }
        for record in &self.records {
            purge_record(tx, *record, id)?;
        }
        blank_layouts(tx)
    }
}

/// What a purge leaves of a content, if that is what its hash says.
fn left_of(tx: &Transaction<'_>, revision: i64) -> Result<Vec<u8>> {
    let (payload, salt, hash): (Option<Vec<u8>>, Option<Vec<u8>>, Vec<u8>) =
        query(tx, "SELECT payload, salt, content_hash FROM revision WHERE id = ?1")
            .bind(revision)
            .one()?;
    let payload = payload.unwrap_or_default();
    if salt.is_none_or(|salt| content_hash(&salt, &payload)[..] != hash[..]) {
        return Err(LedgerError::Damaged("a content is not what its hash says; run verify"));
    }
    Ok(lasting(&payload))
}

/// Purges one content.
fn purge_revision(tx: &Transaction<'_>, revision: i64, purge: i64) -> Result<()> {
    let left = left_of(tx, revision)?;
    query(tx, "UPDATE revision SET payload = ?2, salt = NULL, purge_id = ?3 WHERE id = ?1")
        .bind(revision)
        .bind(&left)
        .bind(purge)
        .execute()?;
    for sql in [
        "UPDATE revision_source SET packed = NULL, salt = NULL WHERE revision_id = ?1",
        "UPDATE attempt SET detail = NULL, salt = NULL WHERE revision_id = ?1",
        "UPDATE decision SET note = NULL, salt = NULL WHERE revision_id = ?1",
    ] {
        query(tx, sql).bind(revision).execute()?;
    }
    query(tx, "UPDATE finding SET message = ?2 WHERE revision_id = ?1")
        .bind(revision)
        .bind(REMOVED)
        .execute()?;
    Ok(())
}

fn purge_record(tx: &Transaction<'_>, record: i64, purge: i64) -> Result<()> {
    query(tx, "UPDATE unidentified SET payload = NULL, salt = NULL, purge_id = ?2 WHERE id = ?1")
        .bind(record)
        .bind(purge)
        .execute()?;
    query(tx, "UPDATE record_source SET packed = NULL, salt = NULL WHERE record_id = ?1")
        .bind(record)
        .execute()?;
    query(tx, "UPDATE finding SET message = ?2 WHERE record_id = ?1")
        .bind(record)
        .bind(REMOVED)
        .execute()?;
    Ok(())
}

/// What stood above rows that are all gone goes too: a header may name its author.
fn blank_layouts(tx: &Transaction<'_>) -> Result<()> {
    query(
        tx,
        "UPDATE layout SET header = x'' WHERE id NOT IN (
            SELECT layout_id FROM revision_source WHERE salt IS NOT NULL
            UNION SELECT layout_id FROM record_source WHERE salt IS NOT NULL)",
    )
    .execute()?;
    Ok(())
}

/// Leaves nothing of what was removed in the file, nor in the log beside it.
fn sweep(connection: &Connection) -> Result<()> {
    let checkpoint = || -> Result<()> {
        // The first number of a checkpoint says whether somebody was in its way.
        let (busy, ..): (i64, i64, i64) =
            query(connection, "PRAGMA wal_checkpoint(TRUNCATE)").one()?;
        if busy == 0 { Ok(()) } else { Err(LedgerError::Unswept) }
    };
    checkpoint()?;
    connection.execute_batch("VACUUM")?;
    checkpoint()
}
