//! Whether anything happened at all.

use super::{Ledger, Result, Run};

/// The last time that files were submitted and the work was done, as far as it could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSubmit {
    /// When it ended, in milliseconds since 1970.
    pub ended_at: i64,
    /// Its exit code.
    pub exit_code: i64,
}

impl Ledger {
    /// How many records a run was the first to read: new movements, and new contents of known ones.
    /// A row without a usable reference counts as none: nothing tells whether it is new.
    pub async fn new_records(&self, run: &Run) -> Result<u64> {
        let _busy = self.clock.busy();
        let (count,): (i64,) = sqlx::query_as(
            "SELECT count(*) FROM revision WHERE read_run_id = ?1 AND created_run_id = ?1",
        )
        .bind(run.id)
        .fetch_one(&mut *self.connection().await)
        .await?;
        Ok(count.unsigned_abs())
    }

    /// The last `submit` that did its work. One that failed, was interrupted or had no access is
    /// none: nothing would be sent for weeks while such runs come and go.
    pub async fn last_submit(&self) -> Result<Option<LastSubmit>> {
        let _busy = self.clock.busy();
        let row: Option<(i64, i64)> = sqlx::query_as(
            "SELECT ended_at, exit_code FROM run
             WHERE environment_id = ?1 AND command = 'submit' AND ended_at IS NOT NULL
                AND exit_code IN (0, 3, 4, 5, 8)
             ORDER BY id DESC LIMIT 1",
        )
        .bind(self.environment)
        .fetch_optional(&mut *self.connection().await)
        .await?;
        Ok(row.map(|(ended_at, exit_code)| LastSubmit { ended_at, exit_code }))
    }
}
