//! A ledger from before there were chains: its history is chained once, as it stands.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction};

use super::super::Result;
use super::super::salt::content_hash;
use super::super::statement::{query, rows};
use super::super::worker::begin;
use super::Chain;
use super::canonical::{
    Digest, Hash, Reading, Said, findings_hash, genesis, lasting_hash, note_commitment,
    random_salt, reading_hash, record_hash, said_commitment, source_hash,
};
use super::pages::{Pages, Row, SAID};
use super::rows::{ATTEMPTS, AttemptRow, DECISIONS, DecisionRow, FILES, FileRow, RUNS, RunRow};
use super::write::{chain_file, chain_run, set_place, subject};
use crate::submission::Reason;

/// Gives a ledger the beginning of its chain, and chains what it has. Returns how many entries
/// that made; none where it has a chain already.
pub(in crate::ledger) fn adopt(connection: &mut Connection) -> Result<Option<i64>> {
    let (uuid, created_at, created_by, head): (Vec<u8>, i64, Vec<u8>, Option<Vec<u8>>) =
        query(connection, "SELECT uuid, created_at, created_by, chain_head FROM ledger").one()?;
    if head.is_some() {
        return Ok(None);
    }
    let tx = begin(connection)?;
    let head = genesis(&uuid, created_at, &created_by);
    let mut chain = Chain { count: 0, head, last_attempt: 0, last_decision: 0 };
    let mut readings = seal_readings(&tx)?;
    let mut records = seal_records(&tx)?;
    let mut runs = Pages::<RunRow<Vec<u8>>>::of(RUNS);
    let mut files = Pages::<FileRow<Vec<u8>>>::of(FILES);
    let mut decisions = Pages::<DecisionRow<Vec<u8>>>::of(DECISIONS);
    let mut attempts = Pages::<AttemptRow<Vec<u8>>>::of(ATTEMPTS);
    let mut said = Pages::<Said>::of(SAID);
    while let Some(run) = runs.next(&tx)? {
        // A run settles what was left over, then reads files, then decides, then sends.
        while let Some(row) = attempts.peek(&tx)? {
            let is_left_over = row.reason == Reason::Interrupted.as_str().as_bytes();
            if row.run_id > run.id || !is_left_over {
                break;
            }
            chain_attempt(&tx, &mut chain, &mut attempts, &mut said)?;
        }
        while files.peek(&tx)?.is_some_and(|row| row.run_id <= run.id) {
            let Some(file) = files.next(&tx)? else { break };
            let readings = readings.remove(&file.id).unwrap_or_default();
            let records = records.remove(&file.id).unwrap_or_default();
            chain_file(&tx, &mut chain, file.id, readings, records)?;
        }
        while decisions.peek(&tx)?.is_some_and(|row| row.run_id <= run.id) {
            chain_decision(&tx, &mut chain, &mut decisions)?;
        }
        while attempts.peek(&tx)?.is_some_and(|row| row.run_id <= run.id) {
            chain_attempt(&tx, &mut chain, &mut attempts, &mut said)?;
        }
        if run.ended_at.is_some() {
            chain_run(&tx, &mut chain, run.id)?;
        }
    }
    let count = chain.count;
    chain.save(&tx)?;
    tx.commit()?;
    Ok(Some(count))
}

rows! {
    Unsealed {
        id: i64,
        environment_id: i64,
        api_code: String,
        site: String,
        reference: String,
        why: String,
        file_id: i64,
        line: i64,
        created_run_id: i64,
        received_at: Option<i64>,
        received_on: Option<String>,
        content_hash: Vec<u8>,
        payload: Option<Vec<u8>>,
        layout_hash: Option<Vec<u8>>,
        rows_hash: Option<Vec<u8>>,
    }
}

/// What is chained of source rows, where there are any.
fn source(layout: Option<&[u8]>, rows: Option<&[u8]>) -> Option<Hash> {
    Some(source_hash(layout?, rows?))
}

impl Row for Unsealed {
    fn id(&self) -> i64 {
        self.id
    }
}

const UNSEALED: &str = "SELECT r.id, o.environment_id, o.api_code, m.site, m.reference, r.why,
        r.file_id, r.line, r.created_run_id, r.received_at, r.received_on, r.content_hash,
        r.payload, l.hash AS layout_hash, s.hash AS rows_hash
    FROM revision r JOIN movement m ON m.id = r.movement_id
    JOIN operator o ON o.id = r.operator_id
    LEFT JOIN revision_source s ON s.revision_id = r.id LEFT JOIN layout l ON l.id = s.layout_id
    WHERE r.id > ?1 ORDER BY r.id LIMIT ?2";

/// Gives every revision its hashes, and every file the digest of its readings.
fn seal_readings(tx: &Transaction<'_>) -> Result<HashMap<i64, Digest>> {
    let mut digests: HashMap<i64, Digest> = HashMap::new();
    let mut pages = Pages::<Unsealed>::of(UNSEALED);
    while let Some(row) = pages.next(tx)? {
        let lasting = row.payload.as_deref().map(lasting_hash);
        let hash = reading_hash(&Reading {
            environment: row.environment_id,
            api_code: row.api_code.as_bytes(),
            site: row.site.as_bytes(),
            reference: row.reference.as_bytes(),
            why: row.why.as_bytes(),
            file: row.file_id,
            line: row.line,
            run: row.created_run_id,
            received_at: row.received_at,
            received_on: row.received_on.as_deref().map(str::as_bytes),
            content_hash: &row.content_hash,
            lasting_hash: lasting.as_ref().map(|hash| &hash[..]),
            source_hash: source(row.layout_hash.as_deref(), row.rows_hash.as_deref()).as_ref(),
        });
        query(tx, "UPDATE revision SET lasting_hash = ?2, reading_hash = ?3 WHERE id = ?1")
            .bind(row.id)
            .bind(lasting.map(Vec::from))
            .bind(&hash[..])
            .execute()?;
        digests.entry(row.file_id).or_default().add(row.id, &hash);
    }
    Ok(digests)
}

/// The same for records without a usable reference.
fn seal_records(tx: &Transaction<'_>) -> Result<HashMap<i64, Digest>> {
    type Record = (i64, i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);
    let rows: Vec<Record> = query(
        tx,
        "SELECT u.id, u.file_id, u.line, u.payload, l.hash, s.hash FROM unidentified u
         LEFT JOIN record_source s ON s.record_id = u.id LEFT JOIN layout l ON l.id = s.layout_id
         ORDER BY u.id",
    )
    .all()?;
    let mut digests: HashMap<i64, Digest> = HashMap::new();
    for (id, file, line, payload, layout, source_rows) in rows {
        let salt = random_salt()?;
        let hash = content_hash(&salt, &payload.unwrap_or_default());
        query(tx, "UPDATE unidentified SET salt = ?2, content_hash = ?3 WHERE id = ?1")
            .bind(id)
            .bind(&salt[..])
            .bind(&hash[..])
            .execute()?;
        let source = source(layout.as_deref(), source_rows.as_deref());
        let record = record_hash(line, &hash, source.as_ref());
        digests.entry(file).or_default().add(id, &record);
    }
    Ok(digests)
}

fn chain_attempt(
    tx: &Transaction<'_>,
    chain: &mut Chain,
    attempts: &mut Pages<AttemptRow<Vec<u8>>>,
    said: &mut Pages<Said>,
) -> Result<()> {
    let Some(mut row) = attempts.next(tx)? else { return Ok(()) };
    let findings = said.of_attempt(tx, row.id)?;
    row.findings_hash = findings_hash(&findings).map(Vec::from);
    if row.detail.is_some() || !findings.is_empty() {
        let salt = random_salt()?;
        let commitment = said_commitment(&salt, row.detail.as_deref(), &findings);
        row.salt = Some(salt.to_vec());
        row.said = Some(commitment.to_vec());
        query(tx, "UPDATE attempt SET findings_hash = ?2, salt = ?3, said = ?4 WHERE id = ?1")
            .bind(row.id)
            .bind(&row.findings_hash)
            .bind(&row.salt)
            .bind(&row.said)
            .execute()?;
    }
    let subject = subject(tx, row.revision_id)?;
    let entry = chain.link(|sequence| row.canonical(&subject, sequence));
    let sql = "UPDATE attempt SET sequence = ?2, hash = ?3 WHERE id = ?1";
    set_place(tx, sql, row.id, entry)
}

fn chain_decision(
    tx: &Transaction<'_>,
    chain: &mut Chain,
    decisions: &mut Pages<DecisionRow<Vec<u8>>>,
) -> Result<()> {
    let Some(mut row) = decisions.next(tx)? else { return Ok(()) };
    if let Some(note) = &row.note {
        let salt = random_salt()?;
        row.said = Some(note_commitment(&salt, note).to_vec());
        row.salt = Some(salt.to_vec());
        query(tx, "UPDATE decision SET salt = ?2, said = ?3 WHERE id = ?1")
            .bind(row.id)
            .bind(&row.salt)
            .bind(&row.said)
            .execute()?;
    }
    let subject = subject(tx, row.revision_id)?;
    let entry = chain.link(|sequence| row.canonical(&subject, sequence));
    let sql = "UPDATE decision SET sequence = ?2, hash = ?3 WHERE id = ?1";
    set_place(tx, sql, row.id, entry)
}
