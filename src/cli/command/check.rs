//! `check`: every finding with file, line, column and remedy; nothing is sent.

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::args::CheckArgs;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::of_file;
use crate::cli::settings::Settings;
use crate::cli::show;
use crate::finding::{Finding, Severity};
use crate::intake::{self, Source};
use crate::reader::{Defaults, ReadError, Record};
use crate::reference::Codes;

pub(in crate::cli) fn run(
    args: &CheckArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let sources = super::submit::sources(&args.input)?;
    let mut exit = Exit::Success;
    for source in &sources {
        exit = exit.or(check(source, settings, console, args.json)?);
    }
    Ok(exit)
}

/// `submit --dry-run`: what would be sent, without a ledger to compare with.
pub(in crate::cli) fn dry_run(
    sources: &[Source],
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let mut exit = Exit::Success;
    for source in sources {
        exit = exit.or(check(source, settings, console, false)?);
    }
    console.out("Nothing was sent, and the ledger was not asked what is accepted already.");
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
    console: &Console,
    json: bool,
) -> anyhow::Result<Exit> {
    let mut totals = Totals::default();
    let ended = each_record(source, settings, |record, findings| {
        totals.records += 1;
        let stops = findings.iter().any(|finding| finding.severity.stops());
        totals.stopped += u64::from(stops);
        totals.advised += u64::from(!stops && !findings.is_empty());
        if json {
            console.out(serde_json::to_string(&Line::new(source, record, findings))?);
            return Ok(());
        }
        let reference = record.movement.reference();
        for finding in findings {
            let prefix = match finding.severity {
                Severity::Error | Severity::Blocking => "",
                Severity::Warning | Severity::Advice if console.is_quiet() => continue,
                Severity::Warning => "warning: ",
                Severity::Advice => "note: ",
            };
            let text = show::finding(&source.name(), record.line, reference, finding);
            console.out(format!("{prefix}{text}"));
        }
        Ok(())
    });
    match ended {
        Ok(()) => {}
        Err(error) => {
            let Some(read) = error.downcast_ref::<ReadError>() else { return Err(error) };
            console.warn(read);
            return Ok(of_file(&read.problem));
        }
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

fn each_record(
    source: &Source,
    settings: &Settings,
    mut each: impl FnMut(&Record<'_>, &[Finding]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut reader = source.open(Defaults { api_code: settings.api_code.clone() })?;
    let (codes, now) = (Codes::embedded(), Timestamp::now());
    while let Some(record) = reader.next_record()? {
        let mut findings = intake::findings(&record, codes, now);
        findings.extend(record.repairs.iter().cloned());
        each(&record, &findings)?;
    }
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
            blocks: match finding.severity {
                Severity::Blocking => Some(true),
                Severity::Advice => Some(false),
                Severity::Error | Severity::Warning => None,
            },
        }
    }
}
