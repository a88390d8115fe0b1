//! What a report tells of single movements beyond their lines.

use super::Snapshot;
use crate::ledger::{AttemptRow, DecisionRow, Result, StoredFinding};

/// What is known beyond a movement's line.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// The request bodies of current revisions, by movement.
    pub payloads: Vec<(i64, Option<Vec<u8>>)>,
    /// Requests, by movement.
    pub attempts: Vec<(i64, AttemptRow)>,
    /// What was found in current revisions: by our checks, or in the last answer; by movement.
    pub findings: Vec<(i64, StoredFinding)>,
    /// Decisions, by movement.
    pub decisions: Vec<(i64, DecisionRow)>,
}

/// A row of another table and the movement that it is about.
#[derive(sqlx::FromRow)]
struct Of<T> {
    movement: i64,
    #[sqlx(flatten)]
    row: T,
}

fn pairs<T>(rows: Vec<Of<T>>) -> Vec<(i64, T)> {
    rows.into_iter().map(|of| (of.movement, of.row)).collect()
}

impl Snapshot<'_> {
    /// What is known beyond their lines of the movements from one row to another whose current
    /// revision is in a state (or in any).
    pub async fn details(
        &mut self,
        (first, last): (i64, i64),
        state: Option<&str>,
    ) -> Result<Details> {
        let payloads: Vec<(i64, Option<Vec<u8>>)> = sqlx::query_as(
            "SELECT m.id, c.payload FROM movement m JOIN revision c ON c.id = m.current_revision_id
             WHERE m.id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR c.state = ?3) ORDER BY m.id",
        )
        .bind(first)
        .bind(last)
        .bind(state)
        .fetch_all(&mut *self.connection)
        .await?;
        let attempts: Vec<Of<AttemptRow>> = sqlx::query_as(
            "SELECT m.id AS movement, a.revision_id, a.number, a.method, a.started_at,
                a.duration_ms, a.outcome, a.reason, a.status, a.waste_tracking_id, a.request_id,
                a.detail
             FROM movement m JOIN revision c ON c.id = m.current_revision_id
             JOIN revision r ON r.movement_id = m.id JOIN attempt a ON a.revision_id = r.id
             WHERE m.id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR c.state = ?3) ORDER BY m.id, a.id",
        )
        .bind(first)
        .bind(last)
        .bind(state)
        .fetch_all(&mut *self.connection)
        .await?;
        let findings: Vec<Of<StoredFinding>> = sqlx::query_as(
            "SELECT m.id AS movement, f.revision_id AS owner, f.severity, f.key, f.error_type,
                f.message, f.line, f.column_number, f.column_name,
                f.attempt_id IS NOT NULL AS by_api
             FROM movement m JOIN revision c ON c.id = m.current_revision_id
             JOIN finding f ON f.revision_id = c.id
             WHERE m.id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR c.state = ?3)
                AND (f.attempt_id IS NULL OR f.attempt_id =
                    (SELECT max(a.id) FROM attempt a WHERE a.revision_id = c.id))
             ORDER BY m.id, f.id",
        )
        .bind(first)
        .bind(last)
        .bind(state)
        .fetch_all(&mut *self.connection)
        .await?;
        let decisions: Vec<Of<DecisionRow>> = sqlx::query_as(
            "SELECT m.id AS movement, d.revision_id, d.decided_at, d.user_name, d.decision,
                d.from_state, d.to_state, d.waste_tracking_id, d.note
             FROM movement m JOIN revision c ON c.id = m.current_revision_id
             JOIN revision r ON r.movement_id = m.id JOIN decision d ON d.revision_id = r.id
             WHERE m.id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR c.state = ?3) ORDER BY m.id, d.id",
        )
        .bind(first)
        .bind(last)
        .bind(state)
        .fetch_all(&mut *self.connection)
        .await?;
        let (attempts, findings) = (pairs(attempts), pairs(findings));
        Ok(Details { payloads, attempts, findings, decisions: pairs(decisions) })
    }
}
