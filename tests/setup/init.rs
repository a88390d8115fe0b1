//! `init` without a terminal: flags say all, and what it writes works.

use assert_cmd::Command;
use secrecy::ExposeSecret as _;
use waste_receipts::sandbox::{API_CODES, Options, Sandbox};

use super::support::program::{Place, beside};

fn init(place: &Place, sandbox: &Sandbox) -> Command {
    let mut command = place.command();
    command.args(["init", "--environment", "mine", "--client-id", sandbox.client_id()]);
    command.args(["--api-url", &sandbox.api_url(), "--token-url", &sandbox.token_url()]);
    command.args(["--client-secret-file", "secret", "--api-code", API_CODES[0]]);
    command
}

async fn place_and_sandbox() -> (Place, Sandbox) {
    let sandbox = Sandbox::start(Options::default()).await.expect("a sandbox");
    let place = Place::new();
    place.write("secret", sandbox.client_secret().expose_secret());
    (place, sandbox)
}

#[tokio::test]
async fn what_it_writes_works() {
    let (place, sandbox) = place_and_sandbox().await;
    let ended = beside(init(&place, &sandbox)).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("An access token was given out"), "{}", ended.out);
    assert!(ended.out.contains("it served its 5 code lists"), "{}", ended.out);
    let path = place.path().join("waste-receipts.toml");
    let text = std::fs::read_to_string(&path).expect("a settings file");
    assert!(!text.contains(sandbox.client_secret().expose_secret()), "the secret is in it");
    assert!(text.lines().filter(|line| line.starts_with('#')).count() > 6, "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name: &str| {
            let metadata = std::fs::metadata(place.path().join(name)).expect(name);
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode("waste-receipts.toml"), 0o600);
        assert_eq!(mode("waste-receipts.sqlite"), 0o600);
    }
    // The next command needs no flag.
    let samples = include_str!("../../samples/movements.jsonl");
    place.write("some.jsonl", samples.lines().next().expect("a line"));
    let mut submit = place.command();
    submit.args(["submit", "some.jsonl", "-q"]);
    assert_eq!(beside(submit).await.code, 0);
    assert_eq!(sandbox.stored().movements.len(), 1);
    // It is never written over.
    let again = beside(init(&place, &sandbox)).await;
    assert_eq!(again.code, 2, "{again:?}");
    assert!(again.err.contains("already"), "{}", again.err);
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), text);
}

#[tokio::test]
async fn a_wrong_secret_is_told_and_the_settings_stay() {
    let (place, sandbox) = place_and_sandbox().await;
    place.write("secret", "a-wrong-secret");
    let ended = beside(init(&place, &sandbox)).await;
    assert_eq!(ended.code, 6, "{ended:?}");
    assert!(ended.err.contains("waste-receipts doctor says more"), "{}", ended.err);
    assert!(ended.err.contains("refused the credentials"), "{}", ended.err);
    assert!(place.path().join("waste-receipts.toml").exists());
}

#[test]
fn without_a_terminal_it_says_what_it_needs() {
    let place = Place::new();
    place.write("secret", "the-secret");
    let needs = |arguments: &[&str], words: &str| {
        let ended = place.run([&["init"][..], arguments].concat());
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.err.contains(words), "{words}: {}", ended.err);
        assert!(!place.path().join("waste-receipts.toml").exists());
    };
    needs(&[], "--environment");
    needs(&["--environment", "mine"], "--api-url");
    needs(&["--environment", "test"], "--client-secret-file");
    needs(&["--environment", "test", "--client-secret-file", "secret"], "--client-id");
    let missing = ["--environment", "test", "--client-secret-file", "none", "--client-id", "i"];
    needs(&missing, "there is no file");
    let offline = ["init", "--offline", "--environment", "test", "--client-id", "i"];
    let ended = place.run([&offline[..], &["--client-secret-file", "secret"]].concat());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.err.contains("have not been tried"), "{}", ended.err);
}
