//! From whatever went wrong to the exit code that says so.

use crate::api::{ClientError, FetchError, TokenError, UrlError};
use crate::cli::exit::Exit;
use crate::intake::IntakeError;
use crate::ledger::LedgerError;
use crate::reader::{Problem, ReadError};

/// A failure that names its exit code itself.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Failed {
    pub(super) exit: Exit,
    pub(super) message: String,
}

/// A mistake in what was typed or configured.
pub(super) fn usage(message: impl Into<String>) -> anyhow::Error {
    Failed { exit: Exit::Usage, message: message.into() }.into()
}

/// An error with its causes, each said once: some name their cause themselves.
pub(super) fn in_words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !words.contains(&cause) {
            words.push_str(if words.is_empty() { "" } else { ": " });
            words.push_str(&cause);
        }
    }
    words
}

/// The exit code for an error that ends a command.
pub(super) fn exit_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(failed) = cause.downcast_ref::<Failed>() {
            return failed.exit;
        }
        if let Some(ledger) = cause.downcast_ref::<LedgerError>() {
            return of_ledger(ledger);
        }
        if let Some(token) = cause.downcast_ref::<TokenError>() {
            return of_token(token);
        }
        if let Some(fetch) = cause.downcast_ref::<FetchError>() {
            return of_fetch(fetch);
        }
        if let Some(read) = cause.downcast_ref::<ReadError>() {
            return of_file(&read.problem);
        }
        if let Some(IntakeError::Ledger(ledger)) = cause.downcast_ref::<IntakeError>() {
            return of_ledger(ledger);
        }
        if cause.is::<UrlError>() || cause.is::<ClientError>() {
            return Exit::Usage;
        }
    }
    Exit::Failure
}

/// The exit code for a file that cannot be read: what was typed, or what is in it.
pub(super) fn of_file(problem: &Problem) -> Exit {
    match problem {
        Problem::NotFound | Problem::Directory | Problem::UnknownFormat => Exit::Usage,
        Problem::Io(_) => Exit::Failure,
        _ => Exit::NeedsAPerson,
    }
}

/// The exit code for a missing token.
pub(super) fn of_token(error: &TokenError) -> Exit {
    match error {
        TokenError::Refused { .. } => Exit::Unauthenticated,
        TokenError::Unavailable(_) => Exit::RetryLater,
        TokenError::Unreadable(_) => Exit::Usage,
    }
}

/// The exit code for code lists that could not be fetched.
fn of_fetch(error: &FetchError) -> Exit {
    match error {
        FetchError::Token(token) => of_token(token),
        FetchError::Answered { status: 401, .. } => Exit::Unauthenticated,
        FetchError::Answered { status: 402, .. } => Exit::Unpaid,
        FetchError::Answered { status: 300..=404, .. } => Exit::Usage,
        FetchError::Answered { .. } | FetchError::Broken { .. } => Exit::RetryLater,
    }
}

fn of_ledger(error: &LedgerError) -> Exit {
    match error {
        LedgerError::InUse { .. } | LedgerError::Busy | LedgerError::Unswept => Exit::InUse,
        LedgerError::Missing { .. }
        | LedgerError::NetworkDrive { .. }
        | LedgerError::NotALedger { .. }
        | LedgerError::Newer { .. }
        | LedgerError::Restored { .. }
        | LedgerError::Bound { .. }
        | LedgerError::Refused(_) => Exit::Usage,
        LedgerError::Illegal { .. }
        | LedgerError::Damaged(_)
        | LedgerError::Disk(_)
        | LedgerError::DiskFull
        | LedgerError::Io { .. }
        | LedgerError::Closed
        | LedgerError::Database(_) => Exit::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let source = std::io::Error::other("no such drive");
        let error = LedgerError::Io { path: "ledger".into(), source };
        let words = in_words(&anyhow::Error::from(error));
        assert!(words.ends_with(": ledger: no such drive"), "{words}");
        let error = anyhow::Error::msg("inner").context("outer");
        assert_eq!(in_words(&error), "outer: inner");
    }
}
