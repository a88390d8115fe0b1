//! `export`: rows as they were read, corrected in place and submitted as they are.

use std::fmt::Write as _;

use waste_receipts::sandbox::Options;

use crate::site::{HEADER, Ran, Site, row, text};

/// A file of a good row, one with a wrong container, and one without a reference.
fn mixed(end: &str) -> String {
    let wrong = row("A-2", "Metal").replace("SKI", "SKIP");
    let nameless = row("", "Glass");
    let rows = [HEADER.trim_end(), &row("A-1", "Wood"), &wrong, &nameless];
    let mut text = String::from("\u{feff}");
    for row in rows {
        let _ = write!(text, "{row}{end}");
    }
    text
}

fn submit(site: &Site, name: &str, content: &str) -> Ran {
    site.run(&["submit", text(&site.write(name, content))])
}

#[test]
fn rows_are_corrected_and_submitted_as_they_are() {
    let site = Site::new(Options::default());
    let ran = submit(&site, "day.csv", &mixed("\r\n"));
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let out = site.path("to-correct.csv");
    let ran = site.run(&["export", "--out", text(&out)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("2 records"), "{}", ran.err);
    let exported = std::fs::read_to_string(&out).expect("the export");
    let original = mixed("\r\n");
    let rows: Vec<&str> = original.split_inclusive("\r\n").collect();
    let lines: Vec<&str> = exported.split_inclusive("\r\n").collect();
    assert_eq!(lines.len(), 3, "{exported}");
    assert!(lines[0].starts_with("\u{feff}waste-receipts:errors,"), "{}", lines[0]);
    assert!(lines[0].ends_with(rows[0].trim_start_matches('\u{feff}')), "{}", lines[0]);
    let of = |row: &str| lines.iter().find(|line| line.ends_with(row)).copied();
    let nameless = of(rows[3]).unwrap_or_else(|| panic!("{exported}"));
    assert!(
        nameless.contains("no yourUniqueReference") && nameless.contains("line 4"),
        "{nameless}"
    );
    assert!(of(rows[2]).is_some_and(|line| line.contains("SKIP")), "{exported}");

    let corrected =
        exported.replace("SKIP", "SKI").replace(rows[3], &rows[3].replacen(',', "A-3,", 1));
    let ran = submit(&site, "corrected.csv", &corrected);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(site.stored().movements.len(), 3);
    // What was ours is not there twice when it comes back uncorrected.
    submit(&site, "again.csv", &exported.replace("A-2", "A-4"));
    let ran = site.run(&["export"]);
    assert_eq!(ran.out.matches("waste-receipts:errors").count(), 1, "{}", ran.out);
    assert!(ran.out.contains("A-4"), "{}", ran.out);
    site.leave();
}

#[test]
fn what_the_service_refused_is_among_them() {
    let site = Site::new(Options::default());
    let content = format!("{HEADER}{}\n", row("A-2", "Metal").replace("SKI", "SKIP"));
    let file = site.write("day.csv", &content);
    let ran = site.run(&["submit", text(&file), "--checks", "off"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let ran = site.run(&["export", "--state", "rejected"]);
    assert!(ran.out.contains("the service says: "), "{}", ran.out);
    assert!(ran.out.contains(",rejected,"), "{}", ran.out);
}

#[test]
fn files_with_other_headers_are_not_mixed() {
    let site = Site::new(Options::default());
    submit(&site, "a.csv", &mixed("\n"));
    submit(&site, "b.csv", &mixed("\r\n").replace("A-", "B-").replace("\u{feff}", ""));
    let lines = "{\"yourUniqueReference\":\"C-1\"}\nnot JSON\n";
    submit(&site, "c.jsonl", lines);
    let ran = site.run(&["export"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.err.contains("3 different headers"), "{}", ran.err);
    let out = site.path("fix.csv");
    let ran = site.run(&["export", "--out", text(&out)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let read = |name: &str| std::fs::read_to_string(site.path(name)).expect("an export");
    let (first, second) = (read("fix.csv"), read("fix-2.csv"));
    assert!(first.contains("A-2") && !first.contains("B-2") && first.starts_with('\u{feff}'));
    assert!(second.contains("B-2") && second.ends_with("\r\n") && second.starts_with("waste-"));
    let bodies = read("fix.jsonl");
    let kept: String = lines.split_inclusive('\n').rev().collect();
    let ours = |line: &&str| !line.starts_with("{\"waste-receipts\":");
    assert_eq!(bodies.split_inclusive('\n').filter(ours).collect::<String>(), kept);
    let ran = site.run(&["export", "--out", text(&out)]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let ran = site.run(&["export", "--format", "csv", "--out", text(&site.path("x.csv"))]);
    assert!(ran.err.contains("2 more are not written"), "{}", ran.err);
}

#[test]
fn a_ledger_from_before_says_that_it_has_no_rows() {
    use sqlx::{ConnectOptions as _, Connection as _};
    let site = Site::new(Options::default());
    submit(&site, "day.csv", &mixed("\n"));
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(site.path("ledger.sqlite"));
    site.runtime.block_on(async {
        let mut ledger = options.connect().await.expect("the ledger");
        for sql in ["DELETE FROM revision_source", "DELETE FROM record_source"] {
            sqlx::query(sql).execute(&mut ledger).await.expect("a ledger as it was");
        }
        ledger.close().await.expect("closed");
    });
    let ran = site.run(&["export"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{ran:?}");
    assert!(ran.err.contains("2 more are not written: they were read by a version"), "{}", ran.err);
    let ran = site.run(&["export", "--format", "jsonl"]);
    assert!(ran.out.contains("A-2"), "{ran:?}");
}
