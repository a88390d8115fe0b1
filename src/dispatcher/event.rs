//! What the dispatcher tells whoever shows it.

use jiff::Timestamp;

use crate::submission::{Method, Outcome};

/// Something that happened, told after it was committed.
#[derive(Debug, Clone)]
pub enum Event {
    /// So many movements wait to be sent.
    Waiting(u64),
    /// An answer was recorded.
    Recorded {
        /// The movement's reference.
        reference: String,
        /// How it was sent.
        method: Method,
        /// The number of the attempt, from 1.
        attempt: i64,
        /// What it meant.
        outcome: Outcome,
        /// The HTTP status, if there was an answer.
        status: Option<u16>,
        /// What broke, or what an answer that could not be read said.
        detail: Option<String>,
    },
    /// Claimed movements went back unsent.
    Released(usize),
    /// The service asked everybody to wait.
    Waited {
        /// Until when.
        until: Timestamp,
    },
    /// What is left may not be sent sooner.
    NothingBefore {
        /// When it may.
        until: Timestamp,
    },
    /// The pace fell, or rose again, to so many requests a second.
    Pace(u32),
    /// The service seems to be down: single requests try it from then on.
    Outage {
        /// When the next request tries it.
        until: Timestamp,
    },
    /// The service is back.
    Recovered,
    /// An operator's movements wait: its charge is unpaid, or its API code is not known.
    OperatorPaused {
        /// The API code.
        api_code: String,
        /// Whether it is the charge.
        unpaid: bool,
        /// When one of its movements tries again; none when this run does not try any more.
        until: Option<Timestamp>,
    },
    /// When an operator's service charge expires, as the service put it.
    ServiceCharge {
        /// The API code.
        api_code: String,
        /// The service's words.
        expiry: String,
    },
}

/// Why a run ended.
#[derive(Debug, Clone)]
pub enum Stop {
    /// Nothing is left to send.
    Done,
    /// It was told to.
    Interrupted,
    /// The time that was set for it is over.
    TimeUp,
    /// Nothing got settled for too long; why, in words.
    GaveUp(String),
    /// The service says that the set-up is wrong.
    SetUp {
        /// The HTTP status.
        status: u16,
        /// What the answer said.
        detail: Option<String>,
    },
    /// Fresh tokens are refused.
    Unauthorised,
    /// No token could be had.
    Token(crate::api::TokenError),
    /// The ledger cannot record any more.
    Ledger,
}
