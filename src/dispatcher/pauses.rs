//! Operators whose movements wait while the others' go on: an unpaid charge, an unknown API code.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Moment;

/// When one record tries again, after each refusal in turn; after the last the run does not try
/// any more.
const PROBES: [Duration; 3] =
    [Duration::from_secs(60), Duration::from_secs(300), Duration::from_secs(900)];

/// What may be claimed for an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// Anything.
    All,
    /// One, to try.
    Probe,
    /// Nothing before then.
    NotBefore(Moment),
    /// Nothing until the probe under way is answered.
    Probing,
    /// Nothing more in this run.
    Never,
}

/// What a refusal means for the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It waits already: the answer tells nothing new.
    Known,
    /// It waits until then.
    Until(Moment),
    /// It waits until the next run.
    ForGood,
}

#[derive(Debug, Clone, Copy)]
struct Pause {
    refusals: usize,
    until: Moment,
    probing: bool,
}

#[derive(Debug, Default)]
pub(super) struct Pauses(HashMap<i64, Pause>);

impl Pauses {
    /// What may be claimed. A [`Leave::Probe`] is given by [`Pauses::probe`].
    pub(super) fn leave(&self, operator: i64, now: Moment) -> Leave {
        match self.0.get(&operator) {
            None => Leave::All,
            Some(pause) if pause.refusals > PROBES.len() => Leave::Never,
            Some(pause) if pause.probing => Leave::Probing,
            Some(pause) if now < pause.until => Leave::NotBefore(pause.until),
            Some(_) => Leave::Probe,
        }
    }

    /// A probe is under way, or came back unsent.
    pub(super) fn set_probing(&mut self, operator: i64, probing: bool) {
        if let Some(pause) = self.0.get_mut(&operator) {
            pause.probing = probing;
        }
    }

    /// An answer said that the operator must wait.
    pub(super) fn refused(&mut self, operator: i64, probe: bool, now: Moment) -> Refused {
        let refusals = match self.0.get(&operator) {
            None => 1,
            Some(pause) if probe => pause.refusals + 1,
            Some(_) => return Refused::Known,
        };
        let wait = PROBES.get(refusals - 1).copied();
        let until = now + wait.unwrap_or_default();
        self.0.insert(operator, Pause { refusals, until, probing: false });
        wait.map_or(Refused::ForGood, |_| Refused::Until(until))
    }

    /// An answer said that the operator is welcome.
    pub(super) fn welcomed(&mut self, operator: i64) {
        self.0.remove(&operator);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_after_one_five_and_fifteen_minutes_and_then_never() {
        let mut pauses = Pauses::default();
        let mut now = Duration::ZERO;
        assert_eq!(pauses.leave(1, now), Leave::All);
        let mut waits = Vec::new();
        let mut probe = false;
        while let Refused::Until(until) = pauses.refused(1, probe, now) {
            assert_eq!(
                pauses.refused(1, false, now),
                Refused::Known,
                "an older answer tells nothing new"
            );
            assert_eq!(pauses.leave(1, now), Leave::NotBefore(until));
            waits.push(until.saturating_sub(now).as_secs());
            now = until;
            assert_eq!(pauses.leave(1, now), Leave::Probe);
            pauses.set_probing(1, true);
            assert_eq!(pauses.leave(1, now), Leave::Probing);
            probe = true;
        }
        assert_eq!(waits, [60, 300, 900]);
        assert_eq!(pauses.leave(1, now), Leave::Never);
        assert_eq!(pauses.leave(2, now), Leave::All);
    }

    #[test]
    fn a_probe_that_is_welcome_ends_the_pause() {
        let mut pauses = Pauses::default();
        pauses.refused(1, false, Duration::ZERO);
        pauses.welcomed(1);
        assert_eq!(pauses.leave(1, Duration::ZERO), Leave::All);
    }
}
