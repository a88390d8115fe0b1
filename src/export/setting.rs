//! What rows are set in, and which columns of it were ours already when it was read.

use crate::ledger::Layout;
use crate::reader::{RawRow, raw_rows};

/// A layout without columns of ours, and which columns of the file those were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    layout: Layout,
    own: Vec<usize>,
}

impl Setting {
    /// That of a file's rows.
    pub fn of(mut layout: Layout) -> Self {
        let mut setting = Setting { layout: layout.clone(), own: Vec::new() };
        let Some(delimiter) = setting.delimiter() else { return setting };
        let titles_at = layout.titles_at.min(layout.header.len());
        let rows = raw_rows(&layout.header[titles_at..], delimiter);
        setting.own = rows.first().map(RawRow::own_columns).unwrap_or_default();
        let mut header = layout.header[..titles_at].to_vec();
        for row in &rows {
            header.extend(setting.kept(row).join(&delimiter));
            header.extend_from_slice(row.end);
        }
        layout.header = header;
        Setting { layout, ..setting }
    }

    /// The layout without columns of ours: rows with the same one can stand in one table.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether such rows can be written as they were read: a workbook's cannot.
    pub fn is_text(&self) -> bool {
        matches!(self.layout.format.as_str(), "csv" | "jsonl")
    }

    /// What stands between the cells of a row, where rows have cells.
    pub(super) fn delimiter(&self) -> Option<u8> {
        self.layout.delimiter.as_bytes().first().copied()
    }

    /// The cells of a row that are not ours.
    pub(super) fn kept<'t>(&self, row: &RawRow<'t>) -> Vec<&'t [u8]> {
        let cells = row.cells.iter().enumerate();
        cells.filter(|(at, _)| !self.own.contains(at)).map(|(_, cell)| *cell).collect()
    }
}
