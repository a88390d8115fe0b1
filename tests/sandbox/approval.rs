//! `POST /production-approval-tests`: it judges what is stored, and says what is wrong with a list.

use reqwest::Method;
use serde_json::{Value, json};
use waste_receipts::sandbox::Options;

use crate::support::{Answer, Bench, movement, read};

const PATH: &str = "/production-approval-tests";

impl Bench {
    async fn judge(&self, list: &Value) -> Answer {
        let request = self.request(Method::POST, PATH).bearer_auth(&self.token);
        read(request.header("content-type", "application/json").body(list.to_string()))
            .await
            .unwrap()
    }

    /// Stores a movement and has it judged as one scenario.
    async fn verdict(&self, scenario: &str, body: &Value) -> (String, String) {
        let id = self.store(body, Vec::new()).await;
        let answer = self.judge(&json!([{"scenarioId": scenario, "wasteTrackingId": id}])).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let json = answer.json();
        assert!(json["submissionId"].is_string(), "{json}");
        let result = &json["results"][0];
        assert_eq!(
            (&result["scenarioId"], &result["wasteTrackingId"]),
            (&scenario.into(), &id.into())
        );
        let text = |name: &str| result[name].as_str().unwrap().to_owned();
        (text("status"), text("message"))
    }
}

#[tokio::test]
async fn a_plain_movement_shows_what_it_shows_and_no_more() {
    let bench = Bench::start(Options::default()).await;
    let passes = ["R01", "R03"];
    let fails = ["R02", "R04", "R05", "R07", "C02", "B01", "P01", "H01", "H03", "X01"];
    for scenario in passes.into_iter().chain(fails) {
        let (status, message) = bench.verdict(scenario, &movement("A-1")).await;
        let expected = if passes.contains(&scenario) { "Pass" } else { "Fail" };
        assert_eq!(status, expected, "{scenario}: {message}");
        assert_eq!(message.is_empty(), status == "Pass", "{scenario}: {message}");
    }
}

#[tokio::test]
async fn the_first_scenario_wants_one_item_with_nothing_special() {
    let bench = Bench::start(Options::default()).await;
    let changed = |change: fn(&mut Value)| {
        let mut body = movement("A-1");
        change(&mut body);
        body
    };
    for (body, words) in [
        (
            changed(|body| {
                let item = body["wasteItems"][0].clone();
                body["wasteItems"] = json!([item.clone(), item]);
            }),
            "exactly one",
        ),
        (
            changed(|body| body["wasteItems"][0]["disposalOrRecoveryCodes"] = json!([])),
            "no disposal",
        ),
        (
            changed(|body| {
                body["wasteItems"][0]["containsPops"] = json!(true);
                body["wasteItems"][0]["pops"] = json!({"sourceOfComponents": "NOT_PROVIDED"});
            }),
            "POPs",
        ),
    ] {
        let (status, message) = bench.verdict("R01", &body).await;
        assert!(status == "Fail" && message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn a_bad_list_is_refused_as_a_whole() {
    let bench = Bench::start(Options::default()).await;
    let id = bench.store(&movement("A-1"), Vec::new()).await;
    let pair = |scenario: &str, id: &str| json!({"scenarioId": scenario, "wasteTrackingId": id});
    for (list, expected) in [
        (json!([]), vec![("", "OutOfRange")]),
        (json!({}), vec![("", "InvalidType")]),
        (json!([pair("C01", &id)]), vec![("0.scenarioId", "InvalidValue")]),
        (json!([pair("R01", &id), pair("H02", &id)]), vec![("1.scenarioId", "InvalidValue")]),
        (json!([pair("R06", &id)]), vec![("0.scenarioId", "InvalidValue")]),
        (
            json!([pair("R01", &id), pair("R01", &id)]),
            vec![("1.scenarioId", "BusinessRuleViolation")],
        ),
        (json!([pair("R01", "26ZZZZZZ")]), vec![("0.wasteTrackingId", "InvalidValue")]),
        (json!([{}]), vec![("0.scenarioId", "NotProvided"), ("0.wasteTrackingId", "NotProvided")]),
        (json!([7]), vec![("0.scenarioId", "NotProvided"), ("0.wasteTrackingId", "NotProvided")]),
    ] {
        let answer = bench.judge(&list).await;
        assert_eq!(answer.status, 400, "{list}");
        let expected: Vec<_> =
            expected.iter().map(|(key, kind)| ((*key).to_owned(), (*kind).to_owned())).collect();
        assert_eq!(answer.findings("errors"), expected, "{list}");
    }
    let none = read(bench.request(Method::POST, PATH).body("[]")).await.unwrap();
    assert_eq!(none.status, 401);
}
