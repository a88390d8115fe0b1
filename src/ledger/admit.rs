//! Admission: a file's records enter the ledger in one commit at its end, or not at all.

use std::collections::HashMap;

use sqlx::SqliteTransaction;
use tokio::sync::mpsc::Receiver;

use super::chain::{Chain, Digest, Reading as Read, chain_file, reading_hash, record_hash};
use super::findings::{Owner, insert_findings};
use super::incoming::{Admission, Admitted, Incoming};
use super::known::{Candidate, find, mark_read};
use super::run::insert_file;
use super::source::Sources;
use super::{FileFacts, Ledger, Result, Run, begin, choose_current, step};
use crate::finding::{Finding, Severity};
use crate::killpoint::{Point, pass};
use crate::ledger::salt::{Salts, content_hash};
use crate::movement::Key;
use crate::submission::{Method, OnChange, Reading, State, Step, Why};

/// What stays the same for all records of a file.
struct Desk<'a> {
    run: &'a Run,
    file: i64,
    environment: i64,
    now: i64,
    on_change: OnChange,
    operators: HashMap<String, i64>,
    salts: Salts,
    sources: Sources,
    unsure_ones: bool,
    counts: Admitted,
    readings: Digest,
    unidentified: Digest,
}

impl Ledger {
    /// Stages a file's records while they come, and admits them in one commit at its end.
    pub async fn admit(
        &self,
        run: &Run,
        facts: &FileFacts,
        on_change: OnChange,
        mut records: Receiver<Admission>,
    ) -> Result<Admitted> {
        let now = self.clock.wall_ms();
        let mut connection = self.connection().await;
        let mut tx = begin(&mut connection).await?;
        let file = insert_file(&mut tx, run, facts, None, now).await?;
        let mut desk = Desk {
            run,
            file,
            environment: self.environment,
            now,
            on_change,
            operators: HashMap::new(),
            salts: Salts::default(),
            sources: Sources::begin(&mut tx, facts.layout.as_ref()).await?,
            unsure_ones: any_unsure(&mut tx).await?,
            counts: Admitted { records: 0, invalid: 0, known: 0, ready: 0, held: 0, refusal: None },
            readings: Digest::default(),
            unidentified: Digest::default(),
        };
        let refusal = loop {
            match records.recv().await {
                Some(Admission::Records(batch)) => {
                    let _busy = self.clock.busy();
                    for incoming in batch {
                        desk.admit(&mut tx, incoming).await?;
                        pass(Point::Admission);
                    }
                    desk.sources.write(&mut tx).await?;
                }
                Some(Admission::End) => break None,
                Some(Admission::Refuse(reason)) => break Some(reason),
                None => break Some("it was not read to its end".to_owned()),
            }
        };
        let _busy = self.clock.busy();
        if let Some(reason) = refusal {
            tx.rollback().await?;
            let mut tx = begin(&mut connection).await?;
            let file = insert_file(&mut tx, run, facts, Some(&reason), now).await?;
            let mut chain = Chain::read(&mut tx).await?;
            let nothing = Digest::default();
            chain_file(&mut tx, &mut chain, file, nothing.clone(), nothing).await?;
            chain.save(&mut tx).await?;
            tx.commit().await?;
            return Ok(Admitted { refusal: Some(reason), ready: 0, held: 0, ..desk.counts });
        }
        sqlx::query("UPDATE file SET records = ?2, invalid = ?3 WHERE id = ?1")
            .bind(file)
            .bind(desk.counts.records.cast_signed())
            .bind(desk.counts.invalid.cast_signed())
            .execute(&mut *tx)
            .await?;
        let mut chain = Chain::read(&mut tx).await?;
        chain_file(&mut tx, &mut chain, file, desk.readings, desk.unidentified).await?;
        chain.save(&mut tx).await?;
        pass(Point::BeforeAdmission);
        tx.commit().await?;
        pass(Point::AfterAdmission);
        Ok(desk.counts)
    }
}

async fn any_unsure(tx: &mut SqliteTransaction<'_>) -> Result<bool> {
    let (any,): (bool,) =
        sqlx::query_as("SELECT EXISTS (SELECT 1 FROM movement WHERE key_is_sure = 0)")
            .fetch_one(&mut **tx)
            .await?;
    Ok(any)
}

impl Desk<'_> {
    async fn admit(&mut self, tx: &mut SqliteTransaction<'_>, incoming: Incoming) -> Result<()> {
        self.counts.records += 1;
        let Some(key) = incoming.key.clone() else {
            self.counts.invalid += 1;
            return self.keep_unidentified(tx, &incoming).await;
        };
        if let Some(first) = incoming.repeats {
            // Neither is sent, and the first one is no known content for the second.
            self.supersede_namesake(tx, &key.reference, Some(first)).await?;
        }
        let operator = self.operator(tx, &key.api_code).await?;
        let candidates = find(&mut *tx, operator, &key).await?;
        match Candidate::choose(&candidates, &incoming.payload) {
            Some(candidate) => self.read_again(tx, candidate, incoming, operator).await?,
            None => self.first_reading(tx, &key, incoming, operator).await?,
        }
        Ok(())
    }

    async fn first_reading(
        &mut self,
        tx: &mut SqliteTransaction<'_>,
        key: &Key,
        incoming: Incoming,
        operator: i64,
    ) -> Result<()> {
        if self.unsure_ones {
            self.supersede_namesake(tx, &key.reference, None).await?;
        }
        self.unsure_ones |= !incoming.key_is_sure;
        let (movement,): (i64,) = sqlx::query_as(
            "INSERT INTO movement (operator_id, site, reference, authorisation_number,
                key_is_sure, waste_tracking_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        )
        .bind(operator)
        .bind(&key.site)
        .bind(&key.reference)
        .bind(&incoming.authorisation_number)
        .bind(incoming.key_is_sure)
        .bind(&incoming.waste_tracking_id)
        .fetch_one(&mut **tx)
        .await?;
        let state = if incoming.is_valid() { State::Ready } else { State::Invalid };
        let method = if incoming.waste_tracking_id.is_some() { Method::Put } else { Method::Post };
        let place = Place { movement, operator, number: 1, method, due_at: 0 };
        self.insert_revision(tx, place, state, Why::Read, incoming).await
    }

    async fn read_again(
        &mut self,
        tx: &mut SqliteTransaction<'_>,
        candidate: &Candidate,
        mut incoming: Incoming,
        operator: i64,
    ) -> Result<()> {
        let correction = self.adopt_tracking_id(tx, candidate, &mut incoming).await?;
        let valid = incoming.is_valid();
        match candidate.reading(&incoming, correction, self.on_change) {
            Reading::Skip(_) => {
                self.counts.known += u64::from(valid);
                self.counts.invalid += u64::from(!valid);
                mark_read(tx, candidate.content_of(&incoming.payload), self.run).await
            }
            Reading::Revert => {
                self.counts.known += 1;
                self.supersede_pending(tx, candidate).await?;
                choose_current(tx, candidate.movement).await?;
                mark_read(tx, candidate.content_of(&incoming.payload), self.run).await
            }
            Reading::Revise(state, why) => {
                self.supersede_pending(tx, candidate).await?;
                // What it takes the place of may have been sent, and may yet be applied.
                let due_at = candidate.pending().map_or(0, |pending| pending.due_at);
                let method = candidate.method(&incoming);
                let number = candidate.last_number + 1;
                let movement = candidate.movement;
                let place = Place { movement, operator, number, method, due_at };
                self.insert_revision(tx, place, state, why, incoming).await
            }
        }
    }

    /// Whether the record is a correction by its waste tracking ID. An ID that the ledger did not
    /// know is taken over, also from one that no answer or decision has borne out; one that
    /// contradicts the ledger stops the record.
    async fn adopt_tracking_id(
        &self,
        tx: &mut SqliteTransaction<'_>,
        candidate: &Candidate,
        incoming: &mut Incoming,
    ) -> Result<bool> {
        let Some(given) = incoming.waste_tracking_id.clone() else { return Ok(false) };
        match &candidate.waste_tracking_id {
            Some(kept) if *kept == given => Ok(true),
            Some(kept) if candidate.was_accepted() => {
                let message = format!(
                    "wasteTrackingId is {given}, but the ledger has {kept} for this reference; \
                     correct the ID, or the reference"
                );
                incoming.findings.push(Finding::new(
                    Severity::Blocking,
                    "wasteTrackingId",
                    crate::finding::ErrorType::InvalidValue,
                    message,
                ));
                Ok(false)
            }
            Some(_) | None => {
                sqlx::query("UPDATE movement SET waste_tracking_id = ?2 WHERE id = ?1")
                    .bind(candidate.movement)
                    .bind(&given)
                    .execute(&mut **tx)
                    .await?;
                Ok(true)
            }
        }
    }

    async fn supersede_pending(
        &self,
        tx: &mut SqliteTransaction<'_>,
        candidate: &Candidate,
    ) -> Result<()> {
        if let Some(pending) = candidate.pending() {
            step(tx, pending.id, Step::Supersede, self.now).await?;
        }
        Ok(())
    }

    /// Supersedes a revision of another movement with this reference that this reading makes
    /// void: the first of two records in this file, or an invalid one of an earlier file whose
    /// apiCode or permit were at fault.
    async fn supersede_namesake(
        &self,
        tx: &mut SqliteTransaction<'_>,
        reference: &str,
        first_line: Option<u64>,
    ) -> Result<()> {
        let namesakes: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT r.id, m.id FROM movement m
             JOIN revision r ON r.id = m.current_revision_id
             JOIN operator o ON o.id = m.operator_id
             WHERE m.reference = ?1 AND o.environment_id = ?2
               AND CASE WHEN ?3 IS NULL
                   THEN m.key_is_sure = 0 AND r.state = 'invalid' AND r.file_id <> ?4
                   ELSE r.file_id = ?4 AND r.line = ?3 AND r.state IN ('ready', 'invalid', 'held')
                   END",
        )
        .bind(reference)
        .bind(self.environment)
        .bind(first_line.map(u64::cast_signed))
        .bind(self.file)
        .fetch_all(&mut **tx)
        .await?;
        for (revision, movement) in namesakes {
            step(tx, revision, Step::Supersede, self.now).await?;
            choose_current(tx, movement).await?;
        }
        Ok(())
    }

    async fn insert_revision(
        &mut self,
        tx: &mut SqliteTransaction<'_>,
        place: Place,
        state: State,
        why: Why,
        incoming: Incoming,
    ) -> Result<()> {
        match state {
            State::Invalid => self.counts.invalid += 1,
            State::Held => self.counts.held += 1,
            _ => self.counts.ready += 1,
        }
        let salt = self.salts.next()?;
        let hash = content_hash(&salt, &incoming.payload);
        let source = self.sources.seal(&incoming.rows, &mut self.salts)?;
        let source_hash = source.as_ref().map(|source| source.commitment);
        let empty = String::new();
        let key = incoming.key.as_ref();
        let reading = reading_hash(&Read {
            environment: self.environment,
            api_code: key.map_or(&empty, |key| &key.api_code).as_bytes(),
            site: key.map_or(&empty, |key| &key.site).as_bytes(),
            reference: key.map_or(&empty, |key| &key.reference).as_bytes(),
            why: why.as_str().as_bytes(),
            file: self.file,
            line: incoming.line.cast_signed(),
            run: self.run.id,
            received_at: incoming.received_at,
            received_on: incoming.received_on.as_deref().map(str::as_bytes),
            content_hash: &hash,
            lasting_hash: Some(&incoming.lasting_hash),
            source_hash: source_hash.as_ref(),
        });
        let (revision,): (i64,) = sqlx::query_as(
            "INSERT INTO revision (movement_id, number, operator_id, state, why, method, payload,
                salt, content_hash, file_id, line, created_run_id, read_run_id, received_at,
                received_on, changed_at, due_at, lasting_hash, reading_hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13, ?14, ?15, ?16,
                ?17, ?18)
             RETURNING id",
        )
        .bind(place.movement)
        .bind(place.number)
        .bind(place.operator)
        .bind(state.as_str())
        .bind(why.as_str())
        .bind(place.method.as_str())
        .bind(&incoming.payload)
        .bind(&salt[..])
        .bind(&hash[..])
        .bind(self.file)
        .bind(incoming.line.cast_signed())
        .bind(self.run.id)
        .bind(incoming.received_at)
        .bind(&incoming.received_on)
        .bind(self.now)
        .bind(place.due_at)
        .bind(&incoming.lasting_hash[..])
        .bind(&reading[..])
        .fetch_one(&mut **tx)
        .await?;
        self.readings.add(revision, &reading);
        let owner = Owner::Revision(revision, None);
        self.sources.take(owner, source, &incoming.rows, &incoming.payload);
        insert_findings(tx, owner, &incoming.findings).await?;
        choose_current(tx, place.movement).await
    }

    async fn keep_unidentified(
        &mut self,
        tx: &mut SqliteTransaction<'_>,
        incoming: &Incoming,
    ) -> Result<()> {
        let salt = self.salts.next()?;
        let hash = content_hash(&salt, &incoming.payload);
        let source = self.sources.seal(&incoming.rows, &mut self.salts)?;
        let (record,): (i64,) = sqlx::query_as(
            "INSERT INTO unidentified (file_id, run_id, line, payload, salt, content_hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        )
        .bind(self.file)
        .bind(self.run.id)
        .bind(incoming.line.cast_signed())
        .bind(&incoming.payload)
        .bind(&salt[..])
        .bind(&hash[..])
        .fetch_one(&mut **tx)
        .await?;
        let source_hash = source.as_ref().map(|source| source.commitment);
        let line = incoming.line.cast_signed();
        self.unidentified.add(record, &record_hash(line, &hash, source_hash.as_ref()));
        let owner = Owner::Record(record);
        self.sources.take(owner, source, &incoming.rows, &incoming.payload);
        insert_findings(tx, owner, &incoming.findings).await
    }

    async fn operator(&mut self, tx: &mut SqliteTransaction<'_>, api_code: &str) -> Result<i64> {
        if let Some(&operator) = self.operators.get(api_code) {
            return Ok(operator);
        }
        let (operator,): (i64,) = sqlx::query_as(
            "INSERT INTO operator (environment_id, api_code) VALUES (?1, ?2)
             ON CONFLICT (environment_id, api_code) DO UPDATE SET api_code = excluded.api_code
             RETURNING id",
        )
        .bind(self.environment)
        .bind(api_code)
        .fetch_one(&mut **tx)
        .await?;
        self.operators.insert(api_code.to_owned(), operator);
        Ok(operator)
    }
}

/// Where a new revision goes.
#[derive(Clone, Copy)]
struct Place {
    movement: i64,
    operator: i64,
    number: i64,
    method: Method,
    due_at: i64,
}
