//! Every command against every failure; then everything that was left is searched.

use std::path::{Path, PathBuf};

use tokio::task::JoinSet;

use super::servers::{self, BASIC, ID, IN_A_FORM, SECRET, Servers, TOKEN};
use super::support::program::{Ended, Place, beside};
use super::support::wire::Wire;

const SAMPLES: &str = include_str!("../../samples/movements.jsonl");
const COMMANDS: [&[&str]; 8] = [
    &["submit", "some.jsonl"],
    &["submit", "nowhere.jsonl", "--client-secret-file", "secret"],
    &["approval", "--out", "pack"],
    &["retry", "--resend-uncertain", "--json"],
    &["status"],
    &["list", "--json"],
    &["report", "--out", "report.txt"],
    &["token"],
];

/// A place whose settings and files are ready.
fn place(wire: &Wire, log_format: &str) -> Place {
    let place = Place::new();
    place.write("secret", SECRET);
    let some: Vec<&str> = SAMPLES.lines().take(3).collect();
    place.write("some.jsonl", some.join("\n"));
    let url = wire.url();
    let settings = format!(
        "api-url = \"{url}\"\ntoken-url = \"{url}\"\nclient-id = \"{ID}\"\n\
         client-secret-file = \"secret\"\nledger = \"ledger.sqlite\"\ngive-up-after = \"0s\"\n\
         api-code = \"1f83215e-4b90-4785-9ab2-2614839aa2e9\"\nlog-file = \"log\"\n\
         log-format = \"{log_format}\"\ntimeout = \"20s\"\nmetrics = \"figures.prom\"\n\
         heartbeat = \"{keep}\"\nnotify = \"{keep}\"\n",
        keep = if cfg!(windows) {
            "findstr \\\"^\\\" >> told.json & set >> told.env"
        } else {
            "cat >> told.json; env >> told.env"
        }
    );
    place.write("waste-receipts.toml", settings);
    place
}

async fn run(place: &Place, arguments: &[&str]) -> Ended {
    let mut command = place.command();
    // Where a secret may come from too; what is run after the run must not see it.
    command.env("WASTE_RECEIPTS_CLIENT_SECRET", SECRET);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.arg("-vv").args(arguments);
    let ended = beside(command).await;
    assert!(ended.code >= 0 && !ended.err.contains("panicked"), "{arguments:?}: {ended:?}");
    ended
}

/// Runs every command, and says where something secret was found.
async fn found(servers: Servers, log_format: &str) -> Vec<String> {
    let what = servers.what;
    let wire = Wire::start(servers.token, servers.api).await;
    let place = place(&wire, log_format);
    let mut found = Vec::new();
    for arguments in COMMANDS {
        let ended = run(&place, arguments).await;
        let printed_token = arguments == ["token"];
        let place = |stream: &str| format!("{what}: {stream} of {arguments:?}");
        found
            .extend(secrets(ended.err.as_bytes(), false).map(|s| place(&format!("{s} on stderr"))));
        found.extend(
            secrets(ended.out.as_bytes(), printed_token).map(|s| place(&format!("{s} on stdout"))),
        );
    }
    assert!(wire.count("/oauth2/token") > 0, "{what}: no token was asked for");
    let written = files(place.path());
    for name in ["ledger.sqlite", "log", "report.txt", "figures.prom", "told.json", "told.env"] {
        assert!(written.iter().any(|path| path.ends_with(name)), "{what}: no {name}");
    }
    for path in written.iter().filter(|path| !path.ends_with("secret")) {
        let bytes = std::fs::read(path).expect("a file");
        found.extend(secrets(&bytes, false).map(|s| format!("{what}: {s} in {}", path.display())));
    }
    found
}

/// Which secrets stand in these bytes.
fn secrets(bytes: &[u8], token_may: bool) -> impl Iterator<Item = &'static str> {
    let named =
        [(SECRET, "secret"), (BASIC, "Basic header"), (IN_A_FORM, "form"), (TOKEN, "token")];
    named
        .into_iter()
        .filter(move |(_, name)| !(token_may && *name == "token"))
        .filter(|(text, _)| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
        .map(|(_, name)| name)
        .collect::<Vec<_>>()
        .into_iter()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

async fn nothing_is_found(log_format: &'static str) {
    let mut under_way = JoinSet::new();
    for servers in servers::all() {
        under_way.spawn(found(servers, log_format));
    }
    let found: Vec<String> = under_way.join_all().await.concat();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_left_with_a_log_of_text() {
    nothing_is_found("text").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_left_with_a_log_of_json() {
    nothing_is_found("json").await;
}

/// A program that is ended in the middle leaves the ledger's write-ahead file behind.
#[tokio::test]
async fn no_secret_is_left_by_a_program_that_is_killed() {
    use super::support::wire::{Act, token};
    let wire = Wire::start([token(TOKEN, 3_600)], [Act::Hang(Vec::new())]).await;
    let place = place(&wire, "text");
    let mut killed = std::process::Command::new(assert_cmd::cargo::cargo_bin("waste-receipts"));
    killed.env_clear().current_dir(place.path()).args(["-vv", "submit", "some.jsonl"]);
    let mut killed = killed.spawn().expect("a process");
    while wire.count("/movements") == 0 {
        assert!(killed.try_wait().expect("a process").is_none(), "it ended by itself");
        tokio::task::yield_now().await;
    }
    killed.kill().and_then(|()| killed.wait()).expect("it ends");
    let written = files(place.path());
    assert!(written.iter().any(|path| path.ends_with("ledger.sqlite-wal")), "{written:?}");
    for path in written.iter().filter(|path| !path.ends_with("secret")) {
        let bytes = std::fs::read(path).expect("a file");
        assert_eq!(secrets(&bytes, false).next(), None, "{}", path.display());
    }
}
