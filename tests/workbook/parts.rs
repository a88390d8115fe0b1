//! Workbooks put together from hand-made parts, for what no writer writes.

use std::io::{Cursor, Write as _};

use waste_receipts::movement::fields;
use waste_receipts::reader::{ITEM_COLUMNS, MOVEMENT_COLUMNS};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::read::{member, one, workbook};

/// A workbook's parts by name.
pub(crate) struct Parts(pub(crate) Vec<(String, Vec<u8>)>);

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const PACKAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#;
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>"#;

fn inline(column: u64, row: u32, text: &str) -> String {
    let letters = waste_receipts::finding::column_letters(column);
    format!(r#"<c r="{letters}{row}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// The titles of a sheet, as a row of XML.
fn titles(columns: &[&str]) -> String {
    let cells = (2..).zip(columns).map(|(column, path)| {
        let title = fields::field(path).expect("a field").title.replace('&', "&amp;");
        inline(column, 6, &title)
    });
    format!(r#"<row r="6">{}</row>"#, cells.collect::<String>())
}

impl Parts {
    /// A workbook whose two sheets have these rows below the titles.
    pub(crate) fn new(workbook: &str, movements: &str, items: &str) -> Self {
        let sheets = r#"<sheets><sheet name="7. Waste movement level" sheetId="1" r:id="rId1"/><sheet name="8. Waste item level" sheetId="2" r:id="rId2"/></sheets>"#;
        let book = format!(
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{workbook}{sheets}</workbook>"#
        );
        let sheet = |columns: &[&str], rows: &str| {
            format!(
                r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>{}{rows}</sheetData></worksheet>"#,
                titles(columns)
            )
        };
        let parts = [
            ("[Content_Types].xml", TYPES.to_owned()),
            ("_rels/.rels", PACKAGE.to_owned()),
            ("xl/workbook.xml", book),
            ("xl/_rels/workbook.xml.rels", RELATIONS.to_owned()),
            ("xl/styles.xml", STYLES.to_owned()),
            ("xl/worksheets/sheet1.xml", sheet(&MOVEMENT_COLUMNS, movements)),
            ("xl/worksheets/sheet2.xml", sheet(&ITEM_COLUMNS, items)),
        ];
        Parts(parts.map(|(name, text)| (name.to_owned(), text.into_bytes())).to_vec())
    }

    pub(crate) fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), bytes.into()));
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in &self.0 {
            zip.start_file(name.as_str(), SimpleFileOptions::default()).expect("a part");
            zip.write_all(bytes).expect("memory");
        }
        zip.finish().expect("an archive").into_inner()
    }
}

/// A movement of these cells, with an item of those.
pub(crate) fn row(number: u32, cells: &str) -> String {
    let letters = if cells.contains("r=\"B") { String::new() } else { inline(2, number, "A1") };
    format!(r#"<row r="{number}">{letters}{cells}</row>"#)
}

pub(crate) fn movement(cells: &str) -> String {
    format!(r#"<row r="9">{}{cells}</row>"#, inline(3, 9, "A1"))
}

#[test]
fn days_may_be_counted_from_1904() {
    let date = r#"<c r="K9" s="1"><v>44838.388888888891</v></c>"#;
    let book = r#"<workbookPr date1904="1"/>"#;
    let seen = one(Parts::new(book, &movement(date), &row(9, &inline(4, 9, "Wood"))).bytes());
    assert_eq!(member(&seen, "/dateTimeReceived"), "\"2026-10-05T09:20:00+01:00\"");
    let date = r#"<c r="K9" t="d"><v>2026-10-05T09:20:00</v></c>"#;
    let seen = one(Parts::new("", &movement(date), &row(9, &inline(4, 9, "Wood"))).bytes());
    assert_eq!(member(&seen, "/dateTimeReceived"), "\"2026-10-05T09:20:00+01:00\"");
}

#[test]
fn rich_texts_entities_and_breaks_are_their_text() {
    let rich = r#"<c r="D9" t="inlineStr"><is><r><t xml:space="preserve">Acid &amp; </t></r><r><rPr><b/></rPr><t>lead&#10;plates</t></r><rPh><t>not this</t></rPh></is></c>"#;
    let formula = r#"<c r="E9" t="str"><f>UPPER("solid")</f><v>SOLID</v></c><c r="J9" t="b"><f>TRUE()</f><v>1</v></c>"#;
    let seen = one(Parts::new("", &movement(""), &row(9, &format!("{rich}{formula}"))).bytes());
    assert_eq!(member(&seen, "/wasteItems/0/wasteDescription"), r#""Acid & lead\nplates""#);
    assert_eq!(member(&seen, "/wasteItems/0/physicalForm"), "\"Solid\"");
    assert_eq!(member(&seen, "/wasteItems/0/weight/isEstimate"), "true");
}

#[test]
fn cells_without_a_usable_value_are_said() {
    let cells = r#"<c r="D9" t="e"><v>#N/A</v></c><c r="F9"><f>COUNT(A1:A5)</f></c><c r="I9" t="e"><v>#DIV/0!</v></c>"#;
    let seen = one(Parts::new("", &movement(""), &row(9, cells)).bytes());
    let at: Vec<&str> = seen.said.iter().filter_map(|said| said.split(' ').next()).collect();
    assert_eq!(at, ["8!F9", "8!D9", "8!I9"], "{:?}", seen.said);
    assert!(seen.said[0].contains("a formula whose result was not stored"), "{:?}", seen.said);
}

#[test]
fn rows_in_any_order_and_cells_without_places_are_read() {
    let movements = format!("<row>{}</row>", r#"<c/><c/><c t="inlineStr"><is><t>A1</t></is></c>"#);
    // Rows without numbers follow those before them: 7, 8 and 9.
    let movements = format!("<row></row><row></row>{movements}");
    let items =
        format!("{}{}", row(20, &inline(4, 20, "second")), row(12, &inline(4, 12, "first")));
    let seen = one(Parts::new("", &movements, &items).bytes());
    assert_eq!(seen.line, 9);
    assert_eq!(member(&seen, "/wasteItems/0/wasteDescription"), "\"first\"");
    assert_eq!(member(&seen, "/wasteItems/1/wasteDescription"), "\"second\"");
}

#[test]
fn what_points_nowhere_is_named_with_the_cell_before_it() {
    let missing = r#"<c r="D9" t="s"><v>7</v></c>"#;
    let refused = workbook(Parts::new("", &movement(missing), "").bytes()).expect_err("broken");
    assert!(
        refused.contains("sheet `7. Waste movement level` cannot be read behind cell C9"),
        "{refused}"
    );
    let beyond = r#"<c r="XFE9"><v>7</v></c>"#;
    let refused = workbook(Parts::new("", &movement(beyond), "").bytes()).expect_err("broken");
    assert!(refused.contains("beyond the last one"), "{refused}");
    for (name, bytes, words) in [
        ("xl/worksheets/sheet2.xml", &b"<worksheet><sheetData><row"[..], "it is damaged"),
        ("xl/workbook.xml", b"", "it is damaged"),
        ("xl/_rels/workbook.xml.rels", b"<x/>", "it is damaged"),
        ("_rels/.rels", b"", "it is damaged"),
    ] {
        let parts = Parts::new("", &movement(""), "").with(name, bytes);
        let refused = workbook(parts.bytes()).expect_err("broken");
        assert!(refused.contains(words), "{name}: {refused}");
    }
}
