//! `export`: movements out of the ledger, with what was wrong.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::args::state;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::output::{Fresh, Tables};
use crate::cli::session::look;
use crate::cli::settings::Settings;
use crate::export::{Outgoing, Records, Selection, write_bodies};
use crate::ledger::{Ledger, Origin};
use crate::submission::State;

/// Records without a usable reference are exported for so many days: nothing tells when one has
/// been corrected.
const NAMELESS_DAYS: i64 = 7;

/// `export`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts export --out to-correct.csv\n  \
                        waste-receipts export --state accepted --format jsonl --out all.jsonl\n  \
                        waste-receipts export --out to-correct.xlsx\n  \
                        waste-receipts export --all --out master-copy")]
pub(in crate::cli) struct ExportArgs {
    /// Only movements in these states [default: invalid,rejected]
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = state)]
    pub(in crate::cli) state: Vec<State>,
    /// Everything that the ledger holds, in a folder: the copy of your own from which all of it can
    /// be made again
    #[arg(long, conflicts_with = "state", requires = "out")]
    pub(in crate::cli) all: bool,
    /// What to write [default: each row as it was read, whatever the format]
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<ExportFormat>,
    /// Write to this file, which must not be there yet, instead of printing
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExportFormat {
    /// Rows as they were read, of CSV files alone
    Csv,
    /// Request bodies, one a line, whatever they were read from
    Jsonl,
    /// The government's spreadsheet template, whatever they were read from
    Xlsx,
}

impl ExportArgs {
    /// The states that are meant.
    pub(in crate::cli) fn states(&self) -> Vec<State> {
        if self.state.is_empty() {
            vec![State::Invalid, State::Rejected]
        } else {
            self.state.clone()
        }
    }
}

pub(in crate::cli) async fn run(
    args: &ExportArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    if args.all {
        return super::export_all::run(args, settings, console).await;
    }
    let out = args.out.as_deref();
    let ledger = look(settings).await?;
    let week = jiff::SignedDuration::from_hours(24 * NAMELESS_DAYS);
    let selection = Selection {
        states: args.states(),
        run: None,
        nameless_since: (ledger.clock().wall() - week).as_millisecond(),
    };
    let is_workbook =
        |path: &&Path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("xlsx"));
    let by_name = out.filter(is_workbook).map(|_| ExportFormat::Xlsx);
    match args.format.or(by_name) {
        Some(ExportFormat::Xlsx) => {
            super::export_workbook::run(&ledger, &selection, settings, out, console).await?;
        }
        Some(ExportFormat::Jsonl) => bodies(&ledger, &selection, out, console).await?,
        format => {
            let mut tables = Tables::new(out)?;
            let csv_alone = format == Some(ExportFormat::Csv);
            let written = rows(&ledger, &selection, &mut tables, csv_alone).await?;
            let paths = tables.keep()?;
            console.say(written.told(&paths));
            written.left_out().into_iter().for_each(|message| console.warn(message));
        }
    }
    ledger.close().await?;
    Ok(Exit::Success)
}

async fn bodies(
    ledger: &Ledger,
    selection: &Selection<'_>,
    out: Option<&Path>,
    console: &Console,
) -> anyhow::Result<()> {
    let mut output = std::io::BufWriter::new(Fresh::open(out)?);
    let (count, left_out) = write_bodies(ledger, selection, &mut output).await?;
    output.into_inner().map_err(std::io::IntoInnerError::into_error)?.keep()?;
    console.say(Written { count, ..Written::default() }.told(out));
    if left_out > 0 {
        console.warn(format!(
            "{left_out} more have no request body: records without a usable reference, or purged \
             ones. Without --format they are written as they were read, as far as that is kept."
        ));
    }
    Ok(())
}

/// What an export came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct Written {
    pub(in crate::cli) count: u64,
    /// Read from a workbook.
    workbook: u64,
    /// Not of the format that was asked for.
    other: u64,
    not_kept: u64,
    purged: u64,
}

/// Writes the rows of a selection as they were read, with what was wrong.
async fn rows(
    ledger: &Ledger,
    selection: &Selection<'_>,
    tables: &mut Tables,
    csv_alone: bool,
) -> anyhow::Result<Written> {
    let mut written = Written::default();
    let mut records = Records::of(ledger, selection);
    loop {
        let page = records.next_page().await?;
        if page.is_empty() {
            return Ok(written);
        }
        for record in &page {
            written.take(record, &mut records, tables, csv_alone).await?;
        }
    }
}

impl Written {
    /// Writes a record as it was read, if it can be.
    pub(in crate::cli) async fn take(
        &mut self,
        record: &Outgoing,
        records: &mut Records<'_>,
        tables: &mut Tables,
        csv_alone: bool,
    ) -> anyhow::Result<()> {
        let (number, rows) = match &record.origin {
            Origin::Rows { layout, rows } => (*layout, rows),
            Origin::NotKept => {
                self.not_kept += 1;
                return Ok(());
            }
            Origin::Purged => {
                self.purged += 1;
                return Ok(());
            }
        };
        let setting = records.setting(number).await?;
        if !setting.is_text() {
            self.workbook += 1;
        } else if csv_alone && setting.layout().format != "csv" {
            self.other += 1;
        } else {
            tables.table(setting.layout())?.write(record, setting, rows)?;
            self.count += 1;
        }
        Ok(())
    }

    /// The same of several together.
    pub(in crate::cli) fn add(&mut self, more: &Written) {
        self.count += more.count;
        self.workbook += more.workbook;
        self.other += more.other;
        self.not_kept += more.not_kept;
        self.purged += more.purged;
    }

    /// How many records are where.
    pub(in crate::cli) fn told<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> String {
        let paths: Vec<String> =
            paths.into_iter().map(|path| path.as_ref().display().to_string()).collect();
        let records = if self.count == 1 { "1 record" } else { &format!("{} records", self.count) };
        match paths.len() {
            0 if self.count == 0 => "Nothing to export.".to_owned(),
            0 => format!("{records}."),
            1 => format!("{records}: {}", paths[0]),
            files => format!(
                "{records}, in {files} files, since they were read from files with different \
                 headers: {}",
                paths.join(", ")
            ),
        }
    }

    /// What is not among them, and how to get at it.
    pub(in crate::cli) fn left_out(&self) -> Vec<String> {
        let mut messages = Vec::new();
        let mut left = |count: u64, what: &str| {
            if count > 0 {
                messages.push(format!("{count} more are not written: {what}"));
            }
        };
        left(
            self.workbook,
            "they were read from a workbook. --format xlsx writes them as one again",
        );
        left(self.other, "they were read from JSON lines. Leave out --format csv");
        left(
            self.not_kept,
            "they were read by a version that did not keep rows. --format jsonl writes what was \
             made of them; list --state invalid,rejected names file and line",
        );
        left(self.purged, "what they were read from was purged");
        messages
    }
}
