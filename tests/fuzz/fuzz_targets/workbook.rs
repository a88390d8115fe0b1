//! Any bytes as a workbook, and any bytes as the sheets of one that is whole.
//!
//! What begins like a file is read as it is. Anything else is the insides of a template, apart at
//! U+001E: the workbook's own part, the rows of both sheets, the shared texts, the styles. Bytes of
//! an archive teach a fuzzer little: what is wrong with them is found before a sheet is.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use waste_receipts::reader::{Defaults, Format, Reader, Repairs};

#[path = "../../support/parts.rs"]
mod parts;

use parts::Parts;

fn workbook(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(b"PK") || bytes.starts_with(&[0xd0, 0xcf]) {
        return bytes.to_vec();
    }
    let text = String::from_utf8_lossy(bytes);
    let mut pieces = text.split('\u{1e}');
    let mut piece = || pieces.next().unwrap_or_default();
    let mut parts = Parts::new(piece(), piece(), piece());
    for name in ["xl/sharedStrings.xml", "xl/styles.xml"] {
        let part = piece();
        if !part.is_empty() {
            parts = parts.with(name, part);
        }
    }
    parts.bytes()
}

fuzz_target!(|bytes: &[u8]| {
    let bytes = workbook(bytes);
    for repairs in [Repairs::ALL, Repairs::NONE] {
        let defaults = Defaults { repairs, ..Defaults::default() };
        let source = Cursor::new(bytes.clone());
        let Ok(mut reader) = Reader::new(source, Format::Workbook, "fuzz", defaults) else { return };
        while let Ok(Some(record)) = reader.next_record() {
            let _ = (record.movement.to_json(), record.raw().len(), record.findings.len());
        }
        let _ = reader.repaired().to_string();
    }
});
