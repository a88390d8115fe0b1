//! What may be set, as flags and environment variables.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{UnattendedArgs, duration};
use crate::cli::choices::{
    ChecksArg, CredentialsArg, InFlightArg, LogFormat, PipePeriodArg, UncertainArg,
};

/// Settings: flags over environment variables over the settings file over defaults.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(in crate::cli) struct SettingArgs {
    /// Settings file [default: waste-receipts.toml here, else in your configuration folder]
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_CONFIG")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Which service: production, test, sandbox, or a name of your own for given URLs
    #[arg(long, global = true, value_name = "NAME", env = "WASTE_RECEIPTS_ENVIRONMENT")]
    pub(in crate::cli) environment: Option<String>,
    /// Base URL of the API
    #[arg(long, global = true, value_name = "URL", env = "WASTE_RECEIPTS_API_URL")]
    pub(in crate::cli) api_url: Option<String>,
    /// URL of the token endpoint; it may leave out its path
    #[arg(long, global = true, value_name = "URL", env = "WASTE_RECEIPTS_TOKEN_URL")]
    pub(in crate::cli) token_url: Option<String>,
    /// How the credentials are presented [default: both]
    #[arg(long, global = true, value_name = "HOW", env = "WASTE_RECEIPTS_CREDENTIALS")]
    pub(in crate::cli) credentials: Option<CredentialsArg>,
    /// Client ID, as issued for the environment
    #[arg(long, global = true, value_name = "ID", env = "WASTE_RECEIPTS_CLIENT_ID")]
    pub(in crate::cli) client_id: Option<String>,
    /// File that holds the client secret (or set `WASTE_RECEIPTS_CLIENT_SECRET`)
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_CLIENT_SECRET_FILE")]
    pub(in crate::cli) client_secret_file: Option<PathBuf>,
    /// The operator's API code, for records that have none
    #[arg(long, global = true, value_name = "CODE", env = "WASTE_RECEIPTS_API_CODE")]
    pub(in crate::cli) api_code: Option<String>,
    /// The ledger: the SQLite file that remembers every movement
    #[arg(long, global = true, value_name = "PATH", env = "WASTE_RECEIPTS_LEDGER")]
    pub(in crate::cli) ledger: Option<PathBuf>,
    /// Make the ledger if it is missing (for production this must be said)
    #[arg(long, global = true)]
    pub(in crate::cli) create_ledger: bool,
    /// Send optional contacts (e-mail, phone, address) to the test environment too
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new(),
          env = "WASTE_RECEIPTS_ALLOW_PERSONAL_DATA")]
    pub(in crate::cli) allow_personal_data: Option<bool>,
    /// Requests that may start in any one second (0, no limit, is for loopback only) [default: 100]
    #[arg(long, global = true, value_name = "N", env = "WASTE_RECEIPTS_RATE")]
    pub(in crate::cli) rate: Option<u32>,
    /// Requests that may be unanswered at a time: a number, or auto for as many as the rate needs at
    /// the service's latency (16 to 512) [default: auto]
    #[arg(long, global = true, value_name = "N", env = "WASTE_RECEIPTS_IN_FLIGHT")]
    pub(in crate::cli) in_flight: Option<InFlightArg>,
    /// How long one request may take [default: 90s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration,
          env = "WASTE_RECEIPTS_TIMEOUT")]
    pub(in crate::cli) timeout: Option<Duration>,
    /// How long a run goes on without any movement getting settled [default: 30m]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration,
          env = "WASTE_RECEIPTS_GIVE_UP_AFTER")]
    pub(in crate::cli) give_up_after: Option<Duration>,
    /// Admit nothing of a file with more invalid movements than this [default: 20]
    #[arg(long, global = true, value_name = "PERCENT",
          value_parser = clap::value_parser!(u8).range(0..=100),
          env = "WASTE_RECEIPTS_MAX_INVALID")]
    pub(in crate::cli) max_invalid: Option<u8>,
    /// What happens to movements that fail the API's rules before they are sent [default: block]
    #[arg(long, global = true, value_name = "WHAT", env = "WASTE_RECEIPTS_CHECKS")]
    pub(in crate::cli) checks: Option<ChecksArg>,
    /// What happens to uncertain movements at the beginning of a run [default: hold]
    #[arg(long, global = true, value_name = "WHAT", env = "WASTE_RECEIPTS_UNCERTAIN")]
    pub(in crate::cli) uncertain: Option<UncertainArg>,
    /// Bank holidays that count instead of the rules, or besides them
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_HOLIDAYS")]
    pub(in crate::cli) holidays: Option<PathBuf>,
    /// The period at whose end loads by pipe are received [default: month]
    #[arg(long, global = true, value_name = "PERIOD", env = "WASTE_RECEIPTS_PIPE_PERIOD")]
    pub(in crate::cli) pipe_period: Option<PipePeriodArg>,
    /// Mapping profile: how the columns of your files become ours (docs/mapping.md)
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_PROFILE")]
    pub(in crate::cli) profile: Option<PathBuf>,
    /// What may be repaired while a file is read: all, none, names, or -NAME for all but that
    /// (--repairs=-lost-zero) [default: all]
    #[arg(
        long,
        global = true,
        value_name = "NAMES",
        value_delimiter = ',',
        allow_hyphen_values = true,
        env = "WASTE_RECEIPTS_REPAIRS"
    )]
    pub(in crate::cli) repairs: Option<Vec<String>>,
    /// Certificates (PEM) to trust besides the system's
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_CA_FILE")]
    pub(in crate::cli) ca_file: Option<PathBuf>,
    /// Write a log to this file
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_LOG_FILE")]
    pub(in crate::cli) log_file: Option<PathBuf>,
    /// The log's format [default: text]
    #[arg(long, global = true, value_name = "FORMAT", env = "WASTE_RECEIPTS_LOG_FORMAT")]
    pub(in crate::cli) log_format: Option<LogFormat>,
    #[command(flatten)]
    pub(in crate::cli) unattended: UnattendedArgs,
    /// Say nothing unless a person is needed
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(in crate::cli) quiet: bool,
    /// Say more; twice, everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(in crate::cli) verbose: u8,
}
