//! Rows of a CSV file to groups: the rows of one movement.
//!
//! Rows that follow each other with the same `yourUniqueReference` are one movement's. Whatever
//! else has rows and columns (a sheet of a workbook) can be offered as a [`Group`] as well. Must
//! not know: what the cells mean.

mod heading;
mod totals;

use std::borrow::Cow;

pub(super) use heading::Header;

use crate::reader::columns::Columns;
use crate::reader::encoding::Encoding;
use crate::reader::error::Problem;
use crate::reader::group::{Group, text_of};
use crate::reader::header::cell_text;
use crate::reader::profile::{Mapping, UnknownSite};
use crate::reader::repair::{RepairKind, RepairTally, Repairs};
use crate::reader::split::{self, Cell, Row, Scan, Text, line_breaks};
use crate::reader::window::Window;
use crate::reader::{MAX_RECORD, number, total, trim};

/// More rows than the service takes items in one movement (its limit is 1 MiB).
const MAX_ROWS: usize = 10_000;

/// So many bytes of empty rows end a group: they would otherwise be held for as long as they go on.
const MAX_GAP: usize = 64 * 1024;

/// A CSV file behind its line of column names.
pub(super) struct Rows {
    window: Window,
    delimiter: u8,
    /// The line on which the next row begins.
    line: u64,
    /// Where the next row begins, counted as all positions from the window's beginning.
    at: usize,
    /// The group's rows, and behind them, if `ahead`, the first of the next group. The rest are
    /// kept for their memory.
    slots: Vec<Row>,
    count: usize,
    ahead: bool,
    /// Cells whose quotes were doubled, once they are single.
    scratch: String,
    repairs: Repairs,
    /// What was repaired of the file itself.
    pub(super) repaired: RepairTally,
    /// Whether the encoding has been noted.
    encoding_noted: bool,
    mapped: Option<Box<Mapped>>,
}

/// What a profile makes of the rows of a group.
struct Mapped {
    mapping: Mapping,
    rows: Vec<Row>,
    text: String,
    unknown_sites: Vec<UnknownSite>,
}

/// What came of looking for the next row that is not empty.
#[derive(PartialEq, Eq)]
enum Next {
    Row,
    /// Only empty rows, and so many that what stands before them must be let go.
    Gap,
    End,
}

impl Rows {
    /// The encoding of the file, as far as it is known.
    pub(super) fn encoding(&self) -> Encoding {
        self.window.encoding()
    }

    /// The line that is read next.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// What stands between cells.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Where in the file the reader is.
    pub(super) fn position(&self) -> u64 {
        self.window.consumed() + self.at as u64
    }

    /// The next movement's rows.
    pub(super) fn next_group(&mut self, columns: &Columns) -> Result<Option<Group<'_>>, Problem> {
        let stands_alone = loop {
            if !self.first_row()? {
                return Ok(None);
            }
            let first = self.reference(0, columns);
            let stands_alone = first.is_empty() || number::is_damaged(&first);
            let maybe_total = first.is_empty() || total::is_word(&first);
            if !maybe_total || !self.is_total(columns)? {
                break stands_alone;
            }
        };
        if !stands_alone {
            self.gather(columns)?;
        }
        self.group().map(Some)
    }

    /// Reads on as long as rows have the reference of the group's first.
    fn gather(&mut self, columns: &Columns) -> Result<(), Problem> {
        while self.read_row(self.count)? == Next::Row {
            let first = self.reference(0, columns);
            if self.reference(self.count, columns) != first {
                self.ahead = true;
                break;
            }
            if self.count >= MAX_ROWS || self.at > MAX_RECORD {
                let (line, reference) = (self.slots[0].line, first.into_owned());
                return Err(Problem::MovementTooLong { line, reference });
            }
            self.count += 1;
        }
        Ok(())
    }

    /// The reference of a row, trimmed; empty where it has none.
    fn reference(&self, slot: usize, columns: &Columns) -> Cow<'_, str> {
        let (bytes, row) = (self.window.held(), &self.slots[slot]);
        match &self.mapped {
            None => reference(bytes, row, columns.reference),
            Some(mapped) => Cow::Owned(mapped.mapping.text(columns.reference, |column| {
                row.cells.get(column).map_or(Cow::Borrowed(""), |cell| cell_text(bytes, cell))
            })),
        }
    }

    /// Lets go of the last group and puts the first row of the next one in its place.
    fn first_row(&mut self) -> Result<bool, Problem> {
        if self.ahead {
            let start = self.slots[self.count].start;
            self.window.consume(start);
            self.slots[self.count].shift(start);
            self.at -= start;
            self.slots.swap(0, self.count);
            self.ahead = false;
        } else {
            self.window.consume(self.at);
            self.at = 0;
            if self.read_row(0)? != Next::Row {
                return Ok(false);
            }
        }
        self.count = 1;
        Ok(true)
    }

    /// Reads the next row that is not empty into a slot. Empty ones before the first are let go.
    fn read_row(&mut self, slot: usize) -> Result<Next, Problem> {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, Row::default);
        }
        let begun_at = self.at;
        loop {
            let bytes = self.window.held();
            let last = self.window.ended();
            if last && self.at == bytes.len() {
                return Ok(Next::End);
            }
            let row = &mut self.slots[slot];
            let scan = split::row(bytes, self.at, self.delimiter, last, row);
            if let Scan::Cut { quote_opened_after } = scan {
                let too_long = bytes.len() - self.at > MAX_RECORD;
                match quote_opened_after {
                    Some(breaks) if last || too_long => {
                        return Err(Problem::UnclosedQuote { line: self.line + breaks });
                    }
                    _ if too_long => return Err(Problem::RowTooLong { line: self.line }),
                    _ => self.grow()?,
                }
                continue;
            }
            row.line = self.line;
            let line = self.line;
            let is_empty = is_empty(bytes, row);
            self.line += row.breaks;
            self.at = row.end;
            if is_empty {
                if !self.repairs.has(RepairKind::EmptyRows) {
                    return Ok(Next::Row);
                }
                self.repaired.of_file(RepairKind::EmptyRows, line, "an empty row", "");
            } else {
                let skipped = match &self.mapped {
                    Some(mapped) if self.repairs.has(RepairKind::SkippedRows) => {
                        mapped.mapping.skips(|column| {
                            let cell = row.cells.get(column);
                            cell.map_or(Cow::Borrowed(""), |cell| cell_text(bytes, cell))
                        })
                    }
                    _ => false,
                };
                if !skipped {
                    return Ok(Next::Row);
                }
                let text = String::from_utf8_lossy(&bytes[row.start..row.end]);
                self.repaired.of_file(RepairKind::SkippedRows, line, &text, "");
            }
            if slot == 0 {
                self.window.consume(self.at);
                self.at = 0;
            } else if self.at - begun_at > MAX_GAP {
                return Ok(Next::Gap);
            }
        }
    }

    fn grow(&mut self) -> Result<(), Problem> {
        self.window.grow()?;
        self.note_encoding();
        Ok(())
    }

    fn note_encoding(&mut self) {
        let encoding = self.window.encoding();
        if encoding != Encoding::Utf8 && !self.encoding_noted {
            self.encoding_noted = true;
            self.repaired.of_file(RepairKind::Encoding, self.line, "", encoding.name());
        }
    }

    /// The rows that were gathered, as text.
    fn group(&mut self) -> Result<Group<'_>, Problem> {
        let rows = &mut self.slots[..self.count];
        let end = rows.last().map_or(0, |row| row.end);
        let bytes = &self.window.held()[..end];
        let text = str::from_utf8(bytes).map_err(|error| Problem::NotUtf8 {
            line: line_of(rows, bytes, error.valid_up_to()),
            trouble: self.window.trouble(),
        })?;
        self.scratch.clear();
        for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
            if cell.text == Text::Doubled {
                let start = self.scratch.len();
                self.scratch.push_str(&text[cell.start..cell.end].replace("\"\"", "\""));
                *cell = Cell { start, end: self.scratch.len(), text: Text::Scratch };
            }
        }
        let scratch = self.scratch.as_str();
        let rows = &self.slots[..self.count];
        let group = Group::plain(text, scratch, rows);
        let Some(mapped) = &mut self.mapped else { return Ok(group) };
        mapped.read(text, scratch, rows);
        Ok(group.mapped(&mapped.text, &mapped.rows, &mapped.unknown_sites))
    }
}

impl Mapped {
    /// Makes the rows of the profile's columns.
    fn read(&mut self, text: &str, scratch: &str, rows: &[Row]) {
        self.text.clear();
        self.unknown_sites.clear();
        self.rows.resize_with(rows.len(), Row::default);
        for (at, (row, own)) in rows.iter().zip(&mut self.rows).enumerate() {
            let of_file = |column: usize| text_of(text, scratch, Some(row), column);
            (own.line, own.start, own.end) = (row.line, row.start, row.end);
            own.cells.clear();
            for column in 0..self.mapping.width() {
                let start = self.text.len();
                self.text.push_str(&self.mapping.text(column, |at| Cow::Borrowed(of_file(at))));
                own.cells.push(Cell { start, end: self.text.len(), text: Text::Scratch });
            }
            self.unknown_sites.extend(self.mapping.unknown_site(at, of_file));
        }
    }
}

/// The line at a position of what is held: rows may begin anywhere behind the group's first.
fn line_of(rows: &[Row], bytes: &[u8], at: usize) -> u64 {
    let row = rows.iter().rev().find(|row| row.start <= at).or(rows.first());
    row.map_or(0, |row| row.line + line_breaks(&bytes[row.start.min(at)..at]))
}

/// A row's reference, trimmed; empty where it has none.
fn reference<'b>(bytes: &'b [u8], row: &Row, column: usize) -> Cow<'b, str> {
    match row.cells.get(column).map(|cell| cell_text(bytes, cell)) {
        Some(Cow::Borrowed(text)) => Cow::Borrowed(trim(text)),
        Some(Cow::Owned(text)) => Cow::Owned(trim(&text).to_owned()),
        None => Cow::Borrowed(""),
    }
}

/// Whether nothing stands in a row.
pub(super) fn is_empty(bytes: &[u8], row: &Row) -> bool {
    row.bad_quote.is_none()
        && !row.overflows
        && row.cells.iter().all(|cell| is_blank(&bytes[cell.start..cell.end]))
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.is_empty()
        || bytes.trim_ascii().is_empty()
        || str::from_utf8(bytes).is_ok_and(|text| text.trim().is_empty())
}
