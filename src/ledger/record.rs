//! Recording answers: many in one commit, each an attempt of its own.

use sqlx::SqliteTransaction;

use super::chain::{self, Answer, Chain};
use super::claim::SETTLING_TIME;
use super::{Claimed, Ledger, Result, Run, begin, choose_current, step};
use crate::killpoint::{Point, pass};
use crate::submission::{Method, Outcome, Reason, Step};

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

impl Ledger {
    /// Records answers in one commit. Only once this returns may they be shown or counted.
    pub async fn record(&self, run: &Run, answers: &[Answered]) -> Result<()> {
        let _busy = self.clock.busy();
        let now = (self.clock.wall_ms(), self.clock.due_ms());
        let mut connection = self.connection().await;
        let mut tx = begin(&mut connection).await?;
        let mut chain = Chain::read(&mut tx).await?;
        for answered in answers {
            record_one(&mut tx, &mut chain, run, answered, now).await?;
        }
        chain.save(&mut tx).await?;
        pass(Point::BeforeRecord);
        tx.commit().await?;
        pass(Point::AfterRecord);
        Ok(())
    }
}

async fn record_one(
    tx: &mut SqliteTransaction<'_>,
    chain: &mut Chain,
    run: &Run,
    answered: &Answered,
    (now, due_now): (i64, i64),
) -> Result<()> {
    let Answered { claimed, outcome, .. } = answered;
    step(tx, claimed.revision, Step::Answer(outcome.answer()), now).await?;
    chain::insert_attempt(tx, chain, &answer(run, answered)).await?;
    let may_be_applied = claimed.method == Method::Put && is_ambiguous(outcome.reason());
    let is_open = may_be_applied || matches!(outcome, Outcome::Uncertain { .. });
    // What was sent and not answered may be applied late: its movement is left alone for a while.
    let due_at =
        if is_open { answered.due_at.max(due_now + SETTLING_TIME) } else { answered.due_at };
    let warned = matches!(outcome, Outcome::Accepted { warnings, .. } if !warnings.is_empty());
    sqlx::query(
        "UPDATE revision SET reason = ?2, settled_run_id = ?3, due_at = ?4, warned = ?5,
            may_be_applied = may_be_applied OR ?6
         WHERE id = ?1",
    )
    .bind(claimed.revision)
    .bind(outcome.reason().as_str())
    .bind(run.id)
    .bind(due_at)
    .bind(warned)
    .bind(may_be_applied)
    .execute(&mut **tx)
    .await?;
    if let Outcome::Accepted { waste_tracking_id: Some(id), .. } = outcome
        && claimed.method == Method::Post
    {
        give_tracking_id(tx, claimed.movement, claimed.revision, id).await?;
    }
    choose_current(tx, claimed.movement).await
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
