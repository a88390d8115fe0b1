//! Every recorded request body (`tests/conformance/receive.jsonl`), sent to the sandbox: the
//! checks agree elsewhere; here it is what comes over the wire, unknown apiCodes and movements
//! without a carrier included.

use reqwest::Method;
use waste_receipts::json::{Value, parse, write_value};
use waste_receipts::sandbox::Options;

use crate::support::{Bench, read};

const CASES: &str = include_str!("../conformance/receive.jsonl");

#[tokio::test]
async fn the_service_s_answers_hold() {
    let bench = Bench::start(Options::default()).await;
    let (mut wrong, mut stored) = (Vec::new(), 0);
    for line in CASES.lines() {
        let case = parse(line).unwrap();
        let mut body = Vec::new();
        write_value(&mut body, case.at("payload").unwrap());
        let request = bench
            .request(Method::POST, "/movements/receive")
            .bearer_auth(&bench.token)
            .header("content-type", "application/json")
            .body(body);
        let answer = read(request).await.unwrap();
        let Some(Value::Number(status)) = case.at("status") else { panic!("{line}") };
        stored += usize::from(status.as_str() != "400");
        let agrees = answer.status.to_string() == status.as_str()
            && answer.findings("errors") == expected(&case, "errors")
            && answer.findings("warnings") == expected(&case, "warnings");
        if !agrees {
            let id = case.at("id").and_then(Value::as_str).unwrap();
            wrong.push(format!("{id}: {} {}", answer.status, answer.text));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(bench.sandbox.stored().movements.len(), stored);
}

fn expected(case: &Value<'_>, kind: &str) -> Vec<(String, String)> {
    let text =
        |finding: &Value<'_>, name| finding.at(name).and_then(Value::as_str).map(str::to_owned);
    let listed = case.at(kind).and_then(Value::as_list).unwrap();
    listed.iter().map(|f| (text(f, "key").unwrap(), text(f, "errorType").unwrap())).collect()
}
