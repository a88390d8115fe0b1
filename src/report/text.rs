//! The report as plain text.

use std::fmt::{self, Write};

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use super::{Audit, Standing};
use crate::calendar;
use crate::ledger::MovementRow;
use crate::submission::State;

/// Writes the report.
pub fn write(audit: &Audit, out: &mut impl Write) -> fmt::Result {
    writeln!(out, "Waste movements reported to the Receipt of Waste API")?;
    writeln!(out)?;
    writeln!(out, "Environment  {}", audit.environment)?;
    writeln!(out, "Ledger       {}", audit.ledger)?;
    writeln!(out, "Made         {} (London time)", calendar::show(audit.made_at))?;
    section(out, "All movements")?;
    let mut table = table(&["state", "movements"]);
    for state in State::ALL {
        if let Some(count) = audit.states.get(&state) {
            table.add_row([state.to_string(), count.to_string()]);
        }
    }
    table.add_row(["total".to_owned(), audit.movements.len().to_string()]);
    aligned(out, &mut table, 1..2)?;
    section(out, "By site")?;
    let sites = audit.sites.iter().map(|(site, standing)| (site.clone(), standing));
    standings(out, "site", sites)?;
    section(out, "By day of receipt")?;
    let days = audit.days.iter().map(|(day, standing)| {
        let day = day.map_or_else(|| "not readable".to_owned(), |day| day.to_string());
        (day, standing)
    });
    standings(out, "day", days)?;
    runs(audit, out)?;
    movements(audit, out)
}

fn section(out: &mut impl Write, title: &str) -> fmt::Result {
    writeln!(out, "\n{title}\n")
}

fn table(titles: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(titles.to_vec());
    table
}

/// Writes a table with some of its columns set to the right.
fn aligned(
    out: &mut impl Write,
    table: &mut Table,
    numbers: std::ops::Range<usize>,
) -> fmt::Result {
    for index in numbers {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    writeln!(out, "{}", table.trim_fmt())
}

fn standings<'s>(
    out: &mut impl Write,
    what: &str,
    rows: impl Iterator<Item = (String, &'s Standing)>,
) -> fmt::Result {
    let mut table = table(&[what, "accepted", "waiting", "need a person", "withdrawn", "overdue"]);
    for (name, standing) in rows {
        let Standing { accepted, waiting, needs_a_person, withdrawn, overdue } = standing;
        let counts = [accepted, waiting, needs_a_person, withdrawn, overdue].map(u64::to_string);
        table.add_row(std::iter::once(name).chain(counts));
    }
    aligned(out, &mut table, 1..6)
}

fn runs(audit: &Audit, out: &mut impl Write) -> fmt::Result {
    section(out, "Runs")?;
    let mut table = table(&["began", "ended", "command", "by", "version", "exit code"]);
    for run in &audit.runs {
        let ended = run.ended_at.map_or_else(|| "(did not end)".to_owned(), calendar::show_ms);
        table.add_row([
            calendar::show_ms(run.started_at),
            ended,
            run.command.clone(),
            format!("{} on {}", run.user_name, run.host_name),
            run.version.clone(),
            run.exit_code.map_or_else(String::new, |code| code.to_string()),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())
}

fn movements(audit: &Audit, out: &mut impl Write) -> fmt::Result {
    section(out, "Movements")?;
    let mut table =
        table(&["reference", "received", "site", "state", "waste tracking ID", "remarks"]);
    for row in &audit.movements {
        table.add_row([
            row.reference.clone(),
            row.received_on.clone().unwrap_or_default(),
            row.site.clone(),
            row.state.to_string(),
            row.waste_tracking_id.clone().unwrap_or_default(),
            remarks(row),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())
}

/// What stands behind a movement's state, in a word or two.
fn remarks(row: &MovementRow) -> String {
    let count = |severities: &[&str]| {
        row.findings.iter().filter(|kept| severities.contains(&kept.severity.as_str())).count()
    };
    let (errors, warnings) = (count(&["error", "blocking"]), count(&["warning"]));
    match row.state {
        State::Invalid | State::Rejected if errors == 1 => "1 error".to_owned(),
        State::Invalid | State::Rejected => format!("{errors} errors"),
        State::Accepted if warnings == 1 => "1 warning".to_owned(),
        State::Accepted if warnings > 1 => format!("{warnings} warnings"),
        State::Uncertain | State::Deferred => row.reason.clone().unwrap_or_default(),
        State::Held => row.why.clone(),
        _ => String::new(),
    }
}
