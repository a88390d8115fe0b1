//! Every fault once: what the client sees, and what the oracle says.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;
use waste_receipts::sandbox::{API_CODES, Fault, FaultRate, Options};

use crate::support::{Bench, movement, movement_of};

#[tokio::test]
async fn without_a_fault_a_movement_is_stored() {
    let bench = Bench::start(Options::default()).await;
    let answer = bench.post(&movement("A1")).await.unwrap();
    assert_eq!(answer.status, 201);
    let id = answer.json()["wasteTrackingId"].as_str().unwrap().to_owned();
    assert_eq!(bench.outcome(), (None, Some(201), true));
    let stored = &bench.sandbox.stored().movements[0];
    assert_eq!(stored.waste_tracking_id.as_deref(), Some(id.as_str()));
    assert_eq!(stored.site, "AB1234CD");
    assert_eq!(&*stored.body, movement("A1").to_string());
    assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 36));
    assert!(answer.header("x-dwt-service-charge-expiry-date").is_some_and(|day| day.len() == 10));
}

#[tokio::test]
async fn lose_response() {
    let bench = Bench::with("lose-response").await;
    let error = bench.post(&movement("A1")).await.unwrap_err();
    assert!(error.is_request() && !error.is_timeout() && !error.is_connect(), "{error:?}");
    assert_eq!(bench.outcome(), (Some(Fault::LoseResponse), None, true));
}

#[tokio::test]
async fn drop_request() {
    let bench = Bench::with("drop-request").await;
    let error = bench.post(&movement("A1")).await.unwrap_err();
    assert!(error.is_request() && !error.is_timeout() && !error.is_connect(), "{error:?}");
    assert_eq!(bench.outcome(), (Some(Fault::DropRequest), None, false));
}

#[tokio::test]
async fn cut_body() {
    let bench = Bench::with("cut-body").await;
    let response = bench
        .request(Method::POST, "/movements/receive")
        .bearer_auth(&bench.token)
        .body(movement("A1").to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
    let promised = response.content_length().unwrap();
    assert_eq!(promised, r#"{"wasteTrackingId":"26BHUT6U"}"#.len() as u64);
    assert!(response.bytes().await.unwrap_err().is_decode());
    assert_eq!(bench.outcome(), (Some(Fault::CutBody), Some(201), true));
}

#[tokio::test]
async fn statuses() {
    let cases = [
        ("status-500-stored", 500, true, "{\"error\":"),
        ("status-500", 500, false, "{\"error\":"),
        ("status-502", 502, false, "<html>"),
        ("status-503", 503, false, "{\"statusCode\":503,"),
        ("unknown-api-code", 400, false, "{\"validation\":{\"errors\":[{\"key\":\"apiCode\","),
        ("unpaid", 402, false, "{\"statusCode\":402,"),
        ("revoke-token", 401, false, "{\"statusCode\":401,"),
        ("empty-201", 201, true, "{}"),
    ];
    for (fault, status, stored, begins) in cases {
        let bench = Bench::with(fault).await;
        let answer = bench.post(&movement("A1")).await.unwrap();
        assert_eq!(answer.status, status, "{fault}");
        assert!(answer.text.starts_with(begins), "{fault}: {}", answer.text);
        assert_eq!(answer.header("retry-after"), None);
        let expected = (Some(fault.parse().unwrap()), Some(status), stored);
        assert_eq!(bench.outcome(), expected, "{fault}");
        let charge = answer.header("x-dwt-service-charge-expiry-date");
        assert_eq!(charge.is_some(), [400, 402, 201].contains(&status), "{fault}");
        if status == 402 {
            assert_eq!(charge, Some("not available"));
        }
    }
}

#[tokio::test]
async fn a_put_meets_them_too() {
    let cases = [
        ("lose-response", None, 1),
        ("drop-request", None, 0),
        ("status-500-stored", Some(500), 1),
        ("status-500", Some(500), 0),
        ("empty-201", Some(200), 1),
        ("unpaid", Some(402), 0),
    ];
    for (fault, status, updates) in cases {
        let bench = Bench::start(Options::default()).await;
        let id = bench.store(&movement("A1"), vec![fault.parse().unwrap()]).await;
        let answer = bench.put(&id, &movement("A1")).await;
        assert_eq!(answer.as_ref().ok().map(|answer| answer.status), status, "{fault}");
        if let Some(answer) = answer.ok().filter(|answer| answer.status == 500) {
            assert_eq!(answer.json()["statusCode"], 500, "{fault}");
        }
        assert_eq!(bench.sandbox.stored().movements[0].updates, updates, "{fault}");
        let reference = bench.reference();
        assert_eq!((reference.posts, reference.puts, reference.stored), (1, 1, 1), "{fault}");
    }
}

#[tokio::test]
async fn empty_201_leaves_a_movement_without_an_id() {
    let bench = Bench::with("empty-201").await;
    bench.post(&movement("A1")).await.unwrap();
    assert_eq!(bench.sandbox.stored().movements[0].waste_tracking_id, None);
}

#[tokio::test]
async fn a_revoked_token_stays_dead() {
    let bench = Bench::with("revoke-token,times=1").await;
    let answer = bench.post(&movement("A1")).await.unwrap();
    assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"Token revoked\""));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(bench.post(&movement("A1")).await.unwrap().status, 401);
    let outcomes = bench.reference().outcomes;
    assert_eq!(outcomes[0].what(), "revoke-token");
    assert_eq!(outcomes[1].what(), "401");
}

#[tokio::test]
async fn status_429_says_when_to_come_again_by_turns() {
    let bench = Bench::with("status-429").await;
    let mut said = Vec::new();
    for _ in 0..4 {
        let answer = bench.post(&movement("A1")).await.unwrap();
        assert_eq!(answer.status, 429);
        said.push(answer.header("retry-after").map(str::to_owned));
    }
    let once = Some("1".to_owned());
    assert_eq!(said, [once.clone(), None, once, None]);

    bench.sandbox.set_faults(vec!["status-429,retry-after=7".parse().unwrap()]).unwrap();
    let answer = bench.post(&movement("A1")).await.unwrap();
    assert_eq!(answer.header("retry-after"), Some("7"));
    assert_eq!(bench.reference().posts, 5);
}

#[tokio::test]
async fn slow() {
    let bench = Bench::with("slow,delay=20ms").await;
    let start = Instant::now();
    assert_eq!(bench.post(&movement("A1")).await.unwrap().status, 201);
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert_eq!(bench.outcome(), (Some(Fault::Slow), Some(201), true));
}

#[tokio::test]
async fn hang() {
    let bench = Bench::with("hang").await;
    let request = bench
        .request(Method::POST, "/movements/receive")
        .bearer_auth(&bench.token)
        .body(movement("A1").to_string());
    let hanging = tokio::spawn(request.send());
    while bench.sandbox.stored().references.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.outcome(), (Some(Fault::Hang), None, false));
    assert!(!hanging.is_finished());
    // A connection that hangs does not keep the sandbox from stopping.
    bench.sandbox.stop().await;
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn one_operator_of_two_is_unpaid() {
    let mut unpaid = FaultRate::always(Fault::Unpaid);
    unpaid.api_code = Some(API_CODES[1].to_owned());
    let bench = Bench::start(Options { faults: vec![unpaid], ..Options::default() }).await;
    assert_eq!(bench.post(&movement("A1")).await.unwrap().status, 201);
    assert_eq!(bench.post(&movement_of(API_CODES[1], "A1")).await.unwrap().status, 402);
}

#[tokio::test]
async fn a_refused_movement_does_not_meet_the_faults_after_storing() {
    for fault in ["lose-response", "cut-body", "status-500-stored", "empty-201"] {
        let bench = Bench::with(&format!("{fault},times=1")).await;
        let unknown = movement_of("51111111-2222-4333-8444-555555555555", "A1");
        let answer = bench.post(&unknown).await.unwrap();
        assert_eq!(answer.findings("errors"), [("apiCode".into(), "InvalidValue".into())]);
        assert_eq!(bench.outcome(), (None, Some(400), false), "{fault}");
        // Nor does it use them up.
        let _ = bench.post(&movement("A2")).await;
        let second = bench.sandbox.stored().references[1].outcomes[0];
        assert_eq!((second.what().as_str(), second.stored), (fault, true));
    }
}

#[tokio::test]
async fn the_rate_limit_answers_429() {
    let bench = Bench::start(Options { rate_limit: Some(0), ..Options::default() }).await;
    let answer = bench.post(&movement("A1")).await.unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    assert_eq!(bench.outcome(), (None, Some(429), false));
}

#[tokio::test]
async fn a_seed_repeats_itself() {
    let run = async || {
        let faults =
            vec![FaultRate::new(Fault::LoseResponse, 0.3), FaultRate::new(Fault::Status503, 0.3)];
        let bench = Bench::start(Options { seed: 42, faults, ..Options::default() }).await;
        for _ in 0..30 {
            let _ = bench.post(&movement("A1")).await;
        }
        bench.reference().outcomes
    };
    let outcomes = run().await;
    assert_eq!(outcomes, run().await);
    for fault in [Some(Fault::LoseResponse), Some(Fault::Status503), None] {
        assert!(outcomes.iter().any(|outcome| outcome.fault == fault), "{fault:?}");
    }
}

#[tokio::test]
async fn a_movement_without_a_reference_is_stored_too() {
    let bench = Bench::start(Options::default()).await;
    let mut body = movement("A1");
    body.as_object_mut().unwrap().remove("yourUniqueReference");
    assert_eq!(bench.post(&body).await.unwrap().status, 201);
    let stored = bench.sandbox.stored();
    assert_eq!((stored.movements.len(), stored.references.len()), (1, 0));
    assert_eq!(json!(stored.movements[0].your_unique_reference), json!(null));
}
