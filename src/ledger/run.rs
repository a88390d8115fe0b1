//! Runs and files: who wrote when, what was read, and what came of it.

use rusqlite::{Connection, Transaction};
use uuid::Uuid;

use super::chain::{Chain, Head, chain_run};
use super::source::Layout;
use super::statement::query;
use super::worker::begin;
use super::{Ledger, Result, parse_state};
use crate::submission::{Reason, State};

/// A run in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its row.
    pub id: i64,
    /// Its name for the outside.
    pub uuid: String,
}

/// What is known of a run when it begins.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// The command's name.
    pub command: String,
    /// Who runs it.
    pub user: String,
    /// Where.
    pub host: String,
}

/// What is known of a file.
#[derive(Debug, Clone)]
pub struct FileFacts {
    /// Its path as people will look for it.
    pub path: String,
    /// The format that it was read as.
    pub format: String,
    /// Its size in bytes, unless it came through a pipe.
    pub size: Option<u64>,
    /// When it was last changed, in milliseconds since 1970, unless it came through a pipe.
    pub modified_at: Option<i64>,
    /// What its rows are set in; without it the rows are not kept.
    pub layout: Option<Layout>,
}

/// Movements by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Accepted before, content unchanged.
    pub skipped: u64,
    /// Failed a check.
    pub invalid: u64,
    /// Wait for a decision.
    pub held: u64,
    /// Taken out by a person.
    pub withdrawn: u64,
    /// Not sent yet.
    pub ready: u64,
    /// Accepted by this run.
    pub accepted: u64,
    /// Of these, with warnings.
    pub accepted_with_warnings: u64,
    /// Refused by the API.
    pub rejected: u64,
    /// To be sent later.
    pub deferred: u64,
    /// May have been stored.
    pub uncertain: u64,
}

impl Tally {
    /// How many movements it counts.
    pub fn total(&self) -> u64 {
        self.skipped
            + self.invalid
            + self.held
            + self.withdrawn
            + self.ready
            + self.accepted
            + self.rejected
            + self.deferred
            + self.uncertain
    }

    fn add(&mut self, state: State, warned: bool, settled_here: bool) {
        let place = match state {
            State::Accepted if settled_here => {
                self.accepted_with_warnings += u64::from(warned);
                &mut self.accepted
            }
            State::Accepted => &mut self.skipped,
            State::Invalid => &mut self.invalid,
            State::Held => &mut self.held,
            State::Withdrawn => &mut self.withdrawn,
            // A claim that a stop left behind counts as not sent; the next run settles it.
            State::Ready | State::Sending => &mut self.ready,
            State::Rejected => &mut self.rejected,
            State::Deferred => &mut self.deferred,
            State::Uncertain => &mut self.uncertain,
            State::Superseded => return,
        };
        *place += 1;
    }
}

/// What became of the movements that a run read, and of older ones that it worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunTally {
    /// Read by this run.
    pub read: Tally,
    /// Read by earlier runs, and worked on by this one.
    pub resumed: Tally,
    /// Of both, deferred because the operator's service charge is unpaid.
    pub unpaid: u64,
}

impl Ledger {
    /// Notes that a run begins.
    pub async fn begin_run(&self, facts: &RunFacts) -> Result<Run> {
        let (environment, now, facts) = (self.environment, self.clock.wall_ms(), facts.clone());
        self.carry_out(move |connection| {
            let uuid = Uuid::now_v7().to_string();
            let sql = "INSERT INTO run (uuid, environment_id, command, version, user_name,
                    host_name, process_id, started_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id";
            let (id,): (i64,) = query(connection, sql)
                .bind(&uuid)
                .bind(environment)
                .bind(&facts.command)
                .bind(env!("CARGO_PKG_VERSION"))
                .bind(&facts.user)
                .bind(&facts.host)
                .bind(i64::from(std::process::id()))
                .bind(now)
                .one()?;
            Ok(Run { id, uuid })
        })
        .await
    }

    /// Notes that a run has ended, with its exit code and its summary as JSON. Returns where the
    /// history ends with it.
    pub async fn end_run(&self, run: &Run, exit_code: i64, summary: &str) -> Result<Head> {
        let (run, now, summary) = (run.id, self.clock.wall_ms(), summary.to_owned());
        self.carry_out(move |connection| {
            let tx = begin(connection)?;
            query(&tx, "UPDATE run SET ended_at = ?2, exit_code = ?3, summary = ?4 WHERE id = ?1")
                .bind(run)
                .bind(now)
                .bind(exit_code)
                .bind(&summary)
                .execute()?;
            let mut chain = Chain::read(&tx)?;
            chain_run(&tx, &mut chain, run)?;
            let head = chain.head();
            chain.save(&tx)?;
            tx.commit()?;
            Ok(head)
        })
        .await
    }

    /// Counts what became of a run's movements, from the ledger itself.
    pub async fn tally(&self, run: &Run) -> Result<RunTally> {
        let run = run.id;
        self.carry_out(move |connection| tally(connection, run)).await
    }
}

/// Counts rows as they come: to group them by columns that no index has, `SQLite` would sort them
/// all in memory.
fn tally(connection: &Connection, run: i64) -> Result<RunTally> {
    let mut tally = RunTally::default();
    let unpaid = Reason::Unpaid.as_str();
    let read = "SELECT state, warned, coalesce(settled_run_id = ?1, 0),
            state = 'deferred' AND coalesce(reason = ?2, 0)
         FROM revision WHERE read_run_id = ?1";
    query(connection, read).bind(run).bind(unpaid).each(|cells| {
        let (state, warned) = (parse_state(cells.next()?)?, cells.next()?);
        let (settled_here, unpaid): (bool, bool) = (cells.next()?, cells.next()?);
        tally.read.add(state, warned, settled_here);
        tally.unpaid += u64::from(unpaid && settled_here);
        Ok(())
    })?;
    let resumed = "SELECT state, warned, state = 'deferred' AND coalesce(reason = ?2, 0)
         FROM revision WHERE settled_run_id = ?1 AND read_run_id <> ?1";
    query(connection, resumed).bind(run).bind(unpaid).each(|cells| {
        let (state, warned) = (parse_state(cells.next()?)?, cells.next()?);
        tally.resumed.add(state, warned, true);
        tally.unpaid += u64::from(cells.next::<bool>()?);
        Ok(())
    })?;
    let unidentified = "SELECT count(*) FROM unidentified WHERE run_id = ?1";
    let (unidentified,): (i64,) = query(connection, unidentified).bind(run).one()?;
    tally.read.invalid += unidentified.unsigned_abs();
    Ok(tally)
}

/// Writes a file's row.
pub(super) fn insert_file(
    tx: &Transaction<'_>,
    run: &Run,
    facts: &FileFacts,
    refusal: Option<&str>,
    now: i64,
) -> Result<i64> {
    let (id,): (i64,) = query(
        tx,
        "INSERT INTO file (run_id, path, format, size, read_at, outcome, refusal,
            modified_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id",
    )
    .bind(run.id)
    .bind(&facts.path)
    .bind(&facts.format)
    .bind(facts.size.map(|size| i64::try_from(size).unwrap_or(i64::MAX)))
    .bind(now)
    .bind(if refusal.is_some() { "refused" } else { "admitted" })
    .bind(refusal)
    .bind(facts.modified_at)
    .one()?;
    Ok(id)
}
