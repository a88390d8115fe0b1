//! `verify`: is the ledger's history as it was written?

use std::fmt::Write as _;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use crate::calendar;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::ledger::{self, Altered, Verified};

/// `verify`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waste-receipts verify\n  \
                        waste-receipts verify --ledger copy.sqlite --head 9f3a7c21d0b4e5f6")]
pub(in crate::cli) struct VerifyArgs {
    /// A head that an earlier run printed (16 digits or more): it must be in the history
    #[arg(long, value_name = "HASH", value_parser = head)]
    pub(in crate::cli) head: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

fn head(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_hex = text.chars().all(|digit| digit.is_ascii_hexdigit());
    if is_hex && (16..=64).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("a head has 64 hexadecimal digits; give at least the first 16 of them".to_owned())
    }
}

/// The object of `verify --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    ledger: String,
    as_written: bool,
    chain_head: &'a str,
    chain_count: i64,
    attempts: u64,
    decisions: u64,
    files: u64,
    runs: u64,
    purges: u64,
    readings: u64,
    purged: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    head_found: Option<bool>,
    altered: Option<SaidAltered<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SaidAltered<'a> {
    kind: &'a str,
    id: Option<i64>,
    entry: Option<i64>,
    movement: Option<i64>,
    reference: Option<&'a str>,
    number: Option<i64>,
    at: Option<String>,
    message: &'a str,
}

pub(in crate::cli) async fn run(
    args: &VerifyArgs,
    settings: &Settings,
    console: &Console,
) -> anyhow::Result<Exit> {
    let path = settings.ledger_path()?;
    let verified = ledger::verify(&path, args.head.as_deref()).await?;
    if args.json {
        console.out(serde_json::to_string(&said(&path.display().to_string(), &verified))?);
    } else if let Some(altered) = &verified.altered {
        console.out(format!(
            "ALTERED: {}: {}.\nKeep {} as it is, and a copy of it. What stands before this was \
             written by waste-receipts; a backup from before it may tell what was changed.",
            name(altered),
            altered.what,
            path.display()
        ));
    } else if verified.has_head == Some(false) {
        console.out(format!(
            "{}\nALTERED: but none of its entries has the head {}: {} was cut back to before the \
             run that printed it, or is another ledger.",
            whole(&verified),
            args.head.as_deref().unwrap_or_default(),
            path.display()
        ));
    } else if !console.is_quiet() {
        console.out(whole(&verified));
    }
    Ok(if verified.is_whole() { Exit::Success } else { Exit::Altered })
}

fn said<'a>(ledger: &str, verified: &'a Verified) -> Said<'a> {
    let time = |at: i64| Timestamp::from_millisecond(at).ok().map(|at| at.to_string());
    Said {
        ledger: ledger.to_owned(),
        as_written: verified.is_whole(),
        chain_head: &verified.head.hash,
        chain_count: verified.head.count,
        attempts: verified.attempts,
        decisions: verified.decisions,
        files: verified.files,
        runs: verified.runs,
        purges: verified.purges,
        readings: verified.readings,
        purged: verified.purged,
        head_found: verified.has_head,
        altered: verified.altered.as_ref().map(|altered| SaidAltered {
            kind: altered.kind,
            id: altered.id,
            entry: altered.sequence,
            movement: altered.movement,
            reference: altered.reference.as_deref(),
            number: altered.number,
            at: altered.at.and_then(time),
            message: altered.what,
        }),
    }
}

/// A row in words: `attempt 2 of WB-100231 (movement 17), 5 Oct 2026 14:03:22, entry 812`.
fn name(altered: &Altered) -> String {
    let mut name = match (altered.kind, altered.number, altered.id) {
        ("ledger", ..) => "the end of the history".to_owned(),
        ("attempt", Some(number), _) => format!("attempt {number}"),
        (kind, _, Some(id)) => format!("{kind} {id}"),
        (kind, _, None) => kind.to_owned(),
    };
    if let Some(movement) = altered.movement {
        let reference = altered.reference.as_deref().unwrap_or("a movement that is gone");
        let _ = match altered.kind {
            "movement" => write!(name, " ({reference})"),
            _ => write!(name, " of {reference} (movement {movement})"),
        };
    }
    if let Some(at) = altered.at.and_then(|at| Timestamp::from_millisecond(at).ok()) {
        let _ = write!(name, ", {}", calendar::in_london(at).strftime("%-d %b %Y %H:%M:%S"));
    }
    if let Some(sequence) = altered.sequence {
        let _ = write!(name, ", entry {sequence}");
    }
    name
}

fn whole(verified: &Verified) -> String {
    let mut text = format!(
        "All {} entries of the history are as they were written: {} attempts, {} decisions, {} \
         files, {} ends of runs, {} purges.\nEach of the {} contents that were read is what it \
         was, and in a state that follows from its history.",
        verified.head.count,
        verified.attempts,
        verified.decisions,
        verified.files,
        verified.runs,
        verified.purges,
        verified.readings
    );
    if verified.purged > 0 {
        let _ = write!(text, " {} have no personal data any more.", verified.purged);
    }
    let _ = write!(text, "\nHead: {}", verified.head.hash);
    text
}
