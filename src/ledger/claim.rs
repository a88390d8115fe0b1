//! Claims: what is about to be sent is on the disk as `sending` before any of it is.

use bytes::Bytes;
use rusqlite::{Connection, Transaction};

use super::chain::{Answer, Chain, insert_attempt};
use super::statement::{query, rows};
use super::worker::begin;
use super::{Ledger, LedgerError, Result, Run, choose_current, parse_method, parse_state, step};
use crate::killpoint::{Point, pass};
use crate::submission::{Method, Reason, State, Step, next};

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
    pub payload: Bytes,
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
    /// When the first of them is due, in milliseconds since 1970; none while each waits for an
    /// earlier revision of its movement.
    pub first_due: Option<i64>,
}

rows! {
    Row {
        id: i64,
        movement_id: i64,
        reference: String,
        waste_tracking_id: Option<String>,
        payload: Vec<u8>,
        attempts: i64,
        state: String,
        method: String,
        received_at: Option<i64>,
        reading_hash: Vec<u8>,
    }

    /// A revision that a process left claimed when it ended.
    LeftOver {
        id: i64,
        movement_id: i64,
        method: String,
        attempts: i64,
        claimed_at: Option<i64>,
        reading_hash: Vec<u8>,
        waste_tracking_id: Option<String>,
    }
}

impl Ledger {
    /// How many revisions of this environment wait to be sent, due or not.
    pub async fn waiting(&self) -> Result<u64> {
        let environment = self.environment;
        self.carry_out(move |connection| {
            let sql = "SELECT count(*) FROM revision
                 WHERE state IN ('ready', 'deferred') AND state <> 'accepted' AND operator_id IN
                    (SELECT id FROM operator WHERE environment_id = ?1)";
            let (waiting,): (i64,) = query(connection, sql).bind(environment).one()?;
            Ok(waiting.unsigned_abs())
        })
        .await
    }

    /// Whether any revision of this environment waits to be sent, due or not: unlike their number
    /// this is known at once.
    pub async fn is_any_waiting(&self) -> Result<bool> {
        let environment = self.environment;
        self.carry_out(move |connection| {
            let sql =
                "SELECT EXISTS (SELECT 1 FROM operator o JOIN revision r ON r.operator_id = o.id
                 WHERE o.environment_id = ?1
                    AND r.state IN ('ready', 'deferred') AND r.state <> 'accepted')";
            let (is_any,): (bool,) = query(connection, sql).bind(environment).one()?;
            Ok(is_any)
        })
        .await
    }

    /// The operators of this environment that have something to send, nearest due first. What
    /// [`Ledger::claim`] would not take until a person has decided is left out.
    pub async fn supply(&self) -> Result<Vec<Supply>> {
        let environment = self.environment;
        // For each operator the first that nothing keeps back, and whether there is any at all.
        let sql = "SELECT o.id, o.api_code,
                (SELECT min(first.due_at) FROM (VALUES ('ready'), ('deferred')) AS waits
                 JOIN revision first ON first.id = (SELECT r.id FROM revision r
                    WHERE r.state = waits.column1 AND r.state <> 'accepted'
                        AND r.operator_id = o.id AND r.salt IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM revision other
                            WHERE other.movement_id = r.movement_id AND other.id <> r.id
                                AND (other.state = 'uncertain' OR other.number < r.number
                                    AND other.state IN ('ready', 'deferred', 'sending')))
                    ORDER BY r.due_at, r.received_at LIMIT 1)) AS first_due,
                EXISTS (SELECT 1 FROM revision r
                    WHERE r.state IN ('ready', 'deferred') AND r.state <> 'accepted'
                        AND r.operator_id = o.id AND r.salt IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM revision other
                            WHERE other.movement_id = r.movement_id
                                AND other.state = 'uncertain'))
             FROM operator o WHERE o.environment_id = ?1
             ORDER BY first_due NULLS LAST, o.id";
        let all = move |connection: &mut Connection| query(connection, sql).bind(environment).all();
        let rows: Vec<(i64, String, Option<i64>, bool)> = self.carry_out(all).await?;
        let waiting = rows.into_iter().filter(|(.., any)| *any);
        let supply = |(operator, api_code, first_due, _)| Supply { operator, api_code, first_due };
        Ok(waiting.map(supply).collect())
    }

    /// Settles what a process that ended left as `sending`: a POST is uncertain, a PUT is tried
    /// again. Returns how many there were.
    pub async fn recover(&self, run: &Run) -> Result<u64> {
        let (now, due_at) = (self.clock.wall_ms(), self.clock.due_ms() + SETTLING_TIME);
        let run = run.id;
        self.carry_out(move |connection| {
            let tx = begin(connection)?;
            let sql = "SELECT r.id, r.movement_id, r.method, r.attempts, r.claimed_at,
                    r.reading_hash, m.waste_tracking_id
                 FROM revision r JOIN movement m ON m.id = r.movement_id
                 WHERE r.state = 'sending' AND r.state <> 'accepted' ORDER BY r.id";
            let left: Vec<LeftOver> = query(&tx, sql).all()?;
            let mut chain = Chain::read(&tx)?;
            for row in &left {
                settle(&tx, &mut chain, run, row, (now, due_at))?;
            }
            chain.save(&tx)?;
            pass(Point::BeforeRecovery);
            tx.commit()?;
            pass(Point::AfterRecovery);
            Ok(left.len() as u64)
        })
        .await
    }
}

/// Claims what is due, at most so many for each operator, oldest receipt first. A movement's
/// revisions go one after the other, and none while it is not known whether another one was stored.
pub(super) fn claim(
    tx: &Transaction<'_>,
    run: i64,
    shares: &[(i64, usize)],
    (now, due_now): (i64, i64),
) -> Result<Vec<Claimed>> {
    let mut claimed = Vec::new();
    for &(operator, most) in shares {
        come_due(tx, operator, due_now)?;
        let rows = due(tx, operator, most)?;
        claim_rows(tx, run, &rows, now)?;
        claimed.extend(rows.into_iter().map(|row| row.claimed(operator)));
    }
    Ok(claimed)
}

/// Gives back what was claimed and of which no byte has left.
pub(super) fn release(tx: &Transaction<'_>, claimed: &[Claimed], now: i64) -> Result<()> {
    for Claimed { revision, .. } in claimed {
        step(tx, *revision, Step::Release, now)?;
        query(tx, "UPDATE revision SET attempts = attempts - 1 WHERE id = ?1")
            .bind(revision)
            .execute()?;
    }
    Ok(())
}

/// Settles one that was left over.
fn settle(
    tx: &Transaction<'_>,
    chain: &mut Chain,
    run: i64,
    row: &LeftOver,
    (now, due_at): (i64, i64),
) -> Result<()> {
    let method = parse_method(&row.method)?;
    let outcome = interrupted(tx, run, row.id, method, (now, due_at))?;
    let answer = Answer {
        revision: row.id,
        movement: row.movement_id,
        reading_hash: &row.reading_hash,
        run,
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
    insert_attempt(tx, chain, &answer)?;
    choose_current(tx, row.movement_id)
}

/// Marks what was put off and has come due, so that it stands in line with the rest by its
/// receipt: whoever looks for what is due need not pass over what is not.
fn come_due(tx: &Transaction<'_>, operator: i64, now: i64) -> Result<()> {
    for state in [State::Ready, State::Deferred] {
        query(
            tx,
            "UPDATE revision SET due_at = 0
             WHERE state = ?1 AND state <> 'accepted' AND operator_id = ?2 AND due_at > 0
                AND due_at <= ?3",
        )
        .bind(state.as_str())
        .bind(operator)
        .bind(now)
        .execute()?;
    }
    Ok(())
}

/// What is due, oldest receipt first.
fn due(tx: &Transaction<'_>, operator: i64, most: usize) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for state in [State::Ready, State::Deferred] {
        let found: Vec<Row> = query(
            tx,
            "SELECT r.id, r.movement_id, m.reference, m.waste_tracking_id, r.payload, r.attempts,
                r.state, r.method, r.received_at, r.reading_hash
             FROM revision r JOIN movement m ON m.id = r.movement_id
             WHERE r.state = ?1 AND r.state <> 'accepted' AND r.operator_id = ?2 AND r.due_at = 0
                AND r.salt IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM revision other
                    WHERE other.movement_id = r.movement_id AND other.id <> r.id
                        AND (other.state IN ('sending', 'uncertain')
                            OR other.number < r.number AND other.state IN ('ready', 'deferred')))
             ORDER BY r.received_at, r.id LIMIT ?3",
        )
        .bind(state.as_str())
        .bind(operator)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .all()?;
        rows.extend(found);
    }
    rows.sort_by_key(|row| (row.received_at, row.id));
    rows.truncate(most);
    Ok(rows)
}

const CLAIMED: &str = "UPDATE revision SET state = 'sending', changed_at = ?1, claimed_at = ?1,
        settled_run_id = ?2, method = ?3, attempts = attempts + 1
    WHERE id = ?4 AND state IN ('ready', 'deferred')";

impl Row {
    /// Once a movement has a waste tracking ID, only PUTs are sent for it.
    fn method(&self) -> Method {
        if self.waste_tracking_id.is_some() { Method::Put } else { Method::Post }
    }

    fn claimed(self, operator: i64) -> Claimed {
        Claimed {
            method: self.method(),
            revision: self.id,
            movement: self.movement_id,
            operator,
            reference: self.reference,
            waste_tracking_id: self.waste_tracking_id,
            payload: self.payload.into(),
            attempt: self.attempts + 1,
            reading_hash: self.reading_hash,
        }
    }
}

fn claim_rows(tx: &Transaction<'_>, run: i64, rows: &[Row], now: i64) -> Result<()> {
    let mut update = query(tx, CLAIMED);
    for row in rows {
        let (from, method) = (parse_state(&row.state)?, parse_method(&row.method)?);
        next(from, method, Step::Claim)
            .map_err(|source| LedgerError::Illegal { revision: row.id, source })?;
        let method = row.method().as_str();
        if update.bind(now).bind(run).bind(method).bind(row.id).execute()? != 1 {
            return Err(LedgerError::Damaged("a state changed by itself"));
        }
    }
    Ok(())
}

fn interrupted(
    tx: &Transaction<'_>,
    run: i64,
    revision: i64,
    method: Method,
    (now, due_at): (i64, i64),
) -> Result<State> {
    let (_, to) = step(tx, revision, Step::Interrupted, now)?;
    query(
        tx,
        "UPDATE revision SET reason = ?2, settled_run_id = ?3, due_at = ?4,
            may_be_applied = ?5
         WHERE id = ?1",
    )
    .bind(revision)
    .bind(Reason::Interrupted.as_str())
    .bind(run)
    .bind(due_at)
    .bind(method == Method::Put)
    .execute()?;
    Ok(to)
}
