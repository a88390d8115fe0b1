//! The pacer and the senders: a claimed movement is started when the pace allows it, and what came
//! of it goes to the recorder together with its slot.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, UnboundedSender};

use super::control::{Control, Gate};
use super::event::Stop;
use super::{Flight, Service, backoff};
use crate::api::{Request, interpret};
use crate::ledger::Answered;
use crate::submission::Outcome;

/// What the recorder gets.
pub(super) enum Arrival {
    /// An answer, or what came in its place.
    Answer { answered: Box<Answered>, _flight: Flight },
    /// No byte of it left: it goes back.
    Back(Flight),
}

/// Starts what was claimed, one after the other, until the claimer ends.
pub(super) async fn pace<S: Service>(
    control: Arc<Control>,
    service: Arc<S>,
    mut claimed: Receiver<Flight>,
    to_recorder: UnboundedSender<Arrival>,
) {
    while let Some(flight) = claimed.recv().await {
        loop {
            match control.gate(&flight) {
                Gate::Open => {
                    let (control, service) = (Arc::clone(&control), Arc::clone(&service));
                    let to_recorder = to_recorder.clone();
                    tokio::spawn(async move {
                        let arrival = send(&control, &*service, flight).await;
                        // The recorder outlives the senders.
                        let _ = to_recorder.send(arrival);
                    });
                    break;
                }
                Gate::At(moment) => {
                    tokio::select! {
                        () = control.clock().sleep_until(moment) => {}
                        () = control.told_to_stop() => {}
                    }
                }
                Gate::Closed => {
                    came_back(&control, &flight);
                    let _ = to_recorder.send(Arrival::Back(flight));
                    break;
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
            came_back(control, &flight);
            return Arrival::Back(flight);
        }
    };
    let wall = control.clock().wall();
    let outcome = interpret(claimed.method, &exchange, wall);
    let detail = exchange.detail(&outcome);
    let status = exchange.reply().map(|reply| reply.status);
    if status == Some(401) {
        service.token_refused(exchange.token_generation);
    }
    control.answered(
        claimed,
        flight.probe,
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
    let answered = Answered {
        claimed: claimed.clone(),
        started_at,
        duration_ms: i64::try_from(exchange.elapsed.as_millis()).unwrap_or(i64::MAX),
        status,
        request_id: reply.and_then(|reply| reply.request_id.clone()),
        service_charge_expiry: reply.and_then(|reply| reply.service_charge_expiry.clone()),
        detail,
        due_at: wall.as_millisecond() + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX),
        outcome,
    };
    Arrival::Answer { answered: Box::new(answered), _flight: flight }
}

fn came_back(control: &Control, flight: &Flight) {
    if flight.probe {
        control.probe_came_back();
        control.set_operator_probing(flight.claimed.operator, false);
    }
}
