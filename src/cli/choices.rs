//! Settings that are a choice among words.

use clap::ValueEnum;

use crate::api::Presentation;
use crate::calendar::PipePeriod;
use crate::intake::Checks;

/// How the credentials are presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CredentialsArg {
    /// Basic header and form fields
    Both,
    /// Basic header only
    Basic,
    /// Form fields only
    Form,
}

impl From<CredentialsArg> for Presentation {
    fn from(how: CredentialsArg) -> Self {
        match how {
            CredentialsArg::Both => Presentation::Both,
            CredentialsArg::Basic => Presentation::Basic,
            CredentialsArg::Form => Presentation::Form,
        }
    }
}

/// What the checks of the API's rules do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ChecksArg {
    /// What fails them is not sent
    Block,
    /// It is sent all the same, and said
    Warn,
    /// They are left to the service
    Off,
}

impl From<ChecksArg> for Checks {
    fn from(checks: ChecksArg) -> Self {
        match checks {
            ChecksArg::Block => Checks::Block,
            ChecksArg::Warn => Checks::Warn,
            ChecksArg::Off => Checks::Off,
        }
    }
}

/// What happens to uncertain movements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum UncertainArg {
    /// They wait for a person
    Hold,
    /// They are sent again, which may store them twice
    Resend,
}

/// How many requests may be under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InFlightArg {
    /// As many as the pace needs at the service's latency.
    Auto,
    /// At most so many.
    Most(u16),
}

impl std::str::FromStr for InFlightArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "auto" => Ok(InFlightArg::Auto),
            number => match number.parse() {
                Ok(most @ 1..) => Ok(InFlightArg::Most(most)),
                _ => Err(format!("\"{text}\" is neither auto nor a number from 1 to 65535")),
            },
        }
    }
}

/// A log's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// A line of text each
    Text,
    /// A JSON object a line
    Json,
}

/// What results and reports are split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SplitBy {
    /// A folder for each operator
    ApiCode,
}

/// What other content for an accepted movement becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum OnChangeArg {
    /// It waits for a person
    #[default]
    Hold,
    /// It is sent as a correction
    Update,
}

/// After which period loads by pipe are reported together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PipePeriodArg {
    /// Each day stands for itself
    Day,
    /// Weeks that end on Sunday
    Week,
    /// Calendar months
    Month,
}

impl From<PipePeriodArg> for PipePeriod {
    fn from(period: PipePeriodArg) -> Self {
        match period {
            PipePeriodArg::Day => PipePeriod::Day,
            PipePeriodArg::Week => PipePeriod::Week,
            PipePeriodArg::Month => PipePeriod::Month,
        }
    }
}
