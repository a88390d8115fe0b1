//! A proposal as a profile's text, with comments: what was recognised, and what must be filled in.
//!
//! Must not know: how columns are recognised.

use std::fmt::Write as _;

use super::contents::{self, Look};
use super::names::{self, Role};
use super::{Column, Found};
use crate::movement::fields::{self, Field, Kind, Need};
use crate::reference::Codes;

/// What every load has and no column may say: these must be filled in.
const NEEDED: [&str; 16] = [
    "receiver.siteName",
    "receiver.authorisationNumber",
    "receipt.address.fullAddress",
    "receipt.address.postcode",
    "carrier.organisationName",
    "carrier.registrationNumber",
    "carrier.meansOfTransport",
    "wasteItems.wasteDescription",
    "wasteItems.physicalForm",
    "wasteItems.numberOfContainers",
    "wasteItems.typeOfContainers",
    "wasteItems.weight.metric",
    "wasteItems.weight.isEstimate",
    "wasteItems.containsPops",
    "wasteItems.containsHazardous",
    "wasteItems.ewcCodes",
];

/// What says that a row is no load that came.
const AWAY: [&str; 9] =
    ["void", "voided", "cancelled", "canceled", "deleted", "out", "outbound", "sale", "dispatch"];

/// A profile that is proposed for a file.
#[derive(Debug, Clone)]
pub struct Proposal {
    ignored: Vec<String>,
    /// Fields with what they are taken from, as it stands in the profile.
    columns: Vec<(&'static Field, String)>,
    /// Fields with their constants; empty ones must be filled in.
    constants: Vec<(&'static Field, String, &'static str)>,
    dates: Option<&'static str>,
    skips: Vec<(String, Vec<String>)>,
}

impl Proposal {
    pub(super) fn new(columns: &[Column], found: &Found) -> Self {
        let mut proposal = Proposal {
            ignored: Vec::new(),
            columns: Vec::new(),
            constants: Vec::new(),
            dates: None,
            skips: Vec::new(),
        };
        let title = |at: usize| columns[at].title.as_str();
        for field in fields::columns() {
            if let Some(at) = found.column(Role::Field(field.path)) {
                let guessed = found.guessed && field.path == "yourUniqueReference";
                let note =
                    if guessed { "   # a guess: no two rows have the same here" } else { "" };
                proposal.columns.push((field, format!("{}{note}", quoted(title(at)))));
            }
        }
        proposal.code_and_text(columns, found);
        proposal.dates(columns, found);
        let unit = proposal.weight(columns, found);
        proposal.others(columns, found, unit);
        let used: String = proposal.columns.iter().map(|(_, take)| take.as_str()).collect();
        let unused = columns.iter().map(|column| column.title.clone());
        proposal.ignored = unused
            .filter(|title| {
                let in_pattern = used.contains(&format!("{{{title}}}"));
                let skipped = proposal.skips.iter().any(|(column, _)| column == title);
                !used.contains(&quoted(title)) && !in_pattern && !skipped
            })
            .collect();
        proposal.constants();
        proposal
    }

    fn set(&mut self, path: &str, take: String) {
        let Some(field) = fields::field(path) else { return };
        self.columns.retain(|(known, _)| known.path != path);
        self.columns.push((field, take));
    }

    fn has(&self, path: &str) -> bool {
        self.columns.iter().any(|(field, _)| field.path == path)
    }

    /// Code and description in one column.
    fn code_and_text(&mut self, columns: &[Column], found: &Found) {
        let Some(at) = found.column(Role::Field("wasteItems.ewcCodes")) else { return };
        let column = &columns[at];
        if column.look != Some(Look::EwcAndText) {
            return;
        }
        let between = column.texts.iter().find_map(|text| Some(contents::ewc_and_text(text)?.1));
        let (title, between) = (quoted(&column.title), quoted(between.unwrap_or(" ")));
        self.set("wasteItems.ewcCodes", format!("{{ column = {title}, before = {between} }}"));
        if !self.has("wasteItems.wasteDescription") {
            let take = format!("{{ column = {title}, after = {between} }}");
            self.set("wasteItems.wasteDescription", take);
        }
    }

    fn dates(&mut self, columns: &[Column], found: &Found) {
        let Some(date) = found.column(Role::Date) else { return };
        let time = found.column(Role::Time).filter(|_| columns[date].look != Some(Look::DateTime));
        let take = match time {
            Some(time) => {
                format!("[{}, {}]", quoted(&columns[date].title), quoted(&columns[time].title))
            }
            None => quoted(&columns[date].title),
        };
        let none = String::new();
        let texts: Vec<String> = (0..columns[date].texts.len())
            .map(|row| {
                let time = time.map_or(&none, |time| &columns[time].texts[row]);
                format!("{} {time}", columns[date].texts[row]).trim().to_owned()
            })
            .collect();
        // Half a time is what a line of totals may have.
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        self.dates = contents::date_form(&texts);
        self.set("dateTimeReceived", take);
    }

    /// The net weight, or gross less tare; gives the unit where the file tells it.
    fn weight(&mut self, columns: &[Column], found: &Found) -> Option<&'static str> {
        let gross = found.column(Role::Gross);
        let (at, minus) = match (found.column(Role::Net), gross, found.column(Role::Tare)) {
            (Some(net), ..) => (net, None),
            (None, Some(gross), Some(tare)) => (gross, Some(tare)),
            _ => return None,
        };
        let column = &columns[at];
        let in_cell = column.look == Some(Look::WeightAndUnit);
        let by_title = names::unit(&column.title);
        let unit = if in_cell { "in the cell" } else { by_title.unwrap_or(by_size(column)) };
        let mut take = format!("{{ column = {}", quoted(&column.title));
        if let Some(tare) = minus {
            let _ = write!(take, ", minus = {}", quoted(&columns[tare].title));
        }
        let of_column = found.column(Role::Unit).filter(|_| !in_cell);
        match of_column {
            Some(at) => self.set("wasteItems.weight.metric", quoted(&columns[at].title)),
            None => {
                let _ = write!(take, ", unit = {}", quoted(unit));
            }
        }
        take.push_str(" }");
        self.set("wasteItems.weight.amount", take);
        (of_column.is_none() && !in_cell && minus.is_none()).then_some(unit)
    }

    /// Disposal codes, order numbers, void tickets.
    fn others(&mut self, columns: &[Column], found: &Found, unit: Option<&str>) {
        let title = |role| found.column(role).map(|at: usize| columns[at].title.as_str());
        if let (Some(code), Some(net), Some(unit)) = (title(Role::Disposal), title(Role::Net), unit)
        {
            let pattern = quoted(&format!("{{{code}}} = {{{net}}} = {unit} = Actual"));
            self.set("wasteItems.disposalOrRecoveryCodes", format!("{{ pattern = {pattern} }}"));
        }
        if let Some(order) = title(Role::Order) {
            let pattern = quoted(&format!("{order} = {{{order}}}"));
            self.set("otherReferencesForMovement", format!("{{ pattern = {pattern} }}"));
        }
        for role in [Role::Status, Role::Direction] {
            let Some(at) = found.column(role) else { continue };
            let mut words: Vec<String> = columns[at].texts.clone();
            words.retain(|word| AWAY.contains(&word.to_lowercase().as_str()));
            words.sort_unstable();
            words.dedup();
            if !words.is_empty() {
                self.skips.push((columns[at].title.clone(), words));
            }
        }
    }

    /// What no column says: some of it follows from a weighbridge, the rest must be filled in.
    fn constants(&mut self) {
        let weighed = self.has("wasteItems.weight.amount");
        let said_unit = self.columns.iter().any(|(_, take)| take.contains(", unit = "));
        let by_road = self.has("carrier.vehicleRegistration");
        for path in NEEDED {
            let Some(field) = fields::field(path) else { continue };
            let given = self.has(path) || path == "wasteItems.weight.metric" && said_unit;
            if given {
                continue;
            }
            let (value, why) = match path {
                "carrier.meansOfTransport" if by_road => {
                    ("Road", "since the file has vehicle registrations")
                }
                "wasteItems.weight.isEstimate" if weighed => ("false", "since it was weighed"),
                _ => ("", ""),
            };
            self.constants.push((field, value.to_owned(), why));
        }
    }

    /// What must be filled in before the profile can be used.
    pub fn missing(&self) -> Vec<&'static Field> {
        let mut missing: Vec<&'static Field> = ["yourUniqueReference", "dateTimeReceived"]
            .into_iter()
            .filter(|path| !self.has(path))
            .filter_map(fields::field)
            .collect();
        let empty = self.constants.iter().filter(|(_, value, _)| value.is_empty());
        missing.extend(empty.map(|(field, ..)| *field));
        missing
    }

    /// Fills in a constant. Tells whether there is such a field.
    pub fn fill(&mut self, path: &str, value: &str) -> bool {
        let Some(field) = fields::field(path).filter(|field| field.is_column()) else {
            return false;
        };
        self.columns.retain(|(known, _)| known.path != path);
        self.constants.retain(|(known, ..)| known.path != path);
        self.constants.push((field, value.to_owned(), ""));
        true
    }

    /// The profile, with what is missing as empty texts.
    pub fn text(&self) -> String {
        self.written(true)
    }

    /// The profile without what is missing, to show what it would read.
    pub fn draft(&self) -> String {
        self.written(false)
    }

    fn written(&self, whole: bool) -> String {
        let mut out = String::from(
            "# A mapping profile: how the columns of your file become those of the Receipt of Waste API.\n\
             # docs/mapping.md explains it. Try it: waste-receipts check FILE --profile THIS\n\n",
        );
        if !self.ignored.is_empty() {
            let names: Vec<String> = self.ignored.iter().map(|title| quoted(title)).collect();
            let _ = write!(
                out,
                "# Columns of the file that the service does not ask for.\nignore = [{}]\n\n",
                names.join(", ")
            );
        }
        out.push_str("# Our field = your column.\n[columns]\n");
        for path in ["yourUniqueReference", "dateTimeReceived"] {
            if !self.has(path) && whole {
                let _ = writeln!(out, "\"{path}\" = \"\"   # FILL IN the name of your column");
            } else if !self.has(path) && path == "yourUniqueReference" {
                out.push_str("\"yourUniqueReference\" = \"?\"\n");
            }
        }
        for (field, take) in &self.columns {
            let _ = writeln!(out, "\"{}\" = {take}", field.path);
        }
        if let Some(form) = self.dates {
            let _ = write!(
                out,
                "\n[dates]\nformat = {}\nzone = \"Europe/London\"   # by the clocks of this place\n",
                quoted(form)
            );
        }
        out.push_str("\n# What is the same for every load.\n[constants]\n");
        for (field, value, why) in &self.constants {
            if value.is_empty() && !whole {
                continue;
            }
            let note = match (value.is_empty(), why.is_empty()) {
                (true, _) => format!("   # FILL IN: {}", hint(field)),
                (false, false) => format!("   # {why}"),
                (false, true) => String::new(),
            };
            let _ = writeln!(out, "\"{}\" = {}{note}", field.path, quoted(value));
        }
        for (column, words) in &self.skips {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            let _ = write!(
                out,
                "\n# Rows that are no loads received.\n[[skip]]\ncolumn = {}\nis = [{}]\n",
                quoted(column),
                words.join(", ")
            );
        }
        out
    }
}

/// Kilograms are many, tonnes are few.
fn by_size(column: &Column) -> &'static str {
    let numbers = column.texts.iter().filter_map(|text| text.replace(',', "").parse::<f64>().ok());
    let most = numbers.fold(0.0, f64::max);
    if most > 100.0 { "kg" } else { "t" }
}

/// What may be filled in.
fn hint(field: &Field) -> String {
    let list = match field.kind {
        Kind::Choice(list) | Kind::Code(list) => Some(list),
        Kind::YesNo => return format!("true or false. {}", field.help),
        _ => None,
    };
    let codes = list.map(|list| Codes::embedded().entries(list)).filter(|list| list.len() <= 20);
    let needed = match field.need {
        Need::When(condition) => format!(" (needed when {condition})"),
        _ => String::new(),
    };
    match codes {
        Some(entries) => {
            let codes: Vec<&str> = entries.iter().map(|entry| entry.code.as_str()).collect();
            format!("one of {}", codes.join(", "))
        }
        None => format!("{}{needed} For example {}", field.help, field.example),
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
