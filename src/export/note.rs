//! What is said of a record that is exported: in cells beside its row, or in a line above it.

use serde::Serialize;

use super::Outgoing;
use crate::finding::Severity;
use crate::ledger::StoredFinding;

/// The line above a record of JSON.
#[derive(Serialize)]
pub(super) struct Above<'a> {
    #[serde(rename = "waste-receipts")]
    note: Note<'a>,
}

/// What it says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Note<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    waste_tracking_id: Option<&'a str>,
    file: &'a str,
    line: u64,
    findings: Vec<Said<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    severity: &'a str,
    key: &'a str,
    error_type: &'a str,
    message: &'a str,
    by_service: bool,
}

impl<'a> Above<'a> {
    pub(super) fn new(record: &'a Outgoing) -> Self {
        Above {
            note: Note {
                state: record.state.as_str(),
                waste_tracking_id: record.waste_tracking_id.as_deref(),
                file: record.file_name(),
                line: record.line,
                findings: record.findings.iter().map(Said::new).collect(),
            },
        }
    }
}

impl<'a> Said<'a> {
    fn new(kept: &'a StoredFinding) -> Self {
        Said {
            severity: &kept.severity,
            key: &kept.key,
            error_type: &kept.error_type,
            message: &kept.message,
            by_service: kept.by_api,
        }
    }
}

/// A finding in a cell: what is wrong, and where. Advice that stops nothing is not said: `check`
/// has it.
pub(super) fn said(found: &StoredFinding) -> Option<String> {
    let severity = Severity::parse(&found.severity)?;
    let kind = match severity {
        Severity::Error | Severity::Blocking => "",
        Severity::Warning => "warning: ",
        Severity::Advice => return None,
    };
    let by = if found.by_api { "the service says: " } else { "" };
    let place = found.column_name.as_deref().unwrap_or(&found.key);
    let place = if place.is_empty() { String::new() } else { format!(" [{place}]") };
    Some(format!("{kind}{by}{}{place}", found.message))
}

/// A text that a spreadsheet shows and does not calculate.
pub(super) fn harmless(text: &str) -> String {
    let begins = |text: &str| {
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
    };
    if begins(text) || begins(text.trim_start()) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_calculated() {
        for formula in ["=1+2", "+44", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        assert_eq!(harmless("1=2"), "1=2");
    }
}
