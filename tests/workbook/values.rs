//! What people write in the cells, and what they mean by it.

use rust_xlsxwriter::{Format as CellFormat, Formula, Url};

use crate::read::{member, one};
use crate::template::{FIRST, Template, date_format, moment, movement_column};

/// The body's member that a field is, as a JSON pointer.
fn pointer(path: &str) -> String {
    let path = path.replace("wasteItems.", "wasteItems.0.");
    format!("/{}", path.replace('.', "/"))
}

#[track_caller]
fn of_item(path: &str, text: &str) -> String {
    let mut template = Template::one();
    template.item(FIRST, path, text);
    let seen = one(template.bytes());
    assert!(seen.said.is_empty(), "{path} {text}: {:?}", seen.said);
    member(&seen, &pointer(path))
}

#[test]
fn texts_of_items_mean_what_people_mean() {
    for (path, text, json) in [
        ("wasteItems.ewcCodes", "01 03 04;01 03 09", r#"["010304","010309"]"#),
        ("wasteItems.ewcCodes", "17 09 04*", r#"["170904"]"#),
        ("wasteItems.ewcCodes", "17.09.04, 170201", r#"["170904","170201"]"#),
        ("wasteItems.physicalForm", " SOLID\u{a0}", r#""Solid""#),
        ("wasteItems.typeOfContainers", "[TAN] Tanker/Tank", r#""TAN""#),
        ("wasteItems.typeOfContainers", "tan ", r#""TAN""#),
        ("wasteItems.weight.metric", "kgs", r#""Kilograms""#),
        ("wasteItems.weight.metric", "T", r#""Tonnes""#),
        ("wasteItems.weight.amount", "1,250.5", "1250.5"),
        ("wasteItems.weight.isEstimate", " Yes ", "true"),
        ("wasteItems.containsPops", "n", "false"),
        ("wasteItems.hazardous.hazCodes", "HP4; hp_14,HP 08", r#"["HP_4","HP_14","HP_8"]"#),
        (
            "wasteItems.pops.components",
            "DECABDE = 1,200 ;\nPCB=3.5;",
            r#"[{"code":"DECABDE","concentration":1200},{"code":"PCB","concentration":3.5}]"#,
        ),
        (
            "wasteItems.hazardous.components",
            "Acid, sulphuric = 22; Lead=4.5",
            r#"[{"concentration":22,"name":"Acid, sulphuric"},{"concentration":4.5,"name":"Lead"}]"#,
        ),
        (
            "wasteItems.disposalOrRecoveryCodes",
            "r_1 = 1,250.5 = kg = est; R 01=2=tonnes=N;",
            r#"[{"code":"R1","weight":{"amount":1250.5,"isEstimate":true,"metric":"Kilograms"}},{"code":"R1","weight":{"amount":2,"isEstimate":false,"metric":"Tonnes"}}]"#,
        ),
    ] {
        assert_eq!(of_item(path, text), json, "{path} {text}");
    }
}

#[test]
fn real_cells_are_taken_as_they_are() {
    let mut template = Template::one();
    template.item(FIRST, "wasteItems.ewcCodes", 10_101);
    template.item(FIRST, "wasteItems.weight.amount", 0.1 + 0.2);
    template.item(FIRST, "wasteItems.weight.isEstimate", true);
    template.item(FIRST, "wasteItems.containsPops", Formula::new("=B1=2").set_result("FALSE"));
    template.item(FIRST, "wasteItems.numberOfContainers", Formula::new("=1+1").set_result("2"));
    template.movement(FIRST, "receiver.regulatoryPositionStatements", 241);
    template.movement(FIRST, "carrier.phoneNumber", 1_632_960_101_i64);
    template.movement(FIRST, "carrier.emailAddress", Url::new("mailto:a@b.example.com"));
    template
        .movements
        .write_rich_string(
            FIRST - 1,
            movement_column("carrier.organisationName"),
            &[(&CellFormat::new(), "Fenwick "), (&CellFormat::new().set_bold(), "Haulage")],
        )
        .expect("a cell");
    let seen = one(template.bytes());
    for (pointer, json) in [
        ("/wasteItems/0/ewcCodes", r#"["010101"]"#),
        ("/wasteItems/0/weight/amount", "0.3"),
        ("/wasteItems/0/weight/isEstimate", "true"),
        ("/wasteItems/0/containsPops", "false"),
        ("/wasteItems/0/numberOfContainers", "2"),
        ("/receiver/regulatoryPositionStatements", "[241]"),
        ("/carrier/phoneNumber", r#""1632960101""#),
        ("/carrier/organisationName", r#""Fenwick Haulage""#),
    ] {
        assert_eq!(member(&seen, pointer), json, "{pointer}");
    }
    assert!(member(&seen, "/carrier/emailAddress").contains("a@b.example.com"));
    assert!(seen.said[0].starts_with("note: 7!U9 carrier.phoneNumber `1632960101` is a number"));
    assert!(seen.repaired.contains(&"8!C9 lost-zero 10101>010101".to_owned()), "{seen:?}");
}

#[test]
fn a_date_is_what_the_clocks_in_london_said() {
    for (text, iso) in [
        ("2026-10-05T09:20:00", "2026-10-05T09:20:00+01:00"),
        ("2026-12-05T09:20:00", "2026-12-05T09:20:00+00:00"),
    ] {
        let mut real = Template::one();
        let column = movement_column("dateTimeReceived");
        let at = moment(text);
        real.movements.write_with_format(FIRST - 1, column, &at, &date_format()).expect("a cell");
        let mut written = Template::one();
        let (day, time) = text.split_once('T').expect("a time");
        let day: Vec<&str> = day.rsplit('-').collect();
        written.movement(FIRST, "dateTimeReceived", format!("{} {time}", day.join("/")));
        let (real, written) = (one(real.bytes()), one(written.bytes()));
        assert_eq!(member(&real, "/dateTimeReceived"), format!("\"{iso}\""));
        assert_eq!(real.json, written.json);
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_cell() {
    for (path, text, cell, words) in [
        ("wasteItems.disposalOrRecoveryCodes", "R3 = 12,50 = t = Actual", "8!R9", "is not clear"),
        ("wasteItems.disposalOrRecoveryCodes", "R3 = 3 = t", "8!R9", "`R3 = 3 = t` cannot be read"),
        ("wasteItems.pops.components", "DDT 5", "8!L9", "`DDT 5` cannot be read"),
        ("wasteItems.hazardous.components", "Lead = much", "8!P9", "`much`"),
        ("wasteItems.weight.amount", "#N/A", "8!I9", "a formula"),
        ("wasteItems.containsHazardous", "perhaps", "8!N9", "neither yes nor no"),
        ("wasteItems.ewcCodes", "1.7E+05", "8!C9", "Excel"),
    ] {
        let mut template = Template::one();
        template.item(FIRST, path, text);
        let seen = one(template.bytes());
        assert_eq!(seen.said.len(), 1, "{text}: {:?}", seen.said);
        assert!(seen.said[0].starts_with(cell) && seen.said[0].contains(words), "{:?}", seen.said);
    }
    let mut template = Template::one();
    let column = movement_column("carrier.vehicleRegistration");
    let day = moment("2026-10-05");
    template.movements.write_with_format(FIRST - 1, column, &day, &date_format()).expect("a cell");
    template.movement(FIRST, "carrier.registrationNumber", 1.234_567_890_123_456e17);
    let seen = one(template.bytes());
    assert!(seen.said[0].starts_with("7!O9 carrier.registrationNumber"), "{:?}", seen.said);
    assert!(seen.said[0].contains("more than 15 digits"));
    assert!(seen.said[1].starts_with("7!W9 carrier.vehicleRegistration `05/10/2026"));
}

#[test]
fn an_empty_cell_says_nothing_and_a_reason_stands_for_a_number() {
    let mut template = Template::one();
    template.movement(FIRST, "carrier.registrationNumber", " \u{a0} ");
    template.movement(FIRST, "carrier.reasonForNoRegistrationNumber", "household");
    template.movement(FIRST, "carrier.phoneNumber", " ");
    template.movement(FIRST, "wasteTrackingId", "26BHUT6U");
    let seen = one(template.bytes());
    assert!(
        seen.json
            .contains(r#""registrationNumber":null,"reasonForNoRegistrationNumber":"HOUSEHOLD""#)
    );
    assert!(!seen.json.contains("phoneNumber"));
    assert_eq!(seen.id.as_deref(), Some("26BHUT6U"));
}
