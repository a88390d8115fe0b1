//! What to claim: no more than has a free slot and can start within 100 ms, round the operators.
//! Decides, and leaves the doing to the clerk. Must not know: answers, the ledger's commits.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::Trial;
use super::breaker::Permit;
use super::control::Control;
use super::event::{Event, Stop};
use super::pauses::Leave;
use crate::clock::Moment;
use crate::ledger::{Claimed, Share, Supply};

/// How long to wait where only another task's step can change anything.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// A wait of so long, with nothing under way, is told.
const WORTH_TELLING: Duration = Duration::from_secs(3);
/// A claim is never larger than this, however fast the pace.
const LARGEST_CLAIM: usize = 256;

pub(super) struct Claimer {
    control: Arc<Control>,
    /// Operators that have something to send, or had when the ledger was last asked.
    operators: Vec<Supply>,
    /// Those that have nothing due, as far as is known.
    dry: HashSet<i64>,
    /// Whose turn it is.
    turn: usize,
    /// Until when people know that nothing is sent.
    told_to_wait: Option<Moment>,
}

/// What is under way, claimed or answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// How many more may be claimed.
    pub(super) free: usize,
    /// How many are claimed and not started.
    pub(super) unstarted: usize,
    /// Whether there is nothing at all.
    pub(super) is_idle: bool,
}

/// What to do next.
pub(super) enum Next {
    Claim(Claim),
    Wait(Moment),
    /// The ledger is to be asked who has something to send.
    Ask,
    GoOn,
    End(Stop),
}

/// What is to be claimed.
pub(super) struct Claim {
    pub(super) shares: Vec<Share>,
    pub(super) trial: Trial,
}

impl Claimer {
    pub(super) fn new(control: Arc<Control>) -> Self {
        let (operators, dry) = (Vec::new(), HashSet::new());
        Claimer { control, operators, dry, turn: 0, told_to_wait: None }
    }

    /// How many to claim for what can start soon, slots aside; or when to ask again. A claim for
    /// each start would be a commit for each: half of the window is claimed at once.
    fn wanted(&self, load: Load) -> Result<usize, Moment> {
        if load.unstarted > self.control.refill_at() {
            return Ok(0);
        }
        let window = self.control.window()?;
        Ok(window.saturating_sub(load.unstarted))
    }

    /// Whether a claim would be made now, and not for a few only.
    pub(super) fn is_worth_it(&self, load: Load) -> bool {
        let wanted = self.wanted(load).unwrap_or(0);
        wanted > 0 && load.free >= wanted.div_ceil(2) && !self.open_operators().is_empty()
    }

    /// Decides the next move from what is known now.
    pub(super) fn next(&mut self, load: Load) -> Next {
        let now = self.control.clock().now();
        if self.control.is_hopeless() {
            return self.wait_or_give_up(load, now + LOOK_AGAIN, "nothing gets settled");
        }
        let most = match self.wanted(load) {
            Ok(wanted) => wanted.min(LARGEST_CLAIM).min(load.free),
            Err(until) => return self.wait_or_give_up(load, until, "the service asks to wait"),
        };
        if most == 0 {
            return Next::Wait(now + LOOK_AGAIN);
        }
        let open = self.open_operators();
        let Some(&(operator, pause)) = open.first() else { return Next::Ask };
        match self.control.permit() {
            Permit::All => self.shares(&open, most),
            Permit::Probe => {
                self.control.set_operator_probing(operator, pause);
                let trial = Trial { outage: true, pause };
                Next::Claim(Claim { shares: vec![(operator, 1)], trial })
            }
            Permit::NotBefore(until) => {
                self.wait_or_give_up(load, until, "the service seems to be down")
            }
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
            return Next::Claim(Claim { shares: vec![(operator, 1)], trial });
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
        Next::Claim(Claim { shares, trial: Trial::default() })
    }

    /// Takes in what a claim brought.
    pub(super) fn claimed(&mut self, claim: &Claim, claimed: &[Claimed]) {
        for &(operator, share) in &claim.shares {
            let got = claimed.iter().filter(|claim| claim.operator == operator).count();
            if got < share {
                self.dry.insert(operator);
            }
            if claimed.is_empty() {
                self.control.came_back(claim.trial, operator);
            }
        }
    }

    /// Takes in what the ledger says of who has something to send.
    pub(super) fn take(&mut self, supply: Vec<Supply>) {
        let now = self.control.clock().due_ms();
        let later = supply.iter().filter(|s| s.first_due.is_none_or(|due| due > now));
        self.dry = later.map(|supply| supply.operator).collect();
        self.operators = supply;
    }

    /// After the ledger was asked: go on, wait for what may be sent later, or end.
    pub(super) fn asked(&mut self, load: Load) -> Next {
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
            Some(until) => self.wait_or_give_up(load, until, "the rest is due later"),
            // What is under way may leave something to send.
            None if !load.is_idle => Next::Wait(now + LOOK_AGAIN),
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

    fn wait_or_give_up(&mut self, load: Load, until: Moment, why: &str) -> Next {
        if until > self.control.gives_up_at() && load.is_idle {
            return Next::End(self.control.giving_up(why));
        }
        let told = self.told_to_wait.is_some_and(|told| told >= until);
        let is_long = until > self.control.clock().now() + WORTH_TELLING;
        if is_long && !told && load.is_idle {
            self.told_to_wait = Some(until);
            self.control.emit(Event::NothingBefore { until: self.control.wall(until) });
        }
        Next::Wait(until)
    }
}
