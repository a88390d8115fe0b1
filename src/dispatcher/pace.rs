//! Pace: never more starts in any one second than allowed, and fewer after the service said so.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::clock::{Clock, Moment};

/// From this rate on the pace is kept to within one request a second.
const FAST: u32 = 50;
/// Below it a second is taken to be longer by this share: requests that left a fifth of a second
/// apart may arrive a little closer.
const SLACK: f64 = 0.03;
/// From here on so much slack would cost the rate too much: late wake-ups cost it as much again.
const FASTER: u32 = 500;
/// After a wake-up that came late, up to so many hundredths of a second are made up for at once.
const CATCH_UP: u32 = 2;
/// The pace falls to no less than this share of the rate.
const FLOOR: f64 = 1.0 / 16.0;
/// The pace falls at most once in so long: answers to what left before tell nothing new.
const FALL_EVERY: Duration = Duration::from_secs(1);
/// It rises by this share of the rate for every second without a complaint.
const RISE: f64 = 0.05;

type Limiter = RateLimiter<NotKeyed, InMemoryState, Beat, NoOpMiddleware<Nanos>>;

/// Our clock, as governor wants it.
#[derive(Debug, Clone)]
struct Beat(Clock);

impl GovernorClock for Beat {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.now())
    }
}

/// When requests may start.
#[derive(Debug)]
pub(super) struct Pace {
    rate: f64,
    limiter: Option<Limiter>,
    /// The newest starts, as many as a second may hold.
    starts: VecDeque<Moment>,
    /// As many as a second may hold start in no less than this.
    second: Duration,
    clock: Clock,
    /// Of the rate, as the service's complaints left it.
    share: f64,
    last_start: Option<Moment>,
    last_fall: Option<Moment>,
    last_rise: Moment,
    paused_until: Moment,
}

impl Pace {
    pub(super) fn new(rate: u32, clock: Clock) -> Self {
        let limiter = NonZeroU32::new(rate)
            .map(|rate| RateLimiter::direct_with_clock(quota(rate), Beat(clock.clone())));
        let slack = match rate {
            ..FAST => SLACK,
            FAST..FASTER => 0.5 / f64::from(rate),
            _ => 0.1 / f64::from(rate),
        };
        let now = clock.now();
        Pace {
            rate: f64::from(rate),
            limiter,
            starts: VecDeque::new(),
            second: Duration::from_secs(1).mul_f64(1.0 + slack),
            clock,
            share: 1.0,
            last_start: None,
            last_fall: None,
            last_rise: now,
            paused_until: Duration::ZERO,
        }
    }

    /// Starts one request, or says when to ask again.
    pub(super) fn start(&mut self) -> Result<(), Moment> {
        let now = self.clock.now();
        if now < self.paused_until {
            return Err(self.paused_until);
        }
        self.rise(now);
        let next = self.next_start();
        if self.is_slowed() && now < next {
            return Err(next);
        }
        if let Some(until) = self.full_until()
            && now < until
        {
            return Err(until);
        }
        if let Some(limiter) = &self.limiter
            && let Err(not_until) = limiter.check()
        {
            return Err(now + not_until.wait_time_from(Nanos::from(now)));
        }
        self.started(now);
        Ok(())
    }

    /// Until when the last second is full. The limiter spreads the starts and makes up for late
    /// wake-ups; that no second holds too many, wherever it begins, is seen to here.
    fn full_until(&self) -> Option<Moment> {
        let is_full = self.limiter.is_some() && self.starts.len() >= self.held();
        self.starts.front().filter(|_| is_full).map(|first| *first + self.second)
    }

    fn started(&mut self, now: Moment) {
        self.last_start = Some(now);
        if self.limiter.is_none() {
            return;
        }
        if self.starts.len() >= self.held() {
            self.starts.pop_front();
        }
        self.starts.push_back(now);
    }

    /// How many starts a second may hold.
    fn held(&self) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it came from a u32"
        )]
        let held = self.rate as usize;
        held
    }

    /// The service asked for a slower pace, and perhaps for a pause. Returns the new pace in
    /// requests a second if it changed.
    pub(super) fn fall(&mut self, retry_after: Option<Duration>) -> Option<u32> {
        let now = self.clock.now();
        if let Some(wait) = retry_after {
            self.paused_until = self.paused_until.max(now + wait);
        }
        if self.last_fall.is_some_and(|last| now < last + FALL_EVERY) {
            return None;
        }
        self.last_fall = Some(now);
        self.last_rise = now;
        self.share = (self.share / 2.0).max(FLOOR);
        Some(self.per_second())
    }

    /// Requests a second as things stand; a large number where there is no limit.
    pub(super) fn per_second(&self) -> u32 {
        if self.rate == 0.0 {
            return u32::MAX;
        }
        // The rate came from a u32, and the share is at most 1.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded above"
        )]
        let pace = (self.rate * self.share).ceil() as u32;
        pace.max(1)
    }

    /// When the next request may start, to the length of one of the limiter's beats.
    pub(super) fn next_start(&self) -> Moment {
        let beat = match self.last_start {
            Some(last) if self.rate > 0.0 => {
                last + Duration::from_secs_f64(1.0 / (self.rate * self.share))
            }
            _ => Duration::ZERO,
        };
        beat.max(self.paused_until)
    }

    /// Until when everybody waits.
    pub(super) fn paused_until(&self) -> Moment {
        self.paused_until
    }

    fn is_slowed(&self) -> bool {
        self.share < 1.0 && self.rate > 0.0
    }

    fn rise(&mut self, now: Moment) {
        let calm = now.saturating_sub(self.last_rise.max(self.paused_until));
        if self.is_slowed() && calm >= Duration::from_secs(1) {
            self.share = (self.share + RISE * calm.as_secs_f64()).min(1.0);
            self.last_rise = now;
        }
    }
}

/// As many a second as asked for, and after a late wake-up a few at once.
fn quota(rate: NonZeroU32) -> Quota {
    let burst = (rate.get() * CATCH_UP / 100).max(1 + u32::from(rate.get() >= FAST));
    Quota::per_second(rate).allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// Starts as many requests as the pace allows, on a clock that is turned.
    async fn starts(pace: &mut Pace, clock: &Clock, until: Duration) -> Vec<Moment> {
        let mut starts = Vec::new();
        while clock.now() < until {
            match pace.start() {
                Ok(()) => starts.push(clock.now()),
                Err(next) => sleep(clock, next).await,
            }
        }
        starts
    }

    async fn sleep(clock: &Clock, until: Moment) {
        let sleep = clock.sleep_until(until);
        tokio::pin!(sleep);
        while futures_now(&mut sleep).await.is_none() {
            clock.turn();
        }
    }

    async fn futures_now<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        tokio::select! { biased; out = future => Some(out), () = async {} => None }
    }

    fn worst_second(starts: &[Moment]) -> usize {
        let second = Duration::from_secs(1);
        let end = |from: &Moment| starts.partition_point(|at| *at < *from + second);
        starts.iter().enumerate().map(|(place, from)| end(from) - place).max().unwrap_or(0)
    }

    /// Whether the pace was kept: never above, and hardly below.
    fn assert_kept(rate: u32, starts: &[Moment], within: Duration) {
        let worst = worst_second(starts);
        assert!(worst <= rate as usize, "{rate}: {worst} in one second");
        let least = if rate < 50 { f64::from(rate) * 0.95 } else { f64::from(rate) - 1.0 };
        let least = least * within.as_secs_f64() - 1.0;
        let count = u32::try_from(starts.len()).expect("few");
        assert!(f64::from(count) >= least, "{rate}: {count} in {within:?}, not {least}");
    }

    #[tokio::test]
    async fn no_second_holds_more_than_the_rate() {
        for rate in [1, 5, 50, 200, 1_000] {
            let clock = Clock::manual(Timestamp::UNIX_EPOCH);
            let mut pace = Pace::new(rate, clock.clone());
            let within = Duration::from_secs(6);
            let starts = starts(&mut pace, &clock, within).await;
            assert_kept(rate, &starts, within);
        }
    }

    /// Timers wake late, and a claim may keep the pacer waiting.
    #[tokio::test]
    async fn late_wake_ups_are_made_up_for_and_never_too_much() {
        for rate in [5_u32, 50, 200, 1_000] {
            let clock = Clock::manual(Timestamp::UNIX_EPOCH);
            let mut pace = Pace::new(rate, clock.clone());
            let mut random = fastrand::Rng::with_seed(u64::from(rate));
            let (mut starts, within) = (Vec::new(), Duration::from_secs(20));
            while clock.now() < within {
                match pace.start() {
                    Ok(()) => starts.push(clock.now()),
                    Err(next) => {
                        let late = match random.u32(..400) {
                            0 => 9_000,
                            _ => random.u64(..600),
                        };
                        sleep(&clock, next + Duration::from_micros(late)).await;
                    }
                }
            }
            assert_kept(rate, &starts, within);
        }
    }

    /// After pauses, long and short, whoever waited does not all start at once.
    #[tokio::test]
    async fn pauses_save_nothing_up() {
        for rate in [5_u32, 50, 200, 1_000] {
            let clock = Clock::manual(Timestamp::UNIX_EPOCH);
            let mut pace = Pace::new(rate, clock.clone());
            let (mut all, mut random) = (Vec::new(), fastrand::Rng::with_seed(7));
            for _ in 0..12 {
                let until = clock.now() + Duration::from_millis(random.u64(1..1_500));
                all.extend(starts(&mut pace, &clock, until).await);
                sleep(&clock, clock.now() + Duration::from_millis(random.u64(1..2_000))).await;
            }
            let worst = worst_second(&all);
            assert!(worst <= rate as usize, "{rate}: {worst} in one second");
        }
    }

    #[tokio::test]
    async fn it_falls_at_once_waits_as_asked_and_rises_again() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let mut pace = Pace::new(200, clock.clone());
        assert_eq!(pace.fall(Some(Duration::from_secs(7))), Some(100));
        assert_eq!(pace.fall(None), None, "it fell twice for one complaint");
        let starts = starts(&mut pace, &clock, Duration::from_secs(30)).await;
        assert!(starts[0] >= Duration::from_secs(7), "started at {:?}", starts[0]);
        let first = starts.iter().filter(|at| at.as_secs() == 7).count();
        assert!((90..=110).contains(&first), "{first} in the first second");
        let last = starts.iter().filter(|at| at.as_secs() == 29).count();
        assert!((195..=200).contains(&last), "{last} in the last second");
    }
}
