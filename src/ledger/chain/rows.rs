//! The rows that are entries of the chain, each with its canonical form and the query that reads
//! it. Texts are read as bytes: a changed byte need not leave them UTF-8.
//!
//! `B` is what bytes are held in: their own room where rows are written, the database's page where
//! a million of them are verified.

use super::super::cells::row;
use super::canonical::{Canonical, Hash};

fn bytes<B: AsRef<[u8]>>(bytes: Option<&B>) -> Option<&[u8]> {
    bytes.map(AsRef::as_ref)
}

/// What an attempt or a decision is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    pub(super) movement: i64,
    pub(super) reading_hash: Hash,
}

row! {
    /// A request and its answer.
    AttemptRow {
        id: i64,
        revision_id: i64,
        run_id: i64,
        number: i64,
        method: B,
        sent_to: Option<B>,
        started_at: i64,
        duration_ms: Option<i64>,
        outcome: B,
        reason: B,
        status: Option<i64>,
        waste_tracking_id: Option<B>,
        request_id: Option<B>,
        service_charge_expiry: Option<B>,
        detail: Option<B>,
        findings_hash: Option<B>,
        salt: Option<B>,
        said: Option<B>,
        sequence: Option<i64>,
        hash: Option<B>,
    }
}

/// Pages of attempts: those after an ID, at most so many.
pub(super) const ATTEMPTS: &str = "SELECT id, revision_id, run_id, number, method, sent_to,
        started_at, duration_ms, outcome, reason, status, waste_tracking_id, request_id,
        service_charge_expiry, detail, findings_hash, salt, said, sequence, hash
    FROM attempt WHERE id > ?1 ORDER BY id LIMIT ?2";

impl<B: AsRef<[u8]>> AttemptRow<B> {
    pub(super) fn canonical(&self, subject: &Subject, sequence: i64) -> Canonical {
        let mut form = Canonical::of("attempt");
        form.int(sequence)
            .int(self.id)
            .int(self.revision_id)
            .int(subject.movement)
            .blob(&subject.reading_hash)
            .int(self.run_id)
            .int(self.number)
            .text(self.method.as_ref())
            .maybe_text(bytes(self.sent_to.as_ref()))
            .int(self.started_at)
            .maybe_int(self.duration_ms)
            .text(self.outcome.as_ref())
            .text(self.reason.as_ref())
            .maybe_int(self.status)
            .maybe_text(bytes(self.waste_tracking_id.as_ref()))
            .maybe_text(bytes(self.request_id.as_ref()))
            .maybe_text(bytes(self.service_charge_expiry.as_ref()))
            .maybe_blob(bytes(self.findings_hash.as_ref()))
            .maybe_blob(bytes(self.said.as_ref()));
        form
    }
}

row! {
    /// A decision.
    DecisionRow {
        id: i64,
        revision_id: i64,
        run_id: i64,
        decided_at: i64,
        user_name: B,
        decision: B,
        from_state: B,
        to_state: B,
        waste_tracking_id: Option<B>,
        note: Option<B>,
        salt: Option<B>,
        said: Option<B>,
        sequence: Option<i64>,
        hash: Option<B>,
    }
}

/// Pages of decisions.
pub(super) const DECISIONS: &str = "SELECT id, revision_id, run_id, decided_at, user_name,
        decision, from_state, to_state, waste_tracking_id, note, salt, said, sequence, hash
    FROM decision WHERE id > ?1 ORDER BY id LIMIT ?2";

impl<B: AsRef<[u8]>> DecisionRow<B> {
    pub(super) fn canonical(&self, subject: &Subject, sequence: i64) -> Canonical {
        let mut form = Canonical::of("decision");
        form.int(sequence)
            .int(self.id)
            .int(self.revision_id)
            .int(subject.movement)
            .blob(&subject.reading_hash)
            .int(self.run_id)
            .int(self.decided_at)
            .text(self.user_name.as_ref())
            .text(self.decision.as_ref())
            .text(self.from_state.as_ref())
            .text(self.to_state.as_ref())
            .maybe_text(bytes(self.waste_tracking_id.as_ref()))
            .maybe_blob(bytes(self.said.as_ref()));
        form
    }
}

row! {
    /// A file that was read.
    FileRow {
        id: i64,
        run_id: i64,
        path: B,
        format: B,
        size: Option<i64>,
        modified_at: Option<i64>,
        read_at: i64,
        outcome: B,
        refusal: Option<B>,
        records: i64,
        invalid: i64,
        sequence: Option<i64>,
        hash: Option<B>,
    }
}

/// Pages of files.
pub(super) const FILES: &str =
    "SELECT id, run_id, path, format, size, modified_at, read_at, outcome,
        refusal, records, invalid, sequence, hash
    FROM file WHERE id > ?1 ORDER BY id LIMIT ?2";

impl<B: AsRef<[u8]>> FileRow<B> {
    /// `readings` and `records` are the digests of what the file brought.
    pub(super) fn canonical(&self, readings: &Hash, records: &Hash, sequence: i64) -> Canonical {
        let mut form = Canonical::of("file");
        form.int(sequence)
            .int(self.id)
            .int(self.run_id)
            .text(self.path.as_ref())
            .text(self.format.as_ref())
            .maybe_int(self.size)
            .int(self.read_at)
            .text(self.outcome.as_ref())
            .maybe_text(bytes(self.refusal.as_ref()))
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

row! {
    /// A run, with the service that it was for.
    RunRow {
        id: i64,
        uuid: B,
        environment_id: i64,
        environment: Option<B>,
        api_url: Option<B>,
        token_url: Option<B>,
        command: B,
        version: B,
        user_name: B,
        host_name: B,
        process_id: i64,
        started_at: i64,
        ended_at: Option<i64>,
        exit_code: Option<i64>,
        summary: Option<B>,
        sequence: Option<i64>,
        hash: Option<B>,
    }
}

/// Pages of runs.
pub(super) const RUNS: &str = "SELECT r.id, r.uuid, r.environment_id, e.name AS environment,
        e.api_url, e.token_url, r.command, r.version, r.user_name, r.host_name, r.process_id,
        r.started_at, r.ended_at, r.exit_code, r.summary, r.sequence, r.hash
    FROM run r LEFT JOIN environment e ON e.id = r.environment_id
    WHERE r.id > ?1 ORDER BY r.id LIMIT ?2";

impl<B: AsRef<[u8]>> RunRow<B> {
    pub(super) fn canonical(&self, sequence: i64) -> Canonical {
        let mut form = Canonical::of("run");
        form.int(sequence)
            .int(self.id)
            .text(self.uuid.as_ref())
            .int(self.environment_id)
            .maybe_text(bytes(self.environment.as_ref()))
            .maybe_text(bytes(self.api_url.as_ref()))
            .maybe_text(bytes(self.token_url.as_ref()))
            .text(self.command.as_ref())
            .text(self.version.as_ref())
            .text(self.user_name.as_ref())
            .text(self.host_name.as_ref())
            .int(self.process_id)
            .int(self.started_at)
            .maybe_int(self.ended_at)
            .maybe_int(self.exit_code)
            .maybe_text(bytes(self.summary.as_ref()));
        form
    }
}

row! {
    /// A purge of personal data.
    PurgeRow {
        id: i64,
        run_id: i64,
        purged_at: i64,
        user_name: B,
        before_day: B,
        revisions: i64,
        records: i64,
        digest: B,
        sequence: Option<i64>,
        hash: Option<B>,
    }
}

/// Pages of purges.
pub(super) const PURGES: &str = "SELECT id, run_id, purged_at, user_name, before_day, revisions,
        records, digest, sequence, hash
    FROM purge WHERE id > ?1 ORDER BY id LIMIT ?2";

impl<B: AsRef<[u8]>> PurgeRow<B> {
    pub(super) fn canonical(&self, sequence: i64) -> Canonical {
        let mut form = Canonical::of("purge");
        form.int(sequence)
            .int(self.id)
            .int(self.run_id)
            .int(self.purged_at)
            .text(self.user_name.as_ref())
            .text(self.before_day.as_ref())
            .int(self.revisions)
            .int(self.records)
            .blob(self.digest.as_ref());
        form
    }
}
