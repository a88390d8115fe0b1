//! `report`: what happened to the movements.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::report_split;
use crate::calendar::Duty;
use crate::cli::choices::SplitBy;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::output::Replacing;
use crate::cli::session::look;
use crate::cli::settings::Settings;
use crate::ledger::{Ledger, Snapshot};
use crate::movement::comparable_site;
use crate::report::{self, Audit, By, PageError, Selection, Source};

/// `report`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts report --out report.html\n  \
                        waste-receipts report --from 2026-10 --to 2026-10 --out october.xlsx\n  \
                        waste-receipts report --by submitted --from 2026-10-05 --format csv\n  \
                        waste-receipts report --from 2026-10 --to 2026-10 --split-by api-code --out october")]
pub(in crate::cli) struct ReportArgs {
    /// The first day: 2026-10-05, or 2026-10 for the first of a month
    #[arg(long, value_name = "DAY", value_parser = first_day)]
    pub(in crate::cli) from: Option<Date>,
    /// The last day: 2026-10-05, or 2026-10 for the last of a month
    #[arg(long, value_name = "DAY", value_parser = last_day)]
    pub(in crate::cli) to: Option<Date>,
    /// Which day of a movement counts [default: received]
    #[arg(long, value_name = "WHICH")]
    pub(in crate::cli) by: Option<ByArg>,
    /// Only this site's movements: its permit (and with --api-code only that operator's)
    #[arg(long, value_name = "PERMIT")]
    pub(in crate::cli) site: Option<String>,
    /// What to write [default: what the name of the file says, else text; a page with --split-by]
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<ReportFormat>,
    /// With CSV: the figures instead of the movements
    #[arg(long)]
    pub(in crate::cli) figures: bool,
    /// Write it to this file instead of printing it; with --split-by to this folder
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// A report for each operator, in a folder of its own below --out
    #[arg(long, value_name = "WHAT", requires = "out")]
    pub(in crate::cli) split_by: Option<SplitBy>,
}

/// Which day of a movement counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ByArg {
    /// The day of receipt
    Received,
    /// The day on which it was reported, or last sent
    Submitted,
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReportFormat {
    /// Plain text
    Text,
    /// A page for a browser: one file
    Html,
    /// The movements, or with --figures the figures, for spreadsheets
    Csv,
    /// Everything, for programs
    Json,
    /// A workbook
    Xlsx,
}

impl ReportFormat {
    /// The format that a file's name says.
    fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "txt" => Some(ReportFormat::Text),
            "html" | "htm" => Some(ReportFormat::Html),
            "csv" => Some(ReportFormat::Csv),
            "json" => Some(ReportFormat::Json),
            "xlsx" => Some(ReportFormat::Xlsx),
            _ => None,
        }
    }

    /// What a file of the format is called behind the dot.
    pub(super) fn extension(self) -> &'static str {
        match self {
            ReportFormat::Text => "txt",
            ReportFormat::Html => "html",
            ReportFormat::Csv => "csv",
            ReportFormat::Json => "json",
            ReportFormat::Xlsx => "xlsx",
        }
    }
}

pub(in crate::cli) async fn run(
    args: &ReportArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let environment = settings.target()?.name();
    let selection = selection(args, settings)?;
    let by_name = match args.split_by {
        // What is named is a folder.
        Some(SplitBy::ApiCode) => Some(ReportFormat::Html),
        None => args.out.as_deref().and_then(ReportFormat::of),
    };
    let format = args.format.or(by_name).unwrap_or(ReportFormat::Text);
    if args.figures && format != ReportFormat::Csv {
        return Err(usage("--figures is for --format csv: other formats have them anyway"));
    }
    let what = Wanted { format, figures: args.figures, selection, duty: settings.duty };
    if let (Some(SplitBy::ApiCode), Some(folder)) = (args.split_by, &args.out) {
        return report_split::run(folder, what, settings, console).await;
    }
    let ledger = look(settings).await?;
    // Before the work: a place that cannot be written should not cost it.
    let mut output = Replacing::open(args.out.as_deref())?;
    if format == ReportFormat::Xlsx && output.seekable().is_none() {
        return Err(no_workbook());
    }
    let movements = write(&ledger, environment, &what, output)?;
    ledger.close().await?;
    if movements == 0 {
        console.warn("There are no movements in this report: look at --from, --to and --site.");
    }
    if let Some(path) = args.out.as_deref().filter(|path| path.as_os_str() != "-") {
        console.say(format!("The report is in {}", path.display()));
    }
    Ok(Exit::Success)
}

/// Which report.
pub(in crate::cli) struct Wanted {
    pub(in crate::cli) format: ReportFormat,
    pub(in crate::cli) figures: bool,
    pub(in crate::cli) selection: Selection,
    pub(in crate::cli) duty: &'static Duty,
}

/// Writes a report of a ledger; how many movements are in it.
pub(in crate::cli) fn write(
    ledger: &Ledger,
    environment: &str,
    wanted: &Wanted,
    output: Replacing,
) -> anyhow::Result<usize> {
    let source = Source::new(ledger.clock().wall(), environment, ledger.path());
    let snapshot = ledger.snapshot()?;
    let audit = Audit::of(&snapshot, source, wanted.selection.clone(), wanted.duty)?;
    write_audit(&audit, &snapshot, wanted, output)?;
    Ok(audit.movements.len())
}

/// Writes an audit in its format.
pub(super) fn write_audit(
    audit: &Audit,
    snapshot: &Snapshot,
    wanted: &Wanted,
    mut output: Replacing,
) -> anyhow::Result<()> {
    let written = match wanted.format {
        ReportFormat::Text => report::write_text(audit, &mut output),
        ReportFormat::Html => page(audit, snapshot, &mut output)?,
        ReportFormat::Csv if wanted.figures => report::write_csv_figures(audit, &mut output),
        ReportFormat::Csv => report::write_csv(audit, &mut output),
        ReportFormat::Json => report::write_json(audit, &mut output),
        ReportFormat::Xlsx => match output.seekable() {
            Some(file) => {
                report::write_xlsx(audit, file).context("the workbook cannot be written")?;
                Ok(())
            }
            None => return Err(no_workbook()),
        },
    };
    match written {
        // Whoever closed the pipe has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    output.finish()
}

/// Writes the page; what its reader may end is a result of its own.
fn page(
    audit: &Audit,
    snapshot: &Snapshot,
    output: &mut Replacing,
) -> anyhow::Result<std::io::Result<()>> {
    match report::write_html(audit, snapshot, output) {
        Err(PageError::Write(error)) => Ok(Err(error)),
        Err(PageError::Ledger(error)) => Err(error.into()),
        Ok(()) => Ok(Ok(())),
    }
}

fn no_workbook() -> anyhow::Error {
    usage("a workbook cannot be printed: name a file with --out, such as --out report.xlsx")
}

fn selection(args: &ReportArgs, settings: &Settings) -> anyhow::Result<Selection> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        return Err(usage(format!("--from {from} is after --to {to}")));
    }
    let site = args.site.as_deref().map(comparable_site);
    if site.as_deref() == Some("") {
        return Err(usage("--site needs a permit, such as --site EPR/AB1234CD"));
    }
    Ok(Selection {
        by: match args.by {
            Some(ByArg::Submitted) => By::Submitted,
            Some(ByArg::Received) | None => By::Received,
        },
        from: args.from,
        to: args.to,
        // One from the settings file says what records without a code get, not what to report.
        api_code: settings.api_code.clone().filter(|_| settings.typed.api_code),
        site,
    })
}

fn first_day(text: &str) -> Result<Date, String> {
    day(text).map(|(first, _)| first)
}

fn last_day(text: &str) -> Result<Date, String> {
    day(text).map(|(_, last)| last)
}

/// A day, or the first and the last one of a month.
fn day(text: &str) -> Result<(Date, Date), String> {
    let text = text.trim();
    if let Ok(day) = text.parse::<Date>() {
        return Ok((day, day));
    }
    let month = format!("{text}-01").parse::<Date>();
    month.map(|first| (first, first.last_of_month())).map_err(|_| {
        format!("\"{text}\" is no day: write 2026-10-05, or 2026-10 for a whole month")
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_stands_for_its_first_and_last_day() {
        assert_eq!(first_day("2028-02"), Ok(date(2028, 2, 1)));
        assert_eq!(last_day("2028-02"), Ok(date(2028, 2, 29)));
        assert_eq!(last_day(" 2026-10-05 "), Ok(date(2026, 10, 5)));
        assert!(first_day("05/10/2026").expect_err("no day").contains("2026-10-05"));
    }

    #[test]
    fn a_name_says_the_format() {
        assert_eq!(ReportFormat::of(Path::new("a.CSV")), Some(ReportFormat::Csv));
        assert_eq!(ReportFormat::of(Path::new("a")), None);
    }
}
