//! Rows as they were read, with what was wrong in columns of ours on their left.
//!
//! On the left, and not behind the last column: rows may have fewer cells than titles, or more (that
//! may be what is wrong with them), and what stands behind them would be in the wrong column. A row
//! behind ours is untouched, byte by byte. In JSON lines a line of ours stands above the record.

use std::io::{self, Write};

use super::encode::encode;
use super::note::{Above, harmless, said};
use super::{Outgoing, Setting};
use crate::ledger::Layout;
use crate::reader::{OWN_COLUMN_PREFIX, raw_rows};

/// The columns that are added, behind [`OWN_COLUMN_PREFIX`].
const COLUMNS: [&str; 4] = ["errors", "state", "wasteTrackingId", "from"];
/// What stands between two findings in a cell.
const BETWEEN: &str = " | ";

/// Rows of one layout, written into `W`.
#[derive(Debug)]
pub struct Table<W> {
    out: W,
    encoding: String,
    line_break: Vec<u8>,
    /// Whether what was written last has no line break yet.
    open: bool,
}

impl<W: Write> Table<W> {
    /// Begins with what stands above the rows.
    pub fn begin(layout: &Layout, out: W) -> io::Result<Self> {
        let encoding = layout.encoding.clone();
        let mut table = Table { out, encoding, line_break: b"\n".to_vec(), open: false };
        let Some(&delimiter) = layout.delimiter.as_bytes().first() else { return Ok(table) };
        let (above, titles) = layout.header.split_at(layout.titles_at.min(layout.header.len()));
        let rows = raw_rows(titles, delimiter);
        if let Some(end) = rows.first().map(|row| row.end).filter(|end| !end.is_empty()) {
            table.line_break = end.to_vec();
        }
        let ours = COLUMNS.map(|column| format!("{OWN_COLUMN_PREFIX}{column}"));
        let header = [above, &joined(&ours, &[titles], delimiter)].concat();
        table.put(&header)?;
        Ok(table)
    }

    /// Writes a record: the rows that it was read from, as UTF-8, and what they were set in.
    pub fn write(&mut self, record: &Outgoing, setting: &Setting, rows: &[u8]) -> io::Result<()> {
        let text = if let Some(delimiter) = setting.delimiter() {
            with_columns(record, setting, delimiter, rows)
        } else {
            let mut text = serde_json::to_vec(&Above::new(record)).map_err(io::Error::from)?;
            text.extend_from_slice(&self.line_break);
            text.extend_from_slice(rows);
            text
        };
        if self.open {
            let line_break = std::mem::take(&mut self.line_break);
            self.put(&line_break)?;
            self.line_break = line_break;
        }
        self.put(&text)
    }

    /// All is written.
    pub fn end(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, text: &[u8]) -> io::Result<()> {
        self.open = !text.ends_with(b"\n") && !text.ends_with(b"\r");
        self.out.write_all(&encode(text, &self.encoding))
    }
}

/// A record's rows, each with what is said of it.
fn with_columns(record: &Outgoing, setting: &Setting, delimiter: u8, rows: &[u8]) -> Vec<u8> {
    let rows = raw_rows(rows, delimiter);
    let mut line = record.line;
    let lines: Vec<u64> = rows
        .iter()
        .map(|row| {
            line += row.breaks;
            line - row.breaks
        })
        .collect();
    // What belongs to no row of its own stands on the first.
    let line_of = |found: Option<i64>| {
        let line = found.map(i64::unsigned_abs);
        line.filter(|line| lines.contains(line)).unwrap_or(record.line)
    };
    let mut text = Vec::new();
    for (row, line) in rows.iter().zip(&lines) {
        if row.is_blank {
            text.extend(row.cells.join(&delimiter));
        } else {
            let here = record.findings.iter().filter(|found| line_of(found.line) == *line);
            let errors = here.filter_map(said).collect::<Vec<_>>().join(BETWEEN);
            let ours = [
                harmless(&errors),
                record.state.as_str().to_owned(),
                harmless(record.waste_tracking_id.as_deref().unwrap_or_default()),
                harmless(&format!("{} line {line}", record.file_name())),
            ];
            text.extend(joined(&ours, &setting.kept(row), delimiter));
        }
        text.extend_from_slice(row.end);
    }
    text
}

/// Cells of ours, and then those of a row.
fn joined(ours: &[String], row: &[&[u8]], delimiter: u8) -> Vec<u8> {
    let mut cells: Vec<Vec<u8>> = ours.iter().map(|cell| quoted(cell)).collect();
    cells.extend(row.iter().map(|cell| cell.to_vec()));
    cells.join(&delimiter)
}

/// A cell in quotes, where whatever reads it next might need them.
fn quoted(cell: &str) -> Vec<u8> {
    let needed = cell.contains([',', ';', '\t', '"', '\r', '\n']) || cell.trim() != cell;
    if needed { format!("\"{}\"", cell.replace('"', "\"\"")).into_bytes() } else { cell.into() }
}
