//! A night's file from a seed: the single-row movements of the samples, each with a reference and
//! a time of its own, as rows and as request bodies.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use waste_receipts::reader::{Defaults, Format, Reader};

const SAMPLES: &str = include_str!("../../samples/movements.csv");
const SEED: u64 = 1;

/// Writes both files.
pub(crate) fn write(csv: &Path, bodies: &Path, movements: u64, api_code: &str) {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut lines = SAMPLES.lines();
    let header = lines.next().expect("a header");
    // One row a movement, without line breaks inside: the rest of the reference differs.
    let rows: Vec<&str> = lines.filter(|line| is_single(line)).collect();
    let file = std::fs::File::create(csv).expect("a file");
    let mut out = BufWriter::new(file);
    writeln!(out, "{header}").expect("written");
    for number in 0..movements {
        let row = rows[random.usize(..rows.len())];
        let (_, rest) = row.split_once(',').expect("a reference");
        let (_, rest) = rest.split_once(',').expect("a time");
        let second = random.u32(..86_400);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        writeln!(out, "N-{number:07},{},{rest}", time(hour, minute, second)).expect("written");
    }
    drop(out);
    let defaults = Defaults { api_code: Some(api_code.to_owned()), ..Defaults::default() };
    let mut reader = Reader::open(csv, Some(Format::Csv), defaults).expect("readable");
    let mut out = BufWriter::new(std::fs::File::create(bodies).expect("a file"));
    while let Some(record) = reader.next_record().expect("a record") {
        out.write_all(&record.movement.to_json()).expect("written");
        out.write_all(b"\n").expect("written");
    }
}

/// Yesterday, by the clock of whoever runs this: neither late nor in the future.
fn time(hour: u32, minute: u32, second: u32) -> String {
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    let day = yesterday.strftime("%Y-%m-%d");
    format!("{day}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Whether a line of the samples is a whole movement: its reference stands in no other line.
fn is_single(line: &str) -> bool {
    let reference = line.split(',').next().unwrap_or_default();
    let begins = |other: &&str| other.split(',').next() == Some(reference);
    !reference.is_empty() && SAMPLES.lines().filter(begins).count() == 1
}
