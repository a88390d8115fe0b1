//! Lines of totals among the rows of a file.
//!
//! Must not know: what makes a line one.

use std::borrow::Cow;

use super::{Next, Rows};
use crate::reader::columns::Columns;
use crate::reader::error::Problem;
use crate::reader::header::cell_text;
use crate::reader::repair::RepairKind;
use crate::reader::total::{self, Total};

impl Rows {
    /// Whether the row in the first slot is a line of totals; if so, it is noted.
    pub(super) fn is_total(&mut self, columns: &Columns) -> Result<bool, Problem> {
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
}
