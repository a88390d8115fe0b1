//! Profiles, and files read by them.

use std::io::Cursor;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::reader::{Defaults, Format, Reader};

const PROFILE: &str = r#"
ignore = ["Operator"]
site-column = "Depot"

[dates]
format = "dd-mmm-yyyy hh:mm"

[columns]
yourUniqueReference = "Ticket No"
dateTimeReceived = ["Date In", "Time In"]
carrier.organisationName = "Haulier"
carrier.meansOfTransport = { column = "Vehicle", values = { Artic = "road", Barge = "Inland Waterway" }, other = "Other" }
wasteItems.ewcCodes = { column = "Product", before = " - " }
wasteItems.wasteDescription = { column = "Product", after = " - " }
wasteItems.weight.amount = { column = "Gross", minus = "Tare", unit = "kg" }
"wasteItems.disposalOrRecoveryCodes" = { pattern = "R13 = {Gross} = kg = Actual" }

[constants]
"wasteItems.containsPops" = false
wasteItems.numberOfContainers = 1

[sites.North]
receiver.authorisationNumber = "EPR/QV1001LM"
apiCode = "north"

[sites.South]
receiver.authorisationNumber = "EPR/QV2002SM"

[[skip]]
column = "Status"
is = ["VOID", "cancelled"]
"#;

const FILE: &str = "Weighbridge export;;;;;;;;;;
Printed 05/10/2026;;;;;;;;;;
Depot;Ticket No;Date In;Time In;Haulier;Vehicle;Product;Gross;Tare;Status;Operator
North;1;05-Oct-2026;09:20;Fenwick;ARTIC;17 09 04 - Mixed waste;18,200;7,900;OK;jb
North;2;05-Oct-2026;09:40;Fenwick;Artic;170201 - Timber;1;1;void;jb
South;3;25-Oct-2026;01:30;Harrow;Cart;170201 - Timber;900;;OK;jb
West;4;29-Mar-2026;01:30;Harrow;;170201 - Timber;x;5;OK;jb
;;;;;;Total;19,100;;;
";

fn read(profile: &str, file: &str) -> (Vec<(String, Vec<String>)>, Vec<String>) {
    let profile = Arc::new(Profile::parse(profile, "profile.toml").expect("a profile"));
    let defaults = Defaults {
        api_code: Some("default".into()),
        profile: Some(profile),
        ..Defaults::default()
    };
    let mut reader =
        Reader::new(Cursor::new(file.to_owned()), Format::Csv, "file", defaults).expect("readable");
    let mut all = Vec::new();
    while let Some(record) = reader.next_record().expect("readable") {
        let said = record.findings.iter().map(|finding| {
            let place = finding.place.clone().expect("a place");
            format!("{}:{:?} {} {}", place.line, place.column, finding.key, finding.message)
        });
        let json = String::from_utf8(record.movement.to_json()).expect("UTF-8");
        all.push((json, said.collect()));
    }
    let repaired = reader.repaired();
    let named = repaired.entries().map(|(kind, count, _)| format!("{} {count}", kind.name()));
    (all, named.collect())
}

fn mistakes(profile: &str) -> String {
    Profile::parse(profile, "p.toml").expect_err("must be refused").to_string()
}

#[test]
fn a_file_with_nothing_in_common_is_read() {
    let (records, repaired) = read(PROFILE, FILE);
    assert_eq!(
        records[0].0,
        r#"{"apiCode":"north","dateTimeReceived":"2026-10-05T09:20:00+01:00","yourUniqueReference":"1","wasteItems":[{"ewcCodes":["170904"],"wasteDescription":"Mixed waste","numberOfContainers":1,"weight":{"metric":"Kilograms","amount":10300},"containsPops":false,"disposalOrRecoveryCodes":[{"code":"R13","weight":{"metric":"Kilograms","amount":18200,"isEstimate":false}}]}],"carrier":{"organisationName":"Fenwick","meansOfTransport":"Road"},"receiver":{"authorisationNumber":"EPR/QV1001LM"}}"#
    );
    assert!(records[0].1.is_empty(), "{:?}", records[0].1);
    assert!(
        records[1]
            .0
            .contains(r#""apiCode":"default","dateTimeReceived":"2026-10-25T01:30:00+01:00""#)
    );
    assert!(
        records[1].0.contains(r#""amount":900"#)
            && records[1].0.contains(r#""meansOfTransport":"Other""#)
    );
    assert_eq!(records.len(), 3);
    let said = &records[2].1;
    assert!(
        said[0].starts_with("7:Some(3) dateTimeReceived `29-Mar-2026 01:30` never was"),
        "{said:?}"
    );
    assert!(said.iter().any(|said| said.contains("`x - 5` is not a number")), "{said:?}");
    assert!(
        said.iter().any(|said| said
            .contains("7:Some(1) receiver.authorisationNumber `West` is none of the sites")),
        "{said:?}"
    );
    assert_eq!(
        repaired,
        [
            "lines-above 2",
            "total-line 1",
            "skipped-rows 1",
            "repeated-hour 1",
            "ewc-spelling 1",
            "spelling 3",
            "thousands 1"
        ]
    );
}

#[test]
fn each_mistake_is_named_with_its_line() {
    let said = mistakes(
        "delimeter = \";\"\nencoding = \"latin\"\n[columns]\nyourUniqueReferense = \"T\"\n\"carrier.meansOfTransport\" = { column = \"V\", valeus = {} }\n[constants]\nwasteItems.weight.metric = \"Kilogrammes\"\nwasteItems.containsPops = \"perhaps\"\n[dates]\nformat = \"dd.mm\"\nzone = \"Europe/Londn\"\n[[skip]]\nis = \"x\"\n",
    );
    let lines: Vec<&str> = said.lines().collect();
    for (line, words) in lines.iter().zip([
        "p.toml, line 1: `delimeter` is no setting of a profile: did you mean `delimiter`?",
        "p.toml, line 2: `latin` is no encoding that is read: there are UTF-8",
        "p.toml, line 4: `yourUniqueReferense` is no field: did you mean `yourUniqueReference`?",
        "p.toml, line 5: `valeus` is no way to take a field: did you mean `values`?",
        "p.toml, line 7: `Kilogrammes` is no value of `wasteItems.weight.metric`: did you mean `Kilograms`?",
        "p.toml, line 8: `perhaps` is neither yes nor no",
        "p.toml, line 10: `dd.mm` is no form of dates",
        "p.toml, line 11: `Europe/Londn` is no time zone",
        "p.toml, line 12: a skip rule names its column",
    ]) {
        assert!(line.starts_with(words), "{line}\n{words}");
    }
    assert_eq!(lines.len(), 9, "{said}");
    assert!(
        mistakes("[columns]\napiCode = \"x\"").contains("nothing says what yourUniqueReference")
    );
    assert!(mistakes("[columns\n").contains("p.toml, line 1: "));
    let twice =
        "[columns]\nyourUniqueReference = \"T\"\n[constants]\nyourUniqueReference = \"T\"\n";
    assert!(mistakes(twice).contains("line 4: `yourUniqueReference` is given twice"));
    assert!(
        mistakes("site-column = \"x\"\n[columns]\nyourUniqueReference = \"T\"")
            .contains("without [sites")
    );
    assert!(
        mistakes("[sites.a]\n[columns]\nyourUniqueReference = \"T\"").contains("site-column = ")
    );
    let pattern = "[columns]\nyourUniqueReference = { pattern = \"{T\" }";
    assert!(mistakes(pattern).contains("line 2: a { of the pattern is not closed"));
}

#[test]
fn a_file_that_is_not_the_profile_s_is_refused() {
    let profile = "[columns]\nyourUniqueReference = \"Ticket No\"\n";
    let refused = |file: &str| {
        let profile = Arc::new(Profile::parse(profile, "p.toml").expect("a profile"));
        let defaults = Defaults { profile: Some(profile), ..Defaults::default() };
        let reader = Reader::new(Cursor::new(file.to_owned()), Format::Csv, "file", defaults);
        reader.err().expect("must be refused").to_string()
    };
    let missing = refused("a,b\nTicket Num,x\n1,2\n");
    assert!(missing.contains("`Ticket No`"), "{missing}");
    assert!(refused("Ticket Num,x\n1,2\n").contains("did you mean `Ticket Num`?"));
    assert!(refused("Ticket No,ticket  no\n1,2\n").contains("columns 1 and 2 are both called"));
}

#[test]
fn what_a_profile_leaves_out_is_known() {
    let profile = Profile::parse(PROFILE, "p.toml").expect("a profile");
    let titles = ["Ticket No", "Operator", "Colour", "waste-receipts:errors", "", "depot"];
    assert_eq!(profile.unused(&titles), ["Colour"]);
}

proptest! {
    #[test]
    fn no_text_panics(text in r#"(\[columns\]\n|yourUniqueReference = |"[a-z{} ]{0,6}"|\{ column = |\}|=|\n|[a-z.\[\]]{0,6}){0,12}"#) {
        let _ = Profile::parse(&text, "p.toml");
    }
}
