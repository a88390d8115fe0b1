//! What admission would make of a record, without writing anything.

use super::known::{Candidate, find};
use super::statement::query;
use super::{Incoming, Ledger, Result};
use crate::submission::{Method, OnChange, Reading, State, Why, read_again};

/// What a record would become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreseen {
    /// It would be sent.
    Send(Method),
    /// It is known, and stays as it is: accepted, for example, or waiting for a person.
    Known(State),
    /// It changed, and would wait for a decision.
    Held,
    /// It would not be sent before it is corrected.
    Invalid,
}

impl Candidate {
    /// What a record becomes; `correction` where its waste tracking ID says which load it is.
    pub(super) fn reading(
        &self,
        incoming: &Incoming,
        correction: bool,
        on_change: OnChange,
    ) -> Reading {
        let mut known = self.known(incoming.received_on.as_deref());
        if let (true, Some(anchor)) = (correction, &mut known.anchor) {
            anchor.same_day = true;
        }
        let on_change = if correction { OnChange::Update } else { on_change };
        match (incoming.repeats, known.pending) {
            // The first of two records in a file must not be sent either, whatever its content.
            (Some(_), pending) if pending.is_none_or(|p| p.state != State::Invalid) => {
                Reading::Revise(State::Invalid, Why::Read)
            }
            _ => read_again(known, incoming.is_valid(), on_change),
        }
    }

    /// What has an ID is corrected, what has none is new.
    pub(super) fn method(&self, incoming: &Incoming) -> Method {
        let has_id = self.waste_tracking_id.is_some() || incoming.waste_tracking_id.is_some();
        if has_id { Method::Put } else { Method::Post }
    }
}

impl Ledger {
    /// What admission would make of a record.
    pub async fn foresee(&self, incoming: &Incoming, on_change: OnChange) -> Result<Foreseen> {
        let (environment, incoming) = (self.environment, incoming.clone());
        self.carry_out(move |connection| {
            let key = incoming.key.as_ref();
            let sql = "SELECT id FROM operator WHERE environment_id = ?1 AND api_code = ?2";
            let api_code = key.map(|key| key.api_code.as_str());
            let operator = query(connection, sql).bind(environment).bind(api_code).optional()?;
            let candidates = match operator {
                Some((operator,)) => find(connection, operator, &incoming)?,
                None => Vec::new(),
            };
            Ok(Foreseen::of(&incoming, Candidate::choose(&candidates), on_change))
        })
        .await
    }
}

impl Foreseen {
    /// Of a record that no ledger knows.
    pub fn of_new(incoming: &Incoming) -> Self {
        Self::of(incoming, None, OnChange::Hold)
    }

    fn of(incoming: &Incoming, candidate: Option<&Candidate>, on_change: OnChange) -> Self {
        let Some(candidate) = candidate else {
            let given = incoming.waste_tracking_id.is_some();
            return if incoming.key.is_none() || !incoming.is_valid() {
                Foreseen::Invalid
            } else {
                Foreseen::Send(if given { Method::Put } else { Method::Post })
            };
        };
        let (given, kept) = (&incoming.waste_tracking_id, &candidate.waste_tracking_id);
        if candidate.was_accepted() && given.is_some() && kept.is_some() && given != kept {
            return Foreseen::Invalid;
        }
        match candidate.reading(incoming, given.is_some(), on_change) {
            Reading::Skip(_) if !incoming.is_valid() => Foreseen::Invalid,
            // What waits already is sent with the rest.
            Reading::Skip(State::Ready | State::Deferred) => {
                Foreseen::Send(candidate.method(incoming))
            }
            Reading::Skip(state) => Foreseen::Known(state),
            Reading::Revert => Foreseen::Known(State::Accepted),
            Reading::Revise(State::Ready, _) => Foreseen::Send(candidate.method(incoming)),
            Reading::Revise(State::Invalid, _) => Foreseen::Invalid,
            Reading::Revise(..) => Foreseen::Held,
        }
    }
}
