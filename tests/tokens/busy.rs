//! A token endpoint that is busy is waited for, as long as the settings say.

use std::time::Duration;

use waste_receipts::api::TokenError;

use super::bench::{Bench, GIVE_UP_AFTER, busy};
use super::support::wire::{Act, cut, token};

#[tokio::test]
async fn every_sort_of_trouble_is_waited_for() {
    let troubles = [
        busy("429 Too Many Requests", ""),
        busy("408 Request Timeout", ""),
        busy("500 Internal Server Error", ""),
        busy("502 Bad Gateway", ""),
        busy("503 Service Unavailable", ""),
        busy("504 Gateway Timeout", ""),
        Act::Close(Vec::new()),
        Act::Close(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        Act::Close(cut("200 OK", r#"{"access_token":"t""#)),
        Act::Reset,
        Act::Close(b"220 mail.example ESMTP ready\r\n".to_vec()),
    ];
    for trouble in troubles {
        let bench = Bench::new([trouble.clone(), token("t", 3_600)]).await;
        let token = bench.in_the_end().await.map_err(|error| error.to_string());
        assert_eq!(token, Ok("t".to_owned()), "{trouble:?}");
        assert_eq!(bench.asked(), 2, "{trouble:?}");
        let waited = bench.clock.now().as_millis();
        assert!((250..=500).contains(&waited), "{trouble:?}: {waited} ms");
    }
}

#[tokio::test]
async fn it_waits_as_long_as_the_endpoint_asks() {
    for (asked, seconds) in [("7", 7), ("Thu, 01 Jan 1970 00:00:09 GMT", 9), ("0", 0)] {
        let asks = busy("429 Too Many Requests", &format!("retry-after: {asked}\r\n"));
        let bench = Bench::new([asks, token("t", 3_600)]).await;
        assert!(bench.in_the_end().await.is_ok());
        assert_eq!(bench.clock.now(), Duration::from_secs(seconds), "{asked}");
    }
}

#[tokio::test]
async fn it_gives_up_when_it_was_told_to() {
    let bench = Bench::new([busy("503 Service Unavailable", "")]).await;
    let error = bench.in_the_end().await.expect_err("no token");
    assert!(matches!(error, TokenError::Unavailable(_)), "{error}");
    assert!(error.to_string().contains("503 Service Unavailable"), "{error}");
    let waited = bench.clock.now();
    assert!(waited > GIVE_UP_AFTER / 3 && waited <= GIVE_UP_AFTER, "{waited:?}");
    assert!(bench.asked() <= 10, "asked {} times in a minute", bench.asked());
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_not_begun() {
    for asked in ["61", "18446744073709551615", "99999999999999999999999"] {
        let asks = busy("429 Too Many Requests", &format!("retry-after: {asked}\r\n"));
        let bench = Bench::new([asks]).await;
        let error = bench.in_the_end().await.expect_err("no token");
        assert!(matches!(error, TokenError::Unavailable(_)), "{error}");
        assert_eq!((bench.asked(), bench.clock.now()), (1, Duration::ZERO));
    }
}

/// Ctrl-C does not wait for a token endpoint that is down.
#[tokio::test]
async fn who_is_told_to_stop_waits_no_longer() {
    for silent in [busy("503 Service Unavailable", ""), Act::Hang(Vec::new())] {
        let bench = Bench::new([silent]).await;
        let waiting = {
            let client = std::sync::Arc::clone(&bench.client);
            tokio::spawn(async move { client.tokens().access_token().await.is_err() })
        };
        while bench.asked() == 0 {
            tokio::task::yield_now().await;
        }
        bench.stop.cancel();
        assert!(waiting.await.expect("no panic"));
    }
}
