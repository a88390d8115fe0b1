//! Awkward files, as people have them: `tests/files/` holds each with what must come of it beside
//! it (`NAME.expected`). `UPDATE_EXPECTED=1 cargo test --test files` writes the outcomes anew; read
//! the difference.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use waste_receipts::finding::{Finding, Place};
use waste_receipts::reader::{Defaults, ReadError, Reader, Record};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files")
}

fn files() -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder()).expect("a folder").map(|entry| entry.expect("one").path());
    let is_input =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension != "expected");
    let mut files: Vec<PathBuf> = entries.filter(is_input).collect();
    files.sort();
    files
}

/// What came of a file, in words.
fn outcome(path: &Path) -> String {
    let mut text = String::new();
    if let Err(error) = read(path, &mut text) {
        let _ = writeln!(text, "refused: {}", error.problem);
    }
    text
}

fn read(path: &Path, text: &mut String) -> Result<(), ReadError> {
    let api_code = Some("1f83215e-4b90-4785-9ab2-2614839aa2e9".to_owned());
    let mut reader = Reader::open(path, None, Defaults { api_code, ..Defaults::default() })?;
    while let Some(record) = reader.next_record()? {
        tell(&record, text);
    }
    let _ = writeln!(text, "{} records", reader.records());
    if !reader.repaired().is_empty() {
        let _ = writeln!(text, "{}", reader.repaired());
    }
    Ok(())
}

fn tell(record: &Record<'_>, text: &mut String) {
    let body = String::from_utf8_lossy(&record.movement.to_json()).into_owned();
    let state = if record.readable { "" } else { ", unreadable" };
    let _ = writeln!(text, "line {}{state}: {body}", record.line);
    if let Some(id) = &record.movement.waste_tracking_id {
        let _ = writeln!(text, "    corrects {id}");
    }
    for Finding { severity, key, message, place, .. } in &record.findings {
        let place = place.as_ref().map(at).unwrap_or_default();
        let _ = writeln!(text, "    {} at {place} ({key}): {message}", severity.as_str());
    }
    for repair in &record.repairs {
        let (kind, place) = (repair.kind.name(), at(&repair.place));
        let _ = writeln!(text, "    {kind} at {place} ({}): {}", repair.key, repair.message());
    }
}

fn at(place: &Place) -> String {
    let column = place.column.map(|column| format!(":{column}")).unwrap_or_default();
    place.on_sheet().unwrap_or_else(|| format!("{}{column}", place.line))
}

#[test]
fn each_file_has_its_expected_outcome() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = String::new();
    for file in files() {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let expected_at = folder().join(format!("{name}.expected"));
        let outcome = outcome(&file);
        if update {
            std::fs::write(&expected_at, outcome).expect("written");
            continue;
        }
        let expected = std::fs::read_to_string(&expected_at)
            .unwrap_or_else(|error| panic!("{}: {error}", expected_at.display()))
            .replace("\r\n", "\n");
        if outcome != expected {
            let _ = writeln!(wrong, "{name}\n--- expected\n{expected}--- came\n{outcome}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_outcome_lacks_its_file() {
    let inputs = files();
    for entry in std::fs::read_dir(folder()).expect("a folder") {
        let path = entry.expect("one").path();
        if path.extension().is_some_and(|extension| extension == "expected") {
            assert!(inputs.contains(&path.with_extension("")), "{}", path.display());
        }
    }
}
