//! Awkward files: each in tests/files with what comes of it beside it, in a file of the same name
//! with `.expected` behind. A profile of the same name with `.toml` behind is used for it.
//!
//! After a change that is meant, write them anew with `UPDATE_FILES=1 cargo test --test files`, and
//! read what changed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use waste_receipts::reader::{Defaults, Profile, ReadError, Reader};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files")
}

/// The files to be read.
fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).expect("the folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.is_file())
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            // Workbooks are read by tests/workbook.
            matches!(extension, Some("csv" | "txt" | "tsv" | "jsonl"))
        })
        .collect();
    files.sort();
    files
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.file_name().expect("a name").to_owned();
    name.push(extension);
    path.with_file_name(name)
}

/// All that is read of a file, in words.
fn outcome(path: &Path) -> String {
    let mut out = String::new();
    if let Err(error) = read(path, &mut out) {
        let problem = error.problem.to_string();
        let _ = writeln!(out, "refused: {problem}");
    }
    out
}

fn read(path: &Path, out: &mut String) -> Result<(), ReadError> {
    let profile = beside(path, ".toml");
    let profile = profile.is_file().then(|| Arc::new(Profile::open(&profile).expect("a profile")));
    let api_code = Some("1f83215e-4b90-4785-9ab2-2614839aa2e9".to_owned());
    let mut reader =
        Reader::open(path, None, Defaults { api_code, profile, ..Defaults::default() })?;
    while let Some(record) = reader.next_record()? {
        let json = String::from_utf8_lossy(&record.movement.to_json()).into_owned();
        let json = json.replace(r#""apiCode":"1f83215e-4b90-4785-9ab2-2614839aa2e9","#, "");
        let _ = writeln!(out, "line {}: {json}", record.line);
        for finding in &record.findings {
            let place = finding.place.as_ref().expect("a place");
            let at = match (place.cell(), place.column) {
                (Some(cell), _) => cell,
                (None, Some(column)) => format!("{}:{column}", place.line),
                (None, None) => place.line.to_string(),
            };
            let _ = writeln!(out, "  ! {at} {}: {}", finding.key, finding.message);
        }
        if let Some(first) = record.repeats {
            let _ = writeln!(out, "  ! the same as line {first}");
        }
    }
    for (kind, count, first) in reader.repaired().entries() {
        let _ = writeln!(out, "repaired {count} x {}: {}", kind.name(), first.message());
    }
    Ok(())
}

/// The lines that differ.
fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<&str>, Vec<&str>) =
        (expected.lines().collect(), found.lines().collect());
    let mut out = String::new();
    for at in 0..expected.len().max(found.len()) {
        let (wanted, got) = (expected.get(at), found.get(at));
        if wanted != got {
            let _ = writeln!(out, "  - {}\n  + {}", wanted.unwrap_or(&""), got.unwrap_or(&""));
        }
    }
    out
}

#[test]
fn every_awkward_file_has_its_outcome() {
    let mut wrong = String::new();
    for path in files() {
        let found = outcome(&path);
        let expectation = beside(&path, ".expected");
        if std::env::var_os("UPDATE_FILES").is_some() {
            std::fs::write(&expectation, &found).expect("written");
            continue;
        }
        let expected = std::fs::read_to_string(&expectation).unwrap_or_default();
        let expected = expected.replace("\r\n", "\n");
        if expected != found {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let _ = writeln!(wrong, "{name}\n{}", difference(&expected, &found));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn there_are_enough_of_them_and_none_is_forgotten() {
    let files = files();
    assert!(files.len() >= 40, "{}", files.len());
    for path in &files {
        assert!(beside(path, ".expected").is_file(), "{} has no outcome", path.display());
    }
    let entries = std::fs::read_dir(folder()).expect("the folder");
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.extension().is_some_and(|extension| extension == "expected" || extension == "toml")
        {
            assert!(path.with_extension("").is_file(), "{} has no file", path.display());
        }
    }
}
