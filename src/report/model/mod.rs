//! The audit: everything that a report says, in every format.

mod figures;
mod line;
mod service;

pub use figures::{
    Corrections, DayCount, Group, OpenWarning, Rejection, StateCount, Timing, TimingCount, Totals,
};
pub use line::{Item, Line};
pub use service::{Answers, Course, FileAudit, Latency, RunAudit, ServiceCharge};

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::serial;
use crate::calendar;

/// The version of the audit's shape: a later one may add to it, and counts up where it changes
/// what was there.
pub const VERSION: u32 = 1;

/// A text that many lines share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Word(Arc<str>);

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Word(Arc::from(text))
    }
}

impl Word {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A moment in milliseconds since 1970; as text in UTC where machines read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub i64);

impl Millis {
    /// The moment, unless it is outside of all calendars.
    pub fn timestamp(self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.0).ok()
    }

    /// The day in London.
    pub fn day(self) -> Option<Date> {
        self.timestamp().map(calendar::london_day)
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.timestamp() {
            Some(at) => serializer.collect_str(&format_args!("{at:.3}")),
            None => serializer.serialize_none(),
        }
    }
}

/// What a report says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// [`VERSION`].
    pub version: u32,
    /// Where it comes from.
    pub source: Source,
    /// Which movements it is about.
    pub selection: Selection,
    /// The figures of all of them.
    pub totals: Totals,
    /// Movements by state; only states that occur.
    pub states: Vec<StateCount>,
    /// Movements by whether they were reported in time; all that there can be.
    pub timing: Vec<TimingCount>,
    /// By site.
    pub sites: Vec<Group>,
    /// By carrier.
    pub carriers: Vec<Group>,
    /// Waste items by the chapter of their first EWC code.
    pub ewc_chapters: Vec<Group>,
    /// Waste items by their first EWC code.
    pub ewc_codes: Vec<Group>,
    /// Waste items by whether they are hazardous.
    pub hazardous: Vec<Group>,
    /// By day of receipt.
    pub days_received: Vec<DayCount>,
    /// By day of submission.
    pub days_submitted: Vec<DayCount>,
    /// Corrections of stored movements.
    pub corrections: Corrections,
    /// Why movements were refused, the most frequent reason first.
    pub rejections: Vec<Rejection>,
    /// What the service recommends and is still missing.
    pub open_warnings: Vec<OpenWarning>,
    /// The runs that worked on these movements, or began in the period.
    pub runs: Vec<RunAudit>,
    /// What the service answered.
    pub answers: Vec<Answers>,
    /// How long all answers took.
    pub latency: Latency,
    /// How long answers took in the course of the newest run that sent any of these movements.
    pub course: Option<Course>,
    /// When the operators' service charges expire, by the service's newest word.
    pub service_charges: Vec<ServiceCharge>,
    /// The movements, in the order in which they were first read.
    pub movements: Vec<Line>,
}

/// Where an audit comes from.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// When it was made.
    #[serde(serialize_with = "serial::time")]
    pub made_at: Timestamp,
    /// The version of the program that made it.
    pub made_by: String,
    /// The environment's name.
    pub environment: String,
    /// Where the ledger is.
    pub ledger: String,
    /// The hash of the last entry of its history, by which `verify` finds that again.
    pub chain_head: String,
    /// How many entries the history has.
    pub chain_count: i64,
}

/// Which day of a movement counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum By {
    /// The day of receipt.
    #[default]
    Received,
    /// The day on which it was reported, or last sent where it was not.
    Submitted,
}

/// Which movements an audit is about.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// Which day of a movement counts.
    pub by: By,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Only this operator's.
    pub api_code: Option<String>,
    /// Only this site's.
    pub site: Option<String>,
}
