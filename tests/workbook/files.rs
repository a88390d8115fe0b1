//! Writes the awkward workbooks of `tests/files/`, which `tests/files.rs` reads:
//! `cargo test --test workbook -- --ignored`.

use std::path::Path;

use rust_xlsxwriter::{Formula, Workbook};

use crate::parts::{Parts, movement, row};
use crate::refusals::compound;
use crate::template::{FIRST, Template, date_format, item_column, moment, movement_column};

fn one(change: impl FnOnce(&mut Template)) -> Vec<u8> {
    let mut template = Template::one();
    change(&mut template);
    template.bytes()
}

fn at(text: &str) -> Vec<u8> {
    one(|template| template.movement(FIRST, "dateTimeReceived", text))
}

fn of_item(path: &str, text: &str) -> Vec<u8> {
    one(|template| template.item(FIRST, path, text))
}

/// Dates, and what spreadsheets make of values.
fn values() -> Vec<(&'static str, Vec<u8>)> {
    let date = |template: &mut Template, column: u16, text: &str| {
        let at = moment(text);
        let sheet = &mut template.movements;
        sheet.write_with_format(FIRST - 1, column, &at, &date_format()).expect("a cell");
    };
    vec![
        ("date-cell", one(|t| date(t, movement_column("dateTimeReceived"), "2026-10-05T09:20:00"))),
        ("date-without-time", one(|t| date(t, movement_column("dateTimeReceived"), "2026-10-05"))),
        ("date-march-gap", at("29/03/2026 01:30:00")),
        ("date-october-hour", at("25/10/2026 01:30")),
        ("date-american", at("10/25/2026 09:20")),
        ("date-lost-format", one(|t| t.movement(FIRST, "dateTimeReceived", 46_300.388_888_888_89))),
        (
            "plate-became-date",
            one(|t| date(t, movement_column("carrier.vehicleRegistration"), "2026-01-02")),
        ),
        ("phone-is-number", one(|t| t.movement(FIRST, "carrier.phoneNumber", 1_632_960_101_i64))),
        (
            "reference-too-long",
            one(|t| t.movement(FIRST, "yourUniqueReference", 1.234_567_890_123_456e17)),
        ),
        ("ewc-lost-zero", one(|t| t.item(FIRST, "wasteItems.ewcCodes", 10_101))),
        (
            "booleans-and-formulas",
            one(|t| {
                t.item(FIRST, "wasteItems.containsPops", Formula::new("=1=2").set_result("FALSE"));
                t.item(FIRST, "wasteItems.weight.isEstimate", false);
                t.item(
                    FIRST,
                    "wasteItems.weight.amount",
                    Formula::new("=1/3").set_result("0.333333333333333315"),
                );
            }),
        ),
        (
            "disposals",
            of_item("wasteItems.disposalOrRecoveryCodes", "R 01 = 1,250.5 = kgs = y; d_9=2=t=act;"),
        ),
        (
            "disposals-decimal-comma",
            of_item("wasteItems.disposalOrRecoveryCodes", "R1 = 12,50 = t = Actual"),
        ),
        ("disposals-three-parts", of_item("wasteItems.disposalOrRecoveryCodes", "R1 = 12 = t")),
        ("components", of_item("wasteItems.hazardous.components", "Acid, 20 % = 22;\nLead=4.5;")),
        ("components-without-sign", of_item("wasteItems.pops.components", "DECABDE 1200")),
        (
            "codes-as-people-write-them",
            one(|t| {
                t.item(FIRST, "wasteItems.ewcCodes", "17 09 04*; 17.02.01");
                t.item(FIRST, "wasteItems.hazardous.hazCodes", "hp4, HP 05; HP_14");
                t.item(FIRST, "wasteItems.typeOfContainers", "[TAN] Tanker/Tank");
                t.movement(FIRST, "carrier.meansOfTransport", "inland waterway");
            }),
        ),
    ]
}

/// Rows that do not fit together, and sheets as others have them.
fn rows() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("plain", one(|t| t.good_item(FIRST + 3, "A1"))),
        ("correction", one(|t| t.movement(FIRST, "wasteTrackingId", "26BHUT6U"))),
        ("two-of-one-reference", one(|t| t.good_movement(FIRST + 1, "A1"))),
        ("item-without-movement", one(|t| t.good_item(FIRST + 1, "a1"))),
        ("item-without-reference", one(|t| t.good_item(FIRST + 1, " "))),
        ("movement-without-items", one(|t| t.good_movement(FIRST + 1, "A2"))),
        ("movement-without-reference", one(|t| t.good_movement(FIRST + 1, " "))),
        ("guidance-filled-in", one(|t| t.good_movement(FIRST - 1, "A0"))),
        (
            "columns-of-ours-and-theirs",
            one(|t| {
                for (column, title, value) in [(40, "Notes", "gate 2"), (41, "apiCode", "own")] {
                    t.movements.write(5, column, title).expect("a cell");
                    t.movements.write(8, column, value).expect("a cell");
                }
                t.movements.write_formula(2_000, 0, "=B1").expect("a cell");
            }),
        ),
        (
            "time-beside-date",
            one(|t| {
                let column = movement_column("dateTimeReceived");
                t.movements.write(5, column, "Date received").expect("a cell");
                t.movements.write(8, column, "05/10/2026").expect("a cell");
                t.movements.write(5, 30, "Time received").expect("a cell");
                t.movements.write(8, 30, "09:20").expect("a cell");
            }),
        ),
    ]
}

/// What is refused as a whole.
fn refused() -> Vec<(&'static str, Vec<u8>)> {
    let types = |kind: &str| {
        format!(r#"<Types><Override PartName="/xl/workbook.xml" ContentType="{kind}"/></Types>"#)
    };
    let macros = types("application/vnd.ms-excel.sheet.macroEnabled.main+xml");
    let mut other = Workbook::new();
    other.add_worksheet().set_name("Loads").expect("a name");
    let plain = Template::one().bytes();
    let cut = plain[..plain.len() / 2].to_vec();
    let empty = || Parts::new("", "", "");
    vec![
        ("another.xlsx", other.save_to_buffer().expect("a workbook")),
        ("misspelt-title.xlsx", one(|t| {
            t.items.write(5, item_column("wasteItems.wasteDescription"), "Waste descripton").expect("a cell");
        })),
        ("no-titles.xlsx", one(|t| {
            t.items.write(5, item_column("yourUniqueReference"), " ").expect("a cell");
        })),
        ("nothing-filled-in.xlsx", Template::new().bytes()),
        ("cut.xlsx", cut),
        ("text.xlsx", b"yourUniqueReference,apiCode\nA1,x\n".to_vec()),
        ("old.xls", compound("Workbook")),
        ("page.xls", b"<html><body><table><tr><td>A1</td></tr></table></body></html>".to_vec()),
        ("password.xlsx", compound("EncryptedPackage")),
        ("macros.xlsm", empty().with("[Content_Types].xml", macros).bytes()),
        ("libreoffice.ods", empty().with("mimetype", "application/vnd.oasis.opendocument.spreadsheet").bytes()),
        ("missing-text.xlsx", Parts::new("", &movement(r#"<c r="D9" t="s"><v>7</v></c>"#), "").bytes()),
        ("named.csv", plain),
        ("1904.xlsx", Parts::new(
            r#"<workbookPr date1904="1"/>"#,
            &movement(r#"<c r="K9" s="1"><v>44838.388888888891</v></c>"#),
            &row(9, r#"<c r="D9" t="inlineStr"><is><r><t>Clean </t></r><r><t>wood</t></r></is></c><c r="I9" t="e"><v>#N/A</v></c><c r="J9"><f>A1</f></c>"#),
        ).bytes()),
    ]
}

#[test]
#[ignore = "writes files of the project"]
fn write_the_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    std::fs::create_dir_all(&folder).expect("a folder");
    let named = |(name, bytes): (&str, Vec<u8>)| (format!("{name}.xlsx"), bytes);
    let all = values().into_iter().chain(rows()).map(named);
    let refused = refused().into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
    for (name, bytes) in all.chain(refused) {
        std::fs::write(folder.join(format!("xlsx-{name}")), bytes).expect("written");
    }
}
