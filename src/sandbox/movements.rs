//! `POST /movements/receive` and `PUT /movements/{id}/receive`: what becomes of a request.
//!
//! A request is judged in one step under one lock, so that what the oracle says and what the
//! client is told cannot come apart; carrying the verdict out (waiting, cutting) follows.
//! Must not know: connections' workings, settings.

use std::time::{Duration, Instant};

use axum::http::{HeaderValue, StatusCode};

use super::World;
use super::answer::Answer;
use super::body::{Content, LIMIT};
use super::fault::Fault;
use super::plan::{FaultRate, Request, RetryAfter};
use super::store::{Contents, Organisation, Outcome};
use crate::finding::{ErrorType, Finding, Severity};
use crate::json::Value;
use crate::movement::{Key, Movement, comparable_site};

/// What the service adds to a body when it passes it on to where the limit holds once more.
const FORWARDING: usize = 64;
/// How long `slow` takes, if nothing else is said.
const SLOW: Duration = Duration::from_secs(1);
const BAD_GATEWAY: &str =
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
const AFTER_STORING: &str = "Cannot read properties of undefined (reading 'registrationNumber')";

/// A request for a movement, read and checked.
pub(super) struct Received<'a> {
    /// The ID in the path: a PUT; none: a POST.
    pub(super) target: Option<&'a str>,
    pub(super) authorization: Option<&'a HeaderValue>,
    pub(super) text: &'a str,
    pub(super) movement: Option<Movement<'a>>,
    /// Why the body never reaches the checks.
    pub(super) refused: Option<(StatusCode, &'static str)>,
    pub(super) findings: Vec<Finding>,
}

/// What is done about it.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) delivery: Delivery,
    pub(super) delay: Duration,
}

/// How the client learns of it.
#[derive(Debug)]
pub(super) enum Delivery {
    Answer(Answer),
    BrokenOff(Answer),
    Cut,
    Hang,
}

struct Ending {
    delivery: Delivery,
    stored: bool,
    by_fault: bool,
}

impl Ending {
    fn refused(answer: Answer) -> Self {
        Ending { delivery: Delivery::Answer(answer), stored: false, by_fault: false }
    }

    fn fault(delivery: Delivery, stored: bool) -> Self {
        Ending { delivery, stored, by_fault: true }
    }
}

impl<'a> Received<'a> {
    /// Puts a request together; `check` is asked about a body that can be read.
    pub(super) fn new(
        target: Option<&'a str>,
        authorization: Option<&'a HeaderValue>,
        text: &'a str,
        content: Content<'a>,
        check: impl Fn(&Value<'a>) -> Vec<Finding>,
    ) -> Self {
        let (movement, refused, findings) = match content {
            Content::Json(body) => {
                let findings = check(&body);
                (Some(Movement { body, waste_tracking_id: None }), None, findings)
            }
            Content::Refused(status, message) => (None, Some((status, message)), Vec::new()),
        };
        Received { target, authorization, text, movement, refused, findings }
    }

    /// A body whose length is over the limit.
    pub(super) fn too_large(
        target: Option<&'a str>,
        authorization: Option<&'a HeaderValue>,
    ) -> Self {
        let refused = Some(too_large());
        let (movement, findings) = (None, Vec::new());
        Received { target, authorization, text: "", movement, refused, findings }
    }

    fn is_put(&self) -> bool {
        self.target.is_some()
    }

    fn key(&self) -> Option<Key> {
        self.movement.as_ref()?.key()
    }

    /// The apiCode exactly as sent: the service trims nothing.
    fn api_code(&self) -> Option<&str> {
        self.movement.as_ref()?.body.at("apiCode")?.as_str()
    }

    fn has_carrier(&self) -> bool {
        self.movement.as_ref().is_some_and(|movement| movement.body.at("carrier").is_some())
    }

    fn of(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.severity == severity)
    }

    fn contents(&self) -> Contents<'_> {
        let movement = self.movement.as_ref();
        Contents {
            api_code: self.api_code().unwrap_or_default(),
            site: movement.and_then(Movement::site).map(comparable_site).unwrap_or_default(),
            reference: movement.and_then(Movement::reference),
            body: self.text,
        }
    }
}

impl World {
    /// Judges a request: what it meets, what is stored, what is answered, what is remembered.
    pub(super) fn judge(&mut self, received: &Received<'_>, now: Instant) -> Verdict {
        let method = if received.is_put() { "PUT" } else { "POST" };
        let fault = self.plan.draw(Request { method, api_code: received.api_code() });
        let admitted = self.limiter.admit(now);
        let ending = if admitted {
            self.end(received, fault.as_ref(), now)
        } else {
            Ending::refused(too_many(Some(1)))
        };
        let slow = fault.as_ref().filter(|rate| rate.fault == Fault::Slow && admitted);
        let met = fault.as_ref().filter(|_| ending.by_fault).or(slow);
        if let Some(rate) = met {
            self.plan.struck(rate);
        }
        let status = match &ending.delivery {
            Delivery::Answer(answer) | Delivery::BrokenOff(answer) => Some(answer.status.as_u16()),
            Delivery::Cut | Delivery::Hang => None,
        };
        let outcome = Outcome { fault: met.map(|rate| rate.fault), status, stored: ending.stored };
        match received.key() {
            Some(key) if received.is_put() => self.store.record_put(key),
            Some(key) => self.store.record_post(key, outcome),
            None => {}
        }
        let extra = match met {
            Some(rate) => rate.delay.unwrap_or(slow.map_or(Duration::ZERO, |_| SLOW)),
            None => Duration::ZERO,
        };
        let delivery = match ending.delivery {
            Delivery::Answer(answer) => {
                Delivery::Answer(answer.with_service_charge(&self.service_charge))
            }
            other => other,
        };
        Verdict { delivery, delay: self.latency + extra }
    }

    fn end(&mut self, received: &Received<'_>, fault: Option<&FaultRate>, now: Instant) -> Ending {
        if let Some(delivery) = fault.and_then(|rate| self.at_the_door(rate, received.is_put())) {
            return Ending::fault(delivery, false);
        }
        let rate = fault;
        let fault = rate.map(|rate| rate.fault);
        let token = match self.tokens.check(received.authorization, now) {
            Ok(token) => token,
            Err(error) => return Ending::refused(Answer::unauthorised(error).closing()),
        };
        if fault == Some(Fault::RevokeToken) {
            self.tokens.revoke(token);
            let answer = Answer::unauthorised(Some("Token revoked")).closing();
            return Ending::fault(Delivery::Answer(answer), false);
        }
        if let Some((status, message)) = received.refused {
            return Ending::refused(Answer::failure(status, message));
        }
        let lenient = fault == Some(Fault::Lenient) && received.api_code().is_some();
        if !lenient && received.of(Severity::Error).next().is_some() {
            return Ending::refused(Answer::refused(received.of(Severity::Error)));
        }
        if let Some(rate) = rate.filter(|rate| rate.fault == Fault::Refuse) {
            let answer = Answer::refused([&moved_rule(rate)]);
            return Ending::fault(Delivery::Answer(answer), false);
        }
        let organisation = match self.organisation(received, fault) {
            Ok(organisation) => organisation,
            Err(ending) => return ending,
        };
        if received.text.len() + FORWARDING > LIMIT {
            let (status, message) = too_large();
            return Ending::refused(Answer::failure(status, message));
        }
        self.keep(received, organisation, fault)
    }

    /// The faults of whatever stands before the service: they ask for no token.
    fn at_the_door(&mut self, rate: &FaultRate, is_put: bool) -> Option<Delivery> {
        let answer = match rate.fault {
            Fault::DropRequest => return Some(Delivery::Cut),
            Fault::Hang => return Some(Delivery::Hang),
            Fault::Status500 => failed(is_put, "An internal server error occurred"),
            Fault::Status502 => Answer::html(StatusCode::BAD_GATEWAY, BAD_GATEWAY),
            Fault::Status503 | Fault::Status429 => self.busy(rate),
            _ => return None,
        };
        Some(Delivery::Answer(answer))
    }

    /// Whose the request is, and, for a PUT, whether the movement is theirs.
    fn organisation(
        &self,
        received: &Received<'_>,
        fault: Option<Fault>,
    ) -> Result<Organisation, Ending> {
        let target = match received.target.map(|id| self.store.find(id)) {
            Some(None) => {
                let answer = Answer::failure(StatusCode::NOT_FOUND, "No movement has this ID");
                return Err(Ending::refused(answer));
            }
            Some(found) => found,
            None => None,
        };
        if fault == Some(Fault::UnknownApiCode) {
            return Err(Ending::fault(Delivery::Answer(Answer::refused([&unknown_code()])), false));
        }
        let known = received.api_code().and_then(|code| self.organisations.find(code));
        let Some(organisation) = known else {
            let answer = if received.has_carrier() {
                Answer::refused([&unknown_code()])
            } else {
                failed(received.is_put(), AFTER_STORING)
            };
            return Err(Ending::refused(answer));
        };
        if fault == Some(Fault::Unpaid) {
            let status = StatusCode::PAYMENT_REQUIRED;
            let answer = Answer::failure(status, "The service charge has not been paid");
            return Err(Ending::fault(Delivery::Answer(answer), false));
        }
        match target {
            Some((_, owner)) if owner != organisation => {
                Err(Ending::refused(Answer::refused([&other_organisation()])))
            }
            _ => Ok(organisation),
        }
    }

    /// Stores the movement, and answers, or fails to.
    fn keep(
        &mut self,
        received: &Received<'_>,
        organisation: Organisation,
        fault: Option<Fault>,
    ) -> Ending {
        let contents = received.contents();
        let warnings = received.of(Severity::Warning);
        let answer = match received.target.and_then(|id| self.store.find(id)) {
            Some((at, _)) => {
                self.store.update(at, &contents);
                Answer::stored(StatusCode::OK, None, warnings)
            }
            None if fault == Some(Fault::Empty201) => {
                self.store.insert(organisation, &contents, false);
                let answer = Answer::stored(StatusCode::CREATED, None, []);
                return Ending::fault(Delivery::Answer(answer), true);
            }
            None => {
                let id = self.store.insert(organisation, &contents, true);
                Answer::stored(StatusCode::CREATED, id.as_deref(), warnings)
            }
        };
        match fault {
            Some(Fault::LoseResponse) => Ending::fault(Delivery::Cut, true),
            Some(Fault::Lenient) => Ending::fault(Delivery::Answer(answer), true),
            Some(Fault::CutBody) => Ending::fault(Delivery::BrokenOff(answer), true),
            Some(Fault::Status500Stored) => {
                let answer = failed(received.is_put(), "An internal server error occurred");
                Ending::fault(Delivery::Answer(answer), true)
            }
            _ if !received.has_carrier() => {
                let answer = failed(received.is_put(), AFTER_STORING);
                Ending { delivery: Delivery::Answer(answer), stored: true, by_fault: false }
            }
            _ => Ending { delivery: Delivery::Answer(answer), stored: true, by_fault: false },
        }
    }

    /// A 429 or a 503, at whichever end the fault strikes.
    pub(super) fn busy(&mut self, rate: &FaultRate) -> Answer {
        if matches!(rate.fault, Fault::Status429 | Fault::Token429) {
            return too_many(self.retry_after(rate.retry_after.unwrap_or_default()));
        }
        let said = self.retry_after(rate.retry_after.unwrap_or(RetryAfter::Never));
        Answer::failure(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").retry_after(said)
    }

    fn retry_after(&mut self, said: RetryAfter) -> Option<u32> {
        match said {
            RetryAfter::Never => None,
            RetryAfter::Seconds(seconds) => Some(seconds),
            RetryAfter::Alternate => {
                self.says_when = !self.says_when;
                self.says_when.then_some(1)
            }
        }
    }
}

/// A 500: a POST's comes from the service's handler, without `statusCode`.
fn failed(is_put: bool, message: &str) -> Answer {
    if is_put {
        Answer::failure(StatusCode::INTERNAL_SERVER_ERROR, message)
    } else {
        Answer::handler_failure(message)
    }
}

fn too_many(retry_after: Option<u32>) -> Answer {
    let status = StatusCode::TOO_MANY_REQUESTS;
    Answer::failure(status, "Too many requests").retry_after(retry_after)
}

fn too_large() -> (StatusCode, &'static str) {
    (StatusCode::PAYLOAD_TOO_LARGE, "Payload content length greater than maximum allowed: 1048576")
}

fn unknown_code() -> Finding {
    Finding::error("apiCode", ErrorType::InvalidValue, "the API Code supplied is invalid")
}

/// What `refuse` objects to.
fn moved_rule(rate: &FaultRate) -> Finding {
    let key = rate.key.as_deref().unwrap_or("wasteItems.0.ewcCodes.0");
    let kind = rate.error_type.as_deref().map_or(ErrorType::InvalidValue, ErrorType::from);
    Finding::error(key, kind, format!("\"{key}\" breaks a rule that is new"))
}

fn other_organisation() -> Finding {
    let message = "the API Code supplied does not relate to the same Organisation who created the \
                   original waste item movement record";
    Finding::error("submittingOrganisation", ErrorType::BusinessRuleViolation, message)
}
