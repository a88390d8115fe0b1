//! `completions` and `man`: what a shell and the manual know of this program, made from its own
//! definition.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::args::Cli;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::usage;

const PROGRAM: &str = "waste-receipts";

/// `completions`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    waste-receipts completions bash > ~/.local/share/bash-completion/completions/waste-receipts\n  \
    waste-receipts completions zsh > ~/.zfunc/_waste-receipts\n  \
    waste-receipts completions powershell >> $PROFILE")]
pub(in crate::cli) struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    pub(in crate::cli) shell: Shell,
}

/// `man`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts man | man -l -\n  \
                        waste-receipts man --out ~/.local/share/man/man1")]
pub(in crate::cli) struct ManArgs {
    /// Write a page for the program and each of its commands into this folder
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: Option<PathBuf>,
}

pub(in crate::cli) fn run(args: &CompletionsArgs, console: &Console) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), PROGRAM, &mut script);
    console.out(String::from_utf8(script)?.trim_end());
    Ok(Exit::Success)
}

pub(in crate::cli) fn man(args: &ManArgs, console: &Console) -> anyhow::Result<Exit> {
    let Some(folder) = &args.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        console.out(String::from_utf8(page)?.trim_end());
        return Ok(Exit::Success);
    };
    if folder.is_file() {
        return Err(usage(format!("{} is a file: name a folder", folder.display())));
    }
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .with_context(|| format!("the pages cannot be written to {}", folder.display()))?;
    console.say(format!("The pages are in {}", folder.display()));
    Ok(Exit::Success)
}
