//! Which sheets of a workbook are the template's, and which of their columns is which field.
//!
//! Columns are found by their titles: older templates have other columns in other places. Must not
//! know: what rows hold.

use calamine::Reader as _;

use super::problem::{ITEM_SHEET, MOVEMENT_SHEET, WorkbookProblem};
use super::sheet::{Grid, Open};
use super::titles::{Known, essence, of_sheet, recognise};
use crate::finding::column_letters;
use crate::movement::fields::{self, Field, Level};
use crate::reader::columns::OWN_COLUMN_PREFIX;

/// So many rows are searched for the titles; the template has them in row 6.
const LOOKED_AT: u32 = 50;

/// How many rows of guidance stand below the titles.
pub const GUIDANCE: u32 = 2;

pub(super) const REFERENCE: &str = "yourUniqueReference";

/// The row of titles in the template itself.
pub const TITLE_ROW: u32 = 6;

/// The fields of the template's sheet of movements, from column B on.
pub const MOVEMENT_COLUMNS: [&str; 28] = [
    "wasteTrackingId",
    REFERENCE,
    "receiver.siteName",
    "receipt.address.fullAddress",
    "receipt.address.postcode",
    "receiver.authorisationNumber",
    "receiver.regulatoryPositionStatements",
    "receiver.emailAddress",
    "receiver.phoneNumber",
    "dateTimeReceived",
    "hazardousWasteConsignmentCode",
    "reasonForNoConsignmentCode",
    "specialHandlingRequirements",
    "carrier.registrationNumber",
    "carrier.reasonForNoRegistrationNumber",
    "carrier.organisationName",
    "carrier.address.fullAddress",
    "carrier.address.postcode",
    "carrier.emailAddress",
    "carrier.phoneNumber",
    "carrier.meansOfTransport",
    "carrier.vehicleRegistration",
    "brokerOrDealer.organisationName",
    "brokerOrDealer.address.fullAddress",
    "brokerOrDealer.address.postcode",
    "brokerOrDealer.emailAddress",
    "brokerOrDealer.phoneNumber",
    "brokerOrDealer.registrationNumber",
];

/// The fields of the template's sheet of waste items, from column B on: the reference of the
/// movement first.
pub const ITEM_COLUMNS: [&str; 17] = [
    REFERENCE,
    "wasteItems.ewcCodes",
    "wasteItems.wasteDescription",
    "wasteItems.physicalForm",
    "wasteItems.numberOfContainers",
    "wasteItems.typeOfContainers",
    "wasteItems.weight.metric",
    "wasteItems.weight.amount",
    "wasteItems.weight.isEstimate",
    "wasteItems.containsPops",
    "wasteItems.pops.components",
    "wasteItems.pops.sourceOfComponents",
    "wasteItems.containsHazardous",
    "wasteItems.hazardous.hazCodes",
    "wasteItems.hazardous.components",
    "wasteItems.hazardous.sourceOfComponents",
    "wasteItems.disposalOrRecoveryCodes",
];

/// A column of a sheet.
#[derive(Debug)]
pub(super) struct Column {
    /// Its number, from 0.
    pub(super) number: u16,
    pub(super) title: String,
    /// Nothing where the title is none of ours.
    pub(super) known: Option<Known>,
}

/// A sheet of the template.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) grid: Grid,
    pub(super) columns: Vec<Column>,
    /// The row of titles.
    pub(super) titles: u32,
    /// The column of references.
    pub(super) reference: u16,
}

/// The two sheets, as they are called in this workbook.
pub(super) fn sheets(workbook: &Open) -> Result<(String, String), WorkbookProblem> {
    let has = workbook.sheet_names();
    let find = |wanted: &str| {
        let exact = has.iter().find(|name| *name == wanted);
        exact.or_else(|| has.iter().find(|name| bare(name) == bare(wanted))).cloned()
    };
    match (find(MOVEMENT_SHEET), find(ITEM_SHEET)) {
        (Some(movements), Some(items)) => Ok((movements, items)),
        (movements, items) => {
            let missing = [(movements, MOVEMENT_SHEET), (items, ITEM_SHEET)];
            let missing = missing.into_iter().filter(|(found, _)| found.is_none());
            Err(WorkbookProblem::NotTheTemplate {
                has,
                missing: missing.map(|(_, name)| name).collect(),
            })
        }
    }
}

/// A sheet's name without its number.
fn bare(name: &str) -> String {
    essence(name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c.is_whitespace()))
}

impl Sheet {
    /// Finds the titles of a sheet.
    pub(super) fn new(grid: Grid, level: Level) -> Result<Self, WorkbookProblem> {
        let needed = fields::field(REFERENCE).map_or(REFERENCE, |field| field.title);
        let rows = (0..grid.len()).take_while(|row| grid.number(*row) <= LOOKED_AT);
        let known = |row: &usize| grid.cells(*row).filter(|c| is_known(c.text, level)).count();
        let is_reference =
            |text: &str| matches!(recognise(text, level), Some(known) if is_key(known, level));
        let row = rows
            .filter(|row| grid.cells(*row).any(|cell| is_reference(cell.text)))
            .filter(|row| known(row) > 1)
            .max_by_key(|row| (known(row), std::cmp::Reverse(*row)));
        let Some(row) = row else {
            return Err(WorkbookProblem::NoTitles {
                sheet: grid.name,
                needed,
                looked_at: LOOKED_AT,
            });
        };
        let mut columns: Vec<Column> = grid
            .cells(row)
            .map(|cell| Column {
                number: cell.column,
                title: cell.text.split_whitespace().collect::<Vec<_>>().join(" "),
                known: recognise(cell.text, level),
            })
            .collect();
        columns.sort_by_key(|column| column.number);
        columns.dedup_by_key(|column| column.number);
        let titles = grid.number(row);
        refuse_twice(&grid.name, &columns, titles)?;
        refuse_misspelt(&grid.name, &columns, titles, level)?;
        let key = |column: &&Column| column.known.is_some_and(|known| is_key(known, level));
        let reference = columns.iter().find(key).map_or(0, |column| column.number);
        Ok(Sheet { grid, columns, titles, reference })
    }

    /// The column of the sheet with this number.
    pub(super) fn column(&self, number: u16) -> Option<&Column> {
        let at = self.columns.binary_search_by_key(&number, |column| column.number).ok()?;
        self.columns.get(at)
    }

    /// The column of the time of day, where it is beside the date.
    pub(super) fn time(&self) -> Option<u16> {
        let is_time = |column: &&Column| matches!(column.known, Some(Known::Time));
        self.columns.iter().find(is_time).map(|column| column.number)
    }

    /// Whether what stands in a column is for people alone: errors of an importer, ours or the
    /// official one's.
    pub(super) fn is_for_people(&self, number: u16) -> bool {
        match self.column(number) {
            Some(column) if column.known.is_some() => false,
            Some(column) => number == 0 || is_own(&column.title),
            None => number == 0,
        }
    }

    /// Which rows hold data: those in which something stands in a known column below the titles.
    pub(super) fn data(&self) -> impl Iterator<Item = usize> {
        (0..self.grid.len()).filter(|row| {
            self.grid.number(*row) > self.titles
                && self.grid.cells(*row).any(|cell| {
                    self.column(cell.column).is_some_and(|column| column.known.is_some())
                })
        })
    }

    /// Whether a row is one of those in which the template has its guidance.
    pub(super) fn is_guidance(&self, row: usize) -> bool {
        self.grid.number(row) <= self.titles + GUIDANCE
    }

    /// The reference in a row, or an empty text.
    pub(super) fn reference(&self, row: usize) -> &str {
        self.grid.cell(row, self.reference).map_or("", |cell| cell.text)
    }
}

fn is_own(title: &str) -> bool {
    let prefix = title.get(..OWN_COLUMN_PREFIX.len());
    prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(OWN_COLUMN_PREFIX))
}

/// Whether a column holds the references by which the two sheets join.
fn is_key(known: Known, level: Level) -> bool {
    match known {
        Known::Join => true,
        Known::Field(field) => level != Level::Item && field.path == REFERENCE,
        Known::Time => false,
    }
}

fn is_known(title: &str, level: Level) -> bool {
    recognise(title, level).is_some()
}

fn cell_name(number: u16, row: u32) -> String {
    format!("{}{row}", column_letters(u64::from(number) + 1))
}

fn refuse_twice(sheet: &str, columns: &[Column], row: u32) -> Result<(), WorkbookProblem> {
    let name = |known: Known| match known {
        Known::Field(field) => field.path,
        Known::Join => REFERENCE,
        Known::Time => "Time received",
    };
    for (at, second) in columns.iter().enumerate() {
        let Some(known) = second.known else { continue };
        let is_same = |first: &&Column| first.known.map(name) == Some(name(known));
        if let Some(first) = columns[..at].iter().find(is_same) {
            return Err(WorkbookProblem::Twice {
                sheet: sheet.to_owned(),
                first: cell_name(first.number, row),
                second: cell_name(second.number, row),
                title: name(known),
            });
        }
    }
    Ok(())
}

/// A title that is nearly one of the template's is taken for a slip, lest its column be left out.
fn refuse_misspelt(
    sheet: &str,
    columns: &[Column],
    row: u32,
    level: Level,
) -> Result<(), WorkbookProblem> {
    let is_there = |field: &Field| {
        columns.iter().any(
            |column| matches!(column.known, Some(Known::Field(known)) if known.path == field.path),
        )
    };
    let mut titles = Vec::new();
    for column in columns.iter().filter(|column| column.known.is_none() && !is_own(&column.title)) {
        let written = essence(&column.title);
        let near = of_sheet(level)
            .filter(|field| !field.title.is_empty() && !is_there(field))
            .map(|field| (strsim::osa_distance(&written, &essence(field.title)), field.title))
            .filter(|(distance, title)| *distance <= (essence(title).chars().count() / 6).max(1))
            .min();
        if let Some((_, meant)) = near {
            titles.push((cell_name(column.number, row), column.title.clone(), meant));
        }
    }
    if titles.is_empty() {
        return Ok(());
    }
    Err(WorkbookProblem::Misspelt { sheet: sheet.to_owned(), titles })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_the_template_are_those_with_a_title() {
        for (columns, level) in
            [(&MOVEMENT_COLUMNS[..], Level::Movement), (&ITEM_COLUMNS[1..], Level::Item)]
        {
            let mut here: Vec<&str> = columns.to_vec();
            let titled = of_sheet(level).filter(|field| !field.title.is_empty());
            let mut there: Vec<&str> = titled.map(|field| field.path).collect();
            here.sort_unstable();
            there.sort_unstable();
            assert_eq!(here, there);
        }
    }

    #[test]
    fn sheets_are_known_without_their_numbers() {
        assert_eq!(bare("7. Waste movement level"), bare("6 Waste Movement level "));
        assert_ne!(bare(MOVEMENT_SHEET), bare(ITEM_SHEET));
    }
}
