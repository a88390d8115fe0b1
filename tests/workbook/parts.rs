//! Workbooks of hand-made parts: what no writer writes.

use crate::read::{member, one, workbook};

#[path = "../support/parts.rs"]
mod made;

pub(crate) use made::{Parts, inline};

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
