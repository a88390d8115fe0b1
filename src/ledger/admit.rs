//! Admission: a file's records enter the ledger in one commit at its end, or not at all.

use std::collections::{HashMap, HashSet};

use sqlx::SqliteTransaction;
use tokio::sync::mpsc::Receiver;

use super::chain::{Chain, Digest, chain_file};
use super::chunks::{Chunked, chunks, chunks_mut};
use super::incoming::{Admission, Admitted, Incoming};
use super::prepare::{Batch, Frame, Prepared, Seal, prepare};
use super::run::insert_file;
use super::source::Sources;
use super::{FileFacts, Ledger, Result, Run, begin};
use crate::killpoint::{Point, pass};
use crate::submission::OnChange;

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
        let _busy = self.clock.busy();
        let now = self.clock.wall_ms();
        let mut connection = self.connection().await;
        let mut tx = begin(&mut connection).await?;
        let file = insert_file(&mut tx, run, facts, None, now).await?;
        let sources = Sources::begin(&mut tx, facts.layout.as_ref()).await?;
        let same = (self.environment, now, on_change);
        let mut desk = Desk::new(&mut tx, run, file, sources, same).await?;
        let mut batches = prepare(desk.frame, records);
        let refusal = loop {
            match batches.recv().await.transpose()? {
                Some(Batch::Records(batch)) => {
                    desk.admit(&mut tx, batch).await?;
                    desk.sources.write(&mut tx).await?;
                }
                Some(Batch::End) => break None,
                Some(Batch::Refuse(reason)) => break Some(reason),
                None => break Some("it was not read to its end".to_owned()),
            }
        };
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

static UNSURE: Chunked = Chunked::new(
    "SELECT reference FROM movement WHERE key_is_sure = 0 AND reference IN (VALUES ",
    1,
    ")",
);

impl<'a> Desk<'a> {
    async fn new(
        tx: &mut SqliteTransaction<'_>,
        run: &'a Run,
        file: i64,
        sources: Sources,
        (environment, now, on_change): (i64, i64, OnChange),
    ) -> Result<Self> {
        // One process writes a ledger: nobody else gives these numbers away meanwhile.
        let (last_movement, last_revision, unsure_ones): (i64, i64, bool) = sqlx::query_as(
            "SELECT coalesce((SELECT max(id) FROM movement), 0),
                coalesce((SELECT max(id) FROM revision), 0),
                EXISTS (SELECT 1 FROM movement WHERE key_is_sure = 0)",
        )
        .fetch_one(&mut **tx)
        .await?;
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

    /// Stages some records. Those that stand for themselves go many at a time; one that touches
    /// another record goes alone, after all before it.
    async fn admit(&mut self, tx: &mut SqliteTransaction<'_>, batch: Vec<Prepared>) -> Result<()> {
        let unsure = self.unsure_references(tx, &batch).await?;
        let mut plain: Vec<Addressed> = Vec::with_capacity(batch.len());
        for Prepared { incoming, seal } in batch {
            self.counts.records += 1;
            let Some(key) = &incoming.key else {
                self.counts.invalid += 1;
                self.keep_unidentified(tx, &incoming, seal).await?;
                pass(Point::Admission);
                continue;
            };
            if incoming.repeats.is_none() && !unsure.contains(&key.reference) {
                let operator = self.operator(tx, &key.api_code).await?;
                plain.push(Addressed { operator, incoming, seal });
                continue;
            }
            self.admit_plain(tx, std::mem::take(&mut plain)).await?;
            let (reference, first) = (key.reference.clone(), incoming.repeats);
            if first.is_some() {
                // Neither is sent, and the first one is no known content for the second.
                self.supersede_namesake(tx, &reference, first).await?;
            }
            let operator = self.operator(tx, &key.api_code).await?;
            self.admit_alone(tx, Addressed { operator, incoming, seal }).await?;
            pass(Point::Admission);
        }
        self.admit_plain(tx, plain).await
    }

    /// Stages records that nothing in this file touches: new ones many at a time.
    async fn admit_plain(
        &mut self,
        tx: &mut SqliteTransaction<'_>,
        mut records: Vec<Addressed>,
    ) -> Result<()> {
        let (mut known, mut before) = (HashSet::new(), 0);
        for chunk in chunks_mut(&mut records) {
            let known_ones = self.first_readings(tx, chunk).await?;
            known.extend(known_ones.into_iter().map(|at| before + at));
            before += chunk.len();
            for _ in chunk {
                pass(Point::Admission);
            }
        }
        let places = records.into_iter().enumerate();
        let known = places.filter(|(at, _)| known.contains(at)).map(|(_, record)| record).collect();
        self.read_known(tx, known).await
    }

    /// Which of these references a movement has whose apiCode or permit were at fault.
    async fn unsure_references(
        &self,
        tx: &mut SqliteTransaction<'_>,
        batch: &[Prepared],
    ) -> Result<HashSet<String>> {
        let mut unsure = HashSet::new();
        if !self.unsure_ones {
            return Ok(unsure);
        }
        let references: Vec<&str> = batch
            .iter()
            .filter_map(|one| Some(one.incoming.key.as_ref()?.reference.as_str()))
            .collect();
        for chunk in chunks(&references) {
            let query =
                chunk.iter().fold(sqlx::query_as(UNSURE.of(chunk.len())), |q, r| q.bind(*r));
            let found: Vec<(String,)> = query.fetch_all(&mut **tx).await?;
            unsure.extend(found.into_iter().map(|(reference,)| reference));
        }
        Ok(unsure)
    }

    pub(super) async fn operator(
        &mut self,
        tx: &mut SqliteTransaction<'_>,
        api_code: &str,
    ) -> Result<i64> {
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
