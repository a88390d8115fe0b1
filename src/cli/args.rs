//! What can be typed, and the environment variables that stand in for it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

pub(super) use super::choices::{ChecksArg, CredentialsArg, LogFormat, OnChangeArg, UncertainArg};

use crate::reader::Format;
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
                  8 charge unpaid, 130 interrupted, 1 anything else"
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) settings: SettingArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Settings: flags over environment variables over the settings file over defaults.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct SettingArgs {
    /// Settings file [default: waste-receipts.toml here, else in your configuration folder]
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Which service: production, test, sandbox, or a name of your own for given URLs
    #[arg(long, global = true, value_name = "NAME", env = "WASTE_RECEIPTS_ENVIRONMENT")]
    pub(super) environment: Option<String>,
    /// Base URL of the API
    #[arg(long, global = true, value_name = "URL", env = "WASTE_RECEIPTS_API_URL")]
    pub(super) api_url: Option<String>,
    /// URL of the token endpoint; it may leave out its path
    #[arg(long, global = true, value_name = "URL", env = "WASTE_RECEIPTS_TOKEN_URL")]
    pub(super) token_url: Option<String>,
    /// How the credentials are presented [default: both]
    #[arg(long, global = true, value_name = "HOW", env = "WASTE_RECEIPTS_CREDENTIALS")]
    pub(super) credentials: Option<CredentialsArg>,
    /// Client ID, as issued for the environment
    #[arg(long, global = true, value_name = "ID", env = "WASTE_RECEIPTS_CLIENT_ID")]
    pub(super) client_id: Option<String>,
    /// File that holds the client secret (or set `WASTE_RECEIPTS_CLIENT_SECRET`)
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_CLIENT_SECRET_FILE")]
    pub(super) client_secret_file: Option<PathBuf>,
    /// The operator's API code, for records that have none
    #[arg(long, global = true, value_name = "CODE", env = "WASTE_RECEIPTS_API_CODE")]
    pub(super) api_code: Option<String>,
    /// The ledger: the SQLite file that remembers every movement
    #[arg(long, global = true, value_name = "PATH", env = "WASTE_RECEIPTS_LEDGER")]
    pub(super) ledger: Option<PathBuf>,
    /// Make the ledger if it is missing (for production this must be said)
    #[arg(long, global = true)]
    pub(super) create_ledger: bool,
    /// Requests that may start in any one second (0, no limit, is for loopback only) [default: 100]
    #[arg(long, global = true, value_name = "N", env = "WASTE_RECEIPTS_RATE")]
    pub(super) rate: Option<u32>,
    /// Requests that may be unanswered at a time [default: 64]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..),
          env = "WASTE_RECEIPTS_IN_FLIGHT")]
    pub(super) in_flight: Option<u16>,
    /// How long one request may take [default: 90s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration,
          env = "WASTE_RECEIPTS_TIMEOUT")]
    pub(super) timeout: Option<Duration>,
    /// How long a run goes on without any movement getting settled [default: 30m]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration,
          env = "WASTE_RECEIPTS_GIVE_UP_AFTER")]
    pub(super) give_up_after: Option<Duration>,
    /// Admit nothing of a file with more invalid movements than this [default: 20]
    #[arg(long, global = true, value_name = "PERCENT",
          value_parser = clap::value_parser!(u8).range(0..=100),
          env = "WASTE_RECEIPTS_MAX_INVALID")]
    pub(super) max_invalid: Option<u8>,
    /// What happens to movements that fail the API's rules before they are sent [default: block]
    #[arg(long, global = true, value_name = "WHAT", env = "WASTE_RECEIPTS_CHECKS")]
    pub(super) checks: Option<ChecksArg>,
    /// What happens to uncertain movements at the beginning of a run [default: hold]
    #[arg(long, global = true, value_name = "WHAT", env = "WASTE_RECEIPTS_UNCERTAIN")]
    pub(super) uncertain: Option<UncertainArg>,
    /// Certificates (PEM) to trust besides the system's
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_CA_FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// Write a log to this file
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_LOG_FILE")]
    pub(super) log_file: Option<PathBuf>,
    /// The log's format [default: text]
    #[arg(long, global = true, value_name = "FORMAT", env = "WASTE_RECEIPTS_LOG_FORMAT")]
    pub(super) log_format: Option<LogFormat>,
    /// Say nothing unless a person is needed
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more; twice, everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Try it all: a sandbox, sample movements, their submission and a report
    Demo(DemoArgs),
    /// Check files without sending anything
    Check(CheckArgs),
    /// Submit the movements of files
    Submit(SubmitArgs),
    /// Send what could not be sent before
    Retry(RetryArgs),
    /// Show the whole backlog
    Status(JsonArgs),
    /// List movements, or everything known of one
    List(ListArgs),
    /// Decide about movements that wait for a person
    Resolve(ResolveArgs),
    /// Report what happened to the movements
    Report(ReportArgs),
    /// Show, search or refresh the code lists
    Codes(CodesArgs),
    /// Print an access token
    Token,
    /// Run a local Receipt API to try things against
    Sandbox(SandboxArgs),
}

/// `--json`.
#[derive(Debug, Args)]
pub(super) struct JsonArgs {
    /// Print JSON instead of text
    #[arg(long)]
    pub(super) json: bool,
}

/// `demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Where to leave the ledger and the report [default: a new temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

/// Which files.
#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// Files to read: .csv or .jsonl; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// What the files are, where their names do not tell
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<Format>,
}

/// `check`.
#[derive(Debug, Args)]
#[command(after_help = "Example:  waste-receipts check movements.csv")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) input: FileArgs,
    /// Advice counts as a mistake too
    #[arg(long)]
    pub(super) strict: bool,
    /// Print one JSON object a record
    #[arg(long)]
    pub(super) json: bool,
}

/// `submit`.
#[derive(Debug, Args)]
#[command(after_help = "Example:  waste-receipts submit --environment test movements.csv")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct SubmitArgs {
    #[command(flatten)]
    pub(super) input: FileArgs,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Send nothing that there is advice about either
    #[arg(long)]
    pub(super) strict: bool,
    /// What other content for an accepted movement becomes [default: hold]
    #[arg(long, value_name = "WHAT")]
    pub(super) on_change: Option<OnChangeArg>,
    /// The ledger was restored from a backup: what is not settled, and what these files bring, may
    /// have been sent since, and becomes uncertain
    #[arg(long)]
    pub(super) after_restore: bool,
    /// End with one JSON object instead of the summary
    #[arg(long)]
    pub(super) json: bool,
}

/// `retry`.
#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    /// Send the uncertain ones again too, which may store them twice
    #[arg(long)]
    pub(super) resend_uncertain: bool,
    /// The ledger was restored from a backup: what is not settled may have been sent since, and
    /// becomes uncertain
    #[arg(long, conflicts_with = "resend_uncertain")]
    pub(super) after_restore: bool,
    /// Why, for the journal of decisions
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
    /// End with one JSON object instead of the summary
    #[arg(long)]
    pub(super) json: bool,
}

/// `list`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts list --state uncertain,rejected\n  \
                        waste-receipts list --reference WB-100231")]
pub(super) struct ListArgs {
    /// Only movements in these states
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = state)]
    pub(super) state: Vec<State>,
    /// Everything known of the movements with this reference
    #[arg(long, value_name = "REFERENCE")]
    pub(super) reference: Option<String>,
    /// Print one JSON object a movement
    #[arg(long)]
    pub(super) json: bool,
}

/// `resolve`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts resolve WB-100231 --accepted 26BHUT6U\n  \
                  waste-receipts resolve WB-100231 WB-100240 --resend --note \"asked the service desk\"")]
pub(super) struct ResolveArgs {
    /// References of the movements
    #[arg(value_name = "REFERENCE", required_unless_present = "movement")]
    pub(super) references: Vec<String>,
    /// Only this site's (and with --api-code only that operator's): its authorisation number
    #[arg(long, value_name = "PERMIT")]
    pub(super) site: Option<String>,
    /// Movements by the number that list shows
    #[arg(long, value_name = "N")]
    pub(super) movement: Vec<i64>,
    #[command(flatten)]
    pub(super) decision: DecisionArgs,
    /// Why, for the journal of decisions
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
}

/// What is decided: one of these.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own; clap takes one")]
#[group(required = true, multiple = false)]
pub(super) struct DecisionArgs {
    /// It was stored, under this waste tracking ID
    #[arg(long, value_name = "ID")]
    pub(super) accepted: Option<String>,
    /// Send it again, whatever was stored
    #[arg(long)]
    pub(super) resend: bool,
    /// Take it out: it is not sent
    #[arg(long)]
    pub(super) withdraw: bool,
    /// Send the held reading as a correction
    #[arg(long)]
    pub(super) update: bool,
    /// Drop the held reading: what was accepted stands
    #[arg(long)]
    pub(super) keep: bool,
    /// The held reading is another load: send it as a movement of its own
    #[arg(long)]
    pub(super) new: bool,
}

/// `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Write it to this file instead of printing it
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

/// `codes`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts codes ewc-codes --search 1705\n  \
                        waste-receipts codes --refresh --environment test")]
pub(super) struct CodesArgs {
    /// One list, such as ewc-codes
    #[arg(value_name = "LIST", value_parser = code_list)]
    pub(super) list: Option<List>,
    /// Only codes that hold this text, or stand for something that does
    #[arg(long, value_name = "TEXT")]
    pub(super) search: Option<String>,
    /// Fetch the service's lists; checks use them from then on
    #[arg(long)]
    pub(super) refresh: bool,
    /// Print JSON instead of text
    #[arg(long)]
    pub(super) json: bool,
}

/// `sandbox`.
#[derive(Debug, Args)]
#[command(after_help = "Example:  waste-receipts sandbox --latency 50ms --fault lose-response=5% \
                        --fault status-429=10%")]
pub(super) struct SandboxArgs {
    /// Where to listen: a loopback address; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(super) listen: SocketAddr,
    /// How long each answer takes
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0ms")]
    pub(super) latency: Duration,
    /// Answer 429 above so many requests a second
    #[arg(long, value_name = "N")]
    pub(super) rate_limit: Option<u32>,
    /// How long a token lives
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "1h")]
    pub(super) token_ttl: Duration,
    /// What the faults are drawn from
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
    /// A fault and its rate, such as lose-response=20%; may be given several times
    #[arg(long = "fault", value_name = "NAME=RATE", value_parser = fault)]
    pub(super) faults: Vec<FaultRate>,
    /// The same, without --fault
    #[arg(value_name = "FAULT", value_parser = fault)]
    pub(super) more_faults: Vec<FaultRate>,
    /// Print the URLs and the credentials as one JSON object
    #[arg(long)]
    pub(super) json: bool,
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

fn state(word: &str) -> Result<State, String> {
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
