//! Two sheets, one movement: what belongs together, and what belongs to nothing.

use waste_receipts::reader::Format;

use crate::read::{Seen, member, one, read, workbook};
use crate::template::{FIRST, ITEM, MOVEMENT, Template, item_column, movement_column};

fn said(seen: &Seen) -> &str {
    seen.said.first().map(String::as_str).unwrap_or_default()
}

#[test]
fn the_same_data_as_csv_is_the_same_movement() {
    let mut template = Template::one();
    template.good_item(FIRST + 1, "A1");
    template.item(FIRST + 1, "wasteItems.ewcCodes", 170_405);
    let paths = MOVEMENT.iter().chain(&ITEM);
    let quoted = |text: &str| format!("\"{text}\"");
    let header: Vec<&str> = paths.clone().map(|(path, _)| *path).collect();
    let values: Vec<String> = paths.map(|(_, text)| quoted(text)).collect();
    let rest = "wasteItems.numberOfContainers,wasteItems.weight.amount,wasteItems.weight.isEstimate,wasteItems.containsPops,wasteItems.containsHazardous";
    let csv = format!(
        "yourUniqueReference,{},{rest}\nA1,{values},1,3.46,no,no,no\nA1,{second},1,3.460,no,no,no\n",
        header.join(","),
        values = values.join(","),
        second = values.join(",").replace("170201", "170405"),
    );
    let from_csv = read(csv.into_bytes(), Format::Csv).expect("CSV");
    assert_eq!(from_csv[0].json, one(template.bytes()).json);
}

#[test]
fn items_find_their_movement_in_any_order() {
    let mut template = Template::new();
    template.good_movement(FIRST, "A1");
    template.good_movement(FIRST + 1, "1002");
    template.movement(FIRST + 1, "yourUniqueReference", 1_002);
    for (row, reference) in [(9, "1002"), (10, "A1"), (12, " 1002 "), (15, "A1")] {
        template.good_item(row, reference);
        template.item(row, "wasteItems.wasteDescription", format!("of row {row}"));
    }
    let seen = workbook(template.bytes()).expect("a workbook");
    assert_eq!(seen.iter().map(|s| s.line).collect::<Vec<_>>(), [9, 10]);
    for (seen, rows) in seen.iter().zip([[10, 15], [9, 12]]) {
        for (index, row) in rows.iter().enumerate() {
            let description = member(seen, &format!("/wasteItems/{index}/wasteDescription"));
            assert_eq!(description, format!("\"of row {row}\""));
        }
        assert!(seen.said.is_empty() && seen.readable);
    }
    assert_eq!(member(&seen[1], "/yourUniqueReference"), "\"1002\"");
}

#[test]
fn nothing_is_dropped_in_silence() {
    let mut template = Template::one();
    // A movement without items.
    template.good_movement(10, "A2");
    // A movement without a reference.
    template.good_movement(11, "");
    // Two of one reference, and their item.
    template.good_movement(12, "A4");
    template.good_movement(13, "A4");
    template.good_item(10, "A4");
    // Items without a movement, or without a reference; one that is nothing but a reference.
    template.good_item(11, "a 1");
    template.good_item(12, "A9");
    template.good_item(13, "");
    template.item(14, "yourUniqueReference", "A1");
    template.good_item(15, "3.14E+05");
    let seen = workbook(template.bytes()).expect("a workbook");
    let told: Vec<(u64, bool, &str)> =
        seen.iter().map(|seen| (seen.line, seen.readable, said(seen))).collect();
    let expected = [
        (9, true, "8!B14 wasteItems this row has a reference and nothing else"),
        (10, true, "7!C10 wasteItems no row of sheet `8. Waste item level` has the reference `A2`"),
        (11, true, "7!C11 yourUniqueReference this row has no yourUniqueReference"),
        (12, true, "7!C12 yourUniqueReference the reference `A4` stands in rows 12, 13"),
        (13, true, "7!C13 yourUniqueReference the reference `A4` stands in rows 12, 13"),
        (
            11,
            false,
            "8!B11 yourUniqueReference sheet `7. Waste movement level` has no movement with the reference `a 1`, but one with `A1`",
        ),
        (
            12,
            false,
            "8!B12 yourUniqueReference sheet `7. Waste movement level` has no movement with the reference `A9`",
        ),
        (13, false, "8!B13 yourUniqueReference this row has no reference"),
        (15, false, "8!B15 yourUniqueReference `3.14E+05` is how Excel writes a long number"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!((told.0, told.1), (expected.0, expected.1), "{told:?}");
        assert!(told.2.starts_with(expected.2), "{told:?}\n{expected:?}");
    }
    // What is no movement has no reference by which it could be taken for one.
    assert!(seen[5..].iter().all(|seen| !seen.json.contains("yourUniqueReference")));
    assert!(seen[3].json.contains("170201") && seen[4].json.contains("170201"));
}

#[test]
fn columns_stand_where_their_titles_are() {
    let mut template = Template::new();
    // The time beside the date, all later columns one further, and other titles.
    let date = movement_column("dateTimeReceived");
    let later = movement_column("hazardousWasteConsignmentCode");
    let last = movement_column("brokerOrDealer.registrationNumber");
    for column in later..=last {
        let path = waste_receipts::reader::MOVEMENT_COLUMNS[usize::from(column) - 1];
        let title = waste_receipts::movement::fields::field(path).expect("a field").title;
        template.movements.write(5, column + 1, title).expect("a cell");
        let value = MOVEMENT.iter().find(|(known, _)| *known == path).map_or("", |(_, text)| text);
        template.movements.write(8, column + 1, value).expect("a cell");
    }
    template.movements.write(5, date, "Date received").expect("a cell");
    template.movements.write(5, date + 1, "Time received").expect("a cell");
    for (path, value) in MOVEMENT.iter().filter(|(path, _)| movement_column(path) < date) {
        template.movement(FIRST, path, *value);
    }
    template.movement(FIRST, "yourUniqueReference", "A1");
    template.movements.write(8, date, "05/10/2026").expect("a cell");
    template.movements.write(8, date + 1, "09:20").expect("a cell");
    template
        .movements
        .write(
            5,
            movement_column("receiver.authorisationNumber"),
            "Receiver\u{2019}s authorisation number",
        )
        .expect("a cell");
    // Far down in the column of errors stand formulas.
    template.movements.write_formula(900, 0, "=A1").expect("a cell");
    template.good_item(FIRST, "A1");
    let (old, new) = (one(template.bytes()), one(Template::one().bytes()));
    assert_eq!(old.json, new.json);
    assert!(old.said.is_empty(), "{:?}", old.said);
}

#[test]
fn missing_columns_and_columns_of_others_do_no_harm() {
    let mut template = Template::one();
    // Nobody here ever has a broker.
    for path in waste_receipts::reader::MOVEMENT_COLUMNS {
        if path.starts_with("brokerOrDealer") {
            template.movements.write(5, movement_column(path), " ").expect("a cell");
        }
    }
    template.movements.write(5, 40, "Our notes").expect("a cell");
    template.movements.write(8, 40, "the second gate").expect("a cell");
    template.movements.write(8, 50, "stray").expect("a cell");
    template.movements.write(20, 50, "far below").expect("a cell");
    template.items.write(5, 30, "waste-receipts:errors").expect("a cell");
    template.items.write(8, 30, "something was wrong").expect("a cell");
    template.movements.write(5, 31, "apiCode").expect("a cell");
    template.movements.write(8, 31, "own").expect("a cell");
    let seen = one(template.bytes());
    assert!(seen.json.starts_with(r#"{"apiCode":"own","#), "{}", seen.json);
    let expected = [
        "note: 7!AO9 ReceiveMovementRequest `the second gate` stands in a column the title of which (`Our notes`)",
        "note: 7!AY9 ReceiveMovementRequest `stray` stands in a column that has no title",
        "note: 7!AY21 ReceiveMovementRequest `far below` stands in a column that has no title",
    ];
    assert_eq!(seen.said.len(), expected.len(), "{:#?}", seen.said);
    for (said, expected) in seen.said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said}\n{expected}");
    }
}

#[test]
fn the_guidance_is_no_data_unless_it_is() {
    let mut template = Template::one();
    let mut filled = Template::one();
    // The guidance may hold examples, but no dates.
    template.item(8, "wasteItems.ewcCodes", "01 03 04;01 03 09");
    template.movement(8, "dateTimeReceived", "dd/mm/yyyy hh:mm:ss");
    assert_eq!(one(template.bytes()).said, Vec::<String>::new());
    filled.good_movement(8, "A0");
    filled.good_item(8, "A1");
    let seen = workbook(filled.bytes()).expect("a workbook");
    assert!(seen[0].said[0].starts_with("7!C8 ReceiveMovementRequest this row holds a date"));
    assert!(!seen[0].readable);
    assert_eq!(seen[1].json.matches("170201").count(), 2, "{}", seen[1].json);
    assert_eq!(item_column("yourUniqueReference"), 1);
}
