//! A ledger restored from an older backup does not know what was sent after it.

use std::process::Stdio;

use sqlx::Connection as _;

use crate::agreement;
use crate::morning::{PACE, assert_says, connect, execute, waiting};
use crate::site::{Ran, Site, movements_csv, text};

const MOVEMENTS: usize = 20;
const BEHIND: [&str; 3] = ["older than what was sent", "Nothing is sent", "--after-restore"];

fn back_up(site: &Site) -> Vec<u8> {
    std::fs::read(site.path("ledger.sqlite")).expect("a ledger")
}

fn restore(site: &Site, backup: &[u8]) {
    for name in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let _ = std::fs::remove_file(site.path(name));
    }
    std::fs::write(site.path("ledger.sqlite"), backup).expect("the backup is back");
}

fn count(site: &Site, state: &str) -> usize {
    agreement::states(site).get(state).copied().unwrap_or(0)
}

#[test]
fn nothing_is_sent_twice_and_a_person_decides() {
    let site = waiting(MOVEMENTS);
    let backup = back_up(&site);
    assert_eq!(site.run(&["retry", "--rate", "0"]).code, Some(0));
    let later = site.write("later.csv", &movements_csv(MOVEMENTS + 1, 5));
    assert_eq!(site.run(&["submit", "--rate", "0", text(&later)]).code, Some(0));
    let all = MOVEMENTS + 5;
    assert_eq!(site.stored().requests, all as u64);
    restore(&site, &backup);
    for arguments in [
        &["retry"][..],
        &["retry", "--resend-uncertain"],
        &["submit", text(&later)],
        &["resolve", "T-000001", "--withdraw"],
    ] {
        assert_says(&site.run(arguments), 2, &BEHIND);
    }
    assert_eq!(site.run(&["status"]).code, Some(0), "looking is free");
    let ran = site.run(&["submit", "--after-restore", text(&later)]);
    assert_says(&ran, 5, &["may have been sent since the backup"]);
    assert_eq!(count(&site, "uncertain"), all);
    // Not even by the policy that sends uncertain ones again.
    let ran = site.run(&["retry", "--uncertain", "resend"]);
    assert_eq!(ran.code, Some(0), "nothing to work on: {ran:?}");
    assert_eq!(count(&site, "uncertain"), all);
    let stored = site.stored();
    assert_eq!(stored.requests, all as u64, "sent again");
    for movement in &stored.movements {
        let reference = movement.your_unique_reference.as_deref().expect("a reference");
        let id = movement.waste_tracking_id.as_deref().expect("an ID");
        let ran = site.run(&["resolve", reference, "--accepted", id]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    assert_eq!(count(&site, "accepted"), all);
    let everything = site.run(&["list", "--reference", "T-000001"]);
    assert!(everything.out.contains("decided after-restore"), "{}", everything.out);
    assert_eq!(site.run(&["retry"]).code, Some(0));
    site.close();
}

/// However little was sent since, and whatever was being done when the backup was made.
#[test]
fn one_claim_after_the_backup_is_enough() {
    let site = waiting(MOVEMENTS);
    site.set_faults(&["slow,delay=300ms"]);
    let mut command = site.command(&["retry"]);
    command.args(PACE).stdout(Stdio::null()).stderr(Stdio::null());
    let mut run = command.spawn().expect("it starts");
    site.until_requests(1);
    let mut other = connect(&site);
    let copy = site.path("hot.sqlite");
    execute(&site, &mut other, &format!("VACUUM INTO '{}'", text(&copy)));
    // Closed before the run ends, whose own end then leaves everything in the one file.
    site.runtime.block_on(other.close()).expect("closed");
    assert_eq!(run.wait().expect("it ends").code(), Some(0));
    let newest = back_up(&site);
    restore(&site, &std::fs::read(&copy).expect("the backup"));
    assert_says(&site.run(&["retry"]), 2, &BEHIND);
    // The newer one is put back: it is whole, and one more movement makes a backup of it old.
    restore(&site, &newest);
    assert_eq!(site.run(&["retry"]).code, Some(0));
    let backup = back_up(&site);
    site.set_faults(&[]);
    let later = site.write("later.csv", &movements_csv(MOVEMENTS + 1, 1));
    assert_eq!(site.run(&["submit", text(&later)]).code, Some(0));
    restore(&site, &backup);
    assert_says(&site.run(&["retry"]), 2, &["it lacks 1 claims"]);
    assert_eq!(site.stored().requests, MOVEMENTS as u64 + 1);
    site.leave();
}

/// A backup after which nothing was sent or decided is as good as the ledger.
#[test]
fn a_backup_that_lacks_nothing_is_no_backup() {
    let site = waiting(MOVEMENTS);
    let backup = back_up(&site);
    let mut command = site.command(&["retry"]);
    command.env("WASTE_RECEIPTS_CLIENT_SECRET", "not-the-secret");
    assert_eq!(command.output().expect("it starts").status.code(), Some(6));
    restore(&site, &backup);
    assert_eq!(site.run(&["retry", "--rate", "0"]).code, Some(0));
    site.close();
}

#[test]
fn on_another_machine_it_is_said_once() {
    let site = waiting(3);
    assert_eq!(site.run(&["retry"]).code, Some(0));
    let mut said = Vec::new();
    for _ in 0..2 {
        let mut command = site.command(&["retry"]);
        for name in ["HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "LOCALAPPDATA"] {
            command.env(name, site.path("another-home"));
        }
        let ran = Ran::from(command.output().expect("it starts"));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        said.push(ran.err.contains("Nothing tells whether this ledger is the newest"));
    }
    // Windows asks no variable where a user's folders are: there it is the same machine.
    assert_eq!(said, if cfg!(windows) { [false, false] } else { [true, false] });
    site.close();
}
