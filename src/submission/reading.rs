//! What a new reading of a known movement becomes.

use super::State;

/// What the ledger knows of a movement, as far as a new reading of it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// The newest revision that was, or may have been, stored, or that a person took out.
    pub anchor: Option<Anchor>,
    /// The newest revision after that, if it is still open.
    pub pending: Option<Pending>,
}

/// A revision that a later one cannot simply replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// `accepted`, `sending`, `uncertain` or `withdrawn`; `ready` or `deferred` where a person
    /// ordered it to be sent again while a newer reading waits.
    pub state: State,
    /// Whether the reading has its content.
    pub same_content: bool,
    /// Whether the reading has its day of receipt.
    pub same_day: bool,
    /// Whether the movement has a waste tracking ID, from this revision or an earlier one.
    pub has_tracking_id: bool,
}

/// A revision that waits: `invalid`, `ready`, `rejected`, `deferred` or `held`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Its state.
    pub state: State,
    /// Whether the reading has its content.
    pub same_content: bool,
    /// Whether it is a correction that was sent and not answered: it may yet be applied.
    pub may_be_applied: bool,
}

/// What to do with other content for a movement that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnChange {
    /// Wait for a person.
    #[default]
    Hold,
    /// Send it as a correction.
    Update,
}

/// What a reading becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Nothing: the content is known. The state of the revision that has it.
    Skip(State),
    /// The content of the stored revision came back: what waited after it falls away.
    Revert,
    /// A new revision in this state, which supersedes a pending one.
    Revise(State, Why),
}

/// Why a revision was made, or is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The movement is new, or was never stored.
    Read,
    /// Other content after acceptance.
    Changed,
    /// Other content and another day of receipt: probably another load under a used reference.
    ReferenceUsedAgain,
    /// Other content while nobody knows whether the last one was stored.
    Undecided,
    /// Other content for a movement that a person took out.
    TakenOut,
}

impl Why {
    /// The ledger's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::Read => "read",
            Why::Changed => "changed",
            Why::ReferenceUsedAgain => "reference-used-again",
            Why::Undecided => "undecided",
            Why::TakenOut => "taken-out",
        }
    }

    /// Reads it.
    pub fn parse(word: &str) -> Option<Self> {
        [Why::Read, Why::Changed, Why::ReferenceUsedAgain, Why::Undecided, Why::TakenOut]
            .into_iter()
            .find(|why| why.as_str() == word)
    }
}

/// Decides what a reading becomes. `valid` is what the checks said of it.
///
/// A revision that is `ready` and comes out of here is sent as a PUT exactly when the movement
/// has a waste tracking ID.
pub fn read_again(known: Known, valid: bool, on_change: OnChange) -> Reading {
    let fresh = if valid { State::Ready } else { State::Invalid };
    if let Some(pending) = known.pending
        && pending.same_content
    {
        // The same content, judged anew: newer code lists may take what older ones refused.
        let revised = revise(known, valid, on_change, fresh);
        let released = revised == Reading::Revise(State::Ready, Why::Changed);
        return match (pending.state, valid) {
            (State::Invalid, true) => revised,
            (State::Held, true) if released => revised,
            (state, _) => Reading::Skip(state),
        };
    }
    match (known.anchor, known.pending) {
        (Some(anchor), None) if anchor.same_content => Reading::Skip(anchor.state),
        (Some(anchor), Some(pending)) if anchor.same_content && !pending.may_be_applied => {
            Reading::Revert
        }
        _ => revise(known, valid, on_change, fresh),
    }
}

fn revise(known: Known, valid: bool, on_change: OnChange, fresh: State) -> Reading {
    let Some(anchor) = known.anchor else {
        return Reading::Revise(fresh, Why::Read);
    };
    if !valid {
        return Reading::Revise(State::Invalid, Why::Read);
    }
    match anchor.state {
        State::Sending | State::Uncertain | State::Ready | State::Deferred => {
            Reading::Revise(State::Held, Why::Undecided)
        }
        State::Withdrawn if !anchor.has_tracking_id => Reading::Revise(State::Held, Why::TakenOut),
        _ if !anchor.same_day => Reading::Revise(State::Held, Why::ReferenceUsedAgain),
        _ => match on_change {
            OnChange::Hold => Reading::Revise(State::Held, Why::Changed),
            OnChange::Update => Reading::Revise(State::Ready, Why::Changed),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn anchor(state: State, same_content: bool, same_day: bool) -> Anchor {
        let has_tracking_id = state == State::Accepted;
        Anchor { state, same_content, same_day, has_tracking_id }
    }

    #[test]
    fn every_case_of_reading_again() {
        let pendings =
            [State::Invalid, State::Ready, State::Rejected, State::Deferred, State::Held];
        let anchors = [State::Accepted, State::Uncertain, State::Withdrawn, State::Ready];
        let mut table = String::new();
        let mut row = |what: String, known: Known| {
            let decide = |valid, on_change| format!("{:?}", read_again(known, valid, on_change));
            let held = decide(true, OnChange::Hold);
            let updated = decide(true, OnChange::Update);
            let invalid = decide(false, OnChange::Hold);
            let _ = writeln!(table, "{what}\n    {held} | {updated} | {invalid}");
        };
        row("new".into(), Known::default());
        for state in pendings {
            for same_content in [true, false] {
                let pending = Pending { state, same_content, may_be_applied: false };
                let known = Known { anchor: None, pending: Some(pending) };
                row(format!("{state}, same content {same_content}"), known);
            }
        }
        for state in anchors {
            for (same_content, same_day) in [(true, true), (false, true), (false, false)] {
                let known =
                    Known { anchor: Some(anchor(state, same_content, same_day)), pending: None };
                row(format!("{state}, same content {same_content}, same day {same_day}"), known);
            }
        }
        for same_day in [true, false] {
            let pending = Pending { state: State::Held, same_content: true, may_be_applied: false };
            let known = Known {
                anchor: Some(anchor(State::Accepted, false, same_day)),
                pending: Some(pending),
            };
            row(format!("held content again after an accepted one, same day {same_day}"), known);
        }
        for may_be_applied in [false, true] {
            let pending = Pending { state: State::Deferred, same_content: false, may_be_applied };
            let known =
                Known { anchor: Some(anchor(State::Accepted, true, true)), pending: Some(pending) };
            row(format!("accepted content after a deferred one, applied {may_be_applied}"), known);
        }
        insta::assert_snapshot!(table);
    }
}
