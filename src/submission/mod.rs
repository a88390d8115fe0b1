//! What may happen to a revision: its states, what answers mean, and the one transition table.
//!
//! Everything here is pure. The ledger refuses any step that [`next`] does not allow; the promise
//! "never POSTed again unless it is known not to have been stored, or a person ordered it" is
//! this table. Must not know: SQL, HTTP, time.

mod outcome;
mod reading;

pub use outcome::{Outcome, Reason};
pub use reading::{Anchor, Known, OnChange, Pending, Reading, Why, read_again};

use std::fmt;

/// The state of a revision, in the ledger's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// It failed a check; never sent.
    Invalid,
    /// Checked, waiting to be sent.
    Ready,
    /// Claimed: committed to disk before the first byte leaves.
    Sending,
    /// The API stored it.
    Accepted,
    /// The API refused the data; a person must correct it.
    Rejected,
    /// Known not to have been stored (or a PUT, which may be repeated); due again at a time.
    Deferred,
    /// A POST that may have been stored, and nothing tells.
    Uncertain,
    /// A reading that must wait for a person's decision.
    Held,
    /// A newer reading took its place before it was sent.
    Superseded,
    /// A person took it out.
    Withdrawn,
}

impl State {
    /// All states, in the order in which people want to see them.
    pub const ALL: [State; 10] = [
        State::Accepted,
        State::Ready,
        State::Sending,
        State::Deferred,
        State::Uncertain,
        State::Rejected,
        State::Invalid,
        State::Held,
        State::Withdrawn,
        State::Superseded,
    ];

    /// The ledger's and the command line's word.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Invalid => "invalid",
            State::Ready => "ready",
            State::Sending => "sending",
            State::Accepted => "accepted",
            State::Rejected => "rejected",
            State::Deferred => "deferred",
            State::Uncertain => "uncertain",
            State::Held => "held",
            State::Superseded => "superseded",
            State::Withdrawn => "withdrawn",
        }
    }

    /// Reads that word.
    pub fn parse(word: &str) -> Option<Self> {
        State::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a revision is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// A movement that has no waste tracking ID yet. Not idempotent: each call stores a record.
    Post,
    /// A correction of a stored movement. Idempotent: a full replacement.
    Put,
}

impl Method {
    /// The HTTP method.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Post => "POST",
            Method::Put => "PUT",
        }
    }

    /// Reads it.
    pub fn parse(word: &str) -> Option<Self> {
        [Method::Post, Method::Put].into_iter().find(|method| method.as_str() == word)
    }
}

/// What a person decides about a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It was stored, under this waste tracking ID that the person found elsewhere.
    Accepted,
    /// Send it (again), whatever may have been stored.
    Resend,
    /// Take it out.
    Withdraw,
    /// Send a held revision as a correction.
    Update,
    /// Drop a held revision: what was accepted stands.
    Keep,
    /// A held revision is another load: make it a movement of its own.
    New,
}

impl Decision {
    /// All decisions.
    pub const ALL: [Decision; 6] = [
        Decision::Accepted,
        Decision::Resend,
        Decision::Withdraw,
        Decision::Update,
        Decision::Keep,
        Decision::New,
    ];

    /// The ledger's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Accepted => "accepted",
            Decision::Resend => "resend",
            Decision::Withdraw => "withdraw",
            Decision::Update => "update",
            Decision::Keep => "keep",
            Decision::New => "new",
        }
    }
}

/// One thing that happens to a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The dispatcher takes it to send it.
    Claim,
    /// Claimed, but no byte of it left: the run is stopping.
    Release,
    /// An answer came, or is known not to come.
    Answer(Answer),
    /// The process that claimed it ended without recording an answer.
    Interrupted,
    /// A newer reading takes its place.
    Supersede,
    /// A person says that the ledger was restored from a backup: it may have been sent since.
    Restored,
    /// A person, or a policy that a person configured, decides.
    Decide(Decision),
}

/// The kind of an [`Outcome`], without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Stored.
    Accepted,
    /// Refused for its data.
    Rejected,
    /// Known not to have been stored.
    Deferred,
    /// Nothing tells whether it was stored.
    Uncertain,
}

impl Answer {
    /// The ledger's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Accepted => "accepted",
            Answer::Rejected => "rejected",
            Answer::Deferred => "deferred",
            Answer::Uncertain => "uncertain",
        }
    }
}

/// A step that the table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {} revision in state {from} does not allow {step:?}", method.as_str())]
pub struct IllegalStep {
    /// The state it is in.
    pub from: State,
    /// How it is sent.
    pub method: Method,
    /// What was tried.
    pub step: Step,
}

/// The transition table: the state after a step, or a refusal.
pub fn next(from: State, method: Method, step: Step) -> Result<State, IllegalStep> {
    use State::{
        Accepted, Deferred, Held, Invalid, Ready, Rejected, Sending, Superseded, Uncertain,
    };
    let to = match (from, step) {
        (Ready | Deferred, Step::Claim) => Some(Sending),
        (Sending, Step::Release) => Some(Ready),
        (Sending, Step::Answer(answer)) => match (answer, method) {
            (Answer::Accepted, _) => Some(Accepted),
            (Answer::Rejected, _) => Some(Rejected),
            (Answer::Deferred, _) => Some(Deferred),
            (Answer::Uncertain, Method::Post) => Some(Uncertain),
            (Answer::Uncertain, Method::Put) => None,
        },
        (Sending, Step::Interrupted) => Some(match method {
            Method::Post => Uncertain,
            Method::Put => Deferred,
        }),
        (Invalid | Ready | Rejected | Deferred | Held, Step::Supersede) => Some(Superseded),
        (Ready | Deferred | Rejected, Step::Restored) => Some(Uncertain),
        (_, Step::Decide(decision)) => decided(from, method, decision),
        _ => None,
    };
    to.ok_or(IllegalStep { from, method, step })
}

/// What a person may order. An order to send is the one way out of `uncertain` for a POST.
fn decided(from: State, method: Method, decision: Decision) -> Option<State> {
    use State::{Accepted, Deferred, Held, Invalid, Ready, Rejected, Uncertain, Withdrawn};
    match (decision, from, method) {
        (Decision::Accepted, Uncertain | Rejected | Deferred | Ready | Invalid, Method::Post) => {
            Some(Accepted)
        }
        (Decision::Resend, Uncertain | Rejected | Deferred | Withdrawn, _)
        | (Decision::Resend, Held, Method::Post)
        | (Decision::Update, Held, Method::Put)
        | (Decision::New, Held, _) => Some(Ready),
        (Decision::Withdraw, Uncertain | Rejected | Deferred | Ready | Invalid | Held, _) => {
            Some(Withdrawn)
        }
        (Decision::Keep, Held, _) => Some(Withdrawn),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps() -> Vec<Step> {
        let answers = [Answer::Accepted, Answer::Rejected, Answer::Deferred, Answer::Uncertain];
        let mut steps = vec![Step::Claim, Step::Release, Step::Interrupted, Step::Supersede];
        steps.push(Step::Restored);
        steps.extend(answers.map(Step::Answer));
        steps.extend(Decision::ALL.map(Step::Decide));
        steps
    }

    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for method in [Method::Post, Method::Put] {
            for from in State::ALL {
                for step in steps() {
                    if let Ok(to) = next(from, method, step) {
                        let line = format!("{:<4} {from:<10} {step:?} -> {to}\n", method.as_str());
                        table.push_str(&line);
                    }
                }
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn words_survive() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop::sample::select(steps())
    }

    proptest! {
        /// However the steps fall, a POST leaves only when the one before it is known not to have
        /// been stored, or a person ordered it; and what was accepted stays accepted.
        #[test]
        fn no_second_post_without_cause(walk in prop::collection::vec(any_step(), 0..60)) {
            let mut state = State::Ready;
            let mut may_be_stored = false;
            for step in walk {
                let Ok(to) = next(state, Method::Post, step) else { continue };
                prop_assert_ne!(state, State::Accepted, "left accepted by {:?}", step);
                match step {
                    Step::Claim => prop_assert!(!may_be_stored, "sent again"),
                    Step::Answer(Answer::Accepted | Answer::Uncertain) | Step::Interrupted => {
                        may_be_stored = true;
                    }
                    Step::Decide(_) => may_be_stored = false,
                    _ => {}
                }
                state = to;
            }
        }

        #[test]
        fn nothing_is_a_dead_end(walk in prop::collection::vec(any_step(), 0..60)) {
            let mut state = State::Ready;
            for step in walk {
                state = next(state, Method::Post, step).unwrap_or(state);
            }
            let settled = matches!(state, State::Accepted | State::Superseded);
            let ways = steps().into_iter().filter(|s| next(state, Method::Post, *s).is_ok()).count();
            prop_assert!(settled || ways > 0, "{} has no way out", state);
        }
    }
}
