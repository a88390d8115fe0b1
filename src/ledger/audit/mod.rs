//! Everything that a report says, from one and the same moment. Rows are shown one by one where
//! they lie, so that the memory for a report of any size stays small.

mod details;
mod rows;

pub use details::Details;
pub use rows::{AnswerRow, AuditFile, AuditRun, FoundRow, LoadRow, OrderRow};

use rusqlite::Connection;
use rusqlite::types::ToSql;

use super::cells::{Cells, Mistyped};
use super::chain::Head;
use super::{Ledger, Result, view};

/// The ledger as it was when it was first looked at, whatever a run writes meanwhile.
#[derive(Debug)]
pub struct Snapshot {
    connection: Connection,
    environment: i64,
}

/// Which movements a report is about.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Only this operator's.
    pub api_code: Option<String>,
    /// Only this site's, by the one spelling of its permit.
    pub site: Option<String>,
    /// Only those received on this day or later (`2026-10-05`).
    pub received_from: Option<String>,
    /// Only those received on this day or earlier.
    pub received_to: Option<String>,
}

impl Ledger {
    /// Takes a snapshot.
    pub fn snapshot(&self) -> Result<Snapshot> {
        let connection = view::open(self.path(), false)?;
        Ok(Snapshot { connection, environment: self.environment })
    }
}

impl Snapshot {
    /// Shows each row that a statement finds.
    pub(super) fn each(
        &self,
        sql: &str,
        values: &[&dyn ToSql],
        mut show: impl FnMut(&mut Cells<'_>) -> std::result::Result<(), Mistyped>,
    ) -> Result<()> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            show(&mut Cells::of(row))?;
        }
        Ok(())
    }

    /// Where the history ended then.
    pub fn chain_head(&self) -> Result<Head> {
        let sql = "SELECT chain_count, chain_head FROM ledger";
        let row = self.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(Head::of(row?))
    }

    /// Every movement of a scope, by its row.
    pub fn loads(&self, scope: &Scope, mut show: impl FnMut(LoadRow<'_>)) -> Result<()> {
        self.each(
            "SELECT m.id, m.reference, o.api_code, m.site, m.authorisation_number,
                m.waste_tracking_id, c.state, c.method, c.why, c.reason, c.changed_at, c.file_id,
                c.line, c.created_run_id, c.read_run_id, s.received_on, s.payload,
                s.purge_id IS NOT NULL
             FROM movement m JOIN operator o ON o.id = m.operator_id
             JOIN revision c ON c.id = m.current_revision_id
             JOIN revision s ON s.id = CASE WHEN c.state = 'accepted' THEN c.id ELSE
                coalesce((SELECT x.id FROM revision x
                    WHERE x.movement_id = m.id AND x.state = 'accepted'
                    ORDER BY x.number DESC LIMIT 1), c.id) END
             WHERE o.environment_id = ?1 AND c.state <> 'superseded'
                AND (?2 IS NULL OR o.api_code = ?2) AND (?3 IS NULL OR m.site = ?3)
                AND (?4 IS NULL OR s.received_on >= ?4) AND (?5 IS NULL OR s.received_on <= ?5)
             ORDER BY m.id",
            &[
                &self.environment,
                &scope.api_code,
                &scope.site,
                &scope.received_from,
                &scope.received_to,
            ],
            |cells| LoadRow::next(cells).map(&mut show),
        )
    }

    /// Movements of the scope, whatever their day: those without a day of receipt that can be
    /// read, and those whose place a reading with another apiCode or permit took.
    pub fn uncounted(&self, scope: &Scope) -> Result<(u64, u64)> {
        let (mut undated, mut replaced) = (0, 0);
        self.each(
            "SELECT
                coalesce(sum(CASE WHEN c.state <> 'superseded' AND c.received_on IS NULL
                    THEN 1 ELSE 0 END), 0),
                coalesce(sum(CASE WHEN c.state = 'superseded' THEN 1 ELSE 0 END), 0)
             FROM movement m JOIN operator o ON o.id = m.operator_id
             JOIN revision c ON c.id = m.current_revision_id
             WHERE o.environment_id = ?1
                AND (?2 IS NULL OR o.api_code = ?2) AND (?3 IS NULL OR m.site = ?3)",
            &[&self.environment, &scope.api_code, &scope.site],
            |cells| {
                (undated, replaced) = (cells.next::<i64>()?, cells.next::<i64>()?);
                Ok(())
            },
        )?;
        Ok((undated.unsigned_abs(), replaced.unsigned_abs()))
    }

    /// Every request, the oldest first.
    pub fn answers(&self, mut show: impl FnMut(AnswerRow<'_>)) -> Result<()> {
        self.each(
            "SELECT a.id, r.movement_id, a.run_id, a.method, a.started_at,
                a.duration_ms, a.outcome, a.reason, a.status, o.api_code, a.service_charge_expiry
             FROM attempt a JOIN revision r ON r.id = a.revision_id
             JOIN operator o ON o.id = r.operator_id
             WHERE o.environment_id = ?1 ORDER BY a.id",
            &[&self.environment],
            |cells| AnswerRow::next(cells).map(&mut show),
        )
    }

    /// Every finding that stops or warns, the oldest first.
    pub fn found(&self, mut show: impl FnMut(FoundRow<'_>)) -> Result<()> {
        self.each(
            "SELECT f.id, r.movement_id, r.id = m.current_revision_id,
                f.attempt_id, f.severity, f.key, f.error_type, f.message
             FROM finding f JOIN revision r ON r.id = f.revision_id
             JOIN movement m ON m.id = r.movement_id
             JOIN operator o ON o.id = r.operator_id
             WHERE o.environment_id = ?1 AND f.severity <> 'advice'
             ORDER BY f.id",
            &[&self.environment],
            |cells| FoundRow::next(cells).map(&mut show),
        )
    }

    /// All orders about movements, oldest first.
    pub fn orders(&self, mut show: impl FnMut(OrderRow<'_>)) -> Result<()> {
        self.each(
            "SELECT r.movement_id, d.run_id, d.decided_at, d.decision
             FROM decision d JOIN revision r ON r.id = d.revision_id
             JOIN operator o ON o.id = r.operator_id
             WHERE o.environment_id = ?1 ORDER BY d.id",
            &[&self.environment],
            |cells| OrderRow::next(cells).map(&mut show),
        )
    }

    /// All runs, oldest first.
    pub fn runs(&self) -> Result<Vec<AuditRun>> {
        let mut runs = Vec::new();
        self.each(
            "SELECT r.id, r.uuid, r.command, r.version, r.user_name, r.host_name, r.started_at,
                r.ended_at, r.exit_code,
                (SELECT count(*) FROM unidentified u WHERE u.run_id = r.id)
             FROM run r WHERE r.environment_id = ?1 ORDER BY r.id",
            &[&self.environment],
            |cells| AuditRun::next(cells).map(|run| runs.push(run)),
        )?;
        Ok(runs)
    }

    /// All files, in the order in which they were read.
    pub fn files(&self) -> Result<Vec<AuditFile>> {
        let mut files = Vec::new();
        self.each(
            "SELECT f.id, f.run_id, f.path, f.read_at, f.refusal, f.records, f.invalid
             FROM file f JOIN run r ON r.id = f.run_id
             WHERE r.environment_id = ?1 ORDER BY f.id",
            &[&self.environment],
            |cells| AuditFile::next(cells).map(|file| files.push(file)),
        )?;
        Ok(files)
    }
}
