//! Admission: a file's records enter the ledger in one commit at its end, or not at all.

use std::collections::HashMap;

use rusqlite::Transaction;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use super::chain::{Chain, Digest, chain_file};
use super::findings::{Owner, insert_findings};
use super::incoming::{Admission, Admitted, Incoming};
use super::prepare::{Batch, Frame, Prepared, Seal, prepare};
use super::run::insert_file;
use super::source::Sources;
use super::statement::query;
use super::worker::begin;
use super::{FileFacts, Ledger, LedgerError, Result, Run};
use crate::killpoint::{Point, pass};
use crate::submission::{Method, OnChange, State, Why};

/// What stays the same for all records of a file.
pub(super) struct Desk<'a> {
    pub(super) run: &'a Run,
    pub(super) file: i64,
    pub(super) environment: i64,
    pub(super) now: i64,
    pub(super) on_change: OnChange,
    operators: HashMap<String, i64>,
    pub(super) frame: Frame,
    pub(super) sources: Sources,
    /// Whether earlier files left movements whose apiCode or permit were themselves at fault.
    unsure_ones: bool,
    pub(super) next_movement: i64,
    pub(super) next_revision: i64,
    pub(super) counts: Admitted,
    pub(super) readings: Digest,
    pub(super) unidentified: Digest,
}

/// Where a new revision goes.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) movement: i64,
    pub(super) operator: i64,
    pub(super) number: i64,
    pub(super) method: Method,
    pub(super) due_at: i64,
}

/// A record with its operator's row.
pub(super) struct Addressed {
    pub(super) operator: i64,
    pub(super) incoming: Incoming,
    pub(super) seal: Seal,
}

impl Ledger {
    /// Stages a file's records while they come, and admits them in one commit at its end.
    pub async fn admit(
        &self,
        run: &Run,
        facts: &FileFacts,
        on_change: OnChange,
        records: Receiver<Admission>,
    ) -> Result<Admitted> {
        // Whoever no longer waits for it may not be told: nothing of the file is written then.
        let given_up = CancellationToken::new();
        let _waits = given_up.clone().drop_guard();
        let now = self.clock.wall_ms();
        let same = (self.environment, now, on_change);
        let (run, facts) = (run.clone(), facts.clone());
        let runtime = Handle::current();
        self.carry_out(move |connection| {
            // Batches come from a task.
            let _runtime = runtime.enter();
            let mut tx = begin(connection)?;
            let file = insert_file(&tx, &run, &facts, None, now)?;
            let sources = Sources::begin(&tx, facts.layout.as_ref())?;
            let mut desk = Desk::new(&tx, &run, file, sources, same)?;
            let Some(reason) = desk.stage(&tx, records, &given_up)? else {
                desk.close(&tx)?;
                pass(Point::BeforeAdmission);
                tx.commit()?;
                pass(Point::AfterAdmission);
                return Ok(desk.counts);
            };
            tx.rollback()?;
            tx = begin(connection)?;
            let file = insert_file(&tx, &run, &facts, Some(&reason), now)?;
            let mut chain = Chain::read(&tx)?;
            let nothing = Digest::default();
            chain_file(&tx, &mut chain, file, nothing.clone(), nothing)?;
            chain.save(&tx)?;
            tx.commit()?;
            Ok(Admitted { refusal: Some(reason), ready: 0, held: 0, ..desk.counts })
        })
        .await
    }
}

const REVISION: &str = "INSERT INTO revision (id, movement_id, number, operator_id, state, why,
        method, payload, salt, content_hash, file_id, line, created_run_id, read_run_id,
        received_at, received_on, changed_at, due_at, lasting_hash, reading_hash, by_pipe)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

impl<'a> Desk<'a> {
    fn new(
        tx: &Transaction<'_>,
        run: &'a Run,
        file: i64,
        sources: Sources,
        (environment, now, on_change): (i64, i64, OnChange),
    ) -> Result<Self> {
        // One process writes a ledger: nobody else gives these numbers away meanwhile.
        let (last_movement, last_revision, unsure_ones): (i64, i64, bool) = query(
            tx,
            "SELECT coalesce((SELECT max(id) FROM movement), 0),
                coalesce((SELECT max(id) FROM revision), 0),
                EXISTS (SELECT 1 FROM movement WHERE key_is_sure = 0)",
        )
        .one()?;
        let frame = Frame { environment, file, run: run.id, layout: sources.layout() };
        Ok(Desk {
            run,
            file,
            environment,
            now,
            on_change,
            operators: HashMap::new(),
            frame,
            sources,
            unsure_ones,
            next_movement: last_movement + 1,
            next_revision: last_revision + 1,
            counts: Admitted { records: 0, invalid: 0, known: 0, ready: 0, held: 0, refusal: None },
            readings: Digest::default(),
            unidentified: Digest::default(),
        })
    }

    /// Stages what comes, up to the end of the file. Gives the reason why it is refused, if it is.
    fn stage(
        &mut self,
        tx: &Transaction<'_>,
        records: Receiver<Admission>,
        given_up: &CancellationToken,
    ) -> Result<Option<String>> {
        let mut batches = prepare(self.frame, records);
        let runtime = Handle::current();
        loop {
            let batch = runtime.block_on(given_up.run_until_cancelled(batches.recv()));
            match batch.ok_or(LedgerError::Closed)?.transpose()? {
                Some(Batch::Records(batch)) => {
                    for record in batch {
                        self.admit(tx, record)?;
                        pass(Point::Admission);
                    }
                }
                Some(Batch::End) => return Ok(None),
                Some(Batch::Refuse(reason)) => return Ok(Some(reason)),
                None => return Ok(Some("it was not read to its end".to_owned())),
            }
        }
    }

    /// Counts and chains the file.
    fn close(&mut self, tx: &Transaction<'_>) -> Result<()> {
        query(tx, "UPDATE file SET records = ?2, invalid = ?3 WHERE id = ?1")
            .bind(self.file)
            .bind(self.counts.records.cast_signed())
            .bind(self.counts.invalid.cast_signed())
            .execute()?;
        let mut chain = Chain::read(tx)?;
        let readings = std::mem::take(&mut self.readings);
        let unidentified = std::mem::take(&mut self.unidentified);
        chain_file(tx, &mut chain, self.file, readings, unidentified)?;
        chain.save(tx)
    }

    /// Stages a record.
    fn admit(&mut self, tx: &Transaction<'_>, Prepared { incoming, seal }: Prepared) -> Result<()> {
        self.counts.records += 1;
        let Some(key) = &incoming.key else {
            self.counts.invalid += 1;
            return self.keep_unidentified(tx, &incoming, &seal);
        };
        let operator = self.operator(tx, &key.api_code)?;
        if incoming.repeats.is_some() {
            // Neither is sent, and the first one is no known content for the second.
            self.supersede_namesake(tx, &key.reference, incoming.repeats)?;
        }
        let reference = self.unsure_ones.then(|| key.reference.clone());
        if let Some(known) = self.first_reading(tx, Addressed { operator, incoming, seal })? {
            return self.read_again(tx, known);
        }
        reference.map_or(Ok(()), |reference| self.supersede_namesake(tx, &reference, None))
    }

    /// Stages a content with all that goes with it. Gives its row, which is not its movement's
    /// current one yet.
    pub(super) fn insert_revision(
        &mut self,
        tx: &Transaction<'_>,
        place: Place,
        (state, why): (State, Why),
        incoming: &Incoming,
        seal: &Seal,
    ) -> Result<i64> {
        match state {
            State::Invalid => self.counts.invalid += 1,
            State::Held => self.counts.held += 1,
            _ => self.counts.ready += 1,
        }
        let reading = match why {
            Why::Read => seal.reading,
            _ => self.frame.reading_hash(incoming, why, &seal.content, seal.rows.as_ref()),
        };
        let revision = self.next_revision;
        self.next_revision += 1;
        query(tx, REVISION)
            .bind(revision)
            .bind(place.movement)
            .bind(place.number)
            .bind(place.operator)
            .bind(state.as_str())
            .bind(why.as_str())
            .bind(place.method.as_str())
            .bind(&incoming.payload)
            .bind(seal.salt)
            .bind(seal.content)
            .bind(self.file)
            .bind(incoming.line.cast_signed())
            .bind(self.run.id)
            .bind(self.run.id)
            .bind(incoming.received_at)
            .bind(&incoming.received_on)
            .bind(self.now)
            .bind(place.due_at)
            .bind(incoming.lasting_hash)
            .bind(reading)
            .bind(incoming.by_pipe)
            .execute()?;
        self.readings.add(revision, &reading);
        let owner = Owner::Revision(revision, None);
        self.sources.keep(tx, owner, seal.rows.as_ref())?;
        insert_findings(tx, owner, &incoming.findings)?;
        Ok(revision)
    }

    pub(super) fn operator(&mut self, tx: &Transaction<'_>, api_code: &str) -> Result<i64> {
        if let Some(&operator) = self.operators.get(api_code) {
            return Ok(operator);
        }
        let (operator,): (i64,) = query(
            tx,
            "INSERT INTO operator (environment_id, api_code) VALUES (?1, ?2)
             ON CONFLICT (environment_id, api_code) DO UPDATE SET api_code = excluded.api_code
             RETURNING id",
        )
        .bind(self.environment)
        .bind(api_code)
        .one()?;
        self.operators.insert(api_code.to_owned(), operator);
        Ok(operator)
    }
}
