//! From answers to verdicts.

use serde::{Deserialize, Serialize};

use super::{Expected, Scenario};
use crate::finding::Finding;
use crate::submission::{Outcome, Reason};

/// Whether a scenario has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It has; what is worth saying beside it.
    Pass(Option<String>),
    /// It has not, and why.
    Fail(String),
    /// Stored under this waste tracking ID: the endpoint has yet to judge it.
    Stored(String),
}

/// What the endpoint is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pair {
    /// The scenario's number.
    pub scenario_id: &'static str,
    /// The movement that is to show it.
    pub waste_tracking_id: String,
}

/// What the endpoint answers when it has judged.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Judged {
    submission_id: Option<String>,
    results: Vec<JudgedOne>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JudgedOne {
    scenario_id: String,
    waste_tracking_id: Option<String>,
    status: String,
    message: Option<String>,
}

/// What the answer to a scenario's movement shows.
pub fn of_answer(scenario: &Scenario, outcome: &Outcome) -> Verdict {
    match (scenario.expected, outcome) {
        (Expected::Stored, Outcome::Accepted { waste_tracking_id: Some(id), .. }) => {
            Verdict::Stored(id.clone())
        }
        (Expected::Refused(_), Outcome::Accepted { waste_tracking_id, .. }) => {
            let id = waste_tracking_id.as_deref().unwrap_or("no ID");
            Verdict::Fail(format!(
                "the service stored it ({id}), but had to refuse it: its rules seem to have \
                 changed. Ask the service desk whether the scenario still holds"
            ))
        }
        (Expected::Refused(keys), Outcome::Rejected { findings, .. }) => refused(keys, findings),
        (Expected::Stored, Outcome::Rejected { findings, .. }) => {
            Verdict::Fail(format!("the service refused it: {}", in_words(findings)))
        }
        (_, outcome) => Verdict::Fail(unclear(outcome)),
    }
}

/// A refusal counts when it is for what the scenario shows.
fn refused(keys: &[&str], findings: &[Finding]) -> Verdict {
    match findings.iter().find(|finding| keys.contains(&finding.key.as_str())) {
        Some(finding) => {
            Verdict::Pass(Some(format!("refused, as it must be: {}", finding.message)))
        }
        None => Verdict::Fail(format!(
            "the service refused it, but not for what the scenario shows: {}",
            in_words(findings)
        )),
    }
}

fn in_words(findings: &[Finding]) -> String {
    let said = findings.iter().map(|finding| {
        let key = if finding.key.is_empty() { "the movement" } else { &finding.key };
        format!("{key}: {} ({})", finding.message, finding.error_type)
    });
    said.collect::<Vec<_>>().join("; ")
}

/// Neither stored nor refused, as far as anybody knows.
fn unclear(outcome: &Outcome) -> String {
    let reason = outcome.reason();
    let why = reason.explain();
    let then = match reason {
        Reason::Unpaid => "have the service charge paid, then run approval again",
        Reason::ApiCodeUnknown => "check --api-code: it must be one of this environment",
        Reason::SetUp => "check --api-url, and that the credentials are for this environment",
        Reason::Unauthorised => "check client ID and client secret",
        _ => "run approval again",
    };
    match outcome {
        Outcome::Uncertain { .. } => {
            format!("whether it was stored is not known: {why}; {then}")
        }
        _ => format!("it was not stored: {why}; {then}"),
    }
}

/// What the endpoint is to be asked, of verdicts in the scenarios' order.
pub fn pairs<'v>(verdicts: impl IntoIterator<Item = (&'static str, &'v Verdict)>) -> Vec<Pair> {
    verdicts
        .into_iter()
        .filter_map(|(scenario_id, verdict)| match verdict {
            Verdict::Stored(id) => Some(Pair { scenario_id, waste_tracking_id: id.clone() }),
            Verdict::Pass(_) | Verdict::Fail(_) => None,
        })
        .collect()
}

/// What the endpoint says of one pair, once it has judged; the text is its whole answer.
///
/// An error is an answer that cannot be read.
pub fn judge(answer: &str, pairs: &[Pair]) -> Result<(Option<String>, Vec<Verdict>), String> {
    let judged: Judged = serde_json::from_str(answer)
        .map_err(|error| format!("the endpoint's answer cannot be read: {error}"))?;
    let of = |pair: &Pair| {
        let found = judged.results.iter().find(|one| one.scenario_id == pair.scenario_id);
        let Some(found) = found else {
            return Verdict::Fail("the endpoint said nothing of it".to_owned());
        };
        if found.waste_tracking_id.as_ref().is_some_and(|id| *id != pair.waste_tracking_id) {
            return Verdict::Fail(format!(
                "the endpoint judged another movement ({})",
                found.waste_tracking_id.as_deref().unwrap_or_default()
            ));
        }
        let message = found.message.as_deref().map(str::trim).filter(|text| !text.is_empty());
        match found.status.as_str() {
            "Pass" => Verdict::Pass(message.map(str::to_owned)),
            other => {
                let message = message.unwrap_or("it gave no reason");
                Verdict::Fail(format!("the endpoint says {other}: {message}"))
            }
        }
    };
    let verdicts = pairs.iter().map(of).collect();
    Ok((judged.submission_id, verdicts))
}

/// Why nothing was judged, when the endpoint answered otherwise than with a judgement.
pub fn of_endpoint(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Rejected { findings, .. } => {
            format!("the endpoint refused the list: {}", in_words(findings))
        }
        other => format!("the endpoint did not judge it: {}", other.reason().explain()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::SCENARIOS;
    use crate::finding::ErrorType;

    fn scenario(id: &str) -> Scenario {
        SCENARIOS.into_iter().find(|scenario| scenario.id == id).expect("a scenario")
    }

    fn rejected(key: &str) -> Outcome {
        let findings = vec![Finding::error(key, ErrorType::NotProvided, "it is missing")];
        Outcome::Rejected { reason: Reason::Refused, findings }
    }

    fn accepted() -> Outcome {
        Outcome::Accepted { waste_tracking_id: Some("26BHUT6U".to_owned()), warnings: Vec::new() }
    }

    fn why(verdict: Verdict) -> String {
        match verdict {
            Verdict::Fail(why) => why,
            other => panic!("{other:?} did not fail"),
        }
    }

    #[test]
    fn answers_are_held_against_what_the_scenario_expects() {
        assert_eq!(of_answer(&scenario("R01"), &accepted()), Verdict::Stored("26BHUT6U".into()));
        assert!(why(of_answer(&scenario("C01"), &accepted())).contains("had to refuse it"));
        let right = rejected("carrier.reasonForNoRegistrationNumber");
        assert!(matches!(of_answer(&scenario("C01"), &right), Verdict::Pass(Some(_))));
        assert!(why(of_answer(&scenario("H02"), &right)).contains("not for what the scenario"));
        assert!(why(of_answer(&scenario("R01"), &right)).contains("it is missing (NotProvided)"));
        let uncertain = Outcome::Uncertain { reason: Reason::Timeout };
        assert!(why(of_answer(&scenario("R01"), &uncertain)).contains("is not known"));
        let unpaid = Outcome::Deferred { reason: Reason::Unpaid, retry_after: None };
        assert!(why(of_answer(&scenario("R01"), &unpaid)).contains("charge paid"));
    }

    #[test]
    fn the_endpoint_s_answer_is_read_and_doubted() {
        let pair = |scenario_id| Pair { scenario_id, waste_tracking_id: "26BHUT6U".to_owned() };
        let asked = [pair("R01"), pair("R02"), pair("R03"), pair("R04")];
        let answer = r#"{"submissionId":"s","results":[
            {"scenarioId":"R01","wasteTrackingId":"26BHUT6U","status":"Pass","message":""},
            {"scenarioId":"R02","wasteTrackingId":"26BHUT6U","status":"Fail","message":"one item"},
            {"scenarioId":"R03","wasteTrackingId":"26AAAAAA","status":"Pass","message":""}]}"#;
        let (submission, verdicts) = judge(answer, &asked).expect("readable");
        assert_eq!(submission.as_deref(), Some("s"));
        assert_eq!(verdicts[0], Verdict::Pass(None));
        assert_eq!(why(verdicts[1].clone()), "the endpoint says Fail: one item");
        assert!(why(verdicts[2].clone()).contains("another movement (26AAAAAA)"));
        assert!(why(verdicts[3].clone()).contains("said nothing"));
        assert!(judge("<html>", &asked).is_err());
    }
}
