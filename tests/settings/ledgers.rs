//! The ledger: where it is, when it is made, and that one process has it.

use std::io::Read as _;
use std::process::{Command, Stdio};

use super::bench::refused;
use super::support::program::{Place, beside};
use super::support::wire::{Act, TOKEN, Wire, token};

/// Movements that pass the checks.
const MOVEMENT: &str = include_str!("../../samples/movements.jsonl");

/// A run with nothing to send.
fn retry(place: &Place) -> assert_cmd::Command {
    let mut command = place.command();
    command.args(["retry", "--client-id", "i"]).env("WASTE_RECEIPTS_LEDGER", "own.sqlite");
    command.env("WASTE_RECEIPTS_CLIENT_SECRET", "s");
    command
}

#[tokio::test]
async fn a_production_ledger_is_never_made_on_the_way() {
    let url = "https://waste-tracking.api.defra.gov.uk";
    let named = ["--environment", "production"];
    let by_url = ["--api-url", url, "--token-url", "https://tokens.invalid"];
    let other_name = [
        "--environment",
        "ours",
        "--api-url",
        "https://Waste-Tracking.API.defra.gov.uk./",
        "--token-url",
        "https://tokens.invalid",
    ];
    for arguments in [&named[..], &by_url, &other_name] {
        let place = Place::new();
        place.write("one.jsonl", MOVEMENT);
        let mut submit = place.command();
        submit.args(["submit", "one.jsonl", "--client-id", "i", "--ledger", "own.sqlite"]);
        submit.env("WASTE_RECEIPTS_CLIENT_SECRET", "s");
        for mut command in [submit, retry(&place)] {
            command.args(arguments);
            refused(command, &["there is no ledger at", "--create-ledger"]).await;
        }
        assert!(!place.path().join("own.sqlite").exists());
        let mut command = retry(&place);
        command.args(arguments).arg("--create-ledger");
        assert_eq!(beside(command).await.code, 0);
        assert!(place.path().join("own.sqlite").exists());
        let mut command = retry(&place);
        command.args(arguments);
        assert_eq!(beside(command).await.code, 0, "now it is there");
    }
}

#[tokio::test]
async fn what_is_no_ledger_is_left_alone() {
    let place = Place::new();
    place.write("own.sqlite", "the year's accounts");
    let mut command = retry(&place);
    command.args(["--environment", "test"]);
    refused(command, &["own.sqlite is not a ledger"]).await;
    assert_eq!(
        std::fs::read(place.path().join("own.sqlite")).ok().as_deref(),
        Some(&b"the year's accounts"[..])
    );
    let mut command = retry(&place);
    command.args(["--environment", "test", "--ledger", "home"]);
    refused(command, &["home is not a ledger", "a folder"]).await;
    let mut command = place.command();
    command.args(["status", "--environment", "test", "--ledger", "nowhere.sqlite"]);
    refused(command, &["there is no ledger at", "nowhere.sqlite"]).await;
    assert!(!place.path().join("nowhere.sqlite").exists());
}

#[tokio::test]
async fn a_name_stands_for_one_service_in_a_ledger() {
    let place = Place::new();
    let mut first = retry(&place);
    first.args([
        "--environment",
        "ours",
        "--api-url",
        "https://a.invalid",
        "--token-url",
        "https://t.invalid",
    ]);
    assert_eq!(beside(first).await.code, 0);
    let mut second = retry(&place);
    second.args([
        "--environment",
        "ours",
        "--api-url",
        "https://b.invalid",
        "--token-url",
        "https://t.invalid",
    ]);
    refused(second, &["ours", "https://a.invalid", "https://b.invalid"]).await;
}

#[tokio::test]
async fn a_ledger_in_use_says_who_has_it() {
    let wire = Wire::start([token(TOKEN, 3_600)], [Act::Hang(Vec::new())]).await;
    let place = Place::new();
    let first = MOVEMENT.lines().next().expect("a movement");
    place.write("one.jsonl", format!("{first}\n"));
    let urls = ["--api-url", &wire.url(), "--token-url", &wire.url()].map(str::to_owned);
    // The owner waits for an answer that never comes, until the test ends it.
    let mut owner = Command::new(assert_cmd::cargo::cargo_bin("waste-receipts"));
    owner.env_clear().env("WASTE_RECEIPTS_CLIENT_SECRET", "s").current_dir(place.path());
    owner.args(["--api-code", "1f83215e-4b90-4785-9ab2-2614839aa2e9"]);
    owner.args(["submit", "one.jsonl", "--client-id", "i", "--ledger", "own.sqlite"]).args(&urls);
    let mut owner = owner.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("a process");
    while wire.count("/movements") == 0 {
        if let Some(ended) = owner.try_wait().expect("a process") {
            let mut said = String::new();
            owner.stderr.take().map(|mut err| err.read_to_string(&mut said));
            panic!("the owner ended with {ended}: {said}");
        }
        tokio::task::yield_now().await;
    }
    let commands = std::iter::once(retry(&place)).chain(by_link(&place));
    let process = format!("process {}", owner.id());
    let mut all = Vec::new();
    for mut command in commands {
        all.push(
            beside({
                command.args(&urls);
                command
            })
            .await,
        );
    }
    let mut look = place.command();
    look.args(["status", "--json", "--ledger", "own.sqlite"]).args(&urls);
    let looked = beside(look).await;
    owner.kill().and_then(|()| owner.wait()).expect("it ends");
    for ended in all {
        assert_eq!(ended.code, 7, "{ended:?}");
        for word in ["own.sqlite", "in use", "\"submit\" runs there", &process] {
            assert!(ended.err.contains(word), "\"{word}\" is missing in: {}", ended.err);
        }
    }
    assert_eq!(looked.code, 0, "who only looks need not wait: {}", looked.err);
    assert!(looked.out.contains("\"sending\":1"), "{}", looked.out);
}

/// The same ledger by another name.
#[cfg(unix)]
fn by_link(place: &Place) -> Vec<assert_cmd::Command> {
    std::os::unix::fs::symlink("own.sqlite", place.path().join("link.sqlite")).expect("a link");
    let mut command = retry(place);
    command.args(["--ledger", "link.sqlite"]);
    vec![command]
}

/// Windows lets only administrators make links.
#[cfg(not(unix))]
fn by_link(_: &Place) -> Vec<assert_cmd::Command> {
    Vec::new()
}
