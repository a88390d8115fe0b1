//! The checks against what the API answered: `tests/conformance/receive.jsonl` holds requests
//! with the answers to them, `dates_accepted.tsv` every date text that it takes of a large grid.

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

fn cases() -> Vec<Case<'static>> {
    CASES.lines().map(case).collect()
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
/// last and alone, and an empty text is the only other thing that it calls InvalidValue there.
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
