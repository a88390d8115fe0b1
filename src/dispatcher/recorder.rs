//! The recorder: answers go to the disk in groups, and are told only after that.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use super::control::{Control, api_code};
use super::event::{Event, Stop};
use super::sender::Arrival;
use crate::clock::Moment;
use crate::killpoint::{Point, pass};
use crate::ledger::{Answered, Ledger, LedgerError, Run};

/// How long an answer may wait for others to share a commit with.
const GATHER: Duration = Duration::from_millis(20);
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
    let mut group = Vec::new();
    while let Some(first) = arrivals.recv().await {
        group.push(first);
        gather(control, &mut arrivals, &mut group).await;
        if failed.is_none() {
            if control.is_stopping() {
                pass(Point::Draining);
            }
            match control.clock().aside(commit(ledger, run, &group)).await {
                Ok(()) => tell(control, &group, &mut expiries),
                Err(error) => {
                    control.stop(Stop::Ledger);
                    failed = Some(error);
                }
            }
        }
        // With the flights go their slots.
        group.clear();
        control.changed.notify_one();
    }
    failed.map_or(Ok(()), Err)
}

/// Waits a little for more; not once as many have come as can be in flight.
async fn gather(
    control: &Control,
    arrivals: &mut UnboundedReceiver<Arrival>,
    group: &mut Vec<Arrival>,
) {
    let most = LARGEST_GROUP.min(control.in_flight());
    let until: Moment = control.clock().now() + GATHER;
    while group.len() < most {
        tokio::select! {
            biased;
            arrival = arrivals.recv() => match arrival {
                Some(arrival) => group.push(arrival),
                None => return,
            },
            () = control.clock().sleep_until(until) => return,
        }
    }
}

async fn commit(ledger: &Ledger, run: &Run, group: &[Arrival]) -> Result<(), LedgerError> {
    let mut answers: Vec<Answered> = Vec::new();
    let mut back = Vec::new();
    for arrival in group {
        match arrival {
            Arrival::Answer { answered, .. } => answers.push((**answered).clone()),
            Arrival::Back(flight) => back.push(flight.claimed.clone()),
        }
    }
    if !answers.is_empty() {
        ledger.record(run, &answers).await?;
    }
    if !back.is_empty() {
        ledger.release(&back).await?;
    }
    Ok(())
}

fn tell(control: &Control, group: &[Arrival], expiries: &mut HashMap<i64, String>) {
    let mut released = 0;
    for arrival in group {
        let Arrival::Answer { answered, .. } = arrival else {
            released += 1;
            continue;
        };
        control.emit(Event::Recorded {
            reference: answered.claimed.reference.clone(),
            method: answered.claimed.method,
            attempt: answered.claimed.attempt,
            outcome: answered.outcome.clone(),
            status: answered.status,
            detail: answered.detail.clone(),
        });
        if let Some(expiry) = &answered.service_charge_expiry
            && expiries.get(&answered.claimed.operator) != Some(expiry)
        {
            expiries.insert(answered.claimed.operator, expiry.clone());
            let api_code = api_code(&answered.claimed.payload);
            control.emit(Event::ServiceCharge { api_code, expiry: expiry.clone() });
        }
    }
    if released > 0 {
        control.emit(Event::Released(released));
    }
}
