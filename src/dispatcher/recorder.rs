//! The recorder: answers go to the disk in groups, and are told only after that.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::UnboundedReceiver;

use super::control::{Control, api_code};
use super::event::{Event, Stop};
use super::sender::Arrival;
use crate::clock::Moment;
use crate::killpoint::{Point, pass};
use crate::ledger::{Answered, Claimed, Ledger, LedgerError, Run};

/// How long an answer may wait for others to share a commit with.
const GATHER: Duration = Duration::from_millis(20);
/// A commit with so many answers is worth its cost: below, two cost more than one that is as large
/// as both, whatever goes on beside it.
const WORTH_IT: usize = 64;
/// A commit takes no more answers than this.
const LARGEST_GROUP: usize = 512;

/// Records until every sender is done. The first error stops the run; what comes after it cannot
/// be recorded and stays `sending`, which the next run settles.
pub(super) async fn record(
    ledger: &Ledger,
    run: &Run,
    control: &Control,
    mut arrivals: UnboundedReceiver<Arrival>,
) -> Result<(), LedgerError> {
    let mut expiries: HashMap<i64, String> = HashMap::new();
    let mut failed = None;
    while let Some(first) = arrivals.recv().await {
        let mut group = Group::default();
        group.take(first);
        gather(control, &mut arrivals, &mut group).await;
        if failed.is_none() {
            if control.is_stopping() {
                pass(Point::Draining);
            }
            match control.clock().aside(group.commit(ledger, run)).await {
                Ok(()) => group.tell(control, &mut expiries),
                Err(error) => {
                    control.stop(Stop::Ledger);
                    failed = Some(error);
                }
            }
        }
        control.changed.notify_one();
    }
    failed.map_or(Ok(()), Err)
}

/// Waits a little for more; not once a quarter of what can be in flight has come, if that is many:
/// while it is written down and the next are claimed, the others are under way.
async fn gather(control: &Control, arrivals: &mut UnboundedReceiver<Arrival>, group: &mut Group) {
    let in_flight = control.in_flight();
    let most = LARGEST_GROUP.min(in_flight).min((in_flight / 4).max(WORTH_IT));
    let until: Moment = control.clock().now() + GATHER;
    while group.slots.len() < most && (control.is_more_to_come() || !arrivals.is_empty()) {
        tokio::select! {
            biased;
            arrival = arrivals.recv() => match arrival {
                Some(arrival) => group.take(arrival),
                None => return,
            },
            () = control.clock().sleep_until(until) => return,
        }
    }
}

/// What goes to the disk together. With it go its slots.
#[derive(Default)]
struct Group {
    answers: Vec<Answered>,
    back: Vec<Claimed>,
    slots: Vec<OwnedSemaphorePermit>,
}

impl Group {
    fn take(&mut self, arrival: Arrival) {
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

    async fn commit(&mut self, ledger: &Ledger, run: &Run) -> Result<(), LedgerError> {
        if !self.answers.is_empty() {
            self.answers = ledger.record(run, std::mem::take(&mut self.answers)).await?;
        }
        if !self.back.is_empty() {
            ledger.release(&self.back).await?;
        }
        Ok(())
    }

    /// Gives the slots back, and tells what is on the disk now.
    fn tell(self, control: &Control, expiries: &mut HashMap<i64, String>) {
        let Group { answers, back, slots } = self;
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
        if !back.is_empty() {
            control.emit(Event::Released(back.len()));
        }
        drop(slots);
    }
}
