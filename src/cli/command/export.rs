//! `export`: movements out of the ledger, with what was wrong.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use crate::cli::args::state;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;
use crate::cli::session::look;
use crate::cli::settings::Settings;
use crate::export::write_bodies;
use crate::ledger::Filter;
use crate::submission::State;

/// `export`.
#[derive(Debug, Args)]
#[command(after_help = "Example:  waste-receipts export --state invalid,rejected --format jsonl \
                        --out to-correct.jsonl")]
pub(in crate::cli) struct ExportArgs {
    /// Only movements in these states
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = state)]
    pub(in crate::cli) state: Vec<State>,
    /// What to write
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) format: ExportFormat,
    /// Write to this file, which must not be there yet, instead of printing
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExportFormat {
    /// Request bodies, one a line
    Jsonl,
}

pub(in crate::cli) async fn run(
    args: &ExportArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let mut out = Output::open(args.out.as_deref())?;
    let ledger = look(settings).await?;
    let filter = Filter { states: args.state.clone(), ..Filter::default() };
    let count = match args.format {
        ExportFormat::Jsonl => write_bodies(&ledger, &filter, &mut out).await?,
    };
    ledger.close().await?;
    out.keep()?;
    console.say(match &args.out {
        Some(path) => format!("{count} movements are in {}.", path.display()),
        None => format!("{count} movements."),
    });
    Ok(Exit::Success)
}

/// Where an export goes: to standard output, or into a file that is there only once it is whole.
pub(in crate::cli) enum Output {
    /// Standard output.
    Printed(std::io::Stdout),
    /// A file beside the one that it becomes.
    File(tempfile::NamedTempFile, PathBuf),
}

impl Output {
    /// Before the work starts: a file that is there may hold what somebody is correcting.
    pub(in crate::cli) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Output::Printed(std::io::stdout())) };
        if path.exists() {
            return Err(usage(format!(
                "{} is there already, and may hold corrections: name another file, or move that \
                 one away",
                path.display()
            )));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
            .map_err(|error| usage(format!("{} cannot be written: {error}", path.display())))?;
        Ok(Output::File(file, path.to_owned()))
    }

    /// The file gets its name.
    pub(in crate::cli) fn keep(self) -> anyhow::Result<()> {
        let Output::File(file, path) = self else { return Ok(()) };
        file.as_file().sync_all()?;
        file.persist_noclobber(&path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Output::Printed(out) => out.write(bytes),
            Output::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Output::Printed(out) => out.flush(),
            Output::File(file, _) => file.flush(),
        }
    }
}
