//! Whether the pace is kept: the worst second of the starts by the client's clock, the worst
//! second of the arrivals at a server, and what was sustained. `cargo bench --bench pace`
//!
//! Sustained is what leaves in the second half of a measurement: in the first it is found out how
//! many requests must be under way. It fails where more start in a second than the rate, where more
//! than 1 % above it arrive in one, or where the rate less one (95 % of it below 50) is not
//! sustained.

#![expect(clippy::print_stdout, reason = "it prints its table")]

#[path = "support/api.rs"]
mod api;
#[path = "support/server.rs"]
mod server;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{channel, unbounded_channel};
use tokio_util::sync::CancellationToken;
use waste_receipts::api::{Client, Exchange, Request, Unsent};
use waste_receipts::clock::Clock;
use waste_receipts::dispatcher::{Options, Service, dispatch};
use waste_receipts::ledger::{
    Access, Admission, Binding, Creation, FileFacts, Incoming, Ledger, Run, RunFacts,
};
use waste_receipts::movement::Key;
use waste_receipts::submission::OnChange;

use server::Server;

/// How long each rate is measured.
const SECONDS: u32 = 12;

/// The client, with a note of when each request starts.
struct Timed {
    client: Client,
    starts: Mutex<Vec<Instant>>,
}

impl Service for Timed {
    async fn ready(&self) -> Result<(), Unsent> {
        self.client.ready().await
    }

    async fn exchange(&self, request: Request) -> Result<Exchange, Unsent> {
        self.starts.lock().expect("starts").push(Instant::now());
        self.client.exchange(request).await
    }

    fn token_refused(&self, generation: u64) {
        self.client.tokens().refused(generation);
    }
}

fn main() {
    server::serve_if_told();
    // One thread, as the program has.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut broken = Vec::new();
    println!(
        "rate  latency  worst second of starts  of arrivals  starts a second, sustained  arrivals \
         a second from the first on"
    );
    for rate in [5, 50, 200, 1_000] {
        for latency in [5, 50, 300] {
            let server = Server::start(Duration::from_millis(latency), 0);
            let starts = runtime.block_on(send(&server, rate));
            let figures = server.figures();
            let sustained = sustained(&starts);
            assert_eq!((figures.requests, figures.stored), (starts.len() as u64, figures.requests));
            let worst = worst_second(&starts);
            println!(
                "{rate:>4}  {latency:>4} ms  {worst:>22}  {:>11}  {sustained:>26.2}  {:>18.2}",
                figures.worst_second, figures.a_second
            );
            let least = if rate < 50 { 0.95 * f64::from(rate) } else { f64::from(rate - 1) };
            // A whole request more is less than 1 % only from 100 a second on.
            let most = u64::from(rate) + u64::from(rate.div_ceil(100));
            for (is_kept, what) in [
                (worst as u64 <= u64::from(rate), "starts in a second"),
                (figures.worst_second <= most, "arrivals in a second"),
                (sustained >= least, "what is sustained"),
            ] {
                if !is_kept {
                    broken.push(format!("{rate} a second, {latency} ms: {what}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "not kept: {}", broken.join("; "));
}

/// Starts a second in the second half of them: before, it is found out how many requests must be
/// under way.
fn sustained(starts: &[Instant]) -> f64 {
    let half = &starts[starts.len() / 2..];
    let took = half[half.len() - 1].duration_since(half[0]).as_secs_f64();
    f64::from(u32::try_from(half.len() - 1).expect("few")) / took
}

fn worst_second(starts: &[Instant]) -> usize {
    let end = |from: Instant| starts.partition_point(|at| *at < from + Duration::from_secs(1));
    starts.iter().enumerate().map(|(place, from)| end(*from) - place).max().unwrap_or(0)
}

async fn send(server: &Server, rate: u32) -> Vec<Instant> {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Clock::system();
    let binding = Binding {
        name: "bench".to_owned(),
        api_url: server.url(),
        token_url: format!("{}/token", server.url()),
    };
    let path = folder.path().join("ledger.sqlite");
    let access = Access::Write(Creation::WhereMissing);
    let ledger = Ledger::open(&path, access, &binding, clock.clone()).await.expect("a ledger");
    let facts = RunFacts { command: "bench".into(), user: "b".into(), host: "b".into() };
    let run = ledger.begin_run(&facts).await.expect("a run");
    admit(&ledger, &run, rate * SECONDS).await;
    let stop = CancellationToken::new();
    let client = api::client(&binding.api_url, clock, stop.clone());
    let service = Arc::new(Timed { client, starts: Mutex::default() });
    let options =
        Options { rate, in_flight: 512, adapts: true, give_up_after: Duration::from_secs(1_800) };
    let (events, mut told) = unbounded_channel();
    let listening = tokio::spawn(async move { while told.recv().await.is_some() {} });
    let sent = dispatch(&ledger, &run, Arc::clone(&service), options, stop, events).await;
    sent.expect("sent");
    listening.await.expect("no panic");
    ledger.close().await.expect("closed");
    std::mem::take(&mut *service.starts.lock().expect("starts"))
}

async fn admit(ledger: &Ledger, run: &Run, count: u32) {
    let record = |number: u32| Incoming {
        key: Some(Key {
            api_code: "a".to_owned(),
            site: "S".to_owned(),
            reference: format!("R-{number}"),
        }),
        key_is_sure: true,
        authorisation_number: "S".to_owned(),
        waste_tracking_id: None,
        line: u64::from(number) + 2,
        payload: format!(r#"{{"apiCode":"a","yourUniqueReference":"R-{number}"}}"#).into_bytes(),
        lasting_hash: [0; 32],
        rows: Vec::new(),
        received_at: Some(1),
        received_on: Some("2026-10-05".to_owned()),
        by_pipe: false,
        findings: Vec::new(),
        repeats: None,
    };
    let (to_ledger, records) = channel(2);
    to_ledger.send(Admission::Records((0..count).map(record).collect())).await.expect("room");
    to_ledger.send(Admission::End).await.expect("room");
    let facts = FileFacts {
        path: "/bench.csv".into(),
        format: "csv".into(),
        size: None,
        layout: None,
        modified_at: None,
    };
    ledger.admit(run, &facts, OnChange::Hold, records).await.expect("admitted");
}
