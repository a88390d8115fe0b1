//! `--archive DIR`: files that are done with are moved away.
//!
//! A file is done with once this program has nothing left to send of it. What waits for a person's
//! decision is decided from the ledger, so it does not hold the file back. Rows to be corrected do,
//! unless `--results` leaves them in `to-correct.csv`: nothing vanishes before a person saw it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::console::Console;
use super::failure::{in_words, usage};
use super::inputs::{Inputs, is_as_read};
use super::output::beside;
use crate::intake::{Intake, Source, Standing, put_away};
use crate::ledger::Ledger;

/// The folder, which can be written to.
#[derive(Debug)]
pub(super) struct Archive {
    folder: PathBuf,
}

impl Archive {
    /// Before the work starts: makes the folder, and tries whether it can be written to.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).and_then(|()| beside(folder).map(drop)).map_err(
            |error| {
                usage(format!("--archive {}: it cannot be written to: {error}", folder.display()))
            },
        )?;
        Ok(Archive { folder: std::path::absolute(folder)? })
    }

    /// Moves what is done with. Says what was moved, and what stays and why; whether all that was
    /// to be moved could be.
    pub(super) async fn put_away(
        &self,
        ledger: &Ledger,
        intake: &Intake,
        inputs: &Inputs,
        results_left: bool,
        console: &Console,
    ) -> bool {
        let mut fine = true;
        for source in inputs.sources() {
            let Source::File(path, _) = source else { continue };
            match self.put_one_away(ledger, intake, source, path, results_left).await {
                Ok(Some(told)) => console.say(told),
                Ok(None) => {}
                Err(error) => {
                    fine = false;
                    console.warn(format!(
                        "{} could not be moved to {}: {}. It stays where it is.",
                        path.display(),
                        self.folder.display(),
                        in_words(&error)
                    ));
                }
            }
        }
        fine
    }

    async fn put_one_away(
        &self,
        ledger: &Ledger,
        intake: &Intake,
        source: &Source,
        path: &Path,
        results_left: bool,
    ) -> anyhow::Result<Option<String>> {
        let name = path.display();
        let newest = ledger.newest_reading(&source.place()).await?;
        if !newest.is_some_and(|reading| reading.admitted) {
            // It was refused, which has been said.
            return Ok(None);
        }
        if !is_as_read(ledger, source).await? {
            return Ok(Some(format!("{name} has changed since it was read; it stays.")));
        }
        let Standing { waiting, to_correct, to_decide } = intake.standing(ledger, source).await?;
        if waiting > 0 {
            return Ok(Some(format!("{name} stays: {waiting} of its movements wait to be sent.")));
        }
        if to_correct > 0 && !results_left {
            return Ok(Some(format!(
                "{name} stays: {to_correct} of its records are to be corrected. With --results DIR \
                 they are left in to-correct.csv, and the file is moved."
            )));
        }
        let target = put_away(path, &self.folder)?;
        let mut told = format!("{name}: moved to {}", target.display());
        for (count, what) in [
            (to_correct, "to be corrected (export writes them)"),
            (to_decide, "to be decided (list --state uncertain,held shows them)"),
        ] {
            if count > 0 {
                let _ = write!(told, "; {count} of its records are {what}");
            }
        }
        Ok(Some(told))
    }
}
