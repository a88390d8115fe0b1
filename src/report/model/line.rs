//! A movement's line.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Millis, Timing, Word};
use crate::report::serial;
use crate::submission::State;

/// A movement.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Its row, as `list` shows it.
    pub movement: i64,
    /// `yourUniqueReference`.
    pub reference: Box<str>,
    /// The operator's code.
    pub api_code: Word,
    /// The site's permit as it was written.
    pub site: Word,
    /// The permit in its one spelling.
    #[serde(skip)]
    pub site_key: Word,
    /// Its state.
    #[serde(serialize_with = "serial::state")]
    pub state: State,
    /// Since when.
    pub since: Millis,
    /// Why it is held, or in that state as far as an answer said.
    pub reason: Option<Word>,
    /// The waste tracking ID.
    pub waste_tracking_id: Option<Box<str>>,
    /// The day of receipt.
    pub received_on: Option<Date>,
    /// The last day on which it was, or is, in time.
    pub deadline: Option<Date>,
    /// Whether it was in time.
    pub timing: Timing,
    /// When the service was known to have it.
    pub reported_at: Option<Millis>,
    /// Who ran the program then.
    pub reported_by: Option<Word>,
    /// When it was last sent.
    pub last_sent_at: Option<Millis>,
    /// How many requests were made for it.
    pub requests: u32,
    /// How many corrections of it the service took.
    pub corrections: u32,
    /// Whether the current reading is a correction.
    #[serde(skip)]
    pub is_correction: bool,
    /// Errors that were found in it and stop it.
    pub errors: u32,
    /// Warnings of the service that are open.
    pub warnings: u32,
    /// Whether personal data was deleted from it, the carrier's name among that.
    pub purged: bool,
    /// The carrier's name.
    pub carrier: Option<Word>,
    /// Its registration number.
    pub carrier_registration: Option<Word>,
    /// The weight of all items, in tonnes; none where none has a weight.
    #[serde(serialize_with = "serial::optional_decimal")]
    pub tonnes: Option<Decimal>,
    /// The waste items; none at all where the content is not in the ledger (any more).
    pub waste_items: Option<Box<[Item]>>,
    /// The file that it was read from.
    pub file: Word,
    /// The line there.
    pub line: u64,
}

/// A waste item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Its EWC codes.
    pub ewc_codes: Box<[Word]>,
    /// Whether it is hazardous.
    pub hazardous: bool,
    /// Its weight in tonnes.
    #[serde(serialize_with = "serial::optional_decimal")]
    pub tonnes: Option<Decimal>,
    /// Whether that is an estimate.
    pub estimated: bool,
}

impl Line {
    /// Whether the service has it.
    pub fn is_reported(&self) -> bool {
        self.waste_tracking_id.is_some() || self.state == State::Accepted
    }

    /// Whether a person must correct or decide.
    pub fn needs_a_person(&self) -> bool {
        matches!(self.state, State::Invalid | State::Rejected | State::Uncertain | State::Held)
    }

    /// Whether it waits to be sent.
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, State::Ready | State::Sending | State::Deferred)
    }

    /// The day on which it was reported, or last sent.
    pub fn submitted_on(&self) -> Option<Date> {
        self.reported_at.or(self.last_sent_at)?.day()
    }

    /// Since when it waits for a person: an uncertain one since it was last sent.
    pub fn waits_since(&self) -> Millis {
        match self.state {
            State::Uncertain => self.last_sent_at.unwrap_or(self.since),
            _ => self.since,
        }
    }

    /// All EWC codes of its items, each once.
    pub fn codes(&self) -> String {
        let mut codes: Vec<&str> = Vec::new();
        for item in self.waste_items.iter().flatten() {
            for code in &item.ewc_codes {
                if !codes.contains(&code.as_str()) {
                    codes.push(code.as_str());
                }
            }
        }
        codes.join("; ")
    }
}
