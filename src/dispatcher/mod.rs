//! From the ledger to the service and back: claims, pace, back-off, pauses, shutdown.
//!
//! One clerk, one pacer, as many senders as are in flight. The clerk claims and records, both in
//! one commit. A claim is on the disk before the pacer may start it; a sender holds its slot until
//! its answer is on the disk; an event is emitted only after that. Retry and resume are the same path as submit: what is
//! `ready`, or `deferred` and due, is claimed. Must not know: files, terminals, exit codes.

mod backoff;
mod breaker;
mod claimer;
mod clerk;
mod control;
mod event;
mod group;
mod in_flight;
mod pace;
mod pauses;
mod sender;
mod slots;

pub use event::{Event, Stop};

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, channel, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::api::{Client, Exchange, Request, Unsent};
use crate::clock::Clock;
use crate::ledger::{Claimed, Ledger, LedgerError, Run};
use clerk::Clerk;
use control::Control;
use slots::Slot;

/// Something that takes requests: the Receipt API, or a model of it.
pub trait Service: Send + Sync + 'static {
    /// Makes ready to send, which may mean to wait for a token, so that requests start when they
    /// are told to. An error means that none can be sent.
    fn ready(&self) -> impl Future<Output = Result<(), Unsent>> + Send;

    /// Makes one request. An error means that no byte of it left.
    fn exchange(&self, request: Request) -> impl Future<Output = Result<Exchange, Unsent>> + Send;

    /// The token of that generation was refused.
    fn token_refused(&self, generation: u64);
}

impl Service for Client {
    async fn ready(&self) -> Result<(), Unsent> {
        Client::ready(self).await
    }

    async fn exchange(&self, request: Request) -> Result<Exchange, Unsent> {
        Client::exchange(self, request).await
    }

    fn token_refused(&self, generation: u64) {
        self.tokens().refused(generation);
    }
}

/// What is under way never exceeds this where nobody says how much may be.
pub const MOST_IN_FLIGHT: usize = 512;

/// How a run goes about it.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Requests that may start in any one second; 0 for no limit.
    pub rate: u32,
    /// The most requests that may be unanswered, or answered and not yet recorded, at a time.
    pub in_flight: usize,
    /// Whether only as many are as the pace needs at the latency of successful answers.
    pub adapts: bool,
    /// How long a run goes on without any movement getting settled.
    pub give_up_after: Duration,
}

/// A claimed revision with its slot.
struct Flight {
    claimed: Claimed,
    trial: Trial,
    slot: Slot,
}

/// What a movement is sent to find out, besides.
#[derive(Debug, Clone, Copy, Default)]
struct Trial {
    /// Whether the service is back.
    outage: bool,
    /// Whether its operator's pause is over.
    pause: bool,
}

/// Sends everything that is due, until nothing is left, the run gives up, or `drain` is cancelled.
///
/// An error is the ledger's: what cannot be recorded stops the run before the next request.
pub async fn dispatch<S: Service>(
    ledger: &Ledger,
    run: &Run,
    service: Arc<S>,
    options: Options,
    drain: CancellationToken,
    events: UnboundedSender<Event>,
) -> Result<Stop, LedgerError> {
    let clock: Clock = ledger.clock().clone();
    let control = Arc::new(Control::new(clock, options, drain, events));
    let (to_pacer, claimed) = channel(options.in_flight.max(1));
    let (to_clerk, arrivals) = unbounded_channel();
    let (ours, theirs) = (Arc::clone(&control), Arc::clone(&service));
    let clerk = Clerk::new(ledger, run, ours, service, to_pacer, arrivals);
    let pacer = sender::pace(Arc::clone(&control), theirs, claimed, to_clerk);
    let (worked, ()) = tokio::join!(clerk.work(), pacer);
    worked?;
    Ok(control.stopped().unwrap_or(Stop::Done))
}

#[cfg(test)]
mod tests;
