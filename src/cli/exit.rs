//! Exit codes: frozen, other people's scripts rely on them.

use std::process::ExitCode;

/// How a command ended. The order is that of the design: when several apply, the first wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Exit {
    /// Usage, settings, or a set-up that the service refuses.
    Usage,
    /// The ledger is in use.
    InUse,
    /// Unexpected failure.
    Failure,
    /// Interrupted.
    Interrupted,
    /// Authentication refused.
    Unauthenticated,
    /// Service charge unpaid.
    Unpaid,
    /// Some are uncertain.
    Uncertain,
    /// Some are invalid, rejected or held; for `check`: there are findings.
    NeedsAPerson,
    /// Some are deferred or ready.
    RetryLater,
    /// The ledger's history was altered.
    Altered,
    /// `status`: something is overdue, or nothing has run, where that was asked for.
    Overdue,
    /// All is well.
    #[default]
    Success,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
            Exit::NeedsAPerson => 3,
            Exit::RetryLater => 4,
            Exit::Uncertain => 5,
            Exit::Unauthenticated => 6,
            Exit::InUse => 7,
            Exit::Unpaid => 8,
            Exit::Altered => 9,
            Exit::Overdue => 10,
            Exit::Interrupted => 130,
        }
    }

    /// The one that wins over another.
    #[must_use]
    pub fn or(self, other: Exit) -> Exit {
        self.min(other)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_design() {
        let all = [
            Exit::Usage,
            Exit::InUse,
            Exit::Failure,
            Exit::Interrupted,
            Exit::Unauthenticated,
            Exit::Unpaid,
            Exit::Uncertain,
            Exit::NeedsAPerson,
            Exit::RetryLater,
            Exit::Altered,
            Exit::Overdue,
            Exit::Success,
        ];
        assert!(all.is_sorted());
        assert_eq!(all.map(Exit::code), [2, 7, 1, 130, 6, 8, 5, 3, 4, 9, 10, 0]);
        assert_eq!(Exit::RetryLater.or(Exit::Uncertain), Exit::Uncertain);
    }
}
