//! Any bytes as a CSV file, with our own columns and by a profile.

#![no_main]

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use waste_receipts::reader::{Defaults, Format, Profile, Reader, Repairs};

static PROFILE: LazyLock<Arc<Profile>> = LazyLock::new(|| {
    let text = include_str!("../../../samples/weighbridge-a.toml");
    Arc::new(Profile::parse(text, "profile").expect("the sample is a profile"))
});

fuzz_target!(|bytes: &[u8]| {
    for (profile, repairs) in [
        (None, Repairs::ALL),
        (None, Repairs::NONE),
        (Some(PROFILE.clone()), Repairs::ALL),
    ] {
        let defaults = Defaults { profile, repairs, ..Defaults::default() };
        let source = Cursor::new(bytes.to_vec());
        let Ok(mut reader) = Reader::new(source, Format::Csv, "fuzz", defaults) else { continue };
        while let Ok(Some(record)) = reader.next_record() {
            let _ = (record.movement.to_json(), record.raw().len());
        }
        let _ = (reader.repaired().to_string(), reader.layout().header.len());
    }
});
