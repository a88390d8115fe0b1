//! Which waste items belong to which movement: by the reference that stands on both sheets.
//!
//! Must not know: what the other cells hold.

use std::collections::HashMap;

use super::cells;
use super::sheet::Kind;
use super::template::Sheet;
use super::titles::Known;
use super::value;
use crate::reader::number;

/// A record of the workbook.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry {
    /// A movement with its items, from one place to another of [`Join::item`].
    Movement { row: usize, items: (usize, usize) },
    /// A row among the guidance that looks like a movement.
    Guidance { row: usize },
    /// An item without a movement.
    Orphan { row: usize },
}

/// The rows of both sheets, put together.
#[derive(Debug, Default)]
pub(super) struct Join {
    entries: Vec<Entry>,
    /// Rows of items, those of one movement next to each other.
    items: Vec<usize>,
    /// Row numbers of movements that share a reference.
    twins: HashMap<String, Vec<u32>>,
    /// References of movements by their essence, where there are orphans.
    alike: HashMap<String, String>,
}

impl Join {
    /// Puts the rows together.
    pub(super) fn new(movements: &Sheet, items: &Sheet) -> Self {
        let mut join = Join::default();
        let mut waiting: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut orphans = Vec::new();
        let is_movement = |row: &usize| !movements.is_guidance(*row);
        let mut first: HashMap<&str, usize> = HashMap::new();
        for row in movements.data().filter(is_movement) {
            let reference = usable(movements, row);
            if reference.is_empty() {
                continue;
            }
            match first.get(reference) {
                None => {
                    first.insert(reference, row);
                }
                Some(before) => {
                    let before = movements.grid.number(*before);
                    let twins = join.twins.entry(reference.to_owned());
                    twins.or_insert_with(|| vec![before]).push(movements.grid.number(row));
                }
            }
        }
        for row in items.data() {
            let reference = usable(items, row);
            // The template's guidance is no item, unless it has the reference of a movement.
            if first.contains_key(reference) {
                waiting.entry(reference).or_default().push(row);
            } else if !items.is_guidance(row) {
                orphans.push(row);
            }
        }
        for row in movements.data() {
            if movements.is_guidance(row) {
                if holds_a_date(movements, row) {
                    join.entries.push(Entry::Guidance { row });
                }
                continue;
            }
            let start = join.items.len();
            let reference = usable(movements, row);
            if let Some(rows) = waiting.get(reference) {
                join.items.extend(rows);
            }
            join.entries.push(Entry::Movement { row, items: (start, join.items.len()) });
        }
        if !orphans.is_empty() {
            let known = first.keys().map(|reference| (essence(reference), (*reference).to_owned()));
            join.alike = known.collect();
        }
        join.entries.extend(orphans.into_iter().map(|row| Entry::Orphan { row }));
        join
    }

    pub(super) fn entry(&self, at: usize) -> Option<Entry> {
        self.entries.get(at).copied()
    }

    /// The row of an item, on its sheet.
    pub(super) fn item(&self, at: usize) -> usize {
        self.items.get(at).copied().unwrap_or_default()
    }

    /// The rows of the movements that share a reference, where several do.
    pub(super) fn twins(&self, reference: &str) -> Option<&[u32]> {
        self.twins.get(reference).map(Vec::as_slice)
    }

    /// What to say of an item without a movement.
    pub(super) fn why_orphan(&self, movements: &Sheet, items: &Sheet, row: usize) -> String {
        let written = items.reference(row);
        let name = &movements.grid.name;
        if number::is_damaged(written) {
            return number::damage(written);
        }
        let spoilt = items.grid.cell(row, items.reference).filter(|c| !cells::is_reference(c.kind));
        if let Some(cell) = spoilt {
            let what =
                if cell.kind == Kind::NoResult { "a formula without a result" } else { written };
            return format!(
                "the reference of this row cannot be read ({what}): format the cell as Text, and put the reference in again"
            );
        }
        if written.is_empty() {
            return "this row has no reference: write that of its movement, or clear the row if it is a total or a note".to_owned();
        }
        match self.alike.get(&essence(written)) {
            Some(near) => format!(
                "sheet `{name}` has no movement with the reference `{written}`, but one with `{near}`: write both alike"
            ),
            None => format!(
                "sheet `{name}` has no movement with the reference `{written}`: add it there, or correct the reference here"
            ),
        }
    }
}

/// A row's reference, or an empty text where it cannot be used.
pub(super) fn usable(sheet: &Sheet, row: usize) -> &str {
    let cell = sheet.grid.cell(row, sheet.reference);
    let usable = cell.filter(|c| cells::is_reference(c.kind) && !number::is_damaged(c.text));
    usable.map_or("", |cell| cell.text)
}

/// A reference without its case and blanks.
fn essence(reference: &str) -> String {
    let solid = reference.chars().filter(|c| !c.is_whitespace());
    solid.flat_map(char::to_lowercase).collect()
}

/// Whether a row of guidance is a movement that was written there by mistake.
fn holds_a_date(movements: &Sheet, row: usize) -> bool {
    let is_date =
        |known| matches!(known, Some(Known::Field(field)) if field.path == "dateTimeReceived");
    let column = movements.columns.iter().find(|column| is_date(column.known));
    let cell = column.and_then(|column| movements.grid.cell(row, column.number));
    let has_date = cell.is_some_and(|cell| {
        cell.kind == Kind::Moment
            || value::written_date(cell.text).is_some_and(|(_, t)| t.is_some())
    });
    has_date && !usable(movements, row).is_empty()
}
