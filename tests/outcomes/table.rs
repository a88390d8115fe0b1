//! The table itself.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use waste_receipts::api::{Client, ClientOptions, Credentials, Exchange, Presentation, Request};
use waste_receipts::api::{Failure, interpret};
use waste_receipts::clock::Clock;
use waste_receipts::submission::{Method, Outcome};

use super::cases::{self, Case};
use super::support::wire::Wire;

pub(crate) fn client(api_url: &str, token_url: &str, timeout: Duration) -> Client {
    let options = ClientOptions {
        api_url: Some(api_url.parse().expect("a URL")),
        token_url: format!("{token_url}/oauth2/token").parse().expect("a URL"),
        credentials: Credentials {
            client_id: "id".to_owned(),
            client_secret: "secret".to_owned().into(),
            presentation: Presentation::Both,
        },
        timeout,
        give_up_after: Duration::from_secs(60),
        stop: CancellationToken::new(),
        ca_file: None,
    };
    Client::new(options, Clock::manual(Timestamp::UNIX_EPOCH)).expect("a client")
}

pub(crate) fn request(method: Method) -> Request {
    let waste_tracking_id = (method == Method::Put).then(|| "26BHUT6U".to_owned());
    Request { method, waste_tracking_id, body: b"{}"[..].into() }
}

/// One line of the table.
pub(crate) fn line(method: Method, exchange: &Exchange) -> (Outcome, String) {
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let outcome = interpret(method, exchange, now);
    let answer = format!("{:?}", outcome.answer()).to_lowercase();
    let mut line = format!("{:<4} {answer:<9} {:<16}", method.as_str(), outcome.reason().as_str());
    match &outcome {
        Outcome::Accepted { waste_tracking_id: Some(id), .. } => _ = write!(line, " id={id}"),
        Outcome::Deferred { retry_after: Some(wait), .. } => {
            _ = write!(line, " wait={}s", wait.as_secs_f64());
        }
        _ => {}
    }
    if !outcome.findings().is_empty() {
        _ = write!(line, " findings={}", outcome.findings().len());
    }
    if let Some(detail) = exchange.detail(&outcome) {
        let local =
            matches!(&exchange.result, Err(Failure::NoConnection(_) | Failure::ConnectionLost(_)));
        _ = write!(line, " [{}]", if local { of_any_system(&detail) } else { detail });
    }
    (outcome, line.trim_end().to_owned())
}

/// What a system says of an error differs from one to the next.
fn of_any_system(detail: &str) -> String {
    let parts: Vec<&str> = detail
        .split(": ")
        .map(|part| if part.contains("(os error") { "(the system's word)" } else { part })
        .collect();
    parts.join(": ")
}

/// A case for one method, ready to be asked.
struct Ready {
    place: usize,
    case: Case,
    method: Method,
    wire: Wire,
    client: Client,
}

impl Ready {
    /// Its line of the table, and what is wrong with it.
    async fn ask(self) -> (usize, String, Vec<String>) {
        let Ready { place, case, method, wire, client } = self;
        let mut wrong = Vec::new();
        let mut exchange = client.exchange(request(method)).await.expect("a token");
        if let Some(took) = case.took {
            exchange.elapsed = took;
        }
        let (outcome, line) = line(method, &exchange);
        let expected = if method == Method::Post { case.post } else { case.put };
        let what = format!("{} {}", method.as_str(), case.what);
        if outcome.answer() != expected {
            wrong.push(format!("{what} should be {expected:?}: {outcome:?} of {exchange:?}"));
        }
        let (asked, followed) = (wire.count("/movements"), wire.count("/elsewhere"));
        if (asked, followed) != (1, 0) {
            wrong.push(format!("{what} was sent {asked} times, and followed {followed} times"));
        }
        (place, format!("  {line}\n"), wrong)
    }
}

#[tokio::test]
async fn every_answer_and_every_break_has_its_outcome() {
    let cases = cases::all();
    let mut rows: Vec<String> = cases.iter().map(|case| format!("{}\n", case.what)).collect();
    let mut ready = Vec::new();
    for (place, case) in cases.into_iter().enumerate() {
        for method in [Method::Post, Method::Put] {
            let (case, wire) = (case.clone(), Wire::api([case.act.clone()]).await);
            let client = client(&wire.url(), &wire.url(), case.timeout);
            ready.push(Ready { place, case, method, wire, client });
        }
    }
    // All at once, but not before all are made: making them takes the time that others wait for.
    let mut posts_and_puts = JoinSet::new();
    for ready in ready {
        posts_and_puts.spawn(ready.ask());
    }
    let mut done = posts_and_puts.join_all().await;
    done.sort();
    for (place, line, _) in &done {
        rows[*place] += line;
    }
    let wrong: Vec<String> = done.into_iter().flat_map(|(_, _, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!("outcomes", rows.concat());
}
