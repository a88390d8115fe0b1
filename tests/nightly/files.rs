//! Files: mistakes, corrections, the same file again, decisions.

use waste_receipts::sandbox::Options;

use crate::agreement;
use crate::site::{HEADER, Site, bare_command, dated_row, movements_csv, row, sample, text};

#[test]
fn the_demo_accepts_every_sample() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("demo");
    let ran = bare_command().args(["demo", "--out", text(&out)]).output().expect("it starts");
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let report = std::fs::read_to_string(out.join("report.txt")).expect("a report");
    assert!(report.contains("accepted") && !report.contains("rejected"), "{report}");
    let again = bare_command().args(["demo", "--out", text(&out)]).output().expect("it starts");
    assert_eq!(again.status.code(), Some(2), "{again:?}");
}

#[test]
fn mistakes_are_named_and_corrected_ones_alone_are_sent() {
    let site = Site::new(Options::default());
    let bad = std::fs::read_to_string(sample("with-mistakes.csv")).expect("a sample");
    let good = std::fs::read_to_string(sample("movements.csv")).expect("a sample");
    let file = site.write("week.csv", &bad);
    let ran = site.run(&["submit", text(&file)]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let invalid: Vec<_> =
        site.movements().into_iter().filter(|row| row["state"] == "invalid").collect();
    assert_eq!(invalid.len(), 10);
    for row in &invalid {
        let reference = row["reference"].as_str().expect("a reference");
        assert!(ran.out.contains(reference), "{reference} is not named: {}", ran.out);
        let finding = &row["findings"][0];
        assert!(finding["line"].is_u64() && finding["columnName"].is_string(), "{finding}");
    }
    let sent = site.stored().movements.len();
    let (summary, ran) = site.json(&["submit", "--json", text(&file)]);
    assert_eq!(site.stored().movements.len(), sent, "sent again");
    assert_eq!((&summary["skipped"], ran.code), (&sent.into(), Some(3)), "{ran:?}");
    site.write("week.csv", &good);
    let (summary, ran) = site.json(&["submit", "--json", text(&file)]);
    assert_eq!((&summary["accepted"], ran.code), (&10.into(), Some(0)), "{ran:?} {summary}");
    assert_eq!(site.stored().movements.len(), sent + 10);
    assert!(site.stored().references.iter().all(|reference| reference.posts == 1));
    let states = agreement::states(&site);
    assert_eq!(states.get("accepted"), Some(&(sent + 10)), "{states:?}");
    assert_eq!(states.len(), 1, "{states:?}");
}

#[test]
fn a_changed_movement_is_held_until_somebody_decides() {
    let site = Site::new(Options::default());
    let csv = |first: &str, second: &str| format!("{HEADER}{first}\n{second}\n");
    let file = site.write("day.csv", &csv(&row("A-1", "Wood"), &row("A-2", "Wood")));
    assert_eq!(site.run(&["submit", text(&file)]).code, Some(0));
    let other_day = dated_row("A-2", "2026-10-09T09:20:00+01:00", "Other load");
    site.write("day.csv", &csv(&row("A-1", "Wood and metal"), &other_day));
    let ran = site.run(&["submit", text(&file)]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("reference used again"), "{}", ran.out);
    let held = site.run(&["list", "--state", "held"]);
    let change = r#"wasteItems.0.wasteDescription: "Wood" became "Wood and metal""#;
    assert!(held.out.contains(change), "{}", held.out);
    let ran = site.run(&["submit", text(&file), "--on-change", "update"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let stored = site.stored();
    let of = |reference: &str| {
        stored.references.iter().find(|r| r.your_unique_reference == reference).expect("known")
    };
    assert_eq!((of("A-1").posts, of("A-1").puts), (1, 1), "the change was sent as a correction");
    assert_eq!((of("A-2").posts, of("A-2").puts), (1, 0), "another day is always held");
    assert_eq!(site.run(&["resolve", "A-2", "--new", "--note", "a new year"]).code, Some(0));
    assert_eq!(site.run(&["retry"]).code, Some(0));
    assert_eq!(site.stored().movements.len(), 3);
    let ran = site.run(&["submit", text(&file)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(site.stored().movements.len(), 3);
    // Two movements have this reference now, so the harness's comparison by reference is over.
    site.leave();
}

#[test]
fn uncertain_ones_are_decided() {
    let site = Site::with_faults(&["lose-response"], 1);
    let file = site.write("day.csv", &movements_csv(1, 4));
    let ran = site.run(&["submit", text(&file), "--rate", "50"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.out.contains("It may be stored"), "{}", ran.out);
    assert_eq!(site.run(&["retry"]).code, Some(0), "nothing to work on");
    assert_eq!(site.stored().requests, 4, "sent again without an order");
    let id = |reference: &str| {
        let stored = site.stored();
        let of = |m: &&waste_receipts::sandbox::StoredMovement| {
            m.your_unique_reference.as_deref() == Some(reference)
        };
        stored.movements.iter().find(of).and_then(|m| m.waste_tracking_id.clone()).expect("an ID")
    };
    let first = id("T-000001");
    assert_eq!(site.run(&["resolve", "T-000001", "--accepted", &first]).code, Some(0));
    assert_eq!(site.run(&["resolve", "T-000002", "T-000003", "--withdraw"]).code, Some(0));
    let ran = site.run(&["resolve", "T-000001", "--resend"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("does not apply"), "{}", ran.err);
    let ran = site.run(&["resolve", "T-9", "--resend"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let states = agreement::states(&site);
    assert_eq!(states.get("withdrawn"), Some(&2), "{states:?}");
    assert_eq!(states.get("uncertain"), Some(&1), "{states:?}");
    let (status, _) = site.json(&["status", "--json"]);
    assert_eq!(status["states"]["uncertain"], 1, "{status}");
    assert_eq!(status["overdue"], 1, "{status}");
    let all = site.run(&["list", "--reference", "T-000001"]);
    assert!(all.out.contains("decided accepted"), "{}", all.out);
    site.leave();
}

#[test]
fn a_wrong_set_up_stops_the_run() {
    let site = Site::new(Options::default());
    let file = site.write("day.csv", &movements_csv(1, 50));
    let wrong = format!("{}/nowhere", site.sandbox.api_url());
    let ran = site.run(&["submit", text(&file), "--environment", "wrong", "--api-url", &wrong]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.out.contains("404"), "{}", ran.out);
    assert!(site.stored().movements.is_empty());
}

#[test]
fn json_lines_are_read_too() {
    let site = Site::new(Options::default());
    let file = sample("movements.jsonl");
    let (summary, ran) = site.json(&["submit", "--json", text(&file)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(summary["accepted"], summary["read"]);
}

#[test]
fn a_reference_that_comes_back_later_in_the_file() {
    let site = Site::new(Options::default());
    let (first, other) = (row("A-1", "Wood"), row("A-2", "Metal"));
    let file = site.write("day.csv", &format!("{HEADER}{first}\n{other}\n{first}\n"));
    let ran = site.run(&["submit", text(&file)]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("line 2") && ran.out.contains("line 4"), "{}", ran.out);
    assert_eq!(site.stored().movements.len(), 1);
    let file = site.write("day.csv", &format!("{HEADER}{first}\n{other}\n"));
    assert_eq!(site.run(&["submit", text(&file)]).code, Some(0));
    assert_eq!(site.stored().movements.len(), 2);
}
