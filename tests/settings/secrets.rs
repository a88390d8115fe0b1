//! Where the client secret may come from.

use super::bench::{place, refused, token};
use super::support::program::{Place, beside};
use super::support::wire::Wire;

fn with_file(place: &Place, file: &str) -> assert_cmd::Command {
    let mut command = token(place);
    command.args(["--environment", "test", "--client-id", "i", "--client-secret-file", file]);
    command
}

#[tokio::test]
async fn a_secret_in_the_settings_file_is_refused_and_not_repeated() {
    for text in
        ["client-secret = \"hunter2\"", "client_secret = \"hunter2\"", "secret = \"hunter2\""]
    {
        let place = place();
        place.write("waste-receipts.toml", text);
        let ended = refused(token(&place), &["waste-receipts.toml"]).await;
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
}

#[tokio::test]
async fn a_secret_is_no_flag() {
    let place = place();
    for flag in ["--client-secret=hunter2", "--secret=hunter2"] {
        let mut command = token(&place);
        command.arg(flag);
        let ended = refused(command, &["unexpected argument"]).await;
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
}

#[tokio::test]
async fn a_secret_file_may_begin_with_a_mark_and_end_with_a_line() {
    let wire = Wire::api([]).await;
    let place = place();
    for written in ["the-secret", "the-secret\n", "\u{feff}the-secret\r\n", "  the-secret \n\n"] {
        place.write("written", written);
        let mut command = token(&place);
        command.args(["--token-url", &wire.url(), "--credentials", "form", "--client-id", "i"]);
        command.args(["--client-secret-file", "written"]);
        assert_eq!(beside(command).await.code, 0, "{written:?}");
    }
    let sent = |seen: &super::support::wire::Seen| seen.body.ends_with("client_secret=the-secret");
    assert!(wire.seen().iter().all(sent), "{:?}", wire.seen());
}

#[tokio::test]
async fn a_secret_that_is_missing_is_told() {
    let place = place();
    place.write("empty", "\u{feff}\r\n");
    refused(with_file(&place, "empty"), &["empty is empty"]).await;
    place.write("two", "the-id\nhunter2\n");
    let ended = refused(with_file(&place, "two"), &["several lines"]).await;
    assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    refused(with_file(&place, "nowhere"), &["nowhere"]).await;
    let mut none = token(&place);
    none.args(["--environment", "test", "--client-id", "i"]);
    refused(none, &["no client secret", "WASTE_RECEIPTS_CLIENT_SECRET"]).await;
    let mut no_id = token(&place);
    no_id.args(["--environment", "test", "--client-id", " "]);
    refused(no_id, &["no client ID"]).await;
}

#[tokio::test]
async fn credentials_in_a_url_are_refused_and_not_repeated() {
    let place = place();
    for url in [
        "https://me:hunter2@tokens.invalid",
        "http://me:hunter2@127.0.0.1:1",
        "https://me:hunter2@tokens.invalid:99999",
        "me:hunter2@tokens.invalid",
        "http://tokens.invalid/?client_secret=hunter2",
    ] {
        for flag in ["--token-url", "--api-url"] {
            let mut command = token(&place);
            command.args([flag, url, "--client-id", "i"]);
            let ended = refused(command, &["tokens.invalid", "127.0.0.1"][..0]).await;
            assert!(!ended.err.contains("hunter2"), "{}", ended.err);
        }
    }
}
