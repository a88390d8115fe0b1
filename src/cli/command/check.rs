//! `check`: every finding with file, line, column and remedy; nothing is sent.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::args::CheckArgs;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::of_file;
use crate::cli::inputs::Inputs;
use crate::cli::mistakes::{FEW, Mistakes};
use crate::cli::repaired;
use crate::cli::settings::Settings;
use crate::cli::show::{self, Start};
use crate::finding::{Finding, Place, Severity};
use crate::intake::{Checks, Judge, Policy, Source};
use crate::reader::{Defaults, ReadError, Record, RepairTally};

/// So many findings of a file are shown one by one.
const SHOWN: usize = 200;

pub(in crate::cli) fn run(
    args: &CheckArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let inputs = Inputs::of(&args.input, console)?;
    let policy = Policy {
        codes: settings.code_lists()?.codes,
        duty: settings.duty,
        now: Timestamp::now(),
        // What the API would say is what this command is for.
        checks: Checks::Block,
        strict: settings.filing.strict,
    };
    let mut exit = Exit::Success;
    for source in inputs.sources() {
        exit = exit.or(check(source, settings, policy, console, args.json)?);
    }
    Ok(exit)
}

/// What a file's records amount to.
#[derive(Default)]
struct Totals {
    records: u64,
    stopped: u64,
    advised: u64,
}

fn check(
    source: &Source,
    settings: &Settings,
    policy: Policy,
    console: &Console,
    json: bool,
) -> anyhow::Result<Exit> {
    let mut totals = Totals::default();
    let mut details = Details { quiet: console.is_quiet(), ..Details::default() };
    let mut whole = Whole::default();
    let ended = each_record(source, settings, policy, &mut whole, |record, findings| {
        totals.records += 1;
        let stops = findings.iter().any(|finding| finding.severity.stops());
        totals.stopped += u64::from(stops);
        totals.advised += u64::from(!stops && !findings.is_empty());
        if json {
            console.out(serde_json::to_string(&Line::new(source, record, findings))?);
        } else if !findings.is_empty() {
            let start = Start { line: record.line, sheet: record.sheet() };
            details.take(record.movement.reference(), start, findings);
        }
        Ok(())
    });
    if !json {
        console.out_text(details.text(&source.name()));
    }
    match ended {
        Ok(()) => {}
        Err(error) => {
            let Some(read) = error.downcast_ref::<ReadError>() else { return Err(error) };
            console.warn(read);
            return Ok(of_file(&read.problem));
        }
    }
    if !console.is_quiet()
        && let Some(words) = repaired::in_words(&source.name(), &whole.repaired)
    {
        // Beside JSON, what belongs to the file rather than to a record goes where people read.
        if json { console.say(words) } else { console.out_text(words) }
    }
    if !whole.unused.is_empty() {
        console.say(format!(
            "{}: the profile does not use the columns `{}`; name them in its list `ignore` if that \
             is meant.",
            source.name(),
            whole.unused.join("`, `")
        ));
    }
    if !json {
        let Totals { records, stopped, advised } = totals;
        console.say(format!(
            "{}: {records} movements, {} can be sent{}, {stopped} must be corrected first.",
            source.name(),
            records - stopped,
            if advised > 0 { format!(" ({advised} with remarks)") } else { String::new() }
        ));
    }
    Ok(if totals.stopped > 0 { Exit::NeedsAPerson } else { Exit::Success })
}

/// The findings of a file for people: the most frequent ones first, then one by one, as far as
/// anybody would read on. Memory stays flat whatever the file holds.
#[derive(Default)]
pub(super) struct Details {
    quiet: bool,
    mistakes: Mistakes,
    text: String,
    shown: usize,
    /// Findings that only the summary counts.
    left_out: u64,
}

impl Details {
    /// Of what stops a movement alone.
    pub(super) fn of_mistakes() -> Self {
        Details { quiet: true, ..Details::default() }
    }

    pub(super) fn take(&mut self, reference: Option<&str>, start: Start<'_>, findings: &[Finding]) {
        let mut headed = false;
        for found in findings {
            let stops = found.severity.stops();
            if self.quiet && !stops {
                continue;
            }
            let alike = self.mistakes.note(show::said(found, start.line, reference));
            if self.shown == SHOWN || (!stops && alike > FEW) {
                self.left_out += 1;
                continue;
            }
            self.shown += 1;
            if !headed {
                headed = true;
                let _ = writeln!(self.text, "\n{}", show::heading(reference, start));
            }
            let _ = writeln!(self.text, "  {}", show::finding(start.line, found));
        }
    }

    /// All of it; empty when nothing was found.
    pub(super) fn text(&self, name: &str) -> String {
        let mut text = String::new();
        if self.mistakes.total() == 0 {
            return text;
        }
        match self.mistakes.summary() {
            Some(summary) => {
                let _ = writeln!(text, "{name}: {summary}");
            }
            None => {
                let _ = writeln!(text, "{name}");
            }
        }
        text.push_str(&self.text);
        if self.left_out > 0 {
            let _ = writeln!(
                text,
                "\n... and {} more of the kinds above; --json prints every one.",
                self.left_out
            );
        }
        text
    }
}

/// What is said of a file as a whole.
#[derive(Default)]
struct Whole {
    repaired: RepairTally,
    /// Columns that the profile does not speak of.
    unused: Vec<String>,
}

fn each_record(
    source: &Source,
    settings: &Settings,
    policy: Policy,
    whole: &mut Whole,
    mut each: impl FnMut(&Record<'_>, &[Finding]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // Nothing is kept of it here.
    let defaults = Defaults { layout_ahead: false, ..settings.defaults()? };
    let mut reader = source.open(defaults)?.with_codes(policy.codes);
    let mut judge = Judge::new(policy);
    while let Some(record) = reader.next_record()? {
        each(&record, &judge.judge(&record))?;
    }
    whole.repaired = reader.repaired();
    whole.unused = reader.unused_columns().into_iter().map(str::to_owned).collect();
    Ok(())
}

/// A record as `check --json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    file: String,
    line: u64,
    reference: Option<&'a str>,
    errors: Vec<Entry<'a>>,
    warnings: Vec<Entry<'a>>,
    advice: Vec<Entry<'a>>,
    repairs: Vec<repaired::Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    key: &'a str,
    error_type: &'a str,
    message: &'a str,
    line: u64,
    column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<bool>,
}

impl<'a> Line<'a> {
    fn new(source: &Source, record: &'a Record<'_>, findings: &'a [Finding]) -> Self {
        let of = |severities: &[Severity]| {
            let wanted = findings.iter().filter(|finding| severities.contains(&finding.severity));
            wanted.map(|finding| Entry::new(record.line, finding)).collect()
        };
        Line {
            file: source.name(),
            line: record.line,
            reference: record.movement.reference(),
            errors: of(&[Severity::Error]),
            warnings: of(&[Severity::Warning]),
            advice: of(&[Severity::Blocking, Severity::Advice]),
            repairs: record.repairs.iter().map(repaired::Entry::from).collect(),
        }
    }
}

impl<'a> Entry<'a> {
    fn new(line: u64, finding: &'a Finding) -> Self {
        let place = finding.place.as_ref();
        Entry {
            key: &finding.key,
            error_type: finding.error_type.as_str(),
            message: &finding.message,
            line: place.map_or(line, |place| place.line),
            column: place.and_then(|place| place.column),
            column_name: place.and_then(|place| place.column_name.as_deref()),
            sheet: place.and_then(|place| place.sheet.as_deref()),
            cell: place.and_then(Place::cell),
            blocks: match finding.severity {
                Severity::Blocking => Some(true),
                Severity::Advice => Some(false),
                Severity::Error | Severity::Warning => None,
            },
        }
    }
}
