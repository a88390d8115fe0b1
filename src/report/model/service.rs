//! Who sent what, and what the service answered.

use serde::Serialize;

use super::Millis;

/// A run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunAudit {
    /// Its name.
    pub run: String,
    /// The command.
    pub command: String,
    /// The program's version.
    pub version: String,
    /// Who ran it.
    pub user: String,
    /// Where.
    pub host: String,
    /// When it began.
    pub started_at: Millis,
    /// When it ended; never, if it was killed or goes on.
    pub ended_at: Option<Millis>,
    /// How.
    pub exit_code: Option<i64>,
    /// Requests that it made for these movements.
    pub requests: u64,
    /// Records without a usable reference that it read.
    pub unidentified: u64,
    /// The files that it read.
    pub files: Vec<FileAudit>,
}

/// A file that was read.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileAudit {
    /// Where it lay.
    pub path: String,
    /// When it was read.
    pub read_at: Millis,
    /// How many records it had.
    pub records: u64,
    /// How many of these were invalid.
    pub invalid: u64,
    /// Why nothing of it was admitted, if so.
    pub refusal: Option<String>,
}

/// Answers of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answers {
    /// The HTTP status; none where there was no answer.
    pub status: Option<i64>,
    /// What it meant.
    pub outcome: String,
    /// Why.
    pub reason: String,
    /// How long they took.
    #[serde(flatten)]
    pub latency: Latency,
}

/// How long answers took: nearest ranks, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    /// How many there were.
    pub answers: u64,
    /// Half of them were at least as fast.
    pub median_ms: Option<u64>,
    /// 95 % were.
    pub p95_ms: Option<u64>,
    /// 99 % were.
    pub p99_ms: Option<u64>,
    /// All were.
    pub slowest_ms: Option<u64>,
}

/// How long answers took in the course of a run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Course {
    /// The run's name.
    pub run: String,
    /// When its first request was made.
    pub from: Millis,
    /// How long each slice of it is, in milliseconds.
    pub slice_ms: u64,
    /// The slices.
    pub slices: Vec<Latency>,
}

/// When an operator's service charge expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceCharge {
    /// The operator.
    pub api_code: String,
    /// As the service said it.
    pub expires: String,
    /// Days from the report to that day; none where it is no date.
    pub days_left: Option<i64>,
    /// When it said so.
    pub said_at: Millis,
}
