//! What a report tells of single movements beyond their lines.

use super::Snapshot;
use crate::ledger::cells::{Cells, Mistyped};
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

/// Movements from one row to another whose current revision is in a state, or in any.
type Range<'s> = ((i64, i64), Option<&'s str>);

impl Snapshot {
    /// What is known beyond their lines of the movements from one row to another whose current
    /// revision is in a state (or in any).
    pub fn details(&self, rows: (i64, i64), state: Option<&str>) -> Result<Details> {
        let range = (rows, state);
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "the method is of one lifetime, the closure of any"
        )]
        let payloads = self.of_movements(
            "SELECT m.id, c.payload FROM movement m JOIN revision c ON c.id = m.current_revision_id
             WHERE m.id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR c.state = ?3) ORDER BY m.id",
            range,
            |cells| cells.next(),
        )?;
        let attempts = self.of_movements(
            "SELECT m.id, a.revision_id, a.number, a.method, a.started_at,
                a.duration_ms, a.outcome, a.reason, a.status, a.waste_tracking_id, a.request_id,
                a.detail
             FROM movement m JOIN revision c ON c.id = m.current_revision_id
             JOIN revision r ON r.movement_id = m.id JOIN attempt a ON a.revision_id = r.id
             WHERE m.id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR c.state = ?3) ORDER BY m.id, a.id",
            range,
            AttemptRow::next,
        )?;
        let findings = self.of_movements(
            "SELECT m.id, f.revision_id, f.severity, f.key, f.error_type,
                f.message, f.line, f.column_number, f.column_name, f.sheet,
                f.attempt_id IS NOT NULL
             FROM movement m JOIN revision c ON c.id = m.current_revision_id
             JOIN finding f ON f.revision_id = c.id
             WHERE m.id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR c.state = ?3)
                AND (f.attempt_id IS NULL OR f.attempt_id =
                    (SELECT max(a.id) FROM attempt a WHERE a.revision_id = c.id))
             ORDER BY m.id, f.id",
            range,
            StoredFinding::next,
        )?;
        let decisions = self.of_movements(
            "SELECT m.id, d.revision_id, d.decided_at, d.user_name, d.decision,
                d.from_state, d.to_state, d.waste_tracking_id, d.note
             FROM movement m JOIN revision c ON c.id = m.current_revision_id
             JOIN revision r ON r.movement_id = m.id JOIN decision d ON d.revision_id = r.id
             WHERE m.id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR c.state = ?3) ORDER BY m.id, d.id",
            range,
            DecisionRow::next,
        )?;
        Ok(Details { payloads, attempts, findings, decisions })
    }

    /// Rows about movements, each behind its movement's.
    fn of_movements<T>(
        &self,
        sql: &str,
        ((first, last), state): Range<'_>,
        next: impl Fn(&mut Cells<'_>) -> std::result::Result<T, Mistyped>,
    ) -> Result<Vec<(i64, T)>> {
        let mut rows = Vec::new();
        self.each(sql, &[&first, &last, &state], |cells| {
            rows.push((cells.next()?, next(cells)?));
            Ok(())
        })?;
        Ok(rows)
    }
}
