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
    /// Columns that the template does not have.
    pub own_columns: Vec<&'static str>,
    /// What it cannot hold: the reference, and the API's key, which is empty where the movement as
    /// a whole is not in it.
    pub lost: Vec<(String, String)>,
    /// Movements whose reference is used by another one in it.
    pub same_reference: u64,
    /// Records without a usable reference, and purged ones.
    pub without_body: u64,
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
    let mut template = Template::new(api_code)?;
    let mut exported = Exported::default();
    let mut records = Records::of(ledger, selection);
    loop {
        let page = records.next_page().await?;
        if page.is_empty() {
            break;
        }
        for record in &page {
            let Some(body) = records.body(record).await? else {
                exported.without_body += 1;
                continue;
            };
            if template.add(record, body)? {
                exported.count += 1;
            } else {
                exported.same_reference += 1;
            }
        }
    }
    template.finish(exported)
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
            self.write(record, &value, &reference)?;
        }
        drop(text);
        self.written.push(Written { reference, id, body });
        Ok(true)
    }

    fn write(
        &mut self,
        record: &Outgoing,
        body: &Value<'_>,
        reference: &str,
    ) -> Result<(), XlsxError> {
        let id = record.waste_tracking_id.as_deref().map(|id| Value::text(id.to_owned()));
        let mut row = Row::new(record, None);
        for field in fields::columns().filter(|field| field.level != Level::Item) {
            let value = match field.path {
                "wasteTrackingId" => id.as_ref(),
                path => body.at(path),
            };
            let is_default = field.path == "apiCode"
                && value.and_then(Value::as_str) == self.api_code.as_deref();
            row.take(field, value.filter(|_| !is_default));
        }
        self.movements.write(&row)?;
        let items = body.at("wasteItems").and_then(Value::as_list).unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            let mut row = Row::new(record, Some(index));
            row.join(reference);
            for field in fields::columns().filter(|field| field.level == Level::Item) {
                let path = field.path.strip_prefix("wasteItems.").unwrap_or(field.path);
                row.take(field, item.at(path));
            }
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
