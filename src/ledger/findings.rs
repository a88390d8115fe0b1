//! Findings as the ledger keeps them.

use rusqlite::Transaction;
use sqlx::SqliteConnection;

use super::Result;
use super::cells::told;
use super::statement::query;
use crate::finding::{Finding, cell};

told! {
    /// A finding as it was kept.
    #[derive(PartialEq, Eq, sqlx::FromRow)]
    StoredFinding {
        /// Its revision, or the record that is no movement.
        owner: i64,
        /// `error`, `blocking`, `warning` or `advice`.
        severity: String,
        /// The API's key.
        key: String,
        /// The API's kind of error.
        error_type: String,
        /// In words.
        message: String,
        /// Line in the file.
        line: Option<i64>,
        /// Column there.
        column_number: Option<i64>,
        /// Its title.
        column_name: Option<String>,
        /// Its sheet, in a workbook.
        #[sqlx(default)]
        sheet: Option<String>,
        /// Whether the API said it.
        by_api: bool,
    }
}

impl StoredFinding {
    /// In a workbook the cell, as spreadsheet software names it.
    pub fn cell(&self) -> Option<String> {
        let column = self.column_number.map(i64::unsigned_abs);
        cell(self.sheet.as_deref(), column, self.line?.unsigned_abs())
    }
}

/// Whose a finding is.
#[derive(Clone, Copy)]
pub(super) enum Owner {
    /// A revision's, said in the answer to an attempt if one is given.
    Revision(i64, Option<i64>),
    /// A record's that is no movement.
    Record(i64),
}

const FINDING: &str = "INSERT INTO finding (revision_id, attempt_id, record_id, severity, key,
        error_type, message, line, column_number, column_name, sheet)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Keeps findings.
pub(super) fn insert_findings(
    tx: &Transaction<'_>,
    owner: Owner,
    findings: &[Finding],
) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let (revision, attempt, record) = match owner {
        Owner::Revision(revision, attempt) => (Some(revision), attempt, None),
        Owner::Record(record) => (None, None, Some(record)),
    };
    let mut insert = query(tx, FINDING);
    for finding in findings {
        let place = finding.place.as_ref();
        insert
            .bind(revision)
            .bind(attempt)
            .bind(record)
            .bind(finding.severity.as_str())
            .bind(&finding.key)
            .bind(finding.error_type.as_str())
            .bind(&finding.message)
            .bind(place.map(|place| place.line.cast_signed()))
            .bind(place.and_then(|place| place.column).map(u64::cast_signed))
            .bind(place.and_then(|place| place.column_name.as_deref()))
            .bind(place.and_then(|place| place.sheet.as_deref()))
            .execute()?;
    }
    Ok(())
}

/// What was found in a record that is no movement.
pub(super) async fn of_record(
    connection: &mut SqliteConnection,
    record: i64,
) -> Result<Vec<StoredFinding>> {
    let findings = sqlx::query_as(
        "SELECT record_id AS owner, severity, key, error_type, message, line,
            column_number, column_name, sheet, 0 AS by_api
         FROM finding WHERE record_id = ?1 ORDER BY id",
    )
    .bind(record)
    .fetch_all(connection)
    .await?;
    Ok(findings)
}
