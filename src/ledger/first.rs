//! First readings: movements that the ledger does not know yet, many at a time.

use rusqlite::Transaction;

use super::Result;
use super::admit::{Addressed, Desk};
use super::chunks::{Chunked, chunks, number};
use super::findings::{Owner, insert_findings};
use super::incoming::Incoming;
use super::statement::query;
use crate::submission::{Method, State, Why};

/// A movement that is known stays as it is, and is told by its absence.
pub(super) static MOVEMENTS: Chunked = Chunked::new(
    "INSERT INTO movement (id, operator_id, site, reference, authorisation_number, key_is_sure,
        waste_tracking_id)
     VALUES ",
    7,
    " ON CONFLICT (reference, operator_id, site, series) DO NOTHING",
);

/// First the method, the run twice, the file and the time; then the rows.
pub(super) static REVISIONS: Chunked = Chunked::new(
    "INSERT INTO revision (id, movement_id, operator_id, state, method, payload, salt,
        content_hash, line, received_at, received_on, lasting_hash, reading_hash, by_pipe, why,
        number, file_id, created_run_id, read_run_id, changed_at)
     SELECT column1, column2, column3, CASE column4 WHEN 1 THEN 'ready' ELSE 'invalid' END,
        CASE column5 WHEN 1 THEN 'PUT' ELSE 'POST' END, column6, column7, column8, column9,
        column10, column11, column12, column13, column14, ?, 1, ?, ?, ?, ?
     FROM (VALUES ",
    14,
    ")",
);

impl Desk<'_> {
    /// Stages those of these records whose movements are new; gives the places of the others.
    pub(super) fn first_readings(
        &mut self,
        tx: &Transaction<'_>,
        chunk: &mut [Addressed],
    ) -> Result<Vec<usize>> {
        let known = self.insert_movements(tx, chunk)?;
        let is_new = |at: &usize| known.binary_search(at).is_err();
        let new: Vec<usize> = (0..chunk.len()).filter(is_new).collect();
        let (first, revision) = (self.next_movement, self.next_revision);
        self.insert_first_revisions(tx, chunk, &new)?;
        let mut findings = Vec::new();
        for &at in &new {
            let incoming = &chunk[at].incoming;
            let owner = Owner::Revision(revision + number(at), None);
            findings.extend(incoming.findings.iter().map(|finding| (owner, finding)));
            let is_valid = incoming.is_valid();
            self.counts.ready += u64::from(is_valid);
            self.counts.invalid += u64::from(!is_valid);
        }
        insert_findings(tx, &findings)?;
        if let Some(last) = new.last() {
            query(
                tx,
                "UPDATE movement SET current_revision_id = id + ?1 WHERE id BETWEEN ?2 AND ?3",
            )
            .bind(revision - first)
            .bind(first)
            .bind(first + number(*last))
            .execute()?;
            self.next_movement += number(*last) + 1;
            self.next_revision += number(*last) + 1;
        }
        Ok(known)
    }

    /// Inserts the movements that are new, numbered by their places. Gives the places of the rest.
    fn insert_movements(&self, tx: &Transaction<'_>, chunk: &[Addressed]) -> Result<Vec<usize>> {
        let mut statement = query(tx, MOVEMENTS.of(chunk.len()));
        for (Addressed { operator, incoming, .. }, id) in chunk.iter().zip(self.next_movement..) {
            let key = incoming.key.as_ref();
            statement = statement
                .bind(id)
                .bind(operator)
                .bind(key.map(|key| key.site.as_str()))
                .bind(key.map(|key| key.reference.as_str()))
                .bind(&incoming.authorisation_number)
                .bind(incoming.key_is_sure)
                .bind(&incoming.waste_tracking_id);
        }
        let inserted = statement.execute()?;
        if inserted == chunk.len() as u64 {
            return Ok(Vec::new());
        }
        let ids: Vec<(i64,)> = query(tx, "SELECT id FROM movement WHERE id >= ?1 ORDER BY id")
            .bind(self.next_movement)
            .all()?;
        let is_known =
            |at: &usize| ids.binary_search(&(self.next_movement + number(*at),)).is_err();
        Ok((0..chunk.len()).filter(is_known).collect())
    }

    fn insert_first_revisions(
        &mut self,
        tx: &Transaction<'_>,
        chunk: &mut [Addressed],
        new: &[usize],
    ) -> Result<()> {
        for places in chunks(new) {
            let mut statement = query(tx, REVISIONS.of(places.len()))
                .bind(Why::Read.as_str())
                .bind(self.file)
                .bind(self.run.id)
                .bind(self.run.id)
                .bind(self.now);
            for &at in places {
                let Addressed { operator, incoming, seal } = &mut chunk[at];
                let revision = self.next_revision + number(at);
                self.readings.add(revision, &seal.reading);
                self.sources.take(Owner::Revision(revision, None), seal.rows.take());
                statement = statement
                    .bind(revision)
                    .bind(self.next_movement + number(at))
                    .bind(*operator)
                    .bind(state_of(incoming) == State::Ready)
                    .bind(method_of(incoming) == Method::Put)
                    .bind(std::mem::take(&mut incoming.payload))
                    .bind(&seal.salt[..])
                    .bind(&seal.content[..])
                    .bind(incoming.line.cast_signed())
                    .bind(incoming.received_at)
                    .bind(incoming.received_on.take())
                    .bind(&incoming.lasting_hash[..])
                    .bind(&seal.reading[..])
                    .bind(incoming.by_pipe);
            }
            statement.execute()?;
        }
        Ok(())
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
