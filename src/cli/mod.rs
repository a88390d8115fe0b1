//! The command line: a file for each command, one place for settings, one for what is shown.
//!
//! Nothing imports this room. Errors become exit codes in `failure`, and only here are they
//! printed.

mod archive;
mod args;
mod choices;
mod code_lists;
mod command;
mod console;
mod drifted;
mod duty;
mod ending;
mod exit;
mod failure;
mod filing;
mod history;
mod hooks;
mod inputs;
mod logging;
mod metrics;
mod mistakes;
mod operators;
mod output;
mod repaired;
mod restored;
mod results;
mod secrets;
mod session;
mod settings;
#[cfg(test)]
mod settings_doc;
mod settings_file;
mod show;
mod signals;
mod summary;
mod unattended;
mod waiting;

pub use exit::Exit;

use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _};
use tokio::runtime::Runtime;

use args::{Cli, Command};
use console::Console;
use settings::{Settings, Typed};
use unattended::Hooks;

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
    let run = cli.command.run_name();
    let mut hooks = Hooks::from(&cli.settings.unattended);
    match carry_out(cli, typed, &mut hooks, &mut console) {
        Ok(exit) => exit,
        Err(error) => {
            console.done();
            let words = failure::in_words(&error);
            console.warn(format!("error: {words}"));
            tracing::error!(event = "failed", error = words, "the command ended with an error");
            let exit = failure::exit_of(&error);
            if let Some(run) = run {
                tell_of_failure(&hooks, run, exit, &words, &console);
            }
            exit
        }
    }
}

/// A run that fails before it has done anything is one that somebody must hear of.
fn tell_of_failure(hooks: &Hooks, run: &'static str, exit: Exit, words: &str, console: &Console) {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(hooks::failed(hooks, run, exit, words, console)),
        Err(error) => console.warn(format!("Nobody could be told: {error}")),
    }
}

/// One thread for what waits for answers; the ledger has its own, and so has a file's reader.
fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Commands that need no settings, make them, or say what is wrong with them.
fn without_settings(
    cli: &mut Cli,
    typed: Typed,
    console: &mut Console,
) -> anyhow::Result<Option<Exit>> {
    let Cli { settings: given, command } = cli;
    let exit = match &*command {
        Command::Completions(completions) => command::completions::run(completions, console)?,
        Command::Man(man) => command::completions::man(man, console)?,
        Command::Init(init) => {
            runtime()?.block_on(command::init::run(init, given, command, console))?
        }
        Command::Doctor(doctor) => {
            let settings = Settings::resolve(given, command, typed);
            runtime()?.block_on(command::doctor::run(doctor, settings, console))?
        }
        _ => return Ok(None),
    };
    Ok(Some(exit))
}

fn carry_out(
    mut cli: Cli,
    typed: Typed,
    hooks: &mut Hooks,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    if let Some(exit) = without_settings(&mut cli, typed, console)? {
        return Ok(exit);
    }
    let settings = Settings::resolve(&mut cli.settings, &cli.command, typed)?;
    *hooks = settings.unattended.hooks.clone();
    logging::start(&cli.settings)?;
    if let Some(warning) = settings.open_secret().filter(|_| cli.command.needs_the_secret()) {
        console.warn(warning);
    }
    let runtime = runtime()?;
    runtime.block_on(async {
        match cli.command {
            Command::Demo(demo) => command::demo::run(&demo, settings, console).await,
            Command::Check(check) => command::check::run(&check, &settings, console),
            Command::Submit(submit) => command::submit::run(&submit, &settings, console).await,
            Command::Retry(retry) => command::retry::run(&retry, &settings, console).await,
            Command::Status(status) => command::status::run(&status, &settings, console).await,
            Command::List(list) => command::list::run(&list, &settings, console).await,
            Command::Resolve(resolve) => command::resolve::run(&resolve, &settings, console).await,
            Command::Export(export) => command::export::run(&export, &settings, console).await,
            Command::Report(report) => command::report::run(&report, &settings, console).await,
            Command::Verify(verify) => command::verify::run(&verify, &settings, console).await,
            Command::Purge(purge) => command::purge::run(&purge, &settings, console).await,
            Command::Codes(codes) => command::codes::run(&codes, &settings, console).await,
            Command::Token => command::token::run(&settings, console).await,
            Command::Approval(approval) => {
                command::approval::run(&approval, &settings, console).await
            }
            // These were carried out before any settings were read.
            Command::Init(_) | Command::Doctor(_) | Command::Completions(_) | Command::Man(_) => {
                Ok(Exit::Success)
            }
            Command::Sandbox(sandbox) => command::sandbox::run(sandbox, console).await,
        }
    })
}
