//! Canonical forms: values with their types and lengths, so that no two rows have the same one.

use sha2::{Digest as _, Sha256};

use super::super::statement::rows;
use super::super::{LedgerError, Result};
use crate::finding::Finding;
use crate::movement::lasting;

/// SHA-256.
pub(in crate::ledger) type Hash = [u8; 32];

/// A row's values one after the other: `0` for none; `1` and eight bytes for an integer; `2`
/// (text) or `3` (bytes), the length in eight bytes, and the bytes. Integers are big-endian, in
/// two's complement.
#[derive(Debug)]
pub(super) struct Canonical(Vec<u8>);

impl Canonical {
    /// A form begins with the name of what it is of.
    pub(super) fn of(kind: &str) -> Self {
        let mut form = Canonical(Vec::with_capacity(512));
        form.text(kind.as_bytes());
        form
    }

    pub(super) fn int(&mut self, value: i64) -> &mut Self {
        self.0.push(1);
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub(super) fn text(&mut self, text: &[u8]) -> &mut Self {
        self.bytes(2, text)
    }

    pub(super) fn blob(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes(3, bytes)
    }

    pub(super) fn maybe_int(&mut self, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.int(value),
            None => self.none(),
        }
    }

    pub(super) fn maybe_text(&mut self, text: Option<&[u8]>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.none(),
        }
    }

    pub(super) fn maybe_blob(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        match bytes {
            Some(bytes) => self.blob(bytes),
            None => self.none(),
        }
    }

    fn none(&mut self) -> &mut Self {
        self.0.push(0);
        self
    }

    fn bytes(&mut self, kind: u8, bytes: &[u8]) -> &mut Self {
        self.0.push(kind);
        self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    /// The hash of the form alone.
    pub(super) fn hash(&self) -> Hash {
        Sha256::digest(&self.0).into()
    }

    /// The hash of an entry behind another one, or of a commitment behind its salt.
    pub(super) fn after(&self, before: &[u8]) -> Hash {
        Sha256::new().chain_update(before).chain_update(&self.0).finalize().into()
    }
}

/// What the first entry stands behind: a chain belongs to one ledger.
pub(super) fn genesis(uuid: &[u8], created_at: i64, created_by: &[u8]) -> Hash {
    Canonical::of("ledger").text(uuid).int(created_at).text(created_by).hash()
}

/// What a content was read as.
#[derive(Debug, Clone, Copy)]
pub(in crate::ledger) struct Reading<'a> {
    pub(in crate::ledger) environment: i64,
    pub(in crate::ledger) api_code: &'a [u8],
    pub(in crate::ledger) site: &'a [u8],
    pub(in crate::ledger) reference: &'a [u8],
    pub(in crate::ledger) why: &'a [u8],
    pub(in crate::ledger) file: i64,
    pub(in crate::ledger) line: i64,
    pub(in crate::ledger) run: i64,
    pub(in crate::ledger) received_at: Option<i64>,
    pub(in crate::ledger) received_on: Option<&'a [u8]>,
    pub(in crate::ledger) content_hash: &'a [u8],
    pub(in crate::ledger) lasting_hash: Option<&'a [u8]>,
    pub(in crate::ledger) source_hash: Option<&'a Hash>,
}

/// The hash of all that was known of a content when it was read.
pub(in crate::ledger) fn reading_hash(reading: &Reading<'_>) -> Hash {
    Canonical::of("reading")
        .int(reading.environment)
        .text(reading.api_code)
        .text(reading.site)
        .text(reading.reference)
        .text(reading.why)
        .int(reading.file)
        .int(reading.line)
        .int(reading.run)
        .maybe_int(reading.received_at)
        .maybe_text(reading.received_on)
        .blob(reading.content_hash)
        .maybe_blob(reading.lasting_hash)
        .maybe_blob(reading.source_hash.map(|hash| &hash[..]))
        .hash()
}

/// The same of a record that has no usable reference.
pub(in crate::ledger) fn record_hash(
    line: i64,
    content_hash: &[u8],
    source_hash: Option<&Hash>,
) -> Hash {
    Canonical::of("record")
        .int(line)
        .blob(content_hash)
        .maybe_blob(source_hash.map(|hash| &hash[..]))
        .hash()
}

/// What the history has of source rows: the hash of what they are set in, and theirs.
pub(in crate::ledger) fn source_hash(layout_hash: &[u8], rows_hash: &[u8]) -> Hash {
    Canonical::of("source").blob(layout_hash).blob(rows_hash).hash()
}

/// SHA-256 over what stays of a payload when personal data is purged.
pub(in crate::ledger) fn lasting_hash(payload: &[u8]) -> Hash {
    Sha256::digest(lasting(payload)).into()
}

/// A digest over rows, in the order of their IDs: each ID in eight bytes, and the row's hash.
#[derive(Debug, Clone, Default)]
pub(in crate::ledger) struct Digest(Sha256);

impl Digest {
    /// Adds the next row.
    pub(in crate::ledger) fn add(&mut self, id: i64, hash: &[u8]) {
        self.0.update(id.to_be_bytes());
        self.0.update(hash);
    }

    /// The digest of all that was added.
    pub(in crate::ledger) fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

rows! {
    /// A finding of an answer, as far as it is in the chain.
    pub(super) Said {
        pub(super) id: i64,
        pub(super) attempt_id: i64,
        pub(super) revision_id: Option<i64>,
        severity: Vec<u8>,
        key: Vec<u8>,
        error_type: Vec<u8>,
        message: Vec<u8>,
        line: Option<i64>,
        column_number: Option<i64>,
        column_name: Option<Vec<u8>>,
        sheet: Option<Vec<u8>>,
    }
}

impl From<&Finding> for Said {
    fn from(finding: &Finding) -> Self {
        let place = finding.place.as_ref();
        Said {
            id: 0,
            attempt_id: 0,
            revision_id: None,
            severity: finding.severity.as_str().into(),
            key: finding.key.as_bytes().into(),
            error_type: finding.error_type.as_str().into(),
            message: finding.message.as_bytes().into(),
            line: place.map(|place| place.line.cast_signed()),
            column_number: place.and_then(|place| place.column).map(u64::cast_signed),
            column_name: place.and_then(|p| p.column_name.as_deref()).map(Into::into),
            sheet: place.and_then(|place| place.sheet.as_deref()).map(Into::into),
        }
    }
}

/// The hash of findings but for their messages; none where there are none.
pub(super) fn findings_hash(findings: &[Said]) -> Option<Hash> {
    if findings.is_empty() {
        return None;
    }
    let mut form = Canonical::of("findings");
    for said in findings {
        form.text(&said.severity)
            .text(&said.key)
            .text(&said.error_type)
            .maybe_int(said.line)
            .maybe_int(said.column_number)
            .maybe_text(said.column_name.as_deref())
            .maybe_text(said.sheet.as_deref());
    }
    Some(form.hash())
}

/// The commitment to what an answer said in words.
pub(super) fn said_commitment(salt: &[u8], detail: Option<&[u8]>, findings: &[Said]) -> Hash {
    let mut form = Canonical::of("said");
    form.maybe_text(detail);
    for said in findings {
        form.text(&said.message);
    }
    form.after(salt)
}

/// The commitment to what a person said of a decision.
pub(super) fn note_commitment(salt: &[u8], note: &[u8]) -> Hash {
    Canonical::of("note").text(note).after(salt)
}

/// A salt, from the system.
pub(in crate::ledger) fn random_salt() -> Result<[u8; 16]> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)
        .map_err(|error| LedgerError::Refused(format!("no random numbers: {error}")))?;
    Ok(salt)
}
