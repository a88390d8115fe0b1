//! Movements as the government's spreadsheet template, to be corrected and submitted again: what
//! was wrong stands in column A, the cells at fault are coloured, the waste tracking IDs filled in.
//!
//! What was written is read back before it is handed out, and whatever the template cannot hold is
//! told. Must not know: where files are written.

use std::collections::{HashMap, HashSet};
use std::io::Cursor;

use rust_xlsxwriter::XlsxError;

use super::pane::{Pane, Row};
use super::{ExportError, Outgoing, Records, Selection};
use crate::json::{self, Value};
use crate::ledger::Ledger;
use crate::movement::fields::{self, Level};
use crate::reader::{Defaults, Format, ITEM_SHEET, MOVEMENT_SHEET, Reader};

/// A workbook, and what is to be said of it.
#[derive(Debug, Default)]
pub struct Exported {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many movements are in it.
    pub count: u64,
    /// How many waste items without a movement, and rows without a usable reference.
    pub nameless: u64,
    /// Columns that the template does not have.
    pub own_columns: Vec<&'static str>,
    /// What it cannot hold: the reference, and the API's key, which is empty where the movement as
    /// a whole is not in it.
    pub lost: Vec<(String, String)>,
    /// Movements whose reference is used by another one in it.
    pub same_reference: u64,
    /// Purged ones, of which nothing is left to write.
    pub purged: u64,
}

impl Exported {
    /// What is in it: `3 movements and 1 row without a movement`.
    pub fn told(&self) -> String {
        let of = |count: u64, one: &str, many: &str| {
            format!("{count} {}", if count == 1 { one } else { many })
        };
        let movements = of(self.count, "movement", "movements");
        let rows = of(self.nameless, "row", "rows");
        match self.nameless {
            0 => movements,
            _ => format!("{movements} and {rows} without a movement or a reference"),
        }
    }
}

/// A movement that was written.
struct Written {
    reference: String,
    id: Option<String>,
    body: Vec<u8>,
}

/// The two sheets.
pub(super) struct Template {
    movements: Pane,
    items: Pane,
    references: HashSet<String>,
    written: Vec<Written>,
    /// What stands for the `apiCode` of bodies that have none: it needs no column.
    api_code: Option<String>,
}

/// Writes the movements of a selection. `api_code` is what bodies without an `apiCode` would get
/// when the workbook is read.
pub async fn write_workbook(
    ledger: &Ledger,
    selection: &Selection<'_>,
    api_code: Option<&str>,
) -> Result<Exported, ExportError> {
    let mut sheets = Sheets::new(api_code)?;
    let mut records = Records::of(ledger, selection);
    loop {
        let page = records.next_page().await?;
        if page.is_empty() {
            break;
        }
        for record in &page {
            sheets.take(record, &mut records).await?;
        }
    }
    sheets.finish()
}

/// A workbook that is being written.
pub struct Sheets {
    template: Template,
    exported: Exported,
}

impl Sheets {
    /// One without movements.
    pub fn new(api_code: Option<&str>) -> Result<Self, ExportError> {
        Ok(Sheets { template: Template::new(api_code)?, exported: Exported::default() })
    }

    /// Puts a record into it, as far as it has a place for it.
    pub async fn take(
        &mut self,
        record: &Outgoing,
        records: &mut Records<'_>,
    ) -> Result<(), ExportError> {
        if let Some(body) = &record.nameless_body {
            let reference = records.in_workbook(record).await?.unwrap_or_default();
            self.template.add_nameless(record, body, &reference)?;
            self.exported.nameless += 1;
            return Ok(());
        }
        let Some(body) = records.body(record).await? else {
            self.exported.purged += 1;
            return Ok(());
        };
        if self.template.add(record, body)? {
            self.exported.count += 1;
        } else {
            self.exported.same_reference += 1;
        }
        Ok(())
    }

    /// The workbook's bytes, and what is to be said of it.
    pub fn finish(self) -> Result<Exported, ExportError> {
        self.template.finish(self.exported)
    }
}

impl std::fmt::Debug for Sheets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheets").field("exported", &self.exported).finish_non_exhaustive()
    }
}

impl Template {
    pub(super) fn new(api_code: Option<&str>) -> Result<Self, ExportError> {
        Ok(Template {
            movements: Pane::new(MOVEMENT_SHEET, Level::Movement)?,
            items: Pane::new(ITEM_SHEET, Level::Item)?,
            references: HashSet::new(),
            written: Vec::new(),
            api_code: api_code.map(str::to_owned),
        })
    }

    /// Adds a movement; says whether there was room for it: items join movements by the reference,
    /// so no two can have the same.
    pub(super) fn add(&mut self, record: &Outgoing, body: Vec<u8>) -> Result<bool, ExportError> {
        let reference = record.reference.clone().unwrap_or_default();
        if !self.references.insert(reference.clone()) {
            return Ok(false);
        }
        let id = record.waste_tracking_id.clone();
        let text = String::from_utf8_lossy(&body);
        if let Ok(value) = json::parse(&text) {
            self.write_movement(record, &value, &reference)?;
            self.write_items(record, &value, &reference)?;
        }
        drop(text);
        self.written.push(Written { reference, id, body });
        Ok(true)
    }

    /// Adds what is no movement: an item alone, or a row without a usable reference.
    pub(super) fn add_nameless(
        &mut self,
        record: &Outgoing,
        body: &[u8],
        reference: &str,
    ) -> Result<(), ExportError> {
        let text = String::from_utf8_lossy(body);
        let Ok(value) = json::parse(&text) else { return Ok(()) };
        let says_something = |(key, _): (&json::Text<'_>, &Value<'_>)| {
            !matches!(key.as_str(), "wasteItems" | "apiCode")
        };
        if value.as_object().is_some_and(|body| body.iter().any(says_something)) {
            self.write_movement(record, &value, reference)?;
            self.write_items(record, &value, reference)?;
        } else {
            let mut row = Row::of_orphan(record);
            row.join(reference);
            if let Some(item) = items(&value).first() {
                take_item(&mut row, item);
            }
            self.items.write(&row)?;
        }
        Ok(())
    }

    fn write_movement(
        &mut self,
        record: &Outgoing,
        body: &Value<'_>,
        reference: &str,
    ) -> Result<(), XlsxError> {
        let reference = Some(Value::text(reference)).filter(|_| !reference.is_empty());
        let id = record.waste_tracking_id.as_deref().map(|id| Value::text(id.to_owned()));
        let mut row = Row::new(record, None);
        for field in fields::columns().filter(|field| field.level != Level::Item) {
            let value = match field.path {
                "wasteTrackingId" => id.as_ref(),
                "yourUniqueReference" => reference.as_ref(),
                path => body.at(path),
            };
            let is_default = field.path == "apiCode"
                && value.and_then(Value::as_str) == self.api_code.as_deref();
            row.take(field, value.filter(|_| !is_default));
        }
        self.movements.write(&row)
    }

    fn write_items(
        &mut self,
        record: &Outgoing,
        body: &Value<'_>,
        reference: &str,
    ) -> Result<(), XlsxError> {
        for (index, item) in items(body).iter().enumerate() {
            let mut row = Row::new(record, Some(index));
            row.join(reference);
            take_item(&mut row, item);
            self.items.write(&row)?;
        }
        Ok(())
    }

    /// The workbook, read back.
    pub(super) fn finish(self, mut exported: Exported) -> Result<Exported, ExportError> {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        exported.own_columns = [self.movements.own(), self.items.own()].concat();
        workbook.push_worksheet(self.movements.into_sheet());
        workbook.push_worksheet(self.items.into_sheet());
        exported.bytes = workbook.save_to_buffer()?;
        if !self.written.is_empty() {
            exported.lost = lost(&exported.bytes, &self.written, self.api_code);
        }
        Ok(exported)
    }
}

fn items<'v, 'b>(body: &'v Value<'b>) -> &'v [Value<'b>] {
    body.at("wasteItems").and_then(Value::as_list).unwrap_or_default()
}

fn take_item(row: &mut Row, item: &Value<'_>) {
    for field in fields::columns().filter(|field| field.level == Level::Item) {
        let path = field.path.strip_prefix("wasteItems.").unwrap_or(field.path);
        row.take(field, item.at(path));
    }
}

/// What is another one when the workbook is read, or is not there.
fn lost(bytes: &[u8], written: &[Written], api_code: Option<String>) -> Vec<(String, String)> {
    let wanted: HashMap<&str, &Written> =
        written.iter().map(|written| (written.reference.as_str(), written)).collect();
    let mut seen = HashSet::new();
    let mut lost = Vec::new();
    let defaults = Defaults { api_code, ..Defaults::default() };
    let reader = Reader::new(Cursor::new(bytes.to_vec()), Format::Workbook, "export", defaults);
    let mut reader = reader.ok();
    while let Some(Ok(Some(record))) = reader.as_mut().map(Reader::next_record) {
        let reference = record.movement.reference().unwrap_or_default();
        let Some((reference, written)) = wanted.get_key_value(reference) else { continue };
        seen.insert(*reference);
        if record.movement.waste_tracking_id != written.id {
            lost.push(((*reference).to_owned(), "wasteTrackingId".to_owned()));
        }
        let text = String::from_utf8_lossy(&written.body);
        if let Ok(was) = json::parse(&text) {
            let differing = json::differences(&was, &record.movement.body);
            lost.extend(differing.into_iter().map(|d| ((*reference).to_owned(), d.key)));
        }
    }
    let missing = written.iter().filter(|written| !seen.contains(written.reference.as_str()));
    lost.extend(missing.map(|written| (written.reference.clone(), String::new())));
    lost
}
