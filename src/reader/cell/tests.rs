//! Cells, one by one.

use proptest::prelude::*;

use super::*;
use crate::json::write_value;
use crate::movement::fields;

/// A cell's JSON, its findings as `key: message`, and its repairs.
pub(in crate::reader) fn read(path: &str, text: &str) -> (String, Vec<String>, Vec<String>) {
    read_with(Repairs::ALL, path, text)
}

fn read_with(repairs: Repairs, path: &str, text: &str) -> (String, Vec<String>, Vec<String>) {
    let mut notes = Notes::default();
    let mut cell = Cell {
        field: fields::field(path).expect("a field"),
        item: path.starts_with("wasteItems").then_some(0),
        line: 2,
        column: Some(4),
        title: path,
        sheet: None,
        codes: Codes::embedded(),
        repairs,
        dates: DateForm::standard(),
        notes: &mut notes,
    };
    let mut json = Vec::new();
    write_value(&mut json, &cell.read(text));
    let findings =
        notes.findings.into_iter().map(|f| format!("{}: {}", f.key, f.message)).collect();
    let repair = |r: Repair| format!("{} {}: {}", r.kind.name(), r.key, r.message());
    let json = String::from_utf8(json).expect("JSON is UTF-8");
    (json, findings, notes.repairs.into_iter().map(repair).collect())
}

/// A cell in which nothing may be wrong.
pub(in crate::reader) fn clean(path: &str, text: &str) -> String {
    let (json, findings, _) = read(path, text);
    assert!(findings.is_empty(), "{text}: {findings:?}");
    json
}

/// The findings of a cell that cannot be read.
pub(in crate::reader) fn wrong(path: &str, text: &str) -> Vec<String> {
    let (_, findings, _) = read(path, text);
    assert!(!findings.is_empty(), "{text}");
    findings
}

#[test]
fn each_kind_has_its_value() {
    for (path, text, json) in [
        ("wasteItems.numberOfContainers", "1,200", "1200"),
        ("wasteItems.weight.amount", "3.460", "3.46"),
        ("wasteItems.weight.amount", "-1", "-1"),
        ("wasteItems.containsPops", "Yes", "true"),
        ("wasteItems.weight.isEstimate", "n", "false"),
        ("wasteItems.weight.metric", "kg", "\"Kilograms\""),
        ("wasteItems.typeOfContainers", "[TAN] Tanker/Tank", "\"TAN\""),
        ("wasteItems.typeOfContainers", "lorry", "\"lorry\""),
        ("carrier.meansOfTransport", "road", "\"Road\""),
        ("reasonForNoConsignmentCode", "no doc with waste", "\"NO_DOC_WITH_WASTE\""),
        ("reasonForNoConsignmentCode", "none came", "\"none came\""),
        ("dateTimeReceived", "5/10/2026 09:20", "\"2026-10-05T09:20:00+01:00\""),
        ("dateTimeReceived", "2026-10-05T09:20Z", "\"2026-10-05T09:20Z\""),
        ("dateTimeReceived", "5th October", "\"5th October\""),
        ("yourUniqueReference", "00042", "\"00042\""),
        ("wasteItems.ewcCodes", "01 03 04;01 03 09", r#"["010304","010309"]"#),
        ("wasteItems.ewcCodes", "17 09 04*, 170201;", r#"["170904","170201"]"#),
        ("wasteItems.ewcCodes", "banana", r#"["banana"]"#),
        ("wasteItems.hazardous.hazCodes", "HP 4; hp_14", r#"["HP_4","HP_14"]"#),
        ("receiver.regulatoryPositionStatements", "241, 298", "[241,298]"),
    ] {
        assert_eq!(clean(path, text), json, "{path} {text}");
    }
}

#[test]
fn what_cannot_be_read_is_named_and_stays() {
    let (json, findings, _) = read("wasteItems.weight.amount", "12,50");
    assert_eq!(json, "\"12,50\"");
    assert_eq!(
        findings,
        [
            "wasteItems.0.weight.amount: `12,50` is not clear: write decimals behind a point (12.50), and a comma only before three digits (1,250)"
        ]
    );
    assert!(wrong("wasteItems.containsPops", "maybe")[0].contains("neither yes nor no"));
    assert!(wrong("yourUniqueReference", "3.14E+05")[0].contains("Excel"));
    assert!(wrong("wasteItems.ewcCodes", "1.7E+05")[0].contains("Excel"));
    assert_eq!(wrong("wasteItems.weight.amount", "3.14E+05").len(), 1);
    let rps = wrong("receiver.regulatoryPositionStatements", "241; x");
    assert!(rps[0].starts_with("receiver.regulatoryPositionStatements.1: `x`"), "{rps:?}");
}

#[test]
fn a_lost_zero_is_restored_and_said() {
    let (json, findings, repairs) = read("wasteItems.ewcCodes", "170904; 10101");
    assert_eq!(json, r#"["170904","010101"]"#);
    assert!(findings.is_empty());
    assert!(
        repairs[0].starts_with("lost-zero wasteItems.0.ewcCodes.1: `10101` was read as 010101: ")
    );
}

#[test]
fn every_repair_is_said_and_can_be_turned_off() {
    for (name, path, text, off) in [
        ("local-time", "dateTimeReceived", "05/10/2026 09:20", "\"05/10/2026 09:20\""),
        ("repeated-hour", "dateTimeReceived", "25/10/2026 01:30", "\"25/10/2026 01:30\""),
        ("lost-zero", "wasteItems.ewcCodes", "10101", r#"["10101"]"#),
        ("ewc-spelling", "wasteItems.ewcCodes", "17 09 04*", r#"["17 09 04*"]"#),
        ("spelling", "carrier.meansOfTransport", "road", "\"road\""),
        ("spelling", "wasteItems.weight.metric", "kg", "\"kg\""),
        ("thousands", "wasteItems.weight.amount", "1,250.5", "\"1,250.5\""),
    ] {
        let (repaired, findings, said) = read(path, text);
        assert!(findings.is_empty() && repaired != off, "{text}: {findings:?}");
        assert!(said.len() == 1 && said[0].starts_with(name), "{text}: {said:?}");
        let without = Repairs::choose([format!("-{name}").as_str()]).expect("a repair");
        let (json, _, said) = read_with(without, path, text);
        assert_eq!((json.as_str(), said.len()), (off, 0), "{text}");
    }
    for (path, text) in [
        ("wasteItems.typeOfContainers", "[TAN] Tanker/Tank"),
        ("wasteItems.containsPops", "Y"),
        ("wasteItems.weight.amount", "3.460"),
    ] {
        assert!(read(path, text).2.is_empty(), "{text} is no repair");
    }
}

#[test]
fn times_that_never_were_are_refused() {
    let said = wrong("dateTimeReceived", "29/03/2026 01:30");
    assert!(said[0].contains("`29/03/2026 01:30` never was"), "{said:?}");
    assert!(wrong("dateTimeReceived", "05/10/2026")[0].contains("the time is missing"));
    assert!(
        wrong("dateTimeReceived", "10/25/2026 09:20")[0].contains("there is no such day and time")
    );
    for lost in ["########", "###", "#REF!", "#N/A", "#VALUE!"] {
        assert!(wrong("wasteItems.weight.amount", lost)[0].contains("spreadsheet"), "{lost}");
    }
}

#[test]
fn plain_cells_are_read_as_they_are() {
    let plain: Vec<_> = fields::columns().filter(|field| is_plain(field)).collect();
    assert!(plain.len() > 15, "{}", plain.len());
    for field in plain {
        for text in ["12,50", "05/10/2026", "yes", "R3 = 1", "a; b", "[TAN] x", "kg", "10101"] {
            assert_eq!(clean(field.path, text), format!("{text:?}"), "{}", field.path);
        }
    }
}

proptest! {
    #[test]
    fn no_cell_panics_and_every_value_is_json(
        column in 0..fields::columns().count(),
        text in r"[0-9=;,<>.ERrHPkgt \n]{1,20}|\PC{1,12}",
    ) {
        let field = fields::columns().nth(column).expect("in range");
        let (json, _, _) = read(field.path, &text);
        prop_assert!(crate::json::parse(&json).is_ok());
    }
}
