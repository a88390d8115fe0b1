//! What was repaired while files were read, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::finding::Place;
use crate::reader::{Repair, RepairTally};

/// What was repaired in a file, with what each kind did first; nothing where nothing was.
pub(super) fn in_words(name: &str, tally: &RepairTally) -> Option<String> {
    if tally.is_empty() {
        return None;
    }
    let mut text = format!("{name}: read with repairs (--repairs=-NAME turns one off):\n");
    let _ = write!(text, "{tally}");
    Some(text)
}

/// How often each kind was needed, by name.
pub(super) fn counts(tally: &RepairTally) -> BTreeMap<&'static str, u64> {
    tally.entries().map(|(kind, count, _)| (kind.name(), count)).collect()
}

/// A repair as `check --json` prints it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    name: &'static str,
    key: &'a str,
    from: &'a str,
    to: &'a str,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<String>,
}

impl<'a> From<&'a Repair> for Entry<'a> {
    fn from(repair: &'a Repair) -> Self {
        let Place { line, column, column_name, sheet } = &repair.place;
        Entry {
            name: repair.kind.name(),
            key: &repair.key,
            from: &repair.from,
            to: &repair.to,
            line: *line,
            column: *column,
            column_name: column_name.as_deref(),
            sheet: sheet.as_deref(),
            cell: repair.place.cell(),
        }
    }
}
