//! The report as a page: one file that needs no network, and no script to be read.
//!
//! Rows are written as they come, and details are read from the ledger while they are written, so
//! that a page of any size needs little memory here.

mod chart;
mod details;
mod figures;
mod loads;
mod markup;
mod pictures;

use std::io::{self, Write};

use jiff::SignedDuration;

use super::audit::grouped;
use super::model::{Audit, Timing, Totals};
use super::{show, text};
use crate::ledger::{LedgerError, Snapshot};
use markup::Text;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// A charge that expires within so many days is worth a word at the top.
const SOON: i64 = 30;

/// Why a page could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The page could not be written.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// Writes the page; the snapshot is the one that the audit was made from.
pub fn write(audit: &Audit, ledger: &Snapshot, out: &mut dyn Write) -> Result<(), PageError> {
    head(audit, out)?;
    details::needing_a_person(audit, ledger, out)?;
    pictures::write(audit, out)?;
    figures::write(audit, out)?;
    loads::write(audit, ledger, out)?;
    foot(audit, out)?;
    Ok(())
}

fn head(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let period = audit.period();
    let title = period_title(&period);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"{}\">\n\
         <title>Waste movements, {} – {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n\
         <p class=\"over\">Waste movements reported to the Receipt of Waste API</p>\n<h1>{}</h1>",
        Text(&audit.source.made_by),
        Text(&period),
        Text(&audit.source.environment),
        Text(&title),
    )?;
    let overdue = count(audit, Timing::Overdue);
    let totals = &audit.totals;
    let class = match (overdue, totals.need_a_person + totals.waiting) {
        (0, 0) => "verdict",
        (0, _) => "verdict open",
        _ => "verdict bad",
    };
    write!(out, "<p class=\"{class}\">{}", Text(audit.verdict()))?;
    for charge in &audit.service_charges {
        if charge.days_left.is_none_or(|days| days <= SOON) {
            let word =
                if charge.days_left.is_some_and(|days| days < 0) { "expired" } else { "expires" };
            write!(out, " The service charge {word}: {}.", Text(&charge.expires))?;
            break;
        }
    }
    writeln!(out, "</p>")?;
    key_figures(audit, out)?;
    navigation(audit, out)?;
    writeln!(out, "</header>\n<main id=\"main\">")
}

fn period_title(period: &str) -> String {
    let mut letters = period.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn count(audit: &Audit, timing: Timing) -> u64 {
    audit.timing.iter().find(|count| count.timing == timing).map_or(0, |count| count.movements)
}

/// What is to be grasped in five seconds.
fn key_figures(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let totals = &audit.totals;
    let (in_time, late) = (count(audit, Timing::InTime), count(audit, Timing::Late));
    let overdue = count(audit, Timing::Overdue);
    let due_today = count(audit, Timing::DueToday);
    let share = percent(in_time, in_time + late);
    let figures = [
        ("Reported", grouped(totals.reported), of_loads(totals), false),
        ("In time", share, format!("of those reported; {} late", grouped(late)), false),
        (
            "Overdue",
            grouped(overdue),
            format!("{} more due today", grouped(due_today)),
            overdue > 0,
        ),
        (
            "Need a person",
            grouped(totals.need_a_person),
            "to correct or decide".to_owned(),
            totals.need_a_person > 0,
        ),
        (
            "Tonnes reported",
            show::rounded(totals.reported_tonnes),
            format!("of {} t read", show::rounded(totals.tonnes)),
            false,
        ),
    ];
    writeln!(out, "<dl class=\"key\">")?;
    for (name, value, more, bad) in figures {
        let class = if bad { " class=\"bad\"" } else { "" };
        writeln!(
            out,
            "<div{class}><dt>{}</dt><dd><b>{}</b><small>{}</small></dd></div>",
            Text(name),
            Text(value),
            Text(more)
        )?;
    }
    writeln!(out, "</dl>")
}

/// Of how many loads; those that were withdrawn are none to be reported.
fn of_loads(totals: &Totals) -> String {
    let loads = grouped(totals.movements - totals.withdrawn);
    match totals.withdrawn {
        0 => format!("of {loads} loads"),
        withdrawn => format!("of {loads} loads; {} withdrawn", grouped(withdrawn)),
    }
}

/// A share in per cent, never rounded up to all of it.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let tenths = u128::from(part) * 1_000 / u128::from(whole);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn navigation(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut links = vec![];
    if audit.movements.iter().any(details::is_urgent) {
        links.push(("person", "What needs a person"));
    }
    links.extend([
        ("pictures", "At a glance"),
        ("figures", "Figures"),
        ("answers", "Runs and answers"),
        ("movements", "All movements"),
        ("about", "About this report"),
    ]);
    writeln!(out, "<nav aria-label=\"Contents\"><ul>")?;
    for (id, title) in links {
        writeln!(out, "<li><a href=\"#{id}\">{}</a></li>", Text(title))?;
    }
    writeln!(out, "</ul></nav>")
}

fn foot(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n<footer id=\"about\">\n<h2>About this report</h2>\n<dl>")?;
    for (name, value) in text::heading(audit) {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", Text(name), Text(value))?;
    }
    writeln!(
        out,
        "</dl>\n<p>Made from the ledger alone, as it was at that moment. It is neither endorsed by \
         nor connected with the government.</p>\n</footer>\n<script>\n{SCRIPT}</script>\n</body>\n\
         </html>"
    )
}

/// A time that an answer took, or a request's distance from another, as people say it.
fn took(milliseconds: i64) -> String {
    match milliseconds {
        ..10_000 => format!("{milliseconds} ms"),
        _ => format!("{:.1} s", SignedDuration::from_millis(milliseconds).as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded_up_to_all() {
        assert_eq!(percent(19_999, 20_000), "99.9 %");
        assert_eq!(percent(20_000, 20_000), "100.0 %");
        assert_eq!(percent(0, 0), "–");
    }
}
