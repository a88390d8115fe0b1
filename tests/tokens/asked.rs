//! What a token request looks like, and that there is one at a time.

use std::sync::Arc;

use tokio::task::JoinSet;
use waste_receipts::api::Presentation;

use super::bench::{Bench, ID, busy, refused};
use super::support::wire::{Act, Seen, answer, token};

const BASIC: &str = "Basic dGhlLWNsaWVudC1pZDphK2IvYz0gZCZlJWYgaW4gYWxs";
const GRANT: &str = "grant_type=client_credentials";
const FORM: &str = "grant_type=client_credentials&client_id=the-client-id\
                    &client_secret=a%2Bb%2Fc%3D+d%26e%25f+in+all";

async fn request(presentation: Presentation) -> Seen {
    let bench = Bench::presenting(presentation, [token("t", 3_600)]).await;
    assert_eq!(bench.now().await.as_deref().ok(), Some("t"));
    bench.wire.seen().remove(0)
}

#[tokio::test]
async fn the_credentials_are_presented_in_three_ways() {
    for (presentation, header, body) in [
        (Presentation::Both, Some(BASIC), FORM),
        (Presentation::Basic, Some(BASIC), GRANT),
        (Presentation::Form, None, FORM),
    ] {
        let seen = request(presentation).await;
        assert_eq!(seen.line, "POST /oauth2/token HTTP/1.1");
        assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(seen.header("authorization"), header, "{presentation:?}");
        assert_eq!(seen.body, body, "{presentation:?}");
        let of_id =
            |(name, value): &(String, String)| name != "authorization" && value.contains(ID);
        assert!(!seen.headers.iter().any(of_id), "{seen:?}");
    }
}

#[tokio::test]
async fn the_token_goes_to_the_api_as_a_bearer() {
    let bench = Bench::new([token("abc.def", 3_600)]).await;
    assert_eq!(bench.generation().await, 1);
    let seen = bench.wire.seen().remove(1);
    assert_eq!(seen.line, "POST /movements/receive HTTP/1.1");
    assert_eq!(seen.header("authorization"), Some("Bearer abc.def"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
}

/// So many callers at once, and what each of them got.
async fn all_at_once(bench: &Bench) -> Vec<Result<String, String>> {
    let mut callers = JoinSet::new();
    for _ in 0..64 {
        let client = Arc::clone(&bench.client);
        callers.spawn(async move {
            let token = super::bench::token(client.tokens().access_token().await);
            token.map_err(|error| error.to_string())
        });
    }
    bench.wire.open_the_gate();
    bench.turning(callers.join_all()).await
}

#[tokio::test]
async fn however_many_want_one_it_is_asked_for_once() {
    let Act::Say(bytes) = token("t", 3_600) else { unreachable!("an answer") };
    let bench = Bench::new([Act::Gate(bytes)]).await;
    assert_eq!(all_at_once(&bench).await, vec![Ok("t".to_owned()); 64]);
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_refusal_too_is_for_all_who_waited() {
    let refused = answer("400 Bad Request", "", r#"{"error":"invalid_client"}"#);
    let bench = Bench::new([Act::Gate(refused)]).await;
    let answers = all_at_once(&bench).await;
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    assert_eq!(bench.asked(), 1, "credentials that were refused were sent again");
}

#[tokio::test]
async fn nobody_waits_again_for_what_another_waited_for_in_vain() {
    let bench = Bench::new([busy("500 Internal Server Error", "")]).await;
    let answers = all_at_once(&bench).await;
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    let waited = bench.clock.now();
    assert!(waited <= super::bench::GIVE_UP_AFTER, "they gave up one after the other: {waited:?}");
}

#[tokio::test]
async fn whoever_comes_later_asks_again() {
    let bench = Bench::new([refused(), token("t", 3_600)]).await;
    assert!(bench.now().await.is_err());
    assert_eq!(bench.now().await.ok().as_deref(), Some("t"));
}
