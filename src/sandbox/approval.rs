//! `POST /production-approval-tests`: judges stored movements by the approval scenarios.
//!
//! The rules stand here as the service's guide puts them, apart from whoever builds movements for
//! them, so that each can find the other's mistakes. Must not know: how movements are built.

use std::sync::Arc;

use axum::http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::World;
use super::answer::Answer;
use crate::finding::{ErrorType, Finding};
use crate::json::{Value, parse};

/// The scenarios that are judged. C01 and H02 have no tracking ID, and R06 was withdrawn.
const KNOWN: [&str; 12] =
    ["R01", "R02", "R03", "R04", "R05", "R07", "C02", "B01", "P01", "H01", "H03", "X01"];

/// A scenario, a tracking ID, and the body that it means.
type Pair<'v> = (&'v str, &'v str, Arc<str>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Judged<'a> {
    submission_id: String,
    results: Vec<JudgedOne<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JudgedOne<'a> {
    scenario_id: &'a str,
    waste_tracking_id: &'a str,
    status: &'static str,
    message: String,
}

impl World {
    /// Judges a list of scenarios and tracking IDs, or says what is wrong with the list.
    pub(super) fn judge_for_approval(&self, text: &str) -> Answer {
        let list = parse(text).unwrap_or(Value::Null);
        let pairs = match self.pairs(&list) {
            Ok(pairs) => pairs,
            Err(findings) => return Answer::refused(&findings),
        };
        let judged = |(scenario_id, waste_tracking_id, body): (_, _, Arc<str>)| {
            let body = parse(&body).unwrap_or(Value::Null);
            let verdict = judge(scenario_id, &body);
            JudgedOne {
                scenario_id,
                waste_tracking_id,
                status: if verdict.is_ok() { "Pass" } else { "Fail" },
                message: verdict.err().unwrap_or_default().to_owned(),
            }
        };
        let results = pairs.into_iter().map(judged).collect();
        let submission_id = Uuid::now_v7().to_string();
        Answer::json(StatusCode::OK, &Judged { submission_id, results })
    }

    /// The pairs of a list and the bodies that they mean.
    fn pairs<'v>(&self, list: &'v Value<'_>) -> Result<Vec<Pair<'v>>, Vec<Finding>> {
        let entries = match list.as_list() {
            Some([]) => return Err(vec![wrong("", ErrorType::OutOfRange, "the list is empty")]),
            Some(entries) => entries,
            None => return Err(vec![wrong("", ErrorType::InvalidType, "a list was expected")]),
        };
        let (mut pairs, mut findings) = (Vec::<Pair<'v>>::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            let text = |name: &str| entry.as_object().and_then(|entry| entry.get(name)?.as_str());
            let mut object = |name: &str, kind: ErrorType, message: &str| {
                findings.push(wrong(&format!("{index}.{name}"), kind, message));
            };
            let scenario = text("scenarioId");
            match scenario {
                None => object("scenarioId", ErrorType::NotProvided, "scenarioId is required"),
                Some(id) if !KNOWN.contains(&id) => {
                    object("scenarioId", ErrorType::InvalidValue, "the scenario is not known");
                }
                Some(id) if pairs.iter().any(|(earlier, _, _)| *earlier == id) => {
                    let message = "the scenario is on the list already";
                    object("scenarioId", ErrorType::BusinessRuleViolation, message);
                }
                Some(_) => {}
            }
            let body = match text("wasteTrackingId") {
                None => {
                    let message = "wasteTrackingId is required";
                    object("wasteTrackingId", ErrorType::NotProvided, message);
                    None
                }
                Some(id) => {
                    let body = self.store.body(id);
                    if body.is_none() {
                        let message = "no movement has this waste tracking ID";
                        object("wasteTrackingId", ErrorType::InvalidValue, message);
                    }
                    body.map(|body| (id, body))
                }
            };
            if let (Some(scenario), Some((id, body))) = (scenario, body) {
                pairs.push((scenario, id, body));
            }
        }
        if findings.is_empty() { Ok(pairs) } else { Err(findings) }
    }
}

fn wrong(key: &str, kind: ErrorType, message: &str) -> Finding {
    Finding::error(key, kind, message.to_owned())
}

/// Whether a movement shows a scenario, or why not.
fn judge(scenario: &str, body: &Value<'_>) -> Result<(), &'static str> {
    let items = body.at("wasteItems").and_then(Value::as_list).unwrap_or_default();
    let any_item = |has: &dyn Fn(&Value<'_>) -> bool| items.iter().any(has);
    let more_than_one = |path: &'static str| any_item(&|item| count(item, path) > 1);
    let (holds, or_else) = match scenario {
        "R01" => return one_plain_item(items),
        "R02" => (items.len() >= 2, "there are not two or more waste items"),
        "R03" => (text(body, "carrier.meansOfTransport") == "Road", "it did not come by Road"),
        "R04" => (
            !any_item(&|item| count(item, "disposalOrRecoveryCodes") > 0),
            "an item has a disposal or recovery code",
        ),
        "R05" => (
            more_than_one("disposalOrRecoveryCodes"),
            "no item has more than one disposal or recovery code",
        ),
        "R07" => (more_than_one("ewcCodes"), "no item has two or more EWC codes"),
        "C02" => (
            !text(body, "carrier.reasonForNoRegistrationNumber").is_empty(),
            "there is no reason for the missing carrier registration",
        ),
        "B01" => (
            !text(body, "brokerOrDealer.organisationName").is_empty(),
            "there is no name of a broker or dealer",
        ),
        "P01" => (more_than_one("pops.components"), "no item has more than one POPs component"),
        "H01" => {
            (more_than_one("hazardous.components"), "no item has more than one hazardous component")
        }
        "H03" => (
            !text(body, "reasonForNoConsignmentCode").is_empty(),
            "there is no reason for the missing consignment code",
        ),
        "X01" => (
            any_item(&|item| {
                count(item, "pops.components") > 0 && count(item, "hazardous.components") > 0
            }),
            "no item has both POPs and hazardous components",
        ),
        _ => (false, "the scenario is not known"),
    };
    if holds { Ok(()) } else { Err(or_else) }
}

fn one_plain_item(items: &[Value<'_>]) -> Result<(), &'static str> {
    let [item] = items else { return Err("there is not exactly one waste item") };
    let flag = |name| item.at(name) == Some(&Value::Bool(true));
    match () {
        () if count(item, "disposalOrRecoveryCodes") == 0 => {
            Err("the item has no disposal or recovery code")
        }
        () if flag("containsPops") => Err("the item contains POPs"),
        () if flag("containsHazardous") => Err("the item is hazardous"),
        () => Ok(()),
    }
}

fn text<'v>(body: &'v Value<'_>, path: &str) -> &'v str {
    body.at(path).and_then(Value::as_str).unwrap_or_default()
}

fn count(item: &Value<'_>, path: &str) -> usize {
    item.at(path).and_then(Value::as_list).map_or(0, <[_]>::len)
}
