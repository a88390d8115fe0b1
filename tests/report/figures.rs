//! Every figure of a month's report against a count by plain SQL.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sqlx::SqliteConnection;
use tempfile::TempDir;
use waste_receipts::calendar::Duty;
use waste_receipts::clock::Clock;
use waste_receipts::ledger::{Access, Ledger};
use waste_receipts::report::{Audit, By, Group, Selection, Source};

use crate::{month, sql};

const MOVEMENTS: usize = 20_000;

/// A month's ledger in a folder of its own.
pub(crate) struct Kept {
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

pub(crate) async fn ledger(movements: usize) -> Kept {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("month.sqlite");
    month::write(&path, movements, 6).await;
    Kept { _folder: folder, path }
}

/// The report of a ledger, made on the morning after the month.
pub(crate) async fn audit(path: &Path, selection: Selection) -> (Audit, Ledger) {
    let clock = Clock::manual(month::morning());
    let ledger =
        Ledger::open(path, Access::Read, &month::binding(), clock).await.expect("a ledger");
    let source = Source::new(month::morning(), "month", Path::new("month.sqlite"));
    let snapshot = ledger.snapshot().expect("a snapshot");
    let duty = Duty::default();
    let audit = Audit::of(&snapshot, source, selection, &duty).expect("an audit");
    (audit, ledger)
}

fn grams(groups: &[Group], name: fn(&Group) -> &String) -> Vec<(String, u64)> {
    let mut grams: BTreeMap<String, u64> = BTreeMap::new();
    for group in groups {
        let of_group = (group.tonnes * rust_decimal::Decimal::from(1_000_000)).normalize();
        *grams.entry(name(group).clone()).or_default() +=
            of_group.to_string().parse::<u64>().expect("whole grams");
    }
    grams.into_iter().collect()
}

#[tokio::test]
async fn the_figures_of_a_month_are_those_of_plain_sql() {
    let kept = ledger(MOVEMENTS).await;
    let (audit, _ledger) = audit(&kept.path, Selection::default()).await;
    let mut sql = sql::open(&kept.path).await;
    assert_eq!(audit.totals.movements, MOVEMENTS as u64);
    states_and_timing(&audit, &mut sql).await;
    weights(&audit, &mut sql).await;
    answers_and_reasons(&audit, &mut sql).await;
    let days = audit.days_received.iter().map(|day| {
        (day.day.map_or_else(|| "none".to_owned(), |day| day.to_string()), day.movements)
    });
    let mut days: Vec<(String, u64)> = days.collect();
    days.sort();
    assert_eq!(days, sql::counts(&mut sql, sql::DAYS).await);
    assert_eq!(audit.runs.len(), 22, "a run each working day");
    assert_eq!(audit.runs.iter().filter(|run| run.ended_at.is_none()).count(), 1);
    assert_eq!(audit.service_charges.len(), 2);
    assert_eq!(audit.service_charges[0].days_left, Some(23));
    parts(&kept.path, &mut sql).await;
}

async fn states_and_timing(audit: &Audit, sql: &mut SqliteConnection) {
    let mut states: Vec<(String, u64)> =
        audit.states.iter().map(|count| (count.state.to_string(), count.movements)).collect();
    states.sort();
    assert_eq!(states, sql::counts(sql, sql::STATES).await);
    assert!(states.len() >= 7, "all states that a ledger at rest has: {states:?}");
    let timing = serde_json::to_value(&audit.timing).expect("JSON");
    let mut timing: Vec<(String, u64)> = timing
        .as_array()
        .expect("a list")
        .iter()
        .map(|count| {
            let name = count["timing"].as_str().expect("a word").to_owned();
            (name, count["movements"].as_u64().expect("a number"))
        })
        .filter(|(_, movements)| *movements > 0)
        .collect();
    timing.sort();
    assert_eq!(timing, sql::counts(sql, sql::TIMING).await);
    let total: u64 = timing.iter().map(|(_, movements)| movements).sum();
    assert_eq!(total, audit.totals.movements, "each movement stands in one place");
}

async fn weights(audit: &Audit, sql: &mut SqliteConnection) {
    assert_eq!(grams(&audit.ewc_chapters, |g| &g.name), sql::counts(sql, sql::CHAPTERS).await);
    assert_eq!(grams(&audit.ewc_codes, |g| &g.name), sql::counts(sql, sql::CODES).await);
    assert_eq!(grams(&audit.carriers, |g| &g.detail), sql::counts(sql, sql::CARRIERS).await);
    let reported = audit.totals.reported_tonnes * rust_decimal::Decimal::from(1_000_000);
    let expected = sql::number(sql, sql::REPORTED_GRAMS).await;
    assert_eq!(reported.normalize().to_string(), expected.to_string());
    let weightless = audit.totals.waste_items_without_weight;
    assert_eq!(weightless, sql::number(sql, sql::WEIGHTLESS).await);
    let hazardous = audit.hazardous.iter().find(|group| group.name == "hazardous");
    let hazardous = hazardous.expect("some").movements;
    assert_eq!(hazardous, sql::number(sql, sql::HAZARDOUS).await);
}

async fn answers_and_reasons(audit: &Audit, sql: &mut SqliteConnection) {
    let answer = |answers: &waste_receipts::report::Answers| {
        let status = answers.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        (format!("{status} {} {}", answers.outcome, answers.reason), answers.latency.answers)
    };
    let mut answers: Vec<(String, u64)> = audit.answers.iter().map(answer).collect();
    answers.sort();
    assert_eq!(answers, sql::counts(sql, sql::ANSWERS).await);
    assert_eq!(audit.latency.p95_ms, Some(sql::number(sql, sql::P95).await));
    let by_service = audit.rejections.iter().filter(|reason| reason.by_service);
    let mut refused: Vec<(String, u64)> =
        by_service.map(|reason| (reason.error_type.clone(), reason.movements)).collect();
    refused.sort();
    assert_eq!(refused, sql::counts(sql, sql::REFUSED).await);
    let warned: std::collections::BTreeSet<i64> =
        audit.open_warnings.iter().flat_map(|warning| warning.movements.clone()).collect();
    assert_eq!(warned.len() as u64, sql::number(sql, sql::WARNED).await);
    assert_eq!(audit.corrections.accepted, sql::number(sql, sql::CORRECTED).await);
    let requests: u64 = audit.runs.iter().map(|run| run.requests).sum();
    assert_eq!(requests, audit.latency.answers);
}

/// A week of one site, and days of submission, are parts of the whole.
async fn parts(path: &Path, sql: &mut SqliteConnection) {
    let day = |text: &str| Some(text.parse().expect("a day"));
    let week = Selection {
        from: day("2026-10-05"),
        to: day("2026-10-11"),
        site: Some("QV1001LM".to_owned()),
        ..Selection::default()
    };
    let (audit_of_week, _ledger) = audit(path, week).await;
    assert_eq!(audit_of_week.totals.movements, sql::number(sql, sql::WEEK_OF_SITE).await);
    assert_eq!(audit_of_week.sites.len(), 1);
    let (whole, _ledger) = audit(path, Selection::default()).await;
    let submitted = |from: &str, to: &str| Selection {
        by: By::Submitted,
        from: day(from),
        to: day(to),
        ..Selection::default()
    };
    let (first, _ledger) = audit(path, submitted("2026-10-01", "2026-10-15")).await;
    let (second, _ledger) = audit(path, submitted("2026-10-16", "2026-12-31")).await;
    let sent = first.totals.movements + second.totals.movements;
    assert_eq!(sent + first.totals.never_sent, whole.totals.movements);
    assert_eq!(first.totals.never_sent, second.totals.never_sent);
    assert_eq!(
        first.totals.tonnes + second.totals.tonnes + never_sent(&whole),
        whole.totals.tonnes
    );
}

fn never_sent(audit: &Audit) -> rust_decimal::Decimal {
    let lines = audit.movements.iter().filter(|line| line.submitted_on().is_none());
    lines.filter_map(|line| line.tonnes).sum()
}
