//! The history of a large ledger, verified: `cargo bench --bench verify`
//!
//! Writes a ledger of `VERIFY_ATTEMPTS` (100,000) movements, each with its body, its source row, and
//! an attempt or two, through the ledger's own interface; verifies it three times; prints what that
//! took. With `VERIFY_LEDGER` it keeps the ledger there, and uses it again.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::channel;
use waste_receipts::clock::Clock;
use waste_receipts::ledger::{
    Access, Admission, Answered, Binding, Creation, FileFacts, Incoming, Layout, Ledger, Run,
    RunFacts, Verified, verify,
};
use waste_receipts::movement::{Key, comparable_site, lasting};
use waste_receipts::reader::{Defaults, Format, Reader};
use waste_receipts::submission::{OnChange, Outcome, Reason};

const API_CODE: &str = "1f83215e-4b90-4785-9ab2-2614839aa2e9";
const PERMIT: &str = "EPR/QV1001LM";
const SAMPLES: &str = "samples/movements.csv";
/// Movements of a night.
const NIGHT: usize = 20_000;

#[tokio::main]
async fn main() {
    let attempts = std::env::var("VERIFY_ATTEMPTS").ok().and_then(|text| text.parse().ok());
    let folder = tempfile::tempdir().expect("a folder");
    let kept = std::env::var_os("VERIFY_LEDGER").map(PathBuf::from);
    let path = kept.unwrap_or_else(|| folder.path().join("large.sqlite"));
    if !path.exists() {
        let begun = Instant::now();
        write(&path, attempts.unwrap_or(100_000)).await;
        println!("written in {:.1} s", begun.elapsed().as_secs_f64());
    }
    let size = path.metadata().expect("a ledger").len();
    for _ in 0..3 {
        let begun = Instant::now();
        let verified = verify(&path, None).await.expect("verified");
        told(&verified, begun.elapsed(), size);
    }
}

fn told(verified: &Verified, took: Duration, size: u64) {
    assert_eq!(verified.altered, None);
    println!(
        "{} attempts, {} readings, {} MB: {:.2} s",
        verified.attempts,
        verified.readings,
        size / 1_000_000,
        took.as_secs_f64()
    );
}

async fn write(path: &Path, movements: usize) {
    let binding = Binding {
        name: "bench".to_owned(),
        api_url: "http://127.0.0.1:9".to_owned(),
        token_url: "http://127.0.0.1:9/oauth2/token".to_owned(),
    };
    let access = Access::Write(Creation::WhereMissing);
    let ledger = Ledger::open(path, access, &binding, Clock::system()).await.expect("a ledger");
    let (bodies, mut made) = (bodies(), 0);
    while made < movements {
        let night: Vec<Incoming> =
            (made..movements.min(made + NIGHT)).map(|number| record(&bodies, number)).collect();
        made += night.len();
        let [command, user, host] = ["submit", "night.job", "weighbridge-pc"].map(str::to_owned);
        let run = ledger.begin_run(&RunFacts { command, user, host }).await.expect("a run");
        feed(&ledger, &run, night).await;
        send(&ledger, &run).await;
        ledger.end_run(&run, 0, "{}").await.expect("ended");
    }
    ledger.close().await.expect("closed");
}

/// The samples' movements, as bodies, each with a row of its file.
fn bodies() -> Vec<(String, String)> {
    let defaults = Defaults { api_code: Some(API_CODE.to_owned()), ..Defaults::default() };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLES);
    let text = std::fs::read_to_string(&path).expect("samples");
    let mut reader = Reader::open(&path, Some(Format::Csv), defaults).expect("readable");
    let mut rows = text.lines().skip(1).cycle();
    let mut bodies = Vec::new();
    while let Some(record) = reader.next_record().expect("a record") {
        let body = String::from_utf8(record.movement.to_json()).expect("text");
        bodies.push((body, format!("{}\r\n", rows.next().unwrap_or_default())));
    }
    bodies
}

fn record(bodies: &[(String, String)], number: usize) -> Incoming {
    let (body, row) = &bodies[number % bodies.len()];
    let reference = format!("B-{number:07}");
    let payload = body.replacen("WB-", &format!("{reference}-"), 1).into_bytes();
    let lasting_hash = Sha256::digest(lasting(&payload)).into();
    Incoming {
        key: Some(Key { api_code: API_CODE.to_owned(), site: comparable_site(PERMIT), reference }),
        key_is_sure: true,
        authorisation_number: PERMIT.to_owned(),
        waste_tracking_id: None,
        line: number as u64 + 2,
        payload,
        lasting_hash,
        rows: row.clone().into_bytes(),
        received_at: Some(1_791_000_000_000),
        received_on: Some("2026-10-05".to_owned()),
        by_pipe: false,
        findings: Vec::new(),
        repeats: None,
    }
}

async fn feed(ledger: &Ledger, run: &Run, records: Vec<Incoming>) {
    let facts = FileFacts {
        path: "night.csv".to_owned(),
        format: "csv".to_owned(),
        layout: Some(Layout {
            format: "csv".to_owned(),
            encoding: "UTF-8".to_owned(),
            delimiter: ",".to_owned(),
            header: b"yourUniqueReference\r\n".to_vec(),
            titles_at: 0,
        }),
        size: None,
        modified_at: None,
    };
    let (into, from) = channel(2);
    let admitted = ledger.admit(run, &facts, OnChange::Hold, from);
    let fed = async {
        into.send(Admission::Records(records)).await.expect("taken");
        into.send(Admission::End).await.expect("taken");
    };
    let (admitted, ()) = tokio::join!(admitted, fed);
    assert_eq!(admitted.expect("admitted").refusal, None);
}

/// Sends what waits: one in 50 is told to come again, and is sent in the next night.
async fn send(ledger: &Ledger, run: &Run) {
    let mut number = 0;
    loop {
        let claimed = ledger.claim(run, &[(1, 400)]).await.expect("claimed");
        if claimed.is_empty() {
            return;
        }
        let now = ledger.clock().wall_ms();
        let answer = |claimed| {
            number += 1;
            let id = Some(format!("26{number:08}"));
            let deferred = Outcome::Deferred { reason: Reason::Unavailable, retry_after: None };
            let stored = Outcome::Accepted { waste_tracking_id: id, warnings: Vec::new() };
            let is_deferred = number % 50 == 0;
            Answered {
                claimed,
                started_at: now,
                duration_ms: 70,
                status: Some(if is_deferred { 503 } else { 201 }),
                outcome: if is_deferred { deferred } else { stored },
                request_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
                service_charge_expiry: Some("2027-03-31".to_owned()),
                detail: is_deferred.then(|| "Service Unavailable".to_owned()),
                due_at: now,
            }
        };
        let answers: Vec<Answered> = claimed.into_iter().map(answer).collect();
        ledger.record(run, answers).await.expect("recorded");
    }
}
