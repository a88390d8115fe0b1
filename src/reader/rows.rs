//! Rows of a CSV file to groups: the rows of one movement.
//!
//! Rows that follow each other with the same `yourUniqueReference` are one movement's. Whatever
//! else has rows and columns (a sheet of a workbook) can be offered as a [`Group`] as well. Must
//! not know: what the cells mean.

use std::borrow::Cow;

use crate::reader::columns::Columns;
use crate::reader::error::Problem;
use crate::reader::split::{self, Cell, Delimiter, Row, Scan, Text, line_breaks};
use crate::reader::window::Window;
use crate::reader::{MAX_RECORD, number, trim};

/// More rows than the service takes items in one movement (its limit is 1 MiB).
const MAX_ROWS: usize = 10_000;

/// So many bytes of empty rows end a group: they would otherwise be held for as long as they go on.
const MAX_GAP: usize = 64 * 1024;

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// A CSV file behind its line of column names.
pub(super) struct Rows {
    window: Window,
    delimiter: Delimiter,
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
}

/// The rows of one movement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group<'r> {
    text: &'r str,
    scratch: &'r str,
    rows: &'r [Row],
    /// Where its first row stands, in a workbook.
    sheet: Option<&'r str>,
}

impl<'r> Group<'r> {
    /// Rows of a workbook, whose cells are places in a text.
    pub(super) fn of_sheet(text: &'r str, rows: &'r [Row], sheet: &'r str) -> Self {
        Group { text, scratch: "", rows, sheet: Some(sheet) }
    }

    /// The sheet of its first row, in a workbook.
    pub(super) fn sheet(&self) -> Option<&'r str> {
        self.sheet
    }

    /// How many rows; at least one.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The line on which a row begins.
    pub(super) fn line(&self, row: usize) -> u64 {
        self.rows.get(row).map_or(0, |row| row.line)
    }

    /// A row as it was split.
    pub(super) fn row(&self, row: usize) -> &'r Row {
        &self.rows[row]
    }

    /// A cell's text, trimmed; empty where there is none.
    pub(super) fn cell(&self, row: usize, column: usize) -> &'r str {
        let Some(cell) = self.rows.get(row).and_then(|row| row.cells.get(column)) else {
            return "";
        };
        let text = if cell.text == Text::Scratch { self.scratch } else { self.text };
        trim(text.get(cell.start..cell.end).unwrap_or_default())
    }

    /// The rows' bytes as they stand in the file; a workbook has none.
    pub(super) fn raw(&self) -> &'r [u8] {
        if self.sheet.is_some() {
            return &[];
        }
        let start = self.rows.first().map_or(0, |row| row.start);
        &self.text.as_bytes()[start..]
    }
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
    /// Reads the line of column names. Also gives the bytes up to its end.
    pub(super) fn new(window: Window) -> Result<(Self, Columns, Vec<u8>), Problem> {
        let mut rows = Rows {
            window,
            delimiter: Delimiter::new(b','),
            line: 1,
            at: 0,
            slots: Vec::new(),
            count: 0,
            ahead: false,
            scratch: String::new(),
        };
        if rows.read_row(0)? != Next::Row {
            return Err(Problem::Empty);
        }
        let (line, end) = (rows.slots[0].line, rows.slots[0].end);
        let header = &rows.window.held()[..end];
        if header.contains(&0) {
            return Err(Problem::Utf16);
        }
        str::from_utf8(header).map_err(|error| Problem::NotUtf8 {
            line: line + line_breaks(&header[..error.valid_up_to()]),
        })?;
        let (delimiter, titles) = best_split(header);
        let titles: Vec<&str> = titles.iter().map(AsRef::as_ref).collect();
        let columns = Columns::new(line, &titles)?;
        let header = header.to_vec();
        rows.delimiter = Delimiter::new(delimiter);
        Ok((rows, columns, header))
    }

    /// What stands between cells.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter.byte()
    }

    /// Where in the file the reader is.
    pub(super) fn position(&self) -> u64 {
        self.window.consumed() + self.at as u64
    }

    /// The next movement's rows.
    pub(super) fn next_group(&mut self, columns: &Columns) -> Result<Option<Group<'_>>, Problem> {
        if !self.first_row()? {
            return Ok(None);
        }
        let first = reference(self.window.held(), &self.slots[0], columns.reference).into_owned();
        while !first.is_empty() && !number::is_damaged(&first) {
            if self.read_row(self.count)? != Next::Row {
                break;
            }
            let next = &self.slots[self.count];
            if reference(self.window.held(), next, columns.reference) != first {
                self.ahead = true;
                break;
            }
            self.count += 1;
            if self.count > MAX_ROWS || self.at > MAX_RECORD {
                let line = self.slots[0].line;
                return Err(Problem::MovementTooLong { line, reference: first });
            }
        }
        self.group().map(Some)
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
            let scan = split::row(bytes, self.at, &self.delimiter, last, row);
            if let Scan::Cut { quote_opened_after } = scan {
                let too_long = bytes.len() - self.at > MAX_RECORD;
                match quote_opened_after {
                    Some(breaks) if last || too_long => {
                        return Err(Problem::UnclosedQuote { line: self.line + breaks });
                    }
                    _ if too_long => return Err(Problem::RowTooLong { line: self.line }),
                    _ => self.window.grow()?,
                }
                continue;
            }
            row.line = self.line;
            let is_empty = is_empty(bytes, row);
            self.line += row.breaks;
            self.at = row.end;
            if !is_empty {
                return Ok(Next::Row);
            }
            if slot == 0 {
                self.window.consume(self.at);
                self.at = 0;
            } else if self.at - begun_at > MAX_GAP {
                return Ok(Next::Gap);
            }
        }
    }

    /// The rows that were gathered, as text.
    fn group(&mut self) -> Result<Group<'_>, Problem> {
        let rows = &mut self.slots[..self.count];
        let end = rows.last().map_or(0, |row| row.end);
        let bytes = &self.window.held()[..end];
        let text = str::from_utf8(bytes).map_err(|error| Problem::NotUtf8 {
            line: rows[0].line + line_breaks(&bytes[..error.valid_up_to()]),
        })?;
        self.scratch.clear();
        for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
            if cell.text == Text::Doubled {
                let start = self.scratch.len();
                self.scratch.push_str(&text[cell.start..cell.end].replace("\"\"", "\""));
                *cell = Cell { start, end: self.scratch.len(), text: Text::Scratch };
            }
        }
        Ok(Group { text, scratch: &self.scratch, rows: &self.slots[..self.count], sheet: None })
    }
}

/// The delimiter with which the most columns are known, or else with which there are the most.
fn best_split(header: &[u8]) -> (u8, Vec<Cow<'_, str>>) {
    let mut best = ((0, 0), b',', Vec::new());
    for delimiter in DELIMITERS {
        let mut row = Row::default();
        split::row(header, 0, &Delimiter::new(delimiter), true, &mut row);
        let titles: Vec<Cow<'_, str>> =
            row.cells.iter().map(|cell| cell_text(header, cell)).collect();
        let known = Columns::known(&titles.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        let score = (known, titles.len());
        if score > best.0 {
            best = (score, delimiter, titles);
        }
    }
    (best.1, best.2)
}

fn cell_text<'b>(bytes: &'b [u8], cell: &Cell) -> Cow<'b, str> {
    let text = String::from_utf8_lossy(&bytes[cell.start..cell.end]);
    if cell.text == Text::Doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { text }
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
