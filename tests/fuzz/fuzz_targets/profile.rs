//! Any text as a mapping profile, and a small file read by it.

#![no_main]

use std::io::Cursor;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use waste_receipts::reader::{Defaults, Format, Profile, Reader};

const FILE: &str = "a;b;c\n1;17 09 04 - x;05/10/2026 09:20\n;;\n";

fuzz_target!(|text: &str| {
    let Ok(profile) = Profile::parse(text, "fuzz") else { return };
    let defaults = Defaults { profile: Some(Arc::new(profile)), ..Defaults::default() };
    let source = Cursor::new(FILE);
    let Ok(mut reader) = Reader::new(source, Format::Csv, "fuzz", defaults) else { return };
    while let Ok(Some(record)) = reader.next_record() {
        let _ = record.movement.to_json();
    }
});
