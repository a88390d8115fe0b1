//! `check` and `submit` as they are typed: verdicts, summaries, strictness, and what is admitted.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const API_CODE: &str = "1f83215e-4b90-4785-9ab2-2614839aa2e9";
const SAMPLES: &str = include_str!("../samples/movements.csv");

/// A folder with files, in which the program runs as for a user who has nothing yet.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Desk(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).expect("written");
        path
    }

    fn run(&self, args: &[&str]) -> Ran {
        let home = self.0.path();
        let output = Command::new(assert_cmd::cargo::cargo_bin!("waste-receipts"))
            .args(args)
            .current_dir(home)
            .env_clear()
            .envs([("HOME", home), ("XDG_DATA_HOME", home), ("XDG_CONFIG_HOME", home)])
            .env("WASTE_RECEIPTS_API_CODE", API_CODE)
            .output()
            .expect("the program starts");
        Ran::new(&output)
    }
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    fn says(&self, wanted: &str) {
        assert!(self.out.contains(wanted) || self.err.contains(wanted), "{}{}", self.out, self.err);
    }

    fn lines(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).expect("JSON");
        self.out.lines().map(read).collect()
    }
}

/// So many movements of one row each, the one for each line made by `change` from the first sample.
fn rows(count: usize, change: impl Fn(usize, &str) -> String) -> String {
    let mut lines = SAMPLES.lines();
    let header = lines.next().expect("a header");
    let sample = lines.next().expect("a row");
    let mut text = format!("{header}\n");
    for at in 0..count {
        // Each of another minute, so that no two have the same content.
        let time = format!("2026-10-05T{:02}:{:02}:00+01:00", 7 + at / 60, at % 60);
        let row = sample.replacen("LM-100231", &format!("A-{at}"), 1).replacen(
            "2026-10-05T07:22:00+01:00",
            &time,
            1,
        );
        text.push_str(&change(at, &row));
        text.push('\n');
    }
    text
}

fn good(count: usize) -> String {
    rows(count, |_, row| row.to_owned())
}

/// The EWC code is none in so many rows of a hundred.
fn bad(of_hundred: usize) -> String {
    rows(100, |at, row| {
        let ewc = if at < of_hundred { ",999999," } else { ",170802," };
        row.replacen(",170802,", ewc, 1)
    })
}

fn name(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}

#[test]
fn every_kind_of_mistake_is_one_line_of_the_summary() {
    let desk = Desk::new();
    let file = desk.file("bad.csv", &bad(100));
    let checked = desk.run(&["check", "-q", name(&file)]);
    assert_eq!(checked.code, Some(3));
    checked.says("100 x  column wasteItems.ewcCodes");
    checked.says("e.g. A-0, line 2: The EWC code \"999999\" is not on the list");
    checked.says("\nA-99, line 101\n");
}

#[test]
fn details_end_somewhere_and_json_does_not() {
    let desk = Desk::new();
    let file = desk.file("bad.csv", &rows(300, |_, row| row.replacen(",170802,", ",999999,", 1)));
    let checked = desk.run(&["check", "-q", name(&file)]);
    checked.says("300 x  column wasteItems.ewcCodes");
    checked.says("... and 100 more of the kinds above");
    let json = desk.run(&["check", "--json", name(&file)]);
    assert_eq!(json.code, Some(3));
    assert_eq!(json.lines().len(), 300);
    assert_eq!(json.lines()[299]["errors"][0]["key"], "wasteItems.0.ewcCodes.0");
}

#[test]
fn advice_blocks_only_when_strict() {
    let desk = Desk::new();
    let file = desk.file("late.csv", &good(1));
    let plain = desk.run(&["check", "--json", name(&file)]);
    assert_eq!(plain.code, Some(0));
    let line = &plain.lines()[0];
    let late = |advice: &&Value| advice["key"] == "dateTimeReceived";
    let advice = line["advice"].as_array().expect("a list").iter().find(late).expect("advice");
    assert_eq!(advice["blocks"], false);
    assert!(advice["message"].as_str().expect("text").starts_with("Late: received on Monday"));
    let strict = desk.run(&["check", "--strict", "--json", name(&file)]);
    assert_eq!(strict.code, Some(3));
    assert_eq!(strict.lines()[0]["advice"][0]["blocks"], true);
    let sent = desk.run(&["submit", "--environment", "sandbox", "--strict", name(&file)]);
    assert_eq!(sent.code, Some(3), "{}{}", sent.out, sent.err);
    let sent = desk.run(&["submit", "--environment", "sandbox", name(&file)]);
    assert_eq!(sent.code, Some(0), "{}{}", sent.out, sent.err);
}

#[test]
fn the_same_content_under_two_references_is_told() {
    let desk = Desk::new();
    let one = good(1);
    let row = one.lines().nth(1).expect("a row");
    let file = desk.file("twice.csv", &format!("{one}{}\n", row.replacen("A-0", "A-1", 1)));
    let checked = desk.run(&["check", name(&file)]);
    assert_eq!(checked.code, Some(0));
    checked.says("Everything but the reference is the same as in the movement on line 2");
}

#[test]
fn a_file_with_too_many_invalid_movements_is_not_admitted() {
    let desk = Desk::new();
    for (invalid, max_invalid, admitted) in
        [(20, None, true), (21, None, false), (21, Some("21"), true), (100, Some("100"), true)]
    {
        let file = desk.file("some.csv", &bad(invalid));
        let mut args = vec!["submit", "--environment", "sandbox", "--json", name(&file)];
        args.extend(max_invalid.iter().flat_map(|percent| ["--max-invalid", percent]));
        let sent = desk.run(&args);
        let summary = &sent.lines()[0];
        assert_eq!(sent.code, Some(3), "{}", sent.err);
        let accepted = if admitted { 100 - invalid } else { 0 };
        assert_eq!(summary["accepted"], accepted, "{summary}");
        assert_eq!(summary["refusedFiles"], u64::from(!admitted), "{summary}");
        if !admitted {
            sent.says("21 of its 100 movements are invalid, more than 20 %");
        }
    }
    // Nineteen of nineteen are too few to say that the file is wrong.
    let all = rows(19, |_, row| row.replacen(",170802,", ",999999,", 1));
    let file = desk.file("few.csv", &all);
    let sent = desk.run(&["submit", "--environment", "sandbox", "--json", name(&file)]);
    assert_eq!(sent.lines()[0]["invalid"], 19);
    assert_eq!(sent.lines()[0]["refusedFiles"], 0);
}

#[test]
fn a_dry_run_needs_no_ledger() {
    let desk = Desk::new();
    let file = desk.file("some.csv", &bad(2));
    let foreseen = desk.run(&["submit", "--dry-run", "--environment", "test", name(&file)]);
    assert_eq!(foreseen.code, Some(3), "{}", foreseen.err);
    foreseen.says("98  would be sent as new movements");
    foreseen.says("2  invalid: would not be sent");
    foreseen.says("To send: A-2, A-3");
    foreseen.says("There is no ledger yet to compare with");
    let file = desk.file("wrong.csv", &bad(50));
    let foreseen = desk.run(&["submit", "--dry-run", "--environment", "test", name(&file)]);
    foreseen.says("Nothing of it would be admitted");
    assert!(!desk.0.path().join("waste-receipts").exists(), "nothing was written");
}

#[test]
fn codes_are_listed_and_searched() {
    let desk = Desk::new();
    let all = desk.run(&["codes"]);
    all.says("All are built into this program");
    all.says("ewc-codes                           842");
    desk.run(&["codes", "pop-names", "--search", "endosulfan"]).says("END");
    desk.run(&["codes", "ewc-codes", "--search", "17 05 03"]).says("mirror hazardous");
    let json = desk.run(&["codes", "--search", "170503", "--json"]);
    assert_eq!(json.lines()[0]["hazardous"], true);
    let wrong = desk.run(&["codes", "ewc"]);
    assert_eq!(wrong.code, Some(2));
    wrong.says("the lists are ewc-codes");
}
