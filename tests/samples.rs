//! The samples are what they promise: good ones that the API would take without a word, and ten
//! mistakes, each found where it was made.

use std::collections::BTreeSet;
use std::path::PathBuf;

use waste_receipts::checks;
use waste_receipts::finding::Severity;
use waste_receipts::json::Value;
use waste_receipts::reader::{Defaults, Reader};
use waste_receipts::reference::Codes;

/// One mistake of each kind; the carrier's vehicle follows from its means of transport.
const MISTAKES: [&str; 11] = [
    "LM-100231 line 2: wasteItems.0.ewcCodes.0 InvalidValue",
    "LM-100232 line 3: wasteItems.0.wasteDescription NotProvided",
    "LM-100235 line 6: wasteItems.0.weight.amount InvalidType",
    "LM-100238 line 17: dateTimeReceived InvalidFormat",
    "LM-100241 line 20: reasonForNoConsignmentCode BusinessRuleViolation",
    "LM-100248 line 34: carrier.meansOfTransport InvalidValue",
    "LM-100248 line 34: carrier.vehicleRegistration NotAllowed",
    "LM-100252 line 46: wasteItems.0.disposalOrRecoveryCodes InvalidFormat",
    "LM-100254 line 48: carrier.registrationNumber InvalidFormat",
    "LM-100257 line 52: carrier.vehicleRegistration BusinessRuleViolation",
    "LM-100260 line 62: receipt.address.postcode InvalidFormat",
];

fn is_of_codes(key: &str) -> bool {
    key.contains(".ewcCodes.")
}

/// The samples' week is over, and not for long.
fn after_the_week() -> jiff::Timestamp {
    "2026-10-10T00:00:00Z".parse().expect("a timestamp")
}

/// A movement of a sample: its body, and its findings as `reference line: key errorType`.
fn read(name: &str) -> Vec<(Value<'static>, Vec<String>)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples").join(name);
    let defaults = Defaults {
        api_code: Some("1f83215e-4b90-4785-9ab2-2614839aa2e9".into()),
        ..Defaults::default()
    };
    let mut reader = Reader::open(&path, None, defaults).expect("a sample is readable");
    let mut all = Vec::new();
    while let Some(record) = reader.next_record().expect("a sample is readable") {
        assert!(record.repairs.is_empty() && record.repeats.is_none(), "{name}:{}", record.line);
        let reference = record.movement.reference().expect("a sample has a reference");
        let body = &record.movement.body;
        let mut found = checks::check(body, Codes::embedded());
        found.extend(checks::advise(body, Codes::embedded(), after_the_week()));
        let found = record.with_checks(found);
        // Half of all loads have a code with a hazardous twin: advice that any real week has.
        let found = found.iter().filter(|f| f.severity != Severity::Advice || !is_of_codes(&f.key));
        let told = found.map(|finding| {
            let place = finding.place.as_ref().expect("a finding has a place");
            assert!(place.column.is_some(), "{finding:?}");
            format!("{reference} line {}: {} {}", place.line, finding.key, finding.error_type)
        });
        let told = told.collect();
        all.push((record.movement.body.into_owned(), told));
    }
    all
}

fn all_of(movements: &[(Value<'_>, Vec<String>)], path: &str) -> BTreeSet<String> {
    let at = |body: &Value<'_>| body.at(path).and_then(Value::as_str).map(str::to_owned);
    movements.iter().filter_map(|(body, _)| at(body)).collect()
}

#[test]
fn the_good_ones_are_good() {
    for (name, least) in [("movements.csv", 60), ("movements.jsonl", 5)] {
        let movements = read(name);
        assert!(movements.len() >= least, "{name}: {}", movements.len());
        for (_, found) in &movements {
            assert!(found.is_empty(), "{name}: {found:?}");
        }
    }
}

#[test]
fn the_week_has_something_of_everything() {
    let movements = read("movements.csv");
    let has = |path: &str, value: &str| {
        assert!(all_of(&movements, path).contains(value), "{path} {value}");
    };
    assert_eq!(all_of(&movements, "receiver.authorisationNumber").len(), 2, "two sites");
    for container in ["SKI", "WBI", "TAN"] {
        has("wasteItems.0.typeOfContainers", container);
    }
    has("carrier.meansOfTransport", "Rail");
    has("carrier.reasonForNoRegistrationNumber", "HOUSEHOLD");
    has("reasonForNoConsignmentCode", "NO_DOC_WITH_WASTE");
    assert!(!all_of(&movements, "hazardousWasteConsignmentCode").is_empty());
    assert!(!all_of(&movements, "brokerOrDealer.organisationName").is_empty());
    assert!(!all_of(&movements, "wasteItems.0.pops.sourceOfComponents").is_empty());
    assert!(movements.iter().any(|(body, _)| body.at("wasteItems.2").is_some()), "several items");
    let days: BTreeSet<String> = all_of(&movements, "dateTimeReceived")
        .iter()
        .map(|time| time.chars().take(10).collect())
        .collect();
    assert_eq!(days.len(), 5, "{days:?}");
}

#[test]
fn the_mistakes_are_found_where_they_are() {
    let movements = read("with-mistakes.csv");
    let found: Vec<&[String]> =
        movements.iter().map(|(_, found)| found.as_slice()).filter(|f| !f.is_empty()).collect();
    assert_eq!(found.len(), 10, "{found:#?}");
    assert_eq!(found.concat(), MISTAKES);
    assert_eq!(movements.len(), read("movements.csv").len());
}
