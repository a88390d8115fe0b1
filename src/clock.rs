//! Time as a value: the system's clocks, or one that a test turns.
//!
//! Pace, back-off and pauses go by the monotonic clock, so a wall clock that jumps an hour moves
//! none of them, nor what is due when ([`Clock::due_ms`]); what is written down as having happened
//! goes by the wall clock. Must not know: anything of ours.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// A point of monotonic time: how long after the clock's beginning.
pub type Moment = Duration;

/// A clock; clones show the same time.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
enum Inner {
    System { beginning: Instant, wall: Timestamp },
    Manual { beginning: Timestamp, state: Mutex<Manual>, turned: Notify },
}

#[derive(Debug, Default)]
struct Manual {
    now: Moment,
    /// How far the wall clock has jumped.
    jumped: SignedDuration,
    sleepers: BTreeMap<Moment, usize>,
    busy: usize,
}

impl Clock {
    /// The system's clocks.
    pub fn system() -> Self {
        Clock(Arc::new(Inner::System { beginning: Instant::now(), wall: Timestamp::now() }))
    }

    /// A clock that stands still until it is turned.
    pub fn manual(beginning: Timestamp) -> Self {
        Clock(Arc::new(Inner::Manual { beginning, state: Mutex::default(), turned: Notify::new() }))
    }

    /// Monotonic time.
    pub fn now(&self) -> Moment {
        match &*self.0 {
            Inner::System { beginning, .. } => beginning.elapsed(),
            Inner::Manual { state, .. } => lock(state).now,
        }
    }

    /// Wall-clock time, UTC.
    pub fn wall(&self) -> Timestamp {
        match &*self.0 {
            Inner::System { .. } => Timestamp::now(),
            Inner::Manual { beginning, state, .. } => {
                let manual = lock(state);
                *beginning + manual.now + manual.jumped
            }
        }
    }

    /// When something is due, in milliseconds since 1970: the wall clock as it was at the clock's
    /// beginning, and the monotonic time since. A wall clock that is put right meanwhile, by
    /// whatever hours, brings nothing forward and holds nothing up.
    pub fn due_ms(&self) -> i64 {
        let (at_first, since) = match &*self.0 {
            Inner::System { beginning, wall } => (*wall, beginning.elapsed()),
            Inner::Manual { beginning, state, .. } => (*beginning, lock(state).now),
        };
        (at_first + since).as_millisecond()
    }

    /// Lets a manual clock's wall clock jump, as somebody or a time server may set a real one.
    pub fn jump(&self, by: SignedDuration) {
        if let Inner::Manual { state, .. } = &*self.0 {
            lock(state).jumped += by;
        }
    }

    /// Wall-clock time in milliseconds since 1970, as the ledger keeps it.
    pub fn wall_ms(&self) -> i64 {
        self.wall().as_millisecond()
    }

    /// Waits until a moment has come.
    pub async fn sleep_until(&self, moment: Moment) {
        match &*self.0 {
            Inner::System { beginning, .. } => {
                tokio::time::sleep_until((*beginning + moment).into()).await;
            }
            Inner::Manual { state, turned, .. } => {
                let _asleep = Asleep::new(state, moment);
                loop {
                    let mut turn = pin!(turned.notified());
                    turn.as_mut().enable();
                    if lock(state).now >= moment {
                        return;
                    }
                    turn.await;
                }
            }
        }
    }

    /// Marks work on other threads: a manual clock must not be turned while some is under way.
    pub fn busy(&self) -> Busy {
        if let Inner::Manual { state, .. } = &*self.0 {
            lock(state).busy += 1;
        }
        Busy(self.clone())
    }

    /// Waits for work that goes on on another thread. With a manual clock nothing else happens
    /// meanwhile, however fast the other thread is, so that a simulation goes the same way each
    /// time; and it may be stopped before the work and after it, as a process may be killed there.
    pub async fn aside<F: Future>(&self, work: F) -> F::Output {
        if let Inner::System { .. } = &*self.0 {
            return work.await;
        }
        tokio::task::yield_now().await;
        let output = in_place(work);
        tokio::task::yield_now().await;
        output
    }

    /// Turns a manual clock to the next moment that somebody waits for, and says whether there
    /// was one. Refuses while work is under way elsewhere.
    pub fn turn(&self) -> bool {
        let Inner::Manual { state, turned, .. } = &*self.0 else { return false };
        let mut manual = lock(state);
        let next = manual.sleepers.keys().next().copied();
        match next {
            Some(next) if manual.busy == 0 => {
                manual.now = manual.now.max(next);
                drop(manual);
                turned.notify_waiters();
                true
            }
            _ => false,
        }
    }

    /// Whether work marked by [`Clock::busy`] is under way.
    pub fn is_busy(&self) -> bool {
        match &*self.0 {
            Inner::System { .. } => false,
            Inner::Manual { state, .. } => lock(state).busy > 0,
        }
    }
}

/// Held while work is under way on another thread.
#[derive(Debug)]
pub struct Busy(Clock);

impl Drop for Busy {
    fn drop(&mut self) {
        if let Inner::Manual { state, .. } = &*self.0.0 {
            lock(state).busy -= 1;
        }
    }
}

/// Runs a future to its end on this thread, which sleeps while the future waits.
fn in_place<F: Future>(work: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    // Tokio's budget is renewed by its scheduler only, which is not asked here.
    let mut work = pin!(tokio::task::unconstrained(work));
    loop {
        match work.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// A sleeper's place in the list, given up when it wakes or is dropped.
struct Asleep<'a> {
    state: &'a Mutex<Manual>,
    moment: Moment,
}

impl<'a> Asleep<'a> {
    fn new(state: &'a Mutex<Manual>, moment: Moment) -> Self {
        *lock(state).sleepers.entry(moment).or_default() += 1;
        Asleep { state, moment }
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        let mut manual = lock(self.state);
        if let Some(count) = manual.sleepers.get_mut(&self.moment) {
            *count -= 1;
            if *count == 0 {
                manual.sleepers.remove(&self.moment);
            }
        }
    }
}

/// A panic elsewhere does not make the time wrong.
fn lock(state: &Mutex<Manual>) -> MutexGuard<'_, Manual> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_aside_lets_nothing_else_happen() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let (to_here, mut from_there) = tokio::sync::mpsc::unbounded_channel();
        let other = tokio::spawn(async move {
            for _ in 0..9 {
                tokio::task::yield_now().await;
            }
        });
        let work = async {
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(20));
                to_here.send(()).expect("somebody waits");
            });
            from_there.recv().await.expect("it was sent");
            other.is_finished()
        };
        assert!(!clock.aside(work).await, "a task went on");
    }

    #[tokio::test]
    async fn a_manual_clock_goes_from_sleeper_to_sleeper() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let slept = |seconds| {
            let clock = clock.clone();
            tokio::spawn(async move { clock.sleep_until(Duration::from_secs(seconds)).await })
        };
        let (later, sooner) = (slept(60), slept(5));
        tokio::task::yield_now().await;
        let busy = clock.busy();
        assert!(!clock.turn(), "turned while work was under way");
        drop(busy);
        assert!(clock.turn());
        sooner.await.expect("woken");
        assert_eq!(clock.wall().as_second(), 5);
        assert!(!later.is_finished());
        assert!(clock.turn());
        later.await.expect("woken");
        assert_eq!(clock.now(), Duration::from_secs(60));
        assert!(!clock.turn());
    }
}
