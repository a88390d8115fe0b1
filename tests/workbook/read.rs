//! What the reader makes of bytes, in texts that can be compared.

use std::io::Cursor;

use waste_receipts::finding::{Finding, Place};
use waste_receipts::reader::{Defaults, Format, Reader};

/// A record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) json: String,
    pub(crate) id: Option<String>,
    pub(crate) line: u64,
    pub(crate) readable: bool,
    /// Where, key and message of each finding; advice begins with `note: `.
    pub(crate) said: Vec<String>,
    /// Where, name and what of each repair.
    pub(crate) repaired: Vec<String>,
}

/// Reads a workbook.
pub(crate) fn workbook(bytes: Vec<u8>) -> Result<Vec<Seen>, String> {
    read(bytes, Format::Workbook)
}

/// Reads a file.
pub(crate) fn read(bytes: Vec<u8>, format: Format) -> Result<Vec<Seen>, String> {
    let defaults = Defaults { api_code: Some("code".to_owned()), ..Defaults::default() };
    let reader = Reader::new(Cursor::new(bytes), format, "file", defaults);
    let mut reader = reader.map_err(|error| error.to_string())?;
    let mut seen = Vec::new();
    while let Some(record) = reader.next_record().map_err(|error| error.to_string())? {
        let json = String::from_utf8(record.movement.to_json()).expect("JSON");
        let repaired = record.repairs.iter().map(|repair| {
            format!("{} {} {}>{}", at(&repair.place), repair.kind.name(), repair.from, repair.to)
        });
        seen.push(Seen {
            json,
            id: record.movement.waste_tracking_id.clone(),
            line: record.line,
            readable: record.readable,
            said: record.findings.iter().map(told).collect(),
            repaired: repaired.collect(),
        });
    }
    Ok(seen)
}

fn told(finding: &Finding) -> String {
    let note = if finding.severity.stops() { "" } else { "note: " };
    let place = finding.place.as_ref().map(at).unwrap_or_default();
    format!("{note}{place} {} {}", finding.key, finding.message)
}

/// A place in short: the sheet's number, and the cell.
fn at(place: &Place) -> String {
    let sheet = place.sheet.as_deref().unwrap_or_default();
    let number: String = sheet.chars().take_while(char::is_ascii_digit).collect();
    format!("{number}!{}", place.cell().unwrap_or_else(|| place.line.to_string()))
}

/// The only record of a workbook.
pub(crate) fn one(bytes: Vec<u8>) -> Seen {
    let mut seen = workbook(bytes).expect("a workbook");
    assert_eq!(seen.len(), 1, "{seen:?}");
    seen.remove(0)
}

/// What a member of the body is, as JSON.
pub(crate) fn member(seen: &Seen, pointer: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(&seen.json).expect("JSON");
    body.pointer(pointer).map(ToString::to_string).unwrap_or_default()
}
