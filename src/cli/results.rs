//! `--results DIR`: what became of a run's movements, in two files beside each other.
//!
//! They are written when the work is done, from the ledger, which has all of it whatever becomes
//! of the files. Those of an earlier run are kept under the time at which they were written:
//! somebody may be correcting them.

use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;

use super::command::export;
use super::failure::usage;
use super::outputs::{Output, Tables, beside};
use crate::calendar;
use crate::export::{Selection, write_accepted};
use crate::ledger::{Ledger, Run};
use crate::submission::State;

const ACCEPTED: &str = "accepted.csv";
const TO_CORRECT: &str = "to-correct";

/// The folder, which can be written to.
#[derive(Debug)]
pub(super) struct Results {
    folder: PathBuf,
}

impl Results {
    /// Before the work starts: makes the folder, and tries whether it can be written to.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).and_then(|()| beside(folder).map(drop)).map_err(
            |error| {
                usage(format!("--results {}: it cannot be written to: {error}", folder.display()))
            },
        )?;
        Ok(Results { folder: std::path::absolute(folder)? })
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes what became of the run's movements. Returns what to say of it.
    pub(super) async fn write(&self, ledger: &Ledger, run: &Run) -> anyhow::Result<Vec<String>> {
        self.put_aside()?;
        let path = self.folder.join(ACCEPTED);
        let mut output = BufWriter::new(Output::open(Some(&path))?);
        let accepted = write_accepted(ledger, run, &mut output).await?;
        let selection = Selection {
            states: vec![State::Invalid, State::Rejected],
            run: Some(run),
            nameless_since: 0,
        };
        let mut tables = Tables::new(Some(&self.folder.join(format!("{TO_CORRECT}.csv"))))?;
        let written = export::rows(ledger, &selection, &mut tables, false).await?;
        output.into_inner().map_err(std::io::IntoInnerError::into_error)?.keep()?;
        let paths = tables.keep()?;
        let mut told = vec![format!("{accepted} accepted: {}", path.display())];
        if written.count > 0 {
            told.push(format!("To be corrected: {}", written.told(&paths)));
        }
        told.extend(written.left_out());
        Ok(told)
    }

    /// Gives the results of an earlier run names that tell when they were written.
    fn put_aside(&self) -> anyhow::Result<()> {
        for entry in std::fs::read_dir(&self.folder)? {
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
}

/// Whether a file is one of the newest results: `accepted.csv`, `to-correct.csv`,
/// `to-correct-2.jsonl`.
fn is_result(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((stem, "csv" | "jsonl")) = name.rsplit_once('.') else { return false };
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
