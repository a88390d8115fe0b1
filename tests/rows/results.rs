//! `--results DIR`.

use waste_receipts::sandbox::Options;

use crate::site::{HEADER, Site, row, text};

#[test]
fn accepted_and_to_correct_lie_beside_each_other() {
    let site = Site::new(Options::default());
    let wrong = row("A-2", "Metal").replace("SKI", "SKIP");
    let file = site.write("day.csv", &format!("{HEADER}{}\n{wrong}\n", row("A-1", "Wood")));
    let results = site.path("results");
    let submit = ["submit", text(&file), "--results", text(&results)];
    let ran = site.run(&submit);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let read = |name: &str| std::fs::read_to_string(results.join(name)).expect("a result");
    let accepted = read("accepted.csv");
    let rows: Vec<&str> = accepted.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 2, "{accepted}");
    assert!(
        rows[0].starts_with("\u{feff}yourUniqueReference,wasteTrackingId,warnings,acceptedAt,")
    );
    let stored = site.stored();
    let id = stored.movements[0].waste_tracking_id.as_deref().expect("an ID");
    assert!(rows[1].starts_with(&format!("A-1,{id},")), "{accepted}");
    let to_correct = read("to-correct.csv");
    assert!(to_correct.ends_with(&format!("A-2{}\n", &wrong[3..])), "{to_correct}");
    assert!(!to_correct.contains("A-1"), "{to_correct}");

    // The next run's are its own; the earlier ones are kept.
    let corrected = site.write("corrected.csv", &to_correct.replace("SKIP", "SKI"));
    let ran = site.run(&["submit", text(&corrected), "--results", text(&results)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(read("accepted.csv").contains("A-2") && !read("accepted.csv").contains("A-1"));
    assert!(!results.join("to-correct.csv").exists(), "nothing is to be corrected");
    let kept = |begin: &str, content: &str| {
        let names = std::fs::read_dir(&results).expect("results");
        let mut names = names.map(|entry| entry.expect("an entry").file_name());
        let found = names.find(|name| name.to_string_lossy().starts_with(begin));
        assert_eq!(read(found.expect("it is kept").to_str().expect("UTF-8")), content);
    };
    kept("to-correct.", &to_correct);
    kept("accepted.2", &accepted);
    assert_eq!(std::fs::read_dir(&results).expect("results").count(), 3, "nothing is left over");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_said_before_anything_is_sent() {
    let site = Site::new(Options::default());
    let file = site.write("day.csv", &format!("{HEADER}{}\n", row("A-1", "Wood")));
    let ran = site.run(&["submit", text(&file), "--results", text(&file)]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("cannot be written to"), "{}", ran.err);
    assert!(site.stored().movements.is_empty());
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_afterwards_is_not_lost() {
    let site = Site::new(Options::default());
    let file = site.write("day.csv", &format!("{HEADER}{}\n", row("A-1", "Wood")));
    let results = site.path("results");
    std::fs::create_dir(&results).expect("a folder");
    // A link that leads nowhere is neither put aside nor written over.
    std::os::unix::fs::symlink("/nowhere/at/all", results.join("accepted.csv")).expect("a link");
    let ran = site.run(&["submit", text(&file), "--results", text(&results), "--quiet"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("Nothing is lost"), "{}", ran.err);
    assert_eq!(site.stored().movements.len(), 1);
    std::fs::remove_file(results.join("accepted.csv")).expect("it is removed");
    let ran = site.run(&["submit", text(&file), "--results", text(&results)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let accepted = std::fs::read_to_string(results.join("accepted.csv")).expect("a result");
    assert!(accepted.contains("A-1"), "accepted before, and read again: {accepted}");
}
