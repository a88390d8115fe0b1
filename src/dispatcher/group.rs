//! Answers that go to the disk together, and are told only after that.

use std::collections::HashMap;
use std::time::Duration;

use super::control::{Control, api_code};
use super::event::Event;
use super::sender::Arrival;
use super::slots::Slot;
use crate::clock::Moment;
use crate::ledger::{Answered, Claimed, Share, Turn};

/// How long an answer may wait for others to share a commit with.
const GATHER: Duration = Duration::from_millis(50);
/// Where nothing limits the pace, fewer answers are not worth a commit.
const WORTH_IT: usize = 32;
/// A commit takes no more answers than this.
pub(super) const LARGEST_GROUP: usize = 512;

/// What goes to the disk together. With it go its slots.
#[derive(Default)]
pub(super) struct Group {
    answers: Vec<Answered>,
    back: Vec<Claimed>,
    slots: Vec<Slot>,
    /// When the first of them came.
    since: Option<Moment>,
}

impl Group {
    pub(super) fn take(&mut self, arrival: Arrival, now: Moment) {
        self.since.get_or_insert(now);
        match arrival {
            Arrival::Answer { answered, slot } => {
                self.answers.push(*answered);
                self.slots.push(slot);
            }
            Arrival::Back(flight) => {
                self.back.push(flight.claimed);
                self.slots.push(flight.slot);
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Until when others may join it; none if there is nothing in it.
    pub(super) fn until(&self) -> Option<Moment> {
        self.since.map(|since| since + GATHER)
    }

    /// Whether it has waited long enough, or keeps so much of what can be in flight from being
    /// sent that the rest does not last while it is written down and the next are claimed.
    pub(super) fn is_ripe(&self, control: &Control) -> bool {
        let Some(until) = self.until() else { return false };
        let in_flight = control.in_flight();
        let most = match control.options.rate {
            0 => (in_flight / 8).max(WORTH_IT),
            _ => (in_flight / 4).max(1),
        };
        self.len() >= most.min(in_flight).min(LARGEST_GROUP)
            || !control.is_more_to_come()
            || control.clock().now() >= until
    }

    /// What is to be written down, besides what is claimed.
    pub(super) fn turn(&mut self, shares: Vec<Share>) -> Turn {
        let (answers, back) = (std::mem::take(&mut self.answers), std::mem::take(&mut self.back));
        Turn { answers, back, shares }
    }

    /// Gives the slots back, and tells what is on the disk now.
    pub(super) fn tell(
        self,
        answers: Vec<Answered>,
        released: usize,
        control: &Control,
        expiries: &mut HashMap<i64, String>,
    ) {
        for answered in answers {
            let Answered { claimed, outcome, status, detail, service_charge_expiry, .. } = answered;
            let (method, attempt) = (claimed.method, claimed.attempt);
            let reference = claimed.reference;
            control.emit(Event::Recorded { reference, method, attempt, outcome, status, detail });
            if let Some(expiry) = service_charge_expiry
                && expiries.get(&claimed.operator) != Some(&expiry)
            {
                expiries.insert(claimed.operator, expiry.clone());
                let api_code = api_code(&claimed.payload);
                control.emit(Event::ServiceCharge { api_code, expiry });
            }
        }
        if released > 0 {
            control.emit(Event::Released(released));
        }
        drop(self.slots);
    }
}
