//! What each command takes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::{code_list, duration, fault, state};
use crate::cli::choices::{OnChangeArg, SplitBy};
use crate::reader::Format;
use crate::reference::List;
use crate::sandbox::FaultRate;
use crate::submission::State;

/// `demo`.
#[derive(Debug, Args)]
#[command(after_help = "Example:  waste-receipts demo --out trial")]
pub(in crate::cli) struct DemoArgs {
    /// Where to leave the ledger and the report [default: a new temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: Option<PathBuf>,
}

/// Which files.
#[derive(Debug, Args)]
pub(in crate::cli) struct FileArgs {
    /// Files to read, or folders of them: .csv, .xlsx (the template) or .jsonl; - is standard
    /// input
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// What the files are, where their names do not tell
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<Format>,
}

/// `check`.
#[derive(Debug, Args)]
#[command(after_help = "Example:  waste-receipts check movements.csv")]
pub(in crate::cli) struct CheckArgs {
    #[command(flatten)]
    pub(in crate::cli) input: FileArgs,
    /// Advice counts as a mistake too
    #[arg(long, env = "WASTE_RECEIPTS_STRICT", value_parser = BoolishValueParser::new())]
    pub(in crate::cli) strict: bool,
    /// Print one JSON object a record
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// `submit`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts submit --environment test movements.csv\n  \
                        waste-receipts submit inbox --archive done --results results\n  \
                        waste-receipts submit inbox --results results --split-by api-code")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct SubmitArgs {
    #[command(flatten)]
    pub(in crate::cli) input: FileArgs,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Send nothing that there is advice about either
    #[arg(long, env = "WASTE_RECEIPTS_STRICT", value_parser = BoolishValueParser::new())]
    pub(in crate::cli) strict: bool,
    /// What other content for an accepted movement becomes [default: hold]
    #[arg(long, value_name = "WHAT", env = "WASTE_RECEIPTS_ON_CHANGE")]
    pub(in crate::cli) on_change: Option<OnChangeArg>,
    /// Leave accepted.csv and to-correct.csv in this folder
    #[arg(long, value_name = "DIR", env = "WASTE_RECEIPTS_RESULTS")]
    pub(in crate::cli) results: Option<PathBuf>,
    /// Leave each operator's results in a folder of its own
    #[arg(long, value_name = "WHAT", env = "WASTE_RECEIPTS_SPLIT_BY")]
    pub(in crate::cli) split_by: Option<SplitBy>,
    /// Move files to this folder once nothing of them waits to be sent
    #[arg(long, value_name = "DIR", env = "WASTE_RECEIPTS_ARCHIVE")]
    pub(in crate::cli) archive: Option<PathBuf>,
    /// Leave files that changed less than this ago for the next run [default: 5s in folders]
    #[arg(long, value_name = "TIME", value_parser = duration, env = "WASTE_RECEIPTS_SETTLE")]
    pub(in crate::cli) settle: Option<Duration>,
    /// The ledger was restored from a backup: what is not settled, and what these files bring, may
    /// have been sent since, and becomes uncertain
    #[arg(long)]
    pub(in crate::cli) after_restore: bool,
    /// End with one JSON object instead of the summary
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// `retry`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts retry\n  waste-receipts retry \
                        --resend-uncertain --note \"the service desk found none of them\"")]
pub(in crate::cli) struct RetryArgs {
    /// Send the uncertain ones again too, which may store them twice
    #[arg(long)]
    pub(in crate::cli) resend_uncertain: bool,
    /// The ledger was restored from a backup: what is not settled may have been sent since, and
    /// becomes uncertain
    #[arg(long, conflicts_with = "resend_uncertain")]
    pub(in crate::cli) after_restore: bool,
    /// Why, for the journal of decisions
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) note: Option<String>,
    /// Leave accepted.csv and to-correct.csv in this folder
    #[arg(long, value_name = "DIR", env = "WASTE_RECEIPTS_RESULTS")]
    pub(in crate::cli) results: Option<PathBuf>,
    /// Leave each operator's results in a folder of its own
    #[arg(long, value_name = "WHAT", env = "WASTE_RECEIPTS_SPLIT_BY")]
    pub(in crate::cli) split_by: Option<SplitBy>,
    /// End with one JSON object instead of the summary
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// `list`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts list --state uncertain,rejected\n  \
                        waste-receipts list --reference WB-100231")]
pub(in crate::cli) struct ListArgs {
    /// Only movements in these states
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = state)]
    pub(in crate::cli) state: Vec<State>,
    /// Everything known of the movements with this reference
    #[arg(long, value_name = "REFERENCE")]
    pub(in crate::cli) reference: Option<String>,
    /// Print one JSON object a movement
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// `resolve`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts resolve WB-100231 --accepted 26BHUT6U\n  \
                  waste-receipts resolve WB-100231 WB-100240 --resend --note \"asked the service desk\"")]
pub(in crate::cli) struct ResolveArgs {
    /// References of the movements
    #[arg(value_name = "REFERENCE", required_unless_present = "movement")]
    pub(in crate::cli) references: Vec<String>,
    /// Only this site's (and with --api-code only that operator's): its authorisation number
    #[arg(long, value_name = "PERMIT")]
    pub(in crate::cli) site: Option<String>,
    /// Movements by the number that list shows
    #[arg(long, value_name = "N")]
    pub(in crate::cli) movement: Vec<i64>,
    #[command(flatten)]
    pub(in crate::cli) decision: DecisionArgs,
    /// Why, for the journal of decisions
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) note: Option<String>,
}

/// What is decided: one of these.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own; clap takes one")]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct DecisionArgs {
    /// It was stored, under this waste tracking ID
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) accepted: Option<String>,
    /// Send it again, whatever was stored
    #[arg(long)]
    pub(in crate::cli) resend: bool,
    /// Take it out: it is not sent
    #[arg(long)]
    pub(in crate::cli) withdraw: bool,
    /// Send the held reading as a correction
    #[arg(long)]
    pub(in crate::cli) update: bool,
    /// Drop the held reading: what was accepted stands
    #[arg(long)]
    pub(in crate::cli) keep: bool,
    /// The held reading is another load: send it as a movement of its own
    #[arg(long)]
    pub(in crate::cli) new: bool,
}

/// `codes`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts codes ewc-codes --search 1705\n  \
                        waste-receipts codes --refresh --environment test")]
pub(in crate::cli) struct CodesArgs {
    /// One list, such as ewc-codes
    #[arg(value_name = "LIST", value_parser = code_list)]
    pub(in crate::cli) list: Option<List>,
    /// Only codes that hold this text, or stand for something that does
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) search: Option<String>,
    /// Fetch the service's lists; checks use them from then on
    #[arg(long)]
    pub(in crate::cli) refresh: bool,
    /// Print JSON instead of text
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// `sandbox`.
#[derive(Debug, Args)]
#[command(after_help = "Example:  waste-receipts sandbox --latency 50ms --fault lose-response=5% \
                        --fault status-429=10%")]
pub(in crate::cli) struct SandboxArgs {
    /// Where to listen: a loopback address; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(in crate::cli) listen: SocketAddr,
    /// How long each answer takes
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0ms")]
    pub(in crate::cli) latency: Duration,
    /// Answer 429 above so many requests a second
    #[arg(long, value_name = "N")]
    pub(in crate::cli) rate_limit: Option<u32>,
    /// How long a token lives
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "1h")]
    pub(in crate::cli) token_ttl: Duration,
    /// What the faults are drawn from
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
    /// A fault and its rate, such as lose-response=20%; may be given several times
    #[arg(long = "fault", value_name = "NAME=RATE", value_parser = fault)]
    pub(in crate::cli) faults: Vec<FaultRate>,
    /// The same, without --fault
    #[arg(value_name = "FAULT", value_parser = fault)]
    pub(in crate::cli) more_faults: Vec<FaultRate>,
    /// Print the URLs and the credentials as one JSON object
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
