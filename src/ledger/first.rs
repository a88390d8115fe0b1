//! First readings: movements that the ledger does not know yet.

use rusqlite::Transaction;

use super::Result;
use super::admit::{Addressed, Desk, Place};
use super::incoming::Incoming;
use super::statement::query;
use crate::submission::{Method, State, Why};

/// A movement that is known stays as it is, which is told by what was inserted.
const MOVEMENT: &str = "INSERT INTO movement (id, operator_id, site, reference,
        authorisation_number, key_is_sure, waste_tracking_id)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (reference, operator_id, site, series) DO NOTHING";

impl Desk<'_> {
    /// Stages a record if its movement is new. Gives it back if it is known.
    pub(super) fn first_reading(
        &mut self,
        tx: &Transaction<'_>,
        record: Addressed,
    ) -> Result<Option<Addressed>> {
        let movement = self.next_movement;
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
        let method = method_of(&incoming);
        let place = Place { movement, operator, number: 1, method, due_at: 0 };
        let read = (state_of(&incoming), Why::Read);
        let revision = self.insert_revision(tx, place, read, &incoming, &seal)?;
        query(tx, "UPDATE movement SET current_revision_id = ?2 WHERE id = ?1")
            .bind(movement)
            .bind(revision)
            .execute()?;
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
