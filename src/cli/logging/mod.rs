//! The log file: what happened inside, for whoever has to find out why, and for programs that
//! collect logs. Nothing is logged elsewhere: the terminal is the console's.

mod format;
mod lines;
mod rotating;

use std::sync::Mutex;

use anyhow::Context as _;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::args::{LogFormat, SettingArgs};
use format::Lines;
use rotating::Rotating;

pub(super) use format::begin_run;
pub(super) use lines::{ended, event, file_admitted, file_refused};

/// The log begins anew at this size if nothing else is said,
const SIZE: u64 = 10_000_000;
/// and so many earlier ones are kept.
const KEEP: u16 = 9;

/// Starts logging to the file that the settings name, if they do.
pub(super) fn start(args: &SettingArgs) -> anyhow::Result<()> {
    let Some(path) = &args.log_file else { return Ok(()) };
    let size = args.unattended.log_size.unwrap_or(SIZE);
    let keep = args.unattended.log_keep.unwrap_or(KEEP);
    let file = Rotating::open(path.clone(), size, keep)
        .with_context(|| format!("the log file {} cannot be written", path.display()))?;
    // Only our own lines: other crates log addresses and headers.
    let level = if args.verbose > 0 { Level::DEBUG } else { Level::INFO };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .event_format(Lines { json: args.log_format == Some(LogFormat::Json) });
    tracing_subscriber::registry()
        .with(Targets::new().with_target("waste_receipts", level))
        .with(lines)
        .init();
    Ok(())
}
