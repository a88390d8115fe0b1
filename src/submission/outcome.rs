//! What an answer means, with the reason that is kept on the attempt.

use std::fmt;
use std::time::Duration;

use super::Answer;
use crate::finding::Finding;

/// What became of one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Stored; the waste tracking ID (a PUT's answer has none of its own) and the API's warnings.
    Accepted {
        /// The ID that a POST was given.
        waste_tracking_id: Option<String>,
        /// The API's warnings.
        warnings: Vec<Finding>,
    },
    /// The data was refused, with the API's findings.
    Rejected {
        /// Why.
        reason: Reason,
        /// What the API found; may be empty when it said nothing readable.
        findings: Vec<Finding>,
    },
    /// Known not to have been stored, or harmless to repeat.
    Deferred {
        /// Why.
        reason: Reason,
        /// How long the service asked to wait.
        retry_after: Option<Duration>,
    },
    /// May have been stored.
    Uncertain {
        /// Why.
        reason: Reason,
    },
}

/// Why an outcome is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// 2xx as it should be.
    Stored,
    /// The data was refused (400, 404 on PUT, 413, 415, 422, another 4xx).
    Refused,
    /// 400 whose only finding is an unknown `apiCode`.
    ApiCodeUnknown,
    /// 401.
    Unauthorised,
    /// 402: the operator's service charge is unpaid.
    Unpaid,
    /// 403, 404 on POST, 3xx: the set-up is wrong.
    SetUp,
    /// 408 or 429.
    Throttled,
    /// 503 that was answered at once or says when to come back.
    Unavailable,
    /// DNS, connect or TLS failure: no byte left.
    NoConnection,
    /// 409, 500, 502, 504 or another answer that tells nothing.
    ServerError,
    /// 503 that came late and says nothing.
    LateUnavailable,
    /// 2xx without a waste tracking ID.
    NoTrackingId,
    /// 2xx whose body was cut off or cannot be read.
    Unreadable,
    /// A refusal whose body was cut off: not stored, but why is not known.
    CutOff,
    /// No answer within the time-out.
    Timeout,
    /// The connection broke after the request had left.
    ConnectionLost,
    /// The process ended before it recorded an answer.
    Interrupted,
    /// The ledger was restored from an older backup: it may have been sent since.
    Restored,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 18] = [
        Reason::Stored,
        Reason::Refused,
        Reason::ApiCodeUnknown,
        Reason::Unauthorised,
        Reason::Unpaid,
        Reason::SetUp,
        Reason::Throttled,
        Reason::Unavailable,
        Reason::NoConnection,
        Reason::ServerError,
        Reason::LateUnavailable,
        Reason::NoTrackingId,
        Reason::Unreadable,
        Reason::CutOff,
        Reason::Timeout,
        Reason::ConnectionLost,
        Reason::Interrupted,
        Reason::Restored,
    ];

    /// The ledger's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Stored => "stored",
            Reason::Refused => "refused",
            Reason::ApiCodeUnknown => "api-code-unknown",
            Reason::Unauthorised => "unauthorised",
            Reason::Unpaid => "unpaid",
            Reason::SetUp => "set-up",
            Reason::Throttled => "throttled",
            Reason::Unavailable => "unavailable",
            Reason::NoConnection => "no-connection",
            Reason::ServerError => "server-error",
            Reason::LateUnavailable => "late-unavailable",
            Reason::NoTrackingId => "no-tracking-id",
            Reason::Unreadable => "unreadable",
            Reason::CutOff => "cut-off",
            Reason::Timeout => "timeout",
            Reason::ConnectionLost => "connection-lost",
            Reason::Interrupted => "interrupted",
            Reason::Restored => "restored",
        }
    }

    /// Reads the ledger's word.
    pub fn parse(word: &str) -> Option<Self> {
        Reason::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// For people: the end of the sentence "it is deferred (or uncertain) because ...".
    pub fn explain(self) -> &'static str {
        match self {
            Reason::Stored => "the service stored it",
            Reason::Refused => "the service refused its data",
            Reason::ApiCodeUnknown => {
                "the service does not know its API code (or could not look it up)"
            }
            Reason::Unauthorised => "the service refused the access token",
            Reason::Unpaid => "the operator's service charge is unpaid",
            Reason::SetUp => "the service says that the set-up is wrong",
            Reason::Throttled => "the service asked for a slower pace",
            Reason::Unavailable => "the service was not available",
            Reason::NoConnection => "no connection to the service could be made",
            Reason::ServerError => {
                "the service answered with an error that does not say whether it was stored"
            }
            Reason::LateUnavailable => "the service answered late that it was not available",
            Reason::NoTrackingId => {
                "the service said that it was stored but gave no waste tracking ID"
            }
            Reason::Unreadable => {
                "the service said that it was stored but the answer could not be read"
            }
            Reason::CutOff => "the service refused it but the reasons were cut off",
            Reason::Timeout => "the service did not answer in time",
            Reason::ConnectionLost => "the connection was lost before the answer came",
            Reason::Interrupted => "this program was stopped before the answer was recorded",
            Reason::Restored => {
                "the ledger was restored from an older backup: it may have been sent since"
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Outcome {
    /// Its kind, which the transition table goes by.
    pub fn answer(&self) -> Answer {
        match self {
            Outcome::Accepted { .. } => Answer::Accepted,
            Outcome::Rejected { .. } => Answer::Rejected,
            Outcome::Deferred { .. } => Answer::Deferred,
            Outcome::Uncertain { .. } => Answer::Uncertain,
        }
    }

    /// Why.
    pub fn reason(&self) -> Reason {
        match self {
            Outcome::Accepted { .. } => Reason::Stored,
            Outcome::Rejected { reason, .. }
            | Outcome::Deferred { reason, .. }
            | Outcome::Uncertain { reason } => *reason,
        }
    }

    /// What the API said of the data.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Outcome::Accepted { warnings, .. } => warnings,
            Outcome::Rejected { findings, .. } => findings,
            Outcome::Deferred { .. } | Outcome::Uncertain { .. } => &[],
        }
    }
}
