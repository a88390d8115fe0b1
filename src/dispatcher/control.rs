//! What claims, pacing and answers share: health, pauses, pace, and whether to stop.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::breaker::{Breaker, Change, Permit, health};
use super::event::{Event, Stop};
use super::in_flight::InFlight;
use super::pace::Pace;
use super::pauses::{Leave, Pauses, Refused};
use super::{Flight, Options, Service, Trial};
use crate::clock::{Clock, Moment};
use crate::ledger::Claimed;
use crate::submission::{Outcome, Reason};

/// A claimed movement does not wait longer than this to be started: it goes back, so that a kill
/// leaves few of them uncertain.
const PATIENCE: Duration = Duration::from_secs(1);
/// A claim is for what can be started within this.
const WINDOW: Duration = Duration::from_millis(100);
/// A run in which requests are answered goes on for so long at least, settled or not: longer than
/// one request may take.
const LEAST_PATIENCE: Duration = Duration::from_secs(120);
/// So many fresh tokens in a row may be refused.
const REFUSED_TOKENS: u32 = 3;

/// Shared by the tasks of a run.
pub(super) struct Control {
    clock: Clock,
    pub(super) options: Options,
    drain: CancellationToken,
    /// Cancelled with `drain`, and by any other reason to stop.
    stopping: CancellationToken,
    events: UnboundedSender<Event>,
    state: Mutex<State>,
    /// Something changed that a waiting clerk should look at.
    pub(super) changed: Notify,
}

struct State {
    breaker: Breaker,
    pauses: Pauses,
    pace: Pace,
    in_flight: InFlight,
    /// Requests without an answer so far.
    under_way: usize,
    refused_tokens: u32,
    last_refused_token: u64,
    last_progress: Moment,
    /// What kept the last movement from being settled, in words.
    trouble: Option<String>,
    stop: Option<Stop>,
}

/// Whether a claimed movement may be started.
pub(super) enum Gate {
    /// Now.
    Open,
    /// Ask again then.
    At(Moment),
    /// Not soon, or not in this run: it goes back.
    Closed,
}

impl Control {
    pub(super) fn new(
        clock: Clock,
        options: Options,
        drain: CancellationToken,
        events: UnboundedSender<Event>,
    ) -> Self {
        let state = State {
            breaker: Breaker::default(),
            pauses: Pauses::default(),
            pace: Pace::new(options.rate, clock.clone()),
            in_flight: InFlight::new(options.rate, options.in_flight, options.adapts),
            under_way: 0,
            refused_tokens: 0,
            last_refused_token: 0,
            last_progress: clock.now(),
            trouble: None,
            stop: None,
        };
        let state = Mutex::new(state);
        let stopping = drain.child_token();
        Control { clock, options, drain, stopping, events, state, changed: Notify::new() }
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn emit(&self, event: Event) {
        // Nobody listening is no reason to stop.
        let _ = self.events.send(event);
    }

    /// Stops the run, unless it is stopping for another reason already.
    pub(super) fn stop(&self, why: Stop) {
        // An interruption is the reason of whatever fails because of it.
        self.is_stopping();
        self.state().stop.get_or_insert(why);
        self.stopping.cancel();
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        self.state().stop.clone()
    }

    /// Whether nothing more may start.
    pub(super) fn is_stopping(&self) -> bool {
        if self.drain.is_cancelled() {
            self.state().stop.get_or_insert(Stop::Interrupted);
        }
        self.state().stop.is_some()
    }

    /// Comes back when the run stops, for whatever reason.
    pub(super) async fn told_to_stop(&self) {
        self.stopping.cancelled().await;
    }

    /// Waits until the service can be sent to; if it cannot, or the run stops first, says so.
    pub(super) async fn is_ready<S: Service>(&self, service: &S) -> bool {
        let ready = tokio::select! {
            biased;
            () = self.told_to_stop() => return false,
            ready = service.ready() => ready,
        };
        if let Err(unsent) = ready {
            self.stop(Stop::Token(unsent.0));
            return false;
        }
        true
    }

    /// What may be claimed at all.
    pub(super) fn permit(&self) -> Permit {
        let now = self.clock.now();
        self.state().breaker.permit(now)
    }

    /// What may be claimed for an operator.
    pub(super) fn leave(&self, operator: i64) -> Leave {
        let now = self.clock.now();
        self.state().pauses.leave(operator, now)
    }

    pub(super) fn set_operator_probing(&self, operator: i64, probing: bool) {
        self.state().pauses.set_probing(operator, probing);
    }

    /// What was to be tried is not under way after all.
    pub(super) fn came_back(&self, trial: Trial, operator: i64) {
        let mut state = self.state();
        if trial.outage {
            state.breaker.probe_came_back();
        }
        if trial.pause {
            state.pauses.set_probing(operator, false);
        }
    }

    /// How many requests may be under way now.
    pub(super) fn in_flight(&self) -> usize {
        self.state().in_flight.allowed()
    }

    /// A request was answered in so long, and said what became of the movement.
    pub(super) fn succeeded(&self, latency: Duration) {
        self.state().in_flight.succeeded(latency);
    }

    /// A request is about to leave.
    pub(super) fn leaves(&self) {
        self.state().under_way += 1;
    }

    /// Something came of it.
    pub(super) fn is_back(&self) {
        let mut state = self.state();
        state.under_way = state.under_way.saturating_sub(1);
    }

    /// Whether an answer that came may soon be followed by another. Without a limit on the pace
    /// all that can leave has left.
    pub(super) fn is_more_to_come(&self) -> bool {
        self.options.rate > 0 || self.state().under_way > 0
    }

    /// How many movements can be started within 100 ms, or when the next one can.
    pub(super) fn window(&self) -> Result<usize, Moment> {
        let state = self.state();
        let next = state.pace.next_start();
        if next > self.clock.now() + WINDOW {
            return Err(next);
        }
        Ok(usize::try_from(state.pace.per_second() / 10).unwrap_or(usize::MAX).max(1))
    }

    /// With so few claimed movements left to be started, more should be claimed.
    pub(super) fn refill_at(&self) -> usize {
        match self.options.rate {
            0 => 0,
            _ => usize::try_from(self.state().pace.per_second() / 20).unwrap_or(0),
        }
    }

    /// To give up for now, with what the last answer said.
    pub(super) fn giving_up(&self, why: &str) -> Stop {
        let trouble = self.state().trouble.clone();
        let last = trouble.map_or_else(String::new, |trouble| format!("; last, {trouble}"));
        Stop::GaveUp(format!("{why}{last}"))
    }

    /// When the run gives up if nothing gets settled before.
    pub(super) fn gives_up_at(&self) -> Moment {
        self.state().last_progress + self.options.give_up_after
    }

    /// Whether requests have been answered for too long without one getting settled.
    pub(super) fn is_hopeless(&self) -> bool {
        let patience = self.options.give_up_after.max(LEAST_PATIENCE);
        self.clock.now() > self.state().last_progress + patience
    }

    /// Whether a claimed movement may be started.
    pub(super) fn gate(&self, flight: &Flight) -> Gate {
        if self.is_stopping() {
            return Gate::Closed;
        }
        let now = self.clock.now();
        let mut state = self.state();
        let paused = state.pauses.leave(flight.claimed.operator, now) != Leave::All;
        let Trial { outage, pause } = flight.trial;
        if (state.breaker.is_open() && !outage) || (paused && !pause) {
            return Gate::Closed;
        }
        match state.pace.start() {
            Ok(()) => Gate::Open,
            Err(next) if next > now + PATIENCE => Gate::Closed,
            Err(next) => Gate::At(next),
        }
    }

    /// Takes in what an answer says of the service, the operator and the pace.
    pub(super) fn answered(
        &self,
        claimed: &Claimed,
        trial: Trial,
        outcome: &Outcome,
        status: Option<u16>,
        detail: Option<&String>,
        token_generation: u64,
    ) {
        let now = self.clock.now();
        let reason = outcome.reason();
        let mut events = Vec::new();
        let mut state = self.state();
        if matches!(outcome, Outcome::Accepted { .. } | Outcome::Rejected { .. }) {
            state.last_progress = now;
            state.trouble = None;
        } else {
            let said = detail.map_or_else(String::new, |said| format!(" ({said})"));
            state.trouble = Some(format!("{}{said}", reason.explain()));
        }
        match state.breaker.answered(health(reason), trial.outage, now) {
            Change::None => {}
            Change::Opened(until) => {
                state.in_flight.broke();
                events.push(Event::Outage { until: self.wall(until) });
            }
            Change::Closed => events.push(Event::Recovered),
        }
        match reason {
            Reason::Stored => {
                state.refused_tokens = 0;
                state.pauses.welcomed(claimed.operator);
            }
            Reason::Refused => state.pauses.welcomed(claimed.operator),
            Reason::Unpaid | Reason::ApiCodeUnknown => {
                let until = match state.pauses.refused(claimed.operator, trial.pause, now) {
                    Refused::Known => None,
                    Refused::Until(until) => Some(Some(self.wall(until))),
                    Refused::ForGood => Some(None),
                };
                events.extend(until.map(|until| Event::OperatorPaused {
                    api_code: api_code(&claimed.payload),
                    unpaid: reason == Reason::Unpaid,
                    until,
                }));
            }
            Reason::Throttled => events.extend(self.slowed(&mut state, outcome)),
            Reason::Unavailable => {
                if let Outcome::Deferred { retry_after: Some(wait), .. } = outcome {
                    events.extend(self.slowed(&mut state, outcome));
                    tracing::debug!(wait_seconds = wait.as_secs(), "the service asks to wait");
                }
            }
            Reason::Unauthorised => state.token_refused(token_generation),
            Reason::SetUp => {
                let status = status.unwrap_or_default();
                state.stop.get_or_insert(Stop::SetUp { status, detail: detail.cloned() });
            }
            _ => {}
        }
        if trial.pause {
            state.pauses.set_probing(claimed.operator, false);
        }
        let stopped = state.stop.is_some();
        drop(state);
        if stopped {
            self.stopping.cancel();
        }
        for event in events {
            self.emit(event);
        }
        self.changed.notify_one();
    }

    fn slowed(&self, state: &mut State, outcome: &Outcome) -> Vec<Event> {
        let Outcome::Deferred { retry_after, .. } = outcome else { return Vec::new() };
        let before = state.pace.paused_until();
        let pace = state.pace.fall(*retry_after).map(Event::Pace);
        let until = state.pace.paused_until();
        let waited = (until > before).then(|| Event::Waited { until: self.wall(until) });
        pace.into_iter().chain(waited).collect()
    }

    /// A moment of this clock as people tell the time.
    pub(super) fn wall(&self, moment: Moment) -> Timestamp {
        self.clock.wall() + moment.saturating_sub(self.clock.now())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A refusal of a token that was refused before, or of an older one, tells nothing new.
    fn token_refused(&mut self, generation: u64) {
        if generation <= self.last_refused_token {
            return;
        }
        self.last_refused_token = generation;
        self.refused_tokens += 1;
        if self.refused_tokens >= REFUSED_TOKENS {
            self.stop.get_or_insert(Stop::Unauthorised);
        }
    }
}

/// The operator's code as it was sent.
pub(super) fn api_code(payload: &[u8]) -> String {
    let text = String::from_utf8_lossy(payload);
    let body = crate::json::parse(&text).ok();
    body.as_ref().and_then(|body| body.at("apiCode")?.as_str()).unwrap_or_default().to_owned()
}
