//! Each point of `waste_receipts::killpoint`, at its first passage and later ones.

use std::process::{Child, ExitStatus, Stdio};

use waste_receipts::killpoint::{Point, VARIABLE};
use waste_receipts::sandbox::Options;

use crate::settle::{IN_FLIGHT, MOVEMENTS, settle, uncertain, with_pace};
use crate::site::{Site, movements_csv, text};

fn site() -> (Site, std::path::PathBuf) {
    let latency = std::time::Duration::from_millis(5);
    let site = Site::new(Options { latency, ..Options::default() });
    let file = site.write("movements.csv", &movements_csv(1, MOVEMENTS));
    (site, file)
}

/// Starts a command that is to die.
fn start(site: &Site, arguments: &[&str], point: Point, passage: usize) -> Child {
    let mut command = site.command(arguments);
    command.env(VARIABLE, format!("{}:{passage}", point.name()));
    // No core files: some systems keep them for long.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}

fn assert_died(ended: ExitStatus, point: Point, passage: usize) {
    let by_itself = ended.code().is_some_and(|code| (0..=130).contains(&code));
    assert!(!by_itself, "{}:{passage} was not passed: {ended}", point.name());
}

/// `submit` dies at the point.
fn submit_dies(point: Point, passages: &[usize]) {
    for &passage in passages {
        let (site, file) = site();
        let submit = with_pace(&["submit", text(&file)]);
        let mut child = start(&site, &submit, point, passage);
        assert_died(child.wait().expect("it ends"), point, passage);
        settle(&site, &file, IN_FLIGHT);
        site.leave();
    }
}

/// A site whose first run was killed with requests under way, and so has uncertain ones.
fn killed_site() -> (Site, std::path::PathBuf) {
    let (site, file) = site();
    let submit = with_pace(&["submit", text(&file)]);
    let mut child = start(&site, &submit, Point::Answered, 20);
    child.wait().expect("it ends");
    (site, file)
}

#[test]
fn while_a_file_is_read() {
    submit_dies(Point::Admission, &[1, 30, MOVEMENTS]);
}

#[test]
fn around_an_admission() {
    submit_dies(Point::BeforeAdmission, &[1]);
    submit_dies(Point::AfterAdmission, &[1]);
}

#[test]
fn before_a_claim_is_on_the_disk() {
    submit_dies(Point::BeforeClaim, &[1, 2, 5]);
}

#[test]
fn after_a_claim_is_on_the_disk() {
    submit_dies(Point::AfterClaim, &[1, 2, 5]);
}

#[test]
fn when_an_answer_came() {
    submit_dies(Point::Answered, &[1, 9, 40]);
}

#[test]
fn before_answers_are_on_the_disk() {
    submit_dies(Point::BeforeRecord, &[1, 2, 5]);
}

#[test]
fn after_answers_are_on_the_disk() {
    submit_dies(Point::AfterRecord, &[1, 2, 5]);
}

/// The bytes have left and no answer was read: the sandbox never answers, and the death comes from
/// outside once it has all that can be in flight.
#[test]
fn when_the_bytes_have_left() {
    for requests in [1, 3, IN_FLIGHT] {
        let (site, file) = site();
        site.set_faults(&["slow,delay=1h"]);
        let mut child = site.start(&with_pace(&["submit", text(&file)]));
        site.until_requests(requests as u64);
        child.kill().expect("it was running");
        child.wait().expect("it is gone");
        site.set_faults(&[]);
        settle(&site, &file, IN_FLIGHT);
        site.leave();
    }
}

/// Told to stop with requests under way, and dead before their answers are on the disk.
#[cfg(unix)]
#[test]
fn while_it_stops() {
    for passage in [1, 3] {
        let (site, file) = site();
        // Requests that start 50 ms apart are answered apart, each in a commit of its own.
        site.set_faults(&["slow,delay=1500ms"]);
        let submit = ["submit", text(&file), "--rate", "20", "--in-flight", "8"];
        let mut child = start(&site, &submit, Point::Draining, passage);
        site.until_requests(IN_FLIGHT as u64);
        let id = child.id().to_string();
        let told = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(told.expect("kill is there").success());
        assert_died(child.wait().expect("it ends"), Point::Draining, passage);
        site.set_faults(&[]);
        settle(&site, &file, IN_FLIGHT);
        site.leave();
    }
}

#[test]
fn around_the_recovery() {
    for point in [Point::BeforeRecovery, Point::AfterRecovery] {
        let (site, file) = killed_site();
        let mut child = start(&site, &with_pace(&["retry"]), point, 1);
        assert_died(child.wait().expect("it ends"), point, 1);
        settle(&site, &file, IN_FLIGHT);
        site.leave();
    }
}

#[test]
fn around_a_decision() {
    for point in [Point::BeforeDecision, Point::AfterDecision] {
        let (site, _) = killed_site();
        assert_eq!(site.run(&with_pace(&["retry"])).code, Some(5));
        let rows = site.movements();
        let stored = site.stored();
        let lost = uncertain(&rows).find_map(|reference| {
            let mut all = stored.movements.iter();
            let found = all.find(|m| m.your_unique_reference.as_deref() == Some(reference))?;
            Some((reference, found.waste_tracking_id.clone()?))
        });
        let (reference, id) = lost.expect("one was stored and its answer lost");
        let mut child = start(&site, &["resolve", reference, "--accepted", &id], point, 1);
        assert_died(child.wait().expect("it ends"), point, 1);
        let rows = site.movements();
        let row = rows.iter().find(|row| row["reference"] == reference).expect("it is there");
        let after = point == Point::AfterDecision;
        assert_eq!(row["state"], if after { "accepted" } else { "uncertain" });
        crate::settle::decide(&site);
        crate::settle::assert_each_once(&site);
        site.leave();
    }
}

#[test]
fn while_a_file_is_moved_away() {
    for point in [Point::Archiving, Point::Archived] {
        let (site, file) = site();
        let content = std::fs::read(&file).expect("the file");
        let archive = site.path("done");
        let submit = with_pace(&["submit", text(&file), "--archive", text(&archive)]);
        let mut child = start(&site, &submit, point, 1);
        assert_died(child.wait().expect("it ends"), point, 1);
        let archived = archive.join("movements.csv");
        assert_eq!(std::fs::read(&archived).expect("it is there, whole"), content);
        assert_eq!(file.exists(), point == Point::Archiving);
        if file.exists() {
            let ran = site.run(&submit);
            assert_eq!(ran.code, Some(0), "{ran:?}");
            assert!(!file.exists(), "it is moved after all");
            let again = archive.join("movements-2.csv");
            assert_eq!(std::fs::read(again).expect("nothing is written over"), content);
        }
        assert_eq!(std::fs::read(archived).expect("it is still there"), content);
        crate::settle::assert_each_once(&site);
    }
}

/// Every point is somewhere above.
#[test]
fn no_point_is_left_out() {
    let source = include_str!("points.rs");
    for point in Point::ALL {
        assert!(source.contains(&format!("Point::{point:?}")), "{point:?}");
    }
}
