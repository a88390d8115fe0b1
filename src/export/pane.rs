//! One sheet of the template while it is written.
//!
//! Must not know: which movements there are.

use rust_xlsxwriter::{
    Color, ExcelDateTime, Format, FormatAlign, FormatBorder, Worksheet, XlsxError,
};

use super::cells::{self, Content};
use super::{Outgoing, note};
use crate::finding::Severity;
use crate::json::Value;
use crate::movement::fields::{self, Field, Level, Need};
use crate::reader::{GUIDANCE, ITEM_COLUMNS, MOVEMENT_COLUMNS, TITLE_ROW};
use crate::submission::State;

/// A cell of a spreadsheet has room for so many letters.
const LONGEST: usize = 32_767;

const REFERENCE: &str = "yourUniqueReference";

/// A row on its way to a sheet.
pub(super) struct Row {
    cells: Vec<(&'static Field, Content)>,
    /// The reference by which it joins its movement, on the sheet of items.
    join: Option<String>,
    errors: String,
    /// The fields at fault.
    faults: Vec<&'static str>,
}

impl Row {
    /// An empty row of a movement, or of its item with this number, with what was found in it.
    pub(super) fn new(record: &Outgoing, item: Option<usize>) -> Self {
        let mut row =
            Row { cells: Vec::new(), join: None, errors: String::new(), faults: Vec::new() };
        for found in &record.findings {
            if item_of(&found.key) != item {
                continue;
            }
            if let Some(said) = note::said(found) {
                let separator = if row.errors.is_empty() { "" } else { "\n" };
                row.errors = format!("{}{separator}{said}", row.errors);
            }
            let stops = Severity::parse(&found.severity).is_some_and(Severity::stops);
            let field = fields::of_key(&found.key).filter(|_| stops);
            row.faults.extend(field.map(|field| field.path));
        }
        if row.errors.is_empty() && item.is_none() && record.state != State::Accepted {
            row.errors = format!("state: {}", record.state);
        }
        row
    }

    /// The row of an item that belongs to no movement: whatever was found is about it.
    pub(super) fn of_orphan(record: &Outgoing) -> Self {
        let mut row = Row::new(record, Some(0));
        let said: Vec<_> = record.findings.iter().filter_map(note::said).collect();
        row.errors = said.join("\n");
        row
    }

    pub(super) fn join(&mut self, reference: &str) {
        self.join = Some(reference.to_owned());
    }

    pub(super) fn take(&mut self, field: &'static Field, value: Option<&Value<'_>>) {
        let content = value.and_then(|value| cells::content(field, value));
        self.cells.extend(content.map(|content| (field, content)));
    }

    /// Whether a column is, or is a part of, what is at fault.
    fn is_at_fault(&self, column: &str) -> bool {
        let lies_in = |part: &str, whole: &str| {
            part.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.faults.iter().any(|fault| lies_in(column, fault) || lies_in(fault, column))
    }
}

/// The item that a key speaks of.
fn item_of(key: &str) -> Option<usize> {
    key.strip_prefix("wasteItems.")?.split('.').next()?.parse().ok()
}

/// A sheet.
pub(super) struct Pane {
    sheet: Worksheet,
    level: Level,
    /// The fields of its columns from B on.
    columns: Vec<&'static str>,
    /// How many of them the template has.
    of_template: usize,
    /// The next row, from 0.
    row: u32,
    looks: Looks,
}

struct Looks {
    title: Format,
    guidance: Format,
    text: Format,
    number: Format,
    moment: Format,
    wrong_text: Format,
    wrong_number: Format,
    wrong_moment: Format,
    error: Format,
}

impl Looks {
    fn new() -> Self {
        let moment = "dd/mm/yyyy hh:mm:ss";
        let text = Format::new().set_num_format("@").set_align(FormatAlign::Top);
        let number = Format::new().set_align(FormatAlign::Top);
        let wrong = |format: &Format| format.clone().set_background_color(Color::RGB(0x00FF_C7CE));
        let moment = Format::new().set_num_format(moment).set_align(FormatAlign::Top);
        Looks {
            title: Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin),
            guidance: Format::new().set_italic().set_text_wrap().set_align(FormatAlign::Top),
            error: Format::new()
                .set_font_color(Color::RGB(0x009C_0006))
                .set_text_wrap()
                .set_align(FormatAlign::Top),
            wrong_text: wrong(&text),
            wrong_number: wrong(&number),
            wrong_moment: wrong(&moment),
            text,
            number,
            moment,
        }
    }
}

impl Pane {
    pub(super) fn new(name: &str, level: Level) -> Result<Self, XlsxError> {
        let columns: &[&'static str] =
            if level == Level::Item { &ITEM_COLUMNS } else { &MOVEMENT_COLUMNS };
        let mut pane = Pane {
            sheet: Worksheet::new(),
            level,
            columns: Vec::new(),
            of_template: columns.len(),
            row: TITLE_ROW + GUIDANCE,
            looks: Looks::new(),
        };
        pane.sheet.set_name(name)?;
        pane.sheet.write_with_format(0, 1, name, &pane.looks.title)?;
        let words = "Written by waste-receipts. Correct what column A names, and submit this file.";
        pane.sheet.write(1, 1, words)?;
        pane.sheet.write_with_format(TITLE_ROW - 1, 0, "Errors", &pane.looks.title)?;
        pane.sheet.set_column_width(0, 60)?;
        for path in columns {
            pane.add_column(path)?;
        }
        pane.sheet.set_freeze_panes(TITLE_ROW + GUIDANCE, 3)?;
        Ok(pane)
    }

    /// Columns that the template does not have.
    pub(super) fn own(&self) -> Vec<&'static str> {
        self.columns[self.of_template..].to_vec()
    }

    pub(super) fn into_sheet(self) -> Worksheet {
        self.sheet
    }

    fn add_column(&mut self, path: &'static str) -> Result<u16, XlsxError> {
        self.columns.push(path);
        let column = u16::try_from(self.columns.len()).unwrap_or(u16::MAX);
        let Some(field) = fields::field(path) else { return Ok(column) };
        let title = if field.title.is_empty() { path } else { field.title };
        let is_join = self.level == Level::Item && path == REFERENCE;
        let (help, need) = match field.need {
            _ if is_join => ("The reference of the movement, as on the other sheet.", "Needed"),
            Need::Required => (field.help, "Needed"),
            Need::Optional => (field.help, ""),
            Need::When(when) => (field.help, when),
        };
        let Looks { title: bold, guidance, text, .. } = &self.looks;
        self.sheet.set_column_width(column, 24)?;
        // What is typed into an empty cell must not become a number or a date.
        self.sheet.set_column_format(column, text)?;
        self.sheet.write_with_format(TITLE_ROW - 1, column, title, bold)?;
        self.sheet.write_with_format(TITLE_ROW, column, help, guidance)?;
        self.sheet.write_with_format(TITLE_ROW + 1, column, need, guidance)?;
        Ok(column)
    }

    /// The column of a field; one of our own where the template has none.
    fn column(&mut self, path: &'static str) -> Result<u16, XlsxError> {
        match self.columns.iter().position(|known| *known == path) {
            Some(at) => Ok(u16::try_from(at + 1).unwrap_or(u16::MAX)),
            None => self.add_column(path),
        }
    }

    /// Writes the next row.
    pub(super) fn write(&mut self, row: &Row) -> Result<(), XlsxError> {
        if let Some(reference) = &row.join {
            let content = Content::Text(reference.clone());
            self.cell(REFERENCE, &content, false)?;
        }
        for (field, content) in &row.cells {
            self.cell(field.path, content, row.is_at_fault(field.path))?;
        }
        for path in self.columns.clone() {
            let is_empty = row.cells.iter().all(|(field, _)| field.path != path);
            let is_join = self.level == Level::Item && path == REFERENCE;
            if is_empty && !is_join && row.is_at_fault(path) {
                let column = self.column(path)?;
                self.sheet.write_blank(self.row, column, &self.looks.wrong_text)?;
            }
        }
        if !row.errors.is_empty() {
            let errors: String = row.errors.chars().take(LONGEST / 4).collect();
            self.sheet.write_string_with_format(self.row, 0, errors, &self.looks.error)?;
        }
        self.row += 1;
        Ok(())
    }

    fn cell(
        &mut self,
        path: &'static str,
        content: &Content,
        wrong: bool,
    ) -> Result<(), XlsxError> {
        let column = self.column(path)?;
        let Looks {
            text, number: number_look, moment, wrong_text, wrong_number, wrong_moment, ..
        } = &self.looks;
        match content {
            // Longer than any cell: what was lost is told in the end.
            Content::Text(long) if long.encode_utf16().count() > LONGEST => {}
            Content::Text(words) => {
                let look = if wrong { wrong_text } else { text };
                self.sheet.write_string_with_format(self.row, column, words, look)?;
            }
            Content::Number(number) => {
                let look = if wrong { wrong_number } else { number_look };
                self.sheet.write_number_with_format(self.row, column, *number, look)?;
            }
            Content::Moment(at) => {
                let (year, month, day) = (at.year(), at.month(), at.day());
                let year = u16::try_from(year).unwrap_or_default();
                let part = |part: i8| part.unsigned_abs();
                let at = ExcelDateTime::from_ymd(year, part(month), part(day))?.and_hms(
                    u16::from(part(at.hour())),
                    part(at.minute()),
                    f64::from(part(at.second())),
                )?;
                let look = if wrong { wrong_moment } else { moment };
                self.sheet.write_datetime_with_format(self.row, column, &at, look)?;
            }
        }
        Ok(())
    }
}
