//! `report`: what happened to the movements.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::args::ReportArgs;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::session::look;
use crate::cli::settings::Settings;
use crate::ledger::Ledger;
use crate::report::{Audit, write_text};

pub(in crate::cli) async fn run(
    args: &ReportArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let environment = settings.target()?.name();
    let ledger = look(settings).await?;
    let text = text(&ledger, environment).await?;
    ledger.close().await?;
    match &args.out {
        Some(path) => {
            write(path, &text)?;
            console.say(format!("The report is in {}", path.display()));
        }
        None => console.out(text.trim_end()),
    }
    Ok(Exit::Success)
}

/// The report of a ledger as text.
pub(in crate::cli) async fn text(ledger: &Ledger, environment: &str) -> anyhow::Result<String> {
    let audit = Audit::of(ledger, environment, ledger.clock().wall()).await?;
    let mut text = String::new();
    write_text(&audit, &mut text)?;
    Ok(text)
}

/// Writes a report to its file.
pub(in crate::cli) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    crate::private::create(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("the report {} cannot be written", path.display()))
}
