//! Any bytes as a workbook, and any bytes as the sheets of one that is whole.
//!
//! What begins like a file is read as it is, anything else is the insides of one: see `pieces`.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use waste_receipts::reader::{Defaults, Format, Reader, Repairs};

#[path = "../../support/parts.rs"]
mod parts;
#[path = "../../support/pieces.rs"]
mod pieces;

fuzz_target!(|bytes: &[u8]| {
    let bytes = pieces::workbook(bytes);
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
