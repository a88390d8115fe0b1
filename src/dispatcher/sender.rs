//! The pacer and the senders: a claimed movement is started when the pace allows it, and what came
//! of it goes to the clerk together with its slot.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, UnboundedSender};

use super::control::{Control, Gate};
use super::event::Stop;
use super::slots::Slot;
use super::{Flight, Service, backoff};
use crate::api::{Request, interpret};
use crate::killpoint::{Point, pass};
use crate::ledger::Answered;
use crate::submission::Outcome;

/// What the clerk gets.
pub(super) enum Arrival {
    /// An answer, or what came in its place; its slot is free once it is on the disk.
    Answer { answered: Box<Answered>, slot: Slot },
    /// No byte of it left: it goes back.
    Back(Flight),
}

/// Starts what was claimed, one after the other, until nothing more is to be sent.
pub(super) async fn pace<S: Service>(
    control: Arc<Control>,
    service: Arc<S>,
    mut claimed: Receiver<Flight>,
    to_clerk: UnboundedSender<Arrival>,
) {
    while let Some(flight) = claimed.recv().await {
        if may_start(&control, &*service, &flight).await {
            let (control, service) = (Arc::clone(&control), Arc::clone(&service));
            let to_clerk = to_clerk.clone();
            control.leaves();
            let mut sending = Box::pin(async move {
                let arrival = send(&control, &*service, flight).await;
                control.is_back();
                // The clerk outlives the senders.
                let _ = to_clerk.send(arrival);
            });
            // It starts here and now, when the pace allowed it, and not when its turn comes among
            // all tasks: many that start late would start together.
            tokio::select! {
                biased;
                () = &mut sending => {}
                () = std::future::ready(()) => drop(tokio::spawn(sending)),
            }
        } else {
            control.came_back(flight.trial, flight.claimed.operator);
            let _ = to_clerk.send(Arrival::Back(flight));
        }
        if claimed.len() <= control.refill_at() {
            // A claim takes a moment, and the pace does not wait for it.
            control.changed.notify_one();
        }
    }
}

/// Waits until a claimed movement may be started; if that is not soon, it goes back.
async fn may_start<S: Service>(control: &Control, service: &S, flight: &Flight) -> bool {
    loop {
        // A token that is asked for only after the gate would let many requests start at once.
        if !control.is_ready(service).await {
            return false;
        }
        match control.gate(flight) {
            Gate::Open => return true,
            Gate::Closed => return false,
            Gate::At(moment) => {
                tokio::select! {
                    biased;
                    () = control.told_to_stop() => {}
                    () = control.clock().sleep_until(moment) => {}
                }
            }
        }
    }
}

/// One request.
async fn send<S: Service>(control: &Control, service: &S, flight: Flight) -> Arrival {
    let claimed = &flight.claimed;
    let request = Request {
        method: claimed.method,
        waste_tracking_id: claimed.waste_tracking_id.clone(),
        body: claimed.payload.clone(),
    };
    let started_at = control.clock().wall_ms();
    let exchange = match service.exchange(request).await {
        Ok(exchange) => exchange,
        Err(unsent) => {
            control.stop(Stop::Token(unsent.0));
            control.came_back(flight.trial, claimed.operator);
            return Arrival::Back(flight);
        }
    };
    pass(Point::Answered);
    let wall = control.clock().wall();
    let outcome = interpret(claimed.method, &exchange, wall);
    let detail = exchange.detail(&outcome);
    let status = exchange.reply().map(|reply| reply.status);
    if status == Some(401) {
        service.token_refused(exchange.token_generation);
    }
    if matches!(outcome, Outcome::Accepted { .. } | Outcome::Rejected { .. }) {
        control.succeeded(exchange.elapsed);
    }
    control.answered(
        claimed,
        flight.trial,
        &outcome,
        status,
        detail.as_ref(),
        exchange.token_generation,
    );
    let wait = match &outcome {
        Outcome::Deferred { reason, retry_after } => {
            backoff::wait(*reason, *retry_after, claimed.attempt, fastrand::f64())
        }
        _ => Duration::ZERO,
    };
    let reply = exchange.reply();
    let Flight { claimed, slot, .. } = flight;
    let answered = Answered {
        started_at,
        duration_ms: i64::try_from(exchange.elapsed.as_millis()).unwrap_or(i64::MAX),
        status,
        request_id: reply.and_then(|reply| reply.request_id.clone()),
        service_charge_expiry: reply.and_then(|reply| reply.service_charge_expiry.clone()),
        detail,
        // Rounded up: what the service asks for is kept in full.
        due_at: control
            .clock()
            .due_ms()
            .saturating_add(i64::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(i64::MAX))
            .saturating_add(i64::from(wait > Duration::ZERO)),
        outcome,
        claimed,
    };
    Arrival::Answer { answered: Box::new(answered), slot }
}
