//! Recording answers: many in one commit, each an attempt of its own.

use sqlx::SqliteTransaction;

use super::chain::{Answer, Chain, insert_attempts};
use super::chunks::{Chunked, chunks};
use super::claim::SETTLING_TIME;
use super::{Claimed, Ledger, LedgerError, Result, Run, begin, choose_current, step};
use crate::killpoint::{Point, pass};
use crate::submission::{Method, Outcome, Reason, State, Step, next};

/// An answer, or what came in its place, to a claimed revision.
#[derive(Debug, Clone)]
pub struct Answered {
    /// What was sent.
    pub claimed: Claimed,
    /// When its first byte left, in milliseconds since 1970.
    pub started_at: i64,
    /// How long the answer took, in milliseconds.
    pub duration_ms: i64,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What it means.
    pub outcome: Outcome,
    /// The service's `x-request-id`.
    pub request_id: Option<String>,
    /// The service's word on when the operator's charge expires.
    pub service_charge_expiry: Option<String>,
    /// What an answer that could not be read said, or what broke.
    pub detail: Option<String>,
    /// When a deferred revision is due again, in milliseconds since 1970.
    pub due_at: i64,
}

/// First the time and the run.
pub(super) static ANSWERED: Chunked = Chunked::new(
    "UPDATE revision SET changed_at = ?, settled_run_id = ?, state = answer.column2,
        reason = answer.column3, due_at = answer.column4, warned = answer.column5,
        may_be_applied = may_be_applied OR answer.column6
     FROM (VALUES ",
    7,
    ") AS answer
     WHERE revision.id = answer.column1 AND revision.state = 'sending'
        AND revision.method = answer.column7",
);

pub(super) static TRACKING_IDS: Chunked = Chunked::new(
    "UPDATE movement SET waste_tracking_id = given.column2 FROM (VALUES ",
    2,
    ") AS given WHERE movement.id = given.column1",
);

/// Movements with further revisions.
pub(super) static REVISED: Chunked = Chunked::new(
    "SELECT DISTINCT movement_id FROM revision WHERE number > 1 AND movement_id IN (VALUES ",
    1,
    ")",
);

impl Ledger {
    /// Records answers in one commit. Only once this returns may they be shown or counted.
    pub async fn record(&self, run: &Run, answers: &[Answered]) -> Result<()> {
        let _busy = self.clock.busy();
        let now = (self.clock.wall_ms(), self.clock.due_ms());
        let mut connection = self.connection().await;
        let mut tx = begin(&mut connection).await?;
        if !settle(&mut tx, run, answers, now).await? {
            tx.rollback().await?;
            let mut tx = begin(&mut connection).await?;
            return Err(not_as_claimed(&mut tx, answers).await?);
        }
        let mut chain = Chain::read(&mut tx).await?;
        let told: Vec<Answer<'_>> = answers.iter().map(|answered| answer(run, answered)).collect();
        insert_attempts(&mut tx, &mut chain, &told).await?;
        chain.save(&mut tx).await?;
        tell_movements(&mut tx, answers).await?;
        pass(Point::BeforeRecord);
        tx.commit().await?;
        pass(Point::AfterRecord);
        Ok(())
    }
}

/// Moves the revisions by their answers; whether each was waiting for one.
async fn settle(
    tx: &mut SqliteTransaction<'_>,
    run: &Run,
    answers: &[Answered],
    (now, due_now): (i64, i64),
) -> Result<bool> {
    for chunk in chunks(answers) {
        let mut query = sqlx::query(ANSWERED.of(chunk.len())).bind(now).bind(run.id);
        for Answered { claimed, outcome, due_at, .. } in chunk {
            let step = Step::Answer(outcome.answer());
            let Ok(state) = next(State::Sending, claimed.method, step) else { return Ok(false) };
            let may_be_applied = claimed.method == Method::Put && is_ambiguous(outcome.reason());
            let is_open = may_be_applied || matches!(outcome, Outcome::Uncertain { .. });
            // What was sent and not answered may be applied late: its movement is left alone for
            // a while.
            let due_at = if is_open { (*due_at).max(due_now + SETTLING_TIME) } else { *due_at };
            let warned =
                matches!(outcome, Outcome::Accepted { warnings, .. } if !warnings.is_empty());
            query = query
                .bind(claimed.revision)
                .bind(state.as_str())
                .bind(outcome.reason().as_str())
                .bind(due_at)
                .bind(warned)
                .bind(may_be_applied)
                .bind(claimed.method.as_str());
        }
        if query.execute(&mut **tx).await?.rows_affected() != chunk.len() as u64 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What is wrong with answers that do not fit what the ledger has.
async fn not_as_claimed(
    tx: &mut SqliteTransaction<'_>,
    answers: &[Answered],
) -> Result<LedgerError> {
    for Answered { claimed, outcome, .. } in answers {
        step(tx, claimed.revision, Step::Answer(outcome.answer()), 0).await?;
    }
    Ok(LedgerError::Damaged("the method of a request changed by itself"))
}

/// An answer as the history takes it.
fn answer<'a>(run: &Run, answered: &'a Answered) -> Answer<'a> {
    let Answered { claimed, outcome, .. } = answered;
    let waste_tracking_id = match outcome {
        Outcome::Accepted { waste_tracking_id, .. } => waste_tracking_id.as_deref(),
        _ => None,
    };
    Answer {
        revision: claimed.revision,
        movement: claimed.movement,
        reading_hash: &claimed.reading_hash,
        run: run.id,
        number: claimed.attempt,
        method: claimed.method.as_str(),
        sent_to: claimed.waste_tracking_id.as_deref(),
        started_at: answered.started_at,
        duration_ms: Some(answered.duration_ms),
        outcome: outcome.answer().as_str(),
        reason: outcome.reason().as_str(),
        status: answered.status,
        waste_tracking_id,
        request_id: answered.request_id.as_deref(),
        service_charge_expiry: answered.service_charge_expiry.as_deref(),
        detail: answered.detail.as_deref(),
        findings: outcome.findings(),
    }
}

/// Gives the movements their IDs; where one has several revisions, looks which one to show.
async fn tell_movements(tx: &mut SqliteTransaction<'_>, answers: &[Answered]) -> Result<()> {
    let mut given: Vec<(&Claimed, &str)> = Vec::new();
    for Answered { claimed, outcome, .. } in answers {
        if let Outcome::Accepted { waste_tracking_id: Some(id), .. } = outcome
            && claimed.method == Method::Post
        {
            given.push((claimed, id));
        }
    }
    for chunk in chunks(&given) {
        let mut query = sqlx::query(TRACKING_IDS.of(chunk.len()));
        for (claimed, id) in chunk {
            query = query.bind(claimed.movement).bind(*id);
        }
        query.execute(&mut **tx).await?;
    }
    for movement in revised(tx, answers).await? {
        for (claimed, id) in given.iter().filter(|(claimed, _)| claimed.movement == movement) {
            give_tracking_id(tx, movement, claimed.revision, id).await?;
        }
        choose_current(tx, movement).await?;
    }
    Ok(())
}

/// Those of the movements that have several revisions; where there is one, it is the current one
/// whatever became of it.
async fn revised(tx: &mut SqliteTransaction<'_>, answers: &[Answered]) -> Result<Vec<i64>> {
    let mut movements = Vec::new();
    for chunk in chunks(answers) {
        let query = sqlx::query_as(REVISED.of(chunk.len()));
        let query = chunk.iter().fold(query, |query, answer| query.bind(answer.claimed.movement));
        let found: Vec<(i64,)> = query.fetch_all(&mut **tx).await?;
        movements.extend(found.into_iter().map(|(movement,)| movement));
    }
    Ok(movements)
}

/// A movement has its ID: whatever else is open for it becomes a correction.
pub(super) async fn give_tracking_id(
    tx: &mut SqliteTransaction<'_>,
    movement: i64,
    revision: i64,
    waste_tracking_id: &str,
) -> Result<()> {
    sqlx::query("UPDATE movement SET waste_tracking_id = ?2 WHERE id = ?1")
        .bind(movement)
        .bind(waste_tracking_id)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "UPDATE revision SET method = 'PUT'
         WHERE movement_id = ?1 AND id <> ?2
            AND state IN ('invalid', 'ready', 'rejected', 'deferred', 'held')",
    )
    .bind(movement)
    .bind(revision)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether a request with this end may have been carried out, or may yet be.
fn is_ambiguous(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::ServerError
            | Reason::LateUnavailable
            | Reason::Timeout
            | Reason::ConnectionLost
            | Reason::Interrupted
    )
}
