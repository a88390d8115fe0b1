//! Claims: no more than has a free slot and can start within 100 ms, round the operators.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Flight;
use super::breaker::Permit;
use super::control::Control;
use super::event::{Event, Stop};
use super::pauses::Leave;
use crate::clock::Moment;
use crate::ledger::{Ledger, LedgerError, Run, Supply};

/// How long to wait where only another task's step can change anything.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// A claim is never larger than this, however fast the pace.
const LARGEST_CLAIM: usize = 256;

pub(super) struct Claimer<'a> {
    ledger: &'a Ledger,
    run: &'a Run,
    control: Arc<Control>,
    slots: Arc<Semaphore>,
    all_slots: usize,
    to_pacer: Sender<Flight>,
    /// Operators that have something to send, or had when the ledger was last asked.
    operators: Vec<Supply>,
    /// Those of which the last claim got less than it asked for.
    dry: HashSet<i64>,
    /// Whose turn it is.
    turn: usize,
}

/// What to do next.
enum Next {
    Claim { shares: Vec<(i64, usize)>, probe: bool },
    Wait(Moment),
    Ask,
    End(Stop),
}

impl<'a> Claimer<'a> {
    pub(super) fn new(
        ledger: &'a Ledger,
        run: &'a Run,
        control: Arc<Control>,
        slots: Arc<Semaphore>,
        to_pacer: Sender<Flight>,
    ) -> Self {
        let all_slots = slots.available_permits();
        let (operators, dry) = (Vec::new(), HashSet::new());
        Claimer { ledger, run, control, slots, all_slots, to_pacer, operators, dry, turn: 0 }
    }

    /// Claims until nothing is left or the run stops. The pacer ends when this drops its channel.
    pub(super) async fn run(mut self) {
        if let Err(error) = self.claim_all().await {
            tracing::error!(%error, "claiming failed");
            self.control.stop(Stop::Ledger);
        }
    }

    async fn claim_all(&mut self) -> Result<(), LedgerError> {
        self.ask().await?;
        let waiting = self.operators.iter().map(|supply| supply.waiting).sum();
        self.control.emit(Event::Waiting(waiting));
        while !self.control.is_stopping() {
            match self.next() {
                Next::Claim { shares, probe } => self.claim(&shares, probe).await?,
                Next::Wait(until) => self.wait(until).await,
                Next::Ask => {
                    self.ask().await?;
                    match self.asked() {
                        Next::Wait(until) => self.wait(until).await,
                        Next::End(stop) => self.control.stop(stop),
                        Next::Ask | Next::Claim { .. } => {}
                    }
                }
                Next::End(stop) => self.control.stop(stop),
            }
        }
        Ok(())
    }

    /// Decides the next move from what is known now.
    fn next(&mut self) -> Next {
        let now = self.control.clock().now();
        let most = match self.control.window() {
            Ok(window) => window.saturating_sub(self.unstarted()).min(LARGEST_CLAIM),
            Err(until) => return self.wait_or_give_up(until, "the service asks to wait"),
        };
        let most = most.min(self.slots.available_permits());
        if most == 0 {
            return Next::Wait(now + LOOK_AGAIN);
        }
        let (open, wake) = self.open_operators(now);
        let Some(open) = open else {
            return match wake {
                Some(until) => self.wait_or_give_up(until, "the rest must wait"),
                None if self.is_idle() => Next::End(Stop::GaveUp(
                    "the operators that are left must put things right first".to_owned(),
                )),
                None => Next::Wait(now + LOOK_AGAIN),
            };
        };
        if open.is_empty() {
            return Next::Ask;
        }
        match self.control.permit() {
            Permit::All => self.shares(&open, most),
            Permit::Probe => Next::Claim { shares: vec![(open[0].0, 1)], probe: true },
            Permit::NotBefore(until) => self.wait_or_give_up(until, "the service seems to be down"),
            Permit::Probing => Next::Wait(now + LOOK_AGAIN),
        }
    }

    /// The operators that may be claimed for (with whether as a probe) and are not dry; none at
    /// all where every one is paused. And when the first pause ends.
    fn open_operators(&self, now: Moment) -> (Option<Vec<(i64, bool)>>, Option<Moment>) {
        let mut open = Vec::new();
        let mut paused = 0;
        let mut wake: Option<Moment> = None;
        for supply in &self.operators {
            match self.control.leave(supply.operator) {
                Leave::All => open.push((supply.operator, false)),
                Leave::Probe => open.push((supply.operator, true)),
                Leave::NotBefore(until) => {
                    paused += 1;
                    wake = Some(wake.map_or(until, |wake| wake.min(until)));
                }
                Leave::Probing => {
                    paused += 1;
                    wake = Some(wake.map_or(now + LOOK_AGAIN, |wake| wake.min(now + LOOK_AGAIN)));
                }
                Leave::Never => paused += 1,
            }
        }
        if paused > 0 && open.is_empty() {
            return (None, wake);
        }
        open.retain(|(operator, _)| !self.dry.contains(operator));
        (Some(open), wake)
    }

    /// Shares a claim among operators, beginning with the one whose turn it is.
    fn shares(&mut self, open: &[(i64, bool)], most: usize) -> Next {
        self.turn = self.turn.wrapping_add(1);
        let first = self.turn % open.len();
        if let (operator, true) = open[first] {
            self.control.set_operator_probing(operator, true);
            return Next::Claim { shares: vec![(operator, 1)], probe: true };
        }
        let fair: Vec<i64> = open.iter().filter(|(_, probe)| !probe).map(|(id, _)| *id).collect();
        let each = most.div_ceil(fair.len().max(1));
        let mut left = most;
        let mut shares = Vec::new();
        for step in 0..fair.len() {
            let operator = fair[(first + step) % fair.len()];
            let share = each.min(left);
            if share > 0 {
                shares.push((operator, share));
            }
            left -= share;
        }
        Next::Claim { shares, probe: false }
    }

    async fn claim(&mut self, shares: &[(i64, usize)], probe: bool) -> Result<(), LedgerError> {
        let claimed = self.ledger.claim(self.run, shares).await?;
        for &(operator, share) in shares {
            let got = claimed.iter().filter(|claim| claim.operator == operator).count();
            if got < share {
                self.dry.insert(operator);
            }
        }
        if probe && claimed.is_empty() {
            self.control.probe_came_back();
            for (operator, _) in shares {
                self.control.set_operator_probing(*operator, false);
            }
        }
        if claimed.is_empty() {
            // What is due may have to wait for an earlier revision that is under way.
            self.wait(self.control.clock().now() + LOOK_AGAIN).await;
        }
        for claimed in claimed {
            let Some(slot) = self.slot().await else { return Ok(()) };
            let flight = Flight { claimed, probe, _slot: slot };
            // The pacer outlives the claimer: it ends when this channel does.
            let _ = self.to_pacer.send(flight).await;
        }
        Ok(())
    }

    /// A slot. Only the claimer takes slots, and it claims no more than are free.
    async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }

    /// Asks the ledger who has something to send.
    async fn ask(&mut self) -> Result<(), LedgerError> {
        self.operators = self.ledger.supply().await?;
        self.dry.clear();
        let now = self.control.clock().wall_ms();
        let later = self.operators.iter().filter(|supply| supply.first_due > now);
        self.dry.extend(later.map(|supply| supply.operator));
        Ok(())
    }

    /// After the ledger was asked: go on, wait for what is due later, or end.
    fn asked(&self) -> Next {
        let clock = self.control.clock();
        if self.operators.iter().any(|supply| !self.dry.contains(&supply.operator)) {
            return Next::Ask;
        }
        let Some(first_due) = self.operators.iter().map(|supply| supply.first_due).min() else {
            return if self.is_idle() {
                Next::End(Stop::Done)
            } else {
                Next::Wait(clock.now() + LOOK_AGAIN)
            };
        };
        let wait = first_due.saturating_sub(clock.wall_ms()).max(1).unsigned_abs();
        let until = clock.now() + Duration::from_millis(wait);
        self.wait_or_give_up(until, "the rest is due later")
    }

    fn wait_or_give_up(&self, until: Moment, why: &str) -> Next {
        if until > self.control.gives_up_at() && self.is_idle() {
            return Next::End(Stop::GaveUp(why.to_owned()));
        }
        Next::Wait(until)
    }

    /// Waits for a moment, a change, or the order to stop.
    async fn wait(&self, until: Moment) {
        tokio::select! {
            () = self.control.clock().sleep_until(until) => {}
            () = self.control.changed.notified() => {}
            () = self.control.told_to_stop() => {}
        }
    }

    fn is_idle(&self) -> bool {
        self.slots.available_permits() == self.all_slots
    }

    fn unstarted(&self) -> usize {
        self.to_pacer.max_capacity() - self.to_pacer.capacity()
    }
}
