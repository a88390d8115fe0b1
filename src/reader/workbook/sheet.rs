//! A sheet's cells as texts, with what kind of cell each was.
//!
//! Only cells in which something stands are kept, whatever the sheet says of its size. Must not
//! know: titles, fields.

use std::io::Cursor;

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};

use super::problem::WorkbookProblem;
use super::value;
use crate::finding::column_letters;

/// The most that the texts of a sheet may take up, each cell's counted, in bytes.
const MAX_TEXT: usize = 256 * 1_048_576;
/// The most cells of a sheet in which something stands: all of the template's, in all rows.
const MAX_CELLS: usize = 20_000_000;
/// The most rows and columns that a sheet has.
const MAX_ROWS: u32 = 1_048_576;
const MAX_COLUMNS: u32 = 16_384;

/// What kind of cell it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// A number, written out.
    Number,
    /// A whole number whose last digits the spreadsheet has lost.
    LongNumber,
    /// TRUE or FALSE.
    Flag,
    /// Day and time: `05/10/2026 09:20:00`.
    Moment,
    /// A time alone: `09:20:00`.
    Time,
    /// A formula whose result was not stored; there is no text.
    NoResult,
}

/// A cell in which something stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// Its column, from 0.
    pub(super) column: u16,
    pub(super) kind: Kind,
    start: u32,
    end: u32,
}

/// A row in which something stands.
#[derive(Debug, Clone)]
struct Row {
    /// Its number, from 1.
    number: u32,
    cells: Vec<Cell>,
}

/// A sheet.
#[derive(Debug)]
pub(super) struct Grid {
    /// Its name in the workbook.
    pub(super) name: String,
    text: String,
    rows: Vec<Row>,
    /// Whether days are counted from 1904.
    pub(super) base_1904: bool,
}

/// A cell with its text, trimmed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'g> {
    /// Its column, from 0.
    pub(super) column: u16,
    pub(super) kind: Kind,
    pub(super) text: &'g str,
}

/// The workbook as its reader has it.
pub(super) type Open = Xlsx<Cursor<Vec<u8>>>;

/// Opens a workbook whose bytes are known to stay in bounds.
pub(super) fn open(bytes: Vec<u8>) -> Result<Open, WorkbookProblem> {
    Xlsx::new(Cursor::new(bytes)).map_err(|error| problem(&error))
}

fn problem(error: &XlsxError) -> WorkbookProblem {
    match error {
        XlsxError::Password => WorkbookProblem::Encrypted,
        other => WorkbookProblem::Broken(other.to_string()),
    }
}

impl Grid {
    /// Reads a sheet.
    pub(super) fn read(workbook: &mut Open, name: &str) -> Result<Self, WorkbookProblem> {
        let base_1904 = workbook.has_1904_epoch();
        let mut grid =
            Grid { name: name.to_owned(), text: String::new(), rows: Vec::new(), base_1904 };
        let (mut last, mut count) = (None, 0);
        let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| problem(&error))?;
        loop {
            // Shared formulas are not written out: what a workbook says of them may be anything.
            let cell = match cells.next_cell_with_formula_metadata() {
                Ok(None) => break,
                Ok(Some(cell)) => cell,
                Err(error) => return Err(behind(name, last, &error)),
            };
            let (row, column) = cell.pos;
            if row >= MAX_ROWS || column >= MAX_COLUMNS {
                let words = format!("sheet `{name}` has a cell beyond the last one of any sheet");
                return Err(WorkbookProblem::Broken(words));
            }
            last = Some(cell.pos);
            let start = grid.text.len();
            let Some(kind) = grid.write(&cell.value, cell.formula.is_some()) else { continue };
            grid.push(row + 1, column, kind, start);
            count += 1;
            let too_large = |what: &str, most| {
                Err(WorkbookProblem::TooLarge { what: format!("{what} of sheet `{name}`"), most })
            };
            if grid.text.len() > MAX_TEXT {
                return too_large("the texts", format!("{} MiB", MAX_TEXT / 1_048_576));
            }
            if count > MAX_CELLS {
                return too_large("the cells", MAX_CELLS.to_string());
            }
            if grid.rows.len() > MAX_ROWS as usize {
                return too_large("the rows", MAX_ROWS.to_string());
            }
        }
        grid.rows.sort_by_key(|row| row.number);
        Ok(grid)
    }

    /// Writes a value as text; none where nothing stands in the cell.
    fn write(&mut self, value: &DataRef<'_>, is_formula: bool) -> Option<Kind> {
        let (text, kind) = match value {
            DataRef::Empty => return is_formula.then_some(Kind::NoResult),
            DataRef::String(text) | DataRef::DurationIso(text) => (text.as_str(), Kind::Text),
            DataRef::SharedString(text) => (*text, Kind::Text),
            DataRef::Bool(flag) => (if *flag { "TRUE" } else { "FALSE" }, Kind::Flag),
            #[expect(clippy::cast_precision_loss, reason = "no cell holds an integer as such")]
            DataRef::Int(number) => return Some(self.write_number(*number as f64)),
            DataRef::Float(number) => return Some(self.write_number(*number)),
            DataRef::DateTime(at) => return Some(self.write_serial(at.as_f64())),
            DataRef::DateTimeIso(text) => return Some(self.write_iso(text)),
            DataRef::Error(error) => {
                self.text.push_str(&error.to_string());
                return Some(Kind::Text);
            }
        };
        let text = text.trim();
        self.text.push_str(text);
        (!text.is_empty()).then_some(kind)
    }

    fn write_number(&mut self, number: f64) -> Kind {
        self.text.push_str(&value::spell(number));
        if value::has_lost_digits(number) { Kind::LongNumber } else { Kind::Number }
    }

    /// A number that is shown as a date or a time.
    fn write_serial(&mut self, serial: f64) -> Kind {
        if let Some(time) = value::time_of_day(serial) {
            self.text.push_str(&value::show_time(time));
            return Kind::Time;
        }
        match value::moment(serial, self.base_1904) {
            Some(at) => {
                self.text.push_str(&value::show(at));
                Kind::Moment
            }
            None => self.write_number(serial),
        }
    }

    fn write_iso(&mut self, text: &str) -> Kind {
        let text = text.trim();
        if let Ok(at) = text.trim_end_matches('Z').parse::<jiff::civil::DateTime>() {
            self.text.push_str(&value::show(at));
            return Kind::Moment;
        }
        self.text.push_str(text);
        Kind::Text
    }

    fn push(&mut self, number: u32, column: u32, kind: Kind, start: usize) {
        // Bounded by MAX_TEXT and MAX_COLUMNS.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (start, end) = (place(start), place(self.text.len()));
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        let cell = Cell { column, kind, start, end };
        match self.rows.last_mut() {
            Some(row) if row.number == number => row.cells.push(cell),
            _ => self.rows.push(Row { number, cells: vec![cell] }),
        }
    }

    /// How many rows there are in which something stands.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of such a row, from 1.
    pub(super) fn number(&self, row: usize) -> u32 {
        self.rows.get(row).map_or(0, |row| row.number)
    }

    /// The cells of such a row, in the order of the file.
    pub(super) fn cells(&self, row: usize) -> impl Iterator<Item = Found<'_>> {
        let cells = self.rows.get(row).map(|row| row.cells.as_slice()).unwrap_or_default();
        cells.iter().map(|cell| Found {
            column: cell.column,
            kind: cell.kind,
            text: self.text.get(cell.start as usize..cell.end as usize).unwrap_or_default(),
        })
    }

    /// A cell of such a row.
    pub(super) fn cell(&self, row: usize, column: u16) -> Option<Found<'_>> {
        self.cells(row).find(|cell| cell.column == column)
    }
}

/// What to say of a cell that cannot be read: the reader knows only the one before it.
fn behind(name: &str, last: Option<(u32, u32)>, error: &XlsxError) -> WorkbookProblem {
    let place = last.map_or_else(
        || "before its first cell".to_owned(),
        |(row, column)| format!("behind cell {}{}", column_letters(u64::from(column) + 1), row + 1),
    );
    WorkbookProblem::Broken(format!("sheet `{name}` cannot be read {place}: {error}"))
}
