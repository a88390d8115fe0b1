//! What a run ends with, for programs: the object of `--json`, which the ledger keeps too.

use std::collections::BTreeMap;

use serde::Serialize;

use super::exit::Exit;
use super::repaired;
use super::session::Session;
use crate::drift::Drift;
use crate::ledger::{Head, RunTally};
use crate::reader::RepairTally;

/// The object with which `submit --json` and `retry --json` end.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    run: String,
    read: u64,
    #[serde(flatten)]
    counts: Counts,
    resumed: Counts,
    refused_files: u64,
    /// Of those read, the ones that no earlier run had read.
    new_records: u64,
    contacts_left_out: u64,
    /// How often each kind of repair was needed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    repairs: BTreeMap<&'static str, u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drift: Vec<Drifted>,
    elapsed_seconds: f64,
    exit_code: u8,
}

/// A summary with where the history ends: the ledger keeps the one, and the other is what it keeps
/// it under.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Closed<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    chain_head: &'a str,
    chain_count: i64,
}

impl<'a> Closed<'a> {
    pub(super) fn new(summary: &'a Summary, head: &'a Head) -> Self {
        Closed { summary, chain_head: &head.hash, chain_count: head.count }
    }
}

/// A way in which the service differs from our checks.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Drifted {
    kind: &'static str,
    key: String,
    error_type: String,
    count: u64,
    example: String,
}

impl From<&Drift> for Drifted {
    fn from(drift: &Drift) -> Self {
        Drifted {
            kind: drift.kind.as_str(),
            key: drift.key.clone(),
            error_type: drift.error_type.clone(),
            count: drift.count,
            example: drift.example.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    skipped: u64,
    invalid: u64,
    held: u64,
    withdrawn: u64,
    ready: u64,
    accepted: u64,
    accepted_with_warnings: u64,
    rejected: u64,
    deferred: u64,
    uncertain: u64,
}

impl From<crate::ledger::Tally> for Counts {
    fn from(tally: crate::ledger::Tally) -> Self {
        Counts {
            skipped: tally.skipped,
            invalid: tally.invalid,
            held: tally.held,
            withdrawn: tally.withdrawn,
            ready: tally.ready,
            accepted: tally.accepted,
            accepted_with_warnings: tally.accepted_with_warnings,
            rejected: tally.rejected,
            deferred: tally.deferred,
            uncertain: tally.uncertain,
        }
    }
}

impl Summary {
    pub(super) fn with_new(self, new_records: u64) -> Self {
        Summary { new_records, ..self }
    }

    pub(super) fn new(
        session: &Session,
        tally: &RunTally,
        refused_files: u64,
        drift: &[Drift],
        exit: Exit,
    ) -> Self {
        Summary {
            run: session.run.uuid.clone(),
            read: tally.read.total(),
            counts: tally.read.into(),
            resumed: tally.resumed.into(),
            refused_files,
            new_records: 0,
            contacts_left_out: 0,
            repairs: BTreeMap::new(),
            drift: drift.iter().map(Drifted::from).collect(),
            elapsed_seconds: (session.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0,
            exit_code: exit.code(),
        }
    }

    /// The same with what was repaired in the files of the run.
    pub(super) fn with_repairs(mut self, tally: &RepairTally) -> Self {
        self.repairs = repaired::counts(tally);
        self
    }

    /// The same with how many contacts were left out.
    pub(super) fn with_contacts_left_out(mut self, count: u64) -> Self {
        self.contacts_left_out = count;
        self
    }
}
