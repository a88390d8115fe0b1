//! What a run does with files: where results are left, what is moved away, what is left alone.

use std::path::PathBuf;
use std::time::Duration;

use super::args::{Command, SplitBy};
use super::operators::Operators;

/// What the settings file says of it.
#[derive(Debug, Default)]
pub(super) struct Filed {
    pub(super) results: Option<PathBuf>,
    pub(super) split_by: Option<SplitBy>,
    pub(super) archive: Option<PathBuf>,
    pub(super) settle: Option<Duration>,
    pub(super) strict: Option<bool>,
}

/// The settings, resolved.
#[derive(Debug, Default)]
pub(super) struct Filing {
    /// Where accepted.csv and to-correct.csv are left.
    pub(super) results: Option<PathBuf>,
    /// Whether each operator's are in a folder of their own.
    pub(super) split_by: Option<SplitBy>,
    /// Where files go that are done with.
    pub(super) archive: Option<PathBuf>,
    /// Files that changed less than this ago are left for the next run.
    pub(super) settle: Option<Duration>,
    /// Whether nothing is sent that there is advice about.
    pub(super) strict: bool,
    /// The names of operators' folders.
    pub(super) operators: Operators,
}

impl Filing {
    /// Flags and variables, which came with the command, over the settings file.
    pub(super) fn resolve(command: &Command, file: Filed, operators: Operators) -> Self {
        let (results, split_by) = match command {
            Command::Submit(submit) => (submit.results.clone(), submit.split_by),
            Command::Retry(retry) => (retry.results.clone(), retry.split_by),
            _ => (None, None),
        };
        let submit = match command {
            Command::Submit(submit) => Some(submit),
            _ => None,
        };
        let check = matches!(command, Command::Check(check) if check.strict);
        let given = |path: Option<PathBuf>| path.filter(|path| !path.as_os_str().is_empty());
        Filing {
            results: given(results.or(file.results)),
            split_by: split_by.or(file.split_by),
            archive: given(submit.and_then(|submit| submit.archive.clone()).or(file.archive)),
            settle: submit.and_then(|submit| submit.settle).or(file.settle),
            strict: check
                || submit.is_some_and(|submit| submit.strict)
                || file.strict == Some(true),
            operators,
        }
    }
}
