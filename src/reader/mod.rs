//! Files to movements: CSV and JSON lines, one record at a time, in flat memory; workbooks, which
//! are read whole, within bounds.
//!
//! A [`Reader`] gives a [`Record`] for each movement of a file: the request body, where every part
//! of it stands in the file, and what could not be read. Nothing is sent over in silence: what is
//! not understood is a finding of its record, or refuses the file.
//!
//! ```text
//! window -> split -> rows -> build (columns, cell, list, number, spelling) -> record
//! window -> lines ----------------------------------------------------------> record
//! workbook (container, sheet, template, join, cells) -> build --------------> record
//! ```
//!
//! Must not know: checks, the ledger, the network, where findings are shown.

mod build;
mod cell;
mod columns;
mod error;
mod lines;
mod list;
mod local_time;
mod number;
mod raw;
mod record;
mod repair;
mod repeats;
#[cfg(test)]
mod round_trip;
mod rows;
mod seen;
mod spelling;
mod split;
#[cfg(test)]
mod tests;
mod window;
mod workbook;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

pub use columns::OWN_COLUMN_PREFIX;
pub use error::{Problem, ReadError, UnknownColumn};
pub use raw::{RawRow, raw_rows};
pub use record::Record;
pub use repair::{Repair, RepairKind, RepairTally, Repairs};
pub use workbook::{
    GUIDANCE, ITEM_COLUMNS, ITEM_SHEET, MOVEMENT_COLUMNS, MOVEMENT_SHEET, TITLE_ROW,
    WorkbookProblem,
};

use build::How;
use columns::Columns;
use lines::Lines;
use repeats::{Contents, Repeats};
use rows::Rows;
use window::Window;
use workbook::Book;

use crate::reference::Codes;

/// The longest line of JSON, row of CSV, or movement of several rows that is read.
pub const MAX_RECORD: usize = 8 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Rows of delimited text, a row for each waste item.
    Csv,
    /// A request body a line.
    JsonLines,
    /// The government's spreadsheet template.
    Workbook,
}

impl Format {
    /// The format that a file's name tells.
    pub fn of_path(path: &Path) -> Result<Self, ReadError> {
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("csv" | "txt" | "tsv") => Ok(Format::Csv),
            Some("jsonl" | "ndjson") => Ok(Format::JsonLines),
            // What these are is told by what is in them.
            Some("xlsx" | "xltx" | "xlsm" | "xls" | "xlsb" | "ods") => Ok(Format::Workbook),
            _ => {
                Err(ReadError { file: path.display().to_string(), problem: Problem::UnknownFormat })
            }
        }
    }
}

impl Format {
    /// Its name, as the ledger keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::JsonLines => "jsonl",
            Format::Workbook => "xlsx",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "csv" => Ok(Format::Csv),
            "jsonl" => Ok(Format::JsonLines),
            "xlsx" => Ok(Format::Workbook),
            _ => Err(format!("`{name}` is not a format: say csv, xlsx or jsonl")),
        }
    }
}

/// How files are read: what stands in for values that they leave out, and what is repaired.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// The `apiCode` of bodies that have none.
    pub api_code: Option<String>,
    /// Which repairs are made; all unless it is said.
    pub repairs: Repairs,
}

/// What a file's rows are set in: with it, a program can write rows that are read as these are.
/// Header and [`Record::raw`] are the text of the file as UTF-8: written in its encoding, they are
/// its bytes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout<'r> {
    /// What the file was read as.
    pub format: Format,
    /// The encoding of the file, by its WHATWG name.
    pub encoding: &'static str,
    /// What stands between the cells of a row.
    pub delimiter: Option<u8>,
    /// All that stands above the first row, byte order mark and line break included; empty for
    /// JSON lines and workbooks.
    pub header: &'r [u8],
    /// Where in the header the row of titles begins: behind the mark, for one.
    pub titles_at: usize,
}

/// Reads the records of one file, in order.
pub struct Reader {
    name: String,
    input: Input,
    defaults: Defaults,
    codes: &'static Codes,
    repeats: Repeats,
    contents: Contents,
    records: u64,
    repaired: RepairTally,
}

enum Input {
    Rows { rows: Box<Rows>, columns: Columns, header: Vec<u8> },
    Lines { lines: Lines },
    Book(Box<Book>),
}

impl Reader {
    /// Opens a file. The format is told by its name unless it is given.
    pub fn open(
        path: &Path,
        format: Option<Format>,
        defaults: Defaults,
    ) -> Result<Self, ReadError> {
        let name = path.display().to_string();
        let failed = |problem| ReadError { file: path.display().to_string(), problem };
        let metadata = std::fs::metadata(path).map_err(|error| failed(error.into()))?;
        if metadata.is_dir() {
            return Err(failed(Problem::Directory));
        }
        let format = format.map_or_else(|| Format::of_path(path), Ok)?;
        let file = File::open(path).map_err(|error| failed(error.into()))?;
        Self::new(file, format, name, defaults)
    }

    /// Reads from anything; `name` is what errors call it.
    pub fn new(
        source: impl Read + Send + 'static,
        format: Format,
        name: impl Into<String>,
        defaults: Defaults,
    ) -> Result<Self, ReadError> {
        let name = name.into();
        match Input::new(Box::new(source), format) {
            Ok(input) => Ok(Reader {
                name,
                input,
                defaults,
                codes: Codes::embedded(),
                repeats: Repeats::default(),
                contents: Contents::default(),
                records: 0,
                repaired: RepairTally::default(),
            }),
            Err(problem) => Err(ReadError { file: name, problem }),
        }
    }

    /// Reads codes by other lists than the built-in ones.
    #[must_use]
    pub fn with_codes(mut self, codes: &'static Codes) -> Self {
        self.codes = codes;
        self
    }

    /// The next record, or nothing at the end. After an error there is no next one.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, ReadError> {
        let failed = |problem| ReadError { file: self.name.clone(), problem };
        let api_code = self.defaults.api_code.as_deref();
        let how = How { api_code, codes: self.codes, repairs: self.defaults.repairs };
        let nothing = self.input.nothing();
        let record = match &mut self.input {
            Input::Rows { rows, columns, .. } => rows
                .next_group(columns)
                .map_err(failed)?
                .map(|group| build::record(group, columns, how)),
            Input::Lines { lines } => {
                lines.next_record(api_code).map_err(|error| failed(error.into()))?
            }
            Input::Book(book) => book.next_record(how),
        };
        let Some(mut record) = record else {
            return if self.records > 0 { Ok(None) } else { Err(failed(nothing)) };
        };
        self.records += 1;
        record.repairs.iter().for_each(|repair| self.repaired.note(repair));
        record.repeats = self.repeats.note(&record.movement, record.line);
        let earlier = self.contents.note(&record.movement, record.line);
        record.same_content = earlier.filter(|_| record.readable && record.repeats.is_none());
        Ok(Some(record))
    }

    /// What the file is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many records have been read.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// What has been repaired so far, of the records and of the file itself.
    pub fn repaired(&self) -> &RepairTally {
        &self.repaired
    }

    /// How many bytes of the file have been read, for showing progress.
    pub fn position(&self) -> u64 {
        match &self.input {
            Input::Rows { rows, .. } => rows.position(),
            Input::Lines { lines } => lines.position(),
            Input::Book(book) => book.size(),
        }
    }

    /// The line of column names exactly as it stands in the file, byte order mark and line break
    /// included; empty for JSON lines and workbooks.
    pub fn header_bytes(&self) -> &[u8] {
        self.layout().header
    }

    /// What the file's rows are set in.
    pub fn layout(&self) -> Layout<'_> {
        let (format, delimiter, header) = match &self.input {
            Input::Rows { rows, header, .. } => (Format::Csv, Some(rows.delimiter()), &header[..]),
            Input::Lines { .. } => (Format::JsonLines, None, &[][..]),
            Input::Book(_) => (Format::Workbook, None, &[][..]),
        };
        Layout { format, encoding: "UTF-8", delimiter, header, titles_at: titles_at(header) }
    }
}

/// Where the row of titles begins in what stands above the rows.
fn titles_at(header: &[u8]) -> usize {
    if header.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }
}

/// A text without the spaces around it, of whatever kind. Nearly all texts have none, and begin
/// and end in ASCII.
fn trim(text: &str) -> &str {
    let solid = |byte: Option<&u8>| byte.is_some_and(|byte| (b'!'..=b'~').contains(byte));
    let bytes = text.as_bytes();
    if bytes.is_empty() || solid(bytes.first()) && solid(bytes.last()) { text } else { text.trim() }
}

impl Input {
    fn new(source: Box<dyn Read + Send>, format: Format) -> Result<Self, Problem> {
        if format == Format::Workbook {
            return Book::read(source).map(|book| Input::Book(Box::new(book)));
        }
        let mut window = Window::new(source);
        window.grow()?;
        let held = window.held();
        if workbook::begins(held) {
            return Err(Problem::Workbook(WorkbookProblem::NamedOtherwise));
        }
        if held.starts_with(b"\xff\xfe") || held.starts_with(b"\xfe\xff") {
            return Err(Problem::Utf16);
        }
        let marked = held.starts_with(BYTE_ORDER_MARK);
        if marked {
            window.consume(BYTE_ORDER_MARK.len());
        }
        if window.ended() && window.held().trim_ascii().is_empty() {
            return Err(Problem::Empty);
        }
        if format == Format::JsonLines {
            return Ok(Input::Lines { lines: Lines::new(window) });
        }
        let (rows, columns, mut header) = Rows::new(window)?;
        if marked {
            header.splice(..0, BYTE_ORDER_MARK.iter().copied());
        }
        Ok(Input::Rows { rows: Box::new(rows), columns, header })
    }

    /// What to say of a file without records.
    fn nothing(&self) -> Problem {
        match self {
            Input::Rows { .. } => Problem::NoRows,
            Input::Lines { .. } => Problem::Empty,
            Input::Book(_) => Problem::Workbook(WorkbookProblem::NoRows),
        }
    }
}
