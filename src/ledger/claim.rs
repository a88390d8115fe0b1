//! Claims: what is about to be sent is on the disk as `sending` before any of it is.

use sqlx::SqliteTransaction;

use super::chain::{Answer, Chain, insert_attempt};
use super::mark::advance;
use super::{Ledger, Result, Run, begin, choose_current, parse_method, step};
use crate::killpoint::{Point, pass};
use crate::submission::{Method, Reason, State, Step};

/// After a request that was not answered, how long until its movement may be sent again: the
/// service may apply it late. In milliseconds.
pub(super) const SETTLING_TIME: i64 = 90_000;

/// A revision that was claimed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its row.
    pub revision: i64,
    /// Its movement's row.
    pub movement: i64,
    /// Its operator's row.
    pub operator: i64,
    /// The movement's reference.
    pub reference: String,
    /// How it is sent.
    pub method: Method,
    /// Where a PUT goes.
    pub waste_tracking_id: Option<String>,
    /// The request body.
    pub payload: Vec<u8>,
    /// The number of this attempt, from 1.
    pub attempt: i64,
    /// What the history knows the content by.
    pub(super) reading_hash: Vec<u8>,
}

/// An operator that has something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// Its row.
    pub operator: i64,
    /// Its code.
    pub api_code: String,
    /// How many revisions wait, due or not.
    pub waiting: u64,
    /// When the first of them is due, in milliseconds since 1970; none while each waits for an
    /// earlier revision of its movement.
    pub first_due: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    movement_id: i64,
    reference: String,
    waste_tracking_id: Option<String>,
    payload: Vec<u8>,
    attempts: i64,
    reading_hash: Vec<u8>,
}

/// A revision that a process left claimed when it ended.
#[derive(sqlx::FromRow)]
struct LeftOver {
    id: i64,
    movement_id: i64,
    method: String,
    attempts: i64,
    claimed_at: Option<i64>,
    reading_hash: Vec<u8>,
    waste_tracking_id: Option<String>,
}

impl Ledger {
    /// The operators of this environment that have something to send, nearest due first. What
    /// [`Ledger::claim`] would not take until a person has decided is not counted.
    pub async fn supply(&self) -> Result<Vec<Supply>> {
        let _busy = self.clock.busy();
        let rows: Vec<(i64, String, i64, Option<i64>)> = sqlx::query_as(
            "SELECT o.id, o.api_code, count(*),
                min(CASE WHEN NOT EXISTS (SELECT 1 FROM revision other
                    WHERE other.movement_id = r.movement_id AND other.number < r.number
                        AND other.state IN ('ready', 'deferred', 'sending'))
                    THEN r.due_at END)
             FROM operator o JOIN revision r ON r.operator_id = o.id
             WHERE o.environment_id = ?1 AND r.state IN ('ready', 'deferred')
                AND r.salt IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM revision other
                    WHERE other.movement_id = r.movement_id AND other.state = 'uncertain')
             GROUP BY o.id ORDER BY 4 NULLS LAST, 1",
        )
        .bind(self.environment)
        .fetch_all(&mut *self.connection().await)
        .await?;
        let supply = |(operator, api_code, waiting, first_due): (i64, String, i64, Option<i64>)| {
            Supply { operator, api_code, waiting: waiting.unsigned_abs(), first_due }
        };
        Ok(rows.into_iter().map(supply).collect())
    }

    /// Claims what is due, at most so many for each operator, oldest receipt first. A movement's
    /// revisions go one after the other, and none while it is not known whether another one was
    /// stored. Returns once the claim is on the disk.
    pub async fn claim(&self, run: &Run, shares: &[(i64, usize)]) -> Result<Vec<Claimed>> {
        let _busy = self.clock.busy();
        let now = self.clock.wall_ms();
        let mut connection = self.connection().await;
        let mut tx = begin(&mut connection).await?;
        let mut claimed = Vec::new();
        for &(operator, most) in shares {
            for row in due(&mut tx, operator, self.clock.due_ms(), most).await? {
                claimed.push(claim_one(&mut tx, run, operator, row, now).await?);
            }
        }
        if claimed.is_empty() {
            tx.rollback().await?;
        } else {
            let number = advance(&mut tx).await?;
            pass(Point::BeforeClaim);
            tx.commit().await?;
            pass(Point::AfterClaim);
            self.set_mark(number);
        }
        Ok(claimed)
    }

    /// Gives back what was claimed and of which no byte has left.
    pub async fn release(&self, claimed: &[Claimed]) -> Result<()> {
        let _busy = self.clock.busy();
        let now = self.clock.wall_ms();
        let mut connection = self.connection().await;
        let mut tx = begin(&mut connection).await?;
        for claim in claimed {
            step(&mut tx, claim.revision, Step::Release, now).await?;
            sqlx::query("UPDATE revision SET attempts = attempts - 1 WHERE id = ?1")
                .bind(claim.revision)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Settles what a process that ended left as `sending`: a POST is uncertain, a PUT is tried
    /// again. Returns how many there were.
    pub async fn recover(&self, run: &Run) -> Result<u64> {
        let _busy = self.clock.busy();
        let now = self.clock.wall_ms();
        let mut connection = self.connection().await;
        let mut tx = begin(&mut connection).await?;
        let left: Vec<LeftOver> = sqlx::query_as(
            "SELECT r.id, r.movement_id, r.method, r.attempts, r.claimed_at, r.reading_hash,
                m.waste_tracking_id
             FROM revision r JOIN movement m ON m.id = r.movement_id
             WHERE r.state = 'sending' ORDER BY r.id",
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut chain = Chain::read(&mut tx).await?;
        for row in &left {
            let due_at = self.clock.due_ms() + SETTLING_TIME;
            let method = parse_method(&row.method)?;
            let outcome = interrupted(&mut tx, run, row.id, method, (now, due_at)).await?;
            let answer = Answer {
                revision: row.id,
                movement: row.movement_id,
                reading_hash: &row.reading_hash,
                run: run.id,
                number: row.attempts,
                method: method.as_str(),
                sent_to: row.waste_tracking_id.as_deref().filter(|_| method == Method::Put),
                started_at: row.claimed_at.unwrap_or(now),
                duration_ms: None,
                outcome: outcome.as_str(),
                reason: Reason::Interrupted.as_str(),
                status: None,
                waste_tracking_id: None,
                request_id: None,
                service_charge_expiry: None,
                detail: None,
                findings: &[],
            };
            insert_attempt(&mut tx, &mut chain, &answer).await?;
            choose_current(&mut tx, row.movement_id).await?;
        }
        chain.save(&mut tx).await?;
        pass(Point::BeforeRecovery);
        tx.commit().await?;
        pass(Point::AfterRecovery);
        Ok(left.len() as u64)
    }
}

async fn due(
    tx: &mut SqliteTransaction<'_>,
    operator: i64,
    now: i64,
    most: usize,
) -> Result<Vec<Row>> {
    let rows = sqlx::query_as(
        "SELECT r.id, r.movement_id, m.reference, m.waste_tracking_id, r.payload, r.attempts,
            r.reading_hash
         FROM revision r JOIN movement m ON m.id = r.movement_id
         WHERE r.operator_id = ?1 AND r.state IN ('ready', 'deferred') AND r.due_at <= ?2
            AND r.salt IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM revision other
                WHERE other.movement_id = r.movement_id AND other.id <> r.id
                    AND (other.state IN ('sending', 'uncertain')
                        OR other.number < r.number AND other.state IN ('ready', 'deferred')))
         ORDER BY r.received_at, r.id LIMIT ?3",
    )
    .bind(operator)
    .bind(now)
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

async fn claim_one(
    tx: &mut SqliteTransaction<'_>,
    run: &Run,
    operator: i64,
    row: Row,
    now: i64,
) -> Result<Claimed> {
    // Once a movement has a waste tracking ID, only PUTs are sent for it.
    let method = if row.waste_tracking_id.is_some() { Method::Put } else { Method::Post };
    step(tx, row.id, Step::Claim, now).await?;
    sqlx::query(
        "UPDATE revision SET claimed_at = ?2, method = ?3, attempts = attempts + 1,
            settled_run_id = ?4
         WHERE id = ?1",
    )
    .bind(row.id)
    .bind(now)
    .bind(method.as_str())
    .bind(run.id)
    .execute(&mut **tx)
    .await?;
    Ok(Claimed {
        revision: row.id,
        movement: row.movement_id,
        operator,
        reference: row.reference,
        method,
        waste_tracking_id: row.waste_tracking_id,
        payload: row.payload,
        attempt: row.attempts + 1,
        reading_hash: row.reading_hash,
    })
}

async fn interrupted(
    tx: &mut SqliteTransaction<'_>,
    run: &Run,
    revision: i64,
    method: Method,
    (now, due_at): (i64, i64),
) -> Result<State> {
    let (_, to) = step(tx, revision, Step::Interrupted, now).await?;
    sqlx::query(
        "UPDATE revision SET reason = ?2, settled_run_id = ?3, due_at = ?4,
            may_be_applied = ?5
         WHERE id = ?1",
    )
    .bind(revision)
    .bind(Reason::Interrupted.as_str())
    .bind(run.id)
    .bind(due_at)
    .bind(method == Method::Put)
    .execute(&mut **tx)
    .await?;
    Ok(to)
}
