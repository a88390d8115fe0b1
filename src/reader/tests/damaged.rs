//! Files as spreadsheets leave them.

use std::io::Cursor;

use super::super::*;
use super::{csv, reader};

/// The names and counts of what was repaired in a file, and the bodies.
fn repaired(bytes: &[u8], repairs: Repairs) -> Result<(Vec<String>, String), String> {
    let defaults = Defaults { repairs, ..Defaults::default() };
    let mut reader = Reader::new(Cursor::new(bytes.to_vec()), Format::Csv, "file", defaults)
        .map_err(|error| error.to_string())?;
    let mut bodies = String::new();
    while let Some(record) = reader.next_record().map_err(|error| error.to_string())? {
        bodies.push_str(str::from_utf8(&record.movement.to_json()).expect("UTF-8"));
        record.findings.iter().for_each(|finding| bodies.push_str(&finding.message));
    }
    let named = |(kind, count, first): (RepairKind, u64, &Repair)| {
        format!("{} {count} line {}", kind.name(), first.place.line)
    };
    Ok((reader.repaired().entries().map(named).collect(), bodies))
}

#[test]
fn repairs_of_the_file_itself_are_counted_and_can_be_turned_off() {
    let title = "yourUniqueReference,wasteItems.wasteDescription,wasteItems.weight.amount";
    let file = |rows: &str| format!("{title}\n{rows}").into_bytes();
    let wide = format!("{title},,\nA1,x,1,,\n").into_bytes();
    let wider = file("A1,x,1,,,\n");
    let utf16 = Encoding::Utf16Be.encode(&format!("{title}\nA1,é,1\n")).expect("text");
    for (name, bytes, with, without) in [
        ("encoding 1 line 1", utf16, "\"é\"", "UTF-16 text"),
        ("empty-rows 2 line 3", file("A1,x,1\n,,\n\nA2,y,2\n"), "A2", "has no yourUniqueReference"),
        ("empty-columns 1 line 1", wide, "A1", "the last 2 columns have no name"),
        ("total-line 1 line 3", file("A1,x,1\n,Total:,\"1,001.5\"\n"), "A1", "has no yourUnique"),
        ("total-line 1 line 3", file("A1,x,1\n,,1001.5\n\n"), "A1", "has no yourUnique"),
        ("total-line 1 line 3", file("A1,x,1\nTOTAL,,1001.5\nA2,y,1\n"), "A2", "TOTAL"),
    ] {
        let (named, bodies) = repaired(&bytes, Repairs::ALL).expect("readable");
        assert!(named.iter().any(|named| named == name), "{name}: {named:?}");
        assert!(bodies.contains(with) && !bodies.contains("has no yourUnique"), "{name}: {bodies}");
        let kind = name.split(' ').next().expect("a name");
        let off = Repairs::choose([format!("-{kind}").as_str()]).expect("a kind");
        let said = match repaired(&bytes, off) {
            Ok((named, bodies)) => {
                assert!(!named.iter().any(|named| named.starts_with(kind)), "{named:?}");
                bodies
            }
            Err(refused) => refused,
        };
        assert!(said.contains(without), "{name}: {said}");
    }
    let off = Repairs::choose(["-empty-columns"]).expect("a kind");
    assert!(repaired(&wider, off).expect("readable").1.contains("this row is too long"));
    let (_, kept) = repaired(&file("A1,x,1\n,,1\nA2,y,1\n"), Repairs::ALL).expect("readable");
    assert!(kept.contains("has no yourUniqueReference"), "numbers are a total at the end only");
    let (_, kept) = repaired(&file("A1,x,1\n,timber,1\n"), Repairs::ALL).expect("readable");
    assert!(kept.contains("has no yourUniqueReference"), "it may belong to the row above");
}

#[test]
fn other_encodings_are_read_and_their_bytes_come_back() {
    let text = "yourUniqueReference;wasteItems.wasteDescription\r\nA1;\"5 £ – \"\"café\"\"\"\r\n";
    let plain = csv(&text.replace('£', "L").replace('–', "-").replace('é', "e"));
    for encoding in Encoding::ALL {
        for marked in [text.to_owned(), format!("\u{feff}{text}")] {
            let Some(bytes) = encoding.encode(&marked) else { continue };
            let mut reader = reader(Format::Csv, &bytes).expect("readable");
            let header = reader.header_bytes().to_vec();
            let record = reader.next_record().expect("readable").expect("one");
            assert!(
                record
                    .movement
                    .body
                    .at("wasteItems.0.wasteDescription")
                    .is_some_and(|value| { value.as_str() == Some("5 £ – \"café\"") }),
                "{}",
                encoding.name()
            );
            let whole = [header, record.raw().to_vec()].concat();
            let layout = reader.layout();
            assert_eq!((layout.encoding, layout.delimiter), (encoding.name(), Some(b';')));
            let whole = String::from_utf8(whole).expect("UTF-8");
            assert_eq!(encoding.encode(&whole), Some(bytes), "{}", encoding.name());
        }
    }
    assert_eq!(plain.len(), 1);
}

#[test]
fn excel_s_line_of_the_delimiter_is_kept_above_the_titles() {
    let text = "sep=|\r\nyourUniqueReference|apiCode\r\nA1|x\r\n";
    let mut reader = reader(Format::Csv, text.as_bytes()).expect("readable");
    let (header, at) = (reader.header_bytes().to_vec(), reader.layout().titles_at);
    assert!(header[at..].starts_with(b"yourUniqueReference|") && header.starts_with(b"sep=|"));
    let record = reader.next_record().expect("readable").expect("one");
    assert_eq!((record.line, record.movement.reference()), (3, Some("A1")));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("growing.csv");
    std::fs::write(&path, "yourUniqueReference,apiCode\nA1,x\nA2,").expect("a file");
    let read = |change: bool| {
        let mut reader = Reader::open(&path, None, Defaults::default()).expect("readable");
        reader.next_record().expect("readable").expect("one");
        if change {
            let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("a file");
            file.write_all(b"y\nA3,z\n").expect("written");
        }
        loop {
            match reader.next_record() {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(reader.records()),
                Err(error) => return Err(error.to_string()),
            }
        }
    };
    assert_eq!(read(false), Ok(2));
    let refused = read(true).expect_err("it changed");
    assert!(refused.contains("changed while it was read, at about line"), "{refused}");
}
