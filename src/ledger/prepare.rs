//! What can be worked out of a record before the ledger is asked: salts, hashes, packed rows.
//!
//! It goes on on a thread of its own, so that the one that writes does nothing else. Must not know:
//! what the ledger holds.

use tokio::sync::mpsc::{Receiver, channel};

use super::Result;
use super::chain::{Hash, Reading, reading_hash};
use super::incoming::{Admission, Incoming};
use super::salt::{SALT, Salts, content_hash};
use super::source::SealedRows;
use crate::submission::Why;

/// So many batches may wait for the ledger.
const AHEAD: usize = 2;

/// What is the same for all records of a file, as far as their hashes go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) environment: i64,
    pub(super) file: i64,
    pub(super) run: i64,
    /// The hash of what the rows are set in; without it they are not kept.
    pub(super) layout: Option<Hash>,
}

/// A record with what commits to it, should it be written.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) incoming: Incoming,
    pub(super) seal: Seal,
}

/// What commits to a record.
#[derive(Debug)]
pub(super) struct Seal {
    pub(super) salt: [u8; SALT],
    /// Over the salt and the payload.
    pub(super) content: Hash,
    /// Its rows, if they are kept.
    pub(super) rows: Option<SealedRows>,
    /// What the history knows it by, if it is simply read.
    pub(super) reading: Hash,
}

/// The same as an [`Admission`], prepared.
#[derive(Debug)]
pub(super) enum Batch {
    Records(Vec<Prepared>),
    End,
    Refuse(String),
}

impl Frame {
    fn prepare(&self, mut incoming: Incoming, salts: &mut Salts) -> Result<Prepared> {
        let salt = salts.next()?;
        let content = content_hash(&salt, &incoming.payload);
        let rows = std::mem::take(&mut incoming.rows);
        let rows = match self.layout.filter(|_| !rows.is_empty()) {
            Some(layout) => Some(SealedRows::of(&rows, &incoming.payload, &layout, salts.next()?)),
            None => None,
        };
        let reading = self.reading_hash(&incoming, Why::Read, &content, rows.as_ref());
        Ok(Prepared { incoming, seal: Seal { salt, content, rows, reading } })
    }

    /// What the history knows a reading by.
    pub(super) fn reading_hash(
        &self,
        incoming: &Incoming,
        why: Why,
        content: &Hash,
        rows: Option<&SealedRows>,
    ) -> Hash {
        let key = incoming.key.as_ref();
        reading_hash(&Reading {
            environment: self.environment,
            api_code: key.map_or(&[], |key| key.api_code.as_bytes()),
            site: key.map_or(&[], |key| key.site.as_bytes()),
            reference: key.map_or(&[], |key| key.reference.as_bytes()),
            why: why.as_str().as_bytes(),
            file: self.file,
            line: incoming.line.cast_signed(),
            run: self.run,
            received_at: incoming.received_at,
            received_on: incoming.received_on.as_deref().map(str::as_bytes),
            content_hash: content,
            lasting_hash: Some(&incoming.lasting_hash),
            source_hash: rows.map(|rows| &rows.commitment),
        })
    }
}

/// Prepares what a reader sends, a few batches ahead of the ledger.
pub(super) fn prepare(frame: Frame, mut records: Receiver<Admission>) -> Receiver<Result<Batch>> {
    let (to_ledger, prepared) = channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut salts = Salts::default();
        while let Some(admission) = records.blocking_recv() {
            let batch = match admission {
                Admission::End => Ok(Batch::End),
                Admission::Refuse(reason) => Ok(Batch::Refuse(reason)),
                Admission::Records(records) => records
                    .into_iter()
                    .map(|incoming| frame.prepare(incoming, &mut salts))
                    .collect::<Result<_>>()
                    .map(Batch::Records),
            };
            // If nobody listens any more, the ledger has said why.
            if to_ledger.blocking_send(batch).is_err() {
                return;
            }
        }
    });
    prepared
}
