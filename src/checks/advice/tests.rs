//! Each piece of advice where it is due, and where it is not.

use super::*;
use crate::json::parse;

const NOW: &str = "2026-03-15T00:00:00Z";

/// What is said of a body, as severity and key.
#[track_caller]
fn said(body: &str) -> Vec<(Severity, String)> {
    let body = parse(body).expect("valid JSON");
    let now = NOW.parse().expect("a time");
    let findings = advise(&body, Codes::embedded(), now);
    findings.into_iter().map(|finding| (finding.severity, finding.key)).collect()
}

/// A body in which nothing is amiss but what is given.
fn with(members: &str) -> String {
    format!(r#"{{"yourUniqueReference":"A1","carrier":{{}},{members}}}"#)
}

fn of_item(members: &str) -> Vec<String> {
    let said = said(&with(&format!(r#""wasteItems":[{{{members}}}]"#)));
    assert!(said.iter().all(|(severity, _)| *severity == Severity::Advice), "{said:?}");
    said.into_iter().map(|(_, key)| key).collect()
}

fn of_date(date: &str) -> usize {
    said(&with(&format!(r#""dateTimeReceived":{date}"#))).len()
}

#[test]
fn what_cannot_be_traced_or_is_lost_is_stopped() {
    let blocking = |key: &str| (Severity::Blocking, key.to_owned());
    assert_eq!(said("{}"), [blocking("yourUniqueReference"), blocking("carrier")]);
    for reference in ["null", "5", r#""""#, r#"" \t""#] {
        let body = format!(r#"{{"carrier":{{}},"yourUniqueReference":{reference}}}"#);
        assert_eq!(said(&body), [blocking("yourUniqueReference")], "{reference}");
    }
    // A null carrier is the API's own error.
    assert_eq!(said(r#"{"yourUniqueReference":"A1","carrier":null}"#), []);
    assert_eq!(said("[]"), []);
}

#[test]
fn dates_that_are_stored_otherwise_than_meant() {
    for (date, findings) in [
        (r#""2026-03-14T09:20Z""#, 0),
        (r#""2026-03-14T09:20""#, 1),
        (r#""2026-03-14""#, 1),
        (r#""2026-02-30T09:20Z""#, 1),
        (r#""2026-03-15T00:00:00.001Z""#, 1),
        (r#""2026-03-15T00:00:00Z""#, 0),
        (r#""2027-02-30""#, 2),
        (r#""14/03/2026""#, 0),
        ("2026", 1),
        ("null", 0),
        (r#""+275760-09-13""#, 2),
    ] {
        assert_eq!(of_date(date), findings, "{date}");
    }
}

#[test]
fn codes_against_the_flag() {
    let flag = ["wasteItems.0.containsHazardous"];
    assert_eq!(of_item(r#""ewcCodes":["160601"],"containsHazardous":false"#), flag);
    assert_eq!(of_item(r#""ewcCodes":["010101","170503"],"containsHazardous":false"#), flag);
    assert_eq!(of_item(r#""ewcCodes":["010101"],"containsHazardous":true"#), flag);
    assert_eq!(of_item(r#""ewcCodes":["170504"],"containsHazardous":true"#), flag);
    let nothing: [&str; 0] = [];
    assert_eq!(of_item(r#""ewcCodes":["160601"],"containsHazardous":true"#), nothing);
    assert_eq!(of_item(r#""ewcCodes":["010101"],"containsHazardous":false"#), nothing);
    assert_eq!(of_item(r#""ewcCodes":["999999"],"containsHazardous":true"#), nothing);
    assert_eq!(of_item(r#""ewcCodes":[],"containsHazardous":true"#), nothing);
}

#[test]
fn a_mirror_entry_asks_for_its_twin() {
    let mirror = ["wasteItems.0.ewcCodes.1"];
    assert_eq!(of_item(r#""ewcCodes":["010101","170504"],"containsHazardous":false"#), mirror);
    let considered = r#""ewcCodes":["170504"],"containsHazardous":false,"hazardous":{}"#;
    assert!(of_item(considered).is_empty());
}

#[test]
fn hp_pop_needs_pops() {
    let item = |contains: bool| {
        format!(r#""hazardous":{{"hazCodes":["HP_1","HP_POP"]}},"containsPops":{contains}"#)
    };
    assert_eq!(of_item(&item(false)), ["wasteItems.0.hazardous.hazCodes.1"]);
    assert!(of_item(&item(true)).is_empty());
}

#[test]
fn weights_are_added_exactly() {
    let item = |whole: &str, parts: &[&str]| {
        let parts: Vec<String> =
            parts.iter().map(|part| format!(r#"{{"weight":{}}}"#, weight(part))).collect();
        of_item(&format!(
            r#""weight":{},"disposalOrRecoveryCodes":[{}]"#,
            weight(whole),
            parts.join(",")
        ))
        .len()
    };
    assert_eq!(item("3.46 Tonnes", &["3 Tonnes", "460 Kilograms"]), 0);
    assert_eq!(item("0.3 Grams", &["0.1 Grams", "0.2 Grams"]), 0);
    assert_eq!(item("3e3 Kilograms", &["3 Tonnes"]), 0);
    assert_eq!(item("3.46 Tonnes", &["3 Tonnes", "460.001 Kilograms"]), 1);
    assert_eq!(item("3 Tonnes", &[]), 0);
    // What is incomplete or beyond reckoning is left alone.
    assert_eq!(item("3 Tonnes", &["1 Stones"]), 0);
    assert_eq!(item("3 Tonnes", &["1e400 Tonnes"]), 0);
    assert_eq!(item("3 Tonnes", &["79228162514264337593543950335 Tonnes"]), 0);
}

fn weight(text: &str) -> String {
    let (amount, metric) = text.split_once(' ').expect("amount and metric");
    format!(r#"{{"metric":"{metric}","amount":{amount}}}"#)
}

#[test]
fn long_texts_are_noticed() {
    let long = |units: usize| "\u{e9}".repeat(units);
    let item = |text: &str| of_item(&format!(r#""wasteDescription":"{text}""#));
    assert_eq!(item(&long(5_001)), ["wasteItems.0.wasteDescription"]);
    assert!(item(&long(5_000)).is_empty());
    let special = with(&format!(r#""specialHandlingRequirements":"{}""#, long(5_001)));
    assert_eq!(said(&special), []);
}
