//! The report as a workbook: a sheet for each table of figures, and one for the movements.
//!
//! Texts are written as texts, whatever they begin with; days, times and numbers as such. Rows go
//! to a temporary file while they are written, so that a large report needs little memory.

use std::io::{Seek, Write};

use jiff::civil::DateTime;
use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::model::Audit;
use super::tables::{self, Cell, Table};
use super::{show, text};
use crate::calendar;

/// A sheet has no more rows; the next ones go to another.
const ROWS: usize = 1_000_000;
/// The longest text that a cell holds.
const LONGEST: usize = 32_000;

struct Formats {
    title: Format,
    head: Format,
    note: Format,
    tonnes: Format,
    count: Format,
    day: Format,
    time: Format,
}

impl Formats {
    fn new() -> Self {
        let top = Format::new().set_align(FormatAlign::Top);
        let of = |number: &str| top.clone().set_num_format(number);
        Formats {
            title: Format::new().set_bold().set_font_size(14),
            head: Format::new().set_bold().set_background_color("#E4ECEB").set_text_wrap(),
            note: Format::new().set_italic().set_font_color("#5A6468"),
            tonnes: of("#,##0.000###"),
            count: of("#,##0"),
            day: of("d mmm yyyy"),
            time: of("d mmm yyyy hh:mm:ss"),
        }
    }
}

/// Writes the workbook.
pub fn write<W: Write + Seek + Send>(audit: &Audit, out: W) -> Result<(), XlsxError> {
    let formats = Formats::new();
    let mut book = Workbook::new();
    summary(audit, book.add_worksheet_with_constant_memory()?, &formats)?;
    for (at, page) in pages(audit).enumerate() {
        let name = if at == 0 { "movements".to_owned() } else { format!("movements {}", at + 1) };
        let sheet = book.add_worksheet_with_constant_memory()?.set_name(name)?;
        movements(page, sheet, &formats)?;
    }
    for table in tables::figures(audit) {
        let sheet = book.add_worksheet_with_constant_memory()?.set_name(table.name)?;
        figures(&table, sheet, &formats)?;
    }
    book.save_to_writer(out)
}

/// The movements in sheets' lengths; one empty page where there are none.
fn pages(audit: &Audit) -> impl Iterator<Item = &[super::model::Line]> {
    let none = audit.movements.is_empty().then_some(&audit.movements[..]);
    none.into_iter().chain(audit.movements.chunks(ROWS))
}

fn summary(audit: &Audit, sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name("report")?;
    sheet.set_column_width(0, 18)?.set_column_width(1, 70)?;
    sheet.write_string_with_format(0, 0, "Waste movements reported", &formats.title)?;
    sheet.write_string(1, 0, audit.verdict())?;
    for (row, (name, value)) in (3..).zip(text::heading(audit)) {
        sheet.write_string(row, 0, name)?.write_string(row, 1, value)?;
    }
    Ok(())
}

fn movements(
    lines: &[super::model::Line],
    sheet: &mut Worksheet,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let widths = [18, 38, 20, 12, 24, 18, 13, 13, 16, 21, 16, 21];
    for (column, width) in (0..).zip(widths) {
        sheet.set_column_width(column, width)?;
    }
    for (column, title) in (0..).zip(tables::MOVEMENT) {
        sheet.write_string_with_format(0, column, title, &formats.head)?;
    }
    sheet.set_freeze_panes(1, 1)?;
    let last = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let columns = u16::try_from(tables::MOVEMENT.len() - 1).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, last, columns)?;
    for (row, line) in (1..).zip(lines) {
        for (column, cell) in (0..).zip(tables::movement(line)) {
            write_cell(sheet, (row, column), &cell, formats)?;
        }
    }
    Ok(())
}

fn figures(table: &Table<'_>, sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 30)?.set_column_width(1, 24)?;
    for column in 2..u16::try_from(table.columns.len()).unwrap_or(2) {
        sheet.set_column_width(column, 18)?;
    }
    sheet.write_string_with_format(0, 0, table.title, &formats.title)?;
    sheet.write_string_with_format(1, 0, table.note.as_ref(), &formats.note)?;
    for (column, title) in (0..).zip(table.columns) {
        sheet.write_string_with_format(3, column, *title, &formats.head)?;
    }
    for (row, cells) in (4..).zip(table.rows.iter().take(ROWS)) {
        for (column, cell) in (0..).zip(cells) {
            write_cell(sheet, (row, column), cell, formats)?;
        }
    }
    Ok(())
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell<'_>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            let text: String = text.chars().take(LONGEST).collect();
            sheet.write_string(row, column, text)?;
        }
        Cell::Count(number) | Cell::Milliseconds(number) => {
            // Beyond what a spreadsheet's number holds it would be wrong: none counts so far.
            let number = u32::try_from(*number).unwrap_or(u32::MAX);
            sheet.write_number_with_format(row, column, number, &formats.count)?;
        }
        // Spreadsheets have doubles; the other formats have all digits.
        Cell::Tonnes(tonnes) => match tonnes.to_f64() {
            Some(number) => {
                sheet.write_number_with_format(row, column, number, &formats.tonnes)?;
            }
            None => {
                sheet.write_string(row, column, show::tonnes(*tonnes))?;
            }
        },
        Cell::Day(day) => match excel(day.at(0, 0, 0, 0)) {
            Some(at) => {
                sheet.write_datetime_with_format(row, column, at, &formats.day)?;
            }
            None => {
                sheet.write_string(row, column, day.to_string())?;
            }
        },
        Cell::Time(at) => {
            let local = at.timestamp().map(|at| calendar::in_london(at).datetime());
            match local.and_then(excel) {
                Some(at) => {
                    sheet.write_datetime_with_format(row, column, at, &formats.time)?;
                }
                None => {
                    sheet.write_string(row, column, show::plain_time(*at))?;
                }
            }
        }
    }
    Ok(())
}

/// A spreadsheet's date; it has none before 1900.
fn excel(at: DateTime) -> Option<ExcelDateTime> {
    let part = |number: i8| u8::try_from(number).ok();
    let year = u16::try_from(at.year()).ok()?;
    let day = ExcelDateTime::from_ymd(year, part(at.month())?, part(at.day())?).ok()?;
    let hour = u16::try_from(at.hour()).ok()?;
    day.and_hms(hour, part(at.minute())?, f64::from(at.second())).ok()
}
