//! The circuit breaker: when the service is down, it is asked seldom, one request at a time.

use std::time::Duration;

use crate::clock::Moment;
use crate::submission::Reason;

/// So many bad answers in a row open it.
const IN_A_ROW: u32 = 10;
const FIRST_PROBE: Duration = Duration::from_secs(30);
const LONGEST_PROBE: Duration = Duration::from_secs(300);

/// What an answer says of the service's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    /// It works.
    Well,
    /// It is down, or answers nothing that can be relied upon.
    Ill,
    /// The answer says nothing of it.
    Unsaid,
}

/// What may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit {
    /// Anything.
    All,
    /// One, to try.
    Probe,
    /// Nothing until then.
    NotBefore(Moment),
    /// Nothing until the probe under way is answered.
    Probing,
}

#[derive(Debug, Default)]
pub(super) struct Breaker {
    ill_in_a_row: u32,
    open: Option<Open>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    delay: Duration,
    probe_at: Moment,
    probing: bool,
}

/// What an answer changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// It opened, or a probe failed: nothing before then.
    Opened(Moment),
    Closed,
}

pub(super) fn health(reason: Reason) -> Health {
    match reason {
        Reason::Unavailable
        | Reason::NoConnection
        | Reason::ServerError
        | Reason::LateUnavailable
        | Reason::NoTrackingId
        | Reason::Unreadable
        | Reason::Timeout
        | Reason::ConnectionLost
        | Reason::Interrupted
        | Reason::Restored => Health::Ill,
        // The pace and the token see to these.
        Reason::Throttled | Reason::Unauthorised => Health::Unsaid,
        Reason::Stored
        | Reason::Refused
        | Reason::ApiCodeUnknown
        | Reason::Unpaid
        | Reason::SetUp
        | Reason::CutOff => Health::Well,
    }
}

impl Breaker {
    /// What may be claimed now. A [`Permit::Probe`] is given once until its answer comes, or
    /// [`Breaker::probe_came_back`] says that it was not used.
    pub(super) fn permit(&mut self, now: Moment) -> Permit {
        match &mut self.open {
            None => Permit::All,
            Some(open) if open.probing => Permit::Probing,
            Some(open) if now < open.probe_at => Permit::NotBefore(open.probe_at),
            Some(open) => {
                open.probing = true;
                Permit::Probe
            }
        }
    }

    /// The probe was not sent.
    pub(super) fn probe_came_back(&mut self) {
        if let Some(open) = &mut self.open {
            open.probing = false;
        }
    }

    /// Whether it is open.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Takes in an answer.
    pub(super) fn answered(&mut self, health: Health, probe: bool, now: Moment) -> Change {
        match health {
            Health::Well => {
                self.ill_in_a_row = 0;
                if self.open.take().is_some() { Change::Closed } else { Change::None }
            }
            Health::Unsaid => {
                if probe {
                    self.probe_came_back();
                }
                Change::None
            }
            Health::Ill => self.ill(probe, now),
        }
    }

    fn ill(&mut self, probe: bool, now: Moment) -> Change {
        self.ill_in_a_row = self.ill_in_a_row.saturating_add(1);
        let delay = match self.open {
            Some(open) if probe => (open.delay * 2).min(LONGEST_PROBE),
            // An answer to what was in flight when it opened tells nothing new.
            Some(_) => return Change::None,
            None if self.ill_in_a_row < IN_A_ROW => return Change::None,
            None => FIRST_PROBE,
        };
        let probe_at = now + delay;
        self.open = Some(Open { delay, probe_at, probing: false });
        Change::Opened(probe_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds)
    }

    #[test]
    fn ten_in_a_row_open_it_and_probes_come_seldom() {
        let mut breaker = Breaker::default();
        for _ in 0..9 {
            assert_eq!(breaker.answered(Health::Ill, false, at(0)), Change::None);
        }
        assert_eq!(breaker.answered(Health::Well, false, at(0)), Change::None);
        for _ in 0..9 {
            assert_eq!(breaker.answered(Health::Ill, false, at(0)), Change::None);
        }
        assert_eq!(breaker.permit(at(0)), Permit::All);
        assert_eq!(breaker.answered(Health::Ill, false, at(0)), Change::Opened(at(30)));
        assert_eq!(breaker.answered(Health::Ill, false, at(1)), Change::None);
        let (mut now, mut waits) = (at(30), Vec::new());
        for _ in 0..6 {
            assert_eq!(breaker.permit(now.saturating_sub(at(1))), Permit::NotBefore(now));
            assert_eq!(breaker.permit(now), Permit::Probe);
            assert_eq!(breaker.permit(now), Permit::Probing);
            let Change::Opened(next) = breaker.answered(Health::Ill, true, now) else {
                panic!("a failed probe closed it")
            };
            waits.push(next.saturating_sub(now).as_secs());
            now = next;
        }
        assert_eq!(waits, [60, 120, 240, 300, 300, 300]);
        assert_eq!(breaker.permit(now), Permit::Probe);
        assert_eq!(breaker.answered(Health::Well, true, now), Change::Closed);
        assert_eq!(breaker.permit(now), Permit::All);
    }

    #[test]
    fn a_probe_that_was_not_sent_is_given_again() {
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            breaker.answered(Health::Ill, false, at(0));
        }
        assert_eq!(breaker.permit(at(30)), Permit::Probe);
        breaker.probe_came_back();
        assert_eq!(breaker.permit(at(30)), Permit::Probe);
        assert_eq!(breaker.answered(Health::Unsaid, true, at(31)), Change::None);
        assert_eq!(breaker.permit(at(31)), Permit::Probe);
    }
}
