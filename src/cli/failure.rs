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
        LedgerError::InUse { .. } => Exit::InUse,
        LedgerError::Missing { .. }
        | LedgerError::NetworkDrive { .. }
        | LedgerError::NotALedger { .. }
        | LedgerError::Newer { .. }
        | LedgerError::Bound { .. }
        | LedgerError::Refused(_) => Exit::Usage,
        LedgerError::Illegal { .. }
        | LedgerError::Damaged(_)
        | LedgerError::DiskFull
        | LedgerError::Io { .. }
        | LedgerError::Database(_) => Exit::Failure,
    }
}
