//! Findings as the ledger keeps them.

use sqlx::SqliteTransaction;

use super::Result;
use super::chunks::{Chunked, chunks};
use crate::finding::Finding;

/// Whose a finding is.
#[derive(Clone, Copy)]
pub(super) enum Owner {
    /// A revision's, said in the answer to an attempt if one is given.
    Revision(i64, Option<i64>),
    /// A record's that is no movement.
    Record(i64),
}

/// Findings that are all of one owner.
pub(super) fn owned(owner: Owner, findings: &[Finding]) -> Vec<(Owner, &Finding)> {
    findings.iter().map(|finding| (owner, finding)).collect()
}

pub(super) static FINDINGS: Chunked = Chunked::new(
    "INSERT INTO finding (revision_id, attempt_id, record_id, severity, key, error_type, message,
        line, column_number, column_name)
     VALUES ",
    10,
    "",
);

/// Keeps findings.
pub(super) async fn insert_findings(
    tx: &mut SqliteTransaction<'_>,
    findings: &[(Owner, &Finding)],
) -> Result<()> {
    for chunk in chunks(findings) {
        let mut query = sqlx::query(FINDINGS.of(chunk.len()));
        for (owner, finding) in chunk {
            let (revision, attempt, record) = match *owner {
                Owner::Revision(revision, attempt) => (Some(revision), attempt, None),
                Owner::Record(record) => (None, None, Some(record)),
            };
            let place = finding.place.as_ref();
            query = query
                .bind(revision)
                .bind(attempt)
                .bind(record)
                .bind(finding.severity.as_str())
                .bind(&finding.key)
                .bind(finding.error_type.as_str())
                .bind(&finding.message)
                .bind(place.map(|place| place.line.cast_signed()))
                .bind(place.and_then(|place| place.column).map(u64::cast_signed))
                .bind(place.and_then(|place| place.column_name.as_deref()));
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}
