//! The evidence pack: what was sent, what was answered, and what that shows; as JSON for programs
//! and HTML for people.

use askama::Template;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Scenario, Verdict, letter};
use crate::calendar;

/// One attempt at the whole approval.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// This program's version.
    pub version: &'static str,
    /// The environment's name.
    pub environment: String,
    /// The API's base URL.
    pub api_url: String,
    /// The operator's code.
    pub api_code: String,
    /// When it began, to the second.
    pub begun_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Whether every scenario passed.
    pub passed: bool,
    /// The scenarios, in the order sent.
    pub scenarios: Vec<Shown>,
    /// The endpoint's judgement, if it was asked.
    pub endpoint: Option<Endpoint>,
}

/// A scenario and what became of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// The scenario's number.
    pub scenario_id: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Whether nobody is approved without it.
    pub mandatory: bool,
    /// Whether the movement has to be refused.
    pub must_be_refused: bool,
    /// Whether it passed.
    pub passed: bool,
    /// Why it did not, or what is worth saying.
    pub why: Option<String>,
    /// When its movement was sent; none when it was not.
    pub sent_at: Option<Timestamp>,
    /// The ID that it was given.
    pub waste_tracking_id: Option<String>,
    /// What this program's own checks say against it, before it is sent.
    pub own_checks: Vec<String>,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// The service's name for the request, if it gave one.
    pub request_id: Option<String>,
    /// The body that was sent.
    pub request: Box<RawValue>,
    /// The body that was answered: JSON as it stood, anything else as a text.
    pub answer: Option<Box<RawValue>>,
}

/// What `/production-approval-tests` was asked and said.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Its own name for the list.
    pub submission_id: Option<String>,
    /// The HTTP status of its answer.
    pub status: Option<u16>,
    /// Why it did not judge, if it did not.
    pub trouble: Option<String>,
    /// The list that was sent.
    pub request: Box<RawValue>,
    /// The body that was answered.
    pub answer: Option<Box<RawValue>>,
}

/// Why the evidence cannot be put into words.
#[derive(Debug, thiserror::Error)]
#[error("the evidence cannot be written: {0}")]
pub struct WriteError(String);

/// Text as a JSON value: itself if it is JSON, else in quotes.
pub(super) fn raw(text: &str) -> Option<Box<RawValue>> {
    if text.trim().is_empty() {
        return None;
    }
    RawValue::from_string(text.trim().to_owned())
        .ok()
        .or_else(|| serde_json::value::to_raw_value(text).ok())
}

impl Shown {
    /// A scenario that has not been sent yet.
    pub fn new(scenario: &Scenario, body: &[u8], own_checks: Vec<String>) -> Self {
        let body = String::from_utf8_lossy(body);
        Shown {
            scenario_id: scenario.id,
            title: scenario.title,
            mandatory: scenario.mandatory,
            must_be_refused: !scenario.is_judged(),
            passed: false,
            why: None,
            sent_at: None,
            waste_tracking_id: None,
            own_checks,
            status: None,
            request_id: None,
            request: raw(&body).unwrap_or_default(),
            answer: None,
        }
    }

    /// Keeps an answer as it came.
    pub fn answered(&mut self, status: u16, request_id: Option<String>, body: &[u8]) {
        self.status = Some(status);
        self.request_id = request_id;
        self.answer = raw(&String::from_utf8_lossy(body));
    }

    /// Takes in a verdict.
    pub fn judged(&mut self, verdict: &Verdict) {
        self.passed = matches!(verdict, Verdict::Pass(_));
        match verdict {
            Verdict::Pass(said) => self.why.clone_from(said),
            Verdict::Fail(why) => self.why = Some(why.clone()),
            Verdict::Stored(id) => self.waste_tracking_id = Some(id.clone()),
        }
    }
}

impl Endpoint {
    /// A list that is about to be sent.
    pub fn new(asked_at: Timestamp, list: &[u8]) -> Self {
        Endpoint {
            asked_at,
            submission_id: None,
            status: None,
            trouble: None,
            request: raw(&String::from_utf8_lossy(list)).unwrap_or_default(),
            answer: None,
        }
    }

    /// Keeps its answer as it came.
    pub fn answered(&mut self, status: u16, body: &[u8]) {
        self.status = Some(status);
        self.answer = raw(&String::from_utf8_lossy(body));
    }
}

/// The page; the template escapes whatever stands in it.
#[derive(Template)]
#[template(path = "approval.html")]
struct Page<'a> {
    evidence: &'a Evidence,
    begun: String,
    letter: Option<String>,
}

impl Evidence {
    /// The endpoint's name for what it judged.
    pub fn submission_id(&self) -> Option<&str> {
        self.endpoint.as_ref()?.submission_id.as_deref()
    }

    /// How many scenarios passed.
    pub fn count_passed(&self) -> usize {
        self.scenarios.iter().filter(|shown| shown.passed).count()
    }

    /// The e-mail to send, once everything has passed.
    pub fn letter(&self) -> Option<String> {
        self.passed.then(|| letter(self))
    }

    /// As JSON.
    pub fn to_json(&self) -> Result<String, WriteError> {
        serde_json::to_string_pretty(self).map_err(|error| WriteError(error.to_string()))
    }

    /// As a page that stands for itself.
    pub fn to_html(&self) -> Result<String, WriteError> {
        let begun = calendar::show(self.begun_at);
        let page = Page { evidence: self, begun, letter: self.letter() };
        page.render().map_err(|error| WriteError(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::{Facts, SCENARIOS};

    fn evidence(passed: bool) -> Evidence {
        let at: Timestamp = "2026-11-21T21:00:00Z".parse().expect("a time");
        let facts = Facts { api_code: "code".into(), received_at: at, stamp: "1".into() };
        let mut shown = Shown::new(&SCENARIOS[0], &SCENARIOS[0].body(&facts), Vec::new());
        shown.sent_at = Some(at);
        shown.judged(&Verdict::Stored("26BHUT6U".into()));
        shown.answered(201, Some("r-1".into()), br#"{"wasteTrackingId":"26BHUT6U"}"#);
        shown.judged(&if passed {
            Verdict::Pass(None)
        } else {
            Verdict::Fail("<script>alert(1)</script>".into())
        });
        let mut endpoint = Endpoint::new(at, b"[]");
        endpoint.submission_id = Some("submission-1".into());
        Evidence {
            version: "0.0.0",
            environment: "test".into(),
            api_url: "https://api.example.com".into(),
            api_code: "code".into(),
            begun_at: at,
            ended_at: at,
            passed,
            scenarios: vec![shown],
            endpoint: Some(endpoint),
        }
    }

    #[test]
    fn the_page_shows_it_and_runs_nothing_of_it() {
        let page = evidence(false).to_html().expect("a page");
        assert!(page.contains("&#60;script&#62;") && !page.contains("<script>"), "{page}");
        assert!(!page.contains("Subject:"), "there is nothing to send yet");
        let page = evidence(true).to_html().expect("a page");
        assert!(page.contains("submission-1") && page.contains("Subject:"), "{page}");
        assert!(page.contains("26BHUT6U") && page.contains("Sorted rigid plastics"));
    }

    #[test]
    fn the_letter_says_what_a_person_must_fill_in() {
        insta::assert_snapshot!(evidence(true).letter().expect("all passed"));
        assert_eq!(evidence(false).letter(), None);
    }

    #[test]
    fn bodies_stand_in_the_json_as_they_came() {
        let json = evidence(true).to_json().expect("JSON");
        let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(read["scenarios"][0]["answer"]["wasteTrackingId"], "26BHUT6U");
        assert_eq!(raw("<html>").expect("a text").get(), "\"<html>\"");
        assert!(raw("  ").is_none());
    }
}
