//! `doctor`: whether a run would find all that it needs, and what to do where not.

mod local;
mod remote;

use clap::Args;
use serde::Serialize;

use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::in_words;
use crate::cli::settings::Settings;

/// `doctor`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waste-receipts doctor\n  waste-receipts doctor --environment \
                        test --json\n\nNothing is sent but what asks for a token and for a code \
                        list; nothing is written. It ends with exit code 2 if something failed."
)]
pub(in crate::cli) struct DoctorArgs {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warning,
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Check { name, verdict: Verdict::Ok, found: found.into(), remedy: None }
    }

    fn warning(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (found, remedy) = (found.into(), Some(remedy.into()));
        Check { name, verdict: Verdict::Warning, found, remedy }
    }

    fn failed(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (found, remedy) = (found.into(), Some(remedy.into()));
        Check { name, verdict: Verdict::Failed, found, remedy }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Findings<'a> {
    checks: &'a [Check],
    exit_code: u8,
}

/// Looks at everything that the settings lead to; an error is one in the settings themselves.
pub(in crate::cli) async fn run(
    args: &DoctorArgs,
    settings: anyhow::Result<Settings>,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let mut checks = Vec::new();
    match &settings {
        Err(error) => checks.push(Check::failed(
            "settings",
            in_words(error),
            "put that right, then run doctor again: the rest depends on it",
        )),
        Ok(settings) => {
            checks.extend(local::settings(settings));
            checks.extend(local::secret(settings));
            console.busy("looking at the servers".to_owned());
            checks.extend(remote::all(settings).await);
            console.done();
            checks.extend(local::ledger(settings).await);
            checks.extend(local::space(settings));
            checks.push(local::permissions(settings));
        }
    }
    let failed = checks.iter().any(|check| check.verdict == Verdict::Failed);
    let exit = if failed { Exit::Usage } else { Exit::Success };
    if args.json {
        let findings = Findings { checks: &checks, exit_code: exit.code() };
        console.out(serde_json::to_string(&findings)?);
    } else {
        console.out_text(text(&checks));
    }
    Ok(exit)
}

fn text(checks: &[Check]) -> String {
    let mut lines = Vec::new();
    for Check { name, verdict, found, remedy } in checks {
        let word = match verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "WARNING",
            Verdict::Failed => "FAILED",
        };
        lines.push(format!("{word:<8} {name:<12} {found}"));
        lines.extend(remedy.iter().map(|remedy| format!("         -> {remedy}")));
    }
    let count = |wanted| checks.iter().filter(|check| check.verdict == wanted).count();
    lines.push(match (count(Verdict::Failed), count(Verdict::Warning)) {
        (0, 0) => "All is well.".to_owned(),
        (0, warnings) => format!("It works; {warnings} to look at."),
        (failed, _) => format!("{failed} failed."),
    });
    lines.join("\n")
}
