//! `list`: the movements, and with `--reference` everything known of one.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::calendar;
use crate::cli::args::ListArgs;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::session::look;
use crate::cli::settings::Settings;
use crate::cli::show;
use crate::json::{self, Difference};
use crate::ledger::{
    AttemptRow, DecisionRow, Filter, Ledger, MovementRow, RevisionRow, StoredFinding,
};
use crate::submission::State;

pub(in crate::cli) async fn run(
    args: &ListArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let ledger = look(settings).await?;
    let filter = Filter {
        states: args.state.clone(),
        reference: args.reference.clone(),
        ..Filter::default()
    };
    let mut after = 0;
    let mut count = 0;
    loop {
        let page = ledger.list(&filter, after).await?;
        let Some(last) = page.last() else { break };
        after = last.movement;
        count += page.len();
        for row in &page {
            // What is held is decided by what differs.
            let is_needed = args.reference.is_some() || row.state == State::Held;
            let history =
                if is_needed { Some(History::of(&ledger, row.movement).await?) } else { None };
            let differs = history.as_ref().map(|h| h.differences(row)).unwrap_or_default();
            let history = history.filter(|_| args.reference.is_some());
            console.out(if args.json {
                serde_json::to_string(&Line::new(row, differs, history.as_ref()))?
            } else {
                text(row, &differs, history.as_ref())
            });
        }
    }
    if count == 0 {
        console.say("No movements.");
    }
    ledger.close().await?;
    Ok(Exit::Success)
}

/// All that happened to one movement.
struct History {
    revisions: Vec<RevisionRow>,
    attempts: Vec<AttemptRow>,
    decisions: Vec<DecisionRow>,
}

impl History {
    async fn of(ledger: &Ledger, movement: i64) -> anyhow::Result<Self> {
        Ok(History {
            revisions: ledger.revisions(movement).await?,
            attempts: ledger.attempts(movement).await?,
            decisions: ledger.decisions(movement).await?,
        })
    }
}

impl History {
    /// What a held revision changes of the one before it that was, or may have been, stored.
    fn differences(&self, row: &MovementRow) -> Vec<Difference> {
        let Some(held) = self.revisions.iter().find(|revision| revision.id == row.revision) else {
            return Vec::new();
        };
        let kept = ["accepted", "uncertain", "sending", "withdrawn"];
        let before = self
            .revisions
            .iter()
            .rev()
            .find(|kin| kin.number < held.number && kept.contains(&kin.state.as_str()));
        let texts = before.and_then(|before| {
            Some((text_of(before.payload.as_deref()?)?, text_of(held.payload.as_deref()?)?))
        });
        let Some((was, is)) = texts.filter(|_| row.state == State::Held) else { return Vec::new() };
        match (json::parse(was), json::parse(is)) {
            (Ok(was), Ok(is)) => json::differences(&was, &is),
            _ => Vec::new(),
        }
    }
}

fn text_of(payload: &[u8]) -> Option<&str> {
    std::str::from_utf8(payload).ok()
}

/// A movement as `list --json` prints it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    movement: i64,
    reference: &'a str,
    api_code: &'a str,
    site: &'a str,
    state: &'static str,
    reason: Option<&'a str>,
    waste_tracking_id: Option<&'a str>,
    attempts: u64,
    received_on: Option<&'a str>,
    file: &'a str,
    line: u64,
    findings: Vec<Finding<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differs: Vec<Differs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revisions: Option<Vec<Revision<'a>>>,
}

/// What a held reading changes.
#[derive(Serialize)]
struct Differs {
    key: String,
    was: Option<String>,
    is: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    severity: &'a str,
    key: &'a str,
    error_type: &'a str,
    message: &'a str,
    line: Option<i64>,
    column: Option<i64>,
    column_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
    by_service: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Revision<'a> {
    number: i64,
    state: &'a str,
    why: &'a str,
    method: &'a str,
    file: &'a str,
    line: i64,
    request: Option<Box<RawValue>>,
    attempts: Vec<Attempt<'a>>,
    decisions: Vec<Decision<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attempt<'a> {
    number: i64,
    method: &'a str,
    started_at: String,
    duration_milliseconds: Option<i64>,
    outcome: &'a str,
    reason: &'a str,
    status: Option<i64>,
    waste_tracking_id: Option<&'a str>,
    request_id: Option<&'a str>,
    detail: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Decision<'a> {
    decided_at: String,
    by: &'a str,
    decision: &'a str,
    from: &'a str,
    to: &'a str,
    waste_tracking_id: Option<&'a str>,
    note: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn new(row: &'a MovementRow, differs: Vec<Difference>, history: Option<&'a History>) -> Self {
        let told = |Difference { key, was, is }| Differs { key, was, is };
        Line {
            movement: row.movement,
            reference: &row.reference,
            api_code: &row.api_code,
            site: &row.site,
            state: row.state.as_str(),
            reason: row.reason.as_deref(),
            waste_tracking_id: row.waste_tracking_id.as_deref(),
            attempts: row.attempts,
            received_on: row.received_on.as_deref(),
            file: &row.file,
            line: row.line,
            findings: row.findings.iter().map(Finding::new).collect(),
            differs: differs.into_iter().map(told).collect(),
            revisions: history.map(|history| {
                history.revisions.iter().map(|revision| Revision::new(revision, history)).collect()
            }),
        }
    }
}

impl<'a> Finding<'a> {
    fn new(kept: &'a StoredFinding) -> Self {
        Finding {
            severity: &kept.severity,
            key: &kept.key,
            error_type: &kept.error_type,
            message: &kept.message,
            line: kept.line,
            column: kept.column_number,
            column_name: kept.column_name.as_deref(),
            sheet: kept.sheet.as_deref(),
            cell: kept.cell(),
            by_service: kept.by_api,
        }
    }
}

impl<'a> Revision<'a> {
    fn new(row: &'a RevisionRow, history: &'a History) -> Self {
        let request = row.payload.as_deref().and_then(|bytes| {
            RawValue::from_string(String::from_utf8(bytes.to_owned()).ok()?).ok()
        });
        let attempts = history.attempts.iter().filter(|attempt| attempt.revision_id == row.id);
        let decisions = history.decisions.iter().filter(|decision| decision.revision_id == row.id);
        Revision {
            number: row.number,
            state: &row.state,
            why: &row.why,
            method: &row.method,
            file: &row.file,
            line: row.line,
            request,
            attempts: attempts.map(Attempt::new).collect(),
            decisions: decisions.map(Decision::new).collect(),
        }
    }
}

impl<'a> Attempt<'a> {
    fn new(row: &'a AttemptRow) -> Self {
        Attempt {
            number: row.number,
            method: &row.method,
            started_at: utc(row.started_at),
            duration_milliseconds: row.duration_ms,
            outcome: &row.outcome,
            reason: &row.reason,
            status: row.status,
            waste_tracking_id: row.waste_tracking_id.as_deref(),
            request_id: row.request_id.as_deref(),
            detail: row.detail.as_deref(),
        }
    }
}

impl<'a> Decision<'a> {
    fn new(row: &'a DecisionRow) -> Self {
        Decision {
            decided_at: utc(row.decided_at),
            by: &row.user_name,
            decision: &row.decision,
            from: &row.from_state,
            to: &row.to_state,
            waste_tracking_id: row.waste_tracking_id.as_deref(),
            note: row.note.as_deref(),
        }
    }
}

fn utc(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}

fn text(row: &MovementRow, differs: &[Difference], history: Option<&History>) -> String {
    let id = row.waste_tracking_id.as_deref().unwrap_or("-");
    let mut lines = vec![format!(
        "{:<10} {:<24} {:<10} {} (movement {}, {} line {})",
        row.state.as_str(),
        row.reference,
        id,
        row.site,
        row.movement,
        row.file,
        row.line
    )];
    lines.extend(show::why(row).map(|why| format!("    {why}")));
    for kept in &row.findings {
        lines.push(format!("    {}: {}", kept.severity, show::stored(row.line, kept)));
    }
    for Difference { key, was, is } in differs {
        let shown = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        lines.push(format!("    {key}: {} became {}", shown(was), shown(is)));
    }
    if let Some(history) = history {
        lines.extend(history.revisions.iter().flat_map(|revision| told(revision, history)));
    }
    lines.join("\n")
}

/// A revision with its requests and decisions.
fn told(revision: &RevisionRow, history: &History) -> Vec<String> {
    let mut lines = vec![format!(
        "  revision {}: {} ({}), read from {} line {}",
        revision.number, revision.state, revision.method, revision.file, revision.line
    )];
    for attempt in history.attempts.iter().filter(|attempt| attempt.revision_id == revision.id) {
        let status = attempt.status.map_or_else(String::new, |status| format!(" {status}"));
        let took = attempt.duration_ms.map_or_else(String::new, |ms| format!(" after {ms} ms"));
        let id = attempt
            .waste_tracking_id
            .as_deref()
            .map_or_else(String::new, |id| format!(", ID {id}"));
        let detail = attempt.detail.as_deref().map_or_else(String::new, |d| format!(" [{d}]"));
        lines.push(format!(
            "    {} {} number {}:{status} {} ({}){took}{id}{detail}",
            calendar::show_ms(attempt.started_at),
            attempt.method,
            attempt.number,
            attempt.outcome,
            attempt.reason
        ));
    }
    for decision in history.decisions.iter().filter(|d| d.revision_id == revision.id) {
        let note = decision.note.as_deref().map_or_else(String::new, |note| format!(": {note}"));
        lines.push(format!(
            "    {} {} decided {} ({} to {}){note}",
            calendar::show_ms(decision.decided_at),
            decision.user_name,
            decision.decision,
            decision.from_state,
            decision.to_state
        ));
    }
    lines.extend(
        revision
            .payload
            .as_deref()
            .map(|payload| format!("    request: {}", String::from_utf8_lossy(payload))),
    );
    lines
}
