//! What comes from a reader to be admitted, and what the reader is told of it.

use crate::finding::Finding;
use crate::movement::Key;

/// A record as it comes from a reader and the checks.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// What identifies it; none without a usable reference.
    pub key: Option<Key>,
    /// Whether `apiCode` and permit are themselves without fault.
    pub key_is_sure: bool,
    /// The permit as it was written.
    pub authorisation_number: String,
    /// Given where the record is a correction.
    pub waste_tracking_id: Option<String>,
    /// Where it begins in its file.
    pub line: u64,
    /// The request body.
    pub payload: Vec<u8>,
    /// SHA-256 over what of it is not personal data.
    pub lasting_hash: [u8; 32],
    /// What it was read from, exactly.
    pub rows: Vec<u8>,
    /// When the waste was received, in milliseconds since 1970.
    pub received_at: Option<i64>,
    /// The same as a day in London.
    pub received_on: Option<String>,
    /// Whether it came through a pipe: its deadline is another one then.
    pub by_pipe: bool,
    /// What the reader and the checks found.
    pub findings: Vec<Finding>,
    /// The line of an earlier record of this file with the same reference.
    pub repeats: Option<u64>,
}

impl Incoming {
    /// Whether nothing stops it.
    pub fn is_valid(&self) -> bool {
        !self.findings.iter().any(|finding| finding.severity.stops())
    }
}

/// What a reader sends while it reads a file.
#[derive(Debug)]
pub enum Admission {
    /// Some records.
    Records(Vec<Incoming>),
    /// The file was read to its end.
    End,
    /// It could not be, or must not be admitted, for this reason.
    Refuse(String),
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// How many records it had.
    pub records: u64,
    /// How many of them were invalid.
    pub invalid: u64,
    /// How many had known content.
    pub known: u64,
    /// How many are new or changed, and ready to be sent.
    pub ready: u64,
    /// How many wait for a decision.
    pub held: u64,
    /// Why nothing was admitted, if so.
    pub refusal: Option<String>,
}
