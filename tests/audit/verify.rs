//! `verify`, the head that each run prints, and the form of the chain as the documentation describes
//! it, recomputed by another program.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::site::{SAMPLES, json, place, run, says, stored};

const DOC: &str = include_str!("../../docs/audit.md");

async fn sql(ledger: &Path, sql: &str) {
    let options = SqliteConnectOptions::new().filename(ledger).foreign_keys(false);
    let mut connection = options.connect().await.expect("a ledger");
    for statement in sql.split("; ") {
        let statement = AssertSqlSafe(statement.to_owned());
        sqlx::query(statement).execute(&mut connection).await.expect("done");
    }
    connection.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_run_ends_with_the_head_that_verify_finds() {
    let refused = says(
        "400 Bad Request",
        r#"{"validation":{"errors":[{"key":"carrier","errorType":"NotProvided","message":"m"}]}}"#,
    );
    let (place, _wire) = place(3, vec![stored("26A"), refused, says("504 Late", "")]).await;
    let (first, _) = json(&place, &["submit", "some.jsonl", "--json"]).await;
    assert_eq!(first["chainCount"], 5, "{first}");
    let (verified, code) = json(&place, &["verify", "--json"]).await;
    assert_eq!((code, &verified["asWritten"]), (0, &Value::Bool(true)), "{verified}");
    assert_eq!(verified["chainHead"], first["chainHead"]);
    assert_eq!((&verified["attempts"], &verified["readings"]), (&3.into(), &3.into()));
    std::fs::copy(place.path().join("ledger.sqlite"), place.path().join("backup.sqlite"))
        .expect("a backup");
    // A person decides; the head that is printed then is not in the backup.
    let listed = run(&place, &["list", "--state", "uncertain", "--json"]).await;
    let row: Value = serde_json::from_str(listed.out.trim()).expect("one movement");
    let reference = row["reference"].as_str().expect("a reference");
    let resolved = run(&place, &["resolve", reference, "--withdraw", "--note", "not ours"]).await;
    let line = resolved.err.lines().chain(resolved.out.lines()).find(|l| l.contains("History: "));
    let head = line.and_then(|line| line.rsplit(' ').next()).expect("a head").to_owned();
    let whole = run(&place, &["verify", "--head", &head]).await;
    assert_eq!(whole.code, 0, "{whole:?}");
    assert!(whole.out.contains("7 entries") && whole.out.contains(&head), "{whole:?}");
    let cut = run(&place, &["verify", "--ledger", "backup.sqlite", "--head", &head]).await;
    assert_eq!(cut.code, 9, "{cut:?}");
    assert!(cut.out.contains("cut back"), "{cut:?}");
    let mistyped = run(&place, &["verify", "--head", "9f3a"]).await;
    assert_eq!(mistyped.code, 2, "{mistyped:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_altered_is_named_with_its_movement_and_its_time() {
    let (place, _wire) = place(2, vec![stored("26A"), stored("26B")]).await;
    run(&place, &["submit", "some.jsonl"]).await;
    let ledger = place.path().join("ledger.sqlite");
    sql(
        &ledger,
        "DROP TRIGGER attempt_is_never_changed; UPDATE attempt SET reason = 'x' WHERE id = 2",
    )
    .await;
    let (said, code) = json(&place, &["verify", "--json"]).await;
    assert_eq!((code, &said["asWritten"]), (9, &Value::Bool(false)), "{said}");
    let altered = &said["altered"];
    assert_eq!((&altered["kind"], &altered["number"]), (&"attempt".into(), &1.into()), "{said}");
    let told = run(&place, &["verify", "--quiet"]).await;
    let reference = altered["reference"].as_str().expect("a reference");
    assert_eq!(told.code, 9);
    let begins = format!("ALTERED: attempt 1 of {reference} (movement 2), ");
    assert!(told.out.starts_with(&begins) && told.out.contains("entry 3: it was"), "{told:?}");
}

/// Any program can recompute the chain: this one is in the documentation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documented_program_comes_to_the_same_head() {
    let found = ["python3", "python"].into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|ran| ran.status.success())
    });
    let Some(python) = found else {
        return eprintln!("skipped: no Python here");
    };
    let warned = says(
        "201 Created",
        r#"{"wasteTrackingId":"26A","validation":{"warnings":[{"key":"wasteItems.0",
        "errorType":"NotProvided","message":"no codes"}]}}"#,
    );
    let (place, _wire) = place(3, vec![warned, says("504 Late", "<html>"), stored("26C")]).await;
    let samples: Vec<&str> = SAMPLES.lines().take(3).collect();
    place.write("some.jsonl", format!("{}\n{{\"apiCode\":\"x\"}}\n", samples.join("\n")));
    run(&place, &["submit", "some.jsonl"]).await;
    run(&place, &["retry", "--resend-uncertain", "--note", "ordered"]).await;
    let script = DOC.split("```python\n").nth(1).and_then(|rest| rest.split("```").next());
    place.write("recompute.py", script.expect("a program in the documentation"));
    let recompute = || {
        let mut command = Command::new(python);
        command.current_dir(place.path()).args(["recompute.py", "ledger.sqlite"]);
        command.output().expect("it runs")
    };
    let (verified, _) = json(&place, &["verify", "--json"]).await;
    let ran = recompute();
    let expected =
        format!("{} {}", verified["chainCount"], verified["chainHead"].as_str().expect("a head"));
    assert_eq!(String::from_utf8_lossy(&ran.stdout).trim(), expected, "{ran:?}");
    let tampered = "DROP TRIGGER file_is_never_changed; UPDATE file SET records = 9";
    sql(&place.path().join("ledger.sqlite"), tampered).await;
    let ran = recompute();
    assert!(!ran.status.success(), "{ran:?}");
    assert!(String::from_utf8_lossy(&ran.stderr).contains("entry 1 (file 1)"), "{ran:?}");
}
