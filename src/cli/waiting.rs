//! Opening a ledger that another run may be using.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::SignedDuration;

use super::console::Console;
use crate::clock::Clock;
use crate::ledger::{Access, Binding, Creation, Ledger, LedgerError};

/// How often it is tried.
const AGAIN: Duration = Duration::from_millis(500);

/// Opens a ledger to write it; where somebody has it, waits for so long, and says so.
pub(super) async fn open(
    path: &Path,
    creation: Creation,
    binding: &Binding,
    wait: Duration,
    console: &Console,
) -> Result<Ledger, LedgerError> {
    let begun = Instant::now();
    let mut told = false;
    loop {
        let opened = Ledger::open(path, Access::Write(creation), binding, Clock::system()).await;
        match opened {
            Err(error @ LedgerError::InUse { .. }) if begun.elapsed() < wait => {
                if !told {
                    told = true;
                    let longest = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
                    console.say(format!("{error}. It is waited for, up to {longest:#}."));
                    tracing::info!(event = "wait", "another run has the ledger");
                }
                tokio::time::sleep(AGAIN.min(wait.saturating_sub(begun.elapsed()))).await;
            }
            opened => return opened,
        }
    }
}
