//! The service's recorded answers to PUTs (`tests/conformance/updates.jsonl`), and what the rules
//! say of records that are stored and answered with a 500 all the same.

use serde::Deserialize;
use serde_json::Value;
use waste_receipts::sandbox::Options;

use crate::support::{Bench, movement, movement_of};

const CASES: &str = include_str!("../conformance/updates.jsonl");

#[derive(Deserialize)]
struct Case {
    id: String,
    create: Option<Value>,
    target: String,
    payload: Value,
    status: u16,
}

#[tokio::test]
async fn the_service_s_answers_hold() {
    let mut wrong = Vec::new();
    for line in CASES.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let bench = Bench::start(Options::default()).await;
        let id = match &case.create {
            Some(body) => bench.store(body, Vec::new()).await,
            None => String::new(),
        };
        let target = match case.target.as_str() {
            "created" => id,
            "created:lower" => id.to_lowercase(),
            other => other.to_owned(),
        };
        let answer = bench.put(&target, &case.payload).await.unwrap();
        // A movement left without its carrier is stored, whatever the answer says.
        let applied = case.status == 200 || case.id == "update-022";
        let updates: u32 = bench.sandbox.stored().movements.iter().map(|m| m.updates).sum();
        if (answer.status, updates) != (case.status, u32::from(applied)) {
            wrong.push(format!("{}: {} {}", case.id, answer.status, answer.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn another_organisation_is_told_so() {
    let bench = Bench::start(Options::default()).await;
    let codes = bench.sandbox.api_codes();
    let id = bench.store(&movement("A1"), Vec::new()).await;
    let answer = bench.put(&id, &movement_of(&codes[1], "A1")).await.unwrap();
    let expected = [("submittingOrganisation".to_owned(), "BusinessRuleViolation".to_owned())];
    assert_eq!((answer.status, answer.findings("errors")), (400, expected.to_vec()));
    let answer = bench.put(&id, &movement("A1")).await.unwrap();
    assert_eq!((answer.status, answer.text.as_str()), (200, "{}"));
}

#[tokio::test]
async fn a_movement_without_a_carrier_is_stored_and_then_answered_with_a_500() {
    let bench = Bench::start(Options::default()).await;
    let mut body = movement("A1");
    body.as_object_mut().unwrap().remove("carrier");
    let answer = bench.post(&body).await.unwrap();
    assert_eq!((answer.status, answer.json().get("statusCode")), (500, None));
    assert_eq!(bench.outcome(), (None, Some(500), true));

    let bench = Bench::start(Options::default()).await;
    body["apiCode"] = "51111111-2222-4333-8444-555555555555".into();
    assert_eq!(bench.post(&body).await.unwrap().status, 500);
    assert_eq!(bench.outcome(), (None, Some(500), false));
}
