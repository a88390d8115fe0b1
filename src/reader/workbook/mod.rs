//! The government's spreadsheet template to records: the same ones as from the CSV of the same data.
//!
//! ```text
//! container -> sheet (by calamine) -> template -> join -> cells -> build -> record
//! ```
//!
//! Both sheets are held while the file is read, since items may stand in any order; what a file may
//! make of memory is bounded by [`container`] and [`sheet`]. A movement is offered to `build` as a
//! group of rows: its own, and one for each of its items. Must not know: checks, the ledger.

mod cells;
mod container;
mod join;
mod problem;
mod sheet;
mod template;
mod titles;
mod value;

use std::io::Read;
use std::sync::Arc;

pub(super) use container::begins;
pub use problem::{ITEM_SHEET, MOVEMENT_SHEET, WorkbookProblem};
pub use template::{GUIDANCE, ITEM_COLUMNS, MOVEMENT_COLUMNS, TITLE_ROW};

use cells::Remark;
use join::{Entry, Join};
use template::Sheet;
use titles::Known;

use crate::finding::{ErrorType, Finding, Place, Severity};
use crate::json::Value;
use crate::movement::fields::{Field, Level};
use crate::reader::build::{self, How, WHOLE};
use crate::reader::cell;
use crate::reader::columns::{Columns, OnSheet};
use crate::reader::error::Problem;
use crate::reader::group::Group;
use crate::reader::record::Record;
use crate::reader::split;

/// So many values outside of all columns are spelt out.
const STRAYS_NAMED: usize = 20;
/// So many letters of one.
const STRAY_LETTERS: usize = 40;

/// A workbook that is the template.
pub(super) struct Book {
    movements: Sheet,
    items: Sheet,
    columns: Columns,
    join: Join,
    next: usize,
    /// The group's texts, and where its cells stand in them.
    text: String,
    rows: Vec<split::Row>,
    findings: Vec<Finding>,
    /// What stands outside of all rows; said of the first record.
    loose: Vec<Finding>,
    size: u64,
}

/// Which sheet a row is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Movements,
    Items,
}

impl Book {
    /// Reads a whole workbook.
    pub(super) fn read(source: impl Read) -> Result<Self, Problem> {
        let bytes = container::read(source)?;
        let size = bytes.len() as u64;
        let (movements, items) = open(bytes)?;
        let columns = columns(&movements, &items).ok_or(WorkbookProblem::NoRows)?;
        let join = Join::new(&movements, &items);
        let mut book = Book {
            movements,
            items,
            columns,
            join,
            next: 0,
            text: String::new(),
            rows: Vec::new(),
            findings: Vec::new(),
            loose: Vec::new(),
            size,
        };
        book.loose = book.loose_ones();
        Ok(book)
    }

    /// The size of the file in bytes: all of it was read before the first record.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The next record.
    pub(super) fn next_record<'b>(&'b mut self, how: How<'b>) -> Option<Record<'b>> {
        let entry = self.join.entry(self.next)?;
        self.next += 1;
        self.text.clear();
        self.rows.clear();
        self.findings.clear();
        let loose = std::mem::take(&mut self.loose);
        match entry {
            Entry::Movement { row, items } => {
                self.put_row(row, On::Movements, None);
                self.put_items(items);
                self.judge_movement(row, items);
            }
            Entry::Guidance { row } => {
                self.put_row(row, On::Movements, None);
                self.note_guidance(row);
            }
            Entry::Orphan { row } => {
                self.put_nothing(row);
                self.put_row(row, On::Items, Some(0));
                self.note_orphan(row);
            }
        }
        let book = &*self;
        let (begins_on, reference) = match entry {
            Entry::Movement { .. } => (&book.movements, ""),
            Entry::Guidance { row } => (&book.movements, book.movements.reference(row)),
            Entry::Orphan { row } => (&book.items, book.items.reference(row)),
        };
        let sheet = &begins_on.grid.name;
        let group = Group::of_sheet(&book.text, &book.rows, sheet, reference);
        let mut record = build::record(group, &book.columns, None, how);
        match entry {
            Entry::Movement { .. } => {
                record.findings.splice(..0, book.findings.iter().cloned());
                without_repetition(&mut record.findings);
            }
            Entry::Guidance { .. } | Entry::Orphan { .. } => {
                // It is no movement: nothing else about it matters.
                record.readable = false;
                record.findings = book.findings.last().cloned().into_iter().collect();
                record.repairs.clear();
                if let Value::Object(body) = &mut record.movement.body {
                    body.remove("yourUniqueReference");
                }
            }
        }
        record.findings.extend(loose);
        Some(record)
    }

    /// In the place of a movement that is missing, a row without anything.
    fn put_nothing(&mut self, row: usize) {
        let nothing = split::Cell { start: 0, end: 0, text: split::Text::Plain };
        let line = u64::from(self.items.grid.number(row));
        let cells = vec![nothing; self.columns.width()];
        self.rows.push(split::Row { line, cells, ..split::Row::default() });
    }

    fn put_items(&mut self, items: (usize, usize)) {
        let mut index = 0;
        for at in items.0..items.1 {
            let row = self.join.item(at);
            if self.put_row(row, On::Items, Some(index)) {
                index += 1;
            } else {
                let words = "this row has a reference and nothing else: fill it in, or clear it";
                self.note_key(On::Items, row, "wasteItems", ErrorType::NotProvided, words.into());
            }
        }
    }

    /// Puts a row's cells behind those of the group; says whether there are any.
    fn put_row(&mut self, row: usize, on: On, item: Option<usize>) -> bool {
        let of_items = on == On::Items;
        let sheet = if of_items { &self.items } else { &self.movements };
        let nothing = split::Cell { start: 0, end: 0, text: split::Text::Plain };
        let mut cells = vec![nothing; self.columns.width()];
        let line = u64::from(sheet.grid.number(row));
        let mut has_something = false;
        for (index, number, field) in self.columns.on_sheet(of_items) {
            let found = sheet.grid.cell(row, number);
            let (text, remark) = if field.path == "dateTimeReceived" {
                let time = sheet.time().and_then(|time| sheet.grid.cell(row, time));
                cells::received(found, time, sheet.grid.base_1904)
            } else if let Some(found) = found {
                cells::read(field, found)
            } else {
                continue;
            };
            has_something |= !text.is_empty() || remark.is_some();
            // A reference that was spoilt must not be taken for another load's.
            let is_spoilt = field.path == "yourUniqueReference"
                && found.is_some_and(|found| !cells::is_reference(found.kind));
            let start = self.text.len();
            self.text.push_str(if is_spoilt { "" } else { &text });
            cells[index] = split::Cell { start, end: self.text.len(), text: split::Text::Plain };
            if let Some(remark) = remark {
                self.findings.push(finding(&self.columns, remark, field, item, (index, line)));
            }
        }
        strays(sheet, row, &mut self.findings);
        self.rows.push(split::Row { line, cells, ..split::Row::default() });
        has_something
    }

    /// What the join found wrong with a movement.
    fn judge_movement(&mut self, row: usize, items: (usize, usize)) {
        let reference = join::usable(&self.movements, row).to_owned();
        let mut said = Vec::new();
        if let Some(twins) = self.join.twins(&reference) {
            let rows: Vec<String> = twins.iter().take(8).map(ToString::to_string).collect();
            let words = format!(
                "the reference `{reference}` stands in rows {} of this sheet: waste items belong to a movement by its reference, so give each movement one of its own; none of these is sent",
                rows.join(", ")
            );
            let kind = ErrorType::BusinessRuleViolation;
            said.push(("yourUniqueReference", Severity::Blocking, kind, words));
        }
        if items.0 == items.1 && !reference.is_empty() {
            let words = format!(
                "no row of sheet `{}` has the reference `{reference}`: each movement needs at least one waste item",
                self.items.grid.name
            );
            said.push(("wasteItems", Severity::Error, ErrorType::NotProvided, words));
        }
        for (key, severity, kind, words) in said {
            let mut finding = Finding::new(severity, key, kind, words);
            finding.place = Some(place(&self.movements, row, self.movements.reference));
            self.findings.push(finding);
        }
    }

    fn note_guidance(&mut self, row: usize) {
        let first = self.movements.titles + template::GUIDANCE + 1;
        let words = format!(
            "this row holds a date, and stands where the template has its guidance: movements begin in row {first}; move it down, or clear it"
        );
        let mut finding = Finding::new(Severity::Blocking, WHOLE, ErrorType::NotAllowed, words);
        finding.place = Some(place(&self.movements, row, self.movements.reference));
        self.findings.push(finding);
    }

    fn note_orphan(&mut self, row: usize) {
        let words = self.join.why_orphan(&self.movements, &self.items, row);
        let kind = ErrorType::BusinessRuleViolation;
        self.note_key(On::Items, row, "yourUniqueReference", kind, words);
    }

    /// Notes what stops a record, at the reference in a row.
    fn note_key(&mut self, on: On, row: usize, key: &str, kind: ErrorType, words: String) {
        let sheet = if on == On::Items { &self.items } else { &self.movements };
        let mut finding = Finding::new(Severity::Blocking, key, kind, words);
        finding.place = Some(place(sheet, row, sheet.reference));
        self.findings.push(finding);
    }

    /// What stands below the titles in rows that hold nothing else.
    fn loose_ones(&self) -> Vec<Finding> {
        let mut loose = Vec::new();
        for sheet in [&self.movements, &self.items] {
            let mut data = sheet.data().peekable();
            for row in 0..sheet.grid.len() {
                while data.next_if(|known| *known < row).is_some() {}
                let below = sheet.grid.number(row) > sheet.titles + template::GUIDANCE;
                if below && data.peek() != Some(&row) && loose.len() < STRAYS_NAMED {
                    strays(sheet, row, &mut loose);
                }
            }
        }
        loose.truncate(STRAYS_NAMED);
        loose
    }
}

fn open(bytes: Vec<u8>) -> Result<(Sheet, Sheet), WorkbookProblem> {
    let mut workbook = sheet::open(bytes)?;
    let (movements, items) = template::sheets(&workbook)?;
    let movements = Sheet::new(sheet::Grid::read(&mut workbook, &movements)?, Level::Movement)?;
    let items = Sheet::new(sheet::Grid::read(&mut workbook, &items)?, Level::Item)?;
    Ok((movements, items))
}

/// The columns of both sheets, those of the movements first.
fn columns(movements: &Sheet, items: &Sheet) -> Option<Columns> {
    let mut found = Vec::new();
    for sheet in [movements, items] {
        let name: Arc<str> = sheet.grid.name.as_str().into();
        for column in &sheet.columns {
            if let Some(Known::Field(field)) = column.known {
                let at = OnSheet { sheet: name.clone(), number: usize::from(column.number) };
                found.push((column.title.clone(), field, at));
            }
        }
    }
    Columns::of_sheets(found)
}

fn finding(
    columns: &Columns,
    remark: Remark,
    field: &'static Field,
    item: Option<usize>,
    (index, line): (usize, u64),
) -> Finding {
    let Remark { severity, error_type, message } = remark;
    let mut finding = Finding::new(severity, cell::key(field.path, item), error_type, message);
    finding.place = Some(Place {
        line,
        column: Some(columns.number(index).unwrap_or_default() as u64 + 1),
        column_name: Some(columns.title(index).to_owned()),
        sheet: columns.sheet(index).map(str::to_owned),
    });
    finding
}

fn place(sheet: &Sheet, row: usize, column: u16) -> Place {
    let title = sheet.column(column).map(|column| column.title.clone());
    Place {
        line: u64::from(sheet.grid.number(row)),
        column: Some(u64::from(column) + 1),
        column_name: title.filter(|title| !title.is_empty()),
        sheet: Some(sheet.grid.name.clone()),
    }
}

/// Values in columns that are none of ours: not sent, and so said.
fn strays(sheet: &Sheet, row: usize, findings: &mut Vec<Finding>) {
    for cell in sheet.grid.cells(row) {
        let column = sheet.column(cell.column);
        if column.is_some_and(|column| column.known.is_some())
            || sheet.is_for_people(cell.column)
            || cell.text.is_empty()
        {
            continue;
        }
        let mut shown: String = cell.text.chars().take(STRAY_LETTERS).collect();
        if shown.len() < cell.text.len() {
            shown.push_str("...");
        }
        let title = match column {
            Some(column) => {
                format!("the title of which (`{}`) is not the template's", column.title)
            }
            None => "that has no title".to_owned(),
        };
        let words = format!("`{shown}` stands in a column {title}: it is not sent");
        let mut finding = Finding::new(Severity::Advice, WHOLE, ErrorType::NotAllowed, words);
        finding.place = Some(place(sheet, row, cell.column));
        findings.push(finding);
    }
}

/// A reference that was spoilt is missing: that is said already.
fn without_repetition(findings: &mut Vec<Finding>) {
    let is_spoilt = |finding: &Finding| {
        finding.key == "yourUniqueReference" && finding.error_type == ErrorType::InvalidFormat
    };
    if findings.iter().any(is_spoilt) {
        findings.retain(|finding| {
            finding.key != "yourUniqueReference" || finding.error_type != ErrorType::NotProvided
        });
    }
}
