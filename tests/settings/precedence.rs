//! Flags over variables over the settings file over defaults.

use super::bench::{place, token};
use super::support::program::{Place, beside};
use super::support::wire::{Act, Seen, TOKEN, Wire};

fn credentials(seen: &Seen) -> String {
    seen.body.trim_start_matches("grant_type=client_credentials&").to_owned()
}

#[tokio::test]
async fn each_source_wins_over_the_next() {
    let wire = Wire::api([]).await;
    let place = place();
    place.write(
        "waste-receipts.toml",
        format!(
            "token-url = \"{}\"\nclient-id = \"file\"\nclient-secret-file = \"secret\"\n\
             credentials = \"form\"\n",
            wire.url()
        ),
    );
    let of_file = token(&place);
    let mut of_variable = token(&place);
    of_variable.env("WASTE_RECEIPTS_CLIENT_ID", "variable");
    let mut of_flag = token(&place);
    of_flag.env("WASTE_RECEIPTS_CLIENT_ID", "variable").args(["--client-id", "flag"]);
    for command in [of_file, of_variable, of_flag] {
        let ended = beside(command).await;
        assert_eq!((ended.code, ended.out.trim()), (0, TOKEN), "{}", ended.err);
    }
    let sent: Vec<String> = wire.seen().iter().map(credentials).collect();
    let expected =
        ["file", "variable", "flag"].map(|id| format!("client_id={id}&client_secret=the-secret"));
    assert_eq!(sent, expected);
}

/// Which secret is sent when it is named in several ways.
#[tokio::test]
async fn the_secret_follows_the_same_order() {
    let wire = Wire::api([]).await;
    let place = place();
    place.write("flagged", "of-the-flag");
    place.write(
        "waste-receipts.toml",
        format!(
            "token-url = \"{}\"\nclient-id = \"i\"\nclient-secret-file = \"secret\"\n\
             credentials = \"form\"",
            wire.url()
        ),
    );
    let secret = "WASTE_RECEIPTS_CLIENT_SECRET";
    let of_file = token(&place);
    let mut of_variable = token(&place);
    of_variable.env(secret, "of-the-variable");
    let mut of_empty_variable = token(&place);
    of_empty_variable.env(secret, "");
    let mut of_flag = token(&place);
    of_flag.env(secret, "of-the-variable").args(["--client-secret-file", "flagged"]);
    for command in [of_file, of_variable, of_empty_variable, of_flag] {
        let ended = beside(command).await;
        assert_eq!(ended.code, 0, "{}", ended.err);
    }
    let sent: Vec<String> = wire.seen().iter().map(credentials).collect();
    let expected = ["the-secret", "of-the-variable", "the-secret", "of-the-flag"]
        .map(|secret| format!("client_id=i&client_secret={secret}"));
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn paths_in_the_settings_file_start_from_it() {
    let wire = Wire::api([]).await;
    let place = Place::new();
    place.write("conf/keys/secret", "the-secret");
    let settings = place.write(
        "conf/settings.toml",
        format!(
            "token-url = \"{}\"\nclient-id = \"i\"\nclient-secret-file = \"keys/secret\"\n\
             log-file = \"log.txt\"\nledger = \"books/own.sqlite\"\napi-url = \"{}\"",
            wire.url(),
            wire.url()
        ),
    );
    let mut elsewhere = token(&place);
    elsewhere.current_dir(place.path().join("home"));
    elsewhere.arg("--config").arg(&settings);
    let ended = beside(elsewhere).await;
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(place.path().join("conf/log.txt").is_file());
    place.write("home/none.jsonl", "");
    let mut submit = place.command();
    submit.current_dir(place.path().join("home"));
    submit.args(["submit", "none.jsonl"]).env("WASTE_RECEIPTS_CONFIG", &settings);
    let ended = beside(submit).await;
    assert!(place.path().join("conf/books/own.sqlite").is_file(), "{}", ended.err);
}

#[tokio::test]
async fn the_settings_of_the_user_are_found_where_none_are_here() {
    let wire = Wire::start([Act::Close(Vec::new())], []).await;
    let place = place();
    let folder = if cfg!(target_os = "macos") {
        "home/Library/Application Support"
    } else if cfg!(windows) {
        return;
    } else {
        "home/.config"
    };
    let text = format!(
        "token-url = \"{}\"\nclient-id = \"i\"\nclient-secret-file = \"{}\"",
        wire.url(),
        place.path().join("secret").display()
    );
    place.write(&format!("{folder}/waste-receipts/waste-receipts.toml"), text);
    assert_eq!(beside(token(&place)).await.code, 4);
    assert_eq!(wire.count("/oauth2/token"), 1);
    // One that is here wins, whole.
    place.write("waste-receipts.toml", "client-id = \"i\"");
    assert_eq!(beside(token(&place)).await.code, 2);
}
