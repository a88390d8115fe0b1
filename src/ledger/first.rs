//! First readings: movements that the ledger does not know yet.

use rusqlite::Transaction;

use super::Result;
use super::admit::{Addressed, Desk};
use super::findings::{Owner, insert_findings};
use super::incoming::Incoming;
use super::statement::query;
use crate::submission::{Method, State, Why};

/// A movement that is known stays as it is, which is told by what was inserted.
const MOVEMENT: &str = "INSERT INTO movement (id, operator_id, site, reference,
        authorisation_number, key_is_sure, waste_tracking_id)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (reference, operator_id, site, series) DO NOTHING";

const REVISION: &str = "INSERT INTO revision (id, movement_id, operator_id, state, method, payload,
        salt, content_hash, line, received_at, received_on, lasting_hash, reading_hash, by_pipe,
        why, file_id, created_run_id, read_run_id, changed_at, number)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)";

impl Desk<'_> {
    /// Stages a record if its movement is new. Gives it back if it is known.
    pub(super) fn first_reading(
        &mut self,
        tx: &Transaction<'_>,
        record: Addressed,
    ) -> Result<Option<Addressed>> {
        let (movement, revision) = (self.next_movement, self.next_revision);
        let Addressed { operator, incoming, .. } = &record;
        let key = incoming.key.as_ref();
        let inserted = query(tx, MOVEMENT)
            .bind(movement)
            .bind(operator)
            .bind(key.map(|key| key.site.as_str()))
            .bind(key.map(|key| key.reference.as_str()))
            .bind(&incoming.authorisation_number)
            .bind(incoming.key_is_sure)
            .bind(&incoming.waste_tracking_id)
            .execute()?;
        if inserted == 0 {
            return Ok(Some(record));
        }
        let Addressed { operator, incoming, seal } = record;
        self.next_movement += 1;
        self.next_revision += 1;
        query(tx, REVISION)
            .bind(revision)
            .bind(movement)
            .bind(operator)
            .bind(state_of(&incoming).as_str())
            .bind(method_of(&incoming).as_str())
            .bind(&incoming.payload)
            .bind(seal.salt)
            .bind(seal.content)
            .bind(incoming.line.cast_signed())
            .bind(incoming.received_at)
            .bind(&incoming.received_on)
            .bind(incoming.lasting_hash)
            .bind(seal.reading)
            .bind(incoming.by_pipe)
            .bind(Why::Read.as_str())
            .bind(self.file)
            .bind(self.run.id)
            .bind(self.run.id)
            .bind(self.now)
            .execute()?;
        query(tx, "UPDATE movement SET current_revision_id = ?2 WHERE id = ?1")
            .bind(movement)
            .bind(revision)
            .execute()?;
        self.readings.add(revision, &seal.reading);
        let owner = Owner::Revision(revision, None);
        self.sources.keep(tx, owner, seal.rows.as_ref())?;
        insert_findings(tx, owner, &incoming.findings)?;
        match state_of(&incoming) {
            State::Ready => self.counts.ready += 1,
            _ => self.counts.invalid += 1,
        }
        Ok(None)
    }
}

/// What a first reading becomes.
fn state_of(incoming: &Incoming) -> State {
    if incoming.is_valid() { State::Ready } else { State::Invalid }
}

/// What has an ID from elsewhere is corrected, what has none is new.
fn method_of(incoming: &Incoming) -> Method {
    if incoming.waste_tracking_id.is_some() { Method::Put } else { Method::Post }
}
