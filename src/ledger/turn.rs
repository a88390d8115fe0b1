//! A run's commits: what was answered, what goes back unsent, and what is claimed next, at once.
//!
//! What was answered makes room for what is claimed, so that one commit does for both; and a claim
//! is on the disk as `sending` before any of it is sent.

use rusqlite::Connection;

use super::claim::{Claimed, claim, release};
use super::mark::{Mark, advance, set_mark};
use super::record::{Answered, record};
use super::worker::begin;
use super::{Ledger, Result, Run};
use crate::killpoint::{Point, pass};

/// An operator's row, and how many of its revisions may be claimed.
pub type Share = (i64, usize);

/// What a run has to write down.
#[derive(Debug, Default)]
pub struct Turn {
    /// What was answered, or what came in an answer's place.
    pub answers: Vec<Answered>,
    /// What was claimed and of which no byte has left.
    pub back: Vec<Claimed>,
    /// What may be claimed after that.
    pub shares: Vec<Share>,
}

/// What is on the disk.
#[derive(Debug)]
pub struct Turned {
    /// The answers: now they may be shown and counted.
    pub answers: Vec<Answered>,
    /// What was claimed: now it may be sent. A claim that fails takes no answer with it.
    pub claimed: Result<Vec<Claimed>>,
}

impl Ledger {
    /// Writes a turn down in one commit. An error means that nothing of it is.
    pub async fn turn(&self, run: &Run, turn: Turn) -> Result<Turned> {
        let now = (self.clock.wall_ms(), self.clock.due_ms());
        let (run, mark) = (run.id, self.mark.clone());
        self.carry_out(move |connection| {
            let books = Books { run, now, mark: mark.as_deref() };
            let claimed = match books.write(connection, &turn, &turn.shares) {
                Err(error) if !turn.shares.is_empty() => {
                    books.write(connection, &turn, &[])?;
                    Err(error)
                }
                written => Ok(written?),
            };
            Ok(Turned { answers: turn.answers, claimed })
        })
        .await
    }

    /// Claims what is due, and nothing else.
    pub async fn claim(&self, run: &Run, shares: &[Share]) -> Result<Vec<Claimed>> {
        self.turn(run, Turn { shares: shares.to_vec(), ..Turn::default() }).await?.claimed
    }

    /// Records answers, and nothing else.
    pub async fn record(&self, run: &Run, answers: Vec<Answered>) -> Result<()> {
        self.turn(run, Turn { answers, ..Turn::default() }).await.map(drop)
    }

    /// Gives back what was claimed and not sent, and nothing else.
    pub async fn release(&self, run: &Run, claimed: &[Claimed]) -> Result<()> {
        self.turn(run, Turn { back: claimed.to_vec(), ..Turn::default() }).await.map(drop)
    }
}

/// Whose commit it is.
struct Books<'m> {
    run: i64,
    /// By the wall clock, and as what is due goes by.
    now: (i64, i64),
    mark: Option<&'m Mark>,
}

impl Books<'_> {
    fn write(
        &self,
        connection: &mut Connection,
        Turn { answers, back, .. }: &Turn,
        shares: &[Share],
    ) -> Result<Vec<Claimed>> {
        let tx = begin(connection)?;
        if !answers.is_empty() {
            record(&tx, self.run, answers, self.now)?;
            pass(Point::BeforeRecord);
        }
        release(&tx, back, self.now.0)?;
        let claimed = claim(&tx, self.run, shares, self.now)?;
        let number = if claimed.is_empty() { None } else { Some(advance(&tx)?) };
        if number.is_some() {
            pass(Point::BeforeClaim);
        }
        if number.is_none() && answers.is_empty() && back.is_empty() {
            tx.rollback()?;
            return Ok(claimed);
        }
        tx.commit()?;
        if !answers.is_empty() {
            pass(Point::AfterRecord);
        }
        if let Some(number) = number {
            pass(Point::AfterClaim);
            set_mark(self.mark, number);
        }
        Ok(claimed)
    }
}
