//! What can be typed, and the environment variables that stand in for it.

mod commands;
mod settings;
mod unattended;

use std::time::Duration;

use clap::{Parser, Subcommand};

pub(super) use super::choices::{
    ChecksArg, CredentialsArg, InFlightArg, LogFormat, OnChangeArg, PipePeriodArg, SplitBy,
    UncertainArg,
};
pub(super) use super::command::approval::ApprovalArgs;
pub(super) use super::command::completions::{CompletionsArgs, ManArgs};
pub(super) use super::command::doctor::DoctorArgs;
pub(super) use super::command::export::ExportArgs;
pub(super) use super::command::init::InitArgs;
pub(super) use super::command::purge::PurgeArgs;
pub(super) use super::command::report::ReportArgs;
pub(super) use super::command::status::StatusArgs;
pub(super) use super::command::verify::VerifyArgs;
pub(super) use commands::*;
pub(super) use settings::SettingArgs;
pub(super) use unattended::UnattendedArgs;

use crate::reference::List;
use crate::sandbox::FaultRate;
use crate::submission::State;

/// Reports received waste movements to the Receipt of Waste API: every load once, every answer
/// kept.
#[derive(Debug, Parser)]
#[command(
    name = "waste-receipts",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Try it without any account:  waste-receipts demo\n\
                  Exit codes: 0 all accepted, 2 settings, 3 a person must correct or decide, \
                  4 run retry later, 5 uncertain ones, 6 credentials refused, 7 ledger in use, \
                  8 charge unpaid, 9 history altered, 10 overdue or stale (status), \
                  130 interrupted, 1 anything else"
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) settings: SettingArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Try it all: a sandbox, sample movements, their submission and a report
    Demo(DemoArgs),
    /// Ask what a run needs, write a settings file, and show that it works
    Init(InitArgs),
    /// Find out whether a run would have all that it needs, and what to do where not
    Doctor(DoctorArgs),
    /// Check files without sending anything
    Check(CheckArgs),
    /// Submit the movements of files
    Submit(SubmitArgs),
    /// Send what could not be sent before
    Retry(RetryArgs),
    /// Show the whole backlog
    Status(StatusArgs),
    /// List movements, or everything known of one
    List(ListArgs),
    /// Decide about movements that wait for a person
    Resolve(ResolveArgs),
    /// Write movements out of the ledger, with what was wrong, to be corrected
    Export(ExportArgs),
    /// Report what happened to the movements
    Report(ReportArgs),
    /// Verify that the ledger's history is as it was written
    Verify(VerifyArgs),
    /// Delete the personal data of old movements
    Purge(PurgeArgs),
    /// Show, search or refresh the code lists
    Codes(CodesArgs),
    /// Print an access token
    #[command(after_help = "Example:  waste-receipts token --environment test")]
    Token,
    /// Go through the production approval scenarios, and write the evidence
    Approval(ApprovalArgs),
    /// Print a shell's completions
    Completions(CompletionsArgs),
    /// Print the manual page, or write all of them
    Man(ManArgs),
    /// Run a local Receipt API to try things against
    Sandbox(SandboxArgs),
}

impl Command {
    /// Whether it asks for a token.
    pub(super) fn needs_the_secret(&self) -> bool {
        match self {
            Command::Submit(submit) => !submit.dry_run,
            Command::Codes(codes) => codes.refresh,
            Command::Retry(_) | Command::Token | Command::Approval(_) => true,
            _ => false,
        }
    }

    /// The name of a run, which somebody may want to hear of; other commands are for people.
    pub(super) fn run_name(&self) -> Option<&'static str> {
        match self {
            Command::Submit(submit) if !submit.dry_run => Some("submit"),
            Command::Retry(_) => Some("retry"),
            _ => None,
        }
    }
}

/// Sums of times must not overflow.
const LONGEST_TIME: Duration = Duration::from_secs(366 * 86_400);

/// A time such as `90s`, `30m`, `1h30m` or `250ms`; a bare number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    let words = || Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok();
    match seconds.or_else(words) {
        Some(duration) if duration > LONGEST_TIME => Err(format!("\"{text}\" is more than a year")),
        Some(duration) => Ok(duration),
        None => Err(format!("\"{text}\" is not a time: write 90s, 30m, 1h30m or 250ms")),
    }
}

fn fault(text: &str) -> Result<FaultRate, String> {
    text.parse::<FaultRate>().map_err(|error| error.to_string())
}

fn code_list(name: &str) -> Result<List, String> {
    List::ALL
        .into_iter()
        .find(|list| list.name() == name)
        .ok_or_else(|| format!("the lists are {}", List::ALL.map(List::name).join(", ")))
}

pub(super) fn state(word: &str) -> Result<State, String> {
    State::parse(word).ok_or_else(|| {
        let known: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
        format!("the states are {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_read() {
        assert_eq!(duration("90"), duration("90s"));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5_400)));
        let wrong = ["-5s", "soon", "18446744073709551615", "9000h"];
        assert!(wrong.iter().all(|text| duration(text).is_err()));
    }
}
