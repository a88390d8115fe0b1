//! `init`: a first set-up.

mod from;

use clap::Args;

use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;

/// `init`.
#[derive(Debug, Args)]
#[command(after_help = "Example:  waste-receipts init --from export.csv \
                        --set \"receiver.siteName=Larkmoor Transfer Station\"")]
pub(in crate::cli) struct InitArgs {
    #[command(flatten)]
    from: from::FromArgs,
}

pub(in crate::cli) fn run(
    args: &InitArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    from::run(&args.from, settings, console)
}
