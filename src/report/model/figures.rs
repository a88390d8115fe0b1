//! The figures of an audit.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::report::serial;
use crate::submission::State;

/// The figures of all movements of an audit.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// How many.
    pub movements: u64,
    /// Of these, stored by the service.
    pub reported: u64,
    /// Of these, a person must correct or decide about.
    pub need_a_person: u64,
    /// Of these, waiting to be sent.
    pub waiting: u64,
    /// Of these, taken out by a person.
    pub withdrawn: u64,
    /// Waste items.
    pub waste_items: u64,
    /// Of these, without a weight that can be read.
    pub waste_items_without_weight: u64,
    /// All weights, in tonnes.
    #[serde(serialize_with = "serial::decimal")]
    pub tonnes: Decimal,
    /// Of these, reported.
    #[serde(serialize_with = "serial::decimal")]
    pub reported_tonnes: Decimal,
    /// Of all, estimated.
    #[serde(serialize_with = "serial::decimal")]
    pub estimated_tonnes: Decimal,
    /// Movements whose content is not in the ledger (any more).
    pub without_content: u64,
    /// Movements from whose content personal data was deleted.
    pub purged: u64,
    /// Movements outside of any period: their day of receipt cannot be read.
    pub undated: u64,
    /// Movements outside of any period by day of submission: they were never sent.
    pub never_sent: u64,
    /// Not counted: a reading with another API code or permit took their place.
    pub replaced: u64,
    /// Records without a usable reference, in the runs of this audit.
    pub unidentified: u64,
}

/// Movements in one state.
#[derive(Debug, Clone, Serialize)]
pub struct StateCount {
    /// The state.
    #[serde(serialize_with = "serial::state")]
    pub state: State,
    /// How many.
    pub movements: u64,
}

/// Whether a movement was reported in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Timing {
    /// Reported by its deadline.
    InTime,
    /// Reported after it.
    Late,
    /// Not reported, and past its deadline.
    Overdue,
    /// Not reported, and due by the end of the day of the report.
    DueToday,
    /// Not reported, and due later.
    NotDue,
    /// Reported by other means: the ledger knows corrections of it only.
    Elsewhere,
    /// Its day of receipt cannot be read.
    Unknown,
    /// Taken out by a person.
    Withdrawn,
}

impl Timing {
    /// All, in the order in which people want to see them.
    pub const ALL: [Timing; 8] = [
        Timing::InTime,
        Timing::Late,
        Timing::Overdue,
        Timing::DueToday,
        Timing::NotDue,
        Timing::Elsewhere,
        Timing::Unknown,
        Timing::Withdrawn,
    ];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Timing::InTime => "in time",
            Timing::Late => "late",
            Timing::Overdue => "overdue",
            Timing::DueToday => "due today",
            Timing::NotDue => "not due yet",
            Timing::Elsewhere => "reported elsewhere",
            Timing::Unknown => "day of receipt not readable",
            Timing::Withdrawn => "withdrawn",
        }
    }
}

/// Movements that were, or were not, in time.
#[derive(Debug, Clone, Serialize)]
pub struct TimingCount {
    /// Which.
    pub timing: Timing,
    /// How many.
    pub movements: u64,
}

/// Movements, or waste items, that have something in common.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// More about that: a site's nation, a carrier's registration, a chapter's title.
    pub detail: String,
    /// Movements that belong to it, or have waste items that do.
    pub movements: u64,
    /// Of these, reported.
    pub reported: u64,
    /// Of these, in time.
    pub in_time: u64,
    /// Of these, late.
    pub late: u64,
    /// Not reported, and past their deadline.
    pub overdue: u64,
    /// The weight of its waste items, in tonnes.
    #[serde(serialize_with = "serial::decimal")]
    pub tonnes: Decimal,
    /// Of these, reported.
    #[serde(serialize_with = "serial::decimal")]
    pub reported_tonnes: Decimal,
}

/// The movements of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DayCount {
    /// The day in London; none where it cannot be read.
    pub day: Option<Date>,
    /// How many.
    pub movements: u64,
    /// Of these, in state accepted.
    pub accepted: u64,
    /// Of these, waiting to be sent.
    pub waiting: u64,
    /// Of these, a person must correct or decide about.
    pub need_a_person: u64,
    /// Of these, withdrawn.
    pub withdrawn: u64,
    /// Of these, reported late.
    pub late: u64,
    /// Of these, overdue.
    pub overdue: u64,
}

/// Corrections of stored movements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Corrections {
    /// Movements that were corrected.
    pub movements: u64,
    /// Corrections that the service took.
    pub accepted: u64,
    /// Movements with a correction that it has not taken yet.
    pub open: u64,
}

/// A reason for which movements were refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejection {
    /// Whether the service said it, or our checks before anything was sent.
    pub by_service: bool,
    /// The API's key, with `*` for indexes.
    pub key: String,
    /// The API's kind of error.
    pub error_type: String,
    /// In words, as it was first said.
    pub message: String,
    /// Movements that it was ever said of.
    pub movements: u64,
    /// Of these, refused for it now.
    pub open: u64,
}

/// Something that the service recommends, and the movements that need a correction for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenWarning {
    /// The API's key, with `*` for indexes.
    pub key: String,
    /// The API's kind of error.
    pub error_type: String,
    /// In words, as it was first said.
    pub message: String,
    /// Rows of the movements, as `list` shows them.
    pub movements: Vec<i64>,
}
