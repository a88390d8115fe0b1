//! Rows out of a reader into a table and back: not a byte is another.

use std::io::Cursor;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::ledger::{Layout, Origin, StoredFinding};
use crate::reader::{self, Defaults, Format, Reader, raw_rows};
use crate::submission::State;

fn finding(message: &str, line: Option<i64>) -> StoredFinding {
    StoredFinding {
        owner: 1,
        severity: "error".into(),
        key: "carrier".into(),
        error_type: "InvalidValue".into(),
        message: message.into(),
        line,
        column_number: None,
        column_name: None,
        sheet: None,
        by_api: false,
    }
}

fn outgoing(line: u64, findings: Vec<StoredFinding>) -> Outgoing {
    Outgoing {
        revision: Some(1),
        api_code: "code".into(),
        reference: Some("A1".into()),
        state: State::Invalid,
        waste_tracking_id: None,
        site: "S".into(),
        file: r"C:\loads\day.csv".into(),
        line,
        nameless_body: None,
        findings,
        origin: Origin::NotKept,
    }
}

fn kept(layout: &reader::Layout<'_>) -> Layout {
    Layout {
        format: layout.format.as_str().into(),
        encoding: layout.encoding.into(),
        delimiter: layout.delimiter.map(char::from).into_iter().collect(),
        header: layout.header.to_vec(),
        titles_at: layout.titles_at,
    }
}

fn open(bytes: &[u8], format: Format) -> Reader {
    Reader::new(Cursor::new(bytes.to_vec()), format, "test", Defaults::default()).expect("readable")
}

/// The bodies of a file, and what becomes of it when everything of it is exported.
fn exported(bytes: &[u8], format: Format, message: &str) -> (Vec<Vec<u8>>, Vec<u8>) {
    let mut reader = open(bytes, format);
    let setting = Setting::of(kept(&reader.layout()));
    let mut table = Table::begin(setting.layout(), Vec::new()).expect("memory");
    let mut bodies = Vec::new();
    while let Some(record) = reader.next_record().expect("readable") {
        bodies.push(record.movement.to_json());
        let line = record.line;
        let findings = vec![finding(message, None), finding(message, Some(line.cast_signed() + 1))];
        table.write(&outgoing(line, findings), &setting, record.raw()).expect("memory");
    }
    (bodies, table.end().expect("memory"))
}

/// An export without what was added to it.
fn stripped(bytes: &[u8], format: Format) -> Vec<u8> {
    if format == Format::JsonLines {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        return lines
            .filter(|line| !line.starts_with(b"{\"waste-receipts\":"))
            .flatten()
            .copied()
            .collect();
    }
    let reader = open(bytes, format);
    let layout = kept(&reader.layout());
    let delimiter = layout.delimiter.as_bytes()[0];
    let own = raw_rows(&layout.header[layout.titles_at..], delimiter)[0].own_columns();
    let mut out = bytes[..layout.titles_at].to_vec();
    for row in raw_rows(&bytes[layout.titles_at..], delimiter) {
        let cells =
            row.cells.iter().enumerate().filter(|(at, _)| row.is_blank || !own.contains(at));
        out.extend(cells.map(|(_, cell)| *cell).collect::<Vec<_>>().join(&delimiter));
        out.extend_from_slice(row.end);
    }
    out
}

#[test]
fn columns_stand_on_the_left_and_are_safe() {
    let text = "\u{feff}yourUniqueReference;wasteItems.wasteDescription\r\n\
                A1;\"Wood; old\"\r\nA1;Metal\r\n";
    let (_, out) = exported(text.as_bytes(), Format::Csv, "=HYPERLINK(\"x\"); wrong");
    insta::assert_snapshot!(String::from_utf8(out).expect("UTF-8"));
}

#[test]
fn a_record_of_json_has_a_line_above_it() {
    let text = "{\"yourUniqueReference\":\"A1\"}\nnot JSON\n";
    let (_, out) = exported(text.as_bytes(), Format::JsonLines, "wrong");
    let text = String::from_utf8(out).expect("UTF-8");
    assert_eq!(text.lines().count(), 4);
    assert!(text.lines().step_by(2).all(|line| line.starts_with("{\"waste-receipts\":")), "{text}");
}

#[test]
fn a_row_without_a_line_break_gets_one_when_another_follows() {
    let layout = Layout {
        format: "csv".into(),
        encoding: "UTF-16LE".into(),
        delimiter: ",".into(),
        header: "\u{feff}yourUniqueReference\r\n".as_bytes().to_vec(),
        titles_at: 3,
    };
    let setting = Setting::of(layout);
    let mut table = Table::begin(setting.layout(), Vec::new()).expect("memory");
    for line in [2, 9] {
        table.write(&outgoing(line, Vec::new()), &setting, b"A1").expect("memory");
    }
    let out = table.end().expect("memory");
    assert!(out.starts_with(b"\xff\xfew\0a\0"), "{out:?}");
    let units: Vec<u16> =
        out.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
    let text = String::from_utf16(&units).expect("UTF-16");
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1], ",invalid,,day.csv line 2,A1");
}

fn cells() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z0-9é=+@-]{0,6}",
        1 => "[a-z,;\"\t]{1,4}".prop_map(|text| format!("\"{}\"", text.replace('"', "\"\""))),
        1 => Just("\"two\r\nlines\"".to_owned()),
        1 => Just("\"a\"b".to_owned()),
    ]
}

/// Files as people have them: short rows, long rows, blank rows, rows of one movement.
fn files() -> impl Strategy<Value = Vec<u8>> {
    let rows = vec(("[A-C]?", vec(cells(), 0..5)), 1..8);
    let ends = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    let delimiters = prop_oneof![Just(","), Just(";"), Just("\t")];
    (rows, ends, delimiters, any::<bool>(), any::<bool>(), any::<bool>(), 0..4_usize).prop_map(
        |(rows, end, delimiter, marked, last_end, own, blank)| {
            let mut titles = vec!["yourUniqueReference", "apiCode", "wasteItems.ewcCodes"];
            if own {
                titles.insert(1, "waste-receipts:errors");
            }
            let mut text = String::from(if marked { "\u{feff}" } else { "" });
            text.push_str(&titles.join(delimiter));
            text.push_str(end);
            for (at, (reference, cells)) in rows.iter().enumerate() {
                if at == blank {
                    text.push_str(&delimiter.repeat(2));
                    text.push_str(end);
                }
                let cells = cells.iter().map(String::as_str);
                let cells: Vec<&str> = [reference.as_str()].into_iter().chain(cells).collect();
                text.push_str(&cells.join(delimiter));
                text.push_str(end);
            }
            if !last_end {
                text.truncate(text.len() - end.len());
            }
            text.into_bytes()
        },
    )
}

proptest! {
    #[test]
    fn rows_come_back_byte_by_byte(bytes in files(), message in r"\PC{0,12}") {
        let mut reader = open(&bytes, Format::Csv);
        if reader.next_record().is_err() {
            return Ok(());
        }
        let titles_at = reader.layout().titles_at;
        let (bodies, out) = exported(&bytes, Format::Csv, &message);
        let (again, twice) = exported(&out, Format::Csv, &message);
        prop_assert_eq!(&again, &bodies, "{}", String::from_utf8_lossy(&out));
        // What was ours when the file came is gone; the rest is what it was.
        let own = raw_rows(&bytes[titles_at..], reader.layout().delimiter.unwrap_or(b','))[0].own_columns();
        if own.is_empty() {
            let kept = without_outer_blanks(&bytes, &reader);
            prop_assert_eq!(stripped(&out, Format::Csv), kept, "{}", String::from_utf8_lossy(&out));
        }
        // Nothing is added twice; only line numbers are others.
        let columns = |bytes: &[u8]| open(bytes, Format::Csv).layout().header.to_vec();
        prop_assert_eq!(columns(&out), columns(&twice));
        prop_assert_eq!(stripped(&out, Format::Csv), stripped(&twice, Format::Csv));
    }

    #[test]
    fn lines_come_back_byte_by_byte(
        lines in vec(r#"(\{"yourUniqueReference":"[A-C]"\}|\[1\]|"x"|nothing|\{"waste-receipts":1,"a":2\})"#, 1..6),
        end in prop_oneof![Just("\n"), Just("\r\n")],
        message in r"\PC{0,12}",
    ) {
        let bytes = (lines.join(end) + end).into_bytes();
        let (bodies, out) = exported(&bytes, Format::JsonLines, &message);
        let (again, twice) = exported(&out, Format::JsonLines, &message);
        prop_assert_eq!(&again, &bodies);
        if !lines.iter().any(|line| line.starts_with("{\"waste-receipts\":")) {
            prop_assert_eq!(stripped(&out, Format::JsonLines), bytes);
        }
        let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().count();
        prop_assert_eq!(lines(&out), lines(&twice));
    }
}

/// The bytes of a file without the blank rows between its movements, which belong to none.
fn without_outer_blanks(bytes: &[u8], reader: &Reader) -> Vec<u8> {
    let header = reader.layout().header.to_vec();
    let mut reader = open(bytes, Format::Csv);
    let mut out = header;
    while let Some(record) = reader.next_record().expect("it was read before") {
        out.extend_from_slice(record.raw());
    }
    out
}
