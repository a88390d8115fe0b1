//! What was read: every content against its hash, and all of a file's readings together.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use sqlx::SqliteConnection;

use super::super::super::salt::content_hash;
use super::super::super::source::{Layout, unpack};
use super::super::canonical::{Digest, Hash, Reading, reading_hash, record_hash, source_hash};
use super::super::pages::{Pages, Row};
use super::super::rows::Subject;
use super::replay::States;
use super::{Altered, Stop};
use crate::movement::comparable_site;
use crate::submission::State;

/// A revision, as far as its history goes.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) id: i64,
    pub(super) movement: i64,
    pub(super) reading_hash: Hash,
    pub(super) purge: Option<i64>,
    /// What it may be after the entries so far.
    pub(super) states: States,
    /// Attempts among the entries so far.
    pub(super) made: i64,
    state: State,
    attempts: i64,
}

/// Everything that was read, in the order of the IDs, and what files and purges cover of it.
#[derive(Debug, Default)]
pub(super) struct Readings {
    pub(super) all: Vec<Kept>,
    pub(super) records: u64,
    pub(super) of_file: HashMap<i64, Digest>,
    pub(super) records_of_file: HashMap<i64, Digest>,
    pub(super) of_purge: HashMap<i64, Purged>,
    layouts: HashMap<i64, Setting>,
}

/// What stands under a purge.
#[derive(Debug, Default)]
pub(super) struct Purged {
    pub(super) revisions: i64,
    pub(super) records: i64,
    pub(super) left: Digest,
}

#[derive(sqlx::FromRow)]
struct RevisionRow {
    id: i64,
    movement_id: i64,
    operator_id: i64,
    of_operator: Option<i64>,
    state: Vec<u8>,
    attempts: i64,
    payload: Option<Vec<u8>>,
    salt: Option<Vec<u8>>,
    content_hash: Vec<u8>,
    lasting_hash: Option<Vec<u8>>,
    reading_hash: Option<Vec<u8>>,
    purge_id: Option<i64>,
    file_id: i64,
    line: i64,
    why: Vec<u8>,
    created_run_id: i64,
    received_at: Option<i64>,
    received_on: Option<Vec<u8>>,
    environment_id: Option<i64>,
    api_code: Option<Vec<u8>>,
    site: Option<Vec<u8>>,
    reference: Option<Vec<u8>>,
    authorisation_number: Option<Vec<u8>>,
    changed_at: i64,
    #[sqlx(flatten)]
    source: Source,
}

impl Row for RevisionRow {
    fn id(&self) -> i64 {
        self.id
    }
}

const REVISIONS: &str = "SELECT r.id, r.movement_id, r.operator_id, m.operator_id AS of_operator,
        r.state, r.attempts, r.payload, r.salt, r.content_hash, r.lasting_hash, r.reading_hash,
        r.purge_id, r.file_id, r.line, r.why, r.created_run_id, r.received_at, r.received_on,
        o.environment_id, o.api_code, m.site, m.reference, m.authorisation_number, r.changed_at,
        s.layout_id, s.packed, s.salt AS rows_salt, s.hash AS rows_hash
    FROM revision r LEFT JOIN movement m ON m.id = r.movement_id
    LEFT JOIN operator o ON o.id = r.operator_id
    LEFT JOIN revision_source s ON s.revision_id = r.id
    WHERE r.id > ?1 ORDER BY r.id LIMIT ?2";

/// The rows that a content was read from, if they were kept.
#[derive(sqlx::FromRow)]
struct Source {
    layout_id: Option<i64>,
    packed: Option<Vec<u8>>,
    rows_salt: Option<Vec<u8>>,
    rows_hash: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct RecordRow {
    id: i64,
    file_id: i64,
    line: i64,
    payload: Option<Vec<u8>>,
    salt: Option<Vec<u8>>,
    content_hash: Option<Vec<u8>>,
    purge_id: Option<i64>,
    #[sqlx(flatten)]
    source: Source,
}

impl Row for RecordRow {
    fn id(&self) -> i64 {
        self.id
    }
}

const RECORDS: &str = "SELECT u.id, u.file_id, u.line, u.payload, u.salt, u.content_hash,
        u.purge_id, s.layout_id, s.packed, s.salt AS rows_salt, s.hash AS rows_hash
    FROM unidentified u LEFT JOIN record_source s ON s.record_id = u.id
    WHERE u.id > ?1 ORDER BY u.id LIMIT ?2";

/// Payloads are long: small pages.
const PAGE: i64 = 500;

impl Readings {
    /// Reads all of them.
    pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Self, Stop> {
        let mut readings = Readings { layouts: layouts(connection).await?, ..Readings::default() };
        let mut pages = Pages::<RevisionRow>::with_page(REVISIONS, PAGE);
        while let Some(row) = pages.next(connection).await? {
            readings.take(&row).map_err(|what| row.altered(what))?;
        }
        let mut pages = Pages::<RecordRow>::with_page(RECORDS, PAGE);
        while let Some(row) = pages.next(connection).await? {
            let altered = |what| Altered::of("record", Some(row.id), what);
            readings.take_record(&row).map_err(altered)?;
        }
        Ok(readings)
    }

    fn take(&mut self, row: &RevisionRow) -> Result<(), &'static str> {
        if row.of_operator != Some(row.operator_id) {
            return Err("the movement or the operator that it is of was altered or removed");
        }
        let (Some(environment), Some(api_code), Some(site), Some(reference)) =
            (row.environment_id, &row.api_code, &row.site, &row.reference)
        else {
            return Err("the movement or the operator that it is of was removed");
        };
        let authorisation = row.authorisation_number.as_deref().unwrap_or_default();
        if comparable_site(&String::from_utf8_lossy(authorisation)).as_bytes() != site {
            return Err("the authorisation number of its site was altered");
        }
        self.content(row)?;
        let payload = row.payload.as_deref();
        let source = self.source(&row.source, payload, row.purge_id.is_some())?;
        let expected = reading_hash(&Reading {
            environment,
            api_code,
            site,
            reference,
            why: &row.why,
            file: row.file_id,
            line: row.line,
            run: row.created_run_id,
            received_at: row.received_at,
            received_on: row.received_on.as_deref(),
            content_hash: &row.content_hash,
            lasting_hash: row.lasting_hash.as_deref(),
            source_hash: source.as_ref(),
        });
        if row.reading_hash.as_deref() != Some(&expected[..]) {
            return Err("what is kept of where, when and for whom it was read was altered");
        }
        let state = State::ALL.into_iter().find(|state| state.as_str().as_bytes() == row.state);
        let Some(state) = state else { return Err("it is in a state that there is not") };
        self.of_file.entry(row.file_id).or_default().add(row.id, &expected);
        self.all.push(Kept {
            id: row.id,
            movement: row.movement_id,
            reading_hash: expected,
            purge: row.purge_id,
            states: States::of_reading(),
            made: 0,
            state,
            attempts: row.attempts,
        });
        Ok(())
    }

    fn content(&mut self, row: &RevisionRow) -> Result<(), &'static str> {
        let payload = row.payload.as_deref();
        match (&row.salt, payload, row.purge_id) {
            (Some(salt), Some(payload), None) => {
                let is_whole = content_hash(salt, payload)[..] == row.content_hash;
                if is_whole { Ok(()) } else { Err("its content was altered") }
            }
            (None, payload, Some(purge)) => {
                let purged = self.of_purge.entry(purge).or_default();
                purged.revisions += 1;
                purged.left.add(row.id, &Sha256::digest(payload.unwrap_or_default()));
                Ok(())
            }
            (None, _, None) => Err("its content was removed, and no purge says so"),
            _ => Err("its content was altered"),
        }
    }

    /// The commitment to source rows, if they are what was committed to.
    fn source(
        &self,
        source: &Source,
        payload: Option<&[u8]>,
        purged: bool,
    ) -> Result<Option<Hash>, &'static str> {
        let (Some(layout), Some(hash)) = (source.layout_id, &source.rows_hash) else {
            return Ok(None);
        };
        let Some(layout) = self.layouts.get(&layout) else {
            return Err("what its source rows were set in was removed");
        };
        match (&source.rows_salt, &source.packed) {
            (Some(salt), Some(packed)) if !purged => {
                let rows = unpack(packed, payload.unwrap_or_default());
                let whole = rows.is_ok_and(|rows| content_hash(salt, &rows)[..] == hash[..]);
                if !whole || !layout.is_whole {
                    return Err("its source rows were altered");
                }
            }
            (None, None) if purged => {}
            (None, None) => return Err("its source rows were removed, and no purge says so"),
            _ => return Err("its source rows were altered"),
        }
        Ok(Some(source_hash(&layout.hash, hash)))
    }

    fn take_record(&mut self, row: &RecordRow) -> Result<(), &'static str> {
        let Some(hash) = &row.content_hash else { return Err("it was inserted") };
        match (&row.salt, &row.payload, row.purge_id) {
            (Some(salt), Some(payload), None) if content_hash(salt, payload)[..] == hash[..] => {}
            (None, None, Some(purge)) => {
                let purged = self.of_purge.entry(purge).or_default();
                purged.records += 1;
                purged.left.add(row.id, &[]);
            }
            (None, None, None) => return Err("its content was removed, and no purge says so"),
            _ => return Err("its content was altered"),
        }
        let source = self.source(&row.source, row.payload.as_deref(), row.purge_id.is_some())?;
        let record = record_hash(row.line, hash, source.as_ref());
        self.records += 1;
        self.records_of_file.entry(row.file_id).or_default().add(row.id, &record);
        Ok(())
    }

    /// The revision with this ID.
    pub(super) fn get(&mut self, id: i64) -> Option<&mut Kept> {
        let place = self.all.binary_search_by_key(&id, |kept| kept.id).ok()?;
        self.all.get_mut(place)
    }

    /// Whether every revision is in a state that follows from its history.
    pub(super) fn settle(&self) -> Result<(), Stop> {
        for kept in &self.all {
            let sending = i64::from(kept.state == State::Sending);
            let what = if !kept.states.may_be(kept.state) {
                "its state does not follow from its attempts and decisions"
            } else if kept.attempts != kept.made + sending {
                "the number of its attempts is not that of the attempts that are recorded"
            } else {
                continue;
            };
            let altered = Altered::of("reading", Some(kept.id), what);
            return Err(Altered { movement: Some(kept.movement), ..altered }.into());
        }
        Ok(())
    }
}

/// What source rows were set in.
#[derive(Debug)]
struct Setting {
    hash: Vec<u8>,
    /// Whether it is what its hash says; a purge takes its words away.
    is_whole: bool,
}

async fn layouts(connection: &mut SqliteConnection) -> Result<HashMap<i64, Setting>, Stop> {
    type Row = (i64, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, hash, format, encoding, delimiter, header, titles_at FROM layout",
    )
    .fetch_all(connection)
    .await?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let settings = rows.into_iter().map(|(id, hash, format, encoding, delimiter, header, at)| {
        let layout = Layout {
            format: text(&format),
            encoding: text(&encoding),
            delimiter: text(&delimiter),
            header,
            titles_at: usize::try_from(at).unwrap_or(usize::MAX),
        };
        let is_whole = layout.hash()[..] == hash[..];
        (id, Setting { hash, is_whole })
    });
    Ok(settings.collect())
}

/// What an entry about a revision is about.
pub(super) fn subject(kept: &Kept) -> Subject {
    Subject { movement: kept.movement, reading_hash: kept.reading_hash }
}

impl RevisionRow {
    fn altered(&self, what: &'static str) -> Altered {
        Altered {
            movement: Some(self.movement_id),
            at: Some(self.changed_at),
            ..Altered::of("reading", Some(self.id), what)
        }
    }
}
