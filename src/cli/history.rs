//! What people are told of the history's chain.

use super::console::Console;
use crate::ledger::{Head, Ledger};

/// Where the history ends: whoever keeps this line can show later that nothing was altered.
pub(super) fn line(head: &Head) -> String {
    format!("History: {} entries, head {}", head.count, head.hash)
}

/// Says that a ledger from before was chained.
pub(super) fn adopted(ledger: &Ledger, console: &Console) {
    if let Some(count) = ledger.adopted() {
        console.say(format!(
            "The ledger's history from before this version ({count} entries) is chained now, as \
             it stands: verify finds what is altered from now on."
        ));
    }
}
