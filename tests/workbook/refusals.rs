//! What is no workbook, not this one, or too much of one: a message each.

use waste_receipts::reader::{Format, ITEM_SHEET, MOVEMENT_SHEET};

use crate::parts::Parts;
use crate::read::{read, workbook};
use crate::template::{Template, item_column, movement_column};

#[track_caller]
fn refused(bytes: impl Into<Vec<u8>>, words: &str) {
    let refused = workbook(bytes.into()).expect_err("must be refused");
    assert!(refused.contains(words), "{refused}\n{words}");
}

/// A compound file of Microsoft's with this name in its directory.
pub(crate) fn compound(name: &str) -> Vec<u8> {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(600, 0);
    bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

fn empty() -> Parts {
    Parts::new("", "", "")
}

#[test]
fn each_kind_of_file_is_told_by_what_is_in_it() {
    refused(compound("Workbook"), "a workbook of the old kind (.xls)");
    refused(compound("EncryptedPackage"), "protected with a password");
    refused(compound("WordDocument"), "it is no workbook");
    refused(&b""[..], "it is empty");
    refused(&b"yourUniqueReference,apiCode\nA1,x\n"[..], "name it .csv");
    refused(&b"\xff\xfea\0,\0b\0"[..], "it is text");
    refused(&b"\xef\xbb\xbf<html><table>"[..], "a web page or XML");
    refused(&b"\x00\x01\x02\x03"[..], "its first bytes");
    refused(&b"PK\x03\x04 and no more"[..], "it is damaged");
    let cut = Template::one().bytes();
    refused(&cut[..cut.len() / 2], "it is damaged");
    let types = |kind: &str| {
        format!(r#"<Types><Override PartName="/xl/workbook.xml" ContentType="{kind}"/></Types>"#)
    };
    let name = "[Content_Types].xml";
    let macros = types("application/vnd.ms-excel.sheet.macroEnabled.main+xml");
    refused(empty().with(name, macros).bytes(), "a workbook with macros (.xlsm)");
    let binary = types("application/vnd.ms-excel.sheet.binary.macroEnabled.main");
    refused(empty().with(name, binary).bytes(), "a binary workbook (.xlsb)");
    let word = types("application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    refused(empty().with(name, word).bytes(), "it is no workbook");
    let open = empty().with("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    refused(open.bytes(), "an OpenDocument spreadsheet (.ods)");
    let named_csv = read(Template::one().bytes(), Format::Csv).expect_err("no CSV");
    assert!(named_csv.contains("name it .xlsx"), "{named_csv}");
    for name in ["a.xlsx", "A.XLSX", "a.xls", "a.xlsm", "a.ods"] {
        let format = Format::of_path(std::path::Path::new(name)).expect("a format");
        assert_eq!(format, Format::Workbook);
    }
}

#[test]
fn another_workbook_says_what_it_has_and_what_is_missing() {
    let mut other = rust_xlsxwriter::Workbook::new();
    other.add_worksheet().set_name("Loads").expect("a name");
    refused(
        other.save_to_buffer().expect("a workbook"),
        "there is no sheet `7. Waste movement level` and no sheet `8. Waste item level` (its sheets: `Loads`)",
    );
    let mut renamed = Template::one();
    renamed.items.set_name("Items").expect("a name");
    refused(renamed.bytes(), "there is no sheet `8. Waste item level` (its sheets: `1. Guidance`");
    // The numbers before the names have changed before.
    let mut older = Template::one();
    older.movements.set_name("6. Waste movement level").expect("a name");
    older.items.set_name("7.  Waste Item Level").expect("a name");
    assert_eq!(workbook(older.bytes()).expect("the template").len(), 1);
    refused(Template::new().bytes(), "nothing is filled in");
}

#[test]
fn titles_that_are_missing_twice_there_or_misspelt_are_named() {
    let mut bare = Template::one();
    bare.items.write(5, item_column("yourUniqueReference"), " ").expect("a cell");
    refused(bare.bytes(), "sheet `8. Waste item level`: there is no row of titles");
    let mut twice = Template::one();
    twice.movements.write(5, 30, "SITE NAME").expect("a cell");
    refused(twice.bytes(), "D6 and AE6 are both `receiver.siteName`");
    let mut slip = Template::one();
    let column = movement_column("receiver.emailAddress");
    slip.movements.write(5, column, "Reciever email").expect("a cell");
    refused(
        slip.bytes(),
        "the title in I6, `Reciever email`, is not known (did you mean `Receiver email`?)",
    );
    assert!(MOVEMENT_SHEET < ITEM_SHEET);
}

#[test]
fn what_would_take_too_much_memory_is_refused_before_it_does() {
    // 300 MiB of spaces.
    let bomb = |name: &str, mib: usize| empty().with(name, vec![b' '; mib << 20]).bytes();
    refused(bomb("xl/worksheets/sheet1.xml", 40), "unpacks to more than 300 times its size");
    refused(bomb("docProps/thumbnail.jpeg", 40), "unpacks to more than 300 times its size");
    let strings = |attribute: &str| {
        let text = format!("<sst {attribute}><si><t>x</t></si></sst>");
        empty().with("xl/sharedStrings.xml", text).bytes()
    };
    refused(strings(r#"uniqueCount="18446744073709551615""#), "it says that it has");
    refused(strings("uniqueCount = '4000000000'"), "it says that it has 4000000000 texts");
    let mut many = empty();
    many.0.extend((0..5_001).map(|n| (format!("p{n}"), Vec::new())));
    refused(many.bytes(), "parts (at most 5000)");
}
