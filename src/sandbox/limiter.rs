//! The rate limit: so many requests in any one second, however the second is placed.
//!
//! Must not know: HTTP.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(super) struct Limiter {
    limit: Option<u32>,
    admitted: VecDeque<Instant>,
}

impl Limiter {
    pub(super) fn new(limit: Option<u32>) -> Self {
        Limiter { limit, admitted: VecDeque::new() }
    }

    pub(super) fn limit(&self) -> Option<u32> {
        self.limit
    }

    pub(super) fn set(&mut self, limit: Option<u32>) {
        *self = Limiter::new(limit);
    }

    /// Whether a request may pass. One that may not does not count.
    pub(super) fn admit(&mut self, now: Instant) -> bool {
        let Some(limit) = self.limit else { return true };
        let second = Duration::from_secs(1);
        while self.admitted.front().is_some_and(|first| now.duration_since(*first) >= second) {
            self.admitted.pop_front();
        }
        let admitted = self.admitted.len() < limit as usize;
        if admitted {
            self.admitted.push_back(now);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_holds_more() {
        let mut limiter = Limiter::new(Some(2));
        let start = Instant::now();
        let mut at = |milliseconds| limiter.admit(start + Duration::from_millis(milliseconds));
        assert_eq!(
            [at(0), at(900), at(950), at(1_000), at(1_001), at(1_900)],
            [true, true, false, true, false, true]
        );
    }
}
