//! A record as it was read: the movement, and everything about where it came from.
//!
//! Must not know: how records are read, or what is done with them.

use crate::finding::{ErrorType, Finding, Place};
use crate::json;
use crate::movement::Movement;
use crate::movement::fields::Level;
use crate::reader::columns::Columns;
use crate::reader::group::Group;
use crate::reader::repair::Repair;

/// One movement of a file.
#[derive(Debug)]
pub struct Record<'r> {
    /// The movement. When the record is not [`readable`](Record::readable), what could be made
    /// of it.
    pub movement: Movement<'r>,
    /// The line on which it begins.
    pub line: u64,
    /// Whether it could be taken apart at all: if not, only its own findings say what is wrong,
    /// and there is nothing to check.
    pub readable: bool,
    /// What the reader itself found wrong, with places.
    pub findings: Vec<Finding>,
    /// What was read as something else than it said.
    pub repairs: Vec<Repair>,
    /// The line of an earlier record of this file that is the same movement: neither of the two
    /// may be sent.
    pub repeats: Option<u64>,
    /// The line of an earlier record of this file with another reference and the same content.
    pub same_content: Option<u64>,
    pub(super) source: Source<'r>,
}

/// What a record was read from.
#[derive(Debug)]
pub(super) enum Source<'r> {
    /// Rows of cells.
    Rows { group: Group<'r>, columns: &'r Columns },
    /// A line of JSON; its text is empty when it could not be read as text.
    Line { text: &'r str, raw: &'r [u8] },
}

impl Record<'_> {
    /// In a workbook the sheet on which it begins.
    pub fn sheet(&self) -> Option<&str> {
        match &self.source {
            Source::Rows { group, .. } => group.sheet(),
            Source::Line { .. } => None,
        }
    }

    /// Where the value at an API key stands in the file: its row and column, or the character of
    /// its line; where there is no such value, where it would belong.
    pub fn place(&self, key: &str) -> Place {
        match &self.source {
            Source::Line { text, .. } => {
                let offset = json::locate(text, key);
                let column = text.get(..offset).map_or(0, |before| before.chars().count());
                let column = Some(column as u64 + 1);
                Place { line: self.line, column, column_name: None, sheet: None }
            }
            Source::Rows { group, columns } => {
                let row = item_line(group, columns, key);
                let column = columns.of_key(key).filter(|column| {
                    // A sheet of items has no row for what is missing there.
                    row.is_some() || columns.sheet(*column) == self.sheet()
                });
                let column = column.or(self.sheet().map(|_| columns.reference));
                let line = row.unwrap_or(self.line);
                let nowhere = Place { line, column: None, column_name: None, sheet: None };
                column.map_or(nowhere, |column| columns.place(column, line))
            }
        }
    }

    /// The record's bytes exactly as they stand in the file, line breaks included: for CSV all
    /// its rows. Empty for a line that was too long to be held. A workbook's rows have no bytes: of an
    /// item without a movement, and of a row among the guidance, it is the reference.
    pub fn raw(&self) -> &[u8] {
        match &self.source {
            Source::Rows { group, .. } => group.raw(),
            Source::Line { raw, .. } => raw,
        }
    }

    /// No text of the movement is longer, in bytes; most are much shorter.
    pub fn longest_text(&self) -> usize {
        let read = match &self.source {
            Source::Rows { group, .. } => group.longest_text(),
            Source::Line { text, .. } => text.len(),
        };
        // It may stand for what the file leaves out.
        read.max(self.movement.api_code().map_or(0, str::len))
    }

    /// Whether the reader has already said that the value at this key, or one that it lies in,
    /// cannot be read.
    pub fn has_reported(&self, key: &str) -> bool {
        let unread = |finding: &&Finding| {
            matches!(finding.error_type, ErrorType::InvalidType | ErrorType::InvalidFormat)
        };
        self.findings.iter().filter(unread).any(|finding| {
            key.strip_prefix(finding.key.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// All that is wrong with the record: the reader's findings and then those of the checks with
    /// their places, less what only repeats that a value could not be read.
    pub fn with_checks(&self, checks: Vec<Finding>) -> Vec<Finding> {
        let mut all = self.findings.clone();
        if !self.readable {
            return all;
        }
        for mut finding in checks {
            let is_said =
                |mine: &Finding| mine.key == finding.key && mine.error_type == finding.error_type;
            if !self.has_reported(&finding.key) && !self.findings.iter().any(is_said) {
                finding.place = Some(self.place(&finding.key));
                all.push(finding);
            }
        }
        all
    }
}

/// The line of the row that an item's key speaks of.
fn item_line(group: &Group<'_>, columns: &Columns, key: &str) -> Option<u64> {
    let index: usize = key.strip_prefix("wasteItems.")?.split('.').next()?.parse().ok()?;
    let holds_item = |row: &usize| {
        columns.of_level(Level::Item).any(|(column, _)| !group.cell(*row, column).is_empty())
    };
    let row = (0..group.len()).filter(holds_item).nth(index)?;
    Some(group.line(row))
}
