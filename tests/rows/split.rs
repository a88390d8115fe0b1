//! `--results DIR --split-by api-code`, and what the settings file says of files.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use waste_receipts::sandbox::{API_CODES, Options};

use crate::site::{HEADER, Site, bare_command, row, text};

/// A day of two operators, one row each accepted and refused, and one without a reference.
fn day(site: &Site) -> std::path::PathBuf {
    let [first, second] = [API_CODES[0], API_CODES[1]];
    let wrong = |reference: &str| row(reference, "Metal").replace("SKI", "SKIP");
    let rows = [
        format!("{first},{}", row("A-1", "Wood")),
        format!("{second},{}", row("B-1", "Wood")),
        format!("{second},{}", wrong("B-2")),
        format!("{second},{}", row("", "Nameless")),
        format!("{first},{}", row("A-3", "Wood")),
    ];
    site.write("day.csv", &format!("apiCode,{HEADER}{}\n", rows.join("\n")))
}

fn entries(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn each_operator_finds_its_own_and_nobody_else_s() {
    let site = Site::new(Options::default());
    let settings = format!("[operators]\n\"{}\" = \"Smith & Sons\"\n", API_CODES[1]);
    site.write("waste-receipts.toml", &settings);
    let (file, results) = (day(&site), site.path("results"));
    let submit = ["submit", text(&file), "--results", text(&results), "--split-by", "api-code"];
    let ran = site.run(&submit);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("3 accepted, for 2 operators"), "{}", ran.err);
    assert!(ran.err.contains("To be corrected: 2 of Smith & Sons (2)"), "{}", ran.err);
    let unnamed = &API_CODES[0][..8];
    assert_eq!(entries(&results), [unnamed, "Smith & Sons"].map(str::to_owned).into());
    let read = |name: &str| std::fs::read_to_string(results.join(name)).expect("a result");
    let first = read(&format!("{unnamed}/accepted.csv"));
    assert!(first.contains("A-1") && first.contains("A-3"), "{first}");
    assert!(!first.contains(API_CODES[1]), "{first}");
    assert_eq!(entries(&results.join(unnamed)), ["accepted.csv".to_owned()].into());
    let second = read("Smith & Sons/accepted.csv");
    assert!(second.contains("B-1") && !second.contains("A-"), "{second}");
    let to_correct = read("Smith & Sons/to-correct.csv");
    assert!(to_correct.contains("B-2") && to_correct.contains("Nameless"), "{to_correct}");

    // The next run's are its own, also where it brought an operator nothing.
    let corrected = site.write("corrected.csv", &to_correct.replace("SKIP", "SKI"));
    let ran = site.run(&[
        "submit",
        text(&corrected),
        "--results",
        text(&results),
        "--split-by",
        "api-code",
    ]);
    assert_eq!(ran.code, Some(3), "the nameless one is still there: {ran:?}");
    let now = read("Smith & Sons/accepted.csv");
    assert!(now.contains("B-2") && !now.contains("B-1"), "{now}");
    assert!(!results.join(unnamed).join("accepted.csv").exists(), "it had nothing this time");
    assert_eq!(entries(&results.join(unnamed)).len(), 1, "what it had is kept");
}

/// More operators than files are held open for.
#[test]
fn many_operators_have_a_folder_each() {
    let site = Site::new(Options::default());
    let mut csv = format!("apiCode,{HEADER}");
    for number in 0..120 {
        let code = format!("{number:08x}-4b90-4785-9ab2-2614839aa2e9");
        let wrong = row(&format!("R-{number}"), "Metal").replace("SKI", "SKIP");
        writeln!(csv, "{code},{wrong}").expect("memory");
    }
    let (file, results) = (site.write("day.csv", &csv), site.path("results"));
    let submit = ["submit", text(&file), "--results", text(&results), "--split-by", "api-code"];
    let ran = site.run(&[&submit[..], &["--max-invalid", "100"]].concat());
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!(entries(&results).len(), 120);
    for number in 0..120 {
        let folder = results.join(format!("{number:08x}"));
        let rows = std::fs::read_to_string(folder.join("to-correct.csv")).expect("a result");
        assert!(rows.contains(&format!("R-{number},")), "{rows}");
        assert_eq!(rows.matches(",SKIP,").count(), 1, "{rows}");
    }
    assert!(ran.err.contains("and 100 operators more"), "{}", ran.err);
}

#[test]
fn where_files_go_may_stand_in_the_settings() {
    let site = Site::new(Options::default());
    std::fs::create_dir(site.path("inbox")).expect("a folder");
    std::fs::rename(day(&site), site.path("inbox/day.csv")).expect("moved");
    let settings =
        "results = \"results\"\nsplit-by = \"api-code\"\narchive = \"done\"\nsettle = \"0s\"\n";
    site.write("waste-receipts.toml", settings);
    let ran = site.run(&["submit", "inbox"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!(entries(&site.path("results")).len(), 2, "{ran:?}");
    assert!(site.path("done/day.csv").exists(), "{ran:?}");
    // A variable wins over the file, a flag over both.
    let mut command = site.command(&["retry"]);
    command.env("WASTE_RECEIPTS_RESULTS", site.path("of-variable"));
    assert!(command.output().expect("it runs").status.success());
    assert!(site.path("of-variable").exists());
    let mut command = site.command(&["retry", "--results", text(&site.path("of-flag"))]);
    command.env("WASTE_RECEIPTS_RESULTS", site.path("of-no-use"));
    assert!(command.output().expect("it runs").status.success());
    assert!(site.path("of-flag").exists() && !site.path("of-no-use").exists());
}

#[test]
fn advice_may_count_as_a_mistake_by_a_setting() {
    let site = Site::new(Options::default());
    let advised = row("A-1", "Metal").replace("Actual", "Estimate").replace("1.5", "250");
    let file = site.write("day.csv", &format!("{HEADER}{advised}\n"));
    let lenient = site.run(&["check", text(&file)]);
    assert_eq!(lenient.code, Some(0), "{lenient:?}");
    site.write("waste-receipts.toml", "strict = true\n");
    let strict = site.run(&["check", text(&file)]);
    assert_eq!(strict.code, Some(3), "{strict:?}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let site = Site::new(Options::default());
    let file = day(&site);
    let ran = site.run(&["submit", text(&file), "--split-by", "api-code"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("say with --results where they go"), "{}", ran.err);
    for (settings, expected) in [
        ("[operators]\n\"a\" = \"b/c\"\n", "cannot be the name of a folder"),
        ("[operators]\n\"a\" = \"b\"\n\"c\" = \"B\"\n", "is the name of both"),
        ("operators = \"Smith\"\n", "a table was expected"),
        ("split-by = \"site\"\n", "is none of api-code"),
        ("strict = \"yes\"\n", "true or false was expected"),
    ] {
        site.write("waste-receipts.toml", settings);
        let ran = site.run(&["submit", text(&file)]);
        assert_eq!(ran.code, Some(2), "{settings}: {ran:?}");
        assert!(ran.err.contains(expected), "{settings}: {}", ran.err);
    }
    let mut misspelt = bare_command();
    misspelt.env("WASTE_RECEIPTS_RESULT", "x").args(["check", "x.csv"]);
    let ran = misspelt.output().expect("it runs");
    assert!(String::from_utf8_lossy(&ran.stderr).contains("WASTE_RECEIPTS_RESULTS"), "{ran:?}");
}
