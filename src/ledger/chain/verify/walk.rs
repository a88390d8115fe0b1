//! The chain, entry by entry, each table in the order of its IDs.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use super::super::super::cells::{Cells, Mistyped};
use super::super::canonical::{Hash, findings_hash, genesis, note_commitment, said_commitment};
use super::super::rows::{AttemptRow, DecisionRow, FileRow, PurgeRow, RunRow};
use super::super::{Canonical, hex};
use super::readings::{Readings, subject};
use super::tables::{Findings, Next, Tables};
use super::{Altered, Stop, Verified, head_of, of_attempt, of_decision};

pub(super) type Found<T = ()> = std::result::Result<T, Stop>;

/// How far the walk is.
#[derive(Debug)]
pub(super) struct Walk {
    found: Verified,
    head: Hash,
    /// What the ledger says of its end.
    said: (Option<i64>, Option<Vec<u8>>),
    asked: Option<String>,
    /// The waste tracking ID that was last borne out, by movement.
    ids: HashMap<i64, Box<[u8]>>,
    purge_places: HashMap<i64, i64>,
    /// Attempts and decisions without their words: allowed where a later purge covers them.
    blanked: Vec<(i64, Altered)>,
}

type LedgerRow = (Vec<u8>, i64, Vec<u8>, Option<i64>, Option<Vec<u8>>);

fn ledger(cells: &mut Cells<'_>) -> std::result::Result<LedgerRow, Mistyped> {
    Ok((cells.next()?, cells.next()?, cells.next()?, cells.next()?, cells.next()?))
}

const KINDS: [&str; 5] = ["attempt", "decision", "file", "run", "purge"];

impl Walk {
    pub(super) fn begin(connection: &Connection, asked: Option<&str>) -> super::Result<Self> {
        let sql = "SELECT uuid, created_at, created_by, chain_count, chain_head FROM ledger";
        let row =
            connection.query_row(sql, [], |row| Ok(ledger(&mut Cells::of(row)))).optional()?;
        let (uuid, created_at, created_by, count, hash) = row.transpose()?.unwrap_or_default();
        Ok(Walk {
            found: Verified {
                head: head_of(count.unwrap_or(0), hash.as_deref().unwrap_or_default()),
                attempts: 0,
                decisions: 0,
                files: 0,
                runs: 0,
                purges: 0,
                readings: 0,
                purged: 0,
                altered: None,
                has_head: asked.map(|_| false),
            },
            head: genesis(&uuid, created_at, &created_by),
            said: (count, hash),
            asked: asked.map(str::to_lowercase),
            ids: HashMap::new(),
            purge_places: HashMap::new(),
            blanked: Vec::new(),
        })
    }

    /// What was found so far.
    pub(super) fn found(self) -> Verified {
        self.found
    }

    pub(super) fn readings(&mut self, readings: &Readings) {
        self.found.readings = readings.all.len() as u64 + readings.records;
        let purged = readings.of_purge.values();
        let count = purged.map(|purged| (purged.revisions + purged.records).unsigned_abs());
        self.found.purged = count.sum();
    }

    /// Every entry in its place, to the end that the ledger names.
    pub(super) fn entries(&mut self, tables: &mut Tables<'_>, readings: &mut Readings) -> Found {
        let mut place = 0;
        loop {
            pass_running(tables)?;
            let heads = tables.places();
            if heads.iter().all(|next| *next == Next::Nothing) {
                break;
            }
            place += 1;
            match heads.iter().position(|next| *next == Next::At(place)) {
                Some(0) => {
                    if let Some(row) = tables.attempts.row() {
                        let row = AttemptRow::of(row)?;
                        self.attempt(&row, &mut tables.findings, readings, place)?;
                    }
                    tables.attempts.pass()?;
                }
                Some(1) => {
                    if let Some(row) = tables.decisions.row() {
                        self.decision(&DecisionRow::of(row)?, readings, place)?;
                    }
                    tables.decisions.pass()?;
                }
                Some(2) => {
                    if let Some(row) = tables.files.row() {
                        self.file(&FileRow::of(row)?, readings, place)?;
                    }
                    tables.files.pass()?;
                }
                Some(3) => {
                    if let Some(row) = tables.runs.row() {
                        self.run(&RunRow::of(row)?, place)?;
                    }
                    tables.runs.pass()?;
                }
                Some(_) => {
                    if let Some(row) = tables.purges.row() {
                        self.purge(&PurgeRow::of(row)?, readings, place)?;
                    }
                    tables.purges.pass()?;
                }
                None => return Err(out_of_place(tables, place)?),
            }
            self.note();
        }
        self.end(place, readings)?;
        if let Some(finding) = tables.findings.next()? {
            let what = "it was inserted, or its attempt was altered";
            return Err(Altered::of("finding", Some(finding), what).into());
        }
        Ok(())
    }

    /// Whether the head now is the one that was asked for.
    fn note(&mut self) {
        if let Some(asked) = &self.asked
            && self.found.has_head == Some(false)
            && hex(&self.head).starts_with(asked)
        {
            self.found.has_head = Some(true);
        }
    }

    /// Takes an entry into the chain; says whether its hash is the one that it was written with.
    fn link(&mut self, form: &Canonical, hash: Option<&[u8]>) -> bool {
        self.head = form.after(&self.head);
        hash == Some(&self.head[..])
    }

    fn attempt(
        &mut self,
        row: &AttemptRow<&[u8]>,
        findings: &mut Findings<'_>,
        readings: &mut Readings,
        place: i64,
    ) -> Found {
        let Some(kept) = readings.get(row.revision_id) else {
            return Err(of_attempt(row, None, "what it sent was removed").into());
        };
        let altered = |what| Stop::from(of_attempt(row, Some(kept.movement), what));
        if !self.link(&row.canonical(&subject(kept), place), row.hash) {
            return Err(altered("it was altered"));
        }
        let said = findings.of_attempt(row.id)?;
        let is_of_it = said.iter().all(|said| said.revision_id == Some(row.revision_id));
        if !is_of_it || findings_hash(&said).as_ref().map(|hash| &hash[..]) != row.findings_hash {
            return Err(altered("what its answer said was altered"));
        }
        let detail = row.detail;
        let whole = match (row.salt, row.said) {
            (Some(salt), Some(kept)) => said_commitment(salt, detail, &said)[..] == kept[..],
            (None, None) => detail.is_none(),
            (Some(_), None) => false,
            (None, Some(_)) => {
                let what = "what its answer said was removed, and no purge says so";
                let purge = kept.purge.filter(|_| detail.is_none());
                let Some(purge) = purge else { return Err(altered(what)) };
                self.blanked.push((purge, of_attempt(row, Some(kept.movement), what)));
                true
            }
        };
        if !whole {
            return Err(altered("what its answer said was altered"));
        }
        kept.states.attempt(row.method, row.outcome, row.reason).map_err(altered)?;
        kept.made += 1;
        if row.number != kept.made {
            return Err(altered("its number is not the next one"));
        }
        let id = if row.method == b"PUT" { row.sent_to } else { row.waste_tracking_id };
        if let (b"accepted", Some(id)) = (row.outcome, id) {
            self.ids.insert(kept.movement, id.into());
        }
        self.found.attempts += 1;
        Ok(())
    }

    fn decision(&mut self, row: &DecisionRow<&[u8]>, readings: &mut Readings, place: i64) -> Found {
        let Some(kept) = readings.get(row.revision_id) else {
            return Err(of_decision(row, None, "what it is about was removed").into());
        };
        let altered = |what| Stop::from(of_decision(row, Some(kept.movement), what));
        if !self.link(&row.canonical(&subject(kept), place), row.hash) {
            return Err(altered("it was altered"));
        }
        let whole = match (row.salt, row.said, row.note) {
            (Some(salt), Some(kept), Some(note)) => note_commitment(salt, note)[..] == kept[..],
            (None, None, None) => true,
            (None, Some(_), None) => {
                let what = "its note was removed, and no purge says so";
                let Some(purge) = kept.purge else { return Err(altered(what)) };
                self.blanked.push((purge, of_decision(row, Some(kept.movement), what)));
                true
            }
            _ => false,
        };
        if !whole {
            return Err(altered("its note was altered"));
        }
        kept.states.decision(row.decision, row.from_state, row.to_state).map_err(altered)?;
        if let (b"accepted", Some(id)) = (row.decision, row.waste_tracking_id) {
            self.ids.insert(kept.movement, id.into());
        }
        self.found.decisions += 1;
        Ok(())
    }

    fn file(&mut self, row: &FileRow<&[u8]>, readings: &mut Readings, place: i64) -> Found {
        let altered = |what| Altered {
            sequence: row.sequence,
            at: Some(row.read_at),
            ..Altered::of("file", Some(row.id), what)
        };
        let brought = readings.of_file.remove(&row.id).unwrap_or_default().finish();
        let records = readings.records_of_file.remove(&row.id).unwrap_or_default().finish();
        if !self.link(&row.canonical(&brought, &records, place), row.hash) {
            let what = "it was altered, or one of its readings was altered, removed or inserted";
            return Err(altered(what).into());
        }
        self.found.files += 1;
        Ok(())
    }

    fn run(&mut self, row: &RunRow<&[u8]>, place: i64) -> Found {
        if !self.link(&row.canonical(place), row.hash) {
            let altered = Altered::of("run", Some(row.id), "it was altered");
            return Err(
                Altered { sequence: row.sequence, at: Some(row.started_at), ..altered }.into()
            );
        }
        self.found.runs += 1;
        Ok(())
    }

    fn purge(&mut self, row: &PurgeRow<&[u8]>, readings: &mut Readings, place: i64) -> Found {
        let altered = |what| {
            Stop::from(Altered {
                sequence: row.sequence,
                at: Some(row.purged_at),
                ..Altered::of("purge", Some(row.id), what)
            })
        };
        if !self.link(&row.canonical(place), row.hash) {
            return Err(altered("it was altered"));
        }
        let under = readings.of_purge.remove(&row.id).unwrap_or_default();
        let counts = (under.revisions, under.records);
        if counts != (row.revisions, row.records) || under.left.finish()[..] != row.digest[..] {
            return Err(altered("what it left was altered, or more was removed than it says"));
        }
        self.purge_places.insert(row.id, place);
        self.found.purges += 1;
        Ok(())
    }

    /// Nothing is missing at the end, and nothing was inserted beside the chain.
    fn end(&mut self, place: i64, readings: &Readings) -> Found {
        let mut files = readings.of_file.keys().chain(readings.records_of_file.keys());
        if let Some(file) = files.next() {
            let what = "it is not in the history, and there are readings of it";
            return Err(Altered::of("file", Some(*file), what).into());
        }
        if let Some(purge) = readings.of_purge.keys().next() {
            let what = "it is not in the history, and content was removed under its name";
            return Err(Altered::of("purge", Some(*purge), what).into());
        }
        let blanked = std::mem::take(&mut self.blanked);
        let later = |purge: &i64, at: i64| self.purge_places.get(purge).is_some_and(|p| *p > at);
        if let Some((_, altered)) = blanked
            .into_iter()
            .find(|(purge, altered)| !later(purge, altered.sequence.unwrap_or(i64::MAX)))
        {
            return Err(altered.into());
        }
        if self.said != (Some(place), Some(self.head.to_vec())) {
            let what = "the history does not end where the ledger says: entries were removed \
                        from its end, or added to it";
            return Err(Altered::of("ledger", None, what).into());
        }
        Ok(())
    }

    /// Every movement has the waste tracking ID that its history gave it.
    pub(super) fn movements(&mut self, connection: &Connection) -> Found {
        let mut statement = connection.prepare("SELECT id, waste_tracking_id FROM movement")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut cells = Cells::of(row);
            let (id, kept): (i64, Option<&[u8]>) = (cells.next()?, cells.next()?);
            if self.ids.get(&id).is_some_and(|given| kept != Some(&**given)) {
                let what = "its waste tracking ID is not the one that it was given";
                let altered = Altered::of("movement", Some(id), what);
                return Err(Altered { movement: Some(id), ..altered }.into());
            }
        }
        Ok(())
    }
}

/// A run that goes on, or was killed, has not ended: it is no entry.
fn pass_running(tables: &mut Tables<'_>) -> Found {
    while let Some(row) = tables.runs.row() {
        let row = RunRow::of(row)?;
        if row.sequence.is_some() || row.hash.is_some() || row.ended_at.is_some() {
            break;
        }
        tables.runs.pass()?;
    }
    Ok(())
}

/// No row stands where the next entry belongs: one was inserted, or one is gone.
fn out_of_place(tables: &Tables<'_>, place: i64) -> Found<Stop> {
    let heads = tables.places();
    let is_inserted = |next: &Next| match next {
        Next::Nothing => false,
        Next::Nowhere => true,
        Next::At(at) => *at < place,
    };
    let inserted = heads.iter().position(is_inserted);
    let first = || {
        let placed = heads.iter().enumerate().filter_map(|(kind, next)| match next {
            Next::At(at) => Some((*at, kind)),
            _ => None,
        });
        placed.min().map_or(0, |(_, kind)| kind)
    };
    let (kind, what) = match inserted {
        Some(kind) => (kind, "it was inserted, or its place in the history was altered"),
        None => (first(), "what stood right before it was removed, or put elsewhere"),
    };
    let row = match kind {
        0 => tables.attempts.row(),
        1 => tables.decisions.row(),
        2 => tables.files.row(),
        3 => tables.runs.row(),
        _ => tables.purges.row(),
    };
    let Some(row) = row else { return Ok(Altered::of(KINDS[kind], None, what).into()) };
    Ok(match kind {
        0 => of_attempt(&AttemptRow::of(row)?, None, what).into(),
        1 => of_decision(&DecisionRow::of(row)?, None, what).into(),
        _ => Altered::of(KINDS[kind], Some(Cells::of(row).next()?), what).into(),
    })
}
