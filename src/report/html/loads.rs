//! The table of all movements, the newest first; the newest of them with details.

use std::io::{self, Write};

use super::details::{is_urgent, of_page, write_one};
use super::markup::Text;
use super::{PageError, details};
use crate::ledger::{Details, Snapshot};
use crate::report::audit::grouped;
use crate::report::model::{Audit, Line, Timing};
use crate::report::{show, text};
use crate::submission::State;

/// So many movements have their details in the page, beside those that need a person.
const NEWEST: usize = 2_000;
const PAGE: usize = 250;
const COLUMNS: [(&str, bool); 10] = [
    ("Reference", false),
    ("Received", false),
    ("Site", false),
    ("State", false),
    ("In time", false),
    ("Tonnes", true),
    ("EWC codes", false),
    ("Carrier", false),
    ("Waste tracking ID", false),
    ("Remarks", false),
];

pub(super) fn write(
    audit: &Audit,
    ledger: &Snapshot,
    out: &mut dyn Write,
) -> Result<(), PageError> {
    let all = grouped(audit.movements.len() as u64);
    begin(audit, &all, out)?;
    let newest: Vec<&Line> = audit.movements.iter().rev().collect();
    let (detailed, others) = newest.split_at(newest.len().min(NEWEST));
    for page in detailed.chunks(PAGE) {
        let details = of_page(ledger, page, None)?;
        for line in page {
            row(line, out)?;
            if !is_urgent(line) {
                more(line, &details, out)?;
            }
        }
    }
    for line in others {
        row(line, out)?;
    }
    writeln!(out, "</tbody></table></div>\n</section>")?;
    Ok(())
}

fn begin(audit: &Audit, all: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"movements\">\n<h2 id=\"movements\">All movements</h2>\n\
         <p class=\"note\">The newest first. Details of those that need a person stand above, those \
         of the newest {} below each row; everything known of any other: \
         <code>waste-receipts list --reference REFERENCE</code></p>",
        grouped(NEWEST as u64)
    )?;
    write!(
        out,
        "<form class=\"find\" id=\"find\" hidden><div><label for=\"find-text\">Find (reference, \
         tracking ID, site, carrier, code)</label><input id=\"find-text\" type=\"search\"></div>\
         <div><label for=\"find-state\">State</label><select id=\"find-state\">\
         <option value=\"\">any</option>"
    )?;
    for count in &audit.states {
        write!(out, "<option>{}</option>", Text(count.state))?;
    }
    write!(
        out,
        "</select></div><div><label for=\"find-timing\">In time</label>\
         <select id=\"find-timing\"><option value=\"\">any</option>"
    )?;
    for count in audit.timing.iter().filter(|count| count.movements > 0) {
        write!(out, "<option>{}</option>", Text(count.timing.words()))?;
    }
    writeln!(
        out,
        "</select></div><p id=\"find-shown\" role=\"status\" data-total=\"{all}\">{all} of {all} \
         shown</p></form>\n\
         <div class=\"scroll long\" tabindex=\"0\" role=\"group\" aria-label=\"All movements\">\
         <table id=\"loads\"><caption>All movements<span>Tonnes are the sum of the waste items; a \
         movement without a weight has none.</span></caption><thead><tr>"
    )?;
    for (title, number) in COLUMNS {
        let class = if number { " class=\"n\"" } else { "" };
        write!(out, "<th scope=\"col\"{class}>{title}</th>")?;
    }
    writeln!(out, "</tr></thead><tbody>")
}

/// A row; what may be left out in HTML is, since there may be very many.
fn row(line: &Line, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<tr><th scope=\"row\">")?;
    if is_urgent(line) {
        write!(out, "<a href=\"#m{}\">{}</a>", line.movement, Text(&line.reference))?;
    } else {
        write!(out, "{}", Text(&line.reference))?;
    }
    write!(out, "<td class=\"d\">")?;
    if let Some(day) = line.received_on {
        write!(out, "<time datetime=\"{day}\">{}</time>", show::day(day))?;
    }
    write!(out, "<td>{}", Text(line.site.as_str()))?;
    let dot = match line.state {
        State::Accepted => "ok",
        State::Withdrawn | State::Superseded => "out",
        _ if line.is_waiting() => "wait",
        _ => "need",
    };
    write!(out, "<td class=\"s\"><i class=\"{dot}\"></i>{}", line.state)?;
    let late =
        if matches!(line.timing, Timing::Late | Timing::Overdue) { " class=\"late\"" } else { "" };
    write!(out, "<td{late}>{}", line.timing.words())?;
    write!(out, "<td class=\"n\">{}", line.tonnes.map(show::tonnes).unwrap_or_default())?;
    write!(out, "<td>{}", Text(line.codes()))?;
    write!(out, "<td>{}", Text(line.carrier.as_ref().map_or("", |carrier| carrier.as_str())))?;
    write!(out, "<td>{}", Text(line.waste_tracking_id.as_deref().unwrap_or_default()))?;
    writeln!(out, "<td>{}", Text(remarks(line)))
}

fn remarks(line: &Line) -> String {
    let words = text::remarks(line);
    match (line.state, &line.reason) {
        (State::Uncertain | State::Deferred, Some(reason)) => {
            words.replace(reason.as_str(), &details::reason_words(reason.as_str()))
        }
        _ => words,
    }
}

fn more(line: &Line, details: &Details, out: &mut dyn Write) -> io::Result<()> {
    let requests = match line.requests {
        0 => "no request".to_owned(),
        1 => "1 request".to_owned(),
        requests => format!("{requests} requests"),
    };
    write!(
        out,
        "<tr class=\"more\"><td colspan=\"{}\"><details><summary>Details of {}, {requests}\
         </summary><div class=\"body\">",
        COLUMNS.len(),
        Text(&line.reference)
    )?;
    write_one(line, details, out)?;
    writeln!(out, "</div></details>")
}
