//! The chain, entry by entry, each table in the order of its IDs.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::super::canonical::{
    Hash, Said, findings_hash, genesis, note_commitment, said_commitment,
};
use super::super::pages::{Entry, Pages, SAID};
use super::super::rows::{
    ATTEMPTS, AttemptRow, DECISIONS, DecisionRow, FILES, FileRow, PURGES, PurgeRow, RUNS, RunRow,
};
use super::super::{Canonical, hex};
use super::readings::{Readings, subject};
use super::{Altered, Stop, Verified, head_of, of_attempt, of_decision};

type Found<T = ()> = std::result::Result<T, Stop>;

/// How far the walk is.
#[derive(Debug)]
pub(super) struct Walk {
    found: Verified,
    head: Hash,
    /// What the ledger says of its end.
    said: (Option<i64>, Option<Vec<u8>>),
    asked: Option<String>,
    attempts: Pages<AttemptRow>,
    decisions: Pages<DecisionRow>,
    files: Pages<FileRow>,
    runs: Pages<RunRow>,
    purges: Pages<PurgeRow>,
    findings: Pages<Said>,
    /// The waste tracking ID that was last borne out, by movement.
    ids: HashMap<i64, Box<[u8]>>,
    purge_places: HashMap<i64, i64>,
    /// Attempts and decisions without their words: allowed where a later purge covers them.
    blanked: Vec<(i64, Altered)>,
}

/// Where a table's next entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Nothing,
    /// A row that has no place.
    Nowhere,
    At(i64),
}

async fn next<R: Entry>(pages: &mut Pages<R>, connection: &mut SqliteConnection) -> Found<Next> {
    let row = pages.peek(connection).await?;
    Ok(row.map_or(Next::Nothing, |row| row.sequence().map_or(Next::Nowhere, Next::At)))
}

const KINDS: [&str; 5] = ["attempt", "decision", "file", "run", "purge"];

impl Walk {
    pub(super) async fn begin(
        connection: &mut SqliteConnection,
        asked: Option<&str>,
    ) -> super::Result<Self> {
        type Row = (Vec<u8>, i64, Vec<u8>, Option<i64>, Option<Vec<u8>>);
        let row: Option<Row> = sqlx::query_as(
            "SELECT uuid, created_at, created_by, chain_count, chain_head FROM ledger",
        )
        .fetch_optional(connection)
        .await?;
        let (uuid, created_at, created_by, count, hash) = row.unwrap_or_default();
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
            attempts: Pages::of(ATTEMPTS),
            decisions: Pages::of(DECISIONS),
            files: Pages::of(FILES),
            runs: Pages::of(RUNS),
            purges: Pages::of(PURGES),
            findings: Pages::of(SAID),
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
    pub(super) async fn entries(
        &mut self,
        connection: &mut SqliteConnection,
        readings: &mut Readings,
    ) -> Found {
        self.note(0);
        let mut place = 0;
        loop {
            let heads = self.next_places(connection).await?;
            if heads.iter().all(|next| *next == Next::Nothing) {
                break;
            }
            place += 1;
            match heads.iter().position(|next| *next == Next::At(place)) {
                Some(0) => self.attempt(connection, readings, place).await?,
                Some(1) => self.decision(connection, readings, place).await?,
                Some(2) => self.file(connection, readings, place).await?,
                Some(3) => self.run(connection, place).await?,
                Some(_) => self.purge(connection, readings, place).await?,
                None => return Err(self.out_of_place(connection, heads, place).await?),
            }
            self.note(place);
        }
        self.end(place, readings)?;
        if let Some(said) = self.findings.peek(connection).await? {
            let what = "it was inserted, or its attempt was altered";
            return Err(Altered::of("finding", Some(said.id), what).into());
        }
        Ok(())
    }

    fn note(&mut self, place: i64) {
        if let Some(asked) = &self.asked
            && place > 0
            && self.found.has_head == Some(false)
            && hex(&self.head).starts_with(asked)
        {
            self.found.has_head = Some(true);
        }
    }

    async fn next_places(&mut self, connection: &mut SqliteConnection) -> Found<[Next; 5]> {
        // A run that goes on, or was killed, has not ended.
        while self.runs.peek(connection).await?.is_some_and(|run| {
            run.sequence.is_none() && run.hash.is_none() && run.ended_at.is_none()
        }) {
            self.runs.next(connection).await?;
        }
        Ok([
            next(&mut self.attempts, connection).await?,
            next(&mut self.decisions, connection).await?,
            next(&mut self.files, connection).await?,
            next(&mut self.runs, connection).await?,
            next(&mut self.purges, connection).await?,
        ])
    }

    /// No row stands where the next entry belongs: one was inserted, or one is gone.
    async fn out_of_place(
        &mut self,
        connection: &mut SqliteConnection,
        heads: [Next; 5],
        place: i64,
    ) -> Found<Stop> {
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
        let mut altered = Altered::of(KINDS[kind], None, what);
        match kind {
            0 => {
                if let Some(row) = self.attempts.peek(connection).await? {
                    altered = of_attempt(row, None, what);
                }
            }
            1 => {
                if let Some(row) = self.decisions.peek(connection).await? {
                    altered = of_decision(row, None, what);
                }
            }
            2 => altered.id = self.files.peek(connection).await?.map(|row| row.id),
            3 => altered.id = self.runs.peek(connection).await?.map(|row| row.id),
            _ => altered.id = self.purges.peek(connection).await?.map(|row| row.id),
        }
        Ok(altered.into())
    }

    /// Takes an entry into the chain; says whether its hash is the one that it was written with.
    fn link(&mut self, form: &Canonical, hash: Option<&[u8]>) -> bool {
        self.head = form.after(&self.head);
        hash == Some(&self.head[..])
    }

    async fn attempt(
        &mut self,
        connection: &mut SqliteConnection,
        readings: &mut Readings,
        place: i64,
    ) -> Found {
        let Some(row) = self.attempts.next(connection).await? else { return Ok(()) };
        let Some(kept) = readings.get(row.revision_id) else {
            return Err(of_attempt(&row, None, "what it sent was removed").into());
        };
        let altered = |what| Stop::from(of_attempt(&row, Some(kept.movement), what));
        if !self.link(&row.canonical(&subject(kept), place), row.hash.as_deref()) {
            return Err(altered("it was altered"));
        }
        let said = self.findings.of_attempt(connection, row.id).await?;
        let is_of_it = said.iter().all(|said| said.revision_id == Some(row.revision_id));
        if !is_of_it || findings_hash(&said).map(Vec::from) != row.findings_hash {
            return Err(altered("what its answer said was altered"));
        }
        let detail = row.detail.as_deref();
        let whole = match (&row.salt, &row.said) {
            (Some(salt), Some(kept)) => said_commitment(salt, detail, &said)[..] == kept[..],
            (None, None) => detail.is_none(),
            (Some(_), None) => false,
            (None, Some(_)) => {
                let what = "what its answer said was removed, and no purge says so";
                let purge = kept.purge.filter(|_| detail.is_none());
                let Some(purge) = purge else { return Err(altered(what)) };
                self.blanked.push((purge, of_attempt(&row, Some(kept.movement), what)));
                true
            }
        };
        if !whole {
            return Err(altered("what its answer said was altered"));
        }
        kept.states.attempt(&row.method, &row.outcome, &row.reason).map_err(altered)?;
        kept.made += 1;
        if row.number != kept.made {
            return Err(altered("its number is not the next one"));
        }
        let id = if row.method == b"PUT" { row.sent_to } else { row.waste_tracking_id };
        if let (b"accepted", Some(id)) = (&row.outcome[..], id) {
            self.ids.insert(kept.movement, id.into());
        }
        self.found.attempts += 1;
        Ok(())
    }

    async fn decision(
        &mut self,
        connection: &mut SqliteConnection,
        readings: &mut Readings,
        place: i64,
    ) -> Found {
        let Some(row) = self.decisions.next(connection).await? else { return Ok(()) };
        let Some(kept) = readings.get(row.revision_id) else {
            return Err(of_decision(&row, None, "what it is about was removed").into());
        };
        let altered = |what| Stop::from(of_decision(&row, Some(kept.movement), what));
        if !self.link(&row.canonical(&subject(kept), place), row.hash.as_deref()) {
            return Err(altered("it was altered"));
        }
        let whole = match (&row.salt, &row.said, &row.note) {
            (Some(salt), Some(kept), Some(note)) => note_commitment(salt, note)[..] == kept[..],
            (None, None, None) => true,
            (None, Some(_), None) => {
                let what = "its note was removed, and no purge says so";
                let Some(purge) = kept.purge else { return Err(altered(what)) };
                self.blanked.push((purge, of_decision(&row, Some(kept.movement), what)));
                true
            }
            _ => false,
        };
        if !whole {
            return Err(altered("its note was altered"));
        }
        kept.states.decision(&row.decision, &row.from_state, &row.to_state).map_err(altered)?;
        if let (b"accepted", Some(id)) = (&row.decision[..], row.waste_tracking_id) {
            self.ids.insert(kept.movement, id.into());
        }
        self.found.decisions += 1;
        Ok(())
    }

    async fn file(
        &mut self,
        connection: &mut SqliteConnection,
        readings: &mut Readings,
        place: i64,
    ) -> Found {
        let Some(row) = self.files.next(connection).await? else { return Ok(()) };
        let altered =
            |what| Altered { at: Some(row.read_at), ..Altered::of("file", Some(row.id), what) };
        let brought = readings.of_file.remove(&row.id).unwrap_or_default().finish();
        let records = readings.records_of_file.remove(&row.id).unwrap_or_default().finish();
        if !self.link(&row.canonical(&brought, &records, place), row.hash.as_deref()) {
            let what = "it was altered, or one of its readings was altered, removed or inserted";
            return Err(altered(what).into());
        }
        self.found.files += 1;
        Ok(())
    }

    async fn run(&mut self, connection: &mut SqliteConnection, place: i64) -> Found {
        let Some(row) = self.runs.next(connection).await? else { return Ok(()) };
        if !self.link(&row.canonical(place), row.hash.as_deref()) {
            let altered = Altered::of("run", Some(row.id), "it was altered");
            return Err(Altered { at: Some(row.started_at), ..altered }.into());
        }
        self.found.runs += 1;
        Ok(())
    }

    async fn purge(
        &mut self,
        connection: &mut SqliteConnection,
        readings: &mut Readings,
        place: i64,
    ) -> Found {
        let Some(row) = self.purges.next(connection).await? else { return Ok(()) };
        let altered = |what| {
            Stop::from(Altered {
                at: Some(row.purged_at),
                ..Altered::of("purge", Some(row.id), what)
            })
        };
        if !self.link(&row.canonical(place), row.hash.as_deref()) {
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
    pub(super) async fn movements(&mut self, connection: &mut SqliteConnection) -> Found {
        let mut after = i64::MIN;
        loop {
            let page: Vec<(i64, Option<Vec<u8>>)> = sqlx::query_as(
                "SELECT id, waste_tracking_id FROM movement WHERE id > ?1 ORDER BY id LIMIT 5000",
            )
            .bind(after)
            .fetch_all(&mut *connection)
            .await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = *last;
            for (id, kept) in page {
                let given = self.ids.get(&id);
                if given.is_some_and(|given| kept.as_deref() != Some(&given[..])) {
                    let what = "its waste tracking ID is not the one that it was given";
                    let altered = Altered::of("movement", Some(id), what);
                    return Err(Altered { movement: Some(id), ..altered }.into());
                }
            }
        }
    }
}
