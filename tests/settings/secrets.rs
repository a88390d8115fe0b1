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

#[tokio::test]
async fn systemd_hands_the_secret_over_in_a_folder() {
    let wire = Wire::api([]).await;
    let place = place();
    place.write("credentials/client-secret", "the-secret\n");
    let with_credentials = |more: &[&str]| {
        let mut command = token(&place);
        command.args(["--token-url", &wire.url(), "--credentials", "form", "--client-id", "i"]);
        command.env("CREDENTIALS_DIRECTORY", place.path().join("credentials")).args(more);
        command
    };
    assert_eq!(beside(with_credentials(&[])).await.code, 0);
    // A file that is named wins, and so does the variable.
    place.write("named", "the-named-secret");
    assert_eq!(beside(with_credentials(&["--client-secret-file", "named"])).await.code, 0);
    let mut variable = with_credentials(&[]);
    variable.env("WASTE_RECEIPTS_CLIENT_SECRET", "the-variable-secret");
    assert_eq!(beside(variable).await.code, 0);
    let sent: Vec<String> = wire.seen().into_iter().map(|seen| seen.body).collect();
    let expected = ["the-secret", "the-named-secret", "the-variable-secret"];
    assert!(
        sent.iter()
            .zip(expected)
            .all(|(body, secret)| { body.ends_with(&format!("client_secret={secret}")) })
    );
    // A folder without it is none.
    let mut none = token(&place);
    none.args(["--environment", "test", "--client-id", "i"]);
    none.env("CREDENTIALS_DIRECTORY", place.path().join("home"));
    refused(none, &["no client secret", "LoadCredential=client-secret"]).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_secret_that_others_can_read_is_said_loudly() {
    use std::os::unix::fs::PermissionsExt as _;
    let wire = Wire::api([]).await;
    let place = place();
    let path = place.write("secret", "the-secret");
    for (mode, loud) in [(0o644, true), (0o640, true), (0o604, true), (0o600, false)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("a mode");
        let mut command = token(&place);
        command.args(["-q", "--token-url", &wire.url(), "--client-id", "i"]);
        command.args(["--client-secret-file", "secret"]);
        let ended = beside(command).await;
        assert_eq!(ended.code, 0, "{ended:?}");
        assert_eq!(ended.err.contains("WARNING: others on this machine"), loud, "{mode:o}");
        assert!(!ended.err.contains("the-secret"), "{}", ended.err);
    }
    // Who sends nothing is not told.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    let mut status = place.command();
    status.args(["status", "--environment", "test", "--client-secret-file", "secret"]);
    assert!(!beside(status).await.err.contains("WARNING"));
}
