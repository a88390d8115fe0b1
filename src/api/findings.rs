//! Reading the bodies of answers: both error shapes of the service, and anything else as text.

use serde_json::Value;

use crate::finding::{ErrorType, Finding, Severity};

/// How much of an answer that cannot be read is kept, in characters.
const EXCERPT: usize = 500;

/// A 2xx body.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pub(super) waste_tracking_id: Option<String>,
    pub(super) warnings: Vec<Finding>,
}

/// Reads a 2xx body; none when it is not a JSON object. Only the waste tracking ID counts: what
/// stands beside it may have any shape, and must not make the ID unreadable.
pub(super) fn stored(bytes: &[u8]) -> Option<Stored> {
    let body: Value = serde_json::from_slice(bytes).ok()?;
    let id = body.as_object()?.get("wasteTrackingId").and_then(Value::as_str);
    Some(Stored {
        waste_tracking_id: id.filter(|id| !id.trim().is_empty()).map(str::to_owned),
        warnings: entries(&body["validation"]["warnings"], Severity::Warning),
    })
}

/// Reads a refusal's findings; there is at least one.
pub(super) fn refusal(bytes: &[u8], status: u16) -> Vec<Finding> {
    let text = String::from_utf8_lossy(bytes);
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    for listed in [&body["validation"]["errors"], &body["errors"]] {
        let findings = entries(listed, Severity::Error);
        if !findings.is_empty() {
            return findings;
        }
    }
    let said = ["detail", "message", "title"]
        .into_iter()
        .find_map(|key| body[key].as_str().map(str::to_owned))
        .or_else(|| excerpt(bytes))
        .unwrap_or_else(|| "(nothing)".to_owned());
    let said = printable(&said, EXCERPT);
    // Only a correction's 404 is a refusal: the ID stands in its path.
    let (key, message) = if status == 404 {
        let message = format!(
            "the service knows no movement with this waste tracking ID: compare it with the one \
             that it gave when the movement was accepted (status 404: {said})"
        );
        ("wasteTrackingId", message)
    } else {
        ("", format!("the service refused it with status {status} and said: {said}"))
    };
    vec![Finding::error(key, ErrorType::Other(format!("HTTP {status}").into()), message)]
}

/// The entries of a list in either shape: `key` with dots, or `pointer` with slashes. One that is
/// something else is kept as text.
fn entries(listed: &Value, severity: Severity) -> Vec<Finding> {
    listed.as_array().into_iter().flatten().map(|entry| finding(entry, severity)).collect()
}

fn finding(entry: &Value, severity: Severity) -> Finding {
    let text = |name: &str| entry[name].as_str();
    let key = match (text("key"), text("pointer")) {
        (Some(key), _) => key.to_owned(),
        (None, Some(pointer)) => dotted(pointer),
        (None, None) => String::new(),
    };
    let error_type = ErrorType::from(text("errorType").unwrap_or("UnexpectedError"));
    let message = match text("message").or_else(|| text("detail")).or(entry.as_str()) {
        Some(message) => message.to_owned(),
        None => entry.to_string(),
    };
    Finding::new(severity, printable(&key, EXCERPT), error_type, printable(&message, EXCERPT))
}

/// Whether the only finding is that the `apiCode` is not known: the service says so, too, when
/// its own look-up fails.
pub(super) fn only_unknown_api_code(findings: &[Finding]) -> bool {
    matches!(findings, [only] if only.key == "apiCode" && only.error_type == ErrorType::InvalidValue)
}

/// The beginning of a text that nobody can parse.
pub(super) fn excerpt(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(EXCERPT * 4)]);
    let text = printable(text.trim(), EXCERPT);
    (!text.is_empty()).then_some(text)
}

/// What came over the wire is shown on terminals: control characters are made harmless.
pub(super) fn printable(text: &str, length: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(length).collect()
}

/// A JSON pointer as a dotted key: `#/wasteItems/0/ewcCodes` is `wasteItems.0.ewcCodes`.
fn dotted(pointer: &str) -> String {
    let path = pointer.strip_prefix('#').unwrap_or(pointer);
    let steps = path.split('/').filter(|step| !step.is_empty());
    let steps: Vec<String> = steps.map(|s| s.replace("~1", "/").replace("~0", "~")).collect();
    steps.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(body: &str) -> Vec<(String, String)> {
        refusal(body.as_bytes(), 400)
            .into_iter()
            .map(|finding| (finding.key, finding.error_type.to_string()))
            .collect()
    }

    #[test]
    fn both_shapes_and_anything_else_are_read() {
        let old = r#"{"validation":{"errors":[{"key":"a.0.b","errorType":"NotProvided","message":"m"}]}}"#;
        let new = r##"{"type":"x","title":"t","errors":[{"pointer":"#/a/0/b","errorType":"NotProvided","message":"m"}],"requestId":"r"}"##;
        let expected = vec![("a.0.b".to_owned(), "NotProvided".to_owned())];
        assert_eq!(summary(old), expected);
        assert_eq!(summary(new), expected);
        let plain = refusal(br#"{"statusCode":413,"error":"x","message":"too big"}"#, 413);
        assert!(plain[0].message.ends_with("too big"), "{}", plain[0].message);
        let html = refusal(b"<html>\x1b[31mno</html>", 418);
        assert!(!html[0].message.contains('\x1b'));
        assert_eq!(refusal(b"", 400).len(), 1);
    }

    #[test]
    fn an_empty_object_has_no_tracking_id() {
        assert!(stored(b"{}").is_some_and(|read| read.waste_tracking_id.is_none()));
        assert!(
            stored(br#"{"wasteTrackingId":""}"#).is_some_and(|r| r.waste_tracking_id.is_none())
        );
        assert!(stored(b"<html>").is_none());
        assert!(stored(b"").is_none());
    }
}
