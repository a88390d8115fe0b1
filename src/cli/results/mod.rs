//! `--results DIR`: what became of a run's movements, in two files beside each other; with
//! `--split-by api-code` in a folder for each operator.
//!
//! They are written when the work is done, from the ledger, which has all of it whatever becomes
//! of the files. Those of an earlier run are kept under the time at which they were written:
//! somebody may be correcting them.

mod parts;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;

use super::failure::usage;
use super::operators::{Folders, Operators};
use super::output::beside;
use super::settings::Settings;
use crate::calendar;
use crate::export::{Accepted, Records, Selection};
use crate::ledger::{Ledger, Run};
use crate::submission::State;
use parts::{Kept, Parts};

const ACCEPTED: &str = "accepted.csv";
const TO_CORRECT: &str = "to-correct";
/// So many operators with something to correct are named.
const NAMED: usize = 20;

/// The folder, which can be written to.
#[derive(Debug)]
pub(super) struct Results {
    folder: PathBuf,
    /// The operators' names, where each has a folder of its own.
    split: Option<Operators>,
    api_code: Option<String>,
}

impl Results {
    /// Those that the settings ask for. Before the work starts: makes the folder, and tries whether
    /// it can be written to.
    pub(super) fn of(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let filing = &settings.filing;
        let Some(folder) = &filing.results else {
            if filing.split_by.is_some() {
                return Err(usage("--split-by splits results: say with --results where they go"));
            }
            return Ok(None);
        };
        std::fs::create_dir_all(folder).and_then(|()| beside(folder).map(drop)).map_err(
            |error| {
                usage(format!("--results {}: it cannot be written to: {error}", folder.display()))
            },
        )?;
        let split = filing.split_by.map(|_| filing.operators.clone());
        let api_code = settings.api_code.clone();
        Ok(Some(Results { folder: std::path::absolute(folder)?, split, api_code }))
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes what became of the run's movements. Returns what to say of it.
    pub(super) async fn write(&self, ledger: &Ledger, run: &Run) -> anyhow::Result<Vec<String>> {
        put_aside(&self.folder)?;
        let folders = match &self.split {
            Some(operators) => Some(operators.folders(ledger.operators().await?)),
            None => None,
        };
        for (_, folder) in folders.iter().flat_map(Folders::all) {
            let folder = self.folder.join(folder);
            if folder.is_dir() {
                put_aside(&folder)?;
            }
        }
        let mut parts = Parts::new(&self.folder, folders.as_ref());
        let mut kept = Vec::new();
        loop {
            write_once(ledger, run, &mut parts, self.api_code.as_deref()).await?;
            kept.extend(parts.keep()?);
            if !parts.go_round_again() {
                break;
            }
        }
        Ok(match &folders {
            None => kept.first().map(of_one).unwrap_or_default(),
            Some(_) => of_operators(&kept, &self.folder),
        })
    }
}

/// Goes through the run's movements once.
async fn write_once(
    ledger: &Ledger,
    run: &Run,
    parts: &mut Parts<'_>,
    api_code: Option<&str>,
) -> anyhow::Result<()> {
    let (filter, mut after) = (Accepted::<Vec<u8>>::of(run), 0);
    loop {
        let page = ledger.list(&filter, after).await?;
        let Some(last) = page.last() else { break };
        after = last.movement;
        for row in &page {
            if let Some(part) = parts.of(&row.api_code)? {
                part.accepted.write(ledger, row).await?;
            }
        }
    }
    let states = vec![State::Invalid, State::Rejected];
    let selection = Selection { states, run: Some(run), nameless_since: 0 };
    let mut records = Records::of(ledger, &selection);
    loop {
        let page = records.next_page().await?;
        if page.is_empty() {
            return Ok(());
        }
        for record in &page {
            if let Some(part) = parts.of(&record.api_code)? {
                part.correct(record, &mut records, api_code).await?;
            }
        }
    }
}

/// What is said where all results are in one folder.
fn of_one(kept: &Kept) -> Vec<String> {
    let mut told = vec![format!("{} accepted: {}", kept.accepted, kept.path.display())];
    if kept.written.count > 0 {
        told.push(format!("To be corrected: {}", kept.written.told(&kept.to_correct)));
    }
    told.extend(kept.written.left_out());
    told.extend(kept.remarks.iter().cloned());
    told
}

/// What is said where each operator has a folder.
fn of_operators(kept: &[Kept], folder: &Path) -> Vec<String> {
    let accepted: u64 = kept.iter().map(|kept| kept.accepted).sum();
    let operators = match kept.len() {
        1 => "1 operator".to_owned(),
        count => format!("{count} operators"),
    };
    let mut told = vec![format!("{accepted} accepted, for {operators}: {}", folder.display())];
    let mut all = super::command::export::Written::default();
    for kept in kept {
        all.add(&kept.written);
    }
    let wrong: Vec<&Kept> = kept.iter().filter(|kept| kept.written.count > 0).collect();
    if !wrong.is_empty() {
        let named =
            wrong.iter().take(NAMED).map(|kept| format!("{} ({})", kept.name, kept.written.count));
        let more = match wrong.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} operators more"),
        };
        let named: Vec<String> = named.collect();
        told.push(format!("To be corrected: {} of {}{more}", all.count, named.join(", ")));
    }
    told.extend(all.left_out());
    let remarks = kept
        .iter()
        .flat_map(|kept| kept.remarks.iter().map(|remark| format!("{}: {remark}", kept.name)));
    told.extend(remarks);
    told
}

/// Gives the results of an earlier run names that tell when they were written.
fn put_aside(folder: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if is_result(&path) {
            let written = std::fs::metadata(&path)?.modified()?;
            let aside = unused(&path, Timestamp::try_from(written)?);
            std::fs::rename(&path, &aside).with_context(|| {
                format!("{} cannot be renamed to {}", path.display(), aside.display())
            })?;
        }
    }
    Ok(())
}

/// Whether a file is one of the newest results: `accepted.csv`, `to-correct.csv`,
/// `to-correct-2.jsonl`, `to-correct.xlsx`.
fn is_result(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((stem, "csv" | "jsonl" | "xlsx")) = name.rsplit_once('.') else { return false };
    let number = stem.strip_prefix(TO_CORRECT).map(|rest| rest.strip_prefix('-').unwrap_or(rest));
    name == ACCEPTED || number.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `to-correct.2026-10-05T231502.csv`, or with a number behind the time.
fn unused(path: &Path, written: Timestamp) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let time = calendar::in_london(written).strftime("%Y-%m-%dT%H%M%S");
    let named = |number: usize| match number {
        1 => path.with_file_name(format!("{stem}.{time}.{extension}")),
        _ => path.with_file_name(format!("{stem}.{time}-{number}.{extension}")),
    };
    let mut number = 1;
    while named(number).exists() {
        number += 1;
    }
    named(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_known_by_their_names() {
        for name in ["accepted.csv", "to-correct.csv", "to-correct.jsonl", "to-correct-12.csv"] {
            assert!(is_result(Path::new(name)), "{name}");
        }
        for name in
            ["accepted.jsonl", "to-correct.2026-10-05T231502.csv", "to-correct-mine.csv", "x"]
        {
            assert!(!is_result(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn what_is_put_aside_is_not_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("to-correct.csv");
        let at = "2026-10-05T22:15:02Z".parse().expect("a time");
        let first = unused(&path, at);
        assert!(first.ends_with("to-correct.2026-10-05T231502.csv"), "{first:?}");
        std::fs::write(&first, "").expect("a file");
        assert!(unused(&path, at).ends_with("to-correct.2026-10-05T231502-2.csv"));
    }
}
