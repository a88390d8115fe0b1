//! The families of rules at their boundaries, by the keys and types that the API answers.

use super::*;
use crate::finding::Severity;
use crate::json::parse;

const GOOD: &str = r#"{"apiCode":"1f83215e-4b90-4785-9ab2-2614839aa2e9",
    "dateTimeReceived":"2026-03-14T09:20:00Z",
    "wasteItems":[{"ewcCodes":["010101"],"wasteDescription":"Stones","physicalForm":"Solid",
        "numberOfContainers":1,"typeOfContainers":"SKI","containsPops":false,
        "containsHazardous":false,"disposalOrRecoveryCodes":[{"code":"R5",
            "weight":{"metric":"Tonnes","amount":3,"isEstimate":false}}]}],
    "carrier":{"registrationNumber":"CBDU48213","organisationName":"Fenwick",
        "meansOfTransport":"Rail"},
    "receiver":{"siteName":"Larkmoor","authorisationNumber":"KB3107TT"},
    "receipt":{"address":{"fullAddress":"4 Larkmoor Way","postcode":"QV7 3LD"}}}"#;

/// The findings on the good body with parts of its text replaced, as `key Type`.
#[track_caller]
fn found(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = GOOD.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is in the body");
        text = text.replacen(from, to, 1);
    }
    let body = parse(&text).expect("valid JSON");
    let findings = check(&body, Codes::embedded());
    let severities = findings.iter().map(|finding| finding.severity);
    assert!(
        severities.clone().all(|s| s == Severity::Error)
            || severities.clone().all(|s| s == Severity::Warning),
        "never both"
    );
    findings.into_iter().map(|finding| format!("{} {}", finding.key, finding.error_type)).collect()
}

/// The item's end, with more members put before it.
fn item(members: &str) -> String {
    format!("\"containsHazardous\":false,{members},")
}

const ITEM: &str = "\"containsHazardous\":false,";
const NOTHING: [&str; 0] = [];

#[test]
fn a_good_body_has_no_findings() {
    assert_eq!(found(&[]), NOTHING);
}

#[test]
fn a_body_must_be_an_object() {
    for text in ["null", "[]", "5", "\"x\""] {
        let findings = check(&parse(text).expect("valid JSON"), Codes::embedded());
        let keys: Vec<&str> = findings.iter().map(|finding| finding.key.as_str()).collect();
        assert_eq!(keys, ["ReceiveMovementRequest"], "{text}");
    }
}

#[test]
fn unknown_keys_come_last_and_numbers_among_them_first() {
    let unknown = r#"{"b":null,"10":1,"submittingOrganisation":{},"9":1,"":1,"#;
    let expected = [
        "submittingOrganisation NotAllowed",
        "9 NotAllowed",
        "10 NotAllowed",
        "b NotAllowed",
        "value NotAllowed",
    ];
    assert_eq!(found(&[("{", unknown)]), expected);
}

#[test]
fn numbers_are_judged_by_their_value() {
    let count = |number: &str| {
        found(&[("\"numberOfContainers\":1", &format!("\"numberOfContainers\":{number}"))])
            .iter()
            .map(|finding| finding.rsplit(' ').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    for number in ["0", "-0", "-0.0", "1.0", "1e2", "1e-400", "9007199254740991.4"] {
        assert_eq!(count(number), NOTHING, "{number}");
    }
    assert_eq!(count("0.5"), ["OutOfRange"]);
    assert_eq!(count("-1"), ["OutOfRange"]);
    assert_eq!(count("-1.5"), ["OutOfRange", "OutOfRange"]);
    for number in ["9007199254740992", "-9007199254740993", "1e400", "-1e400"] {
        assert_eq!(count(number), ["UnexpectedError"], "{number}");
    }
    assert_eq!(count("\"1\""), ["InvalidType"]);
    let amount = |number: &str| found(&[("\"amount\":3", &format!("\"amount\":{number}"))]).len();
    assert_eq!([amount("0"), amount("5e-324"), amount("1e-400")], [1, 0, 1]);
}

#[test]
fn choices_answer_twice_for_what_is_no_text() {
    let form = |value: &str| found(&[("\"Solid\"", value)]);
    let key = "wasteItems.0.physicalForm";
    let twice = |second: &str| [format!("{key} InvalidValue"), format!("{key} {second}")];
    assert_eq!(form("null"), twice("InvalidType"));
    assert_eq!(form("5"), twice("InvalidType"));
    assert_eq!(form("\"\""), twice("InvalidValue"));
    assert_eq!(form("\"solid\""), [format!("{key} InvalidValue")]);
}

#[test]
fn a_list_has_its_own_fault_after_those_of_its_entries() {
    let codes = r#"["10101",5,"999999","010101","","010101"]"#;
    let expected = [
        "wasteItems.0.ewcCodes.0 InvalidFormat",
        "wasteItems.0.ewcCodes.1 InvalidType",
        "wasteItems.0.ewcCodes.2 InvalidValue",
        "wasteItems.0.ewcCodes.4 InvalidValue",
        "wasteItems.0.ewcCodes OutOfRange",
    ];
    assert_eq!(found(&[(r#"["010101"]"#, codes)]), expected);
}

#[test]
fn a_carrier_has_a_registration_or_a_reason() {
    let carrier = |members: &str| found(&[(r#""registrationNumber":"CBDU48213""#, members)]);
    let reason = "carrier.reasonForNoRegistrationNumber";
    assert_eq!(carrier(r#""registrationNumber":null"#), [format!("{reason} NotProvided")]);
    assert_eq!(
        carrier(r#""registrationNumber":"","reasonForNoRegistrationNumber":null"#),
        [format!("{reason} NotProvided")],
        "this one is a warning"
    );
    assert_eq!(
        carrier(r#""registrationNumber":5,"reasonForNoRegistrationNumber":null"#),
        ["carrier.registrationNumber UnexpectedError".to_owned(), format!("{reason} NotAllowed")]
    );
    let road = [("\"Rail\"", "\"Road\"")];
    assert_eq!(found(&road), ["carrier.vehicleRegistration NotProvided"]);
    let rail = [("\"Rail\"", r#""Rail","vehicleRegistration":null"#)];
    assert_eq!(found(&rail), ["carrier.vehicleRegistration NotAllowed"]);
}

#[test]
fn rules_on_the_body_wait_until_the_rest_is_right() {
    let hazardous = ("\"010101\"", "\"160601\"");
    let key = "reasonForNoConsignmentCode";
    assert_eq!(found(&[hazardous]), [format!("{key} BusinessRuleViolation")]);
    assert_eq!(found(&[hazardous, ("\"Solid\"", "\"Rock\"")]).len(), 1, "only the form");
    let code = |code: &str| found(&[hazardous, ("{", &format!("{{{code},"))]);
    assert_eq!(code(r#""reasonForNoConsignmentCode":"OTHER""#), [format!("{key} InvalidValue")]);
    assert_eq!(
        code(r#""hazardousWasteConsignmentCode":null"#),
        ["hazardousWasteConsignmentCode BusinessRuleViolation"]
    );
    for fine in [
        r#""hazardousWasteConsignmentCode":["SA1234567"]"#,
        r#""hazardousWasteConsignmentCode":0,"reasonForNoConsignmentCode":"HWRC_RECEIPT""#,
        r#""hazardousWasteConsignmentCode":"AB/12345","reasonForNoConsignmentCode":"OTHER""#,
    ] {
        assert_eq!(code(fine), NOTHING, "{fine}");
    }
}

#[test]
fn pops_and_their_components() {
    let pops = |contains: &str, pops: &str| {
        let contains = format!("\"containsPops\":{contains}");
        found(&[("\"containsPops\":false", &contains), (ITEM, &item(&format!("\"pops\":{pops}")))])
    };
    let at = |rest: &str| [format!("wasteItems.0.pops{rest}")];
    assert_eq!(pops("true", "null"), at(" NotProvided"));
    assert_eq!(pops("true", "{}"), at(".sourceOfComponents BusinessRuleViolation"));
    assert_eq!(
        pops("true", r#"{"sourceOfComponents":"GUIDANCE","components":null}"#),
        at(".components BusinessRuleViolation")
    );
    assert_eq!(
        pops("true", r#"{"sourceOfComponents":"GUIDANCE","components":[]}"#),
        at(".components NotProvided"),
        "this one is a warning"
    );
    assert_eq!(
        pops("true", r#"{"sourceOfComponents":"NOT_PROVIDED","components":[{"code":"END"}]}"#),
        at(".components BusinessRuleViolation")
    );
    // A rule on a list speaks although an entry is at fault.
    assert_eq!(
        pops("false", r#"{"components":[{"code":null}]}"#),
        [at(".components.0.code NotProvided"), at(".components BusinessRuleViolation")].concat()
    );
    assert_eq!(pops("false", r#"{"sourceOfComponents":"GUIDANCE"}"#), NOTHING);
}

#[test]
fn hazardous_properties() {
    let hazardous = |flag: &str, object: &str| {
        let members = format!("\"containsHazardous\":{flag},\"hazardous\":{object},");
        found(&[(ITEM, &members)])
    };
    let both = [
        "wasteItems.0.hazardous BusinessRuleViolation",
        "wasteItems.0.hazardous.components BusinessRuleViolation",
    ];
    assert_eq!(hazardous("true", r#"{"sourceOfComponents":"OWN_TESTING"}"#), both);
    assert_eq!(
        hazardous("[]", r#"{"sourceOfComponents":"OWN_TESTING"}"#),
        ["wasteItems.0.containsHazardous InvalidType", both[0]]
    );
    assert_eq!(
        hazardous("true", r#"{"hazCodes":[]}"#),
        ["wasteItems.0.hazardous.sourceOfComponents BusinessRuleViolation"]
    );
}

#[test]
fn an_operator_needs_a_concentration() {
    let component = |which: &str, operator: &str| {
        let (flag, extra, name) = match which {
            "pops" => ("containsPops", "", r#""code":"END""#),
            _ => ("containsHazardous", r#""hazCodes":["HP_1"],"#, r#""name":"Lead""#),
        };
        let object = format!(
            r#"{{"sourceOfComponents":"GUIDANCE",{extra}"components":[{{{name},{operator}}}]}}"#
        );
        let old = format!("\"{flag}\":false,");
        found(&[(&old, &format!("\"{flag}\":true,\"{which}\":{object},"))]).len()
    };
    let taken = [
        r#""concentrationOperator":">","concentration":1"#,
        r#""concentrationOperator":null,"concentration":1"#,
    ];
    for which in ["pops", "hazardous"] {
        for taken in taken {
            assert_eq!(component(which, taken), 0, "{which} {taken}");
        }
        assert_eq!(component(which, r#""concentrationOperator":">""#), 1);
        assert_eq!(component(which, r#""concentrationOperator":">","concentration":null"#), 1);
        assert_eq!(component(which, r#""concentrationOperator":">=","concentration":1"#), 1);
    }
    let below = r#""concentrationOperator":"<","concentration":1"#;
    assert_eq!([component("pops", below), component("hazardous", below)], [0, 1]);
}

#[test]
fn the_keys_of_warnings_grow() {
    let pops = r#""pops":{"sourceOfComponents":"PROVIDED_WITH_WASTE","components":[
        {"code":"END"},{"code":"END","concentration":1},{"code":"END"},{"code":"END"}]}"#;
    let warnings = found(&[("\"containsPops\":false", &format!("\"containsPops\":true,{pops}"))]);
    let expected = ["0", "2.0", "3.2.0"]
        .map(|gaps| format!("wasteItems.0.pops.components.{gaps}.concentration NotProvided"));
    assert_eq!(warnings, expected);
}

#[test]
fn specials_are_limited_in_utf16_units() {
    let special = |text: &str| {
        found(&[("{", &format!("{{\"specialHandlingRequirements\":\"{text}\","))]).len()
    };
    assert_eq!([special(&"\u{1f600}".repeat(2_500)), special(&"\u{1f600}".repeat(2_501))], [0, 1]);
    assert_eq!([special(&"\\ud800".repeat(5_000)), special(&"\\ud800".repeat(5_001))], [0, 1]);
}

#[test]
fn an_object_that_many_bodies_have_is_judged_by_what_is_in_it() {
    use crate::json::{Common, Object};
    let codes = Codes::embedded();
    let mut checker = Checker::new(codes);
    let body = parse(GOOD).expect("JSON").into_owned();
    let good = body.get("carrier").and_then(Value::as_object).expect("a carrier").clone();
    let mut bad = good.clone();
    bad.set("meansOfTransport", Value::text("Raod"));
    let mut unregistered = good.clone();
    unregistered.set("registrationNumber", Value::Null);
    unregistered.set("reasonForNoRegistrationNumber", Value::Null);
    let commons = [bad, good, unregistered].map(|object| Common::new(object.into_owned()));
    for common in commons.iter().cycle().take(9) {
        let Value::Object(mut body) = body.clone() else { panic!("a body is an object") };
        body.set("carrier", Value::Object(Object::lent(common)));
        let body = Value::Object(body);
        assert_eq!(checker.check(&body), check(&body, codes));
    }
}
