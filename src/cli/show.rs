//! What commands show of movements and findings, in words.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::console::Console;
use super::exit::Exit;
use super::history;
use super::mistakes::{Mistakes, Said};
use super::session::{Sent, Session};
use crate::calendar;
use crate::dispatcher::Stop;
use crate::finding::{Finding, Place, Severity};
use crate::ledger::{Filter, Head, MovementRow, RunTally, StoredFinding, Tally};
use crate::submission::{Reason, State, Why};

/// So many movements that need a person are shown after a run; the rest is counted.
const SHOWN: usize = 40;

/// Where a record begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) line: u64,
    /// Its sheet, in a workbook.
    pub(super) sheet: Option<&'a str>,
}

/// A record's line above what was found in it.
pub(super) fn heading(reference: Option<&str>, start: Start<'_>) -> String {
    let at = match start {
        Start { line, sheet: Some(sheet) } => format!("row {line} of {sheet}"),
        Start { line, sheet: None } => format!("line {line}"),
    };
    match reference {
        Some(reference) => format!("{reference}, {at}"),
        None => format!("{at} (no reference)"),
    }
}

/// A finding under its record's heading: message first, then place, then the API's key.
pub(super) fn finding(record_line: u64, found: &Finding) -> String {
    let prefix = match found.severity {
        Severity::Error | Severity::Blocking => "",
        Severity::Warning => "warning: ",
        Severity::Advice => "note: ",
    };
    let place = place_of(record_line, found.place.as_ref());
    format!("{prefix}{}{}", sentence(&found.message), in_brackets(&place, &found.key))
}

/// The same, as the ledger kept it.
pub(super) fn stored(record_line: u64, kept: &StoredFinding) -> String {
    let by = if kept.by_api { "the service says: " } else { "" };
    let place = place_of(record_line, Some(&stored_place(record_line, kept)));
    format!("{by}{}{}", sentence(&kept.message), in_brackets(&place, &kept.key))
}

/// Readers and services do not begin every message with a capital letter.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn stored_place(record_line: u64, kept: &StoredFinding) -> Place {
    Place {
        line: kept.line.map_or(record_line, i64::unsigned_abs),
        column: kept.column_number.map(i64::unsigned_abs),
        column_name: kept.column_name.clone(),
        sheet: kept.sheet.clone(),
    }
}

/// A finding as it is counted.
pub(super) fn said<'a>(found: &'a Finding, line: u64, reference: Option<&'a str>) -> Said<'a> {
    Said {
        stops: found.severity.stops(),
        key: &found.key,
        error_type: found.error_type.as_str(),
        message: &found.message,
        reference,
        line: found.place.as_ref().map_or(line, |place| place.line),
        column: found.place.as_ref().and_then(|place| place.column_name.as_deref()),
        cell: found.place.as_ref().and_then(Place::on_sheet),
    }
}

/// Where in its record something stands; the line only where it is not the record's first.
fn place_of(record_line: u64, place: Option<&Place>) -> String {
    let Some(place) = place else { return String::new() };
    if let Some(cell) = place.on_sheet() {
        return cell;
    }
    let line = Some(place.line).filter(|line| *line != record_line);
    let column = match (&place.column_name, place.column) {
        (Some(name), _) => Some(format!("column {name}")),
        (None, Some(number)) if number > 1 => Some(format!("character {number}")),
        (None, _) => None,
    };
    line.map(|line| format!("line {line}")).into_iter().chain(column).collect::<Vec<_>>().join(", ")
}

/// A column that is called as the API's key is says the key already.
fn in_brackets(place: &str, key: &str) -> String {
    match (place, key) {
        ("", "") => String::new(),
        ("", key) => format!(" [{key}]"),
        (_, "") => format!(" [{place}]"),
        _ if place.ends_with(&format!("column {key}")) => format!(" [{place}]"),
        _ => format!(" [{place}; {key}]"),
    }
}

/// Why a movement is as it is, and what to do about it, in a sentence.
pub(super) fn why(row: &MovementRow) -> Option<String> {
    let reason = row.reason.as_deref().and_then(Reason::parse).map(Reason::explain);
    match row.state {
        State::Uncertain => {
            let since = row.claimed_at.map_or_else(String::new, |at| {
                format!("sent {}, {}: ", calendar::show_ms(at), ago(at))
            });
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

/// How long ago a time of the ledger was, in the largest unit that fits.
fn ago(at: i64) -> String {
    let minutes = Timestamp::now().as_millisecond().saturating_sub(at).max(0) / 60_000;
    match minutes {
        0..=1 => "just now".to_owned(),
        2..=119 => format!("{minutes} minutes ago"),
        120..=2_879 => format!("{} hours ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1_440),
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

/// The movements of this run that need a person, with what was found: the most frequent mistakes
/// first where there are many.
pub(super) async fn needing_a_person(session: &Session, console: &Console) -> anyhow::Result<()> {
    let mut shown = Shown::default();
    for (file, line, found) in session.ledger.unidentified(&session.run).await? {
        shown.take(&file, None, line, &[found], None);
    }
    let filter = Filter {
        states: vec![State::Invalid, State::Rejected, State::Held, State::Uncertain],
        run: Some(session.run.id),
        ..Filter::default()
    };
    let mut after = 0;
    loop {
        let page = session.ledger.list(&filter, after).await?;
        let Some(last) = page.last() else { break };
        after = last.movement;
        for row in &page {
            let why = why(row).map(|why| format!("{}: {why}", row.state));
            shown.take(&row.file, Some(&row.reference), row.line, &row.findings, why);
        }
    }
    console.out_text(shown.text());
    Ok(())
}

/// What is shown of movements that need a person.
#[derive(Default)]
struct Shown {
    mistakes: Mistakes,
    file: String,
    text: String,
    records: usize,
    left_out: usize,
}

impl Shown {
    fn take(
        &mut self,
        file: &str,
        reference: Option<&str>,
        line: u64,
        findings: &[StoredFinding],
        why: Option<String>,
    ) {
        let stops = |kept: &&StoredFinding| kept.severity == "error" || kept.severity == "blocking";
        for kept in findings.iter().filter(stops) {
            self.mistakes.note(Said {
                stops: true,
                key: &kept.key,
                error_type: &kept.error_type,
                message: &kept.message,
                reference,
                line: kept.line.map_or(line, i64::unsigned_abs),
                column: kept.column_name.as_deref(),
                cell: stored_place(line, kept).on_sheet(),
            });
        }
        if self.records == SHOWN {
            self.left_out += 1;
            return;
        }
        self.records += 1;
        if self.file != file {
            file.clone_into(&mut self.file);
            let _ = writeln!(self.text, "{file}");
        }
        let sheet = findings.iter().find_map(|kept| kept.sheet.as_deref());
        let _ = writeln!(self.text, "\n{}", heading(reference, Start { line, sheet }));
        for kept in findings.iter().filter(stops) {
            let _ = writeln!(self.text, "  {}", stored(line, kept));
        }
        if let Some(why) = why {
            let _ = writeln!(self.text, "  {why}");
        }
    }

    fn text(&self) -> String {
        let mut text = self.mistakes.summary().map_or_else(String::new, |all| all + "\n\n");
        text.push_str(&self.text);
        if self.left_out > 0 {
            let _ = writeln!(
                text,
                "\n... and {} more: see list --state invalid,rejected,held,uncertain",
                self.left_out
            );
        }
        text
    }
}

/// The end of a run for people: what became of the movements, and the next command.
pub(super) fn summary(
    session: &Session,
    tally: &RunTally,
    sent: &Sent,
    head: &Head,
    exit: Exit,
) -> String {
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
    let _ = write!(text, "Ledger: {}\n{}", session.ledger.path().display(), history::line(head));
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
        Stop::TimeUp => Some(
            "The time that was set with stop-at has come: what was under way was finished and \
             recorded, the rest waits for the next run."
                .into(),
        ),
        Stop::GaveUp(why) => {
            let own = why.contains("UnknownIssuer");
            let hint =
                if own { " An authority of your own is trusted with --ca-file." } else { "" };
            Some(format!("Gave up for now: {why}.{hint}"))
        }
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
        Exit::Success | Exit::Failure | Exit::InUse | Exit::Altered | Exit::Overdue => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_by_its_distance() {
        let hours = |hours: i64| ago(Timestamp::now().as_millisecond() - hours * 3_600_000 - 5_000);
        assert_eq!(
            [hours(0), hours(1), hours(5), hours(72)],
            ["just now", "60 minutes ago", "5 hours ago", "3 days ago"]
        );
    }

    #[test]
    fn a_reference_can_be_typed_as_it_is_shown() {
        assert_eq!(quoted("WB-100/231"), "WB-100/231");
        assert_eq!(quoted("WB 100"), "\"WB 100\"");
        assert_eq!(quoted("-x"), "\"-x\"");
    }
}
