//! The fields as the API's schema nests them: the table of [`fields`], made into a tree once, and
//! beside it the few things in which the API departs from what the table says for people.
//!
//! Must not know: how a value is judged; that is the business of the family files.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::json::{Object, Value};
use crate::movement::fields::{self, Field, Kind, Need};

/// One key of an object.
#[derive(Debug)]
pub(super) struct Node {
    /// The key.
    pub(super) name: &'static str,
    /// What the table says of it.
    pub(super) field: &'static Field,
    /// What it takes.
    pub(super) kind: Kind,
    /// What people call it, as the start of a sentence.
    pub(super) label: String,
    /// Whether it must be there.
    pub(super) presence: Presence,
    /// What null means in it.
    pub(super) null: Null,
    /// Whether an empty text is taken where other fields refuse it.
    pub(super) takes_empty: bool,
    /// A rule on the whole of it, beside those on what it holds.
    pub(super) whole: Whole,
    /// The keys below, in the schema's order.
    pub(super) children: Vec<Node>,
}

impl Node {
    /// What each value is: of a list of plain values, its entries.
    pub(super) fn value_kind(&self) -> Kind {
        match self.kind {
            Kind::Several { of, .. } => *of,
            kind => kind,
        }
    }

    /// The label of the whole: of a list of plain values, the list's.
    pub(super) fn whole_label(&self) -> Cow<'_, str> {
        match (self.kind, self.label.strip_prefix("The ")) {
            (Kind::Several { .. }, Some(entry)) => format!("The list of {entry}s").into(),
            _ => self.label.as_str().into(),
        }
    }
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Presence {
    Required,
    /// Required, and null will not do although the field takes it otherwise.
    Filled,
    Optional,
    Forbidden,
    /// It depends on its siblings; never answers `When` again.
    When(fn(&Object<'_>) -> Presence),
}

/// What null means (G5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Null {
    /// A value of the wrong type, as everywhere else.
    Refused,
    /// As if the key were not there.
    Absent,
    /// A value like any other.
    Taken,
}

/// A rule on a whole object or list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    Nothing,
    /// POPs or hazardous properties: what must go together.
    Substances(Substances),
    /// Their components: when there may be none.
    Components(Substances),
}

/// The two groups of substances, which follow the same rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Substances {
    Pops,
    Hazardous,
}

impl Substances {
    /// The key that says whether there are any.
    pub(super) fn contains(self) -> &'static str {
        match self {
            Substances::Pops => "containsPops",
            Substances::Hazardous => "containsHazardous",
        }
    }

    /// The key that says which.
    pub(super) fn key(self) -> &'static str {
        match self {
            Substances::Pops => "pops",
            Substances::Hazardous => "hazardous",
        }
    }
}

/// The most keys that one object of the schema has.
pub(super) const MOST_KEYS: usize = 16;

/// A key that the service sets itself, and where the schema has it: right behind this one.
const NEVER_TAKEN: (&str, &str) = ("submittingOrganisation", "apiCode");

/// Where the API's `required` is not the table's (which speaks of files and good sense).
const PRESENCE: [(&str, Presence); 9] = [
    ("apiCode", Presence::Required),
    // N1: the schema lets it pass; the service then fails on it, which `advise` says.
    ("carrier", Presence::Optional),
    ("carrier.registrationNumber", Presence::Required),
    ("carrier.reasonForNoRegistrationNumber", Presence::When(reason_for_no_registration)),
    ("carrier.vehicleRegistration", Presence::When(vehicle_registration)),
    ("wasteItems.pops", Presence::When(|item| substances(item, Substances::Pops))),
    ("wasteItems.hazardous", Presence::When(|item| substances(item, Substances::Hazardous))),
    ("wasteItems.pops.components.concentration", Presence::When(concentration)),
    ("wasteItems.hazardous.components.concentration", Presence::When(concentration)),
];

/// G5: where null is no fault of type.
const NULLS: [(&str, Null); 14] = [
    ("wasteItems.pops", Null::Absent),
    ("wasteItems.hazardous", Null::Absent),
    ("wasteItems.pops.components", Null::Absent),
    ("wasteItems.hazardous.components", Null::Absent),
    ("wasteItems.pops.components.code", Null::Absent),
    ("wasteItems.hazardous.components.name", Null::Absent),
    ("wasteItems.pops.components.concentration", Null::Taken),
    ("wasteItems.hazardous.components.concentration", Null::Taken),
    ("wasteItems.pops.components.concentrationOperator", Null::Taken),
    ("wasteItems.hazardous.components.concentrationOperator", Null::Taken),
    ("carrier.registrationNumber", Null::Taken),
    ("carrier.reasonForNoRegistrationNumber", Null::Taken),
    ("reasonForNoConsignmentCode", Null::Taken),
    ("hazardousWasteConsignmentCode", Null::Taken),
];

/// G6: where an empty text is taken.
const EMPTY_TEXTS: [&str; 4] = [
    "carrier.registrationNumber",
    "carrier.reasonForNoRegistrationNumber",
    "reasonForNoConsignmentCode",
    "hazardousWasteConsignmentCode",
];

const WHOLES: [(&str, Whole); 4] = [
    ("wasteItems.pops", Whole::Substances(Substances::Pops)),
    ("wasteItems.pops.components", Whole::Components(Substances::Pops)),
    ("wasteItems.hazardous", Whole::Substances(Substances::Hazardous)),
    ("wasteItems.hazardous.components", Whole::Components(Substances::Hazardous)),
];

/// The carrier either has a registration number or says why not, never both.
fn reason_for_no_registration(carrier: &Object<'_>) -> Presence {
    match carrier.get("registrationNumber") {
        Some(Value::Null) => Presence::Required,
        Some(Value::Text(text)) if text.as_str().is_empty() => Presence::Required,
        _ => Presence::Forbidden,
    }
}

/// A number plate goes with the road and with nothing else.
fn vehicle_registration(carrier: &Object<'_>) -> Presence {
    match carrier.get("meansOfTransport").and_then(Value::as_str) {
        Some("Road") => Presence::Required,
        _ => Presence::Forbidden,
    }
}

/// P1, H1: what the waste contains must be told.
fn substances(item: &Object<'_>, which: Substances) -> Presence {
    match item.get(which.contains()) {
        Some(Value::Bool(true)) => Presence::Required,
        _ => Presence::Optional,
    }
}

/// An operator says nothing without a number behind it.
fn concentration(component: &Object<'_>) -> Presence {
    match component.get("concentrationOperator") {
        None | Some(Value::Null) => Presence::Optional,
        Some(_) => Presence::Filled,
    }
}

/// The keys of the request body.
pub(super) static BODY: LazyLock<Vec<Node>> = LazyLock::new(|| children_of(""));

fn children_of(parent: &'static str) -> Vec<Node> {
    let mut nodes = Vec::new();
    for field in fields::FIELDS.iter().filter(|f| f.level != fields::Level::Beside) {
        if field.parent() != parent {
            continue;
        }
        nodes.push(node(field));
        let (never, behind) = NEVER_TAKEN;
        if field.path == behind {
            nodes.push(Node {
                name: never,
                label: words(never),
                presence: Presence::Forbidden,
                ..node(field)
            });
        }
    }
    nodes
}

fn node(field: &'static Field) -> Node {
    let usual = match field.need {
        Need::Required => Presence::Required,
        Need::Optional | Need::When(_) => Presence::Optional,
    };
    Node {
        name: field.name(),
        field,
        kind: field.kind,
        label: label(field),
        presence: exception(&PRESENCE, field).unwrap_or(usual),
        null: exception(&NULLS, field).unwrap_or(Null::Refused),
        takes_empty: EMPTY_TEXTS.contains(&field.path),
        whole: exception(&WHOLES, field).unwrap_or(Whole::Nothing),
        children: children_of(field.path),
    }
}

/// What a table of exceptions says of a field.
fn exception<T: Copy>(table: &[(&str, T)], field: &Field) -> Option<T> {
    table.iter().find(|(path, _)| *path == field.path).map(|(_, what)| *what)
}

/// Names that do not come out right when they are only taken apart.
const LABELS: [(&str, &str); 31] = [
    ("wasteItems.weight.metric", "The unit of the weight"),
    ("wasteItems.weight.amount", "The amount of the weight"),
    (
        "wasteItems.disposalOrRecoveryCodes.weight.metric",
        "The unit of the disposal or recovery weight",
    ),
    (
        "wasteItems.disposalOrRecoveryCodes.weight.amount",
        "The amount of the disposal or recovery weight",
    ),
    ("wasteItems.pops.components.code", "The POP code"),
    ("wasteItems.pops.components.concentration", "The concentration of a POP"),
    (
        "wasteItems.pops.components.concentrationOperator",
        "The sign before the concentration of a POP",
    ),
    ("wasteItems.hazardous.components.name", "The name of a hazardous component"),
    ("wasteItems.hazardous.components.concentration", "The concentration of a hazardous component"),
    (
        "wasteItems.hazardous.components.concentrationOperator",
        "The sign before the concentration of a hazardous component",
    ),
    ("specialHandlingRequirements", "The special handling requirement"),
    ("apiCode", "The API code"),
    ("dateTimeReceived", "The date and time received"),
    ("hazardousWasteConsignmentCode", "The consignment code"),
    ("reasonForNoConsignmentCode", "The reason for having no consignment code"),
    ("otherReferencesForMovement", "The list of other references"),
    ("otherReferencesForMovement.label", "The label of a reference"),
    ("otherReferencesForMovement.reference", "The reference"),
    ("wasteItems", "The list of waste items"),
    ("wasteItems.ewcCodes", "The EWC code"),
    ("wasteItems.weight.isEstimate", "Whether the weight is an estimate"),
    (
        "wasteItems.disposalOrRecoveryCodes.weight.isEstimate",
        "Whether the disposal or recovery weight is an estimate",
    ),
    ("wasteItems.containsPops", "Whether the waste contains POPs"),
    ("wasteItems.pops", "The description of the POPs"),
    ("wasteItems.containsHazardous", "Whether the waste is hazardous"),
    ("wasteItems.hazardous", "The description of the hazardous properties"),
    ("wasteItems.hazardous.hazCodes", "The hazardous property code"),
    ("wasteItems.disposalOrRecoveryCodes", "The list of disposal and recovery codes"),
    ("wasteItems.disposalOrRecoveryCodes.code", "The disposal or recovery code"),
    ("brokerOrDealer", "The broker or dealer"),
    ("receiver.regulatoryPositionStatements", "The regulatory position statement"),
];

/// Whose field it is, where the name alone does not tell.
const OWNERS: [(&str, &str); 7] = [
    ("carrier.", "The carrier's "),
    ("brokerOrDealer.", "The broker's or dealer's "),
    ("receiver.", "The receiver's "),
    ("receipt.", "The site's "),
    ("wasteItems.disposalOrRecoveryCodes.", "The disposal or recovery "),
    ("wasteItems.pops.", "The POPs' "),
    ("wasteItems.hazardous.", "The hazardous "),
];

fn label(field: &Field) -> String {
    if let Some(label) = exception(&LABELS, field) {
        return label.to_owned();
    }
    let own = words(field.name());
    // The longest owner wins: the weight of a disposal is not that of the item.
    let owner = OWNERS
        .iter()
        .filter(|(path, _)| field.path.starts_with(path))
        .max_by_key(|(path, _)| path.len());
    owner.map_or_else(|| format!("The {own}"), |(_, whose)| format!("{whose}{own}"))
}

/// `meansOfTransport` as `means of transport`.
fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            out.push(' ');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widest(nodes: &[Node]) -> usize {
        nodes.iter().map(|node| widest(&node.children)).max().unwrap_or(0).max(nodes.len())
    }

    #[test]
    fn every_object_fits_the_walk() {
        assert!(widest(&BODY) <= MOST_KEYS);
    }

    #[test]
    fn every_exception_speaks_of_a_field() {
        let paths = PRESENCE.iter().map(|(path, _)| *path);
        let paths = paths.chain(NULLS.iter().map(|(path, _)| *path));
        let paths = paths.chain(EMPTY_TEXTS).chain(LABELS.iter().map(|(path, _)| *path));
        for path in paths.chain(WHOLES.iter().map(|(path, _)| *path)) {
            assert!(fields::field(path).is_some(), "{path}");
        }
    }

    #[test]
    fn labels_read_like_words() {
        let carrier = BODY.iter().find(|node| node.name == "carrier").expect("it is in the table");
        let labels: Vec<&str> = carrier.children.iter().map(|node| node.label.as_str()).collect();
        assert!(labels.contains(&"The carrier's means of transport"), "{labels:?}");
    }
}
