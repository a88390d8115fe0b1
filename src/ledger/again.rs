//! Readings that touch what is there: of a known movement, or of a reference that was used before.

use rusqlite::Transaction;

use super::admit::{Addressed, Desk, Place};
use super::chain::record_hash;
use super::findings::{Owner, insert_findings};
use super::incoming::Incoming;
use super::known::{Candidate, find};
use super::prepare::Seal;
use super::statement::query;
use super::{LedgerError, Result, choose_current, step};
use crate::finding::{ErrorType, Finding, Severity};
use crate::submission::{Reading, Step};

impl Desk<'_> {
    /// Stages a reading of a known movement.
    pub(super) fn read_again(
        &mut self,
        tx: &Transaction<'_>,
        Addressed { operator, mut incoming, seal }: Addressed,
    ) -> Result<()> {
        let found = find(tx, operator, &incoming)?;
        let Some(candidate) = Candidate::choose(&found) else {
            return Err(LedgerError::Damaged("a movement has lost its revisions"));
        };
        let correction = adopt_tracking_id(tx, candidate, &mut incoming)?;
        let valid = incoming.is_valid();
        match candidate.reading(&incoming, correction, self.on_change) {
            Reading::Skip(_) => {
                self.counts.known += u64::from(valid);
                self.counts.invalid += u64::from(!valid);
                self.mark_read(tx, candidate.content())
            }
            Reading::Revert => {
                self.counts.known += 1;
                self.supersede_pending(tx, candidate)?;
                choose_current(tx, candidate.movement)?;
                self.mark_read(tx, candidate.content())
            }
            Reading::Revise(state, why) => {
                self.supersede_pending(tx, candidate)?;
                // What it takes the place of may have been sent, and may yet be applied.
                let due_at = candidate.pending().map_or(0, |pending| pending.due_at);
                let method = candidate.method(&incoming);
                let number = candidate.last_number + 1;
                let movement = candidate.movement;
                let place = Place { movement, operator, number, method, due_at };
                self.insert_revision(tx, place, (state, why), &incoming, &seal)?;
                choose_current(tx, movement)
            }
        }
    }

    fn supersede_pending(&self, tx: &Transaction<'_>, candidate: &Candidate) -> Result<()> {
        if let Some(pending) = candidate.pending() {
            step(tx, pending.id, Step::Supersede, self.now)?;
        }
        Ok(())
    }

    /// Supersedes a revision of another movement with this reference that this reading makes
    /// void: the first of two records in this file, or an invalid one of an earlier file whose
    /// apiCode or permit were at fault.
    pub(super) fn supersede_namesake(
        &self,
        tx: &Transaction<'_>,
        reference: &str,
        first_line: Option<u64>,
    ) -> Result<()> {
        let namesakes: Vec<(i64, i64)> = query(
            tx,
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
        .all()?;
        for (revision, movement) in namesakes {
            step(tx, revision, Step::Supersede, self.now)?;
            choose_current(tx, movement)?;
        }
        Ok(())
    }

    pub(super) fn keep_unidentified(
        &mut self,
        tx: &Transaction<'_>,
        incoming: &Incoming,
        seal: &Seal,
    ) -> Result<()> {
        let (record,): (i64,) = query(
            tx,
            "INSERT INTO unidentified (file_id, run_id, line, payload, salt, content_hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        )
        .bind(self.file)
        .bind(self.run.id)
        .bind(incoming.line.cast_signed())
        .bind(&incoming.payload)
        .bind(seal.salt)
        .bind(seal.content)
        .one()?;
        let source_hash = seal.rows.as_ref().map(|rows| rows.commitment);
        let line = incoming.line.cast_signed();
        self.unidentified.add(record, &record_hash(line, &seal.content, source_hash.as_ref()));
        let owner = Owner::Record(record);
        self.sources.keep(tx, owner, seal.rows.as_ref())?;
        insert_findings(tx, owner, &incoming.findings)
    }

    /// Notes that this run read a known content once more.
    fn mark_read(&self, tx: &Transaction<'_>, revision: Option<i64>) -> Result<()> {
        if let Some(revision) = revision {
            query(tx, "UPDATE revision SET read_run_id = ?2 WHERE id = ?1")
                .bind(revision)
                .bind(self.run.id)
                .execute()?;
        }
        Ok(())
    }
}

/// Whether the record is a correction by its waste tracking ID. An ID that the ledger did not
/// know is taken over, also from one that no answer or decision has borne out; one that
/// contradicts the ledger stops the record.
fn adopt_tracking_id(
    tx: &Transaction<'_>,
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
                ErrorType::InvalidValue,
                message,
            ));
            Ok(false)
        }
        Some(_) | None => {
            query(tx, "UPDATE movement SET waste_tracking_id = ?2 WHERE id = ?1")
                .bind(candidate.movement)
                .bind(&given)
                .execute()?;
            Ok(true)
        }
    }
}
