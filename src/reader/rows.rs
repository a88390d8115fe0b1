//! Rows of a CSV file to groups: the rows of one movement.
//!
//! Rows that follow each other with the same `yourUniqueReference` are one movement's. Whatever
//! else has rows and columns (a sheet of a workbook) can be offered as a [`Group`] as well. Must
//! not know: what the cells mean.

use std::borrow::Cow;

use crate::reader::columns::Columns;
use crate::reader::encoding::Encoding;
use crate::reader::error::Problem;
use crate::reader::header::{self, cell_text};
use crate::reader::profile::{Mapping, Profile, UnknownSite};
use crate::reader::repair::{RepairKind, RepairTally, Repairs};
use crate::reader::split::{self, Cell, Delimiter, Row, Scan, Text, line_breaks};
use crate::reader::total::{self, Total};
use crate::reader::window::Window;
use crate::reader::{MAX_RECORD, number, trim};

/// More rows than the service takes items in one movement (its limit is 1 MiB).
const MAX_ROWS: usize = 10_000;

/// So many bytes of empty rows end a group: they would otherwise be held for as long as they go on.
const MAX_GAP: usize = 64 * 1024;

/// So many lines may stand above the column names, where a profile tells what these are.
const MAX_LINES_ABOVE: u64 = 100;

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

/// What stands above the rows of a file.
pub(super) struct Header {
    pub(super) columns: Columns,
    /// Its bytes, as UTF-8.
    pub(super) bytes: Vec<u8>,
    /// Where in them the row of titles begins.
    pub(super) titles_at: usize,
}

/// The rows of one movement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group<'r> {
    text: &'r str,
    scratch: &'r str,
    rows: &'r [Row],
    /// The rows as they stand in the file, which a profile may make others of.
    shape: Shape<'r>,
    unknown_sites: &'r [UnknownSite],
}

#[derive(Debug, Clone, Copy)]
struct Shape<'r> {
    scratch: &'r str,
    rows: &'r [Row],
}

impl<'r> Group<'r> {
    /// How many rows; at least one.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The line on which a row begins.
    pub(super) fn line(&self, row: usize) -> u64 {
        self.rows.get(row).map_or(0, |row| row.line)
    }

    /// A row as it was split, whatever a profile made of it.
    pub(super) fn row(&self, row: usize) -> &'r Row {
        &self.shape.rows[row]
    }

    /// A cell of such a row, trimmed.
    pub(super) fn split_cell(&self, row: usize, column: usize) -> &'r str {
        let Shape { scratch, rows } = self.shape;
        text_of(self.text, scratch, rows.get(row), column)
    }

    /// Rows whose site the profile does not know.
    pub(super) fn unknown_sites(&self) -> &'r [UnknownSite] {
        self.unknown_sites
    }

    /// A cell's text, trimmed; empty where there is none.
    pub(super) fn cell(&self, row: usize, column: usize) -> &'r str {
        text_of(self.text, self.scratch, self.rows.get(row), column)
    }

    /// The rows' bytes as they stand in the file.
    pub(super) fn raw(&self) -> &'r [u8] {
        let start = self.shape.rows.first().map_or(0, |row| row.start);
        &self.text.as_bytes()[start..]
    }
}

fn text_of<'r>(text: &'r str, scratch: &'r str, row: Option<&Row>, column: usize) -> &'r str {
    let Some(cell) = row.and_then(|row| row.cells.get(column)) else { return "" };
    let text = if cell.text == Text::Scratch { scratch } else { text };
    trim(text.get(cell.start..cell.end).unwrap_or_default())
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
    /// Reads the line of column names, by a profile if there is one.
    pub(super) fn new(
        window: Window,
        repairs: Repairs,
        profile: Option<&Profile>,
    ) -> Result<(Self, Header), Problem> {
        let mut rows = Rows {
            window,
            delimiter: Delimiter::new(b','),
            line: 1,
            at: 0,
            slots: Vec::new(),
            count: 0,
            ahead: false,
            scratch: String::new(),
            repairs,
            repaired: RepairTally::default(),
            encoding_noted: false,
            mapped: None,
        };
        rows.note_encoding();
        let (above, said) = rows.said_delimiter()?;
        let said = said.or(profile.and_then(Profile::delimiter));
        let (columns, titles) = match profile {
            Some(profile) => rows.mapped_header(said, profile)?,
            None => rows.own_header(said)?,
        };
        rows.note_unnamed(&columns)?;
        let titles_at = above.len();
        let bytes = [above, titles].concat();
        Ok((rows, Header { columns, bytes, titles_at }))
    }

    /// The line that tells Excel the delimiter, if the file begins with it, and what it says.
    fn said_delimiter(&mut self) -> Result<(Vec<u8>, Option<u8>), Problem> {
        if self.read_row(0)? != Next::Row {
            return Err(Problem::Empty);
        }
        let first = self.titles_line()?;
        let Some(said) = header::said_delimiter(first) else {
            // It is read once more, as the column names.
            self.line = self.slots[0].line;
            self.at = self.slots[0].start;
            return Ok((Vec::new(), None));
        };
        let above = first.to_vec();
        self.next_line();
        Ok((above, Some(said)))
    }

    /// The bytes of the row that was read into the first slot.
    fn titles_line(&self) -> Result<&[u8], Problem> {
        let row = &self.slots[0];
        let line = &self.window.held()[row.start..row.end];
        if line.contains(&0) {
            let text = self.repairs.has(RepairKind::Encoding);
            return Err(if text { Problem::NotText } else { Problem::Utf16 });
        }
        str::from_utf8(line).map_err(|error| Problem::NotUtf8 {
            line: row.line + line_breaks(&line[..error.valid_up_to()]),
            trouble: self.window.trouble(),
        })?;
        Ok(line)
    }

    /// Lets go of the row that was read into the first slot.
    fn next_line(&mut self) {
        self.window.consume(self.at);
        self.at = 0;
    }

    /// The columns of a file that has our own names.
    fn own_header(&mut self, said: Option<u8>) -> Result<(Columns, Vec<u8>), Problem> {
        if self.read_row(0)? != Next::Row {
            return Err(Problem::Empty);
        }
        let line = self.titles_line()?;
        let (delimiter, titles) = header::best_split(line, said, Columns::known);
        let titles: Vec<&str> = titles.iter().map(AsRef::as_ref).collect();
        let columns = Columns::new(self.slots[0].line, &titles)?;
        let line = line.to_vec();
        self.delimiter = Delimiter::new(delimiter);
        Ok((columns, line))
    }

    /// The columns that a profile makes of the first line that has all that it names.
    fn mapped_header(
        &mut self,
        said: Option<u8>,
        profile: &Profile,
    ) -> Result<(Columns, Vec<u8>), Problem> {
        let mut nearest: Option<(usize, Problem)> = None;
        let most_above = if self.repairs.has(RepairKind::LinesAbove) { MAX_LINES_ABOVE } else { 0 };
        for above in 0..=most_above {
            if self.read_row(0)? != Next::Row {
                break;
            }
            let number = self.slots[0].line;
            let line = self.titles_line()?;
            let (delimiter, titles) = header::best_split(line, said, |t| profile.known(t));
            let titles: Vec<&str> = titles.iter().map(AsRef::as_ref).collect();
            let known = profile.known(&titles);
            match profile.resolve(number, &titles) {
                Ok((columns, mapping)) => {
                    let line = line.to_vec();
                    self.delimiter = Delimiter::new(delimiter);
                    let (rows, text) = (Vec::new(), String::new());
                    let mapped = Mapped { mapping, rows, text, unknown_sites: Vec::new() };
                    self.mapped = Some(Box::new(mapped));
                    return Ok((columns, line));
                }
                Err(problem) if above == 0 || nearest.as_ref().is_some_and(|n| known > n.0) => {
                    nearest = Some((known, problem));
                }
                Err(_) => {}
            }
            let text = String::from_utf8_lossy(self.titles_line()?).into_owned();
            self.repaired.of_file(RepairKind::LinesAbove, number, &text, "");
            self.next_line();
        }
        Err(nearest.map_or(Problem::Empty, |(_, problem)| problem))
    }

    /// Columns without a name behind the last that has one.
    fn note_unnamed(&mut self, columns: &Columns) -> Result<(), Problem> {
        let count = columns.shape.fields - columns.shape.width();
        let line = self.slots[0].line;
        if count > 0 && !self.repairs.has(RepairKind::EmptyColumns) {
            return Err(Problem::UnnamedColumns { line, count });
        }
        if count > 0 {
            let what = if count == 1 { "column" } else { "columns" };
            let from = format!("{count} {what} without a name");
            self.repaired.of_file(RepairKind::EmptyColumns, line, &from, "");
        }
        Ok(())
    }

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
        self.delimiter.byte()
    }

    /// Where in the file the reader is.
    pub(super) fn position(&self) -> u64 {
        self.window.consumed() + self.at as u64
    }

    /// The next movement's rows.
    pub(super) fn next_group(&mut self, columns: &Columns) -> Result<Option<Group<'_>>, Problem> {
        let first = loop {
            if !self.first_row()? {
                return Ok(None);
            }
            let first = self.reference(0, columns).into_owned();
            let maybe_total = first.is_empty() || total::is_word(&first);
            if !maybe_total || !self.is_total(columns)? {
                break first;
            }
        };
        while !first.is_empty() && !number::is_damaged(&first) {
            if self.read_row(self.count)? != Next::Row {
                break;
            }
            if self.reference(self.count, columns) != first {
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

    /// Whether the row in the first slot is a line of totals; if so, it is noted.
    fn is_total(&mut self, columns: &Columns) -> Result<bool, Problem> {
        if !self.repairs.has(RepairKind::TotalLine) {
            return Ok(false);
        }
        let (bytes, row) = (self.window.held(), &self.slots[0]);
        let of_file = |column: usize| {
            row.cells.get(column).map_or(Cow::Borrowed(""), |cell| cell_text(bytes, cell))
        };
        let counts = |column: usize| match &self.mapped {
            None => columns.counts(column),
            Some(mapped) => Some(mapped.mapping.counts(column)),
        };
        let stray = |column: usize| {
            columns.shape.title(column).is_empty() && !of_file(column).trim().is_empty()
        };
        let is_row = row.bad_quote.is_some() || (0..row.cells.len()).any(stray);
        let cells =
            (0..row.cells.len()).filter_map(|column| Some((of_file(column), counts(column)?)));
        let total = if is_row { Total::No } else { total::judge(cells) };
        let (line, raw) =
            (row.line, String::from_utf8_lossy(&bytes[row.start..row.end]).into_owned());
        let is_total = match total {
            Total::No => false,
            Total::Said => true,
            Total::Numbers => {
                let next = self.read_row(1)?;
                self.ahead = next == Next::Row;
                next == Next::End
            }
        };
        if is_total {
            self.repaired.of_file(RepairKind::TotalLine, line, &raw, "");
        }
        Ok(is_total)
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
                    _ => self.grow()?,
                }
                continue;
            }
            row.line = self.line;
            let line = self.line;
            let is_empty = row.bad_quote.is_none()
                && !row.overflows
                && row.cells.iter().all(|cell| is_blank(&bytes[cell.start..cell.end]));
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
        let shape = Shape { scratch, rows };
        let Some(mapped) = &mut self.mapped else {
            return Ok(Group { text, scratch, rows, shape, unknown_sites: &[] });
        };
        mapped.read(text, scratch, rows);
        Ok(Group {
            text,
            scratch: &mapped.text,
            rows: &mapped.rows,
            shape,
            unknown_sites: &mapped.unknown_sites,
        })
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

fn is_blank(bytes: &[u8]) -> bool {
    bytes.is_empty()
        || bytes.trim_ascii().is_empty()
        || str::from_utf8(bytes).is_ok_and(|text| text.trim().is_empty())
}
