//! `approval`, end to end: all scenarios against the sandbox, and every way to fail.

#[path = "support/mod.rs"]
mod support;

use secrecy::ExposeSecret as _;
use serde_json::Value;
use support::program::{Ended, Place, beside};
use support::wire::{Act, TOKEN, Wire, answer, token};
use waste_receipts::sandbox::{API_CODES, Options, Sandbox};

const PAIRED: [&str; 12] =
    ["R01", "R02", "R03", "R04", "R05", "R07", "C02", "B01", "P01", "H01", "H03", "X01"];

/// Runs it against a sandbox of the test's own.
async fn against(sandbox: &Sandbox, place: &Place, more: &[&str]) -> Ended {
    let mut command = place.command();
    command
        .args(["approval", "--out", "pack"])
        .env("WASTE_RECEIPTS_API_URL", sandbox.api_url())
        .env("WASTE_RECEIPTS_TOKEN_URL", sandbox.token_url())
        .env("WASTE_RECEIPTS_CLIENT_ID", sandbox.client_id())
        .env("WASTE_RECEIPTS_CLIENT_SECRET", sandbox.client_secret().expose_secret())
        .env("WASTE_RECEIPTS_API_CODE", API_CODES[0])
        .args(more);
    beside(command).await
}

async fn with_faults(faults: &[&str]) -> (Sandbox, Place, Ended) {
    let faults = faults.iter().map(|fault| fault.parse().expect("a fault")).collect();
    let options = Options { faults, ..Options::default() };
    let sandbox = Sandbox::start(options).await.expect("a sandbox");
    let place = Place::new();
    let ended = against(&sandbox, &place, &["--give-up-after", "1s"]).await;
    (sandbox, place, ended)
}

/// A scripted service: what it says to each movement in turn, and then to the list.
async fn scripted(api: Vec<Act>) -> (Wire, Place, Ended) {
    let wire = Wire::start([token(TOKEN, 3_600)], api).await;
    let place = Place::new();
    let mut command = place.command();
    command
        .args(["approval", "--out", "pack", "--client-id", "i", "--give-up-after", "0s"])
        .env("WASTE_RECEIPTS_CLIENT_SECRET", "the-secret")
        .env("WASTE_RECEIPTS_API_URL", wire.url())
        .env("WASTE_RECEIPTS_TOKEN_URL", wire.url())
        .env("WASTE_RECEIPTS_API_CODE", API_CODES[0]);
    let ended = beside(command).await;
    (wire, place, ended)
}

fn evidence(place: &Place) -> Value {
    let text = std::fs::read_to_string(place.path().join("pack/evidence.json")).expect("evidence");
    serde_json::from_str(&text).expect("JSON")
}

/// Whether each scenario passed, and why not.
fn verdicts(place: &Place) -> Vec<(String, bool, String)> {
    let evidence = evidence(place);
    let of = |shown: &Value| {
        let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
        (text("scenarioId"), shown["passed"] == true, text("why"))
    };
    evidence["scenarios"].as_array().expect("scenarios").iter().map(of).collect()
}

/// The scenarios that failed, each with its reason; the program says them too, and sends no letter.
fn failed(place: &Place, ended: &Ended) -> Vec<(String, String)> {
    let all = verdicts(place);
    assert_eq!(all.len(), 14);
    assert!(!place.path().join("pack/email.txt").exists(), "a letter though something failed");
    let failed: Vec<_> = all.into_iter().filter(|one| !one.1).map(|one| (one.0, one.2)).collect();
    assert!(!failed.is_empty());
    for (id, why) in &failed {
        assert!(!why.is_empty(), "{id} says nothing");
        assert!(ended.out.contains(why.as_str()), "{why} is not in {}", ended.out);
    }
    let page = std::fs::read_to_string(place.path().join("pack/evidence.html")).expect("a page");
    assert!(page.contains(&format!("{} of 14 scenarios passed", 14 - failed.len())));
    failed
}

#[test]
fn all_fourteen_pass_against_a_sandbox_of_its_own() {
    let place = Place::new();
    let ended = place.run(["approval", "--environment", "sandbox", "--out", "pack"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("14 of 14 passed"), "{}", ended.out);
    assert!(verdicts(&place).iter().all(|(_, passed, _)| *passed));
    let letter = std::fs::read_to_string(place.path().join("pack/email.txt")).expect("a letter");
    let evidence = evidence(&place);
    let submission = evidence["endpoint"]["submissionId"].as_str().expect("an ID");
    assert!(letter.contains(submission), "{letter}");
    for shown in evidence["scenarios"].as_array().expect("scenarios") {
        let id = shown["wasteTrackingId"].as_str().unwrap_or("(refused)");
        assert!(letter.contains(id), "{id} is not in {letter}");
        assert_eq!(id == "(refused)", shown["status"] == 400, "{shown}");
        assert_eq!(shown["mustBeRefused"], !shown["ownChecks"].as_array().unwrap().is_empty());
        assert!(shown["sentAt"].is_string() && shown["request"]["wasteItems"].is_array());
    }
    let page = std::fs::read_to_string(place.path().join("pack/evidence.html")).expect("a page");
    assert!(page.contains("All 14 scenarios passed") && page.contains(submission));
    // What was shown once is not written over.
    let again = place.run(["approval", "--environment", "sandbox", "--out", "pack"]);
    assert_eq!(again.code, 2, "{again:?}");
    assert!(again.err.contains("an earlier attempt"), "{}", again.err);
}

#[tokio::test]
async fn what_is_sent_is_made_up_and_sent_once() {
    let (sandbox, place, ended) = with_faults(&[]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let stored = sandbox.stored();
    assert_eq!(stored.movements.len(), 12);
    assert!(stored.references.iter().all(|reference| reference.posts == 1));
    for movement in &stored.movements {
        assert!(movement.body.contains("Made-up") && !movement.body.contains("@gov"));
        let reference = movement.your_unique_reference.as_deref().unwrap_or_default();
        assert!(PAIRED.iter().any(|id| reference.starts_with(&format!("APPROVAL-{id}-"))));
    }
    let ids: Vec<_> = stored.movements.iter().map(|m| m.waste_tracking_id.clone()).collect();
    let asked = evidence(&place)["endpoint"]["request"].clone();
    let asked = asked.as_array().expect("a list");
    let pairs: Vec<_> = asked.iter().map(|p| p["scenarioId"].as_str().unwrap()).collect();
    assert_eq!(pairs, PAIRED);
    assert!(asked.iter().all(|p| ids.contains(&p["wasteTrackingId"].as_str().map(str::to_owned))));
}

#[tokio::test]
async fn the_summary_is_json_where_that_is_asked_for() {
    let sandbox = Sandbox::start(Options::default()).await.expect("a sandbox");
    let ended = against(&sandbox, &Place::new(), &["--json"]).await;
    let summary: Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!((&summary["passed"], ended.code), (&Value::Bool(true), 0));
    assert_eq!(summary["scenarios"].as_array().map(Vec::len), Some(14));
}

#[tokio::test]
async fn a_movement_that_is_refused_fails_its_scenario_alone() {
    let (_, place, ended) = with_faults(&["refuse,times=1,key=receiver.siteName"]).await;
    assert_eq!(ended.code, 3, "{ended:?}");
    let failed = failed(&place, &ended);
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].0, "R01");
    assert!(failed[0].1.contains("the service refused it: receiver.siteName"), "{failed:?}");
    assert_eq!(evidence(&place)["endpoint"]["request"].as_array().map(Vec::len), Some(11));
}

#[tokio::test]
async fn a_service_that_takes_what_it_must_refuse_fails_both() {
    let (_, place, ended) = with_faults(&["lenient"]).await;
    assert_eq!(ended.code, 3, "{ended:?}");
    let failed = failed(&place, &ended);
    let ids: Vec<_> = failed.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["C01", "H02"]);
    assert!(failed.iter().all(|(_, why)| why.contains("had to refuse it")), "{failed:?}");
}

#[tokio::test]
async fn what_may_have_been_stored_is_not_sent_again() {
    for fault in ["lose-response,times=1", "status-500-stored,times=1", "empty-201,times=1"] {
        let (sandbox, place, ended) = with_faults(&[fault]).await;
        assert_eq!(ended.code, 3, "{fault}: {ended:?}");
        let failed = failed(&place, &ended);
        assert!(failed[0].1.contains("whether it was stored is not known"), "{failed:?}");
        assert!(sandbox.stored().references.iter().all(|reference| reference.posts == 1));
    }
}

#[tokio::test]
async fn what_was_not_stored_is_sent_again() {
    for fault in ["status-429,times=3,retry-after=0", "revoke-token,times=1"] {
        let (sandbox, _, ended) = with_faults(&[fault]).await;
        assert_eq!(ended.code, 0, "{fault}: {ended:?}");
        assert_eq!(sandbox.stored().movements.len(), 12);
    }
}

#[tokio::test]
async fn when_one_shows_that_the_others_are_in_vain_they_are_not_sent() {
    for (fault, code, words) in [
        ("status-429,retry-after=0", 4, "the service asked for a slower pace"),
        ("unpaid", 8, "have the service charge paid"),
        ("unknown-api-code", 2, "check --api-code"),
        ("revoke-token", 6, "check client ID"),
    ] {
        let (sandbox, place, ended) = with_faults(&[fault]).await;
        assert_eq!(ended.code, code, "{fault}: {ended:?}");
        let failed = failed(&place, &ended);
        assert_eq!(failed.len(), 14);
        assert!(failed[0].1.contains("it was not stored"), "{failed:?}");
        assert!(failed[1].1.starts_with("not sent, since R01 showed that"), "{failed:?}");
        assert!(failed[0].1.contains(words), "{failed:?}");
        assert!(sandbox.stored().references.len() <= 1);
        assert_eq!(evidence(&place)["endpoint"], Value::Null);
    }
}

fn created(id: &str) -> Act {
    let body = format!(r#"{{"wasteTrackingId":"{id}"}}"#);
    Act::Say(answer("201 Created", "", &body))
}

fn refused(key: &str) -> Act {
    let body = format!(
        r#"{{"validation":{{"errors":[{{"key":"{key}","errorType":"NotProvided","message":"no"}}]}}}}"#
    );
    Act::Say(answer("400 Bad Request", "", &body))
}

/// What a service says to the fourteen when all is well, and then to the list.
fn all_stored(end: Act) -> Vec<Act> {
    let mut acts = Vec::new();
    for (number, id) in waste_receipts::approval::SCENARIOS.iter().map(|s| s.id).enumerate() {
        acts.push(match id {
            "C01" => refused("carrier.reasonForNoRegistrationNumber"),
            "H02" => refused("reasonForNoConsignmentCode"),
            _ => created(&format!("26AAAA{number:02}")),
        });
    }
    acts.push(end);
    acts
}

#[tokio::test]
async fn the_endpoint_s_verdicts_are_told_one_by_one() {
    let judged = r#"{"submissionId":"s-1","results":[
        {"scenarioId":"R01","wasteTrackingId":"26AAAA00","status":"Pass","message":""},
        {"scenarioId":"R02","wasteTrackingId":"26AAAA01","status":"Fail","message":"only one item"},
        {"scenarioId":"R03","wasteTrackingId":"26AAAA99","status":"Pass","message":""}]}"#;
    let (wire, place, ended) = scripted(all_stored(Act::Say(answer("200 OK", "", judged)))).await;
    assert_eq!(ended.code, 3, "{ended:?}");
    let failed = failed(&place, &ended);
    assert_eq!(failed.len(), 11, "{failed:?}");
    assert_eq!(failed[0].1, "the endpoint says Fail: only one item");
    assert!(failed[1].1.contains("another movement (26AAAA99)"), "{failed:?}");
    assert!(failed[2].1.contains("said nothing of it"), "{failed:?}");
    assert_eq!(wire.count("POST /production-approval-tests"), 1);
    assert_eq!(wire.count("POST /movements/receive"), 14);
}

#[tokio::test]
async fn an_endpoint_that_does_not_judge_is_told() {
    for (end, code, words) in [
        (refused("0.wasteTrackingId"), 3, "the endpoint refused the list: 0.wasteTrackingId"),
        (Act::Say(answer("404 Not Found", "", "{}")), 3, "the endpoint"),
        (Act::Say(answer("200 OK", "", "<html>")), 3, "cannot be read"),
        (Act::Say(answer("403 Forbidden", "", "{}")), 2, "did not judge it"),
        (Act::Say(answer("503 Service Unavailable", "", "")), 4, "did not judge it"),
        (Act::Close(Vec::new()), 4, "did not judge it"),
    ] {
        let (_, place, ended) = scripted(all_stored(end)).await;
        assert_eq!(ended.code, code, "{words}: {ended:?}");
        let failed = failed(&place, &ended);
        assert_eq!(failed.len(), 12, "those that had to be refused passed: {failed:?}");
        let all = failed.iter().all(|(_, why)| why.contains(words) && why.contains("was stored"));
        assert!(all, "{words}: {failed:?}");
    }
}

#[tokio::test]
async fn a_refusal_for_another_reason_shows_nothing() {
    let mut acts = all_stored(Act::Close(Vec::new()));
    acts[6] = refused("carrier.organisationName");
    let (_, place, ended) = scripted(acts).await;
    let failed = failed(&place, &ended);
    let of_c01 = failed.iter().find(|(id, _)| id == "C01").expect("it failed");
    assert!(of_c01.1.contains("not for what the scenario shows"), "{of_c01:?}");
}

#[test]
fn production_is_refused_under_every_name() {
    let place = Place::new();
    place.write("secret", "the-secret");
    let host = "https://waste-tracking.api.defra.gov.uk";
    let tokens = "https://tokens.invalid";
    for more in [
        vec!["--environment", "production"],
        vec!["--environment", "mine", "--api-url", host, "--token-url", tokens],
        vec!["--api-url", host, "--token-url", tokens],
    ] {
        let mut arguments = vec!["approval", "--client-id", "i", "--client-secret-file", "secret"];
        arguments.extend(["--api-code", API_CODES[0], "--out", "pack"]);
        arguments.extend(more);
        let ended = place.run(arguments);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.err.contains("never for production"), "{}", ended.err);
        assert!(!place.path().join("pack").exists());
    }
}

#[tokio::test]
async fn without_what_it_needs_nothing_is_sent() {
    let sandbox = Sandbox::start(Options::default()).await.expect("a sandbox");
    let place = Place::new();
    let mut command = place.command();
    command
        .arg("approval")
        .env("WASTE_RECEIPTS_API_URL", sandbox.api_url())
        .env("WASTE_RECEIPTS_TOKEN_URL", sandbox.token_url())
        .env("WASTE_RECEIPTS_CLIENT_ID", sandbox.client_id())
        .env("WASTE_RECEIPTS_CLIENT_SECRET", "wrong-secret");
    let no_code = beside(command).await;
    assert_eq!(no_code.code, 2, "{no_code:?}");
    assert!(no_code.err.contains("--api-code"), "{}", no_code.err);
    let mut command = place.command();
    command
        .args(["approval", "--api-code", API_CODES[0]])
        .env("WASTE_RECEIPTS_API_URL", sandbox.api_url())
        .env("WASTE_RECEIPTS_TOKEN_URL", sandbox.token_url())
        .env("WASTE_RECEIPTS_CLIENT_ID", sandbox.client_id())
        .env("WASTE_RECEIPTS_CLIENT_SECRET", "wrong-secret");
    let refused = beside(command).await;
    assert_eq!(refused.code, 6, "{refused:?}");
    assert_eq!(sandbox.stored().requests, 0);
}
