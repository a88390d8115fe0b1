//! Workbooks put together from hand-made parts, for what no writer writes.

use std::io::{Cursor, Write as _};

use waste_receipts::movement::fields;
use waste_receipts::reader::{ITEM_COLUMNS, MOVEMENT_COLUMNS};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A workbook's parts by name.
pub(crate) struct Parts(pub(crate) Vec<(String, Vec<u8>)>);

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const PACKAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#;
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>"#;

/// A cell that holds its text.
pub(crate) fn inline(column: u64, row: u32, text: &str) -> String {
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

    /// The same with another part, or one more.
    pub(crate) fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), bytes.into()));
        self
    }

    /// The file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in &self.0 {
            zip.start_file(name.as_str(), SimpleFileOptions::default()).expect("a part");
            zip.write_all(bytes).expect("memory");
        }
        zip.finish().expect("an archive").into_inner()
    }
}
