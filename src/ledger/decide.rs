//! Decisions: what a person, or a policy that a person configured, orders about a movement.

use rusqlite::Transaction;

use super::chain::{Chain, Decided, insert_decision};
use super::mark::{advance, set_mark};
use super::record::give_tracking_id;
use super::statement::{query, rows};
use super::worker::begin;
use super::{Ledger, LedgerError, Result, Run, choose_current, step};
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

rows! {
    /// A movement that a selector found.
    Target {
        id: i64,
        reference: String,
        api_code: String,
        authorisation_number: String,
        state: String,
        revision_id: i64,
    }
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
        let (now, environment) = (self.clock.wall_ms(), self.environment);
        let (run, selectors, order) = (run.id, selectors.to_vec(), order.clone());
        let mark = self.mark.clone();
        self.carry_out(move |connection| {
            let tx = begin(connection)?;
            let mut chain = Chain::read(&tx)?;
            let mut decided = Vec::new();
            for selector in &selectors {
                let target = target(&tx, environment, selector)?;
                let state = decide_one(&tx, &mut chain, run, &target, &order, now)?;
                decided.push((target.id, state));
            }
            chain.save(&tx)?;
            let number = advance(&tx)?;
            pass(Point::BeforeDecision);
            tx.commit()?;
            pass(Point::AfterDecision);
            set_mark(mark.as_deref(), number);
            Ok(decided)
        })
        .await
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
        let (now, environment) = (self.clock.wall_ms(), self.environment);
        let (run, mark) = (run.id, self.mark.clone());
        let order = Order {
            decision: Decision::Resend,
            waste_tracking_id: None,
            note: Some(note.to_owned()),
            user: user.to_owned(),
        };
        self.carry_out(move |connection| {
            let tx = begin(connection)?;
            let sql = "SELECT m.id, m.reference, o.api_code, m.authorisation_number, r.state,
                    r.id AS revision_id
                 FROM revision r JOIN movement m ON m.id = r.movement_id
                 JOIN operator o ON o.id = m.operator_id
                 WHERE r.state = 'uncertain' AND r.state <> 'accepted' AND o.environment_id = ?1
                    AND (?2 OR r.reason IS NOT ?3)
                 ORDER BY r.id";
            let restored_ones = Reason::Restored.as_str();
            let targets: Vec<Target> =
                query(&tx, sql).bind(environment).bind(restored).bind(restored_ones).all()?;
            let mut chain = Chain::read(&tx)?;
            for target in &targets {
                decide_one(&tx, &mut chain, run, target, &order, now)?;
            }
            chain.save(&tx)?;
            let number = advance(&tx)?;
            tx.commit()?;
            set_mark(mark.as_deref(), number);
            Ok(targets.len() as u64)
        })
        .await
    }
}

/// The one movement that is meant.
fn target(tx: &Transaction<'_>, environment: i64, selector: &Selector) -> Result<Target> {
    let by_movement = "SELECT m.id, m.reference, o.api_code, m.authorisation_number, r.state,
            r.id AS revision_id
         FROM movement m JOIN operator o ON o.id = m.operator_id
         JOIN revision r ON r.id = m.current_revision_id
         WHERE o.environment_id = ?1 AND r.state <> 'superseded' AND m.id = ?2";
    let by_reference = "SELECT m.id, m.reference, o.api_code, m.authorisation_number, r.state,
            r.id AS revision_id
         FROM movement m JOIN operator o ON o.id = m.operator_id
         JOIN revision r ON r.id = m.current_revision_id
         WHERE o.environment_id = ?1 AND r.state <> 'superseded'
            AND m.reference = ?2 AND (?3 IS NULL OR o.api_code = ?3)
            AND (?4 IS NULL OR m.site = ?4)
         ORDER BY m.id LIMIT 50";
    let mut found: Vec<Target> = match selector {
        Selector::Movement(id) => query(tx, by_movement).bind(environment).bind(id).all()?,
        Selector::Reference { reference, api_code, site } => query(tx, by_reference)
            .bind(environment)
            .bind(reference.trim())
            .bind(api_code)
            .bind(site.as_deref().map(comparable_site))
            .all()?,
    };
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

fn decide_one(
    tx: &Transaction<'_>,
    chain: &mut Chain,
    run: i64,
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
        Decision::Update | Decision::Keep | Decision::New => held_revision(tx, target)?,
        Decision::Accepted | Decision::Resend | Decision::Withdraw => target.revision_id,
    };
    if order.decision == Decision::New {
        split_off(tx, target, revision)?;
    }
    if matches!(order.decision, Decision::Resend | Decision::Update | Decision::New) {
        refuse_purged(tx, target, revision)?;
    }
    let stepped = step(tx, revision, Step::Decide(order.decision), now);
    let (from, to) = stepped.map_err(|error| match error {
        LedgerError::Illegal { source, .. } => {
            LedgerError::Refused(refusal(target, order, source.from))
        }
        other => other,
    })?;
    let decided = Decided {
        revision,
        run,
        decided_at: now,
        user: &order.user,
        decision: order.decision.as_str(),
        from: from.as_str(),
        to: to.as_str(),
        waste_tracking_id: order.waste_tracking_id.as_deref(),
        note: order.note.as_deref(),
    };
    insert_decision(tx, chain, &decided)?;
    // A person need not wait for a back-off. But what was sent and not answered may be applied
    // late: it is not sent over at once.
    query(
        tx,
        "UPDATE revision SET settled_run_id = ?2,
            due_at = CASE WHEN ?3 AND NOT may_be_applied THEN 0 ELSE due_at END
         WHERE id = ?1",
    )
    .bind(revision)
    .bind(run)
    .bind(from == State::Deferred)
    .execute()?;
    if let (Decision::Accepted, Some(id)) = (order.decision, &order.waste_tracking_id) {
        give_tracking_id(tx, target.id, revision, id)?;
    }
    choose_current(tx, target.id)?;
    Ok(to)
}

fn held_revision(tx: &Transaction<'_>, target: &Target) -> Result<i64> {
    let held: Option<(i64,)> = query(
        tx,
        "SELECT id FROM revision WHERE movement_id = ?1 AND state = 'held'
         ORDER BY number DESC LIMIT 1",
    )
    .bind(target.id)
    .optional()?;
    held.map(|(id,)| id).ok_or_else(|| {
        LedgerError::Refused(format!(
            "{} has no held reading; nothing was changed. --update, --keep and --new are for \
             held ones",
            target.reference
        ))
    })
}

/// What is no longer whole is never sent.
fn refuse_purged(tx: &Transaction<'_>, target: &Target, revision: i64) -> Result<()> {
    let (purged,): (bool,) = query(tx, "SELECT purge_id IS NOT NULL FROM revision WHERE id = ?1")
        .bind(revision)
        .one()?;
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
fn split_off(tx: &Transaction<'_>, target: &Target, revision: i64) -> Result<()> {
    let (movement,): (i64,) = query(
        tx,
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
    .one()?;
    query(tx, "UPDATE revision SET movement_id = ?2, number = 1, method = 'POST' WHERE id = ?1")
        .bind(revision)
        .bind(movement)
        .execute()?;
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
