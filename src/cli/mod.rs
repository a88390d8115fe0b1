//! The command line: a file for each command, one place for settings, one for what is shown.
//!
//! Nothing imports this room. Errors become exit codes in `failure`, and only here are they
//! printed.

mod args;
mod choices;
mod code_lists;
mod command;
mod console;
mod drifted;
mod exit;
mod failure;
mod history;
mod logging;
mod mistakes;
mod outputs;
mod repaired;
mod restored;
mod results;
mod session;
mod settings;
mod settings_file;
mod show;
mod signals;
mod summary;

pub use exit::Exit;

use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _};

use args::{Cli, Command};
use console::Console;
use settings::{Settings, Typed};

/// Runs what the command line says, and returns how it ended.
pub fn run() -> Exit {
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let is_typed = |name: &str| {
        let here = |matches: &clap::ArgMatches| {
            matches.value_source(name) == Some(ValueSource::CommandLine)
        };
        here(&matches) || matches.subcommand().is_some_and(|(_, matches)| here(matches))
    };
    let typed = Typed {
        api_code: is_typed("api_code"),
        client_secret_file: is_typed("client_secret_file"),
    };
    let mut console = Console::new(cli.settings.quiet, cli.settings.verbose);
    match carry_out(cli, typed, &mut console) {
        Ok(exit) => exit,
        Err(error) => {
            console.done();
            let words = failure::in_words(&error);
            console.warn(format!("error: {words}"));
            tracing::error!(error = words, "ended");
            failure::exit_of(&error)
        }
    }
}

fn carry_out(mut cli: Cli, typed: Typed, console: &mut Console) -> anyhow::Result<Exit> {
    let settings = Settings::resolve(&mut cli.settings, &cli.command, typed)?;
    logging::start(&cli.settings)?;
    // Two threads: one for what waits for answers, one beside the ledger's own.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Demo(demo) => command::demo::run(&demo, settings, console).await,
            Command::Init(init) => command::init::run(&init, &settings, console),
            Command::Check(check) => command::check::run(&check, &settings, console),
            Command::Submit(submit) => command::submit::run(&submit, &settings, console).await,
            Command::Retry(retry) => command::retry::run(&retry, &settings, console).await,
            Command::Status(status) => command::status::run(&status, &settings, console).await,
            Command::List(list) => command::list::run(&list, &settings, console).await,
            Command::Resolve(resolve) => command::resolve::run(&resolve, &settings, console).await,
            Command::Export(export) => command::export::run(&export, &settings, console).await,
            Command::Report(report) => command::report::run(&report, &settings, console).await,
            Command::Verify(verify) => command::verify::run(&verify, &settings, console).await,
            Command::Codes(codes) => command::codes::run(&codes, &settings, console).await,
            Command::Token => command::token::run(&settings, console).await,
            Command::Approval(approval) => {
                command::approval::run(&approval, &settings, console).await
            }
            Command::Sandbox(sandbox) => command::sandbox::run(sandbox, console).await,
        }
    })
}
