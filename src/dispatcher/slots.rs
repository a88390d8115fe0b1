//! Slots: what is under way, from its claim until what became of it is on the disk.

use std::sync::Arc;

/// All of a run's.
#[derive(Debug, Default)]
pub(super) struct Slots(Arc<()>);

/// One, given back when it is let go.
#[derive(Debug)]
pub(super) struct Slot(#[expect(dead_code, reason = "it counts")] Arc<()>);

impl Slots {
    /// Takes one. How many there may be is for who claims to know.
    pub(super) fn take(&self) -> Slot {
        Slot(Arc::clone(&self.0))
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}
