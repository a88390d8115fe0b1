//! No bytes make the reader panic, and none make it forget a row.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::parts::Parts;
use crate::read::workbook;
use crate::template::{FIRST, Template};

fn example() -> Vec<u8> {
    let mut template = Template::one();
    template.good_movement(FIRST + 1, "A2");
    template.good_item(FIRST + 1, "A2");
    template.bytes()
}

/// Pieces of a sheet's XML, whole and broken.
fn piece() -> impl Strategy<Value = String> {
    let cell =
        ("[A-Z]{1,3}", 0_u32..40, "(s|str|b|e|d|n|inlineStr|x)?", "[0-9.eE#N/A<>&;:T-]{0,12}")
            .prop_map(|(column, row, kind, value)| {
                let kind = if kind.is_empty() { String::new() } else { format!(" t=\"{kind}\"") };
                format!("<c r=\"{column}{row}\"{kind} s=\"1\"><v>{value}</v></c>")
            });
    let inline = ("[B-R]", 9_u32..14, "[A-C1 ]{0,3}").prop_map(|(column, row, text)| {
        format!("<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    });
    let other = prop_oneof![
        Just("</row><row r=\"11\">".to_owned()),
        Just("<row>".to_owned()),
        Just("<f t=\"shared\" si=\"4\" ref=\"A1:B2\">A1</f>".to_owned()),
        "\\PC{0,8}",
    ];
    prop_oneof![4 => cell, 6 => inline, 2 => other]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..300), zip in any::<bool>()) {
        let mut bytes = bytes;
        if zip {
            bytes.splice(..0, *b"PK\x03\x04");
        }
        let _ = workbook(bytes);
    }

    #[test]
    fn no_damage_makes_it_panic(places in vec((any::<Index>(), any::<u8>()), 1..8)) {
        let mut bytes = example();
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = workbook(bytes);
    }

    #[test]
    fn no_sheet_makes_it_panic(
        movements in vec(piece(), 0..12),
        items in vec(piece(), 0..12),
        strings in "\\PC{0,10}",
    ) {
        let row = |pieces: Vec<String>| format!("<row r=\"9\">{}</row>", pieces.concat());
        let parts = Parts::new("", &row(movements), &row(items));
        let strings = format!("<sst><si><t>A1</t></si><si><t>{strings}</t></si></sst>");
        let _ = workbook(parts.with("xl/sharedStrings.xml", strings).bytes());
    }

    #[test]
    fn every_row_with_a_reference_is_in_some_record(
        movements in vec(0_u8..6, 0..8),
        items in vec(0_u8..8, 0..12),
    ) {
        let mut template = Template::new();
        for (row, reference) in (FIRST..).zip(&movements) {
            template.movement(row, "yourUniqueReference", format!("A{reference}"));
        }
        for (row, reference) in (FIRST..).zip(&items) {
            template.item(row, "yourUniqueReference", format!("A{reference}"));
            template.item(row, "wasteItems.wasteDescription", format!("row {row}"));
        }
        let Ok(seen) = workbook(template.bytes()) else {
            prop_assert!(movements.is_empty() && items.is_empty());
            return Ok(());
        };
        for row in (FIRST..).take(items.len()) {
            let needle = format!("\"row {row}\"");
            prop_assert!(seen.iter().any(|seen| seen.json.contains(&needle)), "{row}: {seen:?}");
        }
        let of_movements = seen.iter().filter(|seen| seen.readable).count();
        prop_assert_eq!(of_movements, movements.len());
        let orphans = items.iter().filter(|item| !movements.contains(item)).count();
        prop_assert_eq!(seen.len() - of_movements, orphans);
    }
}
