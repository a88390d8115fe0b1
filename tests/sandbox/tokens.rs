//! The token endpoint.

use std::time::Duration;

use reqwest::RequestBuilder;
use secrecy::ExposeSecret;
use serde_json::json;
use waste_receipts::sandbox::Options;

use crate::support::{Bench, movement, read};

type Form<'a> = Vec<(&'a str, &'a str)>;

fn ask(bench: &Bench, form: &Form<'_>) -> RequestBuilder {
    bench.client.post(bench.sandbox.token_url()).form(form)
}

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn credentials_are_taken_in_three_ways() {
    let bench = Bench::start(Options::default()).await;
    let secret = bench.sandbox.client_secret();
    let (id, secret) = (bench.sandbox.client_id(), secret.expose_secret());
    let in_form = vec![GRANT, ("client_id", id), ("client_secret", secret)];
    let ways = [
        ask(&bench, &vec![GRANT]).basic_auth(id, Some(secret)),
        ask(&bench, &in_form),
        ask(&bench, &in_form).basic_auth(id, Some(secret)),
    ];
    for way in ways {
        let answer = read(way).await.unwrap();
        assert_eq!(answer.status, 200);
        let token = answer.json();
        assert_eq!(token["expires_in"], 3600);
        assert_eq!(token["token_type"], "Bearer");
        let token = token["access_token"].as_str().unwrap();
        assert_eq!(token.split('.').count(), 3);
        let test = bench.request(reqwest::Method::GET, "/auth/test").bearer_auth(token);
        let answer = read(test).await.unwrap();
        assert_eq!(answer.json(), json!({"authenticated": true, "clientId": id}));
    }
    assert_eq!(bench.sandbox.stored().token_requests, 4);
}

#[tokio::test]
async fn mistakes_get_cognitos_words() {
    let bench = Bench::start(Options::default()).await;
    let secret = bench.sandbox.client_secret();
    let (id, secret) = (bench.sandbox.client_id(), secret.expose_secret());
    let good = ("client_secret", secret);
    let cases: [(Form<'_>, &str); 6] = [
        (vec![GRANT, ("client_id", id), ("client_secret", "wrong")], "invalid_client"),
        (vec![GRANT, ("client_id", "wrong"), good], "invalid_client"),
        (vec![GRANT], "invalid_client"),
        (vec![("client_id", id), good], "invalid_request"),
        (vec![("grant_type", "password"), ("client_id", id), good], "unsupported_grant_type"),
        (vec![GRANT, ("client_id", id), good, ("scope", "all")], "invalid_scope"),
    ];
    for (form, error) in cases {
        let answer = read(ask(&bench, &form)).await.unwrap();
        assert_eq!((answer.status, answer.json()), (400, json!({"error": error})), "{form:?}");
    }
    let json = bench.client.post(bench.sandbox.token_url()).basic_auth(id, Some(secret)).body("{}");
    assert_eq!(read(json).await.unwrap().json(), json!({"error": "invalid_request"}));
}

#[tokio::test]
async fn a_token_expires() {
    let bench = Bench::start(Options { token_ttl: Duration::ZERO, ..Options::default() }).await;
    let answer = bench.post(&movement("A1")).await.unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"Token expired\""));
    assert_eq!(answer.json()["attributes"], json!({"error": "Token expired"}));
    assert_eq!(bench.outcome(), (None, Some(401), false));
}

#[tokio::test]
async fn the_token_endpoint_can_be_busy() {
    for (fault, status) in [("token-503", 503), ("token-429,retry-after=3", 429)] {
        let bench = Bench::start(Options::default()).await;
        bench.sandbox.set_faults(vec![fault.parse().unwrap()]).unwrap();
        let answer = read(ask(&bench, &vec![GRANT])).await.unwrap();
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("retry-after"), (status == 429).then_some("3"));
        // Movements are not concerned.
        assert_eq!(bench.post(&movement("A1")).await.unwrap().status, 201);
    }
}
