//! The service's recorded answers on the level of HTTP (`tests/conformance/http.jsonl`): bodies,
//! sizes, content types, paths, tokens. Most records leave the request's body to their `why`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use waste_receipts::sandbox::Options;

use crate::raw::{RawAnswer, exchange};
use crate::support::Bench;

const CASES: &str = include_str!("../conformance/http.jsonl");
const UPDATES: &str = include_str!("../conformance/updates.jsonl");

/// What cannot hold for the sandbox, and why.
const CANNOT_HOLD: [(&str, &str); 10] = [
    ("enc-gzip", "nothing in the dependency tree unpacks gzip: answered with a 415 that says so"),
    ("enc-gzip-bomb", "as enc-gzip"),
    ("auth-old", "the sandbox's tokens are random text: there is no claim to set"),
    ("auth-nbf", "as auth-old"),
    ("auth-noexp", "as auth-old"),
    ("auth-iss", "as auth-old"),
    ("auth-noclient", "as auth-old"),
    ("auth-scope", "as auth-old"),
    ("auth-scope-array", "as auth-old"),
    ("auth-alg-none", "tokens have no header: each that was not given out is refused alike"),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    id: String,
    method: String,
    path: String,
    headers: Map<String, Value>,
    body: Option<String>,
    status: u16,
    body_keys: Option<BTreeSet<String>>,
    errors: Option<Vec<Fault>>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Fault {
    key: String,
    error_type: String,
}

#[tokio::test]
async fn the_service_s_answers_hold() {
    let bench = Bench::start(Options::default()).await;
    let expired = Bench::start(Options { token_ttl: Duration::ZERO, ..Options::default() }).await;
    let (mut held, mut wrong) = (0, Vec::new());
    for line in CASES.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        if CANNOT_HOLD.iter().any(|(id, _)| *id == case.id) {
            continue;
        }
        let bench = if case.id == "auth-expired" { &expired } else { &bench };
        let answer = exchange(&bench.sandbox.api_url(), &request(&case, &bench.token)).await;
        match difference(&case, &answer) {
            None => held += 1,
            Some(difference) => wrong.push(format!("{}: {difference}", case.id)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(held + CANNOT_HOLD.len(), CASES.lines().count());
}

#[tokio::test]
async fn what_cannot_hold_is_refused_and_not_stored() {
    let bench = Bench::start(Options::default()).await;
    for (id, status) in [("enc-gzip", 415), ("auth-alg-none", 401)] {
        let line = CASES.lines().find(|line| line.contains(&format!("\"{id}\""))).unwrap();
        let case: Case = serde_json::from_str(line).unwrap();
        let token = "eyJhbGciOiJub25lIn0.e30.";
        let token = if status == 401 { token } else { &bench.token };
        let answer = exchange(&bench.sandbox.api_url(), &request(&case, token)).await;
        assert_eq!(answer.status, status, "{id}");
    }
    assert!(bench.sandbox.stored().movements.is_empty());
}

fn difference(case: &Case, answer: &RawAnswer) -> Option<String> {
    if answer.status != case.status {
        let body = String::from_utf8_lossy(&answer.body);
        return Some(format!("{} instead of {}: {body}", answer.status, case.status));
    }
    if answer.status == 401 && !answer.head.contains("\r\nwww-authenticate: bearer") {
        return Some("a 401 without WWW-Authenticate".to_owned());
    }
    let expected = case.body_keys.as_ref()?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let keys: BTreeSet<String> = body.as_object().unwrap().keys().cloned().collect();
    if keys != *expected {
        return Some(format!("{body}, expected {expected:?}"));
    }
    let expected = case.errors.as_ref()?;
    let errors: Vec<Fault> = serde_json::from_value(body["validation"]["errors"].clone()).unwrap();
    (errors != *expected).then(|| format!("{errors:?} instead of {expected:?}"))
}

/// The request, byte by byte.
fn request(case: &Case, token: &str) -> Vec<u8> {
    let mut body = body(case);
    let mut head = vec![format!("{} {} HTTP/1.1", case.method, case.path)];
    head.extend(["host: sandbox".to_owned(), "connection: close".to_owned()]);
    for (name, value) in &case.headers {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        head.push(format!("{name}: {value}"));
    }
    if case.headers.contains_key("transfer-encoding") {
        body = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    } else if !case.headers.contains_key("content-length") {
        head.push(format!("content-length: {}", body.len()));
    }
    head.extend(authorization(&case.id, token).map(|value| format!("authorization: {value}")));
    let head = head.join("\r\n") + "\r\n\r\n";
    [head.as_bytes(), &body].concat()
}

fn authorization(id: &str, token: &str) -> Option<String> {
    match id {
        "auth-none-badjson" | "ref-noauth" | "nopath-noauth" | "cors-preflight" => None,
        "auth-basic" => Some("Basic c2FuZGJveDpzYW5kYm94".to_owned()),
        "auth-bearer-space" => Some("Bearer ".to_owned()),
        "auth-two-spaces" => Some(format!("Bearer  {token}")),
        "auth-raw" => Some(token.to_owned()),
        "auth-garbage3" => Some("Bearer one.two.three".to_owned()),
        _ => Some(format!("Bearer {token}")),
    }
}

/// The body: as recorded, or built from what the record says of it.
fn body(case: &Case) -> Vec<u8> {
    if let Some(body) = &case.body {
        return body.clone().into_bytes();
    }
    let good = minimal();
    let text = "Untreated pine offcuts";
    let replaced = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let weighing = |amount: &str| {
        let weight = format!("\"weight\":{{\"metric\":\"Tonnes\",\"amount\":{amount},");
        replaced("\"containsPops\"", &format!("{weight}\"isEstimate\":false}},\"containsPops\""))
    };
    let built = match case.id.as_str() {
        "body-empty-ct" => String::new(),
        "body-comma" => format!("{},}}", good.strip_suffix('}').unwrap()),
        "body-protodeep" => replaced("\"carrier\":{", "\"carrier\":{\"__proto__\":{},"),
        "body-two" => format!("{good}{good}"),
        "body-dup" => replaced("{", "{\"apiCode\":\"nope\","),
        "body-1e400" => weighing("1e400"),
        "body-01" => weighing("01"),
        "body-dot" => weighing("1."),
        "body-surrogate" => replaced(text, "\\ud800"),
        "body-tab" => replaced(text, "a\tb"),
        "body-unikey" => replaced("\"apiCode\"", "\"\\u0061piCode\""),
        "body-badutf8" => {
            let (before, after) = good.split_once(text).unwrap();
            return [before.as_bytes(), b"a\xffb", after.as_bytes()].concat();
        }
        "size-chunked" => padded(&good, text, 1_048_577),
        id if id.starts_with("size-") => {
            padded(&good, text, id.strip_prefix("size-").unwrap().parse().unwrap())
        }
        "accept-gzip-big" => format!("{{{}}}", "\"x\":1,".repeat(100).trim_end_matches(',')),
        _ if ["GET", "HEAD", "OPTIONS"].contains(&case.method.as_str()) => String::new(),
        _ => good,
    };
    built.into_bytes()
}

fn padded(good: &str, text: &str, length: usize) -> String {
    let padding = "x".repeat(length - (good.len() - text.len()));
    good.replacen(text, &padding, 1)
}

/// The smallest movement that the service takes; it has one warning.
fn minimal() -> String {
    let first: Value = serde_json::from_str(UPDATES.lines().next().unwrap()).unwrap();
    first["payload"].to_string()
}
