//! `doctor`: each thing that is wrong is found, with its remedy; `status` when nothing has run.

use secrecy::ExposeSecret as _;
use serde_json::Value;
use waste_receipts::sandbox::{API_CODES, Options, Sandbox};

use super::support::program::{Ended, Place, beside};
use super::support::wire::{Act, Wire, answer, token};

/// Runs it with settings of the test's own.
async fn doctor(place: &Place, settings: &str) -> (Value, Ended) {
    place.write("waste-receipts.toml", settings);
    let mut command = place.command();
    command.args(["doctor", "--json"]);
    let ended = beside(command).await;
    let findings = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}"));
    (findings, ended)
}

fn settings(url: &str, more: &str) -> String {
    format!(
        "environment = \"mine\"\napi-url = \"{url}\"\ntoken-url = \"{url}\"\nclient-id = \"{}\"\n\
         client-secret-file = \"secret\"\n{more}",
        "sandbox-client"
    )
}

/// The check of that name that went worst.
fn check<'f>(findings: &'f Value, name: &str) -> &'f Value {
    let checks = findings["checks"].as_array().expect("checks");
    let of = checks.iter().filter(|check| check["name"] == name);
    of.max_by_key(|check| ["ok", "warning", "failed"].iter().position(|v| check["verdict"] == *v))
        .unwrap_or_else(|| panic!("{name} was not looked at: {findings}"))
}

fn is_failed(findings: &Value, name: &str, words: &str) {
    let check = check(findings, name);
    assert_eq!(check["verdict"], "failed", "{check}");
    let text = check.to_string();
    assert!(text.contains(words), "{words}: {text}");
    assert!(check["remedy"].as_str().is_some_and(|remedy| remedy.len() > 10), "{check}");
    assert_eq!(findings["exitCode"], 2);
}

#[tokio::test]
async fn all_is_well() {
    let sandbox = Sandbox::start(Options::default()).await.expect("a sandbox");
    let place = Place::new();
    let secret = place.write("secret", sandbox.client_secret().expose_secret());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    let _ = secret;
    let settings = settings(&sandbox.api_url(), "").replace("sandbox-client", sandbox.client_id());
    let (findings, ended) = doctor(&place, &settings).await;
    assert_eq!(ended.code, 0, "{findings}");
    for name in [
        "settings",
        "environment",
        "secret",
        "DNS",
        "proxy",
        "connection",
        "clock",
        "token",
        "API",
        "ledger",
        "disk space",
    ] {
        assert_ne!(check(&findings, name)["verdict"], "failed", "{findings}");
    }
    assert!(!ended.out.contains(sandbox.client_secret().expose_secret()));
    let mut text = place.command();
    text.arg("doctor");
    let ended = beside(text).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("ok       token        one was given out"), "{}", ended.out);
}

#[tokio::test]
async fn what_is_wrong_is_found() {
    let place = Place::new();
    let (findings, _) = doctor(&place, "environmint = \"test\"").await;
    is_failed(&findings, "settings", "did you mean environment?");
    let (findings, _) = doctor(&place, "rate = 10").await;
    is_failed(&findings, "environment", "which environment?");
    // Nobody listens at a port that was just given back.
    let gone = Wire::api([]).await;
    let url = gone.url();
    drop(gone);
    let (findings, _) = doctor(&place, &settings(&url, "")).await;
    is_failed(&findings, "secret", "secret");
    is_failed(&findings, "connection", "nobody listens");
    place.write("secret", "the-secret");
    let refuses = Act::Say(answer("400 Bad Request", "", r#"{"error":"invalid_client"}"#));
    let wire = Wire::start([refuses], [Act::Say(answer("200 OK", "", ""))]).await;
    let (findings, _) = doctor(&place, &settings(&wire.url(), "")).await;
    is_failed(&findings, "token", "refused the credentials");
    let old = "date: Sat, 01 Jan 2000 00:00:00 GMT\r\n";
    let wire = Wire::start(
        [token("the-token", 3_600)],
        [Act::Say(answer("200 OK", old, "")), Act::Say(answer("401 Unauthorized", "", "{}"))],
    )
    .await;
    let (findings, _) = doctor(&place, &settings(&wire.url(), "")).await;
    is_failed(&findings, "clock", "ahead of the server's");
    place.write("none.sqlite", "this is no ledger");
    let (findings, _) = doctor(&place, &settings(&wire.url(), "ledger = \"none.sqlite\"")).await;
    is_failed(&findings, "ledger", "not");
    is_failed(&findings, "API", "401");
    let mut text = place.command();
    text.arg("doctor");
    let ended = beside(text).await;
    assert_eq!(ended.code, 2);
    assert!(ended.out.contains("FAILED   ledger") && ended.out.contains("-> "), "{}", ended.out);
}

#[cfg(unix)]
#[tokio::test]
async fn files_that_others_can_read_are_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let wire = Wire::api([Act::Say(answer("200 OK", "", ""))]).await;
    let place = Place::new();
    let secret = place.write("secret", "the-secret");
    std::fs::set_permissions(secret, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    let (findings, _) = doctor(&place, &settings(&wire.url(), "")).await;
    assert_eq!(check(&findings, "secret")["verdict"], "warning");
    assert!(check(&findings, "secret").to_string().contains("chmod 600"));
    // The test wrote the settings as anybody would.
    assert!(check(&findings, "permissions").to_string().contains("waste-receipts.toml"));
}

#[tokio::test]
async fn a_submit_that_did_not_run_is_told() {
    let sandbox = Sandbox::start(Options::default()).await.expect("a sandbox");
    let place = Place::new();
    place.write("secret", sandbox.client_secret().expose_secret());
    place.write(
        "waste-receipts.toml",
        settings(&sandbox.api_url(), &format!("api-code = \"{}\"\n", API_CODES[0]))
            .replace("sandbox-client", sandbox.client_id()),
    );
    let samples = include_str!("../../samples/movements.jsonl");
    place.write("some.jsonl", samples.lines().next().expect("a line"));
    let run = async |arguments: &[&str]| {
        let mut command = place.command();
        command.args(arguments);
        beside(command).await
    };
    // A retry makes the ledger, and is no submit.
    assert_eq!(run(&["retry", "-q"]).await.code, 0);
    let never = run(&["status", "--stale-after", "26h"]).await;
    assert_eq!(never.code, 10, "{never:?}");
    assert!(never.out.contains("STALE: no submit has done its work yet"), "{}", never.out);
    assert_eq!(run(&["status"]).await.code, 0, "it was not asked");
    assert_eq!(run(&["submit", "-q", "some.jsonl"]).await.code, 0);
    let fresh = run(&["status", "--json", "--stale-after", "26h"]).await;
    let status: Value = serde_json::from_str(&fresh.out).expect("JSON");
    assert_eq!((fresh.code, &status["stale"]), (0, &Value::Bool(false)));
    assert!(status["lastSubmit"].is_string(), "{status}");
    let old = run(&["status", "--stale-after", "1ms"]).await;
    assert_eq!(old.code, 10, "{old:?}");
    assert!(old.out.contains("STALE: no submit has done its work since"), "{}", old.out);
    assert_eq!(run(&["status", "--stale-after", "0s"]).await.code, 2);
}
