//! The model of the service, and the oracle: it knows what was stored, and who may be sent when.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use waste_receipts::api::{Exchange, Reply, Request, TokenError, Unsent};
use waste_receipts::clock::{Clock, Moment};
use waste_receipts::dispatcher::{Event, Options, Service};
use waste_receipts::submission::Method;

use crate::fate::{Fate, Weather};

/// A movement as the service has it.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// The ledger's movement that it was sent for.
    pub(crate) movement: i64,
    /// The content that the service has.
    pub(crate) payload: Vec<u8>,
    /// The content of the POST.
    pub(crate) posted: Vec<u8>,
}

/// What the model and the oracle remember.
pub(crate) struct State {
    pub(crate) rng: Rng,
    pub(crate) weather: Weather,
    pub(crate) stored: BTreeMap<String, Stored>,
    /// Movements of which a POST may have been stored: none may follow without an order.
    pub(crate) blocked: BTreeSet<i64>,
    /// Movements under way.
    flying: BTreeSet<i64>,
    /// Corrections that were not answered and will be applied later.
    late: Vec<(Moment, String, Vec<u8>)>,
    pub(crate) log: Vec<String>,
    pub(crate) life: Life,
    next_id: u32,
    /// Before these moments the movements' own Retry-After is not over.
    pub(crate) not_before: BTreeMap<i64, Moment>,
}

/// What belongs to one process only.
pub(crate) struct Life {
    pub(crate) options: Options,
    /// Whose the contents are that may be sent.
    pub(crate) open: BTreeMap<Vec<u8>, i64>,
    pub(crate) events: Option<UnboundedReceiver<Event>>,
    pub(crate) recorded: Vec<Event>,
    pub(crate) started: usize,
    pub(crate) delivered: usize,
    pub(crate) ambiguous: usize,
    starts: Vec<Moment>,
    quiet: (Moment, Moment),
    token: u64,
    /// At this request the process is killed, before or after it is stored.
    pub(crate) crash_at: Option<usize>,
    /// At this request it is told to stop.
    pub(crate) drain_at: Option<usize>,
    /// At this one no token can be had.
    pub(crate) no_token_at: Option<usize>,
    pub(crate) drain: CancellationToken,
    pub(crate) drained: Option<Moment>,
    dead: bool,
}

impl Life {
    pub(crate) fn new(options: Options) -> Self {
        Life {
            options,
            open: BTreeMap::new(),
            events: None,
            recorded: Vec::new(),
            started: 0,
            delivered: 0,
            ambiguous: 0,
            starts: Vec::new(),
            quiet: (Duration::ZERO, Duration::ZERO),
            token: 1,
            crash_at: None,
            drain_at: None,
            no_token_at: None,
            drain: CancellationToken::new(),
            drained: None,
            dead: false,
        }
    }

    /// Takes in what was told so far; it is on the disk.
    pub(crate) fn listen(&mut self) {
        while let Some(Ok(event)) = self.events.as_mut().map(UnboundedReceiver::try_recv) {
            if matches!(event, Event::Recorded { .. }) {
                self.recorded.push(event);
            }
        }
    }
}

pub(crate) struct Model {
    clock: Clock,
    state: Mutex<State>,
    pub(crate) killed: Notify,
}

impl Model {
    pub(crate) fn new(clock: Clock, mut rng: Rng, options: Options) -> Self {
        let weather = Weather::draw(&mut rng);
        let state = State {
            rng,
            weather,
            stored: BTreeMap::new(),
            blocked: BTreeSet::new(),
            flying: BTreeSet::new(),
            late: Vec::new(),
            log: Vec::new(),
            life: Life::new(options),
            next_id: 0,
            not_before: BTreeMap::new(),
        };
        Model { clock, state: Mutex::new(state), killed: Notify::new() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self, what: &str) {
        let line = format!("{:?} {what}", self.clock.now());
        self.state().log.push(line);
    }

    /// A process begins: nothing of the last one is under way.
    pub(crate) fn new_life(&self, life: Life) {
        let latest = self.clock.now() + Duration::from_secs(80);
        let mut state = self.state();
        state.flying.clear();
        for (at, ..) in &mut state.late {
            *at = latest.min(*at);
        }
        state.life = life;
    }

    fn kill(&self, state: &mut State) {
        state.life.dead = true;
        self.killed.notify_one();
    }

    /// A request comes: what is promised about it is looked at, and its fate is drawn.
    fn arrive(&self, request: &Request) -> (i64, Fate, Duration, String) {
        let now = self.clock.now();
        let mut state = self.state();
        let state = &mut *state;
        state.apply_late(now);
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let movement = state.life.open.get(&request.body[..]).copied();
        let Some(movement) = movement else { panic!("{body} was not waiting to be sent") };
        state.check_pace(now);
        let early = state.not_before.remove(&movement).is_some_and(|until| now < until);
        assert!(!early, "{body}: its Retry-After is not over");
        assert!(state.life.drained.is_none_or(|at| at == now), "started after the order to stop");
        assert!(state.flying.insert(movement), "{body}: two requests at a time");
        let fate = state.weather.fate(&mut state.rng, now);
        let id = match (&request.waste_tracking_id, request.method) {
            (Some(id), Method::Put) => id.clone(),
            (None, Method::Post) => {
                assert!(state.blocked.insert(movement), "{body} was POSTed again");
                state.next_id += 1;
                format!("26ID{}", state.next_id)
            }
            other => panic!("{body}: {other:?}"),
        };
        let early = state.life.crash_at == Some(state.life.started) && state.rng.bool();
        state.life.started += 1;
        let late = state.late.iter().any(|(_, known, _)| *known == id);
        assert!(!late, "{body}: sent while an earlier correction may yet be applied");
        let line = format!("{now:?} {} {id} {body} {fate:?}", request.method.as_str());
        state.log.push(line);
        let latency = fate.latency(&mut state.rng);
        if fate.stores() && !early {
            state.store(request, movement, &id, fate, now + latency);
        }
        if state.life.crash_at == Some(state.life.started - 1) {
            self.kill(state);
        }
        if state.life.drain_at == Some(state.life.started - 1) {
            state.life.drain.cancel();
            state.life.drained = Some(now);
        }
        (movement, fate, latency, id)
    }

    /// The answer comes.
    fn deliver(&self, movement: i64, fate: Fate, method: Method, id: &str) {
        let now = self.clock.now();
        let mut state = self.state();
        let state = &mut *state;
        let line = format!("{now:?} answer {id} {fate:?}");
        state.log.push(line);
        state.flying.remove(&movement);
        state.life.delivered += 1;
        if method == Method::Post {
            if fate.clears() {
                state.blocked.remove(&movement);
            } else if !matches!(fate, Fate::Stored { .. }) {
                state.life.ambiguous += 1;
            }
        }
        if let Some(wait) = fate.retry_after() {
            let until = state.life.quiet.1.max(now + wait);
            state.life.quiet = (now, until);
            state.not_before.insert(movement, now + wait);
        }
    }
}

impl State {
    fn store(&mut self, request: &Request, movement: i64, id: &str, fate: Fate, at: Moment) {
        let payload = request.body.to_vec();
        if request.method == Method::Post {
            let stored = Stored { movement, posted: payload.clone(), payload };
            self.stored.insert(id.to_owned(), stored);
        } else if fate.may_come_late() {
            let at = at + Duration::from_millis(self.rng.u64(0..80_000));
            self.late.push((at, id.to_owned(), payload));
        } else if let Some(stored) = self.stored.get_mut(id) {
            stored.payload = payload;
        }
    }

    pub(crate) fn apply_late(&mut self, now: Moment) {
        for (at, id, payload) in std::mem::take(&mut self.late) {
            if at > now {
                self.late.push((at, id, payload));
            } else if let Some(stored) = self.stored.get_mut(&id) {
                stored.payload = payload;
            }
        }
    }

    /// Pace, pauses and the number in flight.
    fn check_pace(&mut self, now: Moment) {
        let life = &mut self.life;
        life.listen();
        let rate = life.options.rate as usize;
        let second = Duration::from_secs(1);
        life.starts.retain(|start| *start + second > now);
        life.starts.push(now);
        assert!(rate == 0 || life.starts.len() <= rate, "{} in a second", life.starts.len());
        let unrecorded = life.started + 1 - life.recorded.len();
        assert!(unrecorded <= life.options.in_flight, "{unrecorded} are not recorded");
        let (asked, until) = life.quiet;
        assert!(now >= until || now == asked, "started {now:?}, though asked to wait to {until:?}");
    }
}

impl Service for Model {
    async fn ready(&self) -> Result<(), Unsent> {
        let state = self.state();
        if state.life.no_token_at.is_some_and(|at| state.life.started >= at) {
            return Err(Unsent(TokenError::Unavailable("busy".to_owned())));
        }
        Ok(())
    }

    async fn exchange(&self, request: Request) -> Result<Exchange, Unsent> {
        let begun = self.clock.now();
        if self.state().life.dead {
            // Killed processes send nothing; this one has a moment to fall over.
            pending::<()>().await;
        }
        let token_generation = self.state().life.token;
        let (movement, fate, latency, id) = self.arrive(&request);
        self.clock.sleep_until(begun + latency).await;
        if self.state().life.dead {
            pending::<()>().await;
        }
        self.deliver(movement, fate, request.method, &id);
        let mut result = fate.result(&id);
        if let (Ok(Reply { status: status @ 201, .. }), Method::Put) = (&mut result, request.method)
        {
            *status = 200;
        }
        Ok(Exchange { result, elapsed: latency, token_generation })
    }

    fn token_refused(&self, generation: u64) {
        let mut state = self.state();
        if state.life.token == generation {
            state.life.token += 1;
        }
    }
}
