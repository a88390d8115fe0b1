//! What the API says beside a record that it stores (section 10). Nothing here looks at a body
//! that has errors, so every value is of its type.

use std::fmt::Write as _;

use super::say;
use super::schema::Substances;
use crate::finding::{ErrorType, Finding, Severity};
use crate::json::{Object, Value};

/// How far the service's growing keys are followed: they take up the square of the number of
/// gaps, and the service itself has no room for an answer much beyond this.
const MOST_GROWN_KEYS: usize = 2_000;

/// W1 to W6, in the API's order.
pub(super) fn of_body(body: &Object<'_>, findings: &mut Vec<Finding>) {
    let items = body.get("wasteItems").and_then(Value::as_list).unwrap_or_default();
    let items = || items.iter().enumerate().filter_map(|(at, item)| Some((at, item.as_object()?)));
    for (at, item) in items() {
        let treated = item.get("disposalOrRecoveryCodes").and_then(Value::as_list);
        if treated.is_none_or(<[_]>::is_empty) {
            let key = format!("wasteItems.{at}.disposalOrRecoveryCodes");
            findings.push(warning(key, say::treatment_recommended().to_owned()));
        }
    }
    for which in [Substances::Pops, Substances::Hazardous] {
        for (at, item) in items() {
            of_substances(at, item, which, findings);
        }
    }
    if let Some(carrier) = body.get("carrier").and_then(Value::as_object) {
        of_carrier(carrier, findings);
    }
}

/// W2, W3 (POPs), W4, W5 (hazardous): components, and a concentration for each.
fn of_substances(at: usize, item: &Object<'_>, which: Substances, findings: &mut Vec<Finding>) {
    let Some(Value::Object(object)) = item.get(which.key()) else { return };
    let none = item.get(which.contains()) == Some(&Value::Bool(false));
    let source = object.get("sourceOfComponents").and_then(Value::as_str);
    if none || source == Some("NOT_PROVIDED") {
        return;
    }
    let base = || format!("wasteItems.{at}.{}.components", which.key());
    let components = object.get("components").and_then(Value::as_list).unwrap_or_default();
    if components.is_empty() {
        return findings.push(warning(base(), say::components_recommended(which).to_owned()));
    }
    // The service's keys grow: from the second gap on, the earlier ones stay in it, newest first.
    let mut gaps = String::new();
    let mut count = 0;
    for (index, component) in components.iter().enumerate() {
        let concentration = component.as_object().and_then(|object| object.get("concentration"));
        if !matches!(concentration, None | Some(Value::Null)) {
            continue;
        }
        let mut grown = index.to_string();
        count += 1;
        if !gaps.is_empty() && count <= MOST_GROWN_KEYS {
            let _ = write!(grown, ".{gaps}");
        }
        gaps = grown;
        let key = format!("{}.{gaps}.concentration", base());
        findings.push(warning(key, say::concentration_recommended(which, component)));
    }
}

/// W6: neither a registration nor a reason.
fn of_carrier(carrier: &Object<'_>, findings: &mut Vec<Finding>) {
    let is_blank = |key: &str| match carrier.get(key) {
        Some(Value::Null) => true,
        Some(Value::Text(text)) => text.as_str().is_empty(),
        _ => false,
    };
    if is_blank("registrationNumber") && is_blank("reasonForNoRegistrationNumber") {
        let key = "carrier.reasonForNoRegistrationNumber".to_owned();
        findings.push(warning(key, say::carrier_reason_recommended().to_owned()));
    }
}

fn warning(key: String, message: String) -> Finding {
    Finding::new(Severity::Warning, key, ErrorType::NotProvided, message)
}
