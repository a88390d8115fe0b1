//! The states that a revision may be in after what is recorded of it: claims, releases and newer
//! readings leave no entry, so there may be several.

use crate::submission::{Answer, Decision, Method, Reason, State, Step, next};

/// A set of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct States(u16);

fn bit(state: State) -> u16 {
    State::ALL.iter().position(|known| *known == state).map_or(0, |place| 1 << place)
}

fn bits(states: &[State]) -> u16 {
    states.iter().fold(0, |set, state| set | bit(*state))
}

impl States {
    /// Those in which a reading begins.
    pub(super) fn of_reading() -> Self {
        States(bits(&[State::Invalid, State::Ready, State::Held]))
    }

    /// Whether a state is among them, after whatever leaves no entry.
    pub(super) fn may_be(self, state: State) -> bool {
        self.with_silent_steps() & bit(state) != 0
    }

    fn with_silent_steps(self) -> u16 {
        use State::{Deferred, Held, Invalid, Ready, Rejected, Sending, Superseded};
        let mut set = self.0;
        if set & bits(&[Ready, Deferred, Sending]) != 0 {
            // Claimed, and perhaps given back.
            set |= bits(&[Sending, Ready]);
        }
        if set & bits(&[Invalid, Ready, Rejected, Deferred, Held]) != 0 {
            set |= bit(Superseded);
        }
        set
    }

    /// An attempt was recorded; or why that cannot be.
    pub(super) fn attempt(
        &mut self,
        method: &[u8],
        outcome: &[u8],
        reason: &[u8],
    ) -> Result<(), &'static str> {
        let method = word(method, &[Method::Post, Method::Put], Method::as_str);
        let answers = [Answer::Accepted, Answer::Rejected, Answer::Deferred, Answer::Uncertain];
        let answer = word(outcome, &answers, Answer::as_str);
        let (Some(method), Some(answer)) = (method, answer) else {
            return Err("it has a method or an outcome that there is not");
        };
        if !self.may_be(State::Sending) {
            return Err("what it sent was not waiting to be sent");
        }
        let interrupted = reason == Reason::Interrupted.as_str().as_bytes();
        let step = if interrupted { Step::Interrupted } else { Step::Answer(answer) };
        let to = next(State::Sending, method, step).map_err(|_| "its outcome cannot be")?;
        if to.as_str() != answer.as_str() {
            return Err("its outcome cannot be");
        }
        *self = States(bit(to));
        Ok(())
    }

    /// A decision was recorded; or why that cannot be.
    pub(super) fn decision(
        &mut self,
        decision: &[u8],
        from: &[u8],
        to: &[u8],
    ) -> Result<(), &'static str> {
        let state = |name: &[u8]| word(name, &State::ALL, State::as_str);
        let (Some(from), Some(to)) = (state(from), state(to)) else {
            return Err("it names a state that there is not");
        };
        let step = match word(decision, &Decision::ALL, Decision::as_str) {
            Some(decision) => Step::Decide(decision),
            None if decision == b"after-restore" => Step::Restored,
            None => return Err("there is no such decision"),
        };
        if !self.may_be(from) {
            return Err("the movement was not in the state that it names");
        }
        let leads = |method| next(from, method, step) == Ok(to);
        if !leads(Method::Post) && !leads(Method::Put) {
            return Err("it does not lead to the state that it names");
        }
        *self = States(bit(to));
        Ok(())
    }
}

fn word<T: Copy>(name: &[u8], all: &[T], as_str: fn(T) -> &'static str) -> Option<T> {
    all.iter().copied().find(|one| as_str(*one).as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_post_needs_a_cause() {
        let mut states = States::of_reading();
        states.attempt(b"POST", b"uncertain", b"timeout").expect("the first");
        assert!(!states.may_be(State::Ready));
        assert!(states.attempt(b"POST", b"accepted", b"stored").is_err());
        states.decision(b"resend", b"uncertain", b"ready").expect("ordered");
        states.attempt(b"POST", b"deferred", b"throttled").expect("the second");
        states.attempt(b"POST", b"accepted", b"stored").expect("the third");
        assert!(states.may_be(State::Accepted) && !states.may_be(State::Superseded));
        assert!(states.decision(b"withdraw", b"accepted", b"withdrawn").is_err());
    }

    #[test]
    fn what_is_unknown_is_refused() {
        let mut states = States::of_reading();
        assert!(states.attempt(b"GET", b"accepted", b"stored").is_err());
        assert!(states.attempt(b"PUT", b"uncertain", b"timeout").is_err());
        assert!(states.decision(b"forget", b"held", b"ready").is_err());
        assert!(states.decision(b"new", b"held", b"gone").is_err());
        assert!(states.decision(b"keep", b"held", b"ready").is_err());
        assert_eq!(states, States::of_reading());
    }
}
