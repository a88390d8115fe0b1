//! A file on its way into the ledger: reader, checks, admission.
//!
//! The file is read on a thread of its own and goes in batches to the ledger, which stages them
//! while they come: memory stays flat whatever the size of the file. Must not know: the network,
//! terminals.

mod archive;
mod folder;
mod foresee;
mod judge;
mod standing;

pub use archive::put_away;
pub use folder::{Folder, unfinished};
pub use foresee::Fate;
use judge::is_by_pipe;
pub use judge::{Checks, Judge, Policy};
pub use standing::Standing;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::{Sender, channel};

use crate::finding::Finding;
use crate::ledger::{Admission, Admitted, FileFacts, Incoming, Layout, Ledger, LedgerError, Run};
use crate::movement::{Movement, leave_out_contacts, without_personal_data};
use crate::reader::{Defaults, Format, ReadError, Reader, Record, RepairTally};
use crate::submission::OnChange;
use crate::{calendar, checks};

/// How many records go to the ledger at a time.
const BATCH: usize = 64;
/// A file has too many invalid movements only if it has so many at least.
const INVALID_AT_LEAST: u64 = 20;

/// Where records come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, of the format that its name tells or that is given.
    File(PathBuf, Option<Format>),
    /// Standard input.
    StandardInput(Format),
}

/// How files are taken in.
#[derive(Debug, Clone)]
pub struct Intake {
    /// What stands in for values that a file leaves out.
    pub defaults: Defaults,
    /// What other content for an accepted movement becomes.
    pub on_change: OnChange,
    /// With more invalid movements than this, in percent, nothing of a file is admitted.
    pub max_invalid: u8,
    /// What a record is judged by.
    pub policy: Policy,
    /// Whether contacts that the API does not ask for are sent.
    pub contacts: Contacts,
}

/// What becomes of contacts that the API does not ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Contacts {
    /// They are sent.
    #[default]
    Send,
    /// They are left out: no personal data belongs into the test environment.
    LeaveOut,
}

/// How far the reading is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Records read.
    pub records: Arc<AtomicU64>,
    /// Bytes read.
    pub bytes: Arc<AtomicU64>,
    /// Contacts that were left out.
    pub contacts: Arc<AtomicU64>,
    /// What was repaired, once the file is read.
    repaired: Arc<Mutex<RepairTally>>,
}

impl Progress {
    /// What was repaired in the file; nothing before its end.
    pub fn repaired(&self) -> RepairTally {
        self.repaired.lock().map(|tally| tally.clone()).unwrap_or_default()
    }

    /// Notes how far a reader is, and what it has repaired.
    fn note(&self, reader: &Reader) {
        self.records.store(reader.records(), Ordering::Relaxed);
        self.bytes.store(reader.position(), Ordering::Relaxed);
        if let Ok(mut tally) = self.repaired.lock() {
            *tally = reader.repaired();
        }
    }
}

impl Source {
    /// What people call it.
    pub fn name(&self) -> String {
        match self {
            Source::File(path, _) => path.display().to_string(),
            Source::StandardInput(_) => "standard input".to_owned(),
        }
    }

    /// Opens it.
    pub fn open(&self, defaults: Defaults) -> Result<Reader, ReadError> {
        match self {
            Source::File(path, format) => Reader::open(path, *format, defaults),
            Source::StandardInput(format) => {
                Reader::new(std::io::stdin(), *format, self.name(), defaults)
            }
        }
    }

    /// Its place as the ledger keeps it: an absolute path, so that it can be found a year later.
    pub fn place(&self) -> String {
        match self {
            Source::File(path, _) => {
                std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string()
            }
            Source::StandardInput(_) => self.name(),
        }
    }

    /// Its size in bytes, and when it was last changed (milliseconds since 1970), unless it comes
    /// through a pipe.
    pub fn stamp(&self) -> (Option<u64>, Option<i64>) {
        let Source::File(path, _) = self else { return (None, None) };
        let Ok(about) = std::fs::metadata(path) else { return (None, None) };
        let modified = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        (Some(about.len()), modified.map(Timestamp::as_millisecond))
    }

    /// What the ledger keeps of it and its reader.
    fn facts(&self, reader: &Reader) -> FileFacts {
        let (size, modified_at) = self.stamp();
        let layout = layout(reader);
        let format = layout.format.clone();
        FileFacts { path: self.place(), format, size, modified_at, layout: Some(layout) }
    }
}

impl Intake {
    /// Reads one file into the ledger. A file that cannot be opened is the caller's to report: it
    /// never became a file of the run.
    pub async fn admit(
        &self,
        ledger: &Ledger,
        run: &Run,
        source: &Source,
        progress: &Progress,
    ) -> Result<Admitted, IntakeError> {
        let reader = source.open(self.defaults.clone())?.with_codes(self.policy.codes);
        let (to_ledger, batches) = channel(4);
        let facts = source.facts(&reader);
        let (intake, progress) = (self.clone(), progress.clone());
        let reading =
            tokio::task::spawn_blocking(move || intake.read(reader, &to_ledger, &progress));
        let admitted = Box::pin(ledger.admit(run, &facts, self.on_change, batches)).await;
        // The reader ends when the ledger does; a panic in it has refused the file already.
        let _ = reading.await;
        Ok(admitted?)
    }

    /// Runs on a thread of its own.
    fn read(&self, mut reader: Reader, to_ledger: &Sender<Admission>, progress: &Progress) {
        let mut judge = Judge::new(self.policy);
        let mut batch = Vec::with_capacity(BATCH);
        let mut invalid: u64 = 0;
        let end = loop {
            let incoming = match reader.next_record() {
                Ok(Some(record)) => {
                    incoming(&record, judge.judge(&record), self.contacts, progress)
                }
                Ok(None) => {
                    let refusal = self.too_many(reader.records(), invalid);
                    break refusal.map_or(Admission::End, Admission::Refuse);
                }
                Err(error) => break Admission::Refuse(error.problem.to_string()),
            };
            invalid += u64::from(!incoming.is_valid());
            batch.push(incoming);
            if batch.len() == BATCH {
                progress.records.store(reader.records(), Ordering::Relaxed);
                progress.bytes.store(reader.position(), Ordering::Relaxed);
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                if to_ledger.blocking_send(Admission::Records(full)).is_err() {
                    return;
                }
            }
        };
        progress.note(&reader);
        // If nobody listens any more, the ledger has said why.
        if to_ledger.blocking_send(Admission::Records(batch)).is_ok() {
            let _ = to_ledger.blocking_send(end);
        }
    }

    /// Why nothing of a file is admitted, if it has too many invalid movements.
    fn too_many(&self, records: u64, invalid: u64) -> Option<String> {
        let too_many = invalid >= INVALID_AT_LEAST
            && invalid.saturating_mul(100) > records.saturating_mul(u64::from(self.max_invalid));
        too_many.then(|| {
            format!(
                "{invalid} of its {records} movements are invalid, more than {} %: the file is \
                 probably wrong, not the rows. Look at it with check; if it is right all the same, \
                 say --max-invalid 100",
                self.max_invalid
            )
        })
    }
}

/// What the rows of a file are set in, as the ledger keeps it.
fn layout(reader: &Reader) -> Layout {
    let layout = reader.layout();
    Layout {
        format: layout.format.as_str().to_owned(),
        encoding: layout.encoding.to_owned(),
        delimiter: layout.delimiter.map(char::from).into_iter().collect(),
        header: layout.header.to_vec(),
        titles_at: layout.titles_at,
    }
}

/// A record with what was found in it, as the ledger takes it.
fn incoming(
    record: &Record<'_>,
    findings: Vec<Finding>,
    contacts: Contacts,
    progress: &Progress,
) -> Incoming {
    let reduced = reduced(record, contacts, progress);
    let movement = reduced.as_ref().unwrap_or(&record.movement);
    let received = movement.body.at("dateTimeReceived").and_then(checks::received_at);
    Incoming {
        key: movement.key(),
        key_is_sure: !findings
            .iter()
            .any(|finding| finding.severity.stops() && is_of_the_key(&finding.key)),
        authorisation_number: movement.site().unwrap_or_default().to_owned(),
        waste_tracking_id: movement.waste_tracking_id.clone(),
        line: record.line,
        payload: movement.to_json(),
        lasting_hash: Sha256::digest(without_personal_data(&movement.body)).into(),
        rows: record.raw().to_vec(),
        received_at: received.map(Timestamp::as_millisecond),
        received_on: received.map(|at| calendar::london_day(at).to_string()),
        by_pipe: is_by_pipe(movement),
        findings,
        repeats: record.repeats,
    }
}

/// The movement without what is left out, if anything is. It was judged with it: what is wrong in
/// a contact would be wrong in production.
fn reduced<'a>(
    record: &Record<'a>,
    contacts: Contacts,
    progress: &Progress,
) -> Option<Movement<'a>> {
    if contacts == Contacts::Send {
        return None;
    }
    let mut movement = record.movement.clone();
    let left_out = leave_out_contacts(&mut movement.body);
    progress.contacts.fetch_add(left_out, Ordering::Relaxed);
    (left_out > 0).then_some(movement)
}

/// Whether a finding speaks of what identifies the movement beside its reference.
fn is_of_the_key(key: &str) -> bool {
    matches!(key, "apiCode" | "receiver" | "receiver.authorisationNumber")
}

/// Why a file was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// It could not be opened, or begins with something that cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// A path as a source: `-` is standard input, whose format must be said.
pub fn source(path: &Path, format: Option<Format>) -> Result<Source, String> {
    if path.as_os_str() != "-" {
        return Ok(Source::File(path.to_owned(), format));
    }
    format.map(Source::StandardInput).ok_or_else(|| {
        "for standard input (-), say what it is: --format csv or --format jsonl".to_owned()
    })
}
