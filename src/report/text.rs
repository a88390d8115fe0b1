//! The report as plain text.

use std::io::{self, Write};

use super::model::{Audit, By, Line};
use super::show;
use super::tables::{self, Cell, Table};
use crate::calendar;

/// So many of the movements that need nobody are shown; other formats have them all.
const SHOWN: usize = 200;
/// Wider cells are cut: a line of a terminal is not endless.
const WIDEST: usize = 60;

/// Writes the report.
pub fn write(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Waste movements reported to the Receipt of Waste API")?;
    writeln!(out, "\n{}\n", audit.verdict())?;
    for (name, value) in heading(audit) {
        writeln!(out, "{name:<13}{value}")?;
    }
    for table in tables::figures(audit).iter().filter(|table| !table.rows.is_empty()) {
        write_table(table, out)?;
        if table.name == "answers"
            && let Some(course) = &audit.course
        {
            writeln!(out, "\nThe newest run: {}", tables::course_in_words(course))?;
        }
    }
    movements(audit, out)
}

/// What a report is about and where it comes from, for all formats that people read.
pub(super) fn heading(audit: &Audit) -> Vec<(&'static str, String)> {
    let by = match audit.selection.by {
        By::Received => "by day of receipt",
        By::Submitted => "by day of submission",
    };
    let selection = &audit.selection;
    let period = match (selection.from, selection.to) {
        (None, None) => format!("all movements (received: {})", audit.period()),
        _ => format!("{}, {by}", audit.period()),
    };
    let mut heading = vec![("Period", period)];
    heading.extend(selection.site.clone().map(|site| ("Site", site)));
    heading.extend(selection.api_code.clone().map(|code| ("API code", code)));
    heading.extend([
        ("Environment", audit.source.environment.clone()),
        ("Ledger", audit.source.ledger.clone()),
        ("Made", format!("{} (London time)", calendar::show(audit.source.made_at))),
        (
            "History",
            format!("{} entries, head {}", audit.source.chain_count, audit.source.chain_head),
        ),
        ("Made by", audit.source.made_by.clone()),
    ]);
    heading
}

fn write_table(table: &Table<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}\n", table.title)?;
    if !table.note.is_empty() {
        writeln!(out, "{}\n", table.note)?;
    }
    let rows = table.rows.iter().map(|row| row.iter().map(show::cell).collect()).collect();
    let right: Vec<bool> = (0..table.columns.len())
        .map(|at| table.rows.iter().filter_map(|row| row.get(at)).any(Cell::is_number))
        .collect();
    aligned(table.columns, rows, &right, out)
}

/// Writes columns as wide as their widest cell.
fn aligned(
    titles: &[&str],
    rows: Vec<Vec<String>>,
    right: &[bool],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut all = vec![titles.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>()];
    all.extend(rows);
    let mut widths = vec![0; titles.len()];
    for row in &mut all {
        for (cell, width) in row.iter_mut().zip(&mut widths) {
            *cell = one_line(cell);
            *width = (*width).max(cell.chars().count());
        }
    }
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    all.insert(1, rule);
    for row in all {
        let mut text = String::new();
        for ((cell, width), right) in row.iter().zip(&widths).zip(right) {
            let blanks = " ".repeat(width - cell.chars().count());
            let (before, after) =
                if *right { (blanks.as_str(), "") } else { ("", blanks.as_str()) };
            text.extend([before, cell, after, "  "]);
        }
        writeln!(out, "  {}", text.trim_end())?;
    }
    Ok(())
}

/// A cell on one line, not too wide.
fn one_line(cell: &str) -> String {
    let line = cell.replace(|c: char| c.is_control(), " ");
    if line.chars().count() <= WIDEST {
        return line;
    }
    line.chars().take(WIDEST - 3).chain("...".chars()).collect()
}

fn movements(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let urgent = |line: &&Line| line.needs_a_person();
    let needy: Vec<&Line> = audit.movements.iter().filter(urgent).collect();
    if !needy.is_empty() {
        writeln!(out, "\nMovements that need a person\n")?;
        list(&needy, out)?;
    }
    let mut others: Vec<&Line> = audit.movements.iter().filter(|line| !urgent(line)).collect();
    if others.is_empty() {
        return Ok(());
    }
    let more = others.len().saturating_sub(SHOWN);
    others.drain(..more);
    writeln!(out, "\nMovements{}\n", if needy.is_empty() { "" } else { " that need nobody" })?;
    list(&others, out)?;
    if more > 0 {
        writeln!(
            out,
            "\nThese are the newest {SHOWN}; {more} older ones are in the reports with --format \
             html, csv, json or xlsx.\nEverything known of one: waste-receipts list --reference \
             REFERENCE"
        )?;
    }
    Ok(())
}

fn list(lines: &[&Line], out: &mut dyn Write) -> io::Result<()> {
    let titles =
        ["reference", "received", "site", "state", "in time", "waste tracking ID", "remarks"];
    let row = |line: &&Line| {
        vec![
            line.reference.to_string(),
            line.received_on.map(show::day).unwrap_or_default(),
            line.site.as_str().to_owned(),
            line.state.to_string(),
            line.timing.words().to_owned(),
            line.waste_tracking_id.as_deref().unwrap_or_default().to_owned(),
            remarks(line),
        ]
    };
    aligned(&titles, lines.iter().map(row).collect(), &[false; 7], out)
}

/// What stands behind a movement's state, in a word or two.
pub(super) fn remarks(line: &Line) -> String {
    let counted = |count: u32, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    };
    let mut remarks: Vec<String> = Vec::new();
    remarks.extend(counted(line.errors, "error"));
    remarks.extend(counted(line.warnings, "open warning"));
    remarks.extend(counted(line.corrections, "correction"));
    if !matches!(line.state, crate::submission::State::Accepted) {
        remarks.extend(line.reason.as_ref().map(|reason| reason.as_str().to_owned()));
    }
    remarks.join(", ")
}
