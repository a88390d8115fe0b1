//! The log file: what happened inside, for whoever has to find out why.

use std::fs::OpenOptions;
use std::sync::Mutex;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use super::args::{LogFormat, SettingArgs};

/// Starts logging to the file that the settings name, if they do. Nothing is logged elsewhere:
/// the terminal is the console's.
pub(super) fn start(args: &SettingArgs) -> anyhow::Result<()> {
    let Some(path) = &args.log_file else { return Ok(()) };
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("the log file {} cannot be written", path.display()))?;
    // Only our own lines: other crates log addresses and headers.
    let level = if args.verbose > 0 { "waste_receipts=debug" } else { "waste_receipts=info" };
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(Mutex::new(file))
        .with_ansi(false);
    match args.log_format {
        Some(LogFormat::Json) => log.json().init(),
        _ => log.init(),
    }
    Ok(())
}
