//! The service moves: newer lists, and answers that the checks did not foresee. Against a sandbox
//! that is told to differ.

use std::path::Path;
use std::process::Command;

use secrecy::ExposeSecret as _;
use serde_json::Value;
use tempfile::TempDir;
use waste_receipts::sandbox::{API_CODES, Options, Sandbox};

const SAMPLES: &str = include_str!("../samples/movements.csv");

struct Bench {
    sandbox: Sandbox,
    home: TempDir,
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Bench {
    async fn with(fault: Option<&str>) -> Self {
        let faults = fault.iter().map(|fault| fault.parse().expect("a fault")).collect();
        let sandbox = Sandbox::start(Options { faults, ..Options::default() }).await;
        let bench = Bench {
            sandbox: sandbox.expect("a sandbox"),
            home: tempfile::tempdir().expect("a folder"),
        };
        std::fs::write(bench.home.path().join("movements.csv"), samples()).expect("written");
        bench
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    async fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("waste-receipts"));
        let home = self.path();
        command
            .args(args)
            .current_dir(home)
            .env_clear()
            .envs([("HOME", home), ("XDG_DATA_HOME", home), ("XDG_CONFIG_HOME", home)])
            .env("WASTE_RECEIPTS_ENVIRONMENT", "local")
            .env("WASTE_RECEIPTS_API_URL", self.sandbox.api_url())
            .env("WASTE_RECEIPTS_TOKEN_URL", self.sandbox.token_url())
            .env("WASTE_RECEIPTS_CLIENT_ID", self.sandbox.client_id())
            .env("WASTE_RECEIPTS_CLIENT_SECRET", self.sandbox.client_secret().expose_secret())
            .env("WASTE_RECEIPTS_API_CODE", API_CODES[0]);
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        let output = output.expect("no panic").expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    fn kept_lists(&self) -> std::path::PathBuf {
        self.path().join("waste-receipts").join("codes").join("local.json")
    }
}

impl Ran {
    #[track_caller]
    fn says(&self, wanted: &str) {
        assert!(self.out.contains(wanted) || self.err.contains(wanted), "{}{}", self.out, self.err);
    }

    fn drift(&self) -> Vec<(String, String, u64, String)> {
        let summary: Value = serde_json::from_str(&self.out).expect("one object");
        let text = |entry: &Value, name: &str| entry[name].as_str().expect("text").to_owned();
        let entries = summary["drift"].as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .map(|entry| {
                let count = entry["count"].as_u64().expect("a number");
                (text(entry, "kind"), text(entry, "key"), count, text(entry, "example"))
            })
            .collect()
    }
}

/// Three movements, the second with an EWC code that is none.
fn samples() -> String {
    let mut lines = SAMPLES.lines();
    let header = lines.next().expect("a header");
    let row = lines.next().expect("a row");
    let row = |reference, ewc: &str| {
        row.replacen("LM-100231", reference, 1).replacen(",170802,", &format!(",{ewc},"), 1)
    };
    [header, &row("A-1", "170802"), &row("A-2", "999999"), &row("A-3", "170802")].join("\n")
}

const KEY: &str = "wasteItems.n.ewcCodes.n";

fn drifted(kind: &str, count: u64, example: &str) -> (String, String, u64, String) {
    (kind.to_owned(), KEY.to_owned(), count, example.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_drift_is_told_where_there_is_none() {
    let bench = Bench::with(None).await;
    let sent = bench.run(&["submit", "movements.csv", "--json", "--checks", "warn"]).await;
    assert_eq!(sent.code, Some(3), "{}", sent.err);
    assert_eq!(sent.drift(), []);
    let summary: Value = serde_json::from_str(&sent.out).expect("one object");
    assert_eq!((&summary["accepted"], &summary["rejected"]), (&2.into(), &1.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_checks_pass_and_the_service_refuses_is_told() {
    let bench = Bench::with(Some("refuse,key=wasteItems.0.ewcCodes.0")).await;
    // One after the other, so that the first one is the example.
    let sent = bench.run(&["submit", "movements.csv", "--in-flight", "1"]).await;
    assert_eq!(sent.code, Some(3));
    sent.says("The service judges otherwise than the checks");
    sent.says(&format!("2 x  refused what the checks pass: {KEY} InvalidValue, such as A-1"));
    let json = bench.run(&["submit", "movements.csv", "--json"]).await;
    assert_eq!(json.drift(), [], "what was rejected is not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_checks_stop_and_the_service_takes_is_told() {
    for checks in ["warn", "off"] {
        let bench = Bench::with(Some("lenient")).await;
        let sent = bench.run(&["submit", "movements.csv", "--json", "--checks", checks]).await;
        assert_eq!(sent.code, Some(0), "{}", sent.err);
        assert_eq!(sent.drift(), [drifted("passed", 1, "A-2")]);
        assert_eq!(bench.sandbox.stored().movements.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_lists_are_fetched_and_hold() {
    let bench = Bench::with(None).await;
    bench.run(&["codes"]).await.says("All are built into this program");
    let refreshed = bench.run(&["codes", "--refresh"]).await;
    assert_eq!(refreshed.code, Some(0), "{}", refreshed.err);
    refreshed.says("The first five were fetched");
    refreshed.says(&bench.sandbox.api_url());
    // As if the service had taken up a code since.
    let kept = std::fs::read_to_string(bench.kept_lists()).expect("kept");
    let newer = kept.replacen("\"code\":\"010101\"", "\"code\":\"999999\"", 1);
    assert_ne!(kept, newer);
    std::fs::write(bench.kept_lists(), newer).expect("written");
    let checked = bench.run(&["check", "movements.csv", "--json"]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.out);
    // The sandbox does not know it: that is drift.
    let sent = bench.run(&["submit", "movements.csv", "--json"]).await;
    assert_eq!(sent.drift(), [drifted("refused", 1, "A-2")]);
    bench.run(&["codes", "--refresh"]).await.says("ewc-codes: new: 010101; gone: 999999");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_cannot_be_used_are_named() {
    let bench = Bench::with(None).await;
    bench.run(&["codes", "--refresh"]).await;
    std::fs::write(bench.kept_lists(), "{}").expect("written");
    let checked = bench.run(&["check", "movements.csv"]).await;
    assert_eq!(checked.code, Some(2));
    checked.says("local.json cannot be used");
    checked.says("codes --refresh, or delete that file");
    assert_eq!(bench.run(&["codes", "--refresh"]).await.code, Some(0));
    assert_eq!(bench.run(&["check", "movements.csv"]).await.code, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_asks_the_ledger() {
    let bench = Bench::with(None).await;
    let sent = bench.run(&["submit", "movements.csv"]).await;
    assert_eq!(sent.code, Some(3), "{}", sent.err);
    let changed = samples().replacen("Plasterboard", "Broken plasterboard", 1);
    let more = changed.lines().nth(3).expect("a row").replacen("A-3", "A-4", 1);
    std::fs::write(bench.path().join("movements.csv"), format!("{changed}\n{more}\n"))
        .expect("written");
    let foreseen = bench.run(&["submit", "--dry-run", "movements.csv"]).await;
    assert_eq!(foreseen.code, Some(3));
    foreseen.says("1  would be sent as new movements");
    foreseen.says("1  accepted before and unchanged: would not be sent again");
    foreseen.says("1  would be held");
    foreseen.says("1  invalid");
    foreseen.says("To send: A-4\n");
    assert_eq!(bench.sandbox.stored().movements.len(), 2);
}
