//! What is known of single movements: what was found, what was sent and answered, what was
//! decided, and the request itself.

use std::io::{self, Write};

use super::figures::moment;
use super::markup::Text;
use super::{PageError, took};
use crate::json;
use crate::ledger::{AttemptRow, DecisionRow, Details, Snapshot, StoredFinding};
use crate::report::audit::grouped;
use crate::report::model::{Audit, Line, Millis, Timing};
use crate::report::{show, tables};
use crate::submission::{Reason, State, Why};

/// So many details are read from the ledger at a time.
const PAGE: usize = 250;
/// A group of more movements is folded.
const UNFOLDED: usize = 12;
/// What a person must look at, in the order of its urgency.
const STATES: [State; 7] = [
    State::Uncertain,
    State::Rejected,
    State::Invalid,
    State::Held,
    State::Deferred,
    State::Ready,
    State::Sending,
];

/// Whether somebody must look at a movement: it waits for a person, or it is late in waiting.
pub(super) fn is_urgent(line: &Line) -> bool {
    line.needs_a_person() || (line.is_waiting() && line.timing == Timing::Overdue)
}

/// Details of every movement that needs a person, by state.
pub(super) fn needing_a_person(
    audit: &Audit,
    ledger: &Snapshot,
    out: &mut dyn Write,
) -> Result<(), PageError> {
    if !audit.movements.iter().any(is_urgent) {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"person\">\n<h2 id=\"person\">What needs a person</h2>"
    )?;
    for state in STATES {
        let lines: Vec<&Line> =
            audit.movements.iter().filter(|line| line.state == state && is_urgent(line)).collect();
        if lines.is_empty() {
            continue;
        }
        let open = if lines.len() <= UNFOLDED { " open" } else { "" };
        writeln!(
            out,
            "<details class=\"group\"{open}><summary>{} {} <span>– {}</span></summary>",
            grouped(lines.len() as u64),
            Text(if lines[0].is_waiting() { "overdue and not sent" } else { state.as_str() }),
            Text(tables::meaning(state)),
        )?;
        for page in lines.chunks(PAGE) {
            let details = of_page(ledger, page, Some(state))?;
            for line in page {
                let Line { movement, reference, .. } = line;
                write!(
                    out,
                    "<details class=\"load\"><summary><b>{}</b> <span>{}</span></summary>\
                     <div class=\"body\" id=\"m{movement}\">",
                    Text(reference),
                    Text(in_short(audit, line)),
                )?;
                write_one(line, &details, out)?;
                writeln!(out, "</div></details>")?;
            }
        }
        writeln!(out, "</details>")?;
    }
    writeln!(out, "</section>")?;
    Ok(())
}

/// Where it was received, and how urgent it is.
fn in_short(audit: &Audit, line: &Line) -> String {
    let mut words = vec![line.site.as_str().to_owned()];
    words.extend(line.received_on.map(|day| format!("received {}", show::day(day))));
    words.push(match line.timing {
        Timing::InTime | Timing::Late => format!("first reported {}", line.timing.words()),
        timing => timing.words().to_owned(),
    });
    words.push(format!("for {}", audit.age(line)));
    words.join(" · ")
}

/// The details of some movements, in the order of their rows.
pub(super) fn of_page(
    ledger: &Snapshot,
    page: &[&Line],
    state: Option<State>,
) -> Result<Details, PageError> {
    let (Some(first), Some(last)) = (page.first(), page.last()) else {
        return Ok(Details::default());
    };
    let (one, other) = (first.movement, last.movement);
    Ok(ledger.details((one.min(other), one.max(other)), state.map(State::as_str))?)
}

/// The rows about one movement.
fn of<T>(rows: &[(i64, T)], movement: i64) -> impl Iterator<Item = &T> {
    let from = rows.partition_point(|(of, _)| *of < movement);
    let rows = rows.get(from..).unwrap_or_default();
    rows.iter().take_while(move |(of, _)| *of == movement).map(|(_, row)| row)
}

/// Everything about one movement.
pub(super) fn write_one(line: &Line, details: &Details, out: &mut dyn Write) -> io::Result<()> {
    let movement = line.movement;
    if let Some(what) = to_do(line) {
        write!(out, "<p class=\"do\">{what}</p>")?;
    }
    findings(of(&details.findings, movement), out)?;
    attempts(of(&details.attempts, movement), out)?;
    decisions(of(&details.decisions, movement), out)?;
    write!(
        out,
        "<h3>Where it came from</h3><p>{}, line {}; movement {movement}",
        Text(line.file.as_str()),
        line.line,
    )?;
    if let Some(id) = &line.waste_tracking_id {
        write!(out, "; waste tracking ID {}", Text(id))?;
    }
    write!(out, "</p>")?;
    match of(&details.payloads, movement).next() {
        Some(Some(payload)) => {
            let body = json::indented(&String::from_utf8_lossy(payload));
            write!(out, "<details><summary>Request</summary><pre>{}</pre></details>", Text(body))
        }
        _ => write!(out, "<p>The request is not in the ledger any more.</p>"),
    }
}

/// What is to be done, with the command for it.
fn to_do(line: &Line) -> Option<String> {
    let reference = quoted(&line.reference);
    let resolve = format!("<code>waste-receipts resolve {}", Text(&reference));
    let why = line.reason.as_ref().map_or("", |reason| reason.as_str());
    Some(match line.state {
        State::Uncertain => format!(
            "Find out whether the service has it ({}), then say so: {resolve} --accepted ID</code>, \
             <code>--resend</code> or <code>--withdraw</code>.",
            Text(reason_words(why))
        ),
        State::Rejected | State::Invalid => {
            "Correct the row and submit the file again: what was accepted is not sent twice."
                .to_owned()
        }
        State::Held => match Why::parse(why) {
            Some(Why::ReferenceUsedAgain) => format!(
                "Another load seems to use this reference: {resolve} --new</code> makes it a \
                 movement of its own, <code>--keep</code> drops the new reading."
            ),
            _ => format!(
                "It changed: {resolve} --update</code> sends the change, <code>--keep</code> drops \
                 it."
            ),
        },
        State::Ready | State::Deferred | State::Sending => {
            "Send it: <code>waste-receipts retry</code>.".to_owned()
        }
        State::Accepted | State::Withdrawn | State::Superseded => return None,
    })
}

/// A reference as a command takes it.
fn quoted(reference: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if !reference.is_empty() && reference.chars().all(plain) {
        return reference.to_owned();
    }
    format!("\"{reference}\"")
}

/// A reason as people say it; the ledger's word where it is none that we know.
pub(super) fn reason_words(word: &str) -> String {
    let known = Reason::ALL.into_iter().find(|reason| reason.as_str() == word);
    known.map_or_else(|| word.to_owned(), |reason| reason.to_string())
}

fn findings<'a>(
    findings: impl Iterator<Item = &'a StoredFinding>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut findings = findings.filter(|found| found.severity != "advice").peekable();
    if findings.peek().is_none() {
        return Ok(());
    }
    write!(out, "<h3>What was found</h3><ul>")?;
    for found in findings {
        let by = if found.by_api { "The service: " } else { "Our checks: " };
        let place = found.cell().map(|cell| format!(", {cell}")).or_else(|| {
            let name = found.column_name.as_deref()?;
            Some(format!(", line {}, column {name}", found.line?))
        });
        write!(
            out,
            "<li>{by}{} (<code>{}</code>, {}{})</li>",
            Text(&found.message),
            Text(&found.key),
            Text(&found.error_type),
            Text(place.unwrap_or_default())
        )?;
    }
    write!(out, "</ul>")
}

fn attempts<'a>(
    attempts: impl Iterator<Item = &'a AttemptRow>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut attempts = attempts.peekable();
    if attempts.peek().is_none() {
        return write!(out, "<p>No request was made for it.</p>");
    }
    write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Requests\"><table>\
         <caption>Requests</caption><thead><tr><th scope=\"col\">Sent</th>\
         <th scope=\"col\">Method</th><th scope=\"col\" class=\"n\">Took</th>\
         <th scope=\"col\">Status</th><th scope=\"col\">Meaning</th>\
         <th scope=\"col\">Request ID</th></tr></thead><tbody>"
    )?;
    for attempt in attempts {
        write!(out, "<tr><td class=\"d\">")?;
        moment(Millis(attempt.started_at), out)?;
        let status = attempt.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        let detail = attempt.detail.as_deref().map(|detail| format!(": {detail}"));
        write!(
            out,
            "</td><td>{}</td><td class=\"n\">{}</td><td>{status}</td><td>{}: {}{}</td>\
             <td class=\"id\">{}</td></tr>",
            Text(&attempt.method),
            Text(attempt.duration_ms.map(took).unwrap_or_default()),
            Text(&attempt.outcome),
            Text(reason_words(&attempt.reason)),
            Text(detail.unwrap_or_default()),
            Text(attempt.request_id.as_deref().unwrap_or_default()),
        )?;
    }
    write!(out, "</tbody></table></div>")
}

fn decisions<'a>(
    decisions: impl Iterator<Item = &'a DecisionRow>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut decisions = decisions.peekable();
    if decisions.peek().is_none() {
        return Ok(());
    }
    write!(out, "<h3>What was decided</h3><ul>")?;
    for decision in decisions {
        write!(out, "<li>")?;
        moment(Millis(decision.decided_at), out)?;
        write!(
            out,
            ": {} by {}, from {} to {}",
            Text(&decision.decision),
            Text(&decision.user_name),
            Text(&decision.from_state),
            Text(&decision.to_state)
        )?;
        if let Some(note) = &decision.note {
            write!(out, " – “{}”", Text(note))?;
        }
        write!(out, "</li>")?;
    }
    write!(out, "</ul>")
}
