//! How many requests may be under way: as many as the pace needs at the service's latency.
//!
//! By Little's law a pace of R a second at a latency of L seconds keeps R × L requests under way.
//! Only successful answers say what the latency is: one that failed slowly, or never came, tells
//! of an outage, and more requests under way would only mean more that nobody knows about. Must
//! not know: time, the ledger.

use std::time::Duration;

/// Never fewer than this: what a pace of 100 a second needs at 100 ms, and some.
const LEAST: usize = 16;
/// A claim is made, and an answer recorded, in a commit; a slot is held until then.
const RECORDING: f64 = 0.1;
/// Without a limit on the pace there is nothing to find: so many keep any server busy.
const UNLIMITED: usize = 256;
/// Latencies scatter.
const HEADROOM: f64 = 1.5;
/// What the newest answer weighs.
const WEIGHT: f64 = 1.0 / 16.0;

/// How many may be under way now.
#[derive(Debug)]
pub(super) struct InFlight {
    /// Requests a second, as they were asked for; 0 for no limit.
    rate: f64,
    most: usize,
    adapts: bool,
    allowed: usize,
    /// Of the last successful answers, in seconds.
    latency: Option<f64>,
}

impl InFlight {
    /// At most so many, or always so many.
    pub(super) fn new(rate: u32, most: usize, adapts: bool) -> Self {
        let most = most.max(1);
        let (adapts, allowed) = match (adapts, rate) {
            (false, _) => (false, most),
            (true, 0) => (false, UNLIMITED.min(most)),
            (true, _) => (true, LEAST.min(most)),
        };
        InFlight { rate: f64::from(rate), most, adapts, allowed, latency: None }
    }

    /// How many may be under way.
    pub(super) fn allowed(&self) -> usize {
        self.allowed
    }

    /// A request was answered, and well, after so long.
    pub(super) fn succeeded(&mut self, latency: Duration) {
        if !self.adapts {
            return;
        }
        let newest = latency.as_secs_f64();
        let smooth = self.latency.map_or(newest, |old| old + WEIGHT * (newest - old));
        self.latency = Some(smooth);
        // A step for each answer: it doubles within one latency, and one slow answer does little.
        self.allowed = match self.needed(smooth) {
            needed if needed > self.allowed => self.allowed + 1,
            needed if needed < self.allowed => self.allowed - 1,
            _ => self.allowed,
        };
    }

    /// The service seems to be down: when it is back, few requests find out how it is now.
    pub(super) fn broke(&mut self) {
        if self.adapts {
            self.allowed = LEAST.min(self.most);
            self.latency = None;
        }
    }

    fn needed(&self, latency: f64) -> usize {
        let needed = self.rate * (latency * HEADROOM + RECORDING);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count that is not negative; what is too large is cut"
        )]
        let needed = needed.round() as usize;
        needed.clamp(LEAST.min(self.most), self.most)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(rate: u32, latency: Duration, answers: usize) -> usize {
        let mut in_flight = InFlight::new(rate, 512, true);
        for _ in 0..answers {
            in_flight.succeeded(latency);
        }
        in_flight.allowed()
    }

    #[test]
    fn it_finds_what_the_pace_needs() {
        for (rate, milliseconds, needed) in
            [(200, 50, 35), (200, 300, 110), (100, 2_000, 310), (200, 2_000, 512)]
        {
            let allowed = after(rate, Duration::from_millis(milliseconds), 2_000);
            assert_eq!(allowed, needed, "{rate} a second at {milliseconds} ms");
        }
        assert_eq!(after(5, Duration::from_millis(50), 100), LEAST);
        assert!(after(200, Duration::from_secs(2), 100) < 120, "it leaps");
        assert_eq!(after(0, Duration::from_millis(1), 100), UNLIMITED);
        let mut fixed = InFlight::new(200, 8, false);
        fixed.succeeded(Duration::from_secs(2));
        fixed.broke();
        assert_eq!(fixed.allowed(), 8);
    }

    #[test]
    fn it_falls_when_the_service_is_quick_again_or_down() {
        let mut in_flight = InFlight::new(200, 512, true);
        (0..1_000).for_each(|_| in_flight.succeeded(Duration::from_secs(1)));
        assert_eq!(in_flight.allowed(), 320);
        (0..1_000).for_each(|_| in_flight.succeeded(Duration::from_millis(50)));
        assert_eq!(in_flight.allowed(), 35);
        in_flight.broke();
        assert_eq!(in_flight.allowed(), LEAST);
    }

    proptest! {
        /// Whatever the latencies, it stays within its bounds, and one answer moves it by one.
        #[test]
        fn it_stays_within_its_bounds(
            rate in 0_u32..2_000,
            most in 1_usize..1_000,
            latencies in prop::collection::vec(0_u64..200_000, 0..300),
        ) {
            let mut in_flight = InFlight::new(rate, most, true);
            for latency in latencies {
                let before = in_flight.allowed();
                in_flight.succeeded(Duration::from_millis(latency));
                prop_assert!((1..=most).contains(&in_flight.allowed()));
                prop_assert!(in_flight.allowed().abs_diff(before) <= 1);
            }
        }
    }
}
