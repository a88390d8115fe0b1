//! What stands above the rows: the line of column names, and what it makes of a file.
//!
//! Must not know: rows of movements.

use super::{Mapped, Next, Rows};
use crate::reader::columns::Columns;
use crate::reader::error::Problem;
use crate::reader::header;
use crate::reader::profile::Profile;
use crate::reader::repair::{RepairKind, RepairTally, Repairs};
use crate::reader::split::line_breaks;
use crate::reader::window::Window;

/// So many lines may stand above the column names, where a profile tells what these are.
const MAX_LINES_ABOVE: u64 = 100;

/// What stands above the rows of a file.
pub(in crate::reader) struct Header {
    pub(in crate::reader) columns: Columns,
    /// Its bytes, as UTF-8.
    pub(in crate::reader) bytes: Vec<u8>,
    /// Where in them the row of titles begins.
    pub(in crate::reader) titles_at: usize,
}

impl Rows {
    /// Reads the line of column names, by a profile if there is one.
    pub(in crate::reader) fn new(
        window: Window,
        repairs: Repairs,
        profile: Option<&Profile>,
    ) -> Result<(Self, Header), Problem> {
        let mut rows = Rows {
            window,
            delimiter: b',',
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
        self.delimiter = delimiter;
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
                    self.delimiter = delimiter;
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
}
