//! Tokens in a long run.

use std::time::{Duration, Instant};

use waste_receipts::sandbox::Options;

use crate::site::{Site, movements_csv, text};

/// One token for the run, renewed at three quarters of its life: every 1.5 s where it lives 2 s.
#[test]
fn a_run_outlives_its_tokens() {
    let token_ttl = Duration::from_secs(2);
    let site = Site::new(Options { token_ttl, ..Options::default() });
    let file = site.write("movements.csv", &movements_csv(1, 2_000));
    let begun = Instant::now();
    let (summary, ran) = site.json(&["submit", "--json", "--rate", "200", text(&file)]);
    let took = begun.elapsed().as_secs_f64();
    assert_eq!((&summary["accepted"], ran.code), (&2_000.into(), Some(0)), "{ran:?}");
    let requests = site.stored().token_requests;
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let every = took / requests as f64;
    assert!((1.2..3.0).contains(&every), "{requests} tokens in {took:.1} s");
}

#[test]
fn wrong_credentials_send_nothing() {
    let site = Site::new(Options::default());
    let file = site.write("movements.csv", &movements_csv(1, 3));
    let output = site
        .command(&["submit", text(&file)])
        .env("WASTE_RECEIPTS_CLIENT_SECRET", "not-the-secret")
        .output()
        .expect("the program starts");
    let err = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    assert!(err.contains("refused the credentials"), "{err}");
    assert!(!err.contains("not-the-secret"), "{err}");
    assert_eq!(site.stored().requests, 0);
    assert_eq!(site.run(&["retry"]).code, Some(0));
    assert_eq!(site.stored().movements.len(), 3);
}

#[test]
fn a_busy_token_endpoint_is_waited_for() {
    let site = Site::with_faults(&["token-503,times=2"], 1);
    let file = site.write("movements.csv", &movements_csv(1, 3));
    let ran = site.run(&["submit", text(&file)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(site.stored().token_requests, 3);
}

#[test]
fn a_token_is_printed() {
    let site = Site::new(Options::default());
    let ran = site.run(&["token"]);
    assert_eq!((ran.code, ran.out.trim().split('.').count()), (Some(0), 3), "{ran:?}");
    assert!(ran.err.is_empty(), "{ran:?}");
}
