//! The audit's figures as tables: one set for all formats that show tables.

mod figures;
mod service;

use std::borrow::Cow;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::model::{Audit, Line, Millis, Word};

pub(super) use figures::meaning;
pub(super) use service::course_in_words;

use figures::{days, groups, rejections, states, timing, totals, undecided, warnings};
use service::{answers, files, runs, service_charges};

/// A value in a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Empty,
    /// A text.
    Text(Cow<'a, str>),
    /// A number of things.
    Count(u64),
    /// A weight in tonnes.
    Tonnes(Decimal),
    /// A day.
    Day(Date),
    /// A moment.
    Time(Millis),
    /// A time in milliseconds.
    Milliseconds(u64),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        if text.is_empty() { Cell::Empty } else { Cell::Text(Cow::Borrowed(text)) }
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        if text.is_empty() { Cell::Empty } else { Cell::Text(Cow::Owned(text)) }
    }
}

impl From<u64> for Cell<'_> {
    fn from(count: u64) -> Self {
        Cell::Count(count)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

impl From<Date> for Cell<'_> {
    fn from(day: Date) -> Self {
        Cell::Day(day)
    }
}

impl From<Millis> for Cell<'_> {
    fn from(at: Millis) -> Self {
        Cell::Time(at)
    }
}

impl From<Decimal> for Cell<'_> {
    fn from(tonnes: Decimal) -> Self {
        Cell::Tonnes(tonnes)
    }
}

impl Cell<'_> {
    /// Whether it belongs to the right of its column.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Cell::Count(_) | Cell::Tonnes(_) | Cell::Milliseconds(_))
    }
}

/// A table of figures.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// Its name for machines, and as a sheet of a workbook.
    pub(super) name: &'static str,
    /// Its title.
    pub(super) title: &'static str,
    /// What must be known to read it.
    pub(super) note: Cow<'static, str>,
    /// The titles of its columns; the first one names a row.
    pub(super) columns: &'static [&'static str],
    /// Its rows.
    pub(super) rows: Vec<Vec<Cell<'a>>>,
}

/// All tables of figures, in order.
pub(super) fn figures(audit: &Audit) -> Vec<Table<'_>> {
    let mut tables = vec![totals(audit), states(audit), timing(audit)];
    tables.extend(groups(audit));
    tables.extend([
        days(
            "By day of receipt",
            "The day on which the waste was received, London time.",
            &audit.days_received,
        ),
        Table {
            name: "days submitted",
            ..days(
                "By day of submission",
                "The day on which a movement was reported, or last sent where it was not. \
                 Movements that were never sent have none.",
                &audit.days_submitted,
            )
        },
        rejections(audit),
        warnings(audit),
        undecided(audit),
        runs(audit),
        files(audit),
        answers(audit),
        service_charges(audit),
    ]);
    tables
}

/// The titles of a movement's cells.
pub(super) const MOVEMENT: [&str; 23] = [
    "yourUniqueReference",
    "apiCode",
    "site",
    "state",
    "reason",
    "wasteTrackingId",
    "received",
    "due",
    "inTime",
    "reported",
    "reportedBy",
    "lastSent",
    "requests",
    "corrections",
    "errors",
    "openWarnings",
    "carrier",
    "carrierRegistration",
    "ewcCodes",
    "hazardous",
    "tonnes",
    "file",
    "line",
];

/// A movement's cells.
pub(super) fn movement(line: &Line) -> [Cell<'_>; 23] {
    let word = |word: &'_ Option<Word>| -> Cell<'static> {
        word.as_ref().map(|word| word.as_str().to_owned()).into()
    };
    let hazardous = match &line.waste_items {
        None => Cell::Empty,
        Some(items) if items.iter().any(|item| item.hazardous) => "yes".into(),
        Some(_) => "no".into(),
    };
    [
        line.reference.as_ref().into(),
        line.api_code.as_str().into(),
        line.site.as_str().into(),
        line.state.as_str().into(),
        word(&line.reason),
        line.waste_tracking_id.as_deref().into(),
        line.received_on.into(),
        line.deadline.into(),
        line.timing.words().into(),
        line.reported_at.into(),
        word(&line.reported_by),
        line.last_sent_at.into(),
        u64::from(line.requests).into(),
        u64::from(line.corrections).into(),
        u64::from(line.errors).into(),
        u64::from(line.warnings).into(),
        word(&line.carrier),
        word(&line.carrier_registration),
        line.codes().into(),
        hazardous,
        line.tonnes.into(),
        line.file.as_str().into(),
        line.line.into(),
    ]
}
