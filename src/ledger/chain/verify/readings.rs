//! What was read: every content against its hash, and all of a file's readings together.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::super::super::cells::row;
use super::super::super::salt::content_hash;
use super::super::canonical::{Digest, Hash, Reading, reading_hash, record_hash};
use super::super::rows::Subject;
use super::replay::States;
use super::source::{Layouts, Source, layouts};
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
    file: i64,
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
}

/// What stands under a purge.
#[derive(Debug, Default)]
pub(super) struct Purged {
    pub(super) revisions: i64,
    pub(super) records: i64,
    pub(super) left: Digest,
}

row! {
    /// A revision, with what it was read as and from.
    RevisionRow {
        id: i64,
        movement_id: i64,
        operator_id: i64,
        of_operator: Option<i64>,
        state: B,
        attempts: i64,
        payload: Option<B>,
        salt: Option<B>,
        content_hash: B,
        lasting_hash: Option<B>,
        reading_hash: Option<B>,
        purge_id: Option<i64>,
        file_id: i64,
        line: i64,
        why: B,
        created_run_id: i64,
        received_at: Option<i64>,
        received_on: Option<B>,
        environment_id: Option<i64>,
        api_code: Option<B>,
        site: Option<B>,
        reference: Option<B>,
        authorisation_number: Option<B>,
        changed_at: i64,
        layout_id: Option<i64>,
        packed: Option<B>,
        rows_salt: Option<B>,
        rows_hash: Option<B>,
    }
}

const REVISIONS: &str = "SELECT r.id, r.movement_id, r.operator_id, m.operator_id,
        r.state, r.attempts, r.payload, r.salt, r.content_hash, r.lasting_hash, r.reading_hash,
        r.purge_id, r.file_id, r.line, r.why, r.created_run_id, r.received_at, r.received_on,
        o.environment_id, o.api_code, m.site, m.reference, m.authorisation_number, r.changed_at,
        s.layout_id, s.packed, s.salt, s.hash
    FROM revision r LEFT JOIN movement m ON m.id = r.movement_id
    LEFT JOIN operator o ON o.id = r.operator_id
    LEFT JOIN revision_source s ON s.revision_id = r.id
    WHERE r.id BETWEEN ?1 AND ?2 ORDER BY r.id";

row! {
    /// A record without a usable reference.
    RecordRow {
        id: i64,
        file_id: i64,
        line: i64,
        payload: Option<B>,
        salt: Option<B>,
        content_hash: Option<B>,
        purge_id: Option<i64>,
        layout_id: Option<i64>,
        packed: Option<B>,
        rows_salt: Option<B>,
        rows_hash: Option<B>,
    }
}

const RECORDS: &str = "SELECT u.id, u.file_id, u.line, u.payload, u.salt, u.content_hash,
        u.purge_id, s.layout_id, s.packed, s.salt, s.hash
    FROM unidentified u LEFT JOIN record_source s ON s.record_id = u.id ORDER BY u.id";

impl Readings {
    /// Reads all of them, each view a share.
    pub(super) fn read(views: &mut [Connection]) -> Result<Self, Stop> {
        let layouts = layouts(&views[0])?;
        let shares = shares(&views[0], views.len())?;
        let parts: Vec<Result<Part, Stop>> = std::thread::scope(|scope| {
            let layouts = &layouts;
            let readers: Vec<_> = views
                .iter_mut()
                .zip(shares)
                .map(|(view, share)| scope.spawn(move || Part::read(view, share, layouts)))
                .collect();
            let part = |reader: std::thread::ScopedJoinHandle<'_, _>| {
                reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            readers.into_iter().map(part).collect()
        });
        let mut readings = Readings::default();
        for part in parts {
            readings.append(part?);
        }
        readings.records(&views[0], &layouts)?;
        Ok(readings)
    }

    /// Takes what comes next in the order of the IDs.
    fn append(&mut self, part: Part) {
        for kept in &part.all {
            self.of_file.entry(kept.file).or_default().add(kept.id, &kept.reading_hash);
        }
        for (purge, id, left) in part.purged {
            let purged = self.of_purge.entry(purge).or_default();
            purged.revisions += 1;
            purged.left.add(id, &left);
        }
        if self.all.is_empty() {
            self.all = part.all;
        } else {
            self.all.extend(part.all);
        }
    }

    /// Reads the records without a usable reference.
    fn records(&mut self, connection: &Connection, layouts: &Layouts) -> Result<(), Stop> {
        let mut statement = connection.prepare(RECORDS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let row = RecordRow::of(row)?;
            let altered = |what| Altered::of("record", Some(row.id), what);
            self.record(&row, layouts).map_err(altered)?;
        }
        Ok(())
    }

    fn record(&mut self, row: &RecordRow<&[u8]>, layouts: &Layouts) -> Result<(), &'static str> {
        let Some(hash) = row.content_hash else { return Err("it was inserted") };
        match (row.salt, row.payload, row.purge_id) {
            (Some(salt), Some(payload), None) if content_hash(salt, payload)[..] == hash[..] => {}
            (None, None, Some(purge)) => {
                let purged = self.of_purge.entry(purge).or_default();
                purged.records += 1;
                purged.left.add(row.id, &[]);
            }
            (None, None, None) => return Err("its content was removed, and no purge says so"),
            _ => return Err("its content was altered"),
        }
        let source = row.source().commitment(layouts)?;
        let record = record_hash(row.line, hash, source.as_ref());
        self.records += 1;
        self.records_of_file.entry(row.file_id).or_default().add(row.id, &record);
        Ok(())
    }

    /// The revision with this ID.
    pub(super) fn get(&mut self, id: i64) -> Option<&mut Kept> {
        // Numbers are given without gaps.
        let first = self.all.first()?.id;
        let guess = usize::try_from(id.checked_sub(first)?).ok()?;
        let place = match self.all.get(guess) {
            Some(kept) if kept.id == id => guess,
            _ => self.all.binary_search_by_key(&id, |kept| kept.id).ok()?,
        };
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

/// What one reader takes, in the order of the IDs.
#[derive(Debug, Default)]
struct Part {
    all: Vec<Kept>,
    /// Purge, ID, and the hash of what was left.
    purged: Vec<(i64, i64, Hash)>,
    sites: HashMap<Box<[u8]>, Vec<u8>>,
}

/// As many ranges of IDs, which cover all revisions.
fn shares(connection: &Connection, count: usize) -> Result<Vec<RangeInclusive<i64>>, Stop> {
    let sql = "SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM revision";
    let (first, last): (i64, i64) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let count = i64::try_from(count).unwrap_or(1).max(1);
    let share = (last.saturating_sub(first) / count).max(1);
    let begin = |at: i64| first.saturating_add(share.saturating_mul(at));
    let end = |at: i64| if at + 1 == count { last } else { begin(at + 1) - 1 };
    Ok((0..count).map(|at| begin(at)..=end(at)).collect())
}

impl Part {
    fn read(
        connection: &Connection,
        share: RangeInclusive<i64>,
        layouts: &Layouts,
    ) -> Result<Self, Stop> {
        let mut part = Part::default();
        let mut statement = connection.prepare(REVISIONS)?;
        let mut rows = statement.query([share.start(), share.end()])?;
        while let Some(row) = rows.next()? {
            let row = RevisionRow::of(row)?;
            part.take(&row, layouts).map_err(|what| row.altered(what))?;
        }
        Ok(part)
    }

    fn take(&mut self, row: &RevisionRow<&[u8]>, layouts: &Layouts) -> Result<(), &'static str> {
        if row.of_operator != Some(row.operator_id) {
            return Err("the movement or the operator that it is of was altered or removed");
        }
        let (Some(environment), Some(api_code), Some(site), Some(reference)) =
            (row.environment_id, row.api_code, row.site, row.reference)
        else {
            return Err("the movement or the operator that it is of was removed");
        };
        if self.site(row.authorisation_number.unwrap_or_default()) != site {
            return Err("the authorisation number of its site was altered");
        }
        self.content(row)?;
        let source = row.source().commitment(layouts)?;
        let expected = reading_hash(&Reading {
            environment,
            api_code,
            site,
            reference,
            why: row.why,
            file: row.file_id,
            line: row.line,
            run: row.created_run_id,
            received_at: row.received_at,
            received_on: row.received_on,
            content_hash: row.content_hash,
            lasting_hash: row.lasting_hash,
            source_hash: source.as_ref(),
        });
        if row.reading_hash != Some(&expected[..]) {
            return Err("what is kept of where, when and for whom it was read was altered");
        }
        let state = State::ALL.into_iter().find(|state| state.as_str().as_bytes() == row.state);
        let Some(state) = state else { return Err("it is in a state that there is not") };
        self.all.push(Kept {
            id: row.id,
            movement: row.movement_id,
            reading_hash: expected,
            purge: row.purge_id,
            states: States::of_reading(),
            made: 0,
            file: row.file_id,
            state,
            attempts: row.attempts,
        });
        Ok(())
    }

    fn content(&mut self, row: &RevisionRow<&[u8]>) -> Result<(), &'static str> {
        match (row.salt, row.payload, row.purge_id) {
            (Some(salt), Some(payload), None) => {
                let is_whole = content_hash(salt, payload)[..] == *row.content_hash;
                if is_whole { Ok(()) } else { Err("its content was altered") }
            }
            (None, payload, Some(purge)) => {
                let left = Sha256::digest(payload.unwrap_or_default()).into();
                self.purged.push((purge, row.id, left));
                Ok(())
            }
            (None, _, None) => Err("its content was removed, and no purge says so"),
            _ => Err("its content was altered"),
        }
    }

    /// A permit's number, as sites are compared by it.
    fn site(&mut self, authorisation_number: &[u8]) -> &[u8] {
        if !self.sites.contains_key(authorisation_number) {
            let site = comparable_site(&String::from_utf8_lossy(authorisation_number));
            self.sites.insert(authorisation_number.into(), site.into_bytes());
        }
        &self.sites[authorisation_number]
    }
}

/// What an entry about a revision is about.
pub(super) fn subject(kept: &Kept) -> Subject {
    Subject { movement: kept.movement, reading_hash: kept.reading_hash }
}

/// Both kinds of readings keep the rows that they were read from in columns of the same names.
macro_rules! has_source {
    ($row:ident) => {
        impl<'r> $row<&'r [u8]> {
            fn source(&self) -> Source<'r> {
                Source {
                    layout: self.layout_id,
                    packed: self.packed,
                    salt: self.rows_salt,
                    hash: self.rows_hash,
                    payload: self.payload,
                    is_purged: self.purge_id.is_some(),
                }
            }
        }
    };
}

has_source!(RevisionRow);
has_source!(RecordRow);

impl RevisionRow<&[u8]> {
    fn altered(&self, what: &'static str) -> Altered {
        Altered {
            movement: Some(self.movement_id),
            at: Some(self.changed_at),
            ..Altered::of("reading", Some(self.id), what)
        }
    }
}
