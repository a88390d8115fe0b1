//! Where the service judged otherwise than our checks, for people.

use std::fmt::Write as _;

use crate::drift::{Drift, Kind as DriftKind};

/// So many kinds of drift.
const DRIFT_SHOWN: usize = 10;

/// Where the service judged otherwise than our checks foresaw.
pub(super) fn in_words(all: &[Drift]) -> String {
    let mut text = String::from(
        "The service judges otherwise than the checks of this program (its rules or lists may have \
         moved; try codes --refresh, or a newer version):",
    );
    for Drift { kind, key, error_type, count, example } in all.iter().take(DRIFT_SHOWN) {
        let what = match kind {
            DriftKind::Refused => "refused what the checks pass",
            DriftKind::Passed => "passed what the checks stop",
            DriftKind::Warned => "warned where nothing was foreseen",
            DriftKind::Silent => "did not warn as foreseen",
        };
        let _ = write!(text, "\n{count:>8} x  {what}: {key} {error_type}, such as {example}");
    }
    if let Some(more) = all.len().checked_sub(DRIFT_SHOWN).filter(|more| *more > 0) {
        let _ = write!(text, "\n          ... and {more} more kinds");
    }
    text
}
