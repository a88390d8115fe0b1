//! The rows of one movement, as they are offered to whoever makes a record of them.
//!
//! Must not know: where rows come from, what their cells mean.

use std::ops::Range;

use crate::reader::profile::UnknownSite;
use crate::reader::split::{Cell, Row, Text};
use crate::reader::trim;

/// The rows of one movement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group<'r> {
    text: &'r str,
    scratch: &'r str,
    rows: &'r [Row],
    /// The rows as they stand in the file, which a profile may make others of.
    shape: Shape<'r>,
    unknown_sites: &'r [UnknownSite],
    /// In a workbook the sheet of its first row, and what is kept of it beside the body.
    sheet: Option<(&'r str, &'r str)>,
}

#[derive(Debug, Clone, Copy)]
struct Shape<'r> {
    scratch: &'r str,
    rows: &'r [Row],
}

/// Cells that stand side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span<'r> {
    /// From the first cell's text to the end of the last one's, and what stands between them.
    pub(super) bytes: &'r [u8],
    cells: &'r [Cell],
}

impl Span<'_> {
    /// Where in the bytes each cell's text begins and ends.
    pub(super) fn cells(&self) -> impl Iterator<Item = (usize, usize)> {
        let begin = self.cells.first().map_or(0, |cell| cell.start);
        self.cells.iter().map(move |cell| (cell.start - begin, cell.end - begin))
    }
}

impl<'r> Group<'r> {
    /// Rows as they stand in the file; cells whose quotes were doubled stand in `scratch`.
    pub(super) fn plain(text: &'r str, scratch: &'r str, rows: &'r [Row]) -> Self {
        let shape = Shape { scratch, rows };
        Group { text, scratch, rows, shape, unknown_sites: &[], sheet: None }
    }

    /// Rows of a workbook, whose cells are places in a text. `kept` is what the body does not have
    /// and an export needs: the reference of what is no movement.
    pub(super) fn of_sheet(text: &'r str, rows: &'r [Row], sheet: &'r str, kept: &'r str) -> Self {
        Group { sheet: Some((sheet, kept)), ..Group::plain(text, "", rows) }
    }

    /// The sheet of its first row, in a workbook.
    pub(super) fn sheet(&self) -> Option<&'r str> {
        self.sheet.map(|(sheet, _)| sheet)
    }

    /// The same with the rows that a profile makes of them; their cells stand in a text of theirs.
    pub(super) fn mapped(
        self,
        scratch: &'r str,
        rows: &'r [Row],
        unknown_sites: &'r [UnknownSite],
    ) -> Self {
        Group { scratch, rows, unknown_sites, ..self }
    }

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

    /// The cells of some columns, where all of them are there and their texts stand side by side.
    pub(super) fn span(&self, row: usize, columns: Range<usize>) -> Option<Span<'r>> {
        let cells = self.rows.get(row)?.cells.get(columns)?;
        let (first, last) = (cells.first()?, cells.last()?);
        let follows = |pair: &[Cell]| pair[0].text == pair[1].text && pair[0].end <= pair[1].start;
        if !cells.windows(2).all(follows) {
            return None;
        }
        let text = if first.text == Text::Scratch { self.scratch } else { self.text };
        Some(Span { bytes: text.as_bytes().get(first.start..last.end)?, cells })
    }

    /// No cell's text is longer, in bytes.
    pub(super) fn longest_text(&self) -> usize {
        self.text.len().max(self.scratch.len())
    }

    /// The rows' bytes as they stand in the file; of a workbook what is kept beside the body.
    pub(super) fn raw(&self) -> &'r [u8] {
        if let Some((_, kept)) = self.sheet {
            return kept.as_bytes();
        }
        let start = self.shape.rows.first().map_or(0, |row| row.start);
        &self.text.as_bytes()[start..]
    }
}

/// A cell's text, trimmed.
pub(super) fn text_of<'r>(
    text: &'r str,
    scratch: &'r str,
    row: Option<&Row>,
    column: usize,
) -> &'r str {
    let Some(cell) = row.and_then(|row| row.cells.get(column)) else { return "" };
    // As many are in wide files.
    if cell.start == cell.end {
        return "";
    }
    let text = if cell.text == Text::Scratch { scratch } else { text };
    trim(text.get(cell.start..cell.end).unwrap_or_default())
}
