//! When a deferred movement is due again.

use std::time::Duration;

use crate::submission::Reason;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);

/// How long to wait after an attempt. What the service asked for is kept in full; else the wait is
/// drawn between nothing and a bound that doubles with each attempt (full jitter), so that many
/// records do not come back at once. `draw` is between 0 and 1.
pub(super) fn wait(
    reason: Reason,
    retry_after: Option<Duration>,
    attempt: i64,
    draw: f64,
) -> Duration {
    match reason {
        // These wait for something else: a new token, an operator's pause, a person.
        Reason::Unauthorised | Reason::Unpaid | Reason::ApiCodeUnknown | Reason::SetUp => {
            Duration::ZERO
        }
        _ => retry_after.unwrap_or_else(|| bound(attempt).mul_f64(draw.clamp(0.0, 1.0))),
    }
}

fn bound(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(10);
    (FIRST * 2_u32.pow(doublings)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn never_longer_than_the_bound(attempt in 0_i64..100, draw in 0.0..=1.0) {
            let drawn = wait(Reason::Unavailable, None, attempt, draw);
            prop_assert!(drawn <= bound(attempt) && bound(attempt) <= LONGEST);
        }

        #[test]
        fn what_the_service_asks_is_kept_in_full(seconds in 0_u64..100_000, attempt in 0_i64..9) {
            let asked = Duration::from_secs(seconds);
            prop_assert_eq!(wait(Reason::Throttled, Some(asked), attempt, 0.0), asked);
        }
    }

    #[test]
    fn the_bound_doubles() {
        assert_eq!([1, 2, 3, 20].map(|n| bound(n).as_secs()), [1, 2, 4, 300]);
    }
}
