//! The command: where a report goes, what it is about, what is due.

use jiff::ToSpan as _;
use waste_receipts::report::Selection;

use crate::figures::{audit, ledger};
use crate::month;
use crate::support::program::{Ended, Place};

const SERVICE: [&str; 6] = [
    "--environment",
    "month",
    "--api-url",
    "http://127.0.0.1:9",
    "--token-url",
    "http://127.0.0.1:9/oauth2/token",
];

/// A month's ledger, where the program finds it.
async fn place(movements: usize) -> Place {
    let place = Place::new();
    let kept = ledger(movements).await;
    std::fs::copy(&kept.path, place.path().join("month.sqlite")).expect("a copy");
    place
}

fn run(place: &Place, arguments: &[&str]) -> Ended {
    let ledger = ["--ledger", "month.sqlite"];
    place.run(arguments.iter().copied().chain(ledger).chain(SERVICE))
}

#[tokio::test]
async fn the_name_of_the_file_says_the_format() {
    let place = place(120).await;
    let begins: [(&str, &[u8]); 5] = [
        ("report.txt", b"Waste movements"),
        ("report.html", b"<!DOCTYPE html>"),
        ("report.csv", b"\xef\xbb\xbfyourUniqueReference,"),
        ("report.json", b"{\"version\":1,"),
        ("report.xlsx", b"PK"),
    ];
    for (name, begin) in begins {
        let ended = run(&place, &["report", "--out", name]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        assert!(ended.err.contains(name), "{}", ended.err);
        let bytes = std::fs::read(place.path().join(name)).expect("a file");
        assert!(bytes.starts_with(begin), "{name}");
    }
    let printed = run(&place, &["report", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&printed.out).expect("JSON");
    assert_eq!(json["totals"]["movements"], 120);
    let figures = run(&place, &["report", "--format", "csv", "--figures"]);
    assert!(figures.out.contains("totals,movements,value,120"), "{}", figures.out);
}

#[tokio::test]
async fn mistakes_are_said_and_nothing_is_written() {
    let place = place(20).await;
    let words: [(&[&str], &str); 6] = [
        (&["report", "--from", "05/10/2026"], "write 2026-10-05"),
        (&["report", "--from", "2026-11", "--to", "2026-10"], "is after --to"),
        (&["report", "--format", "xlsx"], "--out report.xlsx"),
        (&["report", "--figures"], "--figures is for --format csv"),
        (&["report", "--out", "."], "is a folder"),
        (&["report", "--out", "no/such/report.txt"], "cannot be written"),
    ];
    for (arguments, expected) in words {
        let ended = run(&place, arguments);
        assert_ne!(ended.code, 0, "{arguments:?}");
        assert!(ended.err.contains(expected), "{arguments:?}: {}", ended.err);
        assert!(ended.out.is_empty(), "{arguments:?}");
    }
    let left: Vec<_> = std::fs::read_dir(place.path()).expect("a folder").flatten().collect();
    assert!(left.iter().all(|entry| !entry.file_name().to_string_lossy().contains("unfinished")));
}

#[tokio::test]
async fn a_site_an_operator_and_a_period_narrow_it() {
    let place = place(200).await;
    let movements = |arguments: &[&str]| {
        let all = ["report", "--format", "json"].iter().chain(arguments).copied();
        let ended = run(&place, &all.collect::<Vec<_>>());
        let json: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
        json["totals"]["movements"].as_u64().expect("a number")
    };
    let sites = ["epr/qv1001lm", "PPC/A/1044821", "WML 12/34 LN/12/34", "WML654321"];
    let by_site: u64 = sites.iter().map(|site| movements(&["--site", site])).sum();
    assert_eq!(by_site, 200);
    let operators =
        ["1f83215e-4b90-4785-9ab2-2614839aa2e9", "5f0f1c22-4ad4-4f53-9be7-0d2a5b7f4f11"];
    let by_operator: u64 = operators.iter().map(|code| movements(&["--api-code", code])).sum();
    assert_eq!(by_operator, 200);
    // An API code of the settings file says what records get that have none, not what to report.
    place.write("waste-receipts.toml", format!("api-code = \"{}\"", operators[0]));
    assert_eq!(movements(&[]), 200);
    let october = movements(&["--from", "2026-10", "--to", "2026-10"]);
    let earlier = movements(&["--to", "2026-09-30"]);
    let (whole, _ledger) = audit(&place.path().join("month.sqlite"), Selection::default()).await;
    assert_eq!(october + earlier + whole.totals.undated, 200);
}

/// A ledger with one movement that was received long ago and never sent.
async fn overdue() -> Place {
    let place = Place::new();
    month::one_unsent(&place.path().join("month.sqlite"), "2020-01-06").await;
    place
}

/// No day of these years is a working day.
fn endless_holidays() -> String {
    let first = jiff::civil::date(2020, 1, 1);
    let days = first.series(1.day()).take_while(|day| day.year() < 2080);
    days.fold("nation,date,what\n".to_owned(), |all, day| format!("{all}all,{day},holiday\n"))
}

#[tokio::test]
async fn an_overdue_movement_is_an_exit_code_where_it_was_asked_for() {
    let place = overdue().await;
    let status = run(&place, &["status"]);
    assert_eq!(status.code, 0, "{}", status.err);
    assert!(status.out.contains("1 are OVERDUE"), "{}", status.out);
    assert_eq!(run(&place, &["status", "--exit-overdue"]).code, 10);
    assert_eq!(run(&place, &["status", "--exit-overdue", "--json"]).code, 10);
    place.write("endless.csv", endless_holidays());
    let never_due = run(&place, &["status", "--exit-overdue", "--holidays", "endless.csv"]);
    assert_eq!(never_due.code, 0, "{}{}", never_due.out, never_due.err);
}

#[tokio::test]
async fn what_deadlines_are_reckoned_by_is_checked() {
    let place = overdue().await;
    place.write("bad.csv", "nation,date,what\nwales,2026-10-05,holiday\n");
    let bad = run(&place, &["status", "--holidays", "bad.csv"]);
    assert_eq!(bad.code, 2);
    assert!(bad.err.contains("bad.csv") && bad.err.contains("line 2"), "{}", bad.err);
    place.write("waste-receipts.toml", "[nations]\n\"QV1001LM\" = \"walls\"\n");
    let bad = run(&place, &["status"]);
    assert!(bad.err.contains("QV1001LM") && bad.err.contains("scotland"), "{}", bad.err);
}

#[tokio::test]
async fn each_operator_gets_a_report_of_its_own() {
    let place = place(200).await;
    let whole = run(&place, &["report", "--format", "json"]);
    let whole: serde_json::Value = serde_json::from_str(&whole.out).expect("JSON");
    let codes: std::collections::BTreeSet<&str> = whole["movements"]
        .as_array()
        .expect("movements")
        .iter()
        .map(|movement| movement["apiCode"].as_str().expect("a code"))
        .collect();
    assert!(codes.len() > 1, "{codes:?}");
    let ended = run(
        &place,
        &["report", "--split-by", "api-code", "--out", "split", "--format", "json", "-v"],
    );
    assert_eq!(ended.code, 0, "{}", ended.err);
    let mut total = 0;
    for entry in std::fs::read_dir(place.path().join("split")).expect("a folder") {
        let text = std::fs::read_to_string(entry.expect("an entry").path().join("report.json"));
        let report: serde_json::Value =
            serde_json::from_str(&text.expect("a report")).expect("JSON");
        let code = report["selection"]["apiCode"].as_str().expect("one operator");
        let movements = report["movements"].as_array().expect("movements");
        assert!(movements.iter().all(|movement| movement["apiCode"] == code));
        assert!(!movements.is_empty() && codes.contains(code));
        total += movements.len();
    }
    assert_eq!(total, 200, "{}", ended.err);
    let pages = run(&place, &["report", "--split-by", "api-code", "--out", "pages"]);
    assert_eq!(pages.code, 0, "{}", pages.err);
    let none = run(
        &place,
        &[
            "report",
            "--split-by",
            "api-code",
            "--out",
            "none",
            "--from",
            "1999-01",
            "--to",
            "1999-01",
        ],
    );
    assert!(none.err.contains("No operator has movements"), "{}", none.err);
    let folder = |name: &str| std::fs::read_dir(place.path().join(name)).expect("a folder").count();
    assert_eq!((folder("split"), folder("pages"), folder("none")), (codes.len(), codes.len(), 0));
    let printed = run(&place, &["report", "--split-by", "api-code"]);
    assert_eq!(printed.code, 2, "{}", printed.err);
}
