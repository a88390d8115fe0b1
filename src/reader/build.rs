//! A group of rows to a record: the request body, in the schema's order, and what was wrong with
//! its cells.
//!
//! Must not know: how rows are delimited or where they come from.

use crate::finding::{ErrorType, Finding, Place, Severity};
use crate::json::{Common, Object, Value};
use crate::movement::Movement;
use crate::movement::fields::Level;
use crate::reader::alike::Alike;
use crate::reader::cell::{self, Cell, Notes};
use crate::reader::columns::{Columns, Node};
use crate::reader::group::Group;
use crate::reader::local_time::DateForm;
use crate::reader::number;
use crate::reader::profile::UnknownSite;
use crate::reader::record::{Record, Source};
use crate::reader::repair::{RepairKind, Repairs};
use crate::reference::Codes;

/// The key under which the API speaks of a body as a whole.
pub(super) const WHOLE: &str = "ReceiveMovementRequest";

struct Builder<'r> {
    group: Group<'r>,
    columns: &'r Columns,
    /// What came before, once it has been looked for.
    alike: Option<&'r Alike>,
    how: How<'r>,
    notes: Notes,
}

/// How cells are read, and what stands in for those that are not there.
#[derive(Debug, Clone, Copy)]
pub(super) struct How<'r> {
    pub(super) api_code: Option<&'r str>,
    pub(super) codes: &'static Codes,
    pub(super) repairs: Repairs,
    pub(super) dates: &'r DateForm,
}

/// The record that a group of rows is. What rows before it had alike is lent to it.
pub(super) fn record<'r>(
    group: Group<'r>,
    columns: &'r Columns,
    alike: Option<&'r mut Alike>,
    how: How<'r>,
) -> Record<'r> {
    let alike = alike.map(|alike| {
        alike.look(&group, |block| object_of(block, group, columns, how));
        &*alike
    });
    let mut builder = Builder { group, columns, alike, how, notes: Notes::default() };
    let misshapen: Vec<Finding> =
        (0..group.len()).filter_map(|row| builder.misshapen(row)).collect();
    let mut body = builder.object(&columns.body, 0, None);
    builder.reference(&mut body);
    builder.conflicts();
    builder.unknown_sites();
    let readable = misshapen.is_empty();
    // The cells of such a row may stand in the wrong columns: what they hold says nothing.
    let findings = if readable { builder.notes.findings } else { misshapen };
    let tracking_id = columns.tracking_id.map(|column| group.cell(0, column));
    let waste_tracking_id = tracking_id.filter(|id| !id.is_empty()).map(str::to_owned);
    Record {
        movement: Movement { body: Value::Object(body), waste_tracking_id },
        line: group.line(0),
        readable,
        findings,
        repairs: if readable { builder.notes.repairs } else { Vec::new() },
        repeats: None,
        same_content: None,
        source: Source::Rows { group, columns },
    }
}

/// The object of a block, if there is nothing to say of it.
fn object_of(
    number: usize,
    group: Group<'_>,
    columns: &Columns,
    how: How<'_>,
) -> Option<Object<'static>> {
    let members = columns.body.iter().find_map(|node| match node {
        Node::Object { members, block: Some(block), .. } if *block == number => Some(members),
        _ => None,
    })?;
    let mut builder = Builder { group, columns, alike: None, how, notes: Notes::default() };
    let object = builder.object(members, 0, None);
    let silent = builder.notes.findings.is_empty() && builder.notes.repairs.is_empty();
    silent.then(|| object.into_owned())
}

impl<'r> Builder<'r> {
    /// The members that are there, for one row.
    fn object(&mut self, members: &'r [Node], row: usize, item: Option<usize>) -> Object<'r> {
        let mut object = Object::new();
        for node in members {
            // Many objects of a file turn out to be empty: room is made when the first member is
            // there. Each is put straight where it belongs: moving values about costs more than
            // reading them.
            match node {
                Node::Column { key, field, column } => {
                    let text = self.group.cell(row, *column);
                    if text.is_empty() {
                        continue;
                    }
                    object.reserve(members.len());
                    if cell::is_plain(field) && !number::is_damaged(text) {
                        object.push_text(key, text);
                    } else {
                        object.push(key, self.cell(field, *column, row, item).read(text));
                    }
                }
                Node::ApiCode { column } => {
                    let given = column.map(|column| self.group.cell(row, column));
                    let given = given.filter(|text| !text.is_empty());
                    if let Some(text) = given.or(self.how.api_code) {
                        object.reserve(members.len());
                        object.push_text("apiCode", text);
                    }
                }
                Node::Registration { field, column, reason } => {
                    let text = column.map_or("", |column| self.group.cell(row, column));
                    if let (false, Some(column)) = (text.is_empty(), *column) {
                        object.reserve(members.len());
                        object.push(field.name(), self.cell(field, column, row, item).read(text));
                    } else if !self.group.cell(row, *reason).is_empty() {
                        object.reserve(members.len());
                        object.push(field.name(), Value::Null);
                    }
                }
                Node::Object { key, members: below, block } => {
                    let below = match self.alike(*block) {
                        Some(common) => Object::lent(common),
                        None => self.object(below, row, item),
                    };
                    if !below.is_empty() {
                        object.reserve(members.len());
                        object.push(key, Value::Object(below));
                    }
                }
                Node::Items { members: below } => {
                    let items = self.items(below);
                    if !items.is_empty() {
                        object.reserve(members.len());
                        object.push("wasteItems", Value::List(items));
                    }
                }
            }
        }
        object
    }

    /// The object of a block, if rows before had the same.
    fn alike(&self, block: Option<usize>) -> Option<&'r Common> {
        self.alike?.object(block?)
    }

    /// An item for each row that has one.
    fn items(&mut self, members: &'r [Node]) -> Vec<Value<'r>> {
        let mut items = Vec::with_capacity(self.group.len());
        for row in 0..self.group.len() {
            let object = self.object(members, row, Some(items.len()));
            if !object.is_empty() {
                items.push(Value::Object(object));
            }
        }
        items
    }

    fn cell(
        &mut self,
        field: &'static crate::movement::fields::Field,
        column: usize,
        row: usize,
        item: Option<usize>,
    ) -> Cell<'_> {
        Cell {
            field,
            item,
            line: self.group.line(row),
            column: self.columns.number(column),
            title: self.columns.title(column),
            sheet: self.columns.sheet(column),
            codes: self.how.codes,
            repairs: self.how.repairs,
            dates: self.how.dates,
            notes: &mut self.notes,
        }
    }

    /// A movement needs a reference that can be used: nothing could be traced without it. One
    /// whose digits Excel has lost is taken out, lest other loads be taken for the same.
    fn reference(&mut self, body: &mut Object<'r>) {
        let text = self.group.cell(0, self.columns.reference);
        if number::is_damaged(text) {
            body.remove("yourUniqueReference");
        }
        if text.is_empty() {
            let message = "this row has no yourUniqueReference: each row needs one, and the rows of one movement repeat it; remove the row if it is a total or a note";
            self.note(
                Severity::Blocking,
                "yourUniqueReference",
                ErrorType::NotProvided,
                message.to_owned(),
                (0, self.columns.reference),
            );
        }
    }

    /// What a later row says of the movement must be what the first one says.
    fn conflicts(&mut self) {
        let columns = self.columns;
        for row in 1..self.group.len() {
            for (column, field) in
                columns.of_level(Level::Movement).chain(columns.of_level(Level::Beside))
            {
                let (first, text) = (self.group.cell(0, column), self.group.cell(row, column));
                if text.is_empty() || text == first {
                    continue;
                }
                let (line, first_line) = (self.group.line(row), self.group.line(0));
                let said = if first.is_empty() { "nothing".into() } else { format!("`{first}`") };
                let owner = matches!(field.path, "receiver.authorisationNumber" | "apiCode");
                let remedy = if owner {
                    "; if these are loads of two sites with the same ticket number, keep the rows of each site together"
                } else {
                    ""
                };
                let message = format!(
                    "line {line} says `{text}` where line {first_line}, the first row of the same movement, says {said}: repeat what the first row says, or leave the cell blank{remedy}"
                );
                let at = (row, column);
                let kind = ErrorType::BusinessRuleViolation;
                self.note(Severity::Error, field.path, kind, message, at);
            }
        }
    }

    /// What is wrong with the shape of a row.
    fn misshapen(&self, row: usize) -> Option<Finding> {
        let split = self.group.row(row);
        let shape = &self.columns.shape;
        let (fields, width) = (split.cells.len(), shape.width());
        let titled = if shape.all_titled { width } else { 0 };
        let stray = (titled..fields)
            .find(|at| shape.title(*at).is_empty() && !self.group.split_cell(row, *at).is_empty());
        let may_be_wider = self.how.repairs.has(RepairKind::EmptyColumns);
        let (column, message) = if let Some(column) = split.bad_quote {
            let message = "something stands behind the closing quote of this field: write every double quote within a quoted text twice (\"\")";
            (column, message.to_owned())
        } else if let Some(column) = stray {
            let text = self.group.split_cell(row, column);
            (
                column,
                format!(
                    "this row is too long: `{text}` stands in field {}, which has no column name (there are {width} columns); put a text that holds the separator into double quotes",
                    column + 1
                ),
            )
        } else if split.overflows {
            (
                fields,
                format!(
                    "this row is too long: it goes on behind field {fields}; end it with a line break"
                ),
            )
        } else if fields > shape.fields && !may_be_wider {
            let message = format!(
                "this row is too long: it has {fields} fields, and the columns are {}",
                shape.fields
            );
            (shape.fields, message)
        } else if fields < shape.least {
            let least = shape.least;
            (
                fields,
                format!(
                    "this row is too short: it has {fields} fields, and the columns need {least}; write the missing ones, empty if need be"
                ),
            )
        } else {
            return None;
        };
        let mut finding = Finding::error(WHOLE, ErrorType::InvalidFormat, message);
        finding.place = Some(self.split_place(row, column));
        Some(finding)
    }

    fn place(&self, row: usize, column: usize) -> Place {
        self.columns.place(column, self.group.line(row))
    }

    /// The place of a column of the file, whatever a profile makes of it.
    fn split_place(&self, row: usize, column: usize) -> Place {
        let title = self.columns.shape.title(column);
        Place {
            line: self.group.line(row),
            column: Some(column as u64 + 1),
            column_name: (!title.is_empty()).then(|| title.to_owned()),
            sheet: self.columns.sheet(column).map(str::to_owned),
        }
    }

    /// Rows whose site the profile does not know: their constants are missing.
    fn unknown_sites(&mut self) {
        for unknown in self.group.unknown_sites() {
            let UnknownSite { row, column, text } = unknown;
            let message = if text.is_empty() {
                "this row names no site, and the profile has constants for each: name it".to_owned()
            } else {
                format!("`{text}` is none of the sites of the profile: add it there, or correct it")
            };
            let key = "receiver.authorisationNumber";
            let mut finding =
                Finding::new(Severity::Blocking, key, ErrorType::InvalidFormat, message);
            finding.place = Some(self.split_place(*row, *column));
            self.notes.findings.push(finding);
        }
    }

    fn note(
        &mut self,
        severity: Severity,
        key: &str,
        error_type: ErrorType,
        message: String,
        (row, column): (usize, usize),
    ) {
        let mut finding = Finding::new(severity, key, error_type, message);
        finding.place = Some(self.place(row, column));
        self.notes.findings.push(finding);
    }
}
