//! How long it takes to check a movement, and to read and check a row.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use waste_receipts::calendar::Duty;
use waste_receipts::intake::{Checks, Judge, Policy};
use waste_receipts::reader::{Defaults, Format, Reader};
use waste_receipts::reference::Codes;
use waste_receipts::{checks, json};

const API_CODE: &str = "1f83215e-4b90-4785-9ab2-2614839aa2e9";
const SAMPLES: &str = include_str!("../samples/movements.csv");
const BODIES: &str = include_str!("../samples/movements.jsonl");
const ROWS: usize = 1_000;
const MINIMAL: &str = r#"{"apiCode":"1f83215e-4b90-4785-9ab2-2614839aa2e9","dateTimeReceived":"2026-10-05T07:22:00Z","yourUniqueReference":"A-1","wasteItems":[{"ewcCodes":["170802"],"wasteDescription":"Offcuts","physicalForm":"Solid","numberOfContainers":1,"typeOfContainers":"SKI","weight":{"metric":"Tonnes","amount":1.6,"isEstimate":false},"containsPops":false,"containsHazardous":false}],"carrier":{"registrationNumber":"CBDU00562","organisationName":"Skips","meansOfTransport":"Rail"},"receiver":{"siteName":"Larkmoor","authorisationNumber":"EPR/QV1001LM"},"receipt":{"address":{"fullAddress":"Nettle Lane","postcode":"QV7 3LD"}}}"#;

/// The longest of the samples.
fn full() -> String {
    let longest = BODIES.lines().max_by_key(|line| line.len()).expect("samples");
    longest.replacen('{', &format!("{{\"apiCode\":\"{API_CODE}\","), 1)
}

/// Movements of one row and 44 columns, each with a reference and a time of its own: the single
/// rows of the samples, one after the other.
fn file() -> String {
    let mut lines = SAMPLES.lines();
    let header = lines.next().expect("a header");
    let rows: Vec<&str> = lines.collect();
    let reference = |row: &str| row.split(',').next().map(str::to_owned);
    let single =
        |row: &&&str| rows.iter().filter(|other| reference(other) == reference(row)).count() == 1;
    let single: Vec<&&str> = rows.iter().filter(single).collect();
    let mut text = format!("{header}\n");
    for (at, row) in single.iter().cycle().enumerate().take(ROWS) {
        let (_, behind) = row.split_once(',').expect("two cells");
        let row = behind.replacen("+01:00", &format!(".{at:03}+01:00"), 1);
        let _ = writeln!(text, "A-{at},{row}");
    }
    text
}

/// The same, with two of the most frequent EWC codes mistyped.
fn with_wrong_codes() -> String {
    file().replace(",170201,", ",172001,").replace(",200301,", ",2O0301,")
}

fn policy() -> Policy {
    let now: Timestamp = "2026-10-06T12:00:00Z".parse().expect("a time");
    let (codes, duty) = (Codes::embedded(), Duty::by_rules());
    Policy { codes, duty, now, checks: Checks::Block, strict: false }
}

fn one_movement(criterion: &mut Criterion) {
    let full = full();
    let mut group = criterion.benchmark_group("movement");
    for (name, text) in [("minimal", MINIMAL), ("full", &full)] {
        let body = json::parse(text).expect("JSON");
        let codes = Codes::embedded();
        group.bench_function(format!("check {name}"), |bencher| {
            bencher.iter(|| checks::check(black_box(&body), codes));
        });
        group.bench_function(format!("advise {name}"), |bencher| {
            bencher.iter(|| checks::advise(black_box(&body), codes, policy().now));
        });
    }
    group.finish();
}

fn file_of_rows(criterion: &mut Criterion) {
    let (text, wrong) = (file(), with_wrong_codes());
    let mut group = criterion.benchmark_group("csv");
    group.throughput(Throughput::Elements(ROWS as u64));
    let open = |text: &str| {
        let defaults = Defaults { api_code: Some(API_CODE.to_owned()), ..Defaults::default() };
        let source = std::io::Cursor::new(text.to_owned().into_bytes());
        Reader::new(source, Format::Csv, "bench", defaults).expect("a file")
    };
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            let mut reader = open(&text);
            while let Some(record) = reader.next_record().expect("readable") {
                black_box(&record);
            }
        });
    });
    for (name, text) in [("read and check", &text), ("read and check wrong codes", &wrong)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let (mut reader, mut judge) = (open(text), Judge::new(policy()));
                while let Some(record) = reader.next_record().expect("readable") {
                    black_box(judge.judge(&record));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, one_movement, file_of_rows);
criterion_main!(benches);
