//! Waiting for another run, and ending when it is time.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

use super::bench::{Bench, SOME};

/// Holds the ledger as another run would.
fn hold(bench: &Bench) -> File {
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(bench.place.path().join("ledger.sqlite.lock"))
        .expect("a lock file");
    lock.try_lock().expect("nobody has it");
    lock
}

/// Starts the program, its messages open to the test.
fn start(bench: &Bench, arguments: &[&str]) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("waste-receipts"));
    command.env_clear().current_dir(bench.place.path()).args(arguments);
    for name in ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"] {
        command.env(name, bench.place.path().join("home"));
    }
    command.envs(bench.variables()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// Reads messages until one holds these words.
fn until_said(child: &mut Child, words: &str) -> BufReader<std::process::ChildStderr> {
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe"));
    loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).expect("text") > 0, "it never said {words}");
        if line.contains(words) {
            return lines;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_waits_for_another_one() {
    let bench = Bench::with(&[]).await;
    let held = hold(&bench);
    let mut child = start(&bench, &["submit", "some.jsonl", "--wait", "10m"]);
    let rest = until_said(&mut child, "It is waited for, up to 10m.");
    drop(held);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    drop(rest);
    assert_eq!(bench.sandbox.stored().movements.len(), SOME);
}

#[tokio::test]
async fn a_run_that_does_not_wait_gives_up() {
    let bench = Bench::with(&[]).await;
    let _held = hold(&bench);
    for wait in ["0s", "1ms"] {
        let ended = bench.run(&["submit", "some.jsonl", "--wait", wait]).await;
        assert_eq!(ended.code, 7, "{ended:?}");
        assert!(ended.err.contains("is in use"), "{}", ended.err);
    }
    let ended = bench.run(&["resolve", "A-1", "--withdraw"]).await;
    assert!(ended.code == 7 || ended.err.contains("there is no ledger"), "{ended:?}");
}

#[tokio::test]
async fn what_cannot_be_answered_in_time_is_not_claimed() {
    let bench = Bench::with(&[]).await;
    // A request may take 90 s, and there is a minute.
    let soon = (Timestamp::now() + 1.minute()).to_string();
    let ended = bench.run(&["submit", "--json", "some.jsonl", "--stop-at", &soon]).await;
    let summary: Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!((ended.code, &summary["ready"]), (4, &SOME.into()), "{ended:?}");
    assert!(ended.err.contains("stop-at"), "{}", ended.err);
    assert!(bench.sandbox.stored().movements.is_empty());
    let later = (Timestamp::now() + 1.hour()).to_string();
    let ended = bench.run(&["retry", "--stop-at", &later]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(bench.sandbox.stored().movements.len(), SOME);
    let wrong = bench.run(&["retry", "--stop-at", "half past five"]).await;
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.err.contains("write 05:30"), "{}", wrong.err);
}

/// Told once it would wait for answers that never come; told again it records what it knows.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_twice_it_records_what_was_under_way_as_uncertain() {
    let bench = Bench::with(&["hang"]).await;
    let mut child = start(&bench, &["submit", "some.jsonl", "--timeout", "1h"]);
    bench.sandbox.until_requests(SOME as u64).await;
    let id = child.id().to_string();
    let tell = || {
        let told = Command::new("kill").args(["-INT", &id]).status();
        assert!(told.expect("kill is there").success());
    };
    tell();
    let rest = until_said(&mut child, "Stopping:");
    tell();
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    drop(rest);
    let listed = bench.run(&["list", "--json"]).await;
    let states: Vec<Value> =
        listed.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(states.len(), SOME);
    assert!(states.iter().all(|row| row["state"] == "uncertain"), "{states:?}");
}
