//! The log: lines for programs, without anybody's names, and never too long.

use serde_json::Value;

use super::bench::{Bench, SOME};

/// The fields that are documented, by event (docs/operating.md has the same).
const FIXED: [&str; 4] = ["time", "level", "event", "message"];

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn every_line_is_of_its_run_and_movement() {
    let bench = Bench::with(&["status-500=50%,times=1", "refuse=50%,times=1"]).await;
    let log = ["--log-file", "log", "--log-format", "json"];
    let ended = bench.run(&[&["submit", "--json", "some.jsonl"][..], &log].concat()).await;
    let summary: Value = serde_json::from_str(&ended.out).expect("JSON");
    let lines = lines(&bench.text("log").expect("a log"));
    for line in &lines {
        assert!(FIXED.iter().all(|name| line[name].is_string()), "{line}");
        assert_eq!(line["run"], summary["run"], "{line}");
    }
    let of = |event: &str| lines.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    assert_eq!((of("run-begun").len(), of("file").len(), of("run-ended").len()), (1, 1, 1));
    let answered = of("answered");
    assert_eq!(answered.len(), SOME);
    for line in answered {
        let names = ["reference", "outcome", "method", "reason"];
        assert!(names.iter().all(|name| line[name].is_string()), "{line}");
        assert!(line["status"].is_number() && line["attempt"] == 1, "{line}");
        assert_eq!(line["outcome"] == "accepted", line["wasteTrackingId"].is_string(), "{line}");
    }
    let end = of("run-ended")[0];
    assert_eq!(end["exitCode"], summary["exitCode"]);
}

#[tokio::test]
async fn nobody_s_names_stand_in_it() {
    let bench = Bench::with(&["refuse,times=1,key=carrier.organisationName"]).await;
    for format in ["text", "json"] {
        let log = ["--log-file", format, "--log-format", format, "-vv"];
        bench.run(&[&["submit", "some.jsonl"][..], &log].concat()).await;
        bench.run(&[&["retry"][..], &log].concat()).await;
        let text = bench.text(format).expect("a log");
        assert!(text.contains("LM-J2001") || format == "json", "the reference: {text}");
        for name in [
            "Tumbledown",
            "Marsh",
            "example.com",
            "01632",
            "Testford",
            "Larkmoor",
            "QV19",
            "Sluice",
            "Plasterboard",
            "QV7",
        ] {
            assert!(!text.contains(name), "{name} is in {text}");
        }
    }
}

#[tokio::test]
async fn a_full_log_begins_anew() {
    let bench = Bench::with(&[]).await;
    let log = ["--log-file", "log", "--log-size", "1KB", "--log-keep", "2"];
    for _ in 0..5 {
        bench.run(&[&["submit", "some.jsonl"][..], &log].concat()).await;
        bench.run(&[&["retry"][..], &log].concat()).await;
    }
    for name in ["log", "log.1", "log.2"] {
        let size = bench.text(name).expect("a log").len();
        assert!(size > 0 && size <= 1_000, "{name}: {size}");
    }
    assert_eq!(bench.text("log.3"), None);
    let wrong = bench.run(&["retry", "--log-file", "log", "--log-size", "huge"]).await;
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("is not a size"), "{}", wrong.err);
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_written_is_for_its_owner_alone_and_figures_for_everybody() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::with(&[]).await;
    let mut submit = bench.command(&["submit", "some.jsonl", "--log-file", "log"]);
    submit.args(["--metrics", "figures.prom"]);
    assert_eq!(super::support::program::beside(submit).await.code, 0);
    assert_eq!(bench.run(&["report", "--out", "report.txt"]).await.code, 0);
    assert_eq!(bench.run(&["approval", "--out", "pack"]).await.code, 0);
    let mode = |name: &str| {
        let metadata = std::fs::metadata(bench.place.path().join(name)).expect(name);
        metadata.permissions().mode() & 0o777
    };
    for name in [
        "log",
        "ledger.sqlite",
        "ledger.sqlite.lock",
        "report.txt",
        "pack/evidence.json",
        "pack/evidence.html",
        "pack/email.txt",
    ] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    let marks = bench.place.path().join("home/.local/state/waste-receipts/marks");
    if let Ok(marks) = std::fs::read_dir(marks) {
        for mark in marks {
            let mark = mark.expect("an entry").metadata().expect("a mark");
            assert_eq!(mark.permissions().mode() & 0o777, 0o600);
        }
    }
    assert_ne!(mode("figures.prom") & 0o044, 0);
}
