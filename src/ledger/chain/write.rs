//! Writing history: the only statements that add attempts and decisions, and that close files and
//! runs. Each adds an entry to the chain.

use std::borrow::Cow;

use rusqlite::Transaction;

use super::super::findings::{Owner, insert_findings};
use super::super::statement::query;
use super::super::{LedgerError, Result};
use super::Chain;
use super::canonical::{
    Digest, Hash, Said, findings_hash, note_commitment, random_salt, said_commitment,
};
use super::rows::{AttemptRow, DecisionRow, FILES, FileRow, PurgeRow, RUNS, RunRow, Subject};
use crate::finding::Finding;

/// A request and its answer, to be added.
#[derive(Debug, Clone, Copy)]
pub(in crate::ledger) struct Answer<'a> {
    pub(in crate::ledger) revision: i64,
    pub(in crate::ledger) movement: i64,
    pub(in crate::ledger) reading_hash: &'a [u8],
    pub(in crate::ledger) run: i64,
    pub(in crate::ledger) number: i64,
    pub(in crate::ledger) method: &'a str,
    /// The waste tracking ID that a PUT replaces.
    pub(in crate::ledger) sent_to: Option<&'a str>,
    pub(in crate::ledger) started_at: i64,
    pub(in crate::ledger) duration_ms: Option<i64>,
    pub(in crate::ledger) outcome: &'a str,
    pub(in crate::ledger) reason: &'a str,
    pub(in crate::ledger) status: Option<u16>,
    pub(in crate::ledger) waste_tracking_id: Option<&'a str>,
    pub(in crate::ledger) request_id: Option<&'a str>,
    pub(in crate::ledger) service_charge_expiry: Option<&'a str>,
    pub(in crate::ledger) detail: Option<&'a str>,
    pub(in crate::ledger) findings: &'a [Finding],
}

/// A decision, to be added.
#[derive(Debug, Clone, Copy)]
pub(in crate::ledger) struct Decided<'a> {
    pub(in crate::ledger) revision: i64,
    pub(in crate::ledger) run: i64,
    pub(in crate::ledger) decided_at: i64,
    pub(in crate::ledger) user: &'a str,
    pub(in crate::ledger) decision: &'a str,
    pub(in crate::ledger) from: &'a str,
    pub(in crate::ledger) to: &'a str,
    pub(in crate::ledger) waste_tracking_id: Option<&'a str>,
    pub(in crate::ledger) note: Option<&'a str>,
}

/// Bytes that are borrowed from whoever adds a row, or drawn for it.
type Bytes<'a> = Cow<'a, [u8]>;

fn bytes(text: &str) -> Bytes<'_> {
    text.as_bytes().into()
}

fn drawn<'a, const N: usize>(bytes: [u8; N]) -> Bytes<'a> {
    bytes.to_vec().into()
}

fn hash_of(stored: &[u8]) -> Result<Hash> {
    Hash::try_from(stored).map_err(|_| LedgerError::Damaged("the hash of a reading is missing"))
}

impl<'a> AttemptRow<Bytes<'a>> {
    /// A new one, without its place in the chain.
    fn new(id: i64, answer: &Answer<'a>) -> Result<Self> {
        let said: Vec<Said> = answer.findings.iter().map(Said::from).collect();
        let in_words = answer.detail.is_some() || !said.is_empty();
        let salt = if in_words { Some(random_salt()?) } else { None };
        let detail = answer.detail.map(bytes);
        let commitment = salt.map(|salt| said_commitment(&salt, detail.as_deref(), &said));
        Ok(AttemptRow {
            id,
            revision_id: answer.revision,
            run_id: answer.run,
            number: answer.number,
            method: bytes(answer.method),
            sent_to: answer.sent_to.map(bytes),
            started_at: answer.started_at,
            duration_ms: answer.duration_ms,
            outcome: bytes(answer.outcome),
            reason: bytes(answer.reason),
            status: answer.status.map(i64::from),
            waste_tracking_id: answer.waste_tracking_id.map(bytes),
            request_id: answer.request_id.map(bytes),
            service_charge_expiry: answer.service_charge_expiry.map(bytes),
            detail,
            findings_hash: findings_hash(&said).map(drawn),
            salt: salt.map(drawn),
            said: commitment.map(drawn),
            sequence: None,
            hash: None,
        })
    }
}

const ATTEMPT: &str = "INSERT INTO attempt (id, revision_id, run_id, number, method, sent_to,
        started_at, duration_ms, outcome, reason, status, waste_tracking_id, request_id,
        service_charge_expiry, detail, findings_hash, salt, said, sequence, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Adds an attempt with what its answer said.
pub(in crate::ledger) fn insert_attempt(
    tx: &Transaction<'_>,
    chain: &mut Chain,
    answer: &Answer<'_>,
) -> Result<()> {
    let row = AttemptRow::new(chain.last_attempt + 1, answer)?;
    let subject =
        Subject { movement: answer.movement, reading_hash: hash_of(answer.reading_hash)? };
    let (sequence, hash) = chain.link(|sequence| row.canonical(&subject, sequence));
    chain.last_attempt = row.id;
    query(tx, ATTEMPT)
        .bind(row.id)
        .bind(row.revision_id)
        .bind(row.run_id)
        .bind(row.number)
        .bind(answer.method)
        .bind(answer.sent_to)
        .bind(row.started_at)
        .bind(row.duration_ms)
        .bind(answer.outcome)
        .bind(answer.reason)
        .bind(row.status)
        .bind(answer.waste_tracking_id)
        .bind(answer.request_id)
        .bind(answer.service_charge_expiry)
        .bind(answer.detail)
        .bind(row.findings_hash.as_deref())
        .bind(row.salt.as_deref())
        .bind(row.said.as_deref())
        .bind(sequence)
        .bind(hash)
        .execute()?;
    insert_findings(tx, Owner::Revision(row.revision_id, Some(row.id)), answer.findings)
}

/// A revision as it is now.
pub(super) fn subject(tx: &Transaction<'_>, revision: i64) -> Result<Subject> {
    let (movement, reading_hash): (i64, Option<Vec<u8>>) =
        query(tx, "SELECT movement_id, reading_hash FROM revision WHERE id = ?1")
            .bind(revision)
            .one()?;
    Ok(Subject { movement, reading_hash: hash_of(&reading_hash.unwrap_or_default())? })
}

/// Adds a decision about a revision as it is now.
pub(in crate::ledger) fn insert_decision(
    tx: &Transaction<'_>,
    chain: &mut Chain,
    decided: &Decided<'_>,
) -> Result<()> {
    let subject = subject(tx, decided.revision)?;
    let salt = if decided.note.is_some() { Some(random_salt()?) } else { None };
    let note = decided.note.map(bytes);
    let said = salt.zip(note.as_deref()).map(|(salt, note)| note_commitment(&salt, note));
    let row = DecisionRow {
        id: chain.last_decision + 1,
        revision_id: decided.revision,
        run_id: decided.run,
        decided_at: decided.decided_at,
        user_name: bytes(decided.user),
        decision: bytes(decided.decision),
        from_state: bytes(decided.from),
        to_state: bytes(decided.to),
        waste_tracking_id: decided.waste_tracking_id.map(bytes),
        note,
        salt: salt.map(drawn),
        said: said.map(drawn),
        sequence: None,
        hash: None,
    };
    let (sequence, hash) = chain.link(|sequence| row.canonical(&subject, sequence));
    chain.last_decision = row.id;
    query(
        tx,
        "INSERT INTO decision (id, revision_id, run_id, decided_at, user_name, decision,
            from_state, to_state, waste_tracking_id, note, salt, said, sequence, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )
    .bind(row.id)
    .bind(row.revision_id)
    .bind(row.run_id)
    .bind(row.decided_at)
    .bind(decided.user)
    .bind(decided.decision)
    .bind(decided.from)
    .bind(decided.to)
    .bind(decided.waste_tracking_id)
    .bind(decided.note)
    .bind(row.salt.as_deref())
    .bind(row.said.as_deref())
    .bind(sequence)
    .bind(&hash[..])
    .execute()?;
    Ok(())
}

/// A purge, to be added.
#[derive(Debug, Clone, Copy)]
pub(in crate::ledger) struct Purge<'a> {
    pub(in crate::ledger) id: i64,
    pub(in crate::ledger) run: i64,
    pub(in crate::ledger) purged_at: i64,
    pub(in crate::ledger) user: &'a str,
    pub(in crate::ledger) before: &'a str,
    pub(in crate::ledger) revisions: i64,
    pub(in crate::ledger) records: i64,
    pub(in crate::ledger) digest: Hash,
}

/// Adds a purge.
pub(in crate::ledger) fn insert_purge(
    tx: &Transaction<'_>,
    chain: &mut Chain,
    purge: &Purge<'_>,
) -> Result<()> {
    let row = PurgeRow {
        id: purge.id,
        run_id: purge.run,
        purged_at: purge.purged_at,
        user_name: bytes(purge.user),
        before_day: bytes(purge.before),
        revisions: purge.revisions,
        records: purge.records,
        digest: drawn(purge.digest),
        sequence: None,
        hash: None,
    };
    let (sequence, hash) = chain.link(|sequence| row.canonical(sequence));
    query(
        tx,
        "INSERT INTO purge (id, run_id, purged_at, user_name, before_day, revisions, records,
            digest, sequence, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .bind(row.id)
    .bind(row.run_id)
    .bind(row.purged_at)
    .bind(purge.user)
    .bind(purge.before)
    .bind(row.revisions)
    .bind(row.records)
    .bind(&*row.digest)
    .bind(sequence)
    .bind(&hash[..])
    .execute()?;
    Ok(())
}

/// Adds a file as its row is now, with the digests of the readings and of the records without a
/// reference that it brought.
pub(in crate::ledger) fn chain_file(
    tx: &Transaction<'_>,
    chain: &mut Chain,
    file: i64,
    readings: Digest,
    records: Digest,
) -> Result<()> {
    let row: FileRow<Vec<u8>> = query(tx, FILES).bind(file - 1).bind(1_i64).one()?;
    let (readings, records) = (readings.finish(), records.finish());
    let entry = chain.link(|sequence| row.canonical(&readings, &records, sequence));
    let sql = "UPDATE file SET sequence = ?2, hash = ?3 WHERE id = ?1";
    set_place(tx, sql, row.id, entry)
}

/// Adds the end of a run as its row is now.
pub(in crate::ledger) fn chain_run(
    tx: &Transaction<'_>,
    chain: &mut Chain,
    run: i64,
) -> Result<()> {
    let row: RunRow<Vec<u8>> = query(tx, RUNS).bind(run - 1).bind(1_i64).one()?;
    let entry = chain.link(|sequence| row.canonical(sequence));
    set_place(tx, "UPDATE run SET sequence = ?2, hash = ?3 WHERE id = ?1", row.id, entry)
}

/// Gives a row its place in the chain.
pub(super) fn set_place(
    tx: &Transaction<'_>,
    sql: &'static str,
    id: i64,
    (sequence, hash): (i64, Hash),
) -> Result<()> {
    query(tx, sql).bind(id).bind(sequence).bind(&hash[..]).execute()?;
    Ok(())
}
