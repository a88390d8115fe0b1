//! What commands show of movements and findings, in words.

use std::fmt::Write as _;

use super::console::Console;
use super::exit::Exit;
use super::session::{Sent, Session};
use crate::calendar;
use crate::dispatcher::Stop;
use crate::finding::{Finding, Place};
use crate::ledger::{Filter, MovementRow, RunTally, StoredFinding, Tally};
use crate::submission::{Reason, State, Why};

/// So many movements that need a person are shown after a run; the rest is counted.
const SHOWN: usize = 40;

/// A finding of a file that was just read: place, message, and the API's key beside it.
pub(super) fn finding(file: &str, line: u64, reference: Option<&str>, found: &Finding) -> String {
    let place = place_of(file, found.place.as_ref(), line);
    let of = reference.map_or_else(String::new, |reference| format!("{reference}: "));
    format!("{place}: {of}{}{}", found.message, key(&found.key))
}

fn place_of(file: &str, place: Option<&Place>, line: u64) -> String {
    let line = place.map_or(line, |place| place.line);
    let column = place.and_then(|place| match (&place.column_name, place.column) {
        (Some(name), _) => Some(format!(", column {name}")),
        (None, Some(number)) => Some(format!(", character {number}")),
        (None, None) => None,
    });
    format!("{file}: line {line}{}", column.unwrap_or_default())
}

fn key(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!(" [{key}]") }
}

/// A finding as the ledger kept it.
pub(super) fn stored(
    file: &str,
    line: u64,
    reference: Option<&str>,
    kept: &StoredFinding,
) -> String {
    let of = reference.map_or_else(String::new, |reference| format!("{reference}: "));
    let by = if kept.by_api { "the service says: " } else { "" };
    let place = Place {
        line: kept.line.map_or(line, i64::unsigned_abs),
        column: kept.column_number.map(i64::unsigned_abs),
        column_name: kept.column_name.clone(),
    };
    let place = place_of(file, Some(&place), line);
    format!("{place}: {of}{by}{}{}", kept.message, key(&kept.key))
}

/// Why a movement is as it is, and what to do about it, in a sentence.
pub(super) fn why(row: &MovementRow) -> Option<String> {
    let reason = row.reason.as_deref().and_then(Reason::parse).map(Reason::explain);
    match row.state {
        State::Uncertain => {
            let since = row
                .claimed_at
                .map_or_else(String::new, |at| format!("sent {}: ", calendar::show_ms(at)));
            Some(format!(
                "{since}{}. It may be stored; find out, then: resolve {} --accepted ID, --resend \
                 or --withdraw",
                reason.unwrap_or("it was not answered"),
                quoted(&row.reference)
            ))
        }
        State::Held => Some(format!(
            "{}. Decide: resolve {} --update, --keep or --new",
            held(&row.why),
            quoted(&row.reference)
        )),
        State::Deferred => {
            let due = calendar::show_ms(row.due_at);
            Some(format!("{}; due again {due}", reason.unwrap_or("it was put off")))
        }
        _ => None,
    }
}

fn held(why: &str) -> &'static str {
    match Why::parse(why) {
        Some(Why::ReferenceUsedAgain) => {
            "reference used again: it was accepted with another day of receipt, so this is probably \
             another load"
        }
        Some(Why::Undecided) => "it changed while nobody knows whether the earlier one was stored",
        Some(Why::TakenOut) => "it changed after a person had taken it out",
        _ => "it changed after it was accepted",
    }
}

/// A reference as it must be typed in a shell.
fn quoted(reference: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !reference.is_empty() && reference.chars().all(plain) && !reference.starts_with('-') {
        reference.to_owned()
    } else {
        format!("\"{}\"", reference.replace('"', "\\\""))
    }
}

/// The movements of this run that need a person, with what was found.
pub(super) async fn needing_a_person(session: &Session, console: &Console) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    let mut left_out = 0;
    for (file, line, found) in session.ledger.unidentified(&session.run).await? {
        if lines.len() < SHOWN {
            lines.push(stored(&file, line, None, &found));
        } else {
            left_out += 1;
        }
    }
    let filter = Filter {
        states: vec![State::Invalid, State::Rejected, State::Held, State::Uncertain],
        run: Some(session.run.id),
        ..Filter::default()
    };
    let mut shown = 0;
    let mut after = 0;
    loop {
        let page = session.ledger.list(&filter, after).await?;
        let Some(last) = page.last() else { break };
        after = last.movement;
        for row in &page {
            if shown == SHOWN {
                left_out += 1;
                continue;
            }
            shown += 1;
            lines.extend(of_movement(row));
        }
    }
    if !lines.is_empty() {
        console.out(lines.join("\n"));
    }
    if left_out > 0 {
        console.out(format!(
            "... and {left_out} more: see list --state invalid,rejected,held,uncertain"
        ));
    }
    if !lines.is_empty() {
        console.out("");
    }
    Ok(())
}

fn of_movement(row: &MovementRow) -> Vec<String> {
    let stops = |kept: &&StoredFinding| kept.severity == "error" || kept.severity == "blocking";
    let reference = Some(row.reference.as_str());
    let mut lines: Vec<String> = row
        .findings
        .iter()
        .filter(stops)
        .map(|kept| stored(&row.file, row.line, reference, kept))
        .collect();
    if let Some(why) = why(row) {
        lines.push(format!(
            "{}: line {}: {}: {} - {why}",
            row.file, row.line, row.reference, row.state
        ));
    }
    lines
}

/// The end of a run for people: what became of the movements, and the next command.
pub(super) fn summary(session: &Session, tally: &RunTally, sent: &Sent, exit: Exit) -> String {
    let mut text = String::new();
    if tally.read.total() > 0 {
        let _ = writeln!(text, "{} movements read:", tally.read.total());
        write_counts(&mut text, &tally.read);
    }
    if tally.resumed.total() > 0 {
        let _ = writeln!(text, "{} movements of earlier runs worked on:", tally.resumed.total());
        write_counts(&mut text, &tally.resumed);
    }
    if tally.read.total() + tally.resumed.total() == 0 {
        let _ = writeln!(text, "Nothing to send.");
    }
    if let Some(stopped) = stopped(&sent.stop) {
        let _ = writeln!(text, "{stopped}");
    }
    let seconds = session.elapsed().as_secs_f64();
    let _ = write!(text, "Took {seconds:.1} s. ");
    if session.is_temporary() {
        text.push_str("The sandbox was in this process: it and its ledger are gone now.");
        return text;
    }
    let _ = write!(text, "Ledger: {}", session.ledger.path().display());
    if let Some(next) = next(exit, tally) {
        let _ = write!(text, "\nNext: {next}");
    }
    text
}

fn write_counts(text: &mut String, tally: &Tally) {
    let warnings = match tally.accepted_with_warnings {
        0 => String::new(),
        count => format!(" ({count} with warnings)"),
    };
    for (count, what) in [
        (tally.accepted, format!("accepted{warnings}")),
        (tally.skipped, "accepted before and unchanged: not sent again".to_owned()),
        (tally.rejected, "rejected by the service: correct them".to_owned()),
        (tally.invalid, "invalid: not sent; correct them".to_owned()),
        (tally.held, "held: a person must decide".to_owned()),
        (tally.uncertain, "uncertain: may be stored; a person must decide".to_owned()),
        (tally.deferred, "put off: will be sent later".to_owned()),
        (tally.ready, "not sent yet".to_owned()),
        (tally.withdrawn, "withdrawn by a person".to_owned()),
    ] {
        if count > 0 {
            let _ = writeln!(text, "  {count:>6}  {what}");
        }
    }
}

/// Why the sending ended before everything was sent.
pub(super) fn stopped(stop: &Stop) -> Option<String> {
    match stop {
        Stop::Done => None,
        Stop::Interrupted => {
            Some("Interrupted: what was under way was finished and recorded.".into())
        }
        Stop::GaveUp(why) => Some(format!("Gave up for now: {why}.")),
        Stop::SetUp { status, detail } => {
            let said = detail.as_deref().map_or_else(String::new, |said| format!(": {said}"));
            Some(format!(
                "The service answered {status}, which means that the set-up is wrong (URL, account \
                 or network), not the data{said}. Nothing was stored by it, and the run stopped."
            ))
        }
        Stop::Unauthorised => Some(
            "The service refused three fresh access tokens in a row: are the credentials of this \
             environment, and is this machine's clock right?"
                .into(),
        ),
        Stop::Token(error) => Some(error.to_string()),
        Stop::Ledger => Some("The ledger could not be written any more.".into()),
    }
}

fn next(exit: Exit, tally: &RunTally) -> Option<String> {
    let files = tally.read.invalid + tally.read.rejected > 0;
    Some(match exit {
        Exit::NeedsAPerson if files => {
            "correct the rows in the file and submit it again; what was accepted is not sent twice"
                .into()
        }
        Exit::NeedsAPerson => "waste-receipts list --state invalid,rejected,held".into(),
        Exit::RetryLater | Exit::Interrupted => "waste-receipts retry".into(),
        Exit::Uncertain => "waste-receipts list --state uncertain".into(),
        Exit::Unpaid => "have the service charge paid, then waste-receipts retry".into(),
        Exit::Unauthenticated => {
            "put the credentials right (waste-receipts token tries them), then waste-receipts retry"
                .into()
        }
        Exit::Usage => "put the set-up right, then waste-receipts retry".into(),
        Exit::Success | Exit::Failure | Exit::InUse => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_can_be_typed_as_it_is_shown() {
        assert_eq!(quoted("WB-100/231"), "WB-100/231");
        assert_eq!(quoted("WB 100"), "\"WB 100\"");
        assert_eq!(quoted("-x"), "\"-x\"");
    }
}
