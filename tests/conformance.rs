//! The checks against what the API answered: `tests/conformance/receive.jsonl` holds requests
//! with the answers to them, `dates_accepted.tsv` every date text that it takes of a large grid.

use std::sync::LazyLock;

use proptest::prelude::*;
use waste_receipts::checks;
use waste_receipts::finding::{Finding, Severity};
use waste_receipts::json::{Object, Value, parse};
use waste_receipts::reference::Codes;

const CASES: &str = include_str!("conformance/receive.jsonl");
const DATES: &str = include_str!("conformance/dates_accepted.tsv");

/// One line: a request body and what the API answered.
struct Case<'a> {
    id: String,
    body: Value<'a>,
    status: String,
    errors: Vec<(String, String)>,
    warnings: Vec<(String, String)>,
}

static PARSED: LazyLock<Vec<Case<'static>>> = LazyLock::new(|| CASES.lines().map(case).collect());

fn cases() -> &'static [Case<'static>] {
    &PARSED
}

fn case(line: &'static str) -> Case<'static> {
    let Ok(Value::Object(mut line)) = parse(line) else { panic!("a line is no object: {line}") };
    let text = |line: &Object<'_>, key: &str| match line.get(key) {
        Some(Value::Text(text)) => text.as_str().to_owned(),
        Some(Value::Number(number)) => number.as_str().to_owned(),
        other => panic!("{key}: {other:?}"),
    };
    Case {
        id: text(&line, "id"),
        status: text(&line, "status"),
        errors: answers(line.get("errors")),
        warnings: answers(line.get("warnings")),
        body: line.remove("payload").expect("every line has a payload"),
    }
}

fn answers(list: Option<&Value<'_>>) -> Vec<(String, String)> {
    let text = |entry: &Value<'_>, key| entry.at(key).and_then(Value::as_str).map(str::to_owned);
    list.and_then(Value::as_list)
        .expect("a list")
        .iter()
        .map(|entry| (text(entry, "key"), text(entry, "errorType")))
        .map(|(key, kind)| (key.expect("a key"), kind.expect("a type")))
        .collect()
}

fn found(findings: &[Finding], severity: Severity) -> Vec<(String, String)> {
    findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .map(|finding| (finding.key.clone(), finding.error_type.to_string()))
        .collect()
}

/// Whether the API objected to nothing but an `apiCode` that it does not know: its look-up comes
/// last and alone, and an empty text is the only other thing that it calls `InvalidValue` there.
fn only_the_api_code_is_unknown(case: &Case<'_>) -> bool {
    case.errors == [("apiCode".to_owned(), "InvalidValue".to_owned())]
        && case.body.at("apiCode").and_then(Value::as_str).is_some_and(|code| !code.is_empty())
}

#[test]
fn agrees_with_the_api() {
    let codes = Codes::embedded();
    let (mut exact, mut unknown_codes) = (0, 0);
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| case.status != "500") {
        let findings = checks::check(&case.body, codes);
        let errors = found(&findings, Severity::Error);
        let warnings = found(&findings, Severity::Warning);
        if only_the_api_code_is_unknown(case) {
            unknown_codes += 1;
            if !errors.is_empty() {
                wrong.push(format!("{}: {errors:?} though only the code is unknown", case.id));
            }
        } else if errors == case.errors && warnings == case.warnings {
            exact += 1;
        } else {
            let expected = (&case.errors, &case.warnings);
            wrong.push(format!("{}: {errors:?} {warnings:?} instead of {expected:?}", case.id));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((exact, unknown_codes), (2_097, 12));
}

#[test]
fn a_missing_carrier_is_no_error_of_the_api_but_stops_the_record() {
    let codes = Codes::embedded();
    let now = "2026-06-01T00:00:00Z".parse().expect("a time");
    let failing: Vec<_> = cases().iter().filter(|case| case.status == "500").collect();
    assert_eq!(failing.len(), 3);
    for case in failing {
        assert!(
            found(&checks::check(&case.body, codes), Severity::Error).is_empty(),
            "{}",
            case.id
        );
        let advice = checks::advise(&case.body, codes, now);
        let stops = |finding: &Finding| finding.severity.stops() && finding.key == "carrier";
        assert!(advice.iter().any(stops), "{}", case.id);
    }
}

/// Every date text of a large grid that the API takes, and what it stores for it, as far as our
/// calendar reaches.
#[test]
fn every_date_that_the_api_takes() {
    let codes = Codes::embedded();
    let (mut taken, mut compared) = (0, 0);
    for line in DATES.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [text, "yes", stored] = columns[..] else { panic!("{line}") };
        let value = parse(text).expect("valid JSON");
        let mut body = Object::new();
        body.set("dateTimeReceived", value.clone());
        let findings = checks::check(&Value::Object(body), codes);
        assert!(findings.iter().all(|finding| finding.key != "dateTimeReceived"), "{line}");
        taken += 1;
        if let Ok(stored) = stored.parse::<jiff::Timestamp>() {
            assert_eq!(checks::received_at(&value), Some(stored), "{line}");
            compared += 1;
        }
    }
    assert_eq!(taken, 3_124);
    assert!(compared > 3_000, "{compared}");
    for none in ["null", "\"14/03/2026\"", "\"+275760-09-13\"", "5", "[]"] {
        assert_eq!(checks::received_at(&parse(none).expect("valid JSON")), None, "{none}");
    }
}

#[test]
fn lists_of_a_million_nothings_are_answered_in_time() {
    let codes = Codes::embedded();
    for text in [
        format!("{{\"wasteItems\":[{}null]}}", "null,".repeat(200_000)),
        format!("{{\"wasteItems\":{}{}}}", "[".repeat(200), "]".repeat(200)),
        format!("{{\"hazardousWasteConsignmentCode\":{}{}}}", "[".repeat(200), "]".repeat(200)),
        format!("{{\"apiCode\":\"{}\"}}", "é".repeat(400_000)),
        format!("{{\"carrier\":{{\"emailAddress\":\"{}@b.com\"}}}}", "a.".repeat(400_000)),
        format!("{{\"dateTimeReceived\":\"2026-03-14T09:20:30.{}\"}}", "9".repeat(900_000)),
        format!("{{\"wasteItems\":[{{\"physicalForm\":\"{}\"}}]}}", "x".repeat(900_000)),
    ] {
        let body = parse(&text).expect("valid JSON");
        assert!(!checks::check(&body, codes).is_empty());
        let _ = checks::advise(&body, codes, jiff::Timestamp::UNIX_EPOCH);
    }
}

/// Any JSON at all, under the keys of the schema as well as others.
fn any_json() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        prop::sample::select(&KEYS[..]).prop_map(|key| format!("\"{key}\"")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).expect("a text")),
        Just(r#""\udc00""#.to_owned()),
    ];
    let leaf = prop_oneof![
        prop::sample::select(&LEAVES[..]).prop_map(str::to_owned),
        any::<String>().prop_map(|text| serde_json::to_string(&text).expect("a text")),
        any::<f64>()
            .prop_filter("JSON has no such numbers", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        (any::<i64>(), any::<i32>()).prop_map(|(digits, power)| format!("{digits}e{power}")),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|list| format!("[{}]", list.join(","))),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|members| {
                let members: Vec<_> =
                    members.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

const KEYS: [&str; 22] = [
    "wasteItems",
    "ewcCodes",
    "weight",
    "metric",
    "amount",
    "pops",
    "hazardous",
    "components",
    "hazCodes",
    "containsPops",
    "containsHazardous",
    "carrier",
    "registrationNumber",
    "address",
    "postcode",
    "emailAddress",
    "dateTimeReceived",
    "hazardousWasteConsignmentCode",
    "disposalOrRecoveryCodes",
    "concentration",
    "toString",
    "",
];

const LEAVES: [&str; 16] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1e400",
    "-1e400",
    "1e-400",
    "9007199254740992",
    r#""""#,
    r#""\ud800""#,
    r#""160601""#,
    r#""170504""#,
    r#""Tonnes""#,
    r#""2026-03 09""#,
    r#""a@\u00fc.de""#,
];

/// Neither judge may panic, whatever the body; the messages must be fit for a terminal.
fn survives(body: &Value<'_>) {
    let codes = Codes::embedded();
    let now = "2026-06-01T00:00:00Z".parse().expect("a time");
    for finding in checks::check(body, codes).iter().chain(&checks::advise(body, codes, now)) {
        assert!(!finding.message.contains(char::is_control), "{:?}", finding.message);
        assert!(!finding.message.is_empty() && finding.message.len() < 1_500, "{finding:?}");
    }
}

proptest! {
    #[test]
    fn no_value_makes_the_checks_panic(text in any_json()) {
        if let Ok(body) = parse(&text) {
            survives(&body);
        }
    }

    #[test]
    fn no_text_makes_the_checks_panic(
        text in any::<String>(),
        at in prop::sample::select(&TEXTS[..]),
    ) {
        let mut body = cases()[0].body.clone();
        replace(&mut body, at, Value::text(text));
        survives(&body);
    }

    #[test]
    fn mutated_bodies_do_not_panic(
        case in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        text in any_json(),
    ) {
        let graft = &other.get(cases()).body;
        let mut body = case.get(cases()).body.clone();
        for place in places {
            let paths = paths_of(&body);
            if let Some(path) = paths.get(place.index(paths.len().max(1))) {
                let strange = parse(&text).ok().map(Value::into_owned);
                let grafted = graft.at(path).cloned();
                replace(&mut body, path, grafted.or(strange).unwrap_or(Value::Null));
            }
        }
        survives(&body);
    }
}

const TEXTS: [&str; 6] = [
    "dateTimeReceived",
    "apiCode",
    "carrier.registrationNumber",
    "receiver.authorisationNumber",
    "receipt.address.postcode",
    "wasteItems.0.ewcCodes.0",
];

/// The dotted paths of all values in a body.
fn paths_of(body: &Value<'_>) -> Vec<String> {
    fn below(value: &Value<'_>, path: &str, paths: &mut Vec<String>) {
        let mut step = |step: &str, value: &Value<'_>| {
            let path = if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
            below(value, &path, paths);
            paths.push(path);
        };
        match value {
            Value::Object(object) => {
                object.iter().for_each(|(key, value)| step(key.as_str(), value));
            }
            Value::List(list) => {
                list.iter().enumerate().for_each(|(at, value)| step(&at.to_string(), value));
            }
            _ => {}
        }
    }
    let mut paths = Vec::new();
    below(body, "", &mut paths);
    paths
}

/// Puts a value where another one stood.
fn replace<'a>(body: &mut Value<'a>, path: &str, new: Value<'a>) {
    let mut at = body;
    for step in path.split('.') {
        let next = match at {
            Value::Object(object) => object.get_mut(step),
            Value::List(list) => step.parse().ok().and_then(|at: usize| list.get_mut(at)),
            _ => None,
        };
        let Some(next) = next else { return };
        at = next;
    }
    *at = new;
}
