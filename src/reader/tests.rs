//! Whole files through the reader.

mod damaged;

use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::finding::{ErrorType, Finding, Severity};

/// What is left of a record once the reader has moved on.
#[derive(Debug, PartialEq)]
struct Seen {
    json: String,
    line: u64,
    readable: bool,
    said: Vec<String>,
    repaired: usize,
    repeats: Option<u64>,
    tracking_id: Option<String>,
    raw: Vec<u8>,
}

fn reader(format: Format, bytes: &[u8]) -> Result<Reader, ReadError> {
    let defaults = Defaults { api_code: Some("code".into()), ..Defaults::default() };
    Reader::new(Cursor::new(bytes.to_vec()), format, "file", defaults)
}

fn told(finding: &Finding) -> String {
    let place = finding.place.as_ref().expect("the reader knows the place");
    let column = place.column.map_or("-".into(), |column| column.to_string());
    format!("{}:{column} {} {} {}", place.line, finding.key, finding.error_type, finding.message)
}

fn read(format: Format, bytes: &[u8]) -> Result<Vec<Seen>, String> {
    let mut reader = reader(format, bytes).map_err(|error| error.to_string())?;
    let mut all = Vec::new();
    while let Some(record) = reader.next_record().map_err(|error| error.to_string())? {
        all.push(Seen {
            json: String::from_utf8(record.movement.to_json()).expect("JSON is UTF-8"),
            line: record.line,
            readable: record.readable,
            said: record.findings.iter().map(told).collect(),
            repaired: record.repairs.len(),
            repeats: record.repeats,
            tracking_id: record.movement.waste_tracking_id.clone(),
            raw: record.raw().to_vec(),
        });
    }
    Ok(all)
}

fn csv(text: &str) -> Vec<Seen> {
    read(Format::Csv, text.as_bytes()).expect("readable")
}

fn refused(bytes: &[u8]) -> String {
    read(Format::Csv, bytes).expect_err("must be refused")
}

const HEADER: &str = "yourUniqueReference,carrier.organisationName,carrier.registrationNumber,carrier.reasonForNoRegistrationNumber,wasteItems.ewcCodes,wasteItems.weight.amount";

fn rows(rows: &str) -> Vec<Seen> {
    csv(&format!("{HEADER}\n{rows}"))
}

#[test]
fn rows_with_one_reference_are_one_movement() {
    let seen = rows("A1,Fenwick,CBDU1,,170201,3.50\nA1,,,,150103,\n A1 ,Fenwick,,,,1\nA2,,,,,\n");
    assert_eq!(
        seen[0].json,
        r#"{"apiCode":"code","yourUniqueReference":"A1","wasteItems":[{"ewcCodes":["170201"],"weight":{"amount":3.5}},{"ewcCodes":["150103"]},{"weight":{"amount":1}}],"carrier":{"registrationNumber":"CBDU1","organisationName":"Fenwick"}}"#
    );
    assert_eq!((seen[0].line, seen[1].line, seen.len()), (2, 5, 2));
    assert_eq!(seen[0].raw, b"A1,Fenwick,CBDU1,,170201,3.50\nA1,,,,150103,\n A1 ,Fenwick,,,,1\n");
    assert_eq!(seen[1].json, r#"{"apiCode":"code","yourUniqueReference":"A2"}"#);
    assert!(seen.iter().all(|record| record.said.is_empty()));
}

#[test]
fn a_reason_stands_in_for_a_registration() {
    let seen = rows("A1,,,HOUSEHOLD,,\nA2,,CBDU1,household,,\n");
    assert!(seen[0].json.ends_with(
        r#""carrier":{"registrationNumber":null,"reasonForNoRegistrationNumber":"HOUSEHOLD"}}"#
    ));
    assert!(seen[1].json.ends_with(
        r#""carrier":{"registrationNumber":"CBDU1","reasonForNoRegistrationNumber":"HOUSEHOLD"}}"#
    ));
    let without = csv("yourUniqueReference,carrier.reasonForNoRegistrationNumber\nA1,ON_SITE\n");
    assert!(without[0].json.contains(r#""registrationNumber":null"#));
}

#[test]
fn a_later_row_may_not_contradict_the_first() {
    let seen = rows("A1,Fenwick,,,,1\nA1,Harrow,CBDU1,,,2\n");
    assert_eq!(seen.len(), 1);
    assert!(seen[0].said[0].starts_with("3:2 carrier.organisationName BusinessRuleViolation line 3 says `Harrow` where line 2, the first row of the same movement, says `Fenwick`"), "{:?}", seen[0].said);
    assert!(seen[0].said[1].starts_with("3:3 carrier.registrationNumber"));
}

#[test]
fn a_row_without_a_usable_reference_stands_alone() {
    let seen =
        rows("A1,,,,170201,1\n,,,,150103,1\n,,,,150104,1\n3.14E+05,,,,1,1\n3.14E+05,,,,1,1\n");
    assert_eq!(seen.len(), 5);
    assert!(seen[1].said[0].starts_with("3:1 yourUniqueReference NotProvided"));
    assert!(seen[3].said[0].contains("Excel"), "{:?}", seen[3].said);
    assert!(!seen[3].json.contains("yourUniqueReference"));
    assert!(seen.iter().all(|record| record.repeats.is_none()));
}

#[test]
fn a_reference_that_comes_back_is_marked() {
    let seen = rows("A1,,,,,1\nA2,,,,,1\nA1,,,,,1\n");
    assert_eq!(seen.iter().map(|s| s.repeats).collect::<Vec<_>>(), [None, None, Some(2)]);
    let header = "yourUniqueReference,receiver.authorisationNumber";
    let sites = csv(&format!("{header}\nA1,P\nA2,P\nA1,Q\nA2,EPR/p\n"));
    assert_eq!(sites.iter().map(|s| s.repeats).collect::<Vec<_>>(), [None, None, None, Some(3)]);
}

#[test]
fn line_ends_byte_order_marks_delimiters_and_empty_rows_do_not_matter() {
    let plain = "yourUniqueReference,wasteItems.wasteDescription\nA1,\"x\n\"\"y\"\"\"\n\n,\nA2,z\n";
    let expected = csv(plain);
    assert_eq!(
        expected[0].json,
        r#"{"apiCode":"code","yourUniqueReference":"A1","wasteItems":[{"wasteDescription":"x\n\"y\""}]}"#
    );
    assert_eq!(expected.iter().map(|s| s.line).collect::<Vec<_>>(), [2, 6]);
    let bodies = |text: &str| -> Vec<(String, u64)> {
        csv(text)
            .into_iter()
            .map(|s| (s.json.replace("\\r\\n", "\\n").replace("\\r", "\\n"), s.line))
            .collect()
    };
    let wanted = bodies(plain);
    for text in [
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        format!("\u{feff}{plain}"),
        plain.replace(',', ";"),
        plain.replace(',', "\t"),
        plain.trim_end().to_owned(),
    ] {
        assert_eq!(bodies(&text), wanted, "{text:?}");
    }
}

#[test]
fn titles_in_any_case_and_columns_of_ours_are_taken() {
    let seen =
        csv("YOURUNIQUEREFERENCE , APICODE,waste-receipts:errors,,\nA1,own,\"so, wrong\",,\n");
    assert_eq!(seen[0].json, r#"{"apiCode":"own","yourUniqueReference":"A1"}"#);
    assert!(seen[0].said.is_empty(), "{:?}", seen[0].said);
    let correction = csv("wasteTrackingId,yourUniqueReference\n26BHUT6U,A1\n");
    assert_eq!(correction[0].tracking_id.as_deref(), Some("26BHUT6U"));
    assert!(!correction[0].json.contains("26BHUT6U"));
}

#[test]
fn a_row_of_the_wrong_shape_is_named() {
    let seen = rows("A1,a,b\nA2,,,,170201,1,,\nA3,Smith, Jones,CBDU1,,170201,1\nA4,\"a\"b,,,,x\n");
    let key = "ReceiveMovementRequest InvalidFormat this row is too";
    assert!(seen[0].said[0].starts_with(&format!("2:4 {key} short: it has 3 fields")));
    assert!(seen[1].readable && seen[1].said.is_empty());
    assert!(seen[2].said[0].starts_with(&format!("4:7 {key} long: `1` stands in field 7")));
    assert!(seen[3].said[0].starts_with("5:2 ReceiveMovementRequest"), "{:?}", seen[3].said);
    assert!(seen[3].said.len() == 1 && !seen[3].readable);
    let endless = rows(&format!("{}x\nA2,,,,,\n", ",".repeat(30_000)));
    assert!(endless[0].said[0].contains("it goes on behind field"), "{:?}", endless[0].said);
    assert!(endless.len() == 2 && endless[1].said.is_empty());
}

#[test]
fn what_cannot_be_read_at_all_is_refused_with_a_remedy() {
    for (bytes, words) in [
        (&b""[..], "file: it is empty"),
        (b"\xef\xbb\xbf\r\n", "it is empty"),
        (b"\n,,\n", "it is empty"),
        (b"yourUniqueReference\r\n", "no rows below"),
        (b"\xff\xfey\0o\0", "`yo` is not known"),
        (b"\xff\xfey\0o\0\x00\xd8\n\0", "line 1 holds half a character of UTF-16"),
        (b"your\0UniqueReference\nA1\n", "not a text file"),
        (
            b"yourUniqueReference\nA1\n\xc3\xa9\n\nA\xa3\nA3\n",
            "line 5 is not UTF-8 text, and a line above it is",
        ),
        (
            b"yourUniqueReference\nA1\n\xa3\n\xc3\xa9\nA3\n",
            "line 4 is UTF-8 text, and a line above it is CP1252",
        ),
        (b"yourUniqueReference\nA1\n\xa3\nA\x81\n", "line 4 holds a byte that is no character"),
        (b"yourUniqueReference\nA1\n\"A\n\nB\nA2", "line 3: a text begins with a double quote"),
        (b"apiCode\nA1", "no column `yourUniqueReference`"),
        (b"yourUniqueReference;colour\nA1;x", "column 2 `colour` is not known"),
        (b"Ticket\xa3\nA1", "column 1 `Ticket\u{a3}` is not known"),
    ] {
        let problem = refused(bytes);
        assert!(problem.contains(words), "{problem}");
    }
    let many = format!("yourUniqueReference\n{}", "A1\n".repeat(10_001));
    assert!(refused(many.as_bytes()).contains("the rows from here on all have the reference `A1`"));
    let folder = std::env::temp_dir();
    let open = |path: &Path| {
        Reader::open(path, None, Defaults::default()).err().expect("must be refused").to_string()
    };
    assert!(open(&folder).contains("this is a folder"));
    assert!(open(&folder.join("there-is-none.csv")).contains("no such file"));
    assert!(Format::of_path(Path::new("x.CSV")).is_ok_and(|format| format == Format::Csv));
    assert!(Format::of_path(Path::new("x.pdf")).is_err());
    assert_eq!("jsonl".parse(), Ok(Format::JsonLines));
}

#[test]
fn many_empty_rows_are_passed_over() {
    let gap = ",\n".repeat(200_000);
    let text = format!("yourUniqueReference,apiCode\n{gap}A1,x\n{gap}A2,x\n{gap}");
    let seen = csv(&text);
    assert_eq!(seen.iter().map(|s| s.line).collect::<Vec<_>>(), [200_002, 400_003]);
    assert!(seen.iter().all(|record| record.raw.len() == 5));
}

#[test]
fn a_finding_of_the_checks_gets_its_place_and_is_not_said_twice() {
    let text = "yourUniqueReference,wasteItems.weight.amount,wasteItems.disposalOrRecoveryCodes\nA1,1,\nA1,x,R1\nA1,,\nA1,,R1 = 1 = t = Actual\n";
    let mut reader = reader(Format::Csv, text.as_bytes()).expect("readable");
    assert!(reader.header_bytes().ends_with(b"Codes\n"));
    let record = reader.next_record().expect("readable").expect("one");
    let found = |key: &str| Finding::new(Severity::Error, key, ErrorType::InvalidType, "");
    let all = record.with_checks(vec![
        found("wasteItems.1.weight.amount"),
        found("wasteItems.1.disposalOrRecoveryCodes.0.weight"),
        found("wasteItems.1.weight"),
        found("wasteItems.2.disposalOrRecoveryCodes.0.code"),
        found("receiver"),
    ]);
    let told: Vec<String> = all.iter().skip(2).map(told).collect();
    assert_eq!(
        told,
        [
            "3:2 wasteItems.1.weight InvalidType ",
            "5:3 wasteItems.2.disposalOrRecoveryCodes.0.code InvalidType ",
            "2:- receiver InvalidType ",
        ]
    );
}

#[test]
fn json_lines_are_read_and_bad_ones_named() {
    let text = "\u{feff}{\"wasteTrackingId\":\"26BHUT6U\",\"wasteItems\":[],\"yourUniqueReference\":\"A1\"}\r\n\n  \n{\"apiCode\":\"x\",}\n{\"yourUniqueReference\":\"é\",\"apiCode\":null}\r[]\n{\"wasteTrackingId\":5}";
    let mut bytes = text.as_bytes().to_vec();
    bytes.extend_from_slice(b"\n{\"a\":\"\xc3\xa9\xff\"}");
    let seen = read(Format::JsonLines, &bytes).expect("readable");
    assert_eq!(seen.iter().map(|s| s.line).collect::<Vec<_>>(), [1, 4, 5, 6, 7, 8]);
    assert_eq!(seen[0].json, r#"{"apiCode":"code","yourUniqueReference":"A1","wasteItems":[]}"#);
    assert_eq!(seen[0].tracking_id.as_deref(), Some("26BHUT6U"));
    assert!(seen[0].raw.ends_with(b"}\r\n"));
    assert!(
        seen[1].said[0]
            .starts_with("4:16 ReceiveMovementRequest InvalidFormat this line is not JSON"),
        "{:?}",
        seen[1].said
    );
    assert_eq!(seen[2].json, r#"{"apiCode":null,"yourUniqueReference":"é"}"#);
    assert!(seen[3].readable && seen[3].json == "[]");
    assert_eq!(seen[4].said.len(), 2, "{:?}", seen[4].said);
    assert!(
        seen[5].said[0]
            .starts_with("8:8 ReceiveMovementRequest InvalidFormat this line is not UTF-8")
    );
    assert_eq!(read(Format::JsonLines, b" \n"), Err("file: it is empty".into()));
}

#[test]
fn a_place_in_a_line_is_a_character() {
    let text = r#"{"yourUniqueReference":"éé","wasteItems":[{"weight":{"amount":"x"}}]}"#;
    let mut reader = reader(Format::JsonLines, text.as_bytes()).expect("readable");
    let record = reader.next_record().expect("readable").expect("one");
    let place = record.place("wasteItems.0.weight.amount");
    let column = text.chars().position(|c| c == 'x').map(|at| at as u64);
    assert_eq!((place.line, place.column), (1, column));
}

#[test]
fn a_line_too_long_to_hold_is_a_record_and_the_next_is_read() {
    let long = "x".repeat(MAX_RECORD + 1);
    let text = format!("{{\"a\":\"{long}\"}}\n{{\"yourUniqueReference\":\"A1\"}}\n{long}{long}");
    let seen = read(Format::JsonLines, text.as_bytes()).expect("readable");
    assert_eq!(seen.len(), 3);
    assert!(seen[0].said[0].contains("longer than 8 MiB") && seen[0].raw.is_empty());
    assert_eq!((seen[1].line, seen[1].readable), (2, true));
    assert_eq!((seen[2].line, seen[2].readable), (3, false));
}

#[test]
fn nothing_is_lost_where_a_piece_of_the_file_ends() {
    for shift in 0..3 {
        let header = "yourUniqueReference,wasteItems.wasteDescription\r\n";
        let row = |number: u32| format!("{number},\"é\r\n\"\"\"\r\n");
        let rows: Vec<String> = (0..60_000).map(row).collect();
        let text = format!("{header}{},x\r\n{}", "A".repeat(shift + 1), rows.concat());
        let seen = csv(&text);
        assert_eq!(seen.len(), 60_001);
        assert_eq!(seen[60_000].line, 3 + 2 * 59_999);
        assert!(seen.iter().skip(1).all(|s| s.json.contains(r#""é\r\n\"""#) && s.said.is_empty()));
        let raw: Vec<u8> = seen.into_iter().flat_map(|s| s.raw).collect();
        assert!(raw == text.as_bytes()[header.len()..]);
        let lines: Vec<String> = (0..30_000).map(|n| format!("{{\"a\":{n}}}\r\n")).collect();
        let seen = read(
            Format::JsonLines,
            format!("{}\r\n{}", " ".repeat(shift), lines.concat()).as_bytes(),
        );
        let seen = seen.expect("readable");
        assert_eq!((seen.len(), seen[29_999].line), (30_000, 30_001));
        assert!(seen.iter().all(|record| record.readable));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(Format::Csv, &bytes);
        let _ = read(Format::JsonLines, &bytes);
    }

    #[test]
    fn no_rows_make_it_panic_and_none_are_lost(text in r#"[A1,;"\n\r =.xRt\t]{0,120}"#) {
        let header = "yourUniqueReference,wasteItems.ewcCodes,wasteItems.disposalOrRecoveryCodes,carrier.registrationNumber\n";
        let whole = format!("{header}{text}");
        if let Ok(seen) = read(Format::Csv, whole.as_bytes()) {
            let kept: Vec<u8> = seen.iter().flat_map(|record| record.raw.clone()).collect();
            let solid = |bytes: &[u8]| bytes.iter().filter(|b| b.is_ascii_alphanumeric()).count();
            prop_assert_eq!(solid(&kept), solid(text.as_bytes()));
        }
    }
}
