//! Answers of the token endpoint that settle the matter at once.

use std::fmt::Write as _;

use waste_receipts::api::TokenError;

use super::bench::{Bench, SECRET};
use super::support::wire::{Act, answer};

#[tokio::test]
async fn what_is_no_token_fails_at_once_and_says_why() {
    let bad = "400 Bad Request";
    let echo = format!(r#"{{"error":"not {SECRET}"}}"#);
    let cases = [
        ("wrong credentials", bad, r#"{"error":"invalid_client"}"#),
        ("wrong grant", bad, r#"{"error":"unauthorized_client","error_description":"x"}"#),
        ("401 of JSON", "401 Unauthorized", r#"{"error":"invalid_client"}"#),
        ("401 bare", "401 Unauthorized", ""),
        ("an error that repeats the secret", bad, &echo),
        ("an error with colours", bad, r#"{"error":"\u001b[31mred"}"#),
        ("400 of HTML", bad, "<html>bad</html>"),
        ("400 of other JSON", bad, r#"{"message":"bad"}"#),
        ("403 of HTML, as a proxy says it", "403 Forbidden", "<html>blocked</html>"),
        ("404 of JSON", "404 Not Found", r#"{"statusCode":404,"error":"Not Found"}"#),
        ("302", "302 Found", ""),
        ("200 of HTML, as a hotel's network says it", "200 OK", "<html>welcome</html>"),
        ("200 empty", "200 OK", ""),
        ("200 {}", "200 OK", "{}"),
        ("204", "204 No Content", ""),
        ("no text", "200 OK", r#"{"access_token":7}"#),
        ("an empty one", "200 OK", r#"{"access_token":""}"#),
        ("one of two lines", "200 OK", r#"{"access_token":"a\nb"}"#),
        ("one that is no header", "200 OK", r#"{"access_token":"ä"}"#),
        ("another type", "200 OK", r#"{"access_token":"t","token_type":"mac"}"#),
    ];
    let mut rows = String::new();
    for (what, status, body) in cases {
        let bench = Bench::new([Act::Say(answer(status, "location: /x\r\n", body))]).await;
        let error = bench.now().await.expect_err(what);
        assert_eq!(bench.wire.seen().len(), 1, "{what} was asked again, or followed");
        assert!(!error.to_string().contains(SECRET), "{what}: {error}");
        _ = writeln!(rows, "{what}\n  {}", short(&error));
    }
    insta::assert_snapshot!("answers", rows);
}

fn short(error: &TokenError) -> String {
    match error {
        TokenError::Refused { code } => format!("refused: {code}"),
        TokenError::Unavailable(why) => format!("unavailable: {why}"),
        TokenError::Unreadable(what) => format!("unreadable: {what}"),
    }
}

#[tokio::test]
async fn a_type_is_spelt_in_any_way() {
    for kind in ["", r#","token_type":"bearer""#, r#","token_type":"BEARER""#] {
        let body = format!(r#"{{"access_token":"t"{kind}}}"#);
        let bench = Bench::new([Act::Say(answer("200 OK", "", &body))]).await;
        assert_eq!(bench.now().await.ok().as_deref(), Some("t"), "{kind}");
    }
}
