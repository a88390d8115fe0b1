//! Mistakes in settings: refused with exit code 2, named, with what was probably meant.

use super::bench::{place, refused, token};

#[tokio::test]
async fn what_is_not_known_is_refused_with_the_nearest_name() {
    for (text, words) in [
        ("enviroment = \"test\"", ["enviroment", "did you mean environment?"]),
        ("api_url = \"x\"", ["api_url", "did you mean api-url?"]),
        ("client_secret_file = \"x\"", ["client_secret_file", "client-secret-file?"]),
        ("[production]\nrate = 1", ["production", "there is no such setting"]),
        ("frobnicate = 1", ["frobnicate", "there is no such setting"]),
    ] {
        let place = place();
        place.write("waste-receipts.toml", text);
        refused(token(&place), &[words[0], words[1], "waste-receipts.toml"]).await;
    }
    let place = place();
    let mut command = token(&place);
    command.env("WASTE_RECEIPTS_API_CDOE", "x");
    refused(command, &["WASTE_RECEIPTS_API_CDOE", "did you mean WASTE_RECEIPTS_API_CODE?"]).await;
    let mut command = token(&place);
    command.args(["--environment", "producton"]);
    refused(command, &["producton", "Did you mean production?", "gdx-dev", "sandbox"]).await;
    let mut command = token(&place);
    command.arg("--enviroment=test");
    refused(command, &["--enviroment", "--environment"]).await;
    refused(token(&place), &["which environment?", "there is no default"]).await;
}

#[tokio::test]
async fn values_are_checked_and_named() {
    for (text, words) in [
        ("rate = \"fast\"", ["rate", "a whole number"]),
        ("rate = -1", ["rate", "-1 is not in the range from 0"]),
        ("in-flight = 0", ["in-flight", "from 1 to 65535"]),
        ("in-flight = \"many\"", ["in-flight", "auto"]),
        ("in-flight = 70000", ["in-flight", "70000"]),
        ("max-invalid = 150", ["max-invalid", "from 0 to 100"]),
        ("timeout = \"soon\"", ["timeout", "write 90s"]),
        ("timeout = -1", ["timeout", "\"-1\" is not a time"]),
        ("timeout = 0", ["--timeout of 0", "uncertain"]),
        ("give-up-after = 9223372036854775807", ["give-up-after", "more than a year"]),
        ("environment = 7", ["environment", "a text in quotes"]),
        ("credentials = \"all\"", ["credentials", "both, basic, form"]),
        ("uncertain = \"guess\"", ["uncertain", "hold, resend"]),
        ("on-change = \"\"", ["on-change", "hold, update"]),
        ("log-format = \"xml\"", ["log-format", "text, json"]),
    ] {
        let place = place();
        place.write("waste-receipts.toml", text);
        refused(token(&place), &words).await;
    }
    let place = place();
    for (flag, value) in [
        ("--rate", "fast"),
        ("--in-flight", "0"),
        ("--max-invalid", "101"),
        ("--timeout", "0s"),
        ("--give-up-after", "18446744073709551615"),
        ("--credentials", "all"),
    ] {
        let mut command = place.command();
        command.args(["token", flag, value, "--environment", "test", "--client-id", "i"]);
        command.env("WASTE_RECEIPTS_CLIENT_SECRET", "s");
        refused(command, &[flag]).await;
    }
}

#[tokio::test]
async fn a_file_that_is_no_toml_is_told_by_line_and_not_repeated() {
    let place = place();
    place.write("waste-receipts.toml", "rate = 5\n\nclient-id = hunter2\n");
    let ended = refused(token(&place), &["waste-receipts.toml, line 3:"]).await;
    assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    place.write("waste-receipts.toml", "\u{feff}rate = 5\nrate = 6\n");
    refused(token(&place), &["waste-receipts.toml, line 2:", "duplicate"]).await;
    place.write("waste-receipts.toml", b"rate = 5 # caf\xe9");
    refused(token(&place), &["waste-receipts.toml", "UTF-8"]).await;
    let mut command = token(&place);
    command.args(["--config", "elsewhere.toml"]);
    refused(command, &["there is no settings file elsewhere.toml"]).await;
    let mut command = token(&place);
    command.args(["--config", "home"]);
    refused(command, &["there is no settings file home"]).await;
}

#[tokio::test]
async fn a_byte_order_mark_is_no_mistake() {
    let place = place();
    place.write("waste-receipts.toml", "\u{feff}max-invalid = 101");
    refused(token(&place), &["max-invalid: 101"]).await;
}

#[tokio::test]
async fn no_limit_is_for_this_machine_only() {
    let place = place();
    place.write("m.jsonl", "");
    let mut command = place.command();
    command.args(["submit", "m.jsonl", "--environment", "test", "--rate", "0"]);
    refused(command, &["--rate 0", "this machine only"]).await;
    let sandbox = ["check", "m.jsonl", "--rate", "0", "--environment", "sandbox"];
    assert_ne!(place.run(sandbox).code, 2);
}

/// What would keep a run from sending is told before it reads a file or makes a ledger.
#[tokio::test]
async fn a_set_up_that_cannot_send_is_told_first() {
    let place = place();
    place.write("m.jsonl", "{}");
    place.write("none.pem", "no certificate");
    let arguments = ["submit", "m.jsonl", "--environment", "test", "--ledger", "own.sqlite"];
    let mut no_id = place.command();
    no_id.args(arguments);
    refused(no_id, &["no client ID"]).await;
    for (file, words) in [("none.pem", "there is none in it"), ("nowhere.pem", "nowhere.pem")] {
        let mut command = place.command();
        command.args(arguments).args(["--client-id", "i", "--ca-file", file]);
        command.args(["--client-secret-file", "secret"]);
        refused(command, &["certificates", words]).await;
    }
    assert!(!place.path().join("own.sqlite").exists());
}

#[tokio::test]
async fn standard_input_needs_a_format() {
    let place = place();
    let mut command = place.command();
    command.args(["check", "-"]).write_stdin("");
    refused(command, &["--format"]).await;
    let mut command = place.command();
    command.args(["check", "-", "--format", "jsonl"]).write_stdin("");
    assert_ne!(super::support::program::beside(command).await.code, 2);
}
