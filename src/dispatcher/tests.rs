//! The dispatcher against a scripted service, on a clock that is turned when every task waits.

mod health;
mod operators;
mod stopping;
mod tempo;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Builder;
use tokio::sync::mpsc::{channel, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::{Event, Options, Service, Stop, dispatch};
use crate::api::{Body, Exchange, Failure, Reply, Request, TokenError, Unsent};
use crate::clock::{Clock, Moment};
use crate::ledger::{
    Access, Admission, Binding, Creation, FileFacts, Filter, Incoming, Ledger, LedgerError, Run,
    RunFacts,
};
use crate::submission::{OnChange, State};

/// A request that the service saw.
#[derive(Debug, Clone)]
struct Seen {
    at: Moment,
    /// Which one, from 0.
    number: usize,
    api_code: String,
    token: u64,
}

/// What the service says, and after how long.
struct Said(Duration, Result<Reply, Failure>);

type Plan = Box<dyn FnMut(&Seen) -> Said + Send>;

struct Script {
    clock: Clock,
    plan: Mutex<Plan>,
    seen: Mutex<Vec<Seen>>,
    token: Mutex<u64>,
    /// From this request on there is no token.
    no_token_from: usize,
    /// From this request on a token is waited for, until then.
    token_is_late: Option<(usize, Moment)>,
}

impl Service for Script {
    async fn ready(&self) -> Result<(), Unsent> {
        if let Some((from, until)) = self.token_is_late
            && self.seen().len() >= from
        {
            self.clock.sleep_until(until).await;
        }
        if self.seen().len() >= self.no_token_from {
            return Err(Unsent(TokenError::Unavailable("busy".to_owned())));
        }
        Ok(())
    }

    async fn exchange(&self, request: Request) -> Result<Exchange, Unsent> {
        let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
        let api_code = body["apiCode"].as_str().expect("an apiCode").to_owned();
        let token = *self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, at) = (self.seen().len(), self.clock.now());
        let seen = Seen { at, number, api_code, token };
        self.seen.lock().expect("no panic").push(seen.clone());
        let Said(elapsed, result) = (self.plan.lock().expect("no panic"))(&seen);
        self.clock.sleep_until(at + elapsed).await;
        Ok(Exchange { result, elapsed, token_generation: token })
    }

    fn token_refused(&self, generation: u64) {
        let mut token = self.token.lock().expect("no panic");
        *token += u64::from(*token == generation);
    }
}

impl Script {
    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic").clone()
    }
}

/// A run to be made.
struct Case {
    /// Operators with so many movements each.
    supply: Vec<(&'static str, usize)>,
    options: Options,
    no_token_from: usize,
    token_is_late: Option<(usize, Moment)>,
    /// When it is told to stop.
    drain_at: Option<Moment>,
    /// Attempts cannot be written.
    broken_ledger: bool,
    /// Where a plan finds the run's clock.
    clock: Arc<Mutex<Option<Clock>>>,
}

/// What came of it.
struct Done {
    stop: Result<Stop, LedgerError>,
    seen: Vec<Seen>,
    events: Vec<Event>,
    /// When each answer was told.
    recorded: Vec<Moment>,
    states: Vec<(String, State)>,
    ended: Moment,
}

impl Done {
    fn count(&self, state: State) -> usize {
        self.states.iter().filter(|(_, of)| *of == state).count()
    }

    fn times(&self, api_code: &str) -> Vec<u64> {
        let of = self.seen.iter().filter(|seen| seen.api_code == api_code);
        of.map(|seen| seen.at.as_secs()).collect()
    }

    fn starts(&self) -> Vec<Moment> {
        self.seen.iter().map(|seen| seen.at).collect()
    }
}

fn case(supply: &[(&'static str, usize)]) -> Case {
    let give_up_after = Duration::from_secs(1_800);
    Case {
        supply: supply.to_vec(),
        options: Options { rate: 100, in_flight: 16, adapts: false, give_up_after },
        no_token_from: usize::MAX,
        token_is_late: None,
        drain_at: None,
        broken_ledger: false,
        clock: Arc::default(),
    }
}

impl Case {
    fn run(self, plan: impl FnMut(&Seen) -> Said + Send + 'static) -> Done {
        fastrand::seed(1);
        let clock = Clock::manual(Timestamp::from_second(1_790_000_000).expect("a time"));
        *self.clock.lock().expect("no panic") = Some(clock.clone());
        let turning = Arc::new(AtomicBool::new(false));
        let (hands, told, turns) = (clock.clone(), Arc::clone(&turning), AtomicU32::new(0));
        let turn = move || {
            if told.load(Ordering::SeqCst) {
                assert!(hands.turn(), "everybody waits, and nobody will wake them");
                assert!(turns.fetch_add(1, Ordering::SeqCst) < 200_000, "it does not end");
            }
        };
        let runtime = Builder::new_current_thread().on_thread_park(turn).build();
        runtime.expect("a runtime").block_on(self.go(clock, &turning, Box::new(plan)))
    }

    async fn go(self, clock: Clock, turning: &AtomicBool, plan: Plan) -> Done {
        // In memory where the system has a place for that: no test here is about the disk.
        let memory = std::path::Path::new("/dev/shm");
        let folder =
            if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = folder.expect("a folder");
        let path = folder.path().join("ledger.sqlite");
        let (ledger, run) = ledger_with(&path, &clock, &self.supply).await;
        if self.broken_ledger {
            ledger.refuse_attempts().await;
        }
        let service = Arc::new(Script {
            clock: clock.clone(),
            plan: Mutex::new(plan),
            seen: Mutex::default(),
            token: Mutex::new(1),
            no_token_from: self.no_token_from,
            token_is_late: self.token_is_late,
        });
        let (events, mut told) = unbounded_channel();
        let listener = tokio::spawn({
            let clock = clock.clone();
            async move {
                let (mut all, mut recorded) = (Vec::new(), Vec::new());
                while let Some(event) = told.recv().await {
                    if matches!(event, Event::Recorded { .. }) {
                        recorded.push(clock.now());
                    }
                    all.push(event);
                }
                (all, recorded)
            }
        });
        let drain = CancellationToken::new();
        turning.store(true, Ordering::SeqCst);
        let stop = {
            let service = Arc::clone(&service);
            let sending = dispatch(&ledger, &run, service, self.options, drain.clone(), events);
            let mut sending = Box::pin(sending);
            let mut polls = 0;
            let mut sent = std::pin::pin!(std::future::poll_fn(|context| {
                polls += 1;
                assert!(polls < 100_000, "it goes round and round");
                let sent = sending.as_mut().poll(context);
                if sent.is_ready() { sent } else { Poll::Pending }
            }));
            let at = self.drain_at.unwrap_or(Duration::from_secs(1_000_000));
            tokio::select! {
                biased;
                stop = &mut sent => stop,
                () = clock.sleep_until(at) => {
                    drain.cancel();
                    sent.await
                }
            }
        };
        turning.store(false, Ordering::SeqCst);
        let (events, recorded) = listener.await.expect("it listens to the end");
        let filter = Filter { states: State::ALL.to_vec(), ..Filter::default() };
        let (mut states, mut after) = (Vec::new(), 0);
        loop {
            let page = ledger.list(&filter, after).await.expect("a list");
            let Some(last) = page.last() else { break };
            after = last.movement;
            states.extend(page.into_iter().map(|row| (row.api_code, row.state)));
        }
        Done { stop, seen: service.seen(), events, recorded, states, ended: clock.now() }
    }
}

async fn ledger_with(
    path: &std::path::Path,
    clock: &Clock,
    supply: &[(&'static str, usize)],
) -> (Ledger, Run) {
    let [name, api_url, token_url] =
        ["test", "https://a.test/", "https://t.test/"].map(str::to_owned);
    let binding = Binding { name, api_url, token_url };
    let access = Access::Write(Creation::WhereMissing);
    let ledger = Ledger::open(path, access, &binding, clock.clone()).await.expect("a ledger");
    let facts = RunFacts { command: "submit".into(), user: "u".into(), host: "h".into() };
    let run = ledger.begin_run(&facts).await.expect("a run");
    let records = supply.iter().flat_map(|(api_code, count)| {
        (0..*count).map(move |number| {
            let payload = format!("{{\"apiCode\":\"{api_code}\",\"n\":{number}}}");
            Incoming::example(api_code, &format!("{api_code}-{number}"), payload.into_bytes())
        })
    });
    let (to_ledger, batches) = channel(2);
    to_ledger.send(Admission::Records(records.collect())).await.expect("room");
    to_ledger.send(Admission::End).await.expect("room");
    let facts = FileFacts {
        path: "f.csv".into(),
        format: "csv".into(),
        size: None,
        modified_at: None,
        layout: None,
    };
    ledger.admit(&run, &facts, OnChange::Hold, batches).await.expect("admitted");
    (ledger, run)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, body: Body::Whole(body.as_bytes().to_vec()), ..Reply::default() }
}

/// Within 50 ms.
fn says(status: u16) -> Said {
    Said(Duration::from_millis(50), Ok(reply(status, "no")))
}

fn stores(seen: &Seen) -> Said {
    let body = format!("{{\"wasteTrackingId\":\"26ID{}\"}}", seen.number);
    Said(Duration::from_millis(50), Ok(reply(201, &body)))
}

fn asks_to_wait(status: u16, seconds: u64) -> Said {
    let retry_after = Some(seconds.to_string());
    Said(Duration::from_millis(50), Ok(Reply { retry_after, ..reply(status, "") }))
}

fn worst_second(starts: &[Moment]) -> usize {
    let within =
        |from: &Moment| starts.iter().filter(|at| *at >= from && **at < *from + seconds(1)).count();
    starts.iter().map(within).max().unwrap_or(0)
}
