//! What may be set for runs that nobody watches.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::duration;
use crate::cli::unattended::{StopAt, size};

/// Settings for runs that nobody watches.
#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = "Running unattended")]
pub(in crate::cli) struct UnattendedArgs {
    /// How long to wait for a ledger that another run is using [default: 0s]
    #[arg(long, global = true, value_name = "TIME", value_parser = duration,
          env = "WASTE_RECEIPTS_WAIT")]
    pub(in crate::cli) wait: Option<Duration>,
    /// When a run is to be over, such as 05:30 (London time); what is left waits for the next one
    #[arg(long, global = true, value_name = "TIME", env = "WASTE_RECEIPTS_STOP_AT")]
    pub(in crate::cli) stop_at: Option<StopAt>,
    /// Fewer new records than this end `submit` with exit code 3
    #[arg(long, global = true, value_name = "N", env = "WASTE_RECEIPTS_EXPECT_RECORDS")]
    pub(in crate::cli) expect_records: Option<u64>,
    /// Command to run after every submit and retry, however it ended; it reads the summary (JSON)
    #[arg(long, global = true, value_name = "COMMAND", env = "WASTE_RECEIPTS_HEARTBEAT")]
    pub(in crate::cli) heartbeat: Option<String>,
    /// Command to run when the exit code is not 0; it reads the summary (JSON)
    #[arg(long, global = true, value_name = "COMMAND", env = "WASTE_RECEIPTS_NOTIFY")]
    pub(in crate::cli) notify: Option<String>,
    /// Write figures for Prometheus to this file after every submit and retry
    #[arg(long, global = true, value_name = "FILE", env = "WASTE_RECEIPTS_METRICS")]
    pub(in crate::cli) metrics: Option<PathBuf>,
    /// The log file begins anew at this size, such as 10MB; 0 means never [default: 10MB]
    #[arg(long, global = true, value_name = "SIZE", value_parser = size,
          env = "WASTE_RECEIPTS_LOG_SIZE")]
    pub(in crate::cli) log_size: Option<u64>,
    /// So many earlier log files are kept [default: 9]
    #[arg(long, global = true, value_name = "N", env = "WASTE_RECEIPTS_LOG_KEEP")]
    pub(in crate::cli) log_keep: Option<u16>,
}
