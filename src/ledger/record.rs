//! Answers: each is an attempt of its own, and moves its revision.

use rusqlite::Transaction;

use super::chain::{Answer, Chain, insert_attempt};
use super::claim::SETTLING_TIME;
use super::statement::query;
use super::{Claimed, LedgerError, Result, choose_current, step};
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

/// The claim has written down whose run it is.
const ANSWERED: &str = "UPDATE revision SET changed_at = ?, state = ?, reason = ?, due_at = ?,
        warned = ?, may_be_applied = may_be_applied OR ?
    WHERE id = ? AND state = 'sending' AND method = ?";

/// Whether a movement has several revisions.
const REVISED: &str =
    "SELECT EXISTS (SELECT 1 FROM revision WHERE number > 1 AND movement_id = ?1)";

/// Records answers, each as an attempt of its own.
pub(super) fn record(
    tx: &Transaction<'_>,
    run: i64,
    answers: &[Answered],
    now: (i64, i64),
) -> Result<()> {
    settle(tx, answers, now)?;
    let mut chain = Chain::read(tx)?;
    for answered in answers {
        insert_attempt(tx, &mut chain, &answer(run, answered))?;
        tell_movement(tx, answered)?;
    }
    chain.save(tx)
}

/// Moves the revisions by their answers.
fn settle(tx: &Transaction<'_>, answers: &[Answered], (now, due_now): (i64, i64)) -> Result<()> {
    let mut update = query(tx, ANSWERED);
    for Answered { claimed, outcome, due_at, .. } in answers {
        let answer = Step::Answer(outcome.answer());
        let state = next(State::Sending, claimed.method, answer)
            .map_err(|source| LedgerError::Illegal { revision: claimed.revision, source })?;
        let may_be_applied = claimed.method == Method::Put && is_ambiguous(outcome.reason());
        let is_open = may_be_applied || matches!(outcome, Outcome::Uncertain { .. });
        // What was sent and not answered may be applied late: its movement is left alone for
        // a while.
        let due_at = if is_open { (*due_at).max(due_now + SETTLING_TIME) } else { *due_at };
        let warned = matches!(outcome, Outcome::Accepted { warnings, .. } if !warnings.is_empty());
        let moved = update
            .bind(now)
            .bind(state.as_str())
            .bind(outcome.reason().as_str())
            .bind(due_at)
            .bind(warned)
            .bind(may_be_applied)
            .bind(claimed.revision)
            .bind(claimed.method.as_str())
            .execute()?;
        if moved != 1 {
            // It does not wait for this answer: the transition says why.
            step(tx, claimed.revision, answer, now)?;
            return Err(LedgerError::Damaged("the method of a request changed by itself"));
        }
    }
    Ok(())
}

/// An answer as the history takes it.
fn answer(run: i64, answered: &Answered) -> Answer<'_> {
    let Answered { claimed, outcome, .. } = answered;
    let waste_tracking_id = match outcome {
        Outcome::Accepted { waste_tracking_id, .. } => waste_tracking_id.as_deref(),
        _ => None,
    };
    Answer {
        revision: claimed.revision,
        movement: claimed.movement,
        reading_hash: &claimed.reading_hash,
        run,
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

/// Gives a movement its ID; where it has several revisions, looks which one to show: where there is
/// one, it is the current one whatever became of it.
fn tell_movement(tx: &Transaction<'_>, answered: &Answered) -> Result<()> {
    let Claimed { movement, revision, method, .. } = answered.claimed;
    let given = match &answered.outcome {
        Outcome::Accepted { waste_tracking_id, .. } if method == Method::Post => waste_tracking_id,
        _ => &None,
    };
    let (is_revised,): (bool,) = query(tx, REVISED).bind(movement).one()?;
    match given {
        Some(id) if is_revised => give_tracking_id(tx, movement, revision, id)?,
        Some(id) => set_tracking_id(tx, movement, id)?,
        None => {}
    }
    if is_revised { choose_current(tx, movement) } else { Ok(()) }
}

fn set_tracking_id(tx: &Transaction<'_>, movement: i64, waste_tracking_id: &str) -> Result<()> {
    query(tx, "UPDATE movement SET waste_tracking_id = ?2 WHERE id = ?1")
        .bind(movement)
        .bind(waste_tracking_id)
        .execute()?;
    Ok(())
}

/// A movement has its ID: whatever else is open for it becomes a correction.
pub(super) fn give_tracking_id(
    tx: &Transaction<'_>,
    movement: i64,
    revision: i64,
    waste_tracking_id: &str,
) -> Result<()> {
    set_tracking_id(tx, movement, waste_tracking_id)?;
    query(
        tx,
        "UPDATE revision SET method = 'PUT'
         WHERE movement_id = ?1 AND id <> ?2
            AND state IN ('invalid', 'ready', 'rejected', 'deferred', 'held')",
    )
    .bind(movement)
    .bind(revision)
    .execute()?;
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
