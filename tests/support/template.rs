//! Workbooks like the government's template, made cell by cell.

use rust_xlsxwriter::{ExcelDateTime, Format, IntoExcelData, Workbook, Worksheet};
use waste_receipts::movement::fields;
use waste_receipts::reader::{
    ITEM_COLUMNS, ITEM_SHEET, MOVEMENT_COLUMNS, MOVEMENT_SHEET, TITLE_ROW,
};

/// The first row of data.
pub(crate) const FIRST: u32 = 9;

/// The two sheets that hold data.
pub(crate) struct Template {
    pub(crate) movements: Worksheet,
    pub(crate) items: Worksheet,
}

/// A sheet with the template's titles and guidance.
fn sheet(name: &str, columns: &[&str]) -> Worksheet {
    let mut sheet = Worksheet::new();
    sheet.set_name(name).expect("a name");
    sheet.write(0, 1, "Report receipt of waste").expect("a cell");
    for (at, path) in (1..).zip(columns) {
        let title = fields::field(path).expect("a field").title;
        sheet.write(TITLE_ROW - 1, at, title).expect("a cell");
        sheet.write(TITLE_ROW, at, "Mandatory").expect("a cell");
        sheet.write(TITLE_ROW + 1, at, format!("Enter: {title}")).expect("a cell");
    }
    sheet
}

/// A date cell of a sheet.
pub(crate) fn date_format() -> Format {
    Format::new().set_num_format("dd/mm/yyyy hh:mm:ss")
}

/// The number of days that a date cell holds.
pub(crate) fn moment(text: &str) -> ExcelDateTime {
    ExcelDateTime::parse_from_str(text).expect("a date")
}

/// The column of a field on the sheet of movements, from 0.
pub(crate) fn movement_column(path: &str) -> u16 {
    place(&MOVEMENT_COLUMNS, path)
}

/// The column of a field on the sheet of items, from 0.
pub(crate) fn item_column(path: &str) -> u16 {
    place(&ITEM_COLUMNS, path)
}

fn place(columns: &[&str], path: &str) -> u16 {
    let at = columns.iter().position(|column| *column == path);
    u16::try_from(at.unwrap_or_else(|| panic!("{path} has no column")) + 1).expect("few columns")
}

impl Template {
    pub(crate) fn new() -> Self {
        Template {
            movements: sheet(MOVEMENT_SHEET, &MOVEMENT_COLUMNS),
            items: sheet(ITEM_SHEET, &ITEM_COLUMNS),
        }
    }

    /// Writes a cell of a movement; rows are counted from 1, as they are shown.
    pub(crate) fn movement(&mut self, row: u32, path: &str, value: impl IntoExcelData) {
        self.movements.write(row - 1, movement_column(path), value).expect("a cell");
    }

    /// Writes a cell of a waste item.
    pub(crate) fn item(&mut self, row: u32, path: &str, value: impl IntoExcelData) {
        self.items.write(row - 1, item_column(path), value).expect("a cell");
    }

    /// A movement that the service would take.
    pub(crate) fn good_movement(&mut self, row: u32, reference: &str) {
        for (path, text) in MOVEMENT {
            self.movement(row, path, text);
        }
        self.movement(row, "yourUniqueReference", reference);
    }

    /// A waste item that the service would take.
    pub(crate) fn good_item(&mut self, row: u32, reference: &str) {
        for (path, text) in ITEM {
            self.item(row, path, text);
        }
        self.item(row, "wasteItems.numberOfContainers", 1);
        self.item(row, "wasteItems.weight.amount", 3.46);
        self.item(row, "wasteItems.weight.isEstimate", false);
        self.item(row, "wasteItems.containsPops", false);
        self.item(row, "wasteItems.containsHazardous", false);
        self.item(row, "yourUniqueReference", reference);
    }

    /// One movement with one item.
    pub(crate) fn one() -> Self {
        let mut template = Template::new();
        template.good_movement(FIRST, "A1");
        template.good_item(FIRST, "A1");
        template
    }

    /// The workbook's bytes, the two sheets among others.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut workbook = Workbook::new();
        for number in 1..=6 {
            workbook.add_worksheet().set_name(format!("{number}. Guidance")).expect("a name");
        }
        workbook.push_worksheet(self.movements);
        workbook.push_worksheet(self.items);
        workbook.add_worksheet().set_name("9. Lists").expect("a name");
        workbook.save_to_buffer().expect("a workbook")
    }
}

/// A movement's texts.
pub(crate) const MOVEMENT: [(&str, &str); 11] = [
    ("receiver.siteName", "Larkmoor Transfer Station"),
    ("receipt.address.fullAddress", "4 Larkmoor Way, Testford"),
    ("receipt.address.postcode", "QV7 3LD"),
    ("receiver.authorisationNumber", "EPR/KB3107TT"),
    ("dateTimeReceived", "05/10/2026 09:20:00"),
    ("carrier.registrationNumber", "CBDU48213"),
    ("carrier.organisationName", "Fenwick Haulage Example Ltd"),
    ("carrier.emailAddress", "dispatch@fenwick.example.com"),
    ("carrier.phoneNumber", "01632 960101"),
    ("carrier.meansOfTransport", "Road"),
    ("carrier.vehicleRegistration", "RG19 XTP"),
];

/// An item's texts.
pub(crate) const ITEM: [(&str, &str); 6] = [
    ("wasteItems.ewcCodes", "170201"),
    ("wasteItems.wasteDescription", "Clean timber and pallets"),
    ("wasteItems.physicalForm", "Solid"),
    ("wasteItems.typeOfContainers", "SKI"),
    ("wasteItems.weight.metric", "Tonnes"),
    ("wasteItems.disposalOrRecoveryCodes", "R3 = 3.46 = Tonnes = Actual"),
];
