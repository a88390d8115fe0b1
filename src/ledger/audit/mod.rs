//! Everything that a report says, from one and the same moment: pages of plain rows, so that the
//! memory for a report of any size stays small.

mod details;

pub use details::Details;

use sqlx::SqliteConnection;
use tokio::sync::MutexGuard;

use super::chain::{Head, head};
use super::{Ledger, Result};

/// How many rows a page has.
const PAGE: i64 = 2_000;

/// The ledger as it was when the snapshot was taken, whatever a run writes meanwhile.
#[derive(Debug)]
pub struct Snapshot<'l> {
    connection: MutexGuard<'l, SqliteConnection>,
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

/// A movement, by its current revision and by what stands at the service: the newest accepted
/// revision, or the current one where none was accepted.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LoadRow {
    /// Its row.
    pub movement: i64,
    /// `yourUniqueReference`.
    pub reference: String,
    /// The operator's code.
    pub api_code: String,
    /// The permit in its one spelling.
    pub site: String,
    /// The permit as it was written.
    pub authorisation_number: String,
    /// The waste tracking ID.
    pub waste_tracking_id: Option<String>,
    /// The current revision's state.
    pub state: String,
    /// Its method.
    pub method: String,
    /// Why it was made or is held.
    pub why: String,
    /// Why it is in that state, as far as an answer said.
    pub reason: Option<String>,
    /// When its state last changed, in milliseconds since 1970.
    pub changed_at: i64,
    /// The file that it was read from.
    pub file_id: i64,
    /// The line there.
    pub line: i64,
    /// The run that first read it.
    pub created_run_id: i64,
    /// The run that last read it.
    pub read_run_id: i64,
    /// The day of receipt in London, of what stands at the service.
    pub received_on: Option<String>,
    /// The request body of that.
    pub payload: Option<Vec<u8>>,
    /// Whether personal data was deleted from it.
    pub purged: bool,
}

/// A request and its answer, as far as figures go.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AnswerRow {
    /// Its row.
    pub id: i64,
    /// Of which movement.
    pub movement: i64,
    /// In which run.
    pub run_id: i64,
    /// How it was sent.
    pub method: String,
    /// When, in milliseconds since 1970.
    pub started_at: i64,
    /// How long the answer took.
    pub duration_ms: Option<i64>,
    /// What it meant.
    pub outcome: String,
    /// Why.
    pub reason: String,
    /// The HTTP status.
    pub status: Option<i64>,
    /// The operator's code.
    pub api_code: String,
    /// The service's word on when the operator's charge expires.
    pub service_charge_expiry: Option<String>,
}

/// A finding that stops or warns, and whose it is.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FoundRow {
    /// Its row.
    pub id: i64,
    /// Of which movement.
    pub movement: i64,
    /// Whether its revision is the movement's current one.
    pub is_current: bool,
    /// The attempt in whose answer the API said it.
    pub attempt_id: Option<i64>,
    /// `error`, `blocking` or `warning`.
    pub severity: String,
    /// The API's key.
    pub key: String,
    /// The API's kind of error.
    pub error_type: String,
    /// In words.
    pub message: String,
}

/// An order about a movement.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OrderRow {
    /// About which movement.
    pub movement: i64,
    /// In which run.
    pub run_id: i64,
    /// When, in milliseconds since 1970.
    pub decided_at: i64,
    /// What.
    pub decision: String,
}

/// A run, with the row that others name.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AuditRun {
    /// Its row.
    pub id: i64,
    /// Its name for the outside.
    pub uuid: String,
    /// The command.
    pub command: String,
    /// The program's version.
    pub version: String,
    /// Who ran it.
    pub user_name: String,
    /// Where.
    pub host_name: String,
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// When it ended; never, if it was killed or goes on.
    pub ended_at: Option<i64>,
    /// How.
    pub exit_code: Option<i64>,
    /// Records without a usable reference that it read.
    pub unidentified: i64,
}

/// A file that a run read.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AuditFile {
    /// Its row.
    pub id: i64,
    /// By which run.
    pub run_id: i64,
    /// Where it lay.
    pub path: String,
    /// When it was read, in milliseconds since 1970.
    pub read_at: i64,
    /// Why nothing of it was admitted, if so.
    pub refusal: Option<String>,
    /// How many records it had.
    pub records: i64,
    /// How many of these were invalid.
    pub invalid: i64,
}

impl Ledger {
    /// Takes a snapshot; the ledger is there for nothing else until it is closed.
    pub async fn snapshot(&self) -> Result<Snapshot<'_>> {
        let mut connection = self.connection().await;
        sqlx::query("BEGIN").execute(&mut *connection).await?;
        Ok(Snapshot { connection, environment: self.environment })
    }
}

impl Snapshot<'_> {
    /// Ends it.
    pub async fn close(mut self) -> Result<()> {
        sqlx::query("COMMIT").execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Where the history ended then.
    pub async fn chain_head(&mut self) -> Result<Head> {
        head(&mut self.connection).await
    }

    /// One page of movements, those after the given row.
    pub async fn loads(&mut self, scope: &Scope, after: i64) -> Result<Vec<LoadRow>> {
        let rows = sqlx::query_as(
            "SELECT m.id AS movement, m.reference, o.api_code, m.site, m.authorisation_number,
                m.waste_tracking_id, c.state, c.method, c.why, c.reason, c.changed_at, c.file_id,
                c.line, c.created_run_id, c.read_run_id, s.received_on, s.payload,
                s.purge_id IS NOT NULL AS purged
             FROM movement m JOIN operator o ON o.id = m.operator_id
             JOIN revision c ON c.id = m.current_revision_id
             JOIN revision s ON s.id = CASE WHEN c.state = 'accepted' THEN c.id ELSE
                coalesce((SELECT x.id FROM revision x
                    WHERE x.movement_id = m.id AND x.state = 'accepted'
                    ORDER BY x.number DESC LIMIT 1), c.id) END
             WHERE o.environment_id = ?1 AND m.id > ?2 AND c.state <> 'superseded'
                AND (?3 IS NULL OR o.api_code = ?3) AND (?4 IS NULL OR m.site = ?4)
                AND (?5 IS NULL OR s.received_on >= ?5) AND (?6 IS NULL OR s.received_on <= ?6)
             ORDER BY m.id LIMIT ?7",
        )
        .bind(self.environment)
        .bind(after)
        .bind(&scope.api_code)
        .bind(&scope.site)
        .bind(&scope.received_from)
        .bind(&scope.received_to)
        .bind(PAGE)
        .fetch_all(&mut *self.connection)
        .await?;
        Ok(rows)
    }

    /// Movements of the scope, whatever their day: those without a day of receipt that can be
    /// read, and those whose place a reading with another apiCode or permit took.
    pub async fn uncounted(&mut self, scope: &Scope) -> Result<(u64, u64)> {
        let (undated, replaced): (i64, i64) = sqlx::query_as(
            "SELECT
                coalesce(sum(CASE WHEN c.state <> 'superseded' AND c.received_on IS NULL
                    THEN 1 ELSE 0 END), 0),
                coalesce(sum(CASE WHEN c.state = 'superseded' THEN 1 ELSE 0 END), 0)
             FROM movement m JOIN operator o ON o.id = m.operator_id
             JOIN revision c ON c.id = m.current_revision_id
             WHERE o.environment_id = ?1
                AND (?2 IS NULL OR o.api_code = ?2) AND (?3 IS NULL OR m.site = ?3)",
        )
        .bind(self.environment)
        .bind(&scope.api_code)
        .bind(&scope.site)
        .fetch_one(&mut *self.connection)
        .await?;
        Ok((undated.unsigned_abs(), replaced.unsigned_abs()))
    }

    /// One page of requests, those after the given one.
    pub async fn answers(&mut self, after: i64) -> Result<Vec<AnswerRow>> {
        let rows = sqlx::query_as(
            "SELECT a.id, r.movement_id AS movement, a.run_id, a.method, a.started_at,
                a.duration_ms, a.outcome, a.reason, a.status, o.api_code, a.service_charge_expiry
             FROM attempt a JOIN revision r ON r.id = a.revision_id
             JOIN operator o ON o.id = r.operator_id
             WHERE o.environment_id = ?1 AND a.id > ?2 ORDER BY a.id LIMIT ?3",
        )
        .bind(self.environment)
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut *self.connection)
        .await?;
        Ok(rows)
    }

    /// One page of findings that stop or warn, those after the given one.
    pub async fn found(&mut self, after: i64) -> Result<Vec<FoundRow>> {
        let rows = sqlx::query_as(
            "SELECT f.id, r.movement_id AS movement, r.id = m.current_revision_id AS is_current,
                f.attempt_id, f.severity, f.key, f.error_type, f.message
             FROM finding f JOIN revision r ON r.id = f.revision_id
             JOIN movement m ON m.id = r.movement_id
             JOIN operator o ON o.id = r.operator_id
             WHERE o.environment_id = ?1 AND f.id > ?2 AND f.severity <> 'advice'
             ORDER BY f.id LIMIT ?3",
        )
        .bind(self.environment)
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut *self.connection)
        .await?;
        Ok(rows)
    }

    /// All orders about movements, oldest first.
    pub async fn orders(&mut self) -> Result<Vec<OrderRow>> {
        let rows = sqlx::query_as(
            "SELECT r.movement_id AS movement, d.run_id, d.decided_at, d.decision
             FROM decision d JOIN revision r ON r.id = d.revision_id
             JOIN operator o ON o.id = r.operator_id
             WHERE o.environment_id = ?1 ORDER BY d.id",
        )
        .bind(self.environment)
        .fetch_all(&mut *self.connection)
        .await?;
        Ok(rows)
    }

    /// All runs, oldest first.
    pub async fn runs(&mut self) -> Result<Vec<AuditRun>> {
        let rows = sqlx::query_as(
            "SELECT r.id, r.uuid, r.command, r.version, r.user_name, r.host_name, r.started_at,
                r.ended_at, r.exit_code,
                (SELECT count(*) FROM unidentified u WHERE u.run_id = r.id) AS unidentified
             FROM run r WHERE r.environment_id = ?1 ORDER BY r.id",
        )
        .bind(self.environment)
        .fetch_all(&mut *self.connection)
        .await?;
        Ok(rows)
    }

    /// All files, in the order in which they were read.
    pub async fn files(&mut self) -> Result<Vec<AuditFile>> {
        let rows = sqlx::query_as(
            "SELECT f.id, f.run_id, f.path, f.read_at, f.refusal, f.records, f.invalid
             FROM file f JOIN run r ON r.id = f.run_id
             WHERE r.environment_id = ?1 ORDER BY f.id",
        )
        .bind(self.environment)
        .fetch_all(&mut *self.connection)
        .await?;
        Ok(rows)
    }
}
