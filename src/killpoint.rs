//! Points at which a test has the process die, as `kill -9` or a power cut would have it.
//!
//! `WASTE_RECEIPTS_KILL_AT=POINT[:N]` aborts the process when it passes the point for the Nth
//! time. An abort is not SIGKILL, but it leaves the same behind: nothing is dropped, flushed or
//! rolled back, and unlike a signal to oneself it is portable. Only builds with debug assertions
//! know the variable; in a release build a point is nothing. Must not know: anything of ours.

/// The variable that names a point.
pub const VARIABLE: &str = "WASTE_RECEIPTS_KILL_AT";

/// Whether this build has points at all.
pub const COMPILED_IN: bool = cfg!(debug_assertions);

/// Where a process may die, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A record of a file has been staged.
    Admission,
    /// A whole file has been staged.
    BeforeAdmission,
    /// A file has been admitted.
    AfterAdmission,
    /// A claim is about to be committed.
    BeforeClaim,
    /// A claim has been committed; nothing of it was sent.
    AfterClaim,
    /// An answer was read, and nobody else knows of it.
    Answered,
    /// Answers are about to be committed.
    BeforeRecord,
    /// Answers have been committed, and nobody was told.
    AfterRecord,
    /// The run is stopping, and answers have come meanwhile.
    Draining,
    /// What an earlier process left as `sending` is about to be settled.
    BeforeRecovery,
    /// It has been settled.
    AfterRecovery,
    /// A person's decisions are about to be committed.
    BeforeDecision,
    /// They have been committed.
    AfterDecision,
    /// A file is in the archive, and still in its old place.
    Archiving,
    /// It is in the archive alone.
    Archived,
}

impl Point {
    /// All of them.
    pub const ALL: [Point; 15] = [
        Point::Admission,
        Point::BeforeAdmission,
        Point::AfterAdmission,
        Point::BeforeClaim,
        Point::AfterClaim,
        Point::Answered,
        Point::BeforeRecord,
        Point::AfterRecord,
        Point::Draining,
        Point::BeforeRecovery,
        Point::AfterRecovery,
        Point::BeforeDecision,
        Point::AfterDecision,
        Point::Archiving,
        Point::Archived,
    ];

    /// Its name in the variable.
    pub fn name(self) -> &'static str {
        match self {
            Point::Admission => "admission",
            Point::BeforeAdmission => "before-admission",
            Point::AfterAdmission => "after-admission",
            Point::BeforeClaim => "before-claim",
            Point::AfterClaim => "after-claim",
            Point::Answered => "answered",
            Point::BeforeRecord => "before-record",
            Point::AfterRecord => "after-record",
            Point::Draining => "draining",
            Point::BeforeRecovery => "before-recovery",
            Point::AfterRecovery => "after-recovery",
            Point::BeforeDecision => "before-decision",
            Point::AfterDecision => "after-decision",
            Point::Archiving => "archiving",
            Point::Archived => "archived",
        }
    }
}

/// Passes a point; a process that is to die there does not come back.
#[cfg(debug_assertions)]
pub fn pass(point: Point) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static ORDER: OnceLock<Option<(String, AtomicU64)>> = OnceLock::new();
    let order = ORDER.get_or_init(|| {
        let order = std::env::var(VARIABLE).ok()?;
        let (name, passage) = order.split_once(':').unwrap_or((&order, "1"));
        Some((name.to_owned(), AtomicU64::new(passage.parse().ok()?)))
    });
    if let Some((name, left)) = order
        && name == point.name()
        && left.fetch_sub(1, Ordering::SeqCst) == 1
    {
        std::process::abort();
    }
}

/// Passes a point: nothing in a release build.
#[cfg(not(debug_assertions))]
pub fn pass(_: Point) {}
