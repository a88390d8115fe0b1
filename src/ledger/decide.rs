//! Decisions: what a person, or a policy that a person configured, orders about a movement.

use sqlx::SqliteTransaction;

use super::chain::{Chain, Decided, insert_decision};
use super::mark::advance;
use super::record::give_tracking_id;
use super::{Ledger, LedgerError, Result, Run, begin, choose_current, step};
use crate::killpoint::{Point, pass};
use crate::movement::comparable_site;
use crate::submission::{Decision, Reason, State, Step};

/// Which movement is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// By its row, as `list` shows it.
    Movement(i64),
    /// By its reference, narrowed where the reference alone fits several.
    Reference {
        /// `yourUniqueReference`.
        reference: String,
        /// Only this operator's.
        api_code: Option<String>,
        /// Only this site's (authorisation number).
        site: Option<String>,
    },
}

/// What is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The decision.
    pub decision: Decision,
    /// The ID that goes with [`Decision::Accepted`].
    pub waste_tracking_id: Option<String>,
    /// Why, in a person's words.
    pub note: Option<String>,
    /// Who decides.
    pub user: String,
}

/// A movement that a selector found.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Target {
    id: i64,
    reference: String,
    api_code: String,
    authorisation_number: String,
    state: String,
    revision_id: i64,
}

impl Target {
    fn describe(&self) -> String {
        format!(
            "--movement {}: {} at {} (API code {}), {}",
            self.id, self.reference, self.authorisation_number, self.api_code, self.state
        )
    }
}

impl Ledger {
    /// Carries out one order for each of the movements, all or none. Returns what each is now.
    pub async fn decide(
        &self,
        run: &Run,
        selectors: &[Selector],
        order: &Order,
    ) -> Result<Vec<(i64, State)>> {
        let _busy = self.clock.busy();
        let now = self.clock.wall_ms();
        let mut connection = self.connection().await;
        let mut tx = begin(&mut connection).await?;
        let mut chain = Chain::read(&mut tx).await?;
        let mut decided = Vec::new();
        for selector in selectors {
            let target = self.target(&mut tx, selector).await?;
            let state = decide_one(&mut tx, &mut chain, run, &target, order, now).await?;
            decided.push((target.id, state));
        }
        chain.save(&mut tx).await?;
        let number = advance(&mut tx).await?;
        pass(Point::BeforeDecision);
        tx.commit().await?;
        pass(Point::AfterDecision);
        self.set_mark(number);
        Ok(decided)
    }

    /// Orders every uncertain movement of this environment to be sent again, each no sooner than
    /// 90 seconds after its last attempt. Returns how many.
    pub async fn resend_uncertain(&self, run: &Run, user: &str, note: &str) -> Result<u64> {
        self.resend_where(run, user, note, true).await
    }

    /// The same by a standing policy, which leaves out those that are uncertain since the ledger
    /// was restored: nearly all of them may have been stored.
    pub async fn resend_by_policy(&self, run: &Run, user: &str, note: &str) -> Result<u64> {
        self.resend_where(run, user, note, false).await
    }

    async fn resend_where(&self, run: &Run, user: &str, note: &str, restored: bool) -> Result<u64> {
        let _busy = self.clock.busy();
        let now = self.clock.wall_ms();
        let mut connection = self.connection().await;
        let mut tx = begin(&mut connection).await?;
        let targets: Vec<Target> = sqlx::query_as(
            "SELECT m.id, m.reference, o.api_code, m.authorisation_number, r.state,
                r.id AS revision_id
             FROM revision r JOIN movement m ON m.id = r.movement_id
             JOIN operator o ON o.id = m.operator_id
             WHERE r.state = 'uncertain' AND o.environment_id = ?1
                AND (?2 OR r.reason IS NOT ?3)
             ORDER BY r.id",
        )
        .bind(self.environment)
        .bind(restored)
        .bind(Reason::Restored.as_str())
        .fetch_all(&mut *tx)
        .await?;
        let order = Order {
            decision: Decision::Resend,
            waste_tracking_id: None,
            note: Some(note.to_owned()),
            user: user.to_owned(),
        };
        let mut chain = Chain::read(&mut tx).await?;
        for target in &targets {
            decide_one(&mut tx, &mut chain, run, target, &order, now).await?;
        }
        chain.save(&mut tx).await?;
        let number = advance(&mut tx).await?;
        tx.commit().await?;
        self.set_mark(number);
        Ok(targets.len() as u64)
    }

    async fn target(&self, tx: &mut SqliteTransaction<'_>, selector: &Selector) -> Result<Target> {
        let (id, reference, api_code, site) = match selector {
            Selector::Movement(id) => (Some(*id), None, None, None),
            Selector::Reference { reference, api_code, site } => (
                None,
                Some(reference.trim()),
                api_code.as_deref(),
                site.as_deref().map(comparable_site),
            ),
        };
        let mut found: Vec<Target> = sqlx::query_as(
            "SELECT m.id, m.reference, o.api_code, m.authorisation_number, r.state,
                r.id AS revision_id
             FROM movement m JOIN operator o ON o.id = m.operator_id
             JOIN revision r ON r.id = m.current_revision_id
             WHERE o.environment_id = ?1 AND r.state <> 'superseded'
                AND (?2 IS NULL OR m.id = ?2) AND (?3 IS NULL OR m.reference = ?3)
                AND (?4 IS NULL OR o.api_code = ?4) AND (?5 IS NULL OR m.site = ?5)
             ORDER BY m.id LIMIT 50",
        )
        .bind(self.environment)
        .bind(id)
        .bind(reference)
        .bind(api_code)
        .bind(site)
        .fetch_all(&mut **tx)
        .await?;
        let asked = match selector {
            Selector::Movement(id) => format!("number {id}"),
            Selector::Reference { reference, .. } => format!("reference {reference}"),
        };
        match (found.pop(), found.is_empty()) {
            (Some(target), true) => Ok(target),
            (None, _) => Err(LedgerError::Refused(format!(
                "the ledger has no movement with {asked} in this environment; nothing was changed"
            ))),
            (Some(last), false) => {
                found.push(last);
                let list: Vec<String> = found.iter().map(Target::describe).collect();
                Err(LedgerError::Refused(format!(
                    "several movements have {asked}; nothing was changed. Say which one with \
                     --api-code, --site or --movement:\n  {}",
                    list.join("\n  ")
                )))
            }
        }
    }
}

async fn decide_one(
    tx: &mut SqliteTransaction<'_>,
    chain: &mut Chain,
    run: &Run,
    target: &Target,
    order: &Order,
    now: i64,
) -> Result<State> {
    if order.decision == Decision::Accepted && order.waste_tracking_id.is_none() {
        return Err(LedgerError::Refused(format!(
            "{}: what was accepted has a waste tracking ID; say which. Nothing was changed",
            target.reference
        )));
    }
    let revision = match order.decision {
        Decision::Update | Decision::Keep | Decision::New => held_revision(tx, target).await?,
        Decision::Accepted | Decision::Resend | Decision::Withdraw => target.revision_id,
    };
    if order.decision == Decision::New {
        split_off(tx, target, revision).await?;
    }
    if matches!(order.decision, Decision::Resend | Decision::Update | Decision::New) {
        refuse_purged(tx, target, revision).await?;
    }
    let stepped = step(tx, revision, Step::Decide(order.decision), now).await;
    let (from, to) = stepped.map_err(|error| match error {
        LedgerError::Illegal { source, .. } => {
            LedgerError::Refused(refusal(target, order, source.from))
        }
        other => other,
    })?;
    let decided = Decided {
        revision,
        run: run.id,
        decided_at: now,
        user: &order.user,
        decision: order.decision.as_str(),
        from: from.as_str(),
        to: to.as_str(),
        waste_tracking_id: order.waste_tracking_id.as_deref(),
        note: order.note.as_deref(),
    };
    insert_decision(tx, chain, &decided).await?;
    // A person need not wait for a back-off. But what was sent and not answered may be applied
    // late: it is not sent over at once.
    sqlx::query(
        "UPDATE revision SET settled_run_id = ?2,
            due_at = CASE WHEN ?3 AND NOT may_be_applied THEN 0 ELSE due_at END
         WHERE id = ?1",
    )
    .bind(revision)
    .bind(run.id)
    .bind(from == State::Deferred)
    .execute(&mut **tx)
    .await?;
    if let (Decision::Accepted, Some(id)) = (order.decision, &order.waste_tracking_id) {
        give_tracking_id(tx, target.id, revision, id).await?;
    }
    choose_current(tx, target.id).await?;
    Ok(to)
}

async fn held_revision(tx: &mut SqliteTransaction<'_>, target: &Target) -> Result<i64> {
    let held: Option<(i64,)> = sqlx::query_as(
        "SELECT id FROM revision WHERE movement_id = ?1 AND state = 'held'
         ORDER BY number DESC LIMIT 1",
    )
    .bind(target.id)
    .fetch_optional(&mut **tx)
    .await?;
    held.map(|(id,)| id).ok_or_else(|| {
        LedgerError::Refused(format!(
            "{} has no held reading; nothing was changed. --update, --keep and --new are for \
             held ones",
            target.reference
        ))
    })
}

/// What is no longer whole is never sent.
async fn refuse_purged(
    tx: &mut SqliteTransaction<'_>,
    target: &Target,
    revision: i64,
) -> Result<()> {
    let (purged,): (bool,) =
        sqlx::query_as("SELECT purge_id IS NOT NULL FROM revision WHERE id = ?1")
            .bind(revision)
            .fetch_one(&mut **tx)
            .await?;
    if !purged {
        return Ok(());
    }
    Err(LedgerError::Refused(format!(
        "{}: its personal data was purged, so what is left of it cannot be sent; nothing was \
         changed. Submit the record again, from a file",
        target.reference
    )))
}

/// Makes a held revision the first of a movement of its own.
async fn split_off(tx: &mut SqliteTransaction<'_>, target: &Target, revision: i64) -> Result<()> {
    let (movement,): (i64,) = sqlx::query_as(
        "INSERT INTO movement (operator_id, site, reference, series, authorisation_number,
            key_is_sure, current_revision_id)
         SELECT operator_id, site, reference,
            (SELECT max(series) + 1 FROM movement other WHERE other.reference = m.reference
                AND other.operator_id = m.operator_id AND other.site = m.site),
            authorisation_number, key_is_sure, ?2
         FROM movement m WHERE id = ?1 RETURNING id",
    )
    .bind(target.id)
    .bind(revision)
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query("UPDATE revision SET movement_id = ?2, number = 1, method = 'POST' WHERE id = ?1")
        .bind(revision)
        .bind(movement)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Why an order does not fit, and what would.
fn refusal(target: &Target, order: &Order, from: State) -> String {
    let fits = match from {
        State::Uncertain => "--accepted ID, --resend or --withdraw",
        State::Held => "--update (if it was accepted before), --keep, --new or --withdraw",
        State::Rejected | State::Deferred => "--resend, --accepted ID or --withdraw",
        State::Invalid => "correcting it in the file and submitting that again, or --withdraw",
        State::Ready => "--withdraw, or retry to send it",
        State::Withdrawn => "--resend",
        State::Accepted => "a corrected record, submitted with --on-change update",
        State::Sending | State::Superseded => "nothing until the next retry has settled it",
    };
    format!(
        "{} is {from}: --{} does not apply; nothing was changed. What applies: {fits}",
        target.reference,
        order.decision.as_str()
    )
}
