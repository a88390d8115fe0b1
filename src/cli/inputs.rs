//! What the arguments name: files, folders, standard input.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::args::FileArgs;
use super::console::Console;
use super::exit::Exit;
use super::failure::usage;
use crate::intake::{self, Folder, Source, unfinished};
use crate::ledger::Ledger;

/// A file that was found in a folder is left alone for so long after it changed.
const SETTLE: Duration = Duration::from_secs(5);

/// What is to be read, in order.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    all: Vec<Input>,
    /// The exit code for what was left for a later run.
    pub(super) exit: Exit,
}

/// One of them.
#[derive(Debug, Clone)]
struct Input {
    source: Source,
    /// Found in a folder, not named.
    found: bool,
}

impl Inputs {
    /// What the arguments name: folders by their files, in the order of their names.
    pub(super) fn of(args: &FileArgs, console: &Console) -> anyhow::Result<Self> {
        let mut all: Vec<Input> = Vec::new();
        for path in &args.files {
            if !path.is_dir() {
                let source = intake::source(path, args.format).map_err(usage)?;
                all.push(Input { source, found: false });
                continue;
            }
            let folder = Folder::list(path)
                .map_err(|error| usage(format!("the folder {}: {error}", path.display())))?;
            for other in &folder.others {
                console
                    .say(format!("{}: not a kind of file that is read; skipped.", other.display()));
            }
            if folder.files.is_empty() {
                console.say(format!("There are no files to read in {}.", path.display()));
            }
            all.extend(
                folder
                    .files
                    .into_iter()
                    .map(|file| Input { source: Source::File(file, None), found: true }),
            );
        }
        Ok(Inputs { all, exit: Exit::Success })
    }

    /// One that was named.
    pub(super) fn of_source(source: Source) -> Self {
        Inputs { all: vec![Input { source, found: false }], exit: Exit::Success }
    }

    /// All of them.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.all.iter().map(|input| &input.source)
    }

    /// Leaves what is still being written for a later run. A file that was named is only judged if
    /// a time was given: whoever names a file has finished it.
    pub(super) fn leave_unfinished(
        &mut self,
        settle: Option<Duration>,
        now: Timestamp,
        console: &Console,
    ) {
        self.all.retain(|input| {
            let wanted = settle.or(input.found.then_some(SETTLE));
            let (Source::File(path, _), Some(settle)) = (&input.source, wanted) else {
                return true;
            };
            let Some(why) = unfinished(path, settle, now) else { return true };
            console.warn(format!("{}: {why}; it is left for the next run.", path.display()));
            self.exit = self.exit.or(Exit::RetryLater);
            false
        });
    }

    /// Those that are to be read: not what was found in a folder, was taken in before, and has not
    /// changed since. To read an old file again could only undo what newer ones brought.
    pub(super) async fn unread(
        &self,
        ledger: &Ledger,
        console: &Console,
    ) -> anyhow::Result<Vec<Source>> {
        let (mut unread, mut known) = (Vec::new(), 0);
        for input in &self.all {
            if input.found && is_as_read(ledger, &input.source).await? {
                known += 1;
            } else {
                unread.push(input.source.clone());
            }
        }
        if known > 0 {
            console.say(format!(
                "{known} files were taken in before and have not changed: they are not read again \
                 (unless you name them)."
            ));
        }
        Ok(unread)
    }

    /// Whether a folder is one of those from which files are read.
    pub(super) fn come_from(&self, folder: &Path) -> bool {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = real(folder);
        self.sources().filter_map(parent).any(|parent| real(&parent) == folder)
    }
}

fn parent(source: &Source) -> Option<PathBuf> {
    let Source::File(path, _) = source else { return None };
    Some(std::path::absolute(path).ok()?.parent()?.to_owned())
}

/// Whether a file was admitted, and is the same as then.
pub(super) async fn is_as_read(ledger: &Ledger, source: &Source) -> anyhow::Result<bool> {
    let (size, modified_at) = source.stamp();
    let newest = ledger.newest_reading(&source.place()).await?;
    Ok(newest.is_some_and(|reading| {
        reading.admitted
            && reading.modified_at.is_some()
            && reading.modified_at == modified_at
            && reading.size == size.and_then(|size| i64::try_from(size).ok())
    }))
}
