//! Folders, and what becomes of files that are done with.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use waste_receipts::sandbox::Options;

use crate::site::{HEADER, Ran, Site, row, text};

/// A site with a folder for files, in which nothing is young.
struct Inbox {
    site: Site,
    folder: PathBuf,
    archive: PathBuf,
}

impl Inbox {
    fn new() -> Self {
        let site = Site::new(Options::default());
        let (folder, archive) = (site.path("inbox"), site.path("done"));
        std::fs::create_dir(&folder).expect("a folder");
        Inbox { site, folder, archive }
    }

    fn put(&self, name: &str, rows: &[String]) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, format!("{HEADER}{}\n", rows.join("\n"))).expect("a file");
        age(&path, 60);
        path
    }

    fn submit(&self, more: &[&str]) -> Ran {
        let arguments = ["submit", text(&self.folder), "--archive", text(&self.archive)];
        self.site.run(&[&arguments[..], more].concat())
    }
}

/// Turns a file's clock back.
fn age(path: &Path, seconds: u64) {
    let file = std::fs::File::options().append(true).open(path).expect("the file");
    let before = SystemTime::now() - Duration::from_secs(seconds);
    file.set_modified(before).expect("a time");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<String> =
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn files_that_are_done_with_are_moved_away() {
    let inbox = Inbox::new();
    inbox.put("b.csv", &[row("B-1", "Wood"), row("B-2", "Metal").replace("SKI", "SKIP")]);
    inbox.put("a.csv", &[row("A-1", "Wood")]);
    inbox.put("c.csv.part", &[row("C-1", "Wood")]);
    std::fs::write(inbox.folder.join("notes.pdf"), "x").expect("a file");
    let ran = inbox.submit(&[]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("notes.pdf: not a kind of file"), "{}", ran.err);
    assert!(ran.err.contains("b.csv stays: 1 of its records"), "{}", ran.err);
    assert_eq!(names(&inbox.archive), ["a.csv"]);
    assert_eq!(names(&inbox.folder), ["b.csv", "c.csv.part", "notes.pdf"]);
    assert_eq!(inbox.site.stored().movements.len(), 2, "the unfinished one was read");

    // With to-correct.csv beside it, nothing vanishes before a person saw it.
    let results = inbox.site.path("results");
    inbox.put("a.csv", &[row("A-2", "Wood"), row("A-3", "Glass").replace("SKI", "SKIP")]);
    let ran = inbox.submit(&["--results", text(&results)]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!(names(&inbox.archive), ["a-2.csv", "a.csv", "b.csv"]);
    let to_correct = std::fs::read_to_string(results.join("to-correct.csv")).expect("a result");
    assert!(to_correct.contains("A-3"), "{to_correct}");
}

#[test]
fn a_file_stays_while_something_of_it_waits() {
    let inbox = Inbox::new();
    inbox.put("a.csv", &[row("A-1", "Wood")]);
    let arguments = ["submit", text(&inbox.folder), "--archive", text(&inbox.archive)];
    let mut command = inbox.site.command(&arguments);
    command.env("WASTE_RECEIPTS_CLIENT_SECRET", "not the secret");
    let ran = Ran::from(command.output().expect("it starts"));
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.err.contains("a.csv stays: 1 of its movements wait"), "{}", ran.err);
    assert_eq!(names(&inbox.folder), ["a.csv"]);
    // It was sent meanwhile; the file is not read again, and moved all the same.
    assert_eq!(inbox.site.run(&["retry"]).code, Some(0));
    let ran = inbox.submit(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("1 files were taken in before"), "{}", ran.err);
    assert_eq!((names(&inbox.folder).len(), names(&inbox.archive).len()), (0, 1));
}

#[test]
fn a_file_that_is_still_being_written_is_left_for_the_next_run() {
    let inbox = Inbox::new();
    let growing = inbox.put("a.csv", &[row("A-1", "Wood")]);
    let open = inbox.put("b.csv", &[row("B-1", "Wood")]);
    std::fs::write(inbox.folder.join("~$b.csv"), "").expect("a file");
    let ran = inbox.submit(&["--settle", "1h"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.err.contains("it changed 6") && ran.err.contains("a spreadsheet has it open"));
    assert!(inbox.site.stored().movements.is_empty());
    let locked = std::fs::File::open(&growing).expect("the file");
    locked.lock().expect("locked");
    let ran = inbox.submit(&[]);
    assert!(ran.err.contains("a.csv: another program is writing it"), "{}", ran.err);
    drop(locked);
    std::fs::remove_file(inbox.folder.join("~$b.csv")).expect("closed");
    let ran = inbox.submit(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!growing.exists() && !open.exists());
    // Whoever names a file has finished it.
    let named = inbox.site.write("now.csv", &format!("{HEADER}{}\n", row("N-1", "Wood")));
    assert_eq!(inbox.site.run(&["submit", text(&named)]).code, Some(0));
    assert_eq!(inbox.site.stored().movements.len(), 3);
}

#[test]
fn an_old_file_does_not_undo_what_a_newer_one_brought() {
    let inbox = Inbox::new();
    inbox.put("a.csv", &[row("A-1", "Wood")]);
    let submit = ["submit", text(&inbox.folder), "--on-change", "update"];
    assert_eq!(inbox.site.run(&submit).code, Some(0));
    inbox.put("b.csv", &[row("A-1", "Wood and metal")]);
    assert_eq!(inbox.site.run(&submit).code, Some(0));
    let ran = inbox.site.run(&submit);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let stored = inbox.site.stored();
    let of = &stored.references[0];
    assert_eq!((of.posts, of.puts), (1, 1), "the old content was sent again");
    inbox.site.leave();
}

#[test]
fn a_file_that_is_refused_stays_and_the_others_go_on() {
    let inbox = Inbox::new();
    std::fs::write(inbox.folder.join("a.csv"), "who,knows\n1,2\n").expect("a file");
    age(&inbox.folder.join("a.csv"), 60);
    inbox.put("b.csv", &[row("B-1", "Wood")]);
    let ran = inbox.submit(&[]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!(
        (names(&inbox.folder), names(&inbox.archive)),
        (vec!["a.csv".into()], vec!["b.csv".into()])
    );
    let ran = inbox.site.run(&["submit", text(&inbox.folder), "--archive", text(&inbox.folder)]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("folders of their own"), "{}", ran.err);
    let ran = inbox.site.run(&["check", text(&inbox.folder)]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("a.csv"), "{}", ran.err);
}
