//! Servers that fail in every way, and repeat what they were told.

use super::support::wire::{Act, answer, cut, token};

pub(crate) const SECRET: &str = "kept-to-yourself/9f3a+7c21";
pub(crate) const ID: &str = "client-of-the-test";
/// What the Basic header holds of both.
pub(crate) const BASIC: &str = "Y2xpZW50LW9mLXRoZS10ZXN0OmtlcHQtdG8teW91cnNlbGYvOWYzYSs3YzIx";
/// The secret as a form holds it.
pub(crate) const IN_A_FORM: &str = "kept-to-yourself%2F9f3a%2B7c21";
pub(crate) const TOKEN: &str = "eyJraWQ.of-the-test-and-nobody-else.c2ln";

/// A token endpoint and an API.
pub(crate) struct Servers {
    pub(crate) what: &'static str,
    pub(crate) token: Vec<Act>,
    pub(crate) api: Vec<Act>,
}

fn says(status: &str, body: &str) -> Act {
    Act::Say(answer(status, "content-type: application/json\r\n", body))
}

/// What a debugging gateway would say: everything that it was told.
fn echo(status: &str) -> Act {
    let body = format!(
        "you said Authorization: Bearer {TOKEN} and Basic {BASIC} and client_secret={SECRET} or \
         {IN_A_FORM}"
    );
    says(status, &body)
}

pub(crate) fn all() -> Vec<Servers> {
    let good = || vec![token(TOKEN, 3_600)];
    let api = |what, api: Vec<Act>| Servers { what, token: good(), api };
    let tokens = |what, token: Act| Servers { what, token: vec![token], api: Vec::new() };
    let created = says("201 Created", r#"{"wasteTrackingId":"26BHUT6U"}"#);
    let repeats = |status: &str| {
        says(
            status,
            &format!(
                r#"{{"validation":{{"errors":[{{"key":"a","errorType":"NotProvided",
                "message":"Bearer {TOKEN}"}}]}}}}"#
            ),
        )
    };
    let warns = says(
        "201 Created",
        &format!(
            r#"{{"wasteTrackingId":"26BHUT6U","validation":{{"warnings":[{{"key":"{TOKEN}",
            "errorType":"{TOKEN}","message":"{TOKEN}"}}]}}}}"#
        ),
    );
    vec![
        api("all is well", vec![created]),
        api("400 that repeats the token", vec![repeats("400 Bad Request")]),
        api("201 that repeats the token", vec![warns]),
        api("500 that repeats all", vec![echo("500 Internal Server Error")]),
        api("403 that repeats all", vec![echo("403 Forbidden")]),
        api("401 that repeats all", vec![echo("401 Unauthorized")]),
        api("402 that repeats all", vec![echo("402 Payment Required")]),
        api("a cut 201 that repeats the token", vec![Act::Close(cut("201 Created", TOKEN))]),
        api("nonsense", vec![Act::Close(format!("{TOKEN} {SECRET}\r\n\r\n").into_bytes())]),
        api("reset", vec![Act::Reset]),
        tokens("wrong secret", says("400 Bad Request", r#"{"error":"invalid_client"}"#)),
        tokens(
            "wrong secret, repeated",
            says("400 Bad Request", &format!(r#"{{"error":"no {SECRET} {BASIC} {IN_A_FORM}"}}"#)),
        ),
        tokens("a token endpoint that repeats all", echo("200 OK")),
        tokens("a busy token endpoint", echo("503 Service Unavailable")),
        tokens(
            "a token of another type",
            says("200 OK", &format!(r#"{{"access_token":"{TOKEN}","token_type":"{TOKEN}"}}"#)),
        ),
        tokens("a token endpoint of nonsense", Act::Close(SECRET.as_bytes().to_vec())),
    ]
}
