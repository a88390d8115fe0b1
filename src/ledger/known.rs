//! What the ledger knows of a movement when a reading of it comes in.

use sqlx::{SqliteConnection, SqliteTransaction};

use super::chain::lasting_hash;
use super::salt::content_hash;
use super::{Result, Run, parse_state};
use crate::movement::Key;
use crate::submission::{Anchor, Known, Pending, State};

/// A movement that a reading may belong to, with its revisions that were not superseded.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) movement: i64,
    pub(super) waste_tracking_id: Option<String>,
    /// The highest number of its revisions, superseded ones among them.
    pub(super) last_number: i64,
    revisions: Vec<Kept>,
}

/// A revision as far as readings go.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) id: i64,
    /// When it may be sent, in milliseconds since 1970.
    pub(super) due_at: i64,
    state: State,
    salt: Option<Vec<u8>>,
    hash: Vec<u8>,
    lasting_hash: Option<Vec<u8>>,
    received_on: Option<String>,
    may_be_applied: bool,
}

impl Kept {
    fn is(&self, payload: &[u8]) -> bool {
        match &self.salt {
            Some(salt) => content_hash(salt, payload)[..] == self.hash,
            // After a purge only what is no personal data can be compared. What was never stored
            // is another content then: a correction may be of just that data.
            None => {
                self.is_anchor() && self.lasting_hash.as_deref() == Some(&lasting_hash(payload)[..])
            }
        }
    }

    fn is_anchor(&self) -> bool {
        use State::{Accepted, Sending, Uncertain, Withdrawn};
        matches!(self.state, Accepted | Sending | Uncertain | Withdrawn)
    }
}

impl Candidate {
    /// Whether an open or stored revision has this content.
    pub(super) fn has_content(&self, payload: &[u8]) -> bool {
        self.content_of(payload).is_some()
    }

    /// Whether the newest revision has this content.
    pub(super) fn has_now(&self, payload: &[u8]) -> bool {
        self.revisions.last().is_some_and(|kept| kept.is(payload))
    }

    /// The newest revision with this content.
    pub(super) fn content_of(&self, payload: &[u8]) -> Option<i64> {
        self.revisions.iter().rev().find(|kept| kept.is(payload)).map(|kept| kept.id)
    }

    /// Whether a revision was accepted, and with it the movement's waste tracking ID.
    pub(super) fn was_accepted(&self) -> bool {
        self.revisions.iter().any(|kept| kept.state == State::Accepted)
    }

    /// The open revision after the newest anchor.
    pub(super) fn pending(&self) -> Option<&Kept> {
        self.revisions.last().filter(|kept| !kept.is_anchor())
    }

    /// The revision that a reading of this content is measured by. One that a person took out
    /// stands for itself: it does not hide what is before it.
    fn anchor(&self, payload: &[u8]) -> Option<&Kept> {
        let mut newest = None;
        // One that a person ordered to be sent again, with a newer reading behind it, is about to
        // be sent: what comes now cannot simply take the newer one's place.
        let last = self.revisions.last().map(|kept| kept.id);
        let is_resent = |kept: &Kept| {
            matches!(kept.state, State::Ready | State::Deferred) && Some(kept.id) != last
        };
        let anchors =
            self.revisions.iter().rev().filter(|kept| kept.is_anchor() || is_resent(kept));
        for kept in anchors {
            if kept.state != State::Withdrawn || kept.is(payload) {
                return Some(kept);
            }
            newest = newest.or(Some(kept));
        }
        newest
    }

    /// What the table of readings goes by.
    pub(super) fn known(&self, payload: &[u8], received_on: Option<&str>) -> Known {
        let pending = self.pending();
        let anchor = self.anchor(payload);
        Known {
            anchor: anchor.map(|kept| Anchor {
                state: kept.state,
                same_content: kept.is(payload),
                same_day: kept.received_on.is_some() && kept.received_on.as_deref() == received_on,
                has_tracking_id: self.waste_tracking_id.is_some(),
            }),
            pending: pending.map(|kept| Pending {
                state: kept.state,
                same_content: kept.is(payload),
                may_be_applied: kept.may_be_applied,
            }),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    movement_id: i64,
    waste_tracking_id: Option<String>,
    id: i64,
    number: i64,
    state: String,
    salt: Option<Vec<u8>>,
    content_hash: Vec<u8>,
    lasting_hash: Option<Vec<u8>>,
    received_on: Option<String>,
    may_be_applied: bool,
    due_at: i64,
}

/// The movements that a key stands for: one, unless a person told loads apart.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    operator: i64,
    key: &Key,
) -> Result<Vec<Candidate>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT r.movement_id, m.waste_tracking_id, r.id, r.number, r.state, r.salt,
            r.content_hash, r.lasting_hash, r.received_on, r.may_be_applied, r.due_at
         FROM movement m JOIN revision r ON r.movement_id = m.id
         WHERE m.reference = ?1 AND m.operator_id = ?2 AND m.site = ?3
         ORDER BY m.series, r.number",
    )
    .bind(&key.reference)
    .bind(operator)
    .bind(&key.site)
    .fetch_all(connection)
    .await?;
    let mut candidates: Vec<Candidate> = Vec::new();
    for row in rows {
        if candidates.last().is_none_or(|last| last.movement != row.movement_id) {
            candidates.push(Candidate {
                movement: row.movement_id,
                waste_tracking_id: row.waste_tracking_id,
                last_number: 0,
                revisions: Vec::new(),
            });
        }
        let Some(candidate) = candidates.last_mut() else { continue };
        candidate.last_number = row.number;
        let state = parse_state(&row.state)?;
        if state != State::Superseded {
            candidate.revisions.push(Kept {
                id: row.id,
                due_at: row.due_at,
                state,
                salt: row.salt,
                hash: row.content_hash,
                lasting_hash: row.lasting_hash,
                received_on: row.received_on,
                may_be_applied: row.may_be_applied,
            });
        }
    }
    Ok(candidates)
}

/// Notes that a run read a known content once more.
pub(super) async fn mark_read(
    tx: &mut SqliteTransaction<'_>,
    revision: Option<i64>,
    run: &Run,
) -> Result<()> {
    sqlx::query("UPDATE revision SET read_run_id = ?2 WHERE id = ?1")
        .bind(revision)
        .bind(run.id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
