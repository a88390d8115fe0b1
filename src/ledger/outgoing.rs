//! Records on their way out again: what they were read from, and what it was set in.

use super::findings::of_record;
use super::source::{Layout, unpack};
use super::{Ledger, Result, Run, StoredFinding};

/// What a record was read from, as far as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// These rows, set in the layout with this number.
    Rows {
        /// For [`Ledger::layout`].
        layout: i64,
        /// The rows as text in UTF-8, line breaks included.
        rows: Vec<u8>,
    },
    /// It was read by a version that did not keep rows, or from what has none.
    NotKept,
    /// The rows were purged.
    Purged,
}

/// Which records without a usable reference.
#[derive(Debug, Clone, Copy)]
pub enum Nameless<'r> {
    /// Those of one run.
    Of(&'r Run),
    /// Those of the newest reading of each file, read at this time or later (milliseconds since
    /// 1970).
    Since(i64),
}

/// A record without a usable reference.
#[derive(Debug, Clone)]
pub struct NamelessRow {
    /// Where it was read.
    pub file: String,
    /// The line there.
    pub line: u64,
    /// What it was read from.
    pub origin: Origin,
    /// What was made of it, without a reference; none once it was purged.
    pub body: Option<Vec<u8>>,
    /// What was found.
    pub findings: Vec<StoredFinding>,
}

#[derive(sqlx::FromRow)]
struct Packed {
    layout_id: Option<i64>,
    packed: Option<Vec<u8>>,
    payload: Option<Vec<u8>>,
}

impl Packed {
    fn unpacked(&self) -> Result<Origin> {
        Ok(match (self.layout_id, &self.packed) {
            (Some(layout), Some(packed)) => {
                let rows = unpack(packed, self.payload.as_deref().unwrap_or_default())?;
                Origin::Rows { layout, rows }
            }
            (Some(_), None) => Origin::Purged,
            (None, _) => Origin::NotKept,
        })
    }
}

impl Ledger {
    /// What a revision was read from.
    pub async fn origin(&self, revision: i64) -> Result<Origin> {
        let packed: Packed = sqlx::query_as(
            "SELECT s.layout_id, s.packed, r.payload FROM revision r
             LEFT JOIN revision_source s ON s.revision_id = r.id WHERE r.id = ?1",
        )
        .bind(revision)
        .fetch_one(&mut *self.connection().await)
        .await?;
        packed.unpacked()
    }

    /// The request body of a revision, unless it was purged.
    pub async fn payload(&self, revision: i64) -> Result<Option<Vec<u8>>> {
        let (payload,): (Option<Vec<u8>>,) =
            sqlx::query_as("SELECT payload FROM revision WHERE id = ?1")
                .bind(revision)
                .fetch_one(&mut *self.connection().await)
                .await?;
        Ok(payload)
    }

    /// When a revision came into its state, in milliseconds since 1970.
    pub async fn changed_at(&self, revision: i64) -> Result<i64> {
        let (at,): (i64,) = sqlx::query_as("SELECT changed_at FROM revision WHERE id = ?1")
            .bind(revision)
            .fetch_one(&mut *self.connection().await)
            .await?;
        Ok(at)
    }

    /// What rows are set in.
    pub async fn layout(&self, number: i64) -> Result<Layout> {
        let (format, encoding, delimiter, header, titles_at): (
            String,
            String,
            String,
            Vec<u8>,
            i64,
        ) = sqlx::query_as(
            "SELECT format, encoding, delimiter, header, titles_at FROM layout WHERE id = ?1",
        )
        .bind(number)
        .fetch_one(&mut *self.connection().await)
        .await?;
        let titles_at = usize::try_from(titles_at).unwrap_or_default().min(header.len());
        Ok(Layout { format, encoding, delimiter, header, titles_at })
    }

    /// Records without a usable reference, in the order in which they were read.
    pub async fn nameless(&self, which: Nameless<'_>) -> Result<Vec<NamelessRow>> {
        let (run, since) = match which {
            Nameless::Of(run) => (Some(run.id), None),
            Nameless::Since(at) => (None, Some(at)),
        };
        let mut connection = self.connection().await;
        let records: Vec<(i64, String, i64)> = sqlx::query_as(
            "SELECT u.id, f.path, u.line FROM unidentified u
             JOIN file f ON f.id = u.file_id JOIN run r ON r.id = u.run_id
             WHERE r.environment_id = ?1 AND (?2 IS NULL OR u.run_id = ?2)
                AND (?3 IS NULL OR f.read_at >= ?3 AND NOT EXISTS (
                    SELECT 1 FROM file newer JOIN run by ON by.id = newer.run_id
                    WHERE newer.path = f.path AND newer.id > f.id AND newer.outcome = 'admitted'
                        AND by.environment_id = ?1))
             ORDER BY u.id",
        )
        .bind(self.environment)
        .bind(run)
        .bind(since)
        .fetch_all(&mut *connection)
        .await?;
        let mut all = Vec::with_capacity(records.len());
        for (record, file, line) in records {
            let packed: Packed = sqlx::query_as(
                "SELECT s.layout_id, s.packed, u.payload FROM unidentified u
                 LEFT JOIN record_source s ON s.record_id = u.id WHERE u.id = ?1",
            )
            .bind(record)
            .fetch_one(&mut *connection)
            .await?;
            let findings = of_record(&mut connection, record).await?;
            let (origin, body) = (packed.unpacked()?, packed.payload);
            all.push(NamelessRow { file, line: line.unsigned_abs(), origin, body, findings });
        }
        Ok(all)
    }
}
