//! This program's own reader, checks and client with no ledger between them: what it would reach if
//! nothing had to be kept. It sends what it reads at once, forgets the answers, and would lose or
//! double a load with every fault.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use waste_receipts::api::{Request, interpret};
use waste_receipts::calendar::Duty;
use waste_receipts::clock::Clock;
use waste_receipts::intake::{Checks, Judge, Policy};
use waste_receipts::reader::{Defaults, Format, Reader};
use waste_receipts::reference::Codes;
use waste_receipts::submission::{Method, Outcome};

/// The word on the command line that makes a bench this client.
pub(crate) const ROLE: &str = "send-without-a-ledger";
/// So many are handed over at once.
const BATCH: usize = 256;

/// Becomes the client, if the command line says so; says whether it was, once everything is sent.
pub(crate) fn was_the_client() -> bool {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, role, csv, url, in_flight, api_code] = arguments.as_slice() else {
        return false;
    };
    if role != ROLE {
        return false;
    }
    let in_flight = in_flight.parse().expect("a number");
    let (csv, api_code) = (PathBuf::from(csv), api_code.clone());
    // One thread to send and one to read, as the program has.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (to_sender, bodies) = channel(4);
        let reading = tokio::task::spawn_blocking(move || read(&csv, api_code, &to_sender));
        let accepted = send(url, in_flight, bodies).await;
        assert_eq!(reading.await.expect("no panic"), accepted, "some were not taken");
    });
    true
}

/// Reads and judges the file; gives how many movements it handed over.
fn read(csv: &Path, api_code: String, to_sender: &Sender<Vec<Bytes>>) -> u64 {
    let (codes, duty) = (Codes::embedded(), Duty::by_rules());
    let now = Timestamp::now();
    let mut judge = Judge::new(Policy { codes, duty, now, checks: Checks::Block, strict: false });
    let defaults = Defaults { api_code: Some(api_code), ..Defaults::default() };
    let mut reader = Reader::open(csv, Some(Format::Csv), defaults).expect("readable");
    let mut batch = Vec::with_capacity(BATCH);
    let mut count = 0;
    while let Some(record) = reader.next_record().expect("a record") {
        if judge.judge(&record).iter().any(|finding| finding.severity.stops()) {
            continue;
        }
        count += 1;
        batch.push(Bytes::from(record.movement.to_json()));
        if batch.len() == BATCH {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            to_sender.blocking_send(full).expect("a sender");
        }
    }
    to_sender.blocking_send(batch).expect("a sender");
    count
}

/// Sends everything; gives how many movements the service took.
async fn send(url: &str, in_flight: usize, mut bodies: Receiver<Vec<Bytes>>) -> u64 {
    let client = Arc::new(super::api::client(url, Clock::system(), CancellationToken::new()));
    client.ready().await.expect("a token");
    let (mut sending, mut accepted) = (JoinSet::new(), 0);
    let taken = |ended: Result<bool, tokio::task::JoinError>| u64::from(ended.expect("no panic"));
    while let Some(batch) = bodies.recv().await {
        for body in batch {
            if sending.len() == in_flight {
                accepted += sending.join_next().await.map_or(0, taken);
            }
            let client = Arc::clone(&client);
            sending.spawn(async move {
                let request = Request { method: Method::Post, waste_tracking_id: None, body };
                let exchange = client.exchange(request).await.expect("a token");
                let outcome = interpret(Method::Post, &exchange, Timestamp::now());
                matches!(outcome, Outcome::Accepted { .. })
            });
        }
    }
    while let Some(ended) = sending.join_next().await {
        accepted += taken(ended);
    }
    accepted
}
