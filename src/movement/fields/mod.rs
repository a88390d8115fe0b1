//! Every field of the request body, once.
//!
//! The readers take the columns and their syntax from here, the checks the order, the kinds and
//! what is required, the documentation of the file format its text. Paths leave out the indexes:
//! `wasteItems.weight.amount` is `wasteItems.0.weight.amount` in the first item.

mod item;
mod load;
mod parties;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::reference::List;

/// Which part of a record a field belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The movement: once, on the first row of its group.
    Movement,
    /// A waste item: on every row.
    Item,
    /// Not in the request body but beside it.
    Beside,
}

/// What the API takes in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An object of further fields.
    Object,
    /// A list of objects of further fields, with at least so many.
    Objects {
        /// The fewest that the API takes.
        least: usize,
    },
    /// A list of plain values.
    Several {
        /// What each of them is.
        of: &'static Kind,
        /// The fewest.
        least: usize,
        /// The most, where there is a limit.
        most: Option<usize>,
    },
    /// Any text that is not empty, up to so many UTF-16 units where there is a limit.
    Text {
        /// The greatest length.
        most: Option<usize>,
    },
    /// A whole number from 0.
    Count,
    /// A whole number from 1.
    Number,
    /// A number above 0.
    Amount,
    /// `true` or `false`.
    YesNo,
    /// Date and time.
    DateTime,
    /// The shape of a UUID.
    Uuid,
    /// A value of a fixed list (the API answers twice when it is no text).
    Choice(List),
    /// A code of a list.
    Code(List),
    /// An e-mail address.
    Email,
    /// A postcode of the UK, or also of Ireland.
    Postcode {
        /// Whether Irish ones are taken too.
        irish: bool,
    },
    /// A carrier's or broker's registration number.
    Registration,
    /// A site's permit or licence number.
    SiteAuthorisation,
    /// A hazardous waste consignment code.
    ConsignmentCode,
    /// Why there is no consignment code.
    ReasonForNoConsignment,
    /// A waste tracking ID.
    TrackingId,
}

/// Whether a field must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Always, where its parent is there.
    Required,
    /// Never.
    Optional,
    /// Under a condition, in words.
    When(&'static str),
}

/// Whether a field tells who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    /// No.
    No,
    /// It is somebody's name, address, phone number or e-mail address.
    Contact,
    /// It may: a number plate, a reference of somebody's own, free text.
    Incidental,
}

/// How a field is written in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Not a column: its parts are, or it is a part of one.
    None,
    /// One value.
    One,
    /// Several values, separated by `;` or `,`.
    Several,
    /// `label = reference; ...`
    References,
    /// `CODE = number; ...` or `Name = number; ...`
    Components,
    /// `code = amount = unit = Estimate|Actual; ...`
    Disposals,
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The API's path without indexes; also the column's name.
    pub path: &'static str,
    /// Where it belongs.
    pub level: Level,
    /// What the API takes.
    pub kind: Kind,
    /// Whether it must be given.
    pub need: Need,
    /// Whether it tells who somebody is.
    pub personal: Personal,
    /// How it is written in a cell.
    pub syntax: Syntax,
    /// Its title in the government's spreadsheet template; empty where it has no column there.
    pub title: &'static str,
    /// What it is, for people who never saw the API.
    pub help: &'static str,
    /// An example of a cell.
    pub example: &'static str,
}

impl Field {
    /// The last step of the path.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// The path above, empty at the root.
    pub fn parent(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(parent, _)| parent)
    }

    /// Whether it is a column of a file.
    pub fn is_column(&self) -> bool {
        self.syntax != Syntax::None
    }
}

/// All fields, in the order in which the API's schema has them (its errors come in this order).
pub static FIELDS: LazyLock<Vec<Field>> =
    LazyLock::new(|| [load::FIELDS, item::FIELDS, parties::FIELDS].concat());

static BY_PATH: LazyLock<HashMap<&'static str, usize>> =
    LazyLock::new(|| FIELDS.iter().enumerate().map(|(rank, field)| (field.path, rank)).collect());

/// The field at a path without indexes.
pub fn field(path: &str) -> Option<&'static Field> {
    BY_PATH.get(path).map(|&rank| &FIELDS[rank])
}

/// The field that an API key speaks of: indexes are left out, and what has no field of its own
/// belongs to the nearest one above.
pub fn of_key(key: &str) -> Option<&'static Field> {
    let is_index = |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    let mut path = String::with_capacity(key.len());
    for step in key.split('.').filter(|step| !is_index(step)) {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(step);
    }
    loop {
        if let Some(field) = field(&path) {
            return Some(field);
        }
        path.truncate(path.rfind('.')?);
    }
}

/// The columns that a file may have.
pub fn columns() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| field.is_column())
}

/// The column whose name is closest to what somebody wrote.
pub fn nearest_column(written: &str) -> Option<&'static Field> {
    let wanted = written.trim().to_lowercase();
    let last = |path: &'static str| path.rsplit('.').next().unwrap_or(path).to_lowercase();
    columns()
        .map(|field| {
            let whole = strsim::osa_distance(&wanted, &field.path.to_lowercase());
            let name = strsim::osa_distance(&wanted, &last(field.path)) + 1;
            (whole.min(name), field)
        })
        .filter(|(distance, _)| *distance <= (wanted.chars().count() / 3).max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, field)| field)
}

/// A field's key, and the fields below it in the schema's order.
#[derive(Debug)]
pub(crate) struct Branch {
    key: &'static str,
    below: Vec<Branch>,
    personal: Personal,
    need: Need,
}

static BODY: LazyLock<Branch> = LazyLock::new(|| Branch {
    key: "",
    below: below(""),
    personal: Personal::No,
    need: Need::Required,
});

fn below(path: &str) -> Vec<Branch> {
    let members = FIELDS.iter().filter(|field| field.parent() == path);
    let branch = |field: &Field| Branch {
        key: field.name(),
        below: below(field.path),
        personal: field.personal,
        need: field.need,
    };
    members.map(branch).collect()
}

impl Branch {
    /// The request body.
    pub(crate) fn body() -> &'static Branch {
        &BODY
    }

    /// Where a key stands among the fields below; unknown keys come last.
    pub(crate) fn rank(&self, key: &str) -> usize {
        self.below.iter().position(|member| member.key == key).unwrap_or(usize::MAX)
    }

    /// Whether there are no fields below.
    pub(crate) fn is_leaf(&self) -> bool {
        self.below.is_empty()
    }

    /// Whether it tells who somebody is, or may.
    pub(crate) fn is_personal(&self) -> bool {
        self.personal != Personal::No
    }

    /// Whether it is a contact that may be left out: a field, or an object of nothing else.
    pub(crate) fn is_optional_contact(&self) -> bool {
        self.need == Need::Optional && self.is_contact()
    }

    fn is_contact(&self) -> bool {
        if self.is_leaf() {
            self.personal == Personal::Contact
        } else {
            self.below.iter().all(Branch::is_contact)
        }
    }

    /// The field below with this key.
    pub(crate) fn member(&self, key: &str) -> Option<&Branch> {
        self.below.iter().find(|member| member.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_its_parent_before_it_and_stands_once() {
        assert_eq!(BY_PATH.len(), FIELDS.len());
        for (rank, found) in FIELDS.iter().enumerate() {
            let parent = found.parent();
            assert!(parent.is_empty() || BY_PATH[parent] < rank, "{}", found.path);
            assert!(!found.is_column() || !found.example.is_empty(), "{}", found.path);
        }
    }

    #[test]
    fn a_key_leads_to_its_field() {
        let path = |key| of_key(key).map(|found| found.path);
        assert_eq!(path("wasteItems.0.ewcCodes.1"), Some("wasteItems.ewcCodes"));
        assert_eq!(path("wasteItems.3.weight.amount"), Some("wasteItems.weight.amount"));
        assert_eq!(path("receiver.color"), Some("receiver"));
        assert_eq!(path("ReceiveMovementRequest"), None);
    }

    #[test]
    fn a_misspelt_column_is_recognised() {
        let near = |written| nearest_column(written).map(|found| found.path);
        assert_eq!(near("wasteItems.ewcCode"), Some("wasteItems.ewcCodes"));
        assert_eq!(near("physicalForm"), Some("wasteItems.physicalForm"));
        assert_eq!(near("Carrier.registrationnumber"), Some("carrier.registrationNumber"));
        assert_eq!(near("colour of the lorry"), None);
    }
}
