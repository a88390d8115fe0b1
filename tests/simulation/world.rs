//! A world made from a seed: operators, loads, files, people, and processes that come and go.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{channel, unbounded_channel};
use waste_receipts::clock::Clock;
use waste_receipts::dispatcher::{self, Options, Stop};
use waste_receipts::finding::{ErrorType, Finding};
use waste_receipts::ledger::{
    Access, Admission, Binding, Creation, FileFacts, Incoming, Ledger, Run, RunFacts,
};
use waste_receipts::movement::{Key, lasting};
use waste_receipts::submission::OnChange;

use crate::fate::Weather;
use crate::oracle;
use crate::service::{Life, Model};

/// A load as a site knows it.
#[derive(Debug, Clone)]
struct Load {
    reference: String,
    api_code: String,
    version: u32,
    day: u8,
    valid: bool,
}

pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) clock: Clock,
    pub(crate) model: Arc<Model>,
    folder: TempDir,
    loads: Vec<Load>,
    next_version: u32,
    /// Everything that files brought into the ledger: content and reference.
    pub(crate) admitted: BTreeMap<Vec<u8>, String>,
    /// Attempts that the ledger had when the last process ended.
    pub(crate) attempts: usize,
}

/// How the sending of a process ended.
pub(crate) enum End {
    Stopped(Stop),
    Killed,
}

/// What a run read, for the counts.
#[derive(Default)]
struct WasRead {
    records: u64,
}

pub(crate) const BINDING: [&str; 3] = ["test", "https://api.test/", "https://token.test/"];

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        fastrand::seed(seed);
        let clock = Clock::manual(Timestamp::from_second(1_790_000_000).expect("a time"));
        let operators = rng.usize(1..=3);
        let loads = (0..rng.usize(2..=12))
            .map(|number| Load {
                reference: format!("R{number}"),
                api_code: format!("op{}", rng.usize(..operators)),
                version: 0,
                day: 5,
                valid: rng.u8(..10) > 0,
            })
            .collect();
        let options = options(&mut rng);
        let model = Arc::new(Model::new(clock.clone(), rng.fork(), options));
        World {
            rng,
            clock,
            model,
            folder: folder(),
            loads,
            next_version: 1,
            admitted: BTreeMap::new(),
            attempts: 0,
        }
    }

    /// Makes the ledger, a copy of one that nobody used: making one takes a while.
    fn make_ledger(&self) {
        static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
        let empty = EMPTY.get_or_init(|| {
            let folder = folder();
            let path = folder.path().join("empty.sqlite");
            alone(alone(open(&path, &self.clock)).close()).expect("closed");
            std::fs::read(path).expect("a file")
        });
        std::fs::write(self.path(), empty).expect("a copy");
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.sqlite")
    }

    /// The whole of a seed; returns its log.
    pub(crate) fn live(mut self) -> Vec<String> {
        self.make_ledger();
        for _ in 0..self.rng.usize(3..=7) {
            self.process(false);
        }
        self.model.state().weather = Weather::calm();
        for _ in 0..12 {
            if self.process(true) {
                break;
            }
        }
        let ledger = alone(open(&self.path(), &self.clock));
        alone(oracle::settled(&ledger, &self));
        alone(ledger.close()).expect("closed");
        alone(oracle::as_written(&self.path()));
        std::mem::take(&mut self.model.state().log)
    }

    /// One process, from its start to its end or its death. Says whether nothing is left to do.
    fn process(&mut self, calm: bool) -> bool {
        let (runtime, turning) = runtime(&self.clock);
        let gap = if calm { 3_600 } else { self.rng.u64(0..200) * self.rng.u64(0..20) };
        turning.store(true, Ordering::SeqCst);
        runtime.block_on(self.clock.sleep_until(self.clock.now() + Duration::from_secs(gap)));
        turning.store(false, Ordering::SeqCst);

        let ledger = alone(open(&self.path(), &self.clock));
        let facts =
            RunFacts { command: "submit".into(), user: "somebody".into(), host: "here".into() };
        let run = alone(ledger.begin_run(&facts)).expect("a run");
        let left = alone(ledger.recover(&run)).expect("recovered");
        self.model.log(&format!("process, {left} left over"));
        let in_flight = self.model.state().life.options.in_flight as u64;
        assert!(left <= in_flight, "{left} were left over");
        for _ in 0..self.rng.usize(1..=2) {
            alone(oracle::people(&ledger, &run, self, calm));
        }
        let mut was_read = WasRead::default();
        if !calm && self.rng.u8(..4) > 0 {
            was_read = self.read_a_file(&ledger, &run);
        }
        let end = self.send(&runtime, &turning, &ledger, &run, calm);
        // What was spawned dies with its process.
        drop(runtime);
        alone(oracle::after(&ledger, self, &end));
        let mut done = false;
        if let End::Stopped(stop) = end {
            let tally = alone(ledger.tally(&run)).expect("a tally");
            assert_eq!(tally.read.total(), was_read.records, "{tally:?}");
            self.model.log(&format!("{stop:?} {tally:?}"));
            alone(ledger.end_run(&run, 0, "{}")).expect("ended");
            let supply = alone(ledger.supply()).expect("a supply");
            if matches!(stop, Stop::Done) {
                assert!(supply.is_empty(), "done, but {supply:?}");
                done = calm && alone(oracle::nobody_waits(&ledger));
            }
        }
        alone(ledger.close()).expect("closed");
        done
    }

    /// Reads a file with some of the loads, some of them changed; seldom one that is refused, that
    /// breaks off, or during which the process dies.
    fn read_a_file(&mut self, ledger: &Ledger, run: &Run) -> WasRead {
        let mut records = Vec::new();
        for index in 0..self.loads.len() {
            if self.rng.u8(..4) == 0 {
                continue;
            }
            self.change(index);
            records.push(self.incoming(index, records.len() as u64 + 2));
        }
        if self.rng.u8(..8) == 0 {
            let line = records.len() as u64 + 2;
            records.push(Incoming { key: None, line, payload: b"?".to_vec(), ..invalid() });
        }
        let on_change = if self.rng.bool() { OnChange::Update } else { OnChange::Hold };
        let facts = FileFacts {
            path: "f.csv".into(),
            format: "csv".into(),
            size: None,
            modified_at: None,
            layout: None,
        };
        let (to_ledger, from_reader) = channel(8);
        let end = self.rng.u8(..20);
        let half = records.len() / 2;
        let read = records.clone();
        self.model.log(&format!("file of {} {on_change:?} {end}", read.len()));
        let admitted = alone(async {
            let mut first = read.clone();
            let second = first.split_off(half);
            to_ledger.send(Admission::Records(first)).await.expect("room");
            to_ledger.send(Admission::Records(second)).await.expect("room");
            let mut held_open = None;
            match end {
                0 => to_ledger.send(Admission::Refuse("no".into())).await.expect("room"),
                1 => drop(to_ledger),
                2 => held_open = Some(to_ledger),
                _ => to_ledger.send(Admission::End).await.expect("room"),
            }
            let admission = ledger.admit(run, &facts, on_change, from_reader);
            if held_open.is_none() {
                return Some(admission.await.expect("admitted"));
            }
            // The process dies while the file is read.
            let died = tokio::time::timeout(Duration::from_millis(15), admission).await;
            assert!(died.is_err(), "it did not wait for the end of the file");
            None
        });
        match admitted {
            Some(admitted) if admitted.refusal.is_none() => {
                assert_eq!(admitted.records, read.len() as u64);
                for incoming in &read {
                    if let Some(key) = &incoming.key {
                        self.admitted.insert(incoming.payload.clone(), key.reference.clone());
                    }
                }
                WasRead { records: read.len() as u64 }
            }
            _ => WasRead::default(),
        }
    }

    fn change(&mut self, index: usize) {
        let load = &mut self.loads[index];
        if load.version == 0 || self.rng.u8(..4) == 0 {
            load.version = self.next_version;
            self.next_version += 1;
            load.valid |= self.rng.bool();
            if self.rng.u8(..6) == 0 {
                load.day += 1;
            }
        } else if load.version > 1 && self.rng.u8(..10) == 0 {
            // An older file is read again: a content that was here before.
            let older = self.admitted.iter().filter(|(_, of)| **of == load.reference);
            let versions: Vec<u32> = older.filter_map(|(payload, _)| version(payload)).collect();
            if !versions.is_empty() {
                load.version = versions[self.rng.usize(..versions.len())];
            }
        }
    }

    fn incoming(&mut self, index: usize, line: u64) -> Incoming {
        let load = self.loads[index].clone();
        let payload = format!(
            "{{\"apiCode\":\"{}\",\"yourUniqueReference\":\"{}\",\"v\":{}}}",
            load.api_code, load.reference, load.version
        );
        let key = Key {
            api_code: load.api_code.clone(),
            site: "S".to_owned(),
            reference: load.reference.clone(),
        };
        let base =
            if load.valid { Incoming { findings: Vec::new(), ..invalid() } } else { invalid() };
        Incoming {
            key: Some(key),
            line,
            lasting_hash: lasting_hash(payload.as_bytes()),
            payload: payload.into_bytes(),
            received_on: Some(format!("2026-10-{:02}", load.day)),
            ..base
        }
    }

    /// Sends what is due, and may die on the way.
    fn send(
        &mut self,
        runtime: &Runtime,
        turning: &AtomicBool,
        ledger: &Ledger,
        run: &Run,
        calm: bool,
    ) -> End {
        let mut life = Life::new(options(&mut self.rng));
        life.open = alone(oracle::waiting(ledger));
        let (mut crash_at_poll, end) = (None, if calm { 99 } else { self.rng.u8(..16) });
        match end {
            0..=2 => life.crash_at = Some(self.rng.usize(..12)),
            3..=5 => crash_at_poll = Some(self.rng.u32(..150)),
            6 | 7 => life.drain_at = Some(self.rng.usize(..10)),
            8 => life.no_token_at = Some(self.rng.usize(..10)),
            _ => {}
        }
        let (events, listener) = unbounded_channel();
        life.events = Some(listener);
        let (options, drain) = (life.options, life.drain.clone());
        self.model.new_life(life);
        turning.store(true, Ordering::SeqCst);
        let end = runtime.block_on(async {
            let service = Arc::clone(&self.model);
            let mut sending =
                Box::pin(dispatcher::dispatch(ledger, run, service, options, drain, events));
            let mut polls = 0;
            let polled = std::future::poll_fn(|context| {
                polls += 1;
                assert!(polls < 100_000, "it goes round and round");
                if crash_at_poll.is_some_and(|at| polls > at) {
                    return Poll::Ready(None);
                }
                sending.as_mut().poll(context).map(Some)
            });
            tokio::select! {
                biased;
                () = self.model.killed.notified() => End::Killed,
                stopped = polled => stopped.map_or(End::Killed, |stopped| {
                    End::Stopped(stopped.expect("the ledger works"))
                }),
            }
        });
        turning.store(false, Ordering::SeqCst);
        end
    }
}

fn options(rng: &mut Rng) -> Options {
    Options {
        rate: [0, 1, 5, 20, 60, 200][rng.usize(..6)],
        in_flight: [1, 2, 4, 40][rng.usize(..4)],
        adapts: true,
        give_up_after: Duration::from_secs([0, 60, 1_800][rng.usize(..3)]),
    }
}

fn invalid() -> Incoming {
    Incoming {
        key: None,
        key_is_sure: true,
        authorisation_number: "S".to_owned(),
        waste_tracking_id: None,
        line: 0,
        payload: Vec::new(),
        lasting_hash: [0; 32],
        rows: b"as read\n".to_vec(),
        received_at: None,
        received_on: None,
        by_pipe: false,
        findings: vec![Finding::error("carrier", ErrorType::NotProvided, "it is missing")],
        repeats: None,
    }
}

/// Of the part that is no personal data: all of it.
fn lasting_hash(payload: &[u8]) -> [u8; 32] {
    Sha256::digest(lasting(payload)).into()
}

fn version(payload: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(payload).ok()?;
    text.rsplit(':').next()?.trim_end_matches('}').parse().ok()
}

/// In memory where the system has a place for that.
fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
        .expect("a folder")
}

async fn open(path: &std::path::Path, clock: &Clock) -> Ledger {
    let [name, api_url, token_url] = BINDING.map(str::to_owned);
    let binding = Binding { name, api_url, token_url };
    let access = Access::Write(Creation::WhereMissing);
    Ledger::open(path, access, &binding, clock.clone()).await.expect("a ledger")
}

/// Runs something that needs no turning of the clock.
fn alone<F: Future>(work: F) -> F::Output {
    thread_local! {
        static RUNTIME: Runtime =
            Builder::new_current_thread().enable_time().build().expect("a runtime");
    }
    RUNTIME.with(|runtime| runtime.block_on(work))
}

/// A runtime of one thread that turns the clock, while it is told to, whenever all tasks wait.
fn runtime(clock: &Clock) -> (Runtime, Arc<AtomicBool>) {
    let turning = Arc::new(AtomicBool::new(false));
    let (clock, told, count) = (clock.clone(), Arc::clone(&turning), AtomicU32::new(0));
    let turn = move || {
        if told.load(Ordering::SeqCst) {
            assert!(clock.turn(), "everybody waits, and nobody will wake them");
            let turned = count.fetch_add(1, Ordering::SeqCst);
            assert!(turned < 100_000, "it does not come to an end");
        }
    };
    let runtime = Builder::new_current_thread().on_thread_park(turn).build();
    (runtime.expect("a runtime"), turning)
}
