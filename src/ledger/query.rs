//! Looking at the ledger: the backlog, the movements, everything known of one.

use std::collections::BTreeSet;

use super::cells::told;
use super::findings::of_record;
use super::{Ledger, Result, Run, StoredFinding, parse_state};
use crate::submission::State;

/// How many movements a page of [`Ledger::list`] has.
const PAGE: i64 = 500;
/// So many movements are looked at one by one; if more may fit a filter, all are gone through.
const FEW: i64 = 5_000;

/// Which movements to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in these states; all but `superseded` when empty.
    pub states: Vec<State>,
    /// Only with this reference.
    pub reference: Option<String>,
    /// Only this one.
    pub movement: Option<i64>,
    /// Only those that this run read or worked on.
    pub run: Option<i64>,
}

/// A movement as `list` shows it, by its current revision.
#[derive(Debug, Clone)]
pub struct MovementRow {
    /// Its row.
    pub movement: i64,
    /// `yourUniqueReference`.
    pub reference: String,
    /// The operator's code.
    pub api_code: String,
    /// The site's authorisation number.
    pub site: String,
    /// The current revision.
    pub revision: i64,
    /// Its state.
    pub state: State,
    /// Why it was made or is held.
    pub why: String,
    /// Why it is in that state, as far as an answer said.
    pub reason: Option<String>,
    /// The waste tracking ID.
    pub waste_tracking_id: Option<String>,
    /// How many requests were made for it.
    pub attempts: u64,
    /// When it was last claimed, in milliseconds since 1970.
    pub claimed_at: Option<i64>,
    /// When it is due again.
    pub due_at: i64,
    /// The day of receipt in London.
    pub received_on: Option<String>,
    /// Where it was read.
    pub file: String,
    /// The line there.
    pub line: u64,
    /// What was found.
    pub findings: Vec<StoredFinding>,
}

/// A revision as the detailed view shows it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RevisionRow {
    /// Its row.
    pub id: i64,
    /// Its number within the movement.
    pub number: i64,
    /// Its state.
    pub state: String,
    /// Why it was made.
    pub why: String,
    /// How it is sent.
    pub method: String,
    /// Where it was read.
    pub file: String,
    /// The line there.
    pub line: i64,
    /// The day of receipt in London.
    pub received_on: Option<String>,
    /// The request body.
    pub payload: Option<Vec<u8>>,
    /// When its state last changed.
    pub changed_at: i64,
}

told! {
    /// A request and its answer.
    #[derive(sqlx::FromRow)]
    AttemptRow {
        /// Its revision.
        revision_id: i64,
        /// Its number.
        number: i64,
        /// How it was sent.
        method: String,
        /// When, in milliseconds since 1970.
        started_at: i64,
        /// How long the answer took.
        duration_ms: Option<i64>,
        /// What it meant.
        outcome: String,
        /// Why.
        reason: String,
        /// The HTTP status.
        status: Option<i64>,
        /// The ID it was given.
        waste_tracking_id: Option<String>,
        /// The service's name for the request.
        request_id: Option<String>,
        /// What else was said.
        detail: Option<String>,
    }

    /// A decision.
    #[derive(sqlx::FromRow)]
    DecisionRow {
        /// About which revision.
        revision_id: i64,
        /// When, in milliseconds since 1970.
        decided_at: i64,
        /// By whom.
        user_name: String,
        /// What.
        decision: String,
        /// The state before.
        from_state: String,
        /// The state after.
        to_state: String,
        /// The ID that was named.
        waste_tracking_id: Option<String>,
        /// Why.
        note: Option<String>,
    }
}

#[derive(sqlx::FromRow)]
struct ListRow {
    id: i64,
    reference: String,
    api_code: String,
    authorisation_number: String,
    waste_tracking_id: Option<String>,
    revision: i64,
    state: String,
    why: String,
    reason: Option<String>,
    attempts: i64,
    claimed_at: Option<i64>,
    due_at: i64,
    received_on: Option<String>,
    path: String,
    line: i64,
}

impl ListRow {
    /// The row with what was found.
    fn with(self, findings: Vec<StoredFinding>) -> Result<MovementRow> {
        Ok(MovementRow {
            movement: self.id,
            reference: self.reference,
            api_code: self.api_code,
            site: self.authorisation_number,
            revision: self.revision,
            state: parse_state(&self.state)?,
            why: self.why,
            reason: self.reason,
            waste_tracking_id: self.waste_tracking_id,
            attempts: self.attempts.unsigned_abs(),
            claimed_at: self.claimed_at,
            due_at: self.due_at,
            received_on: self.received_on,
            file: self.path,
            line: self.line.unsigned_abs(),
            findings,
        })
    }
}

impl Ledger {
    /// One page of movements, those after the given row, in the order in which they were read.
    pub async fn list(&self, filter: &Filter, after: i64) -> Result<Vec<MovementRow>> {
        let mut rows = Vec::new();
        match self.few(filter).await? {
            None => rows = self.list_between(filter, after, i64::MAX).await?,
            Some(movements) => {
                for movement in movements.range(after.saturating_add(1)..) {
                    rows.extend(self.list_between(filter, movement - 1, *movement).await?);
                    if rows.len() == usize::try_from(PAGE).unwrap_or(usize::MAX) {
                        break;
                    }
                }
            }
        }
        let mut page = Vec::with_capacity(rows.len());
        for row in rows {
            let findings = self.findings(row.revision).await?;
            page.push(row.with(findings)?);
        }
        Ok(page)
    }

    /// The movements among which those of a filter are, if these are few: to look at just them
    /// takes less time than to go through all.
    async fn few(&self, filter: &Filter) -> Result<Option<BTreeSet<i64>>> {
        if let Some(movement) = filter.movement {
            return Ok(Some(BTreeSet::from([movement])));
        }
        let mut connection = self.connection().await;
        if let Some(reference) = &filter.reference {
            let movements: Vec<(i64,)> =
                sqlx::query_as("SELECT id FROM movement WHERE reference = ?1")
                    .bind(reference.trim())
                    .fetch_all(&mut *connection)
                    .await?;
            return Ok(Some(movements.into_iter().map(|(movement,)| movement).collect()));
        }
        if !filter.states.is_empty() && !filter.states.contains(&State::Accepted) {
            let mut query = sqlx::query_as(
                "SELECT movement_id FROM revision WHERE state <> 'accepted'
                    AND state IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) LIMIT ?10",
            );
            // There are nine states beside it.
            for at in 0..9 {
                query = query.bind(filter.states.get(at).map(|state| state.as_str()));
            }
            let movements: Vec<(i64,)> = query.bind(FEW + 1).fetch_all(&mut *connection).await?;
            if movements.len() <= usize::try_from(FEW).unwrap_or(0) {
                return Ok(Some(movements.into_iter().map(|(movement,)| movement).collect()));
            }
        }
        let Some(run) = filter.run else { return Ok(None) };
        let movements: Vec<(i64,)> = sqlx::query_as(
            "SELECT movement_id FROM revision WHERE read_run_id = ?1
             UNION ALL SELECT movement_id FROM revision WHERE settled_run_id = ?1 LIMIT ?2",
        )
        .bind(run)
        .bind(FEW + 1)
        .fetch_all(&mut *connection)
        .await?;
        let are_few = movements.len() <= usize::try_from(FEW).unwrap_or(0);
        Ok(are_few.then(|| movements.into_iter().map(|(movement,)| movement).collect()))
    }

    /// Movements after one row and up to another, as far as they go on a page.
    async fn list_between(&self, filter: &Filter, after: i64, last: i64) -> Result<Vec<ListRow>> {
        let states = filter.states.iter().fold(String::new(), |all, state| {
            if all.is_empty() { format!(",{state},") } else { format!("{all}{state},") }
        });
        let rows = sqlx::query_as(
            "SELECT m.id, m.reference, o.api_code, m.authorisation_number, m.waste_tracking_id,
                r.id AS revision, r.state, r.why, r.reason, r.attempts, r.claimed_at, r.due_at,
                r.received_on, f.path, r.line
             FROM movement m JOIN operator o ON o.id = m.operator_id
             JOIN revision r ON r.id = m.current_revision_id JOIN file f ON f.id = r.file_id
             WHERE o.environment_id = ?1 AND m.id > ?2 AND m.id <= ?3
                AND CASE WHEN ?4 = '' THEN r.state <> 'superseded'
                    ELSE instr(?4, ',' || r.state || ',') > 0 END
                AND (?5 IS NULL OR r.read_run_id = ?5 OR r.settled_run_id = ?5)
             ORDER BY m.id LIMIT ?6",
        )
        .bind(self.environment)
        .bind(after)
        .bind(last)
        .bind(states)
        .bind(filter.run)
        .bind(PAGE)
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(rows)
    }

    /// What was found in a revision: by us before it was sent, or by the API in its last answer.
    pub async fn findings(&self, revision: i64) -> Result<Vec<StoredFinding>> {
        let findings = sqlx::query_as(
            "SELECT revision_id AS owner, severity, key, error_type, message, line,
                column_number, column_name, sheet, attempt_id IS NOT NULL AS by_api
             FROM finding WHERE revision_id = ?1 AND (attempt_id IS NULL OR attempt_id =
                (SELECT max(id) FROM attempt WHERE revision_id = ?1))
             ORDER BY id",
        )
        .bind(revision)
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(findings)
    }

    /// What was found in records of a run that have no usable reference: the file, the line of the
    /// record, the finding.
    pub async fn unidentified(&self, run: &Run) -> Result<Vec<(String, u64, StoredFinding)>> {
        let mut connection = self.connection().await;
        let records: Vec<(i64, String, i64)> = sqlx::query_as(
            "SELECT u.id, f.path, u.line FROM unidentified u JOIN file f ON f.id = u.file_id
             WHERE u.run_id = ?1 ORDER BY u.id",
        )
        .bind(run.id)
        .fetch_all(&mut *connection)
        .await?;
        let mut all = Vec::new();
        for (record, path, line) in records {
            let findings = of_record(&mut connection, record).await?;
            all.extend(findings.into_iter().map(|f| (path.clone(), line.unsigned_abs(), f)));
        }
        Ok(all)
    }

    /// The API codes of all operators, in their order; an empty one where records had none.
    pub async fn operators(&self) -> Result<Vec<String>> {
        let codes: Vec<(String,)> = sqlx::query_as(
            "SELECT api_code FROM operator WHERE environment_id = ?1 ORDER BY api_code",
        )
        .bind(self.environment)
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(codes.into_iter().map(|(code,)| code).collect())
    }

    /// All revisions of a movement, oldest first.
    pub async fn revisions(&self, movement: i64) -> Result<Vec<RevisionRow>> {
        let rows = sqlx::query_as(
            "SELECT r.id, r.number, r.state, r.why, r.method, f.path AS file, r.line,
                r.received_on, r.payload, r.changed_at
             FROM revision r JOIN file f ON f.id = r.file_id
             WHERE r.movement_id = ?1 ORDER BY r.number",
        )
        .bind(movement)
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(rows)
    }

    /// All requests that were made for a movement, oldest first.
    pub async fn attempts(&self, movement: i64) -> Result<Vec<AttemptRow>> {
        let rows = sqlx::query_as(
            "SELECT a.revision_id, a.number, a.method, a.started_at, a.duration_ms, a.outcome,
                a.reason, a.status, a.waste_tracking_id, a.request_id, a.detail
             FROM attempt a JOIN revision r ON r.id = a.revision_id
             WHERE r.movement_id = ?1 ORDER BY a.id",
        )
        .bind(movement)
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(rows)
    }

    /// All decisions about a movement, oldest first.
    pub async fn decisions(&self, movement: i64) -> Result<Vec<DecisionRow>> {
        let rows = sqlx::query_as(
            "SELECT d.revision_id, d.decided_at, d.user_name, d.decision, d.from_state,
                d.to_state, d.waste_tracking_id, d.note
             FROM decision d JOIN revision r ON r.id = d.revision_id
             WHERE r.movement_id = ?1 ORDER BY d.id",
        )
        .bind(movement)
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(rows)
    }
}
