//! Runs, and what the service answered.

use super::{Cell, Table};
use crate::report::model::{Audit, Course, Latency, RunAudit, ServiceCharge};

pub(super) fn runs(audit: &Audit) -> Table<'_> {
    let row = |run: &'_ RunAudit| -> Vec<Cell<'_>> {
        vec![
            run.started_at.into(),
            run.ended_at.map_or_else(|| "(did not end)".into(), Cell::Time),
            run.command.clone().into(),
            format!("{} on {}", run.user, run.host).into(),
            run.version.clone().into(),
            run.exit_code.map(|code| code.to_string()).into(),
            run.requests.into(),
            run.run.clone().into(),
        ]
    };
    Table {
        name: "runs",
        title: "Runs",
        note: "Those that read or sent these movements, or began in the period.".into(),
        columns: &["began", "ended", "command", "by", "version", "exit code", "requests", "run"],
        rows: audit.runs.iter().map(row).collect(),
    }
}

pub(super) fn files(audit: &Audit) -> Table<'_> {
    let mut rows: Vec<Vec<Cell<'_>>> = Vec::new();
    for run in &audit.runs {
        for file in &run.files {
            let what = file.refusal.as_deref().unwrap_or("admitted");
            rows.push(vec![
                file.read_at.into(),
                file.path.as_str().into(),
                file.records.into(),
                file.invalid.into(),
                what.into(),
            ]);
        }
    }
    Table {
        name: "files",
        title: "Files",
        note: "What these runs read.".into(),
        columns: &["read", "file", "records", "invalid", "outcome"],
        rows,
    }
}

fn latency_cells(latency: Latency) -> [Cell<'static>; 5] {
    let ms = |time: Option<u64>| time.map_or(Cell::Empty, Cell::Milliseconds);
    let Latency { answers, median_ms, p95_ms, p99_ms, slowest_ms } = latency;
    [Cell::Count(answers), ms(median_ms), ms(p95_ms), ms(p99_ms), ms(slowest_ms)]
}

pub(super) fn answers(audit: &Audit) -> Table<'_> {
    let mut rows: Vec<Vec<Cell<'_>>> = Vec::new();
    for answers in &audit.answers {
        let status = answers.status.map_or_else(|| "no answer".to_owned(), |s| s.to_string());
        let mut row =
            vec![status.into(), answers.outcome.as_str().into(), answers.reason.as_str().into()];
        row.extend(latency_cells(answers.latency));
        rows.push(row);
    }
    let mut all: Vec<Cell<'_>> = vec!["all".into(), Cell::Empty, Cell::Empty];
    all.extend(latency_cells(audit.latency));
    rows.push(all);
    Table {
        name: "answers",
        title: "Answers of the service",
        note: "What came back for each request, and how long it took.".into(),
        columns: &[
            "status",
            "meaning",
            "reason",
            "answers",
            "median",
            "95 % within",
            "99 % within",
            "slowest",
        ],
        rows,
    }
}

pub(super) fn service_charges(audit: &Audit) -> Table<'_> {
    let row = |charge: &'_ ServiceCharge| -> Vec<Cell<'_>> {
        let left = charge.days_left.map(|days| match days {
            ..=-1 => "EXPIRED".to_owned(),
            1 => "1 day".to_owned(),
            0 | 2.. => format!("{days} days"),
        });
        vec![
            charge.api_code.clone().into(),
            charge.expires.clone().into(),
            left.into(),
            charge.said_at.into(),
        ]
    };
    Table {
        name: "service charge",
        title: "Service charge",
        note: "When each operator's charge expires, by the service's newest word.".into(),
        columns: &["API code", "expires", "left", "said"],
        rows: audit.service_charges.iter().map(row).collect(),
    }
}

/// A run's latency in words, for those who cannot see its picture.
pub(in crate::report) fn course_in_words(course: &Course) -> String {
    let busiest = course.slices.iter().filter_map(|slice| slice.p95_ms).max().unwrap_or(0);
    let medians = course.slices.iter().filter_map(|slice| slice.median_ms);
    let (least, most) = medians.fold((u64::MAX, 0), |(l, m), ms| (l.min(ms), m.max(ms)));
    format!(
        "Medians between {} and {most} ms; 95 % of the answers of the slowest slice within \
         {busiest} ms.",
        least.min(most)
    )
}
