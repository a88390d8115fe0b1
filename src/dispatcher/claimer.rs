//! Claims: no more than has a free slot and can start within 100 ms, round the operators.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::breaker::Permit;
use super::control::Control;
use super::event::{Event, Stop};
use super::pauses::Leave;
use super::{Flight, Service, Trial};
use crate::clock::Moment;
use crate::ledger::{Ledger, LedgerError, Run, Supply};

/// How long to wait where only another task's step can change anything.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// A wait of so long, with nothing under way, is told.
const WORTH_TELLING: Duration = Duration::from_secs(3);
/// A claim is never larger than this, however fast the pace.
const LARGEST_CLAIM: usize = 256;

pub(super) struct Claimer<'a, S> {
    ledger: &'a Ledger,
    run: &'a Run,
    control: Arc<Control>,
    service: Arc<S>,
    slots: Arc<Semaphore>,
    all_slots: usize,
    to_pacer: Sender<Flight>,
    /// Operators that have something to send, or had when the ledger was last asked.
    operators: Vec<Supply>,
    /// Those that have nothing due, as far as is known.
    dry: HashSet<i64>,
    /// Whose turn it is.
    turn: usize,
    /// Until when people know that nothing is sent.
    told_to_wait: Option<Moment>,
}

/// What to do next.
enum Next {
    Claim { shares: Vec<(i64, usize)>, trial: Trial },
    Wait(Moment),
    Ask,
    GoOn,
    End(Stop),
}

impl<'a, S: Service> Claimer<'a, S> {
    pub(super) fn new(
        ledger: &'a Ledger,
        run: &'a Run,
        control: Arc<Control>,
        service: Arc<S>,
        to_pacer: Sender<Flight>,
    ) -> Self {
        let all_slots = control.options.in_flight.max(1);
        let slots = Arc::new(Semaphore::new(all_slots));
        Claimer {
            ledger,
            run,
            control,
            service,
            slots,
            all_slots,
            to_pacer,
            operators: Vec::new(),
            dry: HashSet::new(),
            turn: 0,
            told_to_wait: None,
        }
    }

    /// Claims until nothing is left or the run stops. The pacer ends when this drops its channel.
    pub(super) async fn run(mut self) -> Result<(), LedgerError> {
        let claimed = self.claim_all().await;
        if claimed.is_err() {
            self.control.stop(Stop::Ledger);
        }
        claimed
    }

    async fn claim_all(&mut self) -> Result<(), LedgerError> {
        self.ask().await?;
        let waiting = self.control.clock().aside(self.ledger.waiting()).await?;
        self.control.emit(Event::Waiting(waiting));
        while !self.control.is_stopping() {
            let mut next = self.next();
            if matches!(next, Next::Ask) {
                let was_idle = self.is_idle();
                self.ask().await?;
                next = self.asked(was_idle);
            }
            match next {
                Next::Claim { shares, trial } => self.claim(&shares, trial).await?,
                Next::Wait(until) => self.wait(until).await,
                Next::End(stop) => self.control.stop(stop),
                Next::Ask | Next::GoOn => {}
            }
        }
        Ok(())
    }

    /// Decides the next move from what is known now.
    fn next(&mut self) -> Next {
        let now = self.control.clock().now();
        if self.control.is_hopeless() {
            return self.wait_or_give_up(now + LOOK_AGAIN, "nothing gets settled");
        }
        // A claim for each start would be a commit for each: half of the window is claimed at once.
        if self.unstarted() > self.control.refill_at() {
            return Next::Wait(now + LOOK_AGAIN);
        }
        let most = match self.control.window() {
            Ok(window) => window.saturating_sub(self.unstarted()).min(LARGEST_CLAIM),
            Err(until) => return self.wait_or_give_up(until, "the service asks to wait"),
        };
        let most = most.min(self.free_slots());
        if most == 0 {
            return Next::Wait(now + LOOK_AGAIN);
        }
        let open = self.open_operators();
        let Some(&(operator, pause)) = open.first() else { return Next::Ask };
        match self.control.permit() {
            Permit::All => self.shares(&open, most),
            Permit::Probe => {
                self.control.set_operator_probing(operator, pause);
                Next::Claim { shares: vec![(operator, 1)], trial: Trial { outage: true, pause } }
            }
            Permit::NotBefore(until) => self.wait_or_give_up(until, "the service seems to be down"),
            Permit::Probing => Next::Wait(now + LOOK_AGAIN),
        }
    }

    /// The operators that may be claimed for and are not dry, with whether it is to find out
    /// whether their pause is over.
    fn open_operators(&self) -> Vec<(i64, bool)> {
        let with_supply = self.operators.iter().filter(|s| !self.dry.contains(&s.operator));
        with_supply
            .filter_map(|supply| match self.control.leave(supply.operator) {
                Leave::All => Some((supply.operator, false)),
                Leave::Probe => Some((supply.operator, true)),
                Leave::NotBefore(_) | Leave::Probing | Leave::Never => None,
            })
            .collect()
    }

    /// Shares a claim among operators, beginning with the one whose turn it is.
    fn shares(&mut self, open: &[(i64, bool)], most: usize) -> Next {
        self.turn = self.turn.wrapping_add(1);
        let first = self.turn % open.len();
        if let (operator, true) = open[first] {
            self.control.set_operator_probing(operator, true);
            let trial = Trial { outage: false, pause: true };
            return Next::Claim { shares: vec![(operator, 1)], trial };
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
        Next::Claim { shares, trial: Trial::default() }
    }

    async fn claim(&mut self, shares: &[(i64, usize)], trial: Trial) -> Result<(), LedgerError> {
        // While a token is waited for, nothing is claimed that a kill would leave uncertain.
        let claimed = if self.control.is_ready(&*self.service).await {
            let claim = self.ledger.claim(self.run, shares);
            self.control.clock().aside(claim).await?
        } else {
            Vec::new()
        };
        for &(operator, share) in shares {
            let got = claimed.iter().filter(|claim| claim.operator == operator).count();
            if got < share {
                self.dry.insert(operator);
            }
        }
        if claimed.is_empty() {
            for (operator, _) in shares {
                self.control.came_back(trial, *operator);
            }
        }
        for claimed in claimed {
            let Some(slot) = self.slot().await else { return Ok(()) };
            let flight = Flight { claimed, trial, slot };
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
        let clock = self.control.clock();
        self.operators = clock.aside(self.ledger.supply()).await?;
        let now = clock.due_ms();
        let later = self.operators.iter().filter(|s| s.first_due.is_none_or(|due| due > now));
        self.dry = later.map(|supply| supply.operator).collect();
        Ok(())
    }

    /// After the ledger was asked: go on, wait for what may be sent later, or end. Unless nothing was
    /// under way when it was asked, an answer may have been recorded since that makes more to send.
    fn asked(&mut self, was_idle: bool) -> Next {
        if !self.open_operators().is_empty() {
            return Next::GoOn;
        }
        let now = self.control.clock().now();
        let (mut wake, mut barred): (Option<Moment>, bool) = (None, false);
        for supply in &self.operators {
            let leave = match self.control.leave(supply.operator) {
                Leave::All | Leave::Probe => now,
                Leave::NotBefore(until) => until,
                Leave::Probing => now + LOOK_AGAIN,
                Leave::Never => {
                    barred = true;
                    continue;
                }
            };
            if let Some(due) = supply.first_due {
                let until = leave.max(self.moment(due)).max(now + Duration::from_millis(1));
                wake = Some(wake.map_or(until, |wake| wake.min(until)));
            }
        }
        match wake {
            Some(until) => self.wait_or_give_up(until, "the rest is due later"),
            None if !self.is_idle() => Next::Wait(now + LOOK_AGAIN),
            None if !was_idle => Next::GoOn,
            None if barred => Next::End(
                self.control.giving_up("the operators that are left must put things right first"),
            ),
            None => Next::End(Stop::Done),
        }
    }

    /// When something is due, by a time that the ledger wrote.
    fn moment(&self, due_ms: i64) -> Moment {
        let clock = self.control.clock();
        let wait = u64::try_from(due_ms.saturating_sub(clock.due_ms())).unwrap_or(0);
        clock.now().saturating_add(Duration::from_millis(wait))
    }

    fn wait_or_give_up(&mut self, until: Moment, why: &str) -> Next {
        if until > self.control.gives_up_at() && self.is_idle() {
            return Next::End(self.control.giving_up(why));
        }
        let told = self.told_to_wait.is_some_and(|told| told >= until);
        let is_long = until > self.control.clock().now() + WORTH_TELLING;
        if is_long && !told && self.is_idle() {
            self.told_to_wait = Some(until);
            self.control.emit(Event::NothingBefore { until: self.control.wall(until) });
        }
        Next::Wait(until)
    }

    /// Waits for a moment, a change, or the order to stop.
    async fn wait(&self, until: Moment) {
        tokio::select! {
            biased;
            () = self.control.told_to_stop() => {}
            () = self.control.changed.notified() => {}
            () = self.control.clock().sleep_until(until) => {}
        }
    }

    /// How many more may be under way.
    fn free_slots(&self) -> usize {
        let taken = self.all_slots - self.slots.available_permits();
        self.control.in_flight().saturating_sub(taken)
    }

    fn is_idle(&self) -> bool {
        self.slots.available_permits() == self.all_slots
    }

    fn unstarted(&self) -> usize {
        self.to_pacer.max_capacity() - self.to_pacer.capacity()
    }
}
