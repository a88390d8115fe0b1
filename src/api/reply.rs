//! What an answer, or what came in its place, means: one pure function.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::findings;
use crate::submission::{Method, Outcome, Reason};

/// A 503 that comes sooner than this was given by something in front of the service; a later one
/// may come after it stored the record.
const PROMPT: Duration = Duration::from_secs(5);
/// What the service asks for is kept in full up to a year: more is a mistake of its, and so much
/// that the sums of time that are made with it would overflow.
const LONGEST_WAIT: Duration = Duration::from_secs(366 * 86_400);

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// POST or PUT.
    pub method: Method,
    /// Where a PUT goes.
    pub waste_tracking_id: Option<String>,
    /// The JSON body.
    pub body: Bytes,
}

/// What came of a request.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The answer, or what broke.
    pub result: Result<Reply, Failure>,
    /// From the first byte out to the last byte in.
    pub elapsed: Duration,
    /// Which token was used, for a 401 that speaks of an older one.
    pub token_generation: u64,
}

/// Why a request was not made at all: no byte of it left.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct Unsent(#[from] pub super::TokenError);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, as sent.
    pub retry_after: Option<String>,
    /// `x-request-id`.
    pub request_id: Option<String>,
    /// `x-dwt-service-charge-expiry-date`, under its earlier name too.
    pub service_charge_expiry: Option<String>,
    /// The body.
    pub body: Body,
}

/// An answer's body, as far as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// All of it, or the beginning of one that is longer than any answer of the service.
    Whole(Vec<u8>),
    /// What came of it before it was cut off.
    CutOff(Vec<u8>),
}

impl Default for Body {
    fn default() -> Self {
        Body::Whole(Vec::new())
    }
}

/// What broke where no answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// DNS, connect or TLS: before any byte left.
    NoConnection(String),
    /// No answer within the time-out.
    Timeout,
    /// The connection ended after the request had left.
    ConnectionLost(String),
}

/// What an exchange means for the record that was sent.
pub fn interpret(method: Method, exchange: &Exchange, now: Timestamp) -> Outcome {
    match &exchange.result {
        Ok(reply) => of_reply(method, reply, exchange.elapsed, now),
        Err(Failure::NoConnection(_)) => deferred(Reason::NoConnection, None),
        Err(Failure::Timeout) => ambiguous(method, Reason::Timeout),
        Err(Failure::ConnectionLost(_)) => ambiguous(method, Reason::ConnectionLost),
    }
}

fn of_reply(method: Method, reply: &Reply, elapsed: Duration, now: Timestamp) -> Outcome {
    let retry_after = reply.retry_after.as_deref().and_then(|text| self::retry_after(text, now));
    match (reply.status, method) {
        (200..=299, _) => stored(method, reply),
        (401, _) => deferred(Reason::Unauthorised, None),
        (402, _) => deferred(Reason::Unpaid, None),
        (403 | 300..=399, _) | (404, Method::Post) => deferred(Reason::SetUp, None),
        (408 | 429, _) => deferred(Reason::Throttled, retry_after),
        (503, _) if reply.retry_after.is_some() || elapsed < PROMPT => {
            deferred(Reason::Unavailable, retry_after)
        }
        (503, _) => ambiguous(method, Reason::LateUnavailable),
        (409, _) => ambiguous(method, Reason::ServerError),
        (400..=499, _) => refused(reply),
        _ => ambiguous(method, Reason::ServerError),
    }
}

fn stored(method: Method, reply: &Reply) -> Outcome {
    let read = match &reply.body {
        Body::Whole(bytes) => findings::stored(bytes),
        Body::CutOff(_) => None,
    };
    match (method, read) {
        (Method::Put, read) => Outcome::Accepted {
            waste_tracking_id: None,
            warnings: read.map(|read| read.warnings).unwrap_or_default(),
        },
        (Method::Post, None) => Outcome::Uncertain { reason: Reason::Unreadable },
        (Method::Post, Some(read)) => match read.waste_tracking_id {
            Some(id) => Outcome::Accepted { waste_tracking_id: Some(id), warnings: read.warnings },
            None => Outcome::Uncertain { reason: Reason::NoTrackingId },
        },
    }
}

fn refused(reply: &Reply) -> Outcome {
    let Body::Whole(bytes) = &reply.body else {
        // Not stored, but nothing says why: asking once more is safe and brings the reasons.
        return deferred(Reason::CutOff, None);
    };
    let findings = findings::refusal(bytes, reply.status);
    if reply.status == 400 && findings::only_unknown_api_code(&findings) {
        return deferred(Reason::ApiCodeUnknown, None);
    }
    Outcome::Rejected { reason: Reason::Refused, findings }
}

/// A POST may have been stored; a PUT may be repeated.
fn ambiguous(method: Method, reason: Reason) -> Outcome {
    match method {
        Method::Post => Outcome::Uncertain { reason },
        Method::Put => deferred(reason, None),
    }
}

fn deferred(reason: Reason, retry_after: Option<Duration>) -> Outcome {
    Outcome::Deferred { reason, retry_after }
}

/// `Retry-After`: seconds, or a date.
pub(super) fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a long time.
        let asked = text.parse().map_or(LONGEST_WAIT, Duration::from_secs);
        return Some(asked.min(LONGEST_WAIT));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let at = Timestamp::try_from(date).ok()?;
    let asked = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
    Some(asked.min(LONGEST_WAIT))
}

impl Exchange {
    /// The answer, if there was one.
    pub fn reply(&self) -> Option<&Reply> {
        self.result.as_ref().ok()
    }

    /// What an answer that is no plain acceptance said, or what broke, for the ledger: printable,
    /// cut to a length that a person reads.
    pub fn detail(&self, outcome: &Outcome) -> Option<String> {
        match &self.result {
            Ok(Reply { body: Body::Whole(bytes), .. }) => {
                let plain = matches!(outcome, Outcome::Accepted { .. });
                if plain && findings::stored(bytes).is_some() {
                    return None;
                }
                findings::excerpt(bytes)
            }
            // Of an acceptance that was cut off, what came may hold the waste tracking ID.
            Ok(Reply { body: Body::CutOff(bytes), .. }) => {
                let came = findings::excerpt(bytes).unwrap_or_else(|| "nothing".to_owned());
                Some(format!("the answer was cut off after: {came}"))
            }
            Err(Failure::Timeout) => None,
            Err(Failure::NoConnection(what) | Failure::ConnectionLost(what)) => {
                findings::excerpt(what.as_bytes())
            }
        }
    }
}
