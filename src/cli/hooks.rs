//! What is done after a run: figures are written, and commands are run that tell somebody.
//!
//! A command is one text, run by the system's shell: `sh -c TEXT` on Unix, `cmd /D /S /C "TEXT"` on
//! Windows. It reads the run's summary, one JSON object, from standard input, and finds the exit
//! code in the variable `RUN_EXIT_CODE`. The client secret is not in its environment. What it prints
//! goes to standard error. It has a minute. Whatever becomes of it, the run's own exit code stands.

use std::collections::HashMap;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::console::Console;
use super::exit::Exit;
use super::logging;
use super::metrics::{self, Figures, Work};
use super::session::Session;
use super::settings::{SECRET_VARIABLE, Settings};
use super::summary::Summary;
use super::unattended::Hooks;
use crate::ledger::RunTally;
use crate::private;

/// So long may a command take.
const LIMIT: Duration = Duration::from_secs(60);
/// Where a command finds the exit code of the run.
const EXIT_CODE_VARIABLE: &str = "RUN_EXIT_CODE";

/// Closes the ledger after a run, and then tells whoever wants to know of it.
pub(super) async fn end(
    session: Session,
    settings: &Settings,
    (tally, new_records): (&RunTally, u64),
    hurried: bool,
    exit: Exit,
    summary: &Summary,
    console: &Console,
) -> anyhow::Result<()> {
    let hooks = &settings.unattended.hooks;
    let backlog = match &hooks.metrics {
        Some(_) => session.ledger.overview().await?.states,
        None => HashMap::new(),
    };
    let (command, elapsed) = (session.command, session.elapsed());
    let environment = session.service.binding.name.clone();
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    logging::ended(exit.code(), elapsed_ms);
    session.end().await?;
    if hurried {
        return Ok(());
    }
    let work = Work { environment: &environment, elapsed, tally, new_records, backlog: &backlog };
    let ended_at = jiff::Timestamp::now();
    let figures = Figures { command, exit, ended_at, work: Some(work) };
    ended(hooks, &serde_json::to_string(summary)?, &figures, console).await;
    Ok(())
}

/// After a run that came to its end.
async fn ended(hooks: &Hooks, summary: &str, figures: &Figures<'_>, console: &Console) {
    if let Some(path) = &hooks.metrics {
        write_metrics(path, figures, console);
    }
    tell(hooks, summary, figures.exit, console).await;
}

/// After a run that could not do its work at all.
pub(super) async fn failed(
    hooks: &Hooks,
    command: &'static str,
    exit: Exit,
    why: &str,
    console: &Console,
) {
    if let Some(path) = &hooks.metrics {
        write_metrics(path, &Figures::of_failure(command, exit), console);
    }
    let summary = json!({ "command": command, "error": why, "exitCode": exit.code() });
    tell(hooks, &summary.to_string(), exit, console).await;
}

fn write_metrics(path: &Path, figures: &Figures<'_>, console: &Console) {
    // Others read it: it holds nothing but figures.
    if let Err(error) = private::replace(path, metrics::text(figures).as_bytes(), true) {
        console.warn(format!("The figures {} cannot be written: {error}", path.display()));
    }
}

/// Tells whoever wants to know, and says where that failed.
async fn tell(hooks: &Hooks, summary: &str, exit: Exit, console: &Console) {
    let notify = hooks.notify.as_deref().filter(|_| exit != Exit::Success);
    for (name, command) in [("notify", notify), ("heartbeat", hooks.heartbeat.as_deref())] {
        let Some(command) = command else { continue };
        if let Err(why) = run(command, summary, exit, LIMIT).await {
            tracing::warn!(event = "hook", hook = name, why, "the command failed");
            console.warn(format!("The {name} command {why}: {command}"));
        }
    }
}

async fn run(command: &str, input: &str, exit: Exit, limit: Duration) -> Result<(), String> {
    let mut child = shell(command)
        .env_remove(SECRET_VARIABLE)
        .env(EXIT_CODE_VARIABLE, exit.code().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::from(std::io::stderr()))
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("could not be started ({error})"))?;
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // Whoever does not read it has what it needs.
            let _ = stdin.write_all(format!("{input}\n").as_bytes()).await;
            let _ = stdin.shutdown().await;
        }
    };
    let end = async { tokio::join!(feed, child.wait()).1 };
    match tokio::time::timeout(limit, end).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(ended_with(status)),
        Ok(Err(error)) => Err(format!("cannot be waited for ({error})")),
        Err(_) => Err(format!("took longer than {} s and was stopped", limit.as_secs())),
    }
}

fn ended_with(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "was killed".to_owned(),
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd.exe");
    // With /S, cmd takes off the outer quotes and leaves the rest as it was written.
    shell.args(["/D", "/S", "/C"]).raw_arg(format!("\"{command}\""));
    shell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_that_fails_or_hangs_is_told() {
        let fails = run("exit 3", "{}", Exit::Success, LIMIT).await;
        assert_eq!(fails, Err("ended with exit code 3".to_owned()));
        let hangs = if cfg!(windows) { "pause" } else { "exec sleep 600" };
        let stopped = run(hangs, "{}", Exit::Success, Duration::from_millis(50)).await;
        // On Windows pause reads the summary, and ends.
        assert!(cfg!(windows) || stopped.is_err_and(|why| why.contains("was stopped")));
        let missing = run("no-such-program-anywhere", "{}", Exit::Success, LIMIT).await;
        assert!(missing.is_err_and(|why| why.starts_with("ended with exit code")));
    }
}
