//! Ledgers that are held by others, damaged, cut short, newer, or something else.

use std::io::{Seek as _, SeekFrom, Write as _};

use waste_receipts::ledger::BUSY_TIMEOUT_VARIABLE;
use waste_receipts::sandbox::Options;

use crate::morning::{PACE, all_is_well_again, assert_says, connect, execute, waiting};
use crate::site::{Ran, Site, movements_csv, text};

#[test]
fn another_program_holds_the_file() {
    let site = waiting(3);
    let mut other = connect(&site);
    for hold in ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"] {
        execute(&site, &mut other, hold);
        for arguments in [&["retry"][..], &["resolve", "T-000001", "--withdraw"]] {
            let mut command = site.command(arguments);
            command.env(BUSY_TIMEOUT_VARIABLE, "50");
            let ran = Ran::from(command.output().expect("it starts"));
            assert_says(&ran, 7, &["another program holds the ledger", "run retry"]);
        }
        assert_eq!(site.stored().requests, 0);
        execute(&site, &mut other, "ROLLBACK");
    }
    all_is_well_again(site, 3);
}

/// The file is taken while requests are under way: what cannot be recorded stops the run.
#[test]
fn another_program_takes_the_file_in_the_middle() {
    const MOVEMENTS: usize = 200;
    let site = waiting(MOVEMENTS);
    let mut other = connect(&site);
    site.set_faults(&["slow,delay=100ms"]);
    let mut command = site.command(&["retry"]);
    command.args(PACE).env(BUSY_TIMEOUT_VARIABLE, "50").stderr(std::process::Stdio::piped());
    let child = command.stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    site.until_requests(20);
    execute(&site, &mut other, "PRAGMA busy_timeout = 60000");
    execute(&site, &mut other, "BEGIN IMMEDIATE");
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    assert_says(&ran, 7, &["another program holds the ledger"]);
    let sent = site.stored().requests;
    assert!(sent < MOVEMENTS as u64, "{sent}");
    execute(&site, &mut other, "ROLLBACK");
    site.set_faults(&[]);
    all_is_well_again(site, MOVEMENTS);
}

#[test]
fn damaged_pages() {
    let site = waiting(300);
    let path = site.path("ledger.sqlite");
    let whole = std::fs::read(&path).expect("the ledger");
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).expect("the ledger");
    // All but the first pages, which hold the schema's tree.
    let from = 40 * 4096;
    file.seek(SeekFrom::Start(from as u64)).expect("a place");
    file.write_all(&vec![0xa5; whole.len() - from]).expect("written");
    drop(file);
    let ran = site.run(&["retry"]);
    assert_says(&ran, 1, &["the ledger is damaged", "restore a backup"]);
    assert_eq!(site.stored().requests, 0, "sent from a damaged ledger");
    std::fs::write(&path, whole).expect("the backup");
    all_is_well_again(site, 300);
}

#[test]
fn a_ledger_that_was_cut_short() {
    let site = waiting(300);
    let path = site.path("ledger.sqlite");
    let whole = std::fs::read(&path).expect("the ledger");
    for length in [whole.len() / 2, 4096, 100] {
        std::fs::write(&path, &whole[..length]).expect("a shorter one");
        let ran = site.run(&["retry"]);
        assert!(matches!(ran.code, Some(1 | 2)), "{length}: {ran:?}");
        let said = ran.err.contains("damaged") || ran.err.contains("is not a ledger");
        assert!(said, "{length}: {ran:?}");
    }
    // Nothing of it is left: an empty ledger would send everything again.
    std::fs::write(&path, b"").expect("an empty one");
    let production = ["retry", "--environment", "production"];
    let ran = site.run(&production);
    assert_says(&ran, 2, &["ledger.sqlite"]);
    assert_eq!(std::fs::metadata(&path).expect("it is there").len(), 0, "it was filled");
    assert_eq!(site.stored().requests, 0);
    std::fs::write(&path, whole).expect("the backup");
    all_is_well_again(site, 300);
}

#[test]
fn a_ledger_of_a_newer_version() {
    let site = waiting(3);
    let mut other = connect(&site);
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
                 execution_time) VALUES (99999999, 'later', 1, x'00', 0)";
    execute(&site, &mut other, newer);
    for arguments in [&["retry"][..], &["status"], &["resolve", "T-000001", "--withdraw"]] {
        let ran = site.run(arguments);
        assert_says(&ran, 2, &["newer version", "nothing was changed"]);
    }
    assert_eq!(site.stored().requests, 0);
    execute(&site, &mut other, "DELETE FROM _sqlx_migrations WHERE version = 99999999");
    all_is_well_again(site, 3);
}

#[test]
fn the_database_of_another_program() {
    let site = Site::new(Options::default());
    let file = site.write("movements.csv", &movements_csv(1, 3));
    std::fs::write(site.path("ledger.sqlite"), b"").expect("a file");
    let mut other = connect(&site);
    execute(&site, &mut other, "CREATE TABLE album (title TEXT)");
    let before = std::fs::read(site.path("ledger.sqlite")).expect("the file");
    let ran = site.run(&["submit", text(&file)]);
    assert_says(&ran, 2, &["the database of another program"]);
    let after = std::fs::read(site.path("ledger.sqlite")).expect("the file");
    assert!(before == after, "it was changed");
    assert_eq!(site.stored().requests, 0);
    site.leave();
}
