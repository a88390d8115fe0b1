//! The cases: what the service does, and which kind of outcome that must be.

use std::time::Duration;

use super::support::wire::{Act, answer, cut};
use waste_receipts::submission::Answer::{self, Accepted, Deferred, Rejected, Uncertain};

#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) what: &'static str,
    pub(crate) act: Act,
    pub(crate) post: Answer,
    pub(crate) put: Answer,
    /// The client's time-out; long enough not to matter unless it is the point.
    pub(crate) timeout: Duration,
    /// What the clock is made to say that it took.
    pub(crate) took: Option<Duration>,
}

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_secs(2);

fn case(what: &'static str, act: Act, post: Answer, put: Answer) -> Case {
    Case { what, act, post, put, timeout: LONG, took: None }
}

fn says(what: &'static str, status: &str, body: &str, post: Answer, put: Answer) -> Case {
    case(what, Act::Say(answer(status, "", body)), post, put)
}

fn with(
    what: &'static str,
    status: &str,
    headers: &str,
    body: &str,
    outcome: (Answer, Answer),
) -> Case {
    case(what, Act::Say(answer(status, headers, body)), outcome.0, outcome.1)
}

fn closes(what: &'static str, bytes: Vec<u8>, post: Answer, put: Answer) -> Case {
    case(what, Act::Close(bytes), post, put)
}

fn late(case: Case, seconds: u64) -> Case {
    Case { took: Some(Duration::from_secs(seconds)), ..case }
}

fn runs_out(what: &'static str, act: Act, post: Answer, put: Answer) -> Case {
    Case { timeout: SHORT, ..case(what, act, post, put) }
}

pub(crate) fn all() -> Vec<Case> {
    [successes(), redirects_and_set_up(), refusals(), waits(), server_errors(), transport()]
        .into_iter()
        .flatten()
        .collect()
}

const ID: &str = r#"{"wasteTrackingId":"26BHUT6U"}"#;

fn successes() -> Vec<Case> {
    let warned = r#"{"wasteTrackingId":"26BHUT6U","validation":{"warnings":[
        {"key":"receiver.siteName","errorType":"NotProvided","message":"say more"},
        {"pointer":"/carrier","errorType":"NotProvided","message":"say more"}]}}"#;
    let strange = r#"{"wasteTrackingId":"26BHUT6U","validation":{"warnings":
        {"key":1,"text":"of a shape that nobody foresaw"}}}"#;
    let mixed = r#"{"wasteTrackingId":"26BHUT6U","validation":{"warnings":[
        "a text",{"key":"carrier","errorType":7,"message":{"en":"say more"}}],"errors":null}}"#;
    let chunked = b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n1e\r\n{\"waste";
    vec![
        says("200 with an ID", "200 OK", ID, Accepted, Accepted),
        says("201 with an ID", "201 Created", ID, Accepted, Accepted),
        says("201 with warnings", "201 Created", warned, Accepted, Accepted),
        says("201 with strange warnings", "201 Created", strange, Accepted, Accepted),
        says("201 with mixed warnings", "201 Created", mixed, Accepted, Accepted),
        says("201 {}", "201 Created", "{}", Uncertain, Accepted),
        says("200 {}", "200 OK", "{}", Uncertain, Accepted),
        says("201, ID empty", "201 Created", r#"{"wasteTrackingId":" "}"#, Uncertain, Accepted),
        says("201, ID null", "201 Created", r#"{"wasteTrackingId":null}"#, Uncertain, Accepted),
        says("201, ID a number", "201 Created", r#"{"wasteTrackingId":7}"#, Uncertain, Accepted),
        says("201, a list", "201 Created", "[]", Uncertain, Accepted),
        says("201, empty", "201 Created", "", Uncertain, Accepted),
        says("201 not JSON", "201 Created", "<html>stored</html>", Uncertain, Accepted),
        says("201 JSON cut, length right", "201 Created", &ID[..20], Uncertain, Accepted),
        closes("201 cut body", cut("201 Created", &ID[..20]), Uncertain, Accepted),
        closes("201 whole ID, then cut", cut("201 Created", ID), Uncertain, Accepted),
        closes("201 cut chunk", chunked.to_vec(), Uncertain, Accepted),
        closes(
            "201 until close",
            b"HTTP/1.1 201 Created\r\n\r\n{\"was".to_vec(),
            Uncertain,
            Accepted,
        ),
        says("202 empty", "202 Accepted", "", Uncertain, Accepted),
        says("202 with an ID", "202 Accepted", ID, Accepted, Accepted),
        says("204", "204 No Content", "", Uncertain, Accepted),
    ]
}

fn redirects_and_set_up() -> Vec<Case> {
    let to = "location: /elsewhere\r\n";
    let both = (Deferred, Deferred);
    let gone = r#"{"statusCode":404,"error":"Not Found","message":"Not Found"}"#;
    vec![
        with("301", "301 Moved Permanently", to, "", both),
        with("302", "302 Found", to, "", both),
        with("303", "303 See Other", to, "", both),
        with("307", "307 Temporary Redirect", to, "", both),
        with("308", "308 Permanent Redirect", to, "", both),
        says("304", "304 Not Modified", "", Deferred, Deferred),
        says("401", "401 Unauthorized", r#"{"statusCode":401}"#, Deferred, Deferred),
        says("402", "402 Payment Required", r#"{"message":"unpaid"}"#, Deferred, Deferred),
        says("403", "403 Forbidden", "<html>no</html>", Deferred, Deferred),
        says("404", "404 Not Found", gone, Deferred, Rejected),
        says("400 apiCode only", "400 Bad Request", API_CODE, Deferred, Deferred),
        says("400 apiCode only, new shape", "400 Bad Request", NEW_API_CODE, Deferred, Deferred),
    ]
}

const API_CODE: &str = r#"{"validation":{"errors":[
    {"key":"apiCode","errorType":"InvalidValue","message":"The API Code supplied is invalid"}]}}"#;
const NEW_API_CODE: &str = r##"{"type":"about:blank","title":"Validation","errors":[
    {"pointer":"#/apiCode","errorType":"InvalidValue","message":"invalid"}],"requestId":"r"}"##;

fn refusals() -> Vec<Case> {
    let two = r#"{"validation":{"errors":[
        {"key":"wasteItems.0.ewcCodes","errorType":"NotProvided","message":"required"},
        {"key":"carrier","errorType":"InvalidType","message":"an object"}]}}"#;
    let and_another = r#"{"validation":{"errors":[
        {"key":"apiCode","errorType":"InvalidValue","message":"invalid"},
        {"key":"carrier","errorType":"InvalidType","message":"an object"}]}}"#;
    let new = r##"{"type":"https://example/validation","title":"Validation failed","status":400,
        "detail":"see errors","errors":[{"pointer":"#/wasteItems/0/ewcCodes",
        "errorType":"NotProvided","message":"required"}],"requestId":"r-1"}"##;
    let titled = r#"{"type":"about:blank","title":"No","detail":"the details","errors":[]}"#;
    let odd = r#"{"validation":{"errors":[{"key":"carrier","errorType":null,"message":12},"x"]}}"#;
    let shape = r#"{"validation":{"errors":[
        {"key":"apiCode","errorType":"InvalidFormat","message":"a UUID"}]}}"#;
    let bad = "400 Bad Request";
    let refused = |what, status: &str, body: &str| says(what, status, body, Rejected, Rejected);
    vec![
        refused("400 old shape", bad, two),
        refused("400 new shape", bad, new),
        refused("400 new shape, no errors", bad, titled),
        refused("400 apiCode and another", bad, and_another),
        refused("400 apiCode of wrong shape", bad, shape),
        refused("400 entries of odd types", bad, odd),
        refused("400 empty", bad, ""),
        refused("400 empty lists", bad, r#"{"validation":{"errors":[]}}"#),
        refused("400 HTML", bad, "<html>\u{1b}[31mred</html>"),
        closes("400 cut body", cut(bad, two), Deferred, Deferred),
        refused("405", "405 Method Not Allowed", ""),
        refused("410", "410 Gone", ""),
        refused("413", "413 Payload Too Large", r#"{"message":"too large"}"#),
        refused("415", "415 Unsupported Media Type", ""),
        refused("418", "418 I'm a teapot", "short and stout"),
        refused("422", "422 Unprocessable Entity", two),
        refused("499", "499 ", ""),
        case(
            "413 early",
            Act::Early(answer("413 Large", "connection: close\r\n", "")),
            Rejected,
            Rejected,
        ),
        case("400 endless", Act::Endless(answer_of_no_end("400 Bad Request")), Rejected, Rejected),
    ]
}

/// Headers and the beginning of a body that goes on until the connection is closed.
fn answer_of_no_end(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n\r\nfor ever and ever ").into_bytes()
}

fn waits() -> Vec<Case> {
    let busy = "429 Too Many Requests";
    let out = "503 Service Unavailable";
    let both = (Deferred, Deferred);
    let after = |text: &str| format!("retry-after: {text}\r\n");
    let prompt = || says("503 at once", out, "", Deferred, Deferred);
    let dated = after("Thu, 01 Jan 2026 00:02:00 GMT");
    vec![
        says("408", "408 Request Timeout", "", Deferred, Deferred),
        says("429 bare", busy, "", Deferred, Deferred),
        with("429 in 7 s", busy, &after("7"), "", both),
        with("429 in 0 s", busy, &after("0"), "", both),
        with("429 until a date", busy, &dated, "", both),
        with("429 until a past date", busy, &after("Thu, 01 Jan 2015 00:00:00 GMT"), "", both),
        with("429 in -5 s", busy, &after("-5"), "", both),
        with("429 in 2.5 s", busy, &after("2.5"), "", both),
        with("429 in nonsense", busy, &after("soon"), "", both),
        with("429 in ages", busy, &after("18446744073709551615"), "", both),
        with("429 in more than ages", busy, &after("99999999999999999999999"), "", both),
        prompt(),
        Case { what: "503 after 4.9 s", took: Some(Duration::from_millis(4_900)), ..prompt() },
        Case { post: Uncertain, what: "503 after 5 s", ..late(prompt(), 5) },
        with("503 in 3 s", out, &after("3"), "", both),
        Case { what: "503 after 60 s, in 3 s", ..late(with("", out, &after("3"), "", both), 60) },
        closes("503 cut body", cut(out, "oh"), Deferred, Deferred),
    ]
}

fn server_errors() -> Vec<Case> {
    let internal = r#"{"error":"Internal Server Error","message":"An internal error occurred"}"#;
    let unclear = |what, status: &str, body: &str| says(what, status, body, Uncertain, Deferred);
    let id_in_it = r#"{"wasteTrackingId":"26BHUT6U"}"#;
    vec![
        unclear("409", "409 Conflict", ""),
        unclear("500", "500 Internal Server Error", internal),
        unclear("500 with an ID", "500 Internal Server Error", id_in_it),
        unclear("501", "501 Not Implemented", ""),
        unclear("502 HTML", "502 Bad Gateway", "<html><h1>Bad\r\nGateway</h1></html>"),
        unclear("504", "504 Gateway Timeout", ""),
        unclear("505", "505 HTTP Version Not Supported", ""),
        unclear("599", "599 Strange", ""),
        unclear("600", "600 Stranger", ""),
        unclear("999", "999 Strangest", ""),
        closes("500 cut body", cut("500 Internal Server Error", "oh"), Uncertain, Deferred),
    ]
}

fn transport() -> Vec<Case> {
    let lost = |what, bytes: &str| closes(what, bytes.as_bytes().to_vec(), Uncertain, Deferred);
    let created = || cut("201 Created", &ID[..20]);
    vec![
        lost("closed without a byte", ""),
        lost("closed in the status line", "HTTP/1.1 20"),
        lost("closed in the headers", "HTTP/1.1 201 Created\r\ncontent-le"),
        lost("nonsense", "220 mail.example ESMTP ready\r\n"),
        lost("status 1000", "HTTP/1.1 1000 Many\r\n\r\n"),
        lost("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        lost(
            "two lengths",
            "HTTP/1.1 201 Created\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        ),
        case("reset after reading", Act::Reset, Uncertain, Deferred),
        runs_out("silence", Act::Hang(Vec::new()), Uncertain, Deferred),
        runs_out(
            "silence after 100",
            Act::Hang(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
            Uncertain,
            Deferred,
        ),
        runs_out(
            "silence in the headers",
            Act::Hang(b"HTTP/1.1 201 Cre".to_vec()),
            Uncertain,
            Deferred,
        ),
        runs_out("201, silence in the body", Act::Hang(created()), Uncertain, Accepted),
        runs_out(
            "400, silence in the body",
            Act::Hang(cut("400 Bad Request", "{")),
            Deferred,
            Deferred,
        ),
        case("201 endless", Act::Endless(answer_of_no_end("201 Created")), Uncertain, Accepted),
        runs_out(
            "endless headers",
            Act::Endless(b"HTTP/1.1 201 Created\r\nx: y".to_vec()),
            Uncertain,
            Deferred,
        ),
    ]
}
