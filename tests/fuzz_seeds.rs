//! The seeds of the fuzzing, and what it found, read by the ordinary tests: see tests/fuzz.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use waste_receipts::reader::{Defaults, Format, Profile, Reader, Repairs};

#[path = "support/parts.rs"]
mod parts;
#[path = "support/pieces.rs"]
mod pieces;

fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds").join(target);
    let entries =
        std::fs::read_dir(folder).expect("seeds").map(|entry| entry.expect("a seed").path());
    let read = |path: std::path::PathBuf| {
        let bytes = std::fs::read(&path).expect("a seed");
        (path.display().to_string(), bytes)
    };
    entries.map(read).collect()
}

/// Reads all of it; gives how many records there were.
fn read(bytes: &[u8], profile: Option<Arc<Profile>>, repairs: Repairs) -> u64 {
    let defaults = Defaults { profile, repairs, ..Defaults::default() };
    let source = Cursor::new(bytes.to_vec());
    let Ok(mut reader) = Reader::new(source, Format::Csv, "seed", defaults) else { return 0 };
    while let Ok(Some(record)) = reader.next_record() {
        assert!(record.line > 0 && !record.raw().is_empty());
    }
    reader.records()
}

#[test]
fn seeds_of_csv_are_read_without_a_panic() {
    let sample = include_str!("../samples/weighbridge-a.toml");
    let profile = Arc::new(Profile::parse(sample, "sample").expect("a profile"));
    let mut records = 0;
    for (_, bytes) in seeds("csv") {
        for repairs in [Repairs::ALL, Repairs::NONE] {
            records += read(&bytes, None, repairs);
            records += read(&bytes, Some(profile.clone()), repairs);
        }
    }
    assert!(records > 5, "{records}");
}

#[test]
fn seeds_of_workbooks_are_read_without_a_panic() {
    let mut whole = 0;
    for (_, bytes) in seeds("workbook") {
        for repairs in [Repairs::ALL, Repairs::NONE] {
            let defaults = Defaults { repairs, ..Defaults::default() };
            let source = Cursor::new(pieces::workbook(&bytes));
            let Ok(mut reader) = Reader::new(source, Format::Workbook, "seed", defaults) else {
                continue;
            };
            whole += 1;
            while let Ok(Some(record)) = reader.next_record() {
                assert!(record.line > 0);
            }
        }
    }
    assert!(whole >= 2, "{whole}");
}

#[test]
fn seeds_of_profiles_are_read_without_a_panic() {
    let mut whole = 0;
    for (_, bytes) in seeds("profile") {
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(profile) = Profile::parse(&text, "seed") {
            whole += 1;
            read(b"Ticket No,EWC\n1,170904\n", Some(Arc::new(profile)), Repairs::ALL);
        }
    }
    assert!(whole >= 3, "{whole}");
}
