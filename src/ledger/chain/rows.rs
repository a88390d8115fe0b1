//! The rows that are entries of the chain, each with its canonical form and the query that reads
//! it. Texts are read as bytes: a changed byte need not leave them UTF-8.

use super::canonical::{Canonical, Hash};

/// What an attempt or a decision is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    pub(super) movement: i64,
    pub(super) reading_hash: Hash,
}

/// A request and its answer.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct AttemptRow {
    pub(super) id: i64,
    pub(super) revision_id: i64,
    pub(super) run_id: i64,
    pub(super) number: i64,
    pub(super) method: Vec<u8>,
    pub(super) sent_to: Option<Vec<u8>>,
    pub(super) started_at: i64,
    pub(super) duration_ms: Option<i64>,
    pub(super) outcome: Vec<u8>,
    pub(super) reason: Vec<u8>,
    pub(super) status: Option<i64>,
    pub(super) waste_tracking_id: Option<Vec<u8>>,
    pub(super) request_id: Option<Vec<u8>>,
    pub(super) service_charge_expiry: Option<Vec<u8>>,
    pub(super) detail: Option<Vec<u8>>,
    pub(super) findings_hash: Option<Vec<u8>>,
    pub(super) salt: Option<Vec<u8>>,
    pub(super) said: Option<Vec<u8>>,
    pub(super) sequence: Option<i64>,
    pub(super) hash: Option<Vec<u8>>,
}

/// Pages of attempts: those after an ID, at most so many.
pub(super) const ATTEMPTS: &str = "SELECT id, revision_id, run_id, number, method, sent_to,
        started_at, duration_ms, outcome, reason, status, waste_tracking_id, request_id,
        service_charge_expiry, detail, findings_hash, salt, said, sequence, hash
    FROM attempt WHERE id > ?1 ORDER BY id LIMIT ?2";

impl AttemptRow {
    pub(super) fn canonical(&self, subject: &Subject, sequence: i64) -> Canonical {
        let mut form = Canonical::of("attempt");
        form.int(sequence)
            .int(self.id)
            .int(self.revision_id)
            .int(subject.movement)
            .blob(&subject.reading_hash)
            .int(self.run_id)
            .int(self.number)
            .text(&self.method)
            .maybe_text(self.sent_to.as_deref())
            .int(self.started_at)
            .maybe_int(self.duration_ms)
            .text(&self.outcome)
            .text(&self.reason)
            .maybe_int(self.status)
            .maybe_text(self.waste_tracking_id.as_deref())
            .maybe_text(self.request_id.as_deref())
            .maybe_text(self.service_charge_expiry.as_deref())
            .maybe_blob(self.findings_hash.as_deref())
            .maybe_blob(self.said.as_deref());
        form
    }
}

/// A decision.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct DecisionRow {
    pub(super) id: i64,
    pub(super) revision_id: i64,
    pub(super) run_id: i64,
    pub(super) decided_at: i64,
    pub(super) user_name: Vec<u8>,
    pub(super) decision: Vec<u8>,
    pub(super) from_state: Vec<u8>,
    pub(super) to_state: Vec<u8>,
    pub(super) waste_tracking_id: Option<Vec<u8>>,
    pub(super) note: Option<Vec<u8>>,
    pub(super) salt: Option<Vec<u8>>,
    pub(super) said: Option<Vec<u8>>,
    pub(super) sequence: Option<i64>,
    pub(super) hash: Option<Vec<u8>>,
}

/// Pages of decisions.
pub(super) const DECISIONS: &str = "SELECT id, revision_id, run_id, decided_at, user_name,
        decision, from_state, to_state, waste_tracking_id, note, salt, said, sequence, hash
    FROM decision WHERE id > ?1 ORDER BY id LIMIT ?2";

impl DecisionRow {
    pub(super) fn canonical(&self, subject: &Subject, sequence: i64) -> Canonical {
        let mut form = Canonical::of("decision");
        form.int(sequence)
            .int(self.id)
            .int(self.revision_id)
            .int(subject.movement)
            .blob(&subject.reading_hash)
            .int(self.run_id)
            .int(self.decided_at)
            .text(&self.user_name)
            .text(&self.decision)
            .text(&self.from_state)
            .text(&self.to_state)
            .maybe_text(self.waste_tracking_id.as_deref())
            .maybe_blob(self.said.as_deref());
        form
    }
}

/// A file that was read.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct FileRow {
    pub(super) id: i64,
    pub(super) run_id: i64,
    pub(super) path: Vec<u8>,
    pub(super) format: Vec<u8>,
    pub(super) size: Option<i64>,
    pub(super) modified_at: Option<i64>,
    pub(super) read_at: i64,
    pub(super) outcome: Vec<u8>,
    pub(super) refusal: Option<Vec<u8>>,
    pub(super) records: i64,
    pub(super) invalid: i64,
    pub(super) sequence: Option<i64>,
    pub(super) hash: Option<Vec<u8>>,
}

/// Pages of files.
pub(super) const FILES: &str =
    "SELECT id, run_id, path, format, size, modified_at, read_at, outcome,
        refusal, records, invalid, sequence, hash
    FROM file WHERE id > ?1 ORDER BY id LIMIT ?2";

impl FileRow {
    /// `readings` and `records` are the digests of what the file brought.
    pub(super) fn canonical(&self, readings: &Hash, records: &Hash, sequence: i64) -> Canonical {
        let mut form = Canonical::of("file");
        form.int(sequence)
            .int(self.id)
            .int(self.run_id)
            .text(&self.path)
            .text(&self.format)
            .maybe_int(self.size)
            .int(self.read_at)
            .text(&self.outcome)
            .maybe_text(self.refusal.as_deref())
            .int(self.records)
            .int(self.invalid)
            .blob(readings)
            .blob(records);
        // Ledgers from before do not have it.
        if let Some(modified_at) = self.modified_at {
            form.int(modified_at);
        }
        form
    }
}

/// A run, with the service that it was for.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct RunRow {
    pub(super) id: i64,
    pub(super) uuid: Vec<u8>,
    pub(super) environment_id: i64,
    pub(super) environment: Option<Vec<u8>>,
    pub(super) api_url: Option<Vec<u8>>,
    pub(super) token_url: Option<Vec<u8>>,
    pub(super) command: Vec<u8>,
    pub(super) version: Vec<u8>,
    pub(super) user_name: Vec<u8>,
    pub(super) host_name: Vec<u8>,
    pub(super) process_id: i64,
    pub(super) started_at: i64,
    pub(super) ended_at: Option<i64>,
    pub(super) exit_code: Option<i64>,
    pub(super) summary: Option<Vec<u8>>,
    pub(super) sequence: Option<i64>,
    pub(super) hash: Option<Vec<u8>>,
}

/// Pages of runs.
pub(super) const RUNS: &str = "SELECT r.id, r.uuid, r.environment_id, e.name AS environment,
        e.api_url, e.token_url, r.command, r.version, r.user_name, r.host_name, r.process_id,
        r.started_at, r.ended_at, r.exit_code, r.summary, r.sequence, r.hash
    FROM run r LEFT JOIN environment e ON e.id = r.environment_id
    WHERE r.id > ?1 ORDER BY r.id LIMIT ?2";

impl RunRow {
    pub(super) fn canonical(&self, sequence: i64) -> Canonical {
        let mut form = Canonical::of("run");
        form.int(sequence)
            .int(self.id)
            .text(&self.uuid)
            .int(self.environment_id)
            .maybe_text(self.environment.as_deref())
            .maybe_text(self.api_url.as_deref())
            .maybe_text(self.token_url.as_deref())
            .text(&self.command)
            .text(&self.version)
            .text(&self.user_name)
            .text(&self.host_name)
            .int(self.process_id)
            .int(self.started_at)
            .maybe_int(self.ended_at)
            .maybe_int(self.exit_code)
            .maybe_text(self.summary.as_deref());
        form
    }
}

/// A purge of personal data.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct PurgeRow {
    pub(super) id: i64,
    pub(super) run_id: i64,
    pub(super) purged_at: i64,
    pub(super) user_name: Vec<u8>,
    pub(super) before_day: Vec<u8>,
    pub(super) revisions: i64,
    pub(super) records: i64,
    pub(super) digest: Vec<u8>,
    pub(super) sequence: Option<i64>,
    pub(super) hash: Option<Vec<u8>>,
}

/// Pages of purges.
pub(super) const PURGES: &str = "SELECT id, run_id, purged_at, user_name, before_day, revisions,
        records, digest, sequence, hash
    FROM purge WHERE id > ?1 ORDER BY id LIMIT ?2";

impl PurgeRow {
    pub(super) fn canonical(&self, sequence: i64) -> Canonical {
        let mut form = Canonical::of("purge");
        form.int(sequence)
            .int(self.id)
            .int(self.run_id)
            .int(self.purged_at)
            .text(&self.user_name)
            .text(&self.before_day)
            .int(self.revisions)
            .int(self.records)
            .blob(&self.digest);
        form
    }
}
