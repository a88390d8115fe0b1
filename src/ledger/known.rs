//! What the ledger knows of a movement when a reading of it comes in.

use rusqlite::Connection;

use super::chain::lasting_hash;
use super::salt::content_hash;
use super::statement::{Read as _, query, rows};
use super::{Incoming, Result, parse_state};
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
    /// Whether it has the content of the reading.
    same_content: bool,
    received_on: Option<String>,
    may_be_applied: bool,
}

impl Kept {
    fn is_anchor(&self) -> bool {
        is_anchor(self.state)
    }
}

/// Whether it was, or may have been, stored, or a person took it out.
fn is_anchor(state: State) -> bool {
    use State::{Accepted, Sending, Uncertain, Withdrawn};
    matches!(state, Accepted | Sending | Uncertain | Withdrawn)
}

impl Candidate {
    /// The candidate that a record belongs to: one that has its content now, else one that had it,
    /// else the newest.
    pub(super) fn choose(candidates: &[Candidate]) -> Option<&Candidate> {
        let has_now = |candidate: &&Candidate| candidate.has_now();
        let had = |candidate: &&Candidate| candidate.content().is_some();
        let newest_first = || candidates.iter().rev();
        newest_first().find(has_now).or_else(|| newest_first().find(had)).or(candidates.last())
    }

    /// Whether the newest revision has the content of the reading.
    fn has_now(&self) -> bool {
        self.revisions.last().is_some_and(|kept| kept.same_content)
    }

    /// The newest revision, open or stored, with the content of the reading.
    pub(super) fn content(&self) -> Option<i64> {
        self.revisions.iter().rev().find(|kept| kept.same_content).map(|kept| kept.id)
    }

    /// Whether a revision was accepted, and with it the movement's waste tracking ID.
    pub(super) fn was_accepted(&self) -> bool {
        self.revisions.iter().any(|kept| kept.state == State::Accepted)
    }

    /// The open revision after the newest anchor.
    pub(super) fn pending(&self) -> Option<&Kept> {
        self.revisions.last().filter(|kept| !kept.is_anchor())
    }

    /// The revision that the reading is measured by. One that a person took out
    /// stands for itself: it does not hide what is before it.
    fn anchor(&self) -> Option<&Kept> {
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
            if kept.state != State::Withdrawn || kept.same_content {
                return Some(kept);
            }
            newest = newest.or(Some(kept));
        }
        newest
    }

    /// What the table of readings goes by.
    pub(super) fn known(&self, received_on: Option<&str>) -> Known {
        let pending = self.pending();
        let anchor = self.anchor();
        Known {
            anchor: anchor.map(|kept| Anchor {
                state: kept.state,
                same_content: kept.same_content,
                same_day: kept.received_on.is_some() && kept.received_on.as_deref() == received_on,
                has_tracking_id: self.waste_tracking_id.is_some(),
            }),
            pending: pending.map(|kept| Pending {
                state: kept.state,
                same_content: kept.same_content,
                may_be_applied: kept.may_be_applied,
            }),
        }
    }
}

rows! {
    Row {
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
}

impl Row {
    fn has_content(&self, state: State, payload: &[u8]) -> bool {
        match &self.salt {
            Some(salt) => content_hash(salt, payload)[..] == self.content_hash,
            // After a purge only what is no personal data can be compared. What was never stored
            // is another content then: a correction may be of just that data.
            None => {
                is_anchor(state) && self.lasting_hash.as_deref() == Some(&lasting_hash(payload)[..])
            }
        }
    }
}

const KNOWN: &str = "SELECT r.movement_id, m.waste_tracking_id, r.id, r.number, r.state, r.salt,
        r.content_hash, r.lasting_hash, r.received_on, r.may_be_applied, r.due_at
    FROM movement m JOIN revision r ON r.movement_id = m.id
    WHERE m.reference = ?1 AND m.operator_id = ?2 AND m.site = ?3
    ORDER BY m.series, r.number";

/// The movements that a record's key stands for: one, unless a person told loads apart.
pub(super) fn find(
    connection: &Connection,
    operator: i64,
    incoming: &Incoming,
) -> Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    let Some(key) = &incoming.key else { return Ok(candidates) };
    query(connection, KNOWN)
        .bind(&key.reference)
        .bind(operator)
        .bind(&key.site)
        .each(|cells| keep(&mut candidates, Row::read(cells)?, &incoming.payload))?;
    Ok(candidates)
}

/// Takes in the next revision, in the order of movements and numbers.
fn keep(candidates: &mut Vec<Candidate>, row: Row, payload: &[u8]) -> Result<()> {
    let state = parse_state(&row.state)?;
    let same_content = state != State::Superseded && row.has_content(state, payload);
    if candidates.last().is_none_or(|last| last.movement != row.movement_id) {
        candidates.push(Candidate {
            movement: row.movement_id,
            waste_tracking_id: row.waste_tracking_id,
            last_number: 0,
            revisions: Vec::new(),
        });
    }
    let Some(candidate) = candidates.last_mut() else { return Ok(()) };
    candidate.last_number = row.number;
    if state != State::Superseded {
        candidate.revisions.push(Kept {
            id: row.id,
            due_at: row.due_at,
            state,
            same_content,
            received_on: row.received_on,
            may_be_applied: row.may_be_applied,
        });
    }
    Ok(())
}
