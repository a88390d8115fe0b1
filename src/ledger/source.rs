//! Source rows: what a record was read from, exactly, beside what was made of it.
//!
//! Rows are kept for as long as the payload is, once for each content: a reading that only repeats
//! what is known keeps none. Most of what a row holds stands in the payload too, so the rows are
//! packed against it. Must not know: what rows mean.

use lz4_flex::block::{compress_prepend_size_with_dict, decompress_size_prepended_with_dict};
use rusqlite::Transaction;
use sha2::{Digest as _, Sha256};

use super::chain::source_hash;
use super::findings::Owner;
use super::salt::{SALT, content_hash};
use super::statement::query;
use super::{LedgerError, Result};

/// Rows that are packed are never longer: a damaged ledger must not take all memory.
const LONGEST: usize = 64 * 1024 * 1024;

const PLAIN: u8 = 0;
const AGAINST_PAYLOAD: u8 = 1;

/// What a file's rows are set in: enough to write such rows again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Layout {
    /// The format that the file was read as, such as `csv`.
    pub format: String,
    /// The encoding of the file, such as `UTF-8`; header and rows are kept as UTF-8 all the same.
    pub encoding: String,
    /// What stands between the cells of a row; empty where there are none.
    pub delimiter: String,
    /// All that stands above the first row, byte order mark and line breaks included.
    pub header: Vec<u8>,
    /// Where in the header the row with the column names begins.
    pub titles_at: usize,
}

impl Layout {
    /// The same layout has the same hash; every part is delimited by its length.
    pub(super) fn hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        let parts = [self.format.as_bytes(), self.encoding.as_bytes(), self.delimiter.as_bytes()];
        for part in parts.into_iter().chain([&self.header[..]]) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.update((self.titles_at as u64).to_le_bytes());
        hasher.finalize().into()
    }
}

/// The source rows of a file on their way into the ledger.
pub(super) struct Sources {
    layout: Option<(i64, [u8; 32])>,
}

/// Rows that are about to be kept: packed, and what they are committed to by.
#[derive(Debug)]
pub(super) struct SealedRows {
    packed: Vec<u8>,
    salt: [u8; SALT],
    hash: [u8; 32],
    /// What the history has of them, and of what they are set in.
    pub(super) commitment: [u8; 32],
}

impl SealedRows {
    /// The rows of a record with this payload, in a file whose layout has this hash.
    pub(super) fn of(rows: &[u8], payload: &[u8], layout: &[u8; 32], salt: [u8; SALT]) -> Self {
        let hash = content_hash(&salt, rows);
        let commitment = source_hash(layout, &hash);
        SealedRows { packed: pack(rows, payload), salt, hash, commitment }
    }
}

impl Sources {
    /// Those of a file with this layout; without one, none are kept.
    pub(super) fn begin(tx: &Transaction<'_>, layout: Option<&Layout>) -> Result<Self> {
        let layout = match layout {
            Some(layout) => Some((layout_id(tx, layout)?, layout.hash())),
            None => None,
        };
        Ok(Sources { layout })
    }

    /// The hash of what the rows are set in.
    pub(super) fn layout(&self) -> Option<[u8; 32]> {
        self.layout.map(|(_, hash)| hash)
    }

    /// Keeps the rows that a new revision, or a record that is no movement, was read from.
    pub(super) fn keep(
        &self,
        tx: &Transaction<'_>,
        owner: Owner,
        rows: Option<&SealedRows>,
    ) -> Result<()> {
        let (Some((layout, _)), Some(rows)) = (self.layout, rows) else { return Ok(()) };
        let (insert, owner) = match owner {
            Owner::Revision(revision, _) => (OF_REVISION, revision),
            Owner::Record(record) => (OF_RECORD, record),
        };
        query(tx, insert)
            .bind(owner)
            .bind(layout)
            .bind(&rows.packed)
            .bind(rows.salt)
            .bind(rows.hash)
            .execute()?;
        Ok(())
    }
}

const OF_REVISION: &str = "INSERT INTO revision_source (revision_id, layout_id, packed, salt, hash)
    VALUES (?, ?, ?, ?, ?)";

const OF_RECORD: &str = "INSERT INTO record_source (record_id, layout_id, packed, salt, hash)
    VALUES (?, ?, ?, ?, ?)";

fn layout_id(tx: &Transaction<'_>, layout: &Layout) -> Result<i64> {
    let (id,): (i64,) = query(
        tx,
        "INSERT INTO layout (hash, format, encoding, delimiter, header, titles_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (hash) DO UPDATE SET header = excluded.header RETURNING id",
    )
    .bind(&layout.hash()[..])
    .bind(&layout.format)
    .bind(&layout.encoding)
    .bind(&layout.delimiter)
    .bind(&layout.header)
    .bind(i64::try_from(layout.titles_at).unwrap_or(i64::MAX))
    .one()?;
    Ok(id)
}

/// Rows in fewer bytes, if that takes fewer.
fn pack(rows: &[u8], payload: &[u8]) -> Vec<u8> {
    let block = compress_prepend_size_with_dict(rows, payload);
    let (kind, bytes) =
        if block.len() < rows.len() { (AGAINST_PAYLOAD, &block[..]) } else { (PLAIN, rows) };
    let mut packed = Vec::with_capacity(1 + bytes.len());
    packed.push(kind);
    packed.extend_from_slice(bytes);
    packed
}

/// The rows again.
pub(super) fn unpack(packed: &[u8], payload: &[u8]) -> Result<Vec<u8>> {
    let damaged = LedgerError::Damaged("source rows cannot be unpacked");
    match packed.split_first() {
        Some((&PLAIN, rows)) => Ok(rows.to_vec()),
        Some((&AGAINST_PAYLOAD, block)) => {
            let length = block.first_chunk().map(|length| u32::from_le_bytes(*length) as usize);
            let Some(length) = length.filter(|length| *length <= LONGEST) else {
                return Err(damaged);
            };
            let rows = decompress_size_prepended_with_dict(block, payload);
            rows.ok().filter(|rows| rows.len() == length).ok_or(damaged)
        }
        _ => Err(damaged),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stands_in_the_payload_takes_little_room() {
        let payload = br#"{"yourUniqueReference":"WB-100231","receiver":{"siteName":"Larkmoor Transfer Station"}}"#;
        let rows = b"WB-100231,Larkmoor Transfer Station\r\n";
        let packed = pack(rows, payload);
        assert!(packed.len() < rows.len(), "{}", packed.len());
        assert_eq!(unpack(&packed, payload).expect("whole"), rows);
    }

    #[test]
    fn damage_is_an_error() {
        let huge = [&[AGAINST_PAYLOAD][..], &u32::MAX.to_le_bytes()].concat();
        for packed in
            [&[][..], &[7, 1, 2], &[AGAINST_PAYLOAD], &[AGAINST_PAYLOAD, 9, 0, 0, 0, 1], &huge]
        {
            assert!(unpack(packed, b"{}").is_err(), "{packed:?}");
        }
    }

    #[test]
    fn layouts_that_differ_have_other_hashes() {
        let layout = Layout {
            format: "csv".into(),
            encoding: "UTF-8".into(),
            delimiter: ",".into(),
            header: b"a,b\n".to_vec(),
            titles_at: 0,
        };
        let others = [
            Layout { format: "jsonl".into(), ..layout.clone() },
            Layout { format: "csvU".into(), encoding: "TF-8".into(), ..layout.clone() },
            Layout { delimiter: ";".into(), ..layout.clone() },
            Layout { header: b"a,b\r\n".to_vec(), ..layout.clone() },
            Layout { titles_at: 1, ..layout.clone() },
        ];
        assert!(others.iter().all(|other| other.hash() != layout.hash()));
        assert_eq!(layout.clone().hash(), layout.hash());
    }

    proptest! {
        #[test]
        fn comes_back_as_it_was(
            rows in proptest::collection::vec(any::<u8>(), 0..300),
            payload in proptest::collection::vec(any::<u8>(), 0..300),
            shared in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let rows = [rows, shared.clone()].concat();
            let payload = [shared, payload].concat();
            prop_assert_eq!(unpack(&pack(&rows, &payload), &payload).expect("whole"), rows);
        }
    }
}
