//! Every field of the request body, once.
//!
//! The readers take the columns and their syntax from here, the checks the order, the kinds and
//! what is required, the documentation of the file format its text. Paths leave out the indexes:
//! `wasteItems.weight.amount` is `wasteItems.0.weight.amount` in the first item.

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
pub static FIELDS: &[Field] = &[
    Field {
        path: "wasteTrackingId",
        level: Level::Beside,
        kind: Kind::TrackingId,
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Waste Tracking ID",
        help: "Only for a correction: the waste tracking ID that the service gave this movement.",
        example: "26BHUT6U",
    },
    Field {
        path: "apiCode",
        level: Level::Movement,
        kind: Kind::Uuid,
        need: Need::When("the settings name no --api-code"),
        syntax: Syntax::One,
        title: "",
        help: "The operator's API code, as the service issued it.",
        example: "1f83215e-4b90-4785-9ab2-2614839aa2e9",
    },
    Field {
        path: "dateTimeReceived",
        level: Level::Movement,
        kind: Kind::DateTime,
        need: Need::Required,
        syntax: Syntax::One,
        title: "Date and time received",
        help: "When the waste arrived at the site.",
        example: "2026-10-05T09:20:00+01:00",
    },
    Field {
        path: "hazardousWasteConsignmentCode",
        level: Level::Movement,
        kind: Kind::ConsignmentCode,
        need: Need::When("an EWC code is hazardous and no reason is given"),
        syntax: Syntax::One,
        title: "Hazardous waste consignment code",
        help: "The consignment code on the note that came with hazardous waste.",
        example: "LARKMR/A0042",
    },
    Field {
        path: "reasonForNoConsignmentCode",
        level: Level::Movement,
        kind: Kind::ReasonForNoConsignment,
        need: Need::When("an EWC code is hazardous and there is no consignment code"),
        syntax: Syntax::One,
        title: "Give reasons for not having a consignment number",
        help: "Why hazardous waste came without a consignment code.",
        example: "NO_DOC_WITH_WASTE",
    },
    Field {
        path: "yourUniqueReference",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Your unique reference",
        help: "Your own number for this movement, a weighbridge ticket for example; each movement of a site has one of its own. The API does not ask for it, this program does: nothing could be traced without it.",
        example: "WB-100231",
    },
    Field {
        path: "otherReferencesForMovement",
        level: Level::Movement,
        kind: Kind::Objects { least: 0 },
        need: Need::Optional,
        syntax: Syntax::References,
        title: "",
        help: "Further references, each with a label.",
        example: "PO Number = PO-12345; Job = 881",
    },
    Field {
        path: "otherReferencesForMovement.label",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "What the reference is.",
        example: "PO Number",
    },
    Field {
        path: "otherReferencesForMovement.reference",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "The reference itself.",
        example: "PO-12345",
    },
    Field {
        path: "specialHandlingRequirements",
        level: Level::Movement,
        kind: Kind::Text { most: Some(5_000) },
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Special handling requirement",
        help: "Anything that whoever handles the waste must know.",
        example: "Keep dry.",
    },
    Field {
        path: "wasteItems",
        level: Level::Movement,
        kind: Kind::Objects { least: 1 },
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "The kinds of waste in the load: one row of the file each.",
        example: "",
    },
    Field {
        path: "wasteItems.ewcCodes",
        level: Level::Item,
        kind: Kind::Several { of: &Kind::Code(List::Ewc), least: 1, most: Some(5) },
        need: Need::Required,
        syntax: Syntax::Several,
        title: "EWC code",
        help: "One to five European Waste Catalogue codes of six digits.",
        example: "170201; 150103",
    },
    Field {
        path: "wasteItems.wasteDescription",
        level: Level::Item,
        kind: Kind::Text { most: None },
        need: Need::Required,
        syntax: Syntax::One,
        title: "Waste description",
        help: "What the waste is, in words.",
        example: "Clean timber and pallets",
    },
    Field {
        path: "wasteItems.physicalForm",
        level: Level::Item,
        kind: Kind::Choice(List::PhysicalForms),
        need: Need::Required,
        syntax: Syntax::One,
        title: "Physical form",
        help: "Its physical form.",
        example: "Solid",
    },
    Field {
        path: "wasteItems.numberOfContainers",
        level: Level::Item,
        kind: Kind::Count,
        need: Need::Required,
        syntax: Syntax::One,
        title: "Number of containers used",
        help: "How many containers it came in.",
        example: "1",
    },
    Field {
        path: "wasteItems.typeOfContainers",
        level: Level::Item,
        kind: Kind::Code(List::ContainerTypes),
        need: Need::Required,
        syntax: Syntax::One,
        title: "Type of containers",
        help: "The kind of container, by its code of three letters.",
        example: "SKI",
    },
    Field {
        path: "wasteItems.weight",
        level: Level::Item,
        kind: Kind::Object,
        need: Need::Optional,
        syntax: Syntax::None,
        title: "",
        help: "The weight of the item: unit, amount and whether it is an estimate, all three or none.",
        example: "",
    },
    Field {
        path: "wasteItems.weight.metric",
        level: Level::Item,
        kind: Kind::Choice(List::WeightMetrics),
        need: Need::Required,
        syntax: Syntax::One,
        title: "Weight unit of measurement",
        help: "The unit of the weight.",
        example: "Tonnes",
    },
    Field {
        path: "wasteItems.weight.amount",
        level: Level::Item,
        kind: Kind::Amount,
        need: Need::Required,
        syntax: Syntax::One,
        title: "Total weight of waste",
        help: "The weight, in that unit.",
        example: "3.46",
    },
    Field {
        path: "wasteItems.weight.isEstimate",
        level: Level::Item,
        kind: Kind::YesNo,
        need: Need::Required,
        syntax: Syntax::One,
        title: "Is the waste weight estimated?",
        help: "Whether the weight is an estimate.",
        example: "false",
    },
    Field {
        path: "wasteItems.containsPops",
        level: Level::Item,
        kind: Kind::YesNo,
        need: Need::Required,
        syntax: Syntax::One,
        title: "Does the waste contain persistent organic pollutants (POPs)?",
        help: "Whether it contains persistent organic pollutants.",
        example: "false",
    },
    Field {
        path: "wasteItems.pops",
        level: Level::Item,
        kind: Kind::Object,
        need: Need::When("containsPops is true"),
        syntax: Syntax::None,
        title: "",
        help: "The persistent organic pollutants.",
        example: "",
    },
    Field {
        path: "wasteItems.pops.sourceOfComponents",
        level: Level::Item,
        kind: Kind::Choice(List::SourcesOfComponents),
        need: Need::When("containsPops is true"),
        syntax: Syntax::One,
        title: "How did you determine the POPs components?",
        help: "How the POPs were determined.",
        example: "GUIDANCE",
    },
    Field {
        path: "wasteItems.pops.components",
        level: Level::Item,
        kind: Kind::Objects { least: 0 },
        need: Need::When("containsPops is true and the source is GUIDANCE or OWN_TESTING"),
        syntax: Syntax::Components,
        title: "POP name & concentration value",
        help: "POPs by code, with their concentrations in mg/kg.",
        example: "DECABDE = 1200; PCB = 3.5",
    },
    Field {
        path: "wasteItems.pops.components.code",
        level: Level::Item,
        kind: Kind::Code(List::PopNames),
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "The code of the pollutant.",
        example: "DECABDE",
    },
    Field {
        path: "wasteItems.pops.components.concentrationOperator",
        level: Level::Item,
        kind: Kind::Choice(List::ConcentrationOperators),
        need: Need::Optional,
        syntax: Syntax::None,
        title: "",
        help: "Above (>) or below (<) the concentration.",
        example: "<",
    },
    Field {
        path: "wasteItems.pops.components.concentration",
        level: Level::Item,
        kind: Kind::Amount,
        need: Need::Optional,
        syntax: Syntax::None,
        title: "",
        help: "The concentration.",
        example: "1200",
    },
    Field {
        path: "wasteItems.containsHazardous",
        level: Level::Item,
        kind: Kind::YesNo,
        need: Need::Required,
        syntax: Syntax::One,
        title: "Is the waste hazardous?",
        help: "Whether the waste is hazardous.",
        example: "false",
    },
    Field {
        path: "wasteItems.hazardous",
        level: Level::Item,
        kind: Kind::Object,
        need: Need::When("containsHazardous is true"),
        syntax: Syntax::None,
        title: "",
        help: "The hazardous properties and components.",
        example: "",
    },
    Field {
        path: "wasteItems.hazardous.sourceOfComponents",
        level: Level::Item,
        kind: Kind::Choice(List::SourcesOfComponents),
        need: Need::When("containsHazardous is true"),
        syntax: Syntax::One,
        title: "How did you determine the Hazardous components?",
        help: "How the hazardous components were determined.",
        example: "PROVIDED_WITH_WASTE",
    },
    Field {
        path: "wasteItems.hazardous.hazCodes",
        level: Level::Item,
        kind: Kind::Several { of: &Kind::Choice(List::HazardousProperties), least: 0, most: None },
        need: Need::When("containsHazardous is true"),
        syntax: Syntax::Several,
        title: "Hazardous property codes (Haz code)",
        help: "Hazardous properties.",
        example: "HP_7; HP_14",
    },
    Field {
        path: "wasteItems.hazardous.components",
        level: Level::Item,
        kind: Kind::Objects { least: 0 },
        need: Need::When("containsHazardous is true and the source is GUIDANCE or OWN_TESTING"),
        syntax: Syntax::Components,
        title: "Component name & concentration value",
        help: "Hazardous components by name, with their concentrations.",
        example: "Sulphuric acid = 22; Lead = 4.5",
    },
    Field {
        path: "wasteItems.hazardous.components.name",
        level: Level::Item,
        kind: Kind::Text { most: None },
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "The name of the component.",
        example: "Sulphuric acid",
    },
    Field {
        path: "wasteItems.hazardous.components.concentrationOperator",
        level: Level::Item,
        kind: Kind::Choice(List::ConcentrationOperators),
        need: Need::Optional,
        syntax: Syntax::None,
        title: "",
        help: "Above (>) the concentration.",
        example: ">",
    },
    Field {
        path: "wasteItems.hazardous.components.concentration",
        level: Level::Item,
        kind: Kind::Amount,
        need: Need::Optional,
        syntax: Syntax::None,
        title: "",
        help: "The concentration.",
        example: "22",
    },
    Field {
        path: "wasteItems.disposalOrRecoveryCodes",
        level: Level::Item,
        kind: Kind::Objects { least: 0 },
        need: Need::Optional,
        syntax: Syntax::Disposals,
        title: "Disposal / Recovery code & Weight",
        help: "What is done with it, and with how much of it.",
        example: "R3 = 3 = Tonnes = Actual; R13 = 460 = Kilograms = Estimate",
    },
    Field {
        path: "wasteItems.disposalOrRecoveryCodes.code",
        level: Level::Item,
        kind: Kind::Choice(List::DisposalOrRecovery),
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "The disposal or recovery operation.",
        example: "R3",
    },
    Field {
        path: "wasteItems.disposalOrRecoveryCodes.weight",
        level: Level::Item,
        kind: Kind::Object,
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "The weight it is done with.",
        example: "",
    },
    Field {
        path: "wasteItems.disposalOrRecoveryCodes.weight.metric",
        level: Level::Item,
        kind: Kind::Choice(List::WeightMetrics),
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "The unit of the weight.",
        example: "Tonnes",
    },
    Field {
        path: "wasteItems.disposalOrRecoveryCodes.weight.amount",
        level: Level::Item,
        kind: Kind::Amount,
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "The weight, in that unit.",
        example: "3",
    },
    Field {
        path: "wasteItems.disposalOrRecoveryCodes.weight.isEstimate",
        level: Level::Item,
        kind: Kind::YesNo,
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "Whether the weight is an estimate.",
        example: "false",
    },
    Field {
        path: "carrier",
        level: Level::Movement,
        kind: Kind::Object,
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "Who brought the waste.",
        example: "",
    },
    Field {
        path: "carrier.registrationNumber",
        level: Level::Movement,
        kind: Kind::Registration,
        need: Need::When("no reason for having none is given"),
        syntax: Syntax::One,
        title: "Carrier registration number",
        help: "The carrier's registration number.",
        example: "CBDU48213",
    },
    Field {
        path: "carrier.reasonForNoRegistrationNumber",
        level: Level::Movement,
        kind: Kind::Choice(List::ReasonsForNoRegistration),
        need: Need::When("there is no registration number, and only then"),
        syntax: Syntax::One,
        title: "Give reasons for not having the carrier registration number",
        help: "Why the carrier has no registration number.",
        example: "HOUSEHOLD",
    },
    Field {
        path: "carrier.organisationName",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Required,
        syntax: Syntax::One,
        title: "Carrier organisation name",
        help: "The carrier's name.",
        example: "Fenwick Haulage Example Ltd",
    },
    Field {
        path: "carrier.address",
        level: Level::Movement,
        kind: Kind::Object,
        need: Need::Optional,
        syntax: Syntax::None,
        title: "",
        help: "The carrier's address.",
        example: "",
    },
    Field {
        path: "carrier.address.fullAddress",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Carrier address",
        help: "The carrier's address, without the postcode.",
        example: "Unit 9, Harrow Lane, Testford",
    },
    Field {
        path: "carrier.address.postcode",
        level: Level::Movement,
        kind: Kind::Postcode { irish: true },
        need: Need::Required,
        syntax: Syntax::One,
        title: "Carrier post code",
        help: "The postcode of that address, of the UK or Ireland.",
        example: "QV12 8RA",
    },
    Field {
        path: "carrier.emailAddress",
        level: Level::Movement,
        kind: Kind::Email,
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Carrier contact email address",
        help: "The carrier's e-mail address.",
        example: "dispatch@fenwick.example.com",
    },
    Field {
        path: "carrier.phoneNumber",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Carrier contact phone number",
        help: "The carrier's phone number.",
        example: "01632 960101",
    },
    Field {
        path: "carrier.meansOfTransport",
        level: Level::Movement,
        kind: Kind::Choice(List::MeansOfTransport),
        need: Need::Required,
        syntax: Syntax::One,
        title: "Means of transport",
        help: "How the waste came.",
        example: "Road",
    },
    Field {
        path: "carrier.vehicleRegistration",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::When("the means of transport is Road, and only then"),
        syntax: Syntax::One,
        title: "Vehicle registration number (if by road)",
        help: "The number plate of the vehicle.",
        example: "RG19 XTP",
    },
    Field {
        path: "carrier.otherMeansOfTransport",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Optional,
        syntax: Syntax::One,
        title: "",
        help: "More about the means of transport.",
        example: "Narrowboat",
    },
    Field {
        path: "brokerOrDealer",
        level: Level::Movement,
        kind: Kind::Object,
        need: Need::Optional,
        syntax: Syntax::None,
        title: "",
        help: "A broker or dealer who arranged the movement.",
        example: "",
    },
    Field {
        path: "brokerOrDealer.organisationName",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Required,
        syntax: Syntax::One,
        title: "Broker or dealer organisation name",
        help: "The broker's or dealer's name.",
        example: "Bramble Brokers Example LLP",
    },
    Field {
        path: "brokerOrDealer.address",
        level: Level::Movement,
        kind: Kind::Object,
        need: Need::Optional,
        syntax: Syntax::None,
        title: "",
        help: "The broker's or dealer's address.",
        example: "",
    },
    Field {
        path: "brokerOrDealer.address.fullAddress",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Broker or dealer address",
        help: "The broker's or dealer's address, without the postcode.",
        example: "Unit 9, Harrow Lane, Testford",
    },
    Field {
        path: "brokerOrDealer.address.postcode",
        level: Level::Movement,
        kind: Kind::Postcode { irish: true },
        need: Need::Required,
        syntax: Syntax::One,
        title: "Broker or dealer post code",
        help: "The postcode of that address, of the UK or Ireland.",
        example: "A65 F4E2",
    },
    Field {
        path: "brokerOrDealer.registrationNumber",
        level: Level::Movement,
        kind: Kind::Registration,
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Broker or dealer registration number",
        help: "The broker's or dealer's registration number.",
        example: "CBDL3090",
    },
    Field {
        path: "brokerOrDealer.phoneNumber",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Broker or dealer phone number",
        help: "The broker's or dealer's phone number.",
        example: "01632 960102",
    },
    Field {
        path: "brokerOrDealer.emailAddress",
        level: Level::Movement,
        kind: Kind::Email,
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Broker or dealer email",
        help: "The broker's or dealer's e-mail address.",
        example: "desk@bramble.example.com",
    },
    Field {
        path: "receiver",
        level: Level::Movement,
        kind: Kind::Object,
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "The site that received the waste.",
        example: "",
    },
    Field {
        path: "receiver.siteName",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Required,
        syntax: Syntax::One,
        title: "Site name",
        help: "The name of the site.",
        example: "Larkmoor Transfer Station",
    },
    Field {
        path: "receiver.emailAddress",
        level: Level::Movement,
        kind: Kind::Email,
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Receiver email",
        help: "The site's e-mail address.",
        example: "gate@larkmoor.example.com",
    },
    Field {
        path: "receiver.phoneNumber",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Optional,
        syntax: Syntax::One,
        title: "Receiver phone number",
        help: "The site's phone number.",
        example: "01632 960103",
    },
    Field {
        path: "receiver.authorisationNumber",
        level: Level::Movement,
        kind: Kind::SiteAuthorisation,
        need: Need::Required,
        syntax: Syntax::One,
        title: "Receiver's authorisation number",
        help: "The number of the site's permit, licence or registered exemption.",
        example: "EPR/KB3107TT",
    },
    Field {
        path: "receiver.regulatoryPositionStatements",
        level: Level::Movement,
        kind: Kind::Several { of: &Kind::Number, least: 0, most: None },
        need: Need::Optional,
        syntax: Syntax::Several,
        title: "Regulatory position statements (RPS)",
        help: "Numbers of regulatory position statements that apply.",
        example: "241; 298",
    },
    Field {
        path: "receipt",
        level: Level::Movement,
        kind: Kind::Object,
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "Where the waste was received.",
        example: "",
    },
    Field {
        path: "receipt.address",
        level: Level::Movement,
        kind: Kind::Object,
        need: Need::Required,
        syntax: Syntax::None,
        title: "",
        help: "The site's address.",
        example: "",
    },
    Field {
        path: "receipt.address.fullAddress",
        level: Level::Movement,
        kind: Kind::Text { most: None },
        need: Need::Required,
        syntax: Syntax::One,
        title: "Site address",
        help: "The site's address, without the postcode.",
        example: "Unit 9, Harrow Lane, Testford",
    },
    Field {
        path: "receipt.address.postcode",
        level: Level::Movement,
        kind: Kind::Postcode { irish: false },
        need: Need::Required,
        syntax: Syntax::One,
        title: "Site postcode",
        help: "The postcode of that address, of the UK.",
        example: "QV7 3LD",
    },
];

static BY_PATH: LazyLock<HashMap<&'static str, usize>> =
    LazyLock::new(|| FIELDS.iter().enumerate().map(|(rank, field)| (field.path, rank)).collect());

/// The field at a path without indexes.
pub fn field(path: &str) -> Option<&'static Field> {
    BY_PATH.get(path).map(|&rank| &FIELDS[rank])
}

/// The field that an API key speaks of: indexes are left out, and what has no field of its own
/// belongs to the nearest one above.
pub fn of_key(key: &str) -> Option<&'static Field> {
    let mut path =
        key.split('.').filter(|step| step.parse::<usize>().is_err()).collect::<Vec<_>>().join(".");
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
}

static BODY: LazyLock<Branch> = LazyLock::new(|| Branch { key: "", below: below("") });

fn below(path: &str) -> Vec<Branch> {
    let members = FIELDS.iter().filter(|field| field.parent() == path);
    members.map(|field| Branch { key: field.name(), below: below(field.path) }).collect()
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
