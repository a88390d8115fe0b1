//! Where tokens are asked for, and which way the request takes: the built program.

use super::support::program::{Ended, Place, beside};
use super::support::wire::{Act, TOKEN, Wire, answer};

async fn token(arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let place = Place::new();
    let mut command = place.command();
    command.arg("token").args(["--client-id", "id", "--give-up-after", "0s"]).args(arguments);
    command.env("WASTE_RECEIPTS_CLIENT_SECRET", "the-secret").envs(variables.iter().copied());
    beside(command).await
}

#[tokio::test]
async fn a_token_url_may_leave_out_its_path() {
    let wire = Wire::api([]).await;
    for path in ["", "/", "/oauth2/token", "/oauth2/token/"] {
        let ended = token(&["--token-url", &format!("{}{path}", wire.url())], &[]).await;
        assert_eq!((ended.code, ended.out.trim()), (0, TOKEN), "{path}: {}", ended.err);
    }
    assert_eq!(wire.count("POST /oauth2/token HTTP/1.1"), 4);
}

#[tokio::test]
async fn credentials_go_over_https_or_nowhere() {
    let ended = token(&["--token-url", "http://tokens.invalid"], &[]).await;
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(ended.err.contains("https"), "{}", ended.err);
}

#[tokio::test]
async fn this_machine_is_never_asked_through_a_proxy() {
    let (wire, proxy) = (Wire::api([]).await, Wire::api([]).await);
    let url = proxy.url();
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"];
    let variables: Vec<(&str, &str)> = names.iter().map(|name| (*name, url.as_str())).collect();
    for host in ["127.0.0.1", "localhost"] {
        let direct = format!("http://{host}:{}", wire.address.port());
        let ended = token(&["--token-url", &direct], &variables).await;
        assert_eq!((ended.code, ended.out.trim()), (0, TOKEN), "{}", ended.err);
    }
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn others_are_asked_through_the_proxy_that_is_set() {
    let refuses = answer("407 Proxy Authentication Required", "", "");
    let proxy = Wire::start([], [Act::Close(refuses)]).await;
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let variables = [(name, proxy.url())];
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, url)| (*name, url.as_str())).collect();
        let ended = token(&["--token-url", "https://tokens.invalid"], &variables).await;
        assert_eq!(ended.code, 4, "{name}: {}", ended.err);
        assert!(!ended.err.contains("the-secret"), "{}", ended.err);
    }
    assert_eq!(proxy.count("CONNECT tokens.invalid:443 HTTP/1.1"), 3, "{:?}", proxy.seen());
    assert!(proxy.seen().iter().all(|seen| seen.header("authorization").is_none()));
    let around = [("HTTPS_PROXY", proxy.url()), ("NO_PROXY", ".invalid".to_owned())];
    let around: Vec<(&str, &str)> =
        around.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let long = format!("https://{}.invalid", "a".repeat(64));
    let ended = token(&["--token-url", &long], &around).await;
    assert_eq!(ended.code, 4, "{}", ended.err);
    assert_eq!(proxy.seen().len(), 3, "NO_PROXY was not heeded");
}

/// Half an hour of silence would look like a program that hangs.
#[tokio::test]
async fn a_person_is_told_that_the_endpoint_is_waited_for() {
    use std::io::Read as _;
    let wire = Wire::start([Act::Hang(Vec::new())], []).await;
    let place = Place::new();
    let mut program = std::process::Command::new(assert_cmd::cargo::cargo_bin("waste-receipts"));
    program.env_clear().env("WASTE_RECEIPTS_CLIENT_SECRET", "s").current_dir(place.path());
    program.args(["token", "--client-id", "i", "--token-url", &wire.url()]);
    let mut program = program.stderr(std::process::Stdio::piped()).spawn().expect("a process");
    let mut err = program.stderr.take().expect("its messages");
    let told = tokio::task::spawn_blocking(move || {
        let mut first = [0; 60];
        err.read_exact(&mut first).map(|()| String::from_utf8_lossy(&first).into_owned())
    });
    let told = told.await.expect("no panic").expect("a message");
    program.kill().and_then(|()| program.wait()).expect("it ends");
    assert!(told.starts_with("The token endpoint does not answer, or is busy."), "{told}");
}
