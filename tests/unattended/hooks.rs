//! Commands that tell somebody, figures, and too few records.

use serde_json::Value;

use super::bench::{Bench, SOME};

/// A command that keeps what it reads, and its environment.
fn keep(name: &str) -> String {
    if cfg!(windows) {
        format!("findstr \"^\" > {name}.json & set > {name}.env")
    } else {
        format!("cat > {name}.json; env > {name}.env")
    }
}

fn json(text: Option<String>) -> Value {
    serde_json::from_str(&text.expect("it was told")).expect("JSON")
}

#[tokio::test]
async fn the_heartbeat_beats_always_and_notify_when_something_is_wrong() {
    let bench = Bench::with(&[]).await;
    let (beat, note) = (keep("beat"), keep("note"));
    let hooks = ["--heartbeat", &beat, "--notify", &note];
    let ended = bench.run(&[&["submit", "some.jsonl"][..], &hooks].concat()).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let told = json(bench.text("beat.json"));
    assert_eq!((&told["accepted"], &told["exitCode"]), (&SOME.into(), &0.into()), "{told}");
    assert_eq!(bench.text("note.json"), None, "notified though all is well");
    let environment = bench.text("beat.env").expect("an environment");
    assert!(environment.contains("RUN_EXIT_CODE=0"), "{environment}");
    assert!(!environment.contains(&bench.secret()), "the secret was handed on");
    assert!(environment.contains("WASTE_RECEIPTS_CLIENT_ID"), "it is our environment");
    bench.remove("beat.json");
    bench.place.write("bad.csv", "yourUniqueReference,dateTimeReceived\nA-1,2026-10-05\n");
    let ended = bench.run(&[&["submit", "bad.csv"][..], &hooks].concat()).await;
    assert_eq!(ended.code, 3, "{ended:?}");
    assert_eq!(json(bench.text("beat.json"))["exitCode"], 3);
    assert_eq!(json(bench.text("note.json"))["exitCode"], 3);
    assert!(bench.text("note.env").expect("an environment").contains("RUN_EXIT_CODE=3"));
}

#[tokio::test]
async fn a_run_that_cannot_even_begin_is_told_too() {
    let bench = Bench::with(&[]).await;
    let (beat, note) = (keep("beat"), keep("note"));
    let toml = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let settings = format!("heartbeat = \"{}\"\nnotify = \"{}\"\n", toml(&beat), toml(&note));
    bench.place.write("waste-receipts.toml", settings);
    // No such file; a set-up that is wrong; a ledger that is none.
    bench.place.write("none.sqlite", "this is no ledger");
    for (arguments, code, words) in [
        (&["submit", "nowhere.csv"][..], 2, "nowhere.csv"),
        (&["submit", "some.jsonl", "--client-secret-file", "none"], 2, "client secret"),
        (&["retry", "--ledger", "none.sqlite"], 2, "is not"),
    ] {
        let ended = bench.run(arguments).await;
        assert_eq!(ended.code, code, "{ended:?}");
        for name in ["beat.json", "note.json"] {
            let told = json(bench.text(name));
            assert_eq!(told["exitCode"], code, "{told}");
            if let Some(error) = told["error"].as_str() {
                assert!(error.contains(words), "{error}");
                assert_eq!(told["command"], arguments[0]);
            }
            bench.remove(name);
        }
    }
    // What a person does at a terminal is nobody else's business.
    for arguments in [&["status"][..], &["check", "some.jsonl"], &["submit", "x.csv", "--dry-run"]]
    {
        bench.run(arguments).await;
        assert_eq!(bench.text("beat.json"), None, "{arguments:?}");
    }
}

#[tokio::test]
async fn a_command_that_fails_is_said_and_changes_nothing() {
    let bench = Bench::with(&[]).await;
    let ended = bench.run(&["submit", "-q", "some.jsonl", "--heartbeat", "exit 9"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.err.contains("The heartbeat command ended with exit code 9"), "{}", ended.err);
    assert_eq!(ended.out, "");
}

#[tokio::test]
async fn what_a_command_prints_does_not_spoil_the_json() {
    let bench = Bench::with(&[]).await;
    let ended = bench.run(&["submit", "--json", "some.jsonl", "--heartbeat", "echo beaten"]).await;
    assert_eq!(json(Some(ended.out))["accepted"], SOME);
    assert!(ended.err.contains("beaten"), "{}", ended.err);
}

#[tokio::test]
async fn too_few_new_records_need_a_person() {
    let bench = Bench::with(&[]).await;
    let submit = ["submit", "-q", "some.jsonl", "--expect-records"];
    let ended = bench.run(&[&submit[..], &["3"]].concat()).await;
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
    // The same file again: the export was not written anew.
    let ended = bench.run(&[&submit[..], &["1"]].concat()).await;
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.err.contains("0 new records were read"), "{}", ended.err);
    let ended = bench.run(&["submit", "--json", "some.jsonl", "--expect-records", "0"]).await;
    assert_eq!((ended.code, &json(Some(ended.out))["newRecords"]), (0, &0.into()));
    // A retry reads nothing, and is not asked.
    let ended = bench.run(&["retry", "-q", "--expect-records", "5"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[tokio::test]
async fn figures_are_written_for_prometheus() {
    let bench = Bench::with(&["status-500-stored,times=1"]).await;
    let submit = ["submit", "some.jsonl", "--metrics", "figures.prom"];
    assert_eq!(bench.run(&submit).await.code, 5);
    let figures = bench.text("figures.prom").expect("figures");
    for line in [
        "waste_receipts_run_exit_code{command=\"submit\"} 5",
        "source=\"read\",outcome=\"accepted\"} 2",
        "source=\"read\",outcome=\"uncertain\"} 1",
        "state=\"uncertain\"} 1",
        "state=\"accepted\"} 2",
    ] {
        assert!(figures.contains(line), "{line} is not in {figures}");
    }
    let nowhere = bench.run(&["submit", "nowhere.csv", "--metrics", "figures.prom"]).await;
    assert_eq!(nowhere.code, 2);
    let figures = bench.text("figures.prom").expect("figures");
    assert!(figures.contains("waste_receipts_run_exit_code{command=\"submit\"} 2"), "{figures}");
    let unwritable = bench.run(&["retry", "-q", "--metrics", "none/figures.prom"]).await;
    assert_eq!(unwritable.code, 0, "{unwritable:?}");
    assert!(unwritable.err.contains("cannot be written"), "{}", unwritable.err);
}
