//! A request's body: read within the limit, and understood as the service understands it.
//!
//! Must not know: movements, answers' shapes.

use std::pin::Pin;

use axum::body::{Body, HttpBody};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};

use crate::json::{Object, Value, parse};

/// The service's limit on bodies.
pub(super) const LIMIT: usize = 1_048_576;

/// What came over the connection.
#[derive(Debug)]
pub(super) enum Sent {
    /// All of it.
    Whole(String),
    /// Its length was announced and is over the limit.
    TooLarge,
    /// It ended too early, or went over the limit without having said so: there is nobody to
    /// answer, or the service does not answer.
    Broken,
}

/// Reads a body. One that announces too much is read to its end and thrown away, since a client
/// that is still writing does not read the answer.
pub(super) async fn read(headers: &HeaderMap, mut body: Body) -> Sent {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let announced = length.and_then(|length| length.parse::<usize>().ok());
    let too_large = announced.is_some_and(|length| length > LIMIT);
    let mut read = Vec::with_capacity(announced.unwrap_or_default().min(LIMIT));
    loop {
        let next = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        match next {
            None if too_large => return Sent::TooLarge,
            // The service replaces what is not UTF-8.
            None => return Sent::Whole(String::from_utf8_lossy(&read).into_owned()),
            Some(Err(_)) => return Sent::Broken,
            Some(Ok(frame)) => {
                let Some(data) = frame.data_ref().filter(|_| !too_large) else { continue };
                if read.len() + data.len() > LIMIT {
                    return Sent::Broken;
                }
                read.extend_from_slice(data);
            }
        }
    }
}

/// What a body means to the service.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// A value to be checked. What is empty, or meant as text, stands here as null.
    Json(Value<'a>),
    /// Refused before it reaches the checks.
    Refused(StatusCode, &'static str),
}

/// Understands a body by its headers.
pub(super) fn understand<'a>(headers: &HeaderMap, text: &'a str) -> Content<'a> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(refused) = refused_encoding(header(CONTENT_ENCODING)) {
        return refused;
    }
    let full = header(CONTENT_TYPE).to_ascii_lowercase();
    let (kind, parameters) = full.split_once(';').unwrap_or((&full, ""));
    match kind.trim() {
        "" | "application/json" => json(text),
        kind if kind.starts_with("application/") && kind.ends_with("+json") => json(text),
        kind if kind.starts_with("text/") => Content::Json(Value::Null),
        // The service reads these, and finds none of a movement's fields.
        "application/octet-stream" | "application/x-www-form-urlencoded" => {
            Content::Json(Value::Object(Object::new()))
        }
        kind if !kind.contains('/') => malformed("The content type cannot be read"),
        "multipart/form-data" if !parameters.contains("boundary=") => {
            malformed("The content type has no boundary")
        }
        _ => Content::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"),
    }
}

fn json(text: &str) -> Content<'_> {
    if text.is_empty() {
        return Content::Json(Value::Null);
    }
    match parse(text) {
        Ok(value) => Content::Json(value),
        Err(_) => malformed("The body is not JSON"),
    }
}

/// The service unpacks gzip and deflate; the sandbox has nothing to do that with, and says so.
fn refused_encoding(encoding: &str) -> Option<Content<'static>> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => None,
        "gzip" | "x-gzip" | "deflate" => Some(Content::Refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The sandbox does not unpack compressed bodies (the service does)",
        )),
        _ => Some(malformed("The content encoding is not known")),
    }
}

fn malformed(message: &'static str) -> Content<'static> {
    Content::Refused(StatusCode::INTERNAL_SERVER_ERROR, message)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn understood(name: HeaderName, value: &str, text: &str) -> String {
        let value = HeaderValue::from_str(value).expect("a header");
        let headers = HeaderMap::from_iter([(name, value)]);
        match understand(&headers, text) {
            Content::Json(Value::Object(_)) => "json".to_owned(),
            Content::Json(_) => "none".to_owned(),
            Content::Refused(status, _) => status.as_u16().to_string(),
        }
    }

    #[test]
    fn content_types_are_told_apart() {
        let cases = [
            ("", "json"),
            ("application/json", "json"),
            ("Application/JSON; charset=latin1", "json"),
            ("application/problem+json", "json"),
            ("text/plain", "none"),
            ("application/octet-stream", "json"),
            ("application/x-www-form-urlencoded", "json"),
            ("application/xml", "415"),
            ("multipart/form-data; boundary=x", "415"),
            ("multipart/form-data", "500"),
            ("json", "500"),
        ];
        for (kind, expected) in cases {
            assert_eq!(understood(CONTENT_TYPE, kind, "{}"), expected, "{kind}");
        }
        assert_eq!(understood(CONTENT_ENCODING, "gzip", "{}"), "415");
        assert_eq!(understood(CONTENT_ENCODING, "br", "{}"), "500");
    }

    #[test]
    fn bodies_are_told_apart() {
        let cases = [("", "none"), ("5", "none"), ("[]", "none"), ("{}", "json"), (" ", "500")];
        for (text, expected) in cases {
            assert_eq!(understood(CONTENT_TYPE, "application/json", text), expected, "{text}");
        }
    }
}
