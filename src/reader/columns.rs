//! The line with the column names: which column is which field, and how the body is put together
//! from them.
//!
//! A profile may stand between the names in a file and the fields. Must not know: rows, values.

use std::ops::Range;
use std::sync::Arc;

use crate::finding::Place;
use crate::movement::fields::{self, Field, Kind, Level};
use crate::reader::error::{Problem, UnknownColumn};
use crate::reader::total;

/// Columns that this program writes for people to read; they are ignored when a file comes back.
pub const OWN_COLUMN_PREFIX: &str = "waste-receipts:";

const REFERENCE: &str = "yourUniqueReference";

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Columns {
    /// The titles as they stand in the file, those without one at the end left out.
    titles: Vec<String>,
    /// What each of them is; nothing for those that are ignored.
    fields: Vec<Option<&'static Field>>,
    /// The column that holds `yourUniqueReference`.
    pub(super) reference: usize,
    /// The column that holds `wasteTrackingId`.
    pub(super) tracking_id: Option<usize>,
    /// What its rows must look like.
    pub(super) shape: Shape,
    /// The body's members, in the schema's order.
    pub(super) body: Vec<Node>,
    /// The columns of those of them that are objects whose columns stand side by side: its blocks.
    pub(super) blocks: Vec<Range<usize>>,
    /// Where each of them is, when they stand on the sheets of a workbook.
    cells: Vec<OnSheet>,
    /// With a profile: the column of the file that each is taken from, none for a constant.
    mapped: Option<Vec<Option<usize>>>,
}

/// What the rows of a file must look like, whatever a profile makes of their cells.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// The titles of the file, those without one at the end left out.
    titles: Vec<String>,
    /// How many fields a row must have: those behind the last known column may be left out.
    pub(super) least: usize,
    /// Whether each column has a title.
    pub(super) all_titled: bool,
    /// How many fields the line of titles has, empty ones at its end included.
    pub(super) fields: usize,
}

impl Shape {
    /// Of a line of titles, of which so many are needed.
    pub(super) fn new(titles: &[&str], least: usize) -> Self {
        let used = titles.iter().rposition(|t| !t.trim().is_empty()).map_or(0, |last| last + 1);
        let all_titled = titles[..used].iter().all(|title| !title.trim().is_empty());
        let fields = titles.len();
        let titles = titles[..used].iter().map(|title| title.trim().to_owned()).collect();
        Shape { titles, least, all_titled, fields }
    }

    /// All titles.
    pub(super) fn titles(&self) -> Vec<&str> {
        self.titles.iter().map(String::as_str).collect()
    }

    /// The title of a column.
    pub(super) fn title(&self, column: usize) -> &str {
        self.titles.get(column).map_or("", String::as_str)
    }

    /// How many columns there are, the last ones without a title not counted.
    pub(super) fn width(&self) -> usize {
        self.titles.len()
    }
}

/// A column of a sheet.
#[derive(Debug, Clone)]
pub(super) struct OnSheet {
    pub(super) sheet: Arc<str>,
    /// Its number there, from 0.
    pub(super) number: usize,
}

/// A member of the body, or of an object in it.
#[derive(Debug)]
pub(super) enum Node {
    /// What a column holds.
    Column { key: &'static str, field: &'static Field, column: usize },
    /// `apiCode`: what a column holds, else the default.
    ApiCode { column: Option<usize> },
    /// `carrier.registrationNumber`: `null` when there is none but a reason for it.
    Registration { field: &'static Field, column: Option<usize>, reason: usize },
    /// An object, there if one of its members is; with the number of its block, if it is one.
    Object { key: &'static str, members: Vec<Node>, block: Option<usize> },
    /// `wasteItems`: one for each row.
    Items { members: Vec<Node> },
}

impl Columns {
    /// Recognises the titles that stand on a line.
    pub(super) fn new(line: u64, all: &[&str]) -> Result<Self, Problem> {
        let used = all.iter().rposition(|t| !t.trim().is_empty()).map_or(0, |last| last + 1);
        let titles: Vec<String> = all[..used].iter().map(|t| t.trim().to_owned()).collect();
        let mut found: Vec<Option<&'static Field>> = Vec::with_capacity(titles.len());
        let mut unknown = Vec::new();
        for (index, title) in titles.iter().enumerate() {
            let field = recognise(title);
            if field.is_none() && !title.is_empty() && !is_ours(title) {
                let nearest = suggestion(title);
                unknown.push(UnknownColumn { column: index + 1, title: title.clone(), nearest });
            }
            found.push(field);
        }
        if !unknown.is_empty() {
            return Err(Problem::UnknownColumns { line, columns: unknown });
        }
        for (second, field) in found.iter().enumerate() {
            let Some(field) = field else { continue };
            let first = position(&found, field.path).unwrap_or(second);
            if first < second {
                let (first, second) = (first + 1, second + 1);
                return Err(Problem::DuplicateColumn { line, first, second, title: field.path });
            }
        }
        let reference = position(&found, REFERENCE).ok_or(Problem::NoReferenceColumn { line })?;
        let (body, blocks) = body(&found);
        Ok(Columns {
            reference,
            tracking_id: position(&found, "wasteTrackingId"),
            shape: Shape::new(
                all,
                found.iter().rposition(Option::is_some).map_or(0, |last| last + 1),
            ),
            body,
            blocks,
            titles,
            fields: found,
            cells: Vec::new(),
            mapped: None,
        })
    }

    /// Columns that were found on the sheets of a workbook, each field once; none without one for
    /// the reference.
    pub(super) fn of_sheets(found: Vec<(String, &'static Field, OnSheet)>) -> Option<Self> {
        let fields: Vec<Option<&'static Field>> = found.iter().map(|(_, f, _)| Some(*f)).collect();
        let (body, blocks) = body(&fields);
        Some(Columns {
            reference: position(&fields, REFERENCE)?,
            tracking_id: position(&fields, "wasteTrackingId"),
            // Rows are made as wide as this, so none can be of the wrong shape.
            shape: Shape {
                titles: found.iter().map(|(title, _, _)| title.clone()).collect(),
                least: 0,
                all_titled: true,
                fields: usize::MAX,
            },
            body,
            blocks,
            fields,
            mapped: None,
            cells: found.iter().map(|(_, _, cell)| cell.clone()).collect(),
            titles: found.into_iter().map(|(title, _, _)| title).collect(),
        })
    }

    /// The columns that stand on a sheet of a workbook, that of the items or the other: their
    /// places here and there.
    pub(super) fn on_sheet(
        &self,
        of_items: bool,
    ) -> impl Iterator<Item = (usize, u16, &'static Field)> {
        let columns = self.fields.iter().zip(&self.cells).enumerate();
        columns.filter_map(move |(at, (field, cell))| {
            let field = field.filter(|field| (field.level == Level::Item) == of_items)?;
            Some((at, u16::try_from(cell.number).ok()?, field))
        })
    }

    /// Columns that a profile makes of those of a file: each with the title and the number of the
    /// column that it is taken from. None without one for the reference.
    pub(super) fn of_profile(
        found: Vec<(String, &'static Field, Option<usize>)>,
        shape: Shape,
    ) -> Option<Self> {
        let fields: Vec<Option<&'static Field>> = found.iter().map(|(_, f, _)| Some(*f)).collect();
        let (body, blocks) = body(&fields);
        Some(Columns {
            reference: position(&fields, REFERENCE)?,
            tracking_id: position(&fields, "wasteTrackingId"),
            shape,
            body,
            blocks,
            fields,
            cells: Vec::new(),
            mapped: Some(found.iter().map(|(_, _, column)| *column).collect()),
            titles: found.into_iter().map(|(title, _, _)| title).collect(),
        })
    }

    /// The number of a column in the file, or on its sheet, from 0; none for a constant.
    pub(super) fn number(&self, column: usize) -> Option<usize> {
        match &self.mapped {
            Some(mapped) => mapped.get(column).copied().flatten(),
            None => Some(self.cells.get(column).map_or(column, |cell| cell.number)),
        }
    }

    /// Whether a column is one of ours, and a number in it an amount.
    pub(super) fn counts(&self, column: usize) -> Option<bool> {
        self.fields.get(column).copied().flatten().map(total::counts)
    }

    /// The place of a cell, or that of a column on some line.
    pub(super) fn place(&self, column: usize, line: u64) -> Place {
        let title = self.title(column);
        Place {
            line,
            column: self.number(column).map(|number| number as u64 + 1),
            column_name: (!title.is_empty()).then(|| title.to_owned()),
            sheet: self.sheet(column).map(str::to_owned),
        }
    }

    /// How many columns of ours, or of a file that names them as we do, there are.
    pub(super) fn width(&self) -> usize {
        self.titles.len()
    }

    /// The sheet on which a column stands, in a workbook.
    pub(super) fn sheet(&self, column: usize) -> Option<&str> {
        self.cells.get(column).map(|cell| &*cell.sheet)
    }

    /// How many of these titles are columns of ours.
    pub(super) fn known(titles: &[&str]) -> usize {
        titles.iter().filter(|title| recognise(title.trim()).is_some()).count()
    }

    /// The title of a column as it stands in the file.
    pub(super) fn title(&self, column: usize) -> &str {
        self.titles.get(column).map_or("", String::as_str)
    }

    /// The column of a field, by its path.
    pub(super) fn position(&self, path: &str) -> Option<usize> {
        position(&self.fields, path)
    }

    /// The columns whose field belongs to a level.
    pub(super) fn of_level(&self, level: Level) -> impl Iterator<Item = (usize, &'static Field)> {
        let columns = self.fields.iter().enumerate();
        columns.filter_map(move |(at, field)| {
            field.filter(|field| field.level == level).map(|field| (at, field))
        })
    }

    /// The column in which an error at an API key stands: its field's own, or else that of which
    /// it is a part, or else the first of its parts.
    pub(super) fn of_key(&self, key: &str) -> Option<usize> {
        let field = fields::of_key(key)?;
        let mut path = field.path;
        loop {
            if let Some(column) = self.position(path) {
                return Some(column);
            }
            let Some((parent, _)) = path.rsplit_once('.') else { break };
            path = parent;
        }
        let is_part = |found: &Field| {
            found.path.strip_prefix(field.path).is_some_and(|rest| rest.starts_with('.'))
        };
        self.fields.iter().position(|found| found.is_some_and(is_part))
    }
}

/// The field that a title names: exactly, or else in any case.
fn recognise(title: &str) -> Option<&'static Field> {
    fields::field(title)
        .filter(|field| field.is_column())
        .or_else(|| fields::columns().find(|field| field.path.eq_ignore_ascii_case(title)))
}

/// What may have been meant by a title that is not known: the template's words count too.
fn suggestion(title: &str) -> Option<&'static str> {
    let in_template = |field: &&Field| field.title.eq_ignore_ascii_case(title);
    fields::columns().find(in_template).or_else(|| fields::nearest_column(title)).map(|f| f.path)
}

/// Whether this program wrote the column for people to read.
pub(super) fn is_ours(title: &str) -> bool {
    let prefix = title.get(..OWN_COLUMN_PREFIX.len());
    prefix.is_some_and(|p| p.eq_ignore_ascii_case(OWN_COLUMN_PREFIX))
}

fn position(columns: &[Option<&'static Field>], path: &str) -> Option<usize> {
    columns.iter().position(|field| field.is_some_and(|field| field.path == path))
}

/// The body's members, and its blocks.
fn body(columns: &[Option<&'static Field>]) -> (Vec<Node>, Vec<Range<usize>>) {
    let mut body = members("", columns);
    let mut blocks = Vec::new();
    for node in &mut body {
        let Node::Object { members, block, .. } = node else { continue };
        let mut its = Vec::new();
        columns_of(members, &mut its);
        its.sort_unstable();
        its.dedup();
        if let (Some(first), Some(last)) = (its.first(), its.last())
            && last - first < its.len()
        {
            *block = Some(blocks.len());
            blocks.push(*first..last + 1);
        }
    }
    (body, blocks)
}

/// The columns that members are made of.
fn columns_of(members: &[Node], all: &mut Vec<usize>) {
    for node in members {
        match node {
            Node::Column { column, .. } => all.push(*column),
            // Why there is no registration is a member of its own.
            Node::ApiCode { column } | Node::Registration { column, .. } => all.extend(column),
            Node::Object { members, .. } | Node::Items { members } => columns_of(members, all),
        }
    }
}

/// The members below a path for which there is a column, or a value without one.
fn members(path: &str, columns: &[Option<&'static Field>]) -> Vec<Node> {
    let below = fields::FIELDS.iter().filter(|f| f.parent() == path && f.level != Level::Beside);
    below.filter_map(|field| node(field, columns)).collect()
}

fn node(field: &'static Field, columns: &[Option<&'static Field>]) -> Option<Node> {
    let column = position(columns, field.path);
    match (field.path, field.kind) {
        ("apiCode", _) => Some(Node::ApiCode { column }),
        ("carrier.registrationNumber", _) => {
            match position(columns, "carrier.reasonForNoRegistrationNumber") {
                Some(reason) => Some(Node::Registration { field, column, reason }),
                None => column.map(|column| Node::Column { key: field.name(), field, column }),
            }
        }
        ("wasteItems", _) => Some(Node::Items { members: members(field.path, columns) }),
        (path, Kind::Object) => {
            let members = members(path, columns);
            (!members.is_empty()).then(|| Node::Object { key: field.name(), members, block: None })
        }
        _ => column.map(|column| Node::Column { key: field.name(), field, column }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(titles: &[&str]) -> String {
        Columns::new(1, titles).expect_err("must be refused").to_string()
    }

    #[test]
    fn titles_are_recognised_in_any_case_and_order() {
        let titles = [" WASTEITEMS.EWCCODES ", "", "waste-receipts:errors", REFERENCE, "", ""];
        let columns = Columns::new(1, &titles).expect("known");
        let shape = &columns.shape;
        assert_eq!((shape.width(), shape.least, columns.reference), (4, 4, 3));
        assert_eq!(columns.position("wasteItems.ewcCodes"), Some(0));
        assert!(shape.title(1).is_empty() && !shape.title(2).is_empty());
    }

    #[test]
    fn what_is_not_known_is_named_with_the_nearest() {
        let all = problem(&[REFERENCE, "wasteItems.ewcCode", "EWC code", "Colour of the lorry"]);
        assert!(
            all.contains(
                "column 2 `wasteItems.ewcCode` is not known (did you mean `wasteItems.ewcCodes`?)"
            ),
            "{all}"
        );
        assert!(
            all.contains("column 3 `EWC code` is not known (did you mean `wasteItems.ewcCodes`?)")
        );
        assert!(all.contains("column 4 `Colour of the lorry` is not known:"), "{all}");
        // Objects and parts of lists are no columns.
        assert!(problem(&[REFERENCE, "carrier"]).contains("column 2 `carrier`"));
        assert!(problem(&["apiCode"]).contains("no column `yourUniqueReference`"));
        let twice = problem(&[REFERENCE, "apiCode", "yourUniquereference"]);
        assert!(twice.contains("columns 1 and 3 are both `yourUniqueReference`"), "{twice}");
        let many: Vec<String> = (0..20).map(|n| format!("Spalte {n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(problem(&many).contains("; and 12 more"));
    }

    #[test]
    fn a_key_leads_to_a_column() {
        let titles =
            [REFERENCE, "wasteItems.disposalOrRecoveryCodes", "wasteItems.pops.components"];
        let columns = Columns::new(1, &titles).expect("known");
        let at = |key| columns.of_key(key);
        assert_eq!(at("wasteItems.2.disposalOrRecoveryCodes.1.weight.amount"), Some(1));
        assert_eq!(at("wasteItems.0.pops"), Some(2));
        assert_eq!(at("wasteItems"), Some(1));
        assert_eq!(at("carrier.organisationName"), None);
        assert_eq!(at("ReceiveMovementRequest"), None);
    }
}
