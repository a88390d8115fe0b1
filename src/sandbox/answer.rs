//! Answers in the service's shapes.
//!
//! Must not know: why something is answered.

use axum::body::{Body, Bytes};
use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

use super::connection::CutBody;
use crate::finding::Finding;

/// When the organisation's service charge runs out.
const SERVICE_CHARGE: HeaderName = HeaderName::from_static("x-dwt-service-charge-expiry-date");

/// An answer whose body can still be broken off.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
    error: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes<'a>>,
}

#[derive(Serialize)]
struct Attributes<'a> {
    error: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stored<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    waste_tracking_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation: Option<Validation<'a>>,
}

#[derive(Serialize)]
struct Refused<'a> {
    validation: Validation<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Validation<'a> {
    Errors(Vec<Entry<'a>>),
    Warnings(Vec<Entry<'a>>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    key: &'a str,
    error_type: &'a str,
    message: &'a str,
}

impl Answer {
    fn new(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = vec![(CONTENT_TYPE, HeaderValue::from_static(kind))];
        Answer { status, headers, body: body.into() }
    }

    /// Any value as JSON.
    pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("these shapes have text keys only");
        Self::new(status, "application/json; charset=utf-8", body)
    }

    /// JSON that was written already.
    pub(super) fn written(status: StatusCode, body: Vec<u8>) -> Self {
        Self::new(status, "application/json; charset=utf-8", body)
    }

    /// A line for people.
    pub(super) fn text(status: StatusCode, text: &'static str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text)
    }

    /// A page, as a load balancer writes them.
    pub(super) fn html(status: StatusCode, page: &'static str) -> Self {
        Self::new(status, "text/html", page)
    }

    /// `{statusCode, error, message}`
    pub(super) fn failure(status: StatusCode, message: &str) -> Self {
        let status_code = Some(status.as_u16());
        let error = reason(status);
        Self::json(status, &Failure { status_code, error, message, attributes: None })
    }

    /// `{error, message}`, as the service's own handler answers when it stumbles over a POST.
    pub(super) fn handler_failure(message: &str) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let error = reason(status);
        Self::json(status, &Failure { status_code: None, error, message, attributes: None })
    }

    /// A 401; `error` where a token was there, but was no good.
    pub(super) fn unauthorised(error: Option<&'static str>) -> Self {
        let status = StatusCode::UNAUTHORIZED;
        let failure = Failure {
            status_code: Some(status.as_u16()),
            error: reason(status),
            message: error.unwrap_or("Missing authentication"),
            attributes: error.map(|error| Attributes { error }),
        };
        let challenge = match error {
            Some(error) => HeaderValue::try_from(format!("Bearer error=\"{error}\"")),
            None => Ok(HeaderValue::from_static("Bearer")),
        };
        let challenge = challenge.expect("the words are ours, and plain");
        Self::json(status, &failure).with(WWW_AUTHENTICATE, challenge)
    }

    /// A 400 with the service's list of errors.
    pub(super) fn refused<'a>(errors: impl IntoIterator<Item = &'a Finding>) -> Self {
        let validation = Validation::Errors(entries(errors));
        Self::json(StatusCode::BAD_REQUEST, &Refused { validation })
    }

    /// A 201 or 200 with the warnings, if there are any.
    pub(super) fn stored<'a>(
        status: StatusCode,
        id: Option<&str>,
        warnings: impl IntoIterator<Item = &'a Finding>,
    ) -> Self {
        let warnings = entries(warnings);
        let validation = (!warnings.is_empty()).then_some(Validation::Warnings(warnings));
        Self::json(status, &Stored { waste_tracking_id: id, validation })
    }

    /// The same with a header.
    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same with `Retry-After`, if there is something to say.
    pub(super) fn retry_after(self, seconds: Option<u32>) -> Self {
        match seconds {
            Some(seconds) => self.with(RETRY_AFTER, HeaderValue::from(seconds)),
            None => self,
        }
    }

    /// The last answer of its connection.
    pub(super) fn closing(self) -> Self {
        self.with(CONNECTION, HeaderValue::from_static("close"))
    }

    /// Adds when the service charge runs out, to the answers that say so.
    pub(super) fn with_service_charge(self, expiry: &HeaderValue) -> Self {
        match self.status.as_u16() {
            200 | 201 | 400 => self.with(SERVICE_CHARGE, expiry.clone()),
            402 => self.with(SERVICE_CHARGE, HeaderValue::from_static("not available")),
            _ => self,
        }
    }

    /// The answer, whole.
    pub(super) fn whole(self) -> Response {
        let body = Body::from(self.body.clone());
        self.under_way(body)
    }

    /// The answer, its body broken off half way.
    pub(super) fn broken_off(self) -> Response {
        let body = Body::new(CutBody::new(&self.body));
        self.under_way(body)
    }

    fn under_way(self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}

fn entries<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Entry<'a>> {
    let entry = |finding: &'a Finding| Entry {
        key: &finding.key,
        error_type: finding.error_type.as_str(),
        message: &finding.message,
    };
    findings.into_iter().map(entry).collect()
}

fn reason(status: StatusCode) -> &'static str {
    match status {
        // As the service's framework has it.
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        _ => status.canonical_reason().unwrap_or("Unknown"),
    }
}
