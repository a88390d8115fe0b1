//! `purge`: personal data of old movements is deleted for good.

use std::fmt::Write as _;

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use crate::calendar;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failed, usage};
use crate::cli::history;
use crate::cli::restored;
use crate::cli::session::{host, look, user};
use crate::cli::settings::Settings;
use crate::clock::Clock;
use crate::ledger::{self, Access, Creation, Head, Ledger, Purged, RunFacts};

/// `purge`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:  waste-receipts purge --before 2024-01-01 --personal-data --dry-run"
)]
pub(in crate::cli) struct PurgeArgs {
    /// Only of loads that were received before this day
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(in crate::cli) before: Date,
    /// Delete names, addresses, phone numbers, e-mail addresses, number plates and free text
    #[arg(long, required = true)]
    pub(in crate::cli) personal_data: bool,
    /// Count what would be deleted, and delete nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("\"{text}\" is no day: write 2024-01-31"))
}

/// The object of `purge --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    environment: &'a str,
    before: String,
    dry_run: bool,
    purged: u64,
    records: u64,
    left: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain_head: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain_count: Option<i64>,
}

pub(in crate::cli) async fn run(
    args: &PurgeArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    if args.before > calendar::london_day(Clock::system().wall()) {
        return Err(usage(format!("--before {} is yet to come", args.before)));
    }
    let (purged, head) = if args.dry_run {
        let ledger = look(settings).await?;
        let purged = ledger.foresee_purge(args.before).await?;
        ledger.close().await?;
        (purged, None)
    } else {
        let (purged, head) = carry_out(args, settings, console).await?;
        (purged, Some(head))
    };
    if args.json {
        console.out(serde_json::to_string(&Said {
            environment: settings.target()?.name(),
            before: args.before.to_string(),
            dry_run: args.dry_run,
            purged: purged.revisions,
            records: purged.records,
            left: purged.left,
            chain_head: head.as_ref().map(|head| head.hash.as_str()),
            chain_count: head.as_ref().map(|head| head.count),
        })?);
    } else {
        console.out(in_words(args, settings.target()?.name(), &purged));
        if let Some(head) = head {
            console.say(history::line(&head));
        }
    }
    Ok(Exit::Success)
}

async fn carry_out(
    args: &PurgeArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<(Purged, Head)> {
    let binding = settings
        .target()?
        .binding()
        .ok_or_else(|| usage("purge works on a ledger that lasts: name its environment"))?;
    let path = settings.ledger_path()?;
    let access = Access::Write(Creation::Never);
    let mut ledger = Ledger::open(&path, access, &binding, Clock::system()).await?;
    restored::check(&mut ledger, false, console).await?;
    history::adopted(&ledger, console);
    // Deleting would take the evidence away.
    if let Some(altered) = ledger::verify(ledger.path(), None).await?.altered {
        let message = format!(
            "the history of {} was altered ({} {}): nothing is deleted from it. See what verify \
             says",
            path.display(),
            altered.kind,
            altered.what
        );
        return Err(Failed { exit: Exit::Altered, message }.into());
    }
    let facts = RunFacts { command: "purge".to_owned(), user: user(), host: host() };
    let run = ledger.begin_run(&facts).await?;
    ledger.recover(&run).await?;
    let purged = ledger.purge(&run, &facts.user, args.before).await;
    let exit = if purged.is_ok() { Exit::Success } else { Exit::Failure };
    let head = ledger.end_run(&run, i64::from(exit.code()), "{}").await?;
    let purged = purged?;
    ledger.close().await?;
    Ok((purged, head))
}

fn in_words(args: &PurgeArgs, environment: &str, purged: &Purged) -> String {
    let Purged { revisions, records, left } = purged;
    let would = if args.dry_run { "would be deleted" } else { "is deleted" };
    let mut text = format!(
        "Personal data of {revisions} contents of loads received before {}, and of {records} \
         records without a reference, {would} (environment {environment}).",
        args.before
    );
    if *left > 0 {
        let _ = write!(
            text,
            "\n{left} contents from before that day stay as they are: their movements are still to \
             be sent or decided about (waste-receipts list --state \
             ready,deferred,uncertain,held)."
        );
    }
    if !args.dry_run {
        text.push_str(
            "\nBackups, exports, logs, archived files and the files that were submitted are not \
             the ledger's: see to them yourself.",
        );
    }
    text
}
