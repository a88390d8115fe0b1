//! What is logged of a run. References, codes and counts, but nothing of what stands in a movement:
//! names and addresses have no business in a log, nor do messages that may repeat them.

use crate::dispatcher::Event;
use crate::finding::{Finding, general_key};
use crate::submission::Outcome;

/// A file was taken in.
pub(in crate::cli) fn file_admitted(file: &str, records: u64, new: u64, invalid: u64) {
    tracing::info!(event = "file", file, records, new, invalid, "the file was admitted");
}

/// A file was not taken in.
pub(in crate::cli) fn file_refused(file: &str) {
    tracing::warn!(event = "file-refused", file, "nothing of the file was admitted");
}

/// A run came to its end.
pub(in crate::cli) fn ended(exit_code: u8, elapsed_ms: u64) {
    tracing::info!(event = "run-ended", exit_code, elapsed_ms, "the run has ended");
}

/// Something happened while movements were sent.
pub(in crate::cli) fn event(event: &Event) {
    match event {
        Event::Recorded { .. } => answered(event),
        Event::Waiting(count) => {
            tracing::info!(event = "waiting", count, "movements wait to be sent");
        }
        Event::Released(count) => {
            tracing::info!(event = "released", count, "claimed movements went back unsent");
        }
        Event::Waited { until } => {
            tracing::warn!(event = "slowed", until = %until, "the service asks to wait");
        }
        Event::NothingBefore { until } => {
            tracing::info!(event = "nothing-due", until = %until, "what is left is due later");
        }
        Event::Pace(rate) => tracing::info!(event = "pace", rate, "the pace has changed"),
        Event::Outage { until } => {
            tracing::warn!(event = "outage", until = %until, "the service seems to be down");
        }
        Event::Recovered => tracing::info!(event = "recovered", "the service is back"),
        Event::OperatorPaused { api_code, unpaid, .. } => {
            tracing::warn!(event = "operator-paused", api_code, unpaid, "an operator waits");
        }
        Event::ServiceCharge { api_code, expiry } => {
            tracing::info!(event = "service-charge", api_code, expiry, "the charge expires");
        }
    }
}

fn answered(event: &Event) {
    let Event::Recorded { reference, method, attempt, outcome, status, .. } = event else { return };
    let (method, reason) = (method.as_str(), outcome.reason().as_str());
    let status = status.unwrap_or_default();
    macro_rules! line {
        ($level:ident, $what:literal, $($more:tt)*) => {
            tracing::$level!(event = "answered", reference, outcome = $what, method, attempt,
                status, reason, $($more)* $what)
        };
    }
    match outcome {
        Outcome::Accepted { waste_tracking_id, warnings } => {
            let waste_tracking_id = waste_tracking_id.as_deref().unwrap_or_default();
            let findings = keys(warnings);
            line!(info, "accepted", waste_tracking_id, findings,);
        }
        Outcome::Rejected { findings, .. } => {
            let findings = keys(findings);
            line!(warn, "rejected", findings,);
        }
        Outcome::Deferred { .. } => line!(warn, "deferred",),
        Outcome::Uncertain { .. } => line!(warn, "uncertain",),
    }
}

/// Where something was found and of what kind, without the words.
fn keys(findings: &[Finding]) -> String {
    let mut keys: Vec<String> = findings
        .iter()
        .map(|finding| format!("{}:{}", general_key(&finding.key), finding.error_type))
        .collect();
    keys.dedup();
    keys.join(",")
}
