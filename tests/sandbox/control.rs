//! The sandbox's own paths, and the rest of the API's.

use reqwest::Method;
use serde_json::{Value, json};
use waste_receipts::sandbox::{API_CODES, Options, Sandbox};

use crate::support::{Answer, Bench, movement, movement_of, read};

async fn change(bench: &Bench, body: &Value) -> Answer {
    read(bench.request(Method::POST, "/sandbox/faults").body(body.to_string())).await.unwrap()
}

#[tokio::test]
async fn faults_are_replaced_while_it_runs() {
    let bench = Bench::with("status-500").await;
    let own = "5a4db0c5-ffff-4000-8000-000000000009";
    let wanted = json!({
        "faults": ["lose-response=20%", "unpaid=0.5,api-code=x"],
        "latency": "1ms",
        "rateLimit": 5,
        "apiCodes": [own],
    });
    let answer = change(&bench, &wanted).await;
    assert_eq!(answer.status, 200);
    let in_force = answer.json();
    assert_eq!(in_force["faults"], json!(["lose-response=0.2", "unpaid=0.5,api-code=x"]));
    assert_eq!((&in_force["latency"], &in_force["rateLimit"]), (&json!("1ms"), &json!(5)));
    assert!(bench.sandbox.api_codes().contains(&own.to_owned()));

    let answer = change(&bench, &json!({"faults": [], "rateLimit": null})).await;
    let in_force = answer.json();
    assert_eq!((&in_force["faults"], &in_force["rateLimit"]), (&json!([]), &Value::Null));
    assert_eq!(in_force["latency"], "1ms");
    assert_eq!(bench.post(&movement_of(own, "A1")).await.unwrap().status, 201);
}

#[tokio::test]
async fn a_bad_change_changes_nothing() {
    let bench = Bench::with("status-503").await;
    let cases = [
        (json!({"faults": ["lose-respnse"]}), "did you mean 'lose-response'?"),
        (json!({"faults": ["hang", "slow"]}), "add up to 200%"),
        (json!({"faults": [], "latency": "soon"}), "'soon' is not a length of time"),
        (json!({"fault": []}), "unknown field `fault`"),
        (json!(5), "invalid type"),
    ];
    for (body, reason) in cases {
        let answer = change(&bench, &body).await;
        assert_eq!(answer.status, 400);
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(reason), "{message}");
    }
    assert_eq!(bench.post(&movement("A1")).await.unwrap().status, 503);
}

#[tokio::test]
async fn all_that_is_known_is_listed() {
    let bench = Bench::start(Options::default()).await;
    let id = bench.store(&movement("A1"), vec!["status-500-stored,times=1".parse().unwrap()]).await;
    bench.post(&movement("A2")).await.unwrap();
    bench.put(&id, &movement("A1")).await.unwrap();
    let listed = read(bench.request(Method::GET, "/sandbox/movements")).await.unwrap().json();
    let first = &listed["movements"][0];
    assert_eq!(first["wasteTrackingId"], json!(id));
    assert_eq!(first["updates"], 1);
    assert_eq!(first["body"], movement("A1"));
    assert!(first["storedAt"].as_str().unwrap().ends_with('Z'));
    assert_eq!(
        listed["references"],
        json!([
            {
                "apiCode": API_CODES[0], "site": "AB1234CD", "yourUniqueReference": "A1",
                "posts": 1, "puts": 1, "stored": 1,
                "outcomes": [{"what": "201", "status": 201, "stored": true}],
            },
            {
                "apiCode": API_CODES[0], "site": "AB1234CD", "yourUniqueReference": "A2",
                "posts": 1, "puts": 0, "stored": 1,
                "outcomes": [{"what": "status-500-stored", "status": 500, "stored": true}],
            },
        ])
    );
    assert_eq!((&listed["requests"], &listed["tokenRequests"]), (&json!(3), &json!(1)));
    assert!(listed["worstSecond"].as_u64().unwrap() >= 1);
}

#[tokio::test]
async fn the_code_lists_are_served() {
    let bench = Bench::start(Options::default()).await;
    let lists = [
        ("ewc-codes", 842),
        ("disposal-or-recovery-codes", 28),
        ("hazardous-property-codes", 16),
        ("container-types", 16),
        ("pop-names", 31),
    ];
    for (list, length) in lists {
        let path = format!("/reference-data/{list}");
        let codes = bench.get(&path).await.json();
        let codes = codes.as_array().unwrap();
        assert_eq!(codes.len(), length, "{list}");
        assert!(codes.iter().all(|code| code["code"].is_string()), "{list}");
        let without = read(bench.request(Method::GET, &path)).await.unwrap();
        assert_eq!((without.status, without.header("www-authenticate")), (401, Some("Bearer")));
    }
    assert_eq!(bench.get("/reference-data/physical-forms").await.status, 404);
}

#[tokio::test]
async fn it_listens_on_loopback_only_unless_it_is_allowed_to() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let error = Sandbox::start(Options { listen, ..Options::default() }).await.unwrap_err();
    assert!(error.to_string().contains("not a loopback address"), "{error}");
}
