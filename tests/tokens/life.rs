//! From one token to the next.

use std::sync::Arc;

use super::bench::{Bench, busy, refused};
use super::support::wire::{Act, answer, token};

const DOWN: &str = "500 Internal Server Error";

#[tokio::test]
async fn it_is_renewed_when_three_quarters_of_its_life_are_over() {
    let bench = Bench::new([token("a", 400), token("b", 400)]).await;
    assert_eq!(bench.now().await.ok().as_deref(), Some("a"));
    bench.at(299.9).await;
    assert_eq!(bench.now().await.ok().as_deref(), Some("a"));
    assert_eq!(bench.asked(), 1);
    bench.at(300.0).await;
    assert_eq!(bench.now().await.ok().as_deref(), Some("b"));
    bench.at(599.9).await;
    assert_eq!(bench.now().await.ok().as_deref(), Some("b"));
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn while_one_renews_it_the_others_go_on_with_the_old_one() {
    let Act::Say(second) = token("b", 400) else { unreachable!("an answer") };
    let bench = Bench::new([token("a", 400), Act::Gate(second)]).await;
    assert!(bench.now().await.is_ok());
    bench.at(300.0).await;
    let renewing = renewing(&bench).await;
    assert_eq!(bench.now().await.ok().as_deref(), Some("a"));
    bench.wire.open_the_gate();
    assert_eq!(renewing.await.expect("no panic").ok().as_deref(), Some("b"));
    assert_eq!((bench.now().await.ok().as_deref(), bench.asked()), (Some("b"), 2));
}

/// Somebody whose renewal has reached the endpoint, and waits at its gate.
async fn renewing(
    bench: &Bench,
) -> tokio::task::JoinHandle<Result<String, waste_receipts::api::TokenError>> {
    let client = Arc::clone(&bench.client);
    let renewing =
        tokio::spawn(async move { super::bench::token(client.tokens().access_token().await) });
    while bench.asked() < 2 {
        tokio::task::yield_now().await;
    }
    renewing
}

#[tokio::test]
async fn a_renewal_that_fails_is_no_trouble_while_the_old_token_lives() {
    let bench =
        Bench::new([token("a", 400), busy(DOWN, ""), busy(DOWN, ""), token("b", 400)]).await;
    assert!(bench.now().await.is_ok());
    bench.at(300.0).await;
    for _ in 0..10 {
        assert_eq!(bench.now().await.ok().as_deref(), Some("a"));
    }
    assert_eq!(bench.asked(), 2, "a busy endpoint was asked again at once");
    bench.at(302.0).await;
    assert_eq!((bench.now().await.ok().as_deref(), bench.asked()), (Some("a"), 3));
    bench.at(304.0).await;
    assert_eq!((bench.now().await.ok().as_deref(), bench.asked()), (Some("b"), 4));
}

#[tokio::test]
async fn a_renewal_waits_as_long_as_the_endpoint_asks() {
    let asks = busy("429 Too Many Requests", "retry-after: 30\r\n");
    let bench = Bench::new([token("a", 400), asks, token("b", 400)]).await;
    assert!(bench.now().await.is_ok());
    bench.at(300.0).await;
    assert_eq!(bench.now().await.ok().as_deref(), Some("a"));
    bench.at(329.9).await;
    assert_eq!((bench.now().await.ok().as_deref(), bench.asked()), (Some("a"), 2));
    bench.at(330.0).await;
    assert_eq!((bench.now().await.ok().as_deref(), bench.asked()), (Some("b"), 3));
}

#[tokio::test]
async fn refused_credentials_are_seldom_tried_again_and_fail_when_the_token_ends() {
    let bench = Bench::new([token("a", 400), refused()]).await;
    assert!(bench.now().await.is_ok());
    for tenth in 3_000..4_000 {
        bench.at(f64::from(tenth) / 10.0).await;
        assert_eq!(bench.now().await.ok().as_deref(), Some("a"));
    }
    assert_eq!(bench.asked(), 3, "once a minute is enough");
    bench.at(400.0).await;
    assert!(bench.now().await.is_err());
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_an_older_refusal_costs_nothing() {
    let bench = Bench::new([token("a", 400), token("b", 400), token("c", 400)]).await;
    assert_eq!(bench.generation().await, 1);
    bench.client.tokens().refused(1);
    assert_eq!(bench.generation().await, 2);
    for _ in 0..63 {
        bench.client.tokens().refused(1);
    }
    assert_eq!(bench.generation().await, 2);
    assert_eq!(bench.asked(), 2);
    bench.client.tokens().refused(3);
    assert_eq!(bench.generation().await, 2, "a token that never was");
}

/// The old token was refused while its renewal was under way: now the renewal must succeed, and is
/// worth waiting for.
#[tokio::test]
async fn a_renewal_becomes_urgent_when_the_old_token_is_refused() {
    let down = answer(DOWN, "", "");
    let bench = Bench::new([token("a", 400), Act::Gate(down), token("b", 400)]).await;
    assert!(bench.now().await.is_ok());
    bench.at(300.0).await;
    let renewing = renewing(&bench).await;
    bench.client.tokens().refused(1);
    bench.wire.open_the_gate();
    let renewed = bench.turning(renewing).await.expect("no panic");
    assert_eq!(renewed.map_err(|error| error.to_string()), Ok("b".to_owned()));
}

/// A token's life begins when that token was asked for, not with the first try before it.
#[tokio::test]
async fn a_token_that_was_long_waited_for_is_young() {
    let asks = busy("503 Service Unavailable", "retry-after: 50\r\n");
    let bench = Bench::new([asks, token("a", 40)]).await;
    assert_eq!(bench.in_the_end().await.ok().as_deref(), Some("a"));
    bench.at(79.9).await;
    assert_eq!((bench.now().await.ok().as_deref(), bench.asked()), (Some("a"), 2));
}

#[tokio::test]
async fn a_life_is_read_however_it_is_written() {
    for (expires_in, life) in [
        (r#","expires_in":400"#, 400.0),
        (r#","expires_in":400.0"#, 400.0),
        (r#","expires_in":"400""#, 400.0),
        ("", 3_600.0),
        (r#","expires_in":null"#, 3_600.0),
        (r#","expires_in":"soon""#, 3_600.0),
        (r#","expires_in":0"#, 1.0),
        (r#","expires_in":-5"#, 1.0),
        (r#","expires_in":18446744073709551615"#, 366.0 * 86_400.0),
        (r#","expires_in":1e300"#, 366.0 * 86_400.0),
    ] {
        let body = format!(r#"{{"access_token":"t","token_type":"Bearer"{expires_in}}}"#);
        let bench = Bench::new([Act::Say(answer("200 OK", "", &body))]).await;
        assert!(bench.now().await.is_ok(), "{expires_in}");
        bench.at(life * 0.75 - 0.1).await;
        assert!(bench.now().await.is_ok());
        assert_eq!(bench.asked(), 1, "{expires_in} is taken to be shorter");
        bench.at(life * 0.75).await;
        assert!(bench.now().await.is_ok());
        assert_eq!(bench.asked(), 2, "{expires_in} is taken to be longer");
    }
}
