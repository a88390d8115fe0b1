//! A run's commits: what was answered, what goes back unsent, and what is claimed next, at once.
//!
//! What was answered makes room for what is claimed, so that one commit does for both; and a claim
//! is on the disk as `sending` before any of it is sent.

use rusqlite::Connection;

use super::claim::{Claimed, claim, release};
use super::mark::{Mark, advance, set_mark};
use super::record::{Answered, record};
use super::worker::begin;
use super::{Ledger, LedgerError, Result, Run};
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
#[derive(Debug, Default)]
pub struct Turned {
    /// The answers: now they may be shown and counted.
    pub answers: Vec<Answered>,
    /// How many went back.
    pub released: usize,
    /// What was claimed: now it may be sent.
    pub claimed: Vec<Claimed>,
    /// Why not all of it is.
    pub failed: Option<LedgerError>,
}

impl Ledger {
    /// Writes a turn down in one commit. Where that cannot be done nothing is claimed, and answers
    /// and what goes back are written down by themselves: what stands in the way of one need not
    /// stand in the way of the other. An error means that nothing was done at all.
    pub async fn turn(&self, run: &Run, turn: Turn) -> Result<Turned> {
        let now = (self.clock.wall_ms(), self.clock.due_ms());
        let (run, mark) = (run.id, self.mark.clone());
        self.carry_out(move |connection| {
            let mut books = Books { connection, run, now, mark: mark.as_deref() };
            let error = match books.write(&turn) {
                Ok(claimed) => {
                    let Turn { answers, back, .. } = turn;
                    return Ok(Turned { answers, released: back.len(), claimed, failed: None });
                }
                Err(error) => error,
            };
            let mut turned = Turned { failed: Some(error), ..Turned::default() };
            if turn.is_mixed() {
                let answers = Turn { answers: turn.answers, ..Turn::default() };
                if books.write(&answers).is_ok() {
                    turned.answers = answers.answers;
                }
                let back = Turn { back: turn.back, ..Turn::default() };
                if books.write(&back).is_ok() {
                    turned.released = back.back.len();
                }
            }
            Ok(turned)
        })
        .await
    }

    /// Claims what is due, and nothing else.
    pub async fn claim(&self, run: &Run, shares: &[Share]) -> Result<Vec<Claimed>> {
        let turn = Turn { shares: shares.to_vec(), ..Turn::default() };
        self.whole(run, turn).await.map(|turned| turned.claimed)
    }

    /// Records answers, and nothing else.
    pub async fn record(&self, run: &Run, answers: Vec<Answered>) -> Result<()> {
        self.whole(run, Turn { answers, ..Turn::default() }).await.map(drop)
    }

    /// Gives back what was claimed and not sent, and nothing else.
    pub async fn release(&self, run: &Run, claimed: &[Claimed]) -> Result<()> {
        self.whole(run, Turn { back: claimed.to_vec(), ..Turn::default() }).await.map(drop)
    }

    async fn whole(&self, run: &Run, turn: Turn) -> Result<Turned> {
        let turned = self.turn(run, turn).await?;
        match turned.failed {
            None => Ok(turned),
            Some(error) => Err(error),
        }
    }
}

impl Turn {
    /// Whether it is of several kinds, so that a part of it may be written down where the whole
    /// cannot be.
    fn is_mixed(&self) -> bool {
        let kinds = [self.answers.is_empty(), self.back.is_empty(), self.shares.is_empty()];
        kinds.into_iter().filter(|is_empty| !is_empty).count() > 1
    }
}

/// Whose commits they are.
struct Books<'c> {
    connection: &'c mut Connection,
    run: i64,
    /// By the wall clock, and as what is due goes by.
    now: (i64, i64),
    mark: Option<&'c Mark>,
}

impl Books<'_> {
    fn write(&mut self, turn: &Turn) -> Result<Vec<Claimed>> {
        let Turn { answers, back, shares } = turn;
        let tx = begin(self.connection)?;
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
